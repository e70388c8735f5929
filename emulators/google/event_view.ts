/** Stored events as the API shows them. */
import { compactInstant, renderInstant } from '../core/times.ts';
import { isObject, type JsonObject } from './answers.ts';
import { etagOf } from './scene.ts';
import type { AccessRole, Calendar, StoredEvent, StoredTime } from './world.ts';

export interface View {
  readonly calendar: Calendar;
  /** The account that asks, and its role on the calendar. */
  readonly viewer: string;
  readonly role: AccessRole;
  /** Zone of all `dateTime`s; the calendar's own if absent. */
  readonly zone?: string | undefined;
  readonly maxAttendees?: number | undefined;
  readonly publicUrl: string;
}

/** The complete resource. */
export function renderEvent(event: StoredEvent, view: View): JsonObject {
  if (event.stub) return renderStub(event, view);
  const { calendar } = view;
  const hidden = isHidden(event, view);
  const body = hidden ? {} : event.body;
  const eid = btoa(`${event.id} ${view.viewer}`).replaceAll('=', '');
  const shown: JsonObject = {
    kind: 'calendar#event',
    etag: etagOf(event),
    id: event.id,
    status: event.status,
    htmlLink: `${view.publicUrl}/calendar/event?eid=${eid}`,
    created: new Date(event.created).toISOString().replace(/\d{3}Z$/, '000Z'),
    updated: new Date(Math.floor(event.updated / 1000)).toISOString(),
  };
  for (const name of ['summary', 'description', 'location', 'colorId', 'eventLabelId']) {
    if (body[name] !== undefined) shown[name] = body[name];
  }
  shown.creator = { email: event.creator, ...(event.creator === calendar.id ? { self: true } : {}) };
  const { email, displayName, self } = event.organizer;
  shown.organizer = { email, ...(displayName ? { displayName } : {}), ...(self ? { self: true } : {}) };
  shown.start = renderTime(event.start, view);
  shown.end = renderTime(event.end, view);
  if (body.recurrence !== undefined) shown.recurrence = body.recurrence;
  if (event.recurringEventId) shown.recurringEventId = event.recurringEventId;
  if (event.originalStart) shown.originalStartTime = renderTime(event.originalStart, view);
  for (const name of ['transparency', 'visibility']) {
    if (event.body[name] !== undefined) shown[name] = event.body[name];
  }
  shown.iCalUID = event.iCalUID;
  shown.sequence = event.sequence;
  renderGuests(shown, body, event, view);
  const { source, reminders = { useDefault: true }, eventType = 'default', ...rest } = body;
  for (const [name, value] of Object.entries(rest)) {
    if (!(name in shown) && name !== 'attendees' && name !== 'recurrence') shown[name] = value;
  }
  if (source !== undefined && event.creator === view.viewer) shown.source = source;
  shown.reminders = reminders;
  shown.eventType = eventType;
  return shown;
}

function renderGuests(shown: JsonObject, body: JsonObject, event: StoredEvent, view: View): void {
  if (!Array.isArray(body.attendees)) return;
  const all = body.attendees.filter(isObject).map((attendee) => ({
    ...attendee,
    ...(attendee.email === event.organizer.email ? { organizer: true } : {}),
    ...(attendee.email === view.calendar.id ? { self: true } : {}),
  }));
  const most = view.maxAttendees ?? all.length;
  if (all.length <= most) {
    shown.attendees = all;
    return;
  }
  // "If there are more than the specified number of attendees, only the participant is returned."
  shown.attendees = all.filter((attendee) => 'self' in attendee);
  shown.attendeesOmitted = true;
}

/** A deleted event in an incremental list: the four sure fields, and what names the instance of a series. */
export function renderStub(event: StoredEvent, view: View): JsonObject {
  return {
    kind: 'calendar#event',
    etag: etagOf(event),
    id: event.id,
    status: 'cancelled',
    ...(event.recurringEventId && event.originalStart
      ? { recurringEventId: event.recurringEventId, originalStartTime: renderTime(event.originalStart, view) }
      : {}),
  };
}

function renderTime(time: StoredTime, view: View): JsonObject {
  if ('day' in time) return { date: time.day };
  return { dateTime: renderInstant(time.at, view.zone ?? view.calendar.timeZone), timeZone: time.zone };
}

function isHidden(event: StoredEvent, view: View): boolean {
  if (view.role === 'freeBusyReader') return true;
  const isPrivate = event.body.visibility === 'private' || event.body.visibility === 'confidential';
  return isPrivate && (view.role === 'reader' || view.role === 'writerWithoutPrivateAccess');
}

/** The part of an instance's id that names its original start. */
export function instanceSuffix(original: StoredTime): string {
  return 'day' in original ? original.day.replaceAll('-', '') : compactInstant(original.at);
}
