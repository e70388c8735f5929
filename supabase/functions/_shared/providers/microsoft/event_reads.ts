import type { ConnectionHandle } from '../port/account.ts';
import type { CalendarEvent, EventRef, ObservedEvent } from '../port/calendar.ts';
import { onlyEvent } from '../boundary.ts';
import { parsedJson } from '../http/answer_json.ts';
import { calendarEvent, GraphEvent, observedEvent } from './event_mapping.ts';
import { EXPAND_MARK, withKey } from './extended_properties.ts';
import { calendarPath, type GraphClient } from './client.ts';
import { type Asked, graphFailure } from './failure.ts';
import type { HttpAnswer } from '../http/exchange.ts';
import { allPages } from './pages.ts';
import { isRequested } from './requested_id.ts';

const GET: Asked = {
  operation: 'Read an event',
  missing: 'EVENT_NOT_FOUND',
  invalid: 'UNEXPECTED_RESPONSE',
  denied: 'PERMISSION_DENIED',
};
const PROBE: Asked = { ...GET, operation: 'Probe the calendar', missing: 'CALENDAR_NOT_FOUND' };
const FIND: Asked = { ...PROBE, operation: 'Find an event by its key' };

/** The event in a successful answer. @throws {UnreadableEvent} */
export function parseEvent(operation: string, answer: HttpAnswer): GraphEvent {
  return onlyEvent(operation, GraphEvent, parsedJson(answer.text), answer.status);
}

/** The id that Graph gave to what we asked for under another; null where there is no such event. */
export async function givenId(
  client: GraphClient,
  handle: ConnectionHandle,
  { calendarId, eventId }: EventRef,
  now: () => number,
): Promise<string | null> {
  if (!isRequested(eventId)) return eventId;
  const events = await allPages(client, handle, GraphEvent.pick({ id: true }), now, {
    method: 'GET',
    path: calendarPath(calendarId, 'events'),
    query: { '$filter': withKey(eventId), '$select': 'id' },
    asked: FIND,
  });
  return events[0]?.id ?? null;
}

/** Named with its calendar: an event that was moved elsewhere is gone from here. */
async function read(
  client: GraphClient,
  handle: ConnectionHandle,
  ref: EventRef,
  now: () => number,
): Promise<GraphEvent | null> {
  const id = await givenId(client, handle, ref, now);
  if (id === null) return null;
  const answer = await client.send(handle, {
    method: 'GET',
    path: calendarPath(ref.calendarId, 'events', id),
    query: { '$expand': EXPAND_MARK },
    asked: GET,
  });
  if (answer.status === 200) return parseEvent(GET.operation, answer);
  const failure = graphFailure(GET, answer, now());
  if (failure.code === 'EVENT_NOT_FOUND') return null;
  throw failure;
}

export async function getEvent(
  client: GraphClient,
  handle: ConnectionHandle,
  ref: EventRef,
  now: () => number,
): Promise<ObservedEvent | null> {
  const event = await read(client, handle, ref, now);
  return event && observedEvent(GET.operation, ref.calendarId, event);
}

export async function readEvent(
  client: GraphClient,
  handle: ConnectionHandle,
  ref: EventRef,
  now: () => number,
): Promise<CalendarEvent | null> {
  const event = await read(client, handle, ref, now);
  return event && calendarEvent(GET.operation, ref.calendarId, event);
}

export async function probeCalendar(
  client: GraphClient,
  handle: ConnectionHandle,
  calendarId: string,
  now: () => number,
): Promise<void> {
  const answer = await client.send(handle, {
    method: 'GET',
    path: calendarPath(calendarId),
    query: { '$select': 'id' },
    asked: PROBE,
  });
  if (answer.status !== 200) throw graphFailure(PROBE, answer, now());
  // A calendar has an id as an event does, and no more is asked of it.
  parseEvent(PROBE.operation, answer);
}
