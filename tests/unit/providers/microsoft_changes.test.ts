import { describe, expect, test } from 'vitest';
import {
  batchAnswer,
  batchRequests,
  event,
  GRAPH,
  html,
  json,
  refusal,
  refusalBody,
  scripted,
  told,
} from './scripted_microsoft.ts';

const request = {
  calendarId: 'AAMkCal=',
  window: { from: '2026-11-01T00:00:00.000Z', to: '2026-12-01T00:00:00.000Z' },
  cursor: null,
  pageToken: null,
};
const DELTA = `${GRAPH}/me/calendars/AAMkCal=/calendarView/delta`;
const last = { '@odata.deltaLink': `${DELTA}?$deltatoken=d1` };
const page = (value: unknown[], more: Record<string, unknown> = last) => json(200, { value, ...more });
const gone = (id: string) => ({ '@odata.type': '#microsoft.graph.event', id, '@removed': { reason: 'deleted' } });
const occurrence = (id: string, day: string, seriesMasterId = 'AAMkS') => ({
  '@odata.type': '#microsoft.graph.event',
  '@odata.etag': `W/"${id}"`,
  id,
  type: 'occurrence',
  seriesMasterId,
  start: { dateTime: `${day}T09:00:00.0000000`, timeZone: 'UTC' },
  end: { dateTime: `${day}T10:00:00.0000000`, timeZone: 'UTC' },
});
const series = (id: string, more: Record<string, unknown> = {}) =>
  event(id, { type: 'seriesMaster', subject: 'Équipe', showAs: 'oof', ...more });

describe('a reading of changes', () => {
  test('fixes its window with the first request, and goes on by the links as they are', async () => {
    const nextLink = `${DELTA}?$skiptoken=a%2Bb`;
    const { provider, handle, sent } = scripted(
      page([], { '@odata.nextLink': nextLink }),
      page([event('AAMk1')]),
      page([]),
    );
    const first = await provider.calendar.pullChanges(handle, request);
    expect(first).toEqual({ events: [], unreadable: [], removed: [], next: { pageToken: nextLink } });
    const second = await provider.calendar.pullChanges(handle, { ...request, pageToken: nextLink });
    expect(second.next).toEqual({ cursor: last['@odata.deltaLink'] });
    await provider.calendar.pullChanges(handle, { ...request, cursor: last['@odata.deltaLink'] });
    expect(told(sent)[0]).toBe(
      'GET /me/calendars/AAMkCal%3D/calendarView/delta?startDateTime=2026-11-01T00:00:00.000Z&' +
        'endDateTime=2026-12-01T00:00:00.000Z',
    );
    expect(sent.slice(1).map(({ url }) => String(url))).toEqual([nextLink, last['@odata.deltaLink']]);
    for (const { headers } of sent) {
      expect(headers.get('prefer')).toBe(
        'IdType="ImmutableId", outlook.timezone="UTC", outlook.body-content-type="text", odata.maxpagesize=50',
      );
    }
  });

  test('prefers the page to the cursor where a round was interrupted', async () => {
    const { provider, handle, sent } = scripted(page([]));
    const pageToken = `${DELTA}?$skiptoken=s`;
    await provider.calendar.pullChanges(handle, { ...request, cursor: last['@odata.deltaLink'], pageToken });
    expect(String(sent[0]?.url)).toBe(pageToken);
  });

  test('hands on removals as hints, and of several states of one event the last', async () => {
    const { provider, handle } = scripted(page([
      event('AAMk1', { subject: 'Ancien' }),
      gone('AAMk2'),
      event('AAMk3'),
      event('AAMk1', { subject: 'Nouveau' }),
      gone('AAMk3'),
      event('AAMk2'),
    ]));
    const { events, removed } = await provider.calendar.pullChanges(handle, request);
    expect(events.map(({ ref, content }) => [ref.eventId, content?.title])).toEqual([
      ['AAMk1', 'Nouveau'],
      ['AAMk2', 'Suivi'],
    ]);
    expect(removed).toEqual(['AAMk3']);
  });

  test('reads Microsoft’s own samples', async () => {
    const sample = (value: unknown[]) => page(value);
    const documented = {
      '@odata.type': '#microsoft.graph.event',
      '@odata.etag': 'W/"EZ9r3czxY0m2jz8c45czkwAAFXcvIQ=="',
      subject: 'Plan shopping list',
      body: { contentType: 'html', content: '' },
      start: { dateTime: '2016-12-09T20:30:00.0000000', timeZone: 'UTC' },
      end: { dateTime: '2016-12-09T22:00:00.0000000', timeZone: 'UTC' },
      attendees: [],
      organizer: { emailAddress: { name: 'Samantha Booth', address: 'samanthab@contoso.onmicrosoft.com' } },
      id: 'AAMkADNVxRAAA=',
    };
    const { provider, handle } = scripted(sample([documented, gone('AAMkADk0MGFk')]));
    const { events, removed } = await provider.calendar.pullChanges(handle, request);
    expect(events[0]).toMatchObject({ status: 'confirmed', content: { title: 'Plan shopping list' }, attendees: [] });
    expect(removed).toEqual(['AAMkADk0MGFk']);
  });

  test.each([
    ['neither link', page([], {}), 'UNEXPECTED_RESPONSE'],
    [
      'a link that leads elsewhere',
      page([], { '@odata.deltaLink': 'https://evil.test/v1.0/x' }),
      'UNEXPECTED_RESPONSE',
    ],
    ['no list', json(200, {}), 'UNEXPECTED_RESPONSE'],
    ['a page of HTML', html(200), 'UNEXPECTED_RESPONSE'],
    ['a calendar that is gone', refusal(404, 'ErrorItemNotFound'), 'CALENDAR_NOT_FOUND'],
    ['too many requests', refusal(429, 'TooManyRequests'), 'RATE_LIMITED'],
    ['endless series', refusal(504, 'UnknownError'), 'PROVIDER_UNAVAILABLE'],
    ['a dead token', refusal(410, 'SyncStateNotFound'), 'CURSOR_EXPIRED'],
    [
      'a dead token and a new start',
      new Response(null, { status: 410, headers: { location: DELTA } }),
      'CURSOR_EXPIRED',
    ],
    ['a dead token as 404', refusal(404, 'syncStateNotFound'), 'CURSOR_EXPIRED'],
    ['a dead token as 400', refusal(400, 'SYNCSTATENOTFOUND'), 'CURSOR_EXPIRED'],
    ['a wish to start again', refusal(410, 'resyncRequired'), 'CURSOR_EXPIRED'],
    [
      'a wish to start again, inside',
      json(400, refusalBody('ErrorInvalidRequest', { innerError: { code: 'resyncApplyDifferences' } })),
      'CURSOR_EXPIRED',
    ],
  ])('is never taken for emptiness: %s', async (_, response, code) => {
    const { provider, handle } = scripted(response);
    await expect(provider.calendar.pullChanges(handle, { ...request, cursor: last['@odata.deltaLink'] })).rejects
      .toMatchObject({
        code,
      });
  });

  test.each([
    'https://evil.test/v1.0/me/calendars/AAMkCal=/calendarView/delta',
    `${GRAPH}/me/messages`,
    `${GRAPH}/me/events/calendarView/delta/attachments`,
    `${GRAPH}/`,
    'nonsense',
  ])('follows no link that does not lead to the changes of a calendar: %s', async (link) => {
    for (const from of [{ cursor: link }, { pageToken: link }]) {
      const { provider, handle, sent } = scripted();
      await expect(provider.calendar.pullChanges(handle, { ...request, ...from })).rejects.toMatchObject({
        code: 'CURSOR_EXPIRED',
      });
      expect(sent).toEqual([]);
    }
  });

  test('names each entry that cannot be understood, and brings the others', async () => {
    const entries = [
      event('AAMk1'),
      event('times', { start: null }),
      event('zone', { start: { dateTime: '2026-11-21T08:00:00', timeZone: 'Romance Standard Time' } }),
      event('day', {
        isAllDay: true,
        start: { dateTime: '2026-02-30T00:00:00', timeZone: 'UTC' },
        end: { dateTime: '2026-03-03T00:00:00', timeZone: 'UTC' },
      }),
      event('version', { '@odata.etag': null }),
      event('shape', { subject: 3 }),
      event('l'.repeat(2000)),
      { subject: 'x' },
      { id: 3, '@removed': { reason: 'deleted' } },
      { id: 'gone', '@removed': { reason: 'deleted' } },
      event('AAMk2'),
    ];
    const { provider, handle } = scripted(page(entries));
    const changes = await provider.calendar.pullChanges(handle, request);
    expect(changes.events.map(({ ref }) => ref.eventId)).toEqual(['AAMk1', 'AAMk2']);
    expect(changes.removed).toEqual(['gone']);
    expect(Object.fromEntries(changes.unreadable.map(({ eventId, reason }) => [eventId, reason]))).toEqual({
      times: 'no_times',
      zone: 'no_times',
      day: 'no_times',
      version: 'no_version',
      shape: 'unknown_shape',
      null: 'unknown_shape',
    });
    expect(changes.unreadable).toHaveLength(8);
  });

  test('cuts every text, and leaves out links that are none', async () => {
    const long = 'x'.repeat(20_000);
    const guest = { emailAddress: { address: 'g'.repeat(3000), name: `\u0000${'g'.repeat(3000)}` } };
    const { provider, handle } = scripted(page([event('AAMk1', {
      subject: `a\u0000b\ud800${long}`,
      body: { contentType: 'text', content: long },
      location: { displayName: long },
      webLink: 'javascript:alert(1)',
      attendees: Array.from({ length: 150 }, () => guest),
    })]));
    const { events: [one] } = await provider.calendar.pullChanges(handle, request);
    expect(one?.url).toBeNull();
    expect(one?.content?.title).toMatch(/^ab\ufffdx+$/);
    const { title, description, location } = one!.content!;
    expect([title.length, description.length, location.length]).toEqual([255, 8192, 255]);
    expect(one!.attendees.length).toBeLessThanOrEqual(101);
    expect(Math.max(...one!.attendees.map(({ email }) => email!.length))).toBe(320);
  });

  test('that is too large is given up on while it comes, and asked for again with fewer entries', async () => {
    const heavy = () => new Response(`{"value":["${'x'.repeat(5_000_000)}"]}`);
    const nextLink = `${DELTA}?$skiptoken=s`;
    const { provider, handle, sent } = scripted(
      heavy(),
      page([event('AAMk1')], { '@odata.nextLink': nextLink }),
      page([event('AAMk2')]),
    );
    const one = await provider.calendar.pullChanges(handle, request);
    expect(one.next).toEqual({ pageToken: `size=10;${nextLink}` });
    const two = await provider.calendar.pullChanges(handle, { ...request, pageToken: `size=10;${nextLink}` });
    expect(two.next).toEqual({ cursor: last['@odata.deltaLink'] });
    expect(sent.map(({ headers }) => /maxpagesize=(\d+)/.exec(headers.get('prefer') ?? '')?.[1])).toEqual([
      '50',
      '10',
      '10',
    ]);
    expect(String(sent[2]?.url)).toBe(nextLink);
  });

  test('starts again where a cursor is of another place', async () => {
    for (const link of ['https://graph.example.test/v1.0/delta', 'nonsense']) {
      for (const place of [{ cursor: link }, { cursor: null, pageToken: link }]) {
        const { provider, handle, sent } = scripted();
        await expect(provider.calendar.pullChanges(handle, { ...request, ...place })).rejects.toMatchObject({
          code: 'CURSOR_EXPIRED',
        });
        expect(sent).toHaveLength(0);
      }
    }
  });

  test('does not go round in circles', async () => {
    const pageToken = `${DELTA}?$skiptoken=s`;
    const { provider, handle } = scripted(page([], { '@odata.nextLink': pageToken }));
    await expect(provider.calendar.pullChanges(handle, { ...request, pageToken })).rejects.toMatchObject({
      code: 'UNEXPECTED_RESPONSE',
    });
  });
});

describe('occurrences', () => {
  test('that come with their times only have the rest from their series, asked for once', async () => {
    const { provider, handle, sent } = scripted(
      page([occurrence('AAMk1', '2026-11-23'), occurrence('AAMk2', '2026-11-30')]),
      json(200, series('AAMkS', { attendees: [{ emailAddress: { address: 'a@b.test' } }] })),
    );
    const { events } = await provider.calendar.pullChanges(handle, request);
    expect(
      events.map(({ ref, version, seriesId, kind, content }) => [ref.eventId, version, seriesId, kind, content?.title]),
    )
      .toEqual([
        ['AAMk1', 'W/"AAMk1"', 'AAMkS', 'out_of_office', 'Équipe'],
        ['AAMk2', 'W/"AAMk2"', 'AAMkS', 'out_of_office', 'Équipe'],
      ]);
    expect(events[1]?.content?.time).toMatchObject({ startsAt: '2026-11-30T09:00:00.000Z' });
    expect(told(sent).slice(1)).toEqual(['GET /me/events/AAMkS']);
  });

  test('of whole days are told from their series', async () => {
    const day = {
      ...occurrence('AAMk1', '2026-11-23'),
      start: { dateTime: '2026-11-23T00:00:00.0000000', timeZone: 'UTC' },
      end: { dateTime: '2026-11-24T00:00:00.0000000', timeZone: 'UTC' },
    };
    const { provider, handle } = scripted(page([day]), json(200, series('AAMkS', { isAllDay: true })));
    const { events } = await provider.calendar.pullChanges(handle, request);
    expect(events[0]?.content?.time).toEqual({ kind: 'all_day', startDay: '2026-11-23', endDay: '2026-11-24' });
  });

  test('of several series cost one batch, and exceptions and the series themselves none', async () => {
    const { provider, handle, sent } = scripted(
      page([
        occurrence('AAMk1', '2026-11-23', 'AAMkS'),
        occurrence('AAMk2', '2026-11-24', 'AAMkT'),
        event('AAMk3', { type: 'exception', seriesMasterId: 'AAMkU', subject: null }),
        series('AAMkV'),
      ]),
      batchAnswer([[200, series('AAMkS')], [200, series('AAMkT', { subject: 'Autre' })]]),
    );
    const { events } = await provider.calendar.pullChanges(handle, request);
    expect(events.map(({ ref, content }) => [ref.eventId, content?.title])).toEqual([
      ['AAMk1', 'Équipe'],
      ['AAMk2', 'Autre'],
      ['AAMk3', ''],
    ]);
    expect(batchRequests(sent[1]!).map(({ url }) => url)).toEqual(['/me/events/AAMkS', '/me/events/AAMkT']);
  });

  test('whose series ended meanwhile are hints, to be read by themselves', async () => {
    const { provider, handle } = scripted(
      page([occurrence('AAMk1', '2026-11-23')]),
      refusal(404, 'ErrorItemNotFound'),
    );
    expect(await provider.calendar.pullChanges(handle, request)).toMatchObject({ events: [], removed: ['AAMk1'] });
  });

  test.each([
    ['fails', [html(503)], 'PROVIDER_UNAVAILABLE'],
    ['is limited', [refusal(429, 'ApplicationThrottled')], 'RATE_LIMITED'],
    ['is no event', [json(200, {})], 'UNEXPECTED_RESPONSE'],
  ])('whose series %s fail the page: no part of a page is a page', async (_, steps, code) => {
    const { provider, handle } = scripted(page([occurrence('AAMk1', '2026-11-23')]), ...steps);
    await expect(provider.calendar.pullChanges(handle, request)).rejects.toMatchObject({ code });
  });

  test('whose series cannot be understood are named, and the others come', async () => {
    const { provider, handle } = scripted(
      page([occurrence('AAMk1', '2026-11-23'), event('AAMk2')]),
      json(200, series('AAMkS', { subject: 3 })),
    );
    const { events, unreadable } = await provider.calendar.pullChanges(handle, request);
    expect(events.map(({ ref }) => ref.eventId)).toEqual(['AAMk2']);
    expect(unreadable).toEqual([{ eventId: 'AAMk1', reason: 'no_series' }]);
  });

  test('of more series than a batch holds take several, and a part that is missing fails the page', async () => {
    const many = Array.from({ length: 21 }, (_, at) => occurrence(`AAMk${at}`, '2026-11-23', `AAMkS${at}`));
    const all = (from: number, count: number) =>
      batchAnswer(Array.from({ length: count }, (_, at) => [200, series(`AAMkS${from + at}`)] as const));
    const whole = scripted(page(many), all(0, 20), json(200, series('AAMkS20')));
    expect((await whole.provider.calendar.pullChanges(whole.handle, request)).events).toHaveLength(21);
    const short = scripted(page(many.slice(0, 2)), batchAnswer([[200, series('AAMkS0')], null]));
    await expect(short.provider.calendar.pullChanges(short.handle, request)).rejects.toMatchObject({
      code: 'UNEXPECTED_RESPONSE',
    });
  });
});
