import type { ConnectionHandle } from '../port/account.ts';
import type { ObservedEvent, WriteOperation, WriteOutcome } from '../port/calendar.ts';
import type { EventTime } from '../port/content.ts';
import { ProviderError } from '../port/failure.ts';
import { type ErrorCode, SyncError } from '../../errors.ts';
import { createBody, observedEvent, patchBody } from './event_mapping.ts';
import { parseEvent } from './event_reads.ts';
import { calendarPath, eventPath, type GraphCall, type GraphClient, MAX_BATCH } from './client.ts';
import { type Asked, graphFailure } from './failure.ts';
import type { HttpAnswer } from '../http/exchange.ts';
import { adopt } from './adopt_event.ts';
import { normalContent } from './normal_content.ts';
import { bodyWithMeeting, joinAddress } from './online_meeting.ts';
import { reasonsOf } from './refused_change.ts';
import { clearToWrite, type Standing } from './standing_event.ts';

type Create = WriteOperation & { kind: 'create' };
type Change = Exclude<WriteOperation, Create>;
type Answer = HttpAnswer | ProviderError | null;

/** One call as one request, several as one batch. Outcomes carry the operation's key, never its position. */
export async function writeEvents(
  client: GraphClient,
  handle: ConnectionHandle,
  operations: readonly WriteOperation[],
  now: () => number,
): Promise<Map<string, WriteOutcome>> {
  const keys = new Set(operations.map(({ key }) => key));
  if (keys.size !== operations.length || operations.length > MAX_BATCH) {
    throw new SyncError('SYNC_FAILED', `Write events: more than ${MAX_BATCH} operations or a key used twice`, {
      retryable: false,
      context: { operations: operations.length, keys: keys.size },
    });
  }
  const outcomes = new Map<string, WriteOutcome>();
  const changes = operations.filter((operation): operation is Change => operation.kind !== 'create');
  const standings = await clearToWrite(client, handle, changes, now);
  const calls: Array<{ operation: WriteOperation; call: GraphCall }> = [];
  for (const operation of operations) {
    const standing = operation.kind === 'create' ? null : standings.get(operation.key) ?? null;
    const settled = alreadySettled(operation, standing);
    if (settled) outcomes.set(operation.key, settled);
    else {
      const call = await callOf(client, handle, operation, standing, now);
      if (call instanceof ProviderError) outcomes.set(operation.key, { result: 'failed', error: call });
      else calls.push({ operation, call });
    }
  }
  const answers = await sendAll(client, handle, calls.map(({ call }) => call));
  for (const [at, { operation }] of calls.entries()) {
    const outcome = outcomeOf(operation, answers[at] ?? null, now());
    const twin = operation.kind === 'create' && outcome.result === 'failed' &&
        outcome.error.code === 'DUPLICATE_CREATE'
      ? await adopt(client, handle, operation, answers[at] ?? null, now)
      : null;
    outcomes.set(operation.key, twin ?? outcome);
  }
  const refused = changes.filter(({ key }) => isReadOnly(outcomes.get(key)));
  for (const [key, error] of await reasonsOf(client, handle, refused, now)) {
    outcomes.set(key, { result: 'failed', error });
  }
  return outcomes;
}

function isReadOnly(outcome: WriteOutcome | undefined): boolean {
  return outcome?.result === 'failed' && outcome.error.code === 'CALENDAR_READ_ONLY';
}

async function sendAll(client: GraphClient, handle: ConnectionHandle, calls: readonly GraphCall[]): Promise<Answer[]> {
  const [only] = calls;
  return calls.length === 1 && only ? [await client.send(handle, only)] : await client.batch(handle, calls);
}

/** What needs no call: times that make no event, and what the look before said. */
function alreadySettled(operation: WriteOperation, standing: Standing | null): WriteOutcome | null {
  const time = operation.kind === 'create'
    ? operation.content.time
    : operation.kind === 'patch'
    ? operation.changes.time
    : undefined;
  // Graph takes an event without length; no appointment is one.
  if (time && !endsAfterStart(time)) {
    return failed(ASKED[operation.kind], 'INVALID_EVENT', 'it does not end after it starts', null);
  }
  if (operation.kind === 'create') return null;
  if (standing instanceof ProviderError) return { result: 'failed', error: standing };
  if (standing !== null) return null;
  if (operation.kind === 'delete') return { result: 'already_gone' };
  return failed(ASKED.patch, 'EVENT_NOT_FOUND', 'the event is not there', 404);
}

function endsAfterStart(time: EventTime): boolean {
  if (time.kind === 'all_day') return time.endDay > time.startDay;
  return Date.parse(time.endsAt) > Date.parse(time.startsAt);
}

/** The call of an operation, or why it cannot be made. */
async function callOf(
  client: GraphClient,
  handle: ConnectionHandle,
  operation: WriteOperation,
  standing: Standing | null,
  now: () => number,
): Promise<GraphCall | ProviderError> {
  const asked = ASKED[operation.kind];
  if (operation.kind === 'create') {
    const { ref: { calendarId, eventId }, marker, content } = operation;
    const body = createBody(eventId, marker, content);
    return { method: 'POST', path: calendarPath(calendarId, 'events'), body, asked };
  }
  const { ref, version } = operation;
  const there = standing instanceof ProviderError ? null : standing;
  const eventId = there?.id ?? ref.eventId;
  const path = eventPath(eventId);
  const ifMatch = version ? { ifMatch: version } : {};
  if (operation.kind === 'delete') return { method: 'DELETE', path, asked, ...ifMatch };
  const { marker, changes } = operation;
  try {
    const text = joinAddress(there?.onlineMeeting) !== null && changes.description !== undefined
      ? await bodyWithMeeting(client, handle, eventId, normalContent(changes).description ?? '', now)
      : undefined;
    return { method: 'PATCH', path, body: patchBody(marker, changes, text), asked, ...ifMatch };
  } catch (error) {
    // One look that fails costs its own operation only.
    if (error instanceof ProviderError) return error;
    throw error;
  }
}

const ASKED: Readonly<Record<WriteOperation['kind'], Asked>> = {
  // A create names no event that could be missing: a 404 speaks of the calendar.
  create: {
    operation: 'Create an event',
    missing: 'CALENDAR_NOT_FOUND',
    invalid: 'INVALID_EVENT',
    denied: 'CALENDAR_READ_ONLY',
  },
  patch: {
    operation: 'Change an event',
    missing: 'EVENT_NOT_FOUND',
    invalid: 'INVALID_EVENT',
    denied: 'CALENDAR_READ_ONLY',
  },
  delete: {
    operation: 'Delete an event',
    missing: 'EVENT_NOT_FOUND',
    invalid: 'INVALID_EVENT',
    denied: 'CALENDAR_READ_ONLY',
  },
};

function outcomeOf(operation: WriteOperation, answer: Answer, nowMs: number): WriteOutcome {
  const asked = ASKED[operation.kind];
  if (answer instanceof ProviderError) return { result: 'failed', error: answer };
  if (!answer) return failed(asked, 'UNEXPECTED_RESPONSE', 'the batch has no answer for it', null);
  if (answer.status < 200 || answer.status > 299) {
    const error = graphFailure(asked, answer, nowMs);
    // It was there when it was looked at, right before.
    if (operation.kind === 'delete' && error.code === 'EVENT_NOT_FOUND') {
      return { result: 'already_gone', unproven: true };
    }
    return { result: 'failed', error };
  }
  if (operation.kind === 'delete') return { result: 'deleted' };
  try {
    const event = writtenEvent(operation, answer);
    return { result: operation.kind === 'create' ? 'created' : 'patched', event };
  } catch (error) {
    if (error instanceof ProviderError) return { result: 'failed', error };
    throw error;
  }
}

/** The event as the answer tells it, with our mark: no answer to a write ever repeats that. */
function writtenEvent(operation: WriteOperation & { kind: 'create' | 'patch' }, answer: HttpAnswer): ObservedEvent {
  const asked = ASKED[operation.kind];
  const event = parseEvent(asked.operation, answer);
  if (operation.kind === 'create' && event.transactionId && event.transactionId !== operation.ref.eventId) {
    throw new ProviderError('UNEXPECTED_RESPONSE', `${asked.operation}: the answer is about another event`, {
      operation: asked.operation,
      status: answer.status,
    });
  }
  return { ...observedEvent(asked.operation, operation.ref.calendarId, event), marker: operation.marker };
}

function failed(asked: Asked, code: ErrorCode, state: string, status: number | null): WriteOutcome {
  return {
    result: 'failed',
    error: new ProviderError(code, `${asked.operation}: ${state}`, { operation: asked.operation, status }),
  };
}
