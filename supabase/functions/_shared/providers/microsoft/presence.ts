import { z } from 'zod';
import { ForeignId } from '../boundary.ts';
import type { ConnectionHandle } from '../port/account.ts';
import { ProviderError, UnreadableEvent } from '../port/failure.ts';
import type { GraphEvent } from './event_mapping.ts';
import { calendarPath, type GraphCall, type GraphClient } from './client.ts';
import { type Asked, graphFailure } from './failure.ts';
import { unreadable } from '../http/answer_json.ts';
import { allPages, readPage } from './pages.ts';

/** An event that Graph gave, and the calendar that it is said to be in. */
export interface Looked {
  readonly calendarId: string;
  readonly event: Pick<GraphEvent, 'id' | 'type' | 'start' | 'end' | 'isAllDay'>;
}

const LOOK: Asked = {
  operation: 'Look into the calendar',
  missing: 'EVENT_NOT_FOUND',
  invalid: 'UNEXPECTED_RESPONSE',
  denied: 'PERMISSION_DENIED',
};

/** Members of an event that {@link presences} needs. */
export const PRESENCE_MEMBERS = 'id,type,start,end,isAllDay';

const Shown = z.object({ id: ForeignId, seriesMasterId: ForeignId.nullish() });
const MINUTE = 60_000;
const DAY = 86_400_000;

/**
 * Whether the own view of each calendar shows the event. An event id is good for the whole mailbox: the address
 * `calendars/{id}/events/{id}` gives the event whichever calendar it names, and its `calendar` member has been seen with ids
 * that no calendar has (microsoft-graph-docs, issues 391 and 6699). Outcomes are in the order of `looked`: an error where
 * nothing can be concluded.
 */
export async function presences(
  client: GraphClient,
  handle: ConnectionHandle,
  looked: readonly Looked[],
  now: () => number,
): Promise<Array<boolean | ProviderError>> {
  const windows = looked.map(windowOf);
  const calls = looked.map((one, at) => viewOf(one, windows[at] ?? [0, 0]));
  const [only] = calls;
  const answers = calls.length === 1 && only ? [await client.send(handle, only)] : await client.batch(handle, calls);
  return await Promise.all(calls.map((call, at) =>
    asOutcome(async () => {
      const id = looked[at]?.event.id ?? '';
      const answer = answers[at] ?? null;
      if (windows[at] === null) throw new UnreadableEvent(LOOK.operation, id, 'no_times');
      if (answer === null) throw unreadable(LOOK.operation, 'the batch has no answer for it');
      if (answer instanceof ProviderError) throw answer;
      if (answer.status !== 200) throw graphFailure(LOOK, answer, now());
      const shows = (entry: unknown) => {
        const shown = Shown.safeParse(entry).data;
        return shown !== undefined && (shown.id === id || shown.seriesMasterId === id);
      };
      const { entries, nextLink } = readPage(client, call, answer, now());
      if (nextLink === null || entries.some(shows)) return entries.some(shows);
      const rest: GraphCall = { method: 'GET', path: nextLink, asked: LOOK };
      return (await allPages(client, handle, z.unknown(), now, rest)).some(shows);
    })
  ));
}

/** A calendar that is gone shows nothing. */
async function asOutcome(work: () => Promise<boolean>): Promise<boolean | ProviderError> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    return error.code === 'EVENT_NOT_FOUND' ? false : error;
  }
}

/** The event's own time and a little around it, a day for whole days, which float; of a series the year after its start. */
function windowOf({ event: { type, start, end, isAllDay } }: Looked): readonly [number, number] | null {
  const from = instant(start?.dateTime);
  const to = instant(end?.dateTime);
  if (from === null || to === null) return null;
  const margin = isAllDay ? DAY : MINUTE;
  return [from - margin, (type === 'seriesMaster' ? from + 366 * DAY : to) + margin];
}

/** Events without length are in a view too that begins before them. */
function viewOf({ calendarId, event }: Looked, [from, to]: readonly [number, number]): GraphCall {
  return {
    method: 'GET',
    path: calendarPath(calendarId, 'calendarView'),
    query: {
      startDateTime: new Date(from).toISOString(),
      endDateTime: new Date(to).toISOString(),
      // A view shows the occurrences of a series, never itself.
      '$select': event.type === 'seriesMaster' ? 'id,seriesMasterId' : 'id',
      '$top': '999',
    },
    asked: LOOK,
  };
}

/** UTC was asked for. */
function instant(wall: string | undefined): number | null {
  const at = Date.parse(
    `${wall?.slice(0, 'YYYY-MM-DD'.length)}T${wall?.slice('YYYY-MM-DDT'.length, 19) || '00:00:00'}Z`,
  );
  return Number.isNaN(at) ? null : at;
}
