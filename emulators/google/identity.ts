/** Who is calling, by the bearer token. */
import { type Bearer, callerOf as bearerOf } from '../core/bearer.ts';
import { Failure } from './answers.ts';
import type { AccessToken, Grants } from './grants.ts';
import type { Account, World } from './world.ts';

export type Caller = Bearer<AccessToken, Account>;

/** The caller of a good token; refuses any other with the 401 that the API gives. */
export function callerOf(headers: Headers, grants: Grants, world: World, now: number): Caller {
  const options = { location: 'Authorization', locationType: 'header' as const, form: 'both' as const };
  return bearerOf(
    headers,
    grants,
    world,
    now,
    (sent) =>
      sent
        ? new Failure(401, 'authError', { ...options, detailReason: 'ACCESS_TOKEN_EXPIRED' })
        : new Failure(401, 'required', { ...options, message: 'Login Required.', detailReason: 'CREDENTIALS_MISSING' }),
  );
}
