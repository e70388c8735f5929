import { describe, expect, test } from 'vitest';
import { codeOf, connectedApi, EVENTS, IMMUTABLE, type Json, newEmulator, timed } from './visitor.ts';

async function stage() {
  const core = newEmulator();
  const api = await connectedApi(core);
  const batch = (requests: unknown[]) => api('POST', '$batch', { requests });
  return { core, api, batch };
}

const JSON_BODY = { 'content-type': 'application/json', prefer: IMMUTABLE };
const read = (id: string, url = '/me/calendars', more: Record<string, unknown> = {}) => ({
  id,
  method: 'GET',
  url,
  ...more,
});
const create = (id: string, body: unknown = timed()) => ({
  id,
  method: 'POST',
  url: `/${EVENTS}`,
  headers: JSON_BODY,
  body,
});
const part = (reply: { body: Json }, id: string) => reply.body.responses.find((one: Json) => one.id === id);

describe('a batch', () => {
  test('answers each part by its id, in any order, with its own status, headers and body', async () => {
    const { batch } = await stage();
    const ids = Array.from({ length: 8 }, (_, turn) => `r${turn}`);
    const reply = await batch([...ids.map((id) => read(id)), read('gone', '/me/events/AAMkNobodyKnowsThis=')]);
    expect(reply.status).toBe(200);
    const order = reply.body.responses.map((one: Json) => one.id);
    expect(order).not.toEqual([...ids, 'gone']);
    expect([...order].sort()).toEqual(['gone', ...ids]);
    expect(part(reply, 'r0').body.value).toHaveLength(3);
    expect(part(reply, 'gone')).toMatchObject({ status: 404, body: { error: { code: 'ErrorItemNotFound' } } });
    expect(part(reply, 'gone').headers).toHaveProperty('Request-Id');
  });

  test('writes with the preferences of each part; a deletion has no body', async () => {
    const { core, api, batch } = await stage();
    const made = part(await batch([create('a')]), 'a');
    expect([made.status, core.state().events[0]?.id]).toEqual([201, made.body.id]);
    const reply = await batch([{ id: 'b', method: 'DELETE', url: `/me/events/${made.body.id}` }]);
    expect(part(reply, 'b')).toEqual({ id: 'b', status: 204, headers: expect.any(Object) });
    expect((await api('GET', `me/events/${made.body.id}`)).status).toBe(404);
  });

  test.each<[string, unknown[]]>([
    ['twenty-one parts', Array.from({ length: 21 }, (_, turn) => read(`r${turn}`))],
    ['no parts', []],
    ['one id twice', [read('a'), read('a')]],
    ['a body without its type', [{ ...create('a'), headers: {} }]],
    ['an absolute address', [read('a', 'https://graph.microsoft.com/v1.0/me')]],
    ['the version in an address', [read('a', '/v1.0/me')]],
    ['a batch inside', [{ id: 'a', method: 'POST', url: '/$batch' }]],
    ['an unknown predecessor', [read('a', '/me', { dependsOn: ['b'] })]],
  ])('with %s is malformed as a whole', async (_name, requests) => {
    const { core, batch } = await stage();
    expect((await batch(requests)).status).toBe(400);
    expect(core.state().violations).toHaveLength(1);
    expect(core.state().calls.filter(({ inBatch }) => inBatch)).toEqual([]);
  });

  test('of twenty runs four parts at a time, so that none is throttled', async () => {
    const { core, batch } = await stage();
    core.configure({ latencyPerPartMs: 1 });
    const reply = await batch(Array.from({ length: 20 }, (_, turn) => create(`r${turn}`)));
    expect(new Set(reply.body.responses.map((one: Json) => one.status))).toEqual(new Set([201]));
    expect(core.state().accounts[0]?.peakParallel).toBe(4);
    expect(core.state().accounts[0]?.requests.total).toBe(20);
  });

  test('parts that wait for one another run in turn, and fail with the one before', async () => {
    const { batch } = await stage();
    const reply = await batch([
      read('a', '/me/events/AAMkNobodyKnowsThis='),
      read('b', '/me', { dependsOn: ['a'] }),
      read('c', '/me', { dependsOn: ['b'] }),
      read('d', '/me'),
      read('e', '/me', { dependsOn: ['d'] }),
    ]);
    expect(['a', 'b', 'c', 'd', 'e'].map((id) => part(reply, id).status)).toEqual([404, 424, 424, 200, 200]);
  });

  test('a part can be throttled alone, with its own Retry-After', async () => {
    const { core, batch } = await stage();
    core.addFault({ match: { inBatch: true }, nth: 2, action: { partStatus: 429, retryAfter: 7 } });
    const reply = await batch([create('a'), create('b'), create('c')]);
    expect(reply.status).toBe(200);
    expect(['a', 'b', 'c'].map((id) => part(reply, id).status)).toEqual([201, 429, 201]);
    expect(part(reply, 'b').headers['Retry-After']).toBe('7');
  });

  test('a part can be done and its answer lost', async () => {
    const { core, batch } = await stage();
    core.addFault({ match: { method: 'events.insert' }, nth: 1, action: { loseAnswer: 'drop' } });
    expect(part(await batch([create('a')]), 'a').status).toBe(503);
    expect(core.state().events).toHaveLength(1);
  });
});

describe('limits', () => {
  test('refuse a fifth request at once on one mailbox, and leave other mailboxes alone', async () => {
    const { core, api } = await stage();
    const other = await connectedApi(core, 'marc@outlook.test');
    core.configure({ latencyMs: 5 });
    const replies = await Promise.all([...Array(5)].map(() => api('GET', 'me/calendars')).concat(other('GET', 'me')));
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 200, 429, 200]);
    const refused = replies[4];
    expect([refused && codeOf(refused), refused?.headers.get('retry-after')]).toEqual([
      'ApplicationThrottled',
      '1.000',
    ]);
    expect(core.state().accounts.map(({ peakParallel }) => peakParallel)).toEqual([5, 1]);
    core.configure({ concurrencyStatus: 503 });
    const again = await Promise.all([...Array(5)].map(() => api('GET', 'me/calendars')));
    expect(again[4]?.status).toBe(503);
  });

  test('refuse too many in ten minutes; what was refused counts too', async () => {
    const { core, api } = await stage();
    core.configure({ requestsPerTenMinutes: 3, retryAfter: 'seconds' });
    const status = async () => (await api('GET', 'me')).status;
    expect([await status(), await status(), await status()]).toEqual([200, 200, 200]);
    core.advance(1_000);
    const refused = await api('GET', 'me');
    expect([refused.status, codeOf(refused), refused.headers.get('retry-after')]).toEqual([
      429,
      'TooManyRequests',
      '599',
    ]);
    expect([await status(), await status()]).toEqual([429, 429]);
    core.advance(599_000);
    expect(await status()).toBe(429);
    core.advance(1_000);
    expect(await status()).toBe(200);
    expect(core.state().accounts[0]?.requests).toEqual({ peak: 6, total: 8, refused: 4 });
  });

  test.each([
    ['seconds', /^1$/],
    ['fraction', /^1\.000$/],
    ['date', /GMT$/],
    ['none', null],
  ])('name their wait as %s', async (form, pattern) => {
    const { core, api } = await stage();
    core.configure({ retryAfter: form as 'none', latencyMs: 5 });
    const refused = (await Promise.all([...Array(5)].map(() => api('GET', 'me'))))[4];
    if (pattern) expect(refused?.headers.get('retry-after')).toMatch(pattern);
    else expect(refused?.headers.has('retry-after')).toBe(false);
  });
});
