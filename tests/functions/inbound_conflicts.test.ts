import { describe, expect, test } from 'vitest';
import { InboundWorld } from './inbound_world.ts';
import { day, timed, wholeDays } from './moments.ts';
import type { SeenEvent } from './provider_stage.ts';
import { STAGES } from './stages.ts';

const world = new InboundWorld();

describe.each(STAGES)('%s', (_name, stage) => {
  world.at(stage);
  const { claire } = stage;

  /** The calendar's side, by the name of its provider. */
  const theirs = `keep_${stage.name}`;
  const IMPORTING = { import_enabled: true, import_range_default: '30d' };

  /** An appointment that is exported, and its event. */
  async function exported(settings: Record<string, unknown> = {}): Promise<{ id: string; event: SeenEvent }> {
    await world.withoutPush();
    await world.connect({ two_way: 'review', ...settings });
    const id = await world.book(world.lumiere, {
      starts_at: day(2, 9),
      ends_at: day(2, 10),
      location: 'Salle 1',
    });
    await world.settled();
    await world.poll();
    const event = await world.event();
    return { id, event };
  }

  const rdvs = async () =>
    (await world.sql`select id, type, status, source, starts_at, location from public.rdv order by starts_at, type`)
      .map(({ id, type, status, source, starts_at: start, location }) => (
        { id, type, status, source, start: start.toISOString(), location }
      ));
  const question = async (reason: string) => {
    const open = await world.conflicts();
    expect(open).toMatchObject([{ reason, status: 'open' }]);
    return open[0].id as string;
  };
  const answered = async (id: string, action: string, status = 'resolved') => {
    expect(await world.resolve(id, action)).toMatchObject({ status: 200, body: { status } });
    await world.settled();
  };
  /** Whatever was decided stays so: it is not asked again, and nothing moves any more. */
  async function rests(): Promise<void> {
    const before = [await rdvs(), await world.live()];
    await world.poll();
    await world.settled();
    await world.poll();
    expect([await rdvs(), await world.live()]).toEqual(before);
    expect(await world.conflicts()).toEqual([]);
  }

  describe('an event that was moved there, under review', () => {
    async function moved() {
      const { id, event } = await exported();
      await world.edit(event.id, { ...timed(3, 15, 16), location: 'Chez elle' });
      await world.poll();
      expect((await rdvs())[0]).toMatchObject({ start: day(2, 9), location: 'Salle 1' });
      return { id, event, conflict: await question('changed_both_sides') };
    }

    test('shows both sides, the base and the fields that differ', async () => {
      await moved();
      const [{ payload, source, entity_type: entity, internal_id: internal, external_id: external }] = await world
        .conflicts();
      expect([source, entity, internal, external].every(Boolean)).toBe(true);
      expect(payload).toMatchObject({
        fields: ['time', 'location'],
        changedBy: 'calendar',
        cassius: { location: 'Salle 1', time: { startsAt: day(2, 9) } },
        calendar: { location: 'Chez elle', time: { startsAt: day(3, 15) } },
        base: { location: 'Salle 1', time: { startsAt: day(2, 9) } },
      });
    });

    test('keep_cassius writes the appointment over the event', async () => {
      const { event, conflict } = await moved();
      await answered(conflict, 'keep_cassius');
      const there = await world.event();
      expect([there.start, there.location, there.id]).toEqual([day(2, 9), 'Salle 1', event.id]);
      await rests();
    });

    test('the calendar’s side moves the appointment and writes nothing', async () => {
      const { conflict } = await moved();
      await answered(conflict, theirs);
      expect(await rdvs()).toMatchObject([{ start: day(3, 15), location: 'Chez elle' }]);
      await rests();
      expect(await world.calls('change')).toEqual([]);
    });

    test('the calendar’s title stays, and what else has changed in the appointment goes out', async () => {
      const { id, event } = await exported({ two_way: 'auto', event_detail: 'full' });
      await world.edit(event.id, { ...timed(2, 9, 10), title: 'Chez le dentiste' });
      await world.sql`update public.rdv set type = 'Bilan', notes = 'Allergie' where id = ${id}`;
      await world.settled();
      await answered(await question('changed_both_sides'), theirs);
      const there = await world.event();
      expect(there.title).toBe('Chez le dentiste');
      expect(there.description).toContain('Allergie');
      await rests();
      // Nor does a later change write over the title.
      await world.sql`update public.rdv set notes = 'Allergie au latex' where id = ${id}`;
      await world.settled();
      const later = await world.event();
      expect(later.title).toBe('Chez le dentiste');
      expect(later.description).toContain('latex');
    });

    test('duplicate keeps the appointment and makes a second one of the other version', async () => {
      const { conflict } = await moved();
      await answered(conflict, 'duplicate');
      expect(await rdvs()).toMatchObject([
        { start: day(2, 9), location: 'Salle 1' },
        { start: day(3, 15), location: 'Chez elle' },
      ]);
      expect((await world.live()).map(({ start }) => start).toSorted()).toEqual([day(2, 9), day(3, 15)]);
      await rests();
    });

    test('ignore leaves both, and the next change asks again', async () => {
      const { event, conflict } = await moved();
      await answered(conflict, 'ignore', 'ignored');
      expect((await rdvs())[0]).toMatchObject({ start: day(2, 9) });
      expect((await world.event()).start).toBe(day(3, 15));
      await rests();
      await world.edit(event.id, timed(4, 15, 16));
      await world.poll();
      await question('changed_both_sides');
    });

    test('is decided once: the same answer again is the same, another is refused', async () => {
      const { conflict } = await moved();
      await answered(conflict, theirs);
      expect(await world.resolve(conflict, 'keep_calendar')).toMatchObject({
        status: 200,
        body: { status: 'resolved' },
      });
      expect(await world.resolve(conflict, 'keep_cassius')).toMatchObject({
        status: 409,
        body: { error: 'CONFLICT_CLOSED', step: 'resolve_conflict' },
      });
    });

    test('is not decided on what is no longer so there', async () => {
      const { event, conflict } = await moved();
      await world.edit(event.id, timed(4, 11, 12));
      expect(await world.resolve(conflict, theirs)).toMatchObject({
        status: 409,
        body: { error: 'CONFLICT_OUTDATED' },
      });
      expect((await rdvs())[0]).toMatchObject({ start: day(2, 9) });
      const [{ payload }] = await world.conflicts();
      expect(payload.calendar.time.startsAt).toBe(day(4, 11));
      await answered(conflict, theirs);
      expect((await rdvs())[0]).toMatchObject({ start: day(4, 11) });
    });

    test('is not decided on what is no longer so here', async () => {
      const { id, conflict } = await moved();
      await world.sql`update public.rdv set type = 'Bilan' where id = ${id}`;
      expect(await world.resolve(conflict, theirs)).toMatchObject({
        status: 409,
        body: { error: 'CONFLICT_OUTDATED' },
      });
      await world.settled();
    });

    test('is not decided while the calendar cannot be read', async () => {
      const { conflict } = await moved();
      await world.fault('look', { html5xx: 503 }, { times: 1 });
      expect(await world.resolve(conflict, theirs)).toMatchObject({
        status: 503,
        body: { error: 'PROVIDER_UNAVAILABLE', step: 'read_event' },
      });
      expect(await question('changed_both_sides')).toBe(conflict);
    });
  });

  describe('an event that no appointment can be', () => {
    test('is asked about even under auto, and cannot be taken over', async () => {
      const { event } = await exported({ two_way: 'auto' });
      await world.edit(event.id, wholeDays(3, 4));
      await world.poll();
      const conflict = await question('changed_both_sides');
      expect(await world.resolve(conflict, theirs)).toMatchObject({
        status: 400,
        body: { error: 'INVALID_EVENT' },
      });
      await answered(conflict, 'keep_cassius');
      expect((await world.event()).start).toBe(day(2, 9));
      await rests();
    });
  });

  describe('an event that was deleted there, under review', () => {
    async function deleted() {
      const { id, event } = await exported();
      await world.remove(event.id);
      await world.poll();
      expect((await rdvs())[0]).toMatchObject({ status: 'scheduled' });
      return { id, event, conflict: await question('deleted') };
    }

    test('keep_cassius makes it anew under the next epoch', async () => {
      const { id, event, conflict } = await deleted();
      await answered(conflict, 'keep_cassius');
      const there = await world.event();
      expect([there.start, there.id === event.id]).toEqual([day(2, 9), false]);
      expect((await world.linkOf(id))!.epoch).toBe(1);
      await rests();
    });

    test('the calendar’s side cancels the appointment', async () => {
      const { conflict } = await deleted();
      await answered(conflict, theirs);
      expect(await rdvs()).toMatchObject([{ status: 'cancelled' }]);
      expect(await world.live()).toEqual([]);
      await rests();
    });

    test.each([['duplicate', 'resolved'], ['ignore', 'ignored']])(
      '%s keeps the appointment without an event, whatever changes later',
      async (action, status) => {
        const { id, conflict } = await deleted();
        await answered(conflict, action, status);
        expect(await rdvs()).toMatchObject([{ status: 'scheduled' }]);
        await rests();
        await world.change(world.lumiere, id, { notes: 'Apporter la radio' });
        await world.settled();
        expect(await world.live()).toEqual([]);
      },
    );

    test('is not decided once it is back', async () => {
      const { event, conflict } = await deleted();
      await stage.person.restore(world.emulator, claire.email, { calendar: claire.calendar, id: event.id });
      expect(await world.resolve(conflict, theirs)).toMatchObject({
        status: 409,
        body: { error: 'CONFLICT_OUTDATED' },
      });
      expect(await rdvs()).toMatchObject([{ status: 'scheduled' }]);
      await world.poll();
      expect(await world.live()).toHaveLength(1);
    });

    test('what was changed here while it was asked about goes out once it is back', async () => {
      const { id, event, conflict } = await deleted();
      await world.change(world.lumiere, id, { starts_at: day(3, 9), ends_at: day(3, 10) });
      await world.settled();
      await stage.person.restore(world.emulator, claire.email, { calendar: claire.calendar, id: event.id });
      expect(await world.resolve(conflict, theirs)).toMatchObject({ status: 409 });
      await world.settled();
      await world.poll();
      await world.settled();
      expect((await world.live()).map(({ start }) => start)).toEqual([day(3, 9)]);
      expect((await world.rdv(id)).starts_at.toISOString()).toBe(day(3, 9));
    });
  });

  describe('an event that stands across an appointment', () => {
    async function across() {
      await world.withoutPush();
      await world.connect(IMPORTING);
      const id = await world.book(world.lumiere, { starts_at: day(2, 9), ends_at: day(2, 10) });
      await world.settled();
      const event = await world.add({ title: 'Réunion', ...timed(2, 9, 11) });
      await world.poll();
      return { id, event, conflict: await question('time_overlap') };
    }
    const types = async () => (await rdvs()).map(({ type, status }) => [type, status]);

    test('overwrites nothing', async () => {
      await across();
      expect(await types()).toEqual([['Contrôle', 'scheduled']]);
      expect(await world.live()).toHaveLength(2);
    });

    test.each([['keep_cassius', 'resolved'], ['ignore', 'ignored']])('%s leaves both', async (action, status) => {
      const { conflict } = await across();
      await answered(conflict, action, status);
      expect(await types()).toEqual([['Contrôle', 'scheduled']]);
      expect(await world.live()).toHaveLength(2);
      await rests();
    });

    test('the calendar’s side cancels the appointment, and its event goes', async () => {
      const { event, conflict } = await across();
      await answered(conflict, theirs);
      expect(await types()).toEqual([['Contrôle', 'cancelled']]);
      expect((await world.live()).map(({ id }) => id)).toEqual([event.id]);
      await rests();
    });

    test('duplicate makes it an appointment of its own, which is not exported', async () => {
      const { conflict } = await across();
      await answered(conflict, 'duplicate');
      expect(await types()).toEqual([['Contrôle', 'scheduled'], ['Réunion', 'scheduled']]);
      expect(await world.live()).toHaveLength(2);
      await rests();
    });

    test('that moves away takes its question along', async () => {
      const { event } = await across();
      await world.edit(event.id, timed(3, 9, 11));
      await world.poll();
      expect(await world.conflicts()).toEqual([]);
    });
  });

  describe('a mass change', () => {
    async function held() {
      await world.withoutPush();
      await world.liftQuotas();
      await world.connect(IMPORTING);
      const events: Array<{ id: string }> = [];
      for (let hour = 0; hour < 12; hour++) {
        events.push(await world.add({ title: `${hour}`, ...timed(2, hour, hour + 1) }));
      }
      await world.poll();
      for (const { id } of events) await world.remove(id);
      await world.poll();
      return await question('mass_change');
    }
    const living = async () => (await world.stored()).filter(({ status }) => status !== 'cancelled').length;

    test.each([['keep_cassius', 'resolved'], ['ignore', 'ignored']])('%s keeps it all here', async (action, status) => {
      await answered(await held(), action, status);
      await world.poll();
      expect(await living()).toBe(12);
      await rests();
    });

    test('the calendar’s side carries it out', async () => {
      await answered(await held(), theirs);
      await world.poll();
      expect(await living()).toBe(0);
      await rests();
    });

    test('lets in what is new and certain meanwhile, and asks about that too', async () => {
      const conflict = await held();
      await world.book(world.lumiere, { starts_at: day(3, 9), ends_at: day(3, 10) });
      await world.add({ title: 'Nouveau', ...timed(3, 9, 10) });
      await world.settled();
      const preview = await world.import(7, { mode: 'preview' });
      expect(preview).toMatchObject({
        created: 1,
        cancelled: 0,
        items: expect.arrayContaining([
          expect.objectContaining({ action: 'create', summary: 'Nouveau' }),
          expect.objectContaining({ action: 'hold' }),
        ]),
      });
      await world.poll();
      await world.poll();
      const here = (await world.stored()).filter(({ status }) => status !== 'cancelled').map(({ summary }) => summary);
      expect(here).toHaveLength(13);
      expect(here).toContain('Nouveau');
      const open = await world.conflicts();
      expect(open.map(({ reason }) => reason).toSorted()).toEqual(['mass_change', 'time_overlap']);
      // What came in meanwhile is no part of the question: its answer is about the very same change.
      expect(open.find(({ reason }) => reason === 'mass_change').id).toBe(conflict);
      await answered(conflict, theirs);
      await world.poll();
      expect(await living()).toBe(1);
    });

    test('of another calendar is not named in this one’s answer', async () => {
      await held();
      await world.add({ title: 'Ailleurs', ...timed(2, 9, 10) }, claire.second);
      const answer = await world.import(7, { calendarId: claire.second });
      expect(answer).toMatchObject({ created: 1, conflicts: [] });
      const [question] = await world.conflicts();
      expect((await world.import(7)).conflicts).toMatchObject([{ id: question.id, reason: 'mass_change' }]);
    });

    test.each([
      ['deleted', (id: string) => world.remove(id), 0],
      ['shortened', (id: string) => world.edit(id, { ...timed(2, 9, 10), everyDay: 3 }), 3],
      ['moved', (id: string) => world.edit(id, { ...timed(2, 11, 12), everyDay: 20 }), 20],
    ])('is none where one series of many days is %s', async (_what, change, left) => {
      await world.withoutPush();
      await world.liftQuotas();
      await world.connect(IMPORTING);
      const { id } = await world.add({ title: 'Cours', ...timed(2, 9, 10), everyDay: 20 });
      await world.add({ title: 'Autre', ...timed(2, 14, 15) });
      await world.poll();
      expect(await living()).toBe(21);
      await change(id);
      await world.add({ title: 'Nouveau', ...timed(2, 17, 18) });
      await world.poll();
      expect(await world.conflicts()).toEqual([]);
      expect(await living()).toBe(2 + left);
    });

    test('is none where one series of more days than are read one by one is deleted', async () => {
      await world.withoutPush();
      await world.liftQuotas();
      await world.connect(IMPORTING);
      const { id } = await world.add({ title: 'Cours', ...timed(2, 9, 10), everyDay: 60 });
      await world.import(70);
      expect(await living()).toBe(60);
      await world.remove(id);
      await stage.expireCursors(world.emulator, claire.calendar);
      await world.import(70);
      expect(await world.conflicts()).toEqual([]);
      expect(await living()).toBe(0);
    });

    test('duplicate is no answer to it', async () => {
      const conflict = await held();
      expect(await world.resolve(conflict, 'duplicate')).toMatchObject({
        status: 400,
        body: { error: 'INVALID_REQUEST' },
      });
      expect(await question('mass_change')).toBe(conflict);
    });
  });

  describe('a conflict', () => {
    test('of another practice does not exist', async () => {
      const { event } = await exported();
      await world.edit(event.id, timed(3, 15, 16));
      await world.poll();
      const conflict = await question('changed_both_sides');
      const answer = await world.marc.use(`import/conflicts/${conflict}/resolve`, { body: { action: 'ignore' } });
      expect(answer).toMatchObject({ status: 404, body: { error: 'CONFLICT_NOT_FOUND' } });
      expect(await question('changed_both_sides')).toBe(conflict);
    });

    test.each(['nonsense', '00000000-0000-4000-8000-000000000000'])('%s does not exist', async (id) => {
      expect(await world.resolve(id, 'ignore')).toMatchObject({ status: 404, body: { error: 'CONFLICT_NOT_FOUND' } });
    });

    test.each(['erase', stage.name === 'google' ? 'keep_microsoft' : 'keep_google', ''])(
      'knows no action “%s”',
      async (action) => {
        const id = '00000000-0000-4000-8000-000000000000';
        expect(await world.resolve(id, action)).toMatchObject({ status: 400, body: { error: 'INVALID_REQUEST' } });
      },
    );
  });
});
