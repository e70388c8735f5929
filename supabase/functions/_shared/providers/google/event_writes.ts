import type { ConnectionHandle } from '../port/account.ts';
import type { ObservedEvent, WriteOperation, WriteOutcome } from '../port/calendar.ts';
import { ProviderError } from '../port/failure.ts';
import { type ErrorCode, SyncError } from '../../errors.ts';
import { type Asked, calendarFailure } from './failure.ts';
import { type CalendarCall, type CalendarClient, eventsPath } from './client.ts';
import { insertBody, patchBody } from './event_mapping.ts';
import type { HttpAnswer } from '../http/exchange.ts';
import { getEvent, writtenEvent } from './event_reads.ts';

/** On every path that writes: Google sends no mail. */
const SILENT = { sendUpdates: 'none' } as const;

type Answer = HttpAnswer | ProviderError | null;

/** One operation as one request, several as one batch. Outcomes carry the operation's key, never its position. */
export async function writeEvents(
  client: CalendarClient,
  handle: ConnectionHandle,
  operations: readonly WriteOperation[],
  limits: { readonly maxBatch: number; readonly now: () => number },
): Promise<Map<string, WriteOutcome>> {
  const keys = new Set(operations.map(({ key }) => key));
  if (keys.size !== operations.length || operations.length > limits.maxBatch) {
    throw new SyncError('SYNC_FAILED', `Write events: more than ${limits.maxBatch} operations or a key used twice`, {
      retryable: false,
      context: { operations: operations.length, keys: keys.size },
    });
  }
  const calls = operations.map(callOf);
  const answers: Answer[] = calls.length > 1
    ? await client.batch(handle, calls)
    : await Promise.all(calls.map((call) => client.send(handle, call)));
  const outcomes = new Map<string, WriteOutcome>();
  for (const [at, operation] of operations.entries()) {
    const outcome = outcomeOf(operation, answers[at] ?? null, limits.now());
    outcomes.set(operation.key, await unmaskTombstone(client, handle, operation, outcome, limits));
  }
  return outcomes;
}

function callOf(operation: WriteOperation): CalendarCall {
  const { calendarId, eventId } = operation.ref;
  const asked = ASKED[operation.kind];
  const ifMatch = operation.kind !== 'create' && operation.version ? { ifMatch: operation.version } : {};
  switch (operation.kind) {
    case 'create': {
      const body = insertBody(operation.ref, operation.marker, operation.content);
      return { method: 'POST', path: eventsPath(calendarId), query: SILENT, body, asked };
    }
    case 'patch': {
      const body = patchBody(operation.marker, operation.changes);
      return { method: 'PATCH', path: eventsPath(calendarId, eventId), query: SILENT, body, asked, ...ifMatch };
    }
    case 'delete':
      return { method: 'DELETE', path: eventsPath(calendarId, eventId), query: SILENT, asked, ...ifMatch };
  }
}

const ASKED: Readonly<Record<WriteOperation['kind'], Asked>> = {
  // An insert names no event that could be missing: a 404 speaks of the calendar.
  create: { operation: 'Create an event', missing: 'CALENDAR_NOT_FOUND', invalid: 'INVALID_EVENT' },
  patch: { operation: 'Change an event', missing: 'EVENT_NOT_FOUND', invalid: 'INVALID_EVENT' },
  delete: { operation: 'Delete an event', missing: 'EVENT_NOT_FOUND', invalid: 'INVALID_EVENT' },
};

function outcomeOf(operation: WriteOperation, answer: Answer, nowMs: number): WriteOutcome {
  const asked = ASKED[operation.kind];
  if (answer instanceof ProviderError) return { result: 'failed', error: answer };
  if (!answer) return failed(asked, 'UNEXPECTED_RESPONSE', 'the batch has no answer for it', null);
  if (answer.status < 200 || answer.status > 299) {
    const error = calendarFailure(asked, answer, nowMs);
    if (operation.kind === 'delete' && error.code === 'EVENT_NOT_FOUND') {
      // 410 speaks of a deletion; 404 of an id that was never seen, which a read that lags says of a new event too.
      return { result: 'already_gone', ...answer.status === 404 ? { unproven: true } : {} };
    }
    return { result: 'failed', error };
  }
  if (operation.kind === 'delete') return { result: 'deleted' };
  try {
    const event = writtenEvent(asked.operation, operation.ref.calendarId, answer);
    return settled(operation, event);
  } catch (error) {
    if (error instanceof ProviderError) return { result: 'failed', error };
    throw error;
  }
}

function settled(operation: WriteOperation & { kind: 'create' | 'patch' }, event: ObservedEvent): WriteOutcome {
  const asked = ASKED[operation.kind];
  if (event.ref.eventId !== operation.ref.eventId) {
    return failed(asked, 'UNEXPECTED_RESPONSE', 'the answer is about another event', 200);
  }
  // Google can accept a patch of a deleted event and leave it deleted. That is no success.
  if (event.status === 'cancelled') return failed(asked, 'EVENT_NOT_FOUND', 'the event is deleted', 200);
  return { result: operation.kind === 'create' ? 'created' : 'patched', event };
}

/**
 * Google answers some writes on a deleted event with a bare `forbidden`. Only a read tells that from a real refusal.
 */
async function unmaskTombstone(
  client: CalendarClient,
  handle: ConnectionHandle,
  operation: WriteOperation,
  outcome: WriteOutcome,
  limits: { readonly now: () => number },
): Promise<WriteOutcome> {
  if (operation.kind === 'create' || outcome.result !== 'failed' || outcome.error.providerCode !== 'forbidden') {
    return outcome;
  }
  const event = await getEvent(client, handle, operation.ref, limits.now).catch((error) => {
    if (error instanceof ProviderError) return null;
    throw error;
  });
  if (event?.status !== 'cancelled') return outcome;
  if (operation.kind === 'delete') return { result: 'already_gone' };
  return failed(ASKED.patch, 'EVENT_NOT_FOUND', 'the event is deleted', outcome.error.httpStatus);
}

function failed(asked: Asked, code: ErrorCode, state: string, status: number | null): WriteOutcome {
  return {
    result: 'failed',
    error: new ProviderError(code, `${asked.operation}: ${state}`, { operation: asked.operation, status }),
  };
}
