/** What a token endpoint answers (RFC 6749 §5.1), and the identity token in it. Both adapters read it alike. */
import { z } from 'zod';
import type { Credential } from '../port/account.ts';
import { ProviderError } from '../port/failure.ts';
import { parsedJson, unreadable } from './answer_json.ts';
import type { HttpAnswer } from './exchange.ts';

const CLOCK_SKEW_SECONDS = 300;

const Token = z.object({
  access_token: z.string().min(1),
  expires_in: z.number().positive(),
  token_type: z.string().regex(/^bearer$/i),
  refresh_token: z.string().min(1).nullish(),
  scope: z.string().nullish(),
  id_token: z.string().nullish(),
});
export type Token = z.infer<typeof Token>;

/** The token in a successful answer. @throws {ProviderError} `UNEXPECTED_RESPONSE` */
export function tokenIn(operation: string, answer: HttpAnswer): Token {
  const read = Token.safeParse(parsedJson(answer.text));
  if (!read.success) throw unreadable(operation, 'the answer is not a token', null);
  return read.data;
}

export interface ScopeRules {
  /** As they are compared, without those that only name others. */
  granted(scope: string): string[];
  missing(granted: readonly string[]): string[];
}

export function credentialOf(token: Token, scopes: Pick<ScopeRules, 'granted'>): Credential {
  return {
    accessToken: token.access_token,
    expiresInSeconds: token.expires_in,
    ...(token.refresh_token ? { refreshToken: token.refresh_token } : {}),
    scopes: scopes.granted(token.scope ?? ''),
  };
}

/**
 * What a consent brought.
 *
 * @throws {ProviderError} `INSUFFICIENT_SCOPE` where the person unticked something, `UNEXPECTED_RESPONSE`
 */
export function consentIn(
  operation: string,
  token: Token,
  scopes: ScopeRules,
): { credential: Credential; idToken: string } {
  if (!token.scope || !token.id_token) {
    throw unreadable(operation, 'the answer has no scope or no identity token', null);
  }
  const credential = credentialOf(token, scopes);
  const missing = scopes.missing(credential.scopes);
  if (missing.length > 0) {
    throw new ProviderError('INSUFFICIENT_SCOPE', `${operation}: ${missing.length} permissions were not granted`, {
      operation,
      status: 200,
      context: { missing },
    });
  }
  return { credential, idToken: token.id_token };
}

const Common = z.object({ aud: z.string(), exp: z.number() });

/**
 * The claims of an identity token that is meant for us and has not expired. The signature is not checked, because the
 * token came from the token endpoint over TLS in answer to our secret. The issuer is the adapter's to check.
 *
 * @throws {ProviderError} `UNEXPECTED_RESPONSE`
 */
export function claimsOf<Claims>(
  idToken: string,
  shape: z.ZodType<Claims>,
  { clientId, nowMs }: { clientId: string; nowMs: number },
): Claims {
  const payload = payloadOf(idToken);
  const common = Common.safeParse(payload);
  const read = shape.safeParse(payload);
  if (!common.success || !read.success) throw refusedIdentity('cannot be read');
  if (common.data.aud !== clientId) throw refusedIdentity('is for another client');
  if (common.data.exp + CLOCK_SKEW_SECONDS < nowMs / 1000) throw refusedIdentity('has expired');
  return read.data;
}

export function refusedIdentity(state: string): ProviderError {
  return unreadable('Read the account', `the identity token ${state}`, null);
}

function payloadOf(idToken: string): unknown {
  try {
    const base64 = (idToken.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/');
    return parsedJson(new TextDecoder().decode(Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))));
  } catch {
    return null;
  }
}
