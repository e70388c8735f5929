/** The REST and Auth servers: `@supabase/lite` twice on the stack's Postgres, each logged in with no more rights than its part needs. */
import postgres from 'postgres';
import { App, InMemoryEmailDriver } from '@supabase/lite';
import { createPostgresConnection, type PostgresConnection } from '@supabase/lite/postgres';
import { startRpc } from './rpc.ts';
import type { SessionTokens } from './session_tokens.ts';
import type { StackSecrets } from './secrets.ts';

export interface RestAuth {
  /** Answers `/rest/v1/…` and `/auth/v1/…`. */
  handle(request: Request): Promise<Response>;
  /** Reads the schema again, as `notify pgrst, 'reload schema'` asks. */
  reload(): Promise<void>;
  stop(): Promise<void>;
}

export interface RestAuthOptions {
  readonly secrets: StackSecrets;
  readonly tokens: SessionTokens;
  /** Where users are sent after signing in by mail. */
  readonly siteUrl: string;
  readonly restDbUrl: string;
  readonly authDbUrl: string;
}

export function startRestAuth(options: RestAuthOptions): RestAuth {
  const { secrets, tokens } = options;
  const rest = connect(options.restDbUrl, 20);
  const auth = connect(options.authDbUrl, 5);
  const rpc = startRpc(options);
  const restore = silenceRefusals();
  const config = {
    api: { enabled: true, schemas: ['public'] },
    auth: {
      enabled: true,
      jwt_secret: secrets.sharedJwtSecret,
      publishable_key: secrets.publishableKey,
      secret_key: secrets.secretKey,
      site_url: options.siteUrl,
    },
    studio: { enabled: false },
  };
  const server = { disableStudio: true, disableFallback: false };
  const drivers = { email: new InMemoryEmailDriver() };
  const restApp = new App({ connection: rest, ...config, options: { server, drivers } });
  const authApp = new App({ connection: auth, ...config, options: { server, drivers } });

  return {
    async handle(request) {
      const isAuth = new URL(request.url).pathname.startsWith('/auth/v1/');
      // a request of its own: the server's carries a signal that ends with each answer
      const own = new Request(request.url, { method: request.method, headers: request.headers, body: request.body });
      const called = isAuth ? null : await rpc.handle(own);
      if (called !== null) return called;
      const response = await (isAuth ? authApp : restApp).fetch(await withInternalToken(own, tokens), {
        peerAddress: null,
      });
      return isAuth ? await withPublicToken(response, tokens) : await withRaisedName(response);
    },
    async reload() {
      rpc.reload();
      await rest.clearSchemaCache();
    },
    async stop() {
      restore();
      await Promise.all([rpc.stop(), rest.driver.end({ timeout: 1 }), auth.driver.end({ timeout: 1 })]);
    },
  };
}

function connect(url: string, max: number): PostgresConnection {
  const connection = createPostgresConnection({
    url,
    postgresOptions: { max, onnotice: () => {}, types: POSTGREST_TIMES },
  });
  // At its first request the package would look for tables with RLS and then grant ALL on every table of their schemas to anon. Told that it has
  // looked already, it grants nothing; and the roles it logs in as own nothing that they could grant.
  if (!Reflect.has(connection, 'rlsState')) {
    throw new Error('Cannot start the REST server: this version of @supabase/lite grants differently');
  }
  Reflect.set(connection, 'rlsState', 'active');
  return connection;
}

/** The package hands times on as Postgres prints them; PostgREST's are ISO 8601, and browsers need them so. */
const POSTGREST_TIMES = {
  timestamp: { to: 1114, from: [1114], serialize: String, parse: (text: string) => text.replace(' ', 'T') },
  timestamptz: {
    to: 1184,
    from: [1184],
    serialize: String,
    parse: (text: string) => text.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00'),
  },
};

/** The package prints every refused statement with its stack; here a refusal is an answer like any other. */
function silenceRefusals(): () => void {
  const { console } = globalThis;
  const original = console.error;
  console.error = (...values: unknown[]) => {
    if (!values.some((value) => value instanceof postgres.PostgresError)) original(...values);
  };
  return () => {
    console.error = original;
  };
}

async function withInternalToken(request: Request, tokens: SessionTokens): Promise<Request> {
  const [, token] = request.headers.get('authorization')?.match(/^Bearer\s+(.+)$/i) ?? [];
  if (token === undefined || token.split('.').length !== 3) return request;
  const headers = new Headers(request.headers);
  headers.set('authorization', `Bearer ${await tokens.toInternal(token) ?? 'x.x.x'}`);
  return new Request(request.url, { method: request.method, headers, body: request.body });
}

/** What a trigger raised by name leaves the package as its own failure; PostgREST's answer says it as the trigger did. */
async function withRaisedName(response: Response): Promise<Response> {
  if (response.status !== 500) return response;
  const text = await response.text();
  const [, message] = text.match(/"PostgresError: ([A-Z][A-Z_]+)"/) ?? [];
  if (message === undefined) return new Response(text, response);
  return Response.json({ code: 'P0001', details: null, hint: null, message }, { status: 400 });
}

async function withPublicToken(response: Response, tokens: SessionTokens): Promise<Response> {
  if (!response.headers.get('content-type')?.includes('application/json')) return response;
  const body = await response.json() as { access_token?: unknown } | null;
  if (typeof body?.access_token === 'string') body.access_token = await tokens.toPublic(body.access_token);
  const headers = new Headers(response.headers);
  headers.delete('content-length');
  return new Response(JSON.stringify(body), { status: response.status, headers });
}
