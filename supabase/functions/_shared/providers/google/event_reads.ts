import type { ConnectionHandle } from '../port/account.ts';
import type { CalendarEvent, EventRef, ObservedEvent } from '../port/calendar.ts';
import { MOST_ATTENDEES, onlyEvent } from '../boundary.ts';
import { type CalendarCall, type CalendarClient, eventsPath } from './client.ts';
import { calendarEvent, EVENT_FIELDS } from './calendar_event.ts';
import { type Asked, calendarFailure } from './failure.ts';
import { GoogleEvent, observedEvent } from './event_mapping.ts';
import { parsedJson } from '../http/answer_json.ts';
import type { HttpAnswer } from '../http/exchange.ts';
import { readPage } from './pages.ts';

const GET: Asked = { operation: 'Read an event', missing: 'EVENT_NOT_FOUND', invalid: 'UNEXPECTED_RESPONSE' };
const PROBE: Asked = { operation: 'Probe the calendar', missing: 'CALENDAR_NOT_FOUND', invalid: 'UNEXPECTED_RESPONSE' };

/** The event in a successful answer. @throws {UnreadableEvent} */
export function writtenEvent(operation: string, calendarId: string, answer: HttpAnswer): ObservedEvent {
  return observedEvent(operation, calendarId, eventIn(operation, answer));
}

function eventIn(operation: string, answer: HttpAnswer): GoogleEvent {
  return onlyEvent(operation, GoogleEvent, parsedJson(answer.text), answer.status);
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
