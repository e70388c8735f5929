/** Events put in place without going through Graph: invitations from others, cancelled meetings, whole series. */
import { isObject, type JsonObject } from '../core/answers.ts';
import { newContent } from './event_body.ts';
import { renderEvent } from './event_view.ts';
import { preferencesOf } from './prefer.ts';
import type { Scene } from './scene.ts';
import { moveEvent } from './side_effects.ts';
import { applyTags, writtenTags } from './tags.ts';
import type { StoredEvent } from './world.ts';

const SEEN = preferencesOf(new Headers({ prefer: 'IdType="ImmutableId", outlook.body-content-type="text"' }));

/**
 * `{calendarId, event}` adds an event: `organizer` may be foreign, `isCancelled` may be set. `{eventId, moveTo?,
 * restore?, invite?, respond?}` moves one to another calendar, brings it back from Deleted Items, adds a guest, or gives
 * the owner's answer to an invitation: what people do in Outlook's own pages, which mails it in their own name.
 */
export function seedEvent(scene: Scene, fields: JsonObject, now: number): JsonObject {
  const event = fields.eventId === undefined ? added(scene, fields, now) : changed(scene, fields, now);
  return renderEvent(scene.world, event, SEEN);
}

function added(scene: Scene, fields: JsonObject, now: number): StoredEvent {
  const { world, settings } = scene;
  const calendar = world.calendars.get(String(fields.calendarId));
  const owner = calendar && world.accounts.get(calendar.account);
  if (!owner || !isObject(fields.event)) throw new TypeError('Could not seed the event: give calendarId and event');
  const raw = fields.event;
  const organizer = isObject(raw.organizer) && isObject(raw.organizer.emailAddress) ? raw.organizer.emailAddress : null;
  const ids = world.newIds();
  const event: StoredEvent = {
    ...ids,
    ...newContent(raw, settings),
    calendarId: calendar.id,
    account: calendar.account,
    iCalUId: typeof raw.iCalUId === 'string'
      ? raw.iCalUId
      : `040000008200E00074C5B7101A82E008${ids.immutableId.slice(-14, -4)}`,
    transactionId: null,
    createdAt: now,
    modifiedAt: now,
    version: 0,
    organizer: organizer
      ? { name: String(organizer.name ?? organizer.address), address: String(organizer.address) }
      : { name: owner.name, address: owner.email },
    isOrganizer: organizer === null || organizer.address === owner.email,
    isCancelled: raw.isCancelled === true,
    deleted: false,
    tags: new Map(),
    masterId: null,
    originalStart: null,
  };
  applyTags(event.tags, writtenTags(raw.singleValueExtendedProperties), now);
  world.put(event, now);
  scene.changed(calendar, event, 'created');
  return event;
}

function changed(scene: Scene, fields: JsonObject, now: number): StoredEvent {
  const event = scene.world.event(String(fields.eventId));
  if (!event) throw new TypeError(`Could not change the event: there is no ${fields.eventId}`);
  if (typeof fields.moveTo === 'string') moveEvent(scene, event, fields.moveTo, now);
  if (fields.restore === true && event.deleted) {
    event.deleted = false;
    const calendar = scene.world.put(event, now);
    if (calendar) scene.changed(calendar, event, 'created');
  }
  const { invite, respond } = fields;
  if (typeof invite === 'string') {
    setAttendees(scene, event, (all) => [...all, attendeeOf(invite, 'none')], now);
  }
  if (typeof respond === 'string') {
    const others = (all: JsonObject[]) => all.filter(({ emailAddress }) => addressOf(emailAddress) !== event.account);
    setAttendees(scene, event, (all) => [...others(all), attendeeOf(event.account, respond)], now);
  }
  return event;
}

function setAttendees(
  scene: Scene,
  event: StoredEvent,
  change: (attendees: JsonObject[]) => JsonObject[],
  now: number,
): void {
  const { attendees } = event.body;
  event.body = { ...event.body, attendees: change(Array.isArray(attendees) ? attendees.filter(isObject) : []) };
  const calendar = scene.world.put(event, now);
  if (calendar) scene.changed(calendar, event, 'updated');
}

function attendeeOf(address: string, response: string): JsonObject {
  return {
    type: 'required',
    status: { response, time: '0001-01-01T00:00:00Z' },
    emailAddress: { name: address, address },
  };
}

function addressOf(emailAddress: unknown): unknown {
  return isObject(emailAddress) ? emailAddress.address : undefined;
}
