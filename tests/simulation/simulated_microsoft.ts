import { MicrosoftEmulator } from '../../emulators/microsoft/emulator.ts';
import type { FaultAction, FaultRule } from '../../emulators/microsoft/fault_actions.ts';
import { occurrenceOf } from '../../emulators/microsoft/occurrences.ts';
import type { StoredEvent } from '../../emulators/microsoft/world.ts';
import { microsoftConfig } from '../../supabase/functions/_shared/providers/microsoft/config.ts';
import { calendarEvent, GraphEvent } from '../../supabase/functions/_shared/providers/microsoft/event_mapping.ts';
import { EXPAND_MARK } from '../../supabase/functions/_shared/providers/microsoft/extended_properties.ts';
import { microsoftProvider } from '../../supabase/functions/_shared/providers/microsoft/provider.ts';
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
const PREFER = 'IdType="ImmutableId", outlook.timezone="UTC"';
const TEXT = `${PREFER}, outlook.body-content-type="text"`;
const TAGS = ['CassiusMark', 'CassiusKey'].map((name) => `String {7d9c2a4e-6b1f-4c58-9e3a-2f5d8b7a1c60} Name ${name}`);

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
  // A full reading: what an incremental one leaves out cannot be known.
  shortRead: { method: 'events.delta', pathRegex: 'startDateTime=' },
};

function account(name: string): SimulatedAccount {
  const id = (kind: string) => `AAMkAGViNDU7-${name}-${kind}_AAAAAAGtlAAA=`;
  return { email: `${name}@outlook.test`, main: id('Calendar'), second: id('cabinet') };
}

/** Outlook's calendar in this process. */
export function simulatedMicrosoft(clock: VirtualClock): SimulatedProvider {
  const notices = new NoticeBox();
  const emulator: MicrosoftEmulator = new MicrosoftEmulator({
    clientId: CONFIG.clientId,
    clientSecret: CONFIG.clientSecret,
    redirectUris: [REDIRECT],
    now: clock.now,
    deliver: notices.deliver((notice) => {
      const parsed = direct.notices!.parseNotification(notice);
      if (parsed.kind !== 'handshake') return null;
      return new Response(parsed.reply, { headers: { 'content-type': 'text/plain' } });
    }),
  });
  const { direct, asPerson, allPages, ...common } = emulatedProvider({
    emulator,
    clock,
    notices,
    redirectUri: REDIRECT,
    adapterOver: (fetch) => microsoftProvider(CONFIG, { now: clock.now, fetch }),
  });

  const eventsOf = (calendarId: string, deleted: boolean) => {
    const { world } = emulator.session.scene;
    const calendar = world.calendars.get(calendarId);
    return [...calendar ? world.eventsOf(calendar) : []]
      .filter((event) => event.deleted === deleted)
      .map((event) => ({
        eventId: event.immutableId,
        appointmentId: markedAppointment(event),
        meeting: meetingOf(event),
      }));
  };

  // Graph's changes say nothing of a single occurrence that was deleted.
  const untold = new Map<string, number>();
  const isOccurrence = (eventId: string) => {
    const { world } = emulator.session.scene;
    return ((world.event(eventId) ?? occurrenceOf(world, eventId))?.masterId ?? null) !== null;
  };

  return {
    ...common,
    name: 'microsoft',
    reset() {
      untold.clear();
      common.reset();
    },
    accounts: [account('claire'), account('marc')],
    // Not the changes, as they come without our mark.
    observe: ({ email }, calendarId) =>
      allPages(async (window, pageToken) => {
        const view = new URLSearchParams({ startDateTime: window.from, endDateTime: window.to, $expand: EXPAND_MARK });
        const first = `${GRAPH}/me/calendars/${encodeURIComponent(calendarId)}/calendarView?${view}`;
        const page = await asPerson(email, 'GET', pageToken ?? first, { prefer: TEXT });
        const events = (page['value'] as unknown[]).map((entry) =>
          calendarEvent('Observe', calendarId, GraphEvent.parse(entry))
        );
        return { events, next: page['@odata.nextLink'] as string | undefined ?? null };
      }),
    live: (calendarId) => eventsOf(calendarId, false),
    deleted: (calendarId) => eventsOf(calendarId, true),
    lives(calendarId, eventId) {
      const { world } = emulator.session.scene;
      const event = world.event(eventId) ?? occurrenceOf(world, eventId);
      const master = event?.masterId ? world.event(event.masterId) : null;
      return event !== null && !event.deleted && event.calendarId === calendarId && master?.deleted !== true;
    },
    untoldSince: (eventId) => untold.get(eventId) ?? null,
    personOf({ email }) {
      const hands = person(
        (method, path, body, headers = {}) =>
          asPerson(email, method, `${GRAPH}/me/${path}`, { prefer: PREFER, ...headers }, body),
        // No request of Graph's does these: people have them in Outlook's pages.
        (eventId, change) => asPerson(email, 'POST', `${ORIGIN}/__emulator/events`, {}, { eventId, ...change }),
      );
      return {
        ...hands,
        async remove(calendarId, eventId) {
          if (isOccurrence(eventId)) untold.set(eventId, clock.now());
          await hands.remove(calendarId, eventId);
        },
      };
    },
    fault: (fault, times) =>
      void emulator.addFault({ times, match: MATCHES[fault] ?? { pathRegex: '/v1.0/' }, action: ACTIONS[fault] }),
    expireCursors(calendarId) {
      const calendar = emulator.session.scene.world.calendars.get(calendarId);
      if (calendar) calendar.generation += 1;
    },
  };
}

function markedAppointment({ tags }: StoredEvent): string | null {
  return [...tags.values()].find(({ id }) => id === TAGS[0])?.value?.split('/')[0] ?? null;
}

function meetingOf({ body }: StoredEvent): string[] {
  const { joinUrl } = (body.onlineMeeting ?? {}) as { joinUrl?: string };
  return joinUrl === undefined ? [] : [joinUrl];
}

function person(
  call: (method: string, path: string, body?: unknown, headers?: HeadersInit) => Promise<Record<string, unknown>>,
  inOutlook: (eventId: string, change: { moveTo: string } | { restore: true }) => Promise<unknown>,
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
    async describe(_calendarId, eventId, line, where) {
      await untilNew(async () => {
        const { '@odata.etag': etag, body } = await call('GET', at(eventId)) as {
          '@odata.etag': string;
          body: { content: string };
        };
        if (body.content.includes(line)) return;
        const content = DESCRIBED[where](body.content, line);
        await call('PATCH', at(eventId), { body: { contentType: 'html', content } }, { 'if-match': etag });
      });
    },
    async meet(_calendarId, eventId) {
      await call('PATCH', at(eventId), { isOnlineMeeting: true, onlineMeetingProvider: 'teamsForBusiness' });
    },
    async remove(_calendarId, eventId) {
      await call('DELETE', at(eventId));
    },
    async move(_calendarId, eventId, destination) {
      await inOutlook(eventId, { moveTo: destination });
    },
    async restore(_calendarId, eventId) {
      await inOutlook(eventId, { restore: true });
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
    async repeat(_calendarId, eventId) {
      const { isAllDay, start } = await call('GET', at(eventId));
      const { dateTime } = start as { dateTime: string };
      const startsAt = isAllDay ? `${dateTime.slice(0, 10)}T12:00:00.000Z` : `${dateTime.slice(0, 19)}.000Z`;
      await call('PATCH', at(eventId), { recurrence: threeDays(startsAt) });
    },
  };
}

/** A paragraph before or behind everything, the block of a meeting too, or the rest of a line of its own. */
const DESCRIBED: Readonly<Record<Where, (html: string, line: string) => string>> = {
  above: (html, line) => html.replace(/<body[^>]*>/, (opening) => `${opening}<p><b>${line}</b></p>`),
  within: (html, line) => html.replace(/<br[^>]*>|<\/body>/, (there) => `<br>${line}${there}`),
  below: (html, line) => html.replace('</body>', () => `<p>${line}</p></body>`),
};

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
