import { z } from 'zod';
import type { ConnectionHandle } from '../port/account.ts';
import { parsedJson, unreadable } from '../http/answer_json.ts';
import type { GraphCall, GraphClient } from './client.ts';
import { graphFailure } from './failure.ts';
import type { HttpAnswer } from '../http/exchange.ts';
import { everyPage } from '../http/pages.ts';

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

/** Every entry of a list. */
export function allPages<Item>(
  client: GraphClient,
  handle: ConnectionHandle,
  item: z.ZodType<Item>,
  now: () => number,
  first: GraphCall,
): Promise<Item[]> {
  const { asked } = first;
  return everyPage(asked.operation, item, async (link) => {
    const call: GraphCall = link === null ? first : { method: 'GET', path: link, asked };
    const page = readPage(client, call, await client.send(handle, call), now());
    return { entries: page.entries, next: page.nextLink };
  });
}
