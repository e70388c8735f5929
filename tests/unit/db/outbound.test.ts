import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Rpc } from '../../../supabase/functions/_shared/db/rpc.ts';
import { failureCode, syncRequests, syncStore } from '../../../supabase/functions/_shared/db/outbound.ts';
import { SyncError } from '../../../supabase/functions/_shared/errors.ts';
import type { JobResult, LaneReport } from '../../../supabase/functions/_shared/sync/outbound/port.ts';
import { resultOf } from '../../../supabase/functions/_shared/sync/outbound/push_item.ts';
import {
  aJob,
  aLane,
  aLink,
  anAppointment,
  INTEGRATION,
  ORGANISATION,
  rdvId,
  USER,
} from '../sync/outbound/lane_world.ts';

const WORKER = rdvId(77);
const RUN = rdvId(88);

/** A database whose answers a test sets; it checks them as the real one's are checked. */
function database(answers: Record<string, unknown>) {
  const calls: { name: string; args: Readonly<Record<string, unknown>> }[] = [];
  const rpc: Rpc = (name, args, schema) => {
    calls.push({ name, args });
    return Promise.resolve().then(() => z.parse(schema, answers[name]));
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
    projectUnitsPerMinute: 10_000,
    joins: true,
  });
const LANE = {
  runId: RUN,
  trigger: 'change',
  usedUnits: 1,
  release: true,
  pauseSeconds: null,
  pauseCode: null,
  project: false,
  strike: false,
  worked: false,
  refused: [],
} as const;
const content = {
  title: 'a',
  description: '',
  location: '',
  time: { kind: 'all_day', startDay: '2026-12-01', endDay: '2026-12-02' },
  availability: 'busy',
  visibility: 'private',
} as const;
const job = aJob({ link: aLink({ pushed: content, base: content, sent: [] }) });
/** Another practice's lane, of the same claim. */
const other = { ...aLane({ integrationId: rdvId(66) }), jobs: [job] };
const claimed = (change: Record<string, unknown> = {}, ofJob: Record<string, unknown> = {}) => ({
  lanes: [{ ...aLane(), jobs: [{ ...job, ...ofJob }, job], ...change }, other],
  troubled: [],
  nextDueInMs: null,
});

describe('a claim', () => {
  test('asks for lanes of this provider only', async () => {
    const { calls, store } = database({ sync_claim: { lanes: [], troubled: [], nextDueInMs: 1500 } });
    expect(await claim(store)).toEqual({ lanes: [], troubled: [], nextDueInMs: 1500 });
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
        p_project_units_per_minute: 10_000,
        p_joins: true,
      },
    }]);
  });

  test('comes as the engine knows it', async () => {
    const { store } = database({ sync_claim: claimed() });
    expect((await claim(store)).lanes).toEqual([{ ...aLane(), jobs: [job, job] }, other]);
  });

  test.each<[string, Record<string, unknown>]>([
    ['a level of detail that nobody knows', { settings: { ...aLane().settings, eventDetail: 'everything' } }],
    ['a direction that nobody knows', { settings: { ...aLane().settings, twoWay: 'maybe' } }],
    ['no budget', { budgetUnits: undefined }],
    ['half a unit', { budgetUnits: 0.5 }],
    ['no organisation', { organisation: null }],
  ])('with a lane of %s gives that one back to wait, and the others to work', async (_what, lane) => {
    const { calls, store } = database({
      sync_claim: claimed(lane),
      sync_complete: { applied: 0, busy: [], lost: false, paused: false, nextDueInMs: null },
    });
    expect(await claim(store)).toEqual({
      lanes: [other],
      troubled: [{ integrationId: INTEGRATION, organisationId: ORGANISATION, code: 'SYNC_FAILED', sqlState: null }],
      nextDueInMs: null,
    });
    const given = { release: true, strike: true, pauseSeconds: 60, pauseCode: 'SYNC_FAILED' };
    expect(calls[1]).toMatchObject({ name: 'sync_complete', args: { p_integration: INTEGRATION, p_lane: given } });
  });

  test.each<[string, Record<string, unknown>]>([
    ['an event that is perhaps there', { link: { ...job.link, state: 'maybe' } }],
    ['content without a title', { link: { ...job.link, pushed: { ...content, title: null } } }],
    ['hours of neither kind', { link: { ...job.link, base: { ...content, time: { kind: 'sometime' } } } }],
    ['an appointment without a status', { rdv: { ...anAppointment(), status: null } }],
  ])('with a job of %s gives that one up, and its lane goes on with the others', async (_what, ofJob) => {
    const { store } = database({ sync_claim: claimed({}, ofJob) });
    const { rdvId, version } = job;
    expect((await claim(store)).lanes).toMatchObject([{ jobs: [job], unreadable: [{ rdvId, version }] }, other]);
  });
});

describe('what the engine reports', () => {
  test('goes under the worker’s name, results and lane in one call', async () => {
    const answer = { applied: 1, busy: [rdvId(2)], lost: false, paused: false, nextDueInMs: null };
    const { calls, store } = database({ sync_complete: answer });
    const results = [resultOf(job, { outcome: 'done', action: 'skipped' })];
    expect(await store.complete(WORKER, INTEGRATION, results, LANE)).toMatchObject({ busy: [rdvId(2)] });
    expect(calls[0]?.args).toEqual({
      p_worker: WORKER,
      p_integration: INTEGRATION,
      p_results: results,
      p_lane: LANE,
    });
  });

  test('that Postgres cannot store is halved until the one at fault is found: that one is given up, the others are done', async () => {
    const jobs = [1, 2, 3, 4, 5].map((n) => aJob({ rdvId: rdvId(n) }));
    const stored = new Map<string, string>();
    const reports: LaneReport[] = [];
    const store = syncStore((_name, args, schema) => {
      const given: Readonly<Record<string, unknown>> = args;
      const results = given.p_results as JobResult[];
      if (results.some(({ rdvId: id, outcome }) => id === rdvId(4) && outcome === 'done')) {
        const context = { rpc: 'sync_complete', sqlState: '22P05' };
        return Promise.reject(new SyncError('SYNC_FAILED', 'Call sync_complete: refused', { context }));
      }
      for (const { rdvId: id, outcome } of results) stored.set(id, outcome);
      reports.push(given.p_lane as LaneReport);
      const completion = { applied: results.length, busy: [], lost: false, paused: false, nextDueInMs: null };
      return Promise.resolve(z.parse(schema, completion));
    }, 'demo');
    const results = jobs.map((one) => resultOf(one, { outcome: 'done', action: 'created' }));
    expect(await store.complete(WORKER, INTEGRATION, results, { ...LANE, usedUnits: 15, release: true }))
      .toMatchObject({ applied: 5, lost: false });
    expect(Object.fromEntries(stored)).toEqual({
      [rdvId(1)]: 'done',
      [rdvId(2)]: 'done',
      [rdvId(3)]: 'done',
      [rdvId(4)]: 'park',
      [rdvId(5)]: 'done',
    });
    // The lane is accounted for once, and given back last.
    expect(reports.map(({ usedUnits }) => usedUnits).reduce((sum, units) => sum + units)).toBe(15);
    expect(reports.findIndex(({ release }) => release)).toBe(reports.length - 1);
  });

  test('is not repeated for a fault of the database itself', async () => {
    let calls = 0;
    const store = syncStore(() => {
      calls++;
      const context = { rpc: 'sync_complete', sqlState: '57014' };
      return Promise.reject(new SyncError('SYNC_FAILED', 'Call sync_complete: refused', { context }));
    }, 'demo');
    const results = [resultOf(job, { outcome: 'done', action: 'skipped' })];
    await expect(store.complete(WORKER, INTEGRATION, results, LANE)).rejects.toThrow();
    expect(calls).toBe(1);
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
