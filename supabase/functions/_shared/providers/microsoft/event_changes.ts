import { z } from 'zod';
import {
  type CalendarEvent,
  type ChangePage,
  type ChangeRequest,
  type ConnectionHandle,
  ProviderError,
} from '../calendar_provider.ts';
import { calendarEvent, GraphEvent } from './event_mapping.ts';
import { parseEvent } from './event_reads.ts';
import { calendarPath, eventPath, type GraphCall, type GraphClient, MAX_BATCH } from './graph_client.ts';
import { type Asked, graphFailure } from './graph_failure.ts';
import { readPage, unreadable } from './pages.ts';

const PULL: Asked = {
  operation: 'Read changes',
  missing: 'CALENDAR_NOT_FOUND',
  invalid: 'UNEXPECTED_RESPONSE',
  denied: 'PERMISSION_DENIED',
};
const SERIES: Asked = { ...PULL, operation: 'Read a series', missing: 'EVENT_NOT_FOUND' };
const PAGE_SIZE = 50;

const Removed = z.object({ id: z.string().min(1), '@removed': z.looseObject({}) });
/** Whatever else it is, it has an id. Which members came at all is told from the answer itself. */
const Change = z.union([Removed, GraphEvent]);
type Change = z.infer<typeof Change>;

/**
 * One page of a round. The first request fixes the window for good; page token and cursor are the links that Graph
 * gave, called as they are.
 */
export async function pullChanges(
  client: GraphClient,
  handle: ConnectionHandle,
  { calendarId, window, cursor, pageToken }: ChangeRequest,
  now: () => number,
): Promise<ChangePage> {
  const link = pageToken ?? cursor;
  if (link !== null && !client.owns(link)) throw expired('the cursor is not one of this provider');
  const place = link === null
    ? {
      path: calendarPath(calendarId, 'calendarView', 'delta'),
      query: { startDateTime: window.from, endDateTime: window.to },
    }
    : { path: link };
  const call: GraphCall = { method: 'GET', ...place, pageSize: PAGE_SIZE, asked: PULL };
  const answer = await client.send(handle, call);
  if (answer.status === 410) throw expired('the cursor is too old');
  const page = readPage(client, call, Change, answer, now());
  const next = page.nextLink === null
    ? page.deltaLink === null ? null : { cursor: page.deltaLink }
    : { pageToken: page.nextLink };
  if (next === null) throw unreadable(PULL.operation, 'the page has neither a successor nor a cursor');
  if (page.nextLink !== null && page.nextLink === link) throw unreadable(PULL.operation, 'the same page came twice');
  const { events, removed } = await understood(client, handle, calendarId, page.items, now);
  // A full reading brings all that there is.
  const doubtful = cursor === null ? [] : touchedSeries(page.items);
  return { events, removed: [...new Set([...removed, ...doubtful])], next };
}

/** The same event can come several times: what comes last counts. */
async function understood(
  client: GraphClient,
  handle: ConnectionHandle,
  calendarId: string,
  items: readonly Change[],
  now: () => number,
): Promise<Pick<ChangePage, 'events' | 'removed'>> {
  const changes = [...new Map(items.map((item) => [item.id, item])).values()];
  const living = changes.filter((item): item is GraphEvent => !isRemoved(item));
  const sparse = living.flatMap((item) => isSparse(item) && item.seriesMasterId ? [item.seriesMasterId] : []);
  const series = await readSeries(client, handle, [...new Set(sparse)], now);
  const removed = changes.filter(isRemoved).map(({ id }) => id);
  const events: CalendarEvent[] = [];
  for (const item of living) {
    // A series is seen through its occurrences.
    if (item.type === 'seriesMaster') continue;
    const whole = isSparse(item) && item.seriesMasterId ? occurrenceOf(series.get(item.seriesMasterId), item) : item;
    // Its series ended meanwhile: whether the occurrence did, only a read of its own can tell.
    if (whole === null) removed.push(item.id);
    else events.push(calendarEvent(PULL.operation, calendarId, whole));
  }
  return { events, removed };
}

/**
 * Series that were changed as a whole: their occurrences come anew, and of those that they lost by it nothing is said.
 */
function touchedSeries(items: readonly Change[]): string[] {
  return items.flatMap((item) => {
    if (isRemoved(item)) return [];
    if (item.type === 'seriesMaster') return [item.id];
    return item.type === 'occurrence' && item.seriesMasterId ? [item.seriesMasterId] : [];
  });
}

function isRemoved(item: Change): item is z.infer<typeof Removed> {
  return '@removed' in item;
}

/** Occurrences come with their times only; everything else is as in their series. */
function isSparse(item: GraphEvent): boolean {
  return item.subject === undefined && !!item.seriesMasterId;
}

/** What came counts; that it lasts whole days, say, only the series knows. */
function occurrenceOf(series: GraphEvent | undefined, occurrence: GraphEvent): GraphEvent | null {
  return series ? { ...series, ...occurrence } : null;
}

/** The series by their ids; one that is gone is left out. Throws for any other failure: no part of a page is a page. */
async function readSeries(
  client: GraphClient,
  handle: ConnectionHandle,
  ids: readonly string[],
  now: () => number,
): Promise<Map<string, GraphEvent>> {
  const found = new Map<string, GraphEvent>();
  for (let from = 0; from < ids.length; from += MAX_BATCH) {
    const some = ids.slice(from, from + MAX_BATCH);
    const calls = some.map((id): GraphCall => ({ method: 'GET', path: eventPath(id), asked: SERIES }));
    const [only] = calls;
    const answers = calls.length === 1 && only ? [await client.send(handle, only)] : await client.batch(handle, calls);
    for (const [at, id] of some.entries()) {
      const answer = answers[at] ?? null;
      if (answer === null) throw unreadable(SERIES.operation, 'the batch has no answer for it');
      if (answer instanceof ProviderError) throw answer;
      if (answer.status === 200) {
        found.set(id, parseEvent(SERIES.operation, answer));
        continue;
      }
      const failure = graphFailure(SERIES, answer, now());
      if (failure.code !== 'EVENT_NOT_FOUND') throw failure;
    }
  }
  return found;
}

function expired(state: string): ProviderError {
  return new ProviderError('CURSOR_EXPIRED', `${PULL.operation}: ${state}`, {
    operation: PULL.operation,
    status: null,
  });
}
