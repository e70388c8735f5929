/** How the conformance tests talk to an emulator: as an app over HTTP semantics, in process. */
import { createHash } from 'node:crypto';

export const START = Date.parse('2026-11-21T08:00:00Z');

// deno-lint-ignore no-explicit-any
export type Json = any;

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed body; null if empty or no JSON. */
  readonly body: Json;
}

export interface Tokens {
  readonly access_token: string;
  readonly refresh_token?: string;
  readonly expires_in: number;
  readonly scope: string;
  readonly id_token?: string;
}

export type Changes = Record<string, string | null>;

/** An emulator, whichever. */
export interface Core {
  fetch(request: Request): Promise<Response>;
}

/** At 2026-11-21T08:00Z; its clock moves only by `advance`. */
export function optionsOf(redirectUri: string, deliver: typeof fetch | undefined) {
  return {
    clientId: 'client-1',
    clientSecret: 'secret-1',
    redirectUris: [redirectUri],
    now: () => START,
    ...(deliver ? { deliver } : {}),
  };
}

/** @param address a path of the emulator's, or a whole link */
export async function send(core: Core, address: string, init: RequestInit = {}): Promise<Reply> {
  const url = address.startsWith('https://') ? address : `https://emulator.test${address}`;
  const response = await core.fetch(new Request(url, { redirect: 'manual', ...init }));
  const text = await response.text();
  let body: Json = null;
  try {
    body = text === '' ? null : JSON.parse(text);
  } catch {
    // HTML and multipart answers are read as text.
  }
  return { status: response.status, headers: response.headers, text, body };
}

/** Parameters of a query or a form; those that are null are left out. */
export function parametersOf(parameters: Changes): URLSearchParams {
  return new URLSearchParams(
    Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== null),
  );
}

/** The redirect back to the app after consent. */
export async function authorizeAt(core: Core, path: string, query: URLSearchParams): Promise<URL> {
  const reply = await send(core, `${path}?${query}`);
  if (reply.status !== 302) throw new Error(`Could not get consent: HTTP ${reply.status} ${reply.text}`);
  return new URL(reply.headers.get('location') ?? '');
}

export function postForm(core: Core, path: string, changes: Changes, headers: Record<string, string> = {}) {
  const form = parametersOf({ client_id: 'client-1', client_secret: 'secret-1', ...changes });
  return send(core, path, { method: 'POST', body: form, headers });
}

/** The tokens for the code of a redirect. */
export async function tokensOf(back: URL, exchange: (code: string) => Promise<Reply>): Promise<Tokens> {
  const reply = await exchange(back.searchParams.get('code') ?? '');
  if (reply.status !== 200) throw new Error(`Could not exchange the code: ${reply.text}`);
  return reply.body;
}

export interface Api {
  (verb: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>;
  readonly token: string;
}

/** Calls below `root`, or of a whole link. */
export function apiBelow(core: Core, root: string, token: string, always: Record<string, string> = {}): Api {
  const call = (verb: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
    send(core, path.startsWith('https://') ? path : `${root}${path}`, {
      method: verb,
      headers: {
        authorization: `Bearer ${token}`,
        ...always,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  return Object.assign(call, { token });
}

export async function control(core: Core, route: string, body?: unknown): Promise<Json> {
  const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
  const reply = await send(core, `/__emulator/${route}`, init);
  if (reply.status !== 200) throw new Error(`Could not steer the emulator: ${reply.text}`);
  return reply.body;
}

/** The challenge of a verifier (RFC 7636). */
export const s256 = (verifier: string): string => createHash('sha256').update(verifier).digest('base64url');
