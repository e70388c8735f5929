/**
 * Ending a connection. Our side is over when the database says so; the provider is told afterwards, if no other connection
 * needs the grant.
 */
import type { Disconnection } from '../contract/connection.ts';
import type { Owner } from '../db/connect_flows.ts';
import { SyncError } from '../errors.ts';
import type { Connection, Trace } from './connection.ts';

/** @throws {SyncError} `NOT_CONNECTED` */
export async function disconnect(
  deps: Connection,
  owner: Owner,
  removeEvents: boolean,
  trace: Trace,
): Promise<Disconnection> {
  const ended = await deps.integrations.disconnect(owner, removeEvents);
  if (ended === null) throw new SyncError('NOT_CONNECTED', 'Disconnect: no account is connected');
  trace.note({ integration: ended.integrationId, state: ended.state, removing: ended.removing });
  if (ended.revokeToken !== null) {
    trace.step('revoke_grant');
    trace.note({ integration: ended.integrationId });
    try {
      trace.note({ revocation: await deps.oauth.revoke(ended.revokeToken) });
    } catch (error) {
      // We have forgotten the token already; the grant cannot be used any more, and the person can end it at the provider.
      trace.fail(error);
    }
  }
  return { state: ended.state, removing: ended.removing };
}
