/** One appointment: what it is, what became of it in people's calendars, and what can be done with it. */
import type { AppointmentStatus } from '../../../supabase/functions/_shared/vocabulary.ts';
import { useState } from 'preact/hooks';
import { useWorkspace } from '../backend/workspace.ts';
import { lazy } from '../parts/lazy.tsx';
import { PersonBadge } from '../parts/person_badge.tsx';
import { Modal } from '../parts/modal.tsx';
import { formatDate, t } from '../words/i18n.ts';
import type { Agenda } from './agenda.ts';
import { Drawer } from './drawer.tsx';
import type { Entry } from './entry.ts';
import { SourceBadge } from './entry_mark.tsx';
import type { ErasePatientProps } from './erase_patient.tsx';
import { Facts } from './facts.tsx';
import { History } from './history.tsx';
import { type Appointment, patientName } from './rows.ts';
import { SyncSection } from './sync_section.tsx';
import { whenOf } from './when.ts';
import { words } from './words.ts';

const ErasePatient = lazy<ErasePatientProps>(async () => (await import('./erase_patient.tsx')).ErasePatient);

interface AppointmentDrawerProps {
  readonly entry: Extract<Entry, { kind: 'appointment' }>;
  readonly agenda: Agenda;
  readonly busy: boolean;
  readonly onClose: () => void;
  readonly onEdit: (appointment: Appointment) => void;
  readonly onStatus: (appointment: Appointment, status: AppointmentStatus) => void;
  readonly onRemove: (appointment: Appointment) => Promise<void>;
  /** The patient of this appointment, and with them its event, is gone. */
  readonly onErased: () => void;
}

export function AppointmentDrawer(
  { entry, agenda, busy, onClose, onEdit, onStatus, onRemove, onErased }: AppointmentDrawerProps,
) {
  const { appointment } = entry;
  const { member } = useWorkspace();
  const [asking, setAsking] = useState(false);
  const [erasing, setErasing] = useState(false);
  const name = patientName(appointment) ?? appointment.type;
  const remove = () => void onRemove(appointment).finally(() => setAsking(false));
  return (
    <Drawer
      kind={
        <>
          {words.drawer.appointment} <SourceBadge source={appointment.source} />
        </>
      }
      title={name}
      onClose={onClose}
    >
      <div data-rdv={appointment.id} class='drawer-sections'>
        <Facts
          facts={[
            [words.drawer.when, whenOf(entry)],
            [words.drawer.status, words.status[appointment.status]],
            [words.drawer.patient, patientText(appointment)],
            [
              words.drawer.practitioner,
              entry.person === null
                ? appointment.practitioner?.display_name ?? words.drawer.noPractitioner
                : (
                  <span key='practitioner'>
                    <PersonBadge {...entry.person} /> {entry.person.name}
                  </span>
                ),
            ],
            [words.form.type, appointment.type],
            [words.drawer.act, appointment.act],
            [words.drawer.location, appointment.location],
            [words.drawer.notes, appointment.notes && <span key='notes' class='as-written'>{appointment.notes}</span>],
          ]}
        />
        <SyncSection appointment={appointment} agenda={agenda} onEdit={() => onEdit(appointment)} />
        <History rdvId={appointment.id} agenda={agenda} />
      </div>
      <div class='drawer-actions'>
        <button type='button' class='primary' disabled={busy} onClick={() => onEdit(appointment)}>
          {words.drawer.edit}
        </button>
        {entry.cancelled
          ? (
            <button type='button' disabled={busy} onClick={() => onStatus(appointment, 'scheduled')}>
              {words.drawer.restore}
            </button>
          )
          : (
            <button type='button' disabled={busy} onClick={() => onStatus(appointment, 'cancelled')}>
              {words.drawer.cancel}
            </button>
          )}
        <button type='button' class='quiet quiet-danger' disabled={busy} onClick={() => setAsking(true)}>
          {words.drawer.delete}
        </button>
        {member.role === 'admin' && appointment.patient_id !== null && (
          <button
            type='button'
            class='quiet quiet-danger'
            disabled={busy}
            onClick={() => setErasing(true)}
          >
            {words.erase.open}
          </button>
        )}
      </div>
      {erasing && appointment.patient_id !== null && (
        <ErasePatient
          patientId={appointment.patient_id}
          name={name}
          onClose={() => setErasing(false)}
          onErased={() => {
            setErasing(false);
            onErased();
          }}
        />
      )}
      {asking && (
        <Modal
          title={words.drawer.confirmDelete}
          busy={busy}
          onClose={() => setAsking(false)}
          onSubmit={remove}
        >
          <p>{words.drawer.confirmDeleteText(`${name}, ${whenOf(entry)}`)}</p>
          <div class='buttons'>
            <button type='button' disabled={busy} onClick={() => setAsking(false)}>{words.drawer.keep}</button>
            <button type='submit' class='danger' disabled={busy} aria-busy={busy}>{words.drawer.delete}</button>
          </div>
        </Modal>
      )}
      {busy && <p class='unseen' role='status'>{t.app.loading}</p>}
    </Drawer>
  );
}

/** With the date of birth, which tells people of one name apart. */
function patientText(appointment: Appointment): string {
  const name = patientName(appointment) ?? words.drawer.noPatient;
  const born = appointment.patient?.birth_date ?? null;
  return born === null ? name : `${name} · ${words.patient.born(formatDate(born))}`;
}
