/** The appointments that could not be sent and wait for a person. */
import { ask } from '../backend/ask.ts';
import type { Backend } from '../backend/backend.ts';
import type { Membership } from '../backend/members.ts';

export interface NamedAppointment {
  readonly id: string;
  readonly type: string;
  readonly starts_at: string | null;
  readonly patient: { readonly first_name: string; readonly last_name: string } | null;
  readonly practitioner: { readonly display_name: string } | null;
}

export interface FailedAppointment {
  readonly rdvId: string;
  readonly code: string | null;
  readonly message: string | null;
  /** Null when it was deleted meanwhile. */
  readonly appointment: NamedAppointment | null;
}

/** Ids in one filter: they travel in the address, which gateways cut at a few kilobytes. */
const IDS_PER_REQUEST = 100;

const NAMED =
  'id, type, starts_at, patient:patients(first_name, last_name), practitioner:organisation_members(display_name)';

/** Those of the ids that still exist and may be seen. */
export async function nameAppointments(
  { db }: Backend,
  ids: readonly string[],
  signal?: AbortSignal,
): Promise<Map<string, NamedAppointment>> {
  const parts: Promise<NamedAppointment[]>[] = [];
  for (let at = 0; at < ids.length; at += IDS_PER_REQUEST) {
    const request = db.from('rdv').select(NAMED)
      .in('id', ids.slice(at, at + IDS_PER_REQUEST));
    parts.push(ask('appointments.read', signal === undefined ? request : request.abortSignal(signal)));
  }
  return new Map((await Promise.all(parts)).flat().map((row) => [row.id, row]));
}

/** The latest ones of one provider of the user. */
export async function readFailedAppointments(
  backend: Backend,
  member: Membership,
  provider: string,
  signal: AbortSignal,
): Promise<FailedAppointment[]> {
  const { db } = backend;
  const integrations = db.from('calendar_integrations').select('id')
    .eq('organisation_id', member.organisation.id).eq('user_id', member.userId).eq('provider', provider);
  const [mine] = await ask<Array<{ id: string }>>('integrations.read', integrations.abortSignal(signal));
  if (mine === undefined) return [];
  const failed = db.from('appointment_external_links').select('rdv_id, last_error').eq('integration_id', mine.id)
    .eq('sync_status', 'error').order('updated_at', { ascending: false }).limit(IDS_PER_REQUEST).abortSignal(signal);
  type Row = { rdv_id: string; last_error: { code?: string; message?: string } | null };
  const rows = await ask<Row[]>('links.read', failed);
  const named = await nameAppointments(backend, rows.map(({ rdv_id }) => rdv_id), signal);
  return rows.map(({ rdv_id, last_error }) => ({
    rdvId: rdv_id,
    code: last_error?.code ?? null,
    message: last_error?.message ?? null,
    appointment: named.get(rdv_id) ?? null,
  }));
}

/** « Alice Durand » or the type of an appointment without a patient. */
export function whoOf({ patient, type }: NamedAppointment): string {
  return patient === null ? type : `${patient.first_name} ${patient.last_name}`.trim();
}
