/** One origin for Auth, REST and Edge Functions, as the API gateway of a Supabase project. */
import type { FunctionRunner } from './functions.ts';
import type { RestAuth } from './rest_auth.ts';
import type { SessionTokens } from './session_tokens.ts';

/** Hosted functions have this long to begin their answer. */
const FIRST_BYTE_MS = 150_000;
const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'host',
  'content-length',
];

export interface GatewayOptions {
  readonly port: number;
  readonly restAuth: RestAuth;
  readonly tokens: SessionTokens;
  readonly functions: FunctionRunner;
}

export interface Gateway {
  readonly url: string;
  /** Requests that a function has been given so far: what the platform counts as its invocations. */
  invocations(): number;
  stop(): Promise<void>;
}

export function startGateway(options: GatewayOptions): Gateway {
  const url = `http://127.0.0.1:${options.port}`;
  const closing = new AbortController();
  let invocations = 0;
  const server = Deno.serve({
    hostname: '127.0.0.1',
    port: options.port,
    signal: closing.signal,
    onListen: () => {},
    onError: (error) => problem(500, 'INTERNAL_ERROR', `The gateway failed: ${(error as Error).message}`),
  }, async (request, info) => {
    const { pathname } = new URL(request.url);
    const refused = problemFor(request);
    if (pathname === '/auth/v1/.well-known/jwks.json') {
      return Response.json(options.tokens.jwks, {
        headers: { 'access-control-allow-origin': '*', 'cache-control': 'public, max-age=600' },
      });
    }
    if (pathname.startsWith('/auth/v1/') || pathname.startsWith('/rest/v1/')) {
      if (request.method === 'OPTIONS') return preflight(request);
      return withOpenCors(await options.restAuth.handle(request));
    }
    if (pathname.startsWith('/functions/v1/')) {
      invocations++;
      return await forward(request, options.functions, info.remoteAddr.hostname);
    }
    return refused(404, 'NOT_FOUND', 'No such path: the API is under /auth/v1, /rest/v1 and /functions/v1');
  });
  return {
    url,
    invocations: () => invocations,
    async stop() {
      closing.abort();
      await server.finished;
    },
  };
}

/** Functions see the path without `/functions/v1`, and answer for themselves, CORS included. */
async function forward(request: Request, functions: FunctionRunner, client: string): Promise<Response> {
  const url = new URL(request.url);
  const path = url.pathname.slice('/functions/v1'.length);
  const name = path.split('/')[1] ?? '';
  const refused = problemFor(request);
  if (!functions.names.includes(name)) return refused(404, 'NOT_FOUND', 'Requested function was not found');
  const address = await functions.address(name);
  if (address === null) {
    if (request.method === 'OPTIONS') return preflight(request);
    return refused(503, 'BOOT_ERROR', 'Function failed to start or is not running');
  }

  const headers = new Headers(request.headers);
  for (const header of HOP_BY_HOP) headers.delete(header);
  headers.set('accept-encoding', 'identity');
  headers.set('x-forwarded-for', client);
  headers.set('x-forwarded-host', url.host);
  headers.set('x-forwarded-proto', 'http');
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), FIRST_BYTE_MS);
  try {
    const response = await fetch(address + path + url.search, {
      method: request.method,
      headers,
      body: request.body,
      redirect: 'manual',
      signal: late.signal,
    });
    const answered = new Headers(response.headers);
    for (const header of HOP_BY_HOP) answered.delete(header);
    // pages need a custom domain on the hosted platform: shown as text, here too, so that no page relies on one
    if (request.method === 'GET' && answered.get('content-type')?.startsWith('text/html')) {
      answered.set('content-type', 'text/plain');
    }
    return new Response(response.body, { status: response.status, statusText: response.statusText, headers: answered });
  } catch (error) {
    if (late.signal.aborted) return refused(504, 'IDLE_TIMEOUT', 'Function did not answer in time');
    return refused(503, 'WORKER_ERROR', `Function did not answer: ${(error as Error).message}`);
  } finally {
    clearTimeout(timer);
  }
}

function problem(status: number, code: string, message: string, headers: Record<string, string> = {}): Response {
  return Response.json({ code, message }, {
    status,
    headers: { 'sb-error-code': code, 'access-control-allow-origin': '*', ...headers },
  });
}

/** What the gateway itself refuses a page must be able to read, one that sends its cookies too. */
function problemFor(request: Request): (status: number, code: string, message: string) => Response {
  return (status, code, message) => problem(status, code, message, originHeaders(request));
}

function originHeaders(request: Request): Record<string, string> {
  const origin = request.headers.get('origin');
  if (origin === null) return {};
  return { 'access-control-allow-origin': origin, 'access-control-allow-credentials': 'true', vary: 'Origin' };
}

/** Any page may call Auth and REST: they decide by tokens, never by cookies. */
function withOpenCors(response: Response): Response {
  const headers = new Headers(response.headers);
  headers.delete('access-control-allow-credentials');
  headers.set('access-control-allow-origin', '*');
  headers.set(
    'access-control-expose-headers',
    'content-range, x-total-count, preference-applied, x-supabase-api-version',
  );
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
}

function preflight(request: Request): Response {
  return new Response(null, {
    status: 204,
    headers: {
      'access-control-allow-origin': '*',
      'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS',
      'access-control-allow-headers': request.headers.get('access-control-request-headers') ?? '*',
      'access-control-max-age': '86400',
      ...originHeaders(request),
    },
  });
}
