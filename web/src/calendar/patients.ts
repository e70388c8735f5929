/** Patients as the appointment form finds and makes them. */
import type { AppointmentStatus } from '../../../supabase/functions/_shared/vocabulary.ts';
import { ask } from '../backend/ask.ts';
import type { Tables } from '../backend/backend.ts';
import { Failure } from '../backend/failure.ts';

export interface Patient {
  readonly id: string;
  readonly firstName: string;
  readonly lastName: string;
  /** `YYYY-MM-DD`; null where it is not known. */
  readonly birthDate: string | null;
}

/** Answer of `search_patients`. */
export interface FoundPatients {
  readonly patients: readonly Patient[];
  /** Others match as well: the search has to say more. */
  readonly more: boolean;
}

/** Of the answer of `search_appointments`. */
export interface FoundAppointment {
  readonly id: string;
  readonly type: string;
  readonly act: string | null;
  readonly startsAt: string | null;
  readonly status: AppointmentStatus;
  readonly practitioner: string | null;
}

/** Answer of `search_appointments`: each patient's next appointments first, then the latest. */
export interface FoundOnes {
  readonly patients: ReadonlyArray<
    Patient & { readonly appointments: readonly FoundAppointment[]; readonly total: number }
  >;
  readonly more: boolean;
}

/** The database's own code of a row that is there already. */
const DUPLICATE = '23505';

export function searchPatients(
  db: Tables,
  organisation: string,
  text: string,
  signal: AbortSignal,
): Promise<FoundPatients> {
  const request = db.rpc('search_patients', { p_organisation: organisation, p_text: text });
  return ask<FoundPatients>('patients.search', request.abortSignal(signal));
}

export function searchAppointments(
  db: Tables,
  organisation: string,
  text: string,
  signal: AbortSignal,
): Promise<FoundOnes> {
  const request = db.rpc('search_appointments', { p_organisation: organisation, p_text: text });
  return ask<FoundOnes>('appointments.search', request.abortSignal(signal));
}

/** Asked again with the same id, it makes no second one: the first answer may have been lost. */
export async function createPatient(db: Tables, organisation: string, patient: Patient): Promise<void> {
  const { id, firstName, lastName, birthDate } = patient;
  const request = db.from('patients').insert({
    id,
    organisation_id: organisation,
    first_name: firstName,
    last_name: lastName,
    birth_date: birthDate,
  });
  try {
    await ask('patients.create', request);
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== DUPLICATE) throw error;
  }
}

/** As a list of names sorts it: last name first. */
export function listedName({ firstName, lastName }: Pick<Patient, 'firstName' | 'lastName'>): string {
  return `${lastName} ${firstName}`.trim();
}

/** The parts of a name as it was typed: the last name comes first, as in the list. */
export function partsOf(text: string): Pick<Patient, 'firstName' | 'lastName'> {
  const [lastName = '', ...rest] = text.trim().split(/\s+/);
  return { lastName, firstName: rest.join(' ') };
}
