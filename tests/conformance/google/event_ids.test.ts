import { expect, test } from 'vitest';
import { connectedApi, EVENTS, newEmulator, reasonOf, timed } from './visitor.ts';

test('an event without an id gets one that fits the rules, and an iCalUID made from it', async () => {
  const api = await connectedApi(newEmulator());
  const { status, body } = await api('POST', EVENTS, timed());
  expect(status).toBe(200);
  expect(body.id).toMatch(/^[0-9a-v]{5,1024}$/);
  expect(body.iCalUID).toBe(`${body.id}@google.com`);
});

test('an id chosen by the client is kept', async () => {
  const api = await connectedApi(newEmulator());
  const id = crypto.randomUUID().replaceAll('-', '');
  expect((await api('POST', EVENTS, timed({ id }))).body.id).toBe(id);
  expect((await api('GET', `${EVENTS}/${id}`)).body.summary).toBe('Consultation');
});

test.each([
  ['capital letters', 'ABCDE12345'],
  ['a letter after v', 'abcdew'],
  ['a hyphen', crypto.randomUUID()],
  ['four characters', 'abcd'],
  ['1025 characters', 'a'.repeat(1025)],
])('an id with %s is refused', async (_what, id) => {
  const reply = await (await connectedApi(newEmulator()))('POST', EVENTS, timed({ id }));
  expect([reply.status, reasonOf(reply), reply.body.error.message]).toEqual([
    400,
    'invalid',
    'Invalid resource id value.',
  ]);
});

test('ids of five and of 1024 characters are accepted', async () => {
  const api = await connectedApi(newEmulator());
  for (const id of ['abcde', 'a'.repeat(1024)]) expect((await api('POST', EVENTS, timed({ id }))).status).toBe(200);
});

test('a second insert of the same id is a duplicate and changes nothing', async () => {
  const core = newEmulator();
  const api = await connectedApi(core);
  await api('POST', EVENTS, timed({ id: 'abcde' }));
  const again = await api('POST', EVENTS, timed({ id: 'abcde', summary: 'Autre' }));
  expect([again.status, reasonOf(again)]).toEqual([409, 'duplicate']);
  expect((await api('GET', `${EVENTS}/abcde`)).body.summary).toBe('Consultation');
  expect(core.state().inserts['claire@gmail.test/abcde']).toEqual({ asked: 2, created: 1 });
});

test('the same id may exist on another calendar', async () => {
  const api = await connectedApi(newEmulator());
  await api('POST', EVENTS, timed({ id: 'abcde' }));
  const second = await api(
    'POST',
    'calendars/claire-cabinet%40group.calendar.google.com/events',
    timed({ id: 'abcde' }),
  );
  expect(second.status).toBe(200);
});

test('the id of a deleted event stays taken', async () => {
  const api = await connectedApi(newEmulator());
  await api('POST', EVENTS, timed({ id: 'abcde' }));
  await api('DELETE', `${EVENTS}/abcde`);
  const again = await api('POST', EVENTS, timed({ id: 'abcde' }));
  expect([again.status, reasonOf(again)]).toEqual([409, 'duplicate']);
  expect((await api('GET', `${EVENTS}/abcde`)).body.status).toBe('cancelled');
});

test('an iCalUID that exists, even on a deleted event, is a duplicate for insert and an update for import', async () => {
  const api = await connectedApi(newEmulator());
  const first = await api('POST', EVENTS, timed({ iCalUID: 'uid-1@app.test' }));
  expect((await api('POST', EVENTS, timed({ iCalUID: 'uid-1@app.test' }))).status).toBe(409);
  const imported = await api('POST', `${EVENTS}/import`, timed({ iCalUID: 'uid-1@app.test', summary: 'Repris' }));
  expect([imported.status, imported.body.id, imported.body.summary]).toEqual([200, first.body.id, 'Repris']);
  await api('DELETE', `${EVENTS}/${first.body.id}`);
  expect((await api('POST', EVENTS, timed({ iCalUID: 'uid-1@app.test' }))).status).toBe(409);
});

test.each(['PATCH', 'PUT'])('%s with status confirmed brings a deleted event back', async (verb) => {
  const api = await connectedApi(newEmulator());
  await api('POST', EVENTS, timed({ id: 'abcde' }));
  await api('DELETE', `${EVENTS}/abcde`);
  const body = verb === 'PATCH' ? { status: 'confirmed' } : timed({ status: 'confirmed' });
  const back = await api(verb, `${EVENTS}/abcde`, body);
  expect([back.status, back.body.status, back.body.summary]).toEqual([200, 'confirmed', 'Consultation']);
});

test('bringing back can be switched to a refusal', async () => {
  const core = newEmulator();
  const api = await connectedApi(core);
  core.configure({ undelete: 'forbid' });
  await api('POST', EVENTS, timed({ id: 'abcde' }));
  await api('DELETE', `${EVENTS}/abcde`);
  const back = await api('PATCH', `${EVENTS}/abcde`, { status: 'confirmed' });
  expect([back.status, reasonOf(back)]).toEqual([403, 'forbidden']);
});

test.each(
  [
    ['staysCancelled', 200, 'cancelled'],
    ['forbid', 403, undefined],
    ['gone', 410, undefined],
  ] as const,
)('a patch of a deleted event: %s', async (writeToDeleted, status, shown) => {
  const core = newEmulator();
  const api = await connectedApi(core);
  core.configure({ writeToDeleted });
  await api('POST', EVENTS, timed({ id: 'abcde' }));
  await api('DELETE', `${EVENTS}/abcde`);
  const reply = await api('PATCH', `${EVENTS}/abcde`, { summary: 'Trop tard' });
  expect([reply.status, reply.body.status]).toEqual([status, shown]);
});
