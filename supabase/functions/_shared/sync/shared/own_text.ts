/**
 * Our part of an event's description, and its owner's: whatever we write, the owner's lines stay. What is ours is known by
 * what we wrote last, and ends with the link back.
 */
import { cutEscaped, escapedLength, TEXT_LIMITS } from '../../text.ts';
import { EVENT_WORDS } from './event_words.ts';

/** In every language: the practice may have changed its own since. */
const LABELS = Object.values(EVENT_WORDS).flatMap(({ practitioner, act }) => [practitioner, act]);

export interface OwnText {
  /** What we wrote last, as the calendar gives it back; null where that is not known. */
  readonly before: string | null;
  readonly now: string;
  /** Given where what is shown may be a write of ours whose answer got lost: what was announced since. */
  readonly sent?: readonly string[];
}

export interface Described {
  readonly description: string;
  /** Our part of it, cut where the owner's text leaves no room, or as it was. */
  readonly own: string;
}

/** A text that is longer may go on where it was cut for reading: what is not known must not be written over. */
const WHOLE_LENGTH = TEXT_LIMITS.description - 64;

/** The description to write over `shown`. */
export function withOwnText(shown: string, { before, now, sent }: OwnText): Described {
  const kept = { description: shown, own: before ?? '' };
  if (escapedLength(shown) > WHOLE_LENGTH) return kept;
  const written = [...before === null ? [] : [before], ...sent ?? []];
  const [above, below] = sent && written.length === 0 ? aroundLink(shown, now) : aroundOurs(shown, written, now);
  const own = fitting(now, TEXT_LIMITS.description - escapedLength(above) - escapedLength(below));
  return own === null ? kept : { description: `${above}${own}${below}`, own };
}

/** What is left in `shown` of what we wrote: all of it, where its owner only added to it. */
export function ownTextIn(shown: string, written: string): string {
  if (shown.includes(written)) return written;
  const there = timesOf(linesOf(shown));
  const left = linesOf(written).filter((line) => isBlank(line) || take(there, line));
  return left.length === linesOf(written).length ? written : left.join('\n').trim();
}

const linesOf = (text: string) => text.split('\n');
const isBlank = (line: string) => line.trim() === '';
const isLabelled = (line: string) => LABELS.some((label) => line.startsWith(label));
const linkOf = (own: string) => own.slice(own.lastIndexOf('\n') + 1);

/** Programs that show a text write its white space anew. */
const plain = (line: string) => line.trim().replace(/\s+/g, ' ');

function timesOf(lines: readonly string[]): Map<string, number> {
  const times = new Map<string, number>();
  for (const line of lines.map(plain)) times.set(line, (times.get(line) ?? 0) + 1);
  return times;
}

/** One of so many such lines, as long as there are any. */
function take(times: Map<string, number>, line: string): boolean {
  const left = times.get(plain(line)) ?? 0;
  if (left > 0) times.set(plain(line), left - 1);
  return left > 0;
}

/** What is above and below our part: where it is no longer in one piece, its lines are found one by one. */
function aroundOurs(shown: string, written: readonly string[], now: string): readonly [string, string] {
  const [only = '', ...more] = written;
  const at = only === '' || more.length > 0 ? -1 : shown.indexOf(only);
  if (at >= 0) return [shown.slice(0, at), shown.slice(at + only.length)];
  const lines = linesOf(shown);
  const known = new Map<string, number>();
  for (const text of [...written, now]) {
    for (const [line, times] of timesOf(linesOf(text))) known.set(line, Math.max(times, known.get(line) ?? 0));
  }
  return around(lines, lines.map((line) => !isBlank(line) && take(known, line)), linkOf(now));
}

/** What we wrote is not known: it begins with the first line that can only be ours, and ends with the link. */
function aroundLink(shown: string, now: string): readonly [string, string] {
  const lines = linesOf(shown);
  const link = lines.findLastIndex((line) => line.includes(linkOf(now)));
  if (link < 0) return aroundOurs(shown, [], now);
  const ours = timesOf(linesOf(now));
  const first = lines.findIndex((line, at) => at === link || isLabelled(line) || !isBlank(line) && take(ours, line));
  return around(lines, lines.map((_, at) => first >= 0 && at >= first && at <= link), linkOf(now));
}

/** Ours comes where its link was, or its first line; at the end where there is none. */
function around(lines: readonly string[], ours: readonly boolean[], link: string): readonly [string, string] {
  const last = lines.findLastIndex((line, at) => ours[at] && plain(line) === link);
  const anchor = last >= 0 ? last : ours.indexOf(true);
  const theirs = lines.map((line, at) => ours[at] ? null : line);
  const text = (part: readonly (string | null)[]) => part.filter((line) => line !== null).join('\n').trim();
  const above = text(anchor < 0 ? theirs : theirs.slice(0, anchor));
  const below = text(anchor < 0 ? [] : theirs.slice(anchor));
  return [above && `${above}\n\n`, below && `\n\n${below}`];
}

/** The link stays whole; null where there is not even room for it. */
function fitting(own: string, room: number): string | null {
  if (escapedLength(own) <= room) return own;
  const link = linkOf(own);
  if (escapedLength(link) > room) return null;
  const end = `\n\n${link}`;
  const kept = cutEscaped(own.slice(0, -link.length), room - end.length).trimEnd();
  return kept === '' ? link : kept + end;
}
