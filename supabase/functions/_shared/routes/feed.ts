/** The route of `calendar-feed`: a practitioner's appointments for a program that only knows their subscription address. */
import { readFeed } from '../db/feeds.ts';
import { SyncError } from '../errors.ts';
import { icalendar } from '../feed/icalendar.ts';
import type { Setup } from '../http/edge_function.ts';
import { type Route, route } from '../http/route.ts';
import { hashOf } from '../oauth/state.ts';

const FILE = /^([0-9a-f]{64})\.ics$/;

/** Whether the program has this version already. Proxies weaken tags of what they compress. */
function has(request: Request, etag: string): boolean {
  const known = request.headers.get('if-none-match')?.split(',') ?? [];
  return known.some((tag) => tag.trim().replace(/^W\//, '') === etag);
}

/** The address is the only proof of who asks: it is in no log line, and of it the database knows a hash. */
export function feedRoutes({ appBaseUrl }: Pick<Setup, 'appBaseUrl'>): Route[] {
  return [
    route({
      method: 'GET',
      path: '/:file',
      auth: 'none',
      summary: 'A practitioner’s appointments, for a program that subscribes to their address',
      answer: 'iCalendar (RFC 5545); 304 where the program has this version',
      errors: ['NOT_FOUND'],
      async handle({ params, request, rpc }) {
        const secret = FILE.exec(params.file ?? '')?.[1];
        const feed = secret === undefined ? null : await readFeed(rpc, await hashOf(secret));
        if (feed === null) throw new SyncError('NOT_FOUND', 'Read a feed: no subscription has this address');
        const text = icalendar(feed, appBaseUrl);
        const etag = `"${await hashOf(text)}"`;
        const headers = { etag, 'cache-control': 'private, no-store' };
        if (has(request, etag)) return new Response(null, { status: 304, headers });
        return new Response(text, {
          headers: {
            ...headers,
            'content-type': 'text/calendar; charset=utf-8',
            'content-disposition': 'inline; filename="cassius.ics"',
          },
        });
      },
    }),
  ];
}
