import type { ConnectionHandle } from '../port/account.ts';
import type { EventRef } from '../port/calendar.ts';
import { ProviderError } from '../port/failure.ts';
import { parsedJson, unreadable } from '../http/answer_json.ts';
import { onlyEvent } from '../boundary.ts';
import { listCalendars } from './calendar_list.ts';
import { eventPath, type GraphCall, type GraphClient, MAX_BATCH } from './client.ts';
import { GraphEvent } from './event_mapping.ts';
import { idInMailbox } from './event_reads.ts';
import { type Asked, graphFailure } from './failure.ts';
import { type Looked, PRESENCE_MEMBERS, presences } from './presence.ts';

const LOCATE: Asked = {
  operation: 'Locate an event',
  missing: 'EVENT_NOT_FOUND',
  invalid: 'UNEXPECTED_RESPONSE',
  denied: 'PERMISSION_DENIED',
};
const Event = GraphEvent.pick({ id: true, type: true, start: true, end: true, isAllDay: true });

/**
 * An immutable id survives a move within the mailbox. Which calendar it is in, its `calendar` member does not say for
 * certain ({@link presences}): the calendars' own views do.
 *
 * @see https://learn.microsoft.com/en-us/graph/outlook-immutable-id
 */
export async function locate(
  client: GraphClient,
  handle: ConnectionHandle,
  refs: readonly EventRef[],
  now: () => number,
): Promise<Array<EventRef | null>> {
  const events = await readEach(client, handle, refs, now);
  const found = refs.map((): EventRef | null => null);
  if (events.every((event) => event === null)) return found;
  const calendars = (await listCalendars(client, handle, now)).filter(({ canWrite }) => canWrite);
  const places = events.flatMap((event, at) => calendars.map(({ id }) => ({ at, calendarId: id, event })))
    .filter((place): place is Looked & { at: number } => place.event !== null);
  for (let from = 0; from < places.length; from += MAX_BATCH) {
    const some = places.slice(from, from + MAX_BATCH);
    const shown = await presences(client, handle, some, now);
    for (const [n, { at, calendarId, event }] of some.entries()) {
      const here = shown[n] ?? false;
      if (here instanceof ProviderError) throw here;
      if (here) found[at] = { calendarId, eventId: event.id };
    }
  }
  return found;
}

/** The events by the mailbox's own address of them; null where it has none. */
async function readEach(
  client: GraphClient,
  handle: ConnectionHandle,
  refs: readonly EventRef[],
  now: () => number,
): Promise<Array<Looked['event'] | null>> {
  const events = refs.map((): Looked['event'] | null => null);
  const asked: Array<{ at: number; call: GraphCall }> = [];
  for (const [at, ref] of refs.entries()) {
    const id = await idInMailbox(client, handle, ref, now);
    if (id === null) continue;
    const query = { '$select': PRESENCE_MEMBERS };
    asked.push({ at, call: { method: 'GET', path: eventPath(id), query, asked: LOCATE } });
  }
  for (let from = 0; from < asked.length; from += MAX_BATCH) {
    const some = asked.slice(from, from + MAX_BATCH);
    const answers = await client.batch(handle, some.map(({ call }) => call));
    for (const [n, { at }] of some.entries()) {
      const answer = answers[n] ?? null;
      if (answer === null) throw unreadable(LOCATE.operation, 'the batch has no answer for it');
      if (answer instanceof ProviderError) throw answer;
      if (answer.status === 200) {
        events[at] = onlyEvent(LOCATE.operation, Event, parsedJson(answer.text), answer.status);
        continue;
      }
      const failure = graphFailure(LOCATE, answer, now());
      if (failure.code !== 'EVENT_NOT_FOUND') throw failure;
    }
  }
  return events;
}
