import { describe, expect, test } from 'vitest';
import type { ChangeRequest } from '../../../supabase/functions/_shared/providers/port/calendar.ts';
import { html, json, NOW, refusal, scripted } from './scripted_google.ts';

const CALENDAR = 'famille#1@group.calendar.google.com';
const WINDOW = { from: '2026-11-01T00:00:00.000Z', to: '2026-12-01T00:00:00.000Z' };
const first: ChangeRequest = { calendarId: CALENDAR, window: WINDOW, cursor: null, pageToken: null };
const later: ChangeRequest = { ...first, cursor: 'sync-1' };

const event = (id: string, more: Record<string, unknown> = {}) => ({
  id,
  etag: '"1"',
  status: 'confirmed',
  updated: '2026-11-20T08:00:00.000Z',
  start: { date: '2026-11-21' },
  end: { date: '2026-11-22' },
  ...more,
});
const page = (items: unknown[] | undefined, more: Record<string, unknown> = { nextSyncToken: 'sync-2' }) =>
  json(200, { kind: 'calendar#events', ...(items ? { items } : {}), ...more });

describe('a page of changes', () => {
  test('of a full reading asks for single occurrences in the window, in no order', async () => {
    const { provider, handle, sent } = scripted(page([event('a')]));
    const changes = await provider.calendar.pullChanges(handle, first);
    expect(changes).toMatchObject({ events: [{ ref: { eventId: 'a' } }], removed: [], next: { cursor: 'sync-2' } });
    expect(sent[0]?.url.pathname).toBe('/calendar/v3/calendars/famille%231%40group.calendar.google.com/events');
    const { fields, ...query } = Object.fromEntries(sent[0]?.url.searchParams ?? []);
    expect(query).toEqual({
      singleEvents: 'true',
      maxResults: '1700',
      maxAttendees: '100',
      prettyPrint: 'false',
      timeMin: WINDOW.from,
      timeMax: WINDOW.to,
    });
    expect(fields).toMatch(/^kind,nextPageToken,nextSyncToken,items\(/);
  });

  test('of an incremental reading names the token, the same parameters, and nothing that a token forbids', async () => {
    const { provider, handle, sent } = scripted(page([]), page([]), page([]));
    await provider.calendar.pullChanges(handle, first);
    await provider.calendar.pullChanges(handle, later);
    await provider.calendar.pullChanges(handle, { ...later, pageToken: 'p2' });
    const [full, one, two] = sent.map(({ url }) => Object.fromEntries(url.searchParams));
    const { timeMin: _from, timeMax: _to, ...same } = full ?? {};
    expect(one).toEqual({ ...same, syncToken: 'sync-1' });
    expect(two).toEqual({ ...same, syncToken: 'sync-1', pageToken: 'p2' });
  });

  test('that is empty says nothing: its token says whether more comes', async () => {
    const { provider, handle } = scripted(page(undefined, { nextPageToken: 'p2' }), page([]));
    expect((await provider.calendar.pullChanges(handle, first)).next).toEqual({ pageToken: 'p2' });
    expect((await provider.calendar.pullChanges(handle, first)).next).toEqual({ cursor: 'sync-2' });
  });

  test('tells a deletion by its status, however little else it says', async () => {
    const stub = { id: 'a', status: 'cancelled' };
    const occurrence = { id: 'b_20261121T080000Z', status: 'cancelled', etag: '"2"', recurringEventId: 'b' };
    const { provider, handle } = scripted(page([stub, occurrence, event('c', { status: 'cancelled' })]));
    expect((await provider.calendar.pullChanges(handle, later)).events).toMatchObject([
      { ref: { calendarId: CALENDAR, eventId: 'a' }, status: 'cancelled', content: null, version: '', marker: null },
      { ref: { eventId: 'b_20261121T080000Z' }, status: 'cancelled', content: null, version: '"2"', seriesId: 'b' },
      { ref: { eventId: 'c' }, status: 'cancelled', content: { time: { kind: 'all_day' } } },
    ]);
  });

  test('holds each event once, in its newest state', async () => {
    const at = (minute: number, summary: string) =>
      event('a', { summary, updated: `2026-11-20T08:0${minute}:00.000Z` });
    const { provider, handle } = scripted(
      page([at(1, 'old'), event('b'), at(2, 'new')]),
      page([at(2, 'new'), at(1, 'old')]),
      page([at(2, 'new'), { id: 'a', status: 'cancelled' }]),
    );
    const titles = async () =>
      (await provider.calendar.pullChanges(handle, later)).events.map(({ content }) => content?.title);
    expect(await titles()).toEqual(['new', '']);
    expect(await titles()).toEqual(['new']);
    expect(await titles()).toEqual([undefined]);
  });

  test.each([
    ['no token at all', page([event('a')], {})],
    ['empty tokens', page([event('a')], { nextPageToken: '', nextSyncToken: '' })],
    ['another kind of list', json(200, { kind: 'calendar#calendarList', items: [], nextSyncToken: 's' })],
    ['an empty object', json(200, {})],
    ['half an answer', new Response('{"kind":"calendar#events","items":[{"id"')],
    ['no body', new Response('')],
    ['the page of before', page([], { nextPageToken: 'p2' })],
  ])('with %s is a failure, never an empty page', async (_, response) => {
    const { provider, handle } = scripted(response);
    await expect(provider.calendar.pullChanges(handle, { ...first, pageToken: 'p2' })).rejects.toMatchObject({
      code: 'UNEXPECTED_RESPONSE',
      retryable: true,
    });
  });

  test('names each entry that cannot be understood, and brings the others', async () => {
    const entries = [
      event('a'),
      event('times', { start: null }),
      event('mixed', { start: { dateTime: '2026-11-21T08:00:00Z', date: '2026-11-21' }, end: { dateTime: 'soon' } }),
      event('day', { start: { date: '2026-02-30' } }),
      event('ages', { start: { dateTime: '0000-01-01T00:00:00Z' }, end: { dateTime: '0000-01-01T01:00:00Z' } }),
      event('version', { etag: null }),
      event('shape', { summary: { text: 'x' } }),
      event('n\u0000ul'),
      event('l'.repeat(2000)),
      { status: 'cancelled' },
      null,
      event('b'),
    ];
    const unreadable = [
      { eventId: 'times', reason: 'no_times' },
      { eventId: 'mixed', reason: 'unknown_shape' },
      { eventId: 'day', reason: 'no_times' },
      { eventId: 'ages', reason: 'no_times' },
      { eventId: 'version', reason: 'no_version' },
      { eventId: 'shape', reason: 'unknown_shape' },
      ...Array.from({ length: 4 }, () => ({ eventId: null, reason: 'unknown_shape' })),
    ];
    const { provider, handle } = scripted(page(entries));
    const changes = await provider.calendar.pullChanges(handle, first);
    expect(changes.events.map(({ ref }) => ref.eventId)).toEqual(['a', 'b']);
    expect(changes).toMatchObject({ unreadable, removed: [], next: { cursor: 'sync-2' } });
  });

  test('cuts every text, and leaves out links that are none', async () => {
    const long = 'x'.repeat(20_000);
    const guest = 'g'.repeat(3000);
    const { provider, handle } = scripted(page([event('a', {
      summary: `a\u0000b\ud800${long}`,
      description: long,
      location: long,
      htmlLink: 'javascript:alert(1)',
      start: { dateTime: '2026-11-21T08:00:00Z', timeZone: long },
      end: { dateTime: '2026-11-21T09:00:00Z', timeZone: long },
      attendees: Array.from({ length: 150 }, () => ({ email: guest, displayName: `\u0000${guest}` })),
    })]));
    const { events: [one] } = await provider.calendar.pullChanges(handle, first);
    expect(one).toMatchObject({ url: null, content: { time: { kind: 'timed', timeZone: 'UTC' } } });
    expect(one?.content?.title).toMatch(/^ab\ufffdx+$/);
    const { title, description, location } = one!.content!;
    expect([title.length, description.length, location.length]).toEqual([1024, 8192, 1024]);
    expect(one?.attendees).toHaveLength(100);
    expect(Math.max(...one!.attendees.map(({ email, name }) => Math.max(email!.length, name!.length)))).toBe(320);
  });

  test('that is too large is given up on while it comes, and asked for again with fewer entries', async () => {
    const heavy = () => new Response(`{"kind":"calendar#events","items":["${'x'.repeat(5_000_000)}"]}`);
    const { provider, handle, sent } = scripted(
      heavy(),
      page([event('a')], { nextPageToken: 'p2' }),
      heavy(),
      page([event('b')], { nextPageToken: 'p3' }),
      page([event('c')]),
    );
    const one = await provider.calendar.pullChanges(handle, first);
    expect(one).toMatchObject({ events: [{ ref: { eventId: 'a' } }], next: { pageToken: 'size=60;p2' } });
    const two = await provider.calendar.pullChanges(handle, { ...first, pageToken: 'size=60;p2' });
    expect(two.next).toEqual({ pageToken: 'size=6;p3' });
    expect((await provider.calendar.pullChanges(handle, { ...first, pageToken: 'size=6;p3' })).next).toEqual({
      cursor: 'sync-2',
    });
    const asked = sent.map(({ url }) => [url.searchParams.get('maxResults'), url.searchParams.get('pageToken')]);
    expect(asked).toEqual([['1700', null], ['60', null], ['60', 'p2'], ['6', 'p2'], ['6', 'p3']]);
  });

  test.each<[string, ChangeRequest, () => Response, string]>([
    ['410 for a sync token', later, () => refusal(410, 'fullSyncRequired'), 'CURSOR_EXPIRED'],
    ['410 with another reason', later, () => refusal(410, 'deleted'), 'CURSOR_EXPIRED'],
    [
      '400 for a malformed sync token',
      later,
      () => refusal(400, 'invalid', 'Invalid sync token value.'),
      'CURSOR_EXPIRED',
    ],
    ['400 for a page token', { ...first, pageToken: 'p' }, () => refusal(400, 'invalid'), 'CURSOR_EXPIRED'],
    ['400 for nothing of the kind', first, () => refusal(400, 'invalid'), 'UNEXPECTED_RESPONSE'],
    ['a bare page with 410', later, () => html(410), 'UNEXPECTED_RESPONSE'],
    ['a bare page with 400', { ...later, pageToken: 'p' }, () => html(400), 'UNEXPECTED_RESPONSE'],
    ['404', later, () => refusal(404, 'notFound'), 'CALENDAR_NOT_FOUND'],
    ['403 for the rate', { ...later, pageToken: 'p' }, () => refusal(403, 'rateLimitExceeded'), 'RATE_LIMITED'],
    ['500', later, () => html(500), 'PROVIDER_UNAVAILABLE'],
  ])('refused with %s', async (_, request, response, code) => {
    const { provider, handle } = scripted(response());
    await expect(provider.calendar.pullChanges(handle, request)).rejects.toMatchObject({ code });
  });
});

describe('an event of anybody', () => {
  const read = async (more: Record<string, unknown>) => {
    const { provider, handle } = scripted(page([event('a', more)]));
    const [one] = (await provider.calendar.pullChanges(handle, first)).events;
    if (!one) throw new Error('No event came');
    return one;
  };

  test.each([
    [undefined, 'appointment'],
    ['default', 'appointment'],
    ['fromGmail', 'appointment'],
    ['outOfOffice', 'out_of_office'],
    ['focusTime', 'focus_time'],
    ['workingLocation', 'working_location'],
    ['birthday', 'birthday'],
    ['futureType', 'other'],
  ])('of type %s is: %s', async (eventType, kind) => {
    expect((await read({ eventType })).kind).toBe(kind);
  });

  test.each([
    [{}, 'busy', 'normal'],
    [{ transparency: 'opaque', visibility: 'public' }, 'busy', 'normal'],
    [{ transparency: 'transparent', visibility: 'private' }, 'free', 'private'],
    [{ visibility: 'confidential' }, 'busy', 'private'],
    [{ transparency: 'future', visibility: 'future' }, 'busy', 'normal'],
  ])('with %j is %s and %s', async (more, availability, visibility) => {
    expect((await read(more)).content).toMatchObject({ availability, visibility });
  });

  test('names its guests and what its owner answered', async () => {
    const one = await read({
      htmlLink: 'https://www.google.com/calendar/event?eid=x',
      attendees: [
        { email: 'hote@example.test', displayName: 'Hôte', organizer: true, responseStatus: 'accepted' },
        { email: 'claire@gmail.test', self: true, responseStatus: 'declined' },
        { email: 'salle@resource.test', resource: true, responseStatus: 'needsAction' },
        { responseStatus: 'futureStatus' },
      ],
    });
    expect(one.ownResponse).toBe('declined');
    expect(one.url).toBe('https://www.google.com/calendar/event?eid=x');
    expect(one.attendees).toEqual([
      { email: 'hote@example.test', name: 'Hôte', response: 'accepted', organizer: true, self: false },
      { email: 'claire@gmail.test', name: null, response: 'declined', organizer: false, self: true },
      { email: 'salle@resource.test', name: null, response: 'none', organizer: false, self: false },
      { email: null, name: null, response: 'none', organizer: false, self: false },
    ]);
  });

  test('has no answer of its owner where nobody asked', async () => {
    expect(await read({})).toMatchObject({ ownResponse: null, attendees: [], url: null, seriesId: null });
  });

  test('names a hundred guests at most, its owner among them', async () => {
    const crowd = Array.from({ length: 150 }, (_, at) => ({ email: `${at}@example.test` }));
    const one = await read({ attendees: [...crowd, { email: 'claire@gmail.test', self: true }] });
    expect(one.attendees).toHaveLength(100);
    expect(one.attendees.filter(({ self }) => self)).toHaveLength(1);
  });
});

describe('reading one event whole', () => {
  const ref = { calendarId: CALENDAR, eventId: 'abcde' };

  test('gives what a page of changes gives', async () => {
    const whole = event('abcde', { recurringEventId: 'series', eventType: 'focusTime', attendees: [{ self: true }] });
    const { provider, handle, sent } = scripted(page([whole]), json(200, whole));
    const [pulled] = (await provider.calendar.pullChanges(handle, first)).events;
    expect(await provider.calendar.readEvent(handle, ref)).toEqual(pulled);
    expect(sent[1]?.url.searchParams.get('maxAttendees')).toBe('100');
  });

  test('gives the tombstone of a deleted one, and nothing for one that never was', async () => {
    const { provider, handle } = scripted(json(200, { id: 'abcde', status: 'cancelled' }), refusal(404, 'notFound'));
    expect(await provider.calendar.readEvent(handle, ref)).toMatchObject({ status: 'cancelled', content: null });
    expect(await provider.calendar.readEvent(handle, ref)).toBe(null);
  });

  test.each([html(404), html(503), json(200, {})])('fails for anything but Google’s word', async (response) => {
    const { provider, handle } = scripted(response);
    await expect(provider.calendar.readEvent(handle, ref)).rejects.toMatchObject({ retryable: true });
  });
});

describe('a watch', () => {
  const wish = {
    calendarId: CALENDAR,
    channelId: 'channel-1',
    address: 'https://app.test/notifications',
    secret: 'secret',
    lifetimeSeconds: 3600,
  };
  const answer = (more: Record<string, unknown> = {}) =>
    json(200, { kind: 'api#channel', id: 'channel-1', resourceId: 'r', ...more });

  test('is asked for with our id, address and secret, and ends when Google says', async () => {
    const { provider, handle, sent } = scripted(answer({ expiration: String(NOW + 60_000) }));
    expect(await provider.notices!.startWatch(handle, wish)).toEqual({
      channelId: 'channel-1',
      resourceId: 'r',
      expiresAt: new Date(NOW + 60_000).toISOString(),
    });
    expect(sent[0]?.method).toBe('POST');
    expect(sent[0]?.url.pathname).toMatch(/\/events\/watch$/);
    expect(JSON.parse(sent[0]?.body ?? '')).toEqual({
      id: 'channel-1',
      type: 'web_hook',
      address: 'https://app.test/notifications',
      token: 'secret',
      params: { ttl: '3600' },
    });
  });

  test('takes an end given as a number, and the wish where none is given', async () => {
    const { provider, handle } = scripted(answer({ expiration: NOW + 60_000 }), answer());
    const end = async () => Date.parse((await provider.notices!.startWatch(handle, wish)).expiresAt) - NOW;
    expect([await end(), await end()]).toEqual([60_000, 3_600_000]);
  });

  test.each<[string, Response, string, boolean]>([
    ['cannot be had', refusal(400, 'pushNotSupportedForRequestedResource'), 'PUSH_UNSUPPORTED', false],
    ['has a bad address', refusal(401, 'push.webhookUrlUnauthorized'), 'CONFIGURATION_ERROR', false],
    ['has a used id', refusal(400, 'channelIdNotUnique'), 'UNEXPECTED_RESPONSE', true],
    ['is of a calendar that is gone', refusal(404, 'notFound'), 'CALENDAR_NOT_FOUND', false],
    ['cannot be stopped', json(200, { id: 'channel-1' }), 'UNEXPECTED_RESPONSE', true],
    ['is another', json(200, { id: 'other', resourceId: 'r' }), 'UNEXPECTED_RESPONSE', true],
    ['is not answered', html(502), 'PROVIDER_UNAVAILABLE', true],
  ])('that %s is refused', async (_, response, code, retryable) => {
    const { provider, handle, tokens } = scripted(response);
    await expect(provider.notices!.startWatch(handle, wish)).rejects.toMatchObject({ code, retryable });
    expect(tokens.renewed).toBe(0);
  });

  test('is never renewed: another one takes its place', () => {
    expect(scripted().provider.notices?.renewWatch).toBe(null);
  });

  test('is stopped by both its ids, and one that is gone is no error', async () => {
    const watch = { channelId: 'channel-1', resourceId: 'r', expiresAt: new Date(NOW).toISOString() };
    const { provider, handle, sent } = scripted(json(204, null), refusal(404, 'notFound'), html(404), html(500));
    await provider.notices!.stopWatch(handle, watch);
    expect(sent[0]?.url.pathname).toBe('/calendar/v3/channels/stop');
    expect(JSON.parse(sent[0]?.body ?? '')).toEqual({ id: 'channel-1', resourceId: 'r' });
    await provider.notices!.stopWatch(handle, watch);
    await expect(provider.notices!.stopWatch(handle, watch)).rejects.toMatchObject({ code: 'UNEXPECTED_RESPONSE' });
    await expect(provider.notices!.stopWatch(handle, watch)).rejects.toMatchObject({ code: 'PROVIDER_UNAVAILABLE' });
  });
});

describe('a notification', () => {
  const { provider } = scripted();
  const parse = (headers: Record<string, string>, method = 'POST') =>
    provider.notices!.parseNotification({
      method,
      headers: new Headers(headers),
      url: new URL('https://app.test/'),
      body: '',
    });
  const genuine = {
    'X-Goog-Channel-ID': 'channel-1',
    'X-Goog-Channel-Token': 'secret',
    'X-Goog-Resource-ID': 'r',
    'X-Goog-Resource-State': 'exists',
    'X-Goog-Message-Number': '7',
  };

  test.each([['sync', 'hello'], ['exists', 'changed'], ['not_exists', 'changed']])('%s means %s', (state, meaning) => {
    expect(parse({ ...genuine, 'X-Goog-Resource-State': state })).toEqual({
      kind: 'notices',
      notices: [{ channelId: 'channel-1', resourceId: 'r', secret: 'secret', meaning }],
    });
  });

  test('without a secret carries none', () => {
    const { 'X-Goog-Channel-Token': _secret, ...bare } = genuine;
    expect(parse(bare)).toMatchObject({ notices: [{ secret: null }] });
  });

  test.each<[string, Record<string, string>, string?]>([
    ['nothing', {}],
    ['no channel', { ...genuine, 'X-Goog-Channel-ID': '' }],
    ['no state', { ...genuine, 'X-Goog-Resource-State': '' }],
    ['a state of another product', { ...genuine, 'X-Goog-Resource-State': 'add' }],
    ['another method', genuine, 'GET'],
  ])('with %s is ignored', (_, headers, method) => {
    expect(parse(headers, method)).toEqual({ kind: 'ignore' });
  });
});
