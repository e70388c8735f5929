/** When an entry takes place, as a person says it. */
import { addDays } from '../../../supabase/functions/_shared/zoned_time.ts';
import { locale, sayDate } from '../words/i18n.ts';
import type { Entry } from './entry.ts';
import { words } from './words.ts';

const at = (wall: string) => new Date(wall.length === 10 ? `${wall}T00:00:00Z` : `${wall}:00Z`);

const day = new Intl.DateTimeFormat(locale, {
  timeZone: 'UTC',
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
});
const moment = new Intl.DateTimeFormat(locale, {
  timeZone: 'UTC',
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
});

export function whenOf({ start, end, allDay }: Pick<Entry, 'start' | 'end' | 'allDay'>): string {
  if (start === null || end === null) return words.drawer.noDate;
  if (!allDay) return sayDate(moment.formatRange(at(start), at(end)));
  const last = addDays(end, -1);
  const days = start === last ? day.format(at(start)) : day.formatRange(at(start), at(last));
  return `${sayDate(days)} · ${words.drawer.allDay}`;
}

/** The part of it that falls on a day: « 09:00 – 09:30 », with « … » where it began before or goes on after. */
export function hoursOf({ start, end, allDay }: Pick<Entry, 'start' | 'end' | 'allDay'>, day: string): string {
  if (start === null || end === null) return '—';
  if (allDay) return words.agenda.allDay;
  const from = start.slice(0, 10) === day ? start.slice(11) : '…';
  const to = end.slice(0, 10) === day ? end.slice(11) : '…';
  return `${from} – ${to}`;
}
