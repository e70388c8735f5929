/** Which occurrence of a series is the one that was at a time, where the series has no place at that time any more. */

const HALF_A_DAY = 43_200_000;
const DAY = 86_400_000;

/** How far from that time is looked, in milliseconds. */
export const SEARCH = { before: 31 * DAY, after: 400 * DAY } as const;

/**
 * The nearest. A series that ended before that time, as by a change of "this and following", has no occurrence for it:
 * more than half a day before only the series' first counts, for the series was then moved as a whole.
 *
 * @param starts of living occurrences, and of the series itself (`first`), as `Date.parse` reads them
 */
export function nearestOccurrence<Occurrence>(
  occurrences: ReadonlyArray<{ readonly occurrence: Occurrence; readonly start: string }>,
  first: string,
  at: string,
): Occurrence | null {
  const distance = ({ start }: { start: string }) => Math.abs(Date.parse(start) - Date.parse(at));
  const [nearest] = occurrences
    .filter(({ start }) => Date.parse(start) >= Date.parse(at) - HALF_A_DAY || Date.parse(start) === Date.parse(first))
    .sort((one, other) => distance(one) - distance(other));
  return nearest?.occurrence ?? null;
}
