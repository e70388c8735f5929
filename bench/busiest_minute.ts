/** How much an account asked for in any minute: counted by the emulator, or from looks at its running totals. */
import type { Spending } from './provider_stage.ts';

const MINUTE_MS = 60_000;

interface Look {
  readonly at: number;
  readonly units: number;
}

export class BusiestMinute {
  readonly #looks: Look[][] = [];
  #most = 0;

  /** `at` in milliseconds of the provider's clock. Never too little: a minute between two looks counts as a whole one. */
  note(at: number, accounts: readonly Spending[]): void {
    for (const [index, { units, busiestMinute }] of accounts.entries()) {
      const looks = this.#looks[index] ??= [{ at: 0, units: 0 }];
      looks.push({ at, units });
      while (looks[1] && at - looks[1].at >= MINUTE_MS) looks.shift();
      this.#most = Math.max(this.#most, busiestMinute ?? units - looks[0]!.units);
    }
  }

  units(): number {
    return this.#most;
  }
}
