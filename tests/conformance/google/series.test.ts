import { describe, expect, test } from 'vitest';
import { allDay, type Api, connectedApi, EVENTS, type Json, newEmulator, timed } from './visitor.ts';

function ids(body: Json): string[] {
  return body.items.map((event: { id: string }) => event.id);
}

async function syncToken(api: Api, query: string): Promise<string> {
  return encodeURIComponent((await api('GET', `${EVENTS}?${query}`)).body.nextSyncToken);
}

describe('series', () => {
  const weekly = (changes: Record<string, unknown> = {}) =>
    timed({
      id: 'series',
      start: { dateTime: '2026-10-13T09:00:00', timeZone: 'Europe/Paris' },
      end: { dateTime: '2026-10-13T10:00:00', timeZone: 'Europe/Paris' },
      recurrence: ['RRULE:FREQ=WEEKLY;COUNT=4;BYDAY=TU'],
      ...changes,
    });
  const starts = (body: Json) => body.items.map((event: Json) => event.start.dateTime ?? event.start.date);

  test('are one master, or instances that keep their wall time over a change of clocks', async () => {
    const api = await connectedApi(newEmulator());
    await api('POST', EVENTS, weekly());
    expect(ids((await api('GET', EVENTS)).body)).toEqual(['series']);
    const { body } = await api('GET', `${EVENTS}?singleEvents=true`);
    expect(ids(body)).toEqual(
      ['13T070000Z', '20T070000Z', '27T080000Z', '03T080000Z'].map((end, index) =>
        `series_2026${index < 3 ? '10' : '11'}${end}`
      ),
    );
    expect(starts(body)).toEqual([
      '2026-10-13T09:00:00+02:00',
      '2026-10-20T09:00:00+02:00',
      '2026-10-27T09:00:00+01:00',
      '2026-11-03T09:00:00+01:00',
    ]);
    expect(body.items[0]).toMatchObject({ recurringEventId: 'series', iCalUID: 'series@google.com' });
    expect(body.items[0]).not.toHaveProperty('recurrence');
  });

  test('a moved instance keeps its id and its original start', async () => {
    const api = await connectedApi(newEmulator());
    await api('POST', EVENTS, weekly());
    const id = 'series_20261020T070000Z';
    const moved = await api('PATCH', `${EVENTS}/${id}`, {
      start: { dateTime: '2026-10-21T15:00:00+02:00' },
      end: { dateTime: '2026-10-21T16:00:00+02:00' },
    });
    expect(moved.body).toMatchObject({ id, originalStartTime: { dateTime: '2026-10-20T09:00:00+02:00' } });
    const list = (await api('GET', `${EVENTS}?singleEvents=true&orderBy=startTime`)).body;
    expect(starts(list)[1]).toBe('2026-10-21T15:00:00+02:00');
    expect(list.items).toHaveLength(4);
    expect(ids((await api('GET', EVENTS)).body)).toEqual(['series', id]);
  });

  test('a cancelled instance leaves the list and names its series in the delta', async () => {
    const api = await connectedApi(newEmulator());
    await api('POST', EVENTS, weekly());
    const token = await syncToken(api, 'singleEvents=true');
    const id = 'series_20261020T070000Z';
    expect((await api('DELETE', `${EVENTS}/${id}`)).status).toBe(204);
    expect(ids((await api('GET', `${EVENTS}?singleEvents=true`)).body)).toHaveLength(3);
    const [stub] = (await api('GET', `${EVENTS}?singleEvents=true&syncToken=${token}`)).body.items;
    expect(Object.keys(stub).sort()).toEqual(['etag', 'id', 'kind', 'originalStartTime', 'recurringEventId', 'status']);
    expect((await api('GET', EVENTS)).body.items.map((event: Json) => event.status)).toEqual([
      'confirmed',
      'cancelled',
    ]);
  });

  test('a touched series comes back with instances far in the future', async () => {
    const api = await connectedApi(newEmulator());
    await api('POST', EVENTS, weekly({ recurrence: ['RRULE:FREQ=WEEKLY'] }));
    const token = await syncToken(api, 'singleEvents=true&timeMax=2026-11-01T00:00:00Z');
    await api('PATCH', `${EVENTS}/series`, { summary: 'Touchée' });
    const { items } = (await api('GET', `${EVENTS}?singleEvents=true&maxResults=2500&syncToken=${token}`)).body;
    expect(items).toHaveLength(730);
    expect(items.at(-1).start.dateTime > '2040').toBe(true);
  });

  const third = 'series_20261027T080000Z';
  const fourth = 'series_20261103T080000Z';
  const delta = async (api: Api, token: string) =>
    (await api('GET', `${EVENTS}?singleEvents=true&maxResults=2500&syncToken=${token}`)).body;
  const statuses = (body: Json) =>
    Object.fromEntries(body.items.map((event: Json) => [event.id.replace('series_2026', ''), event.status]));

  test('cut short by "this and following" tell what they lost, and the new series bears the properties', async () => {
    const api = await connectedApi(newEmulator());
    const extendedProperties = { private: { cassiusAppointmentId: 'rdv-1' } };
    await api('POST', EVENTS, weekly({ extendedProperties }));
    await api('PATCH', `${EVENTS}/${fourth}`, { summary: 'À part' });
    const token = await syncToken(api, 'singleEvents=true');
    await api('PATCH', `${EVENTS}/series`, { recurrence: ['RRULE:FREQ=WEEKLY;UNTIL=20261027T075959Z;BYDAY=TU'] });
    const start = { dateTime: '2026-10-27T10:00:00', timeZone: 'Europe/Paris' };
    const end = { dateTime: '2026-10-27T11:00:00', timeZone: 'Europe/Paris' };
    const rest = weekly({ id: 'rest0', start, end, recurrence: ['RRULE:FREQ=WEEKLY;COUNT=2'], extendedProperties });
    await api('POST', EVENTS, rest);
    const body = await delta(api, token);
    expect(statuses(body)).toEqual({
      '1013T070000Z': 'confirmed',
      '1020T070000Z': 'confirmed',
      '1027T080000Z': 'cancelled',
      '1103T080000Z': 'cancelled',
      'rest0_20261027T090000Z': 'confirmed',
      'rest0_20261103T090000Z': 'confirmed',
    });
    const lost = body.items.find(({ id }: Json) => id === third);
    expect(Object.keys(lost).sort()).toEqual(['etag', 'id', 'kind', 'originalStartTime', 'recurringEventId', 'status']);
    expect(body.items.find(({ id }: Json) => id.startsWith('rest0'))).toMatchObject({ extendedProperties });
    expect(ids((await api('GET', `${EVENTS}?singleEvents=true`)).body)).toHaveLength(4);
    expect((await api('GET', `${EVENTS}/${third}`)).status).toBe(404);
    expect((await api('GET', `${EVENTS}/${fourth}`)).body.status).toBe('cancelled');
    const next = encodeURIComponent(body.nextSyncToken);
    expect((await delta(api, next)).items).toEqual([]);
    await api('PATCH', `${EVENTS}/series`, { recurrence: ['RRULE:FREQ=WEEKLY;COUNT=3;BYDAY=TU'] });
    expect(statuses(await delta(api, next))['1027T080000Z']).toBe('confirmed');
  });

  test('moved to another hour have other instances, and tell that the old ones are gone', async () => {
    const api = await connectedApi(newEmulator());
    await api('POST', EVENTS, weekly({ recurrence: ['RRULE:FREQ=WEEKLY;COUNT=2'] }));
    const token = await syncToken(api, 'singleEvents=true');
    await api('PATCH', `${EVENTS}/series`, {
      start: { dateTime: '2026-10-13T11:00:00', timeZone: 'Europe/Paris' },
      end: { dateTime: '2026-10-13T12:00:00', timeZone: 'Europe/Paris' },
    });
    expect(statuses(await delta(api, token))).toEqual({
      '1013T070000Z': 'cancelled',
      '1020T070000Z': 'cancelled',
      '1013T090000Z': 'confirmed',
      '1020T090000Z': 'confirmed',
    });
  });

  test('whose instances no longer recur tell that all are gone, and stay as one event', async () => {
    const api = await connectedApi(newEmulator());
    await api('POST', EVENTS, weekly({ recurrence: ['RRULE:FREQ=WEEKLY;COUNT=2'] }));
    const token = await syncToken(api, 'singleEvents=true');
    await api('PATCH', `${EVENTS}/series`, { recurrence: null });
    const told = statuses(await delta(api, token));
    expect(told).toEqual({ series: 'confirmed', '1013T070000Z': 'cancelled', '1020T070000Z': 'cancelled' });
  });

  test.each([
    ['all', 4],
    ['part', 2],
  ])('deleted with a moved instance tell of its instances: %s', async (seriesDeletion, told) => {
    const core = newEmulator();
    const api = await connectedApi(core);
    core.configure({ seriesDeletion: seriesDeletion as 'all' | 'part' });
    await api('POST', EVENTS, weekly());
    await api('PATCH', `${EVENTS}/series_20261013T070000Z`, { summary: 'Déplacée' });
    const token = await syncToken(api, 'singleEvents=true');
    await api('DELETE', `${EVENTS}/series`);
    const states = Object.values(statuses(await delta(api, token)));
    expect(states).toEqual(Array.from({ length: told }, () => 'cancelled'));
    expect((await api('GET', `${EVENTS}?singleEvents=true`)).body.items).toEqual([]);
  });

  test('a deleted series is gone with all its instances', async () => {
    const api = await connectedApi(newEmulator());
    await api('POST', EVENTS, weekly());
    await api('DELETE', `${EVENTS}/series`);
    expect((await api('GET', `${EVENTS}?singleEvents=true`)).body.items).toEqual([]);
    expect((await api('GET', EVENTS)).body.items).toEqual([]);
  });

  test.each([
    ['RRULE:FREQ=DAILY;INTERVAL=2;COUNT=3', ['2026-12-01', '2026-12-03', '2026-12-05']],
    ['RRULE:FREQ=DAILY;UNTIL=20261203', ['2026-12-01', '2026-12-02', '2026-12-03']],
    ['RRULE:FREQ=WEEKLY;BYDAY=TU,TH;COUNT=4', ['2026-12-01', '2026-12-03', '2026-12-08', '2026-12-10']],
    ['RRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=2', ['2026-12-01', '2026-12-15']],
    ['RRULE:FREQ=MONTHLY;BYDAY=1TU;COUNT=3', ['2026-12-01', '2027-01-05', '2027-02-02']],
    ['RRULE:FREQ=MONTHLY;COUNT=2', ['2026-12-01', '2027-01-01']],
    ['RRULE:FREQ=MONTHLY;BYDAY=-1MO;COUNT=3', ['2026-12-01', '2026-12-28', '2027-01-25']],
    ['RRULE:FREQ=YEARLY;COUNT=2', ['2026-12-01', '2027-12-01']],
  ])('%s of all-day events falls on its days', async (rule, days) => {
    const api = await connectedApi(newEmulator());
    await api('POST', EVENTS, allDay({ recurrence: [rule] }));
    expect(starts((await api('GET', `${EVENTS}?singleEvents=true&timeMax=2028-01-01T00:00:00Z`)).body)).toEqual(days);
  });

  test('excluded dates are left out and added ones come in', async () => {
    const api = await connectedApi(newEmulator());
    const recurrence = ['RRULE:FREQ=DAILY;COUNT=3', 'EXDATE;VALUE=DATE:20261202', 'RDATE;VALUE=DATE:20261220'];
    await api('POST', EVENTS, allDay({ recurrence }));
    expect(starts((await api('GET', `${EVENTS}?singleEvents=true`)).body)).toEqual([
      '2026-12-01',
      '2026-12-03',
      '2026-12-20',
    ]);
  });

  test('the instances of one series can be listed, and one be picked by its original start', async () => {
    const api = await connectedApi(newEmulator());
    await api('POST', EVENTS, weekly());
    expect((await api('GET', `${EVENTS}/series/instances?maxResults=3`)).body.items).toHaveLength(3);
    const one = await api('GET', `${EVENTS}/series/instances?originalStart=2026-10-20T07:00:00Z`);
    expect(ids(one.body)).toEqual(['series_20261020T070000Z']);
  });

  test('a timed series needs a zone', async () => {
    const reply = await (await connectedApi(newEmulator()))(
      'POST',
      EVENTS,
      timed({ recurrence: ['RRULE:FREQ=DAILY;COUNT=2'] }),
    );
    expect([reply.status, reply.body.error.message]).toEqual([400, 'Missing time zone definition for start time.']);
  });
});
