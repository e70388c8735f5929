import { describe, expect, test } from 'vitest';
import {
  LaneSession,
  LaneStopped,
  resultOf,
} from '../../../../supabase/functions/_shared/sync/outbound/lane_session.ts';
import type { JobResult } from '../../../../supabase/functions/_shared/sync/outbound/port.ts';
import { aJob, aLane, FakeStore, laneDeps, rdvId, ScriptedProvider } from './lane_world.ts';

function session(budgetUnits: number | null = null, unitsPerMinute: number | null = 600) {
  const store = new FakeStore();
  const provider = new ScriptedProvider();
  provider.limits.unitsPerMinute = unitsPerMinute;
  const world = laneDeps(store, provider.asProvider());
  return { ...world, store, session: new LaneSession(aLane({ budgetUnits }), world.deps) };
}

const done = (n: number): JobResult => resultOf(aJob({ rdvId: rdvId(n) }), { outcome: 'done', action: 'created' });

function stopOf(work: () => void) {
  try {
    work();
  } catch (error) {
    if (error instanceof LaneStopped) return error.stop;
    throw error;
  }
  throw new Error('The lane did not stop');
}

describe('a budget', () => {
  test('is spent to its last unit and not beyond', () => {
    const { session: lane } = session(10);
    lane.spend(7);
    expect(lane.fits(3)).toBe(true);
    expect(lane.fits(4)).toBe(false);
    lane.spend(3);
    expect(stopOf(() => lane.spend(1))).toMatchObject({ code: 'RATE_LIMITED', strike: false, tell: null });
  });

  test('that is used up pauses the lane for as long as the refill takes, and no longer than a twelfth of a minute', () => {
    const { session: lane } = session(0);
    expect([1, 30, 50, 5000].map((units) => lane.refill(units)?.pauseSeconds)).toEqual([1, 3, 5, 5]);
  });

  test('there is none where the provider has no such quota', () => {
    const { session: lane } = session(null, null);
    lane.spend(1e9);
    expect(lane.refill(1)).toBeNull();
  });

  test('is reported as it is spent, each unit once', async () => {
    const { session: lane, store } = session(100);
    lane.spend(5);
    await lane.report([done(1)]);
    lane.spend(2);
    await lane.report([done(2)]);
    await lane.release(null);
    expect(store.reports.map(({ usedUnits }) => usedUnits)).toEqual([5, 2, 0]);
  });
});

test('no call begins after the deadline, and what is left stays due', () => {
  const { session: lane, clock, deps } = session();
  clock.now = deps.deadlineAt - 1;
  lane.spend(1);
  clock.now = deps.deadlineAt;
  expect(stopOf(() => lane.spend(1))).toBeNull();
});

describe('a report', () => {
  test('of nothing costs no round trip', async () => {
    const { session: lane, store } = session();
    await lane.report([]);
    expect(store.reports).toEqual([]);
  });

  test('brings rows that somebody was writing to again, a moment later', async () => {
    const { session: lane, store, slept } = session();
    store.busy = { rdvIds: [rdvId(2)], rounds: 2 };
    await lane.report([done(1), done(2)]);
    expect(store.results.map(({ rdvId }) => rdvId)).toEqual([rdvId(1), rdvId(2)]);
    expect(slept).toEqual([150, 300]);
    expect(lane.completed).toBe(2);
  });

  test('gives up on a row that stays busy: it stays due, and the lane goes on', async () => {
    const { session: lane, store } = session();
    store.busy = { rdvIds: [rdvId(2)], rounds: Infinity };
    await lane.report([done(1), done(2)]);
    expect(store.reports).toHaveLength(6);
    expect(lane.completed).toBe(1);
  });

  test('F29: to a lane that another worker has taken over ends the work', async () => {
    const { session: lane, store } = session();
    store.lost = true;
    await expect(lane.report([done(1)])).rejects.toThrow('the lease is lost');
  });
});

describe('a release', () => {
  test('gives the lease back with the pause and its reason', async () => {
    const { session: lane, store } = session();
    await lane.release({ code: 'RATE_LIMITED', message: 'Write', pauseSeconds: 9, strike: true, tell: null });
    expect(store.reports).toMatchObject([{ release: true, pauseSeconds: 9, pauseCode: 'RATE_LIMITED', strike: true }]);
  });

  test('says whether anything worked since the report before', async () => {
    const { session: lane, store } = session();
    lane.noteWorked();
    await lane.report([done(1)]);
    await lane.release(null);
    expect(store.reports.map(({ worked, release }) => [worked, release])).toEqual([[true, false], [false, true]]);
    expect(lane.worked).toBe(true);
  });
});
