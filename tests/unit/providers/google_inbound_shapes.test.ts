/** Events of every shape that Google shows, as the port tells of them. */
import { expect, test } from 'vitest';
import type { CalendarEvent } from '../../../supabase/functions/_shared/providers/port/calendar.ts';
import { json, scripted } from './scripted_google.ts';

const FIXTURES = new URL('../../conformance/google/fixtures/', import.meta.url);
const timed = (startsAt: string, endsAt: string, timeZone = 'Europe/Paris') => ({
  kind: 'timed',
  startsAt: `2026-12-${startsAt}:00.000Z`,
  endsAt: `2026-12-${endsAt}:00.000Z`,
  timeZone,
});
const days = (startDay: string, endDay: string) => ({
  kind: 'all_day',
  startDay: `2026-12-${startDay}`,
  endDay: `2026-12-${endDay}`,
});

type Told = Omit<Partial<CalendarEvent>, 'content' | 'attendees'> & { content?: unknown; attendees?: unknown };
const SHAPES: ReadonlyArray<readonly [name: string, told: Told]> = [
  ['all_day', { kind: 'appointment', content: { time: days('07', '08'), availability: 'free' } }],
  ['all_day_several_days', { content: { time: days('14', '18'), title: 'Congrès à Nantes', availability: 'busy' } }],
  ['attendees_conference', {
    ownResponse: 'declined',
    attendees: [
      { email: 'claire@gmail.test', name: 'Claire Lumière', response: 'declined', organizer: false, self: true },
      { email: 'hote@exterieur.test', name: null, response: 'accepted', organizer: true, self: false },
    ],
    content: { time: timed('09T17:00', '09T17:45') },
  }],
  ['birthday', { kind: 'birthday', content: { time: days('11', '12'), visibility: 'private' } }],
  ['cancelled_instance', { status: 'cancelled', content: null, seriesId: 'series0fixture0aaaa' }],
  ['focus_time', { kind: 'focus_time', content: { time: timed('08T08:00', '08T10:00') } }],
  ['from_gmail', { kind: 'appointment', content: { time: timed('04T06:30', '04T08:05', 'UTC') } }],
  ['html_unicode', {
    ownResponse: null,
    marker: null,
    content: {
      title: 'Œuvre 🎨 — “cœur” ضيف 客',
      // Google's conference block is not the user's text.
      description: expect.not.stringContaining('meet.google.com'),
      location: 'Salle 2½,\nétage −1',
      time: timed('10T15:55', '10T18:55', 'Europe/Brussels'),
      visibility: 'normal',
    },
  }],
  ['out_of_office', { kind: 'out_of_office', content: { time: timed('24T11:00', '24T19:00') } }],
  ['recurring_instance', {
    kind: 'appointment',
    seriesId: 'series0fixture0aaaa',
    content: { time: timed('22T07:00', '22T07:20'), visibility: 'private' },
  }],
  ['timed', { kind: 'appointment', attendees: [], content: { time: timed('03T13:00', '03T14:15') } }],
  ['working_location', { kind: 'working_location', content: { time: days('02', '03'), availability: 'free' } }],
];

test('every shape is here', () => {
  const names = [...Deno.readDirSync(FIXTURES)].map(({ name }) => name.replace('.json', '')).sort();
  expect(SHAPES.map(([name]) => name)).toEqual(names);
});

test.each(SHAPES)('%s', async (name, told) => {
  const shape = JSON.parse(Deno.readTextFileSync(new URL(`${name}.json`, FIXTURES)));
  const { provider, handle } = scripted(
    json(200, { kind: 'calendar#events', items: [shape], nextSyncToken: 's' }),
    json(200, shape),
  );
  const window = { from: '2026-12-01T00:00:00.000Z', to: '2027-01-01T00:00:00.000Z' };
  const request = { calendarId: 'claire@gmail.test', window, cursor: null, pageToken: null };
  const { events } = await provider.calendar.pullChanges(handle, request);
  expect(events).toEqual([expect.objectContaining({ version: shape.etag, url: shape.htmlLink ?? null })]);
  expect(events).toMatchObject([{ ref: { eventId: shape.id }, status: shape.status, ...told }]);
  const ref = { calendarId: 'claire@gmail.test', eventId: shape.id };
  expect(await provider.calendar.readEvent(handle, ref)).toEqual(events[0]);
});
