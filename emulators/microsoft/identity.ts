/** Who is calling, by the bearer token. */
import { type Bearer, callerOf as bearerOf } from '../core/bearer.ts';
import { GraphError } from './errors.ts';
import type { AccessToken, Grants } from './grants.ts';
import type { Account, World } from './world.ts';

export type Caller = Bearer<AccessToken, Account>;

/** The caller of a good token; refuses any other with the 401 that Graph gives. */
export function callerOf(headers: Headers, grants: Grants, world: World, now: number): Caller {
  return bearerOf(headers, grants, world, now, (sent) =>
    new GraphError(401, 'InvalidAuthenticationToken', {
      ...(sent ? {} : { message: 'Access token is empty.' }),
      headers: { 'www-authenticate': 'Bearer realm="", authorization_uri="", client_id=""' },
    }));
}
