import { ProviderError } from '../port/failure.ts';
import type { ProviderRuntime } from '../port/provider.ts';

/** An answer read to its end. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** No answer that we ask for is near it; a function has little memory, and a text takes its size several times over. */
const MOST_BYTES = 16 * 1024 * 1024;

/** The answer was given up on while it came: asking for less can help. */
export class AnswerTooLarge extends ProviderError {
  constructor(operation: string, mostBytes: number) {
    super('UNEXPECTED_RESPONSE', `${operation}: the answer is too large`, { operation, context: { mostBytes } });
  }
}

export const SINGLE_TIMEOUT_MS = 15_000;
export const BATCH_TIMEOUT_MS = 60_000;

/**
 * One request, no retry, no redirect (a redirect would carry the token elsewhere). Any status is an answer; throws
 * `PROVIDER_UNAVAILABLE` when none came, {@link AnswerTooLarge} for more than `mostBytes`. The fault itself is not kept as the cause: its text can hold the address, and
 * with it a calendar's id, which is a person's e-mail address.
 */
export async function exchange(
  runtime: ProviderRuntime,
  operation: string,
  url: string,
  init: RequestInit,
  timeoutMs: number,
  mostBytes: number = MOST_BYTES,
): Promise<HttpAnswer> {
  try {
    const response = await runtime.fetch(url, {
      ...init,
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    });
    const text = await boundedText(response, mostBytes);
    if (text === null) throw new AnswerTooLarge(operation, mostBytes);
    return { status: response.status, headers: response.headers, text };
  } catch (fault) {
    if (fault instanceof AnswerTooLarge) throw fault;
    const timedOut = fault instanceof Error && (fault.name === 'TimeoutError' || fault.name === 'AbortError');
    throw new ProviderError(
      'PROVIDER_UNAVAILABLE',
      `${operation}: ${timedOut ? 'no answer in time' : 'the connection failed'}`,
      { operation, context: { fault: fault instanceof Error ? fault.name : typeof fault } },
    );
  }
}

/** Null for a body of more bytes, of which no more is read. */
async function boundedText({ body }: Response, mostBytes: number): Promise<string | null> {
  if (body === null) return '';
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const pieces: string[] = [];
  let bytes = 0;
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    bytes += read.value.byteLength;
    if (bytes > mostBytes) {
      await reader.cancel();
      return null;
    }
    pieces.push(decoder.decode(read.value, { stream: true }));
  }
  return pieces.join('') + decoder.decode();
}
