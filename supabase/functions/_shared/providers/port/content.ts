/**
 * What of an event is ours: the one list of its fields. The engine compares field by field, the database's rows are read
 * by these schemas, and each adapter says how its provider keeps them.
 */
import { z } from 'zod';
import { AVAILABILITIES, VISIBILITIES } from '../../vocabulary.ts';

/** An instant as an ISO 8601 string in UTC with milliseconds: `2026-11-21T08:00:00.000Z`. */
export type Instant = string;
/** A calendar day, `YYYY-MM-DD`. */
export type Day = string;

export const timeShape = z.discriminatedUnion('kind', [
  /** The zone is for display, and not every provider keeps it: `normalize` says which one comes back. */
  z.object({ kind: z.literal('timed'), startsAt: z.string(), endsAt: z.string(), timeZone: z.string() }),
  /** `endDay` is exclusive. */
  z.object({ kind: z.literal('all_day'), startDay: z.string(), endDay: z.string() }),
]);
export type EventTime = Readonly<z.infer<typeof timeShape>>;

/** The fields that we own in an event. Nothing else is ever written. */
export const contentShape = z.object({
  title: z.string(),
  /** Plain text with `\n` line ends. */
  description: z.string(),
  location: z.string(),
  time: timeShape,
  availability: z.enum(AVAILABILITIES),
  visibility: z.enum(VISIBILITIES),
});
export type EventContent = Readonly<Omit<z.infer<typeof contentShape>, 'time'>> & { readonly time: EventTime };
export type ContentField = keyof EventContent;

export const CONTENT_FIELDS = Object.keys(contentShape.shape) as readonly ContentField[];
