/** Creates or edits an appointment. The times typed are the practice's, wherever the browser is. */
import { useEffect, useState } from 'preact/hooks';
import { ask } from '../backend/ask.ts';
import { asFailure, Failure } from '../backend/failure.ts';
import type { Membership } from '../backend/members.ts';
import { useWorkspace } from '../backend/workspace.ts';
import { Modal } from '../parts/modal.tsx';
import { FailureNote } from '../parts/notices.tsx';
import { t } from '../words/i18n.ts';
import { addMinutes, instantToWall, wallToInstant } from '../../../supabase/functions/_shared/zoned_time.ts';
import { createAppointment, saveAppointment } from './agenda.ts';
import type { Appointment, AppointmentFields, Member } from './rows.ts';
import { words } from './words.ts';

interface FormProps {
  /** Null creates one. */
  readonly appointment: Appointment | null;
  /** Where a new appointment starts and ends, on the practice's clock; an empty end means the usual length. */
  readonly stretch: { readonly start: string; readonly end: string };
  readonly practitioners: readonly Member[];
  /** Whose a new one is at first. */
  readonly practitioner: string | null;
  readonly onClose: () => void;
  readonly onSaved: (message: string) => void;
}

interface Person {
  readonly id: string;
  readonly name: string;
}

/** The form's own state: wall times and empty strings where the table has instants and nulls. */
interface Draft {
  type: string;
  act: string;
  patient: string;
  practitioner: string;
  start: string;
  end: string;
  location: string;
  notes: string;
}

export function AppointmentForm({ appointment, stretch, practitioners, practitioner, onClose, onSaved }: FormProps) {
  const { backend: { db }, member } = useWorkspace();
  const { timezone: zone, default_duration_minutes: minutes } = member.organisation;
  const [initial] = useState<Draft>(() =>
    appointment === null ? blank(member, stretch, practitioner) : draftOf(appointment, zone)
  );
  const [draft, setDraft] = useState(initial);
  const [patients, setPatients] = useState<readonly Person[] | undefined>(undefined);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);

  useEffect(() => {
    type Name = { id: string; first_name: string; last_name: string };
    const request = db.from('patients').select('id, first_name, last_name')
      .eq('organisation_id', member.organisation.id).order('last_name').order('first_name').limit(1000);
    ask<Name[]>('patients.read', request).then(
      (names) =>
        setPatients(names.map(({ id, first_name, last_name }) => ({ id, name: `${last_name} ${first_name}`.trim() }))),
      (error) => setFailure(asFailure(error, 'patients.read')),
    );
  }, [db, member]);

  const field = (name: keyof Draft) => ({
    name,
    value: draft[name],
    onInput: ({ currentTarget: { value } }: { currentTarget: { value: string } }) =>
      setDraft((now) => ({ ...now, [name]: value })),
  });
  const moveStart = ({ currentTarget: { value } }: { currentTarget: HTMLInputElement }) =>
    setDraft((now) => ({ ...now, start: value, end: value === '' ? now.end : movedEnd(now, value, zone, minutes) }));

  // An unchanged wall time keeps its instant: in the hour that comes twice, the form cannot tell which one is meant.
  const start = draft.start === initial.start
    ? appointment?.starts_at ?? instantOf(draft.start, zone)
    : instantOf(draft.start, zone);
  const end = draft.end === initial.end
    ? appointment?.ends_at ?? instantOf(draft.end, zone)
    : instantOf(draft.end, zone);
  const skipped = start !== null && draft.start !== '' && instantToWall(start, zone) !== draft.start;

  const save = async () => {
    if (start !== null && end !== null && Date.parse(end) <= Date.parse(start)) {
      setFailure(new Failure(words.form.endBeforeStart, { code: 'INVALID_REQUEST', step: 'appointments.check' }));
      return;
    }
    const fields: AppointmentFields = {
      type: draft.type.trim(),
      act: draft.act.trim() || null,
      patient_id: draft.patient || null,
      practitioner_id: draft.practitioner || null,
      starts_at: start,
      ends_at: end,
      location: draft.location.trim() || null,
      notes: draft.notes.trim() || null,
    };
    setBusy(true);
    setFailure(null);
    try {
      if (appointment === null) await createAppointment(db, member, fields);
      else await saveAppointment(db, appointment, fields);
      onSaved(appointment === null ? words.change.created : words.change.saved);
    } catch (error) {
      setFailure(asFailure(error, 'appointments.save'));
      setBusy(false);
    }
  };

  return (
    <Modal
      title={appointment === null ? words.form.create : words.form.edit}
      busy={busy}
      onClose={onClose}
      onSubmit={save}
    >
      <div class='fields'>
        <label>
          {words.form.type}
          <input {...field('type')} required pattern='.*\S.*' maxLength={200} />
        </label>
        <label>
          {words.form.act}
          <input {...field('act')} maxLength={500} />
        </label>
        <PersonSelect
          label={words.form.patient}
          people={patients}
          known={appointment?.patient && `${appointment.patient.last_name} ${appointment.patient.first_name}`.trim()}
          field={field('patient')}
        />
        <PersonSelect
          label={words.form.practitioner}
          people={practitioners.map(({ id, display_name }) => ({ id, name: display_name }))}
          known={appointment?.practitioner?.display_name}
          field={field('practitioner')}
        />
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
          <input {...field('end')} type='datetime-local' aria-describedby='end-hint' />
          <span id='end-hint' class='hint'>{draft.end === '' && draft.start !== '' && words.form.noEnd(minutes)}</span>
        </label>
        <label class='wide'>
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
        <button type='button' onClick={onClose} disabled={busy}>{t.app.cancel}</button>
        <button type='submit' class='primary' disabled={busy} aria-busy={busy}>{t.app.save}</button>
      </div>
    </Modal>
  );
}

interface SelectProps {
  readonly label: string;
  /** Undefined while they load. */
  readonly people: readonly Person[] | undefined;
  /** Name of the one chosen so far: it may be outside the list. */
  readonly known: string | null | undefined;
  readonly field: { name: string; value: string; onInput: (event: { currentTarget: { value: string } }) => void };
}

function PersonSelect({ label, people = [], known, field }: SelectProps) {
  const { value } = field;
  return (
    <label>
      {label}
      <select {...field}>
        <option value=''>{words.form.none}</option>
        {value !== '' && !people.some(({ id }) => id === value) && (
          <option value={value}>{known ?? t.app.loading}</option>
        )}
        {people.map(({ id, name }) => <option key={id} value={id}>{name}</option>)}
      </select>
    </label>
  );
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
    patient: appointment.patient_id ?? '',
    practitioner: appointment.practitioner_id ?? '',
    start: wall(appointment.starts_at),
    end: wall(appointment.ends_at),
    location: appointment.location ?? '',
    notes: appointment.notes ?? '',
  };
}

function blank(member: Membership, { start, end }: FormProps['stretch'], practitioner: string | null): Draft {
  const { timezone: zone, default_duration_minutes: minutes } = member.organisation;
  return {
    type: words.form.newType,
    act: '',
    patient: '',
    practitioner: practitioner ?? '',
    start,
    end: end === '' ? instantToWall(addMinutes(wallToInstant(start, zone), minutes), zone) : end,
    location: '',
    notes: '',
  };
}
