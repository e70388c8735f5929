/** The database's side of connections, in memory: what the RPCs promise, and nothing of how they keep it. */
import { SyncError } from '../../../supabase/functions/_shared/errors.ts';
import { CONNECTION } from '../../connection.ts';
import type { FakeRpcs } from '../http/test_world.ts';

interface Flow {
  readonly args: Record<string, unknown>;
  expiresAt: number;
  used: boolean;
  held: { readonly code: string; readonly confirmHash: string } | null;
}

export interface FakeIntegration {
  readonly id: string;
  readonly organisationId: string;
  readonly userId: string;
  accountId: string;
  email: string | null;
  connected: boolean;
  status: 'connected' | 'reconnect_required' | 'error';
  version: number;
  accessToken: string | null;
  refreshToken: string | null;
  scopes: string[];
  removing: boolean;
  lastError: { code: string; message: string } | null;
  settings: Record<string, unknown>;
  names: { target: string | null; source: string | null };
  /** What a consent to another account brought. */
  pending: Record<string, unknown> | null;
}

const DEFAULTS = {
  calendar_target_id: null,
  calendar_source_id: null,
  export_enabled: false,
  import_enabled: false,
  import_range_default: '30d',
  import_as: 'event',
  two_way: 'off',
  event_detail: null,
  scope: 'practitioner',
};

export class FakeConnections {
  readonly flows = new Map<string, Flow>();
  readonly integrations: FakeIntegration[] = [];
  /** Events that a disconnect with removal finds. */
  eventsToRemove = 0;

  constructor(private readonly now: () => number) {}

  of(organisationId: unknown, userId: unknown): FakeIntegration | undefined {
    return this.integrations.find((one) => one.organisationId === organisationId && one.userId === userId);
  }

  byId(id: unknown): FakeIntegration | undefined {
    return this.integrations.find((one) => one.id === id && one.connected);
  }

  status(one: FakeIntegration | undefined) {
    if (one === undefined) return null;
    const { settings, names } = one;
    const calendar = (id: unknown, name: string | null) => id === null ? null : { id, name };
    return {
      ...CONNECTION,
      integrationId: one.id,
      connected: one.connected,
      status: one.connected ? one.status : null,
      account: one.connected ? { email: one.email } : null,
      targetCalendar: calendar(settings.calendar_target_id, names.target),
      sourceCalendar: calendar(settings.calendar_source_id, names.source),
      settings,
      lastError: one.lastError,
      removingEvents: one.removing,
      pendingAccount: one.pending === null ? null : { email: one.pending.p_account_email },
      eventsInAccount: this.eventsToRemove,
    };
  }

  readonly rpcs: FakeRpcs = {
    connect_begin: (args) => {
      const expiresAt = this.now() + Number(args.p_ttl_seconds) * 1000;
      this.flows.set(String(args.p_state_hash), { args, expiresAt, used: false, held: null });
      return null;
    },
    connect_redeem: ({ p_state_hash, p_provider }) => {
      const flow = this.flows.get(String(p_state_hash));
      if (!flow || flow.used || flow.expiresAt <= this.now() || flow.args.p_provider !== p_provider) return null;
      flow.used = true;
      const { args } = flow;
      return {
        organisationId: args.p_organisation,
        userId: args.p_user,
        browser: args.p_browser,
        codeVerifier: args.p_code_verifier,
        redirectTo: args.p_redirect_to,
      };
    },
    connect_hold: ({ p_state_hash, p_code, p_confirm_hash, p_ttl_seconds }) => {
      const flow = this.flows.get(String(p_state_hash));
      if (!flow?.used || flow.held || flow.expiresAt <= this.now()) return false;
      flow.held = { code: String(p_code), confirmHash: String(p_confirm_hash) };
      flow.expiresAt = this.now() + Number(p_ttl_seconds) * 1000;
      return true;
    },
    connect_redeem_held: (args) => {
      const found = [...this.flows].find(([, { held }]) => held?.confirmHash === args.p_confirm_hash);
      if (!found) return null;
      const [state, flow] = found;
      this.flows.delete(state);
      const same = ['p_organisation', 'p_user', 'p_provider'].every((key) => flow.args[key] === args[key]);
      if (!same || flow.expiresAt <= this.now()) return null;
      return { code: flow.held!.code, codeVerifier: flow.args.p_code_verifier, redirectTo: flow.args.p_redirect_to };
    },
    connect_store: (args) => {
      const stored = this.of(args.p_organisation, args.p_user);
      const kept = stored?.accountId === args.p_account_id ? stored?.refreshToken ?? null : null;
      const refreshToken = (args.p_refresh_token as string | null) ?? kept;
      if (refreshToken === null) return { outcome: 'needs_reconsent' };
      if (stored?.connected && stored.accountId !== args.p_account_id) {
        stored.pending = args;
        return { outcome: 'pending', integrationId: stored.id };
      }
      const one: FakeIntegration = stored ?? {
        id: crypto.randomUUID(),
        organisationId: String(args.p_organisation),
        userId: String(args.p_user),
        accountId: '',
        email: null,
        connected: true,
        status: 'connected',
        version: 0,
        accessToken: null,
        refreshToken: null,
        scopes: [],
        removing: false,
        lastError: null,
        settings: { ...DEFAULTS },
        names: { target: null, source: null },
        pending: null,
      };
      if (!stored) this.integrations.push(one);
      Object.assign(one, {
        accountId: args.p_account_id,
        email: args.p_account_email,
        connected: true,
        status: 'connected',
        version: one.version + 1,
        accessToken: args.p_access_token,
        refreshToken,
        scopes: args.p_scopes,
        lastError: null,
      });
      return { outcome: 'stored', integrationId: one.id };
    },
    integration_switch: ({ p_organisation, p_user, p_action }) => {
      const one = this.of(p_organisation, p_user);
      if (!one?.pending) throw new SyncError('OAUTH_STATE_INVALID', 'Call integration_switch: refused');
      const { pending } = one;
      one.pending = null;
      if (p_action === 'keep') return one.id;
      one.connected = false;
      this.rpcs.connect_store!(pending);
      one.settings = { ...DEFAULTS };
      return one.id;
    },
    integration_status: ({ p_organisation, p_user }) => this.status(this.of(p_organisation, p_user)),
    integration_update: ({ p_organisation, p_user, p_changes }) => {
      const one = this.of(p_organisation, p_user)!;
      const { calendar_target_name, calendar_source_name, ...settings } = p_changes as Record<string, unknown>;
      const wanted = { ...one.settings, ...settings };
      if (wanted.export_enabled && wanted.calendar_target_id === null) {
        throw new SyncError('NO_TARGET_CALENDAR', 'Call integration_update: refused');
      }
      Object.assign(one.settings, settings);
      if (calendar_target_name) one.names.target = String(calendar_target_name);
      if (calendar_source_name) one.names.source = String(calendar_source_name);
      return this.status(one);
    },
    integration_credential: ({ p_integration }) => {
      const one = this.byId(p_integration);
      if (!one) return null;
      const { version, accessToken, refreshToken } = one;
      return { version, accessToken, refreshToken, unreadable: null };
    },
    credential_renewed: (args) => {
      const one = this.byId(args.p_integration);
      if (!one) return { stored: false, version: 0, accessToken: null };
      const stored = one.version === args.p_expected_version;
      if (stored) {
        one.version += 1;
        one.accessToken = String(args.p_access_token);
        one.refreshToken = (args.p_refresh_token as string | null) ?? one.refreshToken;
      }
      return { stored, version: one.version, accessToken: one.accessToken };
    },
    integration_reconnect_required: (args) => {
      const one = this.byId(args.p_integration);
      if (!one || one.version !== args.p_expected_version) return false;
      one.status = 'reconnect_required';
      one.lastError = { code: String(args.p_code), message: String(args.p_message) };
      return true;
    },
    integration_disconnect: ({ p_organisation, p_user, p_remove_events }) => {
      const one = this.of(p_organisation, p_user);
      if (!one?.connected) return null;
      if (p_remove_events && this.eventsToRemove > 0) {
        one.removing = true;
        return { integrationId: one.id, state: 'removing', revokeToken: null, removing: this.eventsToRemove };
      }
      one.connected = false;
      const shared = this.integrations.some((other) => other.connected && other.accountId === one.accountId);
      const revokeToken = shared ? null : one.refreshToken;
      one.refreshToken = one.accessToken = null;
      return { integrationId: one.id, state: 'disconnected', revokeToken, removing: 0 };
    },
  };
}
