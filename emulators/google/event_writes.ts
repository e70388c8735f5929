/** events.insert, import, quickAdd, patch, update, delete, move. */
import { type Answer, Failure, invalid, isObject, type JsonObject, notFound } from './answers.ts';
import { applyConference } from './conference.ts';
import { canonicalEvent, type EventContent, mergePatch, rawOf } from './event_body.ts';
import { renderEvent } from './event_view.ts';
import { instanceById } from './instances.ts';
import { cancelExceptions, instancesById, noteVanished } from './series_changes.ts';
import { recordMails } from './mails.ts';
import { calendarOf, type Call, checkIfMatch, integerOf, writableCalendar } from './scene.ts';
import type { Calendar, StoredEvent } from './world.ts';

const OWN_ID = /^[0-9a-v]{5,1024}$/;
const HOUR = 3_600_000;

export function insertEvent(call: Call): Answer {
  const calendar = writableCalendar(call);
  const { id, iCalUID } = call.body;
  if (id !== undefined && id !== null && !(typeof id === 'string' && OWN_ID.test(id))) {
    throw invalid('Invalid resource id value.');
  }
  if (call.body.eventType === 'fromGmail') throw invalid('Events of this type cannot be created.', 'eventType');
  checkBatchable(call, call.body);
  const content = canonicalEvent(acceptedFields(call), calendar, call.scene.settings);
  if (typeof id === 'string' && calendar.events.has(id)) throw new Failure(409, 'duplicate');
  if (typeof iCalUID === 'string' && calendar.byUid.has(iCalUID)) throw new Failure(409, 'duplicate');
  const eventId = typeof id === 'string' ? id : call.scene.newId(26);
  const event = store(
    call,
    calendar,
    content,
    eventId,
    typeof iCalUID === 'string' ? iCalUID : `${eventId}@google.com`,
  );
  recordMails(call, calendar, event, null, 'invitation');
  return shown(call, calendar, event);
}

export function importEvent(call: Call): Answer {
  const calendar = writableCalendar(call);
  const { iCalUID, organizer } = call.body;
  if (typeof iCalUID !== 'string') throw new Failure(400, 'required', { message: 'Missing iCalUID.' });
  if ((call.body.eventType ?? 'default') !== 'default') {
    throw invalid('Only default events can be imported.', 'eventType');
  }
  const content = canonicalEvent(acceptedFields(call), calendar, call.scene.settings);
  const known = calendar.events.get(calendar.byUid.get(iCalUID) ?? '');
  if (known) {
    checkOrganizer(known, call);
    apply(call, calendar, known, content);
    return shown(call, calendar, known);
  }
  const event = store(call, calendar, content, call.scene.newId(26), iCalUID);
  if (isObject(organizer) && typeof organizer.email === 'string' && organizer.email !== calendar.id) {
    event.organizer = { email: organizer.email, self: false };
  }
  return shown(call, calendar, event);
}

export function quickAddEvent(call: Call): Answer {
  const calendar = writableCalendar(call);
  const start = Math.ceil((call.now + 1) / HOUR) * HOUR;
  const raw = {
    summary: call.query.get('text') ?? '',
    start: { dateTime: new Date(start).toISOString() },
    end: { dateTime: new Date(start + HOUR).toISOString() },
  };
  const id = call.scene.newId(26);
  return shown(
    call,
    calendar,
    store(call, calendar, canonicalEvent(raw, calendar, call.scene.settings), id, `${id}@google.com`),
  );
}

export function patchEvent(call: Call): Answer {
  return write(call, (event) => mergePatch(rawOf(event), acceptedFields(call)));
}

export function updateEvent(call: Call): Answer {
  return write(call, (event) => {
    const given = mergePatch({}, acceptedFields(call));
    if (integerOf(call, 'eventLabelVersion') !== 1 && event.body.eventLabelId) {
      given.eventLabelId = event.body.eventLabelId;
    }
    if (call.query.get('supportsAttachments') !== 'true' && event.body.attachments) {
      given.attachments = event.body.attachments;
    }
    // Fields that no caller can write stay what they are.
    for (const name of ['locked', 'eventType']) if (event.body[name] !== undefined) given[name] ??= event.body[name];
    return given;
  });
}

function write(call: Call, complete: (event: StoredEvent) => JsonObject): Answer {
  const { settings } = call.scene;
  const calendar = writableCalendar(call);
  const event = existing(call, calendar);
  checkIfMatch(call, event);
  checkBatchable(call, event.body);
  if (call.method.name === 'events.update') checkOrganizer(event, call);
  const sequence = call.body.sequence;
  if (typeof sequence === 'number' && sequence < event.sequence) {
    throw invalid(
      'Invalid sequence value. The specified sequence number is below the current sequence number of the resource.',
    );
  }
  const content = canonicalEvent(complete(event), calendar, settings, event.endAt > event.startAt ? 'positive' : 'any');
  if (event.status === 'cancelled') {
    if (content.status !== 'cancelled' && settings.undelete === 'forbid') throw new Failure(403, 'forbidden');
    if (content.status === 'cancelled' && settings.writeToDeleted === 'forbid') throw new Failure(403, 'forbidden');
    if (content.status === 'cancelled' && settings.writeToDeleted === 'gone') throw new Failure(410, 'deleted');
  }
  checkFixed(event, content);
  const before = event.body;
  apply(call, calendar, event, content);
  recordMails(call, calendar, event, before, content.status === 'cancelled' ? 'cancellation' : 'update');
  return shown(call, calendar, event);
}

export function deleteEvent(call: Call): Answer {
  const calendar = writableCalendar(call);
  const event = existing(call, calendar);
  checkBatchable(call, event.body);
  if (event.status === 'cancelled') throw new Failure(410, 'deleted');
  checkIfMatch(call, event);
  cancel(call, calendar, event);
  recordMails(call, calendar, event, event.body, 'cancellation');
  return { status: 204 };
}

export function moveEvent(call: Call): Answer {
  const calendar = writableCalendar(call);
  const target = writableCalendar(call, call.query.get('destination') ?? '');
  const event = calendar.events.get(call.method.path.eventId ?? '');
  if (!event) throw notFound();
  if (event.status === 'cancelled') throw new Failure(410, 'deleted');
  if (event.body.eventType !== undefined) throw invalid('Only default events can be moved.', 'eventType');
  if (event.recurringEventId) throw new Failure(400, 'cannotChangeOrganizerOfInstance', { domain: 'calendar' });
  // Back where it came from it takes the place of what it left there.
  const left = target.events.get(event.id);
  if (left && !left.stub) throw new Failure(409, 'duplicate');
  const stamp = call.scene.world.stamp(call.now);
  const moved: StoredEvent = {
    ...event,
    calendarId: target.id,
    organizer: organizerOf(target),
    version: stamp,
    updated: stamp,
  };
  call.scene.world.put(target, moved);
  event.stub = true;
  cancel(call, calendar, event);
  call.scene.changed(target);
  recordMails(call, target, moved, moved.body, 'update');
  return shown(call, target, moved);
}

function existing(call: Call, calendar: Calendar): StoredEvent {
  const event = instanceById(calendar, call.method.path.eventId ?? '');
  if (!event) throw notFound();
  return event;
}

function cancel(call: Call, calendar: Calendar, event: StoredEvent): void {
  event.status = 'cancelled';
  event.updated = event.version = call.scene.world.stamp(call.now);
  call.scene.world.put(calendar, event);
  cancelExceptions(call.scene.world, calendar, event, call.now);
  call.scene.changed(calendar);
}

function store(call: Call, calendar: Calendar, content: EventContent, id: string, iCalUID: string): StoredEvent {
  const stamp = call.scene.world.stamp(call.now);
  const event: StoredEvent = {
    ...content,
    id,
    calendarId: calendar.id,
    iCalUID,
    created: call.now,
    updated: stamp,
    version: stamp,
    sequence: typeof call.body.sequence === 'number' ? call.body.sequence : 0,
    creator: call.account.email,
    organizer: organizerOf(calendar),
    changeSeq: 0,
    unseenReads: call.scene.settings.laggingReads,
  };
  applyConference(event);
  call.scene.world.put(calendar, event);
  call.scene.changed(calendar);
  return event;
}

function apply(call: Call, calendar: Calendar, event: StoredEvent, content: EventContent): void {
  const moved = content.startAt !== event.startAt || content.endAt !== event.endAt;
  const instances = instancesById(calendar, event);
  const onlyReminders = !moved && content.status === event.status && sameButReminders(event.body, content.body);
  event.body = content.body;
  event.status = content.status;
  event.start = content.start;
  event.end = content.end;
  event.startAt = content.startAt;
  event.endAt = content.endAt;
  event.sequence = typeof call.body.sequence === 'number' ? call.body.sequence : event.sequence + (moved ? 1 : 0);
  event.version = call.scene.world.stamp(call.now);
  if (!onlyReminders) event.updated = event.version;
  applyConference(event);
  call.scene.world.put(calendar, event);
  if (instances.size > 0) noteVanished(call.scene.world, calendar, event, instances, call.now);
  call.scene.changed(calendar);
}

function sameButReminders(before: JsonObject, after: JsonObject): boolean {
  if (JSON.stringify(before.reminders) === JSON.stringify(after.reminders)) return false;
  return JSON.stringify({ ...before, reminders: 0 }) === JSON.stringify({ ...after, reminders: 0 });
}

/** The body without the fields that this call's parameters do not switch on. */
function acceptedFields(call: Call): JsonObject {
  const body = { ...call.body };
  if (integerOf(call, 'conferenceDataVersion') !== 1) delete body.conferenceData;
  if (integerOf(call, 'eventLabelVersion') === 1) delete body.colorId;
  else delete body.eventLabelId;
  if (call.query.get('supportsAttachments') !== 'true') delete body.attachments;
  for (const readOnly of ['locked', 'hangoutLink']) delete body[readOnly];
  return body;
}

function organizerOf(calendar: Calendar): StoredEvent['organizer'] {
  return { email: calendar.id, ...(calendar.primary ? {} : { displayName: calendar.summary }), self: true };
}

/** A full write on a guest's copy without the shared properties counts as resetting them. */
function checkOrganizer(event: StoredEvent, call: Call): void {
  if (event.organizer.self || event.body.guestsCanModify === true) return;
  const names = ['summary', 'description', 'location', 'attendees', 'visibility', 'transparency', 'recurrence'];
  if (names.some((name) => event.body[name] !== undefined && (call.body[name] ?? undefined) === undefined)) {
    throw new Failure(403, 'forbiddenForNonOrganizer');
  }
}

function checkFixed(event: StoredEvent, content: EventContent): void {
  if ((event.body.eventType ?? 'default') !== (content.body.eventType ?? 'default')) {
    throw new Failure(400, 'eventTypeRestriction', {
      domain: 'calendar',
      message: 'The event type cannot be changed.',
    });
  }
  if (event.recurringEventId && content.body.recurrence) throw invalid('An instance cannot recur.', 'recurrence');
  if (event.body.locked !== true) return;
  const changed = ['summary', 'description', 'location', 'recurrence'].some((name) =>
    JSON.stringify(event.body[name]) !== JSON.stringify(content.body[name])
  );
  if (changed || event.startAt !== content.startAt || event.endAt !== content.endAt) {
    throw new Failure(403, 'forbidden');
  }
}

function checkBatchable(call: Call, body: JsonObject): void {
  if (call.inBatch && body.eventType === 'workingLocation') {
    throw invalid('Working location events cannot be written in a batch.', 'eventType');
  }
}

function shown(call: Call, calendar: Calendar, event: StoredEvent): Answer {
  const { role } = calendarOf(call, calendar.id);
  const view = { calendar, viewer: call.account.email, role, publicUrl: call.scene.publicUrl };
  const body = renderEvent(event, { ...view, maxAttendees: integerOf(call, 'maxAttendees') ?? undefined });
  return { status: 200, body, headers: { etag: String(body.etag) } };
}
