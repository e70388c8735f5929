import { describe, expect, test } from 'vitest';
import { allDay, codeOf, connectedApi, EVENTS, IMMUTABLE, MARC, stage, timed } from './visitor.ts';

const zone = (name: string) => ({ prefer: `${IMMUTABLE}, outlook.timezone="${name}"` });
const TEXT = { prefer: `${IMMUTABLE}, outlook.body-content-type="text"` };

function at(dateTime: string, timeZone = 'Europe/Paris') {
  return { dateTime, timeZone };
}

describe('times', () => {
  test('are wall clocks with seven digits: UTC unless a zone is preferred, by either of its names', async () => {
    const { api } = await stage();
    const { body } = await api('POST', EVENTS, timed());
    expect(body.start).toEqual({ dateTime: '2026-12-01T08:00:00.0000000', timeZone: 'UTC' });
    for (const name of ['Romance Standard Time', 'Europe/Paris']) {
      const read = (await api('GET', `me/events/${body.id}`, undefined, zone(name))).body;
      expect(read.start).toEqual({ dateTime: '2026-12-01T09:00:00.0000000', timeZone: name });
    }
    expect(body.originalEndTimeZone).toBe('Europe/Paris');
  });

  test('in an unknown zone are refused, written or preferred, with no fallback', async () => {
    const { api } = await stage();
    const written = await api('POST', EVENTS, timed({ start: at('2026-12-01T09:00:00', 'Mars/Olympus') }));
    expect([written.status, codeOf(written)]).toEqual([400, 'TimeZoneNotSupportedException']);
    const preferred = await api('GET', EVENTS, undefined, zone('Europe/Pariss'));
    expect([preferred.status, codeOf(preferred)]).toEqual([400, 'TimeZoneNotSupportedException']);
  });

  test('keep their instant in the hour that a change of clocks doubles, when written in UTC', async () => {
    const { api } = await stage();
    const first = timed({ start: at('2026-10-25T00:30:00', 'UTC'), end: at('2026-10-25T00:30:00', 'UTC') });
    const second = timed({ start: at('2026-10-25T01:30:00', 'UTC'), end: at('2026-10-25T01:30:00', 'UTC') });
    for (const event of [first, second]) {
      const { body } = await api('POST', EVENTS, event, zone('Europe/Paris'));
      expect(body.start.dateTime).toBe('2026-10-25T02:30:00.0000000');
      expect((await api('GET', `me/events/${body.id}`)).body.start.dateTime.slice(0, 19)).toBe(
        (event.start as { dateTime: string }).dateTime,
      );
    }
  });

  test('may have no length, but not a negative one', async () => {
    const { api } = await stage();
    const event = (end: string) => timed({ end: at(end) });
    expect((await api('POST', EVENTS, event('2026-12-01T09:00:00'))).status).toBe(201);
    expect((await api('POST', EVENTS, event('2026-12-01T08:59:59'))).status).toBe(400);
  });

  test.each([
    ['an offset', at('2026-12-01T09:00:00+01:00')],
    ['no zone', { dateTime: '2026-12-01T09:00:00' }],
    ['no such day', at('2026-02-30T09:00:00')],
    ['a date alone', { dateTime: '2026-12-01', timeZone: 'UTC', isAllDay: true }],
  ])('with %s are refused', async (_name, start) => {
    expect((await (await stage()).api('POST', EVENTS, timed({ start }))).status).toBe(400);
  });

  test('with an offset are a violation; off strict mode the offset counts', async () => {
    const { core, api } = await stage();
    const event = timed({ start: at('2026-12-01T08:30:00Z') });
    await api('POST', EVENTS, event);
    expect(core.state().violations).toEqual([expect.objectContaining({ what: expect.stringContaining('offset') })]);
    core.configure({ strict: false });
    expect((await api('POST', EVENTS, event)).body.start.dateTime).toBe('2026-12-01T08:30:00.0000000');
  });

  test('the mailbox tells which zones it knows', async () => {
    const { api } = await stage();
    const windows = (await api('GET', 'me/outlook/supportedTimeZones')).body.value;
    expect(windows).toContainEqual({ alias: 'Romance Standard Time', displayName: 'Romance Standard Time' });
    const iana = (await api(
      'GET',
      "me/outlook/supportedTimeZones(TimeZoneStandard=microsoft.graph.timeZoneStandard'Iana')",
    )).body.value;
    expect(iana).toContainEqual({ alias: 'Europe/Paris', displayName: 'Europe/Paris' });
  });
});

describe('all-day events', () => {
  test('float: whatever zone is asked for, they read as midnights in UTC, and leave the day free', async () => {
    const { api } = await stage();
    const { status, body } = await api('POST', EVENTS, allDay(), zone('Asia/Tokyo'));
    expect([status, body.isAllDay, body.showAs]).toEqual([201, true, 'free']);
    expect([body.start, body.end]).toEqual([
      { dateTime: '2026-12-01T00:00:00.0000000', timeZone: 'UTC' },
      { dateTime: '2026-12-02T00:00:00.0000000', timeZone: 'UTC' },
    ]);
  });

  test('keep their dates over a change of clocks', async () => {
    const { api } = await stage();
    const { body } = await api('POST', EVENTS, allDay({ start: at('2026-10-24'), end: at('2026-10-27') }));
    expect([body.start.dateTime, body.end.dateTime]).toEqual([
      '2026-10-24T00:00:00.0000000',
      '2026-10-27T00:00:00.0000000',
    ]);
  });

  test.each([
    ['2026-12-01T09:00:00', '2026-12-02T00:00:00'],
    ['2026-12-01T00:00:00', '2026-12-01T00:00:00'],
    ['2026-12-01T00:00:00', '2026-12-01T23:59:00'],
  ])('from %s to %s are refused: midnights at least a day apart', async (start, end) => {
    const reply = await (await stage()).api('POST', EVENTS, allDay({ start: at(start), end: at(end) }));
    expect([reply.status, codeOf(reply)]).toEqual([400, 'ErrorInvalidRequest']);
  });

  test('become timed only with isAllDay, start and end together; and back likewise', async () => {
    const { api } = await stage();
    const path = `me/events/${(await api('POST', EVENTS, allDay())).body.id}`;
    const { start, end } = timed();
    expect((await api('PATCH', path, { start, end })).status).toBe(400);
    expect((await api('PATCH', path, { isAllDay: false })).status).toBe(400);
    expect((await api('PATCH', path, { isAllDay: false, start, end })).body).toMatchObject({
      isAllDay: false,
      start: { dateTime: '2026-12-01T08:00:00.0000000' },
    });
    expect((await api('PATCH', path, { isAllDay: true })).status).toBe(400);
    expect((await api('PATCH', path, allDay())).body.isAllDay).toBe(true);
  });

  test('meet windows as if they were in UTC: a window in another zone can catch the neighbour', async () => {
    const { api } = await stage();
    await api('POST', EVENTS, allDay());
    const view = async (start: string, end: string) => {
      const query = `startDateTime=${encodeURIComponent(start)}&endDateTime=${encodeURIComponent(end)}`;
      return (await api('GET', `me/calendarView?${query}`)).body.value.length;
    };
    expect(await view('2026-12-02T00:00:00Z', '2026-12-03T00:00:00Z')).toBe(0);
    expect(await view('2026-12-02T00:00:00+01:00', '2026-12-03T00:00:00+01:00')).toBe(1);
  });
});

describe('bodies', () => {
  test('sent as text read as a whole HTML document, and as the text again where that is preferred', async () => {
    const { api } = await stage();
    const content = 'Ligne 1 <avec> & signes\nLigne 2';
    const { body } = await api('POST', EVENTS, timed({ body: { contentType: 'text', content } }));
    expect(body.body.contentType).toBe('html');
    expect(body.body.content).toMatch(/^<html>[\s\S]*Ligne 1 &lt;avec&gt; &amp; signes<br>/);
    const read = (await api('GET', `me/events/${body.id}`, undefined, TEXT)).body.body;
    expect(read).toEqual({ contentType: 'text', content: `${content.replace('\n', '\r\n')}\r\n` });
    expect(read.content.replaceAll('\r\n', '\n').trimEnd()).toBe(content);
  });

  test('sent as HTML read as text without their marks', async () => {
    const { api } = await stage();
    const content = '<p>Bonjour&nbsp;Claire,</p><p>à&#160;demain<br>&lt;Marc&gt;</p>';
    const { body } = await api('POST', EVENTS, timed({ body: { contentType: 'html', content } }), TEXT);
    expect(body.body.content.replaceAll(/[\u00a0]/g, ' ')).toBe('Bonjour Claire,\r\nà demain\r\n<Marc>\r\n');
  });

  test('that are empty stay empty; a cut preview comes beside every body', async () => {
    const { api } = await stage();
    expect((await api('POST', EVENTS, timed())).body.body).toEqual({ contentType: 'html', content: '' });
    const long = { contentType: 'text', content: 'x'.repeat(300) };
    expect((await api('POST', EVENTS, timed({ body: long }))).body.bodyPreview).toHaveLength(255);
  });

  test('lose the blanks around texts where switched on', async () => {
    const { core, api } = await stage();
    core.configure({ trimTexts: true });
    const { body } = await api(
      'POST',
      EVENTS,
      timed({ subject: '  Consultation ', location: { displayName: ' Salle ' } }),
    );
    expect([body.subject, body.location.displayName]).toEqual(['Consultation', 'Salle']);
  });

  test('a subject may be missing, and reads as null', async () => {
    const { api } = await stage();
    expect((await api('POST', EVENTS, timed({ subject: undefined }))).body.subject).toBeNull();
  });
});

describe('an online meeting', () => {
  const online = { isOnlineMeeting: true, onlineMeetingProvider: 'teamsForBusiness' };

  test('gets its address, and its block at the end of the body', async () => {
    const { api } = await stage();
    const { body } = await api('POST', EVENTS, timed({ body: { contentType: 'text', content: 'Notes' } }));
    const { body: met } = await api('PATCH', `me/events/${body.id}`, online, TEXT);
    expect(met).toMatchObject(online);
    expect(met.body.content).toMatch(/^Notes\r\n[\s\S]*_{80}/);
    expect(met.body.content).toContain(`<${met.onlineMeeting.joinUrl}>`);
  });

  test('stays one, whatever is sent, until a body comes without the block', async () => {
    const { api } = await stage();
    const { body } = await api('POST', EVENTS, timed(online));
    const { joinUrl } = body.onlineMeeting;
    for (const patch of [{ isOnlineMeeting: false }, { subject: 'Neuf' }, { body: body.body }]) {
      const kept = (await api('PATCH', `me/events/${body.id}`, patch)).body;
      expect([kept.isOnlineMeeting, kept.onlineMeeting.joinUrl]).toEqual([true, joinUrl]);
    }
    const text = { contentType: 'text', content: `Neuf\n${joinUrl}` };
    const ended = (await api('PATCH', `me/events/${body.id}`, { body: text })).body;
    expect([ended.isOnlineMeeting, ended.onlineMeeting]).toEqual([false, null]);
  });

  test('is made for work accounts only', async () => {
    const { core } = await stage();
    const api = await connectedApi(core, MARC);
    expect((await api('POST', EVENTS, timed(online))).body).toMatchObject({
      isOnlineMeeting: false,
      onlineMeeting: null,
    });
  });
});
