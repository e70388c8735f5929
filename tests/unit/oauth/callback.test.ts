import { describe, expect, test } from 'vitest';
import { stateSigner } from '../../../supabase/functions/_shared/oauth/state.ts';
import { APP, CLAIRE, LUMIERE, MARC, RIVOLI } from '../http/test_world.ts';
import { connectedWorld, SETTINGS } from './connected_world.ts';

const LOOPBACK = 'http://127.0.0.1:54321/functions/v1/demo-callback';
const INVALID = { status: 303, page: SETTINGS, result: { result: 'error', code: 'OAUTH_STATE_INVALID' } };
const code = 'canary-code';

describe('a state', () => {
  test('is good once', async () => {
    const { begin, comeBack, provider } = await connectedWorld();
    const { state, cookie } = await begin();
    expect((await comeBack({ code, state }, cookie)).result).toEqual({ result: 'connected' });
    expect(await comeBack({ code, state }, cookie)).toMatchObject(INVALID);
    expect(provider.exchanged).toHaveLength(1);
  });

  test('is good for ten minutes', async () => {
    const { begin, comeBack, pass, provider } = await connectedWorld();
    const first = await begin();
    pass(599_000);
    expect((await comeBack({ code, state: first.state }, first.cookie)).result).toEqual({ result: 'connected' });
    const second = await begin();
    pass(600_000);
    expect(await comeBack({ code, state: second.state }, second.cookie)).toMatchObject(INVALID);
    expect(provider.exchanged).toHaveLength(1);
  });

  test('that was forged never reaches the database', async () => {
    const { begin, comeBack, world } = await connectedWorld();
    const { state, cookie } = await begin();
    const [id, expiry, signature] = state.split('.') as [string, string, string];
    const other = await stateSigner({ secret: 'x'.repeat(32), provider: 'demo', now: () => world.clock.now }).issue();
    const elsewhere = stateSigner({
      secret: world.environment.OAUTH_STATE_SECRET!,
      provider: 'another',
      now: () => world.clock.now,
    });
    const forged = [
      '',
      'nonsense',
      `${id}.${Number(expiry) + 600}.${signature}`,
      `${id}.${expiry}.${signature.replace(/^./, (first) => first === 'A' ? 'B' : 'A')}`,
      `${id}.${expiry}`,
      `${state}.`,
      other.state,
      (await elsewhere.issue()).state,
    ];
    for (const attempt of forged) expect(await comeBack({ code, state: attempt }, cookie)).toMatchObject(INVALID);
    expect(await comeBack({ code }, cookie)).toMatchObject(INVALID);
    expect(world.calls.filter(({ name }) => name === 'connect_redeem')).toEqual([]);
    expect((await comeBack({ code, state }, cookie)).result).toEqual({ result: 'connected' });
  });

  test('without a code, or with one that is far too long, connects nothing', async () => {
    const { begin, comeBack, provider } = await connectedWorld();
    for (const query of [{}, { code: '' }, { code: 'x'.repeat(5000) }]) {
      const { state, cookie } = await begin();
      expect(await comeBack({ ...query, state }, cookie)).toMatchObject(INVALID);
    }
    expect(provider.exchanged).toEqual([]);
  });
});

describe('the browser that comes back', () => {
  test('has a cookie that scripts cannot read and other sites cannot send', async () => {
    const { call } = await connectedWorld();
    const { headers } = await call('connect', { body: {}, headers: { origin: APP } });
    expect(headers.get('set-cookie')).toMatch(
      /^cassius_connect=[\w-]{43}; Path=\/functions\/v1; Max-Age=600; HttpOnly; SameSite=Lax; Secure$/,
    );
  });

  test('on this machine has one without Secure, which plain http would drop', async () => {
    const { call } = await connectedWorld({ redirectUri: LOOPBACK });
    const { headers } = await call('connect', { body: {}, headers: { origin: 'http://127.0.0.1:5173' } });
    expect(headers.get('set-cookie')).not.toContain('Secure');
  });

  test('loses the cookie when the consent is over', async () => {
    const { connect } = await connectedWorld();
    expect((await connect()).setCookie).toContain('Max-Age=0');
  });

  test('with another consent’s cookie is refused, and leaves this consent to its own browser', async () => {
    const { begin, comeBack, provider } = await connectedWorld();
    const victim = await begin({ as: MARC, organisation: RIVOLI });
    const attacker = await begin();
    expect(await comeBack({ code, state: attacker.state }, victim.cookie)).toMatchObject(INVALID);
    expect(provider.exchanged).toEqual([]);
    expect((await comeBack({ code, state: attacker.state }, attacker.cookie)).result).toEqual({ result: 'connected' });
  });

  test.each([
    ['a browser’s consent', true, LOOPBACK],
    ['a browser’s consent', true, undefined],
    ['a program’s consent', false, undefined],
  ])('without a cookie has to confirm %s (browser: %s, callback: %s)', async (_what, browser, redirectUri) => {
    const { begin, comeBack, call, provider } = await connectedWorld(redirectUri ? { redirectUri } : {});
    const { state } = await begin({ browser, redirectTo: '/calendar' });
    const back = await comeBack({ code, state });
    expect(back).toMatchObject({ status: 303, page: SETTINGS, result: { result: 'confirm' } });
    expect(provider.exchanged).toEqual([]);
    expect((await call('status')).body.connected).toBe(false);
    const confirmed = await call('confirm', { body: { flow: back.result.flow } });
    expect(confirmed).toMatchObject({ status: 200, body: { connected: true, redirectTo: '/calendar' } });
    expect(provider.exchanged).toMatchObject([{ code }]);
  });

  test('a program on this machine needs neither cookie nor confirmation', async () => {
    const { begin, comeBack } = await connectedWorld({ redirectUri: LOOPBACK });
    const { state, cookie } = await begin({ browser: false });
    expect(cookie).toBeNull();
    expect((await comeBack({ code, state })).result).toEqual({ result: 'connected' });
  });
});

describe('a confirmation', () => {
  async function held() {
    const world = await connectedWorld();
    const { state } = await world.begin();
    const { result } = await world.comeBack({ code, state });
    return { ...world, flow: result.flow!, state };
  }

  test('is good once', async () => {
    const { call, flow, provider } = await held();
    expect((await call('confirm', { body: { flow } })).status).toBe(200);
    expect((await call('confirm', { body: { flow } })).body.error).toBe('OAUTH_STATE_INVALID');
    expect(provider.exchanged).toHaveLength(1);
  });

  test('belongs to the person who began, in the practice in which they began', async () => {
    const { call, flow, provider } = await held();
    for (const organisation of [LUMIERE, RIVOLI]) {
      const lured = await call('confirm', { as: MARC, organisation, body: { flow } });
      expect(lured).toMatchObject({ status: 400, body: { error: 'OAUTH_STATE_INVALID' } });
    }
    expect(provider.exchanged).toEqual([]);
    expect((await call('confirm', { as: CLAIRE, body: { flow } })).status).toBe(200);
  });

  test('ends with its state', async () => {
    const { call, flow, pass } = await held();
    pass(600_000);
    expect((await call('confirm', { body: { flow } })).body.error).toBe('OAUTH_STATE_INVALID');
  });

  test('cannot be made from the state', async () => {
    const { call, state } = await held();
    expect((await call('confirm', { body: { flow: state } })).body.error).toBe('OAUTH_STATE_INVALID');
    expect((await call('confirm', { body: {} })).body.error).toBe('INVALID_REQUEST');
  });
});
