/** The events of a calendar, for the person whose calendar it is to look at. Nothing of them is stored. */
import type { EventPage, ReadEvent } from '../contract/events.ts';
import type { EventsRequest } from '../contract/requests.ts';
import type { Member } from '../http/authentication.ts';
import type { Context } from '../http/route.ts';
import type { CalendarEvent } from '../providers/port/calendar.ts';
import { accountOf, checkCalendar, type Importing } from './importing.ts';

const PAGE_SIZE = 2500;
/** What one answer may take; the rest is behind its `nextPageToken`. */
const MAX_EVENTS = 5000;
const MAX_CHARACTERS = 4_000_000;
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

export async function readEvents(
  deps: Importing,
  member: Member,
  query: EventsRequest,
  trace: Pick<Context, 'step' | 'note'>,
): Promise<EventPage> {
  const { calendar } = deps;
  const { calendarId, timeMin: from, timeMax: to } = query;
  const { integration, handle } = await accountOf(deps, member);
  trace.step('find_calendar');
  await checkCalendar(calendar, handle, calendarId);
  trace.step('read_events');
  const events: ReadEvent[] = [];
  let pageToken = query.pageToken ?? null;
  let characters = 0;
  let unreadable = 0;
  do {
    const page = await calendar.listEvents(handle, {
      calendarId,
      window: { from, to },
      pageToken,
      pageSize: PAGE_SIZE,
    });
    for (const event of page.events) {
      events.push(shown(event));
      characters += (event.content?.description.length ?? 0) + event.attendees.length * GUEST_CHARACTERS;
    }
    unreadable += page.unreadable.length;
    pageToken = page.nextPageToken;
  } while (pageToken !== null && events.length < MAX_EVENTS && characters < MAX_CHARACTERS);
  trace.note({ integration: integration.integrationId, events: events.length, unreadable, from, to });
  return { events, nextPageToken: pageToken };
}
