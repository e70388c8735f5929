/** The routes of a provider's import function (`docs/api.md`). */
import { z } from 'zod';
import { conflictResolution, conflictUndone } from '../contract/conflicts.ts';
import { eventPage } from '../contract/events.ts';
import { importStatus, importSummary, importUndone } from '../contract/import.ts';
import { ACCOUNT_REFUSALS } from '../contract/refusal.ts';
import { eventsRequest, importRequest, resolveRequest } from '../contract/requests.ts';
import { SyncError } from '../errors.ts';
import { accepted } from '../contract/sync.ts';
import { type Route, route } from '../http/route.ts';
import type { ConflictAction } from '../vocabulary.ts';
import { importNow } from './import_now.ts';
import type { ProviderContext } from '../oauth/provider_context.ts';
import { drainAll, importing } from './importing.ts';
import { readEvents } from './read_events.ts';
import { receiveNotification } from './receive_notification.ts';
import { resolveConflict } from './resolve_conflict.ts';
import { takeBackDecision } from './undo_decision.ts';

const isId = z.guid();

/** Routes of `<provider>-import`. */
export function importRoutes(context: ProviderContext): Route[] {
  const deps = importing(context);
  const { name } = context;
  return [
    route({
      method: 'GET',
      path: '/events',
      auth: 'user',
      summary: 'The events of a calendar as they are now, or what has changed in it; nothing of them is stored',
      query: eventsRequest,
      answer: eventPage,
      errors: ['CALENDAR_NOT_FOUND', 'CURSOR_EXPIRED', ...ACCOUNT_REFUSALS],
      async handle(ctx) {
        return await readEvents(deps, ctx.member, ctx.query, ctx);
      },
    }),
    route({
      method: 'POST',
      path: '/import',
      auth: 'user',
      summary: 'Reads a calendar, or shows what reading it would do',
      body: importRequest,
      answer: importSummary,
      errors: ['CALENDAR_NOT_FOUND', 'PREVIEW_OUTDATED', 'IMPORT_FAILED', 'SYNC_PAUSED', ...ACCOUNT_REFUSALS],
      async handle(ctx) {
        return await importNow(deps, ctx, ctx.member, ctx.body);
      },
    }),
    route({
      method: 'GET',
      path: '/status',
      auth: 'user',
      summary: 'How the import goes: the run under way, the last one, the next',
      answer: importStatus,
      errors: ['NOT_CONNECTED'],
      async handle({ member }) {
        return await deps.requests.status(member);
      },
    }),
    route({
      method: 'POST',
      path: '/runs/:id/undo',
      auth: 'user',
      summary: 'Takes back what an import did here, where nothing has changed it since',
      answer: importUndone,
      errors: ['NOT_CONNECTED', 'RUN_NOT_FOUND'],
      async handle(ctx) {
        const { id = '' } = ctx.params;
        if (!isId.safeParse(id).success) throw new SyncError('RUN_NOT_FOUND', 'Undo import: the id is none');
        ctx.step('undo_import');
        const answer = await deps.requests.undo(ctx.member, id);
        const { created, updated, cancelled, kept } = answer;
        ctx.note({ created, updated, cancelled, kept: kept.length });
        return answer;
      },
    }),
    route({
      method: 'POST',
      path: '/conflicts/:id/resolve',
      auth: 'user',
      summary: 'A person’s answer to a conflict',
      body: resolveRequest(name),
      answer: conflictResolution,
      errors: [
        'CONFLICT_NOT_FOUND',
        'CONFLICT_OUTDATED',
        'CONFLICT_CLOSED',
        'INVALID_EVENT',
        'CALENDAR_NOT_FOUND',
        ...ACCOUNT_REFUSALS,
      ],
      async handle(ctx) {
        const { id = '' } = ctx.params;
        const { action: named, seen } = ctx.body;
        const action = named === `keep_${name}` ? 'keep_calendar' : named as ConflictAction;
        const answer = await resolveConflict(deps, ctx, ctx.member, { id, action, seen });
        // What was decided may have to be written to the calendar.
        if (answer.status === 'resolved') ctx.waitUntil(context.wake(`${name}-sync`), 'wake_sync');
        return answer;
      },
    }),
    route({
      method: 'POST',
      path: '/conflicts/:id/undo',
      auth: 'user',
      summary: 'Takes a decision about a conflict back, where nothing has moved since, and asks again',
      answer: conflictUndone,
      errors: [
        'CONFLICT_NOT_FOUND',
        'UNDO_OVERTAKEN',
        'UNDO_TOO_LATE',
        'UNDO_TOO_EARLY',
        'SYNC_PAUSED',
        'CALENDAR_NOT_FOUND',
        ...ACCOUNT_REFUSALS,
      ],
      async handle(ctx) {
        const answer = await takeBackDecision(deps, ctx, ctx.member, ctx.params['id'] ?? '');
        ctx.waitUntil(context.wake(`${name}-sync`), 'wake_sync');
        return answer;
      },
    }),
    route({
      method: 'POST',
      path: '/',
      auth: 'nudge',
      summary: 'Wakes the import; answered before the work begins',
      answer: accepted,
      status: 202,
      handle(ctx) {
        ctx.waitUntil(drainAll(deps, ctx), 'drain');
        return {};
      },
    }),
    route({
      method: 'POST',
      path: '/notifications',
      auth: 'none',
      summary: 'What the provider tells about a calendar; answered the same whether or not it is believed',
      answer: 'Nothing, or the text that the provider’s handshake asks for',
      async handle(ctx) {
        return await receiveNotification(deps, ctx, ctx.text);
      },
    }),
  ];
}
