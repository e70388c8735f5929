/** Google's quotas: units in any sliding minute, for each account and for the project. */
import { SlidingSum } from '../core/sliding_sum.ts';
import { Failure } from './answers.ts';
import type { Settings } from './settings.ts';

const MINUTE = 60_000;

interface Meter {
  readonly served: SlidingSum;
  readonly asked: SlidingSum;
  peakServed: number;
  peakAsked: number;
  total: number;
  refused: number;
}

export interface MeterState {
  /** Most units in any sliding minute: let through, and asked for including those refused. */
  readonly peakServed: number;
  readonly peakAsked: number;
  readonly total: number;
  readonly refused: number;
}

export class Quota {
  readonly #accounts = new Map<string, Meter>();
  #project = newMeter();
  #refusals = 0;

  /** Counts a call; throws one of the forms in which Google says "too fast". */
  charge(account: string, units: number, now: number, settings: Settings): void {
    const own = this.#accounts.get(account) ?? newMeter();
    this.#accounts.set(account, own);
    for (const meter of [own, this.#project]) meter.peakAsked = Math.max(meter.peakAsked, meter.asked.add(now, units));
    const overOwn = exceeds(own, units, settings.unitsPerMinutePerAccount, now);
    if (overOwn || exceeds(this.#project, units, settings.unitsPerMinutePerProject, now)) {
      own.refused++;
      this.#project.refused++;
      throw this.#refusal(overOwn, overOwn ? settings.unitsPerMinutePerAccount : settings.unitsPerMinutePerProject);
    }
    for (const meter of [own, this.#project]) {
      meter.total += units;
      meter.peakServed = Math.max(meter.peakServed, meter.served.add(now, units));
    }
  }

  #refusal(perUser: boolean, limit: number): Failure {
    const turn = this.#refusals++ % 4;
    const status = turn % 2 === 0 ? 403 : 429;
    const reason = perUser && status === 403 ? 'userRateLimitExceeded' : 'rateLimitExceeded';
    return new Failure(status, reason, {
      form: turn < 2 ? 'errors' : 'details',
      detailReason: 'RATE_LIMIT_EXCEEDED',
      metadata: {
        quota_limit: perUser ? 'defaultPerMinutePerUser' : 'defaultPerMinutePerProject',
        quota_limit_value: String(limit),
      },
    });
  }

  state(account: string): MeterState {
    return stateOf(this.#accounts.get(account) ?? newMeter());
  }

  projectState(): MeterState {
    return stateOf(this.#project);
  }

  reset(): void {
    this.#accounts.clear();
    this.#project = newMeter();
    this.#refusals = 0;
  }
}

function exceeds(meter: Meter, units: number, limit: number, now: number): boolean {
  return limit > 0 && meter.served.sumAt(now) + units > limit;
}

function newMeter(): Meter {
  return {
    served: new SlidingSum(MINUTE),
    asked: new SlidingSum(MINUTE),
    peakServed: 0,
    peakAsked: 0,
    total: 0,
    refused: 0,
  };
}

function stateOf({ peakServed, peakAsked, total, refused }: Meter): MeterState {
  return { peakServed, peakAsked, total, refused };
}
