/** Recurrence patterns: what is a good one, and the wall times that it gives. */
import { isObject, type JsonObject } from '../core/answers.ts';
import { isDay } from '../core/times.ts';
import { badRequest } from './errors.ts';
import { dayOf, type GivenTime } from './event_times.ts';

const DAY = 86_400_000;
const NAMES = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const INDEXES = ['first', 'second', 'third', 'fourth', 'last'];
/** So that an endless rule which never matches still ends. */
const MAX_PERIODS = 20_000;

/** The recurrence with its defaults filled in; 400 for what cannot recur. */
export function checkRecurrence(sent: JsonObject, start: GivenTime): JsonObject {
  const { pattern, range } = sent;
  if (!isObject(pattern) || !isObject(range)) throw badRequest('A recurrence needs a pattern and a range.');
  const type = String(pattern.type);
  if (!(Number(pattern.interval) >= 1)) throw badRequest('The interval of a recurrence is at least 1.');
  const days = Array.isArray(pattern.daysOfWeek) ? pattern.daysOfWeek : [];
  if ((type === 'weekly' || type.startsWith('relative')) && days.length === 0) {
    throw badRequest(`A ${type} recurrence needs daysOfWeek.`);
  }
  if (type.startsWith('absolute') && !(Number(pattern.dayOfMonth) >= 1)) {
    throw badRequest(`An ${type} recurrence needs dayOfMonth.`);
  }
  if (typeof range.startDate !== 'string' || range.startDate !== dayOf(start.wall)) {
    throw badRequest('The startDate of a recurrence is the day of its start.');
  }
  if (range.type === 'endDate' && !isDay(String(range.endDate))) throw badRequest('The range has no endDate.');
  if (range.type === 'numbered' && !(Number(range.numberOfOccurrences) >= 1)) {
    throw badRequest('The range has no numberOfOccurrences.');
  }
  return {
    pattern: {
      month: 0,
      dayOfMonth: 0,
      daysOfWeek: [],
      firstDayOfWeek: 'sunday',
      index: 'first',
      ...pattern,
    },
    range: { endDate: '0001-01-01', recurrenceTimeZone: start.zone, numberOfOccurrences: 0, ...range },
  };
}

/** The wall times of a series in order; `first` is the wall time of its start. */
export function* seriesWalls(recurrence: JsonObject, first: number): Generator<number> {
  const range = isObject(recurrence.range) ? recurrence.range : {};
  const pattern = isObject(recurrence.pattern) ? recurrence.pattern : {};
  const most = range.type === 'numbered' ? Number(range.numberOfOccurrences) : Infinity;
  const last = range.type === 'endDate' ? Date.parse(`${range.endDate}T00:00:00Z`) + DAY : Infinity;
  let given = 0;
  for (let period = 0; period < MAX_PERIODS; period++) {
    for (const wall of periodWalls(pattern, first, period * Number(pattern.interval))) {
      if (wall < first) continue;
      if (wall >= last || given >= most) return;
      given++;
      yield wall;
    }
  }
}

function periodWalls(pattern: JsonObject, first: number, step: number): number[] {
  const start = new Date(first);
  const type = String(pattern.type);
  if (type === 'daily') return [first + step * DAY];
  const days = (Array.isArray(pattern.daysOfWeek) ? pattern.daysOfWeek : []).map((day) => NAMES.indexOf(String(day)));
  if (type === 'weekly') {
    const weekStart = NAMES.indexOf(String(pattern.firstDayOfWeek));
    const opening = first - ((start.getUTCDay() - weekStart + 7) % 7) * DAY + step * 7 * DAY;
    return days.map((day) => opening + ((day - weekStart + 7) % 7) * DAY).sort((a, b) => a - b);
  }
  const yearly = type.endsWith('Yearly');
  const month = yearly && Number(pattern.month) > 0 ? Number(pattern.month) - 1 : start.getUTCMonth();
  const opening = Date.UTC(start.getUTCFullYear(), month + (yearly ? 12 * step : step), 1);
  const length = new Date(Date.UTC(new Date(opening).getUTCFullYear(), new Date(opening).getUTCMonth() + 1, 0))
    .getUTCDate();
  const day = type.startsWith('absolute')
    ? Math.min(Number(pattern.dayOfMonth), length)
    : nthDay(days, INDEXES.indexOf(String(pattern.index)), new Date(opening).getUTCDay(), length);
  return day === null ? [] : [opening + (day - 1) * DAY + (first % DAY)];
}

function nthDay(days: readonly number[], index: number, firstWeekday: number, length: number): number | null {
  const matches = Array.from({ length }, (_, place) => place + 1)
    .filter((day) => days.includes((firstWeekday + day - 1) % 7));
  return (index === 4 ? matches.at(-1) : matches[index]) ?? null;
}
