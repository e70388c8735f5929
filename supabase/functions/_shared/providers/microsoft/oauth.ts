import type { OAuthAccess } from '../port/account.ts';
import type { ProviderRuntime } from '../port/provider.ts';
import { exchange, type HttpAnswer, SINGLE_TIMEOUT_MS } from '../http/exchange.ts';
import { consentIn, credentialOf, type ScopeRules, type Token, tokenIn } from '../http/token.ts';
import { accountIdentity } from './id_token.ts';
import type { MicrosoftConfig } from './config.ts';
import { grantedScopes, missingScopes, REQUESTED_SCOPES } from './scopes.ts';
import { needsConfirmation, tokenFailure, type TokenOperation } from './token_failure.ts';

const SCOPES: ScopeRules = { granted: grantedScopes, missing: missingScopes };
const SCOPE = REQUESTED_SCOPES.join(' ');

/**
 * The identity platform, version 2.0. The code is redeemed at the tenant address that gave it.
 *
 * @see https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-auth-code-flow
 */
export function microsoftOauth(config: MicrosoftConfig, runtime: ProviderRuntime): OAuthAccess {
  const address = `${config.authorityUrl}/${config.tenant}/oauth2/v2.0`;

  function ask(operation: TokenOperation, grant: Record<string, string>): Promise<HttpAnswer> {
    const form = new URLSearchParams({
      ...grant,
      client_id: config.clientId,
      client_secret: config.clientSecret,
      scope: SCOPE,
    });
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const init = { method: 'POST', headers, body: form.toString() };
    return exchange(runtime, operation, `${address}/token`, init, SINGLE_TIMEOUT_MS);
  }

  function tokenOf(operation: TokenOperation, answer: HttpAnswer): Token {
    if (answer.status !== 200) throw tokenFailure(operation, answer, runtime.now());
    return tokenIn(operation, answer);
  }

  return {
    authorizationUrl(request) {
      const query = new URLSearchParams({
        client_id: config.clientId,
        response_type: 'code',
        redirect_uri: request.redirectUri,
        response_mode: 'query',
        scope: SCOPE,
        state: request.state,
        code_challenge: request.codeChallenge,
        code_challenge_method: 'S256',
        // A known account is named, and then no other may be picked.
        ...(request.loginHint ? { login_hint: request.loginHint } : { prompt: 'select_account' }),
      });
      return Promise.resolve(`${address}/authorize?${query}`);
    },

    async completeAuthorization({ code, redirectUri, codeVerifier }) {
      const operation = 'Exchange the authorization code';
      const grant = {
        grant_type: 'authorization_code',
        code,
        redirect_uri: redirectUri,
        code_verifier: codeVerifier,
      };
      const token = tokenOf(operation, await ask(operation, grant));
      const { credential, idToken } = consentIn(operation, token, SCOPES);
      return { credential, account: accountIdentity(idToken, config, runtime.now()) };
    },

    async refresh(refreshToken) {
      const operation = 'Refresh the access token';
      const grant = { grant_type: 'refresh_token', refresh_token: refreshToken };
      let answer = await ask(operation, grant);
      if (needsConfirmation(answer)) answer = await ask(operation, grant);
      return credentialOf(tokenOf(operation, answer), SCOPES);
    },

    // There is no such request; people withdraw their consent in their account's own pages.
    revoke: () => Promise.resolve('unsupported'),
  };
}
