import { z } from 'zod';
import { type ConnectionHandle, ProviderError } from '../calendar_provider.ts';
import { parsedJson } from './answer_json.ts';
import type { GraphCall, GraphClient } from './client.ts';
import { graphFailure } from './failure.ts';
import type { HttpAnswer } from '../http/exchange.ts';

/** Far above any real list: a server that pages in circles must end somewhere. */
const MOST_PAGES = 200;

/** A link can hold a long state; it is kept as it is. */
const Link = z.string().max(16_384);

export interface Page {
  /** Not looked at yet. */
  readonly entries: unknown[];
  readonly nextLink: string | null;
  /** On the last page of a delta round only. */
  readonly deltaLink: string | null;
}

/** One page of a list. Its links are only taken if they lead back to Graph. */
export function readPage(client: GraphClient, call: GraphCall, answer: HttpAnswer, nowMs: number): Page {
  const { asked } = call;
  if (answer.status !== 200) throw graphFailure(asked, answer, nowMs);
  const envelope = z.object({
    value: z.array(z.unknown()),
    '@odata.nextLink': Link.nullish(),
    '@odata.deltaLink': Link.nullish(),
  }).safeParse(parsedJson(answer.text));
  if (!envelope.success) throw unreadable(asked.operation, 'the answer is not a list of the right kind');
  const link = (text: string | null | undefined) => {
    if (!text) return null;
    if (!client.owns(text)) throw unreadable(asked.operation, 'the link to the next page leads elsewhere');
    return text;
  };
  return {
    entries: envelope.data.value,
    nextLink: link(envelope.data['@odata.nextLink']),
    deltaLink: link(envelope.data['@odata.deltaLink']),
  };
}

/** Every page or an error, never a part. A page may be empty and still not be the last. */
export async function allPages<Item>(
  client: GraphClient,
  handle: ConnectionHandle,
  item: z.ZodType<Item>,
  now: () => number,
  first: GraphCall,
): Promise<Item[]> {
  const items: Item[] = [];
  const seen = new Set<string>();
  let call = first;
  for (let pages = 0; pages < MOST_PAGES; pages++) {
    const page = readPage(client, call, await client.send(handle, call), now());
    const read = z.array(item).safeParse(page.entries);
    if (!read.success) throw unreadable(first.asked.operation, 'an entry of the list cannot be understood');
    items.push(...read.data);
    if (page.nextLink === null) return items;
    if (seen.has(page.nextLink)) throw unreadable(first.asked.operation, 'the same page came twice');
    seen.add(page.nextLink);
    call = { method: 'GET', path: page.nextLink, asked: first.asked };
  }
  throw unreadable(first.asked.operation, `the list has more than ${MOST_PAGES} pages`);
}

export function unreadable(operation: string, state: string): ProviderError {
  return new ProviderError('UNEXPECTED_RESPONSE', `${operation}: ${state}`, { operation, status: 200 });
}
