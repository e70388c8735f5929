/** An event's content as the database keeps it: `EventContent` of the provider port. */
import { z } from 'zod';
import { AVAILABILITIES, VISIBILITIES } from '../vocabulary.ts';

export const eventTime = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('timed'), startsAt: z.string(), endsAt: z.string(), timeZone: z.string() }),
  z.object({ kind: z.literal('all_day'), startDay: z.string(), endDay: z.string() }),
]);

export const content = z.object({
  title: z.string(),
  description: z.string(),
  location: z.string(),
  time: eventTime,
  availability: z.enum(AVAILABILITIES),
  visibility: z.enum(VISIBILITIES),
});
