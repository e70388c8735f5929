/** Works off one lane: bounded by its budget and the deadline; one bad item never stops the others. */
import { ERROR_KINDS, type ErrorCode, SyncError } from '../../errors.ts';
import type { WriteOperation, WriteOutcome } from '../../providers/port/calendar.ts';
import type { Job, Lane } from '../shared/appointment.ts';
import { decide } from './decide.ts';
import { type LaneDeps, LaneSession, LaneStopped, resultOf } from './lane_session.ts';
import { isCode, type NextStep, PushItem } from './push_item.ts';
import { itemDelay, type LaneStop, laneStop, outage, toSyncError } from './retry.ts';
import type { JobResult } from './port.ts';

interface Pending {
  readonly item: PushItem;
  readonly operation: WriteOperation;
}

export interface LaneOutcome {
  readonly completed: number;
  /** Why the lane stopped early; null if it went through. */
  readonly stop: LaneStop | null;
}

export async function pushLane(lane: Lane, deps: LaneDeps): Promise<LaneOutcome> {
  const session = new LaneSession(lane, deps);
  let stop: LaneStop | null = null;
  try {
    await new LanePush(session).run();
  } catch (error) {
    if (!(error instanceof LaneStopped)) throw error;
    stop = error.stop;
  }
  if (stop?.tell === 'failed') await deps.store.integrationFailed(lane.integrationId, stop.code, stop.message);
  if (stop?.tell === 'reconnect' && lane.credential) await deps.reconnectRequired(lane.credential.version, stop);
  if (stop?.code === 'CONFIGURATION_ERROR') {
    deps.log({ step: 'push_lane', outcome: 'error', level: 'error', fields: { code: stop.code } });
  }
  await session.release(stop);
  return { completed: session.completed, stop };
}

function errorOf(code: ErrorCode): NonNullable<JobResult['error']> {
  return { code, message: ERROR_KINDS[code].message.en };
}

class LanePush {
  readonly #session: LaneSession;
  /** First steps, and the steps after them: what has begun is ended first. */
  readonly #queue: Pending[] = [];
  readonly #next: Pending[] = [];
  #results: JobResult[] = [];

  constructor(session: LaneSession) {
    this.#session = session;
  }

  async run(): Promise<void> {
    try {
      const jobs = [...this.#session.lane.jobs];
      this.#giveUp(this.#session.lane.unreadable);
      while (true) {
        for (let job = jobs[0]; job && await this.#start(job); job = jobs[0]) jobs.shift();
        if (jobs.length + this.#queue.length + this.#next.length === 0) break;
        await this.#flush();
        this.#session.checkTime();
        await this.#push(this.#nextChunk());
      }
    } finally {
      await this.#flush();
    }
  }

  #giveUp(jobs: Lane['unreadable']): void {
    for (const job of jobs) {
      const fields = { rdv: job.rdvId, code: 'INVALID_EVENT' };
      this.#session.deps.log({ step: 'push_event', outcome: 'error', level: 'warn', fields });
      this.#results.push(resultOf(job, { outcome: 'park', action: 'failed', error: errorOf('INVALID_EVENT') }));
    }
  }

  async #flush(): Promise<void> {
    const results = this.#results;
    this.#results = [];
    await this.#session.report(results);
  }

  /** False where there are not units enough to look at its event and to put it right. */
  async #start(job: Job): Promise<boolean> {
    const { lane, deps } = this.#session;
    let started = true;
    await this.#guarded(job, async () => {
      const { appBaseUrl, calendar } = deps;
      const decision = decide(job, lane, { appBaseUrl, normalize: (content) => calendar.normalize(content) });
      if (decision.kind === 'skip') {
        this.#results.push(resultOf(job, { outcome: 'done', action: 'skipped', reason: decision.reason }));
      } else if (decision.kind === 'reject') {
        throw new SyncError(decision.code, 'Describe event: it does not end after it starts');
      } else {
        const item = new PushItem(job, decision, this.#session);
        const looks = decision.kind === 'verify';
        if (looks && !this.#session.fits(this.#promised() + calendar.limits.cost.read + item.followUp)) {
          started = false;
          return;
        }
        this.#take(item, await item.begin());
        if (looks) this.#session.noteWorked();
      }
    });
    return started;
  }

  /** Units for the second steps of what has begun. */
  #promised(): number {
    const { cost } = this.#session.deps.calendar.limits;
    return this.#next.reduce((sum, { operation }) => sum + cost[operation.kind], 0);
  }

  #take(item: PushItem, step: NextStep): void {
    if ('result' in step) this.#results.push(step.result);
    else (item.asked ? this.#next : this.#queue).push({ item, operation: step.operation });
  }

  /** Failures of the lane go on, those of the item become its result. */
  async #guarded(job: Job, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (error instanceof LaneStopped) throw error;
      this.#fail(job, toSyncError(error), error);
    }
  }

  #fail(job: Job, error: SyncError, cause: unknown): void {
    const { deps, lane: { strikes, settings }, worked } = this.#session;
    // What is refused in a calendar that is no longer the target says nothing about the target. And a connection that ends
    // must not be held for a person to choose another.
    const elsewhere = job.link !== null && job.link.calendarId !== settings.calendarTargetId;
    const failure = (elsewhere || settings.removing) && isCode(error, 'CALENDAR_READ_ONLY')
      ? new SyncError('PERMISSION_DENIED', error.message, { cause })
      : error;
    const stop = laneStop(failure, strikes, deps.random);
    if (stop) throw new LaneStopped(stop);
    const delaySeconds = itemDelay(failure, job, worked, deps.random);
    deps.log({ step: 'push_event', outcome: 'error', level: 'warn', fields: { rdv: job.rdvId }, error: cause });
    this.#results.push(resultOf(job, {
      outcome: delaySeconds === null ? 'park' : 'retry',
      action: 'failed',
      delaySeconds,
      error: errorOf(failure.code),
    }));
  }

  #nextChunk(): Pending[] {
    const { maxBatch, cost } = this.#session.deps.calendar.limits;
    const chunk: Pending[] = [];
    let units = 0;
    while (chunk.length < maxBatch) {
      const from = this.#next.length > 0 ? this.#next : this.#queue;
      const pending = from[0];
      if (!pending) break;
      const price = cost[pending.operation.kind];
      const followUp = pending.item.followUp;
      // One change goes as soon as it can be paid itself: most need no second step.
      const alone = chunk.length === 0 && this.#session.untouched;
      if (!this.#session.fits(units + price + (alone ? 0 : followUp))) break;
      units += price + followUp;
      chunk.push(pending);
      from.shift();
    }
    if (chunk.length === 0) {
      const wanted = [...this.#next, ...this.#queue]
        .reduce((sum, { operation, item }) => sum + cost[operation.kind] + item.followUp, 0);
      throw new LaneStopped(this.#session.refill(Math.max(wanted, cost.read + cost.patch)));
    }
    return chunk;
  }

  /**
   * What makes or ends an event is written down first: whatever comes between, nobody takes our own deletion for a person's,
   * and nothing is deleted for an appointment that has changed since.
   */
  async #reserved(chunk: readonly Pending[]): Promise<Pending[]> {
    const announced = chunk.filter(({ operation }) => operation.kind !== 'patch');
    if (announced.length === 0) return [...chunk];
    const { lane, deps } = this.#session;
    const reserved = new Set(
      await deps.store.reserve(
        deps.worker,
        lane.integrationId,
        announced.map(({ item: { job, epoch }, operation: { kind, ref } }) => (
          {
            rdvId: job.rdvId,
            version: job.version,
            ...ref,
            epoch: kind === 'create' ? epoch : job.link?.epoch ?? epoch,
          }
        )),
      ),
    );
    return chunk.filter(({ item, operation }) => operation.kind === 'patch' || reserved.has(item.job.rdvId));
  }

  async #push(wanted: readonly Pending[]): Promise<void> {
    const chunk = await this.#reserved(wanted);
    const { cost } = this.#session.deps.calendar.limits;
    this.#session.spend(chunk.reduce((sum, { operation }) => sum + cost[operation.kind], 0));
    await this.#send(chunk);
  }

  async #send(chunk: readonly Pending[]): Promise<void> {
    const first = chunk[0];
    if (!first) return;
    const { deps, lane: { strikes } } = this.#session;
    let outcomes: ReadonlyMap<string, WriteOutcome>;
    try {
      outcomes = await deps.calendar.write(deps.handle, chunk.map(({ operation }) => operation));
    } catch (cause) {
      const error = toSyncError(cause);
      const stop = laneStop(error, strikes, deps.random);
      if (stop) throw new LaneStopped(stop);
      this.#session.doubt(chunk.map(({ item }) => item.job.rdvId));
      if (isCode(error, 'PROVIDER_UNAVAILABLE', 'UNEXPECTED_RESPONSE')) {
        // Counted for one item only: it might be the one that brings the call down.
        this.#fail(first.item.job, error, cause);
        throw new LaneStopped(outage(error, strikes, deps.random));
      }
      if (chunk.length === 1) return this.#fail(first.item.job, error, cause);
      // Something in the batch brings it down: each alone shows which. What they cost is spent already.
      for (const pending of chunk) {
        this.#session.checkTime();
        await this.#send([pending]);
      }
      return;
    }
    await this.#judge(chunk, outcomes);
  }

  async #judge(chunk: readonly Pending[], outcomes: ReadonlyMap<string, WriteOutcome>): Promise<void> {
    if ([...outcomes.values()].some(({ result }) => result !== 'failed')) this.#session.noteWorked();
    // Every answer is used before the lane stops: what was written is known to be written.
    let stopped: LaneStopped | null = null;
    for (const { item, operation } of chunk) {
      const outcome = outcomes.get(operation.key);
      const isUnsure = !outcome ||
        (outcome.result === 'failed' && isCode(outcome.error, 'PROVIDER_UNAVAILABLE', 'UNEXPECTED_RESPONSE'));
      if (isUnsure) this.#session.doubt([item.job.rdvId]);
      if (stopped && outcome?.result === 'failed') continue;
      try {
        await this.#guarded(item.job, async () => {
          if (!outcome) throw new SyncError('UNEXPECTED_RESPONSE', 'Push event: the answer does not mention it');
          this.#take(item, await item.advance(operation, outcome));
        });
      } catch (error) {
        if (!(error instanceof LaneStopped)) throw error;
        stopped = error;
      }
    }
    if (stopped) throw stopped;
  }
}
