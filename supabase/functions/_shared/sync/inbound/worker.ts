/** Claims calendars that are to be read and reads them until none is due or the time is over. */
import type { CredentialStore } from '../shared/credentials.ts';
import type { ConnectionHandle } from '../../providers/port/account.ts';
import type { CalendarAccess } from '../../providers/port/calendar.ts';
import type { ChangeNotices } from '../../providers/port/notices.ts';
import type { ImportLane, ImportStore } from './port.ts';
import { pullCalendar, type PullOutcome } from './pull_calendar.ts';
import type { SyncLog } from '../shared/log.ts';
import { LONGEST_WAIT_MS } from '../shared/pauses.ts';
import { keepWatch } from './watch.ts';
import type { WorkBudget } from '../shared/work_budget.ts';

const MAX_LANES = 4;
export const IMPORT_LEASE_SECONDS = 120;
/** What is due in a moment is not asked for at full speed. */
const REST_MS = 100;
/** After which a calendar that was lost on the way may be free again. */
const LOST_MS = 250;

export interface ImportWorkerDeps {
  readonly store: ImportStore;
  readonly calendar: CalendarAccess;
  /** Null where the provider tells nothing: calendars are polled. */
  readonly notices: ChangeNotices | null;
  readonly credentials: Pick<CredentialStore, 'reconnectRequired'>;
  readonly handleOf: (integrationId: string, known: ImportLane['credential']) => ConnectionHandle;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** The platform has said that this instance ends. */
  readonly leaving: () => boolean;
  readonly newId: () => string;
  readonly newSecret: () => string;
  /** Where the provider shall call when a calendar changes. */
  readonly notificationAddress: string;
  readonly log: SyncLog;
}

export interface ImportDrainReport {
  readonly lanes: number;
  /** The time or the budget was over before the work was. */
  readonly remaining: boolean;
}

export interface ImportDrainOptions {
  /** A new name: the leases are known by it. */
  readonly worker: string;
  readonly deadlineMs: number;
  readonly budget: WorkBudget;
  /** When a calendar that was read just before is read again; null: it is not waited for. */
  readonly againInMs?: number | null;
}

/**
 * Claims calendars and reads them until nothing more is to come of them, or time or budget is spent. Of what is due later it
 * waits for a second look that its own readings call for, and for what its claim tells of, if that comes in seconds: for all
 * else the sweep and the notices wake others.
 */
export async function drainImports(
  deps: ImportWorkerDeps,
  { worker, deadlineMs, budget, againInMs = null }: ImportDrainOptions,
): Promise<ImportDrainReport> {
  const deadlineAt = deps.now() + deadlineMs;
  const looks = new Looks(deps.now);
  looks.add(againInMs);
  let lanes = 0;
  while (deps.now() < deadlineAt && !budget.spent && !deps.leaving()) {
    looks.served();
    const claim = await deps.store.claim({
      worker,
      maxLanes: MAX_LANES,
      leaseSeconds: IMPORT_LEASE_SECONDS,
      projectUnitsPerMinute: deps.calendar.limits.projectUnitsPerMinute,
    });
    for (const { integrationId, organisationId, code, sqlState } of claim.troubled) {
      const fields = { integration: integrationId, organisation: organisationId, code, sqlState };
      deps.log({ step: 'claim_calendar', outcome: 'error', level: 'warn', fields });
    }
    lanes += claim.lanes.length;
    const outcomes = await Promise.all(
      claim.lanes.map((lane) => importLane(lane, deps, { worker, deadlineAt, budget })),
    );
    for (const outcome of outcomes) looks.add(againIn(outcome));
    looks.add(claim.nextDueInMs);
    const wait = looks.nextInMs();
    if (wait === null) return { lanes, remaining: false };
    if (wait > 0) await deps.sleep(Math.max(wait, REST_MS));
  }
  await deps.store.leave(worker);
  return { lanes, remaining: true };
}

/** When the calendar of this outcome is to be looked at again, milliseconds; null: not by this worker. */
function againIn(outcome: PullOutcome | null): number | null {
  switch (outcome?.kind) {
    case 'finished':
      return outcome.result.againInMs;
    case 'suspended':
      return 0;
    case 'failed':
      return outcome.error.code === 'CURSOR_EXPIRED' ? 0 : null;
    case 'lost':
      return LOST_MS;
    default:
      return null;
  }
}

/** The times at which another claim is worth it. */
class Looks {
  #at: number[] = [];

  constructor(private readonly now: () => number) {}

  add(inMs: number | null): void {
    if (inMs !== null && inMs <= LONGEST_WAIT_MS) this.#at.push(this.now() + inMs);
  }

  /** A claim finds whatever is due by now. */
  served(): void {
    this.#at = this.#at.filter((at) => at > this.now());
  }

  /** Null where none is to come. */
  nextInMs(): number | null {
    return this.#at.length === 0 ? null : Math.max(0, Math.min(...this.#at) - this.now());
  }
}

export interface ReadingTerms {
  readonly worker: string;
  /** By `now`. */
  readonly deadlineAt: number;
  readonly budget: WorkBudget;
}

/** Null where the database failed: the lease then runs out by itself. */
async function importLane(
  lane: ImportLane,
  deps: ImportWorkerDeps,
  terms: ReadingTerms,
): Promise<PullOutcome | null> {
  try {
    return await readCalendar(lane, deps, terms);
  } catch (error) {
    const fields = { integration: lane.integrationId, organisation: lane.organisationId, run: lane.runId };
    deps.log({ step: 'import_calendar', outcome: 'error', fields, error });
    return null;
  }
}

/** One run, with its log line; keeps the calendar's subscription on the way. */
export async function readCalendar(
  lane: ImportLane,
  deps: ImportWorkerDeps,
  { worker, deadlineAt, budget }: ReadingTerms,
): Promise<PullOutcome> {
  const { integrationId } = lane;
  budget.lane();
  const startedAt = deps.now();
  const handle = deps.handleOf(integrationId, lane.credential);
  await follow(lane, deps, handle);
  const outcome = await pullCalendar(lane, {
    store: deps.store,
    calendar: deps.calendar,
    handle,
    reconnectRequired: (version, { code, message }) =>
      deps.credentials.reconnectRequired(integrationId, version, code, message),
    now: deps.now,
    worker,
    deadlineAt,
    budget,
    leaving: deps.leaving,
  });
  const fields = {
    integration: integrationId,
    organisation: lane.organisationId,
    run: lane.runId,
    trigger: lane.trigger,
    mode: lane.mode,
    full: lane.cursor === null,
    from: lane.window.from,
    to: lane.window.to,
    ended: outcome.kind,
    ...('pages' in outcome ? { pages: outcome.pages, events: outcome.events } : {}),
    ...(outcome.kind === 'finished' ? { held: outcome.result.held, ...outcome.result.summary } : {}),
  };
  const durationMs = deps.now() - startedAt;
  if (outcome.kind !== 'failed') deps.log({ step: 'import_calendar', outcome: 'ok', durationMs, fields });
  else {
    const level = outcome.error.status < 500 || outcome.error.retryable ? 'warn' : 'error';
    deps.log({ step: 'import_calendar', outcome: 'error', level, durationMs, fields, error: outcome.error });
  }
  return outcome;
}

/**
 * Before the reading, so that no change falls between the two; and under the lease, for the first notice of a subscription
 * calls for a reading of its own.
 */
async function follow(lane: ImportLane, deps: ImportWorkerDeps, handle: ConnectionHandle) {
  if (lane.mode === 'preview' || deps.notices === null) return;
  await keepWatch(lane, {
    store: deps.store,
    notices: deps.notices,
    handle,
    now: deps.now,
    newId: deps.newId,
    newSecret: deps.newSecret,
    address: deps.notificationAddress,
    log: deps.log,
  });
}
