/** Graph's limits for one app and mailbox: requests in ten minutes, and how they are refused. */
import { SlidingSum } from '../core/sliding_sum.ts';
import { GraphError } from './errors.ts';
import type { Settings } from './settings.ts';

const TEN_MINUTES = 600_000;

interface Meter {
  readonly asked: SlidingSum;
  peak: number;
  total: number;
  refused: number;
}

export interface MeterState {
  /** Most requests in any ten minutes, refused ones included: they count too. */
  readonly peak: number;
  readonly total: number;
  readonly refused: number;
}

export class Throttle {
  readonly #meters = new Map<string, Meter>();
  readonly #settings: Settings;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  /** Counts a request; throws where there were too many. */
  charge(account: string, now: number): void {
    const meter = this.#meterOf(account);
    const limit = this.#settings.requestsPerTenMinutes;
    const sum = meter.asked.add(now, 1);
    meter.total++;
    meter.peak = Math.max(meter.peak, sum);
    if (limit <= 0 || sum <= limit) return;
    meter.refused++;
    const seconds = ((meter.asked.nextRoomAt(now) ?? now) - now) / 1000;
    throw new GraphError(429, 'TooManyRequests', { headers: this.retryAfter(seconds, now) });
  }

  /** The refusal of one request too many at once. */
  tooManyAtOnce(account: string, now: number): GraphError {
    this.#meterOf(account).refused++;
    const { concurrencyStatus, concurrencyRetrySeconds } = this.#settings;
    return new GraphError(concurrencyStatus, 'ApplicationThrottled', {
      message: 'Application is over its MailboxConcurrency limit.',
      headers: this.retryAfter(concurrencyRetrySeconds, now),
    });
  }

  /** The header in the form that the settings ask for. */
  retryAfter(seconds: number, now: number): Record<string, string> {
    switch (this.#settings.retryAfter) {
      case 'none':
        return {};
      case 'date':
        return { 'retry-after': new Date(now + Math.ceil(seconds) * 1000).toUTCString() };
      case 'fraction':
        return { 'retry-after': seconds.toFixed(3) };
      default:
        return { 'retry-after': String(Math.ceil(seconds)) };
    }
  }

  state(account: string): MeterState {
    const { peak, total, refused } = this.#meterOf(account);
    return { peak, total, refused };
  }

  #meterOf(account: string): Meter {
    let meter = this.#meters.get(account);
    if (!meter) {
      this.#meters.set(account, meter = { asked: new SlidingSum(TEN_MINUTES), peak: 0, total: 0, refused: 0 });
    }
    return meter;
  }
}
