import { describe, expect, test } from 'vitest';
import { event, GRAPH, html, json, marked, NAMES, refusal, scripted, told, withViews } from './scripted_microsoft.ts';

const ref = { calendarId: 'AAMkCal=', eventId: 'AAMk1/+=' };
const list = (value: unknown[], more: Record<string, unknown> = {}) => json(200, { value, ...more });
const next = (path: string) => ({ '@odata.nextLink': `${GRAPH}${path}` });

describe('reading an event', () => {
  test('asks for it by its encoded id, with our mark', async () => {
    const { provider, handle, sent } = scripted(json(200, event('AAMk1/+=', marked())));
    expect(await provider.calendar.getEvent(handle, ref)).toMatchObject({ ref, marker: { appointmentId: 'rdv' } });
    expect(sent[0]?.url.pathname).toBe('/v1.0/me/events/AAMk1%2F%2B%3D');
    const asked = "singleValueExtendedProperties($filter=id eq '" + NAMES.mark + "')";
    expect(told(sent)[0]).toMatch(/\?\$expand=/);
    expect(sent[0]?.url.searchParams.get('$expand')).toBe(asked);
    expect(sent[0]?.url.search).not.toContain('+');
  });

  test('gives nothing where the calendar’s own view does not show it, nor where the calendar is gone', async () => {
    for (const view of [list([{ id: 'AAMkOther' }]), refusal(404, 'ErrorItemNotFound')]) {
      const { provider, handle } = withViews(() => view.clone(), json(200, event('AAMk1/+=')));
      expect(await provider.calendar.getEvent(handle, ref)).toBe(null);
    }
  });

  test('finds it on a later page of the view, and a series by its occurrences', async () => {
    const pages = [list([], next('/me/calendars/AAMkCal%3D/calendarView?$skip=1')), list([{ id: 'AAMk1/+=' }])];
    const later = withViews(() => pages[0]!, json(200, event('AAMk1/+=')), pages[1]!);
    expect(await later.provider.calendar.getEvent(later.handle, ref)).toMatchObject({ ref });
    const occurrence = list([{ id: 'AAMkOccurrence', seriesMasterId: 'AAMk1/+=' }]);
    const series = withViews(() => occurrence, json(200, event('AAMk1/+=', { type: 'seriesMaster' })));
    expect(await series.provider.calendar.getEvent(series.handle, ref)).toMatchObject({ ref });
    expect(told(series.looks)[0]).toContain('&endDateTime=2027-11-22T08:01:00.000Z&$select=id,seriesMasterId');
  });

  test('looks a day around whole days, which float', async () => {
    const day = (date: string) => ({ dateTime: `${date}T00:00:00.0000000`, timeZone: 'UTC' });
    const whole = event('AAMk1/+=', { isAllDay: true, start: day('2026-11-21'), end: day('2026-11-22') });
    const { provider, handle, looks } = scripted(json(200, whole));
    expect(await provider.calendar.getEvent(handle, ref)).toMatchObject({ ref });
    expect(told(looks)[0]).toContain('?startDateTime=2026-11-20T00:00:00.000Z&endDateTime=2026-11-23T00:00:00.000Z&');
  });

  test('concludes nothing about an event that has no times', async () => {
    const { provider, handle } = withViews(() => list([]), json(200, event('AAMk1', { start: null })));
    await expect(provider.calendar.getEvent(handle, ref)).rejects.toMatchObject({ entry: { reason: 'no_times' } });
  });

  test.each([
    [404, 'ErrorItemNotFound'],
    [400, 'ErrorInvalidIdMalformed'],
  ])('gives nothing for an id that is not there: %i %s', async (status, code) => {
    const { provider, handle } = scripted(refusal(status, code), refusal(status, code));
    expect(await provider.calendar.getEvent(handle, ref)).toBe(null);
    expect(await provider.calendar.readEvent(handle, ref)).toBe(null);
  });

  test.each([
    html(404),
    html(503),
    refusal(404, ''),
    refusal(404, 'UnknownError'),
    refusal(429, 'TooManyRequests'),
    json(200, {}),
    json(200, event('AAMk1', { attendees: 'none' })),
    new Response(''),
  ])('is never "not there" for anything but Graph’s word', async (response) => {
    const { provider, handle } = scripted(response);
    await expect(provider.calendar.getEvent(handle, ref)).rejects.toMatchObject({ retryable: true });
  });

  test('finds what we asked for under our own id, by that key', async () => {
    const { provider, handle, sent } = scripted(list([{ id: 'AAMk1' }]), json(200, event('AAMk1')), list([]));
    const wish = { calendarId: 'AAMkCal=', eventId: 'cs0123456789abcdef' };
    expect(await provider.calendar.getEvent(handle, wish)).toMatchObject({ ref: { eventId: 'AAMk1' } });
    expect(told(sent)[0]).toContain(`ep/id eq '${NAMES.key}' and ep/value eq 'cs0123456789abcdef'`);
    expect(await provider.calendar.readEvent(handle, wish)).toBe(null);
  });

  test('never follows a redirect with our token', async () => {
    const moved = new Response(null, { status: 302, headers: { location: 'https://evil.test/' } });
    const { provider, handle, sent } = scripted(moved);
    await expect(provider.calendar.getEvent(handle, ref)).rejects.toMatchObject({ code: 'UNEXPECTED_RESPONSE' });
    expect(sent).toHaveLength(1);
  });

  test('names Microsoft’s own id of a request that failed', async () => {
    const { provider, handle } = scripted(refusal(403, 'ErrorAccessDenied', { 'request-id': 'r-1' }));
    await expect(provider.calendar.getEvent(handle, ref)).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
      providerCode: 'ErrorAccessDenied',
      context: { microsoftRequestId: 'r-1' },
    });
  });
});

test('a probe tells a calendar that is gone from one that answers', async () => {
  const { provider, handle, sent } = scripted(
    json(200, { id: 'AAMkCal=' }),
    refusal(404, 'ErrorItemNotFound'),
    refusal(404, 'MailboxNotEnabledForRESTAPI'),
    html(404),
    json(200, {}),
  );
  await provider.calendar.probeCalendar(handle, 'AAMkCal=');
  expect(told(sent)).toEqual(['GET /me/calendars/AAMkCal%3D?$select=id']);
  for (const code of ['CALENDAR_NOT_FOUND', 'CALENDAR_NOT_FOUND', 'UNEXPECTED_RESPONSE', 'UNEXPECTED_RESPONSE']) {
    await expect(provider.calendar.probeCalendar(handle, 'AAMkCal=')).rejects.toMatchObject({ code });
  }
});

describe('listing calendars', () => {
  test('follows the links as they are, and knows who may write', async () => {
    const { provider, handle, sent } = scripted(
      list([
        { id: 'a', name: 'Calendrier', isDefaultCalendar: true, canEdit: true, hexColor: '' },
        { id: 'b', name: 'Cabinet', canEdit: true, hexColor: '#a6d1f5' },
      ], next('/me/calendars?$skiptoken=a%2Bb&$top=10')),
      list([{ id: 'c', name: '', canEdit: false }, { id: 'd', name: 'Équipe' }]),
    );
    expect(await provider.calendar.listCalendars(handle)).toEqual([
      { id: 'a', name: 'Calendrier', primary: true, canWrite: true, timeZone: null, color: null },
      { id: 'b', name: 'Cabinet', primary: false, canWrite: true, timeZone: null, color: '#a6d1f5' },
      { id: 'c', name: 'c', primary: false, canWrite: false, timeZone: null, color: null },
      { id: 'd', name: 'Équipe', primary: false, canWrite: false, timeZone: null, color: null },
    ]);
    expect(String(sent[1]?.url)).toBe(`${GRAPH}/me/calendars?$skiptoken=a%2Bb&$top=10`);
  });

  test.each([
    ['a page that fails', [list([{ id: 'a' }], next('/me/calendars?p')), html(502)], 'PROVIDER_UNAVAILABLE'],
    ['an answer of another kind', [json(200, { id: 'a' })], 'UNEXPECTED_RESPONSE'],
    ['an entry without id', [list([{ name: 'x' }])], 'UNEXPECTED_RESPONSE'],
    ['a missing mailbox', [refusal(404, 'MailboxNotEnabledForRESTAPI')], 'CALENDAR_NOT_FOUND'],
    ['pages in a circle', [list([], next('/p')), list([], next('/q')), list([], next('/p'))], 'UNEXPECTED_RESPONSE'],
    [
      'a link that leads elsewhere',
      [list([], { '@odata.nextLink': 'https://evil.test/v1.0/p' })],
      'UNEXPECTED_RESPONSE',
    ],
    [
      'a link to a host that only begins like Graph',
      [list([], { '@odata.nextLink': 'http://microsoft.test.evil.test/v1.0/p' })],
      'UNEXPECTED_RESPONSE',
    ],
  ])('never gives a part: %s', async (_, steps, code) => {
    const { provider, handle } = scripted(...steps);
    await expect(provider.calendar.listCalendars(handle)).rejects.toMatchObject({ code });
  });

  test('ends even when a server pages for ever', async () => {
    let page = 0;
    const endless = Array.from({ length: 300 }, () => () => list([], next(`/p${page++}`)));
    const { provider, handle, sent } = scripted(...endless);
    await expect(provider.calendar.listCalendars(handle)).rejects.toMatchObject({ code: 'UNEXPECTED_RESPONSE' });
    expect(sent).toHaveLength(200);
  });
});
