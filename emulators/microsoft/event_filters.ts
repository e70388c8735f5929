/** `$filter` and `$orderby` on events: the few forms that the emulator knows; all others are refused. */
import { GraphError } from './errors.ts';
import { windowBound } from './event_times.ts';
import { tagKey } from './tags.ts';
import type { StoredEvent } from './world.ts';

export interface EventFilter {
  readonly matches: (event: StoredEvent, now: number) => boolean;
  /** It searches by tag, which reaches over the whole mailbox. */
  readonly byTag: boolean;
}

const TEXT = "'((?:[^']|'')*)'";
const TAG = new RegExp(
  `^singleValueExtendedProperties/any\\(\\s*(\\w+)\\s*:\\s*\\1/id eq ${TEXT}(?:\\s+and\\s+(.+?))?\\s*\\)$`,
  'i',
);
const COMPARISON = new RegExp(`^(start/dateTime|end/dateTime|subject|iCalUId)\\s+(eq|ne|ge|gt|le|lt)\\s+${TEXT}$`, 'i');
const FLAG = /^(isAllDay|isCancelled|isOrganizer)\s+eq\s+(true|false)$/i;
const STARTS = new RegExp(`^startswith\\(\\s*subject\\s*,\\s*${TEXT}\\s*\\)$`, 'i');

/** Reads a filter: one search by tag, or comparisons joined by `and`. */
export function parseFilter(text: string | null, tagDelaySeconds: number): EventFilter | null {
  if (text === null) return null;
  const tag = TAG.exec(text.trim());
  if (tag) return { matches: tagMatcher(tag, text, tagDelaySeconds), byTag: true };
  const parts = text.trim().split(/\s+and\s+(?=(?:[^']*'[^']*')*[^']*$)/i).map((part) => comparison(part.trim(), text));
  return { matches: (event) => parts.every((part) => part(event)), byTag: false };
}

function tagMatcher(tag: RegExpExecArray, text: string, delaySeconds: number): EventFilter['matches'] {
  const [, variable = '', id = '', condition] = tag;
  const key = tagKey(id.replaceAll("''", "'"));
  const test = condition === undefined ? () => true : valueTest(condition, variable);
  if (key === null || test === null) throw unsupported(text);
  return (event, now) => {
    const value = event.tags.get(key);
    return value !== undefined && now - value.at >= delaySeconds * 1000 && test(value.value.toLowerCase());
  };
}

/** Values are compared without regard to case. */
function valueTest(condition: string, variable: string): ((value: string) => boolean) | null {
  const comparing = new RegExp(`^${variable}/value (eq|ne) ${TEXT}$`, 'i').exec(condition);
  const calling = new RegExp(`^(contains|startswith)\\(\\s*${variable}/value\\s*,\\s*${TEXT}\\s*\\)$`, 'i').exec(
    condition,
  );
  const [, operator = '', quoted = ''] = comparing ?? calling ?? [];
  const wanted = quoted.replaceAll("''", "'").toLowerCase();
  switch (operator.toLowerCase()) {
    case 'eq':
      return (value) => value === wanted;
    case 'ne':
      return (value) => value !== wanted;
    case 'contains':
      return (value) => value.includes(wanted);
    case 'startswith':
      return (value) => value.startsWith(wanted);
    default:
      return null;
  }
}

function comparison(part: string, text: string): (event: StoredEvent) => boolean {
  const flag = FLAG.exec(part);
  if (flag) {
    const wanted = flag[2]?.toLowerCase() === 'true';
    const name = flag[1]?.toLowerCase();
    return (event) =>
      (name === 'isallday' ? event.body.isAllDay : name === 'iscancelled' ? event.isCancelled : event.isOrganizer) ===
        wanted;
  }
  const starts = STARTS.exec(part);
  if (starts) {
    const prefix = (starts[1] ?? '').replaceAll("''", "'").toLowerCase();
    return (event) => String(event.body.subject ?? '').toLowerCase().startsWith(prefix);
  }
  const [, name = '', operator = '', quoted = ''] = COMPARISON.exec(part) ?? [];
  const wanted = quoted.replaceAll("''", "'");
  if (name === '') throw unsupported(text);
  if (name.includes('/')) {
    const bound = windowBound(wanted);
    if (bound === null) throw unsupported(text);
    return (event) => ordered(name.startsWith('start') ? event.startAt : event.endAt, operator, bound);
  }
  return (event) => ordered(name === 'subject' ? String(event.body.subject ?? '') : event.iCalUId, operator, wanted);
}

function ordered<T extends string | number>(value: T, operator: string, bound: T): boolean {
  switch (operator.toLowerCase()) {
    case 'eq':
      return value === bound;
    case 'ne':
      return value !== bound;
    case 'ge':
      return value >= bound;
    case 'gt':
      return value > bound;
    case 'le':
      return value <= bound;
    default:
      return value < bound;
  }
}

/** The order that `$orderby` asks for; null for none. */
export function parseOrder(text: string | null): ((a: StoredEvent, b: StoredEvent) => number) | null {
  if (text === null) return null;
  const match = /^(start\/dateTime|end\/dateTime|createdDateTime|lastModifiedDateTime|subject)(?:\s+(asc|desc))?$/i
    .exec(text.trim());
  if (!match) throw new GraphError(400, 'ErrorInvalidUrlQuery', { message: `$orderby is not supported: ${text}` });
  const keys: Record<string, (event: StoredEvent) => string | number> = {
    'start/datetime': (event) => event.startAt,
    'end/datetime': (event) => event.endAt,
    'createddatetime': (event) => event.createdAt,
    'lastmodifieddatetime': (event) => event.modifiedAt,
    'subject': (event) => String(event.body.subject ?? ''),
  };
  const key = keys[(match[1] ?? '').toLowerCase()] ?? (() => 0);
  const sign = match[2]?.toLowerCase() === 'desc' ? -1 : 1;
  return (a, b) => (key(a) < key(b) ? -sign : key(a) > key(b) ? sign : 0);
}

function unsupported(text: string): GraphError {
  return new GraphError(400, 'ErrorInvalidUrlQueryFilter', { message: `The query filter is invalid: ${text}` });
}
