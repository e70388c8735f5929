/** Which days a view shows, and what it is called. Days are `YYYY-MM-DD`; a week begins on Monday. */
import { addDays } from '../../../supabase/functions/_shared/zoned_time.ts';
import type { View } from './calendar_address.ts';

export interface Period {
  readonly from: string;
  /** Exclusive. */
  readonly until: string;
}

const AGENDA_DAYS = 14;

const atMidnight = (day: string) => new Date(`${day}T00:00:00Z`);
const monday = (day: string) => addDays(day, -((atMidnight(day).getUTCDay() + 6) % 7));

/** The day's month, moved by whole months. */
function firstOfMonth(day: string, months = 0): string {
  const date = atMidnight(day);
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1)).toISOString().slice(0, 10);
}

/** Every day that is drawn, the neighbours of a month included. */
export function periodOf(view: View, day: string): Period {
  if (view === 'day') return { from: day, until: addDays(day, 1) };
  if (view === 'agenda') return { from: day, until: addDays(day, AGENDA_DAYS) };
  if (view === 'week') return { from: monday(day), until: addDays(monday(day), 7) };
  return { from: monday(firstOfMonth(day)), until: addDays(monday(addDays(firstOfMonth(day, 1), -1)), 7) };
}

/** The same day of another month, or its last one where it has no such day. */
export function inMonth(day: string, months: number): string {
  const first = firstOfMonth(day, months);
  const same = addDays(first, Number(day.slice(8)) - 1);
  return same.slice(0, 7) === first.slice(0, 7) ? same : addDays(firstOfMonth(first, 1), -1);
}

/** That day in each of the months around its own, `first` months from there on. */
export function monthsFrom(day: string, first: number, count: number): string[] {
  return Array.from({ length: count }, (_, month) => inMonth(day, first + month));
}

/** The same view, one step before or after. */
export function stepped(view: View, day: string, step: 1 | -1): string {
  if (view === 'month') return firstOfMonth(day, step);
  return addDays(day, step * { day: 1, week: 7, agenda: AGENDA_DAYS }[view]);
}

/** @param short for where there is little room */
export function periodTitle(view: View, day: string, locale: string, short = false): string {
  const format = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(locale, { timeZone: 'UTC', ...options });
  const month = short ? 'short' : 'long';
  if (view === 'month') return format({ month, year: 'numeric' }).format(atMidnight(day));
  if (view === 'day') {
    return format({ weekday: 'short', day: 'numeric', month, ...!short && { year: 'numeric' } }).format(
      atMidnight(day),
    );
  }
  const { from, until } = periodOf(view, day);
  return format({ day: 'numeric', month, ...!short && { year: 'numeric' } })
    .formatRange(atMidnight(from), atMidnight(addDays(until, -1)));
}
