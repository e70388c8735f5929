/** Outlook on the bench: `../emulators/microsoft/README.md` has the emulator's controls. */
import type { Stack } from '../local/stack.ts';
import { microsoft } from '../tests/functions/person.ts';
import { sum } from './measure.ts';
import { type Account, ownHeaders, type PlainEvent, type ProviderStage } from './provider_stage.ts';

const PAGE = 50;
/** Requests of one mailbox that Graph lets be under way at once. */
const MAILBOX_AT_ONCE = 4;
const PREFER = 'IdType="ImmutableId", outlook.timezone="UTC", outlook.body-content-type="text"';

const ACCOUNTS: readonly Account[] = [
  { login: 'claire@cabinet-lumiere.test', email: 'claire@outlook.test', calendarId: defaultCalendar('claire') },
  { login: 'marc@cabinet-rivoli.test', email: 'marc@outlook.test', calendarId: defaultCalendar('marc') },
];

export const microsoftStage: ProviderStage = {
  provider: 'microsoft',
  name: 'Outlook',
  accounts: ACCOUNTS,
  steer: microsoft,
  async slowDown(stack, ms) {
    await microsoft(stack, 'settings', { latencyMs: ms });
  },
  withoutQuotas: { requestsPerTenMinutes: 0, concurrencyPerMailbox: 0 },
  // 130,000 in ten seconds, which the emulator does not count.
  projectQuota: { settings: { requestsPerTenMinutes: 0, concurrencyPerMailbox: 0 }, perMinute: 780_000 },
  // 10,000 in ten minutes.
  quota: { units: 'requests', perMinute: 1_000 },
  pageSize: PAGE,
  targets: {
    // Full batches alone come to 20; tokens are renewed in between.
    roundTrips: { limit: 19, because: 'a batch takes no more than 20' },
    throughput: { limit: 5 },
    underQuotas: { limit: 65, because: 'a batch takes no more than 20' },
  },

  async readCounters(stack) {
    const state = await microsoft(stack, 'state?only=timing,accounts,inserts,calendars');
    return {
      roundTrips: state.timing.requests,
      units: sum(state.accounts.map((account: AccountState) => account.requests.total)),
      inserts: sum(Object.values(state.inserts as Record<string, { asked: number }>).map(({ asked }) => asked)),
      events: sum(state.calendars.map((calendar: { live: number }) => calendar.live)),
    };
  },

  // The worker has one request a lane, eight lanes at most; Graph lets two mailboxes have no more.
  atOnce: () => Promise.resolve(MAILBOX_AT_ONCE * ACCOUNTS.length),

  async readSpending(stack) {
    const { accounts } = await microsoft(stack, 'state?only=accounts');
    return accounts.map(({ requests }: AccountState) => ({
      units: requests.total,
      refused: requests.refused,
      busiestMinute: null,
    }));
  },

  insertAsApp: (stack, token, calendarId, event) =>
    fetch(`${calendarUrl(stack, calendarId)}/events`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', prefer: PREFER },
      body: JSON.stringify(appResource(event)),
    }),

  batchSize: 20,
  async insertBatchAsApp(stack, token, calendarId, events) {
    const url = `/me/calendars/${encodeURIComponent(calendarId)}/events`;
    const headers = { 'content-type': 'application/json', prefer: PREFER };
    const requests = events.map((event, at) => (
      { id: String(at), method: 'POST', url, headers, body: appResource(event) }
    ));
    const answer = await fetch(`${stack.microsoft.url}/v1.0/$batch`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ requests }),
    });
    const { responses }: { responses: { status: number; body: { id: string; '@odata.etag': string } }[] } = await answer
      .json();
    return responses.filter(({ status }) => status === 201)
      .map(({ body: { id, '@odata.etag': version } }) => ({ id, version }));
  },

  addCalendar: async (stack, { email }, id) =>
    void await microsoft(stack, 'calendars', { id, name: id, account: email }),

  async openCalendar(stack, account) {
    const headers = { ...await ownHeaders({ steer: microsoft }, stack, account), prefer: PREFER };
    const calendar = calendarUrl(stack, account.calendarId);
    return {
      insert: (event) =>
        fetch(`${calendar}/events`, { method: 'POST', headers, body: JSON.stringify(resource(event)) }),
      rename: (eventId, title) =>
        fetch(`${stack.microsoft.url}/v1.0/me/events/${encodeURIComponent(eventId)}`, {
          method: 'PATCH',
          headers,
          body: JSON.stringify({ subject: title }),
        }),
      async *pages({ timeMin, timeMax }) {
        const prefer = `${PREFER}, odata.maxpagesize=${PAGE}`;
        const query = new URLSearchParams({ startDateTime: timeMin, endDateTime: timeMax });
        let url: string | undefined = `${calendar}/calendarView/delta?${query}`;
        while (url) {
          const answer = await fetch(url, { headers: { ...headers, prefer } });
          const page: { value: Listed[]; '@odata.nextLink'?: string } = await answer.json();
          yield page.value.map(row);
          url = page['@odata.nextLink'];
        }
      },
    };
  },
};

interface AccountState {
  readonly requests: { readonly total: number; readonly refused: number };
  readonly peakParallel: number;
}

function defaultCalendar(person: string): string {
  return `AAMkAGViNDU7-${person}-Calendar_AAAAAAGtlAAA=`;
}

const calendarUrl = (stack: Stack, calendarId: string) =>
  `${stack.microsoft.url}/v1.0/me/calendars/${encodeURIComponent(calendarId)}`;

const appResource = (event: PlainEvent) => ({ ...resource(event), sensitivity: 'private', isReminderOn: false });

function resource({ title, description, location, startsAt, endsAt, guests }: PlainEvent) {
  const wall = (instant: string) => ({ dateTime: instant.replace(/(\.\d+)?Z$/, ''), timeZone: 'UTC' });
  return {
    ...(guests
      ? { attendees: guests.map((address) => ({ emailAddress: { address, name: `Invité ${address}` } })) }
      : {}),
    subject: title,
    body: { contentType: 'text', content: description },
    location: { displayName: location },
    start: wall(startsAt),
    end: wall(endsAt),
  };
}

interface Listed {
  readonly id: string;
  readonly '@odata.etag': string;
  readonly isCancelled: boolean;
  readonly subject: string;
  readonly body: { readonly content: string };
  readonly location: { readonly displayName: string };
  readonly start: { readonly dateTime: string };
  readonly end: { readonly dateTime: string };
  readonly lastModifiedDateTime: string;
}

function row(event: Listed): readonly string[] {
  return [
    event.id,
    event['@odata.etag'],
    event.isCancelled ? 'cancelled' : 'confirmed',
    event.subject,
    event.body.content,
    event.location.displayName,
    `${event.start.dateTime}Z`,
    `${event.end.dateTime}Z`,
    event.lastModifiedDateTime,
  ];
}
