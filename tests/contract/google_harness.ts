import { GoogleEmulator } from '../../emulators/google/emulator.ts';
import type { FaultAction } from '../../emulators/google/faults.ts';
import type { Settings } from '../../emulators/google/settings.ts';
import { seedEvent } from '../../emulators/google/seeding.ts';
import type { Attendee, EventRef } from '../../supabase/functions/_shared/providers/port/calendar.ts';
import type { EventTime } from '../../supabase/functions/_shared/providers/port/content.ts';
import type { NotificationRequest } from '../../supabase/functions/_shared/providers/port/notices.ts';
import { googleConfig } from '../../supabase/functions/_shared/providers/google/config.ts';
import { googleProvider } from '../../supabase/functions/_shared/providers/google/provider.ts';
import type { Can, ProviderHarness, UserEvent } from './harness.ts';
import { consentTo, hexOf, personAt } from './in_process.ts';

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

const ZONE = 'Europe/Paris';
const RECEIVER = 'https://app.test/functions/v1/google-import/notifications';

let inbox: NotificationRequest[] = [];

// One for all tests, reset for each: making its signing key takes longer than a test.
const emulator = new GoogleEmulator({
  clientId: CONFIG.clientId,
  clientSecret: CONFIG.clientSecret,
  redirectUris: [REDIRECT],
  deliver: async (input, init) => {
    const request = new Request(input, init);
    const { method, headers } = request;
    inbox.push({ method, headers, url: new URL(request.url), body: await request.text() });
    return new Response();
  },
});

export const googleCan = (_: Partial<Settings>): Can => ({
  refuseOldVersions: true,
  spendIds: true,
  showMarkInChanges: true,
  tellLostOccurrences: true,
  revoke: true,
  renewWatches: false,
});

/** The Google adapter on a fresh emulator, in this process, with some of Google's undocumented ways switched. */
export function googleHarness(settings: Partial<Settings>): ProviderHarness {
  emulator.reset();
  inbox = [];
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

  const asUser = personAt(emulator, `${ORIGIN}/calendar/v3`, EMAIL);
  const eventsPath = (calendarId: string) => `/calendars/${encodeURIComponent(calendarId)}/events`;
  const eventPath = ({ calendarId, eventId }: EventRef) => `${eventsPath(calendarId)}/${eventId}`;
  async function insert(calendarId: string, event: Record<string, unknown>): Promise<EventRef> {
    const { id } = await asUser('POST', `${eventsPath(calendarId)}?sendUpdates=none`, event);
    return { calendarId, eventId: String(id) };
  }
  async function occurrences(series: EventRef): Promise<EventRef[]> {
    const found: EventRef[] = [];
    let query = '';
    do {
      const page = await asUser('GET', `${eventPath(series)}/instances${query}`);
      const items = page.items as Array<{ id: string }>;
      found.push(...items.map(({ id }) => ({ calendarId: series.calendarId, eventId: id })));
      query = page.nextPageToken === undefined ? '' : `?pageToken=${page.nextPageToken}`;
    } while (query !== '');
    return found;
  }

  return {
    provider,
    calendars: CALENDARS,
    quotaSeconds: 60,
    account: { subject: world.accounts.get(EMAIL)?.sub ?? '', email: EMAIL },

    consent: ({ untick = false } = {}) =>
      consentTo(provider, emulator, {
        email: EMAIL,
        redirectUri: REDIRECT,
        scopes: untick ? 'https://www.googleapis.com/auth/calendar.events' : null,
      }),

    eventId: (seed) => `e${hexOf(seed)}`.padEnd(5, '0'),
    loseAnswers: (times) => fault({ loseAnswer: 'drop' }, times),
    throttle: (seconds, times) => fault({ status: 403, reason: 'rateLimitExceeded', retryAfter: seconds }, times),
    breakDown: (times) => fault({ html5xx: 503 }, times),
    garble: (times) => fault({ malformed: true }, times),
    expireAccessTokens: () => emulator.session.grants.expireAccessTokens(EMAIL),
    revokeGrant: () => emulator.session.grants.revokeAccount(EMAIL),
    expireCursors(calendarId) {
      const calendar = world.calendars.get(calendarId);
      if (calendar) calendar.syncGeneration += 1;
    },
    shortenPages: () => emulator.configure({ pageSizeCap: 2, emptyMiddlePage: true }),
    advance: (ms) => emulator.advance(ms),
    requests: () => ({ ...asked }),

    receiver: RECEIVER,
    async received() {
      await emulator.session.channels.settled();
      return inbox;
    },
    refuseWatches(calendarId) {
      const calendar = world.calendars.get(calendarId);
      if (calendar) calendar.pushSupported = false;
    },

    user: {
      async edit(ref, { title, location, guests, time }) {
        await asUser('PATCH', `${eventPath(ref)}?sendUpdates=none`, {
          ...(title === undefined ? {} : { summary: title }),
          ...(location === undefined ? {} : { location }),
          ...(guests === undefined ? {} : { attendees: guests.map((email) => ({ email })) }),
          ...(time === undefined ? {} : timesOf(time)),
        });
      },
      add: (calendarId, event) => insert(calendarId, resourceOf(event)),
      async addWeekly(calendarId, event, count) {
        const recurrence = [`RRULE:FREQ=WEEKLY;COUNT=${count}`];
        return await occurrences(await insert(calendarId, { ...resourceOf(event), recurrence }));
      },
      async split(occurrence) {
        const { recurringEventId, summary, start, end } = await asUser('GET', eventPath(occurrence));
        const [startsAt, endsAt] = [start, end].map((side) => (side as { dateTime: string }).dateTime);
        const series = { ...occurrence, eventId: String(recurringEventId) };
        const all = await occurrences(series);
        const at = all.findIndex(({ eventId }) => eventId === occurrence.eventId);
        const { extendedProperties } = await asUser('GET', eventPath(series));
        const stamp = new Date(Date.parse(startsAt ?? '') - 1000).toISOString().replaceAll(/[-:]|\.\d+/g, '');
        const path = `${eventPath(series)}?sendUpdates=none`;
        await asUser('PATCH', path, { recurrence: [`RRULE:FREQ=WEEKLY;UNTIL=${stamp}`] });
        const recurrence = [`RRULE:FREQ=WEEKLY;COUNT=${all.length - at}`];
        const time: EventTime = { kind: 'timed', startsAt: startsAt ?? '', endsAt: endsAt ?? '', timeZone: ZONE };
        const next = resourceOf({ title: String(summary), time });
        await insert(occurrence.calendarId, { ...next, recurrence, extendedProperties });
      },
      accept(calendarId, event, response) {
        const host = { email: 'hote@exterieur.test', organizer: true, responseStatus: 'accepted' };
        const self = { email: calendarId, responseStatus: RESPONSES[response] };
        const fields = { ...resourceOf(event), organizer: { email: host.email }, attendees: [host, self] };
        const { id } = seedEvent(emulator.session.scene, { calendarId, event: fields }, emulator.now());
        return Promise.resolve({ calendarId, eventId: String(id) });
      },
      async meet(ref) {
        const conferenceData = {
          createRequest: { requestId: 'meet', conferenceSolutionKey: { type: 'hangoutsMeet' } },
        };
        await asUser('PATCH', `${eventPath(ref)}?sendUpdates=none&conferenceDataVersion=1`, { conferenceData });
        await asUser('GET', eventPath(ref));
      },
      async remove(ref) {
        await asUser('DELETE', `${eventPath(ref)}?sendUpdates=none`);
      },
      async copy(ref) {
        const { summary, extendedProperties } = await asUser('GET', eventPath(ref));
        const times = { start: { date: '2026-11-24' }, end: { date: '2026-11-25' } };
        await insert(ref.calendarId, { summary, extendedProperties, ...times });
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
    meetingOf: async (ref) => (await asUser('GET', eventPath(ref))).hangoutLink as string | undefined ?? null,
    mails: () => emulator.session.scene.mails,
    violations: () => emulator.session.violations.map(({ side, method, what }) => `${side} ${method}: ${what}`),
  };
}

const RESPONSES: Readonly<Record<Attendee['response'], string>> = {
  none: 'needsAction',
  accepted: 'accepted',
  tentative: 'tentative',
  declined: 'declined',
};

function resourceOf({ title, time, html }: UserEvent): Record<string, unknown> {
  return { summary: title, ...(html === undefined ? {} : { description: html }), ...timesOf(time) };
}

function timesOf(time: EventTime): Record<string, unknown> {
  if (time.kind === 'all_day') {
    return { start: { date: time.startDay, dateTime: null }, end: { date: time.endDay, dateTime: null } };
  }
  const { startsAt, endsAt, timeZone } = time;
  return {
    start: { dateTime: startsAt, timeZone, date: null },
    end: { dateTime: endsAt, timeZone, date: null },
  };
}
