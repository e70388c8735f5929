/** What a subscription address shows. */
import { z } from 'zod';
import { EVENT_DETAILS, LANGUAGES } from '../vocabulary.ts';
import { appointmentShape } from '../sync/shared/appointment.ts';
import type { Rpc } from './rpc.ts';

const feed = z.object({
  eventDetail: z.enum(EVENT_DETAILS),
  organisation: z.object({
    timezone: z.string(),
    titleTemplate: z.string(),
    language: z.enum(LANGUAGES),
    defaultDurationMinutes: z.number(),
  }),
  appointments: z.array(z.object({
    id: z.guid(),
    /** When anything that it shows was changed last. */
    changedAt: z.string(),
    rdv: appointmentShape,
  })),
});
export type Feed = z.infer<typeof feed>;

/** Null for an address that was never made, or has ended. */
export function readFeed(rpc: Rpc, secretHash: string): Promise<Feed | null> {
  return rpc('read_feed', { p_secret_hash: secretHash }, feed.nullable());
}
