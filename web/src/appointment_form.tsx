/** Creates or edits an appointment. The times typed are the practice's, wherever the browser is. */
import { useEffect, useState } from 'preact/hooks';
import { asFailure, Failure } from './failure.ts';
import { t } from './i18n.ts';
import { Modal } from './modal.tsx';
import { FailureNote } from './notices.tsx';
import type { Appointment, AppointmentFields, Membership, Person, Tables } from './tables.ts';
import { addMinutes, instantToWall, wallToInstant } from './zoned_time.ts';

interface FormProps {
  readonly tables: Tables;
  readonly member: Membership;
  /** Null creates one. */
  readonly appointment: Appointment | null;
  /** The day that a new appointment starts with. */
  readonly day: string;
  readonly onClose: () => void;
  readonly onSaved: (message: string) => void;
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

export function AppointmentForm({ tables, member, appointment, day, onClose, onSaved }: FormProps) {
  const { timezone: zone, default_duration_minutes: minutes } = member.organisation;
  const [initial] = useState<Draft>(() => appointment === null ? blank(member, day) : draftOf(appointment, zone));
  const [draft, setDraft] = useState(initial);
  const [people, setPeople] = useState<{ patients: Person[]; practitioners: Person[] } | null>(null);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);

  useEffect(() => {
    tables.people(member).then(setPeople, (error) => setFailure(asFailure(error, 'people.read')));
  }, [tables, member]);

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
      setFailure(new Failure(t.form.endBeforeStart, { code: 'INVALID_REQUEST', step: 'appointments.check' }));
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
      if (appointment === null) await tables.create(member, fields);
      else await tables.save(appointment, fields);
      onSaved(appointment === null ? t.appointments.created : t.app.saved);
    } catch (error) {
      setFailure(asFailure(error, 'appointments.save'));
      setBusy(false);
    }
  };

  return (
    <Modal title={appointment === null ? t.form.create : t.form.edit} busy={busy} onClose={onClose} onSubmit={save}>
      <div class='fields'>
        <label>
          {t.form.type}
          <input {...field('type')} required pattern='.*\S.*' maxLength={100} />
        </label>
        <label>
          {t.form.act}
          <input {...field('act')} maxLength={200} />
        </label>
        <PersonSelect
          label={t.form.patient}
          people={people?.patients}
          known={appointment?.patient && `${appointment.patient.last_name} ${appointment.patient.first_name}`.trim()}
          field={field('patient')}
        />
        <PersonSelect
          label={t.form.practitioner}
          people={people?.practitioners}
          known={appointment?.practitioner?.display_name}
          field={field('practitioner')}
        />
        <label>
          {t.form.start}
          <input {...field('start')} type='datetime-local' onInput={moveStart} aria-describedby='start-hint' />
          <span id='start-hint' class='hint'>
            {draft.start === ''
              ? t.form.noStart
              : skipped && start !== null && t.form.skippedTime(instantToWall(start, zone).slice(11))}
          </span>
        </label>
        <label>
          {t.form.end}
          <input {...field('end')} type='datetime-local' aria-describedby='end-hint' />
          <span id='end-hint' class='hint'>{draft.end === '' && draft.start !== '' && t.form.noEnd(minutes)}</span>
        </label>
        <label class='wide'>
          {t.form.location}
          <input {...field('location')} maxLength={300} />
        </label>
        <label class='wide'>
          {t.form.notes}
          <textarea {...field('notes')} rows={3} maxLength={4000} />
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
        <option value=''>{t.form.none}</option>
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

/** A new appointment: that day at nine, or the next full hour if the day is today. */
function blank(member: Membership, day: string): Draft {
  const { timezone: zone, default_duration_minutes: minutes } = member.organisation;
  const now = instantToWall(addMinutes(new Date().toISOString(), 60), zone);
  const start = now.slice(0, 10) === day ? `${now.slice(0, 13)}:00` : `${day}T09:00`;
  return {
    type: 'Consultation',
    act: '',
    patient: '',
    practitioner: member.role === 'secretary' ? '' : member.memberId,
    start,
    end: instantToWall(addMinutes(wallToInstant(start, zone), minutes), zone),
    location: '',
    notes: '',
  };
}
