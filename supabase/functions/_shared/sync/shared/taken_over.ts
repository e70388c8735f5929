/** What of an event counts for its appointment: where two ways are asked for Cassius takes it over, elsewhere it puts it right. */
import type { EventContent } from '../../providers/port/content.ts';
import { sameInstants } from './content_difference.ts';
import type { EventDetail } from '../../vocabulary.ts';

export type Taken = 'time' | 'location';

/** One that shows no place says nothing about it. */
export function takenOver(detail: EventDetail | null): readonly Taken[] {
  return detail === 'busy' ? ['time'] : ['time', 'location'];
}

/** Of that, what differs; the zone in which a time is written is its owner's. */
export function differsIn(detail: EventDetail | null, one: EventContent, other: EventContent): readonly Taken[] {
  return takenOver(detail).filter((field) =>
    field === 'time' ? !sameInstants(one.time, other.time) : one.location !== other.location
  );
}
