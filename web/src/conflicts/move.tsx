/** Moves an appointment away from what it overlaps, to the next time that is free; it can be taken back. */
import { useEffect, useState } from 'preact/hooks';
import { asFailure, Failure } from '../backend/failure.ts';
import { useWorkspace } from '../backend/workspace.ts';
import { saveAppointment } from '../calendar/agenda.ts';
import { acrossOf, type Busy, freeIn, minutesOf, readBusy, searched, type Time, timeOf } from '../calendar/booking.ts';
import { words as calendar } from '../calendar/words.ts';
import { useAction } from '../parts/action.ts';
import { Modal } from '../parts/modal.tsx';
import { Link } from '../parts/navigation.tsx';
import { FailureNote, tellDone, tellFailure } from '../parts/notices.tsx';
import { t } from '../words/i18n.ts';
import { addMinutes, wallToInstant } from '../../../supabase/functions/_shared/zoned_time.ts';
import { readSubjects, type Subject } from './conflicts.ts';
import { appointmentText, timeText } from './say.ts';
import { words } from './words.ts';

interface MoveProps {
  readonly conflict: string;
  readonly rdv: string;
  readonly onClose: () => void;
  /** After the move, and after it was taken back: the question shows the present. */
  readonly onMoved: () => Promise<void>;
}

interface Found {
  readonly subject: Subject;
  readonly time: Time;
  /** In which a free time is looked for, and what is taken in them. */
  readonly days: Pick<Time, 'startsAt' | 'endsAt'>;
  readonly busy: readonly Busy[];
}

export function Move({ conflict, rdv, onClose, onMoved }: MoveProps) {
  const { backend: { db }, member: { organisation } } = useWorkspace();
  const { timezone: zone, default_duration_minutes: usual } = organisation;
  const [found, setFound] = useState<Found | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [taken, setTaken] = useState(false);
  const [busy, act] = useAction('appointments.update');

  useEffect(() => {
    const abort = new AbortController();
    const read = async () => {
      const [subject] = await readSubjects(db, organisation.id, [rdv], abort.signal);
      const time = subject === undefined ? null : timeOf(subject, usual);
      if (subject === undefined || time === null) {
        throw new Failure(words.move.gone, { code: 'NOT_FOUND', step: 'appointments.read' });
      }
      const days = searched(time.startsAt, new Date().toISOString(), zone);
      return { subject, time, days, busy: await readBusy(db, { ...time, ...days }, abort.signal) };
    };
    read().then(setFound, (error) => {
      if (!abort.signal.aborted) setFailure(asFailure(error, 'appointments.read'));
    });
    return () => abort.abort();
  }, [db, rdv]);

  const free = found && freeIn(found.days, found.busy, minutesOf(found.time), rdv, zone);
  const proposed = free && found && {
    ...found.time,
    startsAt: wallToInstant(free.start, zone),
    endsAt: addMinutes(wallToInstant(free.start, zone), minutesOf(found.time)),
  };
  const said = ({ startsAt, endsAt }: Pick<Time, 'startsAt' | 'endsAt'>) =>
    timeText({ kind: 'timed', startsAt, endsAt }, zone);

  /** A question that could not be looked at again is closed by the next reading. */
  const review = async () => {
    await db.rpc('review_overlap', { p_conflict: conflict });
    await onMoved();
  };
  const move = async () => {
    if (found === null || !proposed) return;
    const { subject } = found;
    const across = acrossOf(await readBusy(db, proposed), proposed, rdv);
    if (across.length > 0) {
      setTaken(true);
      return setFound({ ...found, busy: [...found.busy, ...across] });
    }
    const { starts_at, ends_at } = subject;
    const version = await saveAppointment(db, subject, {
      starts_at: proposed.startsAt,
      ends_at: ends_at === null ? null : proposed.endsAt,
    });
    tellDone(words.move.done(said(proposed)), async () => {
      try {
        await saveAppointment(db, { id: rdv, updated_at: version }, { starts_at, ends_at });
        tellDone(calendar.undo.done);
      } catch (error) {
        tellFailure(notUndone(error), 'appointments.undo');
      }
      await review();
    });
    onClose();
    await review();
  };

  return (
    <Modal title={words.move.open} busy={busy} onClose={onClose} onSubmit={() => void act(move)}>
      {failure !== null && <FailureNote failure={failure} />}
      <div class='stack-tight' role='status'>
        {found === null && failure === null && <p class='loading'>{t.app.loading}</p>}
        {found !== null && (
          <>
            <p>{appointmentText(found.subject, zone)}</p>
            {taken && <p class='banner banner-warning'>{words.move.taken}</p>}
            <p data-free={proposed?.startsAt}>{proposed ? words.move.free(said(proposed)) : words.move.noneFree}</p>
          </>
        )}
      </div>
      <p class='hint'>
        <Link to={`/calendar?rdv=${rdv}`}>{words.move.byHand}</Link>
      </p>
      <div class='buttons'>
        <button type='button' autofocus disabled={busy} onClick={onClose}>{words.move.keep}</button>
        {found !== null && proposed && (
          <>
            <button
              type='button'
              disabled={busy}
              onClick={() => {
                setTaken(false);
                setFound({ ...found, days: { ...found.days, startsAt: proposed.endsAt } });
              }}
            >
              {words.move.other}
            </button>
            <button type='submit' class='primary' disabled={busy} aria-busy={busy}>{words.move.take}</button>
          </>
        )}
      </div>
    </Modal>
  );
}

function notUndone(error: unknown): Failure {
  const failure = asFailure(error, 'appointments.undo');
  const { code, step, requestId, providerCode, details } = failure;
  const message = code === 'CHANGED_MEANWHILE' ? calendar.undo.meanwhile : `${calendar.undo.failed} ${failure.message}`;
  return new Failure(message, { code, step, requestId, providerCode, details, cause: failure });
}
