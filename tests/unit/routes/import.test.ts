import { createHash } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import { SyncError } from '../../../supabase/functions/_shared/errors.ts';
import type { ImportLane } from '../../../supabase/functions/_shared/sync/inbound/port.ts';
import { edgeFunction } from '../../../supabase/functions/_shared/http/edge_function.ts';
import { providerContext } from '../../../supabase/functions/_shared/oauth/provider_context.ts';
import { importRoutes } from '../../../supabase/functions/_shared/routes/import.ts';
import { ProviderError } from '../../../supabase/functions/_shared/providers/port/failure.ts';
import type {
  NotificationRequest,
  ParsedNotification,
} from '../../../supabase/functions/_shared/providers/port/notices.ts';
import type { CalendarProvider } from '../../../supabase/functions/_shared/providers/port/provider.ts';
import { CONNECTION } from '../../connection.ts';
import { API, CLAIRE, type FakeRpcs, LUMIERE, NUDGE_SECRET, testWorld } from '../http/test_world.ts';
import { CALENDAR, event, FINISHED, InboundWorld, lane } from '../sync/inbound/inbound_world.ts';

const INTEGRATION = lane().integrationId;
const RUN = lane().runId;
const CONFLICT = '00000000-0000-4000-8000-0000000000c0';
const WINDOW = { timeMin: '2026-12-01T00:00:00+01:00', timeMax: '2026-12-08T00:00:00+01:00' };
const CONNECTED = { integrationId: INTEGRATION, ...CONNECTION };
const OPEN = {
  id: CONFLICT,
  reason: 'changed_both_sides',
  entityType: 'appointment',
  status: 'open',
  resolution: null,
  updatedAt: '2026-12-01T08:00:00.123456+00:00',
  asSeen: true,
  payload: { etag: '"a"', cassius: null, calendar: null, base: null, fields: ['time'] },
  provider: 'demo',
  integrationId: INTEGRATION,
  eventDetail: 'full',
  practice: { timezone: 'Europe/Paris', defaultDurationMinutes: 30 },
  calendarId: CALENDAR,
  calendarTargetId: CALENDAR,
  eventId: 'a',
  rdv: {
    updatedAt: '2026-12-01T07:00:00.654321+00:00',
    asShown: true,
    status: 'scheduled',
    source: 'cassius',
    type: 'Contrôle',
    act: null,
    notes: null,
    location: null,
    startsAt: '2026-12-01T09:00:00+00:00',
    endsAt: '2026-12-01T10:00:00+00:00',
    practitionerId: null,
    patientId: null,
  },
  link: { state: 'live', epoch: 0, etag: '"0"', pushed: null, base: null, cancelledFrom: null },
  former: null,
  event: null,
  credential: { version: 1, accessToken: 'canary-access' },
};
const THEIRS = {
  etag: '"a"',
  status: 'confirmed',
  updatedAt: '2026-12-01T06:00:00+00:00',
  provider: 'demo',
  type: 'Réunion',
  description: null,
  location: null,
  startsAt: '2026-12-01T09:00:00+00:00',
  endsAt: '2026-12-01T10:00:00+00:00',
  time: { kind: 'timed', startsAt: '2026-12-01T09:00:00Z', endsAt: '2026-12-01T10:00:00Z', timeZone: 'Europe/Paris' },
};
const SETTLED = { moved: false, outdated: false };
const asked = (lane: ImportLane | null, result: unknown = null) => ({ runId: RUN, lane, result });
const nothingNew = { events: [], next: { cursor: 'cursor-2' } };

async function serve(rpcs: FakeRpcs = {}, environment: Record<string, string> = {}) {
  const world = await testWorld({
    rpcs: {
      integration_status: () => CONNECTED,
      import_begin: () => asked(lane({ trigger: 'manual' })),
      import_claim: () => ({ lanes: [], troubled: [], nextDueInMs: null }),
      worker_leave: () => true,
      import_stage: () => ({ lost: false }),
      import_missing: () => ({ missing: [] }),
      import_ours: () => ({ ours: [] }),
      import_finish: () => FINISHED,
      import_suspend: () => true,
      import_fail: () => true,
      import_watch: () => ({ stop: [] }),
      import_nudge: () => true,
      conflict_read: () => OPEN,
      conflict_resolve: () => SETTLED,
      ...rpcs,
    },
    environment,
  });
  const calendar = new InboundWorld();
  const heard: NotificationRequest[] = [];
  let parsed: ParsedNotification = { kind: 'ignore' };
  const provider: CalendarProvider = {
    name: 'demo',
    oauth: null,
    calendar: {
      ...calendar.calendar,
      listCalendars: () =>
        Promise.resolve([{ id: CALENDAR, name: '', primary: true, canWrite: true, timeZone: null, color: null }]),
    },
    notices: {
      ...calendar.notices,
      parseNotification: (request: NotificationRequest) => {
        heard.push(request);
        return parsed;
      },
    },
  };
  const handler = edgeFunction(
    {
      name: 'demo-import',
      providerCodeField: 'demoCode',
      routes: (setup) => importRoutes(providerContext(setup, provider)),
    },
    world,
  );
  const callsOf = (name: string) => world.calls.filter((call) => call.name === name).map(({ args }) => args);
  async function call(path: string, body?: unknown) {
    const answer = await handler(
      new Request(`${API}/demo-import/${path}`, {
        method: body === undefined ? 'GET' : 'POST',
        headers: { authorization: await world.authorization(CLAIRE) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    );
    return { status: answer.status, body: await answer.json() };
  }
  const ask = (more: Record<string, unknown> = {}) =>
    call('import', { calendarId: CALENDAR, ...WINDOW, mode: 'import', ...more });
  async function notify(told: ParsedNotification, request: { query?: string; body?: string } = {}) {
    parsed = told;
    const address = `${API}/demo-import/notifications${request.query ?? ''}`;
    const answer = await handler(new Request(address, { method: 'POST', body: request.body ?? null }));
    return { status: answer.status, type: answer.headers.get('content-type'), body: await answer.text() };
  }
  return { world, calendar, handler, call, ask, notify, callsOf, heard };
}

describe('an import that a person asks for', () => {
  test('is that of their own account, in instants, and answers with its figures', async () => {
    const done = {
      ...FINISHED,
      summary: { created: 3, updated: 2, skipped: 1, cancelled: 0, failed: 1, conflicts: 1 },
      conflicts: [{ id: CONFLICT, reason: 'time_overlap', externalId: 'a', rdvId: null }],
      failures: [{ eventId: 'b', code: 'INVALID_EVENT' }],
    };
    const { ask, calendar, callsOf } = await serve({ import_finish: () => done });
    calendar.pages = [nothingNew];
    expect(await ask()).toEqual({
      status: 200,
      body: {
        created: 3,
        updated: 2,
        skipped: 1,
        cancelled: 0,
        failed: 1,
        conflicts: done.conflicts,
        failures: done.failures,
        runId: lane().runId,
        fingerprint: 'f1',
        remaining: false,
      },
    });
    expect(callsOf('import_begin')).toMatchObject([{
      p_organisation: LUMIERE,
      p_user: CLAIRE,
      p_provider: 'demo',
      p_calendar: CALENDAR,
      p_from: '2026-11-30T23:00:00.000Z',
      p_to: '2026-12-07T23:00:00.000Z',
      p_mode: 'import',
    }]);
  });

  test('passes on the fingerprint of the preview, and shows items only for a preview', async () => {
    const { ask, calendar, callsOf } = await serve();
    calendar.pages = [nothingNew, nothingNew];
    expect((await ask({ fingerprint: 'f0' })).body.items).toBeUndefined();
    expect((await ask({ mode: 'preview' })).body.items).toEqual([]);
    expect(callsOf('import_begin')).toMatchObject([
      { p_mode: 'import', p_fingerprint: 'f0', p_items_limit: 0 },
      { p_mode: 'preview', p_fingerprint: null, p_items_limit: 500 },
    ]);
  });

  test('waits its turn while another reads the calendar, and is never told that it is busy', async () => {
    let busy = 2;
    const { ask, calendar, world, callsOf } = await serve({
      import_begin: () => {
        world.clock.now += 3000;
        return asked(busy-- > 0 ? null : lane());
      },
    });
    calendar.pages = [nothingNew];
    expect(await ask()).toMatchObject({ status: 200, body: { remaining: false } });
    busy = 100;
    const before = callsOf('import_begin').length;
    expect(await ask()).toMatchObject({ status: 200, body: { remaining: true, runId: RUN, created: 0 } });
    expect(callsOf('import_begin').slice(before).length).toBeLessThan(12);
    await Promise.all(world.background);
    expect(world.woken).toEqual([`${API}/demo-import`]);
  });

  test('whose run another worker ended has that one’s answer, or its failure', async () => {
    const result = { ...FINISHED, summary: { ...FINISHED.summary, created: 7 } };
    const answers: unknown[] = [result, { error: 'CALENDAR_NOT_FOUND' }, { ...FINISHED, mismatch: true }];
    const { ask, calendar } = await serve({ import_begin: () => asked(null, answers.shift()) });
    expect(await ask()).toMatchObject({ status: 200, body: { created: 7, remaining: false } });
    expect(calendar.requests).toEqual([]);
    expect(await ask()).toMatchObject({ status: 404, body: { error: 'CALENDAR_NOT_FOUND' } });
    expect(await ask({ fingerprint: 'f0' })).toMatchObject({ status: 409, body: { error: 'PREVIEW_OUTDATED' } });
  });

  test('ends first what was begun before it, and then reads for itself', async () => {
    const earlier = '00000000-0000-4000-8000-0000000000f9';
    const lanes = [lane({ runId: earlier, trigger: 'schedule' }), lane()];
    const { ask, calendar, callsOf } = await serve({ import_begin: () => asked(lanes.shift()!) });
    calendar.pages = [nothingNew, nothingNew];
    expect(await ask()).toMatchObject({ status: 200, body: { runId: RUN } });
    expect(callsOf('import_finish').map(({ p_run }) => p_run)).toEqual([earlier, RUN]);
  });

  test('F03: reads in full at once where the cursor had expired', async () => {
    const { ask, calendar, callsOf } = await serve();
    calendar.pages = [new ProviderError('CURSOR_EXPIRED', 'Read: refused', { operation: 'pull' }), nothingNew];
    expect(await ask()).toMatchObject({ status: 200, body: { remaining: false } });
    expect(callsOf('import_fail')).toMatchObject([{ p_cursor_expired: true, p_retry_seconds: 0 }]);
  });

  test('fails with the exact code where there is one, and as IMPORT_FAILED otherwise', async () => {
    const { ask, calendar, world } = await serve();
    calendar.pages = [
      new ProviderError('RATE_LIMITED', 'Read: refused', {
        operation: 'pull',
        retryAfterSeconds: 9,
        providerCode: 'slow',
      }),
      new SyncError('SYNC_FAILED', 'canary'),
      Object.assign(new Error('canary'), {}) as SyncError,
    ];
    expect(await ask()).toMatchObject({
      status: 429,
      body: { error: 'RATE_LIMITED', step: 'read_calendar', demoCode: 'slow', details: { retryAfterSeconds: 9 } },
    });
    for (let round = 0; round < 2; round++) {
      const { status, body } = await ask();
      expect([status, body.error, body.step]).toEqual([500, 'IMPORT_FAILED', 'read_calendar']);
    }
    expect(world.lines.join()).not.toContain('canary-access');
  });

  test('is refused where the calendar is not as the preview showed it', async () => {
    const { ask, calendar } = await serve({ import_finish: () => ({ ...FINISHED, mismatch: true }) });
    calendar.pages = [nothingNew];
    expect(await ask({ fingerprint: 'f0' })).toMatchObject({ status: 409, body: { error: 'PREVIEW_OUTDATED' } });
  });

  test('too large for one invocation is left to others, and answers with what they made of it', async () => {
    const much = Array.from({ length: 12_000 }, (_, n) => event(`e${n}`));
    let asks = 0;
    const { ask, calendar, world, callsOf } = await serve({
      import_begin: () => asked(asks++ === 0 ? lane() : null, asks === 5 ? FINISHED : null),
    });
    calendar.pages = [{ events: much, next: { pageToken: 'p2' } }];
    expect(await ask()).toMatchObject({ status: 200, body: { remaining: false } });
    await Promise.all(world.background);
    expect(callsOf('import_suspend')).toMatchObject([{ p_page_token: 'p2' }]);
    // It wakes another, and does not take more than its share of work again.
    expect(world.woken).toHaveLength(1);
    expect(callsOf('import_begin').map(({ p_work }) => p_work)).toEqual([true, false, false, false, false]);
  });

  test('B10: whose instance ends gives the calendar back and wakes a successor', async () => {
    const { ask, calendar, world, callsOf } = await serve({ worker_abandon: () => 1 });
    calendar.pages = [nothingNew];
    calendar.onRequest = () => world.unload();
    await ask();
    const [{ p_worker }] = callsOf('import_begin') as [{ p_worker: string }];
    expect(callsOf('worker_abandon')).toEqual([{ p_workers: [p_worker] }]);
    expect(world.woken).toEqual([`${API}/demo-import`]);
  });

  test('F11: has what was told meanwhile read behind the answer', async () => {
    const claims = [[lane({ trigger: 'push' })]];
    const { ask, calendar, world, callsOf } = await serve({
      import_claim: () => ({ lanes: claims.shift() ?? [], troubled: [], nextDueInMs: null }),
    });
    calendar.pages = [nothingNew, nothingNew];
    await ask();
    await Promise.all(world.background);
    expect(callsOf('import_finish')).toHaveLength(2);
  });

  test('with a dead grant asks the calendar nothing', async () => {
    const { ask, calendar } = await serve({
      integration_status: () => ({ ...CONNECTED, status: 'reconnect_required' }),
    });
    expect(await ask()).toMatchObject({ status: 409, body: { error: 'NEED_RECONSENT', step: 'find_connection' } });
    expect(calendar.requests).toEqual([]);
  });
});

describe('a notification', () => {
  const changed = { channelId: 'c1', resourceId: 'r1', secret: 'canary-secret', meaning: 'changed' as const };

  test('of a new subscription is answered with exactly what it asks for', async () => {
    const { notify, heard } = await serve();
    const answer = await notify({ kind: 'handshake', reply: 'Validation: <ok> & é' }, { query: '?token=x' });
    expect(answer).toEqual({ status: 200, type: 'text/plain', body: 'Validation: <ok> & é' });
    expect(heard[0]!.url.searchParams.get('token')).toBe('x');
  });

  test('marks calendars by the hash of its secret, and wakes one reader for what is news', async () => {
    const { notify, world, callsOf } = await serve({ import_notified: () => ({ dirty: 1 }) });
    expect(await notify({ kind: 'notices', notices: [changed] }, { body: '{"value":[1]}' })).toMatchObject({
      status: 200,
      body: '',
    });
    const secretHash = createHash('sha256').update('canary-secret').digest('hex');
    expect(callsOf('import_notified')).toEqual([{
      p_provider: 'demo',
      p_notices: [{ channelId: 'c1', resourceId: 'r1', meaning: 'changed', secretHash }],
    }]);
    await Promise.all(world.background);
    expect(world.woken).toEqual([`${API}/demo-import`]);
    expect(callsOf('import_claim')).toEqual([]);
    expect(JSON.stringify([world.calls, world.lines])).not.toContain('canary-secret');
  });

  test('reaches the provider’s reader as it was sent', async () => {
    const { notify, heard } = await serve();
    await notify({ kind: 'ignore' }, { body: '{"value": [1]}' });
    expect(JSON.parse(heard[0]!.body)).toEqual({ value: [1] });
  });

  test.each<[string, ParsedNotification]>([
    ['that nobody understands', { kind: 'ignore' }],
    ['without a secret', { kind: 'notices', notices: [{ ...changed, secret: null }] }],
    ['with a secret that is not ours', { kind: 'notices', notices: [changed] }],
  ])('%s is answered all the same, and reads nothing', async (_name, told) => {
    const { notify, world } = await serve({ import_notified: () => ({ dirty: 0 }) });
    expect(await notify(told)).toMatchObject({ status: 200, body: '' });
    expect(world.background).toEqual([]);
  });

  test('that is too large is refused', async () => {
    const { notify, heard } = await serve();
    expect(await notify({ kind: 'ignore' }, { body: `"${'x'.repeat(70_000)}"` })).toMatchObject({ status: 400 });
    expect(heard).toEqual([]);
  });

  test.each([
    [{}, 'https://project.supabase.test/functions/v1/demo-import/notifications'],
    [{ DEMO_WEBHOOK_URL: 'https://hooks.test/demo/' }, 'https://hooks.test/demo'],
  ])('is asked for at this project’s address, or at %j', async (environment, address) => {
    const { ask, calendar } = await serve({ import_begin: () => asked(lane({ watchWanted: true })) }, environment);
    calendar.pages = [nothingNew];
    await ask();
    expect(calendar.asked[0]).toMatch(new RegExp(`^watch \\S+ \\S{40,} ${address}$`));
  });
});

describe('a nudge', () => {
  test('is answered at once, and the work goes on behind the answer', async () => {
    const { handler, world, callsOf } = await serve();
    const headers = {
      'webhook-id': 'msg_1',
      'webhook-timestamp': String(Math.floor(Date.now() / 1000)),
      'webhook-signature': new Webhook(NUDGE_SECRET).sign('msg_1', new Date(), '{}'),
    };
    const answer = await handler(new Request(`${API}/demo-import`, { method: 'POST', headers, body: '{}' }));
    expect(answer.status).toBe(202);
    await Promise.all(world.background);
    expect(callsOf('import_claim')).toMatchObject([{ p_provider: 'demo', p_max_lanes: 4 }]);
  });

  test('without a signature does nothing', async () => {
    const { handler, world } = await serve();
    const answer = await handler(new Request(`${API}/demo-import`, { method: 'POST', body: '{}' }));
    expect(answer.status).toBe(401);
    expect(world.calls).toEqual([]);
  });
});

describe('an answer to a conflict', () => {
  const resolve = (server: Awaited<ReturnType<typeof serve>>, action: string, id = CONFLICT) =>
    server.call(`conflicts/${id}/resolve`, { action });

  test('carries the event as it stands in that moment', async () => {
    const server = await serve();
    server.calendar.events.set('a', event('a'));
    expect(await resolve(server, 'keep_calendar')).toEqual({
      status: 200,
      body: { status: 'resolved', resolution: 'keep_calendar' },
    });
    expect(server.callsOf('conflict_resolve')).toMatchObject([{
      p_organisation: LUMIERE,
      p_user: CLAIRE,
      p_id: CONFLICT,
      p_settlement: {
        question_updated_at: OPEN.updatedAt,
        rdv_updated_at: OPEN.rdv.updatedAt,
        link_etag: '"0"',
        epoch: 0,
        status: 'resolved',
        resolution: 'keep_calendar',
        link: { state: 'live', etag: '"a"', base: { title: 'Réunion' } },
        rdv: { status: 'scheduled', starts_at: expect.any(String) },
      },
    }]);
  });

  test('knows the calendar by the provider’s name, and by no other’s', async () => {
    const server = await serve();
    server.calendar.events.set('a', event('a'));
    expect(await resolve(server, 'keep_demo')).toMatchObject({ status: 200 });
    expect(server.callsOf('conflict_resolve')).toMatchObject([{ p_settlement: { resolution: 'keep_calendar' } }]);
    expect(await resolve(server, 'keep_other')).toMatchObject({ status: 400, body: { error: 'INVALID_REQUEST' } });
  });

  test('takes an event that is gone for gone, unless its calendar is', async () => {
    const server = await serve({ conflict_read: () => ({ ...OPEN, reason: 'deleted' }) });
    expect(await resolve(server, 'ignore')).toMatchObject({ status: 200 });
    expect(server.callsOf('conflict_resolve')).toMatchObject([{ p_settlement: { link: { state: 'detached' } } }]);
    server.calendar.calendarGone = new ProviderError('CALENDAR_NOT_FOUND', 'Probe: gone', { operation: 'probe' });
    expect(await resolve(server, 'ignore')).toMatchObject({ status: 404, body: { error: 'CALENDAR_NOT_FOUND' } });
    expect(server.callsOf('conflict_resolve')).toHaveLength(1);
  });

  test('about a change is not given by a lone “not found” in the target', async () => {
    const server = await serve();
    expect(await resolve(server, 'ignore')).toMatchObject({ status: 503, body: { error: 'PROVIDER_UNAVAILABLE' } });
    expect(server.calendar.asked).toEqual(['read a', 'probe', 'locate a']);
    expect(server.callsOf('conflict_resolve')).toEqual([]);
  });

  test('reads an event that its owner moved to another calendar there', async () => {
    const server = await serve();
    server.calendar.places.set('a', { calendarId: 'other@mail.test', eventId: 'moved' });
    server.calendar.events.set('moved', event('a'));
    expect(await resolve(server, 'ignore')).toMatchObject({ status: 200 });
    expect(server.calendar.asked).toEqual(['read a', 'probe', 'locate a', 'read moved']);
    expect(server.callsOf('conflict_resolve')).toMatchObject([{ p_settlement: { link: { etag: '"a"' } } }]);
  });

  test.each([
    ['of an overlap', { reason: 'time_overlap', entityType: 'event' }],
    ['of a mass change', { reason: 'mass_change', entityType: 'event', calendarId: null, eventId: null }],
    ['about somebody else’s event', { entityType: 'event', event: THEIRS }],
    ['that was given before', { status: 'resolved', resolution: 'ignore' }],
  ])('%s reads no event', async (_name, change) => {
    const server = await serve({ conflict_read: () => ({ ...OPEN, ...change }) });
    expect(await resolve(server, 'ignore')).toMatchObject({ status: 200 });
    expect(server.calendar.asked).toEqual([]);
  });

  test('to what is no longer so is refused', async () => {
    for (
      const rpcs of [
        { conflict_read: () => ({ ...OPEN, asSeen: false }) },
        { conflict_read: () => ({ ...OPEN, rdv: { ...OPEN.rdv, asShown: false } }) },
        { conflict_resolve: () => ({ ...SETTLED, outdated: true }) },
      ]
    ) {
      const server = await serve(rpcs);
      server.calendar.events.set('a', event('a'));
      expect(await resolve(server, 'ignore')).toMatchObject({ status: 409, body: { error: 'CONFLICT_OUTDATED' } });
    }
  });

  test('is decided again where a side moved while it was written, and refused where it keeps moving', async () => {
    let moves = 1;
    const server = await serve({ conflict_resolve: () => ({ ...SETTLED, moved: moves-- > 0 }) });
    server.calendar.events.set('a', event('a'));
    expect(await resolve(server, 'ignore')).toMatchObject({ status: 200 });
    expect(server.callsOf('conflict_read')).toHaveLength(2);
    moves = 9;
    expect(await resolve(server, 'ignore')).toMatchObject({ status: 409, body: { error: 'CONFLICT_OUTDATED' } });
    expect(server.callsOf('conflict_resolve')).toHaveLength(2 + 3);
  });

  test('reads the calendar again where that was the answer', async () => {
    const server = await serve({ conflict_read: () => ({ ...OPEN, reason: 'mass_change', entityType: 'event' }) });
    await resolve(server, 'keep_calendar');
    await Promise.all(server.world.background);
    expect(server.callsOf('import_claim')).toHaveLength(1);
  });

  test.each([['keep_cassius', [`${API}/demo-sync`]], ['ignore', []]])(
    '%s wakes the export if something may have to be written',
    async (action, woken) => {
      const server = await serve();
      server.calendar.events.set('a', event('a'));
      await resolve(server, action);
      await Promise.all(server.world.background);
      expect(server.world.woken).toEqual(woken);
    },
  );

  test('of another provider’s calendar, or of none, does not exist', async () => {
    const server = await serve({ conflict_read: () => ({ ...OPEN, provider: 'other' }) });
    for (const id of [CONFLICT, 'x']) {
      expect(await resolve(server, 'ignore', id)).toMatchObject({ status: 404, body: { error: 'CONFLICT_NOT_FOUND' } });
    }
    expect(server.callsOf('conflict_resolve')).toEqual([]);
  });
});

describe('a decision that is taken back', () => {
  const CONTENT = event('a').content!;
  const WRITTEN = { ...CONTENT, location: 'Salle 1' };
  const link = { ...OPEN.link, etag: '"a"', pushed: WRITTEN, base: WRITTEN };
  /** For Cassius, and sent by now. */
  const DECIDED = {
    ...OPEN,
    status: 'resolved',
    resolution: 'keep_cassius',
    rdvId: '00000000-0000-4000-8000-0000000000d0',
    linkEventId: 'a',
    link,
    decision: {
      payload: { ...OPEN.payload, etag: '"0"', calendar: CONTENT },
      link: {
        calendarId: CALENDAR,
        eventId: 'a',
        epoch: 0,
        etag: '"-"',
        state: 'live',
        pushed: CONTENT,
        base: CONTENT,
      },
      former: null,
    },
  };
  const undo = (server: Awaited<ReturnType<typeof serve>>, id = CONFLICT) => server.call(`conflicts/${id}/undo`, {});
  async function serveDecided(rpcs: FakeRpcs = {}) {
    const server = await serve({
      decision_read: () => DECIDED,
      conflict_undo: () => ({ moved: false }),
      conflict_undone: () => true,
      ...rpcs,
    });
    server.calendar.events.set('a', event('a', { content: WRITTEN }));
    return server;
  }

  test('is written back under the version that was read, after the question is open, and wakes the export', async () => {
    const server = await serveDecided();
    server.calendar.outcome = { result: 'patched', event: event('a', { version: '"b"' }) };
    expect(await undo(server)).toEqual({ status: 200, body: { status: 'open' } });
    expect(server.calendar.written).toMatchObject([{
      kind: 'patch',
      version: '"a"',
      changes: { location: CONTENT.location },
      ref: { calendarId: CALENDAR, eventId: 'a' },
      marker: { appointmentId: DECIDED.rdvId, epoch: 0 },
    }]);
    const order = server.world.calls.map(({ name }) => name).filter((name) => name.startsWith('conflict_'));
    expect(order).toEqual(['conflict_undo', 'conflict_undone']);
    expect(server.callsOf('conflict_undone')).toMatchObject([{ p_etag: '"b"', p_ended: false }]);
    await Promise.all(server.world.background);
    expect(server.world.woken).toEqual([`${API}/demo-sync`]);
  });

  test('that the calendar refuses says so, and a worker finds out what is there', async () => {
    const server = await serveDecided();
    const error = new ProviderError('VERSION_CONFLICT', 'Patch: it changed', { operation: 'patch' });
    server.calendar.outcome = { result: 'failed', error };
    expect(await undo(server)).toMatchObject({ status: 409, body: { error: 'VERSION_CONFLICT', step: 'write_event' } });
    expect(server.callsOf('conflict_undone')).toMatchObject([{ p_etag: null, p_ended: false }]);
  });

  test('is waited for while it is being written', async () => {
    let looks = 0;
    const server = await serveDecided({
      decision_read: () => looks++ === 0 ? { ...DECIDED, link: { ...link, state: 'updating' } } : DECIDED,
      conflict_undo: () => ({ moved: looks < 3 }),
    });
    expect(await undo(server)).toMatchObject({ status: 200 });
    expect(looks).toBe(3);
  });

  test.each([
    ['of which nothing is kept', { decision: null }, 'UNDO_TOO_LATE'],
    ['whose event has another version', { link: { ...link, etag: '"z"' } }, 'UNDO_OVERTAKEN'],
  ])('%s is refused', async (_what, change, code) => {
    const server = await serveDecided({ decision_read: () => ({ ...DECIDED, ...change }) });
    expect(await undo(server)).toMatchObject({ status: 409, body: { error: code } });
    expect(server.callsOf('conflict_undo')).toEqual([]);
  });

  test('of another provider’s calendar, or of none, does not exist', async () => {
    const server = await serveDecided({ decision_read: () => ({ ...DECIDED, provider: 'other' }) });
    for (const id of [CONFLICT, 'x']) {
      expect(await undo(server, id)).toMatchObject({ status: 404, body: { error: 'CONFLICT_NOT_FOUND' } });
    }
  });
});
