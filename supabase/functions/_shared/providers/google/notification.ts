import type { NotificationRequest, ParsedNotification, WatchNotice } from '../port/notices.ts';

/** `not_exists` too: that events were deleted is a reason to read. States of Google's other products mean nothing. */
const MEANINGS: ReadonlyMap<string, WatchNotice['meaning']> = new Map([
  ['sync', 'hello'],
  ['exists', 'changed'],
  ['not_exists', 'changed'],
]);

const HEADERS = ['x-goog-channel-id', 'x-goog-resource-id', 'x-goog-channel-token'];
const LONGEST_HEADER = 256;

/** All of it is in the headers: no body, no signature, and no word about which event. */
export function parseNotification({ method, headers }: NotificationRequest): ParsedNotification {
  const channelId = headers.get('x-goog-channel-id');
  const meaning = MEANINGS.get(headers.get('x-goog-resource-state') ?? '');
  if (method !== 'POST' || !channelId || !meaning) return { kind: 'ignore' };
  // Of ours none is so long, and a header can be.
  if (HEADERS.some((name) => (headers.get(name) ?? '').length > LONGEST_HEADER)) return { kind: 'ignore' };
  const resourceId = headers.get('x-goog-resource-id') || null;
  const secret = headers.get('x-goog-channel-token') || null;
  return { kind: 'notices', notices: [{ channelId, resourceId, secret, meaning }] };
}
