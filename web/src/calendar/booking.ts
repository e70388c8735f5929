/** What takes a practitioner's time, so that no patient is booked over another one, or over what their own calendar holds. */
import { ask } from '../backend/ask.ts';
import type { Tables } from '../backend/backend.ts';
import { addDays, addMinutes, instantToWall, wallToInstant } from '../../../supabase/functions/_shared/zoned_time.ts';
import { nextFree, type Stretch } from './free_time.ts';
import type { AppointmentFields } from './rows.ts';
import { zoneClock } from './zone_clock.ts';

/** Of the answer of `busy_times`. */
export interface Busy {
  readonly kind: 'appointment' | 'event';
  readonly id: string;
  readonly startsAt: string;
  readonly endsAt: string;
  /** Null of a private event, and of one without a title. */
  readonly name: string | null;
}

/** Days in which a free time is looked for. */
const DAYS_AHEAD = 14;

export interface Time {
  readonly practitioner: string;
  readonly startsAt: string;
  readonly endsAt: string;
}

export function readBusy(
  db: Tables,
  { practitioner, startsAt, endsAt }: Time,
  signal?: AbortSignal,
): Promise<Busy[]> {
  const request = db.rpc('busy_times', { p_practitioner: practitioner, p_from: startsAt, p_until: endsAt });
  return ask<Busy[]>('busy_times.read', signal === undefined ? request : request.abortSignal(signal));
}

/** The time that an appointment would take; null without a practitioner or a start, or with an end that is none. */
export function timeOf(
  { practitioner_id: practitioner, starts_at: startsAt, ends_at }: Pick<
    AppointmentFields,
    'practitioner_id' | 'starts_at' | 'ends_at'
  >,
  usualMinutes: number,
): Time | null {
  if (practitioner === null || startsAt === null) return null;
  const endsAt = ends_at ?? addMinutes(startsAt, usualMinutes);
  return Date.parse(endsAt) > Date.parse(startsAt) ? { practitioner, startsAt, endsAt } : null;
}

/** What the time would lie across; an appointment never lies across itself. */
export function acrossOf(busy: readonly Busy[], { startsAt, endsAt }: Time, self: string | null): Busy[] {
  const [start, end] = [Date.parse(startsAt), Date.parse(endsAt)];
  return busy.filter((one) => one.id !== self && Date.parse(one.startsAt) < end && Date.parse(one.endsAt) > start);
}

/** What is at another time by now is something else. */
export function keyOf({ id, startsAt, endsAt }: Busy): string {
  return `${id} ${startsAt} ${endsAt}`;
}

/** In what a free time is looked for: what was asked for, or now where that is over, and the two weeks after it. */
export function searched(wanted: string, now: string, zone: string): { startsAt: string; endsAt: string } {
  const startsAt = Date.parse(wanted) > Date.parse(now) ? wanted : now;
  const until = addDays(instantToWall(startsAt, zone).slice(0, 10), DAYS_AHEAD);
  return { startsAt, endsAt: wallToInstant(`${until}T00:00`, zone) };
}

/** The first free time of that length in what was read of those days. Null where they have none. */
export function freeIn(
  days: Pick<Time, 'startsAt' | 'endsAt'>,
  busy: readonly Busy[],
  minutes: number,
  self: string | null,
  zone: string,
): Stretch | null {
  const clock = zoneClock(zone);
  const taken = busy.filter(({ id }) => id !== self)
    .map((one) => ({ start: clock(one.startsAt), end: clock(one.endsAt) }));
  return nextFree(clock(days.startsAt), minutes, taken, clock(days.endsAt));
}

export function minutesOf({ startsAt, endsAt }: Pick<Time, 'startsAt' | 'endsAt'>): number {
  return (Date.parse(endsAt) - Date.parse(startsAt)) / 60_000;
}
