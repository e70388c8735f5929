/** Says in the form with what the appointment would share its practitioner's time, and offers the next time that is free. */
import { useEffect, useState } from 'preact/hooks';
import { useWorkspace } from '../backend/workspace.ts';
import { acrossOf, type Busy, freeIn, minutesOf, readBusy, searched, type Time } from './booking.ts';
import type { Stretch } from './free_time.ts';
import { freeText, Taken } from './taken_note.tsx';
import { words } from './words.ts';

export interface Booking {
  /** Null until known, and where there is no practitioner or no time to know it of. */
  readonly across: readonly Busy[] | null;
  /** The first free time from the one that is asked for; null where none is known. */
  readonly free: Stretch | null;
  /** What the database said later than this did. */
  correct(across: readonly Busy[]): void;
}

/** Milliseconds after the last change before the database is asked. */
const PAUSE = 150;

/** What is in the way of a time, and the next one that is free, while it is being chosen. */
export function useBooking(time: Time | null, self: string | null): Booking {
  const { backend: { db }, member: { organisation: { timezone: zone } } } = useWorkspace();
  const key = time === null ? '' : `${time.practitioner} ${time.startsAt} ${time.endsAt}`;
  const [known, setKnown] = useState<{ key: string; across: readonly Busy[]; free: Stretch | null } | null>(null);
  useEffect(() => {
    if (time === null) return;
    const abort = new AbortController();
    const days = searched(time.startsAt, new Date().toISOString(), zone);
    const from = Date.parse(time.startsAt) < Date.parse(days.startsAt) ? time.startsAt : days.startsAt;
    const until = Date.parse(time.endsAt) > Date.parse(days.endsAt) ? time.endsAt : days.endsAt;
    const timer = setTimeout(() => {
      readBusy(db, { practitioner: time.practitioner, startsAt: from, endsAt: until }, abort.signal).then(
        (busy) => {
          if (abort.signal.aborted) return;
          const free = freeIn(days, busy, minutesOf(time), self, zone);
          // What saving found meanwhile is newer.
          setKnown((now) => ({ key, across: now?.across ?? acrossOf(busy, time, self), free }));
        },
        // Saving looks again, and says what is wrong.
        () => {},
      );
    }, PAUSE);
    return () => {
      clearTimeout(timer);
      abort.abort();
      setKnown(null);
    };
  }, [db, key, self, zone]);
  const mine = known?.key === key ? known : null;
  return {
    across: mine?.across ?? null,
    free: mine?.free ?? null,
    correct: (across) => setKnown({ key, across, free: mine?.free ?? null }),
  };
}

interface NoteProps {
  readonly across: readonly Busy[];
  readonly free: Stretch | null;
  /** The practitioner's name. */
  readonly who: string;
  readonly onTake: (free: Stretch) => void;
}

export function BookingNote({ across, free, who, onTake }: NoteProps) {
  const { member: { organisation: { timezone: zone } } } = useWorkspace();
  return (
    <div class='wide booking-note' role='status'>
      {across.length > 0 && (
        <div class='banner banner-warning'>
          <div class='stack-tight'>
            <Taken who={who} across={across} zone={zone} />
            {free === null
              ? <p>{words.booking.noneFree}</p>
              : <button type='button' onClick={() => onTake(free)}>{words.booking.nextFree(freeText(free))}</button>}
          </div>
        </div>
      )}
    </div>
  );
}
