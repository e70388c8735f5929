import { z } from 'zod';
import type { ConnectionHandle } from '../port/account.ts';
import type { CalendarEvent, ChangePage, ChangeRequest } from '../port/calendar.ts';
import { ProviderError, UnreadableEvent } from '../port/failure.ts';
import { ForeignId, readEach, understood } from '../boundary.ts';
import { calendarEvent, GraphEvent } from './event_mapping.ts';
import { parseEvent } from './event_reads.ts';
import { calendarPath, eventPath, type GraphCall, type GraphClient, MAX_BATCH } from './client.ts';
import { type Asked, graphFailure } from './failure.ts';
import { type PageAsked, pageThatFits } from '../http/page_size.ts';
import { unreadable } from '../http/answer_json.ts';
import { type Page, readPage } from './pages.ts';

const PULL: Asked = {
  operation: 'Read changes',
  missing: 'CALENDAR_NOT_FOUND',
  invalid: 'UNEXPECTED_RESPONSE',
  denied: 'PERMISSION_DENIED',
};
const SERIES: Asked = { ...PULL, operation: 'Read a series', missing: 'EVENT_NOT_FOUND' };
const PAGE_SIZES = [50, 10, 1] as const;

const Removed = z.object({ id: ForeignId, '@removed': z.looseObject({}) });
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
  request: ChangeRequest,
  now: () => number,
): Promise<ChangePage> {
  const page = await pageThatFits(PAGE_SIZES, request.pageToken, async (asked) => {
    const { entries, nextLink, deltaLink } = await readRound(client, handle, request, asked, now);
    return { entries, nextToken: nextLink, deltaLink };
  });
  const shapes = readEach(page.entries, (entry) => understood(PULL.operation, Change, entry));
  // A full reading brings all that there is.
  const doubtful = request.cursor === null ? [] : touchedSeries(shapes.items);
  const changes = await changesIn(client, handle, request.calendarId, shapes.items, now);
  return {
    events: changes.events,
    unreadable: [...shapes.unreadable, ...changes.unreadable],
    removed: [...new Set([...changes.removed, ...doubtful])],
    next: page.nextToken === null ? { cursor: page.deltaLink ?? '' } : { pageToken: page.nextToken },
  };
}

async function readRound(
  client: GraphClient,
  handle: ConnectionHandle,
  { calendarId, window, cursor }: ChangeRequest,
  { size, token, mostBytes }: PageAsked,
  now: () => number,
): Promise<Page> {
  const link = token ?? cursor;
  if (link !== null && !isRound(client, link)) throw expired('the cursor is not one of this provider');
  const place = link === null
    ? {
      path: calendarPath(calendarId, 'calendarView', 'delta'),
      query: { startDateTime: window.from, endDateTime: window.to },
    }
    : { path: link };
  const call: GraphCall = { method: 'GET', ...place, pageSize: size, mostBytes, asked: PULL };
  const answer = await client.send(handle, call);
  if (answer.status === 410) throw expired('the cursor is too old');
  const page = readPage(client, call, answer, now());
  if (page.nextLink === null && page.deltaLink === null) {
    throw unreadable(PULL.operation, 'the page has neither a successor nor a cursor');
  }
  if (page.nextLink !== null && page.nextLink === link) throw unreadable(PULL.operation, 'the same page came twice');
  return page;
}

/** A link may come from outside: it leads to the changes of a calendar, and nowhere else. */
function isRound(client: GraphClient, link: string): boolean {
  return client.owns(link) && URL.canParse(link) && /\/calendarview\/delta(\(\))?$/i.test(new URL(link).pathname);
}

/** The same event can come several times: what comes last counts. */
async function changesIn(
  client: GraphClient,
  handle: ConnectionHandle,
  calendarId: string,
  items: readonly Change[],
  now: () => number,
): Promise<Pick<ChangePage, 'events' | 'unreadable' | 'removed'>> {
  const changes = [...new Map(items.map((item) => [item.id, item])).values()];
  const living = changes.filter((item): item is GraphEvent => !isRemoved(item));
  const sparse = living.flatMap((item) => isSparse(item) && item.seriesMasterId ? [item.seriesMasterId] : []);
  const series = await readSeries(client, handle, [...new Set(sparse)], now);
  const removed = changes.filter(isRemoved).map(({ id }) => id);
  const { items: events, unreadable } = readEach(living, (item): CalendarEvent[] => {
    // A series is seen through its occurrences.
    if (item.type === 'seriesMaster') return [];
    const master = isSparse(item) && item.seriesMasterId ? series.get(item.seriesMasterId) : item;
    if (master === null) throw new UnreadableEvent(PULL.operation, item.id, 'no_series');
    // Its series ended meanwhile: whether the occurrence did, only a read of its own can tell.
    if (master === undefined) removed.push(item.id);
    // Of a sparse occurrence what came counts; that it lasts whole days, say, only the series knows.
    return master === undefined ? [] : [calendarEvent(PULL.operation, calendarId, { ...master, ...item })];
  });
  return { events: events.flat(), unreadable, removed };
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

/**
 * The series by their ids; one that is gone is left out, one that cannot be understood is null. Throws for any other
 * failure: no part of a page is a page.
 */
async function readSeries(
  client: GraphClient,
  handle: ConnectionHandle,
  ids: readonly string[],
  now: () => number,
): Promise<Map<string, GraphEvent | null>> {
  const found = new Map<string, GraphEvent | null>();
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
        found.set(id, readEach([answer], (one) => parseEvent(SERIES.operation, one)).items[0] ?? null);
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
