import { z } from 'zod';
import { ForeignId, foreignName } from '../boundary.ts';
import { type AccountIdentity, ProviderError } from '../calendar_provider.ts';
import type { MicrosoftConfig } from './config.ts';

const CLOCK_SKEW_SECONDS = 300;
const TENANT_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const Claims = z.object({
  iss: z.string(),
  aud: z.string(),
  exp: z.number(),
  ver: z.literal('2.0'),
  tid: z.string().regex(TENANT_ID),
  oid: ForeignId.max(255),
  email: z.string().nullish(),
  preferred_username: z.string().nullish(),
});

/**
 * Who connected. The signature is not checked, because the token came from the token endpoint over TLS in answer to
 * our secret; issuer, audience and expiry are, so a token meant for somebody else is refused all the same.
 */
export function accountIdentity(
  idToken: string,
  config: Pick<MicrosoftConfig, 'authorityUrl' | 'clientId' | 'tenant'>,
  nowMs: number,
): AccountIdentity {
  const operation = 'Read the account';
  const refuse = (state: string): never => {
    throw new ProviderError('UNEXPECTED_RESPONSE', `${operation}: ${state}`, { operation });
  };
  const read = Claims.safeParse(payload(idToken));
  if (!read.success) return refuse('the identity token cannot be read');
  const { iss, aud, exp, tid, oid, email, preferred_username: name } = read.data;
  // Each tenant issues its own tokens, whichever address the sign-in went through.
  if (iss !== `${new URL(config.authorityUrl).origin}/${tid}/v2.0`) {
    return refuse('the identity token has a foreign issuer');
  }
  if (TENANT_ID.test(config.tenant) && config.tenant.toLowerCase() !== tid.toLowerCase()) {
    return refuse('the identity token is of another tenant');
  }
  if (aud !== config.clientId) return refuse('the identity token is for another client');
  if (exp + CLOCK_SKEW_SECONDS < nowMs / 1000) return refuse('the identity token has expired');
  // Both names are for people to read: they change, and the second one can be a phone number.
  return { subject: `${tid}:${oid}`, email: foreignName(email) ?? (name?.includes('@') ? foreignName(name) : null) };
}

function payload(idToken: string): unknown {
  try {
    const base64 = (idToken.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/');
    return JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))));
  } catch {
    return null;
  }
}
