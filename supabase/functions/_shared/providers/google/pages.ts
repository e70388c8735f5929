import { z } from 'zod';
import { type ConnectionHandle, ProviderError } from '../calendar_provider.ts';
import type { CalendarCall, CalendarClient } from './client.ts';
import { calendarFailure } from './failure.ts';
import type { HttpAnswer } from '../http/exchange.ts';

/** Far above any real list: a server that pages in circles must end somewhere. */
const MOST_PAGES = 200;

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
  }).safeParse(json(answer.text));
  if (!envelope.success) throw unreadable(asked.operation, 'the answer is not a list of the right kind');
  const { items, nextPageToken, nextSyncToken } = envelope.data;
  return { entries: items ?? [], nextPageToken: nextPageToken || null, nextSyncToken: nextSyncToken || null };
}

/** Every page or an error, never a part. A page may be empty and still not be the last. */
export async function allPages<Item>(
  client: CalendarClient,
  handle: ConnectionHandle,
  kind: string,
  item: z.ZodType<Item>,
  now: () => number,
  call: CalendarCall,
): Promise<Item[]> {
  const items: Item[] = [];
  let pageToken: string | null = null;
  for (let pages = 0; pages < MOST_PAGES; pages++) {
    const query: Record<string, string> = pageToken === null ? { ...call.query } : { ...call.query, pageToken };
    const page = readPage(call, kind, await client.send(handle, { ...call, query }), now());
    const read = z.array(item).safeParse(page.entries);
    if (!read.success) throw unreadable(call.asked.operation, 'an entry of the list cannot be understood');
    items.push(...read.data);
    if (page.nextPageToken === null) return items;
    if (page.nextPageToken === pageToken) throw unreadable(call.asked.operation, 'the same page came twice');
    pageToken = page.nextPageToken;
  }
  throw unreadable(call.asked.operation, `the list has more than ${MOST_PAGES} pages`);
}

/** An answer that came and cannot be what it should be. */
export function unreadable(operation: string, state: string): ProviderError {
  return new ProviderError('UNEXPECTED_RESPONSE', `${operation}: ${state}`, { operation, status: 200 });
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
