/** PKCE (RFC 7636), S256 only: the code is worth nothing without the verifier that stays here. */
import { encodeBase64url, randomToken } from './base64url.ts';

export interface Pkce {
  readonly codeVerifier: string;
  readonly codeChallenge: string;
}

/** A fresh verifier with its challenge, `S256` (RFC 7636). */
export async function newPkce(): Promise<Pkce> {
  const codeVerifier = randomToken();
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(codeVerifier));
  return { codeVerifier, codeChallenge: encodeBase64url(new Uint8Array(digest)) };
}
