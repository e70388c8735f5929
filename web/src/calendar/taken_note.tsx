/** With what an appointment would share its practitioner's time. */
import { instantToWall } from '../../../supabase/functions/_shared/zoned_time.ts';
import type { Busy } from './booking.ts';
import type { Stretch } from './free_time.ts';
import { whenOf } from './when.ts';
import { words } from './words.ts';

/** More than these are counted. */
const LISTED = 5;

interface TakenProps {
  readonly who: string;
  readonly across: readonly Busy[];
  readonly zone: string;
}

export function Taken({ who, across, zone }: TakenProps) {
  const wall = (instant: string) => instantToWall(instant, zone);
  return (
    <>
      <p>{words.booking.taken(who)}</p>
      <ul class='list'>
        {across.slice(0, LISTED).map((one) => (
          <li key={one.id} data-taken={one.kind}>
            <strong>{nameOf(one)}</strong>
            <span class='hint'>
              {whenOf({ start: wall(one.startsAt), end: wall(one.endsAt), allDay: false })}
            </span>
          </li>
        ))}
      </ul>
      {across.length > LISTED && <p>{words.booking.others(across.length - LISTED)}</p>}
    </>
  );
}

function nameOf({ kind, name }: Busy): string {
  const title = name?.trim() || words.grid.busy;
  return kind === 'event' ? words.booking.event(title) : title;
}

/** « mardi 1 décembre 2026, 10:30–11:00 ». */
export function freeText(free: Stretch): string {
  return whenOf({ ...free, allDay: false });
}
