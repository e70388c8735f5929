/** Requests and answers of the sync routes. */
import * as z from 'zod/mini';
import { errorCode } from './refusal.ts';

const instant = z.iso.datetime({ offset: true });

/** `POST sync-now`: appointments from now on where neither is given, and whatever waits. */
export const syncRequest = z.strictObject({ from: z.optional(instant), to: z.optional(instant) }).check(
  z.refine(({ from, to }) => !from || !to || Date.parse(from) < Date.parse(to), {
    path: ['to'],
    message: 'not after from',
  }),
);

/** `POST retry`: all that have failed where none is named. */
export const retryRequest = z.strictObject({
  rdvIds: z.optional(z.array(z.guid()).check(z.minLength(1), z.maxLength(500))),
});

/** Answer of `sync-now` and `retry`. */
export const syncSummary = z.object({
  created: z.int(),
  updated: z.int(),
  deleted: z.int(),
  skipped: z.int(),
  failed: z.int(),
  /** Goes on by itself. */
  remaining: z.int(),
  /** `reason` is for a person, in their language. */
  failures: z.array(z.object({ rdvId: z.string(), reason: z.string(), code: z.nullable(errorCode) })),
});
export type SyncSummary = z.infer<typeof syncSummary>;

/** Answer to a nudge of the database: the work is done after it. */
export const accepted = z.object({});
