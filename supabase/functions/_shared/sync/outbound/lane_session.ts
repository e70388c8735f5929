/** One lane while it is worked on: its spending, its reports, and what stops it. */
import { SyncError } from '../../errors.ts';
import type { ConnectionHandle } from '../../providers/port/account.ts';
import type { CalendarAccess } from '../../providers/port/calendar.ts';
import type { Job, Lane } from '../shared/appointment.ts';
import type { LaneStop } from './retry.ts';
import type { JobResult, LaneReport, SyncLog, SyncStore } from './port.ts';

export interface LaneDeps {
  readonly store: SyncStore;
  readonly calendar: CalendarAccess;
  readonly handle: ConnectionHandle;
  readonly reconnectRequired: (version: number, stop: LaneStop) => Promise<unknown>;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly random: () => number;
  readonly log: SyncLog;
  readonly appBaseUrl: string;
  readonly worker: string;
  /** Whether the platform has said that this instance ends. */
  readonly leaving: () => boolean;
  readonly runId: string;
  readonly trigger: 'change' | 'manual';
  /** By `now`. */
  readonly deadlineAt: number;
}

/** Ends the work on a lane; what is not reported stays due. */
export class LaneStopped extends Error {
  readonly stop: LaneStop | null;
  constructor(stop: LaneStop | null) {
    super('Push lane: stopped');
    this.stop = stop;
  }
}

const BUSY_ROUNDS = 6;

export class LaneSession {
  readonly lane: Lane;
  readonly deps: LaneDeps;
  #spent = 0;
  #reported = 0;
  #worked = false;
  #workedSinceReport = false;
  #paused = false;
  readonly #unsure = new Set<string>();
  completed = 0;

  constructor(lane: Lane, deps: LaneDeps) {
    this.lane = lane;
    this.deps = deps;
  }

  get untouched(): boolean {
    return this.#spent === 0;
  }

  get worked(): boolean {
    return this.#worked;
  }

  fits(units: number): boolean {
    return this.lane.budgetUnits === null || this.#spent + units <= this.lane.budgetUnits;
  }

  /** Throws {@link LaneStopped} once the time is over, the instance is about to end, or the team has stopped the work. */
  checkTime(): void {
    if (this.#paused || this.deps.leaving() || this.deps.now() >= this.deps.deadlineAt) throw new LaneStopped(null);
  }

  /**
   * Before every call. Throws {@link LaneStopped} once the time is over, and where the budget does not allow it; the pause
   * is then what the refill takes.
   */
  spend(units: number): void {
    this.checkTime();
    if (!this.fits(units)) throw new LaneStopped(this.refill(units));
    this.#spent += units;
  }

  refill(units: number): LaneStop | null {
    const perMinute = this.deps.calendar.limits.unitsPerMinute;
    if (perMinute === null) return null;
    const pauseSeconds = Math.max(1, Math.ceil(Math.min(units, perMinute / 12) * 60 / perMinute));
    return {
      code: 'RATE_LIMITED',
      message: 'Push lane: the budget is used up',
      pauseSeconds,
      strike: false,
      tell: null,
    };
  }

  noteWorked(): void {
    this.#worked = true;
    this.#workedSinceReport = true;
  }

  /** Nobody knows whether these were written. */
  doubt(rdvIds: readonly string[]): void {
    for (const rdvId of rdvIds) this.#unsure.add(rdvId);
  }

  async report(results: readonly JobResult[]): Promise<void> {
    let left = results;
    for (let round = 0; left.length > 0 && round < BUSY_ROUNDS; round++) {
      if (round > 0) await this.deps.sleep(50 * 2 ** round * (1 + this.deps.random()));
      const { busy, lost, applied, paused } = await this.#complete(left, null, false);
      if (lost) throw new SyncError('SYNC_FAILED', 'Report lane: the lease is lost');
      this.completed += applied;
      this.#paused ||= paused;
      left = left.filter(({ rdvId }) => busy.includes(rdvId));
    }
  }

  async release(stop: LaneStop | null): Promise<void> {
    await this.#complete([], stop, true);
  }

  async #complete(results: readonly JobResult[], stop: LaneStop | null, release: boolean) {
    const { store, worker, runId, trigger } = this.deps;
    const report: LaneReport = {
      runId,
      trigger,
      usedUnits: this.#spent - this.#reported,
      release,
      pauseSeconds: stop?.pauseSeconds ?? null,
      pauseCode: stop?.pauseSeconds === undefined ? null : stop.code,
      strike: stop?.strike ?? false,
      worked: this.#workedSinceReport,
      unsure: [...this.#unsure],
    };
    const completion = await store.complete(worker, this.lane.integrationId, results, report);
    this.#reported = this.#spent;
    this.#unsure.clear();
    this.#workedSinceReport = false;
    return completion;
  }
}

export function resultOf(
  job: Pick<Job, 'rdvId' | 'version'>,
  result: Partial<JobResult> & Pick<JobResult, 'outcome' | 'action'>,
): JobResult {
  return {
    rdvId: job.rdvId,
    version: job.version,
    reason: null,
    delaySeconds: null,
    error: null,
    conflict: null,
    link: null,
    ...result,
  };
}
