/** The rules for what an event may contain: from a raw body to the canonical content that is stored. */
import { dayStart, isDay, isZone, parseDateTime, renderInstant } from '../core/times.ts';
import { Failure, invalid, isObject, type JsonObject } from './answers.ts';
import { parseRecurrence } from './recurrence.ts';
import type { Settings } from './settings.ts';
import type { Calendar, StoredEvent, StoredTime } from './world.ts';

const MAX_KEY = 44;
const MAX_VALUE = 1024;
const MAX_DESCRIPTION = 8192;
const MAX_PROPERTIES = 300;
const MAX_PROPERTY_BYTES = 32 * 1024;
/** Google's own Meet block; a copy of it on an event without a conference is dropped. */
const CONFERENCE_BLOCK = /-::~:~::[-:~]*[\s\S]*?-::~:~::[-:~]*/g;

/** Fields that callers may set, and the value that is not stored because absent means the same. */
const WRITABLE: Readonly<Record<string, unknown>> = {
  summary: '',
  description: '',
  location: '',
  colorId: '',
  eventLabelId: '',
  transparency: 'opaque',
  visibility: 'default',
  anyoneCanAddSelf: false,
  guestsCanInviteOthers: true,
  guestsCanModify: false,
  guestsCanSeeOtherGuests: true,
  privateCopy: false,
  endTimeUnspecified: false,
  attendees: undefined,
  attendeesOmitted: false,
  attachments: undefined,
  extendedProperties: undefined,
  conferenceData: undefined,
  source: undefined,
  reminders: undefined,
  recurrence: undefined,
  eventType: 'default',
  birthdayProperties: undefined,
  focusTimeProperties: undefined,
  outOfOfficeProperties: undefined,
  workingLocationProperties: undefined,
  // Read-only for callers: kept here so that a seeded event keeps them through a patch.
  locked: false,
  hangoutLink: undefined,
};

export interface EventContent {
  readonly body: JsonObject;
  readonly status: StoredEvent['status'];
  readonly start: StoredTime;
  readonly end: StoredTime;
  readonly startAt: number;
  readonly endAt: number;
}

/** The writable side of a stored event, as a caller would send it: what a patch is merged into. */
export function rawOf(event: StoredEvent): JsonObject {
  return { ...event.body, status: event.status, start: rawTime(event.start), end: rawTime(event.end) };
}

function rawTime(time: StoredTime): JsonObject {
  return 'day' in time ? { date: time.day } : { dateTime: renderInstant(time.at, time.zone), timeZone: time.zone };
}

/** Patch semantics: into nested objects, lists whole, null deletes. */
export function mergePatch(target: JsonObject, patch: JsonObject): JsonObject {
  const merged = { ...target };
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete merged[name];
    else if (isObject(value)) merged[name] = mergePatch(isObject(merged[name]) ? merged[name] : {}, value);
    else merged[name] = value;
  }
  return merged;
}

/** Checks a complete raw event and brings it to its canonical form. Imports of old have left events of no length. */
export function canonicalEvent(
  raw: JsonObject,
  calendar: Calendar,
  settings: Settings,
  lengths: 'positive' | 'any' = 'positive',
): EventContent {
  const times = readTimes(raw, calendar, lengths);
  const body: JsonObject = {};
  for (const [name, implied] of Object.entries(WRITABLE)) {
    const value = raw[name];
    if (value !== undefined && value !== null && value !== implied) body[name] = value;
  }
  if (settings.trimTexts) trimTexts(body);
  cleanDescription(body);
  cleanProperties(body);
  checkGuestsAndReminders(body);
  checkEventType(body, times.start, calendar);
  if (Array.isArray(body.recurrence)) {
    if (body.recurrence.length === 0) delete body.recurrence;
    else {
      if ('at' in times.start && !(isObject(raw.start) && raw.start.timeZone)) {
        throw new Failure(400, 'required', { message: 'Missing time zone definition for start time.' });
      }
      parseRecurrence(body.recurrence, 'at' in times.start ? times.start.zone : calendar.timeZone);
    }
  }
  const status = raw.status ?? 'confirmed';
  return { body, status: status as StoredEvent['status'], ...times };
}

function readTimes(
  raw: JsonObject,
  calendar: Calendar,
  lengths: 'positive' | 'any',
): Pick<EventContent, 'start' | 'end' | 'startAt' | 'endAt'> {
  const start = readTime(raw.start, 'start', calendar);
  const end = readTime(raw.end, 'end', calendar);
  if (end === null) throw new Failure(400, 'required', { message: 'Missing end time.' });
  if (start === null) throw new Failure(400, 'required', { message: 'Missing start time.' });
  if ('day' in start !== 'day' in end) {
    throw invalid('Start and end times must either both be date or both be dateTime.');
  }
  const startAt = instantOf(start, calendar.timeZone);
  const endAt = instantOf(end, calendar.timeZone);
  if (endAt < startAt || (endAt === startAt && lengths === 'positive')) {
    throw new Failure(400, 'timeRangeEmpty', { location: 'timeMax' });
  }
  return { start, end, startAt, endAt };
}

/** When a stored time begins, in milliseconds. */
export function instantOf(time: StoredTime, calendarZone: string): number {
  return 'day' in time ? dayStart(time.day, calendarZone) : time.at;
}

/** Null if nothing is given. */
function readTime(raw: unknown, name: 'start' | 'end', calendar: Calendar): StoredTime | null {
  if (!isObject(raw)) return null;
  const { date = null, dateTime = null, timeZone = null } = raw;
  if (date !== null && dateTime !== null) throw invalid(`Invalid ${name} time.`);
  if (typeof timeZone === 'string' && !isZone(timeZone)) {
    throw invalid(`Invalid time zone definition for ${name} time.`);
  }
  if (typeof date === 'string') {
    if (!isDay(date)) throw invalid(`Invalid ${name} time.`);
    return { day: date };
  }
  if (typeof dateTime !== 'string') return null;
  const zone = typeof timeZone === 'string' ? timeZone : undefined;
  const at = parseDateTime(dateTime, zone);
  if (at === null) {
    const zoneless = zone === undefined && parseDateTime(dateTime, 'UTC') !== null;
    if (!zoneless) throw invalid(`Invalid ${name} time.`);
    throw new Failure(400, 'required', { message: `Missing time zone definition for ${name} time.` });
  }
  return { at, zone: zone ?? calendar.timeZone };
}

function trimTexts(body: JsonObject): void {
  for (const name of ['summary', 'description', 'location']) {
    if (typeof body[name] !== 'string') continue;
    body[name] = body[name].trim();
    if (body[name] === '') delete body[name];
  }
}

function cleanDescription(body: JsonObject): void {
  if (typeof body.description !== 'string') return;
  let text = body.description;
  if (!body.conferenceData && text.includes('-::~:~::')) text = text.replaceAll(CONFERENCE_BLOCK, '').trimEnd();
  body.description = cut(text, MAX_DESCRIPTION);
  if (body.description === '') delete body.description;
}

/** Cuts a text without leaving half a character. */
function cut(text: string, length: number): string {
  const short = text.slice(0, length);
  return text.length > length && /[\ud800-\udbff]$/.test(short) ? short.slice(0, -1) : short;
}

function cleanProperties(body: JsonObject): void {
  const properties = body.extendedProperties;
  if (!isObject(properties)) return;
  const kept: JsonObject = {};
  let count = 0;
  let bytes = 0;
  for (const side of ['private', 'shared']) {
    const entries = Object.entries(isObject(properties[side]) ? properties[side] : {})
      .filter(([key, value]) => value !== null && key.length <= MAX_KEY)
      .map(([key, value]) => [key, cut(String(value), MAX_VALUE)] as const);
    if (entries.length > 0) kept[side] = Object.fromEntries(entries);
    count += entries.length;
    for (const [key, value] of entries) bytes += key.length + value.length;
  }
  if (count > MAX_PROPERTIES || bytes > MAX_PROPERTY_BYTES) throw invalid('The extended properties are too large.');
  if (count > 0) body.extendedProperties = kept;
  else delete body.extendedProperties;
}

function checkGuestsAndReminders(body: JsonObject): void {
  if (Array.isArray(body.attendees)) {
    const guests = body.attendees.map(guestOf);
    if (guests.length > 0) body.attendees = guests;
    else delete body.attendees;
  }
  if (!isObject(body.reminders)) return;
  const overrides = Array.isArray(body.reminders.overrides) ? body.reminders.overrides : [];
  if (body.reminders.useDefault === true && overrides.length > 0) {
    throw new Failure(400, 'cannotUseDefaultRemindersAndSpecifyOverride', { domain: 'calendar' });
  }
  const bad = overrides.some((entry) =>
    !isObject(entry) || typeof entry.minutes !== 'number' || entry.minutes < 0 || entry.minutes > 40_320 ||
    !entry.method
  );
  if (overrides.length > 5 || bad) throw invalid('Invalid reminders.');
  if (body.reminders.useDefault === true) delete body.reminders;
}

function guestOf(attendee: unknown): JsonObject {
  if (!isObject(attendee) || typeof attendee.email !== 'string' || !attendee.email.includes('@')) {
    throw new Failure(400, 'required', { message: 'Missing attendee email.' });
  }
  const { self: _self, organizer: _organizer, ...rest } = attendee;
  return { ...rest, responseStatus: rest.responseStatus ?? 'needsAction' };
}

function checkEventType(body: JsonObject, start: StoredTime, calendar: Calendar): void {
  const type = body.eventType;
  if (isObject(body.source) && !/^https?:\/\//.test(String(body.source.url ?? ''))) {
    throw invalid('Invalid source URL.');
  }
  if (type === undefined) return;
  if (!calendar.primary) throw invalid('Only default events can live on a secondary calendar.', 'eventType');
  if ((type === 'focusTime' || type === 'outOfOffice') && 'day' in start) {
    throw invalid('A timed event is required.', 'eventType');
  }
  if (type === 'birthday' && !('day' in start)) throw invalid('An all-day event is required.', 'eventType');
}
