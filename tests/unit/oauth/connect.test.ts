import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { integrationStatus } from '../../../supabase/functions/_shared/contract/connection.ts';
import { errorMessage } from '../../../supabase/functions/_shared/error_messages/error_message.ts';
import { SyncError } from '../../../supabase/functions/_shared/errors.ts';
import { hashOf } from '../../../supabase/functions/_shared/oauth/state.ts';
import { APP, CLAIRE, LUMIERE, MARC, RIVOLI } from '../http/test_world.ts';
import { connectedWorld, SETTINGS } from './connected_world.ts';
import { unavailable } from './fake_provider.ts';

describe('connecting', () => {
  test('stores the grant and nothing else: what is sent, and where to, is for the person to say', async () => {
    const { connect, call, provider, world } = await connectedWorld();
    const back = await connect();
    expect(back).toMatchObject({ status: 303, page: SETTINGS, result: { result: 'connected' } });
    expect(provider.exchanged).toMatchObject([{ code: 'canary-code' }]);
    const { body } = await call('status');
    expect(body).toMatchObject({
      connected: true,
      status: 'connected',
      account: { email: 'canary-claire@mail.test' },
      targetCalendar: null,
      sourceCalendar: null,
      settings: { export_enabled: false, import_enabled: false, event_detail: null },
    });
    expect(body).not.toHaveProperty('integrationId');
    expect(provider.listed).toBe(0);
    expect(world.calls.filter(({ name }) => name === 'integration_update')).toEqual([]);
  });

  test('proves with PKCE that the code comes back to whom it was promised', async () => {
    const { begin, comeBack, provider } = await connectedWorld();
    const { state, cookie, challenge } = await begin();
    await comeBack({ code: 'canary-code', state }, cookie);
    const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(provider.exchanged[0]!.codeVerifier));
    const expected = btoa(String.fromCharCode(...new Uint8Array(digest)));
    expect(challenge).toBe(expected.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', ''));
  });

  test('keeps neither the state nor the cookie, only the state’s hash', async () => {
    const { begin, world } = await connectedWorld();
    const { state, cookie } = await begin();
    const { args } = world.calls.find(({ name }) => name === 'connect_begin')!;
    expect(args).toMatchObject({
      p_organisation: LUMIERE,
      p_user: CLAIRE,
      p_state_hash: await hashOf(state),
      p_ttl_seconds: 600,
    });
    expect(JSON.stringify(args)).not.toContain(state);
    expect(JSON.stringify(args)).not.toContain(cookie!.split('=')[1]!);
  });

  test('again keeps the calendar and the choice that the person had made', async () => {
    const { connect, call, world } = await connectedWorld();
    await connect();
    await call('settings', { method: 'PATCH', body: { calendar_target_id: 'second', export_enabled: false } });
    const updates = () => world.calls.filter(({ name }) => name === 'integration_update').length;
    const before = updates();
    expect((await connect()).result).toEqual({ result: 'connected' });
    expect(updates()).toBe(before);
    expect((await call('status')).body).toMatchObject({
      targetCalendar: { id: 'second' },
      settings: { export_enabled: false },
    });
  });

  test('keeps two people of two practices apart, with one account too', async () => {
    const { connect, database } = await connectedWorld();
    await connect();
    await connect({ as: MARC, organisation: RIVOLI });
    expect(database.integrations.map(({ organisationId, userId }) => [organisationId, userId])).toEqual([
      [LUMIERE, CLAIRE],
      [RIVOLI, MARC],
    ]);
  });
});

describe('another account than the one that is connected', () => {
  async function another() {
    const world = await connectedWorld();
    await world.connect();
    world.provider.account = { subject: 'another', email: 'canary-another@mail.test' };
    const back = await world.begin({ redirectTo: '/calendar' })
      .then(({ state, cookie }) => world.comeBack({ code: 'canary-code', state }, cookie));
    const answer = (action: unknown) => world.call('switch', { body: { action } });
    return { ...world, back, answer };
  }

  test('is asked about on the settings page, and leaves the old one as it was', async () => {
    const { back, call } = await another();
    expect(back).toMatchObject({ page: SETTINGS, result: { result: 'other_account' } });
    expect((await call('status')).body).toMatchObject({
      connected: true,
      account: { email: 'canary-claire@mail.test' },
      pendingAccount: { email: 'canary-another@mail.test' },
    });
  });

  test.each([
    ['keep', 'canary-claire@mail.test'],
    ['replace', 'canary-another@mail.test'],
  ])('%s leaves %s connected, once', async (action, email) => {
    const { answer } = await another();
    expect(await answer(action)).toMatchObject({
      status: 200,
      body: { connected: true, account: { email }, pendingAccount: null },
    });
    expect((await answer(action)).body.error).toBe('OAUTH_STATE_INVALID');
  });

  test('takes no other answer', async () => {
    const { answer } = await another();
    expect((await answer('everything')).body.error).toBe('INVALID_REQUEST');
    expect((await answer(undefined)).body.error).toBe('INVALID_REQUEST');
  });
});

describe('what cannot be connected', () => {
  test('a scope left out stores nothing and revokes nothing', async () => {
    const { connect, call, provider, database } = await connectedWorld();
    provider.fails.exchange = new SyncError('INSUFFICIENT_SCOPE', 'Exchange code: a scope was not granted');
    expect((await connect()).result).toEqual({ result: 'error', code: 'INSUFFICIENT_SCOPE' });
    expect(database.integrations).toEqual([]);
    expect(provider.revoked).toEqual([]);
    expect((await call('status')).body.connected).toBe(false);
  });

  test('a second consent without a refresh token needs another consent, unless one is stored for that account', async () => {
    const { connect, provider, call } = await connectedWorld();
    provider.sendsRefreshToken = false;
    expect((await connect()).result).toEqual({ result: 'error', code: 'NEED_RECONSENT' });
    provider.sendsRefreshToken = true;
    await connect();
    provider.sendsRefreshToken = false;
    expect((await connect()).result).toEqual({ result: 'connected' });
    provider.account = { subject: 'another', email: 'another@mail.test' };
    expect((await connect()).result).toEqual({ result: 'error', code: 'NEED_RECONSENT' });
    expect((await call('status')).body.account.email).toBe('canary-claire@mail.test');
  });

  test.each([
    ['access_denied', 'CONSENT_REFUSED'],
    ['temporarily_unavailable', 'PROVIDER_UNAVAILABLE'],
    ['invalid_scope', 'CONFIGURATION_ERROR'],
    ['a word nobody knows', 'CONSENT_REFUSED'],
  ])('an answer of %s is %s, and its state is used up', async (error, code) => {
    const { begin, comeBack, provider } = await connectedWorld();
    const { state, cookie } = await begin();
    expect((await comeBack({ error, state }, cookie)).result).toEqual({ result: 'error', code });
    expect((await comeBack({ code: 'canary-code', state }, cookie)).result.code).toBe('OAUTH_STATE_INVALID');
    expect(provider.exchanged).toEqual([]);
  });

  test('a provider that is down is said to be down', async () => {
    const { connect, provider } = await connectedWorld();
    provider.fails.exchange = unavailable();
    expect(await connect()).toMatchObject({ status: 303, result: { result: 'error', code: 'PROVIDER_UNAVAILABLE' } });
  });
});

describe('where the browser goes afterwards', () => {
  test('a page of the product that was asked for', async () => {
    const { begin, comeBack } = await connectedWorld();
    const { state, cookie } = await begin({ redirectTo: '/calendar?view=week' });
    expect(await comeBack({ code: 'canary-code', state }, cookie)).toMatchObject({
      page: `${APP}/calendar`,
      result: { view: 'week', result: 'connected' },
    });
  });

  test.each([
    'https://evil.test/',
    '//evil.test/',
    '/\\evil.test',
    '/\t/evil.test',
    'settings',
    'javascript:alert(1)',
    '/ok\nSet-Cookie: a=b',
    '',
  ])('never %j', async (redirectTo) => {
    const { call } = await connectedWorld();
    const answer = await call('connect', { body: { redirectTo } });
    expect(answer.status).toBe(400);
    expect(answer.body.error).toBe('INVALID_REQUEST');
    expect(answer.body.details.issues[0].path).toEqual(['redirectTo']);
  });
});

describe('before connecting', () => {
  test('the status says so, whole', async () => {
    const { call } = await connectedWorld();
    const { status, body } = await call('status');
    expect(status).toBe(200);
    const shown = z.parse(integrationStatus, body);
    expect(Object.keys(body).toSorted()).toEqual(Object.keys(shown).toSorted());
    expect(Object.values(shown).every((value) => value === null || value === 0 || value === false)).toBe(true);
  });

  test.each([
    ['calendars', {}],
    ['settings', { method: 'PATCH', body: { export_enabled: true } }],
    ['disconnect', { body: {} }],
  ])('%s is NOT_CONNECTED', async (path, options) => {
    const { call } = await connectedWorld();
    const answer = await call(path, options);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ error: 'NOT_CONNECTED', message: errorMessage('NOT_CONNECTED', 'fr') });
  });
});
