/** Which address answers what in the OAuth and identity part. */
import type { GiveUp } from '../core/misbehave.ts';
import type { IdTokens } from '../core/signing.ts';
import type { Answer } from './answers.ts';
import type { ApiParts } from './api.ts';
import type { OAuthClient } from '../core/oauth_client.ts';
import { authorize, decide } from './consent.ts';
import { type OAuthScene, openIdConfiguration, revoke, token, tokenInfo, userInfo } from './oauth.ts';
import { underFaults } from './under_faults.ts';

export interface OAuthSession extends ApiParts {
  readonly client: OAuthClient;
  readonly idTokens: IdTokens;
  readonly giveUp: GiveUp;
}

/** Null where the address is none of these. */
export async function answerOAuth(request: Request, url: URL, session: OAuthSession): Promise<Answer | null> {
  const { client, grants, idTokens, now, scene: { world } } = session;
  const query = url.searchParams;
  // Read when the work begins: a fault may have delayed it.
  const scene = (): OAuthScene => ({ client, world, grants, idTokens, now: now() });
  const under = (name: string, account: string | null, work: () => Answer | Promise<Answer>) =>
    underFaults(`oauth.${name}`, request, url, session, account, work);
  switch (`${request.method} ${url.pathname}`) {
    case 'GET /o/oauth2/v2/auth':
      return await under('auth', query.get('__approve'), () => authorize(query, client, world, grants, now()));
    case 'POST /o/oauth2/v2/auth/decision':
      return decide(await formOf(request), client, world, grants, now());
    case 'POST /token': {
      const form = await formOf(request);
      const account = grants.accountBehind(form.get('refresh_token') ?? form.get('code') ?? '');
      return await under('token', account, () => token(form, request.headers, scene()));
    }
    case 'POST /revoke': {
      const form = await formOf(request);
      const text = form.get('token') ?? query.get('token') ?? '';
      const account = grants.accountBehind(text) ?? grants.peek(text)?.account ?? null;
      return await under('revoke', account, () => revoke(form, query, scene()));
    }
    case 'GET /tokeninfo':
      return await under('tokeninfo', null, () => tokenInfo(query, scene()));
    case 'POST /tokeninfo': {
      const all = new URLSearchParams([...query, ...await formOf(request)]);
      return await under('tokeninfo', null, () => tokenInfo(all, scene()));
    }
    case 'GET /v1/userinfo':
      return await under('userinfo', null, () => userInfo(request.headers, scene()));
    case 'GET /.well-known/openid-configuration':
      return openIdConfiguration(url.origin);
    case 'GET /oauth2/v3/certs':
      return { status: 200, body: await idTokens.keySet() };
    default:
      return null;
  }
}

async function formOf(request: Request): Promise<URLSearchParams> {
  return new URLSearchParams(await request.text());
}
