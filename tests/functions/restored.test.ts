/** Owners delete an event of ours and bring it back: an appointment never loses it, and never has two. */
import { describe, expect, test } from 'vitest';
import { InboundWorld } from './inbound_world.ts';
import { day, timed } from './moments.ts';
import type { SeenEvent } from './provider_stage.ts';
import { STAGES } from './stages.ts';

const world = new InboundWorld();

describe.each(STAGES)('%s: an event of ours that its owner brings back', (_name, stage) => {
  world.at(stage);
  const { claire } = stage;

  async function exported(settings: Record<string, unknown> = {}): Promise<{ id: string; event: SeenEvent }> {
    await world.withoutPush();
    await world.connect({ two_way: 'auto', ...settings });
    const id = await world.book(world.lumiere, { starts_at: day(2, 9), ends_at: day(2, 10), status: 'confirmed' });
    await world.settled();
    await world.poll();
    return { id, event: await world.event() };
  }
  /** As the owner deleted it, and Cassius cancelled the appointment. */
  async function cancelled(settings: Record<string, unknown> = {}) {
    const { id, event } = await exported(settings);
    await world.remove(event.id);
    await world.poll();
    expect(await statusOf(id)).toBe('cancelled');
    return { id, event };
  }
  const statusOf = async (id: string) => (await world.rdv(id)).status;
  const restore = (id: string) => stage.person.restore(world.emulator, claire.email, { calendar: claire.calendar, id });
  const live = async () => (await world.live()).map(({ id, start }) => [id, start]);
  const reasons = async () => (await world.conflicts()).map(({ reason }) => reason);
  async function rests(): Promise<void> {
    await world.poll();
    await world.poll();
    const before = [await live(), await reasons()];
    await world.stage.expireCursors(world.emulator, claire.calendar);
    await world.poll();
    await world.poll();
    expect([await live(), await reasons()]).toEqual(before);
  }

  test.each([['read as a change', false], ['read in full', true]])(
    'brings back the appointment that its deletion cancelled, %s',
    async (_how, full) => {
      const { id, event } = await cancelled();
      await restore(event.id);
      if (full) await stage.expireCursors(world.emulator, claire.calendar);
      await world.poll();
      expect(await statusOf(id)).toBe('confirmed');
      expect(await live()).toEqual([[event.id, day(2, 9)]]);
      expect(await reasons()).toEqual([]);
      expect(await world.linkOf(id)).toMatchObject({ external_event_id: event.id, sync_status: 'synced', epoch: 0 });
      await rests();
      // It is an event as every other again.
      await world.edit(event.id, timed(3, 15, 16));
      await world.poll();
      expect((await world.rdv(id)).starts_at.toISOString()).toBe(day(3, 15));
      await world.change(world.lumiere, id, { status: 'cancelled' });
      await world.settled();
      expect(await live()).toEqual([]);
    },
  );

  test('brings it back to where its owner has moved it meanwhile', async () => {
    const { id, event } = await cancelled();
    await restore(event.id);
    await world.edit(event.id, timed(3, 15, 16));
    await world.poll();
    await world.poll();
    const rdv = await world.rdv(id);
    expect([rdv.status, rdv.starts_at.toISOString()]).toEqual(['confirmed', day(3, 15)]);
    await rests();
  });

  test('is nobody’s second event where the appointment is opened again first', async () => {
    const { id, event } = await cancelled();
    await restore(event.id);
    await world.change(world.lumiere, id, { status: 'scheduled' });
    await world.settled();
    await world.poll();
    expect(await live()).toEqual([[event.id, day(2, 9)]]);
    expect(await reasons()).toEqual([]);
    await rests();
    expect(await statusOf(id)).toBe('scheduled');
  });

  test('takes the appointment’s new time where that was opened again and moved', async () => {
    const { id, event } = await cancelled();
    await restore(event.id);
    await world.change(world.lumiere, id, { status: 'scheduled', starts_at: day(4, 9), ends_at: day(4, 10) });
    await world.settled();
    expect(await live()).toEqual([[event.id, day(4, 9)]]);
    await rests();
  });

  test.each([['as it was', false], ['and moved', true]])(
    'goes again where the appointment was opened again before, %s, and has another',
    async (_how, moved) => {
      const { id, event } = await cancelled();
      const time = moved ? { starts_at: day(4, 9), ends_at: day(4, 10) } : {};
      await world.change(world.lumiere, id, { status: 'scheduled', ...time });
      await world.settled();
      const second = await world.event();
      expect(second.id).not.toBe(event.id);
      await restore(event.id);
      await world.poll();
      await world.settled();
      expect(await live()).toEqual([[second.id, day(moved ? 4 : 2, 9)]]);
      expect(await reasons()).toEqual([]);
      await rests();
      expect(await statusOf(id)).toBe('scheduled');
    },
  );

  test('and changes, beside the appointment’s other one, is a question', async () => {
    const { id, event } = await cancelled();
    await world.change(world.lumiere, id, { status: 'scheduled' });
    await world.settled();
    const second = await world.event();
    await restore(event.id);
    await world.edit(event.id, { title: 'Chez le notaire', ...timed(3, 15, 16) });
    await world.poll();
    const [question] = await world.conflicts();
    expect(question).toMatchObject({ reason: 'restored', internal_id: id, payload: { returns: false } });
    expect(await world.resolve(question.id, 'keep_calendar')).toMatchObject({ status: 400 });
    expect(await world.resolve(question.id, 'keep_cassius')).toMatchObject({ status: 200 });
    await world.settled();
    expect(await live()).toEqual([[second.id, day(2, 9)]]);
    await rests();
  });

  describe('after something else happened to the appointment', () => {
    async function asked(settings: Record<string, unknown> = {}) {
      const { id, event } = await cancelled(settings);
      await world.sql`update public.rdv set type = 'Bilan' where id = ${id}`;
      await world.settled();
      await restore(event.id);
      await world.poll();
      expect(await statusOf(id)).toBe('cancelled');
      const [question, ...more] = await world.conflicts();
      expect(more).toEqual([]);
      expect(question).toMatchObject({
        reason: 'restored',
        internal_id: id,
        external_id: event.id,
        payload: { returns: true, calendar: { time: { startsAt: day(2, 9) } } },
      });
      expect(question.payload.calendar.title).toContain('Ada');
      await rests();
      return { id, event, question: question.id as string };
    }

    test('is a question; the appointment can come back with it', async () => {
      const { id, event, question } = await asked();
      expect(await world.resolve(question, `keep_${stage.name}`)).toMatchObject({ status: 200 });
      await world.settled();
      expect(await statusOf(id)).toBe('confirmed');
      expect(await live()).toEqual([[event.id, day(2, 9)]]);
      expect(await reasons()).toEqual([]);
      await rests();
    });

    test('is a question; it can go again', async () => {
      const { id, question } = await asked();
      expect(await world.resolve(question, 'keep_cassius')).toMatchObject({ status: 200 });
      await world.settled();
      expect([await statusOf(id), await live()]).toEqual(['cancelled', []]);
      await rests();
    });

    test('is a question; both can be left, until one changes', async () => {
      const { id, event, question } = await asked();
      expect(await world.resolve(question, 'duplicate')).toMatchObject({ status: 400 });
      expect(await world.resolve(question, 'ignore')).toMatchObject({ status: 200 });
      await rests();
      expect([await statusOf(id), await live(), await reasons()]).toEqual(['cancelled', [[event.id, day(2, 9)]], []]);
      await world.edit(event.id, timed(3, 15, 16));
      await world.poll();
      expect(await reasons()).toEqual(['restored']);
    });

    test('is no question any more once it is deleted again, or the appointment is opened', async () => {
      const { id, event } = await asked();
      await world.remove(event.id);
      await world.poll();
      expect(await reasons()).toEqual([]);
      await restore(event.id);
      await world.poll();
      expect(await reasons()).toEqual(['restored']);
      await world.change(world.lumiere, id, { status: 'scheduled' });
      await world.settled();
      await world.poll();
      expect([await reasons(), await live()]).toEqual([[], [[event.id, day(2, 9)]]]);
    });
  });

  test('after Cassius had ended it, is a question', async () => {
    const { id, event } = await exported();
    await world.change(world.lumiere, id, { status: 'cancelled' });
    await world.settled();
    expect(await live()).toEqual([]);
    await restore(event.id);
    await world.poll();
    expect(await reasons()).toEqual(['restored']);
    expect(await statusOf(id)).toBe('cancelled');
  });

  test('under review: the question about its deletion is over', async () => {
    const { id, event } = await exported({ two_way: 'review' });
    await world.remove(event.id);
    await world.poll();
    expect(await reasons()).toEqual(['deleted']);
    await restore(event.id);
    await world.poll();
    expect([await reasons(), await live(), await statusOf(id)]).toEqual([[], [[event.id, day(2, 9)]], 'confirmed']);
    expect(await world.linkOf(id)).toMatchObject({ sync_status: 'synced' });
    await rests();
  });

  test('while Cassius decides, goes again', async () => {
    const { id, event } = await exported({ two_way: 'off', import_enabled: true, import_range_default: '30d' });
    await world.change(world.lumiere, id, { status: 'cancelled' });
    await world.settled();
    await restore(event.id);
    await world.poll();
    await world.settled();
    expect([await live(), await reasons(), await world.stored()]).toEqual([[], [], []]);
  });

  test('and moves to another calendar before anything is read, goes again while Cassius decides', async () => {
    const { id, event } = await exported({ two_way: 'off' });
    const move = (from: string, to: string) =>
      stage.person.move(world.emulator, claire.email, { calendar: from, id: event.id }, to);
    await move(claire.calendar, claire.second);
    await world.poll();
    await world.change(world.lumiere, id, { status: 'cancelled' });
    await world.settled();
    await stage.person.restore(world.emulator, claire.email, { calendar: claire.second, id: event.id });
    await move(claire.second, claire.calendar);
    expect(await live()).toEqual([[event.id, day(2, 9)]]);
    await world.poll();
    await world.settled();
    expect([await live(), await reasons()]).toEqual([[], []]);
    expect(await world.linkOf(id)).toMatchObject({ sync_status: 'none' });
  });

  test('is never an event of others, in a calendar that is imported', async () => {
    const { id, event } = await cancelled({ import_enabled: true, import_range_default: '30d' });
    await world.change(world.lumiere, id, { status: 'scheduled' });
    await world.settled();
    await restore(event.id);
    await world.poll();
    await world.settled();
    expect(await world.stored()).toEqual([]);
    expect(await live()).toHaveLength(1);
  });
});
