import type { ConnectionHandle } from '../port/account.ts';
import type { CalendarEvent, ChangePage, ChangeRequest } from '../port/calendar.ts';
import { ProviderError } from '../port/failure.ts';
import { MOST_ATTENDEES, readEach, understood } from '../boundary.ts';
import { calendarEvent, EVENT_FIELDS } from './calendar_event.ts';
import { type CalendarCall, type CalendarClient, eventsPath } from './client.ts';
import { GoogleEvent } from './event_mapping.ts';
import type { HttpAnswer } from '../http/exchange.ts';
import { type PageAsked, pageThatFits } from '../http/page_size.ts';
import { unreadable } from '../http/answer_json.ts';
import { type Page, readPage } from './pages.ts';

const OPERATION = 'Read the changes';

/**
 * The same in the first and in every later request: with others Google's answer to a sync token is undefined. No
 * `orderBy`, with which no sync token comes; no `showDeleted`, which a sync token brings by itself.
 */
const SAME = {
  singleEvents: 'true',
  maxAttendees: String(MOST_ATTENDEES),
  // A sixth of a page would be white space.
  prettyPrint: 'false',
  fields: `kind,nextPageToken,nextSyncToken,items(${EVENT_FIELDS})`,
} as const;

/**
 * Google allows 2500; a page takes its size in memory several times over, beside the next one, and a function has little of it.
 * `maxResults` may change from page to page, also beside a sync token.
 */
const PAGE_SIZES = [1700, 60, 6, 1] as const;

/** One page of a full or an incremental reading. A short or empty page says nothing: only its token does. */
export async function pullChanges(
  client: CalendarClient,
  handle: ConnectionHandle,
  request: ChangeRequest,
  now: () => number,
): Promise<ChangePage> {
  const page = await pageThatFits(PAGE_SIZES, request.pageToken, async (asked) => {
    const { nextPageToken, ...rest } = await readChanges(client, handle, request, asked, now);
    return { ...rest, nextToken: nextPageToken };
  });
  const { items, unreadable } = readEach(
    page.entries,
    (entry) => calendarEvent(OPERATION, request.calendarId, understood(OPERATION, GoogleEvent, entry)),
  );
  return {
    events: newestOfEach(items),
    unreadable,
    removed: [],
    next: page.nextToken === null ? { cursor: page.nextSyncToken ?? '' } : { pageToken: page.nextToken },
  };
}

async function readChanges(
  client: CalendarClient,
  handle: ConnectionHandle,
  { calendarId, window, cursor }: ChangeRequest,
  { size, token: pageToken, mostBytes }: PageAsked,
  now: () => number,
): Promise<Page> {
  const call: CalendarCall = {
    method: 'GET',
    path: eventsPath(calendarId),
    query: {
      ...SAME,
      maxResults: String(size),
      // A sync token refuses a window: what it brings may lie outside.
      ...(cursor === null ? { timeMin: window.from, timeMax: window.to } : { syncToken: cursor }),
      ...(pageToken === null ? {} : { pageToken }),
    },
    asked: { operation: OPERATION, missing: 'CALENDAR_NOT_FOUND', invalid: 'UNEXPECTED_RESPONSE' },
    mostBytes,
  };
  const page = understoodPage(call, { cursor, pageToken }, await client.send(handle, call), now());
  const { nextPageToken, nextSyncToken } = page;
  if (nextPageToken === null && nextSyncToken === null) throw unreadable(OPERATION, 'the page has no token');
  if (nextPageToken !== null && nextPageToken === pageToken) throw unreadable(OPERATION, 'the same page came twice');
  return page;
}

/**
 * The refusal of a token, whatever its words, says to start again in full: 410 speaks of the sync token, and a 400 to
 * a page that was resumed later can only speak of the page's. Should the calendar be gone, that reading will say so.
 */
function understoodPage(
  call: CalendarCall,
  { cursor, pageToken }: Pick<ChangeRequest, 'cursor' | 'pageToken'>,
  answer: HttpAnswer,
  nowMs: number,
): Page {
  try {
    return readPage(call, 'calendar#events', answer, nowMs);
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    const { operation, code, httpStatus: status, providerCode } = error;
    const isRefused = (status === 410 && cursor !== null && code === 'CALENDAR_NOT_FOUND') ||
      (status === 400 && pageToken !== null && code === 'UNEXPECTED_RESPONSE' && providerCode !== null);
    if (!isRefused) throw error;
    throw new ProviderError('CURSOR_EXPIRED', error.message, { operation, status, providerCode, cause: error });
  }
}

/** An event that changed during the reading can be in a page twice. */
function newestOfEach(events: readonly CalendarEvent[]): CalendarEvent[] {
  const byId = new Map<string, CalendarEvent>();
  for (const event of events) {
    const before = byId.get(event.ref.eventId)?.updatedAt;
    const isOlder = before && event.updatedAt && event.updatedAt < before;
    if (!isOlder) byId.set(event.ref.eventId, event);
  }
  return [...byId.values()];
}
