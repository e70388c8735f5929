/** Telling the provider that a grant is given up. */
import type { Connection, Trace } from './connection.ts';

/** We have forgotten the token already: if the provider cannot be told, the person can end the grant in their account. */
export async function revokeGrant(
  deps: Pick<Connection, 'provider'>,
  { integrationId: integration, revokeToken }: { integrationId: string; revokeToken: string | null },
  trace: Trace,
): Promise<void> {
  if (revokeToken === null) return;
  trace.step('revoke_grant');
  trace.note({ integration });
  try {
    trace.note({ revocation: await deps.provider.revoke(revokeToken) });
  } catch (error) {
    trace.fail(error);
  }
}
