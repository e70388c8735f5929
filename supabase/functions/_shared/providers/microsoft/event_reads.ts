import type { z } from 'zod';
import type { ConnectionHandle } from '../port/account.ts';
import type { CalendarEvent, EventRef, ObservedEvent } from '../port/calendar.ts';
import { ProviderError } from '../port/failure.ts';
import { onlyEvent } from '../boundary.ts';
import { parsedJson } from '../http/answer_json.ts';
import { calendarEvent, GraphEvent, observedEvent } from './event_mapping.ts';
import { EXPAND_MARK, withKey } from './extended_properties.ts';
import { calendarPath, eventPath, type GraphClient, MAX_BATCH } from './client.ts';
import { type Asked, graphFailure } from './failure.ts';
import type { HttpAnswer } from '../http/exchange.ts';
import { allPages } from './pages.ts';
import { PRESENCE_MEMBERS, presences } from './presence.ts';
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

/**
 * Ids of the events of a calendar that were asked for under a key. Searches by extended property are documented for the
 * mailbox only: where the calendar refuses one, what the mailbox finds is looked for in the calendar.
 */
async function findByKey(
  client: GraphClient,
  handle: ConnectionHandle,
  { calendarId, eventId: key }: EventRef,
  now: () => number,
): Promise<string[]> {
  const search = <Members extends z.ZodRawShape>(path: string, select: string, item: z.ZodObject<Members>) =>
    allPages(client, handle, item, now, {
      method: 'GET',
      path,
      query: { '$filter': withKey(key), '$select': select },
      asked: FIND,
    });
  try {
    const found = await search(calendarPath(calendarId, 'events'), 'id', GraphEvent.pick({ id: true }));
    return found.map(({ id }) => id);
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
  ref: EventRef,
  now: () => number,
): Promise<string | null> {
  if (!isRequested(ref.eventId)) return ref.eventId;
  return (await findByKey(client, handle, ref, now))[0] ?? null;
}

/**
 * Likewise, in whichever calendar of the mailbox it is. A copy carries the key too, but not the `transactionId` of the
 * create.
 */
export async function idInMailbox(
  client: GraphClient,
  handle: ConnectionHandle,
  { eventId }: EventRef,
  now: () => number,
): Promise<string | null> {
  if (!isRequested(eventId)) return eventId;
  const found = await allPages(client, handle, GraphEvent.pick({ id: true, transactionId: true }), now, {
    method: 'GET',
    path: '/me/events',
    query: { '$filter': withKey(eventId), '$select': 'id,transactionId' },
    asked: FIND,
  });
  return found.find(({ transactionId }) => transactionId === eventId)?.id ?? null;
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
