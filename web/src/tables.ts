/** The practice's tables, read and written with the user's own rights (row level security decides). */
import type { PostgrestError, SupabaseClient } from '@supabase/supabase-js';
import { asFailure, Failure, wasAborted } from './failure.ts';
import { t } from './i18n.ts';

export interface Organisation {
  readonly id: string;
  readonly name: string;
  readonly timezone: string;
  readonly default_duration_minutes: number;
}

/** The user at work in one of their practices. */
export interface Membership {
  readonly memberId: string;
  readonly userId: string;
  readonly role: 'admin' | 'practitioner' | 'secretary';
  readonly organisation: Organisation;
}

/** What the appointment form edits. Instants are ISO strings. */
export interface AppointmentFields {
  readonly type: string;
  readonly act: string | null;
  readonly patient_id: string | null;
  readonly practitioner_id: string | null;
  readonly starts_at: string | null;
  readonly ends_at: string | null;
  readonly location: string | null;
  readonly notes: string | null;
}

export interface Appointment extends AppointmentFields {
  readonly id: string;
  readonly organisation_id: string;
  readonly status: 'scheduled' | 'confirmed' | 'cancelled' | 'completed' | 'no_show';
  /** Version for a conditional write. */
  readonly updated_at: string;
  readonly patient: { readonly first_name: string; readonly last_name: string } | null;
  readonly practitioner: { readonly display_name: string } | null;
}

export type SyncStatus = 'none' | 'pending' | 'synced' | 'error';

export interface Link {
  readonly rdv_id: string;
  readonly integration_id: string;
  readonly sync_status: SyncStatus;
  readonly skip_reason: string | null;
  readonly last_error: { readonly code?: string; readonly message?: string } | null;
}

export interface Integration {
  readonly id: string;
  readonly provider: string;
  readonly status: 'connected' | 'reconnect_required' | 'error';
  readonly export_enabled: boolean;
}

export interface Agenda {
  readonly appointments: readonly Appointment[];
  /** More appointments match than are shown. */
  readonly truncated: boolean;
  readonly integrations: readonly Integration[];
  readonly links: readonly Link[];
}

export interface Person {
  readonly id: string;
  readonly name: string;
}

/** Appointments on one page; beyond that, nobody reads a list. */
export const PAGE = 500;
/** Ids in one filter: they travel in the address, which gateways cut at a few kilobytes. */
const IDS_PER_REQUEST = 100;

const APPOINTMENT =
  'id, type, act, notes, location, starts_at, ends_at, status, updated_at, patient_id, practitioner_id, ' +
  'patient:patients(first_name, last_name), practitioner:organisation_members(display_name)';
const LINK = 'rdv_id, integration_id, sync_status, skip_reason, last_error';

interface Answer {
  readonly data: unknown;
  readonly error: PostgrestError | null;
  readonly status: number;
}

/** Waits for an answer of the tables' API. T is what the columns asked for give. */
async function ask<T>(step: string, request: PromiseLike<Answer>): Promise<T> {
  let answer: Answer;
  try {
    answer = await request;
  } catch (error) {
    if (wasAborted(error)) throw error;
    throw asFailure(error, step);
  }
  const { data, error, status } = answer;
  if (error === null) return data as T;
  const message = status === 0 ? t.failure.network : error.code === '42501' ? t.failure.forbidden : t.failure.table;
  const code = status === 0 ? 'NETWORK' : error.code || `HTTP_${status}`;
  throw new Failure(message, {
    code,
    step,
    details: [error.message, error.details, error.hint].filter(Boolean).join(' — '),
  });
}

export type Tables = ReturnType<typeof createTables>;

export function createTables(client: SupabaseClient) {
  const rdv = () => client.from('rdv');

  async function linksOf(
    rdvIds: readonly string[],
    integrationIds: readonly string[],
    signal: AbortSignal,
  ): Promise<Link[]> {
    if (integrationIds.length === 0) return [];
    const parts: Promise<Link[]>[] = [];
    for (let at = 0; at < rdvIds.length; at += IDS_PER_REQUEST) {
      const request = client.from('appointment_external_links').select(LINK)
        .in('integration_id', [...integrationIds]).in('rdv_id', rdvIds.slice(at, at + IDS_PER_REQUEST));
      parts.push(ask<Link[]>('links.read', request.abortSignal(signal)));
    }
    return (await Promise.all(parts)).flat();
  }

  /** One row or nothing: nothing means that it changed, went, or may not be seen. */
  async function changed(step: string, request: PromiseLike<Answer>): Promise<void> {
    const rows = await ask<unknown[]>(step, request);
    if (rows.length === 0) throw new Failure(t.failure.changedMeanwhile, { code: 'CHANGED_MEANWHILE', step });
  }

  return {
    async memberships(userId: string): Promise<Membership[]> {
      const request = client.from('organisation_members')
        .select('id, role, organisation:organisations(id, name, timezone, default_duration_minutes)').eq(
          'user_id',
          userId,
        );
      type Row = { id: string; role: Membership['role']; organisation: Organisation };
      const rows = await ask<Row[]>('memberships.read', request);
      return rows.map(({ id, role, organisation }) => ({ memberId: id, userId, role, organisation }))
        .sort((a, b) => a.organisation.name.localeCompare(b.organisation.name));
    },

    /** Appointments from an instant up to another, and those without a date, each with the state of its events. */
    async agenda(member: Membership, from: string, until: string, signal: AbortSignal): Promise<Agenda> {
      const appointments = rdv().select(APPOINTMENT).eq('organisation_id', member.organisation.id)
        .or(`and(starts_at.gte.${from},starts_at.lt.${until}),starts_at.is.null`)
        .order('starts_at', { nullsFirst: false }).order('id').limit(PAGE + 1);
      const integrations = client.from('calendar_integrations').select('id, provider, status, export_enabled')
        .eq('organisation_id', member.organisation.id).eq('user_id', member.userId).is('disconnected_at', null);
      const [found, mine] = await Promise.all([
        ask<Appointment[]>('appointments.read', appointments.abortSignal(signal)),
        ask<Integration[]>('integrations.read', integrations.abortSignal(signal)),
      ]);
      const shown = found.slice(0, PAGE);
      const links = await linksOf(shown.map(({ id }) => id), mine.map(({ id }) => id), signal);
      return { appointments: shown, truncated: found.length > PAGE, integrations: mine, links };
    },

    async appointment(id: string): Promise<Appointment> {
      const [found] = await ask<Appointment[]>('appointments.read', rdv().select(APPOINTMENT).eq('id', id).limit(1));
      if (found === undefined) throw new Failure(t.failure.gone, { code: 'NOT_FOUND', step: 'appointments.read' });
      return found;
    },

    /** Those that still exist, by id. */
    async appointments(ids: readonly string[]): Promise<Map<string, Appointment>> {
      if (ids.length === 0) return new Map();
      const request = rdv().select(APPOINTMENT).in('id', ids.slice(0, IDS_PER_REQUEST));
      return new Map((await ask<Appointment[]>('appointments.read', request)).map((row) => [row.id, row]));
    },

    /** The latest failures that wait for a person, for one provider of the user. */
    async failedLinks(member: Membership, provider: string): Promise<Link[]> {
      const integrations = client.from('calendar_integrations').select('id').eq(
        'organisation_id',
        member.organisation.id,
      )
        .eq('user_id', member.userId).eq('provider', provider);
      const [mine] = await ask<Array<{ id: string }>>('integrations.read', integrations);
      if (mine === undefined) return [];
      const failed = client.from('appointment_external_links').select(LINK).eq('integration_id', mine.id)
        .eq('sync_status', 'error').order('updated_at', { ascending: false }).limit(IDS_PER_REQUEST);
      return await ask<Link[]>('links.read', failed);
    },

    async people(member: Membership): Promise<{ patients: Person[]; practitioners: Person[] }> {
      type Name = { id: string; first_name: string; last_name: string };
      const patients = client.from('patients').select('id, first_name, last_name')
        .eq('organisation_id', member.organisation.id).order('last_name').order('first_name').limit(1000);
      const colleagues = client.from('organisation_members').select('id, display_name')
        .eq('organisation_id', member.organisation.id).in('role', ['practitioner', 'admin']).order('display_name');
      const [names, members] = await Promise.all([
        ask<Name[]>('patients.read', patients),
        ask<Array<{ id: string; display_name: string }>>('practitioners.read', colleagues),
      ]);
      return {
        patients: names.map(({ id, first_name, last_name }) => ({ id, name: `${last_name} ${first_name}`.trim() })),
        practitioners: members.map(({ id, display_name }) => ({ id, name: display_name })),
      };
    },

    async create(member: Membership, fields: AppointmentFields): Promise<void> {
      await ask('appointments.create', rdv().insert({ ...fields, organisation_id: member.organisation.id }));
    },

    /** Refused when somebody else changed the appointment since it was read. */
    save: (appointment: Appointment, fields: AppointmentFields) =>
      changed(
        'appointments.update',
        rdv().update(fields).eq('id', appointment.id).eq('updated_at', appointment.updated_at).select('id'),
      ),

    setStatus: (appointment: Appointment, status: Appointment['status']) =>
      changed('appointments.update', rdv().update({ status }).eq('id', appointment.id).select('id')),

    remove: (appointment: Appointment) =>
      changed('appointments.delete', rdv().delete().eq('id', appointment.id).select('id')),
  };
}

/** First name first. Null without a patient. */
export function patientName(appointment: Appointment): string | null {
  const { patient } = appointment;
  return patient === null ? null : `${patient.first_name} ${patient.last_name}`.trim();
}
