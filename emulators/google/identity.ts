/** Who is calling, by the bearer token. */
import { Failure } from './answers.ts';
import type { AccessToken, Grants } from './grants.ts';
import type { Account, World } from './world.ts';

export interface Caller {
  readonly token: AccessToken;
  readonly account: Account;
}

function bearer(headers: Headers): string | null {
  return /^Bearer (\S+)$/i.exec(headers.get('authorization') ?? '')?.[1] ?? null;
}

/** Whose token it is, good or not; null if nobody's. */
export function holderOf(headers: Headers, grants: Grants, world: World): Caller | null {
  const text = bearer(headers);
  const token = text === null ? null : grants.peek(text);
  const account = token ? world.accounts.get(token.account) : undefined;
  return token && account ? { token, account } : null;
}

/** The caller of a good token; refuses any other with the 401 that the API gives. */
export function callerOf(headers: Headers, grants: Grants, world: World, now: number): Caller {
  const text = bearer(headers);
  const token = text === null ? null : grants.access(text, now);
  const account = token ? world.accounts.get(token.account) : undefined;
  if (token && account) return { token, account };
  const options = { location: 'Authorization', locationType: 'header' as const, form: 'both' as const };
  throw text === null
    ? new Failure(401, 'required', { ...options, message: 'Login Required.', detailReason: 'CREDENTIALS_MISSING' })
    : new Failure(401, 'authError', { ...options, detailReason: 'ACCESS_TOKEN_EXPIRED' });
}
