import {
  type CalendarEvent,
  type CalendarProvider,
  type ConnectionHandle,
  type EventRef,
  type ObservedEvent,
  ProviderError,
} from '../calendar_provider.ts';
import { parsedJson } from './answer_json.ts';
import { calendarEvent, GraphEvent, observedEvent } from './event_mapping.ts';
import { EXPAND_MARK, withAppointment, withKey } from './extended_properties.ts';
import { calendarPath, type GraphCall, type GraphClient } from './graph_client.ts';
import { type Asked, graphFailure } from './graph_failure.ts';
import type { HttpAnswer } from '../http/exchange.ts';
import { allPages, readPage } from './pages.ts';
import { isRequested } from './requested_id.ts';

const GET: Asked = {
  operation: 'Read an event',
  missing: 'EVENT_NOT_FOUND',
  invalid: 'UNEXPECTED_RESPONSE',
  denied: 'PERMISSION_DENIED',
};
const PROBE: Asked = { ...GET, operation: 'Probe the calendar', missing: 'CALENDAR_NOT_FOUND' };
const FIND: Asked = { ...PROBE, operation: 'Find events by mark' };
const LIST: Asked = { ...PROBE, operation: 'List events' };
const LARGEST_PAGE = 999;

/** The event in a successful answer. Throws `UNEXPECTED_RESPONSE`. */
export function parseEvent(operation: string, answer: HttpAnswer): GraphEvent {
  const read = GraphEvent.safeParse(parsedJson(answer.text));
  if (read.success) return read.data;
  throw new ProviderError('UNEXPECTED_RESPONSE', `${operation}: the answer is not an event`, {
    operation,
    status: answer.status,
  });
}

/** Ids of the events of a calendar that a filter finds. */
async function find(
  client: GraphClient,
  handle: ConnectionHandle,
  calendarId: string,
  filter: string,
  now: () => number,
): Promise<string[]> {
  const events = await allPages(client, handle, GraphEvent.pick({ id: true }), now, {
    method: 'GET',
    path: calendarPath(calendarId, 'events'),
    query: { '$filter': filter, '$select': 'id' },
    asked: FIND,
  });
  return [...new Set(events.map(({ id }) => id))];
}

/** The id that Graph gave to what we asked for under another; null where there is no such event. */
export async function givenId(
  client: GraphClient,
  handle: ConnectionHandle,
  { calendarId, eventId }: EventRef,
  now: () => number,
): Promise<string | null> {
  if (!isRequested(eventId)) return eventId;
  return (await find(client, handle, calendarId, withKey(eventId), now))[0] ?? null;
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

/** The search does not bring the mark along: each found event is read by itself. */
export async function findByMarker(
  client: GraphClient,
  handle: ConnectionHandle,
  calendarId: string,
  appointmentId: string,
  now: () => number,
): Promise<ObservedEvent[]> {
  const found: ObservedEvent[] = [];
  for (const eventId of await find(client, handle, calendarId, withAppointment(appointmentId), now)) {
    const event = await getEvent(client, handle, { calendarId, eventId }, now);
    if (event && event.status !== 'cancelled' && event.marker?.appointmentId === appointmentId) found.push(event);
  }
  return found;
}

export async function listEvents(
  client: GraphClient,
  handle: ConnectionHandle,
  { calendarId, window, pageToken, pageSize }: Parameters<CalendarProvider['listEvents']>[1],
  now: () => number,
): Promise<{ events: CalendarEvent[]; nextPageToken: string | null }> {
  // The page token is the one thing in the request that comes from outside as it is.
  if (pageToken !== null && !isViewPage(client, pageToken)) throw tokenRefused();
  const first: GraphCall = {
    method: 'GET',
    path: calendarPath(calendarId, 'calendarView'),
    query: {
      startDateTime: window.from,
      endDateTime: window.to,
      '$orderby': 'start/dateTime',
      '$top': String(Math.min(pageSize, LARGEST_PAGE)),
      '$expand': EXPAND_MARK,
    },
    asked: LIST,
  };
  const call: GraphCall = pageToken === null ? first : { method: 'GET', path: pageToken, asked: LIST };
  const answer = await client.send(handle, call);
  if (answer.status === 400 && pageToken !== null) throw tokenRefused(graphFailure(LIST, answer, now()));
  const page = readPage(client, call, GraphEvent, answer, now());
  return {
    events: page.items
      .map((event) => calendarEvent(LIST.operation, calendarId, event))
      .filter(({ status }) => status !== 'cancelled'),
    nextPageToken: page.nextLink,
  };
}

function isViewPage(client: GraphClient, link: string): boolean {
  return client.owns(link) && URL.canParse(link) && /\/calendarview$/i.test(new URL(link).pathname);
}

function tokenRefused(failure?: ProviderError): ProviderError {
  return new ProviderError('INVALID_REQUEST', `${LIST.operation}: the page token is none`, {
    operation: LIST.operation,
    status: failure?.httpStatus ?? null,
    providerCode: failure?.providerCode ?? null,
  });
}
