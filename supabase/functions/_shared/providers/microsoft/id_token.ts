import { z } from 'zod';
import { ForeignId, foreignName } from '../boundary.ts';
import { claimsOf, refusedIdentity } from '../http/token.ts';
import type { AccountIdentity } from '../port/account.ts';
import type { MicrosoftConfig } from './config.ts';

const TENANT_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const Claims = z.object({
  iss: z.string(),
  ver: z.literal('2.0'),
  tid: z.string().regex(TENANT_ID),
  oid: ForeignId.max(255),
  email: z.string().nullish(),
  preferred_username: z.string().nullish(),
});

/** Who connected. @throws {ProviderError} `UNEXPECTED_RESPONSE` */
export function accountIdentity(
  idToken: string,
  { authorityUrl, clientId, tenant }: Pick<MicrosoftConfig, 'authorityUrl' | 'clientId' | 'tenant'>,
  nowMs: number,
): AccountIdentity {
  const { iss, tid, oid, email, preferred_username: name } = claimsOf(idToken, Claims, { clientId, nowMs });
  // Each tenant issues its own tokens, whichever address the sign-in went through.
  if (iss !== `${new URL(authorityUrl).origin}/${tid}/v2.0`) throw refusedIdentity('has a foreign issuer');
  if (TENANT_ID.test(tenant) && tenant.toLowerCase() !== tid.toLowerCase()) {
    throw refusedIdentity('is of another tenant');
  }
  // Both names are for people to read: they change, and the second one can be a phone number.
  return { subject: `${tid}:${oid}`, email: foreignName(email) ?? (name?.includes('@') ? foreignName(name) : null) };
}
