import { describe, expect, test } from 'vitest';
import type { Json } from './emulator.ts';
import { InboundWorld } from './inbound_world.ts';
import { day, timed } from './moments.ts';
import { STAGES } from './stages.ts';

const world = new InboundWorld();

describe.each(STAGES)('%s', (_name, stage) => {
  world.at(stage);
  const { claire } = stage;

  const seed = (event: object) => stage.seed(world.emulator, claire.calendar, event);

  async function imported(settings: Record<string, unknown> = {}): Promise<Json[]> {
    await world.settings(world.claire, settings);
    await world.import(30);
    const { data, error } = await world.lumiere.client.from('external_events').select('*').order('start_at');
    if (error) throw error;
    return data;
  }
  const rdvs = async () => (await world.sql`select type from public.rdv order by starts_at`).map(({ type }) => type);

  describe('an entry of a calendar', () => {
    // As the handbook's table says: whether it is kept, and whether it can be an appointment.
    test.each(stage.shapes(claire).map((shape) => [shape.name, shape] as const))('%s', async (_name, shape) => {
      await world.connect();
      await seed(shape.event);
      expect(await imported({ import_as: 'rdv' })).toHaveLength(shape.kept ? 1 : 0);
      expect(await rdvs()).toEqual(shape.bookable ? ['Entrée'] : []);
      expect(await world.import(30)).toMatchObject({ created: 0, updated: 0, cancelled: 0, failed: 0 });
    });

    test('that is private keeps its time and loses the rest', async () => {
      await world.connect();
      const secret = { title: 'canary', description: 'canary', location: 'canary' };
      await seed(stage.privately(claire, { ...secret, ...timed(2, 9, 10) }));
      const [row] = await imported();
      expect(row).toMatchObject({
        summary: null,
        description: null,
        location: null,
        attendees: [],
        visibility: 'private',
      });
      expect(new Date(row.start_at).toISOString()).toBe(day(2, 9));
      const preview = await world.import(30, { mode: 'preview' });
      expect(JSON.stringify([row, preview])).not.toContain('canary');
    });

    test('of a series is one of its occurrences; a moved one moves, a cancelled one goes, the others stay', async () => {
      await world.connect();
      const series = await world.add({
        title: 'Chaque jour',
        everyDay: 4,
        ...timed(2, 9, 10),
      });
      const rows = await imported();
      expect(rows.map(({ series_id }) => series_id)).toEqual(Array(4).fill(series.id));
      await world.edit(rows[1].external_event_id, timed(3, 15, 16));
      await world.remove(rows[2].external_event_id);
      // Where changes do not name it, only a full reading misses it: the next day brings one.
      if (!stage.can.tellDeletedOccurrences) await stage.expireCursors(world.emulator, claire.calendar);
      expect(await world.import(30)).toMatchObject({ created: 0, updated: 1, cancelled: 1 });
      const living = (await world.stored()).filter(({ status }) => status !== 'cancelled');
      expect(living.map(({ start }) => start)).toEqual([day(2, 9), day(3, 15), day(5, 9)]);
      await world.remove(series.id);
      await world.import(30);
      expect((await world.stored()).filter(({ status }) => status !== 'cancelled')).toEqual([]);
    });

    test('of a series that somebody took out is gone by the next day, whatever the changes tell', async () => {
      await world.connect({ import_enabled: true, import_range_default: '30d' });
      await world.add({ title: 'Chaque jour', everyDay: 4, ...timed(2, 9, 10) });
      await world.poll();
      const stored = await world.stored();
      expect(stored).toHaveLength(4);
      await world.remove(stored[2]!.id);
      await world.sql`insert into private.app_config (key, value) values ('clock_offset', '1 day')`;
      await world.poll();
      const statuses = (await world.stored()).map(({ status }) => status);
      expect(statuses).toEqual(['confirmed', 'confirmed', 'cancelled', 'confirmed']);
    });

    test('of a series that was moved as a whole moves, and nothing stays where it was', async () => {
      await world.connect({ import_enabled: true, import_range_default: '30d' });
      const series = await world.add({ title: 'Chaque jour', everyDay: 3, ...timed(2, 9, 10) });
      await world.poll();
      await world.edit(series.id, timed(2, 15, 16));
      await world.poll();
      const living = (await world.stored()).filter(({ status }) => status !== 'cancelled');
      expect(living.map(({ start }) => start)).toEqual([day(2, 15), day(3, 15), day(4, 15)]);
    });

    test('that is declined later is cancelled here', async () => {
      await world.connect();
      const event = await seed(stage.invitation(claire, { title: 'Réunion', ...timed(2, 9, 10) }, 'accepted'));
      expect(await imported()).toMatchObject([{ status: 'confirmed', own_response: 'accepted' }]);
      await stage.person.decline(world.emulator, claire.email, { calendar: claire.calendar, id: event.id });
      expect(await world.import(30)).toMatchObject({ cancelled: 1 });
      expect(await world.stored()).toMatchObject([{ status: 'cancelled' }]);
    });
  });

  describe('a preview', () => {
    test('tells of everything that the import then does, conflicts and our own appointments too', async () => {
      await world.withoutPush();
      await world.connect({ two_way: 'review' });
      const [moved, deleted] = [
        await world.book(world.lumiere, { starts_at: day(2, 9), ends_at: day(2, 10), type: 'Déplacé' }),
        await world.book(world.lumiere, { starts_at: day(3, 9), ends_at: day(3, 10), type: 'Supprimé' }),
      ];
      await world.settled();
      const known = [
        await world.add({ title: 'Reste', ...timed(4, 9, 10) }),
        await world.add({ title: 'Change', ...timed(4, 11, 12) }),
        await world.add({ title: 'Part', ...timed(4, 13, 14) }),
      ];
      await world.import(30);
      const eventOf = async (id: string) => (await world.linkOf(id))!.external_event_id;
      await world.edit(await eventOf(moved), timed(5, 9, 10));
      await world.remove(await eventOf(deleted));
      await world.edit(known[1]!.id, { title: 'Changé' });
      await world.remove(known[2]!.id);
      await world.add({ title: 'Nouveau', ...timed(6, 9, 10) });
      await world.book(world.lumiere, { starts_at: day(4, 9), ends_at: day(4, 10), type: 'En travers' });
      await world.settled();

      const preview = await world.import(30, { mode: 'preview' });
      expect(preview).toMatchObject({ created: 1, updated: 1, cancelled: 1, failed: 0 });
      expect(preview.conflicts.map(({ reason }: Json) => reason).toSorted()).toEqual([
        'changed_both_sides',
        'deleted',
        'time_overlap',
      ]);
      expect(
        preview.items.filter(({ action }: Json) => action !== 'skip').map(({ action }: Json) => action).toSorted(),
      )
        .toEqual(['cancel', 'conflict', 'conflict', 'conflict', 'create', 'update']);
      expect(await world.conflicts()).toEqual([]);

      const done = await world.import(30, { fingerprint: preview.fingerprint });
      const shape = ({ conflicts, created, updated, skipped, cancelled, failed }: Json) => ({
        counts: { created, updated, skipped, cancelled, failed },
        conflicts: conflicts.map(({ reason, externalId, rdvId }: Json) => [reason, externalId, rdvId].join())
          .toSorted(),
      });
      expect(shape(done)).toEqual(shape(preview));
      expect(await world.conflicts()).toHaveLength(3);
    });
  });
});
