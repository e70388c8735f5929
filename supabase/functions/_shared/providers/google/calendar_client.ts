import { type ConnectionHandle, ProviderError, type ProviderRuntime } from '../calendar_provider.ts';
import { SyncError } from '../../errors.ts';
import { type Asked, calendarFailure, refusesToken } from './calendar_failure.ts';
import { type BatchPart, decodeBatch, encodeBatch } from './batch_format.ts';
import type { GoogleConfig } from './google_config.ts';
import { BATCH_TIMEOUT_MS, exchange, type HttpAnswer, SINGLE_TIMEOUT_MS } from '../http/exchange.ts';

/** One call of the Calendar API. `path` is below `/calendar/v3`, its members encoded. */
export interface CalendarCall {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Written only if the event still has this version. */
  readonly ifMatch?: string;
  readonly asked: Asked;
}

export interface CalendarClient {
  /** The answer, whatever its status. Throws when none came, and when a renewed access token is refused too. */
  send(handle: ConnectionHandle, call: CalendarCall): Promise<HttpAnswer>;
  /**
   * The answers by the calls' positions, null where none came back, an error where the repeat with a new token failed.
   * Throws when the call as a whole failed: nothing that came back says that anything was written.
   */
  batch(handle: ConnectionHandle, calls: readonly CalendarCall[]): Promise<Array<HttpAnswer | ProviderError | null>>;
}

/** Path of an event, or of the collection. */
export function eventsPath(calendarId: string, eventId?: string): string {
  const events = `/calendars/${encodeURIComponent(calendarId)}/events`;
  return eventId === undefined ? events : `${events}/${encodeURIComponent(eventId)}`;
}

const BATCH: Asked = { operation: 'Send a batch', missing: 'UNEXPECTED_RESPONSE', invalid: 'UNEXPECTED_RESPONSE' };

export function calendarClient(config: GoogleConfig, runtime: ProviderRuntime): CalendarClient {
  const prefix = new URL(config.calendarUrl).pathname;
  const failure = (asked: Asked, answer: HttpAnswer) => calendarFailure(asked, answer, runtime.now());

  async function sendBatch(token: string, calls: ReadonlyMap<number, CalendarCall>): Promise<HttpAnswer> {
    const { contentType, body } = encodeBatch([...calls].map(([at, call]) => part(at, call, prefix)));
    const headers = { authorization: `Bearer ${token}`, 'content-type': contentType };
    return await exchange(
      runtime,
      BATCH.operation,
      config.batchUrl,
      { method: 'POST', headers, body },
      BATCH_TIMEOUT_MS,
    );
  }

  return {
    async send(handle, call) {
      const attempt = (token: string) =>
        exchange(
          runtime,
          call.asked.operation,
          `${config.calendarUrl}${target(call)}`,
          {
            method: call.method,
            headers: {
              authorization: `Bearer ${token}`,
              ...condition(call),
              ...(call.body === undefined ? {} : { 'content-type': 'application/json; charset=UTF-8' }),
            },
            ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
          },
          SINGLE_TIMEOUT_MS,
        );
      const answer = await attempt(await handle.accessToken());
      if (!refusesToken(answer)) return answer;
      const again = await attempt(await handle.renew());
      if (refusesToken(again)) throw failure(call.asked, again);
      return again;
    },

    async batch(handle, calls) {
      const all = new Map(calls.entries());
      const envelope = await sendBatch(await handle.accessToken(), all);
      let answers: Answers = refusesToken(envelope) ? all401(all, envelope) : readBatch(envelope, all, failure);
      const refused = new Map([...all].filter(([at]) => isRefused(answers.get(at))));
      if (refused.size === all.size) {
        answers = readBatch(await sendBatch(await handle.renew(), all), all, failure);
        const first = answers.get(0);
        if (isRefused(first) && [...answers.values()].every(isRefused)) throw failure(BATCH, first);
      } else if (refused.size > 0) {
        for (const [at, answer] of await repeat(handle, refused)) answers.set(at, answer);
      }
      return calls.map((_, at) => answers.get(at) ?? null);
    },
  };

  /** The refused parts with a new token. A fault here is theirs alone: the other parts are written already. */
  async function repeat(handle: ConnectionHandle, refused: ReadonlyMap<number, CalendarCall>): Promise<Answers> {
    try {
      return readBatch(await sendBatch(await handle.renew(), refused), refused, failure);
    } catch (error) {
      if (!(error instanceof SyncError)) throw error;
      const theirs = error instanceof ProviderError ? error : asProviderError(error);
      return new Map([...refused.keys()].map((at) => [at, theirs]));
    }
  }
}

type Answers = Map<number, HttpAnswer | ProviderError | null>;

function isRefused(answer: HttpAnswer | ProviderError | null | undefined): answer is HttpAnswer {
  return !!answer && !(answer instanceof ProviderError) && refusesToken(answer);
}

/** What kept the handle from a new token, as this adapter's own error. */
function asProviderError(error: SyncError): ProviderError {
  const { code, retryable, message } = error;
  return new ProviderError(code, message, { operation: BATCH.operation, retryable, cause: error });
}

function all401(calls: ReadonlyMap<number, CalendarCall>, envelope: HttpAnswer): Answers {
  return new Map([...calls.keys()].map((at) => [at, envelope]));
}

function readBatch(
  envelope: HttpAnswer,
  calls: ReadonlyMap<number, CalendarCall>,
  failure: (asked: Asked, answer: HttpAnswer) => ProviderError,
): Answers {
  if (envelope.status !== 200) throw failure(BATCH, envelope);
  const answers = decodeBatch(BATCH.operation, envelope);
  return new Map([...calls.keys()].map((at) => [at, answers.get(partId(at)) ?? null]));
}

function part(at: number, call: CalendarCall, prefix: string): BatchPart {
  return {
    id: partId(at),
    method: call.method,
    target: `${prefix}${target(call)}`,
    headers: condition(call),
    body: call.body === undefined ? null : JSON.stringify(call.body),
  };
}

function partId(at: number): string {
  return `operation-${at}`;
}

function target(call: CalendarCall): string {
  const query = new URLSearchParams(call.query).toString();
  return query === '' ? call.path : `${call.path}?${query}`;
}

function condition(call: CalendarCall): Record<string, string> {
  return call.ifMatch ? { 'If-Match': call.ifMatch } : {};
}
