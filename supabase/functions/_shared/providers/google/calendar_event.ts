import { foreignLink, foreignName, MOST_ATTENDEES } from '../boundary.ts';
import type { Attendee, CalendarEvent, EventKind } from '../port/calendar.ts';
import { GoogleAttendee, GoogleEvent, observedEvent } from './event_mapping.ts';

const KINDS: ReadonlyMap<string, EventKind> = new Map([
  ['default', 'appointment'],
  // Made by Google from a mail: a flight, a table. For its owner an appointment like any other.
  ['fromGmail', 'appointment'],
  ['outOfOffice', 'out_of_office'],
  ['focusTime', 'focus_time'],
  ['workingLocation', 'working_location'],
  ['birthday', 'birthday'],
]);

const RESPONSES: ReadonlyMap<string, Attendee['response']> = new Map([
  ['accepted', 'accepted'],
  ['tentative', 'tentative'],
  ['declined', 'declined'],
]);

/** What of an event is asked for, all that is read: a page of 2,500 whole ones can be many times as large. */
export const EVENT_FIELDS = Object.keys(GoogleEvent.shape).map((field) => {
  if (field === 'attendees') return `attendees(${Object.keys(GoogleAttendee.shape)})`;
  return field === 'extendedProperties' ? 'extendedProperties/private' : field;
}).join();

/** @throws {UnreadableEvent} for a living event without version or times */
export function calendarEvent(operation: string, calendarId: string, event: GoogleEvent): CalendarEvent {
  const guests = event.attendees ?? [];
  const own = guests.find(({ self }) => self);
  // The owner's own answer stays, wherever it stood.
  const named = guests.length > MOST_ATTENDEES && own
    ? [own, ...guests.filter((guest) => guest !== own)].slice(0, MOST_ATTENDEES)
    : guests.slice(0, MOST_ATTENDEES);
  return {
    ...observedEvent(operation, calendarId, event),
    kind: KINDS.get(event.eventType || 'default') ?? 'other',
    url: foreignLink(event.htmlLink),
    attendees: named.map(attendee),
    ownResponse: own ? response(own) : null,
    seriesId: event.recurringEventId || null,
  };
}

function attendee(guest: GoogleAttendee): Attendee {
  return {
    email: foreignName(guest.email),
    name: foreignName(guest.displayName),
    response: response(guest),
    organizer: guest.organizer ?? false,
    self: guest.self ?? false,
  };
}

function response(guest: GoogleAttendee): Attendee['response'] {
  return RESPONSES.get(guest.responseStatus ?? '') ?? 'none';
}
