/** Carries out fault actions around the real work. */
import { type Answer, Failure } from './answers.ts';
import type { FaultAction } from './faults.ts';

/** The connection ends without an answer; the server turns this into a real cut. */
export class ConnectionDropped extends Error {
  constructor() {
    super('The connection was cut: no answer');
    // The server prints it; where it was thrown tells nobody anything.
    this.stack = this.message;
  }
}

/** Waits for real milliseconds. */
export type Sleep = (ms: number) => Promise<void>;

/** Aborts when the caller gives up or the emulator stops. Asked for only when needed: watching costs the server. */
export type GiveUp = () => AbortSignal;

/** Resolves never; rejects when the caller gives up or the emulator stops. */
export function hang(giveUp: GiveUp): Promise<never> {
  const signal = giveUp();
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(new ConnectionDropped());
    signal.addEventListener('abort', () => reject(new ConnectionDropped()), { once: true });
  });
}

/** Runs `work` under an action: in front of it, instead of it, or with its answer lost. */
export async function misbehave(
  action: FaultAction,
  place: { inBatch: boolean; oauth: boolean; giveUp: GiveUp; sleep: Sleep },
  work: () => Answer | Promise<Answer>,
): Promise<Answer> {
  if (action.delayMs) await place.sleep(action.delayMs);
  if (action.timeout) return await hang(place.giveUp);
  if (action.drop) return lost('drop', place.inBatch);
  const refused = refusalOf(action, place);
  if (refused) return refused;
  const answer = await work();
  if (action.loseAnswer === 'timeout') return await hang(place.giveUp);
  if (action.loseAnswer !== undefined) return lost(action.loseAnswer, place.inBatch);
  if (action.malformed) {
    const text = JSON.stringify(answer.body ?? {});
    return {
      status: 200,
      body: text.slice(0, Math.ceil(text.length / 2)),
      headers: { 'content-type': 'application/json' },
    };
  }
  return answer;
}

function lost(how: 'drop' | number, inBatch: boolean): Answer {
  // One part cannot be cut off alone: its place in the batch answer says "try again".
  if (how === 'drop' && !inBatch) throw new ConnectionDropped();
  return new Failure(how === 'drop' ? 503 : how, 'backendError').answer();
}

function refusalOf(action: FaultAction, place: { inBatch: boolean; oauth: boolean }): Answer | null {
  const headers: Record<string, string> = action.retryAfter === undefined
    ? {}
    : { 'retry-after': String(action.retryAfter) };
  if (action.html5xx) {
    const body =
      `<!DOCTYPE html><html><title>Error ${action.html5xx}</title><p>The server encountered a temporary error.</p></html>`;
    return { status: action.html5xx, body, headers };
  }
  const part = place.inBatch ? action.partStatus : undefined;
  const status = part ?? action.status ?? (action.retryAfter === undefined ? undefined : 429);
  if (status === undefined) return null;
  if (action.body !== undefined) return { status, body: action.body, headers };
  const reason = action.reason ?? usualReason(status, place.oauth);
  if (place.oauth) {
    return {
      status,
      body: { error: reason, ...(action.message ? { error_description: action.message } : {}) },
      headers,
    };
  }
  const options = {
    ...(action.domain ? { domain: action.domain } : {}),
    ...(action.message ? { message: action.message } : {}),
    ...(action.form ? { form: action.form } : {}),
    ...(reason.endsWith('ateLimitExceeded') ? { detailReason: 'RATE_LIMIT_EXCEEDED' } : {}),
    headers,
  };
  return new Failure(status, reason, options).answer();
}

function usualReason(status: number, oauth: boolean): string {
  if (oauth) return status === 401 ? 'invalid_client' : status < 500 ? 'invalid_grant' : 'internal_failure';
  const reasons: Record<number, string> = {
    400: 'badRequest',
    401: 'authError',
    403: 'rateLimitExceeded',
    404: 'notFound',
    409: 'conflict',
    410: 'deleted',
    412: 'conditionNotMet',
    429: 'rateLimitExceeded',
  };
  return reasons[status] ?? 'backendError';
}
