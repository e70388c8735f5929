import { type CalendarEvent, type ConnectionHandle, type EventRef, type ObservedEvent } from '../calendar_provider.ts';
import { MOST_ATTENDEES, onlyEvent } from '../boundary.ts';
import { type CalendarCall, type CalendarClient, eventsPath } from './client.ts';
import { calendarEvent, EVENT_FIELDS } from './calendar_event.ts';
import { type Asked, calendarFailure } from './failure.ts';
import { GoogleEvent, markerFilter, observedEvent } from './event_mapping.ts';
import type { HttpAnswer } from '../http/exchange.ts';
import { allPages, readPage } from './pages.ts';

const GET: Asked = { operation: 'Read an event', missing: 'EVENT_NOT_FOUND', invalid: 'UNEXPECTED_RESPONSE' };
const PROBE: Asked = { operation: 'Probe the calendar', missing: 'CALENDAR_NOT_FOUND', invalid: 'UNEXPECTED_RESPONSE' };
const FIND: Asked = { ...PROBE, operation: 'Find events by mark' };

/** The event in a successful answer. @throws {UnreadableEvent} */
export function writtenEvent(operation: string, calendarId: string, answer: HttpAnswer): ObservedEvent {
  return observedEvent(operation, calendarId, eventIn(operation, answer));
}

function eventIn(operation: string, answer: HttpAnswer): GoogleEvent {
  let body: unknown = null;
  try {
    body = JSON.parse(answer.text);
  } catch {
    // Refused below, as any other shape that is not an event.
  }
  return onlyEvent(operation, GoogleEvent, body, answer.status);
}

export async function getEvent(
  client: CalendarClient,
  handle: ConnectionHandle,
  ref: EventRef,
  now: () => number,
): Promise<ObservedEvent | null> {
  const event = await fetchEvent(client, handle, ref, {}, now);
  return event && observedEvent(GET.operation, ref.calendarId, event);
}

/** The same event with everything that a page of changes tells of it. */
export async function readEvent(
  client: CalendarClient,
  handle: ConnectionHandle,
  ref: EventRef,
  now: () => number,
): Promise<CalendarEvent | null> {
  const query = { maxAttendees: String(MOST_ATTENDEES), fields: EVENT_FIELDS };
  const event = await fetchEvent(client, handle, ref, query, now);
  return event && calendarEvent(GET.operation, ref.calendarId, event);
}

async function fetchEvent(
  client: CalendarClient,
  handle: ConnectionHandle,
  ref: EventRef,
  query: Readonly<Record<string, string>>,
  now: () => number,
): Promise<GoogleEvent | null> {
  const path = eventsPath(ref.calendarId, ref.eventId);
  const answer = await client.send(handle, { method: 'GET', path, query, asked: GET });
  if (answer.status === 200) return eventIn(GET.operation, answer);
  const failure = calendarFailure(GET, answer, now());
  if (failure.code === 'EVENT_NOT_FOUND') return null;
  throw failure;
}

/** `calendars.get` needs a wider scope than we ask for; a list of one event tells as much. */
export async function probeCalendar(
  client: CalendarClient,
  handle: ConnectionHandle,
  calendarId: string,
  now: () => number,
): Promise<void> {
  const call: CalendarCall = { method: 'GET', path: eventsPath(calendarId), query: { maxResults: '1' }, asked: PROBE };
  readPage(call, 'calendar#events', await client.send(handle, call), now());
}

export async function findByMarker(
  client: CalendarClient,
  handle: ConnectionHandle,
  calendarId: string,
  appointmentId: string,
  now: () => number,
): Promise<ObservedEvent[]> {
  const events = await allPages(client, handle, 'calendar#events', GoogleEvent, now, {
    method: 'GET',
    path: eventsPath(calendarId),
    // One filter only: Google's own pages disagree on whether several are joined by "and" or "or".
    query: { privateExtendedProperty: markerFilter(appointmentId), maxResults: '250' },
    asked: FIND,
  });
  // Cancelled entries can come up in lists without deleted events; they need not carry times.
  return events
    .filter((event) => event.status !== 'cancelled')
    .map((event) => observedEvent(FIND.operation, calendarId, event))
    .filter((event) => event.marker?.appointmentId === appointmentId);
}
