import type { ConnectionHandle } from '../port/account.ts';
import type { ProviderError } from '../port/failure.ts';
import type { ProviderRuntime } from '../port/provider.ts';
import { type Asked, graphFailure, refusesToken } from './failure.ts';
import { BATCH_TIMEOUT_MS, exchange, type HttpAnswer, SINGLE_TIMEOUT_MS } from '../http/exchange.ts';
import { type BatchRules, batchWithRenewal, withRenewal } from '../http/token_renewal.ts';
import { type BatchPart, decodeBatch, encodeBatch } from './batch.ts';
import type { MicrosoftConfig } from './config.ts';

/** One call of Graph. */
export interface GraphCall {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Below `/v1.0`, its members encoded; or a link that Graph gave, called as it is. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Written only if the event still has this version. */
  readonly ifMatch?: string;
  /** Entries of a page, where it is not said in the query. */
  readonly pageSize?: number;
  /** More is not read: {@link AnswerTooLarge}. */
  readonly mostBytes?: number | undefined;
  /** Bodies come as text unless this is said. */
  readonly bodyType?: 'html';
  readonly asked: Asked;
}

export interface GraphClient {
  /** The answer, whatever its status. Throws when none came, and when a renewed access token is refused too. */
  send(handle: ConnectionHandle, call: GraphCall): Promise<HttpAnswer>;
  /**
   * The answers by the calls' positions, null where none came back, an error where the repeat with a new token failed.
   * Throws when the call as a whole failed: nothing that came back says that anything was written. At most
   * {@link MAX_BATCH} calls.
   */
  batch(handle: ConnectionHandle, calls: readonly GraphCall[]): Promise<Array<HttpAnswer | ProviderError | null>>;
  /** Whether a link leads to Graph: our token goes nowhere else. */
  owns(link: string): boolean;
}

/** Graph takes no more in one request. */
export const MAX_BATCH = 20;

/** Path of a calendar, and of what is below it. */
export function calendarPath(calendarId: string, ...below: readonly string[]): string {
  return ['/me/calendars', encodeURIComponent(calendarId), ...below.map(encodeURIComponent)].join('/');
}

/** Path of an event, whichever calendar it is in. */
export function eventPath(eventId: string): string {
  return `/me/events/${encodeURIComponent(eventId)}`;
}

/**
 * Ids that survive a move, instants in UTC, bodies as text. Must be sent on every request.
 */
const PREFERENCES = ['IdType="ImmutableId"', 'outlook.timezone="UTC"'];

const BATCH: Asked = {
  operation: 'Send a batch',
  missing: 'UNEXPECTED_RESPONSE',
  invalid: 'UNEXPECTED_RESPONSE',
  denied: 'PERMISSION_DENIED',
};

export function graphClient(config: Pick<MicrosoftConfig, 'graphUrl'>, runtime: ProviderRuntime): GraphClient {
  const owns = (link: string) => link.startsWith(`${config.graphUrl}/`);
  const rules = (asked: Asked) => ({
    refusesToken,
    failure: (answer: HttpAnswer) => graphFailure(asked, answer, runtime.now()),
  });
  const batchRules: BatchRules<GraphCall> = {
    ...rules(BATCH),
    operation: BATCH.operation,
    idOf: partId,
    decode: (envelope) => decodeBatch(BATCH.operation, envelope),
    async send(token, calls) {
      const body = encodeBatch([...calls].map(([at, call]) => part(at, call)));
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const init = { method: 'POST', headers, body };
      return await exchange(runtime, BATCH.operation, `${config.graphUrl}/$batch`, init, BATCH_TIMEOUT_MS);
    },
  };

  return {
    owns,

    async send(handle, call) {
      if (!call.path.startsWith('/') && !owns(call.path)) {
        throw new TypeError(`${call.asked.operation}: the link leads elsewhere`);
      }
      const url = call.path.startsWith('/') ? `${config.graphUrl}${target(call)}` : call.path;
      const attempt = (token: string) =>
        exchange(
          runtime,
          call.asked.operation,
          url,
          {
            method: call.method,
            headers: { authorization: `Bearer ${token}`, ...headersOf(call) },
            ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
          },
          SINGLE_TIMEOUT_MS,
          call.mostBytes,
        );
      return await withRenewal(handle, attempt, rules(call.asked));
    },

    async batch(handle, calls) {
      if (calls.length === 0) return [];
      if (calls.length > MAX_BATCH) throw new TypeError(`${BATCH.operation}: more than ${MAX_BATCH} calls`);
      return await batchWithRenewal(handle, calls, batchRules);
    },
  };
}

function part(at: number, call: GraphCall): BatchPart {
  const { method, body } = call;
  return { id: partId(at), method, url: target(call), headers: headersOf(call), body };
}

function partId(at: number): string {
  return String(at + 1);
}

/** A filter wants its spaces as `%20`; a plus sign would be taken for one. */
function target({ path, query = {} }: GraphCall): string {
  const members = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return members.length === 0 ? path : `${path}?${members.join('&')}`;
}

function headersOf({ body, ifMatch, pageSize, bodyType }: GraphCall): Record<string, string> {
  const size = pageSize === undefined ? [] : [`odata.maxpagesize=${pageSize}`];
  return {
    prefer: [...PREFERENCES, `outlook.body-content-type="${bodyType ?? 'text'}"`, ...size].join(', '),
    ...(ifMatch ? { 'if-match': ifMatch } : {}),
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  };
}
