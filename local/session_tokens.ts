/**
 * Users' tokens as hosted projects sign them (ES256, with a public key to be fetched). The local Auth server only knows a shared
 * secret: the gateway re-signs what comes out of it and what goes back in.
 */
import type { StackSecrets } from './secrets.ts';

const ES256 = { name: 'ECDSA', hash: 'SHA-256' } as const;
const REMEMBERED = 500;

export interface SessionTokens {
  /** Public keys, the value of SUPABASE_JWKS. */
  readonly jwks: { keys: JsonWebKey[] };
  /** The token a user gets, from the one the Auth server made. */
  toPublic(token: string): Promise<string>;
  /** The token the Auth and REST servers accept, or null when ours did not sign this one. Expiry is theirs to check. */
  toInternal(token: string): Promise<string | null>;
  /** What a token of ours says while it is valid, else null. */
  claims(token: string): Promise<Record<string, unknown> | null>;
}

export async function sessionTokens(secrets: StackSecrets, issuer: string): Promise<SessionTokens> {
  const { kty, crv, x, y, kid } = secrets.signingKey as JsonWebKey & { kid: string };
  const publicJwk = { kty, crv, x, y, kid, alg: 'ES256', use: 'sig', key_ops: ['verify'], ext: true } as JsonWebKey;
  const curve = { name: 'ECDSA', namedCurve: 'P-256' };
  const privateKey = await crypto.subtle.importKey('jwk', secrets.signingKey, curve, false, ['sign']);
  const publicKey = await crypto.subtle.importKey('jwk', publicJwk, curve, false, ['verify']);
  const shared = await crypto.subtle.importKey(
    'raw',
    new TextEncoder().encode(secrets.sharedJwtSecret),
    { name: 'HMAC', hash: 'SHA-256' },
    false,
    ['sign'],
  );
  const known = new Map<string, string>();

  async function toInternal(token: string): Promise<string | null> {
    const remembered = known.get(token);
    if (remembered !== undefined) return remembered;
    const [head = '', body = '', signature = ''] = token.split('.');
    try {
      if (decode(head).alg !== 'ES256') return null;
      const input = new TextEncoder().encode(`${head}.${body}`);
      if (!await crypto.subtle.verify(ES256, publicKey, fromBase64Url(signature), input)) return null;
      const translated = await signed({ alg: 'HS256', typ: 'JWT' }, decode(body), { name: 'HMAC' }, shared);
      if (known.size >= REMEMBERED) known.delete(known.keys().next().value!);
      known.set(token, translated);
      return translated;
    } catch {
      return null; // not a token at all
    }
  }

  return {
    jwks: { keys: [publicJwk] },
    async toPublic(token) {
      const claims = { ...decode(token.split('.')[1] ?? ''), iss: issuer };
      return await signed({ alg: 'ES256', kid, typ: 'JWT' }, claims, ES256, privateKey);
    },
    toInternal,
    async claims(token) {
      if (await toInternal(token) === null) return null;
      const claims = decode(token.split('.')[1] ?? '');
      return typeof claims.exp === 'number' && claims.exp > Date.now() / 1000 ? claims : null;
    },
  };
}

async function signed(header: object, claims: object, algorithm: { name: string }, key: CryptoKey): Promise<string> {
  const input = `${toBase64Url(JSON.stringify(header))}.${toBase64Url(JSON.stringify(claims))}`;
  const signature = new Uint8Array(await crypto.subtle.sign(algorithm, key, new TextEncoder().encode(input)));
  return `${input}.${signature.toBase64({ alphabet: 'base64url', omitPadding: true })}`;
}

function decode(part: string): Record<string, unknown> {
  return JSON.parse(new TextDecoder().decode(fromBase64Url(part))) as Record<string, unknown>;
}

function toBase64Url(text: string): string {
  return new TextEncoder().encode(text).toBase64({ alphabet: 'base64url', omitPadding: true });
}

function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.fromBase64(text, { alphabet: 'base64url' });
}
