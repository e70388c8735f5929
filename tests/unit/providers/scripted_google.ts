import type {
  ConnectionHandle,
  ProviderRuntime,
} from '../../../supabase/functions/_shared/providers/calendar_provider.ts';
import { googleConfig } from '../../../supabase/functions/_shared/providers/google/config.ts';
import { googleProvider } from '../../../supabase/functions/_shared/providers/google/provider.ts';

export const CONFIG = googleConfig({
  GOOGLE_CLIENT_ID: 'client.test',
  GOOGLE_CLIENT_SECRET: 'client-secret',
  GOOGLE_REDIRECT_URI: 'http://127.0.0.1:54321/functions/v1/google-callback',
  GOOGLE_AUTH_URL: 'http://google.test/o/oauth2/v2/auth',
  GOOGLE_TOKEN_URL: 'http://google.test/token',
  GOOGLE_REVOKE_URL: 'http://google.test/revoke',
  GOOGLE_CALENDAR_URL: 'http://google.test/calendar/v3',
  GOOGLE_BATCH_URL: 'http://google.test/batch/calendar/v3',
});

export const NOW = Date.parse('2026-11-21T08:00:00Z');

export interface SentRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  readonly body: string;
}

type Step = Response | Error | ((request: SentRequest) => Response);

/**
 * A provider whose `fetch` answers from a script and keeps what was sent. It refuses requests that the script does not
 * foresee.
 */
export function scripted(...steps: Step[]) {
  const sent: SentRequest[] = [];
  const runtime: ProviderRuntime = {
    now: () => NOW,
    fetch: async (input, init) => {
      const request = new Request(input, init);
      const body = await request.text();
      const seen = { method: request.method, url: new URL(request.url), headers: request.headers, body };
      sent.push(seen);
      const step = steps.shift();
      if (!step) throw new Error(`Unforeseen request: ${seen.method} ${seen.url}`);
      if (step instanceof Error) throw step;
      return typeof step === 'function' ? step(seen) : step;
    },
  };
  const tokens = { current: 'token-1', renewed: 0 };
  const handle: ConnectionHandle = {
    accessToken: () => Promise.resolve(tokens.current),
    renew: () => {
      tokens.renewed += 1;
      tokens.current = `token-${tokens.renewed + 1}`;
      return Promise.resolve(tokens.current);
    },
  };
  return { provider: googleProvider(CONFIG, runtime), handle, sent, tokens };
}

export function json(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return new Response(status === 204 ? null : JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json; charset=UTF-8', ...headers },
  });
}

export function refusal(
  status: number,
  reason: string,
  message = reason,
  headers: Record<string, string> = {},
): Response {
  return json(status, refusalBody(status, reason, message), headers);
}

export function refusalBody(status: number, reason: string, message = reason) {
  return { error: { errors: [{ domain: 'global', reason, message }], code: status, message } };
}

export function html(status: number): Response {
  return new Response('<html><title>Sorry</title></html>', { status, headers: { 'content-type': 'text/html' } });
}

/** An identity token as Google makes them, unsigned. */
export function idToken(claims: Record<string, unknown> = {}): string {
  const body = {
    iss: 'https://accounts.google.com',
    aud: CONFIG.clientId,
    sub: '1234567890',
    email: 'claire@gmail.test',
    exp: NOW / 1000 + 3600,
    ...claims,
  };
  const encode = (value: unknown) =>
    btoa(JSON.stringify(value)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  return `${encode({ alg: 'RS256' })}.${encode(body)}.signature`;
}
