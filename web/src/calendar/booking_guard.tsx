/** Asks before a change books a practitioner twice: the change waits for the answer. */
import type { ComponentChildren } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { useWorkspace } from '../backend/workspace.ts';
import { Modal } from '../parts/modal.tsx';
import { addMinutes, wallToInstant } from '../../../supabase/functions/_shared/zoned_time.ts';
import { acrossOf, type Busy, freeIn, minutesOf, readBusy, searched, timeOf } from './booking.ts';
import type { Stretch } from './free_time.ts';
import type { Change } from './pending_change.ts';
import type { AppointmentRow, Member } from './rows.ts';
import { freeText, Taken } from './taken_note.tsx';
import { words } from './words.ts';

interface Question {
  readonly who: string;
  readonly across: readonly Busy[];
  readonly free: Stretch | null;
}

type Answer = 'leave' | 'book' | 'free';

/** The person chose not to book: nothing is wrong, and nothing is written. */
export class NotBooked extends Error {
  /** @param instead what they chose in its place; null leaves the appointment as it was */
  constructor(readonly instead: Change | null) {
    super('Book: the time is taken, and the person chose otherwise');
    this.name = 'NotBooked';
  }
}

export interface BookingGuard {
  /** Returns where the change may be written; throws NotBooked where the person chose otherwise. */
  admit(appointment: AppointmentRow, change: Change): Promise<void>;
  readonly question: ComponentChildren;
}

/** Whether a change can put an appointment over something: its time, its practitioner, or that it is no longer cancelled. */
function books({ status, starts_at, ends_at, practitioner_id }: Change): boolean {
  return status === 'scheduled' || status === 'confirmed' ||
    [starts_at, ends_at, practitioner_id].some((value) => value !== undefined);
}

export function useBookingGuard(members: readonly Member[]): BookingGuard {
  const { backend: { db }, member: { organisation } } = useWorkspace();
  const { timezone: zone, default_duration_minutes: minutes } = organisation;
  const [question, setQuestion] = useState<Question | null>(null);
  const answer = useRef<(answer: Answer) => void>(() => {});

  const ask = (asked: Question) =>
    new Promise<Answer>((resolve) => {
      // One that is still open is answered by leaving things as they are.
      answer.current('leave');
      answer.current = (given) => {
        answer.current = () => {};
        setQuestion(null);
        resolve(given);
      };
      setQuestion(asked);
    });

  const admit = async (appointment: AppointmentRow, change: Change): Promise<void> => {
    const changed = { ...appointment, ...change };
    const time = timeOf(changed, minutes);
    const stands = changed.status === 'scheduled' || changed.status === 'confirmed';
    if (!books(change) || !stands || time === null) return;
    const across = acrossOf(await readBusy(db, time), time, appointment.id);
    if (across.length === 0) return;
    const days = searched(time.startsAt, new Date().toISOString(), zone);
    const busy = await readBusy(db, { ...days, practitioner: time.practitioner });
    const free = freeIn(days, busy, minutesOf(time), appointment.id, zone);
    const who = members.find(({ id }) => id === time.practitioner)?.display_name ?? words.form.practitioner;
    const given = await ask({ who, across, free });
    if (given === 'book') return;
    if (given === 'leave' || free === null) throw new NotBooked(null);
    const startsAt = wallToInstant(free.start, zone);
    throw new NotBooked({
      ...change,
      starts_at: startsAt,
      ends_at: changed.ends_at === null ? null : addMinutes(startsAt, minutesOf(time)),
    });
  };

  return {
    admit,
    question: question !== null && (
      <Modal
        title={words.booking.title}
        busy={false}
        onClose={() => answer.current('leave')}
        onSubmit={() => answer.current('book')}
      >
        <div class='stack-tight'>
          <Taken who={question.who} across={question.across} zone={zone} />
          <p>{question.free === null ? words.booking.noneFree : words.booking.nextFree(freeText(question.free))}</p>
        </div>
        <div class='buttons'>
          <button type='button' autofocus onClick={() => answer.current('leave')}>{words.booking.leave}</button>
          <button type='submit'>{words.booking.book}</button>
          {question.free !== null && (
            <button type='button' class='primary' onClick={() => answer.current('free')}>
              {words.booking.takeFree}
            </button>
          )}
        </div>
      </Modal>
    ),
  };
}
