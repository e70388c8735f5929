/** `dateTimeTimeZone` values: reading what clients write, and writing what they read. */
import { isObject } from '../core/answers.ts';
import { instantOfWall, isDay, offsetAt } from '../core/times.ts';
import { badRequest, GraphError, violation } from './errors.ts';
import { unknownZone } from './prefer.ts';
import type { StoredTime } from './world.ts';
import { ianaZone } from './zones.ts';

const DAY = 86_400_000;
const WALL = /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2})(?::(\d{2})(?:\.\d+)?)?)?([Zz]|[+-]\d{2}:\d{2})?$/;

/** A time as a client sent it: its wall clock, and the instant that this is in its zone. */
export interface GivenTime {
  /** As if the zone were UTC. */
  readonly wall: number;
  readonly at: number;
  readonly zone: string;
}

/** Reads `start` or `end`. `strict` refuses an offset inside `dateTime`. */
export function givenTime(value: unknown, name: string, strict: boolean): GivenTime {
  if (!isObject(value) || typeof value.dateTime !== 'string') throw badRequest(`${name} has no dateTime`);
  const { dateTime, timeZone } = value;
  if (typeof timeZone !== 'string') throw badRequest(`${name} has no timeZone`);
  const iana = ianaZone(timeZone);
  if (iana === null) throw unknownZone(timeZone);
  const match = WALL.exec(dateTime);
  const [, day = '', minutes = '00:00', seconds = '00', offset] = match ?? [];
  const wall = Date.parse(`${day}T${minutes}:${seconds}Z`);
  if (!match || !isDay(day) || Number.isNaN(wall)) throw badRequest(`${name} is no time: ${dateTime}`);
  if (offset === undefined) return { wall, at: instantOfWall(iana, wall), zone: timeZone };
  if (strict) throw violation(`${name}.dateTime has an offset: ${dateTime}`);
  const at = Date.parse(`${day}T${minutes}:${seconds}${offset.toUpperCase()}`);
  return { wall: at + offsetAt(iana, at), at, zone: timeZone };
}

/** The stored form of a pair; refuses what is no all-day event, or ends before it starts. */
export function storedTimes(
  start: GivenTime,
  end: GivenTime,
  isAllDay: boolean,
): { start: StoredTime; end: StoredTime; startAt: number; endAt: number } {
  if (!isAllDay) {
    if (end.at < start.at) {
      throw new GraphError(400, 'ErrorCalendarEndDateIsEarlierThanStartDate', {
        message: 'The end is before the start.',
      });
    }
    return {
      start: { at: start.at, zone: start.zone },
      end: { at: end.at, zone: end.zone },
      startAt: start.at,
      endAt: end.at,
    };
  }
  if (start.wall % DAY !== 0 || end.wall % DAY !== 0 || end.wall - start.wall < DAY) {
    throw badRequest('The start and end of an all-day event must be midnights at least 24 hours apart.');
  }
  // All-day events float: windows meet them as if they were in UTC.
  return {
    start: { day: dayOf(start.wall) },
    end: { day: dayOf(end.wall) },
    startAt: start.wall,
    endAt: end.wall,
  };
}

export function dayOf(wall: number): string {
  return new Date(wall).toISOString().slice(0, 10);
}

/** As answers show a time, in the wanted zone; all-day ones float, and always say UTC. */
export function shownTime(
  time: StoredTime,
  zone: { name: string; iana: string },
): { dateTime: string; timeZone: string } {
  if ('day' in time) return { dateTime: `${time.day}T00:00:00.0000000`, timeZone: 'UTC' };
  const wall = new Date(time.at + offsetAt(zone.iana, time.at)).toISOString();
  return { dateTime: `${wall.slice(0, 19)}.0000000`, timeZone: zone.name };
}

/** The zone in which an event was written. */
export function zoneOf(time: StoredTime): string {
  return 'day' in time ? 'UTC' : time.zone;
}

/** A bound of a window: its own offset counts, none means UTC. Null for no time at all. */
export function windowBound(text: string): number | null {
  const match = /^(\d{4}-\d{2}-\d{2})(T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?([Zz]|[+-]\d{2}:\d{2})?$/.exec(text);
  if (!match || !isDay(match[1] ?? '')) return null;
  const at = Date.parse(`${match[1]}${match[2] ?? 'T00:00'}${(match[3] ?? 'Z').toUpperCase()}`);
  return Number.isNaN(at) ? null : at;
}
