/** Creating, changing and deleting events. */
import type { Answer } from '../core/answers.ts';
import { badRequest, GraphError } from './errors.ts';
import { type EventContent, newContent, patchedContent } from './event_body.ts';
import { renderEvent } from './event_view.ts';
import { etag } from './ids.ts';
import { recordMails } from './mails.ts';
import { withMeeting } from './online_meeting.ts';
import { isMaster, occurrencesOf } from './occurrences.ts';
import { calendarOf, type Call, checkWritable, eventOf } from './scene.ts';
import { applyTags, writtenTags } from './tags.ts';
import { rememberTransaction, repeatedTransaction } from './transactions.ts';
import type { Calendar, StoredEvent } from './world.ts';

export function insertEvent(call: Call): Answer {
  const calendar = calendarOf(call);
  checkWritable(calendar);
  const { world, settings } = call.scene;
  const content = newContent(call.body, settings);
  const written = writtenTags(call.body.singleValueExtendedProperties);
  const transactionId = typeof call.body.transactionId === 'string' ? call.body.transactionId : null;
  const normalised = JSON.stringify([content, [...written]]);
  const repeated = repeatedTransaction(call, calendar, transactionId, normalised);
  if (repeated) return shown(call, repeated, 201);
  const ids = world.newIds();
  const event: StoredEvent = {
    ...ids,
    ...content,
    body: withMeeting(call.account, ids.immutableId, null, content.body, call.body),
    calendarId: calendar.id,
    account: call.account.email,
    iCalUId: `040000008200E00074C5B7101A82E008${ids.immutableId.slice(-14, -4)}`,
    transactionId,
    createdAt: call.now,
    modifiedAt: call.now,
    version: 0,
    organizer: { name: call.account.name, address: call.account.email },
    isOrganizer: true,
    isCancelled: false,
    deleted: false,
    tags: new Map(),
    masterId: null,
    originalStart: null,
  };
  applyTags(event.tags, written, call.now);
  world.put(event, call.now);
  rememberTransaction(call, calendar, event, normalised);
  if (transactionId !== null) call.scene.created(calendar, transactionId);
  recordMails(call.scene, event, null, 'invitation', call.now);
  call.scene.changed(calendar, event, 'created');
  const answer = shown(call, event, 201);
  // The server files the item a moment later: the version in the answer is old by then.
  if (settings.touchAfterCreate) world.put(event, call.now + 1_500);
  return answer;
}

export function patchEvent(call: Call): Answer {
  const event = stored(call);
  const { world, settings } = call.scene;
  const calendar = writableCalendarOf(call, event);
  if (settings.ifMatchOnPatch) checkIfMatch(call, event);
  if (call.body.transactionId !== undefined && call.body.transactionId !== event.transactionId) {
    throw badRequest('The transactionId of an event cannot be changed.');
  }
  if (event.masterId !== null && call.body.recurrence) throw badRequest('An occurrence cannot recur.');
  const written = writtenTags(call.body.singleValueExtendedProperties);
  const content = patchedContent(event, call.body, settings);
  checkNeighbours(call, event, content);
  const before = event.body;
  const moved = content.startAt !== event.startAt || content.body.recurrence !== event.body.recurrence;
  if (isMaster(event) && moved) world.dropExceptions(event);
  Object.assign(event, content);
  event.body = withMeeting(call.account, event.immutableId, before, content.body, call.body);
  applyTags(event.tags, written, call.now);
  world.put(event, call.now);
  recordMails(call.scene, event, before, 'update', call.now);
  call.scene.changed(calendar, event, 'updated');
  return shown(call, event, 200);
}

export function deleteEvent(call: Call): Answer {
  const event = stored(call);
  const calendar = writableCalendarOf(call, event);
  if (call.scene.settings.ifMatchOnDelete) checkIfMatch(call, event);
  event.deleted = true;
  call.scene.world.put(event, call.now);
  recordMails(call.scene, event, null, 'cancellation', call.now);
  call.scene.changed(calendar, event, 'deleted');
  return { status: 204 };
}

/** The organizer calls a meeting off. No way to delete what has no guests. */
export function cancelEvent(call: Call): Answer {
  const event = stored(call);
  if (!event.isOrganizer) throw badRequest('Only the organizer can cancel a meeting.');
  if (!Array.isArray(event.body.attendees) || event.body.attendees.length === 0) {
    throw badRequest('An event without attendees is no meeting.');
  }
  return { ...deleteEvent(call), status: 202 };
}

/** The event of the path, an occurrence made into an exception that is about to be stored. */
function stored(call: Call): StoredEvent {
  const event = eventOf(call);
  return event.masterId !== null && call.scene.world.event(event.immutableId) === null ? { ...event } : event;
}

function writableCalendarOf(call: Call, event: StoredEvent): Calendar {
  const calendar = call.scene.world.calendars.get(event.calendarId);
  if (!calendar) throw new Error(`Could not write the event ${event.immutableId}: no calendar ${event.calendarId}`);
  checkWritable(calendar);
  return calendar;
}

function checkIfMatch(call: Call, event: StoredEvent): void {
  const wanted = call.headers.get('if-match');
  if (wanted === null || wanted === '*') return;
  const weak = (tag: string) => tag.replace(/^W\//, '');
  if (weak(wanted.trim()) !== weak(etag(event.version))) throw new GraphError(412, 'ErrorIrresolvableConflict');
}

/** A moved occurrence stays between its neighbours. */
function checkNeighbours(call: Call, event: StoredEvent, content: EventContent): void {
  const master = event.masterId === null ? null : call.scene.world.event(event.masterId);
  if (!master || content.startAt === event.startAt) return;
  const until = Math.max(content.startAt, event.startAt) + 400 * 86_400_000;
  const original = event.originalStart;
  const originalAt = original === null ? 0 : 'day' in original ? Date.parse(`${original.day}T00:00:00Z`) : original.at;
  for (const other of occurrencesOf(call.scene.world, master, until)) {
    if (other.deleted || other.immutableId === event.immutableId) continue;
    const wasBefore = other.startAt < originalAt;
    if (wasBefore ? other.endAt > content.startAt : other.startAt < content.endAt) {
      throw new GraphError(400, 'ErrorOccurrenceCrossingBoundary', {
        message: 'The occurrence would cross its neighbour.',
      });
    }
  }
}

function shown(call: Call, event: StoredEvent, status: number): Answer {
  return { status, body: renderEvent(call.scene.world, event, call.prefer) };
}
