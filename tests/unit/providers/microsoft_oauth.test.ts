import { describe, expect, test } from 'vitest';
import { accountIdentity } from '../../../supabase/functions/_shared/providers/microsoft/id_token.ts';
import { failure, keepsSecrets, promisesOfExchange, promisesOfRefresh } from './grants.ts';
import { CONFIG, html, idToken, json, NOW, scripted, TENANT } from './scripted_microsoft.ts';

const ASKED = 'openid profile email offline_access Calendars.ReadWrite';
const token = (more: Record<string, unknown> = {}) => ({
  access_token: 'access',
  expires_in: 4512,
  ext_expires_in: 4512,
  token_type: 'Bearer',
  scope: 'openid profile email https://graph.microsoft.com/Calendars.ReadWrite',
  refresh_token: 'refresh',
  id_token: idToken(),
  ...more,
});
const answer = { code: 'M.C507_code', redirectUri: CONFIG.redirectUri, codeVerifier: 'verifier' };
const body = (error: string, numbers: number[], more: Record<string, unknown> = {}) => ({
  error,
  error_description: `AADSTS${numbers[0]}: A sentence.\r\nTrace ID: t`,
  error_codes: numbers,
  trace_id: 'trace',
  correlation_id: 'correlation',
  ...more,
});

describe('the consent page', () => {
  const request = { redirectUri: CONFIG.redirectUri, state: 's', codeChallenge: 'c' };

  test('is asked for lasting access, for as little as the sync needs, with PKCE and a choice of account', async () => {
    const url = new URL(await scripted().provider.oauth.authorizationUrl(request));
    expect(url.origin + url.pathname).toBe('http://microsoft.test/common/oauth2/v2.0/authorize');
    expect(Object.fromEntries(url.searchParams)).toEqual({
      client_id: CONFIG.clientId,
      response_type: 'code',
      redirect_uri: CONFIG.redirectUri,
      response_mode: 'query',
      scope: ASKED,
      state: 's',
      code_challenge: 'c',
      code_challenge_method: 'S256',
      prompt: 'select_account',
    });
  });

  test('names a known account instead of offering a choice', async () => {
    const url = new URL(await scripted().provider.oauth.authorizationUrl({ ...request, loginHint: 'a@b.test' }));
    expect([url.searchParams.get('login_hint'), url.searchParams.get('prompt')]).toEqual(['a@b.test', null]);
  });
});

describe('the code exchange', () => {
  test('gives the credential and the account', async () => {
    const { provider, sent } = scripted(json(200, token()));
    expect(await provider.oauth.completeAuthorization(answer)).toEqual({
      credential: {
        accessToken: 'access',
        expiresInSeconds: 4512,
        refreshToken: 'refresh',
        scopes: ['calendars.readwrite', 'email', 'openid', 'profile'],
      },
      account: { subject: `${TENANT}:00000000-0000-0000-66f3-3332eca7ea81`, email: 'claire@outlook.test' },
    });
    expect(String(sent[0]?.url)).toBe('http://microsoft.test/common/oauth2/v2.0/token');
    expect(sent[0]?.headers.get('content-type')).toBe('application/x-www-form-urlencoded');
    expect(sent[0]?.headers.get('origin')).toBe(null);
    expect(Object.fromEntries(new URLSearchParams(sent[0]?.body))).toEqual({
      grant_type: 'authorization_code',
      code: 'M.C507_code',
      code_verifier: 'verifier',
      redirect_uri: CONFIG.redirectUri,
      client_id: CONFIG.clientId,
      client_secret: CONFIG.clientSecret,
      scope: ASKED,
    });
  });

  test.each(['Calendars.ReadWrite', 'calendars.readwrite openid', 'HTTPS://GRAPH.MICROSOFT.COM/Calendars.ReadWrite'])(
    'accepts the permission however it is spelled: %s',
    async (scope) => {
      const { credential } = await scripted(json(200, token({ scope }))).provider.oauth.completeAuthorization(answer);
      expect(credential.scopes).toContain('calendars.readwrite');
    },
  );

  test('refuses a grant smaller than what the sync needs, and says what is missing', async () => {
    const scope = 'openid profile Calendars.Read https://evil.test/Calendars.ReadWrite';
    const error = await failure(scripted(json(200, token({ scope }))).provider.oauth.completeAuthorization(answer));
    expect(error.code).toBe('INSUFFICIENT_SCOPE');
    expect(error.context['missing']).toEqual(['calendars.readwrite']);
  });

  test.each([
    ['no e-mail', { email: undefined }, 'claire@outlook.test'],
    ['a phone number for a name', { email: undefined, preferred_username: '+33612345678' }, null],
    ['neither', { email: undefined, preferred_username: undefined }, null],
  ])('takes an account with %s', async (_, claims, email) => {
    const { account } = await scripted(json(200, token({ id_token: idToken(claims) }))).provider
      .oauth.completeAuthorization(answer);
    expect(account.email).toBe(email);
  });

  promisesOfExchange({ scripted, token, answer }, idToken, [
    ['a foreign issuer', { iss: `https://evil.test/${TENANT}/v2.0` }],
    ['the issuer of another tenant', { iss: 'http://microsoft.test/00000000-0000-0000-0000-000000000001/v2.0' }],
    ['the older version', { ver: '1.0' }],
    ['no object id', { oid: undefined }],
    ['a tenant that is none', { tid: 'common' }],
  ]);

  test('of one tenant takes nobody from another', () => {
    const own = { ...CONFIG, tenant: TENANT.toUpperCase() };
    expect(accountIdentity(idToken(), own, NOW).email).toBe('claire@outlook.test');
    const other = { ...CONFIG, tenant: '00000000-0000-0000-0000-000000000001' };
    expect(() => accountIdentity(idToken(), other, NOW)).toThrow('of another tenant');
  });
});

/** HTTP status, error, numbers, what it means at the exchange, what it means at a refresh. */
test.each([
  [400, 'invalid_grant', [70008], 'OAUTH_STATE_INVALID', 'NEED_RECONSENT'],
  [400, 'invalid_grant', [700082], 'OAUTH_STATE_INVALID', 'NEED_RECONSENT'],
  [400, 'invalid_grant', [50173], 'OAUTH_STATE_INVALID', 'NEED_RECONSENT'],
  [400, 'invalid_grant', [50057], 'CONSENT_REFUSED', 'NEED_RECONSENT'],
  [400, 'invalid_grant', [65001], 'CONSENT_REFUSED', 'NEED_RECONSENT'],
  [400, 'invalid_grant', [50076], 'CONSENT_REFUSED', 'NEED_RECONSENT'],
  [400, 'invalid_grant', [54005], 'OAUTH_STATE_INVALID', null],
  [400, 'invalid_grant', [501481], 'OAUTH_STATE_INVALID', null],
  [400, 'interaction_required', [53003], 'CONSENT_REFUSED', 'NEED_RECONSENT'],
  [400, 'consent_required', [], 'CONSENT_REFUSED', 'NEED_RECONSENT'],
  [400, 'invalid_grant', [700084], 'CONFIGURATION_ERROR', 'CONFIGURATION_ERROR'],
  [401, 'invalid_client', [7000215], 'CONFIGURATION_ERROR', 'CONFIGURATION_ERROR'],
  [401, 'invalid_client', [7000222], 'CONFIGURATION_ERROR', 'CONFIGURATION_ERROR'],
  [400, 'unauthorized_client', [700016], 'CONFIGURATION_ERROR', 'CONFIGURATION_ERROR'],
  [400, 'invalid_scope', [70011], 'CONFIGURATION_ERROR', 'CONFIGURATION_ERROR'],
  [400, 'invalid_request', [900144], 'CONFIGURATION_ERROR', 'CONFIGURATION_ERROR'],
  [400, 'invalid_grant', [50196], 'CONFIGURATION_ERROR', 'CONFIGURATION_ERROR'],
  [400, 'temporarily_unavailable', [90033], 'PROVIDER_UNAVAILABLE', 'PROVIDER_UNAVAILABLE'],
  [400, 'invalid_grant', [90024], 'PROVIDER_UNAVAILABLE', null],
  [400, 'server_error', [], 'PROVIDER_UNAVAILABLE', 'PROVIDER_UNAVAILABLE'],
  [400, 'invalid_request', [90055], 'PROVIDER_UNAVAILABLE', 'RATE_LIMITED'],
  [429, 'anything', [], 'PROVIDER_UNAVAILABLE', 'RATE_LIMITED'],
  [503, 'invalid_grant', [50173], 'PROVIDER_UNAVAILABLE', 'PROVIDER_UNAVAILABLE'],
  [400, 'an_error_of_next_year', [1], 'UNEXPECTED_RESPONSE', 'UNEXPECTED_RESPONSE'],
])('%i %s %j is %s at the exchange and %s at a refresh', async (status, error, numbers, atExchange, atRefresh) => {
  const response = () => json(status, body(error, numbers));
  const exchanged = await failure(scripted(response()).provider.oauth.completeAuthorization(answer));
  expect(exchanged.code).toBe(atExchange);
  if (atRefresh === null) return;
  const { provider, sent } = scripted(response());
  const refreshed = await failure(provider.oauth.refresh('refresh'));
  expect(refreshed).toMatchObject({
    code: atRefresh,
    httpStatus: status,
    providerCode: numbers[0] === undefined ? error : `AADSTS${numbers[0]}`,
    context: { traceId: 'trace', correlationId: 'correlation' },
  });
  expect(sent).toHaveLength(1);
});

describe('a refresh', () => {
  test('repeats every scope, takes the new refresh token, and keeps the stored one where none came', async () => {
    const { provider, sent } = scripted(
      json(200, token({ refresh_token: 'r2', scope: 'Calendars.ReadWrite' })),
      json(200, { access_token: 'a3', expires_in: 10, token_type: 'Bearer' }),
    );
    expect(await provider.oauth.refresh('r1')).toEqual({
      accessToken: 'access',
      expiresInSeconds: 4512,
      refreshToken: 'r2',
      scopes: ['calendars.readwrite'],
    });
    expect(await provider.oauth.refresh('r2')).toEqual({ accessToken: 'a3', expiresInSeconds: 10, scopes: [] });
    expect(Object.fromEntries(new URLSearchParams(sent[0]?.body))).toEqual({
      grant_type: 'refresh_token',
      refresh_token: 'r1',
      client_id: CONFIG.clientId,
      client_secret: CONFIG.clientSecret,
      scope: ASKED,
    });
  });

  test.each([['AADSTS70000', [70000]], ['a number of next year', [7654321]], ['no number', []]])(
    'refused with invalid_grant and %s is asked once more before a grant is thought dead',
    async (_, numbers) => {
      const refused = () => json(400, body('invalid_grant', numbers));
      const lucky = scripted(refused(), json(200, token()));
      expect((await lucky.provider.oauth.refresh('r1')).accessToken).toBe('access');
      const dead = scripted(refused(), refused());
      expect((await failure(dead.provider.oauth.refresh('r1'))).code).toBe('NEED_RECONSENT');
      expect(dead.sent).toHaveLength(2);
      const unsure = scripted(refused(), html(503));
      expect((await failure(unsure.provider.oauth.refresh('r1'))).code).toBe('PROVIDER_UNAVAILABLE');
    },
  );

  test('names what conditional access wants', async () => {
    const refused = json(400, body('invalid_grant', [50076], { suberror: 'basic_action' }));
    const error = await failure(scripted(refused).provider.oauth.refresh('r1'));
    expect(error).toMatchObject({ code: 'NEED_RECONSENT', context: { suberror: 'basic_action' } });
  });

  promisesOfRefresh({ scripted });
});

test('there is nothing to ask for a revocation', async () => {
  const { provider, sent } = scripted();
  expect(await provider.oauth.revoke('token')).toBe('unsupported');
  expect(sent).toHaveLength(0);
});

keepsSecrets({ scripted, answer }, body('invalid_grant', [50173]), CONFIG.clientSecret);
