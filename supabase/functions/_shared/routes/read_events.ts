/** The events of a calendar, for the person whose calendar it is to look at. Nothing of them is stored. */
import type { EventPage, ReadEvent } from '../contract/events.ts';
import type { EventsRequest } from '../contract/requests.ts';
import type { Member } from '../http/authentication.ts';
import type { Context } from '../http/route.ts';
import type { SyncError } from '../errors.ts';
import type { CalendarEvent } from '../providers/port/calendar.ts';
import { ProviderError } from '../providers/port/failure.ts';
import { accountOf, checkCalendar, type Importing } from './importing.ts';

/** What one answer may take; the rest is behind its `nextPageToken`. */
const MAX_EVENTS = 5000;
const MAX_CHARACTERS = 4_000_000;
const DEADLINE_MS = 20_000;
/** Of a guest, about. */
const GUEST_CHARACTERS = 150;

function shown(event: CalendarEvent): ReadEvent {
  const { ref, status, kind, content, updatedAt, url, attendees, ownResponse, seriesId } = event;
  const time = content?.time;
  return {
    id: ref.eventId,
    status,
    kind,
    summary: content?.title ?? null,
    description: content?.description ?? null,
    location: content?.location ?? null,
    start: time?.kind === 'timed' ? time.startsAt : time?.startDay ?? null,
    end: time?.kind === 'timed' ? time.endsAt : time?.endDay ?? null,
    allDay: time?.kind === 'all_day',
    timeZone: time?.kind === 'timed' ? time.timeZone : null,
    availability: content?.availability ?? null,
    visibility: content?.visibility ?? null,
    attendees,
    ownResponse,
    seriesId,
    url,
    updatedAt,
  };
}

/** Of an event that is gone, nothing but that is known. */
const gone = (id: string): ReadEvent => ({
  id,
  status: 'cancelled',
  kind: 'other',
  summary: null,
  description: null,
  location: null,
  start: null,
  end: null,
  allDay: false,
  timeZone: null,
  availability: null,
  visibility: null,
  attendees: [],
  ownResponse: null,
  seriesId: null,
  url: null,
  updatedAt: null,
});

/** A reading since a token has no window; the port asks for one all the same. */
const ANY_TIME = '1970-01-01T00:00:00.000Z';

const byStart = (a: ReadEvent, b: ReadEvent) => Date.parse(a.start ?? '') - Date.parse(b.start ?? '');

/**
 * @throws {SyncError} `CURSOR_EXPIRED` (the sync token is dead, or is none), `INVALID_REQUEST` (the page token is none),
 *   `NOT_CONNECTED`, `NEED_RECONSENT`, `CALENDAR_NOT_FOUND`, and what the provider refuses with
 */
export async function readEvents(
  deps: Importing,
  member: Member,
  query: EventsRequest,
  trace: Pick<Context, 'step' | 'note'>,
): Promise<EventPage> {
  const { calendar } = deps;
  const { calendarId, timeMin: from = ANY_TIME, timeMax: to = ANY_TIME, syncToken: cursor = null } = query;
  const { integration, handle } = await accountOf(deps, member);
  trace.step('find_calendar');
  await checkCalendar(calendar, handle, calendarId);
  trace.step('read_events');
  const deadlineAt = deps.now() + DEADLINE_MS;
  const events: ReadEvent[] = [];
  let pageToken = query.pageToken ?? null;
  let nextSyncToken: string | null = null;
  let characters = 0;
  let unreadable = 0;
  do {
    const request = { calendarId, window: { from, to }, cursor, pageToken };
    const page = await calendar.pullChanges(handle, request).catch((error) => {
      throw tokenRefused(error, request) ?? error;
    });
    for (const event of page.events) {
      const cancelled = event.status === 'cancelled';
      if (!cancelled) events.push(shown(event));
      else if (cursor !== null) events.push(gone(event.ref.eventId));
      characters += (event.content?.description.length ?? 0) + event.attendees.length * GUEST_CHARACTERS;
    }
    if (cursor !== null) events.push(...page.removed.map(gone));
    unreadable += page.unreadable.length;
    if ('cursor' in page.next) nextSyncToken = page.next.cursor;
    pageToken = 'pageToken' in page.next ? page.next.pageToken : null;
  } while (
    pageToken !== null && events.length < MAX_EVENTS && characters < MAX_CHARACTERS && deps.now() < deadlineAt
  );
  if (cursor === null) events.sort(byStart);
  trace.note({ integration: integration.integrationId, events: events.length, unreadable, from, to });
  return { events, nextPageToken: pageToken, nextSyncToken };
}

/**
 * Tokens are the one thing in the request that comes from outside as it is: what the provider calls malformed is one of them. The
 * calendar is in the account's list: what is missing beside a sync token is what that token stood for.
 */
function tokenRefused(
  error: unknown,
  { cursor, pageToken }: { readonly cursor: string | null; readonly pageToken: string | null },
): SyncError | null {
  if (!(error instanceof ProviderError) || (cursor === null && pageToken === null)) return null;
  const missing = cursor !== null && error.code === 'CALENDAR_NOT_FOUND';
  if (error.code !== 'CURSOR_EXPIRED' && error.httpStatus !== 400 && !missing) return null;
  const code = cursor === null ? 'INVALID_REQUEST' : 'CURSOR_EXPIRED';
  const { operation, httpStatus: status, providerCode } = error;
  return new ProviderError(code, 'Read events: the token is not accepted', { operation, status, providerCode });
}
