/** A provider whose answers a test sets. Everything that must never be seen carries the word "canary". */
import { SyncError } from '../../../supabase/functions/_shared/errors.ts';
import type {
  AccountIdentity,
  AuthorizationAnswer,
  ConnectionHandle,
  Credential,
  OAuthAccess,
} from '../../../supabase/functions/_shared/providers/port/account.ts';
import type { CalendarAccess, CalendarInfo } from '../../../supabase/functions/_shared/providers/port/calendar.ts';
import { ProviderError } from '../../../supabase/functions/_shared/providers/port/failure.ts';
import type { OAuthProvider } from '../../../supabase/functions/_shared/providers/port/provider.ts';

function calendar(id: string, more: Partial<CalendarInfo> = {}): CalendarInfo {
  return { id, name: `Agenda ${id}`, primary: false, canWrite: true, timeZone: 'Europe/Paris', color: null, ...more };
}

export const PRIMARY = 'canary-claire@mail.test';

export class FakeProvider implements Omit<OAuthAccess, 'authorizationUrl'> {
  account: AccountIdentity = { subject: 'subject-claire', email: 'canary-claire@mail.test' };
  calendars: CalendarInfo[] = [
    calendar(PRIMARY, { primary: true }),
    calendar('second'),
    calendar('holidays', { canWrite: false }),
  ];
  /** The next answers; each is a value or an error to throw. */
  sendsRefreshToken = true;
  fails: { exchange?: SyncError; list?: SyncError; refresh?: SyncError; revoke?: SyncError } = {};
  readonly exchanged: AuthorizationAnswer[] = [];
  readonly refreshed: string[] = [];
  readonly revoked: string[] = [];
  /** How often its calendars were asked for. */
  listed = 0;
  #tokens = 0;

  credential(): Credential {
    this.#tokens += 1;
    return {
      accessToken: `canary-access-${this.#tokens}`,
      expiresInSeconds: 3599,
      scopes: ['calendar.events', 'openid'],
      ...(this.sendsRefreshToken ? { refreshToken: `canary-refresh-${this.#tokens}` } : {}),
    };
  }

  async completeAuthorization(answer: AuthorizationAnswer) {
    this.exchanged.push(answer);
    if (this.fails.exchange) throw this.fails.exchange;
    return await Promise.resolve({ credential: this.credential(), account: this.account });
  }

  async refresh(refreshToken: string): Promise<Credential> {
    this.refreshed.push(refreshToken);
    if (this.fails.refresh) throw this.fails.refresh;
    const { refreshToken: _kept, ...credential } = this.credential();
    return await Promise.resolve(credential);
  }

  async revoke(token: string): Promise<'revoked'> {
    this.revoked.push(token);
    if (this.fails.revoke) throw this.fails.revoke;
    return await Promise.resolve('revoked');
  }

  async listCalendars(handle: ConnectionHandle): Promise<CalendarInfo[]> {
    this.listed += 1;
    await handle.accessToken();
    if (this.fails.list) throw this.fails.list;
    return this.calendars;
  }

  /** The port's other parts have none in connecting: to call one is a fault that a test should see. */
  asProvider(): OAuthProvider {
    const calendar: Partial<CalendarAccess> = { listCalendars: (handle) => this.listCalendars(handle) };
    return {
      name: 'demo',
      oauth: {
        authorizationUrl: ({ redirectUri, state, codeChallenge }) =>
          Promise.resolve(`https://provider.test/auth?${new URLSearchParams({
            redirect_uri: redirectUri,
            state,
            code_challenge: codeChallenge,
          })}`),
        completeAuthorization: (answer) => this.completeAuthorization(answer),
        refresh: (token) => this.refresh(token),
        revoke: (token) => this.revoke(token),
      },
      calendar: calendar as CalendarAccess,
      notices: null,
    };
  }
}

export function deadGrant(): ProviderError {
  return new ProviderError('NEED_RECONSENT', 'Refresh the access token: the grant has ended', {
    operation: 'refresh',
    status: 400,
    providerCode: 'invalid_grant',
  });
}

export function unavailable(): ProviderError {
  return new ProviderError('PROVIDER_UNAVAILABLE', 'Call the provider: no answer', {
    operation: 'call',
    providerCode: 'http_503',
  });
}
