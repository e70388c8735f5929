/**
 * Who calls. The JWT alone says which person; the membership table, read on every request, says in which practice, so that
 * a person who is removed from a practice loses it at once and not when their token ends.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Rpc } from '../db/rpc.ts';
import type { Owner } from '../db/connect_flows.ts';
import { practicesOf } from '../db/members.ts';
import { SyncError } from '../errors.ts';
import { type TokenVerifier, unauthenticated } from './access_token.ts';
import { InvalidRequest } from './request_body.ts';

/** The person who calls, and the practice for which they do. */
export type Member = Owner;

/** Names the practice for a person who belongs to several. */
const ORGANISATION_HEADER = 'x-organisation-id';

function bearerToken(request: Request): string {
  const token = /^bearer +(\S+)$/i.exec(request.headers.get('authorization')?.trim() ?? '')?.[1];
  if (token === undefined) throw unauthenticated('no_token');
  return token;
}

/** @throws {SyncError} `UNAUTHENTICATED`, `AUTH_UNAVAILABLE`, `FORBIDDEN` (no member of that practice), `INVALID_REQUEST` (several, none named) */
export async function authenticate(request: Request, verify: TokenVerifier, rpc: Rpc): Promise<Member> {
  const userId = await verify(bearerToken(request));
  const practices = await practicesOf(rpc, userId);
  const named = request.headers.get(ORGANISATION_HEADER)?.trim().toLowerCase();
  const organisationId = named ? practices.find((id) => id === named) : practices[0];
  if (organisationId === undefined) {
    throw new SyncError('FORBIDDEN', 'Authenticate: the person is no member of this practice');
  }
  if (!named && practices.length > 1) {
    throw new InvalidRequest('Authenticate: the person belongs to several practices and none is named', [
      { path: [ORGANISATION_HEADER], message: 'required for a member of several practices' },
    ]);
  }
  return { userId, organisationId };
}

const digest = (text: string) => createHash('sha256').update(text).digest();

/**
 * A monitor, by the token that it shares with the functions; where they have none, no token is right. Compared by digests,
 * in the same time whatever is sent.
 *
 * @throws {SyncError} `UNAUTHENTICATED`
 */
export function authenticateMonitor(request: Request, token: string | undefined): void {
  const given = bearerToken(request);
  if (token === undefined || !timingSafeEqual(digest(given), digest(token))) throw unauthenticated('other_token');
}
