/** One lane while it is worked on: what it announces and reports, and what stops it. */
import { SyncError } from '../../errors.ts';
import type { ConnectionHandle } from '../../providers/port/account.ts';
import type { CalendarAccess } from '../../providers/port/calendar.ts';
import type { Job, Lane } from '../shared/appointment.ts';
import { Budget, type Call } from './budget.ts';
import type { LaneStop } from './retry.ts';
import type { SyncLog } from '../shared/log.ts';
import type { JobResult, LaneReport, Reservation, SyncStore } from './port.ts';

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
  readonly budget: Budget;
  #worked = false;
  #workedSinceReport = false;
  #paused = false;
  #refused = new Set<string>();
  completed = 0;
  /** Of the lane that was given back. */
  nextDueInMs: number | null = null;

  constructor(lane: Lane, deps: LaneDeps) {
    this.lane = lane;
    this.deps = deps;
    this.budget = new Budget(lane.budgetUnits, deps.calendar.limits);
  }

  get worked(): boolean {
    return this.#worked;
  }

  /** Throws {@link LaneStopped} once the instance is about to end, or the team has stopped the work. */
  checkStopped(): void {
    if (this.#paused || this.deps.leaving()) throw new LaneStopped(null);
  }

  /** … or once the time is over. */
  checkTime(): void {
    this.checkStopped();
    if (this.deps.now() >= this.deps.deadlineAt) throw new LaneStopped(null);
  }

  /**
   * Before every call. Throws {@link LaneStopped} once the time is over, and where the budget does not allow it; the pause
   * is then what the refill takes.
   */
  spend(calls: readonly Call[]): void {
    this.checkTime();
    if (!this.budget.take(calls)) throw new LaneStopped(this.budget.refill(calls));
  }

  noteWorked(): void {
    this.#worked = true;
    this.#workedSinceReport = true;
  }

  /** The calendar said no to a change of an event that was known: it is as it was known. */
  noteRefused({ rdvId, link }: Job): void {
    if (link?.state === 'live') this.#refused.add(rdvId);
  }

  /**
   * What is written is written down first: whatever comes between, our own deletion is not taken for a person's, nothing
   * is written for an appointment that has changed since, and an answer that gets lost leaves its mark.
   * @returns the appointments that may be written
   */
  async announce(items: readonly Reservation[]): Promise<ReadonlySet<string>> {
    const { store, worker } = this.deps;
    const announced = new Set(await store.reserve(worker, this.lane.integrationId, items));
    for (const rdvId of announced) this.#refused.delete(rdvId);
    return announced;
  }

  async report(results: readonly JobResult[]): Promise<void> {
    await this.#reportAll(results, false);
  }

  /** Reports the last results and gives the lane back: in one call, unless rows among them are busy. */
  async release(stop: LaneStop | null, last: readonly JobResult[] = []): Promise<void> {
    if (stop === null && last.length > 0 && await this.#reportAll(last, true)) return;
    await this.#complete([], stop, true);
  }

  /** Whether none was left busy to the end: then the lane is given back with them, where it is asked. */
  async #reportAll(results: readonly JobResult[], release: boolean): Promise<boolean> {
    let left = results;
    for (let round = 0; left.length > 0 && round < BUSY_ROUNDS; round++) {
      if (round > 0) await this.deps.sleep(50 * 2 ** round * (1 + this.deps.random()));
      const { busy, lost, applied, paused } = await this.#complete(left, null, release);
      if (lost) throw new SyncError('SYNC_FAILED', 'Report lane: the lease is lost');
      this.completed += applied;
      this.#paused ||= paused;
      left = left.filter(({ rdvId }) => busy.includes(rdvId));
    }
    return left.length === 0;
  }

  async #complete(results: readonly JobResult[], stop: LaneStop | null, release: boolean) {
    const { store, worker, runId, trigger } = this.deps;
    const report: LaneReport = {
      runId,
      trigger,
      usedUnits: this.budget.report(),
      release,
      pauseSeconds: stop?.pauseSeconds ?? null,
      pauseCode: stop?.pauseSeconds === undefined ? null : stop.code,
      project: stop?.project ?? false,
      strike: stop?.strike ?? false,
      worked: this.#workedSinceReport,
      refused: [...this.#refused],
    };
    // The next batch is on its way meanwhile: what comes of it belongs to the next report.
    this.#refused = new Set();
    this.#workedSinceReport = false;
    const completion = await store.complete(worker, this.lane.integrationId, results, report);
    this.nextDueInMs = completion.nextDueInMs;
    return completion;
  }
}
