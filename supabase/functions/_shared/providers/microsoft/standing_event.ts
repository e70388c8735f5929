import { z } from 'zod';
import { ForeignId } from '../boundary.ts';
import type { ConnectionHandle } from '../port/account.ts';
import type { WriteOperation } from '../port/calendar.ts';
import { ProviderError } from '../port/failure.ts';
import { parsedJson } from '../http/answer_json.ts';
import { givenId } from './event_reads.ts';
import { calendarPath, type GraphCall, type GraphClient } from './client.ts';
import { type Asked, graphFailure } from './failure.ts';
import type { HttpAnswer } from '../http/exchange.ts';

/** The event that a change is for, under Graph's id; why it may not be touched; or null if it is not there. */
export type Standing = { readonly eventId: string } | ProviderError;

type Change = Exclude<WriteOperation, { kind: 'create' }>;

const LOOK: Asked = {
  operation: 'Look before writing',
  missing: 'EVENT_NOT_FOUND',
  invalid: 'UNEXPECTED_RESPONSE',
  denied: 'PERMISSION_DENIED',
};

const Event = z.object({
  id: ForeignId,
  '@odata.etag': ForeignId.nullish(),
  isOrganizer: z.boolean().nullish(),
  attendees: z.array(z.unknown()).nullish(),
});

/**
 * What stands where something is to be changed. Exchange mails the guests of an event at every change and cannot be told
 * not to: an event to which its owner invited somebody is left to its owner. Nor is somebody else's meeting touched,
 * which the organiser's next update would overwrite anyway.
 */
export async function clearToWrite(
  client: GraphClient,
  handle: ConnectionHandle,
  changes: readonly Change[],
  now: () => number,
): Promise<Map<string, Standing | null>> {
  const standings = new Map<string, Standing | null>();
  const looks: Array<{ change: Change; eventId: string; call: GraphCall }> = [];
  for (const change of changes) {
    const eventId = await idOf(client, handle, change, now);
    if (typeof eventId !== 'string') standings.set(change.key, eventId);
    else looks.push({ change, eventId, call: callOf(change.ref.calendarId, eventId) });
  }
  const [only] = looks;
  const answers = looks.length === 1 && only
    ? [await client.send(handle, only.call)]
    : await client.batch(handle, looks.map(({ call }) => call));
  for (const [at, { change, eventId }] of looks.entries()) {
    standings.set(change.key, standingOf(change, eventId, answers[at] ?? null, now()));
  }
  return standings;
}

async function idOf(
  client: GraphClient,
  handle: ConnectionHandle,
  { ref }: Change,
  now: () => number,
): Promise<string | ProviderError | null> {
  try {
    return await givenId(client, handle, ref, now);
  } catch (error) {
    // The search fails for one operation; the others of the batch have their own.
    if (error instanceof ProviderError) return error;
    throw error;
  }
}

/** Named with its calendar: an event that was moved elsewhere or thrown away is gone from here. */
function callOf(calendarId: string, eventId: string): GraphCall {
  return {
    method: 'GET',
    path: calendarPath(calendarId, 'events', eventId),
    query: { '$select': 'id,isOrganizer,attendees' },
    asked: LOOK,
  };
}

function standingOf(
  change: Change,
  eventId: string,
  answer: HttpAnswer | ProviderError | null,
  nowMs: number,
): Standing | null {
  if (answer instanceof ProviderError) return answer;
  if (!answer) return refusal('UNEXPECTED_RESPONSE', 'the batch has no answer for it', null);
  if (answer.status !== 200) {
    const failure = graphFailure(LOOK, answer, nowMs);
    return failure.code === 'EVENT_NOT_FOUND' ? null : failure;
  }
  const event = Event.safeParse(parsedJson(answer.text)).data;
  if (!event) return refusal('UNEXPECTED_RESPONSE', 'the answer is not an event', 200);
  if (event.isOrganizer === false) return refusal('PERMISSION_DENIED', 'somebody else organises the event', 200);
  if ((event.attendees ?? []).length > 0) return refusal('PERMISSION_DENIED', 'the event has guests', 200);
  // Said here as well: that events honour the condition of a write is seen, not documented.
  const current = event['@odata.etag'];
  if (change.version && current && current !== change.version) {
    return refusal('VERSION_CONFLICT', 'the event has changed', 200);
  }
  return { eventId };
}

function refusal(
  code: 'UNEXPECTED_RESPONSE' | 'PERMISSION_DENIED' | 'VERSION_CONFLICT',
  state: string,
  status: number | null,
): ProviderError {
  return new ProviderError(code, `${LOOK.operation}: ${state}`, { operation: LOOK.operation, status });
}
