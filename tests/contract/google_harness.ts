import { GoogleEmulator } from '../../local/google/emulator.ts';
import type { FaultAction } from '../../local/google/faults.ts';
import type { Settings } from '../../local/google/settings.ts';
import type { EventRef } from '../../supabase/functions/_shared/providers/calendar_provider.ts';
import { googleConfig } from '../../supabase/functions/_shared/providers/google/google_config.ts';
import { googleProvider } from '../../supabase/functions/_shared/providers/google/google_provider.ts';
import type { ProviderHarness } from './harness.ts';

const ORIGIN = 'http://google.test';
const EMAIL = 'claire@gmail.test';
const REDIRECT = 'http://127.0.0.1:54321/functions/v1/google-callback';
const CALENDARS = {
  primary: EMAIL,
  secondary: 'claire-cabinet@group.calendar.google.com',
  readOnly: 'claire-equipe@group.calendar.google.com',
};
const CONFIG = googleConfig({
  GOOGLE_CLIENT_ID: 'cassius.apps.test',
  GOOGLE_CLIENT_SECRET: 'secret',
  GOOGLE_REDIRECT_URI: REDIRECT,
  GOOGLE_AUTH_URL: `${ORIGIN}/o/oauth2/v2/auth`,
  GOOGLE_TOKEN_URL: `${ORIGIN}/token`,
  GOOGLE_REVOKE_URL: `${ORIGIN}/revoke`,
  GOOGLE_CALENDAR_URL: `${ORIGIN}/calendar/v3`,
  GOOGLE_BATCH_URL: `${ORIGIN}/batch/calendar/v3`,
});

// One for all tests, reset for each: making its signing key takes longer than a test.
const emulator = new GoogleEmulator({
  clientId: CONFIG.clientId,
  clientSecret: CONFIG.clientSecret,
  redirectUris: [REDIRECT],
});

/** The Google adapter on a fresh emulator, in this process, with some of Google's undocumented ways switched. */
export function googleHarness(settings: Partial<Settings>): ProviderHarness {
  emulator.reset();
  emulator.configure(settings);
  const { world } = emulator.session.scene;
  const asked = { api: 0, token: 0 };
  const provider = googleProvider(CONFIG, {
    now: () => emulator.now(),
    fetch: (input, init) => {
      const request = new Request(input, init);
      asked[new URL(request.url).pathname === '/token' ? 'token' : 'api'] += 1;
      return emulator.fetch(request);
    },
  });
  const fault = (action: FaultAction, times = 1) => void emulator.addFault({ times, action });

  async function asUser(method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
    const response = await emulator.fetch(
      new Request(`${ORIGIN}/calendar/v3${path}`, {
        method,
        headers: { authorization: `Bearer ${emulator.userToken(EMAIL)}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    );
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === '' ? {} : JSON.parse(text);
  }
  const eventPath = ({ calendarId, eventId }: EventRef) =>
    `/calendars/${encodeURIComponent(calendarId)}/events/${eventId}`;

  return {
    provider,
    calendars: CALENDARS,
    account: { subject: world.accounts.get(EMAIL)?.sub ?? '', email: EMAIL },

    async consent({ untick = false } = {}) {
      const codeVerifier = 'v'.repeat(64);
      const codeChallenge = await s256(codeVerifier);
      const url = new URL(provider.authorizationUrl({ redirectUri: REDIRECT, state: 'state', codeChallenge }));
      url.searchParams.set('__approve', EMAIL);
      if (untick) url.searchParams.set('__scopes', 'https://www.googleapis.com/auth/calendar.events');
      const back = new URL((await emulator.fetch(new Request(url))).headers.get('location') ?? '');
      return { code: back.searchParams.get('code') ?? '', redirectUri: REDIRECT, codeVerifier };
    },

    eventId: (seed) => `e${hex(new TextEncoder().encode(seed))}`.padEnd(5, '0'),
    loseAnswers: (times) => fault({ loseAnswer: 'drop' }, times),
    throttle: (seconds, times) => fault({ status: 403, reason: 'rateLimitExceeded', retryAfter: seconds }, times),
    breakDown: (times) => fault({ html5xx: 503 }, times),
    garble: (times) => fault({ malformed: true }, times),
    expireAccessTokens: () => emulator.session.grants.expireAccessTokens(EMAIL),
    revokeGrant: () => emulator.session.grants.revokeAccount(EMAIL),
    advance: (ms) => emulator.advance(ms),
    requests: () => ({ ...asked }),

    user: {
      async edit(ref, { title, location, guests }) {
        await asUser('PATCH', `${eventPath(ref)}?sendUpdates=none`, {
          ...(title === undefined ? {} : { summary: title }),
          ...(location === undefined ? {} : { location }),
          ...(guests === undefined ? {} : { attendees: guests.map((email) => ({ email })) }),
        });
      },
      async remove(ref) {
        await asUser('DELETE', `${eventPath(ref)}?sendUpdates=none`);
      },
      async copy(ref) {
        const { summary, extendedProperties } = await asUser('GET', eventPath(ref));
        const path = eventPath({ ...ref, eventId: '' }).slice(0, -1);
        const times = { start: { date: '2026-11-24' }, end: { date: '2026-11-25' } };
        await asUser('POST', `${path}?sendUpdates=none`, { summary, extendedProperties, ...times });
      },
      async move(ref, calendarId) {
        await asUser('POST', `${eventPath(ref)}/move?sendUpdates=none&destination=${encodeURIComponent(calendarId)}`);
      },
      addCalendars(count) {
        for (let at = 0; at < count; at++) {
          const id = `plus-${at}@group.calendar.google.com`;
          world.addCalendar({ id, summary: `Plus ${at}`, owner: EMAIL, access: { [EMAIL]: 'owner' } }, emulator.now());
        }
      },
      removeCalendar(calendarId) {
        const calendar = world.calendars.get(calendarId);
        if (calendar) world.deleteCalendar(calendar, emulator.now());
      },
      makeReadOnly(calendarId) {
        const calendar = world.calendars.get(calendarId);
        if (calendar) world.changeAccess(calendar, EMAIL, 'reader');
      },
    },

    liveEvents: (calendarId) =>
      [...world.calendars.get(calendarId)?.events.values() ?? []]
        .filter(({ status }) => status !== 'cancelled')
        .map(({ id }) => id),
    mails: () => emulator.session.scene.mails,
    violations: () => emulator.session.violations.map(({ side, method, what }) => `${side} ${method}: ${what}`),
  };
}

async function s256(verifier: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier));
  const base64 = btoa(String.fromCharCode(...new Uint8Array(digest)));
  return base64.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
