/** How long what has no quota left is left alone, whichever way the work goes. Seconds. */
import type { SyncError } from '../../errors.ts';
import { ProviderError } from '../../providers/port/failure.ts';

/** An account, or a project, that has used up its daily quota. */
export const QUOTA_PAUSE_SECONDS = 6 * 3600;
/** The pause in which the first units of a minute come back. */
const PROJECT_PAUSE = 15;
/** The project is asked again after that: nothing else would tell that it is over. */
const LONGEST_PROJECT_PAUSE = 900;

/** The pause for everything at the provider, where it refuses our whole project; null where it does not. */
export function projectPause(error: SyncError): number | null {
  if (!(error instanceof ProviderError) || !error.ofProject) return null;
  const usual = error.code === 'QUOTA_EXCEEDED' ? LONGEST_PROJECT_PAUSE : PROJECT_PAUSE;
  return Math.min(Math.ceil(error.retryAfterSeconds || usual), LONGEST_PROJECT_PAUSE);
}

/** A worker does not wait longer than this for what is due next; sync_claim knows it too, and frees its place then. */
export const LONGEST_WAIT_MS = 10_000;
