import { describe, expect, test } from 'vitest';
import type { EventContent } from '../../../supabase/functions/_shared/providers/port/content.ts';
import {
  calendarEvent,
  createBody,
  GraphEvent,
  observedEvent,
  patchBody,
} from '../../../supabase/functions/_shared/providers/microsoft/event_mapping.ts';
import { normalContent } from '../../../supabase/functions/_shared/providers/microsoft/normal_content.ts';
import { plainText } from '../../../supabase/functions/_shared/providers/html_text.ts';
import { event, marked, NAMES } from './scripted_microsoft.ts';

const marker = { appointmentId: 'rdv', integrationId: 'integration', epoch: 3 };
const content: EventContent = {
  title: 'Suivi',
  description: '',
  location: '',
  time: { kind: 'timed', startsAt: '2026-11-21T08:00:00.000Z', endsAt: '2026-11-21T08:30:00.000Z', timeZone: 'UTC' },
  availability: 'busy',
  visibility: 'normal',
};
const observe = (more: Record<string, unknown>) => observedEvent('Read', 'c', GraphEvent.parse(event('AAMk1', more)));
const show = (more: Record<string, unknown>) => calendarEvent('Read', 'c', GraphEvent.parse(event('AAMk1', more)));

describe('what is written', () => {
  test('never invites anybody, never rings, never repeats', () => {
    const body = createBody('cs1', marker, content);
    for (const member of ['attendees', 'isOnlineMeeting', 'recurrence', 'reminderMinutesBeforeStart', 'id']) {
      expect(body).not.toHaveProperty(member);
    }
    expect(body['isReminderOn']).toBe(false);
  });

  test('says of whole days that they are, at midnight, with the end on the day after', () => {
    const time = { kind: 'all_day', startDay: '2026-12-24', endDay: '2026-12-26' } as const;
    expect(patchBody(marker, { time })).toMatchObject({
      isAllDay: true,
      start: { dateTime: '2026-12-24T00:00:00', timeZone: 'UTC' },
      end: { dateTime: '2026-12-26T00:00:00', timeZone: 'UTC' },
    });
  });

  test('takes whole days back together with new times', () => {
    expect(patchBody(marker, { time: content.time })).toMatchObject({ isAllDay: false });
  });

  test('changes what is named and nothing else', () => {
    expect(Object.keys(patchBody(marker, { location: '' }))).toEqual(['location', 'singleValueExtendedProperties']);
    expect(patchBody(marker, { title: '', description: '', availability: 'free' })).toMatchObject({
      subject: '',
      body: { contentType: 'text', content: '' },
      showAs: 'free',
    });
  });

  test('keeps a zone that nobody knows, so that it is refused', () => {
    const time = { ...content.time, timeZone: 'Europe/Cassius' } as EventContent['time'];
    expect(createBody('cs1', marker, { ...content, time })['start']).toEqual({
      dateTime: '2026-11-21T08:00:00',
      timeZone: 'Europe/Cassius',
    });
  });
});

describe('what is read', () => {
  test('are the fields that we own, the mark, and when it was changed', () => {
    const observed = observe({ ...marked('rdv/integration/3'), location: { displayName: 'Paris' } });
    expect(observed).toEqual({
      ref: { calendarId: 'c', eventId: 'AAMk1' },
      version: 'W/"AAMk1-1"',
      status: 'confirmed',
      content: { ...content, location: 'Paris' },
      marker,
      updatedAt: '2026-11-20T10:00:00.123Z',
    });
  });

  test('of whole days are the dates, whatever the zone says', () => {
    const at = (dateTime: string) => ({ dateTime, timeZone: 'Pacific Standard Time' });
    const { content } = observe({
      isAllDay: true,
      start: at('2026-12-24T00:00:00.0000000'),
      end: at('2026-12-26'),
    });
    expect(content?.time).toEqual({ kind: 'all_day', startDay: '2026-12-24', endDay: '2026-12-26' });
  });

  test.each([
    ['a time in a zone that was not asked for', {
      start: { dateTime: '2026-11-21T09:00:00', timeZone: 'Romance Standard Time' },
    }],
    ['no zone', { start: { dateTime: '2026-11-21T09:00:00' } }],
    ['no start', { start: null }],
    ['no version', { '@odata.etag': undefined }],
  ])('is never guessed at: %s', (_, more) => {
    expect(() => observe(more)).toThrow(expect.objectContaining({ code: 'UNEXPECTED_RESPONSE' }));
  });

  test('of a meeting that its organiser called off is its end', () => {
    expect(observe({ isCancelled: true }).status).toBe('cancelled');
    expect(observe({ isCancelled: true, '@odata.etag': null, start: null }).content).toBe(null);
  });

  test.each([
    ['free', 'free', 'appointment', 'confirmed'],
    ['tentative', 'busy', 'appointment', 'tentative'],
    ['busy', 'busy', 'appointment', 'confirmed'],
    ['oof', 'busy', 'out_of_office', 'confirmed'],
    ['workingElsewhere', 'free', 'working_location', 'confirmed'],
    ['unknown', 'busy', 'appointment', 'confirmed'],
    ['aValueOfNextYear', 'busy', 'appointment', 'confirmed'],
  ])('shown as %s is %s, %s, %s', (showAs, availability, kind, status) => {
    expect(show({ showAs })).toMatchObject({ content: { availability }, kind, status });
  });

  test.each([['normal', 'normal'], ['personal', 'private'], ['private', 'private'], ['confidential', 'private']])(
    'of sensitivity %s is %s',
    (sensitivity, visibility) => expect(observe({ sensitivity }).content?.visibility).toBe(visibility),
  );

  test('knows a mark by its name and nothing that only looks like one', () => {
    const markOf = (properties: unknown) => observe({ singleValueExtendedProperties: properties }).marker;
    expect(markOf([{ id: NAMES.mark.replace('7d9c2a4e', '7D9C2A4E'), value: 'rdv/integration/3' }])).toEqual(marker);
    for (const value of ['', 'rdv', 'rdv/integration', 'rdv/integration/x', '/integration/1', 'a/b/1/c', null]) {
      expect(markOf([{ id: NAMES.mark, value }])).toBe(null);
    }
    expect(markOf([{ id: NAMES.key, value: 'rdv/integration/3' }])).toBe(null);
    expect(markOf(undefined)).toBe(null);
  });

  test('names people with the organiser among them, and what the owner answered', () => {
    const person = (name: string) => ({ name, address: `${name}@example.test` });
    const guest = (name: string, response: string) => ({ emailAddress: person(name), status: { response } });
    const invitation = show({
      isOrganizer: false,
      organizer: { emailAddress: person('hote') },
      attendees: [guest('anne', 'tentativelyAccepted'), guest('hote', 'none'), guest('zoe', 'notResponded')],
      responseStatus: { response: 'declined' },
      seriesMasterId: 'AAMk0',
      webLink: 'https://outlook.test/1',
    });
    expect(invitation.attendees.map(({ email, response, organizer, self }) => [email, response, organizer, self]))
      .toEqual([
        ['anne@example.test', 'tentative', false, false],
        ['hote@example.test', 'accepted', true, false],
        ['zoe@example.test', 'none', false, false],
      ]);
    expect(invitation).toMatchObject({ ownResponse: 'declined', seriesId: 'AAMk0', url: 'https://outlook.test/1' });
    const own = show({ organizer: { emailAddress: person('moi') }, attendees: [guest('anne', 'accepted')] });
    expect(own.attendees[0]).toEqual({
      email: 'moi@example.test',
      name: 'moi',
      response: 'accepted',
      organizer: true,
      self: true,
    });
    expect(show({ responseStatus: { response: 'organizer' } })).toMatchObject({ attendees: [], ownResponse: null });
    const crowd = Array.from({ length: 300 }, (_, at) => guest(`g${at}`, 'accepted'));
    expect(show({ attendees: crowd }).attendees).toHaveLength(100);
  });
});

describe('the normal form', () => {
  const normal = (more: Partial<EventContent>) => normalContent({ ...content, ...more });

  test('has settled line ends, edges and lengths, and is its own', () => {
    const texts = {
      title: '  Suivi\r\n de\u0007 suite ',
      description: 'a  \r\nb\t\rc\n\n',
      location: 'L'.repeat(254) + '🩺',
    };
    const once = normal(texts);
    expect(once).toMatchObject({ title: 'Suivi de suite', description: 'a\nb\nc', location: 'L'.repeat(254) });
    expect(normalContent(once)).toEqual(once);
    expect(normal({ title: `${'T'.repeat(254)} x` }).title).toBe('T'.repeat(254));
    expect(normal({ description: 'x'.repeat(40_000) }).description).toHaveLength(8192);
  });

  test('tells times in UTC, to the second, and leaves what is no time to be refused', () => {
    const time = {
      kind: 'timed',
      startsAt: '2026-10-25T00:30:00.999Z',
      endsAt: 'x',
      timeZone: 'America/Martinique',
    } as const;
    expect(normal({ time }).time).toEqual({
      kind: 'timed',
      startsAt: '2026-10-25T00:30:00.000Z',
      endsAt: 'x',
      timeZone: 'UTC',
    });
    const days = { kind: 'all_day', startDay: '2026-12-24', endDay: '2026-12-26' } as const;
    expect(normal({ time: days }).time).toEqual(days);
  });
});

describe('a body that came as HTML', () => {
  const wrapped = (inner: string) =>
    `<html>\r\n<head>\r\n<meta charset="utf-8"><style>p { color: red }</style>\r\n</head>\r\n<body>\r\n${inner}\r\n</body>\r\n</html>\r\n`;

  test.each([
    ['Une<br>\r\nDeux', 'Une\nDeux'],
    ['<div>Une</div><div>Deux &amp; trois</div>', 'Une\nDeux & trois'],
    ['<p>&lt;b&gt; &#233;t&#xe9;&nbsp;!</p><!-- <p>non</p> -->', '<b> été !'],
    ['&rien; &#x110000; &#0;', '&rien; \ufffd \ufffd'],
    ['', ''],
  ])('%s reads %j', (inner, text) => {
    expect(plainText(wrapped(inner), 'collapsed').trim()).toBe(text);
    expect(observe({ body: { contentType: 'HTML', content: wrapped(inner) } }).content?.description).toBe(text);
  });

  test('is not what text looks like', () => {
    expect(observe({ body: { contentType: 'text', content: 'a < b & c' } }).content?.description).toBe('a < b & c');
  });
});
