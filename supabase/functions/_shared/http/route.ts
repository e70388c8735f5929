/**
 * A function's routes are data. Declare one so:
 *
 * ```ts
 * route({
 *   method: 'POST',
 *   path: '/conflicts/:id/resolve',
 *   auth: 'user',                                  // → ctx.member; 'nudge' → signed by our database; 'none' → anybody
 *   body: z.strictObject({ action: z.enum(['ignore']) }), // → ctx.body; an absent body is `{}`
 *   query: z.object({ from: z.iso.datetime().optional() }), // → ctx.query
 *   async handle(ctx) {
 *     ctx.step('load_conflict');                   // closes the step before with a log line; names the step of an error
 *     const found = await ctx.rpc('conflict', { p_id: ctx.params.id }, schema);
 *     ctx.note({ integration: found.integrationId, fields: 3 }); // ids and counts for this step's line
 *     ctx.waitUntil(drain(…), 'drain');            // goes on after the answer; a failure is logged
 *     return Response.json({ … });                 // or throw a SyncError
 *   },
 * })
 * ```
 *
 * The path is what follows the function's name, `/` for the function itself. Handlers throw `SyncError`; everything else that
 * is thrown leaves as `SYNC_FAILED` with nothing of its message.
 */
import type { z } from 'zod';
import type { Rpc } from '../db/rpc.ts';
import type { Member } from './authentication.ts';
import type { Language } from './language.ts';
import { isStorable } from './storable.ts';
import type { Log, LogFields } from './logging.ts';

export type Auth = 'user' | 'nudge' | 'none';
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
  /** Carries requestId, function and, for a person, the organisation. For work that logs on its own account. */
  readonly log: Log;
  step(name: string): void;
  note(fields: LogFields): void;
  /** Marks the current step as failed in the log, for a handler that answers otherwise than by throwing. */
  fail(error: unknown): void;
  /** Keeps the instance alive for `work`; `step` names it in the log if it fails. */
  waitUntil(work: Promise<unknown>, step: string): void;
}

export interface RouteDefinition<Access extends Auth, Body extends z.ZodType, Query extends z.ZodType> {
  readonly method: Method;
  readonly path: string;
  readonly auth: Access;
  readonly body?: Body;
  readonly query?: Query;
  handle(context: Context<Access, z.output<Body>, z.output<Query>>): Promise<Response> | Response;
}

/** A route whose types have been checked and forgotten: what the dispatcher needs. */
export interface Route {
  readonly method: Method;
  readonly path: string;
  readonly auth: Auth;
  readonly body: z.ZodType | null;
  readonly query: z.ZodType | null;
  readonly handle: (context: Context) => Promise<Response> | Response;
}

export function route<
  Access extends Auth,
  Body extends z.ZodType = z.ZodUndefined,
  Query extends z.ZodType = z.ZodUndefined,
>(definition: RouteDefinition<Access, Body, Query>): Route {
  return {
    method: definition.method,
    path: definition.path,
    auth: definition.auth,
    body: definition.body ?? null,
    query: definition.query ?? null,
    // The dispatcher makes the context from this very definition, so the narrower type holds.
    handle: (context) => definition.handle(context as Context<Access, z.output<Body>, z.output<Query>>),
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
