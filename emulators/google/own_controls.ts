/** The control routes that only this emulator has, or has in its own way. */
import { isObject, type JsonObject } from '../core/answers.ts';
import type { GoogleEmulator } from './emulator.ts';
import { seedEvent } from './seeding.ts';
import type { AccessRole, CalendarSeed } from './world.ts';

/** Null where there is no such route. */
export function ownRoute(emulator: GoogleEmulator, route: string, fields: JsonObject): JsonObject | null {
  switch (route) {
    case 'POST revoke':
      emulator.session.grants.revokeAccount(String(fields.email));
      return {};
    case 'POST calendars':
      return { id: changeCalendar(emulator, fields) };
    case 'POST channels':
      emulator.session.channels.silence(String(fields.silence));
      return {};
    case 'POST events':
      return { event: seedEvent(emulator.session.scene, fields, emulator.now()) };
    default:
      return null;
  }
}

/**
 * Adds a calendar, or changes one that exists: `{id, summary?, owner?, access: {email: role|null}, timeZone?,
 * pushSupported?, deleted?}`.
 */
function changeCalendar(emulator: GoogleEmulator, fields: JsonObject): string {
  const { world } = emulator.session.scene;
  const now = emulator.now();
  const id = String(fields.id);
  const access = isObject(fields.access) ? fields.access : {};
  let calendar = world.calendars.get(id);
  if (calendar) {
    for (const [email, role] of Object.entries(access)) world.changeAccess(calendar, email, role as AccessRole | null);
    if (typeof fields.timeZone === 'string') calendar.timeZone = fields.timeZone;
  } else {
    const seed = { summary: id, owner: Object.keys(access)[0] ?? '', ...fields } as unknown as CalendarSeed;
    calendar = world.addCalendar(seed, now);
  }
  if (typeof fields.pushSupported === 'boolean') calendar.pushSupported = fields.pushSupported;
  if (fields.deleted === true) world.deleteCalendar(calendar, now);
  if (fields.expireSyncTokens === true) calendar.syncGeneration++;
  return id;
}
