import { z } from 'zod';
import { ForeignId, foreignName } from '../boundary.ts';
import { claimsOf, refusedIdentity } from '../http/token.ts';
import type { AccountIdentity } from '../port/account.ts';

const ISSUERS = new Set(['https://accounts.google.com', 'accounts.google.com']);

const Claims = z.object({ iss: z.string(), sub: ForeignId.max(255), email: z.string().nullish() });

/** Who connected. @throws {ProviderError} `UNEXPECTED_RESPONSE` */
export function accountIdentity(idToken: string, clientId: string, nowMs: number): AccountIdentity {
  const { iss, sub, email } = claimsOf(idToken, Claims, { clientId, nowMs });
  if (!ISSUERS.has(iss)) throw refusedIdentity('has a foreign issuer');
  return { subject: sub, email: foreignName(email) };
}
