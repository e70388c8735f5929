import { describe, expect, test } from 'vitest';
import type { CredentialStore } from '../../../../supabase/functions/_shared/sync/shared/credentials.ts';
import type { Lane } from '../../../../supabase/functions/_shared/sync/shared/appointment.ts';
import { drain, type DrainOptions, revokeGrants } from '../../../../supabase/functions/_shared/sync/outbound/worker.ts';
import {
  aJob,
  aLane,
  FakeStore,
  laneDeps,
  providerError,
  rdvId,
  refused,
  ScriptedProvider,
  written,
} from './lane_world.ts';

const ENDS = { worker: 'worker', trigger: 'change', deadlineMs: 50_000, maxJobs: 5000 } as const;
const lane = (name: string, change: Parameters<typeof aLane>[0] = {}): Lane =>
  aLane({ integrationId: name, jobs: [aJob({ rdvId: rdvId(Number.parseInt(name, 36)) })], ...change });

function engine() {
  const store = new FakeStore();
  const provider = new ScriptedProvider();
  const { deps, clock, slept, logged } = laneDeps(store, provider.asProvider());
  const verdicts: unknown[][] = [];
  const credentials: CredentialStore = {
    open: () => Promise.resolve(null),
    renewed: () => Promise.resolve({ stored: false, version: 0, accessToken: null }),
    reconnectRequired: (...verdict) => {
      verdicts.push(verdict);
      return Promise.resolve(true);
    },
  };
  let ids = 0;
  return {
    deps,
    store,
    provider,
    clock,
    slept,
    logged,
    verdicts,
    offer: (...lanes: Lane[]) => store.waiting.push({ lanes, troubled: [], nextDueInMs: null }),
    /** … and more is due. */
    offerFirst: (...lanes: Lane[]) => store.waiting.push({ lanes, troubled: [], nextDueInMs: 0 }),
    wait: (nextDueInMs: number | null) => store.waiting.push({ lanes: [], troubled: [], nextDueInMs }),
    drain: (options: Partial<DrainOptions> = {}) =>
      drain({
        ...deps,
        credentials,
        handleOf: () => deps.handle,
        newId: () => `id-${++ids}`,
      }, { ...ENDS, ...options }),
  };
}

describe('draining', () => {
  test('works off what there is, claim after claim, as one worker', async () => {
    const { offer, offerFirst, drain, store, slept } = engine();
    offerFirst(lane('1'), lane('2'));
    offer(lane('3'));
    expect(await drain()).toEqual({
      claimed: 3,
      lanes: 3,
      completed: 3,
      remaining: false,
      stopped: null,
      dueInMs: null,
    });
    expect(store.results).toHaveLength(3);
    expect(new Set(store.claims.map(({ worker }) => worker)).size).toBe(1);
    expect(store.claims[0]).toMatchObject({ integrationId: null, leaseSeconds: 120, unitsPerMinute: 600 });
    expect(store.claims[0]).toMatchObject({ projectUnitsPerMinute: 10_000, joins: true });
    expect(slept).toEqual([]);
    // The last claim has found nothing more, and freed its place: no other is made to hear the same.
    expect(store.claims).toHaveLength(2);
    expect(store.left).toEqual([]);
  });

  test('claims again what a lane that it gave back has got meanwhile', async () => {
    const { offer, drain, store, slept } = engine();
    offer(lane('1'), lane('2'));
    offer(lane('1'));
    store.dueAgain.push(0);
    expect(await drain()).toMatchObject({ claimed: 3, remaining: false });
    expect(store.claims).toHaveLength(2);
    expect(slept).toEqual([]);
  });

  test('waits for what is to be tried again in a moment, and not for what is due later', async () => {
    const { offer, drain, store, slept } = engine();
    offer(lane('1'));
    offer(lane('1'));
    store.dueAgain.push(1500, 10_001);
    expect(await drain()).toMatchObject({ claimed: 2, remaining: false, dueInMs: 10_001 });
    expect(store.claims).toHaveLength(2);
    expect(slept).toEqual([1500]);
  });

  test('leaves its place where it ends with work left, and takes none for a person who waits', async () => {
    const { offerFirst, drain, store } = engine();
    offerFirst(lane('1'), lane('2'));
    await drain({ maxJobs: 2 });
    expect(store.left).toEqual([store.claims[0]?.worker]);
    offerFirst(lane('3'), lane('4'));
    await drain({ maxJobs: 2, integrationId: 'a-person-s' });
    expect(store.claims.at(-1)).toMatchObject({ joins: false });
    expect(store.left).toHaveLength(1);
  });

  test('takes no more than it was told to, and says that something is left', async () => {
    const { offer, offerFirst, drain, store } = engine();
    offerFirst(lane('1'), lane('2'));
    offer(lane('3'));
    expect(await drain({ maxJobs: 2 })).toMatchObject({ claimed: 2, remaining: true });
    expect(store.claims.map(({ maxJobs }) => maxJobs)).toEqual([2]);
  });

  test('stops at its deadline and says that something is left', async () => {
    const { store, provider, drain, clock } = engine();
    for (let n = 1; n <= 20; n++) store.waiting.push({ lanes: [lane(String(n))], troubled: [], nextDueInMs: 0 });
    provider.beforeCall = () => void (clock.now += 6000);
    expect(await drain()).toMatchObject({ claimed: 9, remaining: true });
    expect(clock.now).toBeLessThan(ENDS.deadlineMs + 6000);
  });

  test('begins nothing without time', async () => {
    const { offer, drain, store } = engine();
    offer(lane('1'));
    expect(await drain({ deadlineMs: 0 })).toEqual({
      claimed: 0,
      lanes: 0,
      completed: 0,
      remaining: true,
      stopped: null,
      dueInMs: null,
    });
    expect(store.claims).toEqual([]);
  });

  test('waits for what is due in a moment, at most two seconds at once, and does it', async () => {
    const { offer, wait, drain, slept } = engine();
    wait(3);
    wait(9000);
    offer(lane('1'));
    expect(await drain()).toMatchObject({ claimed: 1, remaining: false });
    expect(slept).toEqual([100, 2000]);
  });

  test('does not wait for what is due much later: the sweep will', async () => {
    const { wait, drain, slept } = engine();
    wait(10_001);
    expect(await drain()).toEqual({
      claimed: 0,
      lanes: 0,
      completed: 0,
      remaining: false,
      stopped: null,
      dueInMs: 10_001,
    });
    expect(slept).toEqual([]);
  });

  test('rests a moment where a round brought nothing, instead of asking at full speed', async () => {
    const { offer, drain, slept, store } = engine();
    offer(lane('1'));
    store.changed.add(rdvId(1));
    store.dueAgain.push(0);
    await drain();
    expect(slept).toEqual([250]);
  });
});

describe('a pause', () => {
  test('ends a lane with the batch that is in hand, and what is left stays due', async () => {
    const { offer, drain, store, provider } = engine();
    provider.limits.maxBatch = 1;
    provider.beforeCall = () => void (store.paused = true);
    offer(lane('1', { jobs: [1, 2, 3].map((n) => aJob({ rdvId: rdvId(n) })) }));
    await drain();
    expect(store.results.map(({ rdvId }) => rdvId)).toEqual([rdvId(1)]);
    expect(store.reports.at(-1)).toMatchObject({ release: true, pauseSeconds: null, strike: false });
  });
});

describe('a pause that a report brings', () => {
  test('holds back what is announced already', async () => {
    const { offer, drain, store, provider } = engine();
    provider.limits.maxBatch = 1;
    const { complete } = store;
    store.complete = async (...given) => {
      for (let turn = 0; turn < 200; turn++) await Promise.resolve();
      store.paused = true;
      return await complete.apply(store, given);
    };
    offer(lane('1', { jobs: [1, 2, 3].map((n) => aJob({ rdvId: rdvId(n) })) }));
    await drain();
    expect(store.reservations).toHaveLength(3);
    expect(provider.operations.map(({ key }) => key)).toEqual([rdvId(1), rdvId(2)]);
  });
});

describe('lanes side by side', () => {
  test('none waits for another', async () => {
    const { offer, drain, provider, store } = engine();
    const { promise: bothAtOnce, resolve } = Promise.withResolvers<void>();
    provider.beforeCall = () => {
      if (provider.writes.length === 2) resolve();
      return bothAtOnce;
    };
    offer(lane('1'), lane('2'));
    await drain();
    expect(store.results).toHaveLength(2);
  });

  test('F12: one whose database call fails does not stop the others, and is told in the log', async () => {
    const { offer, drain, store, logged } = engine();
    const complete = store.complete.bind(store);
    store.complete = (worker, integration, ...rest) =>
      integration === '1' ? Promise.reject(new Error('no database')) : complete(worker, integration, ...rest);
    offer(lane('1'), lane('2'));
    expect(await drain()).toMatchObject({ claimed: 2, remaining: false });
    expect(store.results.map(({ rdvId }) => rdvId)).toEqual([rdvId(2)]);
    expect(logged.filter(({ outcome }) => outcome === 'error')).toMatchObject([
      { step: 'push_lane', fields: { integration: '1' } },
    ]);
  });

  test('F12: one that its provider turned away does not stop the others, and its reason comes back', async () => {
    const { offer, drain, provider, store } = engine();
    provider.script = (operation) =>
      operation.key === rdvId(1) ? refused('RATE_LIMITED', { retryAfterSeconds: 30 }) : written(operation);
    offer(lane('1'), lane('2'));
    expect(await drain()).toMatchObject({ stopped: 'RATE_LIMITED' });
    expect(store.results.map(({ rdvId }) => rdvId)).toEqual([rdvId(2)]);
  });

  test('a pause of a moment is no reason to come back', async () => {
    const { offer, drain, provider } = engine();
    provider.script = () => refused('RATE_LIMITED', { retryAfterSeconds: 3 });
    offer(lane('1'));
    expect((await drain()).stopped).toBeNull();
  });

  test('F23: a permission that is missing is told of the version that was refused', async () => {
    const { offer, drain, provider, verdicts } = engine();
    provider.beforeCall = () => {
      throw providerError('INSUFFICIENT_SCOPE');
    };
    offer(lane('1'));
    expect((await drain()).stopped).toBe('INSUFFICIENT_SCOPE');
    expect(verdicts).toMatchObject([['1', 7, 'INSUFFICIENT_SCOPE', expect.any(String)]]);
  });
});

test('F12: a job that cannot be read is given up, and the others of its lane are done', async () => {
  const { offer, drain, store, logged } = engine();
  offer(lane('1', { unreadable: [{ rdvId: rdvId(9), version: 4 }] }));
  await drain();
  const outcomes = store.results.map(({ rdvId, outcome, error }) => [rdvId, outcome, error?.code]);
  expect(outcomes).toEqual([[rdvId(9), 'park', 'INVALID_EVENT'], [rdvId(1), 'done', undefined]]);
  expect(logged).toContainEqual(expect.objectContaining({
    outcome: 'error',
    fields: { rdv: rdvId(9), code: 'INVALID_EVENT' },
  }));
});

describe('a run that a person asked for', () => {
  test('is about one connection, and its results count for it', async () => {
    const { offer, drain, store } = engine();
    offer(lane('1'));
    await drain({ integrationId: '1', runId: 'theirs', trigger: 'manual' });
    expect(store.claims[0]?.integrationId).toBe('1');
    expect(store.reports.map(({ runId, trigger }) => [runId, trigger])).toContainEqual(['theirs', 'manual']);
  });
});

describe('a connection that ends', () => {
  const removing = (name: string) => lane(name, { settings: { removing: true } });

  test('F24: is ended after its events', async () => {
    const { offer, drain, store } = engine();
    offer(removing('1'), lane('2'));
    await drain();
    expect(store.removals).toEqual(['1']);
    expect(store.results).toHaveLength(2);
  });

  test('gives its grant back, and is forgotten only when the provider has taken it', async () => {
    const { deps, store, provider, logged } = engine();
    store.revocations = [{ id: 'one', token: 'token-1' }, { id: 'two', token: 'token-2' }];
    provider.revokeFails = true;
    await revokeGrants({ ...deps, oauth: provider.asProvider().oauth });
    expect(store.revocations).toHaveLength(2);
    expect(logged.map(({ step, outcome }) => [step, outcome])).toEqual(Array(2).fill(['revoke_grant', 'error']));
    expect(JSON.stringify(logged)).not.toContain('token-1');
    provider.revokeFails = false;
    await revokeGrants({ ...deps, oauth: provider.asProvider().oauth });
    expect(provider.revoked).toEqual(['token-1', 'token-2', 'token-1', 'token-2']);
    expect(store.revocations).toEqual([]);
  });
});
