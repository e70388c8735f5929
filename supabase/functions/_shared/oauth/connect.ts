/** Connecting an account: from the button to the provider's consent page, and from the provider's answer to a stored grant. */
import type { Owner } from '../db/connect_flows.ts';
import { SyncError } from '../errors.ts';
import { type Connection, handleOf, type Trace } from './connection.ts';
import { newPkce } from './pkce.ts';
import { checkRedirectTo } from './redirect.ts';
import { hashOf, STATE_TTL_SECONDS } from './state.ts';

export interface ConnectRequest {
  readonly redirectTo: string | null;
  /** Called by a web page, whose browser can keep a cookie. */
  readonly browser: boolean;
}

/** The consent page's address, and the flow token for the browser's cookie. */
export async function beginConnect(
  deps: Connection,
  owner: Owner,
  { redirectTo, browser }: ConnectRequest,
): Promise<{ url: string; flow: string }> {
  const path = redirectTo === null ? null : checkRedirectTo(deps.appBaseUrl, redirectTo);
  const { state, flow } = await deps.states.issue();
  const { codeVerifier, codeChallenge } = await newPkce();
  await deps.flows.begin(owner, {
    stateHash: await hashOf(state),
    flowHash: await hashOf(flow),
    browser,
    codeVerifier,
    redirectTo: path,
    ttlSeconds: STATE_TTL_SECONDS,
  });
  return { url: deps.provider.authorizationUrl({ redirectUri: deps.redirectUri, state, codeChallenge }), flow };
}

export interface Consent {
  readonly code: string;
  readonly codeVerifier: string;
}

/**
 * Exchanges the code and stores the grant, whole or not at all. A grant that turns out useless (a scope unticked, no refresh
 * token) is not revoked: revoking ends everything that this account has granted to us, and the account may well be connected
 * in another practice. The unused token ends by itself within the hour.
 *
 * @throws {SyncError} `INSUFFICIENT_SCOPE`, `NEED_RECONSENT`, `OAUTH_STATE_INVALID` (code used or too old), `PROVIDER_UNAVAILABLE`
 */
export async function completeConnect(deps: Connection, owner: Owner, consent: Consent, trace: Trace): Promise<void> {
  const { organisationId: organisation } = owner;
  trace.step('exchange_code');
  trace.note({ organisation });
  const { credential, account } = await deps.provider.completeAuthorization({
    ...consent,
    redirectUri: deps.redirectUri,
  });
  trace.step('store_connection');
  const stored = await deps.integrations.store(owner, account, credential);
  if (stored === null) throw new SyncError('NEED_RECONSENT', 'Store connection: the provider gave no refresh token');
  trace.note({ organisation, integration: stored.integrationId, scopes: credential.scopes.length });
  if (stored.hadTarget) return;

  trace.step('choose_calendar');
  trace.note({ organisation, integration: stored.integrationId });
  try {
    await chooseCalendar(deps, owner, stored.integrationId);
  } catch (error) {
    // The connection stands: the person can choose a calendar in the settings.
    trace.fail(error);
  }
}

/** So that connecting is enough: appointments go to the account's own calendar until somebody says otherwise. */
async function chooseCalendar(deps: Connection, owner: Owner, integrationId: string): Promise<void> {
  const calendars = await deps.provider.listCalendars(handleOf(deps, integrationId));
  const primary = calendars.find((calendar) => calendar.primary && calendar.canWrite);
  if (primary === undefined) return;
  await deps.integrations.update(owner, {
    calendar_target_id: primary.id,
    calendar_target_name: primary.name,
    calendar_source_id: primary.id,
    calendar_source_name: primary.name,
    export_enabled: true,
  });
}
