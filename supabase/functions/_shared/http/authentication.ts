/**
 * Who calls. The JWT alone says which person; the membership table, read on every request, says in which practice, so that
 * somebody removed from a practice loses it at once and not when their token ends.
 */
import { createLocalJWKSet, errors, importJWK, jwtVerify, type JWTVerifyGetKey } from 'jose';
import { z } from 'zod';
import type { Rpc } from '../db/rpc.ts';
import { memberContexts } from '../db/members.ts';
import { SyncError } from '../errors.ts';
import { jsonVariable } from './environment.ts';
import { InvalidRequest } from './request_body.ts';

export interface Member {
  readonly userId: string;
  readonly organisationId: string;
  readonly memberId: string;
  readonly role: 'admin' | 'practitioner' | 'secretary';
}

/** Names the practice for a person who belongs to several. */
export const ORGANISATION_HEADER = 'x-organisation-id';

const key = z.looseObject({ kty: z.string() });
/** `SUPABASE_JWKS`: a key set, or its keys alone. */
export const keySetOfTokens = jsonVariable(
  z.union([z.object({ keys: z.array(key).min(1) }), z.array(key).min(1).transform((keys) => ({ keys }))]),
);
type TokenKeySet = z.output<typeof keySetOfTokens>;

const MAX_TOKEN_CHARACTERS = 8192;
const CLOCK_SKEW_SECONDS = 5;
const claims = z.object({ sub: z.guid(), role: z.literal('authenticated') });

/** Gives the user id of a valid access token. @throws {SyncError} `UNAUTHENTICATED` */
export type TokenVerifier = (token: string) => Promise<string>;

/**
 * Verifies with the project's keys and no network call. A symmetric key is used only if the project's own set holds one
 * (older projects, the local stack) and only for HS256: a public key can never be taken for a secret.
 */
export function tokenVerifier(keySet: TokenKeySet, now: () => number): TokenVerifier {
  const secrets = keySet.keys.filter((entry) => entry.kty === 'oct');
  const published = createLocalJWKSet({ keys: keySet.keys.filter((entry) => entry.kty !== 'oct') });
  const findKey: JWTVerifyGetKey = async (header, token) => {
    if (header.alg !== 'HS256') return await published(header, token);
    const secret = secrets.find((entry) =>
      header.kid === undefined || entry.kid === undefined || entry.kid === header.kid
    );
    if (secret === undefined) throw new errors.JWKSNoMatchingKey();
    return await importJWK(secret, 'HS256');
  };
  const algorithms = ['ES256', 'RS256', 'EdDSA', ...(secrets.length > 0 ? ['HS256'] : [])];

  return async (token) => {
    if (token.length > MAX_TOKEN_CHARACTERS) throw unauthenticated('token_too_long');
    try {
      const { payload } = await jwtVerify(token, findKey, {
        algorithms,
        requiredClaims: ['exp', 'sub'],
        clockTolerance: CLOCK_SKEW_SECONDS,
        currentDate: new Date(now()),
      });
      const person = claims.safeParse(payload);
      if (!person.success) throw unauthenticated('not_a_person');
      return person.data.sub;
    } catch (error) {
      if (error instanceof SyncError) throw error;
      throw unauthenticated(error instanceof errors.JOSEError ? error.code : 'token_unreadable');
    }
  };
}

function unauthenticated(reason: string): SyncError {
  return new SyncError('UNAUTHENTICATED', 'Authenticate: the access token is not accepted', { context: { reason } });
}

function bearerToken(request: Request): string {
  const token = /^bearer +(\S+)$/i.exec(request.headers.get('authorization')?.trim() ?? '')?.[1];
  if (token === undefined) throw unauthenticated('no_token');
  return token;
}

/** @throws {SyncError} `UNAUTHENTICATED`, `FORBIDDEN` (no member of that practice), `INVALID_REQUEST` (several, none named) */
export async function authenticate(request: Request, verify: TokenVerifier, rpc: Rpc): Promise<Member> {
  const userId = await verify(bearerToken(request));
  const memberships = await memberContexts(rpc, userId);
  const named = request.headers.get(ORGANISATION_HEADER)?.trim().toLowerCase();
  const found = named ? memberships.find((membership) => membership.organisationId === named) : memberships[0];
  if (found === undefined) throw new SyncError('FORBIDDEN', 'Authenticate: the person is no member of this practice');
  if (!named && memberships.length > 1) {
    throw new InvalidRequest('Authenticate: the person belongs to several practices and none is named', [
      { path: [ORGANISATION_HEADER], message: 'required for a member of several practices' },
    ]);
  }
  return { userId, organisationId: found.organisationId, memberId: found.memberId, role: found.role };
}
