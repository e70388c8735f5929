/** Instants, calendar days and IANA zones, without any clock. */
import { Temporal } from 'temporal-polyfill';

const HOUR = 3_600_000;
/** Zone rules change on quarter hours only, so one offset holds for a quarter. */
const QUARTER = HOUR / 4;

const offsets = new Map<string, Map<number, number>>();

export function isZone(zone: string): boolean {
  try {
    offsetAt(zone, 0);
    return true;
  } catch {
    return false;
  }
}

/** Milliseconds to add to UTC to get the zone's wall time at that instant. */
export function offsetAt(zone: string, at: number): number {
  const quarter = Math.floor(at / QUARTER);
  let known = offsets.get(zone);
  if (!known) offsets.set(zone, known = new Map());
  let offset = known.get(quarter);
  if (offset === undefined) {
    const start = Temporal.Instant.fromEpochMilliseconds(quarter * QUARTER);
    known.set(quarter, offset = start.toZonedDateTimeISO(zone).offsetNanoseconds / 1e6);
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
