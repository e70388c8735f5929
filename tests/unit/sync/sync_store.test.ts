import { describe, expect, test } from 'vitest';
import type { Rpc } from '../../../supabase/functions/_shared/db/rpc.ts';
import { failureCode, syncRequests, syncStore } from '../../../supabase/functions/_shared/db/sync_store.ts';
import { resultOf } from '../../../supabase/functions/_shared/sync/lane_session.ts';
import { aJob, aLane, aLink, anAppointment, INTEGRATION, ORGANISATION, rdvId, USER } from './lane_world.ts';

const WORKER = rdvId(77);
const RUN = rdvId(88);

/** A database whose answers a test sets; it checks them as the real one's are checked. */
function database(answers: Record<string, unknown>) {
  const calls: { name: string; args: Readonly<Record<string, unknown>> }[] = [];
  const rpc: Rpc = (name, args, schema) => {
    calls.push({ name, args });
    return Promise.resolve().then(() => schema.parse(answers[name]));
  };
  return { calls, store: syncStore(rpc, 'demo'), requests: syncRequests(rpc, 'demo') };
}

const claim = (store: ReturnType<typeof database>['store']) =>
  store.claim({
    worker: WORKER,
    integrationId: null,
    maxLanes: 8,
    maxJobs: 200,
    leaseSeconds: 120,
    unitsPerMinute: 600,
  });
const content = {
  title: 'a',
  description: '',
  location: '',
  time: { kind: 'all_day', startDay: '2026-12-01', endDay: '2026-12-02' },
  availability: 'busy',
  visibility: 'private',
} as const;
const job = aJob({ link: aLink({ pushed: content, base: content }) });
const claimed = (change: Record<string, unknown> = {}, ofJob: Record<string, unknown> = {}) => ({
  lanes: [{ ...aLane(), jobs: [{ ...job, ...ofJob }], ...change }],
  nextDueInMs: null,
});

describe('a claim', () => {
  test('asks for lanes of this provider only', async () => {
    const { calls, store } = database({ sync_claim: { lanes: [], nextDueInMs: 1500 } });
    expect(await claim(store)).toEqual({ lanes: [], nextDueInMs: 1500 });
    expect(calls).toEqual([{
      name: 'sync_claim',
      args: {
        p_worker: WORKER,
        p_provider: 'demo',
        p_integration: null,
        p_max_lanes: 8,
        p_max_jobs: 200,
        p_lease_seconds: 120,
        p_units_per_minute: 600,
      },
    }]);
  });

  test('comes as the engine knows it', async () => {
    const { store } = database({ sync_claim: claimed() });
    expect((await claim(store)).lanes).toEqual([{ ...aLane(), jobs: [job] }]);
  });

  test('of a row that only tells why there is no event has no event', async () => {
    const { store } = database({ sync_claim: claimed({}, { link: { ...job.link, presence: null, eventId: null } }) });
    expect((await claim(store)).lanes[0]?.jobs[0]?.link?.presence).toBe('gone');
  });

  test.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ['a level of detail that nobody knows', { settings: { ...aLane().settings, eventDetail: 'everything' } }, {}],
    ['a direction that nobody knows', { settings: { ...aLane().settings, twoWay: 'maybe' } }, {}],
    ['no budget', { budgetUnits: undefined }, {}],
    ['half a unit', { budgetUnits: 0.5 }, {}],
    ['no organisation', { organisation: null }, {}],
    ['an id that is none', { integrationId: 'all' }, {}],
    ['an event that is perhaps there', {}, { link: { ...job.link, presence: 'maybe' } }],
    ['a version that is text', {}, { version: '1' }],
    ['content without a title', {}, { link: { ...job.link, pushed: { ...content, title: null } } }],
    ['hours of neither kind', {}, { link: { ...job.link, base: { ...content, time: { kind: 'sometime' } } } }],
    ['an appointment without a status', {}, { rdv: { ...anAppointment(), status: null } }],
  ])('with %s is refused whole, never guessed', async (_what, lane, ofJob) => {
    const { store } = database({ sync_claim: claimed(lane, ofJob) });
    await expect(claim(store)).rejects.toThrow();
  });
});

describe('what the engine reports', () => {
  test('goes under the worker’s name, results and lane in one call', async () => {
    const { calls, store } = database({ sync_complete: { applied: 1, busy: [rdvId(2)], lost: false } });
    const results = [resultOf(job, { outcome: 'done', action: 'skipped' })];
    const lane = {
      runId: RUN,
      trigger: 'change',
      usedUnits: 1,
      release: true,
      pauseSeconds: null,
      pauseCode: null,
      strike: false,
      worked: false,
      unsure: [],
    } as const;
    expect(await store.complete(WORKER, INTEGRATION, results, lane)).toMatchObject({ busy: [rdvId(2)] });
    expect(calls[0]?.args).toEqual({
      p_worker: WORKER,
      p_integration: INTEGRATION,
      p_results: results,
      p_lane: lane,
    });
  });

  test.each<[string, string, unknown, (store: ReturnType<typeof database>['store']) => Promise<unknown>]>([
    ['reserve', 'sync_reserve', { reserved: ['all'] }, (store) => store.reserve(WORKER, INTEGRATION, [])],
    ['reserve', 'sync_reserve', [], (store) => store.reserve(WORKER, INTEGRATION, [])],
    ['finishRemoval', 'integration_finish_removal', {}, (store) => store.finishRemoval(INTEGRATION)],
    [
      'integrationFailed',
      'integration_failed',
      'yes',
      (store) => store.integrationFailed(INTEGRATION, 'CALENDAR_NOT_FOUND', ''),
    ],
  ])('%s refuses an answer of another shape', async (_method, name, answer, call) => {
    await expect(call(database({ [name]: answer }).store)).rejects.toThrow();
  });

  test('a removal is finished, or not yet', async () => {
    expect(await database({ integration_finish_removal: null }).store.finishRemoval(INTEGRATION)).toBe(false);
    expect(await database({ integration_finish_removal: { ended: true } }).store.finishRemoval(INTEGRATION)).toBe(true);
  });
});

describe('what people ask for', () => {
  const owner = { organisationId: ORGANISATION, userId: USER };

  test('is about their own connection to this provider', async () => {
    const { calls, requests } = database({ sync_retry: { integrationId: INTEGRATION, runId: RUN } });
    expect(await requests.retry(owner, [rdvId(1)])).toEqual({ integrationId: INTEGRATION, runId: RUN });
    expect(calls[0]?.args).toEqual({
      p_organisation: ORGANISATION,
      p_user: USER,
      p_provider: 'demo',
      p_rdv_ids: [rdvId(1)],
    });
  });

  test('is counted in a run that exists, or fails by name', async () => {
    const counts = { created: 0, updated: 0, deleted: 0, skipped: 0, failed: 0, remaining: 0, failures: [] };
    expect(await database({ sync_run_summary: counts }).requests.summary(RUN)).toEqual(counts);
    await expect(database({ sync_run_summary: null }).requests.summary(RUN)).rejects.toMatchObject({
      code: 'SYNC_FAILED',
    });
    await expect(database({ sync_run_summary: { ...counts, failed: null } }).requests.summary(RUN)).rejects.toThrow();
  });

  test('a stored code that nobody knows any more is a failure without a name', () => {
    expect(['INVALID_EVENT', 'OF_THE_PAST', null].map(failureCode)).toEqual([
      'INVALID_EVENT',
      'SYNC_FAILED',
      'SYNC_FAILED',
    ]);
  });
});
