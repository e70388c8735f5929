/** Google Calendar on the bench: `../emulators/google/README.md` has the emulator's controls. */
import type { Stack } from '../local/stack.ts';
import { google } from '../tests/functions/person.ts';
import { decodeBatch, encodeBatch } from '../supabase/functions/_shared/providers/google/batch.ts';
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
  projectQuota: { settings: { unitsPerMinutePerAccount: 0, unitsPerMinutePerProject: 10_000 }, perMinute: 10_000 },
  quota: { units: 'units', perMinute: 600 },
  pageSize: PAGE,
  targets: { roundTrips: { limit: 20 }, throughput: { limit: 5 }, underQuotas: { limit: 25 } },

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
      body: appResource(event),
    }),

  batchSize: 50,
  async insertBatchAsApp(stack, token, calendarId, events) {
    const target = `/calendar/v3/calendars/${encodeURIComponent(calendarId)}/events?sendUpdates=none`;
    const { contentType, body } = encodeBatch(
      events.map((event, at) => ({ id: String(at), method: 'POST', target, headers: {}, body: appResource(event) })),
    );
    const answer = await fetch(`${stack.google.url}/batch/calendar/v3`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': contentType },
      body,
    });
    const answers = decodeBatch('Insert a batch', {
      status: answer.status,
      headers: answer.headers,
      text: await answer.text(),
    });
    return [...answers.values()].filter(({ status }) => status === 200).map(({ text }) => {
      const { id, etag } = JSON.parse(text);
      return { id, version: etag };
    });
  },

  addCalendar: async (stack, { email }, id) =>
    void await google(stack, 'calendars', { id, summary: id, owner: email, access: { [email]: 'owner' } }),

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

const appResource = (event: PlainEvent) =>
  JSON.stringify({ ...resource(event), visibility: 'private', reminders: { useDefault: true } });

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
