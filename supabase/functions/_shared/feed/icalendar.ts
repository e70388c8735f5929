/**
 * A practitioner's appointments as iCalendar (RFC 5545): what a connected calendar would show, at the level of detail that
 * they chose. The same appointments always make the same text.
 */
import ical, { ICalEventClass, ICalEventTransparency } from 'ical-generator';
import type { Feed } from '../db/feeds.ts';
import { SyncError } from '../errors.ts';
import type { EventContent } from '../providers/port/content.ts';
import { eventContent } from '../sync/shared/event_content.ts';

/** How often a program is asked to look again. */
const INTERVAL_SECONDS = 15 * 60;

/** Null where its times make no event. */
function contentOf({ id, rdv }: Feed['appointments'][number], feed: Feed, appBaseUrl: string): EventContent | null {
  try {
    const { organisation, eventDetail: detail } = feed;
    return eventContent(rdv, { rdvId: id, detail, organisation, appBaseUrl });
  } catch (error) {
    if (error instanceof SyncError && error.code === 'INVALID_EVENT') return null;
    throw error;
  }
}

/** As RFC 5545 lets text be (§3.3.11): no control characters but the ends of lines and the tab. */
function plain(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.replace(/\r\n?/g, '\n').replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, '');
}

/** Times are written in UTC, which needs no definition of a zone. No name of a person or practice is in its head. */
export function icalendar(feed: Feed, appBaseUrl: string): string {
  const calendar = ical({
    prodId: { company: 'Cassius', product: 'Cassius Calendar' },
    name: 'Cassius',
    ttl: INTERVAL_SECONDS,
  });
  for (const appointment of feed.appointments) {
    const content = contentOf(appointment, feed, appBaseUrl);
    if (content === null || content.time.kind !== 'timed') continue;
    const changedAt = new Date(appointment.changedAt);
    calendar.createEvent({
      id: `${appointment.id}@cassius`,
      start: new Date(content.time.startsAt),
      end: new Date(content.time.endsAt),
      // Not the time of the answer: what has not changed reads the same.
      stamp: changedAt,
      lastModified: changedAt,
      summary: plain(content.title),
      description: plain(content.description),
      ...content.location === '' ? {} : { location: plain(content.location) },
      class: ICalEventClass.PRIVATE,
      transparency: ICalEventTransparency.OPAQUE,
    });
  }
  return calendar.toString();
}
