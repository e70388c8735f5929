import { describe, expect, test } from 'vitest';
import { apiWith, connectedApi, control, EVENTS, newEmulator, reasonOf, timed } from './visitor.ts';

describe('the minute quota', () => {
  test('is 600 units an account and slides: a burst is paid for in the next minute', async () => {
    const core = newEmulator();
    const api = await connectedApi(core);
    for (let call = 0; call < 300; call++) expect((await api('GET', `${EVENTS}?maxResults=1`)).status).toBe(200);
    core.advance(30_000);
    for (let call = 0; call < 300; call++) expect((await api('GET', `${EVENTS}?maxResults=1`)).status).toBe(200);
    expect((await api('GET', EVENTS)).status).toBe(403);
    core.advance(29_999);
    expect((await api('GET', EVENTS)).status).toBe(429);
    core.advance(1);
    for (let call = 0; call < 300; call++) expect((await api('GET', `${EVENTS}?maxResults=1`)).status).toBe(200);
    expect((await api('GET', EVENTS)).status).toBe(403);
    expect(core.state().accounts[0]?.units).toMatchObject({ peakServed: 600, total: 900, refused: 3 });
  });

  test('of one account leaves the other alone', async () => {
    const core = newEmulator();
    const claire = await connectedApi(core);
    const marc = await connectedApi(core, 'marc@gmail.test');
    core.configure({ unitsPerMinutePerAccount: 1 });
    await claire('GET', EVENTS);
    expect((await claire('GET', EVENTS)).status).toBe(403);
    expect((await marc('GET', EVENTS)).status).toBe(200);
  });

  test('of the project is shared', async () => {
    const core = newEmulator();
    const claire = await connectedApi(core);
    const marc = await connectedApi(core, 'marc@gmail.test');
    core.configure({ unitsPerMinutePerProject: 1 });
    await claire('GET', EVENTS);
    const reply = await marc('GET', EVENTS);
    expect([reply.status, reasonOf(reply)]).toEqual([403, 'rateLimitExceeded']);
  });

  test('takes three units for a patch, also when it is refused for another reason', async () => {
    const core = newEmulator();
    const api = await connectedApi(core);
    await api('POST', EVENTS, timed({ id: 'abcde' }));
    await api('PATCH', `${EVENTS}/abcde`, { summary: 'x' });
    await api('PATCH', `${EVENTS}/fffff`, { summary: 'x' });
    expect(core.state().accounts[0]?.units.total).toBe(7);
  });

  test('says so as 403 and 429, with errors[] and with details[] only, in turn', async () => {
    const core = newEmulator();
    const api = await connectedApi(core);
    core.configure({ unitsPerMinutePerAccount: 1 });
    await api('GET', EVENTS);
    const seen = [];
    for (let call = 0; call < 4; call++) {
      const { status, body: { error } } = await api('GET', EVENTS);
      seen.push([status, error.errors?.[0].reason, error.details?.[0].reason]);
    }
    expect(seen).toEqual([
      [403, 'userRateLimitExceeded', undefined],
      [429, 'rateLimitExceeded', undefined],
      [403, undefined, 'RATE_LIMIT_EXCEEDED'],
      [429, undefined, 'RATE_LIMIT_EXCEEDED'],
    ]);
  });

  test('does not count what the person does at Google’s own calendar', async () => {
    const core = newEmulator();
    const { access_token } = await control(core, 'token', { email: 'claire@gmail.test' });
    core.configure({ unitsPerMinutePerAccount: 1 });
    const person = apiWith(core, access_token);
    for (let call = 0; call < 5; call++) expect((await person('GET', EVENTS)).status).toBe(200);
    expect(core.state()).toMatchObject({ units: { total: 0 }, calls: [] });
  });
});
