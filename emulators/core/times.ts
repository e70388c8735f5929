/** Instants, calendar days and IANA zones, without any clock. */

const HOUR = 3_600_000;
/** Zone rules change on quarter hours only, so one offset holds for a quarter. */
const QUARTER = HOUR / 4;

const formats = new Map<string, Intl.DateTimeFormat | null>();
const offsets = new Map<string, Map<number, number>>();

function formatOf(zone: string): Intl.DateTimeFormat | null {
  let format = formats.get(zone);
  if (format === undefined) {
    try {
      format = new Intl.DateTimeFormat('en-GB', {
        timeZone: zone,
        hourCycle: 'h23',
        year: 'numeric',
        month: 'numeric',
        day: 'numeric',
        hour: 'numeric',
        minute: 'numeric',
        second: 'numeric',
      });
    } catch {
      format = null;
    }
    formats.set(zone, format);
  }
  return format;
}

export function isZone(zone: string): boolean {
  return formatOf(zone) !== null;
}

/** Milliseconds to add to UTC to get the zone's wall time at that instant. */
export function offsetAt(zone: string, at: number): number {
  const quarter = Math.floor(at / QUARTER);
  let known = offsets.get(zone);
  if (!known) offsets.set(zone, known = new Map());
  let offset = known.get(quarter);
  if (offset === undefined) {
    const format = formatOf(zone);
    if (!format) throw new Error(`Could not read the clock of ${zone}: no such zone`);
    const start = quarter * QUARTER;
    const part: Record<string, number> = {};
    for (const { type, value } of format.formatToParts(start)) part[type] = Number(value);
    const wall = Date.UTC(
      part.year ?? 0,
      (part.month ?? 1) - 1,
      part.day ?? 1,
      part.hour ?? 0,
      part.minute ?? 0,
      part.second ?? 0,
    );
    known.set(quarter, offset = wall - start);
  }
  return offset;
}

/** The instant of a wall time, given as if it were UTC. A time in a gap moves forward, a doubled one is the first. */
export function instantOfWall(zone: string, wall: number): number {
  const before = offsetAt(zone, wall - 24 * HOUR);
  const after = offsetAt(zone, wall + 24 * HOUR);
  const early = wall - before;
  if (offsetAt(zone, early) === before) return early;
  const late = wall - after;
  return offsetAt(zone, late) === after ? late : early;
}

/** `2026-11-21T09:00:00+01:00`. */
export function renderInstant(at: number, zone: string): string {
  const offset = offsetAt(zone, at);
  const local = new Date(at + offset).toISOString().slice(0, 19);
  if (offset === 0) return `${local}Z`;
  const minutes = Math.abs(offset) / 60_000;
  const pad = (value: number) => String(Math.floor(value)).padStart(2, '0');
  return `${local}${offset < 0 ? '-' : '+'}${pad(minutes / 60)}:${pad(minutes % 60)}`;
}

/** Midnight of a day in a zone. */
export function dayStart(day: string, zone: string): number {
  return instantOfWall(zone, Date.parse(`${day}T00:00:00Z`));
}

export function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const at = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text);
}

const DATE_TIME = /^(\d{4}-\d{2}-\d{2})[Tt](\d{2}:\d{2})(:\d{2})?(?:\.\d+)?([Zz]|[+-]\d{2}:\d{2})?$/;

/** The instant of a `dateTime`, cut to seconds; `null` if it is no time, or has neither an offset nor a zone. */
export function parseDateTime(text: string, zone: string | undefined): number | null {
  const match = DATE_TIME.exec(text);
  if (!match || !isDay(match[1] ?? '')) return null;
  const [, day, minutes, seconds = ':00', offset] = match;
  const at = Date.parse(`${day}T${minutes}${seconds}${offset?.toUpperCase() ?? 'Z'}`);
  if (Number.isNaN(at)) return null;
  if (offset !== undefined) return at;
  return zone === undefined ? null : instantOfWall(zone, at);
}

/** `20261121T080000Z`. */
export function compactInstant(at: number): string {
  return new Date(at).toISOString().replaceAll(/[-:]|\.\d{3}/g, '');
}
