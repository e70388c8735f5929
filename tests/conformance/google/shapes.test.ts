import { describe, expect, test } from 'vitest';
import { checkResource } from '../../../emulators/google/validation.ts';
import { connectedApi, control, EVENTS, type Json, newEmulator, timed } from './visitor.ts';

const FIXTURES = new URL('./fixtures/', import.meta.url);
const NAMES = [...Deno.readDirSync(FIXTURES)].map((entry) => entry.name).sort();

function fixture(name: string): Json {
  return JSON.parse(Deno.readTextFileSync(new URL(name, FIXTURES)));
}

describe('every kind of event', () => {
  test('has its fixture', () => {
    expect(NAMES).toEqual([
      'all_day.json',
      'all_day_several_days.json',
      'attendees_conference.json',
      'birthday.json',
      'cancelled_instance.json',
      'focus_time.json',
      'from_gmail.json',
      'html_unicode.json',
      'out_of_office.json',
      'recurring_instance.json',
      'timed.json',
      'working_location.json',
    ]);
  });

  test.each(NAMES)('%s holds to the facts', (name) => {
    expect(checkResource('Event', fixture(name), { side: 'response' })).toEqual({ unknown: [], invalid: [] });
  });

  test.each(NAMES.filter((name) => !name.startsWith('cancelled') && !name.startsWith('recurring')))(
    '%s is shown by the emulator as it is, once it is there',
    async (name) => {
      const core = newEmulator();
      const api = await connectedApi(core);
      const event = fixture(name);
      await control(core, 'events', {
        calendarId: event.eventType === 'default' && !event.organizer.self ? 'claire@gmail.test' : calendarFor(event),
        event,
      });
      const shown = (await api('GET', `calendars/${encodeURIComponent(calendarFor(event))}/events/${event.id}`)).body;
      const same = ['id', 'summary', 'description', 'location', 'attendees', 'transparency', 'visibility', 'recurrence']
        .concat(['extendedProperties', 'conferenceData', 'hangoutLink', 'locked', 'eventType', 'iCalUID', 'colorId'])
        .concat(['workingLocationProperties', 'outOfOfficeProperties', 'guestsCanModify'])
        .concat(['focusTimeProperties', 'birthdayProperties']);
      for (const field of same) {
        expect(shown[field], field).toEqual(
          field === 'description' ? event.description?.split('\n-::~')[0] : event[field],
        );
      }
      for (const side of ['start', 'end']) {
        if (event[side].date) expect(shown[side]).toEqual(event[side]);
        else expect(Date.parse(shown[side].dateTime)).toBe(Date.parse(event[side].dateTime));
      }
    },
  );
});

function calendarFor(event: Json): string {
  return event.organizer.email.endsWith('@group.calendar.google.com') ? event.organizer.email : 'claire@gmail.test';
}

describe('the future', () => {
  test('every answer can carry unknown fields and values', async () => {
    const core = newEmulator();
    const api = await connectedApi(core);
    core.configure({ novelties: true });
    const made = (await api('POST', EVENTS, timed({ id: 'abcde', attendees: [{ email: 'a@x.test' }] }))).body;
    const list = (await api('GET', EVENTS)).body;
    const calendars = (await api('GET', 'users/me/calendarList')).body;
    for (const resource of [made, list, list.items[0], list.items[0].start, calendars, calendars.items[0]]) {
      expect(resource).toHaveProperty('futureField');
    }
    expect(made).toMatchObject({ eventType: 'futureType', attendees: [{ responseStatus: 'futureStatus' }] });
    expect(calendars.items.at(-1).accessRole).toBe('futureRole');
  });
});
