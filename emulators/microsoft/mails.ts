/** Which mails a write would have sent: Outlook always tells the guests, and has no parameter against it. */
import { isObject, type JsonObject } from '../core/answers.ts';
import type { Mail } from '../core/mail.ts';
import type { Scene } from './scene.ts';
import type { StoredEvent } from './world.ts';

/** Notes what this write sends to guests, if anything. `before` is the body that it replaces. */
export function recordMails(
  scene: Scene,
  event: StoredEvent,
  before: JsonObject | null,
  kind: Mail['kind'],
  now: number,
): void {
  if (!event.isOrganizer) return;
  const guests = guestsOf(event.body, event);
  const gone = guestsOf(before ?? {}, event).filter((guest) => !guests.includes(guest));
  const base = { at: now, account: event.account, calendarId: event.calendarId, eventId: event.immutableId };
  if (guests.length > 0) scene.mails.push({ ...base, kind, to: guests });
  if (gone.length > 0) scene.mails.push({ ...base, kind: 'cancellation', to: gone });
}

function guestsOf(body: JsonObject, event: StoredEvent): string[] {
  if (!Array.isArray(body.attendees)) return [];
  return body.attendees.filter(isObject)
    .map(({ emailAddress }) => (isObject(emailAddress) ? String(emailAddress.address) : ''))
    .filter((address) => address !== '' && address !== event.organizer.address);
}
