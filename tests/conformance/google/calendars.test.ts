import { describe, expect, test } from 'vitest';
import {
  apiWith,
  connect,
  connectedApi,
  control,
  EVENTS,
  type Json,
  newEmulator,
  reasonOf,
  send,
  timed,
} from './visitor.ts';

const LIST = 'users/me/calendarList';
const PREFIX = 'https://www.googleapis.com/auth/';

describe('the calendar list', () => {
  test('shows each account its primary, its secondary and its read-only calendar, and nothing of others', async () => {
    const api = await connectedApi(newEmulator(), 'marc@gmail.test');
    const { body } = await api('GET', LIST);
    expect(body.items.map((entry: Json) => [entry.id, entry.accessRole, entry.primary])).toEqual([
      ['marc@gmail.test', 'owner', true],
      ['marc-cabinet@group.calendar.google.com', 'owner', undefined],
      ['marc-equipe@group.calendar.google.com', 'reader', undefined],
    ]);
  });

  test('is paged, with the sync token on the last page', async () => {
    const api = await connectedApi(newEmulator());
    const first = (await api('GET', `${LIST}?maxResults=2`)).body;
    expect([first.items.length, first.nextSyncToken]).toEqual([2, undefined]);
    const last = (await api('GET', `${LIST}?maxResults=2&pageToken=${first.nextPageToken}`)).body;
    expect([last.items.length, last.nextPageToken]).toEqual([1, undefined]);
    expect(last.nextSyncToken).toBeTypeOf('string');
  });

  test('can be limited to calendars that can be written', async () => {
    const { body } = await (await connectedApi(newEmulator()))('GET', `${LIST}?minAccessRole=writer`);
    expect(body.items).toHaveLength(2);
  });

  test('with a sync token shows only entries that changed, deleted ones included', async () => {
    const core = newEmulator();
    const api = await connectedApi(core);
    const token = encodeURIComponent((await api('GET', LIST)).body.nextSyncToken);
    expect((await api('GET', `${LIST}?syncToken=${token}`)).body.items).toEqual([]);
    const id = 'claire-cabinet@group.calendar.google.com';
    await control(core, 'calendars', { id, deleted: true });
    expect((await api('GET', `${LIST}?syncToken=${token}`)).body.items).toMatchObject([{ id, deleted: true }]);
    expect((await api('GET', LIST)).body.items).toHaveLength(2);
    const refused = await api('GET', `${LIST}?syncToken=${token}&minAccessRole=owner`);
    expect(refused.status).toBe(400);
  });
});

describe('access', () => {
  test('taken away leaves neither the entry nor the calendar', async () => {
    const core = newEmulator();
    const api = await connectedApi(core);
    const id = 'claire-cabinet@group.calendar.google.com';
    await control(core, 'calendars', { id, access: { 'claire@gmail.test': null } });
    expect((await api('GET', LIST)).body.items).toHaveLength(2);
    expect((await api('GET', `calendars/${encodeURIComponent(id)}/events`)).status).toBe(404);
  });

  test('given to another account shows the calendar there, with the role given', async () => {
    const core = newEmulator();
    const marc = await connectedApi(core, 'marc@gmail.test');
    const id = 'claire-cabinet@group.calendar.google.com';
    await control(core, 'calendars', { id, access: { 'marc@gmail.test': 'writer' } });
    expect((await marc('GET', `${LIST}/${encodeURIComponent(id)}`)).body).toMatchObject({ id, accessRole: 'writer' });
    expect((await marc('POST', `calendars/${encodeURIComponent(id)}/events`, timed())).body.organizer.email).toBe(id);
  });

  test.each([
    ['POST', '', timed()],
    ['PATCH', '/abcde', { summary: 'Non' }],
    ['PUT', '/abcde', timed()],
    ['DELETE', '/abcde', undefined],
  ])('%s on a read-only calendar is refused, reading is not', async (verb, path, body) => {
    const core = newEmulator();
    const id = 'claire-equipe@group.calendar.google.com';
    await control(core, 'events', { calendarId: id, event: timed({ id: 'abcde' }) });
    const api = await connectedApi(core);
    const events = `calendars/${encodeURIComponent(id)}/events`;
    const reply = await api(verb, `${events}${path}`, body);
    expect([reply.status, reasonOf(reply)]).toEqual([403, 'requiredAccessLevel']);
    expect((await api('GET', `${events}/abcde`)).body.summary).toBe('Consultation');
  });

  test.each(['marc@gmail.test', 'nobody@x.test'])('the calendar %s does not exist for a stranger', async (id) => {
    const api = await connectedApi(newEmulator());
    for (const [verb, body] of [['GET', undefined], ['POST', timed()]] as const) {
      const reply = await api(verb, `calendars/${id}/events`, body);
      expect([reply.status, reasonOf(reply)]).toEqual([404, 'notFound']);
    }
  });

  test('without or with a wrong or expired token every call is 401', async () => {
    const core = newEmulator();
    const api = await connectedApi(core);
    expect((await send(core, `/calendar/v3/${EVENTS}`)).status).toBe(401);
    const wrong = await apiWith(core, 'ya29.wrong')('GET', EVENTS);
    expect([wrong.status, reasonOf(wrong)]).toEqual([401, 'authError']);
    core.advance(3_920_001);
    const expired = await api('GET', EVENTS);
    expect([expired.status, reasonOf(expired), expired.body.error.errors[0].location]).toEqual([
      401,
      'authError',
      'Authorization',
    ]);
  });

  test('a scope that was not granted is missed by the method that needs it, in both lists of reasons', async () => {
    const core = newEmulator();
    const tokens = await connect(core, { __scopes: 'calendar.events' });
    const reply = await apiWith(core, tokens.access_token)('GET', LIST);
    expect([reply.status, reasonOf(reply)]).toEqual([403, 'insufficientPermissions']);
    expect(reply.body.error.details[0].reason).toBe('ACCESS_TOKEN_SCOPE_INSUFFICIENT');
    expect(reply.body.error.details[0].metadata.method).toBe('calendar.v3.CalendarList.List');
  });

  test('calendar.events does not open the calendar resource, calendar.readonly does not write', async () => {
    const core = newEmulator();
    const events = apiWith(core, (await connect(core, { scope: `${PREFIX}calendar.events` })).access_token);
    expect((await events('GET', 'calendars/primary')).status).toBe(403);
    const readonly = apiWith(core, (await connect(core, { scope: `${PREFIX}calendar.readonly` })).access_token);
    expect((await readonly('GET', 'calendars/primary')).body).toMatchObject({
      id: 'claire@gmail.test',
      timeZone: 'Europe/Paris',
    });
    expect((await readonly('POST', EVENTS, timed())).status).toBe(403);
  });
});

describe('strictness', () => {
  test.each([
    ['GET', `${EVENTS}?maxresults=3`, undefined, 'events.list has no query parameter maxresults'],
    ['GET', `${EVENTS}?maxResults=0`, undefined, 'maxResults is below 1: 0'],
    ['GET', `${EVENTS}?singleEvents=yes`, undefined, 'singleEvents is no boolean: yes'],
    ['GET', `${EVENTS}?orderBy=title`, undefined, 'orderBy does not know the value title'],
    ['POST', `${EVENTS}?sendUpdates=nobody`, timed(), 'sendUpdates does not know the value nobody'],
    ['POST', EVENTS, timed({ title: 'x' }), 'Event has no field title'],
    ['POST', EVENTS, timed({ summary: 3 }), 'Event.summary is no string'],
    ['POST', EVENTS, timed({ visibility: 'secret' }), 'Event.visibility does not know the value secret'],
    [
      'POST',
      EVENTS,
      timed({ extendedProperties: { private: { a: 1 } } }),
      'Event.extendedProperties.private.a is no string',
    ],
    ['POST', EVENTS, undefined, 'The request has no JSON body'],
    ['GET', 'calendars/primary/appointments', undefined, 'There is no /calendar/v3/calendars/primary/appointments'],
    ['PUT', EVENTS, timed(), 'There is no PUT /calendar/v3/calendars/primary/events'],
  ])('%s %s %j is a violation, answered 400', async (verb, path, body, what) => {
    const core = newEmulator();
    const reply = await (await connectedApi(core))(verb, path, body);
    expect(reply.status).toBe(400);
    expect(core.state().violations.map((violation) => violation.what)).toContain(what);
  });

  test('a body that is not declared as JSON is a violation', async () => {
    const reply = await (await connectedApi(newEmulator()))('POST', EVENTS, timed(), { 'content-type': 'text/plain' });
    expect(reply.status).toBe(400);
  });

  test('switched off, what is unknown is ignored as Google does', async () => {
    const core = newEmulator();
    const api = await connectedApi(core);
    core.configure({ strict: false });
    expect((await api('POST', `${EVENTS}?future=1`, timed({ futureField: 1 }))).status).toBe(200);
  });

  test.each(['items(id,sumary)', 'items/start/datetime', 'nextpagetoken', 'items(id', ',', ''])(
    'fields=%s is refused before anything is done',
    async (fields) => {
      const core = newEmulator();
      core.configure({ strict: false });
      const api = await connectedApi(core);
      const refused = await api('GET', `${EVENTS}?fields=${encodeURIComponent(fields)}`);
      expect([refused.status, reasonOf(refused)]).toEqual([400, 'invalidParameter']);
      expect(refused.body.error.message).toMatch(/^Invalid field selection/);
      expect((await api('POST', `${EVENTS}?fields=items`, timed({ id: 'abcde' }))).status).toBe(400);
      expect((await api('GET', `${EVENTS}/abcde`)).status).toBe(404);
      expect(core.state().violations).toHaveLength(2);
    },
  );

  test('fields may name what is in free maps, and everything', async () => {
    const api = await connectedApi(newEmulator());
    await api('POST', EVENTS, timed({ id: 'abcde', extendedProperties: { private: { ours: '1', other: '2' } } }));
    const own = await api('GET', `${EVENTS}/abcde?fields=extendedProperties/private/ours,start/*`);
    expect(Object.keys(own.body.start)).toContain('dateTime');
    expect(own.body.extendedProperties).toEqual({ private: { ours: '1' } });
  });

  test('fields selects parts of an answer', async () => {
    const api = await connectedApi(newEmulator());
    await api('POST', EVENTS, timed({ id: 'abcde' }));
    const { body } = await api(
      'GET',
      `${EVENTS}?fields=${encodeURIComponent('items(id,start/dateTime),nextPageToken')}`,
    );
    expect(body).toEqual({ items: [{ id: 'abcde', start: { dateTime: '2026-12-01T09:00:00+01:00' } }] });
  });
});
