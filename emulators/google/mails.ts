/** Which mails a write would have sent. */
import { isObject, type JsonObject } from './answers.ts';
import type { Call, Mail } from './scene.ts';
import type { Calendar, StoredEvent } from './world.ts';

/** Appends to the list of mails what this write sends to guests, if anything. `before` is the body it replaces. */
export function recordMails(
  call: Call,
  calendar: Calendar,
  event: StoredEvent,
  before: JsonObject | null,
  kind: Mail['kind'],
): void {
  const sendUpdates = call.query.get('sendUpdates');
  const asked = sendUpdates ?? (call.query.get('sendNotifications') === 'true' ? 'all' : null);
  const effective = asked ?? call.scene.settings.defaultSendUpdates;
  if (effective === 'none') return;
  const now = guests(event.body, event);
  const gone = guests(before ?? {}, event).filter((email) => !now.includes(email));
  const reached = (emails: string[]) =>
    effective === 'externalOnly' ? emails.filter((email) => !call.scene.world.accounts.has(email)) : emails;
  const base = { at: call.now, account: call.account.email, calendarId: calendar.id, eventId: event.id, sendUpdates };
  const to = reached(now);
  if (to.length > 0) call.scene.mails.push({ ...base, kind, to });
  const removed = reached(gone);
  if (removed.length > 0) call.scene.mails.push({ ...base, kind: 'cancellation', to: removed });
}

function guests(body: JsonObject, event: StoredEvent): string[] {
  if (!Array.isArray(body.attendees)) return [];
  return body.attendees.filter(isObject)
    .map((attendee) => String(attendee.email))
    .filter((email) => email !== event.organizer.email && email !== event.creator);
}
