import { z } from 'zod';
import { ProviderError } from '../port/failure.ts';
import { parsedJson } from '../http/answer_json.ts';
import type { HttpAnswer } from '../http/exchange.ts';

/** One call inside a batch. `url` is below the version: `/me/events`. */
export interface BatchPart {
  readonly id: string;
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

const Envelope = z.object({ responses: z.array(z.unknown()) });
const Part = z.object({
  id: z.union([z.string(), z.number()]).transform(String),
  status: z.number().int().min(100).max(599),
  headers: z.record(z.string(), z.unknown()).nullish(),
  body: z.unknown().optional(),
});

/** Unordered: nothing depends on anything, so Graph works on four at a time and one failure is one failure. */
export function encodeBatch(parts: readonly BatchPart[]): string {
  return JSON.stringify({
    requests: parts.map(({ id, method, url, headers, body }) => ({
      id,
      method,
      url,
      headers,
      ...(body === undefined ? {} : { body }),
    })),
  });
}

/**
 * The answers by the id of their request, in whatever order they come. Unreadable ones are left out: who waits for them
 * sees that they are missing. Throws `UNEXPECTED_RESPONSE` when the envelope is no batch at all.
 */
export function decodeBatch(operation: string, envelope: HttpAnswer): Map<string, HttpAnswer> {
  const read = Envelope.safeParse(parsedJson(envelope.text));
  if (!read.success) {
    throw new ProviderError('UNEXPECTED_RESPONSE', `${operation}: the answer is not a batch`, {
      operation,
      status: envelope.status,
    });
  }
  const answers = new Map<string, HttpAnswer>();
  for (const response of read.data.responses) {
    const part = Part.safeParse(response).data;
    if (part && !answers.has(part.id)) answers.set(part.id, answerOf(part));
  }
  return answers;
}

function answerOf(part: z.infer<typeof Part>): HttpAnswer {
  const headers = new Headers();
  for (const [name, value] of Object.entries(part.headers ?? {})) {
    if (typeof value !== 'string' && typeof value !== 'number') continue;
    try {
      headers.set(name, String(value));
    } catch {
      // A header that is none says nothing.
    }
  }
  return { status: part.status, headers, text: part.body === undefined ? '' : JSON.stringify(part.body) };
}
