import { MicrosoftEmulator } from '../../local/microsoft/emulator.ts';
import type { FaultAction, FaultRule } from '../../local/microsoft/fault_actions.ts';
import type { StoredEvent } from '../../local/microsoft/world.ts';
import type {
  CalendarEvent,
  ConnectionHandle,
  NotificationRequest,
} from '../../supabase/functions/_shared/providers/calendar_provider.ts';
import { microsoftConfig } from '../../supabase/functions/_shared/providers/microsoft/microsoft_config.ts';
import { microsoftProvider } from '../../supabase/functions/_shared/providers/microsoft/microsoft_provider.ts';
import type { Fault, NewEvent, PersonAtWork, SimulatedAccount, SimulatedProvider } from './simulated_provider.ts';
import type { VirtualClock } from './virtual_clock.ts';

const ORIGIN = 'http://microsoft.test';
const GRAPH = `${ORIGIN}/v1.0`;
const REDIRECT = 'http://127.0.0.1:54321/functions/v1/microsoft-callback';
const ZONE = 'Europe/Paris';
const CONFIG = microsoftConfig({
  MICROSOFT_CLIENT_ID: '5b7d3c1e-0000-4000-8000-00000000ca55',
  MICROSOFT_CLIENT_SECRET: 'secret',
  MICROSOFT_REDIRECT_URI: REDIRECT,
  MICROSOFT_AUTHORITY_URL: ORIGIN,
  MICROSOFT_GRAPH_URL: GRAPH,
});
const DAY = 86_400_000;
const HOUR = 3_600_000;
const TAGS = ['CassiusMark', 'CassiusAppointment', 'CassiusKey'].map((name) =>
  `String {7d9c2a4e-6b1f-4c58-9e3a-2f5d8b7a1c60} Name ${name}`
);

const ACTIONS: Readonly<Record<Fault, FaultAction>> = {
  lostAnswer: { loseAnswer: 'drop' },
  dropped: { drop: true },
  tooMany: { status: 429, reason: 'ApplicationThrottled', retryAfter: 7 },
  rateLimited: { status: 429, reason: 'ApplicationThrottled' },
  serverError: { status: 503, reason: 'serviceNotAvailable' },
  htmlError: { html5xx: 502 },
  emptyPage: { emptyPage: true },
  shortRead: { cutList: 1 },
};

const MATCHES: Readonly<Partial<Record<Fault, NonNullable<FaultRule['match']>>>> = {
  emptyPage: { method: 'events.delta' },
  // A full reading: what an incremental one leaves out, nobody could ever know.
  shortRead: { method: 'events.delta', pathRegex: 'startDateTime=' },
};

function account(name: string): SimulatedAccount {
  const id = (kind: string) => `AAMkAGViNDU7-${name}-${kind}_AAAAAAGtlAAA=`;
  return { email: `${name}@outlook.test`, main: id('Calendar'), second: id('cabinet') };
}

/** Outlook's calendar in this process. */
export function simulatedMicrosoft(clock: VirtualClock): SimulatedProvider {
  let notices: NotificationRequest[] = [];
  const emulator = new MicrosoftEmulator({
    clientId: CONFIG.clientId,
    clientSecret: CONFIG.clientSecret,
    redirectUris: [REDIRECT],
    now: clock.now,
    deliver: async (input, init) => {
      const request = new Request(input, init);
      const { method, headers } = request;
      const notice = { method, headers, url: new URL(request.url), body: await request.text() };
      const parsed = direct.parseNotification(notice);
      if (parsed.kind === 'handshake') return new Response(parsed.reply, { headers: { 'content-type': 'text/plain' } });
      notices.push(notice);
      return new Response(null, { status: 202 });
    },
  });
  const direct = microsoftProvider(CONFIG, {
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
    name: 'microsoft',
    accounts: [account('claire'), account('marc')],
    reset() {
      emulator.reset();
      tokens.clear();
      notices = [];
    },
    adapter({ gate, push }) {
      const provider = microsoftProvider(CONFIG, {
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
    // Not the changes, as they come without our mark.
    async observe({ email }, calendarId) {
      const found: CalendarEvent[] = [];
      const window = {
        from: new Date(clock.now() - 100 * DAY).toISOString(),
        to: new Date(clock.now() + 500 * DAY).toISOString(),
      };
      let pageToken: string | null = null;
      do {
        const request = { calendarId, window, pageToken, pageSize: 250 };
        const page: { events: CalendarEvent[]; nextPageToken: string | null } = await direct.listEvents(
          handleOf(email),
          request,
        );
        found.push(...page.events);
        pageToken = page.nextPageToken;
      } while (pageToken !== null);
      return found;
    },
    live(calendarId) {
      const { world } = emulator.session.scene;
      const calendar = world.calendars.get(calendarId);
      return (calendar ? world.eventsOf(calendar) : [])
        .filter(({ deleted }) => !deleted)
        .map((event) => ({ eventId: event.immutableId, appointmentId: markedAppointment(event) }));
    },
    personOf: ({ email }) => person((method, path, body) => asPerson(emulator, tokenOf(email), method, path, body)),
    fault: (fault, times) =>
      void emulator.addFault({ times, match: MATCHES[fault] ?? { pathRegex: '/v1.0/' }, action: ACTIONS[fault] }),
    clearFaults: () => emulator.clearFaults(),
    expireAccessTokens: ({ email }) => emulator.session.grants.expireAccessTokens(email),
    expireCursors(calendarId) {
      const calendar = emulator.session.scene.world.calendars.get(calendarId);
      if (calendar) calendar.generation += 1;
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

function markedAppointment({ tags }: StoredEvent): string | null {
  return [...tags.values()].find(({ id }) => id === TAGS[1])?.value ?? null;
}

async function asPerson(
  emulator: MicrosoftEmulator,
  token: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<Record<string, unknown>> {
  const response = await emulator.fetch(
    new Request(`${GRAPH}/me/${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        prefer: 'IdType="ImmutableId", outlook.timezone="UTC"',
      },
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
  const events = (calendarId: string) => `calendars/${encodeURIComponent(calendarId)}/events`;
  const at = (eventId: string) => `events/${encodeURIComponent(eventId)}`;
  return {
    async add(calendarId, event) {
      const { id } = await call('POST', events(calendarId), resourceOf(event));
      return String(id);
    },
    async edit(_calendarId, eventId, { title, location, time, day }) {
      await call('PATCH', at(eventId), {
        ...(title === undefined ? {} : { subject: title }),
        ...(location === undefined ? {} : { location: { displayName: location } }),
        ...(time === undefined ? {} : hours(time)),
        ...(day === undefined ? {} : wholeDay(day)),
      });
    },
    async remove(_calendarId, eventId) {
      await call('DELETE', at(eventId));
    },
    async copy(calendarId, eventId) {
      const filter = TAGS.map((id) => `id eq '${id}'`).join(' or ');
      const expand = encodeURIComponent(`singleValueExtendedProperties($filter=${filter})`);
      const { subject, location, isAllDay, start, end, singleValueExtendedProperties } = await call(
        'GET',
        `${at(eventId)}?$expand=${expand}`,
      );
      const { displayName = '' } = (location ?? {}) as { displayName?: string };
      const body = { subject, location: { displayName }, isAllDay, start, end, singleValueExtendedProperties };
      const { id } = await call('POST', events(calendarId), body);
      return String(id);
    },
  };
}

/** `2026-11-21T10:00:00`: what a clock on the wall shows. */
function wallClock(instant: string) {
  return { dateTime: new Date(instant).toLocaleString('sv-SE', { timeZone: ZONE }).replace(' ', 'T'), timeZone: ZONE };
}

function hours({ startsAt, endsAt }: NewEvent['time']) {
  return { isAllDay: false, start: wallClock(startsAt), end: wallClock(endsAt) };
}

function wholeDay(day: string) {
  const midnight = (date: string) => ({ dateTime: `${date}T00:00:00`, timeZone: ZONE });
  const next = new Date(Date.parse(day) + DAY).toISOString().slice(0, 10);
  return { isAllDay: true, start: midnight(day), end: midnight(next) };
}

function resourceOf({ title, location, time, shape }: NewEvent): Record<string, unknown> {
  return {
    subject: title,
    location: { displayName: location },
    ...(shape === 'allDay' ? wholeDay(time.startsAt.slice(0, 10)) : hours(time)),
    ...(shape === 'private' ? { sensitivity: 'private' } : {}),
    ...(shape === 'free' ? { showAs: 'free' } : {}),
    ...(shape === 'series' ? { recurrence: threeDays(time.startsAt) } : {}),
  };
}

function threeDays(startsAt: string) {
  const startDate = wallClock(startsAt).dateTime.slice(0, 10);
  return {
    pattern: { type: 'daily', interval: 1 },
    range: { type: 'numbered', startDate, numberOfOccurrences: 3, recurrenceTimeZone: ZONE },
  };
}

async function s256(verifier: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier));
  const base64 = btoa(String.fromCharCode(...new Uint8Array(digest)));
  return base64.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
