/** Answer of `events`: a calendar as it is, for the person whose calendar it is. */
import * as z from 'zod/mini';
import { AVAILABILITIES, EVENT_KINDS, EVENT_STATUSES, RESPONSES, VISIBILITIES } from '../vocabulary.ts';

const text = z.nullable(z.string());

const response = z.enum(RESPONSES);

/**
 * Recurring events come as their single occurrences. What a private or a cancelled event does not tell is null. A cancelled one
 * comes beside a `syncToken` only: it ends the event of that id and, of a series, each occurrence that does not come anew in the
 * same reading.
 */
export const readEvent = z.object({
  id: z.string(),
  status: z.enum(EVENT_STATUSES),
  kind: z.enum(EVENT_KINDS),
  summary: text,
  description: text,
  location: text,
  /** An instant in UTC; of whole days `YYYY-MM-DD`, the end exclusive. */
  start: text,
  end: text,
  allDay: z.boolean(),
  timeZone: text,
  availability: z.nullable(z.enum(AVAILABILITIES)),
  visibility: z.nullable(z.enum(VISIBILITIES)),
  attendees: z.readonly(z.array(z.object({
    email: text,
    name: text,
    response,
    organizer: z.boolean(),
    self: z.boolean(),
  }))),
  /** What the calendar's owner answered; null where they were not asked. */
  ownResponse: z.nullable(response),
  /** Occurrences of one series share it. */
  seriesId: text,
  url: text,
  updatedAt: text,
});
export type ReadEvent = z.infer<typeof readEvent>;

export const eventPage = z.object({
  /** By start, as far as this answer goes; beside a `syncToken` in no order. */
  events: z.array(readEvent),
  nextPageToken: text,
  /** With the last page: what comes later is read from here. */
  nextSyncToken: text,
});
export type EventPage = z.infer<typeof eventPage>;
