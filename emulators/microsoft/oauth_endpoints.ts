/** Which address answers what in the identity platform. */
import type { Answer } from '../core/answers.ts';
import type { GiveUp } from '../core/misbehave.ts';
import type { IdTokens } from '../core/signing.ts';
import type { OAuthClient } from '../core/oauth_client.ts';
import { authorize, decide } from './consent.ts';
import { decoded } from './decoded.ts';
import { type OAuthScene, openIdConfiguration, token, userInfo } from './oauth.ts';
import type { Session } from './session.ts';
import { isTenant } from './tenants.ts';
import { underFaults } from './under_faults.ts';

export interface OAuthSession {
  readonly session: Session;
  readonly client: OAuthClient;
  readonly idTokens: IdTokens;
  readonly turn: () => number;
  readonly giveUp: GiveUp;
}

/** Null where the address is none of these. */
export async function answerOAuth(request: Request, url: URL, parts: OAuthSession): Promise<Answer | null> {
  const { session, client, idTokens, turn, giveUp } = parts;
  const { grants, now, scene: { world, settings } } = session;
  const query = url.searchParams;
  const match = /^\/([^/]+)\/(oauth2\/v2\.0\/[a-z/]+|v2\.0\/\.well-known\/openid-configuration|discovery\/v2\.0\/keys)$/
    .exec(url.pathname);
  const tenant = decoded(match?.[1] ?? 'common');
  // Read when the work begins: a fault may have delayed it.
  const scene = (): OAuthScene => ({
    client,
    world,
    grants,
    settings,
    idTokens,
    tenant,
    origin: url.origin,
    turn,
    now: now(),
  });
  const under = (name: string, account: string | null, work: () => Answer | Promise<Answer>) =>
    underFaults(`oauth.${name}`, request, url, session, giveUp, account, work);
  switch (`${request.method} ${match?.[2] ?? url.pathname}`) {
    case 'GET oauth2/v2.0/authorize':
      return await under('auth', query.get('__approve'), () => authorize(tenant, query, scene()));
    case 'POST oauth2/v2.0/authorize/decision':
      return decide(tenant, await formOf(request), scene());
    case 'POST oauth2/v2.0/token': {
      const form = await formOf(request);
      const account = grants.accountBehind(form.get('refresh_token') ?? form.get('code') ?? '');
      return await under('token', account, () => token(form, request.headers, scene()));
    }
    case 'GET v2.0/.well-known/openid-configuration':
      return isTenant(tenant, world) ? openIdConfiguration(url.origin, tenant) : { status: 400, body: {} };
    case 'GET discovery/v2.0/keys':
      return { status: 200, body: await idTokens.keySet() };
    case 'GET /oidc/userinfo':
      return await under('userinfo', null, () => userInfo(request.headers, scene()));
    default:
      return null;
  }
}

async function formOf(request: Request): Promise<URLSearchParams> {
  return new URLSearchParams(await request.text());
}
