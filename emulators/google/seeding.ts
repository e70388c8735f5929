/** Events put in place without going through the API: invitations from others, locked or Gmail events, old ones. */
import { isObject, type JsonObject } from './answers.ts';
import { canonicalEvent } from './event_body.ts';
import { renderEvent } from './event_view.ts';
import type { Scene } from './scene.ts';
import type { StoredEvent } from './world.ts';

/** `{calendarId, event}`: `event` is a resource; `creator` and `organizer` may be foreign, `locked` may be set. */
export function seedEvent(scene: Scene, fields: JsonObject, now: number): JsonObject {
  const calendar = scene.world.calendars.get(String(fields.calendarId));
  if (!calendar || !isObject(fields.event)) throw new TypeError('Could not seed the event: give calendarId and event');
  const raw = fields.event;
  const content = canonicalEvent(raw, calendar, scene.settings, 'any');
  const id = typeof raw.id === 'string' ? raw.id : scene.newId(26);
  const stamp = scene.world.stamp(now);
  const organizer = isObject(raw.organizer) && typeof raw.organizer.email === 'string' ? raw.organizer : null;
  const creator = isObject(raw.creator) && typeof raw.creator.email === 'string' ? raw.creator.email : calendar.owner;
  const event: StoredEvent = {
    ...content,
    id,
    calendarId: calendar.id,
    iCalUID: typeof raw.iCalUID === 'string' ? raw.iCalUID : `${id}@google.com`,
    created: now,
    updated: stamp,
    version: stamp,
    sequence: typeof raw.sequence === 'number' ? raw.sequence : 0,
    creator,
    organizer: organizer && organizer.email !== calendar.id
      ? {
        email: String(organizer.email),
        ...(typeof organizer.displayName === 'string' ? { displayName: organizer.displayName } : {}),
        self: false,
      }
      : { email: calendar.id, ...(calendar.primary ? {} : { displayName: calendar.summary }), self: true },
    changeSeq: 0,
  };
  scene.world.put(calendar, event);
  scene.changed(calendar);
  return renderEvent(event, { calendar, viewer: creator, role: 'owner', publicUrl: scene.publicUrl });
}
