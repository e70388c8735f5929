import { describe, expect, test } from 'vitest';
import {
  allDay,
  type Api,
  calendarId,
  codeOf,
  control,
  DELTA,
  EVENTS,
  IMMUTABLE,
  type Json,
  round,
  stage,
  timed,
  weekly,
  WINDOW,
} from './visitor.ts';

async function fill(api: Api, count: number) {
  for (let turn = 0; turn < count; turn++) await api('POST', EVENTS, timed({ subject: `N${turn}` }));
}

const outside = timed({
  start: { dateTime: '2027-06-01T09:00:00', timeZone: 'UTC' },
  end: { dateTime: '2027-06-01T10:00:00', timeZone: 'UTC' },
});
const idsOf = (items: readonly Json[]) => items.map((item) => item.id);
const REMOVED = { '@odata.type': '#microsoft.graph.event', '@removed': { reason: 'deleted' } };

describe('a round', () => {
  test('gives the window in full, then nothing, then what changed', async () => {
    const { api } = await stage();
    const { body } = await api('POST', EVENTS, timed({ transactionId: 'T1' }));
    await api('POST', EVENTS, outside);
    const first = await round(api, DELTA);
    expect(first.items).toEqual([
      expect.objectContaining({ id: body.id, transactionId: 'T1', subject: 'Consultation' }),
    ]);
    const second = await round(api, first.deltaLink);
    expect(second.items).toEqual([]);
    await api('PATCH', `me/events/${body.id}`, { subject: 'Autre' });
    await api('PATCH', `me/events/${body.id}`, { subject: 'Encore' });
    const third = await round(api, second.deltaLink);
    expect(third.items).toEqual([expect.objectContaining({ id: body.id, subject: 'Encore' })]);
  });

  test('has pages with either a nextLink or a deltaLink; the page size is asked for each time', async () => {
    const { api } = await stage();
    await fill(api, 5);
    const prefer = `${IMMUTABLE}, odata.maxpagesize=2`;
    const first = (await api('GET', DELTA, undefined, { prefer })).body;
    expect([first.value.length, '@odata.deltaLink' in first]).toEqual([2, false]);
    expect(first['@odata.nextLink']).toMatch(/\/v1\.0\/me\/calendarView\/delta\?\$skiptoken=\S+$/);
    const second = (await api('GET', first['@odata.nextLink'])).body;
    expect([second.value.length, '@odata.nextLink' in second]).toEqual([3, false]);
    expect(second['@odata.deltaLink']).toMatch(/\?\$deltatoken=\S+$/);
  });

  test('needs both bounds at its start, takes no other option, and its links are called as they are', async () => {
    const { core, api } = await stage();
    expect((await api('GET', 'me/calendarView/delta')).status).toBe(400);
    for (const option of ['$select=id', '$expand=x', '$filter=x', '$orderby=x', '$search=x', '$top=5']) {
      expect((await api('GET', `${DELTA}&${option}`)).status).toBe(400);
    }
    const { deltaLink } = await round(api, DELTA);
    expect(core.state().violations).toHaveLength(6);
    expect((await api('GET', `${deltaLink}&${WINDOW}`)).status).toBe(400);
    expect(core.state().violations).toHaveLength(7);
  });

  test('is each calendar’s own', async () => {
    const { api } = await stage();
    const path = `me/calendars/${encodeURIComponent(calendarId('cabinet'))}`;
    const { body } = await api('POST', `${path}/events`, timed());
    const { items, deltaLink } = await round(api, `${path}/calendarView/delta?${WINDOW}`);
    expect(idsOf(items)).toEqual([body.id]);
    expect((await round(api, DELTA)).items).toEqual([]);
    const foreign = deltaLink.replace(/calendars\/[^/]+\//, '');
    expect((await api('GET', foreign)).status).toBe(410);
  });

  test('may have an empty page that goes on, and repeat what it gave before', async () => {
    const { core, api } = await stage();
    await fill(api, 4);
    core.configure({ emptyMiddlePage: true, replayItems: true, pageSizeCap: 2 });
    const sizes: number[] = [];
    let link = DELTA;
    while (link) {
      const { body } = await api('GET', link);
      sizes.push(body.value.length);
      link = body['@odata.nextLink'];
    }
    expect(sizes).toEqual([2, 0, 3]);
  });

  test('may tell of changes late', async () => {
    const { core, api } = await stage();
    const { deltaLink } = await round(api, DELTA);
    core.configure({ deltaDelaySeconds: 30 });
    const { body } = await api('POST', EVENTS, timed());
    const early = await round(api, deltaLink);
    expect(early.items).toEqual([]);
    expect((await round(api, DELTA)).items).toEqual([]);
    core.advance(30_000);
    expect(idsOf((await round(api, early.deltaLink)).items)).toEqual([body.id]);
  });
});

describe('a removal', () => {
  test('is nothing but an id, and comes for a deletion', async () => {
    const { api } = await stage();
    const { body } = await api('POST', EVENTS, timed());
    const { deltaLink } = await round(api, DELTA);
    await api('DELETE', `me/events/${body.id}`);
    expect((await round(api, deltaLink)).items).toEqual([{ ...REMOVED, id: body.id }]);
  });

  test('comes for an event that left the window and still exists', async () => {
    const { api } = await stage();
    const { body } = await api('POST', EVENTS, timed());
    const { deltaLink } = await round(api, DELTA);
    await api('PATCH', `me/events/${body.id}`, outside);
    expect((await round(api, deltaLink)).items).toEqual([{ ...REMOVED, id: body.id }]);
    expect((await api('GET', `me/events/${body.id}`)).status).toBe(200);
  });

  test('comes for events outside the window that nobody was told of, unless switched', async () => {
    const { core, api } = await stage();
    const inside = (await api('POST', EVENTS, timed())).body;
    const { deltaLink } = await round(api, DELTA);
    const { body } = await api('POST', EVENTS, outside);
    expect((await round(api, deltaLink)).items).toEqual([{ ...REMOVED, id: body.id }]);
    core.configure({ tombstonesOutsideWindow: false });
    await api('PATCH', `me/events/${inside.id}`, outside);
    expect(idsOf((await round(api, deltaLink)).items)).toEqual([inside.id]);
  });

  test('comes in the old calendar for a moved event, under the id that was known there', async () => {
    const { core, api } = await stage();
    const { body } = await api('POST', EVENTS, timed());
    const plain = (await api('GET', `me/events/${body.id}`, undefined, { prefer: '' })).body.id;
    const { deltaLink } = await round(api, DELTA);
    const other = `me/calendars/${encodeURIComponent(calendarId('cabinet'))}/calendarView/delta?${WINDOW}`;
    const there = await round(api, other);
    await control(core, 'events', { eventId: body.id, moveTo: calendarId('cabinet') });
    expect((await round(api, deltaLink)).items).toEqual([{ ...REMOVED, id: body.id }]);
    expect(idsOf((await round(api, deltaLink, 'odata.maxpagesize=5')).items)).toEqual([plain]);
    expect(idsOf((await round(api, there.deltaLink)).items)).toEqual([body.id]);
  });

  test('is followed by the event where the person brings it back', async () => {
    const { core, api } = await stage();
    const { body } = await api('POST', EVENTS, timed());
    await api('DELETE', `me/events/${body.id}`);
    const { deltaLink } = await round(api, DELTA);
    await control(core, 'events', { eventId: body.id, restore: true });
    expect((await round(api, deltaLink)).items).toEqual([
      expect.objectContaining({ id: body.id, subject: 'Consultation' }),
    ]);
  });
});

describe('a series', () => {
  test('comes as sparse occurrences; exceptions come in full', async () => {
    const { api } = await stage();
    const { body } = await api('POST', EVENTS, weekly());
    const { items, deltaLink } = await round(api, DELTA);
    expect(items).toHaveLength(5);
    expect(Object.keys(items[0]).sort()).toEqual(
      ['@odata.etag', '@odata.type', 'end', 'id', 'seriesMasterId', 'start', 'type'],
    );
    expect(items[0]).toMatchObject({ type: 'occurrence', seriesMasterId: body.id });
    await api('PATCH', `me/events/${items[1].id}`, { subject: 'Déplacée' });
    expect((await round(api, deltaLink)).items).toEqual([
      expect.objectContaining({ id: items[1].id, type: 'exception', subject: 'Déplacée', isReminderOn: true }),
    ]);
  });

  test('can be switched to full occurrences, and to bring its master', async () => {
    const { core, api } = await stage();
    core.configure({ sparseOccurrences: false, deltaShowsMaster: true });
    await api('POST', EVENTS, weekly());
    const { items } = await round(api, DELTA);
    expect(items.map((item) => [item.type, item.subject])).toEqual([
      ['seriesMaster', 'Consultation'],
      ...Array(5).fill(['occurrence', 'Consultation']),
    ]);
  });

  test('that is deleted leaves one removal, of its master; a deleted occurrence none, unless switched', async () => {
    const { core, api } = await stage();
    const { body } = await api('POST', EVENTS, weekly());
    const { items, deltaLink } = await round(api, DELTA);
    await api('DELETE', `me/events/${items[1].id}`);
    const silent = await round(api, deltaLink);
    expect(silent.items).toEqual([]);
    core.configure({ deltaShowsDeletedOccurrence: true });
    expect((await round(api, deltaLink)).items).toEqual([{ ...REMOVED, id: items[1].id }]);
    await api('DELETE', `me/events/${body.id}`);
    expect((await round(api, silent.deltaLink)).items).toEqual([{ ...REMOVED, id: body.id }]);
  });
});

test('occurrences that a series loses by a change are reported only where switched on', async () => {
  const { core, api } = await stage();
  const { body } = await api('POST', EVENTS, weekly());
  const { items, deltaLink } = await round(api, DELTA);
  const { recurrence } = weekly() as Json;
  await api('PATCH', `me/events/${body.id}`, {
    recurrence: { ...recurrence, range: { ...recurrence.range, endDate: '2026-12-09' } },
  });
  const kept = idsOf(items).slice(0, 2);
  expect(idsOf((await round(api, deltaLink)).items)).toEqual(kept);
  core.configure({ deltaShowsDeletedOccurrence: true });
  const told = (await round(api, deltaLink)).items;
  expect(idsOf(told)).toEqual(idsOf(items));
  expect(told.slice(2).every((item) => '@removed' in item)).toBe(true);
});

describe('tokens', () => {
  test.each([
    ['410', 410, 'SyncStateNotFound'],
    ['410-location', 410, 'resyncRequired'],
    ['404', 404, 'syncStateNotFound'],
    ['400', 400, 'syncStateNotFound'],
  ])('that died are refused as %s, links to next pages too', async (deadDelta, status, code) => {
    const { core, api } = await stage();
    await fill(api, 3);
    core.configure({ deadDelta: deadDelta as '410' });
    const { deltaLink } = await round(api, DELTA);
    const next = (await api('GET', DELTA, undefined, { prefer: 'odata.maxpagesize=2' })).body['@odata.nextLink'];
    await control(core, 'calendars', { id: calendarId('Calendar'), expireSyncTokens: true });
    for (const link of [deltaLink, next]) {
      const reply = await api('GET', link);
      expect([reply.status, codeOf(reply)]).toEqual([status, code]);
      expect(reply.headers.has('location')).toBe(deadDelta === '410-location');
    }
    expect((await round(api, DELTA)).items).toHaveLength(3);
  });

  test('drop out of a cache of limited size, the oldest first', async () => {
    const { core, api } = await stage();
    core.configure({ deltaTokensPerMailbox: 2 });
    const links = [];
    for (let turn = 0; turn < 3; turn++) links.push((await round(api, DELTA)).deltaLink);
    expect((await api('GET', links[0] ?? '')).status).toBe(410);
    expect((await api('GET', links[2] ?? '')).status).toBe(200);
  });
});

test('an all-day event is in the window by its dates in UTC', async () => {
  const { api } = await stage();
  const last = allDay({
    start: { dateTime: '2026-12-31T00:00:00', timeZone: 'America/New_York' },
    end: { dateTime: '2027-01-01T00:00:00', timeZone: 'America/New_York' },
  });
  await api('POST', EVENTS, last);
  expect((await round(api, DELTA)).items).toHaveLength(1);
});
