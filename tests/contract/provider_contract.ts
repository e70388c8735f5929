/**
 * What every calendar provider promises to the sync engine. Each adapter runs this suite against its emulator; what
 * differs between providers is said beside it ({@link Can}), never asked of a name.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { promisesOfConnecting } from './connecting.ts';
import { promisesOfFollowing } from './following.ts';
import type { Can, ProviderHarness } from './harness.ts';
import { promisesOfMoving } from './moving.ts';
import { promisesOfReading } from './reading.ts';
import { promisesOfRoundTrips } from './round_trips.ts';
import { promisesOfSeries } from './series.ts';
import { Stage } from './stage.ts';
import { promisesInTrouble } from './trouble.ts';
import { promisesOfWatching } from './watching.ts';
import { promisesOfWriting } from './writing.ts';

const EVERY_PROMISE = [
  promisesOfConnecting,
  promisesOfWriting,
  promisesOfRoundTrips,
  promisesOfReading,
  promisesOfMoving,
  promisesOfFollowing,
  promisesOfSeries,
  promisesOfWatching,
  promisesInTrouble,
];

/** `promises`: those that a way of the provider's can touch. */
export function describeProvider(
  name: string,
  can: Can,
  open: () => ProviderHarness,
  promises: ReadonlyArray<(on: Stage) => void> = EVERY_PROMISE,
): void {
  describe(name, () => {
    const stage = new Stage(can, open);

    beforeEach(() => stage.set());

    afterEach(() => {
      expect(stage.harness.violations()).toEqual([]);
      expect(stage.harness.mails()).toEqual([]);
    });

    test('what the adapter declares is what its provider can do', () => {
      const { oauth, notices } = stage.provider;
      expect([oauth, notices]).not.toContain(null);
      expect(notices?.renewWatch !== null).toBe(can.renewWatches);
    });

    for (const promise of promises) promise(stage);
  });
}
