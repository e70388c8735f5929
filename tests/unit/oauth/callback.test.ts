import { describe, expect, test } from 'vitest';
import { hashOf, stateSigner } from '../../../supabase/functions/_shared/oauth/state.ts';
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
      /^__Host-cassius_connect=[\w-]{43}; Path=\/; Max-Age=600; HttpOnly; SameSite=Lax; Secure$/,
    );
  });

  test('takes no cookie that another host of the site could have planted', async () => {
    const { begin, comeBack, provider } = await connectedWorld();
    const attacker = await begin();
    const planted = attacker.cookie!.replace('__Host-', '');
    expect((await comeBack({ code, state: attacker.state }, planted)).result).toEqual({ result: 'confirm' });
    expect(provider.exchanged).toEqual([]);
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
    expect(back).toMatchObject({ status: 303, page: SETTINGS });
    // In the fragment alone.
    expect(back.result).toEqual({ result: 'confirm' });
    expect(back.secret).toMatch(/^[\w-]{43}$/);
    expect(provider.exchanged).toEqual([]);
    expect((await call('status')).body.connected).toBe(false);
    const confirmed = await call('confirm', { body: { secret: back.secret } });
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
  const REFUSED = { status: 400, body: { error: 'OAUTH_STATE_INVALID' } };

  async function held() {
    const world = await connectedWorld();
    const { state, cookie, challenge } = await world.begin();
    const { secret } = await world.comeBack({ code, state });
    const confirm = (caller: { as?: string; organisation?: string } = {}, given: string | null = secret) =>
      world.call('confirm', { ...caller, body: { secret: given } });
    return { ...world, secret: secret!, state, cookie: cookie!.split('=')[1]!, challenge, confirm };
  }

  test('is good once', async () => {
    const { confirm, provider } = await held();
    expect((await confirm()).status).toBe(200);
    expect(await confirm()).toMatchObject(REFUSED);
    expect(provider.exchanged).toHaveLength(1);
  });

  test.each([LUMIERE, RIVOLI])(
    'by somebody else (in %s) burns the code, for the person who began too',
    async (organisation) => {
      const { confirm, provider } = await held();
      expect(await confirm({ as: MARC, organisation })).toMatchObject(REFUSED);
      expect(await confirm({ as: CLAIRE })).toMatchObject(REFUSED);
      expect(provider.exchanged).toEqual([]);
    },
  );

  test('waits five minutes from the callback on', async () => {
    const [inTime, late] = [await held(), await held()];
    inTime.pass(299_000);
    expect((await inTime.confirm()).status).toBe(200);
    late.pass(300_000);
    expect(await late.confirm()).toMatchObject(REFUSED);
    expect(late.provider.exchanged).toEqual([]);
  });

  test('is worth nothing with what the one who began knows', async () => {
    const { confirm, state, cookie, challenge, call, provider, secret } = await held();
    for (const known of [state, cookie, challenge, code, await hashOf(state), await hashOf(secret)]) {
      expect(await confirm({}, known)).toMatchObject(REFUSED);
    }
    expect((await call('confirm', { body: {} })).body.error).toBe('INVALID_REQUEST');
    expect((await call('confirm', { body: { flow: cookie } })).body.error).toBe('INVALID_REQUEST');
    expect(provider.exchanged).toEqual([]);
    expect((await confirm()).status).toBe(200);
  });

  test('is made anew for every callback, and kept as a hash', async () => {
    const [first, second] = [await held(), await held()];
    expect(first.secret).not.toBe(second.secret);
    const { args } = first.world.calls.find(({ name }) => name === 'connect_hold')!;
    expect(args).toMatchObject({ p_confirm_hash: await hashOf(first.secret), p_ttl_seconds: 300 });
    expect(JSON.stringify(args)).not.toContain(first.secret);
  });
});
