/** Request and answer of `conflicts/:id/resolve`. */
import * as z from 'zod/mini';
import { CONFLICT_ACTIONS, CONFLICT_RESOLUTIONS } from '../vocabulary.ts';

/** `keep_calendar` is also known under the provider's own name. */
export function resolveRequest<Provider extends string>(provider: Provider) {
  return z.strictObject({
    action: z.enum([...CONFLICT_ACTIONS, `keep_${provider}` as const]),
    /** `updated_at` of the conflict that the person saw. */
    seen: z.optional(z.iso.datetime({ offset: true })),
  });
}

export const conflictResolution = z.object({
  status: z.enum(['resolved', 'ignored']),
  resolution: z.nullable(z.enum(CONFLICT_RESOLUTIONS)),
});
export type ConflictResolution = z.infer<typeof conflictResolution>;
