import { describe, expect, test } from 'vitest';
import { ProviderError } from '../../../supabase/functions/_shared/providers/port/failure.ts';
import { accountIdentity } from '../../../supabase/functions/_shared/providers/microsoft/id_token.ts';
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

async function failure(promise: Promise<unknown>): Promise<ProviderError> {
  const error = await promise.then(() => null, (fault) => fault);
  if (!(error instanceof ProviderError)) throw new Error('No provider error', { cause: error });
  return error;
}

describe('the consent page', () => {
  const request = { redirectUri: CONFIG.redirectUri, state: 's', codeChallenge: 'c' };

  test('is asked for lasting access, for as little as the sync needs, with PKCE and a choice of account', () => {
    const url = new URL(scripted().provider.oauth.authorizationUrl(request));
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

  test('names a known account instead of offering a choice', () => {
    const url = new URL(scripted().provider.oauth.authorizationUrl({ ...request, loginHint: 'a@b.test' }));
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

  test.each([
    ['another client', { aud: 'somebody.else' }],
    ['a foreign issuer', { iss: `https://evil.test/${TENANT}/v2.0` }],
    ['the issuer of another tenant', { iss: 'http://microsoft.test/00000000-0000-0000-0000-000000000001/v2.0' }],
    ['the older version', { ver: '1.0' }],
    ['a token of yesterday', { exp: Date.parse('2026-11-20T08:00:00Z') / 1000 }],
    ['no object id', { oid: undefined }],
    ['a tenant that is none', { tid: 'common' }],
  ])('refuses an identity token with %s', async (_, claims) => {
    const error = await failure(
      scripted(json(200, token({ id_token: idToken(claims) }))).provider.oauth.completeAuthorization(answer),
    );
    expect(error.code).toBe('UNEXPECTED_RESPONSE');
  });

  test('of one tenant takes nobody from another', () => {
    const own = { ...CONFIG, tenant: TENANT.toUpperCase() };
    expect(accountIdentity(idToken(), own, NOW).email).toBe('claire@outlook.test');
    const other = { ...CONFIG, tenant: '00000000-0000-0000-0000-000000000001' };
    expect(() => accountIdentity(idToken(), other, NOW)).toThrow('of another tenant');
  });

  test.each([
    ['no identity token', { id_token: undefined }],
    ['an identity token that is none', { id_token: 'a.b.c' }],
    ['no scope', { scope: undefined }],
    ['no lifetime', { expires_in: undefined }],
    ['no access token', { access_token: '' }],
  ])('never takes an answer with %s for a success', async (_, more) => {
    expect((await failure(scripted(json(200, token(more))).provider.oauth.completeAuthorization(answer))).code).toBe(
      'UNEXPECTED_RESPONSE',
    );
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

  test.each([['a 503', json(503, { error: 'x' })], ['a page', html(502)], ['a page with 400', html(400)]])(
    'asks once and proves nothing with %s',
    async (_, response) => {
      const { provider, sent } = scripted(response);
      expect((await failure(provider.oauth.refresh('r1'))).code).toBe('PROVIDER_UNAVAILABLE');
      expect(sent).toHaveLength(1);
    },
  );

  test('asks once when the connection fails', async () => {
    const { provider, sent } = scripted(new TypeError('connection refused by http://microsoft.test/token'));
    expect(await failure(provider.oauth.refresh('r1'))).toMatchObject({
      code: 'PROVIDER_UNAVAILABLE',
      httpStatus: null,
    });
    expect(sent).toHaveLength(1);
  });
});

test('there is nothing to ask for a revocation', async () => {
  const { provider, sent } = scripted();
  expect(await provider.oauth.revoke('token')).toBe('unsupported');
  expect(sent).toHaveLength(0);
});

test('no error carries the client secret, a code or a token', async () => {
  const faults = [
    json(400, body('invalid_grant', [50173])),
    json(200, {}),
    html(503),
    new TypeError(`${CONFIG.clientSecret} r1-token M.C507_code`),
  ];
  for (const fault of faults) {
    const copy = fault instanceof Response ? fault.clone() : fault;
    const errors = [
      await failure(scripted(fault).provider.oauth.refresh('r1-token')),
      await failure(scripted(copy).provider.oauth.completeAuthorization(answer)),
    ];
    for (const error of errors) {
      const said = JSON.stringify([error.message, error.context, String(error.cause), error.stack]);
      expect(said).not.toMatch(/client-secret|r1-token|M\.C507_code|verifier/);
      expect(error.cause).toBeUndefined();
    }
  }
});
