import { describe, expect, test } from 'vitest';
import { allDay, apiWith, connectedApi, control, EVENTS, newEmulator, reasonOf, timed } from './visitor.ts';

describe('times', () => {
  const toTimed = {
    start: { dateTime: '2026-12-01T09:00:00+01:00' },
    end: { dateTime: '2026-12-01T10:00:00+01:00' },
  };
  const toAllDay = { start: { date: '2026-12-01' }, end: { date: '2026-12-02' } };

  test('a patch from all-day to timed needs the date taken away', async () => {
    const api = await connectedApi(newEmulator());
    await api('POST', EVENTS, allDay({ id: 'abcde' }));
    const half = await api('PATCH', `${EVENTS}/abcde`, toTimed);
    expect([half.status, reasonOf(half), half.body.error.message]).toEqual([400, 'invalid', 'Invalid start time.']);
    const whole = await api('PATCH', `${EVENTS}/abcde`, {
      start: { ...toTimed.start, date: null },
      end: { ...toTimed.end, date: null },
    });
    expect([whole.status, whole.body.start.dateTime]).toEqual([200, '2026-12-01T09:00:00+01:00']);
  });

  test('a patch from timed to all-day needs the time taken away', async () => {
    const api = await connectedApi(newEmulator());
    await api('POST', EVENTS, timed({ id: 'abcde' }));
    expect((await api('PATCH', `${EVENTS}/abcde`, toAllDay)).body.error.message).toBe('Invalid start time.');
    const whole = await api('PATCH', `${EVENTS}/abcde`, {
      start: { ...toAllDay.start, dateTime: null, timeZone: null },
      end: { ...toAllDay.end, dateTime: null, timeZone: null },
    });
    expect([whole.status, whole.body.start, whole.body.end]).toEqual([200, { date: '2026-12-01' }, {
      date: '2026-12-02',
    }]);
  });

  test.each([
    ['no end', { end: undefined }, 'required', 'Missing end time.'],
    [
      'two kinds',
      { end: { date: '2026-12-02' } },
      'invalid',
      'Start and end times must either both be date or both be dateTime.',
    ],
    [
      'no length',
      { end: { dateTime: '2026-12-01T08:00:00Z' } },
      'timeRangeEmpty',
      'The specified time range is empty.',
    ],
    [
      'an end before the start',
      { end: { dateTime: '2026-12-01T07:00:00Z' } },
      'timeRangeEmpty',
      'The specified time range is empty.',
    ],
    [
      'an unknown zone',
      { start: { dateTime: '2026-12-01T09:00:00', timeZone: 'Europe/Lutece' } },
      'invalid',
      'Invalid time zone definition for start time.',
    ],
    [
      'neither offset nor zone',
      { start: { dateTime: '2026-12-01T09:00:00' } },
      'required',
      'Missing time zone definition for start time.',
    ],
  ])('an event with %s is refused', async (_what, change, reason, message) => {
    const api = await connectedApi(newEmulator());
    await api('POST', EVENTS, timed({ id: 'abcde' }));
    for (const [verb, path] of [['POST', EVENTS], ['PUT', `${EVENTS}/abcde`]] as const) {
      const reply = await api(verb, path, timed(change));
      expect([reply.status, reasonOf(reply), reply.body.error.message]).toEqual([400, reason, message]);
    }
  });

  test('an all-day event that ends on its first day is empty', async () => {
    const reply = await (await connectedApi(newEmulator()))('POST', EVENTS, allDay({ end: { date: '2026-12-01' } }));
    expect([reply.status, reasonOf(reply)]).toEqual([400, 'timeRangeEmpty']);
  });

  test('answers show times in the calendar’s zone or the one asked for, whatever was sent', async () => {
    const api = await connectedApi(newEmulator());
    const sent = { start: { dateTime: '2026-07-01T12:00:00Z' }, end: { dateTime: '2026-07-01T09:00:00-04:00' } };
    const { body } = await api('POST', EVENTS, timed({ ...sent, id: 'abcde' }));
    expect([body.start.dateTime, body.end.dateTime]).toEqual([
      '2026-07-01T14:00:00+02:00',
      '2026-07-01T15:00:00+02:00',
    ]);
    const list = await api('GET', `${EVENTS}?timeZone=America/New_York`);
    expect(list.body.items[0].start.dateTime).toBe('2026-07-01T08:00:00-04:00');
  });

  test('a wall time with a zone is read in that zone', async () => {
    const api = await connectedApi(newEmulator());
    const zoned = (dateTime: string) => ({ dateTime, timeZone: 'Asia/Tokyo' });
    const { body } = await api(
      'POST',
      EVENTS,
      timed({ start: zoned('2026-12-01T17:00:00'), end: zoned('2026-12-01T18:00:00') }),
    );
    expect(body.start).toEqual({ dateTime: '2026-12-01T09:00:00+01:00', timeZone: 'Asia/Tokyo' });
  });
});

describe('patch and put', () => {
  test('a patch merges into objects, replaces lists and deletes with null', async () => {
    const api = await connectedApi(newEmulator());
    await api(
      'POST',
      EVENTS,
      timed({
        id: 'abcde',
        location: 'Paris',
        attendees: [{ email: 'a@x.test' }, { email: 'b@x.test' }],
        extendedProperties: { private: { one: '1', two: '2' } },
      }),
    );
    const { body } = await api('PATCH', `${EVENTS}/abcde`, {
      location: null,
      attendees: [{ email: 'c@x.test' }],
      extendedProperties: { private: { one: null, three: '3' } },
    });
    expect(body).not.toHaveProperty('location');
    expect(body.attendees.map((guest: { email: string }) => guest.email)).toEqual(['c@x.test']);
    expect(body.extendedProperties.private).toEqual({ two: '2', three: '3' });
    expect(body.summary).toBe('Consultation');
  });

  test('a put replaces everything: what it leaves out is gone', async () => {
    const api = await connectedApi(newEmulator());
    await api('POST', EVENTS, timed({ id: 'abcde', location: 'Paris', extendedProperties: { private: { one: '1' } } }));
    const { body } = await api('PUT', `${EVENTS}/abcde`, timed({ summary: 'Seul' }));
    expect(body).not.toHaveProperty('location');
    expect(body).not.toHaveProperty('extendedProperties');
  });

  test('defaults are left out of answers', async () => {
    const api = await connectedApi(newEmulator());
    const { body } = await api(
      'POST',
      EVENTS,
      timed({ transparency: 'opaque', visibility: 'default', guestsCanModify: false }),
    );
    for (const name of ['transparency', 'visibility', 'guestsCanModify', 'description']) {
      expect(body).not.toHaveProperty(name);
    }
  });

  test('a sequence below the server’s is refused', async () => {
    const api = await connectedApi(newEmulator());
    await api('POST', EVENTS, timed({ id: 'abcde', sequence: 3 }));
    const reply = await api('PATCH', `${EVENTS}/abcde`, { sequence: 2 });
    expect(reply.status).toBe(400);
    expect(reply.body.error.message).toMatch(/^Invalid sequence value\./);
  });

  test('reminders change the etag but not the time of the last change', async () => {
    const core = newEmulator();
    const api = await connectedApi(core);
    const before = (await api('POST', EVENTS, timed({ id: 'abcde' }))).body;
    core.advance(60_000);
    const after = (await api('PATCH', `${EVENTS}/abcde`, { reminders: { useDefault: false } })).body;
    expect(after.updated).toBe(before.updated);
    expect(after.etag).not.toBe(before.etag);
  });

  test('a guest’s copy refuses a full write that leaves shared fields out, and takes a patch', async () => {
    const core = newEmulator();
    const api = await connectedApi(core);
    const event = timed({
      id: 'abcde',
      location: 'Lyon',
      organizer: { email: 'boss@x.test' },
      creator: { email: 'boss@x.test' },
    });
    await control(core, 'events', { calendarId: 'claire@gmail.test', event });
    const put = await api('PUT', `${EVENTS}/abcde`, timed());
    expect([put.status, reasonOf(put)]).toEqual([403, 'forbiddenForNonOrganizer']);
    expect((await api('PATCH', `${EVENTS}/abcde`, { colorId: '3' })).status).toBe(200);
  });
});

describe('conditions', () => {
  test.each([
    ['PATCH', { summary: 'Nouveau' }],
    ['PUT', timed({ summary: 'Nouveau' })],
    ['DELETE', undefined],
  ])('%s with a stale etag is refused and changes nothing', async (verb, body) => {
    const api = await connectedApi(newEmulator());
    const { etag } = (await api('POST', EVENTS, timed({ id: 'abcde' }))).body;
    const fresh = (await api('PATCH', `${EVENTS}/abcde`, { location: 'Ici' })).body.etag;
    const stale = await api(verb, `${EVENTS}/abcde`, body, { 'if-match': etag });
    expect([stale.status, reasonOf(stale)]).toEqual([412, 'conditionNotMet']);
    expect((await api('GET', `${EVENTS}/abcde`)).body).toMatchObject({ status: 'confirmed', summary: 'Consultation' });
    expect((await api(verb, `${EVENTS}/abcde`, body, { 'if-match': fresh })).status).toBeLessThan(300);
  });

  test('a get or list of what the caller knows answers 304 without body', async () => {
    const api = await connectedApi(newEmulator());
    const { etag } = (await api('POST', EVENTS, timed({ id: 'abcde' }))).body;
    const known = await api('GET', `${EVENTS}/abcde`, undefined, { 'if-none-match': etag });
    expect([known.status, known.text]).toEqual([304, '']);
    const list = await api('GET', EVENTS);
    expect((await api('GET', EVENTS, undefined, { 'if-none-match': list.body.etag })).status).toBe(304);
    await api('PATCH', `${EVENTS}/abcde`, { summary: 'Autre' });
    expect((await api('GET', EVENTS, undefined, { 'if-none-match': list.body.etag })).status).toBe(200);
  });

  test('the etag is twice the last change in microseconds, in quotes', async () => {
    const api = await connectedApi(newEmulator());
    const { etag, updated } = (await api('POST', EVENTS, timed())).body;
    expect(Math.floor(Number(etag.slice(1, -1)) / 2000)).toBe(Date.parse(updated));
  });
});

describe('deletion', () => {
  test('the first delete is 204 without body, the second 410, of an unknown event 404', async () => {
    const api = await connectedApi(newEmulator());
    await api('POST', EVENTS, timed({ id: 'abcde' }));
    const first = await api('DELETE', `${EVENTS}/abcde`);
    expect([first.status, first.text]).toEqual([204, '']);
    const second = await api('DELETE', `${EVENTS}/abcde`);
    expect([second.status, reasonOf(second)]).toEqual([410, 'deleted']);
    const unknown = await api('DELETE', `${EVENTS}/fffff`);
    expect([unknown.status, reasonOf(unknown)]).toEqual([404, 'notFound']);
  });

  test('a deleted event can still be read, as cancelled', async () => {
    const api = await connectedApi(newEmulator());
    await api('POST', EVENTS, timed({ id: 'abcde' }));
    await api('DELETE', `${EVENTS}/abcde`);
    const read = await api('GET', `${EVENTS}/abcde`);
    expect([read.status, read.body.status]).toEqual([200, 'cancelled']);
  });

  test('an event moved to another calendar leaves a cancelled stub behind', async () => {
    const api = await connectedApi(newEmulator());
    await api('POST', EVENTS, timed({ id: 'abcde' }));
    const target = 'claire-cabinet@group.calendar.google.com';
    const moved = await api('POST', `${EVENTS}/abcde/move?destination=${encodeURIComponent(target)}`);
    expect([moved.status, moved.body.organizer.email]).toEqual([200, target]);
    const stub = (await api('GET', `${EVENTS}/abcde`)).body;
    expect(Object.keys(stub).sort()).toEqual(['etag', 'id', 'kind', 'status']);
  });

  test('a moved event may come back under its id, but not over another event', async () => {
    const api = await connectedApi(newEmulator());
    await api('POST', EVENTS, timed({ id: 'abcde' }));
    const target = encodeURIComponent('claire-cabinet@group.calendar.google.com');
    await api('POST', `${EVENTS}/abcde/move?destination=${target}`);
    const back = await api('POST', `calendars/${target}/events/abcde/move?destination=primary`);
    expect(back.status).toBe(200);
    expect((await api('GET', `${EVENTS}/abcde`)).body).toMatchObject({ status: 'confirmed', summary: 'Consultation' });
    expect((await api('GET', `calendars/${target}/events/abcde`)).body.status).toBe('cancelled');
    await api('DELETE', `${EVENTS}/abcde`);
    await api('POST', `calendars/${target}/events`, timed({ id: 'fghij' }));
    await api('POST', EVENTS, timed({ id: 'fghij', iCalUID: 'other@x.test' }));
    expect((await api('POST', `${EVENTS}/fghij/move?destination=${target}`)).status).toBe(409);
  });

  test('reads by id can lag behind the write, as often as is set, for the app only', async () => {
    const core = newEmulator();
    core.configure({ laggingReads: 2 });
    const api = await connectedApi(core);
    const own = apiWith(core, core.userToken('claire@gmail.test'));
    await api('POST', EVENTS, timed({ id: 'abcde' }));
    expect((await own('GET', `${EVENTS}/abcde`)).status).toBe(200);
    expect((await api('GET', EVENTS)).body.items).toHaveLength(1);
    const statuses = [];
    for (let read = 0; read < 3; read++) statuses.push((await api('GET', `${EVENTS}/abcde`)).status);
    expect(statuses).toEqual([404, 404, 200]);
  });

  test.each([
    ['a timed event', timed({ end: { dateTime: '2026-12-01T09:00:00+01:00' } })],
    ['a day', allDay({ end: { date: '2026-12-01' } })],
  ])('%s of no length is refused, but read and changed where it is there from old', async (_, event) => {
    const core = newEmulator();
    const api = await connectedApi(core);
    expect(reasonOf(await api('POST', EVENTS, event))).toBe('timeRangeEmpty');
    const calendarId = 'claire@gmail.test';
    await control(core, 'events', { calendarId, event: { ...event, id: 'abcde' } });
    const { body } = await api('PATCH', `${EVENTS}/abcde`, { summary: 'Neuf' });
    expect([body.summary, body.start]).toEqual(['Neuf', body.end]);
    expect((await api('GET', `${EVENTS}?timeMin=2026-11-30T00:00:00Z&singleEvents=true`)).body.items).toHaveLength(1);
  });
});

describe('limits', () => {
  test('long property names are dropped and long values cut, silently', async () => {
    const api = await connectedApi(newEmulator());
    const keep = 'k'.repeat(44);
    const { status, body } = await api(
      'POST',
      EVENTS,
      timed({
        extendedProperties: {
          private: { [keep]: 'v'.repeat(1025), ['k'.repeat(45)]: 'x' },
          shared: { ['s'.repeat(45)]: 'x' },
        },
      }),
    );
    expect(status).toBe(200);
    expect(body.extendedProperties).toEqual({ private: { [keep]: 'v'.repeat(1024) } });
  });

  test('a description is cut at 8192 characters', async () => {
    const { body } = await (await connectedApi(newEmulator()))(
      'POST',
      EVENTS,
      timed({ description: 'd'.repeat(8193) }),
    );
    expect(body.description).toHaveLength(8192);
  });

  test('a copied Meet block is stripped from an event without conference, other HTML is kept', async () => {
    const line = `-::~:~::~${':~'.repeat(30)}::~:~::-`;
    const description = `<b>Bonjour</b> &amp; merci\n${line}\nJoin: https://meet.google.com/aaa-bbbb-ccc\n${line}`;
    const { body } = await (await connectedApi(newEmulator()))('POST', EVENTS, timed({ description }));
    expect(body.description).toBe('<b>Bonjour</b> &amp; merci');
  });

  test('a conference is ignored unless the version is given, and pending before it is there', async () => {
    const api = await connectedApi(newEmulator());
    const conferenceData = { createRequest: { requestId: 'r1', conferenceSolutionKey: { type: 'hangoutsMeet' } } };
    expect((await api('POST', EVENTS, timed({ conferenceData }))).body).not.toHaveProperty('conferenceData');
    const made = (await api('POST', `${EVENTS}?conferenceDataVersion=1`, timed({ id: 'abcde', conferenceData }))).body;
    expect(made.conferenceData.createRequest.status.statusCode).toBe('pending');
    const ready = (await api('GET', `${EVENTS}/abcde`)).body;
    expect(ready.hangoutLink).toBe(ready.conferenceData.entryPoints[0].uri);
    await api('PUT', `${EVENTS}/abcde`, timed());
    expect((await api('GET', `${EVENTS}/abcde`)).body).not.toHaveProperty('hangoutLink');
  });
});
