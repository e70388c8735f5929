/** A person's connection to a calendar account: stored, shown, changed, ended. */
import { z } from 'zod';
import type { AccountIdentity, Credential } from '../providers/calendar_provider.ts';
import type { Owner } from './connect_flows.ts';
import type { Rpc } from './rpc.ts';

const calendar = z.object({ id: z.string(), name: z.string().nullable() }).nullable();

/** The columns that a person sets, under the names that the API gives them. */
export const settingsSchema = z.object({
  calendar_target_id: z.string().nullable(),
  calendar_source_id: z.string().nullable(),
  export_enabled: z.boolean(),
  import_enabled: z.boolean(),
  import_range_default: z.enum(['7d', '30d', 'month', 'custom']),
  import_as: z.enum(['event', 'rdv']),
  two_way: z.enum(['off', 'review', 'auto']),
  event_detail: z.enum(['full', 'initials', 'busy']),
  scope: z.enum(['practitioner', 'organisation']),
});
export type Settings = z.infer<typeof settingsSchema>;

const status = z.object({
  integrationId: z.guid(),
  connected: z.boolean(),
  status: z.enum(['connected', 'reconnect_required', 'error']).nullable(),
  account: z.object({ email: z.string().nullable() }).nullable(),
  targetCalendar: calendar,
  sourceCalendar: calendar,
  settings: settingsSchema,
  lastSyncAt: z.string().nullable(),
  lastImportAt: z.string().nullable(),
  pending: z.number().int(),
  failed: z.number().int(),
  openConflicts: z.number().int(),
  lastError: z.object({ code: z.string(), message: z.string().nullable() }).nullable(),
  removingEvents: z.boolean(),
  paused: z.enum(['all', 'practice', 'provider']).nullable(),
});
export type IntegrationStatus = z.infer<typeof status>;

const storedConnection = z.object({
  // Absent where nothing was stored.
  integrationId: z.guid().nullish(),
  needsReconsent: z.boolean(),
  hadTarget: z.boolean(),
});

const disconnection = z.object({
  integrationId: z.guid(),
  state: z.enum(['disconnected', 'removing']),
  revokeToken: z.string().nullable(),
  removing: z.number().int(),
}).nullable();
export type Disconnection = NonNullable<z.infer<typeof disconnection>>;

/** The names are kept beside the ids, so that showing a status asks the provider nothing. */
export type SettingsChange = { [Key in keyof Settings]?: Settings[Key] | undefined } & {
  readonly calendar_target_name?: string;
  readonly calendar_source_name?: string;
};

export interface Integrations {
  /** Null if the person never connected an account of this provider in this practice. */
  status(owner: Owner): Promise<IntegrationStatus | null>;
  /** Null if a refresh token is needed and neither came nor is stored for the account: nothing is then stored. */
  store(
    owner: Owner,
    account: AccountIdentity,
    credential: Credential,
  ): Promise<{ integrationId: string; hadTarget: boolean } | null>;
  update(owner: Owner, changes: SettingsChange): Promise<IntegrationStatus>;
  /** Null if nothing is connected. `revokeToken` comes only if nobody else uses the account. */
  disconnect(owner: Owner, removeEvents: boolean): Promise<Disconnection | null>;
}

export function integrations(rpc: Rpc, provider: string): Integrations {
  const of = (owner: Owner) => ({ p_organisation: owner.organisationId, p_user: owner.userId, p_provider: provider });
  return {
    status: (owner) => rpc('integration_status', of(owner), status.nullable()),
    async store(owner, account, credential) {
      const stored = await rpc('connect_store', {
        ...of(owner),
        p_account_id: account.subject,
        p_account_email: account.email,
        p_scopes: credential.scopes,
        p_access_token: credential.accessToken,
        p_expires_in: credential.expiresInSeconds,
        p_refresh_token: credential.refreshToken ?? null,
      }, storedConnection);
      if (stored.needsReconsent || !stored.integrationId) return null;
      return { integrationId: stored.integrationId, hadTarget: stored.hadTarget };
    },
    update: (owner, changes) => rpc('integration_update', { ...of(owner), p_changes: changes }, status),
    disconnect: (owner, removeEvents) =>
      rpc('integration_disconnect', { ...of(owner), p_remove_events: removeEvents }, disconnection),
  };
}
