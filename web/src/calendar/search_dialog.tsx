/** From a name to the appointment: patients with what is booked for them, in one list. */
import { useCallback, useState } from 'preact/hooks';
import { useWorkspace } from '../backend/workspace.ts';
import { Combobox, type Option } from '../parts/combobox.tsx';
import { Modal } from '../parts/modal.tsx';
import { formatMoment, t } from '../words/i18n.ts';
import { useAsOneTypes } from './as_one_types.ts';
import { bornOf } from './patient_field.tsx';
import { type FoundAppointment, type FoundOnes, listedName, type Patient, searchAppointments } from './patients.ts';
import { words } from './words.ts';

interface SearchProps {
  readonly onClose: () => void;
  readonly onFound: (appointment: FoundAppointment) => void;
  /** A new appointment is wanted for them: they have none. */
  readonly onBook: (patient: Patient) => void;
}

export function SearchDialog({ onClose, onFound, onBook }: SearchProps) {
  const { backend: { db }, member: { organisation } } = useWorkspace();
  const [text, setText] = useState('');
  const wanted = text.trim();
  const search = useCallback(
    (name: string, signal: AbortSignal) => searchAppointments(db, organisation.id, name, signal),
    [db, organisation.id],
  );
  const { found, stale, failure } = useAsOneTypes(wanted, 'appointments.search', search);
  const patients = wanted === '' ? [] : found?.patients ?? [];
  const options = patients.flatMap((one) => optionsOf(one, organisation.timezone));
  const choose = (key: string) => {
    for (const { appointments, total, ...patient } of patients) {
      const appointment = appointments.find(({ id }) => id === key);
      if (appointment !== undefined) return onFound(appointment);
      if (patient.id === key && total === 0) return onBook(patient);
    }
  };
  const note = wanted === ''
    ? null
    : failure !== null
    ? failure.message
    : stale || found === null
    ? words.patient.searching
    : found.more
    ? words.search.more(patients.length)
    : patients.length === 0
    ? words.search.none
    : null;
  return (
    <Modal title={words.search.title} busy={false} onClose={onClose} onSubmit={() => {}}>
      <div class='search'>
        <Combobox
          name='search'
          label={words.search.label}
          placeholder={words.search.placeholder}
          text={text}
          options={options}
          note={note}
          announced={stale ? '' : words.search.found(options.length)}
          problem=''
          hint={words.search.keys}
          stale={stale}
          focused
          onText={setText}
          onChoose={choose}
        />
      </div>
      <div class='buttons'>
        <button type='button' onClick={onClose}>{t.app.close}</button>
      </div>
    </Modal>
  );
}

/** The last one of a patient says how many are left out. */
function optionsOf({ appointments, total, ...patient }: FoundOnes['patients'][number], zone: string): Option[] {
  const label = listedName(patient);
  const born = bornOf(patient);
  if (appointments.length === 0) return [{ key: patient.id, label, hint: `${born} · ${words.search.book}` }];
  return appointments.map(({ id, type, act, startsAt, status, practitioner }, at) => ({
    key: id,
    label,
    hint: [
      startsAt === null ? words.drawer.noDate : formatMoment(startsAt, zone),
      type,
      act,
      practitioner,
      status === 'cancelled' && words.status.cancelled,
      at === 0 && born,
      at === appointments.length - 1 && total > appointments.length &&
      words.search.others(total - appointments.length),
    ].filter(Boolean).join(' · '),
  }));
}
