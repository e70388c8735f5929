import { describe, expect, test } from 'vitest';
import { LaneSession, LaneStopped } from '../../../../supabase/functions/_shared/sync/outbound/lane_session.ts';
import { resultOf } from '../../../../supabase/functions/_shared/sync/outbound/push_item.ts';
import type { JobResult } from '../../../../supabase/functions/_shared/sync/outbound/port.ts';
import { aJob, aLane, aLink, FakeStore, laneDeps, rdvId, ScriptedProvider } from './lane_world.ts';

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
  test('that does not allow a call stops the lane for as long as the refill takes', () => {
    const { session: lane } = session(4);
    lane.spend(['patch']);
    expect(stopOf(() => lane.spend(['patch']))).toMatchObject({ code: 'RATE_LIMITED', pauseSeconds: 1, tell: null });
  });

  test('is reported as it is spent, each unit once', async () => {
    const { session: lane, store } = session(100);
    lane.spend(['patch', 'create', 'read']);
    await lane.report([done(1)]);
    lane.spend(['create', 'delete']);
    await lane.report([done(2)]);
    await lane.release(null);
    expect(store.reports.map(({ usedUnits }) => usedUnits)).toEqual([5, 2, 0]);
  });
});

describe('a change that was refused', () => {
  const announce = (lane: LaneSession, n: number) =>
    lane.announce([{
      rdvId: rdvId(n),
      version: 1,
      state: 'updating',
      calendarId: 'c',
      targetCalendarId: null,
      eventId: 'e',
      epoch: 0,
      description: null,
    }]);

  test('is told with the next report, once', async () => {
    const { session: lane, store } = session();
    lane.noteRefused(aJob({ rdvId: rdvId(1), link: aLink() }));
    await lane.report([done(2)]);
    await lane.release(null);
    expect(store.reports.map(({ refused }) => refused)).toEqual([[rdvId(1)], []]);
  });

  test('while a report is on its way belongs to the next one', async () => {
    const { session: lane, store } = session();
    const reported = lane.report([done(2)]);
    lane.noteRefused(aJob({ rdvId: rdvId(1), link: aLink() }));
    lane.noteWorked();
    await reported;
    await lane.release(null);
    expect(store.reports.map(({ refused, worked }) => [refused, worked])).toEqual([[[], false], [[rdvId(1)], true]]);
  });

  test('and is asked for again is not known to be refused', async () => {
    const { session: lane, store } = session();
    lane.noteRefused(aJob({ rdvId: rdvId(1), link: aLink() }));
    await announce(lane, 1);
    await lane.release(null);
    expect(store.reports.map(({ refused }) => refused)).toEqual([[]]);
  });

  test('says nothing of an earlier one whose answer was lost', async () => {
    const { session: lane, store } = session();
    lane.noteRefused(aJob({ rdvId: rdvId(1), link: aLink({ state: 'updating' }) }));
    await lane.release(null);
    expect(store.reports.map(({ refused }) => refused)).toEqual([[]]);
  });
});

test('no call begins after the deadline, and what is left stays due', () => {
  const { session: lane, clock, deps } = session();
  clock.now = deps.deadlineAt - 1;
  lane.spend(['read']);
  clock.now = deps.deadlineAt;
  expect(stopOf(() => lane.spend(['read']))).toBeNull();
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
  test('comes with the last results', async () => {
    const { session: lane, store } = session();
    await lane.release(null, [done(1)]);
    expect(store.reports.map(({ release }) => release)).toEqual([true]);
    expect(store.results).toHaveLength(1);
  });

  test('waits for rows that are busy, and not for ever', async () => {
    const { session: lane, store, slept } = session();
    store.busy = { rdvIds: [rdvId(2)], rounds: Infinity };
    await lane.release(null, [done(1), done(2)]);
    expect(store.reports).toHaveLength(7);
    expect(slept).toHaveLength(5);
    expect(store.results.map(({ rdvId }) => rdvId)).toEqual([rdvId(1)]);
  });

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
