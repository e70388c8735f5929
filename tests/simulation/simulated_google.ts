import { GoogleEmulator } from '../../emulators/google/emulator.ts';
import { instanceById } from '../../emulators/google/instances.ts';
import type { FaultAction, FaultRule } from '../../emulators/google/faults.ts';
import { googleConfig } from '../../supabase/functions/_shared/providers/google/config.ts';
import { googleProvider } from '../../supabase/functions/_shared/providers/google/provider.ts';
import { emulatedProvider, NoticeBox, untilNew } from './emulated_provider.ts';
import type {
  Fault,
  NewEvent,
  PersonAtWork,
  SimulatedAccount,
  SimulatedProvider,
  Where,
} from './simulated_provider.ts';
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
  // A full reading: what an incremental one leaves out cannot be known.
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
  const notices = new NoticeBox();
  const emulator = new GoogleEmulator({
    clientId: CONFIG.clientId,
    clientSecret: CONFIG.clientSecret,
    redirectUris: [REDIRECT],
    now: clock.now,
    deliver: notices.deliver(),
  });
  const { direct, handleOf, asPerson, allPages, ...common } = emulatedProvider({
    emulator,
    clock,
    notices,
    redirectUri: REDIRECT,
    adapterOver: (fetch) => googleProvider(CONFIG, { now: clock.now, fetch }),
  });

  const eventsOf = (calendarId: string, chosen: (status: string) => boolean) =>
    [...emulator.session.scene.world.calendars.get(calendarId)?.events.values() ?? []]
      .filter(({ status }) => chosen(status))
      .map(({ id, body }) => ({ eventId: id, appointmentId: markedAppointment(body), meeting: meetingOf(body) }));

  return {
    ...common,
    name: 'google',
    accounts: [account('claire'), account('marc')],
    observe: ({ email }, calendarId) =>
      allPages(async (window, pageToken) => {
        const page = await direct.calendar.pullChanges(handleOf(email), {
          calendarId,
          window,
          cursor: null,
          pageToken,
        });
        return {
          events: page.events.filter(({ status }) => status !== 'cancelled'),
          next: 'pageToken' in page.next ? page.next.pageToken : null,
        };
      }),
    live: (calendarId) => eventsOf(calendarId, (status) => status !== 'cancelled'),
    deleted: (calendarId) => eventsOf(calendarId, (status) => status === 'cancelled'),
    lives(calendarId, eventId) {
      const calendar = emulator.session.scene.world.calendars.get(calendarId);
      const event = calendar ? instanceById(calendar, eventId) : null;
      return event !== null && event.status !== 'cancelled';
    },
    untoldSince: () => null,
    personOf: ({ email }) =>
      person((method, path, body, headers = {}) =>
        asPerson(email, method, `${ORIGIN}/calendar/v3/calendars/${path}`, headers, body)
      ),
    fault: (fault, times) =>
      void emulator.addFault({
        times,
        match: MATCHES[fault] ?? { pathRegex: '/calendar/v3' },
        action: ACTIONS[fault],
      }),
    expireCursors(calendarId) {
      const calendar = emulator.session.scene.world.calendars.get(calendarId);
      if (calendar) calendar.syncGeneration += 1;
    },
  };
}

function markedAppointment(body: Record<string, unknown>): string | null {
  const properties = body.extendedProperties as { private?: Record<string, string> } | undefined;
  return properties?.private?.cassiusAppointmentId ?? null;
}

function meetingOf({ hangoutLink, attendees }: Record<string, unknown>): string[] {
  const guests = (attendees ?? []) as ReadonlyArray<{ email: string }>;
  return [...hangoutLink === undefined ? [] : [String(hangoutLink)], ...guests.map(({ email }) => email)];
}

function person(
  call: (method: string, path: string, body?: unknown, headers?: HeadersInit) => Promise<Record<string, unknown>>,
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
    async describe(calendarId, eventId, line, where) {
      await untilNew(async () => {
        const { etag, description = '' } = await call('GET', at(calendarId, eventId).split('?')[0]!) as {
          etag: string;
          description?: string;
        };
        if (description.includes(line)) return;
        const written = { description: DESCRIBED[where](description, line) };
        await call('PATCH', at(calendarId, eventId), written, { 'if-match': etag });
      });
    },
    async meet(calendarId, eventId) {
      await call('PATCH', `${at(calendarId, eventId)}&conferenceDataVersion=1`, {
        attendees: [{ email: 'guest@elsewhere.test' }],
        conferenceData: { createRequest: { requestId: 'meet', conferenceSolutionKey: { type: 'hangoutsMeet' } } },
      });
      // The link is made while the page waits for it.
      await call('GET', at(calendarId, eventId).split('?')[0]!);
    },
    async remove(calendarId, eventId) {
      await call('DELETE', at(calendarId, eventId));
    },
    async move(calendarId, eventId, destination) {
      const to = `destination=${encodeURIComponent(destination)}&sendUpdates=none`;
      await call('POST', `${events(calendarId)}/${eventId}/move?${to}`);
    },
    async restore(calendarId, eventId) {
      await call('PATCH', at(calendarId, eventId), { status: 'confirmed' });
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
    async repeat(calendarId, eventId) {
      await call('PATCH', at(calendarId, eventId), { recurrence: ['RRULE:FREQ=DAILY;COUNT=3'] });
    },
  };
}

/** Google's pages write mark-up between lines that have none. */
const DESCRIBED: Readonly<Record<Where, (text: string, line: string) => string>> = {
  above: (text, line) => `<b>${line}</b><br><br>${text}`,
  within: (text, line) => text.includes('\n') ? text.replace('\n', () => `<br>${line}<br>`) : `${text}<br>${line}`,
  below: (text, line) => `${text}<br><br>${line}`,
};

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
