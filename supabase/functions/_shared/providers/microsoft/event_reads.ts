import type { z } from 'zod';
import {
  type CalendarEvent,
  type CalendarProvider,
  type ConnectionHandle,
  type EventRef,
  type ObservedEvent,
  ProviderError,
} from '../calendar_provider.ts';
import { onlyEvent, readEach, understood } from '../boundary.ts';
import { parsedJson } from './answer_json.ts';
import { calendarEvent, GraphEvent, observedEvent } from './event_mapping.ts';
import { EXPAND_MARK, withAppointment, withKey } from './extended_properties.ts';
import { calendarPath, eventPath, type GraphCall, type GraphClient, MAX_BATCH } from './client.ts';
import { type Asked, graphFailure } from './failure.ts';
import type { HttpAnswer } from '../http/exchange.ts';
import { type PageAsked, pageThatFits } from '../http/page_size.ts';
import { allPages, type Page, readPage } from './pages.ts';
import { PRESENCE_MEMBERS, presences } from './presence.ts';
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
/** Where events are heavy. */
const SMALLER_PAGES = [100, 10, 1];

/** The event in a successful answer. @throws {UnreadableEvent} */
export function parseEvent(operation: string, answer: HttpAnswer): GraphEvent {
  return onlyEvent(operation, GraphEvent, parsedJson(answer.text), answer.status);
}

/**
 * Ids of the events of a calendar that a filter finds. Searches by extended property are documented for the mailbox only:
 * where the calendar refuses one, what the mailbox finds is looked for in the calendar.
 */
async function find(
  client: GraphClient,
  handle: ConnectionHandle,
  calendarId: string,
  filter: string,
  now: () => number,
): Promise<string[]> {
  const search = <Members extends z.ZodRawShape>(path: string, select: string, item: z.ZodObject<Members>) =>
    allPages(client, handle, item, now, {
      method: 'GET',
      path,
      query: { '$filter': filter, '$select': select },
      asked: FIND,
    });
  try {
    const found = await search(calendarPath(calendarId, 'events'), 'id', GraphEvent.pick({ id: true }));
    return [...new Set(found.map(({ id }) => id))];
  } catch (error) {
    if (!(error instanceof ProviderError) || error.httpStatus !== 400) throw error;
  }
  const members = GraphEvent.pick({ id: true, type: true, start: true, end: true, isAllDay: true });
  const found = (await search('/me/events', PRESENCE_MEMBERS, members)).slice(0, MAX_BATCH);
  if (found.length === 0) return [];
  const present = await presences(client, handle, found.map((event) => ({ calendarId, event })), now);
  const failure = present.find((outcome) => outcome instanceof ProviderError);
  if (failure instanceof ProviderError) throw failure;
  return found.filter((_event, at) => present[at] === true).map(({ id }) => id);
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

/** An event that was moved to another calendar is gone from here: the calendar's own view tells. */
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
    path: eventPath(id),
    query: { '$expand': EXPAND_MARK },
    asked: GET,
  });
  if (answer.status === 200) {
    const event = parseEvent(GET.operation, answer);
    const [present] = await presences(client, handle, [{ calendarId: ref.calendarId, event }], now);
    if (present instanceof ProviderError) throw present;
    return present ? event : null;
  }
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

type Listing = Parameters<CalendarProvider['listEvents']>[1];

export async function listEvents(
  client: GraphClient,
  handle: ConnectionHandle,
  request: Listing,
  now: () => number,
): ReturnType<CalendarProvider['listEvents']> {
  const largest = Math.min(request.pageSize, LARGEST_PAGE);
  const sizes = [largest, ...SMALLER_PAGES.filter((size) => size < largest)];
  const page = await pageThatFits(sizes, request.pageToken, async (asked) => {
    const { entries, nextLink } = await readList(client, handle, request, asked, now);
    return { entries, nextToken: nextLink };
  });
  const { items, unreadable } = readEach(
    page.entries,
    (entry) => calendarEvent(LIST.operation, request.calendarId, understood(LIST.operation, GraphEvent, entry)),
  );
  return { events: items.filter(({ status }) => status !== 'cancelled'), unreadable, nextPageToken: page.nextToken };
}

async function readList(
  client: GraphClient,
  handle: ConnectionHandle,
  { calendarId, window }: Listing,
  { size, token, mostBytes }: PageAsked,
  now: () => number,
): Promise<Page> {
  // The page token is the one thing in the request that comes from outside as it is.
  if (token !== null && !isViewPage(client, token)) throw tokenRefused();
  const first: GraphCall = {
    method: 'GET',
    path: calendarPath(calendarId, 'calendarView'),
    query: {
      startDateTime: window.from,
      endDateTime: window.to,
      '$orderby': 'start/dateTime',
      '$top': String(size),
      '$expand': EXPAND_MARK,
    },
    asked: LIST,
    mostBytes,
  };
  const call: GraphCall = token === null
    ? first
    : { method: 'GET', path: resized(token, size), asked: LIST, mostBytes };
  const answer = await client.send(handle, call);
  if (answer.status === 400 && token !== null) throw tokenRefused(graphFailure(LIST, answer, now()));
  return readPage(client, call, answer, now());
}

/** A link repeats the page size of the request before it. */
function resized(link: string, size: number): string {
  return link.replace(/([?&](?:\$|%24)top=)\d{1,6}/i, (_, top: string) => `${top}${size}`);
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
