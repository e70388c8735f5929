/** Google, as far as the tests of the sync have to know it. */
import { asPerson, type Json } from './emulator.ts';
import { day, timed, wholeDays } from './moments.ts';
import type { Entry, ProviderStage, StageAccount } from './provider_stage.ts';

const account = (name: string): StageAccount => ({
  email: `${name}@gmail.test`,
  calendar: `${name}@gmail.test`,
  second: `${name}-cabinet@group.calendar.google.com`,
  team: `${name}-equipe@group.calendar.google.com`,
});

const events = (calendar: string, id?: string) =>
  `/calendar/v3/calendars/${encodeURIComponent(calendar)}/events${id === undefined ? '' : `/${id}`}`;
const QUIET = 'sendUpdates=none';

function resource(entry: Entry): Record<string, unknown> {
  const {
    title,
    html,
    description = html,
    location,
    start,
    end,
    firstDay,
    endDay,
    zone = 'Europe/Paris',
    everyDay,
    secret,
  } = entry;
  // A patch has to take away what the other kind of time left.
  const at = (instant: string) => ({ dateTime: instant, timeZone: zone, date: null });
  const on = (date: string) => ({ date, dateTime: null, timeZone: null });
  return {
    ...(title === undefined ? {} : { summary: title }),
    ...(description === undefined ? {} : { description }),
    ...(secret === undefined ? {} : { visibility: secret ? 'private' : 'default' }),
    ...(location === undefined ? {} : { location }),
    ...(start === undefined || end === undefined ? {} : { start: at(start), end: at(end) }),
    ...(firstDay === undefined || endDay === undefined ? {} : { start: on(firstDay), end: on(endDay) }),
    ...(everyDay === undefined ? {} : { recurrence: [`RRULE:FREQ=DAILY;COUNT=${everyDay}`] }),
  };
}

const invited = (email: string, responseStatus: string) => ({
  attendees: [{ email, responseStatus }],
  organizer: { email: 'boss@corp.test' },
});

export const googleStage: ProviderStage = {
  name: 'google',
  claire: account('claire'),
  marc: account('marc'),
  firstCalendar: ({ calendar }) => ({
    id: calendar,
    name: calendar,
    primary: true,
    canWrite: true,
    timeZone: 'Europe/Paris',
    color: '#9fe1e7',
  }),
  secondName: 'Cabinet de Claire',

  steps: {
    create: 'events.insert',
    change: 'events.patch',
    delete: 'events.delete',
    look: 'events.get',
    list: 'events.list',
    batch: 'batch',
    refresh: 'oauth.token',
    calendars: 'calendarList.list',
    watch: 'events.watch',
  },
  refusals: {
    rateLimit: { status: 403, reason: 'rateLimitExceeded' },
    quota: { status: 403, reason: 'quotaExceeded' },
    notFound: { status: 404, reason: 'notFound' },
    forbidden: { status: 403, reason: 'forbidden' },
  },
  deadGrantCode: 'invalid_grant',
  tokenPrefixes: ['ya29', '1//'],
  narrowScopes: 'openid email https://www.googleapis.com/auth/calendar.events',

  switches: {
    unlimited: { unitsPerMinutePerAccount: 0, unitsPerMinutePerProject: 0 },
    repeating: { repeatEntries: true },
    rotating: { rotateRefreshTokens: true },
  },
  tombstones: ['staysCancelled', 'forbid', 'gone'].map((writeToDeleted) => [writeToDeleted, { writeToDeleted }]),
  deadCursors: ['gone', 'invalid'].map((expiredSyncToken) => [expiredSyncToken, { expiredSyncToken }]),
  aging: { switches: { testingMode: true }, days: 8 },

  can: {
    revoke: true,
    nameEvents: true,
    repeatIds: true,
    writeSilently: true,
    refuseLightly: false,
    tellDeletedOccurrences: true,
  },

  resource,
  seen: (raw) => ({
    id: raw.id,
    calendarId: raw.calendarId,
    live: raw.status !== 'cancelled',
    title: raw.summary ?? '',
    start: moment(raw.start),
    end: moment(raw.end),
    location: raw.location ?? '',
    description: raw.description ?? '',
    guests: (raw.attendees ?? []).map(({ email }: { email: string }) => email),
    secret: raw.visibility === 'private',
    zone: raw.start?.timeZone ?? '',
    colour: raw.colorId ?? null,
    reminder: raw.reminders?.overrides?.[0]?.minutes ?? null,
    meeting: raw.hangoutLink ?? null,
  }),

  person: {
    async add(emulator, email, calendar, entry) {
      return await asPerson(emulator, email, 'POST', `${events(calendar)}?${QUIET}`, { body: created(entry) });
    },
    async edit(emulator, email, { calendar, id }, entry) {
      await asPerson(emulator, email, 'PATCH', `${events(calendar, id)}?${QUIET}`, { body: resource(entry) });
    },
    async touch(emulator, email, { calendar, id }) {
      await asPerson(emulator, email, 'PATCH', `${events(calendar, id)}?${QUIET}`, { body: { colorId: '5' } });
    },
    async remind(emulator, email, { calendar, id }, minutes) {
      const body = { reminders: { useDefault: false, overrides: [{ method: 'popup', minutes }] } };
      await asPerson(emulator, email, 'PATCH', `${events(calendar, id)}?${QUIET}`, { body });
    },
    async meet(emulator, email, { calendar, id }) {
      const createRequest = { requestId: 'meet', conferenceSolutionKey: { type: 'hangoutsMeet' } };
      const body = { conferenceData: { createRequest } };
      await asPerson(emulator, email, 'PATCH', `${events(calendar, id)}?conferenceDataVersion=1&${QUIET}`, { body });
      // The link is made while the page waits for it.
      await asPerson(emulator, email, 'GET', events(calendar, id));
    },
    async remove(emulator, email, { calendar, id }) {
      await asPerson(emulator, email, 'DELETE', `${events(calendar, id)}?${QUIET}`);
    },
    async restore(emulator, email, { calendar, id }) {
      await asPerson(emulator, email, 'PATCH', `${events(calendar, id)}?${QUIET}`, { body: { status: 'confirmed' } });
    },
    async move(emulator, email, { calendar, id }, destination) {
      const path = `${events(calendar, id)}/move?destination=${encodeURIComponent(destination)}&${QUIET}`;
      await asPerson(emulator, email, 'POST', path);
    },
    async copy(emulator, email, { calendar, id }, entry) {
      const { summary, extendedProperties } = await asPerson(emulator, email, 'GET', events(calendar, id));
      const body = { summary, extendedProperties, ...created(entry) };
      return await asPerson(emulator, email, 'POST', `${events(calendar)}?${QUIET}`, { body });
    },
    async invite(emulator, email, { calendar, id }, guest) {
      const body = { attendees: [{ email: guest }] };
      await asPerson(emulator, email, 'PATCH', `${events(calendar, id)}?${QUIET}`, { body });
    },
    async unrepeat(emulator, email, { calendar, id }) {
      await asPerson(emulator, email, 'PATCH', `${events(calendar, id)}?${QUIET}`, { body: { recurrence: null } });
    },
    async agenda(emulator, email, calendar) {
      const window = `timeMin=${day(0, 0)}&timeMax=${day(30, 0)}&singleEvents=true&orderBy=startTime&maxResults=2500`;
      const { items } = await asPerson(emulator, email, 'GET', `${events(calendar)}?${window}`);
      return items.map((item: Json) => googleStage.seen({ ...item, calendarId: calendar }));
    },
    async decline(emulator, email, { calendar, id }) {
      const body = { attendees: [{ email, responseStatus: 'declined' }] };
      await asPerson(emulator, email, 'PATCH', `${events(calendar, id)}?${QUIET}`, { body });
    },
  },

  async seed(emulator, calendarId, event) {
    return (await emulator.control('events', { calendarId, event })).event;
  },
  shapes({ email }) {
    const at = created(timed(2, 9, 10));
    const on = (from: number, to: number) => created(wholeDays(from, to));
    const shape = (name: string, event: object, kept: boolean, bookable: boolean) => (
      { name, event: { summary: 'Entrée', ...event }, kept, bookable }
    );
    return [
      shape('a timed event', at, true, true),
      shape('a tentative one', { ...at, status: 'tentative' }, true, true),
      shape('a free one', { ...at, transparency: 'transparent' }, true, true),
      shape('a whole day', on(2, 3), true, false),
      shape('several days', on(2, 6), true, false),
      shape('out of office', { ...at, eventType: 'outOfOffice', outOfOfficeProperties: {} }, true, true),
      shape('focus time', { ...at, eventType: 'focusTime', focusTimeProperties: {} }, true, true),
      shape('an invitation', { ...at, ...invited(email, 'needsAction') }, true, true),
      shape('a declined invitation', { ...at, ...invited(email, 'declined') }, false, false),
      shape(
        'a place of work',
        {
          ...on(2, 3),
          eventType: 'workingLocation',
          transparency: 'transparent',
          visibility: 'public',
          workingLocationProperties: { type: 'homeOffice', homeOffice: {} },
        },
        false,
        false,
      ),
      shape(
        'a birthday',
        { ...on(2, 3), eventType: 'birthday', transparency: 'transparent', visibility: 'private' },
        false,
        false,
      ),
    ];
  },
  invitation: ({ email }, entry, answer) => (
    { ...created(entry), ...invited(email, answer === 'none' ? 'needsAction' : answer) }
  ),
  guests: (count) => ({
    attendees: Array.from(
      { length: count },
      (_, n) => ({ email: `guest${n}@elsewhere.test`, displayName: 'Invité '.repeat(8) }),
    ),
  }),
  privately: ({ email }, entry) => ({ ...created(entry), ...invited(email, 'accepted'), visibility: 'private' }),

  deleteCalendar: (emulator, id) => emulator.control('calendars', { id, deleted: true }),
  makeReadOnly: (emulator, { email }, id) => emulator.control('calendars', { id, access: { [email]: 'reader' } }),
  makeWritable: (emulator, { email }, id) => emulator.control('calendars', { id, access: { [email]: 'owner' } }),
  expireCursors: (emulator, id) => emulator.control('calendars', { id, expireSyncTokens: true }),
  refuseWatches: (emulator, _account, id) => emulator.control('calendars', { id, pushSupported: false }),
  silence: (emulator, { channelId }) => emulator.control('channels', { silence: channelId }),
  withoutRefreshToken: { prepare: () => Promise.resolve(), consent: { unprompted: true } },
  forgedNotices({ channelId, resourceId }) {
    const known = { 'x-goog-channel-id': channelId, 'x-goog-resource-state': 'exists' };
    return [
      {},
      { headers: known },
      { headers: { ...known, 'x-goog-resource-id': resourceId, 'x-goog-channel-token': 'guessed' } },
    ];
  },
};

/** A stub of an event that was moved away has no times. */
function moment(time: { dateTime?: string; date?: string } = {}): string {
  return time.dateTime === undefined ? time.date ?? '' : new Date(time.dateTime).toISOString();
}

/** A create has nothing to take away. */
function created(entry: Entry): Record<string, unknown> {
  const { start, end, ...rest } = resource(entry) as Record<string, Record<string, unknown>>;
  const given = (side: Record<string, unknown> | undefined) =>
    side && Object.fromEntries(Object.entries(side).filter(([, value]) => value !== null));
  return { ...rest, ...(start ? { start: given(start), end: given(end) } : {}) };
}
