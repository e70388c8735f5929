/** The person confirms, with their JWT, a consent whose browser could not be recognised. */
import type { Owner } from '../db/connect_flows.ts';
import { SyncError } from '../errors.ts';
import { completeConnect } from './connect.ts';
import type { Connection, Trace } from './connection.ts';
import { hashOf } from './state.ts';

/**
 * @returns the path that the person wanted to come back to, if any
 * @throws {SyncError} `OAUTH_STATE_INVALID` for a flow that is unknown, used, expired, or of another person or practice
 */
export async function confirmConnect(
  deps: Connection,
  owner: Owner,
  flow: string,
  trace: Trace,
): Promise<string | null> {
  const held = await deps.flows.redeemHeld(owner, await hashOf(flow));
  if (held === null) throw new SyncError('OAUTH_STATE_INVALID', 'Confirm connection: no consent waits under this flow');
  await completeConnect(deps, owner, held, trace);
  return held.redirectTo;
}
