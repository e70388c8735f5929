/** Expands recurrence lines into wall times. Walls are milliseconds as if the zone were UTC. */
import { instantOfWall, offsetAt } from '../core/times.ts';
import { invalid } from './answers.ts';

const DAY = 86_400_000;
const DAYS = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA'];
/** Google ends every series there. */
export const MAX_OCCURRENCES = 730;

interface Rule {
  readonly freq: 'DAILY' | 'WEEKLY' | 'MONTHLY' | 'YEARLY';
  readonly interval: number;
  readonly count: number;
  /** Last instant allowed, or for a plain date the last wall time of that day. */
  readonly until: { readonly at: number; readonly wall: boolean } | null;
  readonly days: ReadonlyArray<{ readonly day: number; readonly nth: number | null }>;
  readonly monthDays: readonly number[];
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
  const known = new Set(['FREQ', 'INTERVAL', 'COUNT', 'UNTIL', 'BYDAY', 'BYMONTHDAY', 'BYMONTH', 'WKST']);
  if (!['DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'].includes(freq) || [...parts.keys()].some((name) => !known.has(name))) {
    throw invalid('Invalid recurrence rule.');
  }
  const interval = Number(parts.get('INTERVAL') ?? '1');
  const count = Number(parts.get('COUNT') ?? String(MAX_OCCURRENCES));
  if (!(interval >= 1) || !(count >= 1)) throw invalid('Invalid recurrence rule.');
  return {
    freq: freq as Rule['freq'],
    interval,
    count: Math.min(count, MAX_OCCURRENCES),
    until: parseUntil(parts.get('UNTIL')),
    days: (parts.get('BYDAY') ?? '').split(',').filter((day) => day !== '').map(parseDay),
    monthDays: (parts.get('BYMONTHDAY') ?? '').split(',').filter((day) => day !== '').map(Number),
  };
}

function parseDay(text: string): { day: number; nth: number | null } {
  const match = /^([+-]?\d)?(SU|MO|TU|WE|TH|FR|SA)$/.exec(text);
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
  // Bounded so that a rule which never matches (30 February) still ends.
  for (let period = 0; period < 10 * MAX_OCCURRENCES; period++) {
    for (const wall of periodWalls(rule, start, period * rule.interval)) {
      if (wall <= start) continue;
      if (given >= rule.count || isPast(rule, wall, zone)) return;
      given++;
      yield wall;
    }
  }
}

function isPast(rule: Rule, wall: number, zone: string): boolean {
  if (!rule.until) return false;
  return (rule.until.wall ? wall : instantOfWall(zone, wall)) > rule.until.at;
}

function periodWalls(rule: Rule, start: number, step: number): number[] {
  const first = new Date(start);
  if (rule.freq === 'DAILY') {
    const wall = start + step * DAY;
    const weekday = new Date(wall).getUTCDay();
    return rule.days.length === 0 || rule.days.some(({ day }) => day === weekday) ? [wall] : [];
  }
  if (rule.freq === 'WEEKLY') {
    const monday = start - ((first.getUTCDay() + 6) % 7) * DAY + step * 7 * DAY;
    const days = rule.days.length === 0 ? [first.getUTCDay()] : rule.days.map(({ day }) => day);
    return days.map((day) => monday + ((day + 6) % 7) * DAY).sort((a, b) => a - b);
  }
  const months = rule.freq === 'YEARLY' ? 12 * step : step;
  const month = Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + months, 1);
  return monthDaysOf(rule, first.getUTCDate(), month).map((day) => month + (day - 1) * DAY + (start % DAY));
}

function monthDaysOf(rule: Rule, startDay: number, month: number): number[] {
  const date = new Date(month);
  const length = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  const days = new Set<number>();
  if (rule.days.length === 0) {
    for (const day of rule.monthDays.length > 0 ? rule.monthDays : [startDay]) {
      days.add(day > 0 ? day : length + 1 + day);
    }
  }
  for (const { day, nth } of rule.days) {
    const firstMatch = 1 + ((day - date.getUTCDay() + 7) % 7);
    const all: number[] = [];
    for (let candidate = firstMatch; candidate <= length; candidate += 7) all.push(candidate);
    const chosen = nth === null ? all : [nth > 0 ? all[nth - 1] : all[all.length + nth]];
    for (const candidate of chosen) if (candidate !== undefined) days.add(candidate);
  }
  return [...days].filter((day) => day >= 1 && day <= length).sort((a, b) => a - b);
}
