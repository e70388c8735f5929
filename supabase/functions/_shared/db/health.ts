/** What an operator's monitor is told of the whole project. */
import { z } from 'zod';
import type { Rpc } from './rpc.ts';

const health = z.object({
  sealing: z.object({ keyPresent: z.boolean(), keyFits: z.boolean(), fallback: z.boolean() }),
  nudgeConfigured: z.boolean(),
  pauses: z.array(z.object({ scope: z.string() })),
  due: z.number(),
  /** Null where nothing is due. */
  oldestDueSeconds: z.number().nullable(),
  parked: z.number(),
  reconnectRequired: z.number(),
  calendarsFailing: z.number(),
  /** Null where no calendar is followed. */
  mostOverduePollSeconds: z.number().nullable(),
  openMassChanges: z.number(),
  /** Those of our projects at providers that have a quota of their own. */
  projects: z.array(z.object({ leftPercent: z.number(), refusedSeconds: z.number() })),
  workers: z.number(),
});
export type Health = z.output<typeof health>;

/** Counts and seconds; no id of a practice or person. */
export function healthOf(rpc: Rpc): Promise<Health> {
  return rpc('sync_health', {}, health);
}
