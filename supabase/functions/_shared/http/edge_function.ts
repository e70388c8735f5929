/**
 * One Edge Function: routes in, a plain `(Request) => Promise<Response>` out.
 *
 * ```ts
 * // supabase/functions/acme-sync/index.ts
 * Deno.serve(edgeFunction({
 *   name: 'acme-sync',
 *   providerCodeField: 'acmeCode',
 *   routes: (setup) => syncRoutes(providerContext(setup, acmeProvider(acmeConfig(setup.environment), setup))),
 * }, hostWorld(Deno.env.toObject())));
 * ```
 *
 * Every answer carries `x-request-id` and the headers of `HARDENING`; every error is the JSON of `error_response.ts`. Nothing is read from the environment
 * before the first request, and a configuration that is broken is tried again at the next one.
 */
import type { DatabaseAccess, Rpc } from '../db/rpc.ts';
import { SyncError } from '../errors.ts';
import { keysOf, type TokenVerifier, tokenVerifier } from './access_token.ts';
import { authServer } from './auth_server.ts';
import { authenticate, authenticateMonitor, type Member } from './authentication.ts';
import { allowOrigin, preflight } from './cors.ts';
import {
  type Environment,
  issuersVariable,
  metricsTokenVariable,
  readEnvironment,
  secretKeys,
  urlVariable,
} from './environment.ts';
import { errorResponse } from './error_response.ts';
import { languageOf } from './language.ts';
import { createLog, failureBound, Steps } from './logging.ts';
import { selfReport } from './self_report.ts';
import { check, parseJson, readBody } from './request_body.ts';
import { type Context, matchPath, pathWithin, type Route } from './route.ts';
import { traced, traceOf } from './trace.ts';
import { type SignatureCheck, signatureCheck, signingSecretVariable, wakeCall } from './webhook.ts';

/** All that a function uses of the world, so that a test passes its own. `host.ts` makes the real one. */
export interface World {
  readonly environment: Environment;
  readonly fetch: typeof fetch;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Receives log lines. */
  readonly write: (line: string) => void;
  /** Keeps the instance alive until the work is done. */
  readonly waitUntil: (work: Promise<unknown>) => void;
  /** The platform tells shortly before it ends an instance (its processor time is nearly spent, or it is retired). */
  readonly onUnload: (handler: () => Promise<void>) => void;
  readonly database: (access: DatabaseAccess) => Rpc;
}

/** What a function's routes are built from. Serves as a `ProviderRuntime` too. */
export interface Setup {
  readonly environment: Environment;
  readonly fetch: typeof fetch;
  readonly now: () => number;
  readonly rpc: Rpc;
  /** Where people use the product, without a slash at its end. */
  readonly appBaseUrl: string;
  /** Called shortly before the platform ends this instance. */
  readonly onUnload: (handler: () => Promise<void>) => void;
  /** Wakes a function of this project by name, as the database's nudge does but without its queue. False if it did not hear. */
  readonly wake: (functionName: string) => Promise<boolean>;
}

export interface FunctionDefinition {
  /** As in its folder and its address. */
  readonly name: string;
  /** Name under which errors show a provider's own code. */
  readonly providerCodeField?: string;
  /** Called once, at the first request. */
  readonly routes: (setup: Setup) => readonly Route[];
}

/**
 * What a browser needs to be told about an answer that is no page: it is what its content type says (the handshake of a
 * notification echoes text that a caller sends), it loads and frames nothing, and its address, which may hold a code of a
 * consent, goes to no other site.
 */
const HARDENING = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': `default-src 'none'; frame-ancestors 'none'`,
  'referrer-policy': 'no-referrer',
} as const;

function harden(headers: Headers): void {
  for (const [name, value] of Object.entries(HARDENING)) headers.set(name, value);
}

interface Prepared {
  readonly rpc: Rpc;
  readonly routes: readonly Route[];
  readonly verifyToken: TokenVerifier | null;
  readonly checkSignature: SignatureCheck | null;
  readonly monitorToken: string | undefined;
}

function prepare(definition: FunctionDefinition, world: World): Prepared {
  const { environment, fetch, now } = world;
  const { SUPABASE_URL, APP_BASE_URL } = readEnvironment(environment, {
    SUPABASE_URL: urlVariable,
    APP_BASE_URL: urlVariable,
  });
  const { onUnload } = world;
  const [key] = secretKeys(environment);
  const rpc = world.database({ url: SUPABASE_URL, secretKey: key, fetch });
  const wake = wakeCall(world, `${SUPABASE_URL}/functions/v1`);
  const routes = definition.routes({ environment, fetch, now, rpc, appBaseUrl: APP_BASE_URL, onUnload, wake });
  const needs = (auth: Route['auth']) => routes.some((route) => route.auth === auth);
  return {
    rpc,
    routes,
    verifyToken: needs('user') ? verifierOf(world, SUPABASE_URL, key) : null,
    checkSignature: needs('nudge')
      ? signatureCheck(
        readEnvironment(environment, { NUDGE_SIGNING_SECRET: signingSecretVariable }).NUDGE_SIGNING_SECRET,
      )
      : null,
    monitorToken: needs('monitor')
      ? readEnvironment(environment, { METRICS_TOKEN: metricsTokenVariable.optional() }).METRICS_TOKEN
      : undefined,
  };
}

function verifierOf({ environment, fetch, now }: World, url: string, apiKey: string): TokenVerifier {
  const { AUTH_ISSUER } = readEnvironment(environment, { AUTH_ISSUER: issuersVariable.optional() });
  return tokenVerifier({
    keys: keysOf(environment.SUPABASE_JWKS),
    issuers: AUTH_ISSUER ?? [`${url}/auth/v1`],
    now,
    ask: authServer({ url, apiKey, fetch, now }),
  });
}

/** Known before anything else, so that our page can read even "the service is misconfigured". */
function webOriginOf(environment: Environment): string | null {
  try {
    return new URL(environment.APP_BASE_URL ?? '').origin;
  } catch {
    return null;
  }
}

function findRoute(
  routes: readonly Route[],
  method: string,
  path: string,
): { route: Route; params: Record<string, string> } {
  const allowed: string[] = [];
  for (const route of routes) {
    const params = matchPath(route.path, path);
    if (params === null) continue;
    if (route.method === method) return { route, params };
    allowed.push(route.method);
  }
  if (allowed.length === 0) throw new SyncError('NOT_FOUND', 'Find route: no route has this address');
  throw new SyncError('METHOD_NOT_ALLOWED', 'Find route: the address has no such method', {
    context: { allow: [...new Set([...allowed, 'OPTIONS'])].join(', ') },
  });
}

/** `/sync-now` → `sync_now`; `/` → `handle`: the step of a handler that names none. */
function stepOf(route: Route): string {
  const words = route.path.split('/').filter((part) => part !== '' && !part.startsWith(':'));
  return words.join('_').replaceAll('-', '_') || 'handle';
}

/**
 * A request handler from routes: prepares on the first request, authenticates, validates, answers, logs.
 *
 * Never throws: what a route throws becomes an answer of `docs/errors.md`.
 */
export function edgeFunction(definition: FunctionDefinition, bare: World): (request: Request) => Promise<Response> {
  const world: World = { ...bare, fetch: traced(bare.fetch) };
  const webOrigin = webOriginOf(world.environment);
  const sink = { write: world.write, now: world.now, failures: failureBound(world.now) };
  let prepared: Prepared | null = null;

  async function answer(request: Request, requestId: string, steps: Steps): Promise<Response> {
    const url = new URL(request.url);
    const path = pathWithin(definition.name, url.pathname);
    const ready = () => prepared ??= prepare(definition, world);
    if (request.method === 'GET' && path === '/health') {
      return Response.json(selfReport(definition.name, request, { ...world, prepare: ready }));
    }
    const { rpc, routes, verifyToken, checkSignature, monitorToken } = ready();
    const { route, params } = findRoute(routes, request.method, path);

    let member: Member | null = null;
    if (route.auth === 'user') {
      steps.begin('authenticate', 'only_if_failed');
      member = await authenticate(request, verifyToken!, rpc);
      steps.identify({ organisation: member.organisationId });
    }
    if (route.auth === 'monitor') {
      steps.begin('authenticate', 'only_if_failed');
      authenticateMonitor(request, monitorToken);
    }
    steps.begin('read_request', 'only_if_failed');
    const text = await readBody(request);
    if (route.auth === 'nudge') {
      steps.begin('authenticate', 'only_if_failed');
      checkSignature!(request.headers, text);
    }
    const query = route.query === null ? undefined : check(route.query, Object.fromEntries(url.searchParams), 'query');
    const body = route.body === null ? undefined : check(route.body, parseJson(text), 'body');

    steps.begin(stepOf(route), 'unless_followed');
    const { log } = steps;
    const context: Context = {
      request,
      requestId,
      language: languageOf(request.headers.get('accept-language')),
      body,
      text,
      query,
      params,
      member: member as Context['member'],
      rpc,
      answerHeaders: new Headers(),
      log,
      step: (name) => steps.begin(name),
      note: (fields) => steps.note(fields),
      fail: (error) => steps.fail(error),
      waitUntil: (work, step) => world.waitUntil(work.catch((error) => log({ step, outcome: 'error', error }))),
    };
    return await route.handle(context);
  }

  return async (request) => {
    if (request.method === 'OPTIONS') {
      const permission = preflight(request, webOrigin);
      harden(permission.headers);
      return permission;
    }
    const requestId = crypto.randomUUID();
    const trace = traceOf(request.headers);
    const steps = new Steps(
      createLog(sink, { requestId, traceId: trace.id, function: definition.name }),
      world.now,
    );
    let response: Response;
    try {
      response = await trace.run(() => answer(request, requestId, steps));
    } catch (error) {
      steps.fail(error);
      response = errorResponse(error, {
        step: steps.current,
        language: languageOf(request.headers.get('accept-language')),
        requestId,
        providerCodeField: definition.providerCodeField,
      });
    }
    steps.end();
    const headers = new Headers(response.headers);
    headers.set('x-request-id', requestId);
    harden(headers);
    headers.append('vary', 'Accept-Language');
    if (!headers.has('cache-control')) headers.set('cache-control', 'no-store');
    allowOrigin(headers, request, webOrigin);
    return new Response(response.body, { status: response.status, headers });
  };
}
