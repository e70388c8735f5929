/** When a job of the pg_cron stand-in is due. Times are GMT, as in the real one. */

export type Schedule =
  | { readonly kind: 'seconds'; readonly every: number }
  | { readonly kind: 'calendar'; due(minute: Date): boolean };

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const NICKNAMES: Record<string, string> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

/** Reads `N seconds`, five cron fields (more are not looked at), or a nickname such as `@daily`; the database refused anything else when the job was made. */
export function parseSchedule(text: string): Schedule {
  const schedule = text.trim().toLowerCase();
  const [, seconds] = schedule.match(/^(\d{1,2})\s+seconds?$/) ?? [];
  if (seconds !== undefined) return { kind: 'seconds', every: Number(seconds) };
  const fields = (NICKNAMES[schedule] ?? schedule).split(/\s+/);
  const [minute, hour, day, month, weekday] = fields;
  if (!minute || !hour || !day || !month || !weekday) {
    throw new Error(`Cannot read the schedule: ${text}`);
  }
  const minutes = values(minute, 0, 59);
  const hours = values(hour, 0, 23);
  const days = day === '$' ? null : values(day, 1, 31);
  const months = values(month, 1, 12, MONTHS, 1);
  const weekdays = new Set([...values(weekday, 0, 7, DAYS)].map((number) => number % 7));
  return {
    kind: 'calendar',
    due(at) {
      const dayMatches = days ? days.has(at.getUTCDate()) : isLastOfMonth(at);
      const weekdayMatches = weekdays.has(at.getUTCDay());
      // cron's own rule: with both days given, either is enough
      const onDay = day.startsWith('*') || weekday.startsWith('*')
        ? dayMatches && weekdayMatches
        : dayMatches || weekdayMatches;
      return minutes.has(at.getUTCMinutes()) && hours.has(at.getUTCHours()) && months.has(at.getUTCMonth() + 1) &&
        onDay;
    },
  };
}

function values(field: string, lowest: number, highest: number, names: string[] = [], offset = 0): Set<number> {
  const found = new Set<number>();
  for (const item of field.split(',')) {
    const [range = '', step = '1'] = item.split('/');
    const [from, to] = range.split('-').map((bound) =>
      names.includes(bound) ? names.indexOf(bound) + offset : Number(bound)
    );
    const first = range === '*' ? lowest : from!;
    const last = range === '*' ? highest : to ?? (item.includes('/') ? highest : first);
    for (let value = first; value <= last; value += Number(step)) found.add(value);
  }
  return found;
}

function isLastOfMonth(at: Date): boolean {
  return new Date(at.getTime() + 86_400_000).getUTCDate() === 1;
}
