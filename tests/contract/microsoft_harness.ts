import { MicrosoftEmulator } from '../../emulators/microsoft/emulator.ts';
import type { FaultAction } from '../../emulators/microsoft/fault_actions.ts';
import { seedEvent } from '../../emulators/microsoft/seeding.ts';
import type { Settings } from '../../emulators/microsoft/settings.ts';
import type { Attendee, EventRef } from '../../supabase/functions/_shared/providers/port/calendar.ts';
import type { EventTime } from '../../supabase/functions/_shared/providers/port/content.ts';
import type { NotificationRequest } from '../../supabase/functions/_shared/providers/port/notices.ts';
import { microsoftConfig } from '../../supabase/functions/_shared/providers/microsoft/config.ts';
import { microsoftProvider } from '../../supabase/functions/_shared/providers/microsoft/provider.ts';
import type { Can, ProviderHarness, UserEvent } from './harness.ts';
import { consentTo, hexOf, personAt } from './in_process.ts';

const ORIGIN = 'http://microsoft.test';
const GRAPH = `${ORIGIN}/v1.0`;
const EMAIL = 'claire@outlook.test';
const REDIRECT = 'http://127.0.0.1:54321/functions/v1/microsoft-callback';
const CALENDARS = {
  primary: 'AAMkAGViNDU7-claire-Calendar_AAAAAAGtlAAA=',
  secondary: 'AAMkAGViNDU7-claire-cabinet_AAAAAAGtlAAA=',
  readOnly: 'AAMkAGViNDU7-claire-equipe_AAAAAAGtlAAA=',
};
const CONFIG = microsoftConfig({
  MICROSOFT_CLIENT_ID: 'cassius.microsoft.test',
  MICROSOFT_CLIENT_SECRET: 'secret',
  MICROSOFT_REDIRECT_URI: REDIRECT,
  MICROSOFT_AUTHORITY_URL: ORIGIN,
  MICROSOFT_GRAPH_URL: GRAPH,
});
const RECEIVER = 'https://app.test/functions/v1/microsoft-import/notifications';
const TAGS = ['CassiusMark', 'CassiusKey'].map((name) => `String {7d9c2a4e-6b1f-4c58-9e3a-2f5d8b7a1c60} Name ${name}`);
/** The requests of one mailbox that the limits promise to keep to, in the ten minutes that Microsoft counts. */
const QUOTA = 1000;
const QUOTA_SECONDS = 600;

let inbox: NotificationRequest[] = [];
let answerNotification: (request: NotificationRequest) => Response = () => new Response();

// One for all tests, reset for each: making its signing key takes longer than a test.
const emulator = new MicrosoftEmulator({
  clientId: CONFIG.clientId,
  clientSecret: CONFIG.clientSecret,
  redirectUris: [REDIRECT],
  deliver: async (input, init) => {
    const request = new Request(input, init);
    const { method, headers } = request;
    const arrived = { method, headers, url: new URL(request.url), body: await request.text() };
    inbox.push(arrived);
    return answerNotification(arrived);
  },
});

export const microsoftCan = ({ ifMatchOnPatch = true, transactionFreedByDelete = false }: Partial<Settings>): Can => ({
  refuseOldVersions: ifMatchOnPatch,
  spendIds: !transactionFreedByDelete,
  showMarkInChanges: false,
  // Changes come for a fixed window; occurrences that a series lost are not among them.
  tellLostOccurrences: false,
  // People withdraw their consent in their account's own pages.
  revoke: false,
  renewWatches: true,
});

/** The Microsoft adapter on a fresh emulator, in this process, with some of Microsoft's undocumented ways switched. */
export function microsoftHarness(settings: Partial<Settings>): ProviderHarness {
  emulator.reset();
  inbox = [];
  emulator.configure({ requestsPerTenMinutes: QUOTA, ...settings });
  const { scene } = emulator.session;
  const { world } = scene;
  const account = world.accounts.get(EMAIL);
  const asked = { api: 0, token: 0 };
  const provider = microsoftProvider(CONFIG, {
    now: () => emulator.now(),
    fetch: (input, init) => {
      const request = new Request(input, init);
      asked[new URL(request.url).pathname.endsWith('/token') ? 'token' : 'api'] += 1;
      return emulator.fetch(request);
    },
  });
  // As the product answers: the handshake by its token, everything else by "received".
  answerNotification = (request) => {
    const parsed = provider.notices!.parseNotification(request);
    if (parsed.kind !== 'handshake') return new Response(null, { status: 202 });
    return new Response(parsed.reply, { headers: { 'content-type': 'text/plain' } });
  };
  const fault = (action: FaultAction, times = 1) => void emulator.addFault({ times, action });

  const asUser = personAt(emulator, GRAPH, EMAIL, {
    prefer: 'IdType="ImmutableId", outlook.timezone="UTC"',
  });
  const eventPath = (eventId: string) => `/me/events/${encodeURIComponent(eventId)}`;
  async function insert(calendarId: string, event: Record<string, unknown>): Promise<EventRef> {
    const { id } = await asUser('POST', `/me/calendars/${encodeURIComponent(calendarId)}/events`, event);
    return { calendarId, eventId: String(id) };
  }
  async function occurrences({ calendarId, eventId }: EventRef): Promise<EventRef[]> {
    const window = 'startDateTime=2026-01-01T00:00:00Z&endDateTime=2028-01-01T00:00:00Z&$top=100';
    const { value } = await asUser('GET', `${eventPath(eventId)}/instances?${window}`);
    return (value as Array<{ id: string }>).map(({ id }) => ({ calendarId, eventId: id }));
  }
  const withCalendar = (calendarId: string, change: (calendar: object) => void) => {
    const calendar = world.calendars.get(calendarId);
    if (calendar) change(calendar);
  };
  const touch = (eventId: string, attendees: unknown) => {
    const event = world.event(eventId);
    if (!event) throw new Error(`There is no event ${eventId}`);
    // Not by a request: Outlook would mail the guests in the user's name, and only our own mails are of interest.
    event.body = { ...event.body, attendees };
    world.put(event, emulator.now());
  };

  return {
    provider,
    calendars: CALENDARS,
    account: { subject: `${account?.tenantId}:${account?.objectId}`, email: EMAIL },
    quotaSeconds: QUOTA_SECONDS,

    consent: ({ untick = false } = {}) =>
      consentTo(provider, emulator, {
        email: EMAIL,
        redirectUri: REDIRECT,
        scopes: untick ? 'openid profile email offline_access' : null,
      }),

    eventId: (seed) => `cs${hexOf(seed)}`,
    loseAnswers: (times) => fault({ loseAnswer: 'drop' }, times),
    throttle: (seconds, times) => fault({ status: 429, retryAfter: seconds }, times),
    breakDown: (times) => fault({ html5xx: 503 }, times),
    garble: (times) => fault({ malformed: true }, times),
    expireAccessTokens: () => emulator.session.grants.expireAccessTokens(EMAIL),
    revokeGrant: () => emulator.revoke(EMAIL),
    expireCursors: (calendarId) =>
      withCalendar(calendarId, (calendar) => (calendar as { generation: number }).generation++),
    shortenPages: () => emulator.configure({ pageSizeCap: 2, emptyMiddlePage: true }),
    advance: (ms) => emulator.advance(ms),
    requests: () => ({ ...asked }),

    receiver: RECEIVER,
    async received() {
      await emulator.session.subscriptions.settled();
      return inbox;
    },
    refuseWatches: (calendarId) =>
      withCalendar(
        calendarId,
        (calendar) => Object.assign(calendar, { owner: { name: 'Équipe', address: 'equipe@outlook.test' } }),
      ),

    user: {
      async edit({ eventId }, { title, location, guests, time }) {
        if (guests) touch(eventId, guests.map((address) => ({ emailAddress: { address }, type: 'required' })));
        if (title === undefined && location === undefined && time === undefined) return;
        await asUser('PATCH', eventPath(eventId), {
          ...(title === undefined ? {} : { subject: title }),
          ...(location === undefined ? {} : { location: { displayName: location } }),
          ...(time === undefined ? {} : timesOf(time)),
        });
      },
      add: (calendarId, event) => insert(calendarId, resourceOf(event)),
      async addWeekly(calendarId, event, count) {
        return await occurrences(await insert(calendarId, { ...resourceOf(event), recurrence: weekly(event, count) }));
      },
      async split({ calendarId, eventId }) {
        const { seriesMasterId, subject, start, end } = await asUser('GET', eventPath(eventId));
        const series = { calendarId, eventId: String(seriesMasterId) };
        const all = await occurrences(series);
        const at = all.findIndex((one) => one.eventId === eventId);
        const { recurrence } = await asUser('GET', eventPath(series.eventId)) as { recurrence: { range: object } };
        const range = { ...recurrence.range, type: 'numbered', numberOfOccurrences: at };
        await asUser('PATCH', eventPath(series.eventId), { recurrence: { ...recurrence, range } });
        const [startsAt = '', endsAt = ''] = [start, end].map((side) => `${(side as { dateTime: string }).dateTime}Z`);
        const next = { title: String(subject), time: { kind: 'timed', startsAt, endsAt, timeZone: 'UTC' } as const };
        await insert(calendarId, { ...resourceOf(next), recurrence: weekly(next, all.length - at) });
      },
      accept(calendarId, event, response) {
        const host = { name: 'Hôte', address: 'hote@exterieur.test' };
        const own = { emailAddress: { address: EMAIL }, type: 'required', status: { response: RESPONSES[response] } };
        const fields = {
          ...resourceOf(event),
          organizer: { emailAddress: host },
          attendees: [own],
          responseStatus: { response: RESPONSES[response] },
        };
        const { id } = seedEvent(scene, { calendarId, event: fields }, emulator.now());
        return Promise.resolve({ calendarId, eventId: String(id) });
      },
      async meet({ eventId }) {
        await asUser('PATCH', eventPath(eventId), { isOnlineMeeting: true, onlineMeetingProvider: 'teamsForBusiness' });
      },
      async remove({ eventId }) {
        await asUser('DELETE', eventPath(eventId));
      },
      async copy({ calendarId, eventId }) {
        const filter = TAGS.map((id) => `id eq '${id}'`).join(' or ');
        const expand = encodeURIComponent(`singleValueExtendedProperties($filter=${filter})`);
        const { subject, singleValueExtendedProperties } = await asUser(
          'GET',
          `${eventPath(eventId)}?$expand=${expand}`,
        );
        const day: UserEvent = {
          title: String(subject),
          time: { kind: 'all_day', startDay: '2026-11-24', endDay: '2026-11-25' },
        };
        await insert(calendarId, { ...resourceOf(day), singleValueExtendedProperties });
      },
      move({ eventId }, calendarId) {
        seedEvent(scene, { eventId, moveTo: calendarId }, emulator.now());
        return Promise.resolve();
      },
      addCalendars(count) {
        for (let at = 0; at < count; at++) {
          world.addCalendar({ id: `AAMkPlus-${at}=`, account: EMAIL, name: `Plus ${at}` });
        }
      },
      removeCalendar: (calendarId) =>
        withCalendar(calendarId, (calendar) => Object.assign(calendar, { deleted: true })),
      makeReadOnly: (calendarId) => withCalendar(calendarId, (calendar) => Object.assign(calendar, { canEdit: false })),
    },

    liveEvents(calendarId) {
      const calendar = world.calendars.get(calendarId);
      return (calendar ? world.eventsOf(calendar) : []).filter(({ deleted }) => !deleted)
        .map(({ immutableId }) => immutableId);
    },
    async meetingOf({ eventId }) {
      const { isOnlineMeeting, onlineMeeting } = await asUser('GET', eventPath(eventId));
      return isOnlineMeeting ? (onlineMeeting as { joinUrl: string }).joinUrl : null;
    },
    mails: () => scene.mails,
    violations: () => emulator.session.violations.map(({ side, method, what }) => `${side} ${method}: ${what}`),
  };
}

const RESPONSES: Readonly<Record<Attendee['response'], string>> = {
  none: 'notResponded',
  accepted: 'accepted',
  tentative: 'tentativelyAccepted',
  declined: 'declined',
};

function resourceOf({ title, time, html }: UserEvent): Record<string, unknown> {
  const body = html === undefined ? {} : { body: { contentType: 'html', content: html } };
  return { subject: title, ...body, ...timesOf(time) };
}

function timesOf(time: EventTime): Record<string, unknown> {
  if (time.kind === 'all_day') {
    const midnight = (day: string) => ({ dateTime: `${day}T00:00:00`, timeZone: 'UTC' });
    return { isAllDay: true, start: midnight(time.startDay), end: midnight(time.endDay) };
  }
  const wall = (instant: string) => ({ dateTime: new Date(instant).toISOString().slice(0, 19), timeZone: 'UTC' });
  return { isAllDay: false, start: wall(time.startsAt), end: wall(time.endsAt) };
}

function weekly({ time }: UserEvent, count: number): Record<string, unknown> {
  const startDate = time.kind === 'all_day' ? time.startDay : new Date(time.startsAt).toISOString().slice(0, 10);
  const days = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
  return {
    pattern: {
      type: 'weekly',
      interval: 1,
      daysOfWeek: [days[new Date(startDate).getUTCDay()]],
      firstDayOfWeek: 'monday',
    },
    range: { type: 'numbered', startDate, numberOfOccurrences: count, recurrenceTimeZone: 'UTC' },
  };
}
