/**
 * I10 as a matrix: every kind of poison at every step at which it exists, at both providers. In each cell one practice is
 * poisoned, and another's appointment and entry arrive within their usual number of claims; the poisoned person sees what is
 * wrong; and once it is taken away everything is in step, nothing doubled and nothing lost.
 */
import { describe, expect, test } from 'vitest';
import { WAIT } from '../patience.ts';
import { BlastWorld } from './blast_world.ts';
import { type Poison, POISONS } from './poisons.ts';
import { STAGES } from './stages.ts';
import type { ClaimKind } from './step_faults.ts';
import { STEPS, type SyncStep } from './sync_steps.ts';

export interface Extent {
  readonly cells: (poison: Poison, step: string) => boolean;
  /** Of what is a matter of amount. */
  readonly scale: number;
}

/**
 * How many more than without any poison: those of the poisoned practice's own work, and of the notices that it brings. A
 * claim takes several connections, so that these cost the other practice no turn.
 */
const OWN_CLAIMS = 12;

export function blastRadius({ cells, scale }: Extent): void {
  const world = new BlastWorld();

  describe.each(STAGES)('%s', (_name, stage) => {
    world.at(stage);
    let usual: Record<ClaimKind, number>;

    test('without any poison both practices are in step', async () => {
      await world.bothInStep();
      usual = await world.othersArrive();
      await world.inStepAgain();
    });

    const rows = POISONS.flatMap((poison) =>
      STEPS.filter((step) => cells(poison, nameOf(step)) && poison.at(step, scale) !== null)
        .map((step) => [poison.name, nameOf(step), poison, step] as const)
    );
    test.each(rows)('%s at %s stays with its own practice', async (_poison, _step, poison, step) => {
      const dose = poison.at(step, scale)!;
      const allowed = OWN_CLAIMS + (dose.brings ?? 0);
      await world.bothInStep();
      try {
        await dose.put(world);
        const needed = await world.othersArrive();
        expect(needed.sync_claim, 'claims until the other’s appointment').toBeLessThanOrEqual(
          usual.sync_claim + allowed,
        );
        expect(needed.import_claim, 'claims until the other’s entry').toBeLessThanOrEqual(
          usual.import_claim + allowed,
        );
        await expect.poll(() => world.shown(dose.shows), WAIT).toBe('seen');
        await dose.remove(world);
        await world.inStepAgain();
      } finally {
        await world.faults.clear();
        await world.calm();
      }
    });
  });
}

const nameOf = ({ direction, name }: SyncStep) => `${direction} ${name}`;
