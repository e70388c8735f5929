/** What both adapters' scripts share: a `fetch` that answers from a script, and the answers. */
import type { ConnectionHandle } from '../../../supabase/functions/_shared/providers/port/account.ts';
import type { ProviderRuntime } from '../../../supabase/functions/_shared/providers/port/provider.ts';

export const NOW = Date.parse('2026-11-21T08:00:00Z');

export interface SentRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  readonly body: string;
}

export type Step = Response | Error | ((request: SentRequest) => Response);

/**
 * Keeps what was sent, and refuses requests that the script does not foresee.
 *
 * @param beside answers requests that are no part of the script; null for all others
 */
export function script(
  steps: Step[],
  beside: (request: SentRequest) => Promise<Response | null> = () => Promise.resolve(null),
) {
  const sent: SentRequest[] = [];
  const runtime: ProviderRuntime = {
    now: () => NOW,
    fetch: async (input, init) => {
      const request = new Request(input, init);
      const body = await request.text();
      const seen = { method: request.method, url: new URL(request.url), headers: request.headers, body };
      const answer = await beside(seen);
      if (answer) return answer;
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
  return { runtime, handle, sent, tokens };
}

export function json(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return new Response(status === 204 ? null : JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json; charset=UTF-8', ...headers },
  });
}

export function html(status: number): Response {
  return new Response('<html><title>Sorry</title></html>', { status, headers: { 'content-type': 'text/html' } });
}

export function unsignedToken(claims: Record<string, unknown>): string {
  const encode = (value: unknown) =>
    btoa(JSON.stringify(value)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  return `${encode({ alg: 'RS256' })}.${encode(claims)}.signature`;
}
