/** Claims lanes and works them off until nothing is due or the time is over. */
import type { ErrorCode } from '../../errors.ts';
import type { CredentialStore } from '../shared/credentials.ts';
import type { ConnectionHandle, OAuthAccess } from '../../providers/port/account.ts';
import type { CalendarAccess } from '../../providers/port/calendar.ts';
import type { Lane } from '../shared/appointment.ts';
import { type LaneOutcome, pushLane } from './push_lane.ts';
import type { SyncLog } from '../shared/log.ts';
import { LONGEST_WAIT_MS } from '../shared/pauses.ts';
import type { SyncStore } from './port.ts';

const MAX_LANES = 8;
const MAX_JOBS = 400;
const LEASE_SECONDS = 120;
const LONGEST_SLEEP_MS = 2000;

export interface WorkerDeps {
  readonly store: SyncStore;
  readonly calendar: CalendarAccess;
  readonly credentials: CredentialStore;
  readonly handleOf: (integrationId: string, known: Lane['credential']) => ConnectionHandle;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly random: () => number;
  readonly newId: () => string;
  /** Whether the platform has said that this instance ends: nothing new is begun then. */
  readonly leaving: () => boolean;
  readonly log: SyncLog;
  readonly appBaseUrl: string;
}

export interface DrainOptions {
  /** Under this name lanes are leased. */
  readonly worker: string;
  readonly integrationId?: string;
  readonly runId?: string;
  readonly trigger: 'change' | 'manual';
  /** How long the work may take. */
  readonly deadlineMs: number;
  readonly maxJobs: number;
}

export interface DrainReport {
  readonly claimed: number;
  readonly lanes: number;
  /** Jobs that came to their end. */
  readonly completed: number;
  /** Work is left that is due now or soon. */
  readonly remaining: boolean;
  /** Why a lane stopped for longer than a moment, the last of them. */
  readonly stopped: ErrorCode | null;
  /** When something is due that was too far off to wait for. */
  readonly dueInMs: number | null;
}

/** Claims lanes and pushes their jobs until none is due, or time or budget is spent. */
export async function drain(deps: WorkerDeps, options: DrainOptions): Promise<DrainReport> {
  const { worker } = options;
  const deadlineAt = deps.now() + options.deadlineMs;
  // A person who waits needs no place.
  const joins = options.integrationId === undefined;
  let claimed = 0;
  let lanes = 0;
  let completed = 0;
  let stopped: ErrorCode | null = null;
  while (!deps.leaving() && deps.now() < deadlineAt && claimed < options.maxJobs) {
    const claim = await deps.store.claim({
      worker,
      integrationId: options.integrationId ?? null,
      maxLanes: MAX_LANES,
      maxJobs: Math.min(MAX_JOBS, options.maxJobs - claimed),
      leaseSeconds: LEASE_SECONDS,
      unitsPerMinute: deps.calendar.limits.unitsPerMinute,
      projectUnitsPerMinute: deps.calendar.limits.projectUnitsPerMinute,
      joins,
    });
    for (const { code, sqlState, ...lane } of claim.troubled) {
      const fields = { integration: lane.integrationId, organisation: lane.organisationId, code, sqlState };
      deps.log({ step: 'claim_lane', outcome: 'error', fields });
    }
    lanes += claim.lanes.length;
    claimed += claim.lanes.reduce((sum, { jobs }) => sum + jobs.length, 0);
    const outcomes = await Promise.all(claim.lanes.map((lane) => work(deps, options, { lane, worker, deadlineAt })));
    for (const outcome of outcomes) {
      completed += outcome?.completed ?? 0;
      const pause = outcome?.stop?.pauseSeconds ?? Infinity;
      if (outcome?.stop && pause * 1000 > LONGEST_WAIT_MS) stopped = outcome.stop.code;
    }
    const dueInMs = soonest([claim.nextDueInMs, ...outcomes.map((outcome) => outcome?.nextDueInMs ?? null)]);
    if (dueInMs === null || dueInMs > LONGEST_WAIT_MS) {
      return { claimed, lanes, completed, remaining: false, stopped, dueInMs };
    }
    // What is done makes room for more. Rows that others are writing to at this moment are due again at once.
    const rest = outcomes.length === 0 ? 100 : outcomes.some((outcome) => outcome && outcome.completed > 0) ? 0 : 250;
    const wait = Math.min(Math.max(dueInMs, rest), LONGEST_SLEEP_MS);
    if (wait > 0) await deps.sleep(wait);
  }
  if (joins) await deps.store.leave(worker);
  return { claimed, lanes, completed, remaining: true, stopped, dueInMs: null };
}

function soonest(times: ReadonlyArray<number | null>): number | null {
  const known = times.filter((time) => time !== null);
  return known.length === 0 ? null : Math.min(...known);
}

/** Null where the database failed: the lease runs out by itself, the other lanes go on. */
async function work(
  deps: WorkerDeps,
  options: DrainOptions,
  { lane, worker, deadlineAt }: { lane: Lane; worker: string; deadlineAt: number },
): Promise<LaneOutcome | null> {
  const { integrationId } = lane;
  const startedAt = deps.now();
  const fields = { integration: integrationId, organisation: lane.organisationId, jobs: lane.jobs.length };
  try {
    const outcome = await pushLane(lane, {
      ...deps,
      handle: deps.handleOf(integrationId, lane.credential),
      reconnectRequired: (version, { code, message }) =>
        deps.credentials.reconnectRequired(integrationId, version, code, message),
      worker,
      runId: options.runId ?? deps.newId(),
      trigger: options.trigger,
      deadlineAt,
    });
    if (lane.settings.removing) await deps.store.finishRemoval(integrationId);
    const code = outcome.stop?.code ?? null;
    const durationMs = deps.now() - startedAt;
    const done = { ...fields, completed: outcome.completed, stopped: code };
    deps.log({ step: 'push_lane', outcome: 'ok', durationMs, fields: done });
    return outcome;
  } catch (error) {
    deps.log({ step: 'push_lane', outcome: 'error', durationMs: deps.now() - startedAt, fields, error });
    return null;
  }
}

export interface RevocationDeps extends Pick<WorkerDeps, 'log'> {
  readonly store: Pick<SyncStore, 'claimRevocations' | 'revoked'>;
  readonly oauth: Pick<OAuthAccess, 'revoke'> | null;
}

/**
 * Gives back the grants of connections that ended while no person waited. One that the provider does not take back now
 * comes again with a later nudge; where a provider takes none back, forgetting the token is all there is.
 */
export async function revokeGrants({ store, oauth, log }: RevocationDeps): Promise<void> {
  if (oauth === null) return;
  for (const { id, token } of await store.claimRevocations()) {
    try {
      const revocation = await oauth.revoke(token);
      await store.revoked(id);
      log({ step: 'revoke_grant', outcome: 'ok', fields: { revocation } });
    } catch (error) {
      log({ step: 'revoke_grant', outcome: 'error', level: 'warn', error });
    }
  }
}
