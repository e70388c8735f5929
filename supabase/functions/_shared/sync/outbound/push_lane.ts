/** Works off one lane: bounded by its budget and the deadline; one bad item never stops the others. */
import { errorMessage } from '../../error_messages/error_message.ts';
import { type ErrorCode, SyncError } from '../../errors.ts';
import type { WriteOperation, WriteOutcome } from '../../providers/port/calendar.ts';
import { ProviderError } from '../../providers/port/failure.ts';
import type { Job, Lane } from '../shared/appointment.ts';
import { livesIn } from '../shared/lives_in.ts';
import { decide } from './decide.ts';
import { type LaneDeps, LaneSession, LaneStopped } from './lane_session.ts';
import { type Answer, type Ask, begin, isCode, mayFollow, type PushState, resultOf, step } from './push_item.ts';
import { itemDelay, type LaneStop, laneStop, outage, toSyncError } from './retry.ts';
import type { JobResult, Reservation } from './port.ts';

/** A write that waits to be sent, and the item that it belongs to. */
interface Pending {
  readonly state: PushState;
  readonly operation: WriteOperation;
}

const ANNOUNCED = { create: 'creating', patch: 'updating', delete: 'deleting' } as const;

export interface LaneOutcome {
  readonly completed: number;
  /** Why the lane stopped early; null if it went through. */
  readonly stop: LaneStop | null;
  /** When something of it is due again; null: nothing waits. */
  readonly nextDueInMs: number | null;
}

export async function pushLane(lane: Lane, deps: LaneDeps): Promise<LaneOutcome> {
  const session = new LaneSession(lane, deps);
  let stop: LaneStop | null = null;
  let last: readonly JobResult[] = [];
  try {
    last = await new LanePush(session).run();
  } catch (error) {
    if (!(error instanceof LaneStopped)) throw error;
    stop = error.stop && await confirmed(error.stop, lane, deps);
  }
  if (stop?.tell === 'failed') await deps.store.integrationFailed(lane.integrationId, stop.code, stop.message);
  if (stop?.tell === 'reconnect' && lane.credential) await deps.reconnectRequired(lane.credential.version, stop);
  if (stop?.code === 'CONFIGURATION_ERROR') {
    deps.log({ step: 'push_lane', outcome: 'error', level: 'error', fields: { code: stop.code } });
  }
  await session.release(stop, last);
  return { completed: session.completed, stop, nextDueInMs: session.nextDueInMs };
}

/** Before a connection ends for a calendar that is not there, the calendar is asked for by itself. */
async function confirmed(stop: LaneStop, { settings, strikes }: Lane, deps: LaneDeps): Promise<LaneStop> {
  const { calendarTargetId } = settings;
  if (stop.code !== 'CALENDAR_NOT_FOUND' || calendarTargetId === null) return stop;
  try {
    await deps.calendar.probeCalendar(deps.handle, calendarTargetId);
  } catch (error) {
    if (isCode(error, 'CALENDAR_NOT_FOUND')) return stop;
  }
  return outage(new SyncError('CALENDAR_NOT_FOUND', stop.message), strikes, deps.random);
}

function errorOf(code: ErrorCode): NonNullable<JobResult['error']> {
  return { code, message: errorMessage(code, 'en') };
}

class LanePush {
  readonly #session: LaneSession;
  /** First steps, and the steps after them: what has begun is ended first. */
  readonly #queue: Pending[] = [];
  readonly #next: Pending[] = [];
  /** Paid for, and written down as about to be sent. */
  #announced: readonly Pending[] = [];
  #results: JobResult[] = [];
  #largestBatch = 0;

  constructor(session: LaneSession) {
    this.#session = session;
  }

  /** Gives the last results, which are not reported yet. */
  async run(): Promise<readonly JobResult[]> {
    try {
      const jobs = [...this.#session.lane.jobs];
      this.#giveUp(this.#session.lane.unreadable);
      while (true) {
        for (let job = jobs[0]; job && await this.#start(job); job = jobs[0]) jobs.shift();
        if (jobs.length + this.#queue.length + this.#next.length + this.#announced.length === 0) return this.#results;
        if (this.#announced.length === 0) {
          this.#session.checkTime();
          await this.#announce(this.#nextChunk());
        }
        this.#session.checkStopped();
        const chunk = this.#announced;
        this.#announced = [];
        await this.#push(chunk);
      }
    } catch (error) {
      for (const { state } of this.#announced) this.#session.noteRefused(state.job);
      await this.#flush();
      throw error;
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
    const { lane, deps, budget } = this.#session;
    let started = true;
    await this.#guarded(job, async () => {
      const { appBaseUrl, calendar } = deps;
      const decision = decide(job, lane, { appBaseUrl, normalize: (content) => calendar.normalize(content) });
      if (decision.kind === 'skip') {
        this.#results.push(resultOf(job, { outcome: 'done', action: 'skipped', reason: decision.reason }));
      } else if (decision.kind === 'reject') {
        throw new SyncError(decision.code, 'Describe event: it does not end after it starts');
      } else {
        const state = begin(job, decision, lane, calendar);
        const looks = state.ask.kind === 'look';
        started = !looks || budget.allows(['read', ...mayFollow(state)]);
        if (!started) return;
        await this.#go(state);
        if (looks) this.#session.noteWorked();
      }
    });
    return started;
  }

  /** Up to the item's next write, which then waits to be sent with others; or to its end. */
  async #go(state: PushState): Promise<void> {
    let waits = state;
    while (waits.ask.kind !== 'write') {
      const told = step(waits, await this.#read(waits.ask));
      if (!('next' in told)) return this.#end(told);
      waits = told.next;
    }
    const { operation } = waits.ask;
    if (waits.answered) this.#session.budget.hold(operation.kind);
    (waits.answered ? this.#next : this.#queue).push({ state: waits, operation });
  }

  async #read(ask: Exclude<Ask, { kind: 'write' }>): Promise<Answer> {
    const { calendar, handle } = this.#session.deps;
    this.#session.spend([ask.kind === 'locate' ? 'locate' : 'read']);
    try {
      switch (ask.kind) {
        case 'look': {
          const { ref, place } = ask;
          const event = place
            ? await calendar.occurrence(handle, ref.calendarId, place)
            : await calendar.getEvent(handle, ref);
          return { result: 'looked', event };
        }
        case 'locate': {
          const [ref = null] = await calendar.locate(handle, [ask.ref]);
          return { result: 'located', ref };
        }
        case 'probe':
          await calendar.probeCalendar(handle, ask.ref.calendarId);
          return { result: 'exists' };
      }
    } catch (error) {
      if (error instanceof ProviderError) return { result: 'failed', error };
      throw error;
    }
  }

  #end(told: { result: JobResult } | { failed: SyncError }): void {
    if ('failed' in told) throw told.failed;
    this.#results.push(told.result);
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
    const { budget, deps } = this.#session;
    const wanted = [...this.#next, ...this.#queue]
      .map(({ state, operation }) => ({ call: operation.kind, mayFollow: mayFollow(state) }));
    const most = Math.min(wanted.length, deps.calendar.limits.maxBatch);
    const count = budget.affords(wanted, most);
    // The dregs of a budget are not worth a round trip each: they wait for the refill, what has begun does not.
    const small = count < most && count < this.#largestBatch / 2 && this.#next.length === 0;
    if (count === 0 || small) throw new LaneStopped(budget.refillFor(wanted));
    this.#largestBatch = Math.max(this.#largestBatch, count);
    const begun = this.#next.splice(0, count);
    for (const { operation } of begun) budget.release(operation.kind);
    return [...begun, ...this.#queue.splice(0, count - begun.length)];
  }

  /** The batch after this one, if it is known by now and can be paid beside all that this one's answers may ask for. */
  #chunkAfter(chunk: readonly Pending[]): Pending[] {
    if (this.#next.length > 0) return [];
    const { budget, deps } = this.#session;
    const wanted = this.#queue.map(({ state, operation }) => ({ call: operation.kind, mayFollow: mayFollow(state) }));
    const most = Math.min(wanted.length, deps.calendar.limits.maxBatch);
    const paid = budget.affords(wanted, most, chunk.flatMap(({ state }) => mayFollow(state))) === most;
    return paid ? this.#queue.splice(0, most) : [];
  }

  async #announce(wanted: readonly Pending[]): Promise<void> {
    if (wanted.length === 0) return;
    this.#session.spend(wanted.map(({ operation }) => operation.kind));
    // The end of an earlier event says nothing of the link's own.
    const own = wanted.filter(({ state }) => state.decision.kind !== 'end');
    const announced = own.length > 0 ? await this.#session.announce(own.map(reservation)) : new Set<string>();
    this.#announced = wanted.filter(({ state }) => state.decision.kind === 'end' || announced.has(state.job.rdvId));
  }

  /** While a batch is on its way, the one before is written down and the one after is announced. */
  async #push(chunk: readonly Pending[]): Promise<void> {
    const ended = await Promise.allSettled([
      this.#flush(),
      this.#send(chunk),
      this.#announce(this.#chunkAfter(chunk)),
    ]);
    for (const one of ended) if (one.status === 'rejected') throw one.reason;
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
      if (stop) {
        for (const { state } of chunk) this.#session.noteRefused(state.job);
        throw new LaneStopped(stop);
      }
      if (isUnknown(error)) {
        // Counted for one item only: it might be the one that brings the call down.
        this.#fail(first.state.job, error, cause);
        throw new LaneStopped(outage(error, strikes, deps.random));
      }
      if (chunk.length === 1) return this.#fail(first.state.job, error, cause);
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
    for (const { state, operation } of chunk) {
      const outcome = outcomes.get(operation.key);
      if (outcome?.result === 'failed' && !isUnknown(outcome.error)) this.#session.noteRefused(state.job);
      if (stopped && outcome?.result === 'failed') continue;
      try {
        await this.#guarded(state.job, async () => {
          if (!outcome) throw new SyncError('UNEXPECTED_RESPONSE', 'Push event: the answer does not mention it');
          const told = step(state, outcome);
          if ('next' in told) await this.#go(told.next);
          else this.#end(told);
        });
      } catch (error) {
        if (!(error instanceof LaneStopped)) throw error;
        stopped = error;
      }
    }
    if (stopped) throw stopped;
  }
}

/** Whether the write may have happened all the same. */
const isUnknown = (error: SyncError): boolean => isCode(error, 'PROVIDER_UNAVAILABLE', 'UNEXPECTED_RESPONSE');

function reservation({ state: { job, epoch, lane, own }, operation }: Pending): Reservation {
  const { rdvId, version } = job;
  const { kind, ref } = operation;
  const tells = kind === 'create' || (kind === 'patch' && 'description' in operation.changes);
  return {
    rdvId,
    version,
    state: ANNOUNCED[kind],
    eventId: ref.eventId,
    ...livesIn(job.link, ref.calendarId, lane.settings.calendarTargetId),
    epoch: kind === 'create' ? epoch : job.link?.epoch ?? epoch,
    description: tells ? own : null,
  };
}
