import { oneLine, TEXT_LIMITS } from '../../text.ts';
import { type FieldRules, normalized, settled, wholeSeconds } from '../normal_content.ts';
import type { EventContent, EventTime } from '../port/content.ts';

/** Outlook's own pages stop here. */
const LINE_LENGTH = 255;

/** What XML, in which mailboxes are written, cannot hold. */
// deno-lint-ignore no-control-regex
const UNWRITABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

const RULES: FieldRules = {
  title: (text) => settled(writable(text), LINE_LENGTH, oneLine),
  description: (text) => settled(addresses(writable(text)), TEXT_LIMITS.description, withoutTrails),
  location: (text) => settled(writable(text), LINE_LENGTH, oneLine),
  time: (time) => inUtc(wholeSeconds(time)),
};

/**
 * The content, or the changed fields of it, as Microsoft hands it back. Idempotent: what is sent, read and compared all
 * went through here, so line ends, trimmed edges and zones never look like a person's edit.
 */
export function normalContent<Fields extends Partial<EventContent>>(fields: Fields): Fields {
  return normalized(fields, RULES);
}

const writable = (text: string) => text.replace(UNWRITABLE, '');

/** Graph's plain text has a link's address in angle brackets behind its label. */
const BRACKETED = /<((?:https?:\/\/|mailto:|tel:)[^<>\s]+)>/gi;

/** Links as {@link plainText} of HTML writes them: an address that is its own label stands once. */
function addresses(text: string): string {
  return text.replace(BRACKETED, (_, link: string, at: number) => {
    const address = link.replace(/^(?:mailto|tel):/i, '');
    if (text.slice(Math.max(0, at - address.length), at) === address) return '';
    return at === 0 || /\s/.test(text.charAt(at - 1)) ? address : ` (${address})`;
  });
}

/** White space at the end of a line. */
function withoutTrails(text: string): string {
  return text.split('\n').map((line) => line.trimEnd()).join('\n');
}

/**
 * Instants go out and come back in UTC. A wall time beside a zone would mean two instants in the hour that a fall-back
 * repeats, and Graph refuses many zones of the tz database, those of overseas departments among them.
 */
function inUtc(time: EventTime): EventTime {
  return time.kind === 'timed' && isZone(time.timeZone) ? { ...time, timeZone: 'UTC' } : time;
}

const known = new Set(['UTC']);

/** An unknown zone stays, so that its event is refused instead of being understood as something else. */
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
