import { z } from 'zod';
import { ForeignId } from '../boundary.ts';
import type { ConnectionHandle } from '../port/account.ts';
import type { Watch, WatchRequest } from '../port/notices.ts';
import { type CalendarClient, eventsPath } from './client.ts';
import { type Asked, calendarFailure } from './failure.ts';
import { parsedJson, unreadable } from '../http/answer_json.ts';

/** A week: what Google grants at the most. */
export const MAX_LIFETIME_SECONDS = 604_800;

const START: Asked = { operation: 'Watch the calendar', missing: 'CALENDAR_NOT_FOUND', invalid: 'UNEXPECTED_RESPONSE' };
const STOP: Asked = { operation: 'Stop a watch', missing: 'EVENT_NOT_FOUND', invalid: 'UNEXPECTED_RESPONSE' };

const Channel = z.object({
  id: z.string(),
  // A channel can be stopped only with it.
  resourceId: ForeignId,
  // A 64-bit number: a string in JSON, though Google's guide prints a number.
  expiration: z.union([z.string().regex(/^\d{1,15}$/), z.number().int().positive()]).nullish(),
});

export async function startWatch(
  client: CalendarClient,
  handle: ConnectionHandle,
  request: WatchRequest,
  now: () => number,
): Promise<Watch> {
  const { calendarId, channelId, address, secret, lifetimeSeconds } = request;
  const answer = await client.send(handle, {
    method: 'POST',
    path: `${eventsPath(calendarId)}/watch`,
    query: {},
    body: { id: channelId, type: 'web_hook', address, token: secret, params: { ttl: String(lifetimeSeconds) } },
    asked: START,
  });
  if (answer.status !== 200) throw calendarFailure(START, answer, now());
  const channel = Channel.safeParse(parsedJson(answer.text)).data;
  if (channel?.id !== channelId) throw unreadable(START.operation, 'the answer is not the channel');
  return {
    channelId,
    resourceId: channel.resourceId,
    // Google may grant less than was asked for; where it does not say, it granted that.
    expiresAt: new Date(Number(channel.expiration ?? now() + lifetimeSeconds * 1000)).toISOString(),
  };
}

export async function stopWatch(
  client: CalendarClient,
  handle: ConnectionHandle,
  { channelId, resourceId }: Watch,
  now: () => number,
): Promise<void> {
  const answer = await client.send(handle, {
    method: 'POST',
    path: '/channels/stop',
    query: {},
    body: { id: channelId, resourceId },
    asked: STOP,
  });
  if (answer.status >= 200 && answer.status <= 299) return;
  const failure = calendarFailure(STOP, answer, now());
  if (failure.code !== 'EVENT_NOT_FOUND') throw failure;
}
