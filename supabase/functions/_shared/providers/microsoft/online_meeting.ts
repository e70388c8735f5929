/**
 * The block that Outlook adds to the body of an event that becomes an online meeting: a line, how to join, a line. Taking it
 * out ends the meeting (Graph, event: update, "body property and online meetings"); it is no part of what we describe.
 */
import { z } from 'zod';
import type { ConnectionHandle } from '../port/account.ts';
import { onlyEvent } from '../boundary.ts';
import { parsedJson } from '../http/answer_json.ts';
import { eventPath, type GraphClient } from './client.ts';
import { type Asked, graphFailure } from './failure.ts';

export const OnlineMeeting = z.object({ joinUrl: z.string().nullish() });
type OnlineMeeting = z.infer<typeof OnlineMeeting>;

const READ: Asked = {
  operation: 'Read a body',
  missing: 'EVENT_NOT_FOUND',
  invalid: 'UNEXPECTED_RESPONSE',
  denied: 'PERMISSION_DENIED',
};

const Body = z.object({
  body: z.object({ content: z.string().nullish() }).nullish(),
  onlineMeeting: OnlineMeeting.nullish(),
});

/** The line around the block, of which there may be more in a text. */
const RULE = /_{20,}/g;
/** What can enclose that line in HTML. */
const OPENING = /^<(div|p|span|br)\b/i;
const CLOSING = /^<\/(div|p|span)\s*>/i;

/** The address to join, without what HTML writes in another way than text; null where there is no meeting. */
export function joinAddress(meeting: OnlineMeeting | null | undefined): string | null {
  const address = meeting?.joinUrl?.split('?', 1)[0] ?? '';
  return /^https:\/\/[^/]+\/./.test(address) ? address : null;
}

/** Where the block is in a body, text or HTML. Null where it is not there. */
function blockIn(body: string, address: string): { readonly from: number; readonly to: number } | null {
  const at = body.indexOf(address);
  if (at < 0) return null;
  let opening: number | null = null;
  let closing: number | null = null;
  for (const { 0: rule, index } of body.matchAll(RULE)) {
    if (index < at) opening = index;
    else closing ??= index + rule.length;
  }
  const from = opening ?? Math.max(body.lastIndexOf('\n', at), body.toLowerCase().lastIndexOf('<div', at), 0);
  const end = body.toLowerCase().lastIndexOf('</body');
  return {
    from: beforeTags(body, from),
    to: closing === null ? (end > at ? end : body.length) : afterTags(body, closing),
  };
}

function beforeTags(body: string, from: number): number {
  for (let start = from;;) {
    let end = start;
    while (end > 0 && body.charAt(end - 1).trim() === '') end--;
    const tag = body[end - 1] === '>' ? body.lastIndexOf('<', end - 1) : -1;
    if (tag < 0 || !OPENING.test(body.slice(tag, tag + 8))) return start;
    start = tag;
  }
}

function afterTags(body: string, to: number): number {
  for (let end = to;;) {
    const tag = CLOSING.exec(body.slice(end, end + 16));
    if (!tag) return end;
    end += tag[0].length;
  }
}

/** A body, text or HTML, without the block. */
export function withoutMeeting(body: string, meeting: OnlineMeeting | null | undefined): string {
  const address = joinAddress(meeting);
  const block = address === null ? null : blockIn(body, address);
  return block === null ? body : `${body.slice(0, block.from).trimEnd()}\n${body.slice(block.to).trimStart()}`;
}

/** The `body` to write, so that the event says `description` and stays the meeting that its owner made of it. */
export async function bodyWithMeeting(
  client: GraphClient,
  handle: ConnectionHandle,
  eventId: string,
  description: string,
  now: () => number,
): Promise<{ contentType: 'text' | 'html'; content: string }> {
  const answer = await client.send(handle, {
    method: 'GET',
    path: eventPath(eventId),
    query: { '$select': 'id,body,onlineMeeting' },
    bodyType: 'html',
    asked: READ,
  });
  if (answer.status !== 200) throw graphFailure(READ, answer, now());
  const { body, onlineMeeting } = onlyEvent(READ.operation, Body, parsedJson(answer.text), answer.status);
  const address = joinAddress(onlineMeeting);
  if (address === null) return { contentType: 'text', content: description };
  const html = body?.content ?? '';
  const block = blockIn(html, address);
  // Without the block as we know it, the way in at least.
  const kept = block === null
    ? `<div><a href="${escaped(onlineMeeting?.joinUrl ?? '')}">${escaped(address)}</a></div>`
    : html.slice(block.from, block.to);
  const text = escaped(description).replaceAll('\n', '<br>\r\n');
  return { contentType: 'html', content: `<html><body>\r\n<div>${text}</div>\r\n${kept}\r\n</body></html>` };
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
