/** Answer of `sync-now` and `retry`. */
import * as z from 'zod/mini';

export const syncSummary = z.object({
  created: z.number(),
  updated: z.number(),
  deleted: z.number(),
  skipped: z.number(),
  failed: z.number(),
  /** Goes on by itself. */
  remaining: z.number(),
  failures: z.array(z.object({ rdvId: z.string(), reason: z.string(), code: z.nullable(z.string()) })),
});
export type SyncSummary = z.infer<typeof syncSummary>;
