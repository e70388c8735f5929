import { z } from 'zod';
import { cut } from '../../text.ts';
import { foreignDay, ForeignId, foreignInstant, foreignZone } from '../boundary.ts';
import { htmlOf, plainText } from '../html_text.ts';
import type { EventMarker, EventRef, ObservedEvent } from '../port/calendar.ts';
import type { EventContent, EventTime } from '../port/content.ts';
import { UnreadableEvent } from '../port/failure.ts';
import { normalContent } from './normal_content.ts';

/**
 * Keys of our mark in `extendedProperties.private` (at most 44 characters, longer ones are dropped in silence).
 *
 * @see https://developers.google.com/workspace/calendar/api/guides/extended-properties
 */
const MARKER = {
  appointment: 'cassiusAppointmentId',
  integration: 'cassiusIntegrationId',
  epoch: 'cassiusEpoch',
} as const;

/** Mark-up can be many times as long as what it shows. */
const LONGEST_DESCRIPTION = 262_144;

// Unknown fields and enum values pass: Google adds both without notice.
const Moment = z.object({
  date: z.string().regex(/^\d{4}-\d{2}-\d{2}$/).nullish(),
  dateTime: z.string().regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/i).nullish(),
  timeZone: z.string().nullish(),
});

export const GoogleAttendee = z.object({
  email: z.string().nullish(),
  displayName: z.string().nullish(),
  responseStatus: z.string().nullish(),
  organizer: z.boolean().nullish(),
  self: z.boolean().nullish(),
});
export type GoogleAttendee = z.infer<typeof GoogleAttendee>;

export const GoogleEvent = z.object({
  id: ForeignId,
  status: z.string().nullish(),
  etag: ForeignId.nullish(),
  updated: z.string().nullish(),
  summary: z.string().nullish(),
  description: z.string().nullish(),
  location: z.string().nullish(),
  start: Moment.nullish(),
  end: Moment.nullish(),
  transparency: z.string().nullish(),
  visibility: z.string().nullish(),
  extendedProperties: z.object({ private: z.record(z.string(), z.string()).nullish() }).nullish(),
  eventType: z.string().nullish(),
  htmlLink: z.string().nullish(),
  recurringEventId: ForeignId.nullish(),
  originalStartTime: Moment.nullish(),
  recurrence: z.array(z.unknown()).nullish(),
  attendees: z.array(GoogleAttendee).nullish(),
});
export type GoogleEvent = z.infer<typeof GoogleEvent>;

/**
 * The body of an insert. Never attendees, conference, organizer or recurrence: nothing that makes Google send a mail.
 */
export function insertBody(ref: EventRef, marker: EventMarker, content: EventContent): Record<string, unknown> {
  const filled = Object.entries(fields(normalContent(content))).filter(([, value]) => value !== null);
  return {
    id: ref.eventId,
    ...Object.fromEntries(filled),
    // No alarm of ours: Cassius reminds by itself, and the calendar's default would ring for every appointment.
    reminders: { useDefault: false, overrides: [] },
    extendedProperties: { private: properties(marker) },
  };
}

/**
 * The body of a patch: the changed fields and our mark. `status` is never sent, because `confirmed` would bring back
 * an event that its owner deleted between our read and this write.
 */
export function patchBody(marker: EventMarker, changes: Partial<EventContent>): Record<string, unknown> {
  const { start, end, ...rest } = fields(normalContent(changes));
  const times = start && end ? { start: exclusive(start), end: exclusive(end) } : {};
  return { ...rest, ...times, extendedProperties: { private: properties(marker) } };
}

/** A patch merges into `start` and `end`: the members of the other kind must be taken out by name. */
function exclusive(moment: Record<string, string>): Record<string, string | null> {
  return { date: null, dateTime: null, timeZone: null, ...moment };
}

interface Fields {
  summary?: string | null;
  description?: string | null;
  location?: string | null;
  start?: Record<string, string>;
  end?: Record<string, string>;
  transparency?: string;
  visibility?: string;
}

/** Null takes a field out. */
function fields(content: Partial<EventContent>): Fields {
  return {
    ...(content.title === undefined ? {} : { summary: content.title || null }),
    ...(content.description === undefined ? {} : { description: htmlOf(content.description) || null }),
    ...(content.location === undefined ? {} : { location: content.location || null }),
    ...(content.time === undefined ? {} : moments(content.time)),
    ...(content.availability === undefined
      ? {}
      : { transparency: content.availability === 'free' ? 'transparent' : 'opaque' }),
    ...(content.visibility === undefined
      ? {}
      : { visibility: content.visibility === 'private' ? 'private' : 'default' }),
  };
}

/**
 * Instants go out in UTC beside their zone: a wall time alone means two instants in the hour that a fall-back repeats.
 */
function moments(time: EventTime): { start: Record<string, string>; end: Record<string, string> } {
  if (time.kind === 'all_day') return { start: { date: time.startDay }, end: { date: time.endDay } };
  return {
    start: { dateTime: time.startsAt, timeZone: time.timeZone },
    end: { dateTime: time.endsAt, timeZone: time.timeZone },
  };
}

function properties(marker: EventMarker): Record<string, string> {
  return {
    [MARKER.appointment]: marker.appointmentId,
    [MARKER.integration]: marker.integrationId,
    [MARKER.epoch]: String(marker.epoch),
  };
}

/** @throws {UnreadableEvent} for a living event without version or times */
export function observedEvent(operation: string, calendarId: string, event: GoogleEvent): ObservedEvent {
  const status = event.status === 'cancelled' || event.status === 'tentative' ? event.status : 'confirmed';
  const time = observedTime(event);
  const live = status !== 'cancelled';
  if (live && (!event.etag || !time)) {
    throw new UnreadableEvent(operation, event.id, time ? 'no_version' : 'no_times');
  }
  return {
    ref: { calendarId, eventId: event.id },
    version: event.etag ?? '',
    status,
    content: time && normalContent({
      title: event.summary ?? '',
      description: plainText(cut(event.description ?? '', LONGEST_DESCRIPTION), 'kept'),
      location: event.location ?? '',
      time,
      availability: event.transparency === 'transparent' ? 'free' : 'busy',
      visibility: event.visibility === 'private' || event.visibility === 'confidential' ? 'private' : 'normal',
    }),
    marker: observedMarker(event),
    updatedAt: foreignInstant(event.updated),
    ...inSeries(event),
  };
}

function inSeries({ recurrence, recurringEventId, originalStartTime }: GoogleEvent) {
  if ((recurrence ?? []).length > 0) return { repeats: true as const };
  const at = foreignInstant(originalStartTime?.dateTime) ?? foreignDay(originalStartTime?.date);
  return recurringEventId && at ? { place: { seriesId: recurringEventId, at } } : {};
}

function observedTime({ start, end }: GoogleEvent): EventTime | null {
  const startDay = foreignDay(start?.date);
  const endDay = foreignDay(end?.date);
  if (startDay && endDay) return { kind: 'all_day', startDay, endDay };
  const startsAt = foreignInstant(start?.dateTime);
  const endsAt = foreignInstant(end?.dateTime);
  return startsAt && endsAt ? { kind: 'timed', startsAt, endsAt, timeZone: foreignZone(start?.timeZone) } : null;
}

function observedMarker(event: GoogleEvent): EventMarker | null {
  const mark = event.extendedProperties?.private ?? {};
  const appointmentId = mark[MARKER.appointment];
  const integrationId = mark[MARKER.integration];
  const epoch = mark[MARKER.epoch];
  if (!appointmentId || !integrationId || !epoch || !/^\d{1,9}$/.test(epoch)) return null;
  return { appointmentId, integrationId, epoch: Number(epoch) };
}
