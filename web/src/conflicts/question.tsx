/** Asks once before something is decided for several conflicts, or appointments of patients are cancelled: whose they are, and when. */
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { asFailure, type Failure } from '../backend/failure.ts';
import { useWorkspace } from '../backend/workspace.ts';
import { Modal } from '../parts/modal.tsx';
import { FailureNote } from '../parts/notices.tsx';
import { t } from '../words/i18n.ts';
import { appointmentsOf, type ConflictRow, overlapsOf } from './conflict.ts';
import { readSubjects, type Subject } from './conflicts.ts';
import { appointmentText } from './say.ts';
import { words } from './words.ts';

interface QuestionProps {
  readonly title: string;
  readonly confirm: string;
  /** Those of which appointments are cancelled. A change of too much at once lists its own. */
  readonly cancelled: readonly ConflictRow[];
  readonly onClose: () => void;
  readonly onDecide: () => void;
  readonly children?: ComponentChildren;
}

/** How many appointments a decision cancels. */
export function cancelledCount(conflicts: readonly ConflictRow[]): number {
  return conflicts.reduce((sum, one) => sum + (one.reason === 'time_overlap' ? overlapsOf(one).count : 1), 0);
}

export function Question({ title, confirm, cancelled, onClose, onDecide, children }: QuestionProps) {
  const { backend: { db }, member: { organisation } } = useWorkspace();
  const named = cancelled.filter(({ reason }) => reason !== 'mass_change');
  const ids = named.flatMap(appointmentsOf);
  const [appointments, setAppointments] = useState<readonly Subject[] | null>(ids.length > 0 ? null : []);
  const [failure, setFailure] = useState<Failure | null>(null);
  useEffect(() => {
    if (ids.length === 0) return;
    const abort = new AbortController();
    readSubjects(db, organisation.id, ids, abort.signal).then(setAppointments, (error) => {
      if (!abort.signal.aborted) setFailure(asFailure(error, 'appointments.read'));
    });
    return () => abort.abort();
  }, [db, ids.join()]);
  const count = cancelledCount(named);
  const others = count - new Set(ids).size;
  return (
    <Modal title={title} busy={false} onClose={onClose} onSubmit={() => appointments !== null && onDecide()}>
      {children}
      {count > 0 && (
        <div class='stack-tight' role='status' data-cancelled={count}>
          {appointments !== null && (
            <>
              <p>{words.question.cancelled(count)}</p>
              <ul class='list question-list' tabIndex={0} aria-label={words.question.cancelled(count)}>
                {appointments.toSorted((one, other) => (one.starts_at ?? '').localeCompare(other.starts_at ?? '')).map((
                  one,
                ) => <li key={one.id}>{appointmentText(one, organisation.timezone)}</li>)}
              </ul>
              {others > 0 && <p class='hint'>{words.mass.more(others)}</p>}
            </>
          )}
          {appointments === null && failure === null && <p class='loading'>{t.app.loading}</p>}
        </div>
      )}
      {failure !== null && <FailureNote failure={failure} />}
      <div class='buttons'>
        <button type='button' autofocus onClick={onClose}>{words.question.keep}</button>
        <button type='submit' class={cancelled.length > 0 ? 'danger' : 'primary'} disabled={appointments === null}>
          {confirm}
        </button>
      </div>
    </Modal>
  );
}
