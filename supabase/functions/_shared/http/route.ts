/**
 * A function's routes are data. Declare one so:
 *
 * ```ts
 * route({
 *   method: 'POST',
 *   path: '/conflicts/:id/resolve',
 *   auth: 'user',                                  // → ctx.member; 'nudge' → signed by our database; 'monitor' → an operator's
 *                                                  // token; 'none' → any caller
 *   summary: 'Decides a conflict',                 // for the API's description, `docs/openapi.json`
 *   body: resolveRequest,                          // of `contract/` → ctx.body; an absent body is `{}`
 *   query: eventsRequest,                          // → ctx.query
 *   answer: conflictResolution,                    // of `contract/`: what `handle` returns, sent as JSON
 *   errors: ['CONFLICT_NOT_FOUND'],                // beyond what every route may refuse with (`contract/refusal.ts`)
 *   async handle(ctx) {
 *     ctx.step('load_conflict');                   // closes the step before with a log line; names the step of an error
 *     const found = await ctx.rpc('conflict', { p_id: ctx.params.id }, schema);
 *     ctx.note({ integration: found.integrationId, fields: 3 }); // ids and counts for this step's line
 *     ctx.waitUntil(drain(…), 'drain');            // goes on after the answer; a failure is logged
 *     return { … };                                // or throw a SyncError
 *   },
 * })
 * ```
 *
 * The path is what follows the function's name, `/` for the function itself. Handlers throw `SyncError`; everything else that
 * is thrown leaves as `SYNC_FAILED` with nothing of its message. A route whose answer is no JSON says in words what it is, and
 * returns the `Response`.
 */
import type { z } from 'zod';
import type { ErrorCode } from '../errors.ts';
import type { Rpc } from '../db/rpc.ts';
import type { Member } from './authentication.ts';
import type { Language } from './language.ts';
import { isStorable } from './storable.ts';
import type { Log, LogFields } from './logging.ts';

export type Auth = 'user' | 'nudge' | 'monitor' | 'none';
export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

export interface Context<Access extends Auth = Auth, Body = unknown, Query = unknown> {
  readonly request: Request;
  readonly requestId: string;
  readonly language: Language;
  readonly body: Body;
  /** The body as it was sent, for routes that take more than JSON. */
  readonly text: string;
  readonly query: Query;
  /** Decoded segments of the path, by the name after their colon. */
  readonly params: Readonly<Record<string, string>>;
  readonly member: Access extends 'user' ? Member : null;
  readonly rpc: Rpc;
  /** Headers that the answer carries beside those of every answer. */
  readonly answerHeaders: Headers;
  /** Carries requestId, function and, for a person, the organisation. For work that logs on its own account. */
  readonly log: Log;
  step(name: string): void;
  note(fields: LogFields): void;
  /** Marks the current step as failed in the log, for a handler that answers otherwise than by throwing. */
  fail(error: unknown): void;
  /** Keeps the instance alive for `work`; `step` names it in the log if it fails. */
  waitUntil(work: Promise<unknown>, step: string): void;
}

export type Schema = z.core.$ZodType;
type Result<Answer> = Answer extends Schema ? z.input<Answer> : Response;

export interface RouteDefinition<
  Access extends Auth,
  Answer extends Schema | string,
  Body extends Schema,
  Query extends Schema,
> {
  readonly method: Method;
  readonly path: string;
  readonly auth: Access;
  readonly summary: string;
  readonly body?: Body;
  readonly query?: Query;
  readonly answer: Answer;
  /** 200 unless said. */
  readonly status?: 202 | 303;
  readonly errors?: readonly ErrorCode[];
  handle(context: Context<Access, z.output<Body>, z.output<Query>>): Promise<Result<Answer>> | Result<Answer>;
}

/** A route whose types have been checked and forgotten: what the dispatcher needs, and what the API's description shows. */
export interface Route {
  readonly method: Method;
  readonly path: string;
  readonly auth: Auth;
  readonly summary: string;
  readonly body: Schema | null;
  readonly query: Schema | null;
  readonly answer: Schema | string;
  readonly status: number;
  readonly errors: readonly ErrorCode[];
  readonly handle: (context: Context) => Promise<Response>;
}

export function route<
  Access extends Auth,
  Answer extends Schema | string,
  Body extends Schema = z.ZodUndefined,
  Query extends Schema = z.ZodUndefined,
>(definition: RouteDefinition<Access, Answer, Body, Query>): Route {
  const { method, path, auth, summary, body = null, query = null, answer, status = 200, errors = [] } = definition;
  return {
    method,
    path,
    auth,
    summary,
    body,
    query,
    answer,
    status,
    errors,
    async handle(context) {
      // The dispatcher makes the context from this very definition, so the narrower type holds.
      const given = await definition.handle(context as Context<Access, z.output<Body>, z.output<Query>>);
      if (typeof answer === 'string') return given as Response;
      return Response.json(given, { status, headers: context.answerHeaders });
    },
  };
}

/** The part of the address after the function's name: hosted requests arrive as `/acme-sync/sync-now`, others with more in front. */
export function pathWithin(functionName: string, pathname: string): string {
  const segments = pathname.split('/').filter((segment) => segment !== '');
  return '/' + segments.slice(segments.indexOf(functionName) + 1).join('/');
}

function decode(segment: string): string | null {
  try {
    return decodeURIComponent(segment);
  } catch {
    return null;
  }
}

/** The decoded parameters if `path` has the form of `pattern`, else null. */
export function matchPath(pattern: string, path: string): Record<string, string> | null {
  const wanted = pattern.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return null;
  const params: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = given[index] ?? '';
    if (!part.startsWith(':')) {
      if (part !== value) return null;
      continue;
    }
    const decoded = decode(value);
    if (decoded === null || !isStorable(decoded)) return null;
    params[part.slice(1)] = decoded;
  }
  return params;
}
