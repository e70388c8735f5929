/** The routes of a provider's two connection functions (`docs/api.md`). */
import { z } from 'zod';
import { switchAction } from '../db/integrations.ts';
import { type Route, route } from '../http/route.ts';
import { acceptCallback } from './callback.ts';
import { confirmConnect } from './confirm.ts';
import { beginConnect } from './connect.ts';
import { connectedIntegration, type Connection, listCalendars } from './connection.ts';
import { connectionStatus } from './connection_status.ts';
import { disconnect } from './disconnect.ts';
import { clearedFlowCookie, flowCookie, readFlowCookie } from './flow_cookie.ts';
import { changeSettings, settingsChange } from './settings.ts';

export function connectRoutes(deps: Connection): Route[] {
  return [
    route({
      method: 'POST',
      path: '/connect',
      auth: 'user',
      body: z.strictObject({ redirectTo: z.string().min(1).max(1000).optional() }),
      async handle({ request, member, body }) {
        const browser = request.headers.has('origin');
        const { url, flow } = await beginConnect(deps, member, { redirectTo: body.redirectTo ?? null, browser });
        return Response.json({ url }, browser ? { headers: { 'set-cookie': flowCookie(flow, deps.redirectUri) } } : {});
      },
    }),
    route({
      method: 'POST',
      path: '/confirm',
      auth: 'user',
      body: z.strictObject({ secret: z.string().min(1).max(200) }),
      async handle(ctx) {
        const redirectTo = await confirmConnect(deps, ctx.member, ctx.body.secret, ctx);
        ctx.step('read_status');
        const status = connectionStatus(await deps.integrations.status(ctx.member), ctx.language);
        return Response.json({ ...status, redirectTo });
      },
    }),
    route({
      method: 'POST',
      path: '/switch',
      auth: 'user',
      body: z.strictObject({ action: switchAction }),
      async handle(ctx) {
        ctx.step('switch_account');
        const integration = await deps.integrations.switchAccount(ctx.member, ctx.body.action);
        ctx.note({ integration, action: ctx.body.action });
        ctx.step('read_status');
        return Response.json(connectionStatus(await deps.integrations.status(ctx.member), ctx.language));
      },
    }),
    route({
      method: 'GET',
      path: '/status',
      auth: 'user',
      async handle({ member, language }) {
        return Response.json(connectionStatus(await deps.integrations.status(member), language));
      },
    }),
    route({
      method: 'GET',
      path: '/calendars',
      auth: 'user',
      async handle(ctx) {
        const integration = await connectedIntegration(deps, ctx.member);
        ctx.step('list_calendars');
        const calendars = await listCalendars(deps, integration);
        ctx.note({ integration: integration.integrationId, calendars: calendars.length });
        const shown = calendars.map(({ id, name, primary, canWrite, timeZone, color }) => (
          { id, name, primary, canWrite, timeZone, color }
        ));
        return Response.json({ calendars: shown });
      },
    }),
    route({
      method: 'PATCH',
      path: '/settings',
      auth: 'user',
      body: settingsChange,
      async handle(ctx) {
        const changed = await changeSettings(deps, ctx.member, ctx.body, ctx);
        if (changed.pending > 0) ctx.waitUntil(deps.wakeSync(), 'wake_sync');
        return Response.json(connectionStatus(changed, ctx.language));
      },
    }),
    route({
      method: 'POST',
      path: '/disconnect',
      auth: 'user',
      body: z.strictObject({ removeEvents: z.boolean().default(false) }),
      async handle(ctx) {
        const ended = await disconnect(deps, ctx.member, ctx.body.removeEvents, ctx);
        if (ended.removing > 0) ctx.waitUntil(deps.wakeSync(), 'wake_sync');
        return Response.json(ended);
      },
    }),
  ];
}

export function callbackRoutes(deps: Connection): Route[] {
  return [
    route({
      method: 'GET',
      path: '/',
      auth: 'none',
      async handle(ctx) {
        ctx.step('accept_callback');
        const { searchParams } = new URL(ctx.request.url);
        const { location, over } = await acceptCallback(deps, {
          state: searchParams.get('state'),
          code: searchParams.get('code'),
          error: searchParams.get('error'),
          flow: readFlowCookie(ctx.request, deps.redirectUri),
        }, ctx);
        const headers = new Headers({ location });
        if (over) headers.append('set-cookie', clearedFlowCookie(deps.redirectUri));
        return new Response(null, { status: 303, headers });
      },
    }),
  ];
}
