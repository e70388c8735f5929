import type { OAuth2Client } from 'google-auth-library';
import type { OAuthAccess } from '../port/account.ts';
import type { ProviderRuntime } from '../port/provider.ts';
import type { GoogleConfig } from './config.ts';
import { grantedScopes, missingScopes, REQUESTED_SCOPES } from './scopes.ts';
import { unreadable } from '../http/answer_json.ts';
import { exchange, type HttpAnswer, SINGLE_TIMEOUT_MS } from '../http/exchange.ts';
import { consentIn, credentialOf, type ScopeRules, type Token, tokenIn } from '../http/token.ts';
import { accountIdentity } from './id_token.ts';
import { tokenFailure, type TokenOperation } from './token_failure.ts';

const SCOPES: ScopeRules = { granted: grantedScopes, missing: missingScopes };

/**
 * OAuth through Google's own library, which knows the requests; the answers are judged here, from what came over the
 * wire, because the library hides the lifetime behind its own clock and folds every failure into one error type.
 */
export function googleOauth(config: GoogleConfig, runtime: ProviderRuntime): OAuthAccess {
  /**
   * The library with our `fetch`: no retry of its own (an authorization code works once), no logging of requests. It is
   * loaded when it is first called, because it would be a quarter of what starting a function costs, and most
   * invocations need no token.
   */
  const library = async (fetchImplementation: typeof fetch) => {
    const { CodeChallengeMethod, OAuth2Client } = await import('google-auth-library');
    const client = new OAuth2Client({
      clientId: config.clientId,
      clientSecret: config.clientSecret,
      redirectUri: config.redirectUri,
      endpoints: {
        oauth2AuthBaseUrl: config.authUrl,
        oauth2TokenUrl: config.tokenUrl,
      },
      useAuthRequestParameters: false,
      transporterOptions: { fetchImplementation, retryConfig: { retry: 0, noResponseRetries: 0 } },
    });
    return { client, s256: CodeChallengeMethod.S256 };
  };

  async function tokens(operation: TokenOperation, call: (client: OAuth2Client) => Promise<unknown>): Promise<Token> {
    let sent: Promise<HttpAnswer> | undefined;
    // What is used of `RequestInit`, said outright: with Node's types about, one generation of Deno loses sight of it.
    const { client } = await library(async (input, init?: { headers?: HeadersInit; body?: unknown }) => {
      const headers = new Headers(init?.headers);
      // Named, for runtimes in which the body is not recognised as a form.
      headers.set('content-type', 'application/x-www-form-urlencoded');
      sent = exchange(
        runtime,
        operation,
        String(input),
        { method: 'POST', headers, body: String(init?.body) },
        SINGLE_TIMEOUT_MS,
      );
      const { text, status } = await sent;
      return new Response(text, { status });
    });
    // The library's own error can carry the client secret and tokens: it is dropped, the answer says what happened.
    await call(client).catch(() => null);
    if (!sent) throw unreadable(operation, 'no request was made', null);
    const answer = await sent;
    if (answer.status !== 200) throw tokenFailure(operation, answer, runtime.now());
    return tokenIn(operation, answer);
  }

  return {
    async authorizationUrl(request) {
      const { client, s256 } = await library(runtime.fetch);
      return client.generateAuthUrl({
        access_type: 'offline',
        // Without it a second consent brings no refresh token.
        prompt: 'consent',
        scope: [...REQUESTED_SCOPES],
        state: request.state,
        redirect_uri: request.redirectUri,
        code_challenge: request.codeChallenge,
        code_challenge_method: s256,
        ...(request.loginHint ? { login_hint: request.loginHint } : {}),
      });
    },

    async completeAuthorization(answer) {
      const operation = 'Exchange the authorization code';
      const token = await tokens(operation, (client) =>
        client.getToken({
          code: answer.code,
          codeVerifier: answer.codeVerifier,
          redirect_uri: answer.redirectUri,
        }));
      const { credential, idToken } = consentIn(operation, token, SCOPES);
      return { credential, account: accountIdentity(idToken, config.clientId, runtime.now()) };
    },

    async refresh(refreshToken) {
      return credentialOf(
        await tokens('Refresh the access token', (client) => {
          client.setCredentials({ refresh_token: refreshToken });
          return client.refreshAccessToken();
        }),
        SCOPES,
      );
    },

    async revoke(token) {
      const operation = 'Revoke the grant';
      // Not through the library: it puts the token into the address, which proxies log.
      const answer = await exchange(
        runtime,
        operation,
        config.revokeUrl,
        { method: 'POST', body: new URLSearchParams({ token }) },
        SINGLE_TIMEOUT_MS,
      );
      if (answer.status === 200) return 'revoked';
      const failure = tokenFailure(operation, answer, runtime.now());
      if (failure.providerCode === 'invalid_token' || failure.providerCode === 'invalid_grant') return 'revoked';
      throw failure;
    },
  };
}
