import { ProviderError, type ProviderRuntime } from '../calendar_provider.ts';

/** An answer read to its end. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export const SINGLE_TIMEOUT_MS = 15_000;
export const BATCH_TIMEOUT_MS = 60_000;

/**
 * One request, no retry, no redirect (a redirect would carry the token elsewhere). Any status is an answer; throws
 * `PROVIDER_UNAVAILABLE` when none came. The fault itself is not kept as the cause: its text can hold the address, and
 * with it a calendar's id, which is a person's e-mail address.
 */
export async function exchange(
  runtime: ProviderRuntime,
  operation: string,
  url: string,
  init: RequestInit,
  timeoutMs: number,
): Promise<HttpAnswer> {
  try {
    const response = await runtime.fetch(url, {
      ...init,
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
  } catch (fault) {
    const timedOut = fault instanceof Error && (fault.name === 'TimeoutError' || fault.name === 'AbortError');
    throw new ProviderError(
      'PROVIDER_UNAVAILABLE',
      `${operation}: ${timedOut ? 'no answer in time' : 'the connection failed'}`,
      { operation, context: { fault: fault instanceof Error ? fault.name : typeof fault } },
    );
  }
}
