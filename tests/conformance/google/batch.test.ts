import { expect, test } from 'vitest';
import { batch, connectedApi, EVENTS, newEmulator, send, timed } from './visitor.ts';

function insert(id: string, extra: Record<string, unknown> = {}) {
  return { id, verb: 'POST', path: `${EVENTS}?sendUpdates=none`, body: timed({ id, ...extra }) };
}

test('parts are answered in the order of the requests, each with its own id and status', async () => {
  const core = newEmulator();
  const { token } = await connectedApi(core);
  core.configure({ shuffleBatch: true });
  const names = Array.from({ length: 20 }, (_, index) => `event${index}`);
  const parts = await batch(core, token, [...names.map((name) => insert(name)), insert('event3')]);
  expect(parts.map((part) => part.contentId)).toEqual([...names, 'event3'].map((name) => `<response-${name}>`));
  expect(parts.filter((part) => part.status === 409)).toHaveLength(1);
  expect(parts.filter((part) => part.status === 200)).toHaveLength(20);
  expect(parts[7]?.body.id).toBe('event7');
});

test('shuffled execution really differs from the order of the requests', async () => {
  const core = newEmulator();
  const { token } = await connectedApi(core);
  core.configure({ shuffleBatch: true });
  const names = Array.from({ length: 20 }, (_, index) => `event${index}`);
  await batch(core, token, names.map((name) => insert(name)));
  expect(core.state().events.map((event) => event.id)).not.toEqual(names);
});

test('reads, changes and deletions may be mixed; a deletion answers 204 without body', async () => {
  const core = newEmulator();
  const { token } = await connectedApi(core);
  const parts = await batch(core, token, [
    insert('abcde'),
    { id: 'patch', verb: 'PATCH', path: `${EVENTS}/abcde`, body: { summary: 'Ensemble — é' } },
    { id: 'get', verb: 'GET', path: `${EVENTS}/abcde` },
    { id: 'delete', verb: 'DELETE', path: `${EVENTS}/abcde` },
    { id: 'unknown', verb: 'DELETE', path: `${EVENTS}/fffff` },
  ]);
  expect(parts.map((part) => part.status)).toEqual([200, 200, 200, 204, 404]);
  expect(parts[2]?.body.summary).toBe('Ensemble — é');
});

test('the outer Authorization counts for every part', async () => {
  const core = newEmulator();
  const parts = await batch(core, 'ya29.nobody', [insert('abcde')]);
  expect(parts.map((part) => part.status)).toEqual([401]);
});

test('every part costs what it would cost alone', async () => {
  const core = newEmulator();
  const { token } = await connectedApi(core);
  await batch(core, token, [insert('abcde'), insert('fghij')]);
  await batch(core, token, [{ id: 'p', verb: 'PATCH', path: `${EVENTS}/abcde`, body: { summary: 'x' } }]);
  expect(core.state().accounts[0]?.units.total).toBe(2 + 3);
});

test('parts beyond the quota fail alone', async () => {
  const core = newEmulator();
  const { token } = await connectedApi(core);
  core.configure({ unitsPerMinutePerAccount: 2 });
  const parts = await batch(core, token, [insert('abcde'), insert('fghij'), insert('klmno')]);
  expect(parts.map((part) => part.status)).toEqual([200, 200, 403]);
});

test('a thousand parts are accepted, one more is refused as a whole', async () => {
  const core = newEmulator();
  const { token } = await connectedApi(core);
  core.configure({ unitsPerMinutePerAccount: 0 });
  const many = (count: number) => Array.from({ length: count }, (_, index) => insert(`event${index}`));
  expect(await batch(core, token, many(1000))).toHaveLength(1000);
  await expect(batch(core, token, many(1001))).rejects.toThrow('HTTP 400');
});

test.each([
  ['no boundary', 'multipart/mixed', ''],
  ['another type', 'application/json', '{}'],
  ['no end', 'multipart/mixed; boundary=b', '--b\r\nContent-Type: application/http\r\n\r\nGET /calendar/v3/x\r\n'],
  [
    'a part with a host',
    'multipart/mixed; boundary=b',
    '--b\r\nContent-Type: application/http\r\n\r\nGET https://x.test/calendar/v3/x\r\n\r\n--b--',
  ],
])('a batch with %s is refused', async (_what, type, body) => {
  const core = newEmulator();
  const { token } = await connectedApi(core);
  const headers = { authorization: `Bearer ${token}`, 'content-type': type };
  expect((await send(core, '/batch/calendar/v3', { method: 'POST', headers, body })).status).toBe(400);
});

test('working locations cannot be written by batch', async () => {
  const core = newEmulator();
  const api = await connectedApi(core);
  const event = {
    start: { date: '2026-12-01' },
    end: { date: '2026-12-02' },
    eventType: 'workingLocation',
    visibility: 'public',
    transparency: 'transparent',
    workingLocationProperties: { type: 'homeOffice', homeOffice: {} },
  };
  const parts = await batch(core, api.token, [{ id: 'work', verb: 'POST', path: EVENTS, body: event }]);
  expect(parts[0]?.status).toBe(400);
  expect((await api('POST', EVENTS, event)).status).toBe(200);
});
