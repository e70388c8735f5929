/** Answer of `conflicts/:id/resolve`. */
import * as z from 'zod/mini';

export const conflictActions = ['keep_cassius', 'keep_calendar', 'duplicate', 'ignore'] as const;
export type ConflictAction = typeof conflictActions[number];

export const conflictResolution = z.object({
  status: z.enum(['resolved', 'ignored']),
  resolution: z.nullable(z.string()),
});
export type ConflictResolution = z.infer<typeof conflictResolution>;
