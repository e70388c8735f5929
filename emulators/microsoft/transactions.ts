/** `transactionId`: how a repeated create finds the event that is there already. */
import { GraphError } from './errors.ts';
import { idOf } from './event_view.ts';
import type { Call } from './scene.ts';
import type { Calendar, StoredEvent } from './world.ts';

function keyOf(call: Call, calendar: Calendar, transactionId: string): string {
  return call.scene.settings.transactionScope === 'calendar' ? `${calendar.id}/${transactionId}` : transactionId;
}

/** The event of an earlier create with that id and the same content; refuses another content. Null for a new id. */
export function repeatedTransaction(
  call: Call,
  calendar: Calendar,
  transactionId: string | null,
  body: string,
): StoredEvent | null {
  if (transactionId === null) return null;
  const { settings } = call.scene;
  const known = call.account.transactions.get(keyOf(call, calendar, transactionId));
  const memory = settings.transactionMemorySeconds * 1000;
  if (!known || (memory > 0 && call.now - known.at > memory)) return null;
  if (known.event.deleted && settings.transactionFreedByDelete) return null;
  if (!known.event.deleted && known.body === body && known.event.calendarId === calendar.id) return known.event;
  throw new GraphError(settings.duplicateTransactionStatus, 'ErrorDuplicateTransactionId', {
    message: "Your request can't be completed. The specified TransactionId was already used.",
    extra: settings.duplicateTransactionNamesEvent ? { '@event.existingEventId': idOf(known.event, call.prefer) } : {},
  });
}

export function rememberTransaction(call: Call, calendar: Calendar, event: StoredEvent, body: string): void {
  if (event.transactionId === null) return;
  call.account.transactions.set(keyOf(call, calendar, event.transactionId), { event, body, at: call.now });
}
