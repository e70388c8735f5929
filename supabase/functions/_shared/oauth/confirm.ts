/**
 * The person who began a consent confirms it, with their JWT and the secret that the browser which consented was given. Neither
 * alone is worth anything: the one who began may not be the one who consented.
 */
import type { Owner } from '../db/connect_flows.ts';
import { SyncError } from '../errors.ts';
import { completeConnect } from './connect.ts';
import type { Connection, Trace } from './connection.ts';
import { hashOf } from './state.ts';

/**
 * @returns the path that the person wanted to come back to, if any
 * @throws {SyncError} `OAUTH_STATE_INVALID` for a secret that is unknown, used, expired, or of another person or practice (then
 *   its code is gone)
 */
export async function confirmConnect(
  deps: Connection,
  owner: Owner,
  secret: string,
  trace: Trace,
): Promise<string | null> {
  const held = await deps.flows.redeemHeld(owner, await hashOf(secret));
  if (held === null) throw new SyncError('OAUTH_STATE_INVALID', 'Confirm connection: no consent waits for this secret');
  await completeConnect(deps, owner, held, trace);
  return held.redirectTo;
}
