/** What a failure means for the lane and for its item, and when to try again. Seconds throughout. */
import { type ErrorCode, SyncError } from '../../errors.ts';
import { ProviderError } from '../../providers/port/failure.ts';
import type { Job } from '../shared/appointment.ts';
import { projectPause, QUOTA_PAUSE_SECONDS } from '../shared/pauses.ts';

const CONFIGURATION_PAUSE = 300;
const NOT_CONNECTED_PAUSE = 60;
const RATE_CAP = 64;
const OUTAGE_CAP = 900;
const ATTEMPTS = 8;
/** If no job of this lane has succeeded since, the provider may be down for all: 24 attempts instead of 8. */
const ATTEMPTS_IN_OUTAGE = 24;

export interface LaneStop {
  readonly code: ErrorCode;
  readonly message: string;
  readonly pauseSeconds: number | null;
  readonly strike: boolean;
  /** What has to be told to the database beyond the pause. */
  readonly tell: 'failed' | 'reconnect' | null;
  /** The pause is for all lanes, not for this one. */
  readonly project?: true;
}

/** `min(2^count + jitter, cap)`; `random` gives 0 to 1. */
export function backoff(count: number, random: () => number, cap: number): number {
  return Math.ceil(Math.min(2 ** Math.min(count, 20) + random(), cap));
}

/** The error itself, or `SYNC_FAILED` around one that no layer below named. */
export function toSyncError(error: unknown): SyncError {
  return error instanceof SyncError
    ? error
    : new SyncError('SYNC_FAILED', 'Push event: unexpected error', { cause: error });
}

/** Null for a failure of one item only. */
export function laneStop(error: SyncError, strikes: number, random: () => number): LaneStop | null {
  const asked = error instanceof ProviderError ? error.retryAfterSeconds : null;
  const stop = (pauseSeconds: number | null, strike: boolean, tell: LaneStop['tell'] = null): LaneStop => (
    { code: error.code, message: error.message, pauseSeconds, strike, tell }
  );
  const everybody = projectPause(error);
  if (everybody !== null) return { ...stop(everybody, false), project: true };
  switch (error.code) {
    case 'RATE_LIMITED':
      // Asked to wait no time at all, and refused again: the strikes decide.
      return stop(Math.ceil(asked || backoff(strikes, random, RATE_CAP)), true);
    case 'QUOTA_EXCEEDED':
      return stop(QUOTA_PAUSE_SECONDS, false);
    case 'CONFIGURATION_ERROR':
      return stop(CONFIGURATION_PAUSE, false);
    case 'NEED_RECONSENT':
    case 'CREDENTIAL_UNREADABLE':
      return stop(null, false);
    case 'NOT_CONNECTED':
      return stop(NOT_CONNECTED_PAUSE, false);
    case 'INSUFFICIENT_SCOPE':
      return stop(null, false, 'reconnect');
    case 'CALENDAR_NOT_FOUND':
    case 'CALENDAR_READ_ONLY':
      return stop(null, false, 'failed');
    default:
      return null;
  }
}

/** No answer, or none that can be read: the whole lane waits. */
export function outage(error: SyncError, strikes: number, random: () => number): LaneStop {
  const asked = error instanceof ProviderError ? error.retryAfterSeconds : null;
  const pauseSeconds = Math.ceil(Math.max(asked ?? 0, backoff(strikes, random, OUTAGE_CAP)));
  return { code: error.code, message: error.message, pauseSeconds, strike: true, tell: null };
}

const HOPELESS: ReadonlySet<ErrorCode> = new Set(['INVALID_EVENT', 'PERMISSION_DENIED', 'ID_EXHAUSTED']);

/** Whether one item waits (seconds) or is parked until a person acts (null). */
export function itemDelay(error: SyncError, job: Job, laneWorked: boolean, random: () => number): number | null {
  if (HOPELESS.has(error.code)) return null;
  const attempts = job.attempts + 1;
  const own = job.laneWorkedSince || (job.attempts > 0 && laneWorked);
  if (attempts >= ATTEMPTS && (own || attempts >= ATTEMPTS_IN_OUTAGE)) return null;
  return backoff(attempts, random, OUTAGE_CAP);
}
