/** The token, revocation, token-info and identity endpoints. */
import { answersChallenge, credentialsOf, type OAuthClient } from '../core/oauth_client.ts';
import type { IdTokens } from '../core/signing.ts';
import type { Answer, JsonObject } from './answers.ts';
import type { AuthorizationCode, Grants } from './grants.ts';
import { ISSUER } from './issuer.ts';
import type { World } from './world.ts';

export interface OAuthScene {
  readonly client: OAuthClient;
  readonly world: World;
  readonly grants: Grants;
  readonly idTokens: IdTokens;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export function refusal(status: number, error: string, description?: string): Answer {
  return {
    status,
    body: { error, ...(description ? { error_description: description } : {}) },
    headers: { 'cache-control': 'no-store' },
  };
}

/** Answers `POST /token` for both grant types. */
export async function token(form: URLSearchParams, headers: Headers, scene: OAuthScene): Promise<Answer> {
  const wrongClient = checkClient(form, headers, scene.client);
  if (wrongClient) return wrongClient;
  switch (form.get('grant_type')) {
    case 'authorization_code':
      return await exchange(form, scene);
    case 'refresh_token':
      return await refresh(form, scene);
    case null:
      return refusal(400, 'invalid_request', 'Required parameter is missing: grant_type');
    default:
      return refusal(400, 'unsupported_grant_type', `Invalid grant_type: ${form.get('grant_type')}`);
  }
}

function checkClient(form: URLSearchParams, headers: Headers, client: OAuthClient): Answer | null {
  const { id, secret } = credentialsOf(form, headers);
  if (id !== client.clientId) return refusal(401, 'invalid_client', 'The OAuth client was not found.');
  return secret === client.clientSecret ? null : refusal(401, 'invalid_client', 'Unauthorized');
}

async function exchange(form: URLSearchParams, scene: OAuthScene): Promise<Answer> {
  const text = form.get('code');
  if (!text) return refusal(400, 'invalid_request', 'Missing required parameter: code');
  const code = scene.grants.redeem(text, scene.now);
  if (!code) return refusal(400, 'invalid_grant', 'Malformed auth code.');
  if (form.get('redirect_uri') !== code.redirectUri) return refusal(400, 'redirect_uri_mismatch', 'Bad Request');
  const verifierProblem = await checkVerifier(form.get('code_verifier'), code);
  if (verifierProblem) return refusal(400, 'invalid_grant', verifierProblem);
  const { token: accessToken, expiresIn } = scene.grants.issueAccess(code.account, code.scopes, scene.now, {
    actor: 'app',
    offline: code.offline,
  });
  const refreshToken = scene.grants.issueRefreshFor(code, scene.now);
  return {
    status: 200,
    body: {
      access_token: accessToken,
      expires_in: expiresIn,
      ...(refreshToken ? { refresh_token: refreshToken } : {}),
      scope: code.scopes.join(' '),
      token_type: 'Bearer',
      ...await idTokenFor(code.account, code.scopes, code.nonce, scene),
    },
    headers: { 'cache-control': 'no-store' },
  };
}

async function checkVerifier(verifier: string | null, code: AuthorizationCode): Promise<string | null> {
  if (code.challenge === null) return verifier === null ? null : 'code_verifier or verifier is not needed.';
  if (verifier === null) return 'Missing code verifier.';
  const right = await answersChallenge(verifier, code.challenge, code.challengeMethod);
  return right ? null : 'Invalid code verifier.';
}

async function refresh(form: URLSearchParams, scene: OAuthScene): Promise<Answer> {
  const text = form.get('refresh_token');
  if (!text) return refusal(400, 'invalid_request', 'Missing required parameter: refresh_token');
  const grant = scene.grants.useRefresh(text, scene.now);
  if (!grant) return refusal(400, 'invalid_grant', 'Token has been expired or revoked.');
  const { token: accessToken, expiresIn } = scene.grants.issueAccess(grant.account, grant.scopes, scene.now, {
    actor: 'app',
    offline: true,
  });
  return {
    status: 200,
    body: {
      access_token: accessToken,
      expires_in: expiresIn,
      ...(grant.successor ? { refresh_token: grant.successor } : {}),
      scope: grant.scopes.join(' '),
      token_type: 'Bearer',
      ...await idTokenFor(grant.account, grant.scopes, null, scene),
    },
    headers: { 'cache-control': 'no-store' },
  };
}

async function idTokenFor(
  email: string,
  scopes: readonly string[],
  nonce: string | null,
  scene: OAuthScene,
): Promise<JsonObject> {
  if (!scopes.includes('openid')) return {};
  const now = Math.floor(scene.now / 1000);
  const { clientId } = scene.client;
  const claims: JsonObject = {
    iss: ISSUER,
    azp: clientId,
    aud: clientId,
    ...identity(email, scopes, scene),
    iat: now,
    exp: now + 3600,
  };
  if (nonce !== null) claims.nonce = nonce;
  return { id_token: await scene.idTokens.sign(claims) };
}

function identity(email: string, scopes: readonly string[], scene: OAuthScene): JsonObject {
  const account = scene.world.accounts.get(email);
  return {
    sub: account?.sub,
    ...(scopes.some((scope) => scope.endsWith('userinfo.email')) ? { email, email_verified: true } : {}),
    ...(scopes.some((scope) => scope.endsWith('userinfo.profile')) ? { name: account?.name } : {}),
  };
}

/** Answers `POST /revoke`; the token may be in the form or in the query. */
export function revoke(form: URLSearchParams, query: URLSearchParams, scene: OAuthScene): Answer {
  const text = form.get('token') ?? query.get('token');
  if (!text) return refusal(400, 'invalid_request', 'Missing required parameter: token');
  return scene.grants.revoke(text)
    ? { status: 200, body: {} }
    : refusal(400, 'invalid_token', 'Token expired or revoked');
}

/** Answers `/tokeninfo` for an access or an ID token. */
export async function tokenInfo(parameters: URLSearchParams, scene: OAuthScene): Promise<Answer> {
  const idToken = parameters.get('id_token');
  if (idToken !== null) {
    const claims = await scene.idTokens.verify(idToken);
    return claims ? { status: 200, body: claims } : refusal(400, 'invalid_token', 'Invalid Value');
  }
  const access = scene.grants.access(parameters.get('access_token') ?? '', scene.now);
  if (!access) return refusal(400, 'invalid_token', 'Invalid Value');
  const { clientId } = scene.client;
  return {
    status: 200,
    body: {
      azp: clientId,
      aud: clientId,
      scope: access.scopes.join(' '),
      exp: String(Math.floor(access.expiresAt / 1000)),
      expires_in: String(Math.floor((access.expiresAt - scene.now) / 1000)),
      ...identity(access.account, access.scopes, scene),
      access_type: access.offline ? 'offline' : 'online',
    },
  };
}

export function userInfo(headers: Headers, scene: OAuthScene): Answer {
  const text = /^Bearer (.+)$/i.exec(headers.get('authorization') ?? '')?.[1] ?? '';
  const access = scene.grants.access(text, scene.now);
  if (!access || !access.scopes.includes('openid')) return refusal(401, 'invalid_request', 'Invalid Credentials');
  return { status: 200, body: identity(access.account, access.scopes, scene) };
}

/** The OpenID metadata, with addresses on the emulator itself. */
export function openIdConfiguration(origin: string): Answer {
  return {
    status: 200,
    body: {
      issuer: ISSUER,
      authorization_endpoint: `${origin}/o/oauth2/v2/auth`,
      token_endpoint: `${origin}/token`,
      userinfo_endpoint: `${origin}/v1/userinfo`,
      revocation_endpoint: `${origin}/revoke`,
      jwks_uri: `${origin}/oauth2/v3/certs`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
      code_challenge_methods_supported: ['plain', 'S256'],
      authorization_response_iss_parameter_supported: true,
    },
  };
}
