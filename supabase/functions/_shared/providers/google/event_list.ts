import { type CalendarEvent, type ConnectionHandle, ProviderError, type ReadWindow } from '../calendar_provider.ts';
import { calendarEvent, EVENT_FIELDS, MOST_ATTENDEES } from './calendar_event.ts';
import { type CalendarCall, type CalendarClient, eventsPath } from './calendar_client.ts';
import { calendarFailure } from './calendar_failure.ts';
import { GoogleEvent } from './event_mapping.ts';
import { readPage } from './pages.ts';

const OPERATION = 'List events';
const LARGEST_PAGE = 2500;

/** For people to look at: ordered by start, which costs the sync token. */
export async function listEvents(
  client: CalendarClient,
  handle: ConnectionHandle,
  request: { calendarId: string; window: ReadWindow; pageToken: string | null; pageSize: number },
  now: () => number,
): Promise<{ events: CalendarEvent[]; nextPageToken: string | null }> {
  const { calendarId, window, pageToken, pageSize } = request;
  const call: CalendarCall = {
    method: 'GET',
    path: eventsPath(calendarId),
    query: {
      singleEvents: 'true',
      orderBy: 'startTime',
      timeMin: window.from,
      timeMax: window.to,
      maxResults: String(Math.min(pageSize, LARGEST_PAGE)),
      maxAttendees: String(MOST_ATTENDEES),
      prettyPrint: 'false',
      fields: `kind,nextPageToken,items(${EVENT_FIELDS})`,
      ...(pageToken === null ? {} : { pageToken }),
    },
    asked: { operation: OPERATION, missing: 'CALENDAR_NOT_FOUND', invalid: 'UNEXPECTED_RESPONSE' },
  };
  const answer = await client.send(handle, call);
  if (answer.status === 400 && pageToken !== null) throw tokenRefused(calendarFailure(call.asked, answer, now()));
  const page = readPage(call, 'calendar#events', GoogleEvent, answer, now());
  return {
    // Cancelled entries can come up in lists without deleted events.
    events: page.items.filter(({ status }) => status !== 'cancelled')
      .map((event) => calendarEvent(OPERATION, calendarId, event)),
    nextPageToken: page.nextPageToken,
  };
}

/** The page token is the one thing in the request that comes from outside as it is. */
function tokenRefused(failure: ProviderError): ProviderError {
  const { operation, providerCode } = failure;
  return new ProviderError('INVALID_REQUEST', failure.message, { operation, status: 400, providerCode });
}
