import { z } from 'zod';
import type { ConnectionHandle } from '../port/account.ts';
import type { WriteOperation } from '../port/calendar.ts';
import { ProviderError } from '../port/failure.ts';
import { parsedJson } from '../http/answer_json.ts';
import { calendarPath, type GraphClient } from './client.ts';
import { type Asked, graphFailure } from './failure.ts';

type Change = Exclude<WriteOperation, { kind: 'create' }>;

const LOOK: Asked = {
  operation: 'Look at the calendar',
  missing: 'CALENDAR_NOT_FOUND',
  invalid: 'UNEXPECTED_RESPONSE',
  denied: 'CALENDAR_READ_ONLY',
};

const Calendar = z.object({ canEdit: z.boolean() });

/**
 * What refused changes are really about, by their keys; left out where the calendar may only be read, as the refusal
 * said. Graph has one code for a calendar that is read-only and for one event that may not be touched, and the
 * second must not hold up everything else.
 */
export async function reasonsOf(
  client: GraphClient,
  handle: ConnectionHandle,
  refused: readonly Change[],
  now: () => number,
): Promise<Map<string, ProviderError>> {
  const reasons = new Map<string, ProviderError>();
  for (const calendarId of new Set(refused.map(({ ref }) => ref.calendarId))) {
    const reason = await reasonOf(client, handle, calendarId, now);
    if (reason === null) continue;
    for (const { key, ref } of refused) if (ref.calendarId === calendarId) reasons.set(key, reason);
  }
  return reasons;
}

/** A fault of this look is the operations' own: other writes of the batch are done. */
async function reasonOf(
  client: GraphClient,
  handle: ConnectionHandle,
  calendarId: string,
  now: () => number,
): Promise<ProviderError | null> {
  try {
    const answer = await client.send(handle, {
      method: 'GET',
      path: calendarPath(calendarId),
      query: { '$select': 'id,canEdit' },
      asked: LOOK,
    });
    if (answer.status !== 200) return graphFailure(LOOK, answer, now());
    const calendar = Calendar.safeParse(parsedJson(answer.text)).data;
    if (!calendar) return refusal('UNEXPECTED_RESPONSE', 'the answer is not a calendar');
    return calendar.canEdit ? refusal('PERMISSION_DENIED', 'it may be written to, the event may not') : null;
  } catch (error) {
    if (error instanceof ProviderError) return error;
    throw error;
  }
}

function refusal(code: 'UNEXPECTED_RESPONSE' | 'PERMISSION_DENIED', state: string): ProviderError {
  return new ProviderError(code, `${LOOK.operation}: ${state}`, { operation: LOOK.operation, status: 200 });
}
