/** Asks before a patient is erased everywhere, and tells what could not be reached. */
import { useState } from 'preact/hooks';
import { ask } from '../backend/ask.ts';
import { asFailure, type Failure } from '../backend/failure.ts';
import { useWorkspace } from '../backend/workspace.ts';
import { Modal } from '../parts/modal.tsx';
import { FailureNote } from '../parts/notices.tsx';
import { providerOf } from '../providers.ts';
import { language, said, t } from '../words/i18n.ts';
import { words } from './words.ts';

/** Answer of `erase_patient`. */
interface Erasure {
  readonly appointments: number;
  readonly eventsToRemove: number;
  readonly unreachable: ReadonlyArray<{
    readonly provider: string;
    readonly accountEmail: string | null;
    readonly events: number;
    /** An error code. */
    readonly reason: string;
  }>;
}

export interface ErasePatientProps {
  readonly patientId: string;
  readonly name: string;
  readonly onClose: () => void;
  readonly onErased: () => void;
}

export function ErasePatient({ patientId, name, onClose, onErased }: ErasePatientProps) {
  const { backend } = useWorkspace();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [erasure, setErasure] = useState<Erasure | null>(null);
  const close = erasure === null ? onClose : onErased;

  const erase = async () => {
    if (erasure !== null) return onErased();
    setBusy(true);
    setFailure(null);
    try {
      const request = backend.db.rpc('erase_patient', { p_patient: patientId });
      setErasure(await ask<Erasure>('patients.erase', request));
    } catch (error) {
      setFailure(asFailure(error, 'patients.erase'));
    } finally {
      setBusy(false);
    }
  };

  return (
    <Modal
      title={erasure === null ? words.erase.title(name) : words.erase.erased}
      busy={busy}
      onClose={close}
      onSubmit={erase}
    >
      <div role='status' class='stack-tight'>
        {erasure === null ? <p>{words.erase.text}</p> : (
          <>
            <p>{words.erase.done(erasure.appointments)}</p>
            {erasure.eventsToRemove > 0 && <p>{words.erase.removing(erasure.eventsToRemove)}</p>}
            {erasure.unreachable.length > 0 && (
              <>
                <p>{words.erase.unreachable}</p>
                <ul class='list'>
                  {erasure.unreachable.map(({ provider, accountEmail, events, reason }) => (
                    <li key={`${provider} ${accountEmail}`}>
                      {words.erase.place(
                        providerOf(provider)?.calendar[language] ?? provider,
                        accountEmail ?? words.erase.unknownAccount,
                        events,
                      )}
                      <span class='hint'>{said(words.erase.reasons, reason) ?? words.erase.noAccess}</span>
                    </li>
                  ))}
                </ul>
              </>
            )}
          </>
        )}
      </div>
      {failure !== null && <FailureNote failure={failure} />}
      <div class='buttons'>
        {erasure === null
          ? (
            <>
              <button key='no' type='button' disabled={busy} onClick={onClose}>{t.app.cancel}</button>
              <button key='yes' type='submit' class='danger' disabled={busy} aria-busy={busy}>
                {words.erase.erase}
              </button>
            </>
          )
          : <button key='close' type='submit' autofocus>{t.app.close}</button>}
      </div>
    </Modal>
  );
}
