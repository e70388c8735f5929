/**
 * What every calendar provider promises to the sync engine. Each adapter runs this suite against its emulator; what
 * differs between providers is read from the capabilities, never from a name.
 */
import { afterEach, beforeEach, describe, expect } from 'vitest';
import { promisesOfConnecting } from './connecting.ts';
import { promisesOfFollowing } from './following.ts';
import type { ProviderHarness } from './harness.ts';
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
  promisesOfFollowing,
  promisesOfSeries,
  promisesOfWatching,
  promisesInTrouble,
];

/** `promises`: those that a way of the provider's can touch. */
export function describeProvider(
  name: string,
  open: () => Promise<ProviderHarness>,
  promises: ReadonlyArray<(on: Stage) => void> = EVERY_PROMISE,
): void {
  describe(name, () => {
    const stage = new Stage(open);

    beforeEach(() => stage.set());

    afterEach(() => {
      expect(stage.harness.violations()).toEqual([]);
      expect(stage.harness.mails()).toEqual([]);
    });

    for (const promise of promises) promise(stage);
  });
}
