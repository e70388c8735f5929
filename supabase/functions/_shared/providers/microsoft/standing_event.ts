import type { ConnectionHandle } from '../port/account.ts';
import type { WriteOperation } from '../port/calendar.ts';
import { ProviderError } from '../port/failure.ts';
import { parsedJson } from '../http/answer_json.ts';
import { StandingEvent } from './event_mapping.ts';
import { givenId } from './event_reads.ts';
import { eventPath, type GraphCall, type GraphClient } from './client.ts';
import { type Asked, graphFailure } from './failure.ts';
import { presences } from './presence.ts';
import type { HttpAnswer } from '../http/exchange.ts';

/** The event that a change is for, or why it may not be touched. */
export type Standing = StandingEvent | ProviderError;

type Change = Exclude<WriteOperation, { kind: 'create' }>;

const LOOK: Asked = {
  operation: 'Look before writing',
  missing: 'EVENT_NOT_FOUND',
  invalid: 'UNEXPECTED_RESPONSE',
  denied: 'PERMISSION_DENIED',
};

const MEMBERS = Object.keys(StandingEvent.shape).filter((name) => !name.startsWith('@')).join(',');

/**
 * Reads each event before it is changed. Exchange mails the guests of an event at every change and cannot be told
 * not to: an event to which its owner invited guests is left to its owner. Nor is another organiser's meeting touched,
 * which the organiser's next update would overwrite anyway. Null where it is not there.
 */
export async function clearToWrite(
  client: GraphClient,
  handle: ConnectionHandle,
  changes: readonly Change[],
  now: () => number,
): Promise<Map<string, Standing | null>> {
  const standings = new Map<string, Standing | null>();
  const looks: Array<{ change: Change; call: GraphCall }> = [];
  for (const change of changes) {
    const eventId = await idOf(client, handle, change, now);
    if (typeof eventId !== 'string') standings.set(change.key, eventId);
    else looks.push({ change, call: callOf(eventId) });
  }
  const [only] = looks;
  const answers = looks.length === 1 && only
    ? [await client.send(handle, only.call)]
    : await client.batch(handle, looks.map(({ call }) => call));
  const there: Array<{ change: Change; event: StandingEvent }> = [];
  for (const [at, { change }] of looks.entries()) {
    const event = eventOf(answers[at] ?? null, now());
    if (event instanceof ProviderError || event === null) standings.set(change.key, event);
    else there.push({ change, event });
  }
  const looked = there.map(({ change, event }) => ({ calendarId: change.ref.calendarId, event }));
  const present = looked.length === 0 ? [] : await presences(client, handle, looked, now);
  for (const [at, { change, event }] of there.entries()) {
    const here = present[at] ?? false;
    if (here instanceof ProviderError) standings.set(change.key, here);
    // Whatever else became of it, where it is not it cannot be changed.
    else if (!here) standings.set(change.key, null);
    else standings.set(change.key, standingOf(change, event));
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

function callOf(eventId: string): GraphCall {
  return {
    method: 'GET',
    path: eventPath(eventId),
    query: { '$select': MEMBERS },
    asked: LOOK,
  };
}

function eventOf(answer: HttpAnswer | ProviderError | null, nowMs: number): StandingEvent | ProviderError | null {
  if (answer instanceof ProviderError) return answer;
  if (!answer) return refusal('UNEXPECTED_RESPONSE', 'the batch has no answer for it', null);
  if (answer.status !== 200) {
    const failure = graphFailure(LOOK, answer, nowMs);
    return failure.code === 'EVENT_NOT_FOUND' ? null : failure;
  }
  const event = StandingEvent.safeParse(parsedJson(answer.text)).data;
  return event ?? refusal('UNEXPECTED_RESPONSE', 'the answer is not an event', 200);
}

function standingOf(change: Change, event: StandingEvent): Standing {
  if (event.isOrganizer === false) return refusal('PERMISSION_DENIED', 'somebody else organises the event', 200);
  if ((event.attendees ?? []).length > 0) return refusal('PERMISSION_DENIED', 'the event has guests', 200);
  // Said here as well: that events honour the condition of a write is seen, not documented.
  const current = event['@odata.etag'];
  if (change.version && current && current !== change.version) {
    return refusal('VERSION_CONFLICT', 'the event has changed', 200);
  }
  if (event.type === 'seriesMaster') return refusal('VERSION_CONFLICT', 'the event is a series now', 200);
  return event;
}

function refusal(
  code: 'UNEXPECTED_RESPONSE' | 'PERMISSION_DENIED' | 'VERSION_CONFLICT',
  state: string,
  status: number | null,
): ProviderError {
  return new ProviderError(code, `${LOOK.operation}: ${state}`, { operation: LOOK.operation, status });
}
