/** A meeting as a page of a reading brings it to the database. */
import { contentShape, type EventContent } from '../supabase/functions/_shared/providers/port/content.ts';
import type { StagedEvent } from '../supabase/functions/_shared/sync/inbound/port.ts';

/** `startsAt`: milliseconds. */
export function stagedMeeting(
  { eventId, etag, title, startsAt, minutes, availability }: {
    readonly eventId: string;
    readonly etag: string;
    readonly title: string;
    readonly startsAt: number;
    readonly minutes: number;
    readonly availability: EventContent['availability'];
  },
): StagedEvent {
  return {
    eventId,
    etag,
    status: 'confirmed',
    kind: 'appointment',
    content: contentShape.parse({
      title,
      description: 'Ordre du jour',
      location: 'Salle 2',
      availability,
      visibility: 'normal',
      time: {
        kind: 'timed',
        startsAt: new Date(startsAt).toISOString(),
        endsAt: new Date(startsAt + minutes * 60_000).toISOString(),
        timeZone: 'Europe/Paris',
      },
    }),
    marker: null,
    updatedAt: new Date().toISOString(),
    url: null,
    attendees: [],
    ownResponse: null,
    seriesId: null,
  };
}
