/** What is taken back here is taken back in the calendar too, whatever was on its way. */
import { describe, expect, test } from 'vitest';
import { InboundWorld } from './inbound_world.ts';
import { day, timed } from './moments.ts';
import { STAGES } from './stages.ts';

const world = new InboundWorld();

describe.each(STAGES)('%s', (_name, stage) => {
  world.at(stage);

  async function exported(settings: Record<string, unknown> = {}) {
    await world.withoutPush();
    await world.connect(settings);
    const id = await world.book(world.lumiere, { starts_at: day(2, 9), ends_at: day(2, 10) });
    await world.settled();
    return { id, event: await world.event() };
  }
  const remove = async (id: string) => {
    const { data, error } = await world.lumiere.client.from('rdv').delete().eq('id', id).select(
      'id, organisation_id, practitioner_id, patient_id, type, act, notes, location, starts_at, ends_at, status, source',
    ).single();
    if (error) throw error;
    return data;
  };
  const restore = async (row: Record<string, unknown>) => {
    const { error } = await world.lumiere.client.from('rdv').insert(row);
    if (error) throw error;
  };

  describe('a deleted appointment that is made again', () => {
    test('before its deletion was sent keeps its event', async () => {
      const { id, event } = await exported();
      await world.unclaimed(async () => await restore(await remove(id)));
      await world.settled();
      expect(await world.event()).toMatchObject({ id: event.id, title: event.title, start: event.start });
    });

    test('after its deletion was sent has one event again, which says the same', async () => {
      const { id, event } = await exported();
      const row = await remove(id);
      await world.settled();
      expect(await world.live()).toEqual([]);
      await restore(row);
      await world.settled();
      expect(await world.event()).toMatchObject({ title: event.title, start: event.start });
    });

    test('while the answer to its deletion was lost has one event', async () => {
      const { id, event } = await exported();
      await world.fault('delete', { loseAnswer: 503 }, { nth: 1 });
      const row = await remove(id);
      await restore(row);
      await world.settled();
      expect(await world.event()).toMatchObject({ title: event.title, start: event.start });
    });

    test('that came from a calendar is not sent there', async () => {
      await world.connect();
      await world.book(world.lumiere, { source: stage.name });
      await world.settled();
      expect(await world.live()).toEqual([]);
    });
  });

  test('an import that is undone does not come back with the next readings, until a person wants it again', async () => {
    await world.withoutPush();
    await world.connect({ import_enabled: true, import_as: 'rdv', import_range_default: '30d' });
    await world.add({ title: 'Réunion', ...timed(3, 9, 10) });
    const { runId } = await world.import(30);
    expect(await world.stored()).toHaveLength(1);
    const answer = await world.claire.use(`import/runs/${runId}/undo`, { body: {} });
    expect(answer).toMatchObject({ status: 200, body: { created: 1, kept: [], importEnded: true } });
    expect(await world.stored()).toEqual([]);
    expect(await world.sql`select from public.rdv`).toHaveLength(0);
    await world.poll();
    expect(await world.stored()).toEqual([]);
    expect(await world.import(30)).toMatchObject({ created: 1 });
  });

  test('a move that was taken over from the calendar goes back on both sides, and stays', async () => {
    const { id, event } = await exported({ import_enabled: true, two_way: 'auto' });
    await world.poll();
    await world.edit(event.id, timed(3, 15, 16));
    await world.poll();
    expect((await world.rdv(id)).starts_at.toISOString()).toBe(day(3, 15));
    const [run] = await world.sql`select u.id from public.sync_runs u join public.sync_run_items t on t.run_id = u.id
      where t.rdv_id = ${id} and t.reason = 'apply'`;
    const answer = await world.claire.use(`import/runs/${run!['id']}/undo`, { body: {} });
    expect(answer).toMatchObject({ status: 200, body: { updated: 1, kept: [], importEnded: false } });
    await world.settled();
    await world.poll();
    expect((await world.rdv(id)).starts_at.toISOString()).toBe(day(2, 9));
    expect((await world.event()).start).toBe(day(2, 9));
  });

  test('a run that is none of the person’s is not found', async () => {
    await world.connect();
    for (const id of ['nonsense', crypto.randomUUID()]) {
      expect(await world.claire.use(`import/runs/${id}/undo`, { body: {} })).toMatchObject({
        status: 404,
        body: { error: 'RUN_NOT_FOUND', step: expect.any(String) },
      });
    }
  });
});
