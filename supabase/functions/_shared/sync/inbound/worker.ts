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
const LONGEST_SLEEP_MS = 2000;
/** Among many calendars one is always due in a moment: waiting for each would keep workers alive for ever. */
const MAX_WAITS = 4;
const PAUSE_MS = 250;

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
}

/** Claims calendars and reads them until none is due, or time or budget is spent. */
export async function drainImports(
  deps: ImportWorkerDeps,
  { worker, deadlineMs, budget }: ImportDrainOptions,
): Promise<ImportDrainReport> {
  const deadlineAt = deps.now() + deadlineMs;
  let lanes = 0;
  let waits = 0;
  while (deps.now() < deadlineAt && !budget.spent && !deps.leaving()) {
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
    if (claim.lanes.length === 0) {
      // Beside the troubled ones others may be due.
      const wait = claim.troubled.length > 0 ? 0 : claim.nextDueInMs;
      if (wait === null || wait > LONGEST_WAIT_MS) return { lanes, remaining: false };
      // Units of the project come back in seconds.
      if (!claim.short && waits++ >= MAX_WAITS) {
        await deps.store.leave(worker);
        return { lanes, remaining: false };
      }
      await deps.sleep(Math.min(Math.max(wait, 100), LONGEST_SLEEP_MS));
      continue;
    }
    lanes += claim.lanes.length;
    const outcomes = await Promise.all(
      claim.lanes.map((lane) => importLane(lane, deps, { worker, deadlineAt, budget })),
    );
    if (!outcomes.some((outcome) => outcome && outcome.kind !== 'lost')) await deps.sleep(PAUSE_MS);
  }
  await deps.store.leave(worker);
  return { lanes, remaining: true };
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
