/**
 * Verifies a person's access token. The claims are judged here, always. The signature is judged by the project's published
 * keys, without a network call, or by the project's Auth server for a token that those keys say nothing about: projects that
 * sign with the legacy shared secret publish no key, and after a rotation a running instance does not know the new one.
 */
import { compactVerify, createLocalJWKSet, decodeJwt, decodeProtectedHeader, importJWK } from 'jose';
import { z } from 'zod';
import { type ErrorContext, SyncError } from '../errors.ts';

/** Gives the user id of a valid access token. @throws {SyncError} `UNAUTHENTICATED`, `AUTH_UNAVAILABLE` */
export type TokenVerifier = (token: string) => Promise<string>;

const publicKey = z.looseObject({ kty: z.string() });
export type TokenKey = z.output<typeof publicKey>;

/**
 * The keys of `SUPABASE_JWKS`: a key set, or its keys alone. What is missing, empty or unreadable is no key: then the Auth
 * server is asked, which is slower and safe.
 */
export function keysOf(variable: string | undefined): readonly TokenKey[] {
  let set: unknown;
  try {
    set = JSON.parse(variable ?? '[]');
  } catch {
    return [];
  }
  const keys: unknown = Array.isArray(set) ? set : (set as { keys?: unknown } | null)?.keys;
  return Array.isArray(keys) ? keys.flatMap((key) => publicKey.safeParse(key).data ?? []) : [];
}

/**
 * The id of the user whose token this is. An answer is kept for up to a minute: whether the token has expired meanwhile is
 * for its claims to say.
 *
 * @throws {SyncError} `UNAUTHENTICATED` where the server refuses it, `AUTH_UNAVAILABLE` where it gives no usable answer
 */
export type AskAuthServer = (token: string) => Promise<string>;

export interface TokenRules {
  readonly keys: readonly TokenKey[];
  /** What `iss` may be, exactly. */
  readonly issuers: readonly string[];
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly ask: AskAuthServer;
}

const MAX_TOKEN_CHARACTERS = 8192;
const CLOCK_SKEW_SECONDS = 5;
const AUDIENCE = 'authenticated';

const ASYMMETRIC = ['ES256', 'RS256', 'EdDSA'];
const header = z.looseObject({ alg: z.enum([...ASYMMETRIC, 'HS256']), kid: z.string().optional() });
const claims = z.looseObject({
  sub: z.guid(),
  role: z.literal('authenticated'),
  aud: z.union([z.string().transform((one) => [one]), z.array(z.string())]),
  iss: z.string(),
  exp: z.number(),
  nbf: z.number().optional(),
});
type Claims = z.output<typeof claims>;

export function tokenVerifier(rules: TokenRules): TokenVerifier {
  const keyFor = keyFinder(rules.keys);
  return async (token) => {
    if (token.length > MAX_TOKEN_CHARACTERS) throw unauthenticated('token_too_long');
    const { sub } = judgedClaims(token, rules);
    const key = await keyFor(token);
    if (key !== null) await requireSignature(token, key);
    else if (await rules.ask(token) !== sub) throw unauthenticated('not_this_person');
    return sub;
  };
}

/** The key of the set that judges this token, or null where none does. */
function keyFinder(keys: readonly TokenKey[]): (token: string) => Promise<CryptoKey | Uint8Array | null> {
  const secrets = keys.filter((key) => key.kty === 'oct');
  const published = createLocalJWKSet({ keys: keys.filter((key) => key.kty !== 'oct') });
  return async (token) => {
    const { alg, kid } = header.parse(decodeProtectedHeader(token));
    try {
      // A symmetric key only for HS256, and never another: a public key cannot be taken for a secret.
      if (alg !== 'HS256') return await published({ alg, ...(kid === undefined ? {} : { kid }) });
      const secret = secrets.find((key) => kid === undefined || key.kid === undefined || key.kid === kid);
      return secret === undefined ? null : await importJWK(secret, alg);
    } catch {
      return null; // no such key, several, or one that cannot be used
    }
  };
}

function judgedClaims(token: string, { issuers, now }: TokenRules): Claims {
  let payload: unknown;
  try {
    header.parse(decodeProtectedHeader(token));
    payload = decodeJwt(token);
  } catch {
    throw unauthenticated('token_unreadable');
  }
  const read = claims.safeParse(payload).data;
  if (read === undefined) throw unauthenticated('not_a_person');
  const seconds = now() / 1000;
  if (!read.aud.includes(AUDIENCE)) throw unauthenticated('other_audience');
  if (!issuers.includes(read.iss)) throw unauthenticated('other_issuer', { expectedIssuers: issuers });
  if (read.exp <= seconds - CLOCK_SKEW_SECONDS) throw unauthenticated('expired');
  if (read.nbf !== undefined && read.nbf > seconds + CLOCK_SKEW_SECONDS) throw unauthenticated('not_yet_valid');
  return read;
}

async function requireSignature(token: string, key: CryptoKey | Uint8Array): Promise<void> {
  try {
    await compactVerify(token, key, { algorithms: [...ASYMMETRIC, 'HS256'] });
  } catch {
    throw unauthenticated('signature');
  }
}

export function unauthenticated(reason: string, more: ErrorContext = {}): SyncError {
  return new SyncError('UNAUTHENTICATED', 'Authenticate: the access token is not accepted', {
    context: { reason, ...more },
  });
}
