import { describe, expect, test } from 'vitest';
import { codeOf, connectedApi, EVENTS, type Json, newEmulator, timed, weekly, WINDOW } from './visitor.ts';

async function stage(event = weekly()) {
  const core = newEmulator();
  const api = await connectedApi(core);
  const master = (await api('POST', EVENTS, event)).body;
  const occurrences = async (): Promise<Json[]> =>
    (await api('GET', `me/events/${master.id}/instances?${WINDOW}&$top=100`)).body.value;
  return { core, api, master, occurrences };
}

const pattern = (fields: Record<string, unknown>, range: Record<string, unknown> = {}) =>
  timed({
    recurrence: {
      pattern: { interval: 1, ...fields },
      range: { type: 'endDate', startDate: '2026-12-01', endDate: '2026-12-31', ...range },
    },
  });

describe('a series', () => {
  test.each<[string, Record<string, unknown>, Record<string, unknown>, string[]]>([
    ['daily, three times', { type: 'daily' }, { type: 'numbered', numberOfOccurrences: 3 }, ['01', '02', '03']],
    ['every other week', { type: 'weekly', interval: 2, daysOfWeek: ['tuesday', 'friday'] }, {}, [
      '01',
      '04',
      '15',
      '18',
      '29',
    ]],
    ['on a date', { type: 'absoluteMonthly', dayOfMonth: 1 }, {}, ['01']],
    ['on the last Thursday', { type: 'relativeMonthly', daysOfWeek: ['thursday'], index: 'last' }, {}, ['31']],
  ])('%s gives its days', async (_name, fields, range, days) => {
    const { occurrences } = await stage(pattern(fields, range));
    expect((await occurrences()).map((event) => event.start.dateTime.slice(8, 10))).toEqual(days);
  });

  test('keeps its wall time over a change of clocks', async () => {
    const event = weekly({
      start: { dateTime: '2026-10-20T09:00:00', timeZone: 'Europe/Paris' },
      end: { dateTime: '2026-10-20T10:00:00', timeZone: 'Europe/Paris' },
      recurrence: {
        pattern: { type: 'weekly', interval: 1, daysOfWeek: ['tuesday'] },
        range: { type: 'noEnd', startDate: '2026-10-20' },
      },
    });
    const { api, master } = await stage(event);
    const query = 'startDateTime=2026-10-20T00:00:00Z&endDateTime=2026-10-28T00:00:00Z';
    const instances = (await api('GET', `me/events/${master.id}/instances?${query}`)).body.value;
    expect(instances.map((one: Json) => one.start.dateTime.slice(11, 13))).toEqual(['07', '08']);
  });

  test('has occurrences with ids of their own, readable and without a rule', async () => {
    const { api, master, occurrences } = await stage();
    const [first] = await occurrences();
    const read = (await api('GET', `me/events/${first.id}`)).body;
    expect(read).toMatchObject({ type: 'occurrence', seriesMasterId: master.id, recurrence: null });
    expect(read.iCalUId).not.toBe(master.iCalUId);
  });

  test('an occurrence that is changed becomes an exception; the others stay', async () => {
    const { api, occurrences } = await stage();
    const [, second] = await occurrences();
    await api('PATCH', `me/events/${second.id}`, { subject: 'Autre' });
    expect((await occurrences()).map((event) => [event.type, event.subject])).toEqual([
      ['occurrence', 'Consultation'],
      ['exception', 'Autre'],
      ...Array(3).fill(['occurrence', 'Consultation']),
    ]);
  });

  test('an occurrence that is deleted is gone alone', async () => {
    const { api, occurrences } = await stage();
    const [, second] = await occurrences();
    expect((await api('DELETE', `me/events/${second.id}`)).status).toBe(204);
    expect(await occurrences()).toHaveLength(4);
    expect((await api('GET', `me/events/${second.id}`)).status).toBe(404);
  });

  test('an occurrence cannot cross its neighbour', async () => {
    const { api, occurrences } = await stage();
    const [, second] = await occurrences();
    const reply = await api('PATCH', `me/events/${second.id}`, {
      start: { dateTime: '2026-12-15T08:30:00', timeZone: 'UTC' },
      end: { dateTime: '2026-12-15T09:30:00', timeZone: 'UTC' },
    });
    expect([reply.status, codeOf(reply)]).toEqual([400, 'ErrorOccurrenceCrossingBoundary']);
    const near = await api('PATCH', `me/events/${second.id}`, {
      start: { dateTime: '2026-12-14T08:30:00', timeZone: 'UTC' },
      end: { dateTime: '2026-12-14T09:30:00', timeZone: 'UTC' },
    });
    expect([near.status, near.body.originalStart]).toEqual([200, '2026-12-08T08:00:00.000Z']);
  });

  test('drops its exceptions when its own time changes, and ends as a whole', async () => {
    const { api, master, occurrences } = await stage();
    const [, second] = await occurrences();
    await api('PATCH', `me/events/${second.id}`, { subject: 'Autre' });
    await api('PATCH', `me/events/${master.id}`, {
      start: { dateTime: '2026-12-01T14:00:00', timeZone: 'Europe/Paris' },
      end: { dateTime: '2026-12-01T15:00:00', timeZone: 'Europe/Paris' },
    });
    expect((await occurrences()).map((event) => event.subject)).toEqual(Array(5).fill('Consultation'));
    await api('DELETE', `me/events/${master.id}`);
    expect((await api('GET', `me/calendarView?${WINDOW}`)).body.value).toEqual([]);
  });

  test.each<[string, Record<string, unknown>]>([
    ['without days', { type: 'weekly' }],
    ['without a step', { type: 'daily', interval: 0 }],
    ['on no date', { type: 'absoluteMonthly' }],
  ])('%s is refused', async (_name, fields) => {
    const api = await connectedApi(newEmulator());
    expect((await api('POST', EVENTS, pattern(fields))).status).toBe(400);
  });
});
