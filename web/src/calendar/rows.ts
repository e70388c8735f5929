/** The rows that the calendar shows, as the tables' API gives them. Instants are ISO strings, days `YYYY-MM-DD`. */
import type {
  AppointmentStatus,
  ConnectionStatus,
  EventResponse,
  EventStatus,
  Role,
  SyncStatus,
} from '../../../supabase/functions/_shared/vocabulary.ts';

/** What the appointment form edits. */
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

/** What the table itself has of an appointment: enough to make the same one again. */
export interface AppointmentRow extends AppointmentFields {
  readonly id: string;
  readonly organisation_id: string;
  readonly status: AppointmentStatus;
  /** Where it was made: `cassius` or a provider's key. */
  readonly source: string;
}

export interface Appointment extends AppointmentRow {
  /** Version for a conditional write. */
  readonly updated_at: string;
  readonly patient: {
    readonly first_name: string;
    readonly last_name: string;
    /** `YYYY-MM-DD`; null where it is not known. */
    readonly birth_date: string | null;
  } | null;
  readonly practitioner: { readonly display_name: string } | null;
}

export interface Attendee {
  readonly email?: string | null;
  readonly name?: string | null;
  readonly response?: EventResponse | null;
  readonly organizer?: boolean | null;
  readonly self?: boolean | null;
}

/** An event of a person's own calendar. Of a private one only the time is known. */
export interface ExternalEvent {
  readonly id: string;
  readonly organisation_id: string;
  readonly integration_id: string;
  readonly user_id: string;
  readonly provider: string;
  readonly external_calendar_id: string;
  readonly external_event_id: string;
  readonly status: EventStatus;
  readonly summary: string | null;
  readonly description: string | null;
  readonly location: string | null;
  readonly start_at: string;
  readonly end_at: string;
  readonly all_day: boolean;
  readonly start_day: string | null;
  /** Exclusive. */
  readonly end_day: string | null;
  readonly attendees: unknown;
  readonly html_link: string | null;
  readonly own_response: EventResponse | null;
  readonly visibility: string;
  readonly cassius_appointment_id: string | null;
  readonly last_synced_at: string;
}

export interface Link {
  readonly rdv_id: string;
  readonly integration_id: string;
  readonly sync_status: SyncStatus;
  readonly skip_reason: string | null;
  readonly last_error: { readonly code?: string; readonly message?: string } | null;
  readonly last_synced_at: string | null;
  readonly drifted_at: string | null;
}

export interface Integration {
  readonly id: string;
  readonly provider: string;
  readonly user_id: string;
  readonly status: ConnectionStatus;
  readonly export_enabled: boolean;
  readonly import_enabled: boolean;
  readonly last_error: { readonly code?: string; readonly message?: string } | null;
}

/** An undecided conflict, as far as the calendar marks it. */
export interface OpenConflict {
  readonly id: string;
  readonly reason: string;
  readonly internal_id: string | null;
  readonly external_id: string | null;
}

export interface Member {
  readonly id: string;
  readonly user_id: string | null;
  readonly display_name: string;
  readonly role: Role;
  /** Null: those of the name. */
  readonly initials: string | null;
  readonly color: number;
}

/** First name first. Null without a patient. */
export function patientName({ patient }: Pick<Appointment, 'patient'>): string | null {
  return patient === null ? null : `${patient.first_name} ${patient.last_name}`.trim();
}
