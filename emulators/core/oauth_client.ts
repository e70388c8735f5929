/** The one app that an emulator knows, and how a token request names it. */
import { encode } from './signing.ts';

export interface OAuthClient {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly redirectUris: readonly string[];
}

/** What the body says, or the `Authorization: Basic` header where there is one. */
export function credentialsOf(form: URLSearchParams, headers: Headers): { id: string | null; secret: string | null } {
  const basic = /^Basic (.+)$/i.exec(headers.get('authorization') ?? '')?.[1];
  if (!basic) return { id: form.get('client_id'), secret: form.get('client_secret') };
  const [id = '', secret = ''] = atob(basic).split(':').map(decodeURIComponent);
  return { id, secret };
}

/** Whether the verifier of a code's exchange is the one of its challenge (RFC 7636). */
export async function answersChallenge(
  verifier: string,
  challenge: string,
  challengeMethod: 'S256' | 'plain',
): Promise<boolean> {
  if (challengeMethod === 'plain') return verifier === challenge;
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier)));
  return encode(digest) === challenge;
}
