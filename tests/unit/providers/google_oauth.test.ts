import { describe, expect, test } from 'vitest';
import { failure, keepsSecrets, promisesOfExchange, promisesOfRefresh } from './grants.ts';
import { CONFIG, html, idToken, json, scripted } from './scripted_google.ts';

const SCOPE = 'openid https://www.googleapis.com/auth/userinfo.email https://www.googleapis.com/auth/calendar.events ' +
  'https://www.googleapis.com/auth/calendar.calendarlist.readonly';
const token = (more: Record<string, unknown> = {}) => ({
  access_token: 'access',
  expires_in: 3599,
  token_type: 'Bearer',
  scope: SCOPE,
  refresh_token: 'refresh',
  id_token: idToken(),
  ...more,
});
const answer = { code: '4/0Ab_code', redirectUri: CONFIG.redirectUri, codeVerifier: 'verifier' };

test('the consent page is asked for offline access, for as little as the sync needs, with PKCE', async () => {
  const url = new URL(
    await scripted().provider.oauth.authorizationUrl({
      redirectUri: CONFIG.redirectUri,
      state: 's',
      codeChallenge: 'c',
      loginHint: 'a@b.test',
    }),
  );
  expect(url.origin + url.pathname).toBe(CONFIG.authUrl);
  expect(Object.fromEntries(url.searchParams)).toEqual({
    response_type: 'code',
    client_id: CONFIG.clientId,
    redirect_uri: CONFIG.redirectUri,
    access_type: 'offline',
    prompt: 'consent',
    scope:
      'openid email https://www.googleapis.com/auth/calendar.events https://www.googleapis.com/auth/calendar.calendarlist.readonly',
    state: 's',
    code_challenge: 'c',
    code_challenge_method: 'S256',
    login_hint: 'a@b.test',
  });
});

describe('the code exchange', () => {
  test('gives the credential and the account', async () => {
    const { provider, sent } = scripted(json(200, token()));
    expect(await provider.oauth.completeAuthorization(answer)).toEqual({
      credential: {
        accessToken: 'access',
        expiresInSeconds: 3599,
        refreshToken: 'refresh',
        scopes: SCOPE.split(' ').sort(),
      },
      account: { subject: '1234567890', email: 'claire@gmail.test' },
    });
    expect(sent[0]?.headers.get('content-type')).toBe('application/x-www-form-urlencoded');
    expect(Object.fromEntries(new URLSearchParams(sent[0]?.body))).toEqual({
      grant_type: 'authorization_code',
      code: '4/0Ab_code',
      code_verifier: 'verifier',
      redirect_uri: CONFIG.redirectUri,
      client_id: CONFIG.clientId,
      client_secret: CONFIG.clientSecret,
    });
  });

  test('tells that no refresh token came', async () => {
    const { credential } = await scripted(json(200, token({ refresh_token: undefined }))).provider
      .oauth.completeAuthorization(answer);
    expect(credential).not.toHaveProperty('refreshToken');
  });

  test('refuses a grant with a box unticked, and says which', async () => {
    const error = await failure(
      scripted(json(200, token({ scope: 'openid https://www.googleapis.com/auth/calendar.events' }))).provider
        .oauth.completeAuthorization(answer),
    );
    expect(error.code).toBe('INSUFFICIENT_SCOPE');
    expect(error.context['missing']).toEqual(['https://www.googleapis.com/auth/calendar.calendarlist.readonly']);
  });

  promisesOfExchange({ scripted, token, answer }, idToken, [
    ['a foreign issuer', { iss: 'https://evil.test' }],
    ['no subject', { sub: '' }],
  ]);
});

/** HTTP status, error, what it means at the exchange, what it means at a refresh. */
test.each([
  [400, 'invalid_grant', 'OAUTH_STATE_INVALID', 'NEED_RECONSENT'],
  [400, 'admin_policy_enforced', 'CONSENT_REFUSED', 'NEED_RECONSENT'],
  [401, 'invalid_client', 'CONFIGURATION_ERROR', 'CONFIGURATION_ERROR'],
  [401, 'deleted_client', 'CONFIGURATION_ERROR', 'CONFIGURATION_ERROR'],
  [401, 'unauthorized_client', 'CONFIGURATION_ERROR', 'CONFIGURATION_ERROR'],
  [400, 'redirect_uri_mismatch', 'CONFIGURATION_ERROR', 'CONFIGURATION_ERROR'],
  [400, 'invalid_scope', 'CONFIGURATION_ERROR', 'CONFIGURATION_ERROR'],
  [400, 'unsupported_grant_type', 'CONFIGURATION_ERROR', 'CONFIGURATION_ERROR'],
  [400, 'an_error_of_next_year', 'UNEXPECTED_RESPONSE', 'UNEXPECTED_RESPONSE'],
  [429, 'rate_limit_exceeded', 'PROVIDER_UNAVAILABLE', 'PROVIDER_UNAVAILABLE'],
  [503, 'invalid_grant', 'PROVIDER_UNAVAILABLE', 'PROVIDER_UNAVAILABLE'],
])('%i %s is %s at the exchange and %s at a refresh', async (status, error, atExchange, atRefresh) => {
  const body = { error, error_description: 'Token has been expired or revoked.' };
  const exchanged = await failure(scripted(json(status, body)).provider.oauth.completeAuthorization(answer));
  const refreshed = await failure(scripted(json(status, body)).provider.oauth.refresh('refresh'));
  expect([exchanged.code, refreshed.code]).toEqual([atExchange, atRefresh]);
  expect(refreshed).toMatchObject({ providerCode: error, httpStatus: status });
});

describe('a refresh', () => {
  test('keeps the stored refresh token where none came, and takes a new one', async () => {
    const { provider, sent } = scripted(
      json(200, { access_token: 'a2', expires_in: 3920, token_type: 'Bearer', scope: 'b a' }),
      json(200, { access_token: 'a3', expires_in: 10, token_type: 'Bearer', refresh_token: 'r2' }),
    );
    expect(await provider.oauth.refresh('r1')).toEqual({
      accessToken: 'a2',
      expiresInSeconds: 3920,
      scopes: ['a', 'b'],
    });
    expect(await provider.oauth.refresh('r1')).toEqual({
      accessToken: 'a3',
      expiresInSeconds: 10,
      refreshToken: 'r2',
      scopes: [],
    });
    expect(Object.fromEntries(new URLSearchParams(sent[0]?.body))).toEqual({
      grant_type: 'refresh_token',
      refresh_token: 'r1',
      client_id: CONFIG.clientId,
      client_secret: CONFIG.clientSecret,
    });
  });

  promisesOfRefresh({ scripted });

  test('names a re-authentication policy', async () => {
    const body = {
      error: 'invalid_grant',
      error_description: 'reauth related error (invalid_rapt)',
      error_subtype: 'invalid_rapt',
    };
    const error = await failure(scripted(json(400, body)).provider.oauth.refresh('r1'));
    expect(error).toMatchObject({ code: 'NEED_RECONSENT', context: { subtype: 'invalid_rapt' } });
  });
});

describe('a revocation', () => {
  test('sends the token in the body, never in the address', async () => {
    const { provider, sent } = scripted(json(200, {}));
    expect(await provider.oauth.revoke('secret-token')).toBe('revoked');
    expect(String(sent[0]?.url)).toBe(CONFIG.revokeUrl);
    expect(sent[0]?.body).toBe('token=secret-token');
  });

  test('of a token that is dead already succeeds', async () => {
    const { provider } = scripted(json(400, { error: 'invalid_token', error_description: 'Token expired or revoked' }));
    expect(await provider.oauth.revoke('dead')).toBe('revoked');
  });

  test('fails when Google does not answer', async () => {
    expect((await failure(scripted(html(503)).provider.oauth.revoke('t'))).code).toBe('PROVIDER_UNAVAILABLE');
  });
});

keepsSecrets({ scripted, answer }, { error: 'invalid_grant' }, CONFIG.clientSecret);
