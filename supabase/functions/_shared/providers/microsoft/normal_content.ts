import { cut, oneLine, storable, TEXT_LIMITS } from '../../text.ts';
import type { EventContent, EventTime, Instant } from '../calendar_provider.ts';

/** Outlook's own pages stop here. */
const LINE_LENGTH = 255;
/** How much more than is kept is looked at: room for what is taken out. */
const ROUGHLY = 4;

/** What XML, in which mailboxes are written, cannot hold. */
// deno-lint-ignore no-control-regex
const UNWRITABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

/**
 * The content as Microsoft hands it back. Idempotent: what we send, what we read and what we compare all went through
 * here, so line ends, trimmed edges and zones never look like somebody's edit.
 */
export function normalContent(content: EventContent): EventContent {
  return {
    title: settle(content.title, LINE_LENGTH, oneLine),
    description: settle(content.description, TEXT_LIMITS.description, withoutTrails),
    location: settle(content.location, LINE_LENGTH, oneLine),
    time: normalTime(content.time),
    availability: content.availability,
    visibility: content.visibility,
  };
}

export function normalChanges(changes: Partial<EventContent>): Partial<EventContent> {
  const whole = normalContent({
    title: '',
    description: '',
    location: '',
    time: { kind: 'all_day', startDay: '', endDay: '' },
    availability: 'busy',
    visibility: 'normal',
    ...changes,
  });
  return Object.fromEntries(Object.entries(whole).filter(([field]) => field in changes));
}

/** Until nothing changes any more: a cut can bring up a new edge to trim. */
function settle(text: string, length: number, step: (text: string) => string): string {
  let before: string;
  let after = storable(text, length * ROUGHLY).replace(UNWRITABLE, '').replace(/\r\n?/g, '\n');
  do {
    before = after;
    after = cut(step(before).trim(), length);
  } while (after !== before);
  return after;
}

/** White space at the end of a line. */
function withoutTrails(text: string): string {
  return text.split('\n').map((line) => line.trimEnd()).join('\n');
}

/**
 * Instants go out and come back in UTC. A wall time beside a zone would mean two instants in the hour that a fall-back
 * repeats, and Graph refuses many zones of the tz database, those of overseas departments among them.
 */
function normalTime(time: EventTime): EventTime {
  if (time.kind === 'all_day') return time;
  return {
    ...time,
    startsAt: wholeSecond(time.startsAt),
    endsAt: wholeSecond(time.endsAt),
    timeZone: isZone(time.timeZone) ? 'UTC' : time.timeZone,
  };
}

function wholeSecond(instant: Instant): Instant {
  const at = Date.parse(instant);
  // Refused when it is written, and only it: an exception here would take the other operations of its batch along.
  return Number.isNaN(at) ? instant : new Date(Math.floor(at / 1000) * 1000).toISOString();
}

const known = new Set(['UTC']);

/** A zone that nobody knows stays, so that its event is refused instead of being understood as something else. */
function isZone(name: string): boolean {
  if (known.has(name)) return true;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
  } catch {
    return false;
  }
  known.add(name);
  return true;
}
