/** The days that an import covers, on the practice's calendar. */
import type { IntegrationSettings } from '../backend/api.ts';
import { addDays, isDay, wallToInstant } from '../../../supabase/functions/_shared/zoned_time.ts';

export type ImportRange = IntegrationSettings['import_range_default'];

export interface Days {
  readonly from: string;
  /** The last day, included. */
  readonly to: string;
}

const LONGEST = 366;

/** What a named range covers today; `custom` is for the person to say. */
export function daysOf(range: Exclude<ImportRange, 'custom'>, today: string): Days {
  if (range === 'month') {
    const first = `${today.slice(0, 8)}01`;
    const next = addDays(first, 32);
    return { from: first, to: addDays(`${next.slice(0, 8)}01`, -1) };
  }
  return { from: today, to: addDays(today, range === '7d' ? 6 : 29) };
}

export type WindowFault = 'incomplete' | 'order' | 'long';

export function faultOf({ from, to }: Days): WindowFault | null {
  if (!isDay(from) || !isDay(to)) return 'incomplete';
  if (to < from) return 'order';
  return addDays(from, LONGEST) <= to ? 'long' : null;
}

/** From the first midnight to the one after the last day. */
export function instantsOf({ from, to }: Days, zone: string): { timeMin: string; timeMax: string } {
  return { timeMin: wallToInstant(`${from}T00:00`, zone), timeMax: wallToInstant(`${addDays(to, 1)}T00:00`, zone) };
}
