import { z } from 'zod';
import {
  type AccountIdentity,
  type AuthorizationAnswer,
  type AuthorizationRequest,
  type Credential,
  ProviderError,
  type ProviderRuntime,
} from '../calendar_provider.ts';
import { parsedJson } from './answer_json.ts';
import { exchange, type HttpAnswer, SINGLE_TIMEOUT_MS } from '../http/exchange.ts';
import { accountIdentity } from './id_token.ts';
import type { MicrosoftConfig } from './config.ts';
import { grantedScopes, missingScopes, REQUESTED_SCOPES } from './scopes.ts';
import { needsConfirmation, tokenFailure, type TokenOperation } from './token_failure.ts';

const Token = z.object({
  access_token: z.string().min(1),
  expires_in: z.number().positive(),
  token_type: z.string().regex(/^bearer$/i),
  refresh_token: z.string().min(1).nullish(),
  scope: z.string().nullish(),
  id_token: z.string().nullish(),
});
type Token = z.infer<typeof Token>;

const SCOPE = REQUESTED_SCOPES.join(' ');

export interface MicrosoftOauth {
  authorizationUrl(request: AuthorizationRequest): string;
  completeAuthorization(answer: AuthorizationAnswer): Promise<{ credential: Credential; account: AccountIdentity }>;
  refresh(refreshToken: string): Promise<Credential>;
}

/** The identity platform, version 2.0. The code is redeemed at the tenant address that gave it. */
export function microsoftOauth(config: MicrosoftConfig, runtime: ProviderRuntime): MicrosoftOauth {
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
    const read = Token.safeParse(parsedJson(answer.text));
    if (!read.success) throw unreadable(operation, 'the answer is not a token');
    return read.data;
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
      return `${address}/authorize?${query}`;
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
      return { credential, account: accountIdentity(token.id_token, config, runtime.now()) };
    },

    async refresh(refreshToken) {
      const operation = 'Refresh the access token';
      const grant = { grant_type: 'refresh_token', refresh_token: refreshToken };
      let answer = await ask(operation, grant);
      if (needsConfirmation(answer)) answer = await ask(operation, grant);
      return credentialOf(tokenOf(operation, answer));
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
