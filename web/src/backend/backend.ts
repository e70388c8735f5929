/**
 * The Supabase project as this page uses it: the session, the tables, the functions. It is put together from the parts of
 * supabase-js, because the whole would bring storage, functions and Realtime to people who only open the settings.
 */
import { type AuthError, GoTrueClient } from '@supabase/auth-js';
import { PostgrestClient } from '@supabase/postgrest-js';
import type { Database } from '../../../supabase/functions/_shared/database.gen.ts';
import { dropDrafts } from '../parts/drafts.ts';
import type { BackendConfig } from './config.ts';
import { newTrace } from './trace.ts';

/** The tables, with the columns that the migrations give them. */
export type Tables = PostgrestClient<Database>;

export interface Backend {
  readonly config: BackendConfig;
  readonly auth: GoTrueClient;
  /** The tables, with the rights of who is signed in: row level security decides. */
  readonly db: Tables;
  /** Like `fetch`, as who is signed in. An answer of 401 renews the session once; a session that is over is forgotten. */
  readonly fetch: typeof fetch;
  /** The user's JWT; null when signed out. */
  token(): Promise<string | null>;
  /** Whether the last session ended without the user wanting it. */
  sessionEnded(): boolean;
  /** Its person leaves, in every tab; of what they typed nothing stays. */
  signOut(scope: 'local' | 'global'): Promise<AuthError | null>;
}

/** Milliseconds that a call waits for a new session; renewing itself goes on trying for longer. */
const PATIENCE = 3_000;

export function createBackend(config: BackendConfig): Backend {
  const { url, publishableKey: apikey } = config;
  // Nothing but the session is ever stored, and only by this client.
  const auth = new GoTrueClient({
    url: `${url}/auth/v1`,
    headers: { apikey },
    storageKey: 'cassius.session',
    persistSession: true,
    autoRefreshToken: true,
    detectSessionInUrl: false,
  });
  let ended = false;
  let renewing: Promise<boolean> | null = null;

  let leaving = false;
  /** Tells the other tabs, whose session ends too, that it is wanted. */
  const tabs = new BroadcastChannel('cassius.leaving');
  tabs.onmessage = ({ data }) => leaving = data === true;

  auth.onAuthStateChange((event) => {
    if (event === 'SIGNED_IN') ended = false;
    if (event !== 'SIGNED_OUT') return;
    ended = !leaving;
    if (leaving) dropDrafts();
    leaving = false;
  });

  async function signOut(scope: 'local' | 'global'): Promise<AuthError | null> {
    const tell = (wanted: boolean) => tabs.postMessage(leaving = wanted);
    tell(true);
    const { error } = await auth.signOut({ scope });
    if (error !== null) tell(false);
    return error;
  }

  const token = async () => (await auth.getSession()).data.session?.access_token ?? null;

  async function renew(): Promise<boolean> {
    const { data, error } = await auth.refreshSession();
    if (data.session !== null) return true;
    // A service that does not answer proves nothing about the session.
    if (error?.status === undefined || error.status >= 500) return false;
    ended = true;
    await auth.signOut({ scope: 'local' });
    return false;
  }

  async function authorised(input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> {
    const { traceparent } = newTrace();
    const send = async () => {
      const headers = new Headers(init.headers);
      if (!headers.has('traceparent')) headers.set('traceparent', traceparent);
      headers.set('apikey', apikey);
      const jwt = await token();
      if (jwt !== null) headers.set('authorization', `Bearer ${jwt}`);
      return await fetch(input, { ...init, headers });
    };
    const answer = await send();
    if (answer.status !== 401) return answer;
    renewing ??= renew().finally(() => renewing = null);
    const patience = new Promise<boolean>((resolve) => setTimeout(resolve, PATIENCE, false));
    return await Promise.race([renewing, patience]) ? await send() : answer;
  }

  const db = new PostgrestClient<Database>(`${url}/rest/v1`, { fetch: authorised as typeof fetch, retry: false });
  return { config, auth, db, fetch: authorised as typeof fetch, token, sessionEnded: () => ended, signOut };
}
