/** The routes of a provider's import function (`docs/api.md`). */
import { type Route, route } from '../http/route.ts';
import { importBody, importNow } from './import_now.ts';
import { drainAll, importing, type ImportingOptions } from './importing.ts';
import { eventsQuery, readEvents } from './read_events.ts';
import { receiveNotification } from './receive_notification.ts';
import { actionBody, resolveConflict } from './resolve_conflict.ts';

export function importRoutes(options: ImportingOptions): Route[] {
  const deps = importing(options);
  return [
    route({
      method: 'GET',
      path: '/events',
      auth: 'user',
      query: eventsQuery,
      async handle(ctx) {
        return Response.json(await readEvents(deps, ctx.member, ctx.query, ctx));
      },
    }),
    route({
      method: 'POST',
      path: '/import',
      auth: 'user',
      body: importBody,
      async handle(ctx) {
        return Response.json(await importNow(deps, ctx, ctx.member, ctx.body));
      },
    }),
    route({
      method: 'GET',
      path: '/status',
      auth: 'user',
      async handle({ member }) {
        return Response.json(await deps.requests.status(member));
      },
    }),
    route({
      method: 'POST',
      path: '/conflicts/:id/resolve',
      auth: 'user',
      body: actionBody(deps.provider.capabilities().provider),
      async handle(ctx) {
        const { id = '' } = ctx.params;
        return Response.json(await resolveConflict(deps, ctx, ctx.member, { id, ...ctx.body }));
      },
    }),
    route({
      method: 'POST',
      path: '/',
      auth: 'nudge',
      handle(ctx) {
        ctx.waitUntil(drainAll(deps, ctx), 'drain');
        return Response.json({}, { status: 202 });
      },
    }),
    route({
      method: 'POST',
      path: '/notifications',
      auth: 'none',
      async handle(ctx) {
        return await receiveNotification(deps, ctx, ctx.text);
      },
    }),
  ];
}
