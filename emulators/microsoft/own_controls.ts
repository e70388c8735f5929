/** The control routes that only this emulator has, or has in its own way. */
import { isObject, type JsonObject } from '../core/answers.ts';
import type { MicrosoftEmulator } from './emulator.ts';
import { seedEvent } from './seeding.ts';
import { LIFECYCLE } from './subscriptions.ts';
import type { CalendarSeed } from './world.ts';

/** Null where there is no such route. */
export function ownRoute(emulator: MicrosoftEmulator, route: string, fields: JsonObject): JsonObject | null {
  switch (route) {
    case 'POST revoke':
      emulator.revoke(String(fields.email), typeof fields.aadsts === 'number' ? fields.aadsts : undefined);
      return {};
    case 'POST calendars':
      return { id: changeCalendar(emulator, fields) };
    case 'POST events':
      return { event: seedEvent(emulator.session.scene, fields, emulator.now()) };
    case 'POST subscriptions':
      return { ids: changeSubscriptions(emulator, fields) };
    default:
      return null;
  }
}

/** Adds a calendar, or changes one that exists: `{id, account?, name?, canEdit?, owner?, deleted?, expireSyncTokens?}`. */
function changeCalendar(emulator: MicrosoftEmulator, fields: JsonObject): string {
  const { world } = emulator.session.scene;
  const id = String(fields.id);
  let calendar = world.calendars.get(id);
  if (!calendar) {
    const seed = { name: id, ...fields };
    calendar = world.addCalendar(seed as unknown as CalendarSeed);
  }
  if (typeof fields.canEdit === 'boolean') calendar.canEdit = fields.canEdit;
  if (typeof fields.name === 'string') calendar.name = fields.name;
  if (isObject(fields.owner)) {
    calendar.owner = { name: String(fields.owner.name), address: String(fields.owner.address) };
  }
  if (fields.deleted === true) calendar.deleted = true;
  if (fields.expireSyncTokens === true) calendar.generation++;
  calendar.version = world.newVersion();
  return id;
}

/**
 * `{id?, lifecycle}` sends a lifecycle notification; `{id?, remove: true}` ends subscriptions without a word, and
 * `{id?, silence: true}` lets them live on and say nothing.
 */
function changeSubscriptions(emulator: MicrosoftEmulator, fields: JsonObject): string[] {
  const { subscriptions } = emulator.session;
  const ids = typeof fields.id === 'string' ? [fields.id] : subscriptions.ids();
  if (fields.remove === true) return ids.filter((id) => subscriptions.remove(id));
  if (fields.silence === true) return ids.filter((id) => subscriptions.silence(id));
  const kind = LIFECYCLE.find((known) => known === fields.lifecycle);
  if (!kind) throw new TypeError('Could not act on subscriptions: give lifecycle, remove or silence');
  return ids.filter((id) => subscriptions.lifecycle(id, kind));
}
