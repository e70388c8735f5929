/**
 * Asks the project's Auth server whose token this is. An answer is kept for a moment, so that a page that sends ten requests
 * asks once, and requests that come meanwhile share the question that is under way.
 */
import { z } from 'zod';
import { SyncError } from '../errors.ts';
import { type AskAuthServer, unauthenticated } from './access_token.ts';

export interface AuthServer {
  /** Address of the project, without a slash at its end. */
  readonly url: string;
  readonly apiKey: string;
  readonly fetch: typeof fetch;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

const TIMEOUT_MS = 5_000;
/** How long the token of a person who signed out, or was removed from the project, still passes. */
const KEPT_MS = 60_000;
const MAX_KEPT = 500;
/** What the Auth server answers about a token that it does not accept, or whose user or session is gone. */
const REFUSALS = new Set([400, 401, 403, 404]);
const user = z.looseObject({ id: z.guid() });

export function authServer(server: AuthServer): AskAuthServer {
  const kept = new Map<string, { readonly userId: string; readonly until: number }>();
  const underWay = new Map<string, Promise<string>>();

  async function answer(name: string, token: string): Promise<string> {
    try {
      const userId = await ask(server, token);
      if (kept.size >= MAX_KEPT) kept.delete(kept.keys().next().value!);
      kept.set(name, { userId, until: server.now() + KEPT_MS });
      return userId;
    } finally {
      underWay.delete(name);
    }
  }

  return async (token) => {
    const name = await hashOf(token);
    const known = kept.get(name);
    if (known !== undefined && server.now() < known.until) return known.userId;
    kept.delete(name);
    const asked = underWay.get(name) ?? answer(name, token);
    underWay.set(name, asked);
    return await asked;
  };
}

async function ask({ url, apiKey, fetch }: AuthServer, token: string): Promise<string> {
  let status: number;
  let body: unknown;
  try {
    const response = await fetch(`${url}/auth/v1/user`, {
      headers: { apikey: apiKey, authorization: `Bearer ${token}` },
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    status = response.status;
    if (status === 200) body = await response.json();
    else await response.body?.cancel();
  } catch (fault) {
    throw unavailable({ fault: fault instanceof Error ? fault.name : typeof fault });
  }
  if (REFUSALS.has(status)) throw unauthenticated('refused_by_auth_server', { authStatus: status });
  const found = user.safeParse(body);
  if (!found.success) throw unavailable({ authStatus: status });
  return found.data.id;
}

function unavailable(context: { readonly fault?: string; readonly authStatus?: number }): SyncError {
  return new SyncError('AUTH_UNAVAILABLE', 'Authenticate: the Auth server gave no usable answer', { context });
}

/** A token is kept by its hash: memory that is read by accident holds no token. */
async function hashOf(token: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token)));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
