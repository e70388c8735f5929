import type { ConnectionHandle } from '../port/account.ts';
import type { EventRef } from '../port/calendar.ts';
import { ProviderError } from '../port/failure.ts';
import { onlyEvent } from '../boundary.ts';
import { parsedJson, unreadable } from '../http/answer_json.ts';
import { listCalendars } from './calendar_list.ts';
import { type CalendarCall, type CalendarClient, eventsPath } from './client.ts';
import { GoogleEvent } from './event_mapping.ts';
import { type Asked, calendarFailure } from './failure.ts';

const LOCATE: Asked = { operation: 'Locate an event', missing: 'EVENT_NOT_FOUND', invalid: 'UNEXPECTED_RESPONSE' };
const Place = GoogleEvent.pick({ id: true, status: true });

/**
 * A move keeps the id of an event, and leaves a cancelled stub behind: each calendar is asked for the same id, all in a
 * batch. Calendars that cannot be written to take no event of ours in.
 *
 * @see https://developers.google.com/workspace/calendar/api/v3/reference/events/move
 */
export async function locate(
  client: CalendarClient,
  handle: ConnectionHandle,
  refs: readonly EventRef[],
  { maxBatch, now }: { readonly maxBatch: number; readonly now: () => number },
): Promise<Array<EventRef | null>> {
  if (refs.length === 0) return [];
  const calendars = (await listCalendars(client, handle, now)).filter(({ canWrite }) => canWrite);
  const places = refs.flatMap(({ eventId }, at) => calendars.map(({ id }) => ({ at, calendarId: id, eventId })));
  const found = refs.map((): EventRef | null => null);
  for (let from = 0; from < places.length; from += maxBatch) {
    const some = places.slice(from, from + maxBatch);
    const answers = await client.batch(handle, some.map(callOf));
    for (const [n, { at, ...ref }] of some.entries()) {
      const answer = answers[n] ?? null;
      if (answer === null) throw unreadable(LOCATE.operation, 'the batch has no answer for it');
      if (answer instanceof ProviderError) throw answer;
      if (answer.status === 200) {
        const { status } = onlyEvent(LOCATE.operation, Place, parsedJson(answer.text), answer.status);
        if (status !== 'cancelled') found[at] = ref;
        continue;
      }
      const failure = calendarFailure(LOCATE, answer, now());
      if (failure.code !== 'EVENT_NOT_FOUND') throw failure;
    }
  }
  return found;
}

function callOf({ calendarId, eventId }: EventRef): CalendarCall {
  return { method: 'GET', path: eventsPath(calendarId, eventId), query: { fields: 'id,status' }, asked: LOCATE };
}
