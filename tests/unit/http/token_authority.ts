/** Signs access tokens as the project's Auth server does, so that tests verify real signatures. */

const encode = (value: unknown) => base64url(new TextEncoder().encode(JSON.stringify(value)));

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

export interface TokenAuthority {
  /** Value of `SUPABASE_JWKS`. */
  readonly jwks: string;
  readonly publicKey: JsonWebKey;
  token(claims: Record<string, unknown>, header?: Record<string, unknown>): Promise<string>;
}

export async function tokenAuthority(kid = 'key-1'): Promise<TokenAuthority> {
  const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
  const publicKey = { ...await crypto.subtle.exportKey('jwk', pair.publicKey), kid, alg: 'ES256', use: 'sig' };
  return {
    jwks: JSON.stringify({ keys: [publicKey] }),
    publicKey,
    async token(claims, header = {}) {
      const unsigned = `${encode({ alg: 'ES256', typ: 'JWT', kid, ...header })}.${encode(claims)}`;
      const signature = await crypto.subtle.sign(
        { name: 'ECDSA', hash: 'SHA-256' },
        pair.privateKey,
        new TextEncoder().encode(unsigned),
      );
      return `${unsigned}.${base64url(new Uint8Array(signature))}`;
    },
  };
}

/** A token with an HMAC signature: what an attacker makes who takes a public key for a shared secret. */
export async function hmacToken(secret: string, claims: Record<string, unknown>, kid?: string): Promise<string> {
  const bytes = new TextEncoder().encode(secret);
  const key = await crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  const unsigned = `${encode({ alg: 'HS256', typ: 'JWT', ...(kid ? { kid } : {}) })}.${encode(claims)}`;
  return `${unsigned}.${
    base64url(new Uint8Array(await crypto.subtle.sign('HMAC', key, new TextEncoder().encode(unsigned))))
  }`;
}
