/** Moving an appointment without a pointer: Alt and an arrow, a quarter of an hour or a day at a time. */
import type { Entry } from './entry.ts';

const MINUTES: Readonly<Record<string, number>> = {
  ArrowUp: -15,
  ArrowDown: 15,
  ArrowLeft: -24 * 60,
  ArrowRight: 24 * 60,
};

interface Keys {
  readonly key: string;
  readonly altKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
}

const later = (wall: string, minutes: number) =>
  new Date(Date.parse(`${wall}:00Z`) + minutes * 60_000).toISOString().slice(0, 16);

/** Where the keys move the entry; with Shift, Up and Down change how long it lasts. Null where they mean nothing. */
export function moveByKey(
  { start, end }: Pick<Entry, 'start' | 'end'>,
  { key, altKey, ctrlKey, metaKey, shiftKey }: Keys,
): { start: string; end: string } | null {
  const minutes = MINUTES[key];
  if (!altKey || ctrlKey || metaKey || minutes === undefined || start === null || end === null) return null;
  if (!shiftKey) return { start: later(start, minutes), end: later(end, minutes) };
  const ends = later(end, minutes);
  return Math.abs(minutes) > 60 || ends <= start ? null : { start, end: ends };
}
