import { z } from 'zod';
import { ForeignId } from '../boundary.ts';
import type { ConnectionHandle } from '../port/account.ts';
import { ProviderError } from '../port/failure.ts';
import type { Watch, WatchRequest } from '../port/notices.ts';
import { SyncError } from '../../errors.ts';
import { parsedJson, unreadable } from '../http/answer_json.ts';
import { calendarPath, type GraphClient } from './client.ts';
import { type Asked, graphFailure } from './failure.ts';
import type { HttpAnswer } from '../http/exchange.ts';
import { clientState } from './notification.ts';
import { allPages } from './pages.ts';

/** Seven days are refused, and clocks differ. */
export const MAX_LIFETIME_SECONDS = 10_080 * 60 - 3_600;
const MOST_STATE = 128;

const START: Asked = {
  operation: 'Watch a calendar',
  missing: 'CALENDAR_NOT_FOUND',
  invalid: 'UNEXPECTED_RESPONSE',
  // Another person's calendar, or more subscriptions than a mailbox holds.
  denied: 'PUSH_UNSUPPORTED',
};
const RENEW: Asked = { ...START, operation: 'Renew a watch', missing: 'EVENT_NOT_FOUND' };
const STOP: Asked = { ...RENEW, operation: 'Stop a watch' };
const TIDY: Asked = { ...RENEW, operation: 'List watches', missing: 'UNEXPECTED_RESPONSE' };

const Subscription = z.object({
  id: ForeignId,
  expirationDateTime: z.string(),
  resource: z.string().nullish(),
  notificationUrl: z.string().nullish(),
});

/** Graph calls the address before it answers: it must be served already. */
export async function startWatch(
  client: GraphClient,
  handle: ConnectionHandle,
  request: WatchRequest,
  now: () => number,
): Promise<Watch> {
  const { calendarId, channelId, address, secret, lifetimeSeconds } = request;
  const state = clientState(channelId, secret);
  if (state.length > MOST_STATE) throw new SyncError('SYNC_FAILED', 'Watch a calendar: the secret is too long');
  const resource = resourceOf(calendarId);
  const body = {
    changeType: 'created,updated,deleted',
    notificationUrl: address,
    lifecycleNotificationUrl: address,
    resource,
    clientState: state,
    expirationDateTime: expiry(lifetimeSeconds, now()),
  };
  const attempt = () => client.send(handle, { method: 'POST', path: '/subscriptions', body, asked: START });
  let answer = await attempt();
  if (answer.status === 409) {
    // The answer to an earlier attempt was lost, or this account is connected twice: one per calendar is all there is.
    await stopTwins(client, handle, calendarId, address, now);
    answer = await attempt();
  }
  if (answer.status !== 201 && answer.status !== 200) throw startFailure(answer, now());
  const subscription = parse(START.operation, answer);
  return { channelId, resourceId: subscription.id, expiresAt: expiryOf(START.operation, subscription) };
}

/** Not an address but a text that Graph reads: the id is written as it is. */
function resourceOf(calendarId: string): string {
  return `/me/calendars/${calendarId}/events`;
}

/** Our address could not be reached in time: with the next attempt it may be. */
function startFailure(answer: HttpAnswer, nowMs: number): ProviderError {
  const failure = graphFailure(START, answer, nowMs);
  if (answer.status !== 400) return failure;
  const { operation, message, httpStatus: status, providerCode, context } = failure;
  return new ProviderError('PROVIDER_UNAVAILABLE', message, { operation, status, providerCode, context });
}

export async function renewWatch(
  client: GraphClient,
  handle: ConnectionHandle,
  watch: Watch,
  lifetimeSeconds: number,
  now: () => number,
): Promise<Watch | 'recreate'> {
  const answer = await client.send(handle, {
    method: 'PATCH',
    path: `/subscriptions/${encodeURIComponent(watch.resourceId)}`,
    body: { expirationDateTime: expiry(lifetimeSeconds, now()) },
    asked: RENEW,
  });
  if (answer.status === 200) {
    return { ...watch, expiresAt: expiryOf(RENEW.operation, parse(RENEW.operation, answer)) };
  }
  if (isGone(answer)) return 'recreate';
  throw graphFailure(RENEW, answer, now());
}

export async function stopWatch(
  client: GraphClient,
  handle: ConnectionHandle,
  { resourceId }: Pick<Watch, 'resourceId'>,
  now: () => number,
): Promise<void> {
  const path = `/subscriptions/${encodeURIComponent(resourceId)}`;
  const answer = await client.send(handle, { method: 'DELETE', path, asked: STOP });
  if ((answer.status >= 200 && answer.status <= 299) || isGone(answer)) return;
  throw graphFailure(STOP, answer, now());
}

/** A subscription that ended has no name of its own among the codes; that a front end speaks, its page shows. */
function isGone(answer: HttpAnswer): boolean {
  return answer.status === 404 && z.object({ error: z.looseObject({}) }).safeParse(parsedJson(answer.text)).success;
}

async function stopTwins(
  client: GraphClient,
  handle: ConnectionHandle,
  calendarId: string,
  address: string,
  now: () => number,
): Promise<void> {
  const all = await allPages(client, handle, Subscription, now, { method: 'GET', path: '/subscriptions', asked: TIDY });
  // It can come back encoded or not, with its first slash or without.
  const ours = new Set([resourceOf(calendarId), calendarPath(calendarId, 'events')]);
  for (const twin of all) {
    if (twin.notificationUrl !== address || !ours.has(`/${twin.resource?.replace(/^\//, '')}`)) continue;
    await stopWatch(client, handle, { resourceId: twin.id }, now);
  }
}

function expiry(lifetimeSeconds: number, nowMs: number): string {
  return new Date(nowMs + Math.min(lifetimeSeconds, MAX_LIFETIME_SECONDS) * 1000).toISOString();
}

/** What was granted can differ from what was asked. */
function expiryOf(operation: string, { expirationDateTime }: z.infer<typeof Subscription>): string {
  const at = Date.parse(expirationDateTime);
  if (Number.isNaN(at)) throw unreadable(operation, 'the answer is not a subscription');
  return new Date(at).toISOString();
}

function parse(operation: string, answer: HttpAnswer): z.infer<typeof Subscription> {
  const read = Subscription.safeParse(parsedJson(answer.text));
  if (!read.success) throw unreadable(operation, 'the answer is not a subscription');
  return read.data;
}
