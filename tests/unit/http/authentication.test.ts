import { describe, expect, test } from 'vitest';
import { edgeFunction } from '../../../supabase/functions/_shared/http/edge_function.ts';
import { route } from '../../../supabase/functions/_shared/http/route.ts';
import {
  API,
  CLAIRE,
  ISSUER,
  LUMIERE,
  MARC,
  NOBODY,
  NOW,
  RIVOLI,
  testWorld,
  type TestWorldOptions,
  TOLD,
} from './test_world.ts';
import { hmacToken, tokenAuthority } from './token_authority.ts';

const whoAmI = route({
  method: 'GET',
  path: '/me',
  auth: 'user',
  ...TOLD,
  handle: ({ member }) => Response.json(member),
});

async function serve(options: TestWorldOptions = {}) {
  const world = await testWorld(options);
  const handler = edgeFunction({ name: 'demo', routes: () => [whoAmI] }, world);
  const call = (headers: Record<string, string>) => handler(new Request(`${API}/demo/me`, { headers }));
  return { world, call };
}

const inAnHour = NOW / 1000 + 3600;
const person = { sub: CLAIRE, role: 'authenticated', aud: 'authenticated', iss: ISSUER, exp: inAnHour };

describe('a person', () => {
  test('is known by their token and the membership table', async () => {
    const { world, call } = await serve();
    const answer = await call({ authorization: await world.authorization(CLAIRE) });
    expect(await answer.json()).toEqual({ userId: CLAIRE, organisationId: LUMIERE });
  });

  test('of several practices names one', async () => {
    const { world, call } = await serve();
    const authorization = await world.authorization(MARC);
    const unnamed = await call({ authorization });
    expect(unnamed.status).toBe(400);
    expect((await unnamed.json()).details.issues[0].path).toEqual(['x-organisation-id']);
    for (const organisationId of [RIVOLI, LUMIERE]) {
      const named = await call({ authorization, 'x-organisation-id': organisationId.toUpperCase() });
      expect(await named.json()).toMatchObject({ organisationId });
    }
  });

  test.each([['another practice', RIVOLI], ['no practice at all', 'cabinet-rivoli']])(
    'who names %s is FORBIDDEN',
    async (_case, organisation) => {
      const { world, call } = await serve();
      const answer = await call({
        authorization: await world.authorization(CLAIRE),
        'x-organisation-id': organisation,
      });
      expect(answer.status).toBe(403);
      expect((await answer.json()).error).toBe('FORBIDDEN');
    },
  );

  test('who belongs nowhere (any more) is FORBIDDEN, whatever the token says', async () => {
    const { world, call } = await serve();
    const answer = await call({ authorization: await world.authorization(NOBODY, { app_metadata: { org: LUMIERE } }) });
    expect(answer.status).toBe(403);
  });
});

describe('a token', () => {
  async function refused(authorization: string | null, options: TestWorldOptions = {}) {
    const { call, world } = await serve(options);
    const answer = await call(authorization === null ? {} : { authorization });
    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({ error: 'UNAUTHENTICATED', step: 'authenticate', details: null });
    expect(world.calls).toEqual([]);
    if (authorization) expect(world.lines.join()).not.toContain(authorization.slice(7));
  }

  test.each([
    ['that is missing', null],
    ['of another scheme', 'Basic Y2xhaXJlOmNsYWlyZQ=='],
    ['that is a publishable key', 'Bearer sb_publishable_demo'],
    ['that is no token', 'Bearer x.y.z'],
    ['that is far too long', `Bearer ${'a'.repeat(9000)}`],
  ])('%s is UNAUTHENTICATED', async (_case, authorization) => {
    await refused(authorization);
  });

  test('signed by somebody else under our key’s name is UNAUTHENTICATED', async () => {
    const forger = await tokenAuthority('key-1');
    await refused(`Bearer ${await forger.token(person)}`);
  });

  test('whose signature was cut off, with algorithm "none", is UNAUTHENTICATED', async () => {
    const { world } = await serve();
    const token = await world.authority.token(person, { alg: 'none' });
    await refused(`Bearer ${token.slice(0, token.lastIndexOf('.') + 1)}`);
  });

  test('that takes our public key for a shared secret is UNAUTHENTICATED', async () => {
    const world = await testWorld();
    const token = await hmacToken(JSON.stringify(world.authority.publicKey), person, 'key-1');
    const environment = { SUPABASE_JWKS: world.authority.jwks };
    await refused(`Bearer ${token}`, { environment, authServer: () => new Response(null, { status: 403 }) });
  });

  test.each([
    ['expired', { exp: NOW / 1000 - 60 }],
    ['without an end', { exp: undefined }],
    ['not yet valid', { nbf: NOW / 1000 + 600 }],
    ['of an anonymous key', { role: 'anon' }],
    ['of the service', { role: 'service_role' }],
    ['without a person', { sub: undefined }],
    ['whose person is no user id', { sub: 'claire' }],
    ['for another audience', { aud: 'cassius-billing' }],
    ['for several audiences without ours', { aud: ['cassius-billing', 'cassius-imaging'] }],
    ['for no audience', { aud: undefined }],
    ['of another project', { iss: 'https://other.supabase.test/auth/v1' }],
    ['of an API key’s issuer', { iss: 'supabase' }],
    ['of an issuer that begins as ours', { iss: `${ISSUER}/other` }],
    ['without an issuer', { iss: undefined }],
  ])('%s is UNAUTHENTICATED', async (_case, claims) => {
    const { world, call } = await serve();
    const answer = await call({ authorization: await world.authorization(CLAIRE, claims) });
    expect(answer.status).toBe(401);
    expect(world.calls).toEqual([]);
  });

  test('ends when the clock says so', async () => {
    const { world, call } = await serve();
    const authorization = await world.authorization(CLAIRE);
    expect((await call({ authorization })).status).toBe(200);
    world.clock.now += 3_700_000;
    expect((await call({ authorization })).status).toBe(401);
  });

  test('of an older project, with the shared secret in its own key set, is accepted', async () => {
    const k = btoa('a shared secret of an older project').replaceAll('=', '');
    const oct = { kty: 'oct', k, alg: 'HS256', kid: 'old' };
    const authority = await tokenAuthority();
    const environment = { SUPABASE_JWKS: JSON.stringify([authority.publicKey, oct]) };
    const { call } = await serve({ environment });
    const token = (secret: string) => hmacToken(secret, person);
    const good = await call({ authorization: `Bearer ${await token('a shared secret of an older project')}` });
    expect(good.status).toBe(200);
    expect((await call({ authorization: `Bearer ${await token('another secret')}` })).status).toBe(401);
    const modern = await authority.token(person);
    expect((await call({ authorization: `Bearer ${modern}` })).status).toBe(200);
  });
});

describe('the issuer', () => {
  test('is the project’s own address, or what the variable lists where that address is an inner one', async () => {
    const environment = { AUTH_ISSUER: 'https://cassius.example/auth/v1, http://localhost:8000/auth/v1' };
    const { world, call } = await serve({ environment });
    const status = async (claims: Record<string, unknown>) =>
      (await call({ authorization: await world.authorization(CLAIRE, claims) })).status;
    expect(await status({ iss: 'https://cassius.example/auth/v1' })).toBe(200);
    expect(await status({ iss: 'http://localhost:8000/auth/v1' })).toBe(200);
    expect(await status({ iss: ISSUER })).toBe(401);
  });

  test('that was refused is explained to the team', async () => {
    const { world, call } = await serve();
    await call({ authorization: await world.authorization(CLAIRE, { iss: 'http://localhost:8000/auth/v1' }) });
    expect(world.entries()[0]).toMatchObject({ reason: 'other_issuer', expectedIssuers: [ISSUER] });
  });
});
