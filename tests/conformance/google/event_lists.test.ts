import { describe, expect, test } from 'vitest';
import type { GoogleEmulator } from '../../../emulators/google/emulator.ts';
import { allDay, type Api, connectedApi, control, EVENTS, type Json, newEmulator, reasonOf, timed } from './visitor.ts';

async function fill(api: Api, count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    await api('POST', EVENTS, timed({ id: `event${index}`, summary: `n° ${index}` }));
  }
}

/** Follows page tokens to the end. */
async function pages(api: Api, query: string): Promise<Json[]> {
  const all: Json[] = [];
  for (let token = '';;) {
    const { status, body } = await api(
      'GET',
      `${EVENTS}?${query}${token && `&pageToken=${encodeURIComponent(token)}`}`,
    );
    expect(status).toBe(200);
    all.push(body);
    if (!body.nextPageToken) return all;
    token = body.nextPageToken;
  }
}

async function syncToken(api: Api, query = ''): Promise<string> {
  return encodeURIComponent((await pages(api, query)).at(-1).nextSyncToken);
}

function ids(body: Json): string[] {
  return body.items.map((event: { id: string }) => event.id);
}

describe('paging', () => {
  test('every event appears once, and the sync token only on the last page', async () => {
    const api = await connectedApi(newEmulator());
    await fill(api, 5);
    const all = await pages(api, 'maxResults=2');
    expect(all.flatMap(ids)).toEqual(['event0', 'event1', 'event2', 'event3', 'event4']);
    expect(all.map((page) => ['nextPageToken' in page, 'nextSyncToken' in page]))
      .toEqual([[true, false], [true, false], [false, true]]);
  });

  test('a page in the middle may be empty and still go on', async () => {
    const core = newEmulator();
    const api = await connectedApi(core);
    await fill(api, 3);
    core.configure({ emptyMiddlePage: true });
    const all = await pages(api, 'maxResults=2');
    expect(all.map(ids)).toEqual([['event0', 'event1'], [], ['event2']]);
  });

  test('an ordered list has no sync token', async () => {
    const api = await connectedApi(newEmulator());
    await fill(api, 1);
    for (const query of ['orderBy=updated', 'orderBy=startTime&singleEvents=true']) {
      expect((await pages(api, query)).at(-1)).not.toHaveProperty('nextSyncToken');
    }
  });

  test('ordering by start needs single events', async () => {
    const reply = await (await connectedApi(newEmulator()))('GET', `${EVENTS}?orderBy=startTime`);
    expect([reply.status, reasonOf(reply)]).toEqual([400, 'invalid']);
  });

  test('a change between two pages is not lost', async () => {
    const api = await connectedApi(newEmulator());
    await fill(api, 3);
    const first = (await api('GET', `${EVENTS}?maxResults=2`)).body;
    await api('PATCH', `${EVENTS}/event0`, { summary: 'changed' });
    const last = (await api('GET', `${EVENTS}?maxResults=2&pageToken=${first.nextPageToken}`)).body;
    const delta = (await api('GET', `${EVENTS}?syncToken=${last.nextSyncToken}`)).body;
    expect(delta.items.map((event: Json) => event.summary)).toEqual(['changed']);
  });

  test('a page token of nobody is refused', async () => {
    const reply = await (await connectedApi(newEmulator()))('GET', `${EVENTS}?pageToken=abc`);
    expect([reply.status, reasonOf(reply)]).toEqual([400, 'invalid']);
  });
});

describe('filters', () => {
  test('the window takes what ends after its start and starts before its end, both exclusive', async () => {
    const api = await connectedApi(newEmulator());
    await api('POST', EVENTS, timed({ id: 'inside' }));
    const listed = async (from: string, to: string) =>
      ids((await api('GET', `${EVENTS}?timeMin=${encodeURIComponent(from)}&timeMax=${encodeURIComponent(to)}`)).body);
    expect(await listed('2026-12-01T09:59:59+01:00', '2026-12-01T12:00:00+01:00')).toEqual(['inside']);
    expect(await listed('2026-12-01T10:00:00+01:00', '2026-12-01T12:00:00+01:00')).toEqual([]);
    expect(await listed('2026-12-01T08:00:00+01:00', '2026-12-01T09:00:00+01:00')).toEqual([]);
    expect(await listed('2026-12-01T08:00:00+01:00', '2026-12-01T09:00:01+01:00')).toEqual(['inside']);
  });

  test('an empty window and a time without offset are refused', async () => {
    const api = await connectedApi(newEmulator());
    const empty = await api('GET', `${EVENTS}?timeMin=2026-12-02T00:00:00Z&timeMax=2026-12-01T00:00:00Z`);
    expect([empty.status, reasonOf(empty)]).toEqual([400, 'timeRangeEmpty']);
    expect((await api('GET', `${EVENTS}?timeMin=2026-12-02T00:00:00`)).status).toBe(400);
  });

  test('an all-day event starts and ends at midnight of the calendar’s zone', async () => {
    const api = await connectedApi(newEmulator());
    await api('POST', EVENTS, allDay({ id: 'midnight' }));
    expect(ids((await api('GET', `${EVENTS}?timeMin=2026-12-01T22:59:00Z`)).body)).toEqual(['midnight']);
    expect(ids((await api('GET', `${EVENTS}?timeMin=2026-12-01T23:00:00Z`)).body)).toEqual([]);
  });

  test('marker, iCalUID, words and deletion each select', async () => {
    const core = newEmulator();
    const api = await connectedApi(core);
    const mark = (value: string) => ({ extendedProperties: { private: { mark: value, kind: 'rdv' } } });
    await api('POST', EVENTS, timed({ id: 'first', summary: 'Séance bleue', ...mark('1') }));
    await api('POST', EVENTS, timed({ id: 'second', ...mark('2') }));
    await api('DELETE', `${EVENTS}/second`);
    const list = async (query: string) => ids((await api('GET', `${EVENTS}?${query}`)).body);
    expect(await list('privateExtendedProperty=mark%3D1')).toEqual(['first']);
    expect(await list('privateExtendedProperty=mark%3D2')).toEqual([]);
    expect(await list('privateExtendedProperty=mark%3D2&showDeleted=true')).toEqual(['second']);
    expect(await list('iCalUID=first%40google.com')).toEqual(['first']);
    expect(await list('q=bleue')).toEqual(['first']);
    const both = 'privateExtendedProperty=mark%3D1&privateExtendedProperty=kind%3Dother';
    expect(await list(both)).toEqual([]);
    core.configure({ propertyFilters: 'or' });
    expect(await list(both)).toEqual(['first']);
  });

  test('deleted events may stray into lists that did not ask for them, as stubs', async () => {
    const core = newEmulator();
    const api = await connectedApi(core);
    await fill(api, 2);
    await api('DELETE', `${EVENTS}/event0`);
    expect(ids((await api('GET', EVENTS)).body)).toEqual(['event1']);
    core.configure({ strayCancelled: true });
    const [stray] = (await api('GET', EVENTS)).body.items;
    expect(Object.keys(stray).sort()).toEqual(['etag', 'id', 'kind', 'status']);
  });

  test('updatedMin shows changes and deletions since, and refuses to look too far back', async () => {
    const core = newEmulator();
    const api = await connectedApi(core);
    await fill(api, 2);
    core.advance(60_000);
    await api('DELETE', `${EVENTS}/event1`);
    const since = (at: number) => api('GET', `${EVENTS}?updatedMin=${new Date(at).toISOString()}`);
    expect(ids((await since(core.now() - 30_000)).body)).toEqual(['event1']);
    const tooFar = await since(core.now() - 90 * 86_400_000);
    expect([tooFar.status, reasonOf(tooFar)]).toEqual([410, 'updatedMinTooLongAgo']);
  });
});

describe('sync tokens', () => {
  test('bring each change once, newest state, echoes of own writes, and deletions as four fields', async () => {
    const api = await connectedApi(newEmulator());
    await fill(api, 3);
    const token = await syncToken(api);
    await api('PATCH', `${EVENTS}/event0`, { summary: 'une fois' });
    await api('PATCH', `${EVENTS}/event0`, { summary: 'deux fois' });
    await api('DELETE', `${EVENTS}/event1`);
    const { body } = await api('GET', `${EVENTS}?syncToken=${token}`);
    expect(body.items).toHaveLength(2);
    expect(body.items[0].summary).toBe('deux fois');
    expect(Object.keys(body.items[1]).sort()).toEqual(['etag', 'id', 'kind', 'status']);
    expect((await api('GET', `${EVENTS}?syncToken=${encodeURIComponent(body.nextSyncToken)}`)).body.items).toEqual([]);
  });

  test('the same token may be used again and gives the same entries', async () => {
    const api = await connectedApi(newEmulator());
    const token = await syncToken(api);
    await fill(api, 2);
    for (let time = 0; time < 2; time++) {
      expect(ids((await api('GET', `${EVENTS}?syncToken=${token}`)).body)).toEqual(['event0', 'event1']);
    }
  });

  test('may repeat an entry, when switched so', async () => {
    const core = newEmulator();
    const api = await connectedApi(core);
    const token = await syncToken(api);
    await fill(api, 2);
    core.configure({ repeatEntries: true });
    expect(ids((await api('GET', `${EVENTS}?syncToken=${token}`)).body)).toEqual(['event0', 'event1', 'event0']);
  });

  test('a first list with a window gives a token whose changes are not confined to it', async () => {
    const api = await connectedApi(newEmulator());
    const token = await syncToken(api, 'timeMin=2026-12-01T00:00:00Z&timeMax=2026-12-02T00:00:00Z');
    await api('POST', EVENTS, allDay({ id: 'later', start: { date: '2030-01-01' }, end: { date: '2030-01-02' } }));
    expect(ids((await api('GET', `${EVENTS}?syncToken=${token}`)).body)).toEqual(['later']);
  });

  test.each([
    'iCalUID=x',
    'orderBy=updated',
    'privateExtendedProperty=a%3Db',
    'q=x',
    'sharedExtendedProperty=a%3Db',
    'timeMin=2026-12-01T00:00:00Z',
    'timeMax=2026-12-01T00:00:00Z',
    'updatedMin=2026-11-20T00:00:00Z',
    'showDeleted=false',
  ])('do not go together with %s', async (query) => {
    const api = await connectedApi(newEmulator());
    const reply = await api('GET', `${EVENTS}?syncToken=${await syncToken(api)}&${query}`);
    expect([reply.status, reasonOf(reply)]).toEqual([400, 'invalid']);
    expect(reply.body.error.message).toMatch(/^Sync token cannot be used/);
  });

  test('a foreign or malformed token is 400', async () => {
    const api = await connectedApi(newEmulator());
    const other = 'calendars/claire-cabinet%40group.calendar.google.com/events';
    const foreign = encodeURIComponent((await api('GET', other)).body.nextSyncToken);
    for (const token of ['nonsense', foreign]) {
      const reply = await api('GET', `${EVENTS}?syncToken=${token}`);
      expect([reply.status, reply.body.error.message]).toEqual([400, 'Invalid sync token value.']);
    }
  });

  const endings: ReadonlyArray<[string, (core: GoogleEmulator) => Promise<unknown>]> = [
    [
      'when the service drops it',
      (core) => control(core, 'calendars', { id: 'claire@gmail.test', expireSyncTokens: true }),
    ],
    [
      'when access changes',
      (core) => control(core, 'calendars', { id: 'claire@gmail.test', access: { 'claire@gmail.test': 'writer' } }),
    ],
  ];
  test.each(endings)('end with 410 %s', async (_when, end) => {
    const core = newEmulator();
    const api = await connectedApi(core);
    const token = await syncToken(api);
    await end(core);
    const reply = await api('GET', `${EVENTS}?syncToken=${token}`);
    expect([reply.status, reasonOf(reply)]).toEqual([410, 'fullSyncRequired']);
  });

  test('can end with the 400 of a token that never was, when switched so', async () => {
    const core = newEmulator();
    const api = await connectedApi(core);
    const token = await syncToken(api);
    core.configure({ expiredSyncToken: 'invalid' });
    await control(core, 'calendars', { id: 'claire@gmail.test', expireSyncTokens: true });
    const reply = await api('GET', `${EVENTS}?syncToken=${token}`);
    expect([reply.status, reply.body.error.message]).toEqual([400, 'Invalid sync token value.']);
  });

  test('end between two pages as well, and for their own calendar only', async () => {
    const core = newEmulator();
    const api = await connectedApi(core);
    const other = 'calendars/claire-cabinet%40group.calendar.google.com/events';
    const theirs = encodeURIComponent((await api('GET', other)).body.nextSyncToken);
    const token = await syncToken(api);
    await fill(api, 2);
    const { nextPageToken } = (await api('GET', `${EVENTS}?maxResults=1&syncToken=${token}`)).body;
    await control(core, 'calendars', { id: 'claire@gmail.test', expireSyncTokens: true });
    const reply = await api('GET', `${EVENTS}?maxResults=1&syncToken=${token}&pageToken=${nextPageToken}`);
    expect([reply.status, reasonOf(reply)]).toEqual([410, 'fullSyncRequired']);
    expect((await api('GET', `${other}?syncToken=${theirs}`)).status).toBe(200);
  });

  test('bring a deleted event as four fields or in full', async () => {
    const core = newEmulator();
    const api = await connectedApi(core);
    await fill(api, 1);
    const token = await syncToken(api);
    await api('DELETE', `${EVENTS}/event0`);
    const deleted = async () => (await api('GET', `${EVENTS}?syncToken=${token}`)).body.items[0];
    expect(await deleted()).not.toHaveProperty('start');
    core.configure({ cancelledInLists: 'full' });
    expect(await deleted()).toMatchObject({ status: 'cancelled', start: { dateTime: expect.any(String) } });
  });
});

test('a list can be cut short as if there were no more, its sync token included', async () => {
  const core = newEmulator();
  const api = await connectedApi(core);
  await fill(api, 3);
  for (const most of [0, 2]) {
    core.addFault({ match: { method: 'events.list' }, times: 1, action: { cutList: most } });
    const { body } = await api('GET', `${EVENTS}?singleEvents=true`);
    expect(body.items).toHaveLength(most);
    expect(body).toMatchObject({ nextSyncToken: expect.any(String) });
    expect(body).not.toHaveProperty('nextPageToken');
  }
  expect((await api('GET', EVENTS)).body.items).toHaveLength(3);
});

describe('copies', () => {
  const mark = { private: { cassiusAppointmentId: 'rdv-1', cassiusIntegrationId: 'integration-1', cassiusEpoch: '0' } };

  test.each([
    ['inserted', EVENTS, {}],
    ['imported', `${EVENTS}/import`, { iCalUID: 'copy@elsewhere.test' }],
  ])('%s with our private properties bear them under an id of their own', async (_how, path, more) => {
    const api = await connectedApi(newEmulator());
    await api('POST', EVENTS, timed({ id: 'original', extendedProperties: mark }));
    const token = await syncToken(api, 'singleEvents=true');
    const { extendedProperties } = (await api('GET', `${EVENTS}/original`)).body;
    const copy = await api('POST', path, timed({ extendedProperties, ...more }));
    expect([copy.status, copy.body.id === 'original']).toEqual([200, false]);
    const { items } = (await api('GET', `${EVENTS}?singleEvents=true&syncToken=${token}`)).body;
    expect(items).toMatchObject([{ id: copy.body.id, extendedProperties: mark }]);
  });
});

test('a crowd of guests beyond the number asked for is cut to the calendar’s owner', async () => {
  const api = await connectedApi(newEmulator());
  const attendees = [...Array.from({ length: 3 }, (_, at) => ({ email: `${at}@x.test` })), {
    email: 'claire@gmail.test',
  }];
  await api('POST', `${EVENTS}?sendUpdates=none`, timed({ id: 'group', attendees }));
  const shown = async (most: number) => (await api('GET', `${EVENTS}?maxAttendees=${most}`)).body.items[0];
  expect((await shown(4)).attendees).toHaveLength(4);
  expect(await shown(3)).toMatchObject({
    attendees: [{ email: 'claire@gmail.test', self: true }],
    attendeesOmitted: true,
  });
});

test('an answer comes with line breaks and indentation unless they are declined', async () => {
  const api = await connectedApi(newEmulator());
  await fill(api, 1);
  const spread = await api('GET', EVENTS);
  const dense = await api('GET', `${EVENTS}?prettyPrint=false`);
  expect(spread.text).toMatch(/\n {2}\{\n {3}"/);
  expect(dense.text).not.toContain('\n');
  expect(dense.body).toEqual(spread.body);
});
