/** A provider that does not tell the truth once: nothing is concluded, nothing is lost, and nothing is doubled. */
import { describe, expect, test } from 'vitest';
import { InboundWorld } from './inbound_world.ts';
import { day, timed } from './moments.ts';
import type { SeenEvent } from './provider_stage.ts';
import { STAGES } from './stages.ts';

const world = new InboundWorld();

describe.each(STAGES)('%s: what is not found once', (name, stage) => {
  world.at(stage);
  const { claire } = stage;
  const once = { times: 1 };

  async function exported(settings: Record<string, unknown> = {}): Promise<{ id: string; event: SeenEvent }> {
    await world.withoutPush();
    await world.connect({ two_way: 'auto', ...settings });
    const id = await world.book(world.lumiere, { starts_at: day(2, 9), ends_at: day(2, 10) });
    await world.settled();
    await world.poll();
    return { id, event: await world.event() };
  }
  const statusOf = async (id: string) => (await world.rdv(id)).status;
  /** As it was written, an hour ago. */
  const age = () => world.sql`update public.appointment_external_links set last_synced_at = now() - interval '1 hour'`;
  async function isUntouched({ id, event }: { id: string; event: SeenEvent }): Promise<void> {
    expect(await statusOf(id)).toBe('scheduled');
    expect((await world.live()).map((one) => one.id)).toEqual([event.id]);
    expect(await world.conflicts()).toEqual([]);
    expect(await world.linkOf(id)).toMatchObject({ external_event_id: event.id, sync_status: 'synced' });
  }

  test.each(name === 'google' ? ['young', 'older'] : ['young'])(
    'a reading in full without an event of ours that is %s, which a read does not find either, ends nothing',
    async (how) => {
      const exportedOne = await exported();
      if (how === 'older') await age();
      await stage.expireCursors(world.emulator, claire.calendar);
      await world.fault('list', { cutList: 0 }, once);
      await world.fault('look', stage.refusals.notFound, once);
      await world.poll();
      await isUntouched(exportedOne);
      await world.calm();
      await world.poll();
      await isUntouched(exportedOne);
    },
  );

  test('an empty list alone ends nothing', async () => {
    const exportedOne = await exported();
    await stage.expireCursors(world.emulator, claire.calendar);
    await world.fault('list', { cutList: 0 }, once);
    await world.poll();
    await isUntouched(exportedOne);
  });

  test('what is gone indeed is believed to be, sooner or later', async () => {
    const { id, event } = await exported();
    await stage.expireCursors(world.emulator, claire.calendar);
    await world.remove(event.id);
    await world.fault('look', stage.refusals.notFound);
    await world.poll();
    expect(await statusOf(id)).toBe('scheduled');
    await world.calm();
    await age();
    await world.poll();
    expect(await statusOf(id)).toBe('cancelled');
  });

  test('an answer that is a stub ends nothing', async () => {
    const exportedOne = await exported();
    await stage.expireCursors(world.emulator, claire.calendar);
    await world.fault('list', { cutList: 0 }, once);
    await world.fault('look', { status: 200, body: { id: exportedOne.event.id } }, once);
    await world.poll();
    await isUntouched(exportedOne);
  });

  test.each(['off', 'auto'])(
    'a change that is answered so makes no second event, while two_way is %s',
    async (mode) => {
      const { id, event } = await exported({ two_way: mode });
      await world.fault('change', stage.refusals.notFound, once);
      await world.change(world.lumiere, id, { starts_at: day(3, 9), ends_at: day(3, 10) });
      await world.settled();
      expect((await world.live()).map((one) => [one.id, one.start])).toEqual([[event.id, day(3, 9)]]);
      expect(await world.conflicts()).toEqual([]);
    },
  );

  test.each(['off', 'auto'])('nor where a look does not find it either, once, while two_way is %s', async (mode) => {
    const { id, event } = await exported({ two_way: mode });
    if (name !== 'google') return;
    await world.fault('change', stage.refusals.notFound, once);
    await world.fault('look', stage.refusals.notFound, once);
    await world.change(world.lumiere, id, { starts_at: day(3, 9), ends_at: day(3, 10) });
    await world.settled();
    expect((await world.live()).map((one) => [one.id, one.start])).toEqual([[event.id, day(3, 9)]]);
    expect(await world.conflicts()).toEqual([]);
  });

  test('an end that is answered so leaves no event behind', async () => {
    const { id } = await exported();
    await world.fault('delete', stage.refusals.notFound, once);
    await world.change(world.lumiere, id, { status: 'cancelled' });
    await world.settled();
    expect(await world.live()).toEqual([]);
  });

  test('a calendar that answers so to a write, and is there, ends no connection', async () => {
    await exported();
    await world.fault('create', stage.refusals.notFound, once);
    await world.book(world.lumiere, { starts_at: day(4, 9), ends_at: day(4, 10) });
    await world.later();
    await world.settled();
    expect(await world.statusOf(world.claire)).toMatchObject({ status: 'connected' });
    expect(await world.live()).toHaveLength(2);
  });

  describe('a decision about an event that is not found', () => {
    async function asked() {
      const { id, event } = await exported({ two_way: 'review' });
      await world.edit(event.id, timed(3, 15, 16));
      await world.poll();
      const [question] = await world.conflicts();
      expect(question).toMatchObject({ reason: 'changed_both_sides' });
      return { id, event, question };
    }

    test('once is carried out on the event, which a search of the account finds', async () => {
      const { event, question } = await asked();
      if (name !== 'google') return;
      await world.fault('look', stage.refusals.notFound, once);
      expect(await world.resolve(question.id, 'keep_cassius')).toMatchObject({ status: 200 });
      await world.settled();
      expect((await world.live()).map((one) => [one.id, one.start])).toEqual([[event.id, day(2, 9)]]);
      expect(await world.conflicts()).toEqual([]);
    });

    test('by any look is none about its deletion', async () => {
      const { id, question } = await asked();
      if (name !== 'google') return;
      await world.fault('look', stage.refusals.notFound);
      expect(await world.resolve(question.id, 'keep_cassius')).toMatchObject({ status: 503 });
      expect(await world.conflicts()).toMatchObject([{ id: question.id, reason: 'changed_both_sides' }]);
      await world.calm();
      expect(await world.resolve(question.id, `keep_${name}`)).toMatchObject({ status: 200 });
      expect((await world.rdv(id)).starts_at.toISOString()).toBe(day(3, 15));
    });
  });
});

describe('Google, whose reads lag behind its writes', () => {
  world.at(STAGES.find(([name]) => name === 'google')![1]);

  test('no event that was made minutes ago is taken for a deleted one, however often it is not found', async () => {
    await world.withoutPush();
    await world.switch({ laggingReads: 5 });
    await world.connect({ two_way: 'auto' });
    const id = await world.book(world.lumiere, { starts_at: day(2, 9), ends_at: day(2, 10) });
    await world.settled();
    for (let round = 0; round < 4; round++) {
      await world.stage.expireCursors(world.emulator, world.account.calendar);
      await world.fault('list', { cutList: 0 }, { times: 1 });
      await world.poll();
      expect((await world.rdv(id)).status).toBe('scheduled');
    }
    await world.calm();
    await world.poll();
    await world.poll();
    expect((await world.rdv(id)).status).toBe('scheduled');
    expect(await world.live()).toHaveLength(1);
    expect(await world.conflicts()).toEqual([]);
  });
});
