/** Every cell of docs/owners.md at each provider: what an owner does to our event, and what becomes of it. */
import { describe, expect, test } from 'vitest';
import { TWO_WAY_MODES } from '../../supabase/functions/_shared/vocabulary.ts';
import { InboundWorld } from './inbound_world.ts';
import { day, timed } from './moments.ts';
import { type Outcome, type Owner, OWNER_CHANGES, type OwnerChange } from './owner_changes.ts';
import type { SeenEvent } from './provider_stage.ts';
import { STAGES } from './stages.ts';

const world = new InboundWorld();

describe.each(STAGES)('%s', (_name, stage) => {
  world.at(stage);
  const { claire } = stage;
  /** Not the first calendar, which cannot be deleted. */
  const target = claire.second;

  interface Scene {
    readonly id: string;
    readonly before: SeenEvent;
    readonly about: OwnerChange['about'];
    readonly ends: OwnerChange['ends'];
    /** The owner's own events. */
    readonly theirs: ReadonlySet<string>;
  }

  async function play({ makes, about, ends }: OwnerChange, twoWay: string): Promise<Scene> {
    await stage.refuseWatches(world.emulator, claire, target);
    await world.connect({ calendar_target_id: target, two_way: twoWay });
    const id = await world.book(world.lumiere, BOOKED);
    await world.settled();
    await world.poll();
    const theirs = new Set<string>();
    const before = await only({ theirs });
    const place = { calendar: target, id: before.id };
    const { person } = stage;
    const { emulator } = world;
    const owner: Owner = {
      text: (await world.event(target)).description.trim(),
      edit: (entry) => person.edit(emulator, claire.email, place, entry),
      colour: () => person.touch(emulator, claire.email, place),
      remind: (minutes) => person.remind(emulator, claire.email, place, minutes),
      meet: () => person.meet(emulator, claire.email, place),
      invite: (guest) => person.invite(emulator, claire.email, place, guest),
      decline: () => person.decline(emulator, claire.email, place),
      copy: async (entry) => void theirs.add((await person.copy(emulator, claire.email, place, entry)).id),
      async repeat() {
        await person.edit(emulator, claire.email, place, { ...timed(2, 9, 10), everyDay: 5 });
        const [, ...others] = await agenda(target);
        for (const { id } of others) theirs.add(id);
      },
      async editFirst(entry) {
        await world.poll();
        const [first] = await agenda(target);
        await person.edit(emulator, claire.email, { calendar: target, id: first!.id }, entry);
      },
      async restore() {
        await world.poll();
        await person.restore(emulator, claire.email, place);
      },
      move: () => person.move(emulator, claire.email, place, claire.calendar),
      remove: () => person.remove(emulator, claire.email, place),
      deleteCalendar: async () => void await stage.deleteCalendar(emulator, target),
      shareReadOnly: async () => void await stage.makeReadOnly(emulator, claire, target),
    };
    await makes(owner);
    await world.poll();
    return { id, before, about, ends, theirs };
  }

  const BOOKED = { starts_at: day(2, 9), ends_at: day(2, 10), location: 'Salle 1', notes: 'Allergie' };

  async function rdv(id: string) {
    const { starts_at: start, ends_at: end, location, status } = await world.rdv(id);
    return { start: start.toISOString(), end: end.toISOString(), location, status };
  }
  const BEFORE = { start: BOOKED.starts_at, end: BOOKED.ends_at, location: BOOKED.location, status: 'scheduled' };

  const agenda = (calendar: string) => stage.person.agenda(world.emulator, claire.email, calendar);
  /** A calendar that is gone has no pages. */
  const everywhere = async () =>
    (await Promise.all([claire.calendar, target].map((calendar) => agenda(calendar).catch(() => [])))).flat();

  /** The appointment's live events, wherever they are. */
  async function own({ theirs }: Pick<Scene, 'theirs'>): Promise<SeenEvent[]> {
    return (await everywhere()).filter(({ id }) => !theirs.has(id));
  }

  /** The one event, as it is about what the owner changed. */
  async function only(scene: Pick<Scene, 'theirs'>): Promise<SeenEvent> {
    const [event, ...more] = await own(scene);
    expect([event !== undefined, more]).toEqual([true, []]);
    return event!;
  }

  const CHECKS: Readonly<Record<Outcome, (scene: Scene) => Promise<void>>> = {
    async 'put right'(scene) {
      const { id, before, about } = scene;
      expect([await rdv(id), about(await only(scene)), await world.conflicts()]).toEqual([BEFORE, about(before), []]);
    },
    async question(scene) {
      const { id, before, about } = scene;
      const [event] = await own(scene);
      expect(await rdv(id)).toEqual(BEFORE);
      expect(await world.conflicts()).toMatchObject([{
        internal_id: id,
        reason: event ? 'changed_both_sides' : 'deleted',
      }]);
      if (event) expect(about(event)).not.toEqual(about(before));
    },
    async followed(scene) {
      const { before, about } = scene;
      const event = await only(scene);
      const { start, end, location } = event;
      expect(about(event)).not.toEqual(about(before));
      expect(await rdv(scene.id)).toEqual({ start, end, location, status: 'scheduled' });
      expect(await world.conflicts()).toEqual([]);
    },
    async stays(scene) {
      const { id, before, about } = scene;
      const made = about(await only(scene));
      if (scene.theirs.size === 0) expect(made).not.toEqual(about(before));
      expect([await rdv(id), await world.conflicts()]).toEqual([BEFORE, []]);
      await world.change(world.lumiere, id, { notes: 'Apporter la radio' });
      await world.settled();
      const event = await only(scene);
      expect(about(event)).toEqual(made);
      // Where a write would be told to the guests, there is none, and the appointment says so.
      if (event.guests.length > 0 && !stage.can.writeSilently) {
        expect(await world.linkOf(id)).toMatchObject({
          sync_status: 'error',
          last_error: { code: 'PERMISSION_DENIED' },
        });
      } else expect(event.description).toContain('Apporter la radio');
      await world.poll();
      expect([await rdv(id), await world.conflicts()]).toEqual([BEFORE, []]);
    },
    async 'made again'(scene) {
      const event = await only(scene);
      expect(event.id).not.toBe(scene.before.id);
      expect([event.start, event.location]).toEqual([scene.before.start, scene.before.location]);
      expect([await rdv(scene.id), await world.conflicts()]).toEqual([BEFORE, []]);
    },
    async cancelled(scene) {
      expect([await rdv(scene.id), await own(scene), await world.conflicts()])
        .toEqual([{ ...BEFORE, status: 'cancelled' }, [], []]);
    },
    async back(scene) {
      const { id, before, about } = scene;
      expect([await rdv(id), about(await only(scene)), await world.conflicts()]).toEqual([BEFORE, about(before), []]);
      await world.change(world.lumiere, id, { notes: 'Apporter la radio' });
      await world.settled();
      expect((await only(scene)).description).toContain('Apporter la radio');
    },
    async 'one of them'(scene) {
      const { id, theirs } = scene;
      const times = async () => (await everywhere()).map(({ id, start, end }) => ({ id, start, end }));
      const others = (await times()).filter((one) => theirs.has(one.id));
      expect([others.length, await rdv(id), await world.conflicts()]).toEqual([4, BEFORE, []]);
      expect((await only(scene)).start).toBe(BEFORE.start);
      await world.change(world.lumiere, id, { status: 'cancelled' });
      await world.settled();
      expect(await times()).toEqual(others);
    },
    async told(scene) {
      await world.change(world.lumiere, scene.id, { notes: 'Apporter la radio' });
      await world.reaches('error', 'the trouble is told');
      expect([await rdv(scene.id), await world.conflicts()]).toEqual([BEFORE, []]);
      await scene.ends?.({
        chooseAnother: async () => void await world.settings(world.claire, { calendar_target_id: claire.calendar }),
        shareWritable: async () => void await stage.makeWritable(world.emulator, claire, target),
        connectAgain: async () => void await world.claire.connect(claire.email),
      });
      await world.settled();
      expect((await only(scene)).description).toContain('Apporter la radio');
      expect(await world.statusOf(world.claire)).toMatchObject({ status: 'connected', lastError: null });
    },
  };

  describe.each(OWNER_CHANGES.map((row) => [row.change, row] as const))('%s', (_change, row) => {
    test.each(TWO_WAY_MODES.map((twoWay) => [twoWay, row.becomes[twoWay]] as const))(
      '%s: %s',
      async (twoWay, outcome) => {
        const scene = await play(row, twoWay);
        await CHECKS[outcome](scene);
        // At rest it stays so, and one appointment never has two events.
        if (outcome !== 'told') await world.poll();
        expect((await own(scene)).length).toBeLessThanOrEqual(1);
      },
    );
  });
});
