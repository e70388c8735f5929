/** The two functions of a made-up provider, with a database in memory: what a web page and a browser would see. */
import { edgeFunction } from '../../../supabase/functions/_shared/http/edge_function.ts';
import { providerContext } from '../../../supabase/functions/_shared/oauth/provider_context.ts';
import { connection } from '../../../supabase/functions/_shared/oauth/connection.ts';
import { callbackRoutes, connectRoutes } from '../../../supabase/functions/_shared/routes/connect.ts';
import { API, APP, CLAIRE, testWorld } from '../http/test_world.ts';
import { FakeConnections } from './fake_connections.ts';
import { FakeProvider } from './fake_provider.ts';

export interface Call {
  readonly as?: string;
  readonly organisation?: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  readonly method?: string;
}

export async function connectedWorld({ redirectUri = `${API}/demo-callback` } = {}) {
  const clock = { now: 0 };
  const database = new FakeConnections(() => clock.now);
  const world = await testWorld({ rpcs: database.rpcs });
  clock.now = world.clock.now;
  const provider = new FakeProvider();
  const define = (name: string, routes: typeof connectRoutes) =>
    edgeFunction({
      name,
      providerCodeField: 'demoCode',
      routes: (setup) => routes(connection(providerContext(setup, provider.asProvider()), redirectUri)),
    }, world);
  const connectFunction = define('demo-connect', connectRoutes);
  const callbackFunction = define('demo-callback', callbackRoutes);
  const bodies: string[] = [];

  async function call(path: string, { as = CLAIRE, organisation, body, headers = {}, method }: Call = {}) {
    const answer = await connectFunction(
      new Request(`${API}/demo-connect/${path}`, {
        method: method ?? (body === undefined ? 'GET' : 'POST'),
        headers: {
          authorization: await world.authorization(as),
          ...(organisation ? { 'x-organisation-id': organisation } : {}),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    );
    const text = await answer.text();
    bodies.push(text);
    return { status: answer.status, headers: answer.headers, body: JSON.parse(text) };
  }

  /** Presses the button; `browser` as a web page does, which has an origin and a cookie jar. */
  async function begin(
    { browser = true, redirectTo, ...caller }: Call & { browser?: boolean; redirectTo?: string } = {},
  ) {
    const { body, headers } = await call('connect', {
      ...caller,
      body: redirectTo === undefined ? {} : { redirectTo },
      headers: browser ? { origin: APP } : {},
    });
    const url = new URL(body.url);
    const cookie = headers.get('set-cookie')?.split(';')[0] ?? null;
    return { state: url.searchParams.get('state')!, challenge: url.searchParams.get('code_challenge')!, cookie };
  }

  /** The browser comes back from the provider. */
  async function comeBack(query: Record<string, string>, cookie: string | null = null) {
    const answer = await callbackFunction(
      new Request(`${API}/demo-callback?${new URLSearchParams(query)}`, { headers: cookie ? { cookie } : {} }),
    );
    const location = new URL(answer.headers.get('location') ?? 'about:blank');
    bodies.push(await answer.text(), answer.headers.get('location') ?? '');
    return {
      status: answer.status,
      page: location.origin + location.pathname,
      result: Object.fromEntries(location.searchParams),
      /** The part that no server, log or `Referer` is told. */
      secret: new URLSearchParams(location.hash.slice(1)).get('confirm'),
      setCookie: answer.headers.get('set-cookie'),
    };
  }

  async function connect(caller: Call = {}) {
    const { state, cookie } = await begin(caller);
    return await comeBack({ code: 'canary-code', state }, cookie);
  }

  return {
    world,
    database,
    provider,
    call,
    begin,
    comeBack,
    connect,
    /** Every body and address that left. */
    bodies,
    pass(milliseconds: number) {
      clock.now += milliseconds;
      world.clock.now += milliseconds;
    },
  };
}

export const SETTINGS = `${APP}/settings/integrations/demo-calendar`;
