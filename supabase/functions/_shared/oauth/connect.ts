/** Connecting an account: from the button to the provider's consent page, and from the provider's answer to a stored grant. */
import type { Owner } from '../db/connect_flows.ts';
import { SyncError } from '../errors.ts';
import type { Connection, Trace } from './connection.ts';
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
    browser,
    codeVerifier,
    redirectTo: path,
    ttlSeconds: STATE_TTL_SECONDS,
  });
  return { url: await deps.oauth.authorizationUrl({ redirectUri: deps.redirectUri, state, codeChallenge }), flow };
}

export interface Consent {
  readonly code: string;
  readonly codeVerifier: string;
}

/**
 * Exchanges the code and keeps the grant, whole or not at all, and nothing else: what is exported, where to and how much of it
 * is for the person to say (`PATCH settings`). A grant that turns out useless (a scope unticked, no refresh token) is not
 * revoked: revoking ends everything that this account has granted to us, and the account may well be connected in another
 * practice. The unused token ends by itself within the hour.
 *
 * @returns `other_account` where another one is connected, or still has events of ours: the person is asked first (`POST switch`)
 * @throws {SyncError} `INSUFFICIENT_SCOPE`, `NEED_RECONSENT`, `OAUTH_STATE_INVALID` (code used or too old), `PROVIDER_UNAVAILABLE`
 */
export async function completeConnect(
  deps: Connection,
  owner: Owner,
  consent: Consent,
  trace: Trace,
): Promise<'connected' | 'other_account'> {
  const { organisationId: organisation } = owner;
  trace.step('exchange_code');
  trace.note({ organisation });
  const { credential, account } = await deps.oauth.completeAuthorization({
    ...consent,
    redirectUri: deps.redirectUri,
  });
  trace.step('store_connection');
  const stored = await deps.integrations.store(owner, account, credential);
  if (stored.outcome === 'needs_reconsent') {
    throw new SyncError('NEED_RECONSENT', 'Store connection: the provider gave no refresh token');
  }
  const { outcome, integrationId: integration } = stored;
  trace.note({ organisation, integration, outcome, scopes: credential.scopes.length });
  return outcome === 'stored' ? 'connected' : 'other_account';
}
