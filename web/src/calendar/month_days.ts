/** What a month's squares have room for: drawing a thousand entries to hide most of them would cost a second. */
import { addDays } from '../../../supabase/functions/_shared/zoned_time.ts';
import { type Entry, orderOf } from './entry.ts';
import type { Period } from './period.ts';

export interface MonthEntries {
  readonly drawn: readonly Entry[];
  /** How many a day holds beyond what is drawn. */
  readonly more: ReadonlyMap<string, number>;
}

const lastDay = ({ end, allDay }: Entry): string =>
  allDay || end!.endsWith('T00:00') ? addDays(end!.slice(0, 10), -1) : end!.slice(0, 10);

/** What lasts several days is always drawn; the rest of a day as long as there is room, in the order of the clock. */
export function monthEntries(entries: readonly Entry[], { from, until }: Period, room: number): MonthEntries {
  const used = new Map<string, number>();
  const more = new Map<string, number>();
  const drawn: Entry[] = [];
  const single: Entry[] = [];
  const count = (counts: Map<string, number>, day: string) => counts.set(day, (counts.get(day) ?? 0) + 1);
  for (const entry of entries) {
    if (entry.start === null) continue;
    const first = entry.start.slice(0, 10);
    const last = lastDay(entry);
    if (last <= first) {
      single.push(entry);
      continue;
    }
    drawn.push(entry);
    for (let day = first < from ? from : first; day <= last && day < until; day = addDays(day, 1)) count(used, day);
  }
  single.sort((a, b) => monthOrder(a) < monthOrder(b) ? -1 : 1);
  for (const entry of single) {
    const day = entry.start!.slice(0, 10);
    if ((used.get(day) ?? 0) < room) {
      count(used, day);
      drawn.push(entry);
    } else {
      count(more, day);
    }
  }
  return { drawn, more };
}

/** Of two entries of one day, the one that sorts first is above. */
export function monthOrder(entry: Entry): string {
  return `${lastDay(entry) > entry.start!.slice(0, 10) ? 0 : entry.allDay ? 1 : 2} ${orderOf(entry)}`;
}
