/**
 * Wall times of a practice. A wall time is `YYYY-MM-DDTHH:mm` as a `datetime-local` input gives it, a day is `YYYY-MM-DD`, an
 * instant is an ISO 8601 string; zones are IANA names.
 */

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formats.set(zone, format);
  }
  return format;
}

/** The zone's clock at an instant, as the milliseconds at which a clock in UTC would read the same. */
function clockReading(instant: number, zone: string): number {
  const part: Record<string, number> = {};
  for (const { type, value } of formatOf(zone).formatToParts(instant)) part[type] = Number(value);
  const { year = NaN, month = NaN, day = NaN, hour = NaN, minute = NaN, second = NaN } = part;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

function parseWall(wall: string): number {
  const reading = /^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(wall) ? Date.parse(`${wall}:00Z`) : NaN;
  if (Number.isNaN(reading)) throw new RangeError(`Read wall time: ${JSON.stringify(wall)} is not YYYY-MM-DDTHH:mm`);
  return reading;
}

/**
 * The instant at which the zone's clock reads `wall`. When it reads it twice (the clock goes back), the first time; when it never
 * does (the clock goes forward), the time as far into the gap after it. Throws RangeError for a malformed wall time or zone.
 */
export function wallToInstant(wall: string, zone: string): string {
  const reading = parseWall(wall);
  // No zone changes twice within two days: these are the only two offsets that can apply.
  const offsets = [reading - DAY, reading + DAY].map((near) => clockReading(near, zone) - near);
  const before = offsets[0] ?? 0;
  const exact = offsets.map((offset) => reading - offset).filter((instant) => clockReading(instant, zone) === reading);
  return new Date(exact.length > 0 ? Math.min(...exact) : reading - before).toISOString();
}

/** What the zone's clock reads at an instant, to the minute. */
export function instantToWall(instant: string, zone: string): string {
  return new Date(clockReading(Date.parse(instant), zone)).toISOString().slice(0, 16);
}

export function dayOf(instant: string, zone: string): string {
  return instantToWall(instant, zone).slice(0, 10);
}

export function addDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY).toISOString().slice(0, 10);
}

export function addMinutes(instant: string, minutes: number): string {
  return new Date(Date.parse(instant) + minutes * MINUTE).toISOString();
}

/** Whether a string is a real calendar day: an address may carry anything. */
export function isDay(value: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(value) && !Number.isNaN(Date.parse(`${value}T00:00:00Z`)) &&
    addDays(value, 0) === value;
}

/** Whether two zones' clocks agree at an instant, whatever the zones are called. */
export function sameClock(zone: string, other: string, instant: string): boolean {
  const at = Date.parse(instant);
  return clockReading(at, zone) === clockReading(at, other);
}
