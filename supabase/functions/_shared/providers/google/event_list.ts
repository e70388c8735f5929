import { MOST_ATTENDEES, readEach, understood } from '../boundary.ts';
import type { ConnectionHandle } from '../port/account.ts';
import { ProviderError } from '../port/failure.ts';
import type { CalendarAccess } from '../port/calendar.ts';
import { calendarEvent, EVENT_FIELDS } from './calendar_event.ts';
import { type CalendarCall, type CalendarClient, eventsPath } from './client.ts';
import { calendarFailure } from './failure.ts';
import { GoogleEvent } from './event_mapping.ts';
import { type PageAsked, pageThatFits } from '../http/page_size.ts';
import { type Page, readPage } from './pages.ts';

const OPERATION = 'List events';
const LARGEST_PAGE = 2500;
/** Where events are heavy. */
const SMALLER_PAGES = [60, 6, 1];

type Listing = Parameters<CalendarAccess['listEvents']>[1];

/** For people to look at: ordered by start, which costs the sync token. */
export async function listEvents(
  client: CalendarClient,
  handle: ConnectionHandle,
  request: Listing,
  now: () => number,
): ReturnType<CalendarAccess['listEvents']> {
  const largest = Math.min(request.pageSize, LARGEST_PAGE);
  const sizes = [largest, ...SMALLER_PAGES.filter((size) => size < largest)];
  const page = await pageThatFits(sizes, request.pageToken, async (asked) => {
    const { entries, nextPageToken } = await readList(client, handle, request, asked, now);
    return { entries, nextToken: nextPageToken };
  });
  const { items, unreadable } = readEach(
    page.entries,
    (entry) => calendarEvent(OPERATION, request.calendarId, understood(OPERATION, GoogleEvent, entry)),
  );
  // Cancelled entries can come up in lists without deleted events.
  const events = items.filter(({ status }) => status !== 'cancelled');
  return { events, unreadable, nextPageToken: page.nextToken };
}

async function readList(
  client: CalendarClient,
  handle: ConnectionHandle,
  { calendarId, window }: Listing,
  { size, token: pageToken, mostBytes }: PageAsked,
  now: () => number,
): Promise<Page> {
  const call: CalendarCall = {
    method: 'GET',
    path: eventsPath(calendarId),
    query: {
      singleEvents: 'true',
      orderBy: 'startTime',
      timeMin: window.from,
      timeMax: window.to,
      maxResults: String(size),
      maxAttendees: String(MOST_ATTENDEES),
      prettyPrint: 'false',
      fields: `kind,nextPageToken,items(${EVENT_FIELDS})`,
      ...(pageToken === null ? {} : { pageToken }),
    },
    asked: { operation: OPERATION, missing: 'CALENDAR_NOT_FOUND', invalid: 'UNEXPECTED_RESPONSE' },
    mostBytes,
  };
  const answer = await client.send(handle, call);
  if (answer.status === 400 && pageToken !== null) throw tokenRefused(calendarFailure(call.asked, answer, now()));
  return readPage(call, 'calendar#events', answer, now());
}

/** The page token is the one thing in the request that comes from outside as it is. */
function tokenRefused(failure: ProviderError): ProviderError {
  const { operation, providerCode } = failure;
  return new ProviderError('INVALID_REQUEST', failure.message, { operation, status: 400, providerCode });
}
