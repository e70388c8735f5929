/** When a practitioner is taken, and when they are free. Times are the practice's clock: `YYYY-MM-DDTHH:mm`. */
import { addDays } from '../../../supabase/functions/_shared/zoned_time.ts';

export interface Stretch {
  readonly start: string;
  readonly end: string;
}

/** A practice's hours are not known here: offered are the hours and days that nearly every practice works, and the day asked for. */
const OPENS = 'T09:00';
const CLOSES = 'T19:00';
const MINUTE = 60_000;
const QUARTER = 15 * MINUTE;

const read = (wall: string) => Date.parse(`${wall}:00Z`);
const wall = (reading: number) => new Date(reading).toISOString().slice(0, 16);
const nextQuarter = (reading: number) => Math.ceil(reading / QUARTER) * QUARTER;

/**
 * The first time of that length that is free, from a time on, within a practice's usual hours. Null where there is none before
 * `until`.
 */
export function nextFree(from: string, minutes: number, taken: readonly Stretch[], until: string): Stretch | null {
  const length = minutes * MINUTE;
  const times = taken.map(({ start, end }) => ({ start: read(start), end: read(end) }));
  const last = read(until);
  const asked = from.slice(0, 10);
  let start = nextQuarter(read(from));
  while (start + length <= last) {
    const day = wall(start).slice(0, 10);
    const weekday = new Date(start).getUTCDay();
    const atWeekend = day !== asked && (weekday === 0 || weekday === 6);
    if (atWeekend || start + length > read(day + CLOSES)) {
      start = read(addDays(day, 1) + OPENS);
      continue;
    }
    if (start < read(day + OPENS)) {
      start = read(day + OPENS);
      continue;
    }
    const inTheWay = times.find((one) => one.start < start + length && one.end > start);
    if (inTheWay === undefined) return { start: wall(start), end: wall(start + length) };
    start = nextQuarter(inTheWay.end);
  }
  return null;
}
