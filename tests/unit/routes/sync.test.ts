import { describe, expect, test } from 'vitest';
import { Webhook } from 'standardwebhooks';
import { SyncError } from '../../../supabase/functions/_shared/errors.ts';
import { edgeFunction } from '../../../supabase/functions/_shared/http/edge_function.ts';
import { providerContext } from '../../../supabase/functions/_shared/oauth/provider_context.ts';
import { syncRoutes } from '../../../supabase/functions/_shared/routes/sync.ts';
import { API, CLAIRE, type FakeRpcs, LUMIERE, NUDGE_SECRET, testWorld } from '../http/test_world.ts';
import { aJob, aLane, INTEGRATION, RDV, rdvId, refused, ScriptedProvider } from '../sync/outbound/lane_world.ts';

const RUN = rdvId(88);
const COUNTS = { created: 0, updated: 0, deleted: 0, skipped: 0, failed: 0, remaining: 0, failures: [] };
const NOTHING = { lanes: [], troubled: [], nextDueInMs: null };

async function serve(rpcs: FakeRpcs = {}, environment: Record<string, string> = {}, { wakeable = true } = {}) {
  const nudges: unknown[] = [];
  const world = await testWorld({
    rpcs: {
      sync_claim: () => NOTHING,
      revocation_claim: () => [],
      sync_reserve: ({ p_items }) => ({ reserved: (p_items as { rdvId: string }[]).map(({ rdvId }) => rdvId) }),
      sync_complete: ({ p_results }) => ({
        applied: (p_results as unknown[]).length,
        busy: [],
        lost: false,
        paused: false,
        nextDueInMs: null,
      }),
      sync_mark: () => ({ integrationId: INTEGRATION, runId: RUN }),
      sync_retry: () => ({ integrationId: INTEGRATION, runId: RUN }),
      sync_run_summary: () => COUNTS,
      sync_nudge: (args) => nudges.push(args) > 0,
      worker_leave: () => true,
      worker_abandon: ({ p_workers }) => (p_workers as string[]).length,
      ...rpcs,
    },
    environment,
    wakeable,
  });
  const provider = new ScriptedProvider();
  const handler = edgeFunction({
    name: 'demo-sync',
    routes: (setup) => syncRoutes(providerContext(setup, provider.asProvider())),
  }, world);
  const callsOf = (name: string) => world.calls.filter((call) => call.name === name).map(({ args }) => args);
  async function call(path: string, body?: unknown, headers: Record<string, string> = {}) {
    const answer = await handler(
      new Request(`${API}/demo-sync/${path}`, {
        method: 'POST',
        headers: { authorization: await world.authorization(CLAIRE), ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body ?? {}),
      }),
    );
    return { status: answer.status, body: await answer.json() };
  }
  /** Our own nudge; `body` differs from what was signed only where a test says so. */
  async function nudge({ body = '{}', at = Date.now() } = {}) {
    const signature = new Webhook(NUDGE_SECRET).sign('msg_1', new Date(at), '{}');
    const headers = {
      'webhook-id': 'msg_1',
      'webhook-timestamp': String(Math.floor(at / 1000)),
      'webhook-signature': signature,
    };
    const answer = await handler(new Request(`${API}/demo-sync`, { method: 'POST', headers, body }));
    await answer.body?.cancel();
    await Promise.all(world.background);
    return answer.status;
  }
  return { world, provider, call, callsOf, nudge, nudges };
}

/** One claim with work, then nothing. */
function oneClaim(...lanes: ReturnType<typeof aLane>[]) {
  const waiting = [{ lanes, troubled: [], nextDueInMs: null }];
  return () => waiting.shift() ?? NOTHING;
}

describe('a nudge', () => {
  test('is answered at once, and the work goes on behind the answer', async () => {
    const { nudge, provider, world } = await serve({ sync_claim: oneClaim(aLane({ jobs: [aJob()] })) });
    expect(await nudge()).toBe(202);
    expect(world.background).toHaveLength(1);
    expect(provider.operations).toMatchObject([{ kind: 'create', key: RDV }]);
  });

  test('takes all lanes of this provider, and asks for no other when nothing is left', async () => {
    const { nudge, callsOf, nudges, world } = await serve();
    await nudge();
    expect(callsOf('sync_claim')).toMatchObject([{ p_integration: null, p_provider: 'demo' }]);
    expect([nudges, world.woken]).toEqual([[], []]);
  });

  /** Each claim brings work, and takes so long that another is out of the question after it. */
  const slowly = (milliseconds: number, options: { wakeable?: boolean } = {}) => {
    const served = serve(
      {
        sync_claim: async () => {
          (await served).world.clock.now += milliseconds;
          return { lanes: [aLane({ jobs: [aJob()] })], troubled: [], nextDueInMs: 0 };
        },
      },
      {},
      options,
    );
    return served;
  };

  test('whose time is over wakes its successor itself, with a signature that it would accept', async () => {
    const { world, nudge, nudges } = await slowly(49_000);
    expect(await nudge()).toBe(202);
    expect(world.woken).toEqual([`${API}/demo-sync`]);
    expect(nudges).toEqual([]);
  });

  test('whose successor does not hear asks the database to wake it', async () => {
    const { world, nudge, nudges } = await slowly(49_000, { wakeable: false });
    expect(await nudge()).toBe(202);
    expect(world.woken).toHaveLength(1);
    expect(nudges).toEqual([{ p_provider: 'demo' }]);
  });

  test('whose time is over before anything was done leaves it to the sweep: no chain turns on the spot', async () => {
    const { world, nudge, nudges } = await slowly(60_000);
    expect(await nudge()).toBe(202);
    expect([world.woken, nudges]).toEqual([[], []]);
  });

  test('does about half a second’s work, and leaves the rest to a successor', async () => {
    let claims = 0;
    const { nudge, callsOf, world } = await serve({
      sync_claim: () => {
        const jobs = Array.from({ length: 200 }, (_, n) => aJob({ rdvId: rdvId(++claims * 1000 + n) }));
        return { lanes: [aLane({ jobs })], troubled: [], nextDueInMs: 0 };
      },
    });
    await nudge();
    expect(callsOf('sync_claim')).toHaveLength(6);
    expect(world.woken).toHaveLength(1);
  });

  test('B10: whose instance ends gives back what it holds, begins nothing more, and wakes its successor', async () => {
    const { promise: atWork, resolve: began } = Promise.withResolvers<void>();
    const { promise: held, resolve: release } = Promise.withResolvers<void>();
    const { nudge, callsOf, world, provider } = await serve({ sync_claim: oneClaim(aLane({ jobs: [aJob()] })) });
    provider.beforeCall = () => {
      began();
      return held;
    };
    const answered = nudge();
    await atWork;
    await world.unload();
    const [{ p_worker }] = callsOf('sync_claim') as [{ p_worker: string }];
    expect(callsOf('worker_abandon')).toEqual([{ p_workers: [p_worker] }]);
    expect(world.woken).toEqual([`${API}/demo-sync`]);
    release();
    await answered;
    expect(callsOf('sync_claim')).toHaveLength(1);
    expect(world.woken).toHaveLength(1);
  });

  test('whose instance ends while nothing is in hand gives nothing back', async () => {
    const { nudge, callsOf, world } = await serve();
    await nudge();
    await world.unload();
    expect([callsOf('worker_abandon'), world.woken]).toEqual([[], []]);
  });

  test('tells in the log which lane was in trouble', async () => {
    const troubled = [{ integrationId: INTEGRATION, organisationId: LUMIERE, code: 'SYNC_FAILED', sqlState: 'XX001' }];
    const answers = [{ ...NOTHING, troubled }];
    const { nudge, world } = await serve({ sync_claim: () => answers.shift() ?? NOTHING });
    await nudge();
    expect(world.entries().filter(({ step }) => step === 'claim_lane')).toMatchObject([
      { outcome: 'error', integration: INTEGRATION, organisation: LUMIERE, code: 'SYNC_FAILED', sqlState: 'XX001' },
    ]);
  });

  test.each<[string, { body?: string; at?: number }]>([
    ['is forged', { body: '{"all":true}' }],
    ['is replayed an hour later', { at: Date.now() - 3_600_000 }],
  ])('that %s wakes nobody', async (_how, forged) => {
    const { nudge, world } = await serve();
    expect(await nudge(forged)).toBe(401);
    expect(world.background).toEqual([]);
  });

  test('whose work fails leaves a line in the log, and an answer all the same', async () => {
    const { nudge, world } = await serve({
      sync_claim: () => {
        throw new Error('no database');
      },
    });
    expect(await nudge()).toBe(202);
    expect(world.entries().filter(({ outcome }) => outcome === 'error')).toMatchObject([{ step: 'drain' }]);
  });
});

describe('sync now', () => {
  test('marks what the person may see, works on their connection alone, and sums up', async () => {
    const summary = { ...COUNTS, created: 1 };
    const claims = oneClaim(aLane({ jobs: [aJob()] }));
    const { call, callsOf, provider, nudges } = await serve({ sync_claim: claims, sync_run_summary: () => summary });
    expect(await call('sync-now', { from: '2026-12-01T00:00:00Z' })).toEqual({ status: 200, body: summary });
    expect(callsOf('sync_mark')).toEqual([
      { p_organisation: LUMIERE, p_user: CLAIRE, p_provider: 'demo', p_from: '2026-12-01T00:00:00Z', p_to: null },
    ]);
    expect(callsOf('sync_claim')[0]).toMatchObject({ p_integration: INTEGRATION });
    expect(callsOf('sync_complete')[0]).toMatchObject({ p_lane: { runId: RUN, trigger: 'manual' } });
    expect(provider.operations).toHaveLength(1);
    expect(nudges).toEqual([]);
  });

  test('whose lane stops tells what is left, and leaves it to another invocation', async () => {
    const left = { ...COUNTS, remaining: 1 };
    const { call, provider, world, nudges } = await serve({
      sync_claim: oneClaim(aLane({ jobs: [aJob()] })),
      sync_run_summary: () => left,
    });
    provider.script = () => refused('QUOTA_EXCEEDED');
    expect((await call('sync-now')).body).toMatchObject({ remaining: 1 });
    expect(world.woken).toEqual([`${API}/demo-sync`]);
    expect(nudges).toEqual([]);
  });

  test('whose lane is paused for hours does not keep the person waiting for it', async () => {
    const { call, world, callsOf } = await serve({
      sync_claim: () => ({ lanes: [], troubled: [], nextDueInMs: 6 * 3_600_000 }),
      sync_run_summary: () => ({ ...COUNTS, remaining: 1 }),
    });
    const before = world.clock.now;
    expect((await call('sync-now')).body).toMatchObject({ remaining: 1 });
    expect(callsOf('sync_run_summary')).toHaveLength(1);
    expect(world.clock.now).toBe(before);
    expect(world.woken).toHaveLength(1);
  });

  test('waits for another worker that holds the lane, and tells what that one did', async () => {
    const summaries = [{ ...COUNTS, remaining: 1 }, { ...COUNTS, created: 1 }];
    const { call, nudges } = await serve({ sync_run_summary: () => summaries.shift() });
    expect((await call('sync-now')).body).toMatchObject({ created: 1, remaining: 0 });
    expect(nudges).toEqual([]);
  });

  test('answers in time even if another worker takes for ever', async () => {
    const { call, world } = await serve({
      sync_run_summary: () => {
        world.clock.now += 9000;
        return { ...COUNTS, remaining: 3 };
      },
    });
    expect(await call('sync-now')).toMatchObject({ status: 200, body: { remaining: 3 } });
    expect(world.woken).toHaveLength(1);
  });

  test('is refused while the team has paused the sync, and says so', async () => {
    const { call } = await serve({
      sync_mark: () => {
        throw new SyncError('SYNC_PAUSED', 'Call sync_mark: refused by the database');
      },
    });
    expect(await call('sync-now')).toMatchObject({ status: 503, body: { error: 'SYNC_PAUSED' } });
  });

  test('names each failure in the language of the person, and by its code', async () => {
    const failures = [{ rdvId: RDV, code: 'INVALID_EVENT' }, { rdvId: rdvId(2), code: 'OF_THE_PAST' }];
    const { call } = await serve({ sync_run_summary: () => ({ ...COUNTS, failed: 2, failures }) });
    const { body } = await call('sync-now', {}, { 'accept-language': 'en' });
    expect(body.failures).toEqual([
      { rdvId: RDV, code: 'INVALID_EVENT', reason: expect.stringContaining('The calendar refuses') },
      { rdvId: rdvId(2), code: 'SYNC_FAILED', reason: expect.stringContaining('The sync failed') },
    ]);
  });

  test.each<[string, unknown]>([
    ['a day that is none', { from: 'tomorrow' }],
    ['an instant without an offset', { from: '2026-12-01T00:00:00' }],
    ['an end before the start', { from: '2026-12-02T00:00:00Z', to: '2026-12-01T00:00:00Z' }],
    ['an end at the start', { from: '2026-12-01T00:00:00Z', to: '2026-12-01T01:00:00+01:00' }],
    ['a field that does not exist', { organisationId: LUMIERE }],
    ['a list', []],
    ['no JSON', '{"from":'],
  ])('with %s marks nothing', async (_what, body) => {
    const { call, callsOf } = await serve();
    expect(await call('sync-now', body)).toMatchObject({
      status: 400,
      body: { error: 'INVALID_REQUEST', step: 'read_request' },
    });
    expect(callsOf('sync_mark')).toEqual([]);
  });

  test('is for people who are signed in', async () => {
    const { call, callsOf } = await serve();
    expect((await call('sync-now', {}, { authorization: 'Bearer e30.e30.AAAA' })).status).toBe(401);
    expect(callsOf('sync_mark')).toEqual([]);
  });
});

describe('trying again', () => {
  test('takes the appointments that are named, or all that failed', async () => {
    const { call, callsOf } = await serve();
    expect((await call('retry', { rdvIds: [RDV] })).status).toBe(200);
    expect((await call('retry')).status).toBe(200);
    expect(callsOf('sync_retry')).toMatchObject([{ p_rdv_ids: [RDV], p_user: CLAIRE }, { p_rdv_ids: null }]);
  });

  test.each<[string, unknown]>([
    ['none', { rdvIds: [] }],
    ['an id that is none', { rdvIds: ['1 or 1=1'] }],
    ['more than five hundred', { rdvIds: Array.from({ length: 501 }, (_, n) => rdvId(n)) }],
    ['one that is not in a list', { rdvIds: RDV }],
    ['a field that does not exist', { everything: true }],
  ])('%s is refused', async (_what, body) => {
    const { call, callsOf } = await serve();
    expect(await call('retry', body)).toMatchObject({ status: 400, body: { error: 'INVALID_REQUEST' } });
    expect(callsOf('sync_retry')).toEqual([]);
  });
});

test.each(['soon', '999', '140001'])('a deadline of %s is a configuration error', async (SYNC_DEADLINE_MS) => {
  const { call } = await serve({}, { SYNC_DEADLINE_MS });
  expect(await call('sync-now')).toMatchObject({ status: 500, body: { error: 'CONFIGURATION_ERROR' } });
});
