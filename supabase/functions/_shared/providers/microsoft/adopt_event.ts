import { z } from 'zod';
import { ForeignId } from '../boundary.ts';
import type { ConnectionHandle } from '../port/account.ts';
import type { ObservedEvent, WriteOperation, WriteOutcome } from '../port/calendar.ts';
import { CONTENT_FIELDS, type EventContent } from '../port/content.ts';
import { ProviderError } from '../port/failure.ts';
import { parsedJson } from '../http/answer_json.ts';
import { observedEvent, patchBody } from './event_mapping.ts';
import { getEvent, parseEvent } from './event_reads.ts';
import { eventPath, type GraphClient } from './client.ts';
import { type Asked, graphFailure } from './failure.ts';
import type { HttpAnswer } from '../http/exchange.ts';
import { bodyWithMeeting } from './online_meeting.ts';
import { normalContent } from './normal_content.ts';

type Create = WriteOperation & { kind: 'create' };

const CHANGE: Asked = {
  operation: 'Change an event',
  missing: 'EVENT_NOT_FOUND',
  invalid: 'INVALID_EVENT',
  denied: 'CALENDAR_READ_ONLY',
};

const Duplicate = z.object({ error: z.object({ '@event.existingEventId': ForeignId }) });

/**
 * What became of a create that Graph refuses because it made that event before, with other content: the answer was
 * lost and the appointment changed meanwhile. The event is brought to the wanted content. Null where it is gone, is in
 * another calendar, became a series or bears another mark: then its key is spent.
 */
export async function adopt(
  client: GraphClient,
  handle: ConnectionHandle,
  operation: Create,
  refusal: HttpAnswer | ProviderError | null,
  now: () => number,
): Promise<WriteOutcome | null> {
  const { ref: { calendarId }, marker, content } = operation;
  try {
    const eventId = existingId(refusal) ?? operation.ref.eventId;
    const event = await getEvent(client, handle, { calendarId, eventId }, now);
    if (!event || event.status === 'cancelled' || event.repeats || !isOurs(event, operation)) return null;
    const changes = difference(event.content, normalContent(content));
    if (Object.keys(changes).length === 0) return { result: 'created', event };
    const { description } = changes;
    const text = description === undefined
      ? undefined
      : await bodyWithMeeting(client, handle, event.ref.eventId, description, now);
    const answer = await client.send(handle, {
      method: 'PATCH',
      path: eventPath(event.ref.eventId),
      body: patchBody(marker, changes, text),
      ifMatch: event.version,
      asked: CHANGE,
    });
    if (answer.status !== 200) return { result: 'failed', error: graphFailure(CHANGE, answer, now()) };
    const patched = observedEvent(CHANGE.operation, calendarId, parseEvent(CHANGE.operation, answer));
    return { result: 'created', event: { ...patched, marker } };
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

function difference(before: EventContent | null, after: EventContent): Partial<EventContent> {
  const fields = CONTENT_FIELDS.filter((field) => JSON.stringify(before?.[field]) !== JSON.stringify(after[field]));
  return Object.fromEntries(fields.map((field) => [field, after[field]]));
}
