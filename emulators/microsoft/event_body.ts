/** The canonical content of an event, made from what a client sends. */
import { isObject, type JsonObject } from '../core/answers.ts';
import { badRequest } from './errors.ts';
import { type GivenTime, givenTime, storedTimes } from './event_times.ts';
import { checkRecurrence } from './recurrence.ts';
import type { Settings } from './settings.ts';
import type { StoredEvent } from './world.ts';

/** The part of a stored event that clients write. */
export type EventContent = Pick<StoredEvent, 'body' | 'start' | 'end' | 'startAt' | 'endAt'>;

const NO_LOCATION = { displayName: '', locationType: 'default', uniqueIdType: 'unknown', address: {}, coordinates: {} };

/** What the server fills in. Outlook's own: reminders are on, and all-day events leave their day free. */
function defaults(isAllDay: boolean): JsonObject {
  return {
    subject: null,
    body: { contentType: 'html', content: '' },
    importance: 'normal',
    sensitivity: 'normal',
    showAs: isAllDay ? 'free' : 'busy',
    isReminderOn: true,
    reminderMinutesBeforeStart: 15,
    responseRequested: true,
    allowNewTimeProposals: true,
    hideAttendees: false,
    categories: [],
    location: NO_LOCATION,
    locations: [],
    attendees: [],
    isAllDay,
    isOnlineMeeting: false,
    onlineMeetingProvider: 'unknown',
    recurrence: null,
  };
}

/** The content of a new event. */
export function newContent(sent: JsonObject, settings: Settings): EventContent {
  const isAllDay = sent.isAllDay === true;
  const start = givenTime(sent.start, 'start', settings.strict);
  const end = givenTime(sent.end, 'end', settings.strict);
  return {
    body: merged(defaults(isAllDay), sent, settings, start),
    ...storedTimes(start, end, isAllDay),
  };
}

/** The content of an event after a patch: what is not sent stays. */
export function patchedContent(event: EventContent, sent: JsonObject, settings: Settings): EventContent {
  const wasAllDay = event.body.isAllDay === true;
  const isAllDay = typeof sent.isAllDay === 'boolean' ? sent.isAllDay : wasAllDay;
  const touchesTime = sent.start !== undefined || sent.end !== undefined || isAllDay !== wasAllDay;
  if (wasAllDay && !isAllDay && (sent.start === undefined || sent.end === undefined)) {
    throw badRequest('An all-day event becomes a timed one only with its start and end.');
  }
  const start = sent.start === undefined ? kept(event.start) : givenTime(sent.start, 'start', settings.strict);
  const end = sent.end === undefined ? kept(event.end) : givenTime(sent.end, 'end', settings.strict);
  const times = touchesTime ? storedTimes(start, end, isAllDay) : {
    start: event.start,
    end: event.end,
    startAt: event.startAt,
    endAt: event.endAt,
  };
  return { body: { ...merged(event.body, sent, settings, start), isAllDay }, ...times };
}

function kept(time: StoredEvent['start']): GivenTime {
  if ('day' in time) {
    const wall = Date.parse(`${time.day}T00:00:00Z`);
    return { wall, at: wall, zone: 'UTC' };
  }
  return givenTime({ dateTime: new Date(time.at).toISOString().slice(0, 19), timeZone: 'UTC' }, 'start', true);
}

/** Members that are stored elsewhere. */
const APART = ['start', 'end', 'singleValueExtendedProperties', 'transactionId'];

function merged(base: JsonObject, sent: JsonObject, settings: Settings, start: GivenTime): JsonObject {
  const body: JsonObject = { ...base };
  const usual = defaults(false);
  for (const [name, value] of Object.entries(sent)) {
    if (APART.includes(name) || name.includes('@') || !(name in usual)) continue;
    body[name] = value ?? usual[name] ?? null;
  }
  if (typeof body.subject === 'string' && settings.trimTexts) body.subject = body.subject.trim();
  if (isObject(sent.body)) body.body = bodyOf(sent.body, base.body, settings);
  if (sent.location !== undefined) Object.assign(body, placed(sent.location, settings));
  else if (Array.isArray(sent.locations)) Object.assign(body, placed(sent.locations[0], settings));
  if (Array.isArray(sent.attendees)) body.attendees = sent.attendees.filter(isObject).map(attendee);
  if (isObject(sent.recurrence)) body.recurrence = checkRecurrence(sent.recurrence, start);
  return body;
}

function bodyOf(sent: JsonObject, before: unknown, settings: Settings): JsonObject {
  const old = isObject(before) ? before : {};
  const content = String(sent.content ?? '');
  return {
    contentType: sent.contentType ?? old.contentType ?? 'html',
    content: settings.trimTexts ? content.trim() : content,
  };
}

/** One location replaces all. */
function placed(value: unknown, settings: Settings): JsonObject {
  const name = isObject(value) && typeof value.displayName === 'string' ? value.displayName : '';
  const displayName = settings.trimTexts ? name.trim() : name;
  if (displayName === '') return { location: NO_LOCATION, locations: [] };
  const location = {
    ...(isObject(value) ? value : {}),
    displayName,
    locationType: 'default',
    uniqueId: displayName,
    uniqueIdType: 'private',
  };
  return { location, locations: [location] };
}

function attendee(value: JsonObject): JsonObject {
  return { type: 'required', status: { response: 'none', time: '0001-01-01T00:00:00Z' }, ...value };
}
