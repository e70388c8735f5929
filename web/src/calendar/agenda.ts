/**
 * Reads what a period of the calendar shows. A reading first asks for the marks of its rows — how many there are and when the last
 * one changed — and reads the rows themselves only where a mark moved: looking again every other second costs next to nothing.
 */
import type { AppointmentStatus } from '../../../supabase/functions/_shared/vocabulary.ts';
import type { Tables } from '../backend/backend.ts';
import { ask, askAll, changed } from '../backend/ask.ts';
import { Failure } from '../backend/failure.ts';
import type { Membership } from '../backend/members.ts';
import { wallToInstant } from '../../../supabase/functions/_shared/zoned_time.ts';
import type { Period } from './period.ts';
import type {
  Appointment,
  AppointmentFields,
  AppointmentRow,
  ExternalEvent,
  Integration,
  Link,
  Member,
  OpenConflict,
} from './rows.ts';
import { words } from './words.ts';

export interface Agenda {
  readonly appointments: readonly Appointment[];
  readonly events: readonly ExternalEvent[];
  readonly links: readonly Link[];
  readonly integrations: readonly Integration[];
  readonly conflicts: readonly OpenConflict[];
  readonly members: readonly Member[];
}

/** What an agenda reads: changes of these are announced. */
export const AGENDA_TABLES = [
  'rdv',
  'external_events',
  'appointment_external_links',
  'calendar_integrations',
  'sync_conflicts',
] as const;

const APPOINTMENT =
  'id, organisation_id, type, act, notes, location, starts_at, ends_at, status, source, updated_at, patient_id, practitioner_id, ' +
  'patient:patients(first_name, last_name, birth_date), practitioner:organisation_members(display_name)';
const EVENT =
  'id, organisation_id, integration_id, user_id, provider, external_calendar_id, external_event_id, status, ' +
  'summary, description, location, start_at, end_at, all_day, start_day, end_day, attendees, html_link, own_response, ' +
  'visibility, cassius_appointment_id, last_synced_at';
const LINK = 'rdv_id, integration_id, sync_status, skip_reason, last_error, last_synced_at, drifted_at';

/** Ids in one filter: they travel in the address, which gateways cut at a few kilobytes. */
const IDS_PER_REQUEST = 100;
/** Longer ago than anything lasts that is still under way: the start of what reaches into a period. */
const LONGEST_DAYS = 31;

interface Counted {
  readonly data: unknown;
  readonly error: null | { code: string; message: string };
  readonly count: number | null;
}

const PARTS = ['appointments', 'events', 'links', 'conflicts'] as const;
type Part = typeof PARTS[number];

/** A reader of one period. Its readings are meant to be repeated: an unchanged one gives the same object. */
export function agendaReader(db: Tables, member: Membership, period: Period) {
  const { id: organisation, timezone } = member.organisation;
  const from = wallToInstant(`${period.from}T00:00`, timezone);
  const until = wallToInstant(`${period.until}T00:00`, timezone);
  const earliest = new Date(Date.parse(from) - LONGEST_DAYS * 86_400_000).toISOString();
  let marks: ReadonlyMap<Part, string> = new Map();
  let agenda: Agenda | null = null;

  const appointments = (columns: string, count?: 'exact') =>
    db.from('rdv').select(columns, count && { count }).eq('organisation_id', organisation)
      .or(`and(starts_at.gte.${from},starts_at.lt.${until}),starts_at.is.null`);
  const events = (columns: string, count?: 'exact') =>
    db.from('external_events').select(columns, count && { count }).eq('organisation_id', organisation)
      .gte('start_at', earliest).lt('start_at', until).gt('end_at', from);
  const links = (columns: string) =>
    db.from('appointment_external_links').select(columns).eq('organisation_id', organisation);
  const conflicts = (columns: string, count?: 'exact') =>
    db.from('sync_conflicts').select(columns, count && { count }).eq('organisation_id', organisation)
      .eq('user_id', member.userId).eq('status', 'open');

  /** The part's mark: it moves whenever a row comes, goes or changes. */
  async function markOf(part: Part, signal: AbortSignal): Promise<[Part, string]> {
    const request = {
      appointments: () => appointments('updated_at', 'exact'),
      events: () => events('updated_at', 'exact'),
      links: () => links('updated_at'),
      conflicts: () => conflicts('updated_at', 'exact'),
    }[part]().order('updated_at', { ascending: false }).limit(1).abortSignal(signal);
    let count: number | null = null;
    const rows = await ask<Array<{ updated_at: string }>>(
      `${part}.read`,
      request.then((answer) => {
        count = (answer as Counted).count;
        return answer;
      }),
    );
    return [part, `${count} ${rows[0]?.updated_at}`];
  }

  async function readLinks(rdvs: readonly string[], integrations: readonly Integration[], signal: AbortSignal) {
    if (integrations.length === 0) return [];
    const parts: Array<Promise<Link[]>> = [];
    for (let at = 0; at < rdvs.length; at += IDS_PER_REQUEST) {
      const ids = rdvs.slice(at, at + IDS_PER_REQUEST);
      parts.push(
        askAll<Link>(
          'links.read',
          (first, last) => links(LINK).in('rdv_id', ids).order('id').range(first, last).abortSignal(signal),
        ),
      );
    }
    return (await Promise.all(parts)).flat();
  }

  return async (signal: AbortSignal): Promise<Agenda> => {
    const before = agenda;
    const [marked, foundIntegrations, foundMembers] = await Promise.all([
      Promise.all(PARTS.map((part) => markOf(part, signal))),
      askAll<Integration>(
        'integrations.read',
        (first, last) =>
          db.from('calendar_integrations')
            .select('id, provider, user_id, status, export_enabled, import_enabled, last_error')
            .eq('organisation_id', organisation).is('disconnected_at', null).order('id').range(first, last)
            .abortSignal(signal),
      ),
      before?.members ?? askAll<Member>(
        'members.read',
        (first, last) =>
          db.from('organisation_members').select('id, user_id, display_name, role, initials, color')
            .eq('organisation_id', organisation).order('display_name').order('id').range(first, last)
            .abortSignal(signal),
      ),
    ]);
    const seen = new Map(marked);
    const kept = (part: Part) => before !== null && marks.get(part) === seen.get(part);
    const [foundRdvs, foundEvents, foundConflicts] = await Promise.all([
      kept('appointments')
        ? before!.appointments
        : askAll<Appointment>('appointments.read', (first, last) =>
          appointments(APPOINTMENT).order('starts_at', { nullsFirst: true }).order('id').range(first, last)
            .abortSignal(signal)),
      // An appointment made of an event changes both.
      kept('events') && kept('appointments')
        ? before!.events
        : askAll<ExternalEvent>('events.read', (first, last) =>
          events(EVENT).order('start_at').order('id').range(first, last).abortSignal(signal)),
      kept('conflicts')
        ? before!.conflicts
        : askAll<OpenConflict>('conflicts.read', (first, last) =>
          conflicts('id, reason, internal_id, external_id').order('id').range(first, last).abortSignal(signal)),
    ]);
    const sameIntegrations = JSON.stringify(foundIntegrations) === JSON.stringify(before?.integrations);
    if (sameIntegrations && PARTS.every(kept)) return before!;
    const foundLinks = sameIntegrations && kept('appointments') && kept('links')
      ? before!.links
      : await readLinks(foundRdvs.map(({ id }) => id), foundIntegrations, signal);
    // Only what was read to its end counts as seen.
    marks = seen;
    agenda = {
      appointments: foundRdvs,
      events: foundEvents,
      links: foundLinks,
      integrations: foundIntegrations,
      conflicts: foundConflicts,
      members: foundMembers,
    };
    return agenda;
  };
}

export async function readAppointment(db: Tables, id: string): Promise<Appointment> {
  const [found] = await ask<Appointment[]>(
    'appointments.read',
    db.from('rdv').select(APPOINTMENT).eq('id', id).limit(1),
  );
  if (found === undefined) throw new Failure(words.drawer.gone, { code: 'NOT_FOUND', step: 'appointments.read' });
  return found;
}

export async function readEvent(db: Tables, id: string): Promise<ExternalEvent> {
  const request = db.from('external_events').select(EVENT).eq('id', id).limit(1);
  const [found] = await ask<ExternalEvent[]>('events.read', request);
  if (found === undefined) throw new Failure(words.drawer.gone, { code: 'NOT_FOUND', step: 'events.read' });
  return found;
}

/** The new appointment, as a reading of the agenda would show it. */
export async function createAppointment(
  db: Tables,
  member: Membership,
  fields: AppointmentFields,
): Promise<Appointment> {
  const rows = await ask<Appointment[]>(
    'appointments.create',
    db.from('rdv').insert({ ...fields, organisation_id: member.organisation.id }).select(APPOINTMENT),
  );
  return rows[0]!;
}

/** The new version. Refused when another person changed the appointment since it was read. */
export async function saveAppointment(
  db: Tables,
  { id, updated_at }: Pick<Appointment, 'id' | 'updated_at'>,
  fields: Partial<AppointmentFields> & { readonly status?: AppointmentStatus },
): Promise<string> {
  const step = 'appointments.update';
  const request = db.from('rdv').update(fields).eq('id', id).eq('updated_at', updated_at).select('updated_at');
  const [row] = await ask<Array<{ updated_at: string }>>(step, request);
  if (row === undefined) throw new Failure(words.change.meanwhile, { code: 'CHANGED_MEANWHILE', step });
  return row.updated_at;
}

const ROW =
  'id, organisation_id, practitioner_id, patient_id, type, act, notes, location, starts_at, ends_at, status, source';

/** The appointment as it was when it was deleted, whatever was shown of it. */
export async function removeAppointment(
  db: Tables,
  { id }: Pick<Appointment, 'id'>,
): Promise<{ row: AppointmentRow; version: string }> {
  const request = db.from('rdv').delete().eq('id', id).select(`${ROW}, updated_at`);
  const { updated_at: version, ...row } = await changed<AppointmentRow & { updated_at: string }>(
    'appointments.delete',
    request,
  );
  return { row, version };
}

/** Takes a new appointment away again. Refused when another person changed it since. */
export async function discardAppointment(
  db: Tables,
  { id, updated_at }: Pick<Appointment, 'id' | 'updated_at'>,
): Promise<void> {
  await changed('appointments.delete', db.from('rdv').delete().eq('id', id).eq('updated_at', updated_at).select('id'));
}

/** Makes a deleted appointment again, under its own id: its links find it. The new version. */
export async function restoreAppointment(db: Tables, row: AppointmentRow): Promise<string> {
  const rows = await ask<Array<{ updated_at: string }>>(
    'appointments.restore',
    db.from('rdv').insert(row).select('updated_at'),
  );
  return rows[0]!.updated_at;
}
