/** When an appointment takes place. Everything that needs its end asks here. */
import type { EventTime, Instant } from '../../providers/port/content.ts';
import { wallToInstant } from '../../zoned_time.ts';

export interface Practice {
  /** IANA name. */
  readonly timezone: string;
  /** How long an appointment without an end lasts. */
  readonly defaultDurationMinutes: number;
}

export type TimedTime = Extract<EventTime, { kind: 'timed' }>;

/** Null where it has no start, or does not end after it. */
export function appointmentTime(
  { startsAt, endsAt }: { readonly startsAt: Instant | null; readonly endsAt: Instant | null },
  { timezone, defaultDurationMinutes }: Practice,
): TimedTime | null {
  const from = Date.parse(startsAt ?? '');
  const to = endsAt === null ? from + defaultDurationMinutes * 60_000 : Date.parse(endsAt);
  if (!(to > from)) return null;
  return {
    kind: 'timed',
    startsAt: new Date(from).toISOString(),
    endsAt: new Date(to).toISOString(),
    timeZone: timezone,
  };
}

/** An appointment has a start and a later end. */
export function isBookable(time: EventTime): time is TimedTime {
  return time.kind === 'timed' && Date.parse(time.endsAt) > Date.parse(time.startsAt);
}

/** The instants that an event takes. A day begins at the midnight of the practice's zone; the end is exclusive. */
export function eventInstants(time: EventTime, { timezone }: Practice): { startsAt: Instant; endsAt: Instant } {
  if (time.kind === 'timed') return { startsAt: time.startsAt, endsAt: time.endsAt };
  return {
    startsAt: wallToInstant(`${time.startDay}T00:00`, timezone),
    endsAt: wallToInstant(`${time.endDay}T00:00`, timezone),
  };
}
