import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { repeatingSchedule, takenBackSchedule } from './actions.ts';
import { undrawnTransitions } from './transitions.ts';
import { type ProviderName, simulate, type Simulation, startSimulation } from './simulate.ts';

const PART = 100;

export interface ConvergenceOptions {
  readonly seed: number;
  readonly provider?: ProviderName;
  readonly schedules?: number;
}

/**
 * Random histories of both sides, of the workers between and of everything that fails, each of which has to come to rest in
 * agreement. A failure tells the smallest history it found, and the SIMULATION_SEED and SIMULATION_PATH that play it again.
 */
export function convergence({ seed, provider = 'google', schedules = 300 }: ConvergenceOptions): void {
  const replay = { seed: Deno.env.get('SIMULATION_SEED'), path: Deno.env.get('SIMULATION_PATH') };
  let simulation: Simulation;
  beforeAll(async () => {
    simulation = await startSimulation(provider);
  }, 120_000);
  afterAll(() => simulation?.stop());

  describe('whatever happens, both sides come to rest in agreement, or somebody is asked', { timeout: 300_000 }, () => {
    if (replay.seed !== undefined) {
      const [again, path] = [Number(replay.seed), replay.path];
      test(`with the seed ${again}`, () => simulate(simulation, { schedules, seed: again, path }));
      return;
    }
    for (let part = 0; part < schedules / PART; part++) {
      test(`${PART} schedules with the seed ${seed + part}`, () =>
        simulate(simulation, { schedules: PART, seed: seed + part }));
    }
    test('50 schedules in which events of ours become series', () =>
      simulate(simulation, { schedules: 50, seed, from: repeatingSchedule }));
    test('30 schedules in which people take back what they did', () =>
      simulate(simulation, { schedules: 30, seed, from: takenBackSchedule }));
    test('and every transition on the way is one that docs/states.md draws', async () => {
      expect(await undrawnTransitions(simulation.parts.database.sql)).toEqual([]);
    });
  });
}
