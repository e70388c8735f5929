/** Answers of `conflicts/:id/resolve` and `conflicts/:id/undo`. */
import * as z from 'zod/mini';
import { CONFLICT_RESOLUTIONS } from '../vocabulary.ts';

export const conflictResolution = z.object({
  status: z.enum(['resolved', 'ignored']),
  resolution: z.nullable(z.enum(CONFLICT_RESOLUTIONS)),
});
export type ConflictResolution = z.infer<typeof conflictResolution>;

/** The question is asked again. */
export const conflictUndone = z.object({ status: z.literal('open') });
export type ConflictUndone = z.infer<typeof conflictUndone>;
