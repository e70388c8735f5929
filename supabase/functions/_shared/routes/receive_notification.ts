/**
 * What a provider tells about a calendar. It marks calendars to be read, and only those whose secret it knows; what else is
 * sent is answered the same way and changes nothing. It never reads them itself: a storm of notices would be a storm of
 * readers. One invocation is asked for, and only for what was not known.
 */
import type { Context } from '../http/route.ts';
import { isStorable } from '../http/storable.ts';
import { secretHash } from '../sync/inbound/watch.ts';
import type { Importing } from './importing.ts';

export async function receiveNotification(
  deps: Importing,
  ctx: Pick<Context, 'request' | 'note' | 'waitUntil'>,
  body: string,
): Promise<Response> {
  const { method, url, headers } = ctx.request;
  const told = deps.notices?.parseNotification({ method, url: new URL(url), headers, body }) ?? { kind: 'ignore' };
  if (told.kind === 'handshake') {
    return new Response(told.reply, { headers: { 'content-type': 'text/plain' } });
  }
  const notices = told.kind === 'ignore' ? [] : told.notices.flatMap(({ secret, ...notice }) => {
    // No channel of ours has an id that the database could not keep.
    const known = [notice.channelId, notice.resourceId].every((id) => id === null || isStorable(id));
    return secret === null || !known ? [] : [{ ...notice, secretHash: secretHash(secret) }];
  });
  const dirty = notices.length > 0 ? await deps.requests.notified(notices) : 0;
  ctx.note({ notices: notices.length, dirty });
  if (dirty > 0) ctx.waitUntil(deps.succeed(), 'wake');
  return new Response(null, { status: 200 });
}
