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

export function describeProvider(name: string, open: () => Promise<ProviderHarness>): void {
  describe(name, () => {
    const stage = new Stage(open);

    beforeEach(() => stage.set());

    afterEach(() => {
      expect(stage.harness.violations()).toEqual([]);
      expect(stage.harness.mails()).toEqual([]);
    });

    promisesOfConnecting(stage);
    promisesOfWriting(stage);
    promisesOfRoundTrips(stage);
    promisesOfReading(stage);
    promisesOfFollowing(stage);
    promisesOfSeries(stage);
    promisesOfWatching(stage);
    promisesInTrouble(stage);
  });
}
