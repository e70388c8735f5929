import { CodeChallengeMethod, OAuth2Client } from 'google-auth-library';
import { z } from 'zod';
import {
  type AccountIdentity,
  type AuthorizationAnswer,
  type AuthorizationRequest,
  type Credential,
  ProviderError,
  type ProviderRuntime,
} from '../calendar_provider.ts';
import type { GoogleConfig } from './config.ts';
import { grantedScopes, missingScopes, REQUESTED_SCOPES } from './scopes.ts';
import { exchange, type HttpAnswer, SINGLE_TIMEOUT_MS } from '../http/exchange.ts';
import { accountIdentity } from './id_token.ts';
import { tokenFailure, type TokenOperation } from './token_failure.ts';

const Token = z.object({
  access_token: z.string().min(1),
  expires_in: z.number().positive(),
  token_type: z.string().regex(/^bearer$/i),
  refresh_token: z.string().min(1).nullish(),
  scope: z.string().nullish(),
  id_token: z.string().nullish(),
});
type Token = z.infer<typeof Token>;

export interface GoogleOauth {
  authorizationUrl(request: AuthorizationRequest): string;
  completeAuthorization(answer: AuthorizationAnswer): Promise<{ credential: Credential; account: AccountIdentity }>;
  refresh(refreshToken: string): Promise<Credential>;
  revoke(token: string): Promise<'revoked'>;
}

/**
 * OAuth through Google's own library, which knows the requests; the answers are judged here, from what came over the
 * wire, because the library hides the lifetime behind its own clock and folds every failure into one error type.
 */
export function googleOauth(config: GoogleConfig, runtime: ProviderRuntime): GoogleOauth {
  /** The library with our `fetch`: no retry of its own (an authorization code works once), no logging of requests. */
  const library = (fetchImplementation: typeof fetch) =>
    new OAuth2Client({
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

  async function tokens(operation: TokenOperation, call: (client: OAuth2Client) => Promise<unknown>): Promise<Token> {
    let sent: Promise<HttpAnswer> | undefined;
    // What is used of `RequestInit`, said outright: with Node's types about, one generation of Deno loses sight of it.
    const client = library(async (input, init?: { headers?: HeadersInit; body?: unknown }) => {
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
    if (!sent) throw unreadable(operation, 'no request was made');
    const answer = await sent;
    if (answer.status !== 200) throw tokenFailure(operation, answer, runtime.now());
    const read = Token.safeParse(json(answer.text));
    if (!read.success) throw unreadable(operation, 'the answer is not a token');
    return read.data;
  }

  return {
    authorizationUrl: (request) =>
      library(runtime.fetch).generateAuthUrl({
        access_type: 'offline',
        // Without it a second consent brings no refresh token.
        prompt: 'consent',
        scope: [...REQUESTED_SCOPES],
        state: request.state,
        redirect_uri: request.redirectUri,
        code_challenge: request.codeChallenge,
        code_challenge_method: CodeChallengeMethod.S256,
        ...(request.loginHint ? { login_hint: request.loginHint } : {}),
      }),

    async completeAuthorization(answer) {
      const operation = 'Exchange the authorization code';
      const token = await tokens(operation, (client) =>
        client.getToken({
          code: answer.code,
          codeVerifier: answer.codeVerifier,
          redirect_uri: answer.redirectUri,
        }));
      if (!token.scope || !token.id_token) throw unreadable(operation, 'the answer has no scope or no identity token');
      const credential = credentialOf(token);
      const missing = missingScopes(credential.scopes);
      if (missing.length > 0) {
        throw new ProviderError('INSUFFICIENT_SCOPE', `${operation}: ${missing.length} permissions were not granted`, {
          operation,
          status: 200,
          context: { missing },
        });
      }
      return { credential, account: accountIdentity(token.id_token, config.clientId, runtime.now()) };
    },

    async refresh(refreshToken) {
      return credentialOf(
        await tokens('Refresh the access token', (client) => {
          client.setCredentials({ refresh_token: refreshToken });
          return client.refreshAccessToken();
        }),
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

function credentialOf(token: Token): Credential {
  return {
    accessToken: token.access_token,
    expiresInSeconds: token.expires_in,
    ...(token.refresh_token ? { refreshToken: token.refresh_token } : {}),
    scopes: grantedScopes(token.scope ?? ''),
  };
}

function unreadable(operation: TokenOperation, state: string): ProviderError {
  return new ProviderError('UNEXPECTED_RESPONSE', `${operation}: ${state}`, { operation });
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
