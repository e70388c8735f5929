import { GoogleEmulator } from '../../local/google/emulator.ts';
import type { FaultAction, FaultRule } from '../../local/google/faults.ts';
import type {
  CalendarEvent,
  ConnectionHandle,
  NotificationRequest,
} from '../../supabase/functions/_shared/providers/calendar_provider.ts';
import { googleConfig } from '../../supabase/functions/_shared/providers/google/google_config.ts';
import { googleProvider } from '../../supabase/functions/_shared/providers/google/google_provider.ts';
import type { Fault, NewEvent, PersonAtWork, SimulatedAccount, SimulatedProvider } from './simulated_provider.ts';
import type { VirtualClock } from './virtual_clock.ts';

const ORIGIN = 'http://google.test';
const REDIRECT = 'http://127.0.0.1:54321/functions/v1/google-callback';
const ZONE = 'Europe/Paris';
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
const DAY = 86_400_000;
const HOUR = 3_600_000;

const ACTIONS: Readonly<Record<Fault, FaultAction>> = {
  lostAnswer: { loseAnswer: 'drop' },
  dropped: { drop: true },
  tooMany: { status: 429, retryAfter: 7 },
  rateLimited: { status: 403, reason: 'rateLimitExceeded' },
  serverError: { status: 503, reason: 'backendError' },
  htmlError: { html5xx: 502 },
  emptyPage: { emptyPage: true },
  shortRead: { cutList: 1 },
};

const MATCHES: Readonly<Partial<Record<Fault, NonNullable<FaultRule['match']>>>> = {
  emptyPage: { method: 'events.list' },
  // A full reading: what an incremental one leaves out, nobody could ever know.
  shortRead: { method: 'events.list', pathRegex: 'timeMin=' },
};

function account(name: string): SimulatedAccount {
  return {
    email: `${name}@gmail.test`,
    main: `${name}@gmail.test`,
    second: `${name}-cabinet@group.calendar.google.com`,
  };
}

/** Google's calendar in this process. */
export function simulatedGoogle(clock: VirtualClock): SimulatedProvider {
  let notices: NotificationRequest[] = [];
  const emulator = new GoogleEmulator({
    clientId: CONFIG.clientId,
    clientSecret: CONFIG.clientSecret,
    redirectUris: [REDIRECT],
    now: clock.now,
    deliver: async (input, init) => {
      const request = new Request(input, init);
      const { method, headers } = request;
      notices.push({ method, headers, url: new URL(request.url), body: await request.text() });
      return new Response();
    },
  });
  const direct = googleProvider(CONFIG, {
    now: clock.now,
    fetch: (input, init) => emulator.fetch(new Request(input, init)),
  });
  const tokens = new Map<string, { token: string; until: number }>();
  const tokenOf = (email: string) => {
    const known = tokens.get(email);
    if (known && known.until > clock.now()) return known.token;
    const token = emulator.userToken(email);
    tokens.set(email, { token, until: clock.now() + HOUR / 2 });
    return token;
  };
  const handleOf = (email: string): ConnectionHandle => (
    { accessToken: () => Promise.resolve(tokenOf(email)), renew: () => Promise.resolve(tokenOf(email)) }
  );

  return {
    name: 'google',
    accounts: [account('claire'), account('marc')],
    reset() {
      emulator.reset();
      tokens.clear();
      notices = [];
    },
    adapter({ gate, push }) {
      const provider = googleProvider(CONFIG, {
        now: clock.now,
        fetch: (input, init) => gate(() => emulator.fetch(new Request(input, init))),
      });
      if (push) return provider;
      const capabilities = { ...provider.capabilities(), push: { kind: 'none', maxLifetimeSeconds: 0 } as const };
      return { ...provider, capabilities: () => capabilities };
    },
    async consent({ email }) {
      const codeVerifier = 'v'.repeat(64);
      const codeChallenge = await s256(codeVerifier);
      const url = new URL(direct.authorizationUrl({ redirectUri: REDIRECT, state: 'state', codeChallenge }));
      url.searchParams.set('__approve', email);
      const back = new URL((await emulator.fetch(new Request(url))).headers.get('location') ?? '');
      const code = back.searchParams.get('code') ?? '';
      return await direct.completeAuthorization({ code, redirectUri: REDIRECT, codeVerifier });
    },
    async observe({ email }, calendarId) {
      const found: CalendarEvent[] = [];
      const window = {
        from: new Date(clock.now() - 100 * DAY).toISOString(),
        to: new Date(clock.now() + 500 * DAY).toISOString(),
      };
      let pageToken: string | null = null;
      do {
        const page = await direct.pullChanges(handleOf(email), { calendarId, window, cursor: null, pageToken });
        found.push(...page.events.filter(({ status }) => status !== 'cancelled'));
        pageToken = 'pageToken' in page.next ? page.next.pageToken : null;
      } while (pageToken !== null);
      return found;
    },
    live: (calendarId) =>
      [...emulator.session.scene.world.calendars.get(calendarId)?.events.values() ?? []]
        .filter(({ status }) => status !== 'cancelled')
        .map(({ id, body }) => ({ eventId: id, appointmentId: markedAppointment(body) })),
    personOf: ({ email }) => person((method, path, body) => asPerson(emulator, tokenOf(email), method, path, body)),
    fault: (fault, times) =>
      void emulator.addFault({
        times,
        match: MATCHES[fault] ?? { pathRegex: '/calendar/v3' },
        action: ACTIONS[fault],
      }),
    clearFaults: () => emulator.clearFaults(),
    expireAccessTokens: ({ email }) => emulator.session.grants.expireAccessTokens(email),
    expireCursors(calendarId) {
      const calendar = emulator.session.scene.world.calendars.get(calendarId);
      if (calendar) calendar.syncGeneration += 1;
    },
    wake: () => emulator.advance(0),
    takeNotices() {
      const taken = notices;
      notices = [];
      return taken;
    },
    mails: () => emulator.session.scene.mails,
    violations: () => emulator.session.violations.map(({ side, method, what }) => `${side} ${method}: ${what}`),
    stop: () => emulator.stop(),
  };
}

function markedAppointment(body: Record<string, unknown>): string | null {
  const properties = body.extendedProperties as { private?: Record<string, string> } | undefined;
  return properties?.private?.cassiusAppointmentId ?? null;
}

async function asPerson(
  emulator: GoogleEmulator,
  token: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<Record<string, unknown>> {
  const response = await emulator.fetch(
    new Request(`${ORIGIN}/calendar/v3/calendars/${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }),
  );
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return text === '' ? {} : JSON.parse(text);
}

function person(
  call: (method: string, path: string, body?: unknown) => Promise<Record<string, unknown>>,
): PersonAtWork {
  const events = (calendarId: string) => `${encodeURIComponent(calendarId)}/events`;
  const at = (calendarId: string, eventId: string) => `${events(calendarId)}/${eventId}?sendUpdates=none`;
  return {
    async add(calendarId, event) {
      const { id } = await call('POST', `${events(calendarId)}?sendUpdates=none`, resourceOf(event));
      return String(id);
    },
    async edit(calendarId, eventId, { title, location, time, day }) {
      await call('PATCH', at(calendarId, eventId), {
        ...(title === undefined ? {} : { summary: title }),
        ...(location === undefined ? {} : { location }),
        ...(time === undefined ? {} : {
          start: { dateTime: time.startsAt, timeZone: ZONE, date: null },
          end: { dateTime: time.endsAt, timeZone: ZONE, date: null },
        }),
        ...(day === undefined ? {} : wholeDay(day)),
      });
    },
    async remove(calendarId, eventId) {
      await call('DELETE', at(calendarId, eventId));
    },
    async copy(calendarId, eventId) {
      const { summary, location, start, end, extendedProperties } = await call(
        'GET',
        `${events(calendarId)}/${eventId}`,
      );
      const body = { summary, start, end, extendedProperties, ...(location === undefined ? {} : { location }) };
      const { id } = await call('POST', `${events(calendarId)}?sendUpdates=none`, body);
      return String(id);
    },
  };
}

function wholeDay(day: string) {
  const next = new Date(Date.parse(day) + DAY).toISOString().slice(0, 10);
  return { start: { date: day, dateTime: null }, end: { date: next, dateTime: null } };
}

function resourceOf({ title, location, time, shape }: NewEvent): Record<string, unknown> {
  const day = time.startsAt.slice(0, 10);
  const next = new Date(Date.parse(day) + DAY).toISOString().slice(0, 10);
  return {
    summary: title,
    location,
    ...(shape === 'allDay' ? { start: { date: day }, end: { date: next } } : {
      start: { dateTime: time.startsAt, timeZone: ZONE },
      end: { dateTime: time.endsAt, timeZone: ZONE },
    }),
    ...(shape === 'private' ? { visibility: 'private' } : {}),
    ...(shape === 'free' ? { transparency: 'transparent' } : {}),
    ...(shape === 'series' ? { recurrence: ['RRULE:FREQ=DAILY;COUNT=3'] } : {}),
  };
}

async function s256(verifier: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier));
  const base64 = btoa(String.fromCharCode(...new Uint8Array(digest)));
  return base64.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
