import { z } from 'zod';
import { ForeignId } from '../boundary.ts';
import type { ConnectionHandle } from '../port/account.ts';
import type { ObservedEvent, WriteOperation, WriteOutcome } from '../port/calendar.ts';
import { ProviderError } from '../port/failure.ts';
import { parsedJson } from '../http/answer_json.ts';
import { getEvent } from './event_reads.ts';
import type { GraphClient } from './client.ts';
import type { HttpAnswer } from '../http/exchange.ts';

type Create = WriteOperation & { kind: 'create' };

const Duplicate = z.object({ error: z.object({ '@event.existingEventId': ForeignId }) });

/**
 * What became of a create that Graph refuses because it made that event before, with other content: the answer was
 * lost and the appointment changed meanwhile. The event as it is: what to change in it is not decided here, for its owner
 * may have done so too. Null where it is gone, is in another calendar, became a series or bears another mark: then its
 * key is spent.
 */
export async function adopt(
  client: GraphClient,
  handle: ConnectionHandle,
  operation: Create,
  refusal: HttpAnswer | ProviderError | null,
  now: () => number,
): Promise<WriteOutcome | null> {
  const { calendarId, eventId } = operation.ref;
  try {
    const ref = { calendarId, eventId: existingId(refusal) ?? eventId };
    const event = await getEvent(client, handle, ref, now);
    if (!event || event.status === 'cancelled' || event.repeats || !isOurs(event, operation)) return null;
    return { result: 'created', event };
  } catch (error) {
    // Theirs alone: other creates of the batch are done.
    if (error instanceof ProviderError) return { result: 'failed', error };
    throw error;
  }
}

function existingId(refusal: HttpAnswer | ProviderError | null): string | null {
  if (!refusal || refusal instanceof ProviderError) return null;
  return Duplicate.safeParse(parsedJson(refusal.text)).data?.error['@event.existingEventId'] ?? null;
}

function isOurs({ marker }: ObservedEvent, operation: Create): boolean {
  const ours = operation.marker;
  return marker?.appointmentId === ours.appointmentId && marker.integrationId === ours.integrationId &&
    marker.epoch === ours.epoch;
}
