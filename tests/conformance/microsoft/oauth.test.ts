import { describe, expect, test } from 'vitest';
import { IdTokens } from '../../../emulators/core/signing.ts';
import {
  aadOf,
  apiWith,
  authorizationQuery,
  authorize,
  CLAIRE,
  codeOf,
  connect,
  control,
  EVENTS,
  exchange,
  MARC,
  newEmulator,
  ORIGIN,
  postToken,
  REDIRECT_URI,
  refresh,
  SCOPES,
  send,
} from './visitor.ts';

const DAY = 86_400_000;

describe('consent', () => {
  test('comes back with code and state, in the way that response_mode says', async () => {
    const core = newEmulator();
    const back = await authorize(core);
    expect(back.origin + back.pathname).toBe(REDIRECT_URI);
    expect([back.searchParams.get('state'), back.searchParams.has('code')]).toEqual(['state-1', true]);
    const fragment = await authorize(core, { response_mode: 'fragment' });
    expect([fragment.search, fragment.hash]).toEqual(['', expect.stringContaining('code=')]);
    const form = await send(
      core,
      `/common/oauth2/v2.0/authorize?${authorizationQuery({ response_mode: 'form_post' })}`,
    );
    expect([form.status, form.text]).toEqual([200, expect.stringContaining('name="code"')]);
  });

  test('cancelled says access_denied and cancel, with a description only where switched on', async () => {
    const core = newEmulator();
    const cancelled = async (deny: string) =>
      Object.fromEntries((await authorize(core, { __deny: deny, __approve: null })).searchParams);
    expect(await cancelled('1')).toEqual({ error: 'access_denied', error_subcode: 'cancel', state: 'state-1' });
    core.configure({ cancelDescription: true });
    expect(await cancelled('1')).toHaveProperty('error_description');
    expect(await cancelled('admin')).toMatchObject({
      error: 'access_denied',
      error_description: expect.stringMatching(/^AADSTS90094: /),
    });
    expect((await cancelled('consent')).error_description).toMatch(/^AADSTS65004: /);
  });

  test.each([
    ['client_id', 'other', 700016],
    ['redirect_uri', `${REDIRECT_URI}/`, 50011],
    ['redirect_uri', REDIRECT_URI.toUpperCase(), 50011],
    ['__approve', 'nobody@outlook.test', 50034],
  ])('with a wrong %s (%s) shows an error page and never sends the browser back', async (name, value, number) => {
    const reply = await send(newEmulator(), `/common/oauth2/v2.0/authorize?${authorizationQuery({ [name]: value })}`);
    expect([reply.status, reply.headers.get('location')]).toEqual([400, null]);
    expect(reply.text).toContain(`AADSTS${number}`);
  });

  test.each([
    ['response_type', 'token', 'unsupported_response_type'],
    ['scope', 'Calendars.Nonsense', 'invalid_scope'],
    ['prompt', 'always', 'invalid_request'],
    ['code_challenge', 'short', 'invalid_request'],
    ['access_type', 'offline', 'invalid_request'],
  ])('with a wrong %s (%s) comes back as %s', async (name, value, error) => {
    expect((await authorize(newEmulator(), { [name]: value })).searchParams.get('error')).toBe(error);
  });

  test('refuses an account picker for a named account; off strict mode it does not care', async () => {
    const core = newEmulator();
    const both = { prompt: 'select_account', login_hint: CLAIRE };
    expect((await authorize(core, both)).searchParams.get('error')).toBe('invalid_request');
    core.configure({ strict: false });
    expect((await authorize(core, both)).searchParams.has('code')).toBe(true);
  });

  test('shows a page that leads to the same redirect, and can be cancelled', async () => {
    const core = newEmulator();
    const path = `/common/oauth2/v2.0/authorize?${authorizationQuery({ __approve: null })}`;
    const shown = await send(core, path);
    expect(shown.status).toBe(200);
    expect(shown.text).toContain('Avoir un accès complet à vos calendriers');
    const decide = async (decision: string) => {
      const form = new URLSearchParams({
        request: authorizationQuery({ __approve: null }).toString(),
        account: MARC,
        decision,
      });
      const reply = await send(core, '/common/oauth2/v2.0/authorize/decision', { method: 'POST', body: form });
      return new URL(reply.headers.get('location') ?? '');
    };
    expect((await decide('deny')).searchParams.get('error_subcode')).toBe('cancel');
    expect((await exchange(core, (await decide('allow')).searchParams.get('code') ?? '')).status).toBe(200);
  });

  test('without a page works only for what was agreed to before', async () => {
    const core = newEmulator();
    const silent = async (hint: string) =>
      (await authorize(core, { prompt: 'none', login_hint: hint, __approve: null })).searchParams;
    expect((await silent('nobody@outlook.test')).get('error')).toBe('login_required');
    expect((await silent(CLAIRE)).get('error')).toBe('interaction_required');
    await connect(core);
    expect((await silent(CLAIRE)).has('code')).toBe(true);
  });

  test('is for the account types of the tenant segment only', async () => {
    const core = newEmulator();
    const reply = (tenant: string, account: string) =>
      send(core, `/${tenant}/oauth2/v2.0/authorize?${authorizationQuery({ __approve: account })}`);
    expect((await reply('organizations', CLAIRE)).status).toBe(302);
    expect((await reply('organizations', MARC)).text).toContain('AADSTS500208');
    expect((await reply('consumers', MARC)).status).toBe(302);
    expect((await reply('consumers', CLAIRE)).text).toContain('AADSTS50020');
    expect((await reply('nowhere', CLAIRE)).text).toContain('AADSTS90002');
  });
});

describe('the code', () => {
  test('brings tokens; scopes alternate between the short and the qualified form', async () => {
    const core = newEmulator();
    const first = await connect(core);
    const second = await connect(core);
    expect(first).toMatchObject({ token_type: 'Bearer', refresh_token: expect.any(String), expires_in: 4512 });
    expect(first.scope).toContain('https://graph.microsoft.com/Calendars.ReadWrite');
    expect(second.scope.split(' ')).toEqual(SCOPES);
    expect([first.expires_in, second.expires_in].every((seconds) => seconds >= 3599 && seconds <= 5400)).toBe(true);
  });

  test('brings no refresh token without offline_access, and no ID token without openid', async () => {
    const tokens = await connect(newEmulator(), { scope: 'Calendars.ReadWrite' });
    expect(tokens).not.toHaveProperty('refresh_token');
    expect(tokens).not.toHaveProperty('id_token');
  });

  test('with fewer scopes than asked for succeeds, and only the shorter scope says so', async () => {
    const core = newEmulator();
    const tokens = await connect(core, { __scopes: 'User.Read' });
    expect(tokens.scope).not.toContain('Calendars.ReadWrite');
    const again = await refresh(core, tokens.refresh_token ?? '', { scope: SCOPES.join(' ') });
    expect([again.status, again.body.scope.includes('Calendars')]).toEqual([200, false]);
    const reply = await apiWith(core, tokens.access_token)('GET', 'me/calendars');
    expect([reply.status, codeOf(reply)]).toEqual([403, 'ErrorAccessDenied']);
  });

  test('works once, for ten minutes, at its own tenant, with its own redirect and verifier', async () => {
    const core = newEmulator();
    const fresh = async () => (await authorize(core)).searchParams.get('code') ?? '';
    const refusal = async (changes: Record<string, string | null>, tenant = 'common') =>
      aadOf(await exchange(core, await fresh(), changes, tenant));
    const code = await fresh();
    expect((await exchange(core, code)).status).toBe(200);
    const second = await exchange(core, code);
    expect([second.status, second.body.error, aadOf(second)]).toEqual([400, 'invalid_grant', 54005]);
    expect(await refusal({}, 'organizations')).toBe(700005);
    expect(await refusal({ redirect_uri: 'https://app.test/other' })).toBe(50011);
    expect(await refusal({ code_verifier: 'wrong' })).toBe(501481);
    expect(await refusal({ code_verifier: null })).toBe(501481);
    const late = await fresh();
    core.advance(600_000);
    expect(aadOf(await exchange(core, late))).toBe(70008);
    expect(aadOf(await exchange(core, 'made-up'))).toBe(70000);
  });

  test('refused for a scope that was never asked for at the consent', async () => {
    const core = newEmulator();
    const code = (await authorize(core)).searchParams.get('code') ?? '';
    const reply = await exchange(core, code, { scope: 'Calendars.Read.Shared' });
    expect([reply.body.error, reply.body.suberror]).toEqual(['consent_required', 'consent_required']);
  });
});

describe('the client', () => {
  test.each<[Record<string, string | null>, number, string, number]>([
    [{ client_secret: 'wrong' }, 401, 'invalid_client', 7000215],
    [{ client_secret: null }, 401, 'invalid_client', 7000218],
    [{ client_id: 'other' }, 400, 'unauthorized_client', 700016],
    [{ grant_type: null }, 400, 'invalid_request', 900144],
    [{ grant_type: 'password' }, 400, 'unsupported_grant_type', 70003],
  ])('with %j is refused', async (changes, status, error, number) => {
    const reply = await postToken(newEmulator(), { grant_type: 'refresh_token', refresh_token: 'any', ...changes });
    expect([reply.status, reply.body.error, aadOf(reply)]).toEqual([status, error, number]);
    expect(reply.body).toMatchObject({
      error_description: expect.stringMatching(new RegExp(`^AADSTS${number}: `)),
      trace_id: expect.any(String),
      correlation_id: expect.any(String),
      timestamp: expect.any(String),
    });
  });

  test('may authenticate by header, but not from a browser', async () => {
    const core = newEmulator();
    const { refresh_token = '' } = await connect(core);
    const grant = { grant_type: 'refresh_token', refresh_token, client_id: null, client_secret: null };
    const basic = { authorization: `Basic ${btoa('client-1:secret-1')}` };
    expect((await postToken(core, grant, 'common', basic)).status).toBe(200);
    expect(aadOf(await postToken(core, grant, 'common', { ...basic, origin: 'https://app.test' }))).toBe(9002326);
  });
});

describe('refreshing', () => {
  test('gives a new refresh token each time; the old one goes on working', async () => {
    const core = newEmulator();
    const { refresh_token: first = '' } = await connect(core);
    const second = (await refresh(core, first)).body.refresh_token;
    expect(second).not.toBe(first);
    expect((await refresh(core, first)).status).toBe(200);
    expect((await refresh(core, second)).status).toBe(200);
  });

  test('can be switched to punish reuse after a grace', async () => {
    const core = newEmulator();
    core.configure({ refreshReuseGraceSeconds: 60 });
    const { refresh_token: first = '' } = await connect(core);
    await refresh(core, first);
    core.advance(60_000);
    expect((await refresh(core, first)).status).toBe(200);
    core.advance(1);
    expect(aadOf(await refresh(core, first))).toBe(70000);
  });

  test('without offline_access in its scope brings no refresh token, unless switched', async () => {
    const core = newEmulator();
    const { refresh_token = '' } = await connect(core);
    const narrow = async () => (await refresh(core, refresh_token, { scope: 'Calendars.ReadWrite' })).body;
    expect(await narrow()).not.toHaveProperty('refresh_token');
    core.configure({ refreshWithoutOffline: true });
    expect(await narrow()).toHaveProperty('refresh_token');
  });

  test('ends after ninety days without use, counted from the last one', async () => {
    const core = newEmulator();
    const { refresh_token = '' } = await connect(core);
    core.advance(89 * DAY);
    expect((await refresh(core, refresh_token)).status).toBe(200);
    core.advance(89 * DAY);
    expect((await refresh(core, refresh_token)).status).toBe(200);
    core.advance(90 * DAY + 1);
    expect(aadOf(await refresh(core, refresh_token))).toBe(700082);
  });

  test('ends with a revocation, under the number that was chosen; a new consent starts afresh', async () => {
    const core = newEmulator();
    const { refresh_token = '', access_token } = await connect(core);
    await control(core, 'revoke', { email: CLAIRE, aadsts: 65001 });
    const reply = await refresh(core, refresh_token);
    expect([reply.status, reply.body.error, reply.body.suberror]).toEqual([400, 'invalid_grant', 'consent_required']);
    expect((await apiWith(core, access_token)('GET', 'me')).status).toBe(401);
    expect((await refresh(core, (await connect(core)).refresh_token ?? '')).status).toBe(200);
  });

  test('access tokens can be switched to outlive a revocation, as nobody can revoke them', async () => {
    const core = newEmulator();
    core.configure({ accessOutlivesRevocation: true });
    const { refresh_token = '', access_token } = await connect(core);
    core.revoke(CLAIRE);
    expect(aadOf(await refresh(core, refresh_token))).toBe(50173);
    expect((await apiWith(core, access_token)('GET', 'me')).status).toBe(200);
  });

  test('can be refused once without reason, and can forget its refresh token once', async () => {
    const core = newEmulator();
    const { refresh_token = '' } = await connect(core);
    core.addFault({ match: { method: 'oauth.token' }, nth: 1, action: { aadsts: 70000 } });
    core.addFault({ match: { method: 'oauth.token' }, nth: 2, action: { omitRefreshToken: true } });
    const first = await refresh(core, refresh_token);
    expect([first.status, first.body.error, aadOf(first)]).toEqual([400, 'invalid_grant', 70000]);
    const second = await refresh(core, refresh_token);
    expect([second.status, 'refresh_token' in second.body]).toEqual([200, false]);
    expect((await refresh(core, refresh_token)).body).toHaveProperty('refresh_token');
  });

  test.each([
    [50076, 400, 'interaction_required'],
    [53003, 400, 'interaction_required'],
    [7000222, 401, 'invalid_client'],
    [90055, 429, 'temporarily_unavailable'],
    [90033, 503, 'temporarily_unavailable'],
  ])('can be refused with AADSTS%i', async (aadsts, status, error) => {
    const core = newEmulator();
    const { refresh_token = '' } = await connect(core);
    core.addFault({ match: { method: 'oauth.token' }, action: { aadsts } });
    const reply = await refresh(core, refresh_token);
    expect([reply.status, reply.body.error, aadOf(reply)]).toEqual([status, error, aadsts]);
    expect('claims' in reply.body).toBe(error === 'interaction_required');
  });
});

describe('identity', () => {
  test('is an ID token, signed by a published key, with the issuer of its own tenant', async () => {
    const core = newEmulator();
    const { id_token = '' } = await connect(core, { nonce: 'nonce-1' });
    const keys = (await send(core, '/common/discovery/v2.0/keys')).body;
    expect(keys.keys[0]).toMatchObject({ kty: 'RSA', alg: 'RS256', use: 'sig' });
    const claims = await new IdTokens().verify(id_token);
    const { tid, oid } = (await control(core, 'state?only=accounts')).accounts[0];
    expect(claims).toMatchObject({
      aud: 'client-1',
      iss: `${ORIGIN}/${tid}/v2.0`,
      ver: '2.0',
      tid,
      oid,
      preferred_username: CLAIRE,
      email: CLAIRE,
      nonce: 'nonce-1',
    });
    const metadata = (await send(core, '/common/v2.0/.well-known/openid-configuration')).body;
    expect(metadata.issuer.replace('{tenantid}', tid)).toBe(claims?.iss);
    expect(metadata).not.toHaveProperty('revocation_endpoint');
  });

  test('without the scope profile has nothing but the subject; personal accounts share one tenant', async () => {
    const core = newEmulator();
    const claimsOf = async (changes: Record<string, string>) =>
      await new IdTokens().verify((await connect(core, changes)).id_token ?? '');
    const bare = await claimsOf({ scope: 'openid Calendars.ReadWrite' });
    expect(bare).toHaveProperty('sub');
    for (const name of ['oid', 'preferred_username', 'name', 'email']) expect(bare).not.toHaveProperty(name);
    expect(await claimsOf({ __approve: MARC })).toMatchObject({ tid: '9188040d-6c67-4c5b-b112-36a304b66dad' });
  });

  test('may lack a mail address, in the token and in /me', async () => {
    const core = newEmulator();
    core.configure({ noMailAddress: true });
    const { id_token = '', access_token } = await connect(core);
    expect(await new IdTokens().verify(id_token)).not.toHaveProperty('email');
    const me = (await apiWith(core, access_token)('GET', 'me')).body;
    expect([me.mail, me.userPrincipalName]).toEqual([null, CLAIRE]);
  });

  test('has no revocation endpoint to call', async () => {
    const core = newEmulator();
    for (const path of ['/revoke', '/common/oauth2/v2.0/revoke', '/common/oauth2/v2.0/logout/revoke']) {
      expect((await send(core, path, { method: 'POST' })).status).toBe(404);
    }
  });
});

describe('an access token', () => {
  test('is good for its seconds and no longer; Graph says so without judging the grant', async () => {
    const core = newEmulator();
    const { access_token, expires_in } = await connect(core);
    const api = apiWith(core, access_token);
    core.advance(expires_in * 1000 - 1);
    expect((await api('GET', EVENTS)).status).toBe(200);
    core.advance(1);
    const reply = await api('GET', EVENTS);
    expect([reply.status, codeOf(reply)]).toEqual([401, 'InvalidAuthenticationToken']);
    expect(reply.headers.get('www-authenticate')).toMatch(/^Bearer /);
  });
});
