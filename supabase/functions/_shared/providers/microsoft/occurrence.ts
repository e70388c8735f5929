import type { ConnectionHandle } from '../port/account.ts';
import type { CalendarEvent, SoughtPlace } from '../port/calendar.ts';
import { nearestOccurrence, SEARCH } from '../nearest_occurrence.ts';
import { eventPath, type GraphClient } from './client.ts';
import { GraphEvent, placeOf } from './event_mapping.ts';
import { readEvent } from './event_reads.ts';
import type { Asked } from './failure.ts';
import { allPages } from './pages.ts';

const FIND: Asked = {
  operation: 'Find an occurrence',
  missing: 'EVENT_NOT_FOUND',
  invalid: 'UNEXPECTED_RESPONSE',
  denied: 'PERMISSION_DENIED',
};

const Shown = GraphEvent.pick({ id: true, start: true, isAllDay: true, originalStart: true });

/**
 * Graph lists no deleted occurrence: where the series begins at that time and has no occurrence there, it was deleted.
 *
 * @see https://learn.microsoft.com/en-us/graph/api/event-list-instances
 */
export async function occurrence(
  client: GraphClient,
  handle: ConnectionHandle,
  calendarId: string,
  place: SoughtPlace,
  now: () => number,
): Promise<CalendarEvent | null> {
  const { seriesId, at } = place;
  const series = await readEvent(client, handle, { calendarId, eventId: seriesId }, now);
  if (!series?.repeats) return series;
  const found = await allPages(client, handle, Shown, now, {
    method: 'GET',
    path: `${eventPath(seriesId)}/instances`,
    query: {
      startDateTime: new Date(Date.parse(at) - SEARCH.before).toISOString(),
      endDateTime: new Date(Date.parse(at) + SEARCH.after).toISOString(),
      '$select': 'id,start,isAllDay,originalStart',
      '$top': '999',
    },
    asked: FIND,
  });
  const { content } = series;
  const first = content?.time.kind === 'timed' ? content.time.startsAt : content?.time.startDay ?? at;
  const instances = found.flatMap((one) => {
    const start = placeOf({ ...one, originalStart: null });
    return start ? [{ occurrence: one.id, start, belongs: placeOf(one) }] : [];
  });
  const there = instances.find(({ belongs }) => belongs !== null && Date.parse(belongs) === Date.parse(at));
  const isDeleted = Date.parse(first) === Date.parse(at);
  const eventId = there?.occurrence ?? (isDeleted ? null : nearestOccurrence(instances, place));
  return eventId === null ? null : await readEvent(client, handle, { calendarId, eventId }, now);
}
