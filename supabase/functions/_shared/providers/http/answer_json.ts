/** Answers that came and are not what they should be. */
import { ProviderError } from '../port/failure.ts';

/** What a text says as JSON; null where it says nothing, which no shape accepts. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** @param status null where what is wrong is not said by a single answer */
export function unreadable(operation: string, state: string, status: number | null = 200): ProviderError {
  return new ProviderError('UNEXPECTED_RESPONSE', `${operation}: ${state}`, { operation, status });
}
