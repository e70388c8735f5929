/** Appointments and imported events as one kind of thing: what a square of the calendar shows. */
import { addDays } from '../../../supabase/functions/_shared/zoned_time.ts';
import { type Person, UNASSIGNED } from './people.ts';
import { type Appointment, type ExternalEvent, type Link, type OpenConflict, patientName } from './rows.ts';
import { appointmentState, type SyncState } from './sync_state.ts';
import { zoneClock } from './zone_clock.ts';

interface Placed {
  /** `<kind>:<id>`. */
  readonly key: string;
  readonly id: string;
  /** `cassius` or a provider's key. */
  readonly source: string;
  /** Whose it is. */
  readonly person: Person | null;
  /** On the practice's clock: `YYYY-MM-DDTHH:mm`, or a day for the whole of it. Null without a date. */
  readonly start: string | null;
  /** Exclusive, later than the start. */
  readonly end: string | null;
  readonly allDay: boolean;
  readonly cancelled: boolean;
  readonly sync: SyncState;
}

export type Entry =
  & Placed
  & (
    | { readonly kind: 'appointment'; readonly appointment: Appointment }
    | { readonly kind: 'event'; readonly event: ExternalEvent }
  );

export interface EntryRows {
  readonly appointments: readonly Appointment[];
  readonly events: readonly ExternalEvent[];
  readonly links: readonly Link[];
  readonly conflicts: readonly OpenConflict[];
  /** Who may own an entry. */
  readonly people: readonly Person[];
}

/** Less would be drawn as a line too thin to be clicked. */
const SHORTEST_MINUTES = 15;

function laterWall(wall: string, minutes: number): string {
  return new Date(Date.parse(`${wall}:00Z`) + minutes * 60_000).toISOString().slice(0, 16);
}

/** The hour that comes twice can end an entry before it begins, on the clock's face. */
function atLeast(start: string, end: string): string {
  const shortest = laterWall(start, SHORTEST_MINUTES);
  return end > shortest ? end : shortest;
}

function grouped<T>(rows: readonly T[], key: (row: T) => string | null): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const name = key(row);
    if (name === null) continue;
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [row]);
    else group.push(row);
  }
  return groups;
}

/** @param defaultMinutes how long an appointment without an end lasts */
export function entriesOf(rows: EntryRows, zone: string, defaultMinutes: number): Entry[] {
  const clock = zoneClock(zone);
  const links = grouped(rows.links, ({ rdv_id }) => rdv_id);
  const ofAppointment = grouped(rows.conflicts, ({ internal_id }) => internal_id);
  const byMember = new Map(rows.people.map((person) => [person.id, person]));
  const byUser = new Map(rows.people.map((person) => [person.userId, person]));
  const ofEvent = grouped(rows.conflicts, ({ external_id }) => external_id);

  const appointments = rows.appointments.map((appointment): Entry => {
    const start = appointment.starts_at === null ? null : clock(appointment.starts_at);
    const end = start === null
      ? null
      : atLeast(start, appointment.ends_at === null ? laterWall(start, defaultMinutes) : clock(appointment.ends_at));
    return {
      kind: 'appointment',
      key: `appointment:${appointment.id}`,
      id: appointment.id,
      appointment,
      source: appointment.source,
      person: byMember.get(appointment.practitioner_id ?? '') ?? null,
      start,
      end,
      allDay: false,
      cancelled: appointment.status === 'cancelled',
      sync: appointmentState(links.get(appointment.id) ?? [], ofAppointment.get(appointment.id) ?? []),
    };
  });

  const shown = new Set(rows.appointments.map(({ id }) => id));
  const events = rows.events
    // One that became an appointment is shown as that.
    .filter(({ cassius_appointment_id: rdv }) => rdv === null || !shown.has(rdv))
    .map((event): Entry => {
      const { start_day: first, end_day: last } = event;
      const allDay = event.all_day && first !== null;
      const start = allDay ? first : clock(event.start_at);
      return {
        kind: 'event',
        key: `event:${event.id}`,
        id: event.id,
        event,
        source: event.provider,
        person: byUser.get(event.user_id) ?? null,
        start,
        end: !allDay ? atLeast(start, clock(event.end_at)) : last !== null && last > first ? last : addDays(first, 1),
        allDay,
        cancelled: event.status === 'cancelled',
        sync: ofEvent.has(event.external_event_id) ? 'conflict' : 'synced',
      };
    });
  return [...appointments, ...events];
}

/** A member's id, or `UNASSIGNED`. */
export function ownerOf({ person }: Pick<Entry, 'person'>): string {
  return person?.id ?? UNASSIGNED;
}

/** Of entries that begin together, the one that sorts first comes first: in the order of the people. */
export function orderOf({ start, person, key }: Pick<Entry, 'start' | 'person' | 'key'>): string {
  return `${start} ${String(person?.rank ?? 9_999).padStart(4, '0')} ${key}`;
}

export interface EntryFilter {
  /** `all`, `cassius`, `conflicts`, or a provider's key. */
  readonly source: string;
  /** Ids as in an address; null shows all. */
  readonly people: readonly string[] | null;
  readonly cancelled: boolean;
}

export function matches(entry: Entry, { source, people, cancelled }: EntryFilter): boolean {
  if (entry.cancelled && !cancelled) return false;
  if (people !== null && !people.includes(ownerOf(entry))) return false;
  if (source === 'all') return true;
  return source === 'conflicts' ? entry.sync === 'conflict' : entry.source === source;
}

/** How many questions the entries raise: an overlap is one, although two entries show it. */
export function countConflicts(entries: readonly Entry[], conflicts: readonly OpenConflict[]): number {
  const ids = new Set(entries.map((entry) => entry.kind === 'event' ? entry.event.external_event_id : entry.id));
  return conflicts.filter(({ internal_id, external_id }) =>
    (internal_id !== null && ids.has(internal_id)) || (external_id !== null && ids.has(external_id))
  ).length;
}

/** What a person calls it; null when it has no name of its own. */
export function entryName(entry: Entry): string | null {
  if (entry.kind === 'event') return entry.event.summary?.trim() || null;
  return patientName(entry.appointment) || entry.appointment.type.trim() || null;
}
