/** A person's connection to a calendar account: stored, shown, changed, ended. */
import { z } from 'zod';
import { disconnection as shownDisconnection, integrationSettings, integrationStatus } from '../contract/connection.ts';
import type { SettingsChange } from '../contract/requests.ts';
import type { SwitchAction } from '../vocabulary.ts';
import type { AccountIdentity, Credential } from '../providers/port/account.ts';
import type { Owner } from './connect_flows.ts';
import type { Rpc } from './rpc.ts';

/** What a person sees of it, and its id. */
const status = z.object({ ...integrationStatus.shape, settings: integrationSettings, integrationId: z.guid() });
export type IntegrationStatus = z.infer<typeof status>;

const storedGrant = z.discriminatedUnion('outcome', [
  z.object({ outcome: z.literal('stored'), integrationId: z.guid() }),
  /** Of another account than the connection's own: kept until the person says what becomes of the old one. */
  z.object({ outcome: z.literal('pending'), integrationId: z.guid() }),
  /** A refresh token is needed, and neither came nor is stored for the account: nothing was stored. */
  z.object({ outcome: z.literal('needs_reconsent') }),
]);
export type StoredGrant = z.infer<typeof storedGrant>;

const disconnection = z.object({
  ...shownDisconnection.shape,
  integrationId: z.guid(),
  revokeToken: z.string().nullable(),
}).nullable();
export type Disconnection = NonNullable<z.infer<typeof disconnection>>;

/** The names are kept beside the ids, so that showing a status asks the provider nothing. */
export type NamedChange = SettingsChange & {
  readonly calendar_target_name?: string;
  readonly calendar_source_name?: string;
};

export interface Integrations {
  /** Null if the person never connected an account of this provider in this practice. */
  status(owner: Owner): Promise<IntegrationStatus | null>;
  store(owner: Owner, account: AccountIdentity, credential: Credential): Promise<StoredGrant>;
  /**
   * Answers for the grant that is pending: the connection's id. The grant that is given up is revoked by the sync function.
   *
   * @throws {SyncError} `OAUTH_STATE_INVALID` (none is pending), `NEED_RECONSENT` (the old account is out of reach)
   */
  switchAccount(owner: Owner, action: SwitchAction): Promise<string>;
  /** @throws {SyncError} `NOT_CONNECTED`, `FORBIDDEN`, `NO_TARGET_CALENDAR`, `NO_EVENT_DETAIL` */
  update(owner: Owner, changes: NamedChange): Promise<IntegrationStatus>;
  /** Null if nothing is connected. `revokeToken` comes only if no other connection uses the account. */
  disconnect(owner: Owner, removeEvents: boolean): Promise<Disconnection | null>;
}

export function integrations(rpc: Rpc, provider: string): Integrations {
  const of = (owner: Owner) => ({ p_organisation: owner.organisationId, p_user: owner.userId, p_provider: provider });
  return {
    status: (owner) => rpc('integration_status', of(owner), status.nullable()),
    store: (owner, account, credential) =>
      rpc('connect_store', {
        ...of(owner),
        p_account_id: account.subject,
        p_account_email: account.email,
        p_scopes: credential.scopes,
        p_access_token: credential.accessToken,
        p_expires_in: credential.expiresInSeconds,
        p_refresh_token: credential.refreshToken ?? null,
      }, storedGrant),
    switchAccount: (owner, action) => rpc('integration_switch', { ...of(owner), p_action: action }, z.guid()),
    update: (owner, changes) => rpc('integration_update', { ...of(owner), p_changes: changes }, status),
    disconnect: (owner, removeEvents) =>
      rpc('integration_disconnect', { ...of(owner), p_remove_events: removeEvents }, disconnection),
  };
}
