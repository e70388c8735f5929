import { describe, expect, test, vi } from 'vitest';
import {
  BATCH_TIMEOUT_MS,
  exchange,
  SINGLE_TIMEOUT_MS,
} from '../../../supabase/functions/_shared/providers/http/exchange.ts';
import { html, json, refusal, scripted } from './scripted_google.ts';

const ref = { calendarId: 'famille#1@group.calendar.google.com', eventId: 'abcde' };
const event = (id: string, appointment: string, more: Record<string, unknown> = {}) => ({
  id,
  etag: '"1"',
  status: 'confirmed',
  start: { date: '2026-11-21' },
  end: { date: '2026-11-22' },
  extendedProperties: { private: { cassiusAppointmentId: appointment, cassiusIntegrationId: 'i', cassiusEpoch: '0' } },
  ...more,
});
const calendars = (items: unknown[], more: Record<string, unknown> = {}) =>
  json(200, { kind: 'calendar#calendarList', items, ...more });

describe('reading an event', () => {
  test('asks for it by calendar and id', async () => {
    const { provider, handle, sent } = scripted(json(200, event('abcde', 'rdv')));
    expect(await provider.calendar.getEvent(handle, ref)).toMatchObject({
      ref,
      version: '"1"',
      marker: { appointmentId: 'rdv' },
    });
    expect(String(sent[0]?.url)).toBe(
      'http://google.test/calendar/v3/calendars/famille%231%40group.calendar.google.com/events/abcde',
    );
  });

  test('gives nothing for an id that was never there, and the tombstone of a deleted one', async () => {
    const { provider, handle } = scripted(refusal(404, 'notFound'), json(200, { id: 'abcde', status: 'cancelled' }));
    expect(await provider.calendar.getEvent(handle, ref)).toBe(null);
    expect(await provider.calendar.getEvent(handle, ref)).toMatchObject({ status: 'cancelled', content: null });
  });

  test.each([html(404), html(503), refusal(403, 'rateLimitExceeded'), json(200, {}), new Response('')])(
    'is never "not there" for anything but Google’s word',
    async (response) => {
      const { provider, handle } = scripted(response);
      await expect(provider.calendar.getEvent(handle, ref)).rejects.toMatchObject({ retryable: true });
    },
  );
});

test('a probe tells a calendar that is gone from one that answers, even when it is empty', async () => {
  const { provider, handle } = scripted(
    json(200, { kind: 'calendar#events' }),
    refusal(404, 'notFound'),
    json(200, {}),
  );
  await provider.calendar.probeCalendar(handle, 'c');
  await expect(provider.calendar.probeCalendar(handle, 'c')).rejects.toMatchObject({ code: 'CALENDAR_NOT_FOUND' });
  await expect(provider.calendar.probeCalendar(handle, 'c')).rejects.toMatchObject({ code: 'UNEXPECTED_RESPONSE' });
});

describe('listing calendars', () => {
  test('knows who may write, and takes the name that the user gave', async () => {
    const { provider, handle } = scripted(calendars([
      {
        id: 'claire@gmail.test',
        summary: 'claire@gmail.test',
        primary: true,
        accessRole: 'owner',
        timeZone: 'Europe/Paris',
        backgroundColor: '#9fe1e7',
      },
      { id: 'b', summary: 'Cabinet', summaryOverride: 'Mon cabinet', accessRole: 'writer' },
      { id: 'c', summary: 'Lecture', accessRole: 'reader' },
      { id: 'd', summary: 'Sans privé', accessRole: 'writerWithoutPrivateAccess' },
      { id: 'e', accessRole: 'aRoleOfNextYear' },
      { id: 'f', summary: 'Parti', accessRole: 'owner', deleted: true },
    ]));
    expect(await provider.calendar.listCalendars(handle)).toEqual([
      {
        id: 'claire@gmail.test',
        name: 'claire@gmail.test',
        primary: true,
        canWrite: true,
        timeZone: 'Europe/Paris',
        color: '#9fe1e7',
      },
      { id: 'b', name: 'Mon cabinet', primary: false, canWrite: true, timeZone: null, color: null },
      { id: 'c', name: 'Lecture', primary: false, canWrite: false, timeZone: null, color: null },
      { id: 'd', name: 'Sans privé', primary: false, canWrite: false, timeZone: null, color: null },
      { id: 'e', name: 'e', primary: false, canWrite: false, timeZone: null, color: null },
    ]);
  });

  test.each([
    ['a page that fails', [calendars([{ id: 'a' }], { nextPageToken: 'p' }), html(502)], 'PROVIDER_UNAVAILABLE'],
    ['an answer of another kind', [json(200, { kind: 'calendar#events', items: [] })], 'UNEXPECTED_RESPONSE'],
    ['an empty object', [json(200, {})], 'UNEXPECTED_RESPONSE'],
    ['an entry without id', [calendars([{ summary: 'x' }])], 'UNEXPECTED_RESPONSE'],
    ['a missing permission', [refusal(403, 'insufficientPermissions')], 'INSUFFICIENT_SCOPE'],
    [
      'pages in a circle',
      [calendars([], { nextPageToken: 'p' }), calendars([], { nextPageToken: 'p' })],
      'UNEXPECTED_RESPONSE',
    ],
  ])('never gives a part: %s', async (_, steps, code) => {
    const { provider, handle } = scripted(...steps);
    await expect(provider.calendar.listCalendars(handle)).rejects.toMatchObject({ code });
  });

  test('ends even when a server pages for ever', async () => {
    let page = 0;
    const endless = Array.from({ length: 300 }, () => () => calendars([], { nextPageToken: `p${page++}` }));
    const { provider, handle, sent } = scripted(...endless);
    await expect(provider.calendar.listCalendars(handle)).rejects.toMatchObject({ code: 'UNEXPECTED_RESPONSE' });
    expect(sent).toHaveLength(200);
  });
});

describe('an exchange', () => {
  test('gives up after 15 seconds, a batch after 60', async () => {
    const timeout = vi.spyOn(AbortSignal, 'timeout').mockImplementation(() =>
      AbortSignal.abort(new DOMException('late', 'TimeoutError'))
    );
    try {
      const runtime = {
        now: () => 0,
        fetch: (_: unknown, init?: RequestInit) =>
          init?.signal?.aborted ? Promise.reject(init.signal.reason) : Promise.resolve(new Response()),
      };
      for (const ms of [SINGLE_TIMEOUT_MS, BATCH_TIMEOUT_MS]) {
        await expect(exchange(runtime, 'Ask', 'http://google.test', {}, ms)).rejects.toMatchObject({
          message: 'Ask: no answer in time',
        });
      }
      expect(timeout.mock.calls).toEqual([[15_000], [60_000]]);
    } finally {
      timeout.mockRestore();
    }
  });

  test('never follows a redirect with our token', async () => {
    const { provider, handle, sent } = scripted(
      new Response(null, { status: 302, headers: { location: 'https://evil.test/' } }),
    );
    await expect(provider.calendar.getEvent(handle, ref)).rejects.toMatchObject({ code: 'UNEXPECTED_RESPONSE' });
    expect(sent).toHaveLength(1);
  });

  test('fails when the body breaks off', async () => {
    const broken = new ReadableStream({ start: (controller) => controller.error(new TypeError('reset')) });
    const { provider, handle } = scripted(new Response(broken));
    await expect(provider.calendar.getEvent(handle, ref)).rejects.toMatchObject({ code: 'PROVIDER_UNAVAILABLE' });
  });
});
