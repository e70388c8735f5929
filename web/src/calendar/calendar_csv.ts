/** What the calendar shows, as rows of a table: dates and times are the practice's own. */
import { type Entry, entryName, orderOf } from './entry.ts';
import { patientName } from './rows.ts';
import { words } from './words.ts';

const parts = (wall: string | null): [date: string, time: string] =>
  wall === null ? ['', ''] : [wall.slice(0, 10), wall.slice(11)];

function row(entry: Entry): string[] {
  const times = [...parts(entry.start), ...parts(entry.end)];
  const who = entry.person?.name ?? '';
  if (entry.kind === 'event') {
    const { location, status } = entry.event;
    return [...times, '', who, entryName(entry) ?? words.grid.busy, '', location ?? '', words.status[status]];
  }
  const { type, act, location, status } = entry.appointment;
  return [
    ...times,
    patientName(entry.appointment) ?? '',
    who,
    type,
    act ?? '',
    location ?? '',
    words.status[status],
  ];
}

/** Headings first; then by the clock, and by the order of the people. */
export function calendarRows(entries: readonly Entry[]): ReadonlyArray<readonly string[]> {
  const sorted = entries.map((entry) => ({ entry, order: orderOf(entry) }))
    .sort((a, b) => a.order < b.order ? -1 : 1);
  return [words.csv.columns, ...sorted.map(({ entry }) => row(entry))];
}
