import { describe, expect, test } from 'vitest';
import { until } from '../local/bare_database.ts';
import type { Json } from './emulator.ts';
import { InboundWorld } from './inbound_world.ts';
import { day, timed } from './moments.ts';
import { STAGES } from './stages.ts';

const world = new InboundWorld();

describe.each(STAGES)('%s', (_name, stage) => {
  world.at(stage);
  const { claire, marc } = stage;

  const IMPORTING = { import_enabled: true, import_range_default: '30d' };

  const summaries = async () =>
    (await world.stored()).filter(({ status }) => status !== 'cancelled').map(({ summary, start }) => [summary, start]);

  describe('an import', () => {
    test('of seven, then thirty days, then the same again is exact and changes nothing the second time', async () => {
      await world.connect();
      const near = await world.add({ title: 'Près', ...timed(2, 9, 10) });
      const far = await world.add({ title: 'Loin', ...timed(20, 9, 10) });
      expect(await world.import(7)).toMatchObject({ created: 1, updated: 0, cancelled: 0, failed: 0, conflicts: [] });
      expect((await world.stored()).map(({ id }) => id)).toEqual([near.id]);
      expect(await world.import(30)).toMatchObject({ created: 1, updated: 0, skipped: 1, cancelled: 0, failed: 0 });
      const before = await world.stored();
      expect(before.map(({ id, summary }) => [id, summary])).toEqual([[near.id, 'Près'], [far.id, 'Loin']]);
      for (const days of [7, 30, 30]) {
        expect(await world.import(days)).toMatchObject({ created: 0, updated: 0, skipped: 2, cancelled: 0, failed: 0 });
      }
      expect(await world.stored()).toEqual(before);
    });

    test('does exactly what its preview said, or is refused', async () => {
      await world.connect();
      await world.add({ title: 'Réunion', ...timed(2, 9, 10) });
      const preview = await world.import(7, { mode: 'preview' });
      expect(preview).toMatchObject({ created: 1, items: [{ action: 'create', summary: 'Réunion' }] });
      expect(await world.stored()).toEqual([]);

      await world.add({ title: 'Imprévu', ...timed(3, 9, 10) });
      const refused = await world.ask(7, { fingerprint: preview.fingerprint });
      expect(refused).toMatchObject({ status: 409, body: { error: 'PREVIEW_OUTDATED', step: 'read_calendar' } });
      expect(await world.stored()).toEqual([]);

      const again = await world.import(7, { mode: 'preview' });
      const { items: _items, runId: _run, ...promised } = again;
      expect(await world.import(7, { fingerprint: again.fingerprint })).toMatchObject(promised);
      expect(await world.stored()).toHaveLength(2);
    });

    test('brings edits, moves and deletions, and counts them', async () => {
      await world.connect();
      const [renamed, moved, removed] = [
        await world.add({ title: 'Un', ...timed(2, 9, 10) }),
        await world.add({ title: 'Deux', ...timed(3, 9, 10) }),
        await world.add({ title: 'Trois', ...timed(4, 9, 10) }),
      ];
      await world.import(7);
      await world.edit(renamed.id, { title: 'Premier' });
      await world.edit(moved.id, timed(3, 14, 15));
      await world.remove(removed.id);
      const preview = await world.import(7, { mode: 'preview' });
      expect(preview).toMatchObject({ created: 0, updated: 2, cancelled: 1, skipped: 0 });
      expect(await world.import(7)).toMatchObject({ created: 0, updated: 2, cancelled: 1, skipped: 0 });
      expect(await summaries()).toEqual([['Premier', day(2, 9)], ['Deux', day(3, 14)]]);
    });

    test('reads pages of any number, empty ones too', async () => {
      await world.connect();
      await world.switch({ ...stage.switches.repeating, pageSizeCap: 2, emptyMiddlePage: true, novelties: true });
      for (let hour = 8; hour < 13; hour++) await world.add({ title: `À ${hour} h`, ...timed(2, hour, hour + 1) });
      expect(await world.import(7)).toMatchObject({ created: 5, failed: 0 });
      expect(await summaries()).toHaveLength(5);
    });

    test.each(['import', 'preview'])(
      '(%s) too large for one invocation is ended by others, and answered',
      async (mode) => {
        await world.liftQuotas();
        await world.connect();
        await world.switch({ pageSizeCap: 1 });
        const pages = 450;
        for (let n = 0; n < pages; n++) await world.add({ title: `n° ${n}`, ...timed(2 + n % 5, 8, 9) });
        expect(await world.import(8, { mode })).toMatchObject({ created: pages });
        expect(await summaries()).toHaveLength(mode === 'import' ? pages : 0);
        const runs = await world.sql`select mode, trigger, pages from public.sync_runs where direction = 'import'`;
        expect(runs).toMatchObject([{ mode, trigger: 'manual' }]);
        const ended = world.stack.functionLogs().split('\n').filter((line) => line.includes(`"mode":"${mode}"`));
        expect(ended.map((line) => /"ended":"(\w+)"/.exec(line)?.[1]).slice(-2)).toEqual(['suspended', 'finished']);
      },
    );

    test('waits while a worker that died holds the calendar, and takes it over', async () => {
      await world.connect();
      await world.add({ title: 'Réunion', ...timed(2, 9, 10) });
      await world.import(7);
      await world.add({ title: 'Déjeuner', ...timed(3, 9, 10) });
      await world.sql`update private.calendar_cursors
        set lease_owner = gen_random_uuid(), lease_until = private.clock() + interval '2 minutes'`;
      const importing = world.import(7);
      await until(
        async () => (await world.sql`select 1 from private.import_requests`).length === 1,
        'the request stands',
      );
      expect(await summaries()).toHaveLength(1);
      await world.sql`update private.calendar_cursors set lease_until = private.clock()`;
      expect(await importing).toMatchObject({ created: 1, remaining: false });
    });

    test('nothing new costs one call to the calendar', async () => {
      await world.withoutPush();
      await world.connect(IMPORTING);
      await world.add({ title: 'Réunion', ...timed(2, 9, 10) });
      await world.poll();
      const before = (await world.asked()).length;
      await world.poll();
      expect((await world.asked()).slice(before)).toEqual(['list']);
    });
  });

  describe('what a person does in their calendar', () => {
    test('arrives by push, long before anything is polled', async () => {
      await world.connect(IMPORTING);
      await world.poll();
      await world.pushed();

      const event = await world.add({ title: 'Réunion', ...timed(2, 9, 10) });
      await until(async () => (await summaries()).length === 1, 'the new event');
      await world.edit(event.id, { title: 'Réunion reportée', ...timed(3, 11, 12) });
      await until(async () => (await summaries())[0]?.[1] === day(3, 11), 'the moved event');
      expect(await summaries()).toEqual([['Réunion reportée', day(3, 11)]]);
      await world.remove(event.id);
      await until(async () => (await world.stored())[0]?.status === 'cancelled', 'the cancellation');
      const runs = await world
        .sql`select distinct trigger from public.sync_runs where direction = 'import' and trigger <> 'manual'`;
      expect(runs.map(({ trigger }) => trigger)).toEqual(['push']);
    });

    test('arrives by schedule where there is no push', async () => {
      await world.withoutPush();
      await world.connect(IMPORTING);
      await world.poll();
      expect((await world.claire.use('import/status')).body.push).toBe('refused');
      const event = await world.add({ title: 'Réunion', ...timed(2, 9, 10) });
      await world.poll();
      expect(await summaries()).toEqual([['Réunion', day(2, 9)]]);
      await world.edit(event.id, timed(3, 11, 12));
      await world.poll();
      expect(await summaries()).toEqual([['Réunion', day(3, 11)]]);
      await world.remove(event.id);
      await world.poll();
      expect(await world.stored()).toMatchObject([{ status: 'cancelled' }]);
    });

    test('can become appointments, which never go back to where they came from', async () => {
      await world.connect({ ...IMPORTING, import_as: 'rdv', two_way: 'auto' });
      const event = await world.add({ title: 'Réunion', location: 'Mairie', ...timed(2, 9, 10) });
      await world.poll();
      const rdvs = async () => await world.sql`select * from public.rdv order by starts_at`;
      expect(await rdvs()).toMatchObject([{
        type: 'Réunion',
        location: 'Mairie',
        source: stage.name,
        status: 'scheduled',
      }]);
      await world.edit(event.id, timed(3, 9, 10));
      await world.poll();
      expect((await rdvs()).map(({ starts_at }) => starts_at.toISOString())).toEqual([day(3, 9)]);
      await world.remove(event.id);
      await world.poll();
      expect(await rdvs()).toMatchObject([{ status: 'cancelled' }]);
      await world.settled();
      expect(await world.live()).toEqual([]);
    });
  });

  describe('an exported appointment', () => {
    test('never bounces when imports go on', async () => {
      await world.connect({ ...IMPORTING, two_way: 'auto' });
      const id = await world.book(world.lumiere, { location: '  Salle 1 ', notes: 'Apporter 📷 <b>la radio</b>\r\n' });
      await world.settled();
      for (let round = 0; round < 3; round++) await world.poll();
      await world.import(30);
      expect(await world.stored()).toEqual([]);
      expect(await world.conflicts()).toEqual([]);
      expect(await world.writes()).toEqual(['create']);
      expect(await world.live()).toHaveLength(1);
      expect((await world.rdv(id)).location).toBe('  Salle 1 ');
    });

    test('moved in the calendar moves here, once, under auto', async () => {
      await world.connect({ two_way: 'auto' });
      const id = await world.book(world.lumiere);
      await world.settled();
      const event = await world.event();
      await world.poll();
      await world.edit(event.id, { ...timed(2, 15, 16), location: 'Chez la patiente', title: 'Ada' });
      await world.poll();
      const rdv = await world.rdv(id);
      expect([rdv.starts_at.toISOString(), rdv.ends_at.toISOString(), rdv.location]).toEqual([
        day(2, 15),
        day(2, 16),
        'Chez la patiente',
      ]);
      await world.settled();
      await world.poll();
      expect(await world.calls('change')).toEqual([]);
      expect(await world.live()).toMatchObject([{ id: event.id, title: 'Ada', location: 'Chez la patiente' }]);
    });

    test('deleted in the calendar is cancelled here under auto', async () => {
      await world.connect({ two_way: 'auto' });
      const id = await world.book(world.lumiere);
      await world.settled();
      await world.poll();
      const event = await world.event();
      await world.remove(event.id);
      await world.poll();
      expect((await world.rdv(id)).status).toBe('cancelled');
      await world.settled();
      expect(await world.live()).toEqual([]);
      await world.change(world.lumiere, id, { status: 'scheduled' });
      await world.settled();
      expect(await world.live()).toHaveLength(1);
    });

    test('moved in the calendar is put back by the next push where two-way is off', async () => {
      await world.connect(IMPORTING);
      const id = await world.book(world.lumiere);
      await world.settled();
      const event = await world.event();
      await world.poll();
      await world.edit(event.id, timed(2, 15, 16));
      await world.poll();
      expect((await world.linkOf(id))!.drifted_at).not.toBeNull();
      const before = (await world.rdv(id)).starts_at.toISOString();
      expect((await world.claire.use('sync/sync-now', { body: {} })).body).toMatchObject({ updated: 1 });
      const back = await world.event();
      expect(back.start).toBe(before);
      expect((await world.linkOf(id))!.drifted_at).toBeNull();
    });
  });

  describe('a calendar to look at', () => {
    test('shows its events in order, with repeated ones as single', async () => {
      await world.connect();
      await world.add({ title: 'Tard', ...timed(3, 11, 12) });
      await world.add({ title: 'Chaque jour', everyDay: 2, ...timed(2, 9, 10) });
      const query = new URLSearchParams({ calendarId: claire.calendar, timeMin: day(0, 0), timeMax: day(7, 0) });
      const { status, body } = await world.claire.use(`import/events?${query}`);
      expect(status).toBe(200);
      expect(body.nextPageToken).toBeNull();
      expect(body.events.map(({ summary, start, allDay }: Json) => [summary, start, allDay])).toEqual([
        ['Chaque jour', day(2, 9), false],
        ['Chaque jour', day(3, 9), false],
        ['Tard', day(3, 11), false],
      ]);
      expect(await world.stored()).toEqual([]);
    });

    const read = (query: Record<string, string>) =>
      world.claire.use(`import/events?${new URLSearchParams({ calendarId: claire.calendar, ...query })}`);
    const WEEK = { timeMin: day(0, 0), timeMax: day(7, 0) };
    const told = (body: Json) => body.events.map(({ summary, status }: Json) => [summary, status]).sort();

    test('tells from where what changes can be read: that alone, until nothing is left to tell', async () => {
      await world.connect();
      await world.add({ title: 'Reste', ...timed(2, 9, 10) });
      const moved = await world.add({ title: 'Bouge', ...timed(3, 9, 10) });
      const removed = await world.add({ title: 'Disparaît', ...timed(4, 9, 10) });
      const first = (await read(WEEK)).body;
      expect(told(first)).toEqual([['Bouge', 'confirmed'], ['Disparaît', 'confirmed'], ['Reste', 'confirmed']]);
      expect(first).toMatchObject({ nextPageToken: null, nextSyncToken: expect.any(String) });

      await world.edit(moved.id, { title: 'A bougé', ...timed(5, 9, 10) });
      await stage.person.remove(world.emulator, claire.email, { calendar: claire.calendar, id: removed.id });
      await world.add({ title: 'Nouveau', ...timed(2, 14, 15) });
      const second = (await read({ syncToken: first.nextSyncToken })).body;
      expect(told(second)).toEqual([[null, 'cancelled'], ['A bougé', 'confirmed'], ['Nouveau', 'confirmed']]);
      expect(second.events.find(({ status }: Json) => status === 'cancelled').id).toBe(removed.id);

      const third = (await read({ syncToken: second.nextSyncToken })).body;
      expect(third).toMatchObject({ events: [], nextPageToken: null, nextSyncToken: expect.any(String) });
      expect(await world.stored()).toEqual([]);
    });

    test.each(stage.deadCursors)('says that a token is dead (%s), and is read anew', async (_how, switches) => {
      await world.connect();
      await world.add({ title: 'Réunion', ...timed(2, 9, 10) });
      const { nextSyncToken } = (await read(WEEK)).body;
      await world.switch(switches);
      await stage.expireCursors(world.emulator, claire.calendar);
      expect(await read({ syncToken: nextSyncToken })).toMatchObject({
        status: 410,
        body: { error: 'CURSOR_EXPIRED' },
      });
      expect(told((await read(WEEK)).body)).toEqual([['Réunion', 'confirmed']]);
    });

    test.each(['nonsense', 'http://127.0.0.1:1/elsewhere'])(
      'takes a token that is none (%s) for a dead one, and leads nowhere',
      async (syncToken) => {
        await world.connect();
        const before = (await world.requests()).length;
        expect(await read({ syncToken })).toMatchObject({ status: 410, body: { error: 'CURSOR_EXPIRED' } });
        expect((await world.requests()).slice(before).map(({ step }) => step)).not.toContain('look');
        expect(await read({ ...WEEK, pageToken: syncToken })).toMatchObject({
          status: 400,
          body: { error: 'INVALID_REQUEST' },
        });
      },
    );

    test.each([[{}], [{ timeMin: day(0, 0) }], [{ ...WEEK, syncToken: 'x' }]])(
      'is read by a window or by a token: %j is refused',
      async (query) => {
        await world.connect();
        expect(await read(query as Record<string, string>)).toMatchObject({
          status: 400,
          body: { error: 'INVALID_REQUEST' },
        });
      },
    );
  });

  describe('a bad request', () => {
    test.each<[string, Record<string, unknown>, number, string]>([
      [
        'for a calendar that is not in the list',
        { calendarId: claire.calendar.replace('claire', 'nobody') },
        404,
        'CALENDAR_NOT_FOUND',
      ],
      ['for a colleague’s calendar', { calendarId: marc.calendar }, 404, 'CALENDAR_NOT_FOUND'],
      ['without a calendar', { calendarId: undefined }, 400, 'INVALID_REQUEST'],
      ['for a reversed window', { timeMin: day(7, 0), timeMax: day(0, 0) }, 400, 'INVALID_REQUEST'],
      ['for no window at all', { timeMin: day(7, 0), timeMax: day(7, 0) }, 400, 'INVALID_REQUEST'],
      ['for half a window', { timeMax: undefined }, 400, 'INVALID_REQUEST'],
      ['for a window of two years', { timeMax: day(730, 0) }, 400, 'INVALID_REQUEST'],
      ['with a date without its offset', { timeMin: '2026-11-21T00:00:00' }, 400, 'INVALID_REQUEST'],
      ['with no date', { timeMin: 'demain' }, 400, 'INVALID_REQUEST'],
      ['with an unknown mode', { mode: 'erase' }, 400, 'INVALID_REQUEST'],
      [
        'with the fingerprint of a preview for a preview',
        { mode: 'preview', fingerprint: 'f' },
        400,
        'INVALID_REQUEST',
      ],
      ['with what no route knows', { force: true }, 400, 'INVALID_REQUEST'],
    ])('%s is refused and changes nothing', async (_name, fields, status, error) => {
      await world.connect();
      await world.add({ title: 'Réunion', ...timed(2, 9, 10) });
      expect(await world.ask(7, fields)).toMatchObject({ status, body: { error } });
      expect(await world.stored()).toEqual([]);
      const followed = await world.sql`select calendar_id, sync_token from private.calendar_cursors`;
      expect(followed.filter((row) => row.calendar_id !== claire.calendar || row.sync_token !== null)).toEqual([]);
    });

    test('of somebody who is not connected says so', async () => {
      expect(await world.ask(7)).toMatchObject({
        status: 400,
        body: { error: 'NOT_CONNECTED', step: 'find_connection' },
      });
    });

    test('for the events of a stranger’s calendar is refused', async () => {
      await world.connect();
      const query = new URLSearchParams({ calendarId: marc.calendar, timeMin: day(0, 0), timeMax: day(7, 0) });
      const answer = await world.claire.use(`import/events?${query}`);
      expect(answer).toMatchObject({ status: 404, body: { error: 'CALENDAR_NOT_FOUND' } });
    });

    test('that pretends to be the provider’s notice is answered and does nothing', async () => {
      await world.connect(IMPORTING);
      await world.poll();
      await world.pushed();
      const [channel] = await world.sql`select channel_id, resource_id from private.watch_channels`;
      const before = await world.asked();
      const address = `${world.stack.apiUrl}/functions/v1/${stage.name}-import/notifications`;
      const watch = { channelId: channel!.channel_id, resourceId: channel!.resource_id };
      for (const notice of stage.forgedNotices(watch)) {
        const answer = await fetch(address, { method: 'POST', ...notice });
        expect([answer.status, await answer.text()]).toEqual([200, '']);
      }
      await world.quiet();
      expect(await world.asked()).toEqual(before);
    });

    test('to import without the database’s signature is refused', async () => {
      const answer = await fetch(`${world.stack.apiUrl}/functions/v1/${stage.name}-import`, {
        method: 'POST',
        body: '{}',
      });
      expect(answer.status).toBe(401);
      await answer.body?.cancel();
    });
  });

  describe('the same event', () => {
    // Where ids are unique in all calendars of an account, no event can bear another's.
    test.runIf(stage.can.repeatIds)('F16: on two calendars is two events', async () => {
      await world.connect();
      const event = await world.add({ title: 'Ici', ...timed(2, 9, 10) });
      const twin = { id: event.id, ...stage.resource({ title: 'Là', ...timed(2, 9, 10) }) };
      await stage.seed(world.emulator, claire.second, twin);
      await world.import(7);
      await world.import(7, { calendarId: claire.second });
      const stored = await world.stored();
      expect(stored.map(({ id }) => id)).toEqual([event.id, event.id]);
      expect(stored.map(({ calendar }) => calendar).toSorted()).toEqual([claire.second, claire.calendar].toSorted());
      await world.remove(event.id, claire.second);
      await world.import(7, { calendarId: claire.second });
      const statuses = (await world.stored()).map(({ calendar, status }) => [calendar, status]);
      expect(Object.fromEntries(statuses)).toEqual({ [claire.calendar]: 'confirmed', [claire.second]: 'cancelled' });
    });

    test('moved to another calendar leaves the one and appears in the other', async () => {
      await world.connect();
      const event = await world.add({ title: 'Ici', ...timed(2, 9, 10) });
      await world.import(7);
      await stage.person.move(world.emulator, claire.email, { calendar: claire.calendar, id: event.id }, claire.second);
      expect(await world.import(7)).toMatchObject({ cancelled: 1 });
      expect(await world.import(7, { calendarId: claire.second })).toMatchObject({ created: 1 });
      const statuses = (await world.stored()).map(({ calendar, status }) => [calendar, status]);
      expect(Object.fromEntries(statuses)).toEqual({ [claire.calendar]: 'cancelled', [claire.second]: 'confirmed' });
    });
  });

  // The view of these names, which API clients ask for, is of Google's events alone.
  test.runIf(stage.name === 'google')('the practice sees Google’s events under Google’s names too', async () => {
    await world.connect();
    const { id } = await world.add({ title: 'Réunion', ...timed(2, 9, 10) });
    await world.import(7);
    const { data } = await world.lumiere.client.from('google_calendar_events').select('google_event_id, summary');
    expect(data).toEqual([{ google_event_id: id, summary: 'Réunion' }]);
  });
});
