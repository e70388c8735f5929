/** Which occurrence of a series is the one that was at a time, where the series has no place at that time any more. */
import type { SoughtPlace } from './port/calendar.ts';

const HALF_A_DAY = 43_200_000;
const DAY = 86_400_000;

/** How far from that time is looked, in milliseconds. */
export const SEARCH = { before: 31 * DAY, after: 400 * DAY } as const;

/**
 * The nearest. A series that ended more than half a day before, as by a change of "this and following", has none; only one
 * that was a single event cannot have ended, so that all of it was moved.
 *
 * @param starts of living occurrences, as `Date.parse` reads them
 */
export function nearestOccurrence<Occurrence>(
  occurrences: ReadonlyArray<{ readonly occurrence: Occurrence; readonly start: string }>,
  { at, wasSingle = false }: Pick<SoughtPlace, 'at' | 'wasSingle'>,
): Occurrence | null {
  const goesOn = wasSingle || occurrences.some(({ start }) => Date.parse(start) >= Date.parse(at) - HALF_A_DAY);
  const distance = ({ start }: { start: string }) => Math.abs(Date.parse(start) - Date.parse(at));
  const [nearest] = goesOn ? occurrences.toSorted((one, other) => distance(one) - distance(other)) : [];
  return nearest?.occurrence ?? null;
}
