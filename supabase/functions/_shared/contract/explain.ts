/** Answer of `explain`: what the export would do about an appointment now, and why. */
import * as z from 'zod/mini';
import { DECISIONS, EXPORT_STATES, SKIP_REASONS, WAITS } from '../vocabulary.ts';
import { errorCode } from './refusal.ts';

const instant = z.nullable(z.string());

export const explanation = z.object({
  decision: z.enum(DECISIONS),
  /** Of `skip`. */
  reason: z.nullable(z.enum(SKIP_REASONS)),
  /** Null where there is nothing to do. */
  waitsFor: z.nullable(z.enum(WAITS)),
  /** Null where no time is known. */
  waitsUntil: instant,
  /** Since when it is to be done. */
  waitsSince: instant,
  exportState: z.enum(EXPORT_STATES),
  /** Failed ones, since it last worked. */
  attempts: z.int(),
  /** Of this appointment, or of its calendar; `message` is for a person, in their language. */
  lastError: z.nullable(z.object({ code: errorCode, message: z.string() })),
  /** The event is as the appointment asks, since then. */
  inStepSince: instant,
  /** The event was changed in the calendar, and differs since then. */
  differsSince: instant,
});
export type Explanation = z.infer<typeof explanation>;
