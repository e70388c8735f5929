/** What the harnesses share: a person's own requests, and a person's consent, at an emulator in this process. */
import { createHash } from 'node:crypto';
import type { OAuthProvider } from '../../supabase/functions/_shared/providers/port/provider.ts';

interface Emulator {
  fetch(request: Request): Promise<Response>;
  userToken(email: string): string;
}

/** Requests as the person makes them at the provider's own calendar: the body of each answer, an error for a refusal. */
export function personAt(emulator: Emulator, api: string, email: string, always: Record<string, string> = {}) {
  return async (method: string, path: string, body?: unknown): Promise<Record<string, unknown>> => {
    const response = await emulator.fetch(
      new Request(`${api}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${emulator.userToken(email)}`,
          'content-type': 'application/json',
          ...always,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    );
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === '' ? {} : JSON.parse(text);
  };
}

/** The code that a consent brings; `scopes` are all that is left ticked. */
export async function consentTo(
  provider: Pick<OAuthProvider, 'oauth'>,
  emulator: Emulator,
  { email, redirectUri, scopes }: { email: string; redirectUri: string; scopes: string | null },
): Promise<{ code: string; redirectUri: string; codeVerifier: string }> {
  const codeVerifier = 'v'.repeat(64);
  const codeChallenge = createHash('sha256').update(codeVerifier).digest('base64url');
  const url = new URL(await provider.oauth.authorizationUrl({ redirectUri, state: 'state', codeChallenge }));
  url.searchParams.set('__approve', email);
  if (scopes !== null) url.searchParams.set('__scopes', scopes);
  const back = new URL((await emulator.fetch(new Request(url))).headers.get('location') ?? '');
  return { code: back.searchParams.get('code') ?? '', redirectUri, codeVerifier };
}

/** Letters and digits that are the same for the same seed only. */
export function hexOf(seed: string): string {
  return [...new TextEncoder().encode(seed)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
