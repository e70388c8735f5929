import { describe, expect, test, vi } from 'vitest';
import { edgeFunction } from '../../../supabase/functions/_shared/http/edge_function.ts';
import { route } from '../../../supabase/functions/_shared/http/route.ts';
import { API, CLAIRE, ISSUER, MARC, NOW, testWorld, TOLD } from './test_world.ts';
import { hmacToken, tokenAuthority } from './token_authority.ts';

const whoAmI = route({
  method: 'GET',
  path: '/me',
  auth: 'user',
  ...TOLD,
  handle: ({ member }) => Response.json(member),
});

const inAnHour = NOW / 1000 + 3600;
const claims = { sub: CLAIRE, role: 'authenticated', aud: 'authenticated', iss: ISSUER, exp: inAnHour };
const legacyToken = (more: Record<string, unknown> = {}) => hmacToken('the legacy secret', { ...claims, ...more });
const isClaire = () => Response.json({ id: CLAIRE, aud: 'authenticated', email: 'claire@cabinet.test' });

/** A function of a project whose key set judges no token, unless one is given. */
async function project(
  authServer: (request: Request) => Response | Promise<Response>,
  jwks: string | undefined = '{"keys":[]}',
) {
  const asked: Request[] = [];
  const world = await testWorld({
    environment: { SUPABASE_JWKS: jwks },
    authServer: (request) => {
      asked.push(request);
      return authServer(request);
    },
  });
  const handler = edgeFunction({ name: 'demo', routes: () => [whoAmI] }, world);
  const call = (token: string) =>
    handler(new Request(`${API}/demo/me`, { headers: { authorization: `Bearer ${token}` } }));
  return { world, asked, call };
}

describe('a token that the key set cannot judge', () => {
  test.each([
    ['an empty key set', '{"keys":[]}'],
    ['an empty list', '[]'],
    ['an empty variable', ''],
    ['no variable', undefined],
    ['a variable that is no JSON', '<html>'],
    ['a variable that is no key set', '{"keys":{"a":1}}'],
    ['keys that are none', '[null, {"kid":"a"}, "x"]'],
  ])('is judged by the Auth server, with %s', async (_case, jwks) => {
    const { asked, call } = await project(isClaire, jwks);
    const token = await legacyToken();
    const answer = await call(token);
    expect(await answer.json()).toMatchObject({ userId: CLAIRE });
    expect(asked.map(({ method, url }) => [method, url])).toEqual([['GET', `${ISSUER}/user`]]);
    expect(asked[0]!.headers.get('authorization')).toBe(`Bearer ${token}`);
    expect(asked[0]!.redirect, 'the token goes nowhere else').toBe('manual');
    expect(asked[0]!.headers.get('apikey')).toBe('sb_secret_canary');
  });

  test('is one under a new key, or a key of ours that cannot be used: after a rotation nobody is locked out', async () => {
    const old = await tokenAuthority('key-1');
    const fresh = await tokenAuthority('key-2');
    const broken = JSON.stringify({ keys: [old.publicKey, { kty: 'EC', kid: 'key-2', alg: 'ES256', crv: 'P-256' }] });
    for (const jwks of [old.jwks, broken]) {
      const { asked, call } = await project(isClaire, jwks);
      expect((await call(await old.token(claims))).status).toBe(200);
      expect(asked).toEqual([]);
      expect((await call(await fresh.token(claims))).status).toBe(200);
      expect(asked).toHaveLength(1);
    }
  });

  test.each([400, 401, 403, 404])('and that the Auth server answers with %i is UNAUTHENTICATED', async (status) => {
    const { world, asked, call } = await project(() => Response.json({ msg: 'no' }, { status }));
    const token = await legacyToken();
    const answer = await call(token);
    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({ error: 'UNAUTHENTICATED', step: 'authenticate' });
    expect(world.lines.join()).not.toContain(token);
    await call(token);
    expect(asked, 'a refusal is not kept').toHaveLength(2);
  });

  test('and belongs to another user by the Auth server is UNAUTHENTICATED', async () => {
    const { call } = await project(() => Response.json({ id: MARC }));
    expect((await call(await legacyToken())).status).toBe(401);
  });

  test.each([
    ['is overloaded', () => new Response(null, { status: 429 })],
    ['is broken', () => new Response('oops', { status: 502 })],
    ['sends elsewhere', () => Response.redirect('https://elsewhere.test/', 302)],
    ['answers without a user', () => Response.json({})],
    ['answers with a page', () => new Response('<html>')],
    ['does not answer', () => Promise.reject(new TypeError('connection refused to https://project.supabase.test'))],
  ])('is AUTH_UNAVAILABLE while the Auth server %s: the session has not ended', async (_case, authServer) => {
    let works = false;
    const { call } = await project(() => works ? isClaire() : authServer());
    const token = await legacyToken();
    const answer = await call(token);
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ error: 'AUTH_UNAVAILABLE', step: 'authenticate' });
    works = true;
    expect((await call(token)).status).toBe(200);
  });

  test.each([
    ['has expired', { exp: NOW / 1000 - 60 }],
    ['is an API key', { role: 'service_role', iss: 'supabase', sub: undefined }],
    ['is for another audience', { aud: 'cassius-billing' }],
    ['is of another issuer', { iss: 'https://other.supabase.test/auth/v1' }],
  ])('is not even asked about when it %s', async (_case, more) => {
    const { asked, call } = await project(isClaire);
    expect((await call(await legacyToken(more))).status).toBe(401);
    expect(asked).toEqual([]);
  });
});

describe('a token that the key set can judge', () => {
  test('is not asked about, whether its signature is right or wrong', async () => {
    const ours = await tokenAuthority('key-1');
    const forger = await tokenAuthority('key-1');
    const { asked, call } = await project(isClaire, ours.jwks);
    expect((await call(await ours.token(claims))).status).toBe(200);
    expect((await call(await forger.token(claims))).status).toBe(401);
    expect(asked).toEqual([]);
  });

  test('with an algorithm that no project uses is refused without asking', async () => {
    const ours = await tokenAuthority('key-1');
    const { asked, call } = await project(isClaire, ours.jwks);
    for (const alg of ['none', 'HS512', 'PS256']) {
      expect((await call(await ours.token(claims, { alg }))).status).toBe(401);
    }
    expect(asked).toEqual([]);
  });
});

describe('the Auth server', () => {
  test('is asked once a minute about one token, and again once its answer is old', async () => {
    const { world, asked, call } = await project(isClaire);
    const token = await legacyToken();
    await call(token);
    world.clock.now += 59_000;
    await call(token);
    expect(asked).toHaveLength(1);
    await call(await legacyToken({ session_id: 'another' }));
    expect(asked, 'each token for itself').toHaveLength(2);
    world.clock.now += 2_000;
    await call(token);
    expect(asked).toHaveLength(3);
  });

  test('that never answers is given up, and the token is AUTH_UNAVAILABLE', async () => {
    const patience = new AbortController();
    const timeout = vi.spyOn(AbortSignal, 'timeout').mockReturnValue(patience.signal);
    try {
      const { call } = await project(({ signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason));
          patience.abort(new DOMException('time is up', 'TimeoutError'));
        })
      );
      const answer = await call(await legacyToken());
      expect(await answer.json()).toMatchObject({ error: 'AUTH_UNAVAILABLE' });
      expect(timeout).toHaveBeenCalledTimes(1);
    } finally {
      timeout.mockRestore();
    }
  });

  test('is not believed longer than the token lives', async () => {
    const { world, call } = await project(isClaire);
    const token = await legacyToken({ exp: NOW / 1000 + 10 });
    expect((await call(token)).status).toBe(200);
    world.clock.now += 20_000;
    expect((await call(token)).status).toBe(401);
  });

  test('is asked once for requests that come at the same time', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { asked, call } = await project(async () => {
      await promise;
      return isClaire();
    });
    const token = await legacyToken();
    const answers = Array.from({ length: 10 }, () => call(token));
    await expect.poll(() => asked.length).toBe(1);
    resolve();
    expect(new Set((await Promise.all(answers)).map(({ status }) => status))).toEqual(new Set([200]));
    expect(asked).toHaveLength(1);
  });

  test('is asked again after many other tokens: what is kept is bounded', async () => {
    const { asked, call } = await project(isClaire);
    const first = await legacyToken();
    await call(first);
    for (let session = 0; session < 500; session++) await call(await legacyToken({ session_id: String(session) }));
    expect(asked).toHaveLength(501);
    await call(first);
    expect(asked).toHaveLength(502);
  });
});
