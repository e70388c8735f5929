import { z } from 'zod';
import type { NotificationRequest, ParsedNotification, WatchNotice } from '../port/notices.ts';
import { parsedJson } from '../http/answer_json.ts';

const LONGEST_TOKEN = 4096;
const MOST_NOTICES = 1000;

/**
 * What comes back with every notice: our name for the watch beside the secret, because the first notice can be faster
 * than the answer that tells Graph's name.
 */
export function clientState(channelId: string, secret: string): string {
  return `${channelId}:${secret}`;
}

const Envelope = z.object({ value: z.array(z.unknown()).max(MOST_NOTICES) });
const Item = z.object({
  subscriptionId: z.string().min(1).max(256),
  clientState: z.string().max(256).nullish(),
  changeType: z.string().nullish(),
  lifecycleEvent: z.string().nullish(),
});

const LIFECYCLE: ReadonlyMap<string, WatchNotice['meaning']> = new Map([
  ['reauthorizationRequired', 'renew'],
  ['subscriptionRemoved', 'recreate'],
  ['missed', 'resync'],
]);

/** One call can tell of several watches. What cannot be understood in it is left out. */
export function parseNotification({ method, url, body }: NotificationRequest): ParsedNotification {
  if (method !== 'POST') return { kind: 'ignore' };
  const token = url.searchParams.get('validationToken');
  if (token !== null) {
    return token === '' || token.length > LONGEST_TOKEN ? { kind: 'ignore' } : { kind: 'handshake', reply: token };
  }
  const items = Envelope.safeParse(parsedJson(body)).data?.value ?? [];
  const notices = items.flatMap((item) => {
    const read = Item.safeParse(item);
    return read.success ? noticeOf(read.data) : [];
  });
  return notices.length === 0 ? { kind: 'ignore' } : { kind: 'notices', notices };
}

function noticeOf(item: z.infer<typeof Item>): WatchNotice[] {
  const meaning = item.lifecycleEvent ? LIFECYCLE.get(item.lifecycleEvent) : item.changeType ? 'changed' : undefined;
  if (meaning === undefined) return [];
  const [, channelId = null, secret = null] = /^([^:]+):(.+)$/.exec(item.clientState ?? '') ?? [];
  return [{ channelId, resourceId: item.subscriptionId, secret, meaning }];
}
