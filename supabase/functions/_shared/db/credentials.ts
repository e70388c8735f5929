/** Sealed credentials, opened for the length of one piece of work. */
import { z } from 'zod';
import { SyncError } from '../errors.ts';
import type { CredentialStore } from '../sync/shared/credentials.ts';
import type { Rpc } from './rpc.ts';

const stored = z.object({
  version: z.number().int(),
  accessToken: z.string().nullable(),
  refreshToken: z.string().nullable(),
  unreadable: z.enum(['CREDENTIAL_UNREADABLE', 'CONFIGURATION_ERROR']).nullable(),
}).nullable();

const renewal = z.object({ stored: z.boolean(), version: z.number().int(), accessToken: z.string().nullable() });

/** Tokens of connections, opened and renewed by the database. */
export function credentialStore(rpc: Rpc): CredentialStore {
  return {
    open: async (integrationId) => {
      const found = await rpc('integration_credential', { p_integration: integrationId }, stored);
      if (found === null) return null;
      const { unreadable, ...credential } = found;
      if (unreadable !== null) throw new SyncError(unreadable, 'Open connection: its token does not open');
      return credential;
    },
    renewed: (integrationId, expectedVersion, credential) =>
      rpc('credential_renewed', {
        p_integration: integrationId,
        p_expected_version: expectedVersion,
        p_access_token: credential.accessToken,
        p_expires_in: credential.expiresInSeconds,
        p_refresh_token: credential.refreshToken ?? null,
        p_scopes: credential.scopes,
      }, renewal),
    reconnectRequired: (integrationId, expectedVersion, code, message) =>
      rpc('integration_reconnect_required', {
        p_integration: integrationId,
        p_expected_version: expectedVersion,
        p_code: code,
        p_message: message,
      }, z.boolean()),
  };
}
