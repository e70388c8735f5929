/** Creates or edits an appointment. The times typed are the practice's, wherever the browser is. */
import { useEffect, useState } from 'preact/hooks';
import { asFailure, Failure } from '../backend/failure.ts';
import type { Membership } from '../backend/members.ts';
import { useWorkspace } from '../backend/workspace.ts';
import { dropDraft, keepDraft, readDraft } from '../parts/drafts.ts';
import { leave, useUnsaved } from '../parts/leaving.tsx';
import { Modal } from '../parts/modal.tsx';
import { FailureNote } from '../parts/notices.tsx';
import { t } from '../words/i18n.ts';
import { addMinutes, instantToWall, wallToInstant } from '../../../supabase/functions/_shared/zoned_time.ts';
import { createAppointment, saveAppointment } from './agenda.ts';
import { acrossOf, keyOf, readBusy, timeOf } from './booking.ts';
import { BookingNote, useBooking } from './booking_note.tsx';
import type { Stretch } from './free_time.ts';
import { chosen, type PatientChoice, PatientField } from './patient_field.tsx';
import { createPatient, type Patient } from './patients.ts';
import type { Appointment, AppointmentFields, Member } from './rows.ts';
import { words } from './words.ts';

interface FormProps {
  /** Null creates one. */
  readonly appointment: Appointment | null;
  /** Where a new appointment starts and ends, on the practice's clock; an empty end means the usual length. */
  readonly stretch: Stretch | null;
  /** The start is a proposal: the first free time from there on takes its place, until a person chooses another. */
  readonly proposed: boolean;
  /** Whom a new one is for. */
  readonly patient?: Patient | undefined;
  readonly practitioners: readonly Member[];
  /** Whose a new one is at first. */
  readonly practitioner: string | null;
  readonly onClose: () => void;
  readonly onCreated: (created: Appointment) => void;
  /** `version`: the one that writing the fields gave it. */
  readonly onChanged: (before: Appointment, fields: AppointmentFields, version: string) => void;
}

/** The form's own state: wall times and empty strings where the table has instants and nulls. */
interface Draft {
  type: string;
  act: string;
  practitioner: string;
  start: string;
  end: string;
  location: string;
  notes: string;
}

/** A form that was left open, by a reload or the end of a session. */
export interface KeptForm extends Pick<FormProps, 'appointment' | 'stretch' | 'proposed'> {
  readonly initial: Draft;
  readonly draft: Draft;
  readonly choice: PatientChoice;
  readonly proposing: boolean;
}

/** Where it is kept. */
export const DRAFT = 'appointment';

const FIELDS = ['type', 'act', 'practitioner', 'start', 'end', 'location', 'notes'] as const satisfies ReadonlyArray<
  keyof Draft
>;

export function AppointmentForm(
  { appointment, stretch, proposed, patient: wanted, practitioners, practitioner, onClose, onCreated, onChanged }:
    FormProps,
) {
  const { backend: { db }, member } = useWorkspace();
  const { timezone: zone, default_duration_minutes: minutes } = member.organisation;
  const [kept] = useState(() => readDraft<KeptForm>(DRAFT, member));
  const [initial] = useState<Draft>(() =>
    kept?.initial ?? (appointment === null ? blank(member, stretch, practitioner) : draftOf(appointment, zone))
  );
  const [draft, setDraft] = useState(kept?.draft ?? initial);
  const [patient, setPatient] = useState(() => kept?.choice ?? chosen(wanted ?? patientOf(appointment)));
  const [proposing, setProposing] = useState(kept?.proposing ?? proposed);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);

  // A time that was proposed was typed by no person.
  const dirty = (patient.patient?.id ?? null) !== (appointment?.patient_id ?? null) ||
    patient.text !== chosen(patient.patient).text ||
    FIELDS.some((name) => draft[name] !== initial[name] && !(proposing && (name === 'start' || name === 'end')));
  useEffect(() => {
    if (dirty) {
      keepDraft(
        DRAFT,
        member,
        { appointment, stretch, proposed, initial, draft, choice: patient, proposing } satisfies KeptForm,
      );
    } else dropDraft(DRAFT);
  }, [dirty, draft, patient, proposing]);
  useUnsaved(dirty, () => dropDraft(DRAFT));
  const close = () => leave(onClose);

  const field = (name: keyof Draft) => ({
    name,
    value: draft[name],
    onInput: ({ currentTarget: { value } }: { currentTarget: { value: string } }) =>
      setDraft((now) => ({ ...now, [name]: value })),
  });
  const moveStart = ({ currentTarget: { value } }: { currentTarget: HTMLInputElement }) => {
    setProposing(false);
    setDraft((now) => ({ ...now, start: value, end: value === '' ? now.end : movedEnd(now, value, zone, minutes) }));
  };
  const moveEnd = ({ currentTarget: { value } }: { currentTarget: HTMLInputElement }) => {
    setProposing(false);
    setDraft((now) => ({ ...now, end: value }));
  };
  const choosePractitioner = ({ currentTarget: { value } }: { currentTarget: HTMLSelectElement }) =>
    setDraft((now) => ({ ...now, practitioner: value, ...(proposing && { start: initial.start, end: initial.end }) }));
  const take = ({ start, end }: Stretch) => {
    setProposing(false);
    setDraft((now) => ({ ...now, start, end: now.end === '' ? '' : end }));
  };

  // An unchanged wall time keeps its instant: in the hour that comes twice, the form cannot tell which one is meant.
  const start = draft.start === initial.start
    ? appointment?.starts_at ?? instantOf(draft.start, zone)
    : instantOf(draft.start, zone);
  const end = draft.end === initial.end
    ? appointment?.ends_at ?? instantOf(draft.end, zone)
    : instantOf(draft.end, zone);
  const skipped = start !== null && draft.start !== '' && instantToWall(start, zone) !== draft.start;

  const self = appointment?.id ?? null;
  const time = timeOf({ practitioner_id: draft.practitioner || null, starts_at: start, ends_at: end }, minutes);
  const booking = useBooking(time, self);
  // What it lay across before, and lies across still, is no news.
  const moved = appointment === null ||
    (['practitioner', 'start', 'end'] as const).some((name) => draft[name] !== initial[name]);
  const { free } = booking;
  const found = moved ? booking.across ?? [] : [];
  const who = practitioners.find(({ id }) => id === draft.practitioner)?.display_name;
  const replaced = proposing && found.length > 0 && free !== null ? free : null;
  useEffect(() => {
    if (replaced !== null) setDraft((now) => ({ ...now, start: replaced.start, end: replaced.end }));
  }, [replaced?.start]);
  const across = replaced === null ? found : [];

  /** Whether the person has seen all that the appointment would lie across now. */
  const seen = async (): Promise<boolean> => {
    if (!moved || time === null) return true;
    const now = acrossOf(await readBusy(db, time), time, self);
    const known = new Set(across.map(keyOf));
    if (now.every((one) => known.has(keyOf(one)))) return true;
    booking.correct(now);
    return false;
  };

  const save = async () => {
    if (start !== null && end !== null && Date.parse(end) <= Date.parse(start)) {
      setFailure(new Failure(words.form.endBeforeStart, { code: 'INVALID_REQUEST', step: 'appointments.check' }));
      return;
    }
    const fields: AppointmentFields = {
      type: draft.type.trim(),
      act: draft.act.trim() || null,
      patient_id: patient.patient?.id ?? null,
      practitioner_id: draft.practitioner || null,
      starts_at: start,
      ends_at: end,
      location: draft.location.trim() || null,
      notes: draft.notes.trim() || null,
    };
    setBusy(true);
    setFailure(null);
    try {
      if (!await seen()) return setBusy(false);
      if (patient.isNew && patient.patient !== null) {
        await createPatient(db, member.organisation.id, patient.patient);
        // Another try books them and makes no second one.
        setPatient(chosen(patient.patient));
      }
      if (appointment === null) {
        const created = await createAppointment(db, member, fields);
        dropDraft(DRAFT);
        onCreated(created);
      } else {
        const version = await saveAppointment(db, appointment, fields);
        dropDraft(DRAFT);
        onChanged(appointment, fields, version);
      }
    } catch (error) {
      setFailure(asFailure(error, 'appointments.save'));
      setBusy(false);
    }
  };

  return (
    <Modal
      title={appointment === null ? words.form.create : words.form.edit}
      busy={busy}
      onClose={close}
      onSubmit={save}
    >
      <div class='fields'>
        <div class='wide'>
          <PatientField choice={patient} onChange={setPatient} />
        </div>
        <label>
          {words.form.type}
          <input {...field('type')} required pattern='.*\S.*' maxLength={200} />
        </label>
        <label>
          {words.form.practitioner}
          <select {...field('practitioner')} onInput={choosePractitioner}>
            <option value=''>{words.form.none}</option>
            {draft.practitioner !== '' && who === undefined && (
              <option value={draft.practitioner}>{appointment?.practitioner?.display_name ?? t.app.loading}</option>
            )}
            {practitioners.map(({ id, display_name }) => <option key={id} value={id}>{display_name}</option>)}
          </select>
        </label>
        <label>
          {words.form.start}
          <input {...field('start')} type='datetime-local' onInput={moveStart} aria-describedby='start-hint' />
          <span id='start-hint' class='hint'>
            {draft.start === ''
              ? words.form.noStart
              : skipped && start !== null && words.form.skippedTime(instantToWall(start, zone).slice(11))}
          </span>
        </label>
        <label>
          {words.form.end}
          <input {...field('end')} type='datetime-local' onInput={moveEnd} aria-describedby='end-hint' />
          <span id='end-hint' class='hint'>{draft.end === '' && draft.start !== '' && words.form.noEnd(minutes)}</span>
        </label>
        <BookingNote
          across={across}
          free={free}
          who={who ?? appointment?.practitioner?.display_name ?? words.form.practitioner}
          onTake={take}
        />
        <label>
          {words.form.act}
          <input {...field('act')} maxLength={500} />
        </label>
        <label>
          {words.form.location}
          <input {...field('location')} maxLength={1024} />
        </label>
        <label class='wide'>
          {words.form.notes}
          <textarea {...field('notes')} rows={3} maxLength={10_000} />
        </label>
      </div>
      {failure !== null && <FailureNote failure={failure} />}
      <div class='buttons'>
        <button type='button' onClick={close} disabled={busy}>{t.app.cancel}</button>
        <button type='submit' class='primary' disabled={busy} aria-busy={busy}>
          {across.length > 0 ? words.booking.saveAnyway : t.app.save}
        </button>
      </div>
    </Modal>
  );
}

function patientOf(appointment: Appointment | null): Patient | null {
  if (appointment === null || appointment.patient_id === null || appointment.patient === null) return null;
  const { first_name, last_name, birth_date } = appointment.patient;
  return { id: appointment.patient_id, firstName: first_name, lastName: last_name, birthDate: birth_date };
}

function instantOf(wall: string, zone: string): string | null {
  return wall === '' ? null : wallToInstant(wall.slice(0, 16), zone);
}

/** The end for a moved start: the appointment stays as long as it was, or open-ended. */
function movedEnd(draft: Draft, start: string, zone: string, minutes: number): string {
  if (draft.start !== '' && draft.end === '') return '';
  const from = instantOf(draft.start, zone);
  const until = instantOf(draft.end, zone);
  const length = from !== null && until !== null ? (Date.parse(until) - Date.parse(from)) / 60_000 : minutes;
  return instantToWall(addMinutes(wallToInstant(start.slice(0, 16), zone), length > 0 ? length : minutes), zone);
}

function draftOf(appointment: Appointment, zone: string): Draft {
  const wall = (instant: string | null) => instant === null ? '' : instantToWall(instant, zone);
  return {
    type: appointment.type,
    act: appointment.act ?? '',
    practitioner: appointment.practitioner_id ?? '',
    start: wall(appointment.starts_at),
    end: wall(appointment.ends_at),
    location: appointment.location ?? '',
    notes: appointment.notes ?? '',
  };
}

function blank(member: Membership, stretch: Stretch | null, practitioner: string | null): Draft {
  const { timezone: zone, default_duration_minutes: minutes } = member.organisation;
  const { start, end } = stretch ?? { start: '', end: '' };
  return {
    type: words.form.newType,
    act: '',
    practitioner: practitioner ?? '',
    start,
    end: end === '' && start !== '' ? instantToWall(addMinutes(wallToInstant(start, zone), minutes), zone) : end,
    location: '',
    notes: '',
  };
}
