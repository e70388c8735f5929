/** A decision about a conflict is taken back: both sides are what they were and the question is asked again, or it says why not. */
import { describe, expect, test } from 'vitest';
import { InboundWorld } from './inbound_world.ts';
import { day, timed } from './moments.ts';
import type { SeenEvent } from './provider_stage.ts';
import { STAGES } from './stages.ts';

const world = new InboundWorld();

describe.each(STAGES)('%s', (_name, stage) => {
  world.at(stage);
  const { claire } = stage;
  const IMPORTING = { import_enabled: true, import_range_default: '30d' };

  const rdvs = async () =>
    (await world.sql`select id, type, status, source, starts_at, ends_at, location from public.rdv
      order by starts_at, type`).map((row) => ({ ...row }));
  const events = async () =>
    (await world.live()).map(({ start, end, title, location }) => ({ start, end, title, location }))
      .toSorted((one, other) => `${one.start}${one.title}` < `${other.start}${other.title}` ? -1 : 1);
  const both = async () => ({ rdvs: await rdvs(), events: await events() });
  const question = async (reason: string): Promise<string> => {
    const open = await world.conflicts();
    expect(open).toMatchObject([{ reason, status: 'open' }]);
    return open[0].id;
  };
  const decide = async (id: string, action: string) =>
    expect(await world.resolve(id, action)).toMatchObject({ status: 200 });
  const undone = async (id: string) =>
    expect(await world.undo(id)).toMatchObject({ status: 200, body: { status: 'open' } });
  const refused = async (id: string, error = 'UNDO_OVERTAKEN') =>
    expect(await world.undo(id)).toMatchObject({ status: 409, body: { error, step: expect.any(String) } });

  async function exported(settings: Record<string, unknown> = {}): Promise<{ id: string; event: SeenEvent }> {
    await world.withoutPush();
    await world.connect({ two_way: 'review', ...settings });
    const id = await world.book(world.lumiere, { starts_at: day(2, 9), ends_at: day(2, 10), location: 'Salle 1' });
    await world.settled();
    await world.poll();
    return { id, event: await world.event() };
  }
  async function moved() {
    const { id, event } = await exported();
    await world.edit(event.id, { title: 'Titre à elle', ...timed(3, 15, 16), location: 'Chez elle' });
    await world.poll();
    return { id, event, conflict: await question('changed_both_sides') };
  }
  async function deleted() {
    const { id, event } = await exported();
    await world.remove(event.id);
    await world.poll();
    return { id, event, conflict: await question('deleted') };
  }
  async function across() {
    await world.withoutPush();
    await world.connect(IMPORTING);
    const id = await world.book(world.lumiere, { starts_at: day(2, 9), ends_at: day(2, 10) });
    await world.settled();
    const event = await world.add({ title: 'Réunion', ...timed(2, 9, 11) });
    await world.poll();
    return { id, event, conflict: await question('time_overlap') };
  }
  /** Nothing moves any more, the same is asked, and it can be decided as if nothing had been decided before. */
  async function asksAgain(reason: string, conflict: string, before: unknown, action: string): Promise<void> {
    await world.settled();
    expect(await both()).toEqual(before);
    expect(await question(reason)).toBe(conflict);
    await world.poll();
    await world.settled();
    await world.poll();
    expect(await both()).toEqual(before);
    expect(await question(reason)).toBe(conflict);
    await decide(conflict, action);
    await world.settled();
    await world.poll();
    expect(await world.conflicts()).toEqual([]);
  }

  const ACTIONS = ['keep_cassius', 'keep_calendar', 'duplicate', 'ignore'];

  describe('an event that was moved there', () => {
    test.each(ACTIONS)('%s, sent', async (action) => {
      const { conflict } = await moved();
      const before = await both();
      await decide(conflict, action);
      await world.settled();
      await undone(conflict);
      await asksAgain('changed_both_sides', conflict, before, 'keep_cassius');
      expect(await events()).toMatchObject([{ start: day(2, 9), location: 'Salle 1' }]);
    });

    test.each(ACTIONS)('%s, not yet sent', async (action) => {
      const { conflict } = await moved();
      const before = await both();
      await world.unclaimed(async () => {
        await decide(conflict, action);
        await undone(conflict);
      });
      await asksAgain('changed_both_sides', conflict, before, 'keep_calendar');
      expect(await events()).toMatchObject([{ start: day(3, 15), location: 'Chez elle' }]);
    });

    test.each(ACTIONS)('%s, and the appointment changed since', async (action) => {
      const { id, conflict } = await moved();
      await decide(conflict, action);
      await world.settled();
      await world.change(world.lumiere, id, { notes: 'Apporter la radio' });
      await world.settled();
      const after = await both();
      await refused(conflict);
      await world.settled();
      expect(await both()).toEqual(after);
    });

    test.each(ACTIONS)('%s, and the event was moved since', async (action) => {
      const { event, conflict } = await moved();
      await decide(conflict, action);
      await world.settled();
      await world.edit(event.id, timed(4, 11, 12));
      const after = await both();
      await refused(conflict);
      expect(await both()).toEqual(after);
    });

    test.each(ACTIONS)('%s, and both changed since, before it was sent', async (action) => {
      const { id, event, conflict } = await moved();
      await world.unclaimed(async () => {
        await decide(conflict, action);
        await world.change(world.lumiere, id, { notes: 'Apporter la radio' });
        await world.edit(event.id, timed(4, 11, 12));
        const after = await both();
        await refused(conflict);
        expect(await both()).toEqual(after);
      });
      await world.settled();
    });

    test('is taken back once: the second time it is open already', async () => {
      const { conflict } = await moved();
      await decide(conflict, 'ignore');
      await undone(conflict);
      await undone(conflict);
      expect(await question('changed_both_sides')).toBe(conflict);
    });

    test('whose event refuses to be written back stays as it was decided, and nothing is lost', async () => {
      const { conflict } = await moved();
      await decide(conflict, 'keep_cassius');
      await world.settled();
      const after = await both();
      await world.fault('change', { html5xx: 503 }, { times: 1 });
      expect(await world.undo(conflict)).toMatchObject({ status: 503, body: { step: 'write_event' } });
      await world.settled();
      await world.poll();
      await world.settled();
      await world.poll();
      expect(await both()).toEqual(after);
      expect(await world.conflicts()).toEqual([]);
    });

    test('is not written back while the sync is paused', async () => {
      const { conflict } = await moved();
      await decide(conflict, 'keep_cassius');
      await world.settled();
      await world.sql`select private.pause('all', null, 'test')`;
      expect(await world.undo(conflict)).toMatchObject({ status: 503, body: { error: 'SYNC_PAUSED' } });
      await world.sql`select private.resume('all', null)`;
    });
  });

  describe('an event that was deleted there', () => {
    test.each(ACTIONS)('%s, sent', async (action) => {
      const { conflict } = await deleted();
      const before = await both();
      await decide(conflict, action);
      await world.settled();
      await undone(conflict);
      await asksAgain('deleted', conflict, before, 'keep_cassius');
      expect(await events()).toMatchObject([{ start: day(2, 9) }]);
    });

    test.each(ACTIONS)('%s, not yet sent', async (action) => {
      const { conflict } = await deleted();
      const before = await both();
      await world.unclaimed(async () => {
        await decide(conflict, action);
        await undone(conflict);
      });
      await asksAgain('deleted', conflict, before, 'keep_calendar');
      expect(await rdvs()).toMatchObject([{ status: 'cancelled' }]);
    });

    test('keep_cassius, and the event that was made again was moved since', async () => {
      const { conflict } = await deleted();
      await decide(conflict, 'keep_cassius');
      await world.settled();
      await world.edit((await world.event()).id, timed(4, 11, 12));
      const after = await both();
      await refused(conflict);
      expect(await both()).toEqual(after);
    });

    test('keep_calendar, and the event came back since', async () => {
      const { event, conflict } = await deleted();
      await decide(conflict, 'keep_calendar');
      await world.settled();
      await stage.person.restore(world.emulator, claire.email, { calendar: claire.calendar, id: event.id });
      const after = await both();
      await refused(conflict);
      expect(await both()).toEqual(after);
    });
  });

  describe('an event across an appointment', () => {
    test.each(ACTIONS)('%s', async (action) => {
      const { conflict } = await across();
      const before = await both();
      await decide(conflict, action);
      await world.settled();
      await undone(conflict);
      await asksAgain('time_overlap', conflict, before, 'ignore');
    });

    test.each(ACTIONS)('%s, and the event was moved away since', async (action) => {
      const { event, conflict } = await across();
      await decide(conflict, action);
      await world.edit(event.id, timed(3, 9, 11));
      await world.poll();
      const after = await both();
      await refused(conflict);
      expect(await both()).toEqual(after);
    });
  });

  describe('an event that is back', () => {
    async function back() {
      const { id, event } = await exported();
      await world.change(world.lumiere, id, { status: 'cancelled' });
      await world.settled();
      await stage.person.restore(world.emulator, claire.email, { calendar: claire.calendar, id: event.id });
      await world.poll();
      return { id, conflict: await question('restored') };
    }

    test.each(['keep_calendar', 'ignore'])('%s', async (action) => {
      const { conflict } = await back();
      const before = await both();
      await decide(conflict, action);
      await world.settled();
      await undone(conflict);
      await asksAgain('restored', conflict, before, 'ignore');
    });

    test('keep_cassius, not yet sent', async () => {
      const { conflict } = await back();
      const before = await both();
      await world.unclaimed(async () => {
        await decide(conflict, 'keep_cassius');
        await undone(conflict);
      });
      await asksAgain('restored', conflict, before, 'keep_cassius');
      expect(await events()).toEqual([]);
    });

    test('keep_cassius, sent: no calendar gives it back', async () => {
      const { conflict } = await back();
      await decide(conflict, 'keep_cassius');
      await world.settled();
      await refused(conflict, 'UNDO_TOO_LATE');
      expect(await events()).toEqual([]);
    });
  });

  test('too much at once is open again until a reading has carried the answer out', async () => {
    await world.withoutPush();
    await world.liftQuotas();
    await world.connect(IMPORTING);
    const added: Array<{ id: string }> = [];
    for (let hour = 0; hour < 12; hour++) {
      added.push(await world.add({ title: `${hour}`, ...timed(2, hour, hour + 1) }));
    }
    await world.poll();
    for (const { id } of added) await world.remove(id);
    await world.poll();
    const conflict = await question('mass_change');
    await world.sql`select private.pause('all', null, 'test')`;
    await decide(conflict, 'keep_calendar');
    await undone(conflict);
    await world.sql`select private.resume('all', null)`;
    await world.poll();
    expect(await question('mass_change')).toBe(conflict);
    await decide(conflict, 'keep_calendar');
    await world.poll();
    await refused(conflict, 'UNDO_TOO_LATE');
  });

  test('a decision of another practice, or about another provider, does not exist', async () => {
    const { conflict } = await moved();
    await decide(conflict, 'ignore');
    for (const id of [conflict, 'nonsense', crypto.randomUUID()]) {
      expect(await world.marc.use(`import/conflicts/${id}/undo`, { body: {} })).toMatchObject({
        status: 404,
        body: { error: 'CONFLICT_NOT_FOUND' },
      });
    }
  });
});
