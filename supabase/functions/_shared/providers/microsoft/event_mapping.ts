import { z } from 'zod';
import { cut } from '../../text.ts';
import { foreignDay, ForeignId, foreignInstant, foreignLink, foreignName, MOST_ATTENDEES } from '../boundary.ts';
import { plainText } from '../html_text.ts';
import type { Attendee, CalendarEvent, EventKind, EventMarker, ObservedEvent } from '../port/calendar.ts';
import type { EventContent, EventTime } from '../port/content.ts';
import { UnreadableEvent } from '../port/failure.ts';
import { ExtendedProperties, markerOf, properties } from './extended_properties.ts';
import { normalContent } from './normal_content.ts';
import { OnlineMeeting, withoutMeeting } from './online_meeting.ts';
import { isRequested } from './requested_id.ts';

// Unknown members and values pass: Graph adds both without notice.
const Moment = z.object({
  /** A wall clock without offset; whole days can come without their midnight. */
  dateTime: z.string().regex(/^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?)?$/),
  timeZone: z.string().nullish(),
});

const Person = z.object({
  emailAddress: z.object({ address: z.string().nullish(), name: z.string().nullish() }).nullish(),
});

export const GraphEvent = z.object({
  id: ForeignId,
  '@odata.etag': ForeignId.nullish(),
  type: z.string().nullish(),
  seriesMasterId: ForeignId.nullish(),
  originalStart: z.string().nullish(),
  transactionId: z.string().nullish(),
  subject: z.string().nullish(),
  body: z.object({ contentType: z.string().nullish(), content: z.string().nullish() }).nullish(),
  location: z.object({ displayName: z.string().nullish() }).nullish(),
  start: Moment.nullish(),
  end: Moment.nullish(),
  isAllDay: z.boolean().nullish(),
  isCancelled: z.boolean().nullish(),
  isOrganizer: z.boolean().nullish(),
  showAs: z.string().nullish(),
  sensitivity: z.string().nullish(),
  lastModifiedDateTime: z.string().nullish(),
  webLink: z.string().nullish(),
  attendees: z.array(Person.extend({ status: z.object({ response: z.string().nullish() }).nullish() })).nullish(),
  organizer: Person.nullish(),
  responseStatus: z.object({ response: z.string().nullish() }).nullish(),
  onlineMeeting: OnlineMeeting.nullish(),
  singleValueExtendedProperties: ExtendedProperties.nullish(),
});
export type GraphEvent = z.infer<typeof GraphEvent>;

/** What of an event is looked at before it is changed; who its guests are is not read. */
export const StandingEvent = GraphEvent.pick({
  '@odata.etag': true,
  id: true,
  type: true,
  start: true,
  end: true,
  isAllDay: true,
  isOrganizer: true,
  attendees: true,
  onlineMeeting: true,
}).extend({ attendees: z.array(z.unknown()).nullish() });
export type StandingEvent = z.infer<typeof StandingEvent>;

/** The body of a create. Never attendees, online meeting or recurrence: nothing that makes Exchange send a mail. */
export function createBody(key: string, marker: EventMarker, content: EventContent): Record<string, unknown> {
  return {
    ...fields(normalContent(content)),
    // A repeat of the same create gives the same event.
    transactionId: key,
    // No alarm of ours: Cassius reminds by itself, and Outlook's own default would ring for every appointment.
    isReminderOn: false,
    singleValueExtendedProperties: properties(marker, key),
  };
}

/** The body of a patch: the changed fields and our mark. `body`: the description as it is to be written, if it is. */
export function patchBody(
  marker: EventMarker,
  changes: Partial<EventContent>,
  body?: unknown,
): Record<string, unknown> {
  return {
    ...fields(normalContent(changes)),
    ...(body === undefined ? {} : { body }),
    singleValueExtendedProperties: properties(marker, null),
  };
}

function fields(content: Partial<EventContent>): Record<string, unknown> {
  const { title, description, location, time, availability, visibility } = content;
  return {
    ...(title === undefined ? {} : { subject: title }),
    ...(description === undefined ? {} : { body: { contentType: 'text', content: description } }),
    ...(location === undefined ? {} : { location: { displayName: location } }),
    ...(time === undefined ? {} : moments(time)),
    ...(availability === undefined ? {} : { showAs: availability }),
    ...(visibility === undefined ? {} : { sensitivity: visibility }),
  };
}

/** Whether an event lasts whole days is said with its times, or the times of the other kind are refused. */
function moments(time: EventTime): Record<string, unknown> {
  if (time.kind === 'all_day') {
    const midnight = (day: string) => ({ dateTime: `${day}T00:00:00`, timeZone: 'UTC' });
    return { isAllDay: true, start: midnight(time.startDay), end: midnight(time.endDay) };
  }
  const wall = (instant: string) => ({ dateTime: instant.replace(/(\.\d+)?Z$/, ''), timeZone: time.timeZone });
  return { isAllDay: false, start: wall(time.startsAt), end: wall(time.endsAt) };
}

/** @throws {UnreadableEvent} for a living event without version or times */
export function observedEvent(operation: string, calendarId: string, event: GraphEvent): ObservedEvent {
  // An attendee's copy of a meeting that its organiser called off stays until the attendee removes it.
  const status = event.isCancelled ? 'cancelled' : event.showAs === 'tentative' ? 'tentative' : 'confirmed';
  const time = observedTime(event);
  const version = event['@odata.etag'];
  if (status !== 'cancelled' && (!version || !time)) {
    throw new UnreadableEvent(operation, event.id, time ? 'no_version' : 'no_times');
  }
  return {
    ref: { calendarId, eventId: event.id },
    version: version ?? '',
    status,
    content: time && normalContent({
      title: event.subject ?? '',
      description: bodyText(event),
      location: event.location?.displayName ?? '',
      time,
      availability: FREE.has(event.showAs ?? '') ? 'free' : 'busy',
      visibility: SECRET.has(event.sensitivity ?? '') ? 'private' : 'normal',
    }),
    marker: markerOf(event.singleValueExtendedProperties),
    updatedAt: foreignInstant(event.lastModifiedDateTime),
    ...inSeries(event),
  };
}

function inSeries(event: GraphEvent): Pick<ObservedEvent, 'repeats' | 'place'> {
  if (event.type === 'seriesMaster') return { repeats: true };
  const at = placeOf(event);
  return event.seriesMasterId && at ? { place: { seriesId: event.seriesMasterId, at } } : {};
}

/**
 * When an occurrence begins by its series' rule: one that was never moved does so. One of a series with hours can last
 * whole days by itself; it still begins at an hour by the rule.
 */
export function placeOf({ originalStart, start, isAllDay }: Pick<GraphEvent, 'originalStart' | 'start' | 'isAllDay'>) {
  const begins = originalStart ?? `${cut(start?.dateTime ?? '', SECONDS)}Z`;
  return isAllDay && MIDNIGHT.test(begins) ? foreignDay(begins.slice(0, 10)) : foreignInstant(begins);
}

const SECONDS = '2026-11-21T08:00:00'.length;
const MIDNIGHT = /T00:00:00/;

const FREE = new Set(['free', 'workingElsewhere']);
const SECRET = new Set(['personal', 'private', 'confidential']);

/** Markup can be many times as long as what it shows. */
const LONGEST_BODY = 262_144;

function bodyText({ body, onlineMeeting }: GraphEvent): string {
  const content = withoutMeeting(cut(body?.content ?? '', LONGEST_BODY), onlineMeeting);
  return body?.contentType?.toLowerCase() === 'html' ? plainText(content, 'collapsed').trim() : content;
}

/** UTC was asked for. Times in any other zone are not guessed at: an hour off is worse than an error. */
function observedTime({ start, end, isAllDay }: GraphEvent): EventTime | null {
  if (!start || !end) return null;
  // Whole days float: they are the same dates in every zone.
  if (isAllDay) {
    const startDay = foreignDay(start.dateTime.slice(0, 10));
    const endDay = foreignDay(end.dateTime.slice(0, 10));
    return startDay && endDay ? { kind: 'all_day', startDay, endDay } : null;
  }
  const startsAt = instant(start);
  const endsAt = instant(end);
  return startsAt && endsAt ? { kind: 'timed', startsAt, endsAt, timeZone: 'UTC' } : null;
}

const UTC = /^(utc|etc\/utc|etc\/gmt|tzone:\/\/microsoft\/utc)$/i;

function instant({ dateTime, timeZone }: { dateTime: string; timeZone?: string | null | undefined }): string | null {
  if (!UTC.test(timeZone ?? '')) return null;
  // Seven digits of a second are more than every engine reads.
  return foreignInstant(`${cut(dateTime, MILLISECONDS)}Z`);
}

const MILLISECONDS = '2026-11-21T08:00:00.000'.length;

/** The event as a person's calendar shows it. */
export function calendarEvent(operation: string, calendarId: string, event: GraphEvent): CalendarEvent {
  return {
    ...observedEvent(operation, calendarId, event),
    kind: KINDS.get(event.showAs ?? '') ?? 'appointment',
    url: foreignLink(event.webLink),
    attendees: attendees(event),
    ownResponse: ownResponse(event),
    seriesId: event.seriesMasterId || null,
    ...(isRequested(event.transactionId ?? '') ? { requestedId: event.transactionId ?? '' } : {}),
  };
}

const KINDS: ReadonlyMap<string, EventKind> = new Map([
  ['oof', 'out_of_office'],
  ['workingElsewhere', 'working_location'],
]);

const RESPONSES: ReadonlyMap<string, Attendee['response']> = new Map([
  ['organizer', 'accepted'],
  ['accepted', 'accepted'],
  ['tentativelyAccepted', 'tentative'],
  ['declined', 'declined'],
]);

function response(word: string | null | undefined): Attendee['response'] {
  return RESPONSES.get(word ?? '') ?? 'none';
}

/** Graph keeps the organiser apart; here they are one of the people. No other attendee is known to be the owner. */
function attendees(event: GraphEvent): Attendee[] {
  const people = (event.attendees ?? []).slice(0, MOST_ATTENDEES);
  if (people.length === 0) return [];
  const organizer = event.organizer?.emailAddress;
  const leads = (address: string | null | undefined) =>
    !!address && address.toLowerCase() === organizer?.address?.toLowerCase();
  const others = people.map(({ emailAddress, status }): Attendee => {
    const isOrganizer = leads(emailAddress?.address);
    return {
      email: foreignName(emailAddress?.address),
      name: foreignName(emailAddress?.name),
      response: isOrganizer ? 'accepted' : response(status?.response),
      organizer: isOrganizer,
      self: isOrganizer && event.isOrganizer === true,
    };
  });
  if (!organizer || others.some((one) => one.organizer)) return others;
  const { address, name } = organizer;
  const lead: Attendee = {
    email: foreignName(address),
    name: foreignName(name),
    response: 'accepted',
    organizer: true,
    self: event.isOrganizer === true,
  };
  return [lead, ...others].slice(0, MOST_ATTENDEES);
}

function ownResponse(event: GraphEvent): CalendarEvent['ownResponse'] {
  const word = event.responseStatus?.response;
  const asked = (event.attendees?.length ?? 0) > 0 || event.isOrganizer === false;
  return asked && word ? response(word) : null;
}
