import { z } from 'zod';
import { ForeignId, foreignName } from '../boundary.ts';
import { type AccountIdentity, ProviderError } from '../calendar_provider.ts';

const ISSUERS = new Set(['https://accounts.google.com', 'accounts.google.com']);
const CLOCK_SKEW_SECONDS = 300;

const Claims = z.object({
  iss: z.string(),
  aud: z.string(),
  exp: z.number(),
  sub: ForeignId.max(255),
  email: z.string().nullish(),
});

/**
 * Who connected. The signature is not checked, because the token came from the token endpoint over TLS in answer to
 * our secret; issuer, audience and expiry are, so a token meant for somebody else is refused all the same.
 */
export function accountIdentity(idToken: string, clientId: string, nowMs: number): AccountIdentity {
  const operation = 'Read the account';
  const refuse = (state: string): never => {
    throw new ProviderError('UNEXPECTED_RESPONSE', `${operation}: ${state}`, { operation });
  };
  const read = Claims.safeParse(payload(idToken));
  if (!read.success) return refuse('the identity token cannot be read');
  const claims = read.data;
  if (!ISSUERS.has(claims.iss)) return refuse('the identity token has a foreign issuer');
  if (claims.aud !== clientId) return refuse('the identity token is for another client');
  if (claims.exp + CLOCK_SKEW_SECONDS < nowMs / 1000) return refuse('the identity token has expired');
  return { subject: claims.sub, email: foreignName(claims.email) };
}

function payload(idToken: string): unknown {
  try {
    const base64 = (idToken.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/');
    return JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))));
  } catch {
    return null;
  }
}
