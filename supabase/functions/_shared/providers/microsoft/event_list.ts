import { readEach, understood } from '../boundary.ts';
import type { ConnectionHandle } from '../port/account.ts';
import type { CalendarAccess } from '../port/calendar.ts';
import { ProviderError } from '../port/failure.ts';
import { type PageAsked, pageThatFits } from '../http/page_size.ts';
import { calendarPath, type GraphCall, type GraphClient } from './client.ts';
import { calendarEvent, GraphEvent } from './event_mapping.ts';
import { EXPAND_MARK } from './extended_properties.ts';
import { type Asked, graphFailure } from './failure.ts';
import { type Page, readPage } from './pages.ts';

const LIST: Asked = {
  operation: 'List events',
  missing: 'CALENDAR_NOT_FOUND',
  invalid: 'UNEXPECTED_RESPONSE',
  denied: 'PERMISSION_DENIED',
};
const LARGEST_PAGE = 999;
/** Where events are heavy. */
const SMALLER_PAGES = [100, 10, 1];

type Listing = Parameters<CalendarAccess['listEvents']>[1];

export async function listEvents(
  client: GraphClient,
  handle: ConnectionHandle,
  request: Listing,
  now: () => number,
): ReturnType<CalendarAccess['listEvents']> {
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
