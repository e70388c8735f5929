/** Expands recurrence lines into wall times. Walls are milliseconds as if the zone were UTC. */
import { type Pattern, patternWalls } from '../core/recurrence.ts';
import { instantOfWall, offsetAt } from '../core/times.ts';
import { invalid } from './answers.ts';

const DAY = 86_400_000;
/** Lists of whole numbers, and how far from zero each may be. */
const REACH = { BYMONTH: 12, BYMONTHDAY: 31, BYSETPOS: 366 } as const;
const NUMBERS = Object.keys(REACH);
const DAYS = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA'];
/** Google ends every series there. */
const MAX_OCCURRENCES = 730;

interface Rule extends Pattern {
  readonly count: number;
  /** Last instant allowed, or for a plain date the last wall time of that day. */
  readonly until: { readonly at: number; readonly wall: boolean } | null;
}

export interface Recurrence {
  readonly rule: Rule | null;
  /** Walls left out and added. */
  readonly without: ReadonlySet<number>;
  readonly also: readonly number[];
}

/** Reads the lines of an event's `recurrence`; refuses with 400 what is malformed or beyond the emulator. */
export function parseRecurrence(lines: readonly unknown[], zone: string): Recurrence {
  let rule: Rule | null = null;
  const without = new Set<number>();
  const also: number[] = [];
  for (const line of lines) {
    if (typeof line !== 'string') throw invalid('Invalid recurrence rule.');
    const match = /^(RRULE|EXDATE|RDATE)((?:;[^:]*)?):(.+)$/i.exec(line.trim());
    if (!match) throw invalid('Invalid recurrence rule.');
    const [, name = '', parameters = '', value = ''] = match;
    if (name.toUpperCase() === 'RRULE') {
      if (rule) throw invalid('Invalid recurrence rule.');
      rule = parseRule(value);
    } else {
      const ownZone = /TZID=([^;:]+)/i.exec(parameters)?.[1] ?? zone;
      for (const text of value.split(',')) {
        const wall = parseStamp(text, ownZone, zone);
        if (name.toUpperCase() === 'EXDATE') without.add(wall);
        else also.push(wall);
      }
    }
  }
  return { rule, without, also };
}

function parseRule(text: string): Rule {
  const parts = new Map(
    text.split(';').filter((part) => part !== '').map((part) => {
      const [name = '', value = ''] = part.split('=');
      return [name.toUpperCase(), value.toUpperCase()];
    }),
  );
  const freq = parts.get('FREQ') ?? '';
  const known = new Set(['FREQ', 'INTERVAL', 'COUNT', 'UNTIL', ...NUMBERS, 'BYDAY', 'WKST']);
  if (!['DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'].includes(freq) || [...parts.keys()].some((name) => !known.has(name))) {
    throw invalid('Invalid recurrence rule.');
  }
  const interval = Number(parts.get('INTERVAL') ?? '1');
  const count = Number(parts.get('COUNT') ?? String(MAX_OCCURRENCES));
  if (!(interval >= 1) || !(count >= 1)) throw invalid('Invalid recurrence rule.');
  const list = (name: string) => (parts.get(name) ?? '').split(',').filter((entry) => entry !== '');
  const numbers = (name: keyof typeof REACH) => list(name).map((entry) => parseNumber(entry, REACH[name]));
  const weekStart = DAYS.indexOf(parts.get('WKST') ?? 'MO');
  if (weekStart < 0) throw invalid('Invalid recurrence rule.');
  return {
    freq: freq as Rule['freq'],
    interval,
    count: Math.min(count, MAX_OCCURRENCES),
    until: parseUntil(parts.get('UNTIL')),
    weekStart,
    days: list('BYDAY').map(parseDay),
    monthDays: numbers('BYMONTHDAY'),
    months: numbers('BYMONTH'),
    places: numbers('BYSETPOS'),
  };
}

function parseNumber(text: string, most: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value === 0 || Math.abs(value) > most) throw invalid('Invalid recurrence rule.');
  return value;
}

function parseDay(text: string): { day: number; nth: number | null } {
  const match = /^([+-]?\d{1,2})?(SU|MO|TU|WE|TH|FR|SA)$/.exec(text);
  if (!match) throw invalid('Invalid recurrence rule.');
  return { day: DAYS.indexOf(match[2] ?? ''), nth: match[1] === undefined ? null : Number(match[1]) };
}

function parseUntil(text: string | undefined): Rule['until'] {
  if (text === undefined) return null;
  const at = stampAsUtc(text);
  if (/^\d{8}$/.test(text)) return { at: at + DAY - 1, wall: true };
  return { at, wall: !text.endsWith('Z') };
}

function stampAsUtc(text: string): number {
  const match = /^(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})Z?)?$/i.exec(text);
  if (!match) throw invalid('Invalid recurrence rule.');
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = match.slice(1).map((part) =>
    Number(part ?? 0)
  );
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

function parseStamp(text: string, ownZone: string, zone: string): number {
  const at = stampAsUtc(text);
  if (text.toUpperCase().endsWith('Z')) return at + offsetAt(zone, at);
  if (ownZone === zone || !text.includes('T')) return at;
  const instant = instantOfWall(ownZone, at);
  return instant + offsetAt(zone, instant);
}

/** The wall times of a series in order, the first being its own start. */
export function* occurrences(recurrence: Recurrence, start: number, zone: string): Generator<number> {
  const added = recurrence.also.filter((wall) => wall > start).sort((a, b) => a - b);
  let given = 0;
  for (const wall of ruleWalls(recurrence.rule, start, zone)) {
    while (added[0] !== undefined && added[0] <= wall) {
      const extra = added.shift() as number;
      if (extra !== wall && ++given <= MAX_OCCURRENCES) yield extra;
    }
    if (recurrence.without.has(wall)) continue;
    if (++given > MAX_OCCURRENCES) return;
    yield wall;
  }
  for (const extra of added) if (++given <= MAX_OCCURRENCES) yield extra;
}

function* ruleWalls(rule: Rule | null, start: number, zone: string): Generator<number> {
  yield start;
  if (!rule) return;
  let given = 1;
  for (const wall of patternWalls(rule, start)) {
    if (wall <= start) continue;
    if (given >= rule.count || isPast(rule, wall, zone)) return;
    given++;
    yield wall;
  }
}

function isPast(rule: Rule, wall: number, zone: string): boolean {
  if (!rule.until) return false;
  return (rule.until.wall ? wall : instantOfWall(zone, wall)) > rule.until.at;
}
