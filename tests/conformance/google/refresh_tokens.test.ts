import { describe, expect, test } from 'vitest';
import { apiWith, connect, EVENTS, newEmulator, postToken, refresh } from './visitor.ts';

const DAY = 86_400_000;

describe('refresh tokens', () => {
  test('come only with offline access, and without prompt=consent only the first time', async () => {
    const core = newEmulator();
    expect(await connect(core, { access_type: 'online', prompt: null })).not.toHaveProperty('refresh_token');
    expect(await connect(core, { prompt: null })).toHaveProperty('refresh_token');
    expect(await connect(core, { prompt: null })).not.toHaveProperty('refresh_token');
    expect(await connect(core, { prompt: 'consent' })).toHaveProperty('refresh_token');
  });

  test('give new access tokens and no new refresh token', async () => {
    const core = newEmulator();
    const { refresh_token = '' } = await connect(core);
    core.advance(4_000_000);
    const { status, body } = await refresh(core, refresh_token);
    expect([status, 'refresh_token' in body]).toEqual([200, false]);
    expect((await apiWith(core, body.access_token)('GET', EVENTS)).status).toBe(200);
  });

  test('rotate when switched so, and the old one is dead', async () => {
    const core = newEmulator();
    const { refresh_token = '' } = await connect(core);
    core.configure({ rotateRefreshTokens: true });
    const next = (await refresh(core, refresh_token)).body.refresh_token;
    expect((await refresh(core, refresh_token)).body.error).toBe('invalid_grant');
    expect((await refresh(core, next)).status).toBe(200);
  });

  test('a lifetime is never to be assumed: expires_in varies', async () => {
    const core = newEmulator();
    const seen = new Set([(await connect(core)).expires_in, (await connect(core)).expires_in]);
    expect([...seen]).toEqual([3599, 3920]);
  });

  test('the 101st of an account kills the first, and no other account’s', async () => {
    const core = newEmulator();
    const other = await connect(core, { __approve: 'marc@gmail.test' });
    const first = await connect(core);
    const second = await connect(core);
    for (let count = 2; count < 101; count++) await connect(core);
    expect((await refresh(core, first.refresh_token ?? '')).body.error).toBe('invalid_grant');
    expect((await refresh(core, second.refresh_token ?? '')).status).toBe(200);
    expect((await refresh(core, other.refresh_token ?? '')).status).toBe(200);
  });

  test('of an app in testing end after seven days, unless only for sign-in', async () => {
    const core = newEmulator();
    core.configure({ testingMode: true });
    const calendar = await connect(core);
    const signIn = await connect(core, { scope: 'openid email', __approve: 'marc@gmail.test' });
    core.advance(7 * DAY - 1);
    expect((await refresh(core, calendar.refresh_token ?? '')).status).toBe(200);
    core.advance(1);
    const dead = await refresh(core, calendar.refresh_token ?? '');
    expect([dead.status, dead.body]).toEqual([400, {
      error: 'invalid_grant',
      error_description: 'Token has been expired or revoked.',
    }]);
    expect((await refresh(core, signIn.refresh_token ?? '')).status).toBe(200);
  });

  test('unused for six months are dead', async () => {
    const core = newEmulator();
    const { refresh_token = '' } = await connect(core);
    core.advance(181 * DAY);
    expect((await refresh(core, refresh_token)).body.error).toBe('invalid_grant');
  });

  test.each([
    [{ client_id: 'other' }, 401, 'invalid_client', 'The OAuth client was not found.'],
    [{ client_secret: 'other' }, 401, 'invalid_client', 'Unauthorized'],
    [{ grant_type: 'password' }, 400, 'unsupported_grant_type', 'Invalid grant_type: password'],
    [{ refresh_token: '1//nobody' }, 400, 'invalid_grant', 'Token has been expired or revoked.'],
  ])('%j is refused', async (changes, status, error, description) => {
    const core = newEmulator();
    const { refresh_token = '' } = await connect(core);
    const reply = await postToken(core, { grant_type: 'refresh_token', refresh_token, ...changes });
    expect([reply.status, reply.body]).toEqual([status, { error, error_description: description }]);
  });

  test.each([
    ['503 with HTML', { html5xx: 503 }, 503, null],
    ['429', { status: 429, reason: 'rate_limit_exceeded' }, 429, 'rate_limit_exceeded'],
    [
      'a re-authentication policy',
      { status: 400, body: { error: 'invalid_grant', error_subtype: 'invalid_rapt' } },
      400,
      'invalid_grant',
    ],
    ['a deleted client', { status: 401, reason: 'deleted_client' }, 401, 'deleted_client'],
  ])('the token endpoint can answer %s', async (_what, action, status, error) => {
    const core = newEmulator();
    const { refresh_token = '' } = await connect(core);
    core.addFault({ match: { method: 'oauth.token' }, times: 1, action });
    const reply = await refresh(core, refresh_token);
    expect([reply.status, reply.body?.error ?? null]).toEqual([status, error]);
    expect((await refresh(core, refresh_token)).status).toBe(200);
  });

  test('of one account can fail while those of others work', async () => {
    const core = newEmulator();
    const claire = await connect(core);
    const marc = await connect(core, { __approve: 'marc@gmail.test' });
    core.addFault({
      match: { method: 'oauth.token', account: 'marc@gmail.test' },
      nth: 1,
      action: { revokeGrant: true },
    });
    expect((await refresh(core, marc.refresh_token ?? '')).body.error).toBe('invalid_grant');
    expect((await refresh(core, claire.refresh_token ?? '')).status).toBe(200);
  });
});
