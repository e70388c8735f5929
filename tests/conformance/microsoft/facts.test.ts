import { describe, expect, test } from 'vitest';
import { matchMethod } from '../../../emulators/microsoft/facts.ts';
import { startMicrosoftEmulator } from '../../../emulators/microsoft/server.ts';
import {
  apiWith,
  calendarId,
  connectedApi,
  control,
  DELTA,
  EVENTS,
  newEmulator,
  REDIRECT_URI,
  round,
  send,
  timed,
  weekly,
} from './visitor.ts';

/** Members of the published example of a created event. */
const PUBLISHED = [
  '@odata.etag',
  'id',
  'createdDateTime',
  'lastModifiedDateTime',
  'changeKey',
  'categories',
  'originalStartTimeZone',
  'originalEndTimeZone',
  'iCalUId',
  'reminderMinutesBeforeStart',
  'isReminderOn',
  'hasAttachments',
  'hideAttendees',
  'subject',
  'bodyPreview',
  'importance',
  'sensitivity',
  'isAllDay',
  'isCancelled',
  'isDraft',
  'isOrganizer',
  'responseRequested',
  'seriesMasterId',
  'transactionId',
  'showAs',
  'type',
  'webLink',
  'onlineMeetingUrl',
  'isOnlineMeeting',
  'onlineMeetingProvider',
  'onlineMeeting',
  'recurrence',
  'responseStatus',
  'body',
  'start',
  'end',
  'location',
  'locations',
  'attendees',
  'organizer',
];

describe('shapes', () => {
  test('a created event and a series have every member of the published examples', async () => {
    const api = await connectedApi(newEmulator());
    for (const event of [timed(), weekly()]) {
      expect(Object.keys((await api('POST', EVENTS, event)).body)).toEqual(expect.arrayContaining(PUBLISHED));
    }
  });

  test('a series has its whole pattern and range', async () => {
    const api = await connectedApi(newEmulator());
    expect((await api('POST', EVENTS, weekly())).body.recurrence).toEqual({
      pattern: {
        type: 'weekly',
        interval: 1,
        month: 0,
        dayOfMonth: 0,
        daysOfWeek: ['tuesday'],
        firstDayOfWeek: 'sunday',
        index: 'first',
      },
      range: {
        type: 'endDate',
        startDate: '2026-12-01',
        endDate: '2026-12-31',
        recurrenceTimeZone: 'Europe/Paris',
        numberOfOccurrences: 0,
      },
    });
  });

  test('can grow unknown members and values everywhere', async () => {
    const core = newEmulator();
    const api = await connectedApi(core);
    core.configure({ novelties: true });
    const { body } = await api('POST', EVENTS, timed());
    expect(body).toMatchObject({ futureMember: 1, importance: 'futureImportance', start: { futureMember: 1 } });
    expect((await api('GET', 'me/calendars')).body.value[0].color).toBe('futureColor');
    expect((await round(api, DELTA)).items[0]).toHaveProperty('futureMember');
  });
});

describe('strict mode', () => {
  test.each<[string, string, string, unknown]>([
    ['an unknown option of OData', 'GET', 'me/calendars?$expand=events', undefined],
    ['an unknown parameter', 'GET', 'me/calendars?colour=blue', undefined],
    ['an unknown member', 'POST', EVENTS, timed({ summary: 'x' })],
    ['a read-only member', 'POST', EVENTS, timed({ isOrganizer: true })],
    ['a wrong type', 'POST', EVENTS, timed({ isAllDay: 'no' })],
    ['an unknown value', 'POST', EVENTS, timed({ showAs: 'away' })],
    ['an unknown member inside', 'POST', EVENTS, timed({ location: { name: 'Salle' } })],
    ['a body where none belongs', 'DELETE', 'me/events/AAMkNobodyKnowsThis=', {}],
    ['an unknown address', 'GET', 'me/messages', undefined],
    ['an unknown verb', 'PUT', 'me/events/AAMkNobodyKnowsThis=', timed()],
  ])('refuses %s and writes it down', async (_name, verb, path, body) => {
    const core = newEmulator();
    const reply = await (await connectedApi(core))(verb, path, body);
    expect([400, 405]).toContain(reply.status);
    expect(core.state().violations).toEqual([expect.objectContaining({ side: 'request' })]);
  });

  test('refuses a body that is no JSON, or not declared as such', async () => {
    const core = newEmulator();
    const api = await connectedApi(core);
    expect((await api('POST', EVENTS)).status).toBe(400);
    expect((await api('POST', EVENTS, timed(), { 'content-type': 'text/plain' })).status).toBe(400);
    expect(core.state().violations).toHaveLength(2);
  });

  test('off, unknown members and parameters are ignored; unknown options of OData are not', async () => {
    const core = newEmulator();
    const api = await connectedApi(core);
    core.configure({ strict: false });
    expect((await api('POST', `${EVENTS}?colour=blue`, timed({ summary: 'x' }))).status).toBe(201);
    expect((await api('GET', 'me/calendars?$expand=events')).status).toBe(400);
  });

  test('finds nothing wrong with what the emulator itself answers', async () => {
    const core = newEmulator();
    const api = await connectedApi(core);
    await api('POST', EVENTS, weekly());
    for (const path of ['me', 'me/calendar', 'me/calendars', EVENTS, 'subscriptions']) {
      expect((await api('GET', path)).status).toBe(200);
    }
    expect(core.state().violations).toEqual([]);
  });
});

describe('addresses', () => {
  test('a literal segment beats a placeholder', () => {
    const name = (path: string) => {
      const match = matchMethod('GET', path);
      return typeof match === 'string' ? match : match.name;
    };
    expect(name('me/calendarView/delta')).toBe('events.delta');
    expect(name('me/calendars/x/events/y')).toBe('events.get');
    expect(name('me/outlook/supportedTimeZones')).toBe('zones.list');
    expect(name('me/mailFolders')).toBe('path');
    expect(matchMethod('PUT', 'me/events')).toBe('verb');
  });
});

describe('pages', () => {
  test('show each account’s calendars, and one event', async () => {
    const core = newEmulator();
    const api = await connectedApi(core);
    const { body } = await api('POST', EVENTS, timed({ subject: '<b>Consultation</b>' }));
    const agenda = await send(core, '/?from=2026-12-01');
    expect([agenda.status, agenda.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(agenda.text).toContain('&lt;b&gt;Consultation&lt;/b&gt;');
    expect(agenda.text).toContain('Cabinet de Marc');
    expect(agenda.text).toContain('09:00');
    const event = await send(core, `/calendar/item?id=${encodeURIComponent(body.id)}`);
    expect([event.status, event.text.includes('Calendrier')]).toEqual([200, true]);
    expect((await send(core, '/calendar/item?id=none')).status).toBe(404);
  });
});

test('behind a socket, links lead back to it and a cut looks like no answer', async () => {
  const server = startMicrosoftEmulator({
    port: 0,
    clientId: 'client-1',
    clientSecret: 'secret-1',
    redirectUris: [REDIRECT_URI],
  });
  try {
    const api = apiWith(server.core, server.core.userToken('claire@outlook.test'));
    await control(server.core, 'calendars', { id: calendarId('cabinet'), name: 'Autre' });
    const { deltaLink } = await round(api, DELTA);
    expect(deltaLink.startsWith(`${server.url}/v1.0/`)).toBe(true);
    server.core.addFault({ action: { drop: true } });
    const cut = await fetch(`${server.url}/common/oauth2/v2.0/token`, { method: 'POST', body: 'x' });
    expect(cut.status).toBe(502);
    await expect(cut.text()).rejects.toThrow();
  } finally {
    await server.stop();
  }
});
