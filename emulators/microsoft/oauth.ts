/** The token endpoint, the identity of the account, and the metadata. */
import type { Answer, JsonObject } from '../core/answers.ts';
import { answersChallenge, credentialsOf, type OAuthClient } from '../core/oauth_client.ts';
import type { IdTokens } from '../core/signing.ts';
import { aadRefusal } from './aadsts.ts';
import type { AuthorizationCode, Grant, Grants } from './grants.ts';
import { isSignIn, parseScopes, scopeAnswer } from './scopes.ts';
import type { Settings } from './settings.ts';
import type { World } from './world.ts';

export interface OAuthScene {
  readonly client: OAuthClient;
  readonly world: World;
  readonly grants: Grants;
  readonly settings: Settings;
  readonly idTokens: IdTokens;
  /** The tenant segment of the address. */
  readonly tenant: string;
  /** Where the emulator is reached: its own issuer. */
  readonly origin: string;
  /** Counts token answers, so that the forms of `scope` alternate. */
  readonly turn: () => number;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Answers `POST /{tenant}/oauth2/v2.0/token` for both grant types. */
export async function token(form: URLSearchParams, headers: Headers, scene: OAuthScene): Promise<Answer> {
  const refused = checkClient(form, headers, scene);
  if (refused) return refused;
  switch (form.get('grant_type')) {
    case 'authorization_code':
      return await exchange(form, scene);
    case 'refresh_token':
      return await refresh(form, scene);
    case null:
      return aadRefusal(900144, scene.now, { detail: "The request body must contain the parameter: 'grant_type'." });
    default:
      return aadRefusal(70003, scene.now);
  }
}

function checkClient(form: URLSearchParams, headers: Headers, { client, now }: OAuthScene): Answer | null {
  const { id, secret } = credentialsOf(form, headers);
  if (id !== client.clientId) return aadRefusal(700016, now);
  if (secret === null) return aadRefusal(7000218, now);
  if (secret !== client.clientSecret) return aadRefusal(7000215, now);
  // The redirect is of type web: only a server may redeem.
  return headers.has('origin') ? aadRefusal(9002326, now) : null;
}

async function exchange(form: URLSearchParams, scene: OAuthScene): Promise<Answer> {
  const { grants, tenant, now } = scene;
  const text = form.get('code');
  if (!text) return aadRefusal(900144, now, { detail: "The request body must contain the parameter: 'code'." });
  const code = grants.redeem(text, tenant, now);
  if ('refused' in code) return aadRefusal(code.refused, now);
  if (form.get('redirect_uri') !== code.redirectUri) return aadRefusal(50011, now, { error: 'invalid_grant' });
  const wrong = await wrongVerifier(form.get('code_verifier'), code);
  if (wrong) return aadRefusal(501481, now);
  const scopes = narrowed(form.get('scope'), code);
  if (scopes === 'unknown') return aadRefusal(70011, now);
  if (scopes === 'beyond') return aadRefusal(65001, now, { error: 'consent_required' });
  return await tokenAnswer(code, scopes, code.nonce, scopes.includes('offline_access'), scene);
}

/** A verifier is mandatory where there was a challenge, and out of place where there was none. */
async function wrongVerifier(verifier: string | null, code: AuthorizationCode): Promise<boolean> {
  if (code.challenge === null || verifier === null) return code.challenge !== verifier;
  return !await answersChallenge(verifier, code.challenge, code.challengeMethod);
}

/** The granted scopes, or the part of them that the request names. It may name no more than the app first asked for. */
function narrowed(text: string | null, { scopes, requested }: Grant): string[] | 'unknown' | 'beyond' {
  if (text === null) return [...scopes];
  const asked = parseScopes(text);
  if (!asked) return 'unknown';
  if (asked.some((scope) => !isSignIn(scope) && !requested.includes(scope))) return 'beyond';
  return asked.filter((scope) => scopes.includes(scope));
}

async function refresh(form: URLSearchParams, scene: OAuthScene): Promise<Answer> {
  const { grants, settings, now } = scene;
  const text = form.get('refresh_token');
  if (!text) {
    return aadRefusal(900144, now, { detail: "The request body must contain the parameter: 'refresh_token'." });
  }
  const grant = grants.useRefresh(text, now);
  if ('refused' in grant) return aadRefusal(grant.refused, now);
  const scopes = narrowed(form.get('scope'), grant);
  if (scopes === 'unknown') return aadRefusal(70011, now);
  if (scopes === 'beyond') return aadRefusal(65001, now);
  const offline = scopes.includes('offline_access') || settings.refreshWithoutOffline;
  if (offline) grants.replaced(text, now);
  return await tokenAnswer(grant, scopes, null, offline, scene);
}

async function tokenAnswer(
  grant: Grant,
  scopes: readonly string[],
  nonce: string | null,
  offline: boolean,
  scene: OAuthScene,
): Promise<Answer> {
  const { grants, settings, now } = scene;
  const { account } = grant;
  const { token: accessToken, expiresIn } = grants.issueAccess(account, scopes, now, 'app');
  const qualified = settings.scopeForm === 'alternate' ? scene.turn() % 2 === 1 : settings.scopeForm === 'qualified';
  return {
    status: 200,
    body: {
      token_type: 'Bearer',
      scope: scopeAnswer(scopes, qualified),
      expires_in: expiresIn,
      ext_expires_in: expiresIn,
      access_token: accessToken,
      ...(offline ? { refresh_token: grants.issueRefresh(grant, now) } : {}),
      ...(scopes.includes('openid') ? { id_token: await idToken(account, scopes, nonce, scene) } : {}),
    },
    headers: { 'cache-control': 'no-store' },
  };
}

async function idToken(
  email: string,
  scopes: readonly string[],
  nonce: string | null,
  scene: OAuthScene,
): Promise<string> {
  const account = scene.world.accounts.get(email);
  const now = Math.floor(scene.now / 1000);
  return await scene.idTokens.sign({
    aud: scene.client.clientId,
    iss: `${scene.origin}/${account?.tenantId}/v2.0`,
    iat: now,
    nbf: now,
    exp: now + 3600,
    ver: '2.0',
    tid: account?.tenantId,
    ...identity(email, scopes, scene),
    ...(nonce === null ? {} : { nonce }),
  });
}

/** `sub` differs from app to app; without `profile` there is nothing else to know the account by. */
function identity(email: string, scopes: readonly string[], { world, settings }: OAuthScene): JsonObject {
  const account = world.accounts.get(email);
  return {
    sub: `pairwise-${account?.objectId}`,
    ...(scopes.includes('profile') ? { oid: account?.objectId, preferred_username: email, name: account?.name } : {}),
    ...(scopes.includes('email') && !settings.noMailAddress ? { email } : {}),
  };
}

export function userInfo(headers: Headers, scene: OAuthScene): Answer {
  const text = /^Bearer (.+)$/i.exec(headers.get('authorization') ?? '')?.[1] ?? '';
  const access = scene.grants.access(text, scene.now);
  if (!access || !access.scopes.includes('openid')) {
    return {
      status: 401,
      body: { error: { code: 'InvalidAuthenticationToken', message: 'Access token is not valid.' } },
    };
  }
  return { status: 200, body: identity(access.account, access.scopes, scene) };
}

/** The OpenID metadata, with addresses on the emulator itself. No revocation: there is none. */
export function openIdConfiguration(origin: string, tenant: string): Answer {
  const shared = ['common', 'organizations'].includes(tenant);
  return {
    status: 200,
    body: {
      // A template on shared tenants: the token's own tenant belongs in its place.
      issuer: `${origin}/${shared ? '{tenantid}' : tenant}/v2.0`,
      authorization_endpoint: `${origin}/${tenant}/oauth2/v2.0/authorize`,
      token_endpoint: `${origin}/${tenant}/oauth2/v2.0/token`,
      userinfo_endpoint: `${origin}/oidc/userinfo`,
      jwks_uri: `${origin}/${tenant}/discovery/v2.0/keys`,
      token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt', 'client_secret_basic'],
      response_modes_supported: ['query', 'fragment', 'form_post'],
      response_types_supported: ['code'],
      subject_types_supported: ['pairwise'],
      id_token_signing_alg_values_supported: ['RS256'],
      scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
    },
  };
}
