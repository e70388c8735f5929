/** Google Calendar on the bench: `../emulators/google/README.md` has the emulator's controls. */
import type { Stack } from '../local/stack.ts';
import { google } from '../tests/functions/person.ts';
import { sum } from './measure.ts';
import { ownHeaders, type PlainEvent, type ProviderStage } from './provider_stage.ts';

const PAGE = 2_500;

export const googleStage: ProviderStage = {
  provider: 'google',
  name: 'Google',
  accounts: [
    { login: 'claire@cabinet-lumiere.test', email: 'claire@gmail.test', calendarId: 'claire@gmail.test' },
    { login: 'marc@cabinet-rivoli.test', email: 'marc@gmail.test', calendarId: 'marc@gmail.test' },
  ],
  steer: google,
  slowDown: async (stack, ms) => void await google(stack, 'settings', { latencyMs: ms }),
  withoutQuotas: { unitsPerMinutePerAccount: 0, unitsPerMinutePerProject: 0 },
  quota: { units: 'units', perMinute: 600 },
  pageSize: PAGE,
  targets: { roundTrips: { limit: 20 }, throughput: { limit: 5 } },

  async readCounters(stack) {
    const state = await google(stack, 'state?only=timing,units,inserts,calendars');
    return {
      roundTrips: state.timing.requests,
      units: state.units.total,
      inserts: sum(Object.values(state.inserts as Record<string, { asked: number }>).map(({ asked }) => asked)),
      events: sum(state.calendars.map((calendar: { live: number }) => calendar.live)),
    };
  },

  async atOnce(stack) {
    const { accounts } = await google(stack, 'state?only=accounts');
    return sum(accounts.map((account: { peakParallel: number }) => account.peakParallel));
  },

  async readSpending(stack) {
    const { accounts } = await google(stack, 'state?only=accounts');
    return accounts.map(({ units }: { units: { peakAsked: number; total: number; refused: number } }) => ({
      units: units.total,
      refused: units.refused,
      busiestMinute: units.peakAsked,
    }));
  },

  insertAsApp: (stack, token, calendarId, event) =>
    fetch(`${calendarUrl(stack, calendarId)}/events?sendUpdates=none`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ ...resource(event), visibility: 'private', reminders: { useDefault: true } }),
    }),

  async openCalendar(stack, account) {
    const headers = await ownHeaders({ steer: google }, stack, account);
    const events = `${calendarUrl(stack, account.calendarId)}/events`;
    return {
      insert: (event) => fetch(events, { method: 'POST', headers, body: JSON.stringify(resource(event)) }),
      rename: (eventId, title) =>
        fetch(`${events}/${eventId}`, { method: 'PATCH', headers, body: JSON.stringify({ summary: title }) }),
      async *pages(window) {
        let token: string | undefined;
        do {
          const query = new URLSearchParams({
            singleEvents: 'true',
            maxResults: String(PAGE),
            prettyPrint: 'false',
            ...window,
          });
          if (token) query.set('pageToken', token);
          const page = await (await fetch(`${events}?${query}`, { headers })).json();
          yield page.items.map(row);
          token = page.nextPageToken;
        } while (token);
      },
    };
  },
};

const calendarUrl = (stack: Stack, calendarId: string) => `${stack.google.url}/calendar/v3/calendars/${calendarId}`;

function resource({ title, description, location, startsAt, endsAt, guests }: PlainEvent) {
  return {
    ...(guests ? { attendees: guests.map((email) => ({ email, displayName: `Invité ${email}` })) } : {}),
    summary: title,
    description,
    location,
    start: { dateTime: startsAt, timeZone: 'Europe/Paris' },
    end: { dateTime: endsAt, timeZone: 'Europe/Paris' },
  };
}

interface Listed {
  readonly id: string;
  readonly etag: string;
  readonly status: string;
  readonly summary: string;
  readonly description: string;
  readonly location: string;
  readonly start: { readonly dateTime: string };
  readonly end: { readonly dateTime: string };
  readonly updated: string;
}

function row({ id, etag, status, summary, description, location, start, end, updated }: Listed): readonly string[] {
  return [id, etag, status, summary, description, location, start.dateTime, end.dateTime, updated];
}
