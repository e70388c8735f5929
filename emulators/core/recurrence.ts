/** The days of a recurrence rule (RFC 5545, 3.3.10). Walls are milliseconds as if the zone were UTC. */

const DAY = 86_400_000;
/** A rule that never matches (30 February) ends all the same. */
const REACH = 200 * 366 * DAY;

export interface Pattern {
  readonly freq: 'DAILY' | 'WEEKLY' | 'MONTHLY' | 'YEARLY';
  readonly interval: number;
  /** 0 for Sunday, as all weekdays here. */
  readonly weekStart: number;
  /** From 1; empty for all. */
  readonly months: readonly number[];
  /** From 1, or from the end of the month where negative; empty for all. */
  readonly monthDays: readonly number[];
  /** `nth` counts in the month, in the year for a yearly rule without months, and from the end where negative. */
  readonly days: ReadonlyArray<{ readonly day: number; readonly nth: number | null }>;
  /** Places that are kept among the days of each period, from the end where negative; empty for all. */
  readonly places: readonly number[];
}

/** All days of a pattern, at the time of day of `start` and in order, from the beginning of the period of `start` on. */
export function* patternWalls(given: Pattern, start: number): Generator<number> {
  const pattern = completed(given, new Date(start));
  const time = start - midnight(start);
  for (let step = 0;; step += pattern.interval) {
    const [from, to] = periodOf(pattern, start, step);
    if (from > start + REACH) return;
    const days: number[] = [];
    for (let day = from; day < to; day += DAY) if (matches(pattern, day)) days.push(day);
    const kept = pattern.places.length === 0
      ? days
      : days.filter((_day, at) => pattern.places.some((place) => place === at + 1 || place === at - days.length));
    for (const day of kept) yield day + time;
  }
}

/** What a rule does not say comes from its start. */
function completed(pattern: Pattern, start: Date): Pattern {
  const { freq, months, monthDays, days } = pattern;
  if (freq === 'DAILY' || monthDays.length > 0 || days.length > 0) return pattern;
  if (freq === 'WEEKLY') return { ...pattern, days: [{ day: start.getUTCDay(), nth: null }] };
  return {
    ...pattern,
    monthDays: [start.getUTCDate()],
    months: freq === 'YEARLY' && months.length === 0 ? [start.getUTCMonth() + 1] : months,
  };
}

/** First day of the period so many days, weeks, months or years after that of the start, and the day after its last. */
function periodOf({ freq, weekStart }: Pattern, start: number, step: number): readonly [number, number] {
  const date = new Date(start);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  switch (freq) {
    case 'DAILY':
      return [midnight(start) + step * DAY, midnight(start) + (step + 1) * DAY];
    case 'WEEKLY': {
      const opening = midnight(start) - ((date.getUTCDay() - weekStart + 7) % 7) * DAY + step * 7 * DAY;
      return [opening, opening + 7 * DAY];
    }
    case 'MONTHLY':
      return [Date.UTC(year, month + step, 1), Date.UTC(year, month + step + 1, 1)];
    case 'YEARLY':
      return [Date.UTC(year + step, 0, 1), Date.UTC(year + step + 1, 0, 1)];
  }
}

function matches({ freq, months, monthDays, days }: Pattern, day: number): boolean {
  const date = new Date(day);
  const [year, month, monthDay] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  if (months.length > 0 && !months.includes(month + 1)) return false;
  const [opening, end] = freq === 'YEARLY' && months.length === 0 && monthDays.length === 0
    ? [Date.UTC(year, 0, 1), Date.UTC(year + 1, 0, 1)]
    : [Date.UTC(year, month, 1), Date.UTC(year, month + 1, 1)];
  const length = (Date.UTC(year, month + 1, 1) - Date.UTC(year, month, 1)) / DAY;
  if (monthDays.length > 0 && !monthDays.some((wanted) => wanted === monthDay || wanted === monthDay - length - 1)) {
    return false;
  }
  const fromStart = Math.floor((day - opening) / (7 * DAY)) + 1;
  const fromEnd = -Math.floor((end - DAY - day) / (7 * DAY)) - 1;
  return days.length === 0 ||
    days.some(({ day: weekday, nth }) =>
      weekday === date.getUTCDay() && (nth === null || nth === fromStart || nth === fromEnd)
    );
}

function midnight(wall: number): number {
  return Math.floor(wall / DAY) * DAY;
}
