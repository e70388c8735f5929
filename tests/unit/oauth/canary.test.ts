import { expect, test } from 'vitest';
import { API, APP, MARC, NOBODY, RIVOLI } from '../http/test_world.ts';
import { connectedWorld } from './connected_world.ts';
import { deadGrant, unavailable } from './fake_provider.ts';

test('no token, code, state, address or name reaches a log line or an error, whatever happens', async () => {
  const { world, call, begin, comeBack, connect, database, provider, bodies } = await connectedWorld();
  const secrets = ['canary', 'Claire', 'Martin', 'Agenda', '@'];
  const began = async () => {
    const flow = await begin();
    secrets.push(flow.state, flow.cookie!.split('=')[1]!, flow.challenge);
    return flow;
  };

  await call('connect', { body: { redirectTo: 'https://canary.test' } });
  for (const query of [{ error: 'access_denied canary@mail.test' }, { code: 'canary-code' }, {}]) {
    const { state, cookie } = await began();
    await comeBack({ ...query, state }, cookie);
    await comeBack({ code: 'canary-code', state }, cookie);
    await comeBack({ code: 'canary-code', state: `${state}x` }, null);
  }
  const { state } = await began();
  const { secret } = await comeBack({ code: 'canary-code', state });
  secrets.push(secret!);
  await call('confirm', { body: { secret } });
  await call('confirm', { as: MARC, organisation: RIVOLI, body: { secret } });
  await call('calendars');
  await call('settings', { method: 'PATCH', body: { calendar_target_id: 'canary@elsewhere.test' } });
  await call('settings', { method: 'PATCH', body: { event_detail: 'busy', calendar_target_id: 'second' } });
  await call('status', { as: NOBODY });
  await call('status', { headers: { authorization: 'Bearer canary.canary.canary' } });
  for (const failure of [unavailable(), deadGrant(), new Error('canary-refresh-1 of claire@mail.test')]) {
    Object.assign(provider.fails, { refresh: failure, exchange: failure, list: failure, revoke: failure });
    database.integrations[0]!.accessToken = null;
    await call('calendars');
    await connect();
  }
  await call('disconnect', { body: {} });

  expect(world.lines.length).toBeGreaterThan(20);
  for (const secret of secrets) {
    for (const line of world.lines) expect(line).not.toContain(secret);
  }
  const errors = bodies.filter((body) => body.includes('"error"'));
  expect(errors.length).toBeGreaterThan(5);
  for (const secret of secrets) {
    for (const body of errors) expect(body).not.toContain(secret);
  }
  // A browser is only ever sent to our own pages, and never with a code.
  for (const location of bodies.filter((body) => body.startsWith('http'))) {
    expect(location.startsWith(APP)).toBe(true);
    expect(location).not.toContain('canary');
    expect(location).not.toContain(API);
  }
});
