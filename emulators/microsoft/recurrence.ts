/** Recurrence patterns: what is a good one, and the wall times that it gives. */
import { isObject, type JsonObject } from '../core/answers.ts';
import { type Pattern, patternWalls } from '../core/recurrence.ts';
import { isDay } from '../core/times.ts';
import { badRequest } from './errors.ts';
import { dayOf, type GivenTime } from './event_times.ts';

const DAY = 86_400_000;
const NAMES = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const INDEXES = ['first', 'second', 'third', 'fourth', 'last'];

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
  for (const wall of patternWalls(patternOf(pattern, first), first)) {
    if (wall < first) continue;
    if (wall >= last || given >= most) return;
    given++;
    yield wall;
  }
}

/** Graph's pattern in the words of RFC 5545. A day that a month lacks is its last. */
function patternOf(pattern: JsonObject, first: number): Pattern {
  const type = String(pattern.type);
  const yearly = type.endsWith('Yearly');
  const month = Number(pattern.month) > 0 ? Number(pattern.month) : new Date(first).getUTCMonth() + 1;
  const day = Number(pattern.dayOfMonth);
  const days = (Array.isArray(pattern.daysOfWeek) ? pattern.daysOfWeek : []).map((name) => NAMES.indexOf(String(name)));
  const lastDays = Array.from({ length: Math.max(1, day - 27) }, (_, before) => day - before);
  const index = INDEXES.indexOf(String(pattern.index));
  const relative = type.startsWith('relative');
  const absolute = type.startsWith('absolute');
  return {
    freq: type === 'daily' ? 'DAILY' : type === 'weekly' ? 'WEEKLY' : yearly ? 'YEARLY' : 'MONTHLY',
    interval: Number(pattern.interval),
    weekStart: NAMES.indexOf(String(pattern.firstDayOfWeek)),
    months: yearly ? [month] : [],
    monthDays: absolute ? lastDays : [],
    days: type === 'weekly' || relative ? days.map((weekday) => ({ day: weekday, nth: null })) : [],
    places: absolute ? [-1] : relative ? [index === 4 ? -1 : index + 1] : [],
  };
}
