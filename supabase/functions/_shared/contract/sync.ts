/** Answers of the sync routes. */
import * as z from 'zod/mini';
import { errorCode } from './refusal.ts';

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
