import { googleConfig } from '../../../supabase/functions/_shared/providers/google/config.ts';
import { googleProvider } from '../../../supabase/functions/_shared/providers/google/provider.ts';
import { json, NOW, script, type Step, unsignedToken } from './scripted.ts';

export { html, json, NOW, type SentRequest } from './scripted.ts';

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

/** The adapter before a script. */
export function scripted(...steps: Step[]) {
  const { runtime, ...world } = script(steps);
  return { provider: googleProvider(CONFIG, runtime), ...world };
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

/** An identity token as Google makes them, unsigned. */
export function idToken(claims: Record<string, unknown> = {}): string {
  return unsignedToken({
    iss: 'https://accounts.google.com',
    aud: CONFIG.clientId,
    sub: '1234567890',
    email: 'claire@gmail.test',
    exp: NOW / 1000 + 3600,
    ...claims,
  });
}
