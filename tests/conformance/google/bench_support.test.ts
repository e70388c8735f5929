import { expect, test } from 'vitest';
import { batch, connectedApi, EVENTS, newEmulator, timed } from './visitor.ts';

test('latency takes real time, for a request and for each part, and is told apart from the emulator’s own work', async () => {
  const core = newEmulator();
  const { token } = await connectedApi(core);
  core.configure({ latencyMs: 20, latencyPerPartMs: 5 });
  const before = core.state().timing;
  const started = performance.now();
  const parts = ['abcde', 'fghij'].map((id) => ({ id, verb: 'POST', path: EVENTS, body: timed({ id }) }));
  await batch(core, token, parts);
  const passed = performance.now() - started;
  const { timing } = core.state();
  const waited = timing.waitedMs - before.waitedMs;
  expect(waited).toBeGreaterThan(28);
  // Both fit into the time that passed: neither is counted in the other.
  expect(waited + timing.processingMs - before.processingMs).toBeLessThanOrEqual(passed + 1);
});

test('requests of one account under way at once are counted, and refused above a limit', async () => {
  const core = newEmulator();
  const api = await connectedApi(core);
  core.configure({ latencyMs: 5 });
  const three = async () => (await Promise.all([1, 2, 3].map(() => api('GET', EVENTS)))).map((reply) => reply.status);
  expect(await three()).toEqual([200, 200, 200]);
  expect(core.state().accounts.map((account) => account.peakParallel)).toEqual([3, 0]);
  core.configure({ parallelPerAccount: 1 });
  expect((await three()).sort()).toEqual([200, 403, 403]);
});

test('ten thousand inserts, reads by id and conditional changes need no pass over the calendar', async () => {
  const core = newEmulator();
  const api = await connectedApi(core);
  core.configure({ unitsPerMinutePerAccount: 0, unitsPerMinutePerProject: 0 });
  const round = async (from: number, count: number) => {
    const before = core.state().timing.processingMs;
    for (let index = from; index < from + count; index++) {
      const { etag } = (await api('POST', EVENTS, timed({ id: `event${index}` }))).body;
      await api('PATCH', `${EVENTS}/event${index}`, { summary: 'Deux' }, { 'if-match': etag });
    }
    return core.state().timing.processingMs - before;
  };
  const best = async (from: number) =>
    Math.min(await round(from, 200), await round(from + 200, 200), await round(from + 400, 200));
  await round(0, 400);
  const early = await best(400);
  await round(1000, 8400);
  // A pass over all events would make the last rounds about ten times as slow as the early ones.
  expect(await best(9400)).toBeLessThan(early * 5);
});
