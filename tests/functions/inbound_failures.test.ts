import { describe, expect, test } from 'vitest';
import { until } from '../local/bare_database.ts';
import type { Json } from './emulator.ts';
import { InboundWorld } from './inbound_world.ts';
import { date, day, timed, wholeDays } from './moments.ts';
import { STAGES } from './stages.ts';

const world = new InboundWorld();

describe.each(STAGES)('%s', (_name, stage) => {
  world.at(stage);
  const { claire } = stage;

  const IMPORTING = { import_enabled: true, import_range_default: '30d' };

  const shown = async () =>
    (await world.stored()).filter(({ status }) => status !== 'cancelled').map(({ summary, start }) => [summary, start]);
  const expire = () => stage.expireCursors(world.emulator, claire.calendar);

  /** Several events, seen by the practice. */
  async function known(count: number, settings: Record<string, unknown> = {}): Promise<Json[]> {
    await world.withoutPush();
    await world.liftQuotas();
    await world.connect({ ...IMPORTING, ...settings });
    const events = [];
    for (let index = 0; index < count; index++) {
      const days = 2 + index % 20;
      events.push(await world.add({ title: `Événement ${index}`, ...timed(days, 8, 9) }));
    }
    await world.poll();
    expect(await shown()).toHaveLength(count);
    return events;
  }

  describe('F03: a sync token that has ended', () => {
    test.each(stage.deadCursors)(
      '(%s) leads to a full reading that loses and doubles nothing',
      async (_how, switches) => {
        await world.switch(switches);
        const [kept, moved, removed] = await known(3);
        const before = await world.stored();
        await world.edit(moved.id, timed(5, 14, 15));
        await world.remove(removed.id);
        await world.add({ title: 'Nouveau', ...timed(6, 9, 10) });
        await expire();
        await world.poll();
        expect(await shown()).toEqual([['Événement 0', day(2, 8)], ['Événement 1', day(5, 14)], [
          'Nouveau',
          day(6, 9),
        ]]);
        const after = await world.stored();
        expect(after.find(({ id }) => id === kept.id)).toEqual(before.find(({ id }) => id === kept.id));
        expect(after.find(({ id }) => id === removed.id)?.status).toBe('cancelled');
        expect(after).toHaveLength(4);
        await world.poll();
        expect(await world.stored()).toEqual(after);
      },
    );
  });

  describe('F04: a reading that fails', () => {
    test.each<[string, Record<string, unknown>]>([
      ['with an error page', { html5xx: 503 }],
      ['with a cut connection', { drop: true }],
      ['with half an answer', { malformed: true }],
      ['with a quota', stage.refusals.rateLimit],
      ['with “not found”', stage.refusals.notFound],
      ['with a refusal', stage.refusals.forbidden],
    ])('%s deletes nothing, and what changed arrives afterwards', async (_name, action) => {
      const [first] = await known(3);
      const before = await world.stored();
      await world.edit(first.id, { title: 'Changé' });
      await world.fault('list', action, { times: 1 });
      await world.poll();
      expect(await world.stored()).toEqual(before);
      await world.poll();
      expect((await shown()).map(([summary]) => summary)).toEqual(['Changé', 'Événement 1', 'Événement 2']);
    });

    test('half-way through its pages applies none of them', async () => {
      await known(4);
      const before = await world.stored();
      await world.switch({ pageSizeCap: 2 });
      for (const { id } of before) await world.edit(id, { title: 'Changé' });
      await world.fault('list', { html5xx: 500 }, { nth: 2 });
      await world.poll();
      expect(await world.stored()).toEqual(before);
      await world.poll();
      expect((await shown()).map(([summary]) => summary)).toEqual(Array(4).fill('Changé'));
    });

    test('while it asks after what is missing deletes nothing', async () => {
      const [first] = await known(3);
      const before = await world.stored();
      await world.remove(first.id);
      await expire();
      await world.fault('look', { html5xx: 500 }, { times: 1 });
      await world.poll();
      expect(await world.stored()).toEqual(before);
      await world.poll();
      expect(await shown()).toHaveLength(2);
    });

    test('says to the person at which step, and with which of our codes', async () => {
      await known(1);
      await world.fault('list', { html5xx: 503 }, { times: 1 });
      expect(await world.ask(7)).toMatchObject({
        status: 503,
        body: { error: 'PROVIDER_UNAVAILABLE', step: 'read_calendar', message: expect.any(String) },
      });
      const { last, running } = (await world.claire.use('import/status')).body;
      expect([last.error, running]).toEqual(['PROVIDER_UNAVAILABLE', null]);
    });
  });

  test('an event without length that was deleted while the cursor was dead goes as the others do', async () => {
    await world.withoutPush();
    await world.connect(IMPORTING);
    const at = stage.privately(claire, timed(2, 9, 9));
    const { id } = await stage.seed(world.emulator, claire.calendar, at);
    await world.add({ title: 'Réunion', ...timed(2, 9, 10) });
    await world.poll();
    expect(await shown()).toHaveLength(2);
    await world.remove(id);
    await expire();
    await world.poll();
    expect(await shown()).toHaveLength(1);
    expect((await world.stored()).find((event) => event.id === id)).toMatchObject({ status: 'cancelled' });
  });

  describe('F05: an answer that is suddenly empty', () => {
    test('of a few events is not believed: each is read, and all are there', async () => {
      await known(6);
      const before = await world.stored();
      await expire();
      await world.fault('list', { cutList: 0 }, { nth: 2 });
      await world.poll();
      expect(await world.stored()).toEqual(before);
      expect(await world.conflicts()).toEqual([]);
    });

    test('of many events becomes one question, and “keep mine” deletes nothing', async () => {
      await known(60);
      const before = await world.stored();
      await expire();
      await world.fault('list', { cutList: 0 }, { nth: 2, times: 5 });
      await world.poll();
      await world.poll();
      expect(await world.stored()).toEqual(before);
      const [question, ...more] = await world.conflicts();
      expect(more).toEqual([]);
      expect(question).toMatchObject({
        reason: 'mass_change',
        payload: { calendarId: claire.calendar, unchecked: 60 },
      });
      await world.calm();
      expect(await world.resolve(question.id, 'keep_cassius')).toMatchObject({ status: 200 });
      await world.poll();
      expect(await shown()).toHaveLength(60);
      expect(await world.conflicts()).toEqual([]);
    });

    test('does not stop what goes out', async () => {
      await known(60);
      await expire();
      await world.fault('list', { cutList: 0 }, { nth: 2, times: 5 });
      await world.poll();
      expect(await world.conflicts()).toHaveLength(1);
      await world.book(world.lumiere);
      await world.settled();
      expect(await world.live()).toHaveLength(61);
    });

    test('because the person deleted it all is carried out once they say so', async () => {
      const events = await known(12);
      for (const { id } of events) await world.remove(id);
      await world.poll();
      expect(await shown()).toHaveLength(12);
      const [question] = await world.conflicts();
      expect(question).toMatchObject({ reason: 'mass_change', payload: { cancelled: 12 } });
      expect(await world.resolve(question.id, `keep_${stage.name}`)).toMatchObject({
        status: 200,
        body: { status: 'resolved' },
      });
      await until(async () => (await shown()).length === 0, 'everything is cancelled here too');
      await world.quiet();
    });
  });

  describe('F11: a change', () => {
    test('that is told while the calendar is being read is read afterwards', async () => {
      await world.connect(IMPORTING);
      await world.poll();
      await world.pushed();
      const waiting = async (call: string) =>
        (await world.sql`select 1 from pg_stat_activity
        where wait_event_type = 'Lock' and query like ${`%"${call}"%`}`).length > 0;
      await world.sql.begin(async (held) => {
        // What was read cannot be stored before the second notice has come.
        await held`lock table public.external_events in access exclusive mode`;
        await world.add({ title: 'Première', ...timed(2, 9, 10) });
        await until(() => waiting('import_stage'), 'the calendar was read');
        await world.add({ title: 'Seconde', ...timed(3, 9, 10) });
        // The notice waits for nothing: it is kept beside the one that the reading began with.
        const told = () => world.sql`select 1 from private.calendar_notices`;
        await until(async () => (await told()).length === 2, 'the second notice');
      });
      await until(async () => (await shown()).length === 2, 'both events');
    });

    test('of which push says nothing is found by polling, and a channel that is dead is replaced', async () => {
      await world.connect(IMPORTING);
      await world.poll();
      await world.pushed();
      const channels = async () =>
        await world
          .sql`select channel_id, resource_id from private.watch_channels where replaced_at is null and resource_id is not null`;
      const [first] = await channels();
      await stage.silence(world.emulator, { channelId: first!.channel_id, resourceId: first!.resource_id });
      for (const hour of [9, 10, 11]) {
        await world.add({ title: `À ${hour} h`, ...timed(2, hour, hour + 1) });
        await world.poll();
      }
      expect(await shown()).toHaveLength(3);
      const [second, ...more] = await channels();
      expect(more).toEqual([]);
      expect(second!.channel_id).not.toBe(first!.channel_id);
      await world.add({ title: 'De nouveau', ...timed(3, 9, 10) });
      await until(async () => (await shown()).length === 4, 'push works again');
    });
  });

  describe('F13: what the calendar hands back in another spelling', () => {
    test('is neither a change there nor one here', async () => {
      await world.withoutPush();
      await world.switch({ trimTexts: true });
      await world.connect({ two_way: 'auto' });
      const id = await world.book(world.lumiere, {
        location: ' Salle 1  ',
        notes: '\r\n📷  <b>radio</b> &amp; fin \n',
      });
      await world.settled();
      await world.poll();
      const event = await world.event();
      // A change that is not visible: the version moves, the content does not.
      await stage.person.touch(world.emulator, claire.email, { calendar: claire.calendar, id: event.id });
      await world.poll();
      await world.edit(event.id, { location: '  Salle 2 ' });
      await world.poll();
      await world.settled();
      await world.poll();
      expect((await world.rdv(id)).location).toBe('Salle 2');
      expect(await world.calls('change')).toEqual([]);
      expect(await world.conflicts()).toEqual([]);
    });
  });

  describe('F14: a copy of our event', () => {
    test('is somebody’s own event: neither moving nor deleting it touches the appointment', async () => {
      await world.withoutPush();
      await world.connect({ ...IMPORTING, two_way: 'auto' });
      const id = await world.book(world.lumiere);
      await world.settled();
      const before = await world.rdv(id);
      const event = await world.event();
      const place = { calendar: claire.calendar, id: event.id };
      const copy = await stage.person.copy(world.emulator, claire.email, place, timed(3, 9, 10));
      await world.poll();
      expect((await world.stored()).map((stored) => stored.id)).toEqual([copy.id]);
      await world.edit(copy.id, timed(4, 9, 10));
      await world.poll();
      await world.remove(copy.id);
      await world.poll();
      expect(await world.rdv(id)).toEqual(before);
      expect(await world.live()).toMatchObject([{ id: event.id }]);
      expect(await world.conflicts()).toEqual([]);
    });
  });

  describe('F15: time', () => {
    test('of a whole day stays a day with an exclusive end, of several days too', async () => {
      await world.connect();
      await world.add({ title: 'Congé', ...wholeDays(2, 3) });
      await world.add({ title: 'Congrès', ...wholeDays(4, 7) });
      await world.import(30);
      const rows = await world.sql`select summary, all_day, start_day::text, end_day::text from public.external_events
      order by start_at`;
      expect(rows).toMatchObject([
        { summary: 'Congé', all_day: true, start_day: date(2), end_day: date(3) },
        { summary: 'Congrès', all_day: true, start_day: date(4), end_day: date(7) },
      ]);
    });

    test('beyond the window is no deletion: what leaves it is read before anything is said', async () => {
      const [event] = await known(1);
      await world.edit(event.id, timed(90, 9, 10));
      await expire();
      await world.poll();
      expect(await world.stored()).toMatchObject([{ id: event.id, status: 'confirmed', start: day(90, 9) }]);
      await world.edit(event.id, timed(3, 9, 10));
      await world.poll();
      expect(await world.stored()).toMatchObject([{ id: event.id, status: 'confirmed', start: day(3, 9) }]);
    });

    test('at the edge of the window counts if any of it lies inside', async () => {
      await world.connect();
      const edge = await world.add({ title: 'À cheval', ...timed(7, -1, 1) });
      await world.add({ title: 'Après', ...timed(7, 0, 1) });
      await world.import(7);
      expect((await world.stored()).map(({ id }) => id)).toEqual([edge.id]);
    });

    test('of a repeated event is that of each day, across the change of the clocks', async () => {
      await world.connect();
      const [start, end] = ['2027-03-26T08:00:00.000Z', '2027-03-26T09:00:00.000Z'];
      await world.add({ title: 'Chaque jour', start, end, everyDay: 4 });
      await world.import(7, { timeMin: '2027-03-25T00:00:00Z', timeMax: '2027-03-31T00:00:00Z' });
      expect((await shown()).map(([, at]) => at)).toEqual([
        '2027-03-26T08:00:00.000Z',
        '2027-03-27T08:00:00.000Z',
        '2027-03-28T07:00:00.000Z',
        '2027-03-29T07:00:00.000Z',
      ]);
    });
  });

  describe('F18: edits on both sides at once', () => {
    test('of different fields are both kept', async () => {
      await world.withoutPush();
      await world.connect({ two_way: 'auto' });
      const id = await world.book(world.lumiere);
      await world.settled();
      await world.poll();
      const event = await world.event();
      const { path, ...ours } = { path: event.id, location: 'Salle 2' };
      // The person moves it in the very moment in which our own change arrives.
      await world.fault('change', world.edited(timed(3, 15, 16)), { nth: 1 });
      await world.change(world.lumiere, id, ours);
      await world.settled();
      await world.poll();
      await world.settled();
      await world.poll();
      const rdv = await world.rdv(id);
      expect([rdv.starts_at.toISOString(), rdv.location]).toEqual([day(3, 15), 'Salle 2']);
      const there = await world.event();
      expect([there.start, there.location, there.id]).toEqual([
        day(3, 15),
        'Salle 2',
        path,
      ]);
      expect(await world.conflicts()).toEqual([]);
    });

    test('of the same field become one question, and nothing loops', async () => {
      await world.withoutPush();
      await world.connect({ two_way: 'auto' });
      const id = await world.book(world.lumiere);
      await world.settled();
      await world.poll();
      await world.fault('change', world.edited(timed(3, 15, 16)), { nth: 1 });
      await world.change(world.lumiere, id, { starts_at: day(5, 9), ends_at: day(5, 10) });
      await world.settled();
      for (let round = 0; round < 3; round++) await world.poll();
      expect(await world.conflicts()).toMatchObject([{ reason: 'changed_both_sides', internal_id: id }]);
      expect((await world.rdv(id)).starts_at.toISOString()).toBe(day(5, 9));
      const there = await world.event();
      expect(there.start).toBe(day(3, 15));
      expect(await world.calls('change')).toHaveLength(1);
    });
  });

  describe('F21: a calendar that can never be watched', () => {
    test('is asked once, and polled from then on', async () => {
      await known(1);
      for (let round = 0; round < 3; round++) await world.poll();
      expect(await world.calls('watch')).toHaveLength(1);
      expect((await world.claire.use('import/status')).body.push).toBe('refused');
    });
  });

  describe('F22: an appointment exported while the calendar is being read in full', () => {
    test('is not taken for one that is missing', async () => {
      await world.withoutPush();
      await world.connect({ ...IMPORTING, two_way: 'auto' });
      await world.poll();
      await expire();
      await world.fault('list', { delayMs: 800 }, { nth: 2 });
      const polling = world.poll();
      const reading = async () =>
        (await world.sql`select 1 from private.calendar_cursors where lease_until > private.clock()`).length > 0;
      await until(reading, 'the calendar is being read');
      const id = await world.book(world.lumiere);
      await polling;
      await world.poll();
      expect((await world.rdv(id)).status).toBe('scheduled');
      expect(await world.live()).toHaveLength(1);
      expect(await world.conflicts()).toEqual([]);
    });
  });
});
