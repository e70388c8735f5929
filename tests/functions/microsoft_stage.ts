/** Outlook, as far as the tests of the sync have to know it. */
import { asPerson, type Emulator, type Json } from './emulator.ts';
import { day, timed, wholeDays } from './moments.ts';
import type { Entry, Place, ProviderStage, StageAccount } from './provider_stage.ts';

const account = (name: string): StageAccount => {
  const id = (kind: string) => `AAMkAGViNDU7-${name}-${kind}_AAAAAAGtlAAA=`;
  return { email: `${name}@outlook.test`, calendar: id('Calendar'), second: id('cabinet'), team: id('equipe') };
};

const HEADERS = { prefer: 'IdType="ImmutableId", outlook.timezone="UTC"' };
const events = (calendar: string) => `/v1.0/me/calendars/${encodeURIComponent(calendar)}/events`;
const event = ({ id }: Place) => `/v1.0/me/events/${encodeURIComponent(id)}`;
/** Minutes before, as mailboxes have it. */
const USUAL_REMINDER = 15;
const TAGS = ['CassiusMark', 'CassiusKey'].map((name) => `String {7d9c2a4e-6b1f-4c58-9e3a-2f5d8b7a1c60} Name ${name}`);

async function request(emulator: Emulator, email: string, method: string, path: string, body?: unknown): Promise<Json> {
  return await asPerson(emulator, email, method, path, { headers: HEADERS, ...(body === undefined ? {} : { body }) });
}

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
  const at = (instant: string) => ({ dateTime: wallClock(instant, zone), timeZone: zone });
  const on = (date: string) => ({ dateTime: `${date}T00:00:00`, timeZone: zone });
  return {
    ...(title === undefined ? {} : { subject: title }),
    ...(secret === undefined ? {} : { sensitivity: secret ? 'private' : 'normal' }),
    ...(description === undefined ? {} : {
      body: { contentType: html === undefined ? 'text' : 'html', content: description },
    }),
    ...(location === undefined ? {} : { location: { displayName: location } }),
    ...(start === undefined || end === undefined ? {} : { isAllDay: false, start: at(start), end: at(end) }),
    ...(firstDay === undefined || endDay === undefined ? {} : { isAllDay: true, start: on(firstDay), end: on(endDay) }),
    ...(everyDay === undefined ? {} : {
      recurrence: {
        pattern: { type: 'daily', interval: 1 },
        range: {
          type: 'numbered',
          startDate: firstDay ?? wallClock(start ?? '', zone).slice(0, 10),
          numberOfOccurrences: everyDay,
          recurrenceTimeZone: zone,
        },
      },
    }),
  };
}

/** `2026-11-21T10:00:00`: what a clock on the wall of that zone shows. */
function wallClock(instant: string, timeZone: string): string {
  return new Date(instant).toLocaleString('sv-SE', { timeZone }).replace(' ', 'T');
}

const invited = (email: string, response: string) => ({
  organizer: { emailAddress: { name: 'Boss', address: 'boss@corp.test' } },
  attendees: [{ emailAddress: { address: email }, type: 'required', status: { response } }],
  responseStatus: { response },
});

export const microsoftStage: ProviderStage = {
  name: 'microsoft',
  claire: account('claire'),
  marc: account('marc'),
  firstCalendar: ({ calendar }) => ({
    id: calendar,
    name: 'Calendrier',
    primary: true,
    canWrite: true,
    timeZone: null,
    color: null,
  }),
  secondName: 'Cabinet de Claire',

  steps: {
    create: 'events.insert',
    change: 'events.patch',
    delete: 'events.delete',
    look: 'events.get',
    list: 'events.delta',
    batch: 'batch',
    refresh: 'oauth.token',
    calendars: 'calendars.list',
    watch: 'subscriptions.create',
  },
  refusals: {
    rateLimit: { status: 429, reason: 'ApplicationThrottled' },
    quota: { status: 509, reason: 'ErrorExceededBandwidth' },
    notFound: { status: 404, reason: 'ErrorItemNotFound' },
    forbidden: { status: 403, reason: 'ErrorAccessDenied' },
  },
  deadGrantCode: 'AADSTS50173',
  tokenPrefixes: ['EwB', 'M.C5'],
  narrowScopes: 'openid profile email offline_access',

  switches: {
    unlimited: { requestsPerTenMinutes: 0 },
    repeating: { replayItems: true },
    // Microsoft lets a used token live on; nothing says for how long.
    rotating: { refreshReuseGraceSeconds: 0.001 },
  },
  tombstones: [['is not found', {}], ['can still be read', { deletedStayReadable: true }]],
  deadCursors: ['410', '410-location', '404', '400'].map((deadDelta) => [deadDelta, { deadDelta }]),
  aging: { switches: {}, days: 91 },

  can: {
    revoke: false,
    nameEvents: false,
    repeatIds: false,
    writeSilently: false,
    refuseLightly: true,
    tellDeletedOccurrences: false,
  },

  resource,
  seen: (raw) => ({
    id: raw.id,
    calendarId: raw.calendarId,
    live: !raw.deleted,
    title: raw.subject ?? '',
    start: moment(raw, 'start'),
    end: moment(raw, 'end'),
    location: raw.location?.displayName ?? '',
    description: raw.body?.content ?? '',
    guests: (raw.attendees ?? []).map(({ emailAddress }: Json) => emailAddress.address),
    secret: raw.sensitivity === 'private',
    zone: raw.originalStartTimeZone ?? '',
    colour: raw.categories?.[0] ?? null,
    reminder: raw.isReminderOn && raw.reminderMinutesBeforeStart !== USUAL_REMINDER
      ? raw.reminderMinutesBeforeStart
      : null,
    meeting: raw.onlineMeeting?.joinUrl ?? null,
  }),

  person: {
    add: (emulator, email, calendar, entry) => request(emulator, email, 'POST', events(calendar), resource(entry)),
    async edit(emulator, email, place, entry) {
      await request(emulator, email, 'PATCH', event(place), resource(entry));
    },
    async touch(emulator, email, place) {
      await request(emulator, email, 'PATCH', event(place), { categories: ['Bleu'] });
    },
    async remind(emulator, email, place, minutes) {
      await request(emulator, email, 'PATCH', event(place), {
        isReminderOn: true,
        reminderMinutesBeforeStart: minutes,
      });
    },
    async meet(emulator, email, place) {
      const online = { isOnlineMeeting: true, onlineMeetingProvider: 'teamsForBusiness' };
      await request(emulator, email, 'PATCH', event(place), online);
    },
    async remove(emulator, email, place) {
      await request(emulator, email, 'DELETE', event(place));
    },
    // No request of Graph's does these: people have them in Outlook's pages.
    async restore(emulator, _email, { id }) {
      await emulator.control('events', { eventId: id, restore: true });
    },
    async move(emulator, _email, { id }, calendar) {
      await emulator.control('events', { eventId: id, moveTo: calendar });
    },
    async copy(emulator, email, place, entry) {
      const filter = TAGS.map((id) => `id eq '${id}'`).join(' or ');
      const expand = encodeURIComponent(`singleValueExtendedProperties($filter=${filter})`);
      const { subject, singleValueExtendedProperties } = await request(
        emulator,
        email,
        'GET',
        `${event(place)}?$expand=${expand}`,
      );
      const body = { subject, singleValueExtendedProperties, ...resource(entry) };
      return await request(emulator, email, 'POST', events(place.calendar), body);
    },
    async invite(emulator, _email, { id }, guest) {
      await emulator.control('events', { eventId: id, invite: guest });
    },
    async unrepeat(emulator, email, place) {
      await request(emulator, email, 'PATCH', event(place), { recurrence: null });
    },
    async agenda(emulator, email, calendar) {
      const window = `startDateTime=${day(0, 0)}&endDateTime=${day(30, 0)}&$orderby=start/dateTime&$top=999`;
      const path = `${events(calendar).replace(/events$/, 'calendarView')}?${window}`;
      const { value } = await request(emulator, email, 'GET', path);
      return value.map((item: Json) => microsoftStage.seen({ ...item, calendarId: calendar }));
    },
    async decline(emulator, _email, { id }) {
      await emulator.control('events', { eventId: id, respond: 'declined' });
    },
  },

  async seed(emulator, calendarId, seeded) {
    return (await emulator.control('events', { calendarId, event: seeded })).event;
  },
  shapes({ email }) {
    const at = resource(timed(2, 9, 10));
    const shape = (name: string, fields: object, kept: boolean, bookable: boolean) => (
      { name, event: { subject: 'Entrée', ...fields }, kept, bookable }
    );
    return [
      shape('a timed event', at, true, true),
      shape('a tentative one', { ...at, showAs: 'tentative' }, true, true),
      shape('a free one', { ...at, showAs: 'free' }, true, true),
      shape('a whole day', resource(wholeDays(2, 3)), true, false),
      shape('several days', resource(wholeDays(2, 6)), true, false),
      shape('out of office', { ...at, showAs: 'oof' }, true, true),
      shape('an invitation', { ...at, ...invited(email, 'notResponded') }, true, true),
      shape('a declined invitation', { ...at, ...invited(email, 'declined') }, false, false),
      shape('a meeting that was called off', { ...at, ...invited(email, 'accepted'), isCancelled: true }, false, false),
      shape('a place of work', { ...resource(wholeDays(2, 3)), showAs: 'workingElsewhere' }, false, false),
    ];
  },
  invitation: ({ email }, entry, answer) => (
    { ...resource(entry), ...invited(email, answer === 'none' ? 'notResponded' : answer) }
  ),
  guests: (count) => ({
    attendees: Array.from({ length: count }, (_, n) => ({
      emailAddress: { address: `guest${n}@elsewhere.test`, name: 'Invité '.repeat(8) },
      type: 'required',
    })),
  }),
  privately: ({ email }, entry) => ({ ...resource(entry), ...invited(email, 'accepted'), sensitivity: 'private' }),

  deleteCalendar: (emulator, id) => emulator.control('calendars', { id, deleted: true }),
  makeReadOnly: (emulator, _account, id) => emulator.control('calendars', { id, canEdit: false }),
  makeWritable: (emulator, _account, id) => emulator.control('calendars', { id, canEdit: true }),
  expireCursors: (emulator, id) => emulator.control('calendars', { id, expireSyncTokens: true }),
  // A calendar that another person shared cannot be watched.
  refuseWatches: (emulator, _account, id) =>
    emulator.control('calendars', { id, owner: { name: 'Équipe', address: 'equipe@outlook.test' } }),
  silence: (emulator, { resourceId }) => emulator.control('subscriptions', { id: resourceId, silence: true }),
  withoutRefreshToken: {
    prepare: (emulator) =>
      emulator.control('faults', { match: { method: 'oauth.token' }, nth: 1, action: { omitRefreshToken: true } }),
    consent: {},
  },
  forgedNotices({ channelId, resourceId }) {
    const told = (item: object): RequestInit => ({
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ value: [{ subscriptionId: resourceId, changeType: 'updated', ...item }] }),
    });
    return [{}, told({}), told({ clientState: 'guessed' }), told({ clientState: `${channelId}:guessed` })];
  },
};

/** Times come in UTC without saying so in the usual way. */
function moment(raw: Json, side: 'start' | 'end'): string {
  const { dateTime } = raw[side];
  return raw.isAllDay ? dateTime.slice(0, 10) : `${dateTime.slice(0, 19)}.000Z`;
}
