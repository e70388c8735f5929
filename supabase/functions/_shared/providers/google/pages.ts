import { z } from 'zod';
import type { ConnectionHandle } from '../port/account.ts';
import type { CalendarCall, CalendarClient } from './client.ts';
import { calendarFailure } from './failure.ts';
import { parsedJson, unreadable } from '../http/answer_json.ts';
import type { HttpAnswer } from '../http/exchange.ts';
import { everyPage } from '../http/pages.ts';

/** Far above any that was ever seen; they are kept as they are. */
const Token = z.string().max(8192);

export interface Page {
  /** Not looked at yet. */
  readonly entries: unknown[];
  readonly nextPageToken: string | null;
  /** On the last page of a list that can be followed. */
  readonly nextSyncToken: string | null;
}

/** One page of a list. A missing `items` is an empty page only in an envelope of the right kind. */
export function readPage(call: CalendarCall, kind: string, answer: HttpAnswer, nowMs: number): Page {
  const { asked } = call;
  if (answer.status !== 200) throw calendarFailure(asked, answer, nowMs);
  const envelope = z.object({
    kind: z.literal(kind),
    items: z.array(z.unknown()).nullish(),
    nextPageToken: Token.nullish(),
    nextSyncToken: Token.nullish(),
  }).safeParse(parsedJson(answer.text));
  if (!envelope.success) throw unreadable(asked.operation, 'the answer is not a list of the right kind');
  const { items, nextPageToken, nextSyncToken } = envelope.data;
  return { entries: items ?? [], nextPageToken: nextPageToken || null, nextSyncToken: nextSyncToken || null };
}

/** Every entry of a list. */
export function allPages<Item>(
  client: CalendarClient,
  handle: ConnectionHandle,
  kind: string,
  item: z.ZodType<Item>,
  now: () => number,
  call: CalendarCall,
): Promise<Item[]> {
  return everyPage(call.asked.operation, item, async (pageToken) => {
    const query: Record<string, string> = pageToken === null ? { ...call.query } : { ...call.query, pageToken };
    const page = readPage(call, kind, await client.send(handle, { ...call, query }), now());
    return { entries: page.entries, next: page.nextPageToken };
  });
}
