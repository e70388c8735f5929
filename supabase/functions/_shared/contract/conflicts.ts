/** Answer of `conflicts/:id/resolve`. */
import * as z from 'zod/mini';
import { CONFLICT_RESOLUTIONS } from '../vocabulary.ts';

export const conflictResolution = z.object({
  status: z.enum(['resolved', 'ignored']),
  resolution: z.nullable(z.enum(CONFLICT_RESOLUTIONS)),
});
export type ConflictResolution = z.infer<typeof conflictResolution>;
