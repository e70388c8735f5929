/** Entries under the days that they touch. */
import { addDays } from '../../../supabase/functions/_shared/zoned_time.ts';
import { type Entry, orderOf } from './entry.ts';
import type { Period } from './period.ts';

/** Under each of its days, in the order of the clock; the undated ones come first, under ''. */
export function byDay(entries: readonly Entry[], { from, until }: Period): Array<[day: string, entries: Entry[]]> {
  const days = new Map<string, Entry[]>();
  const put = (day: string, entry: Entry) => {
    const list = days.get(day);
    if (list === undefined) days.set(day, [entry]);
    else list.push(entry);
  };
  for (const entry of entries) {
    if (entry.start === null || entry.end === null) {
      put('', entry);
      continue;
    }
    const first = entry.start.slice(0, 10);
    // The end is exclusive: midnight belongs to the day before.
    const last = entry.allDay || entry.end.endsWith('T00:00')
      ? addDays(entry.end.slice(0, 10), -1)
      : entry.end.slice(0, 10);
    for (let day = first < from ? from : first; day <= last && day < until; day = addDays(day, 1)) put(day, entry);
  }
  const order = (entry: Entry) => `${entry.allDay ? 0 : 1} ${orderOf(entry)}`;
  for (const list of days.values()) list.sort((a, b) => order(a) < order(b) ? -1 : 1);
  return [...days].sort(([a], [b]) => a < b ? -1 : 1);
}
