import { z } from 'zod';
import type { ConnectionHandle } from '../port/account.ts';
import type { CalendarEvent, SoughtPlace } from '../port/calendar.ts';
import { ForeignId, onlyEvent } from '../boundary.ts';
import { nearestOccurrence, SEARCH } from '../nearest_occurrence.ts';
import { calendarEvent, EVENT_FIELDS } from './calendar_event.ts';
import { type CalendarCall, type CalendarClient, eventsPath } from './client.ts';
import { GoogleEvent } from './event_mapping.ts';
import { readEvent } from './event_reads.ts';
import type { Asked } from './failure.ts';
import { allPages } from './pages.ts';

const FIND: Asked = { operation: 'Find an occurrence', missing: 'EVENT_NOT_FOUND', invalid: 'UNEXPECTED_RESPONSE' };

const Start = z.object({ date: z.string().nullish(), dateTime: z.string().nullish() });
const Shown = z.object({ id: ForeignId, status: z.string().nullish(), start: Start.nullish() });

/** @see https://developers.google.com/workspace/calendar/api/v3/reference/events/instances */
export async function occurrence(
  client: CalendarClient,
  handle: ConnectionHandle,
  calendarId: string,
  place: SoughtPlace,
  now: () => number,
): Promise<CalendarEvent | null> {
  const { seriesId, at } = place;
  const series = await readEvent(client, handle, { calendarId, eventId: seriesId }, now);
  if (!series?.repeats || series.status === 'cancelled') return series?.status === 'cancelled' ? null : series;
  const instances = (query: CalendarCall['query']): CalendarCall => ({
    method: 'GET',
    path: `${eventsPath(calendarId, seriesId)}/instances`,
    query,
    asked: FIND,
  });
  // A cancelled one is in its place still.
  const [there] = await allPages(
    client,
    handle,
    'calendar#events',
    z.unknown(),
    now,
    instances({
      originalStart: at,
      showDeleted: 'true',
      fields: `kind,nextPageToken,items(${EVENT_FIELDS})`,
    }),
  );
  if (there !== undefined) {
    return calendarEvent(FIND.operation, calendarId, onlyEvent(FIND.operation, GoogleEvent, there, 200));
  }
  const found = await allPages(
    client,
    handle,
    'calendar#events',
    Shown,
    now,
    instances({
      timeMin: new Date(Date.parse(at) - SEARCH.before).toISOString(),
      timeMax: new Date(Date.parse(at) + SEARCH.after).toISOString(),
      maxResults: '2500',
      fields: 'kind,nextPageToken,items(id,status,start)',
    }),
  );
  const living = found.filter(({ status }) => status !== 'cancelled').flatMap(({ id, start }) => {
    const begins = start?.dateTime ?? start?.date;
    return begins ? [{ occurrence: id, start: begins }] : [];
  });
  const eventId = nearestOccurrence(living, place);
  return eventId === null ? null : await readEvent(client, handle, { calendarId, eventId }, now);
}
