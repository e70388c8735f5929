/** What a lane may spend of its account's quota: the one owner of that question. */
import type { CalendarLimits } from '../../providers/port/calendar.ts';
import type { LaneStop } from './retry.ts';

export type Call = keyof CalendarLimits['cost'];

/** A write that waits to be sent. */
export interface Wanted {
  readonly call: Call;
  /** What its answer may ask for. */
  readonly mayFollow: readonly Call[];
}

export class Budget {
  readonly #units: number | null;
  readonly #quota: Pick<CalendarLimits, 'cost' | 'unitsPerMinute'>;
  #spent = 0;
  #reported = 0;
  #held = 0;

  /** @param units that may be spent now; null where there is no such quota */
  constructor(units: number | null, quota: Pick<CalendarLimits, 'cost' | 'unitsPerMinute'>) {
    this.#units = units;
    this.#quota = quota;
  }

  /** Units that are neither spent nor held. */
  get left(): number {
    return this.#unspent - this.#held;
  }

  /** Spends, what is held too. False, and nothing is spent, where there are not units enough. */
  take(calls: readonly Call[]): boolean {
    const units = this.#price(calls);
    if (units > this.#unspent) return false;
    this.#spent += units;
    return true;
  }

  /** Keeps units for a second step that waits: no look is begun with them. */
  hold(call: Call): void {
    this.#held += this.#price([call]);
  }

  release(call: Call): void {
    this.#held -= this.#price([call]);
  }

  /** Whether something may be begun, with what its answer may ask for, beside all second steps that wait. */
  allows(calls: readonly Call[]): boolean {
    return this.#price(calls) <= this.left;
  }

  /**
   * How many writes, from the first, can be paid with all that their answers may ask for. The very first of a lane goes
   * as soon as it can be paid itself: most need no second step.
   * @param wanted second steps before first ones
   * @param besides what may have to be paid before
   */
  affords(wanted: readonly Wanted[], most: number, besides: readonly Call[] = []): number {
    let units = this.#unspent - this.#price(besides);
    let count = 0;
    for (const { call, mayFollow } of wanted.slice(0, most)) {
      const alone = count === 0 && this.#spent === 0;
      if (this.#price(alone ? [call] : [call, ...mayFollow]) > units) break;
      units -= this.#price([call, ...mayFollow]);
      count += 1;
    }
    return count;
  }

  /** The pause until there are units enough for these calls; null where there is no quota. */
  refill(calls: readonly Call[]): LaneStop | null {
    return this.#pause(this.#price(calls));
  }

  /** The pause until there are units enough for these writes, a look and a change at least; null where there is no quota. */
  refillFor(wanted: readonly Wanted[]): LaneStop | null {
    const all = wanted.flatMap(({ call, mayFollow }) => [call, ...mayFollow]);
    return this.#pause(Math.max(this.#price(all), this.#price(['read', 'patch'])));
  }

  /** Units that were spent since the report before, each once. */
  report(): number {
    const units = this.#spent - this.#reported;
    this.#reported = this.#spent;
    return units;
  }

  get #unspent(): number {
    return this.#units === null ? Infinity : this.#units - this.#spent;
  }

  #price(calls: readonly Call[]): number {
    return calls.reduce((sum, call) => sum + this.#quota.cost[call], 0);
  }

  /** What is left is given back and counts; at most as long as a twelfth of a minute's units take. */
  #pause(units: number): LaneStop | null {
    const perMinute = this.#quota.unitsPerMinute;
    if (perMinute === null) return null;
    const missing = Math.min(units, perMinute / 12) - this.#unspent;
    const pauseSeconds = Math.max(1, Math.ceil(missing * 60 / perMinute));
    const message = 'Push lane: the budget is used up';
    return { code: 'RATE_LIMITED', message, pauseSeconds, strike: false, tell: null };
  }
}
