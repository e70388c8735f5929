import type { ConnectionHandle } from '../port/account.ts';
import type { ProviderError } from '../port/failure.ts';
import type { ProviderRuntime } from '../port/provider.ts';
import { type Asked, calendarFailure, refusesToken } from './failure.ts';
import { type BatchPart, decodeBatch, encodeBatch } from './batch.ts';
import type { GoogleConfig } from './config.ts';
import { BATCH_TIMEOUT_MS, exchange, type HttpAnswer, SINGLE_TIMEOUT_MS } from '../http/exchange.ts';
import { type BatchRules, batchWithRenewal, withRenewal } from '../http/token_renewal.ts';

/** One call of the Calendar API. `path` is below `/calendar/v3`, its members encoded. */
export interface CalendarCall {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Written only if the event still has this version. */
  readonly ifMatch?: string;
  /** More is not read: {@link AnswerTooLarge}. */
  readonly mostBytes?: number | undefined;
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
  const rules = (asked: Asked) => ({
    refusesToken,
    failure: (answer: HttpAnswer) => calendarFailure(asked, answer, runtime.now()),
  });
  const batchRules: BatchRules<CalendarCall> = {
    ...rules(BATCH),
    operation: BATCH.operation,
    idOf: partId,
    decode: (envelope) => decodeBatch(BATCH.operation, envelope),
    async send(token, calls) {
      const { contentType, body } = encodeBatch([...calls].map(([at, call]) => part(at, call, prefix)));
      const headers = { authorization: `Bearer ${token}`, 'content-type': contentType };
      const init = { method: 'POST', headers, body };
      return await exchange(runtime, BATCH.operation, config.batchUrl, init, BATCH_TIMEOUT_MS);
    },
  };

  return {
    async send(handle, call) {
      const url = `${config.calendarUrl}${target(call)}`;
      const attempt = (token: string) =>
        exchange(
          runtime,
          call.asked.operation,
          url,
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
          call.mostBytes,
        );
      return await withRenewal(handle, attempt, rules(call.asked));
    },

    batch: (handle, calls) => batchWithRenewal(handle, calls, batchRules),
  };
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
