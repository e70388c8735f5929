/** The owner makes a series of our event: one occurrence is the appointment's, and the others are the owner's own. */
import { describe, expect, test } from 'vitest';
import { InboundWorld } from './inbound_world.ts';
import { day, timed, wholeDays } from './moments.ts';
import type { Entry, SeenEvent } from './provider_stage.ts';
import { STAGES } from './stages.ts';

const world = new InboundWorld();

describe.each(STAGES)('%s', (_name, stage) => {
  world.at(stage);
  const place = (id: string) => ({ calendar: world.account.calendar, id });
  const agenda = () => stage.person.agenda(world.emulator, world.account.email, world.account.calendar);
  const times = (events: readonly SeenEvent[]) => events.map(({ id, start, end }) => ({ id, start, end }));
  const rdvOf = async (id: string) => {
    const { status, starts_at: start } = await world.rdv(id);
    return { status, start: start.toISOString() };
  };

  /** An appointment of the third day, whose event its owner then repeats. */
  async function repeated(settings: Record<string, unknown>, entry: Entry = timed(2, 9, 10), read = true) {
    await world.withoutPush();
    await world.connect(settings);
    const id = await world.book(world.lumiere, { starts_at: day(2, 9), ends_at: day(2, 10) });
    await world.settled();
    if (settings.two_way !== undefined || settings.import_enabled) await world.poll();
    const master = (await world.event()).id;
    await world.edit(master, { ...entry, everyDay: 5 });
    if (read) await world.poll();
    const [own, ...others] = await agenda();
    expect(others).toHaveLength(4);
    return { id, master, own: own!, others };
  }
  /** What a provider does not tell but leaves to be missed takes two readings. */
  const noticed = async () => {
    await world.poll();
    await world.poll();
  };
  const cancel = async (id: string) => {
    await world.change(world.lumiere, id, { status: 'cancelled' });
    await world.settled();
  };

  const WAYS = [
    ['off, and never read', { two_way: 'off' }, false],
    ['off', { two_way: 'off', import_enabled: true }, true],
    ['review', { two_way: 'review' }, true],
    ['auto, and not read yet', { two_way: 'auto' }, false],
    ['auto', { two_way: 'auto', import_enabled: true }, true],
  ] as const;

  describe.each(WAYS)('under %s', (_way, settings, read) => {
    test('cancelling the appointment ends its occurrence alone', async () => {
      const { id, others } = await repeated(settings, undefined, read);
      await cancel(id);
      expect(times(await agenda())).toEqual(times(others));
      expect(await world.linkOf(id)).toMatchObject({ sync_status: 'none' });
      await world.poll();
      expect(times(await agenda())).toEqual(times(others));
    });

    test('moving the appointment moves its occurrence alone, and deleting it then ends that', async () => {
      const { id, others } = await repeated(settings, undefined, read);
      await world.change(world.lumiere, id, { starts_at: day(2, 14), ends_at: day(2, 15), location: 'Salle 4' });
      await world.settled();
      const [own, ...rest] = await agenda();
      expect(own).toMatchObject({ start: day(2, 14), end: day(2, 15), location: 'Salle 4' });
      expect(rest.map(({ start, title, location }) => ({ start, title, location }))).toEqual(
        others.map(({ start, title, location }) => ({ start, title, location })),
      );
      await world.poll();
      expect(await world.conflicts()).toEqual([]);
      expect(await rdvOf(id)).toEqual({ status: 'scheduled', start: day(2, 14) });
      expect((await world.lumiere.client.from('rdv').delete().eq('id', id)).error).toBeNull();
      await world.settled();
      expect(times(await agenda())).toEqual(times(others));
    });
  });

  test('moving the appointment beyond the next occurrence leaves that one alone too', async () => {
    const { id, others } = await repeated({ two_way: 'auto' });
    await world.change(world.lumiere, id, { starts_at: day(5, 14), ends_at: day(5, 15) });
    await world.settled();
    const moved = async () => (await agenda()).filter((event) => !others.some((other) => other.id === event.id));
    expect(await moved()).toMatchObject([{ start: day(5, 14), end: day(5, 15) }]);
    expect(times(await agenda())).toEqual(expect.arrayContaining(times(others)));
    await world.poll();
    expect(await rdvOf(id)).toEqual({ status: 'scheduled', start: day(5, 14) });
    expect(await moved()).toHaveLength(1);
    await cancel(id);
    expect(times(await agenda())).toEqual(times(others));
  });

  test('taking back the cancellation makes a new event, and leaves the series alone', async () => {
    const { id, others } = await repeated({ two_way: 'auto' });
    await cancel(id);
    await world.change(world.lumiere, id, { status: 'scheduled' });
    await world.settled();
    const now = await agenda();
    expect(now).toHaveLength(5);
    expect(times(now)).toEqual(expect.arrayContaining(times(others)));
    expect(now[0]).toMatchObject({ start: day(2, 9) });
    await world.poll();
    expect(times(await agenda())).toEqual(times(now));
  });

  test('the other occurrences are seen as events of their owner, and asked about where they overlap', async () => {
    const { id, own, others } = await repeated({ two_way: 'auto', import_enabled: true, import_range_default: '30d' });
    expect((await world.stored()).map((event) => event.id)).toEqual(others.map((event) => event.id));
    expect(await world.linkOf(id)).toMatchObject({ external_event_id: own.id, sync_status: 'synced' });
    expect(await world.conflicts()).toEqual([]);
    const second = await world.book(world.lumiere, { starts_at: day(3, 9), ends_at: day(3, 10) });
    await world.settled();
    await world.poll();
    expect(await world.conflicts()).toMatchObject([{ reason: 'time_overlap', internal_id: second }]);
  });

  describe('“this event only” is an ordinary change of our event:', () => {
    test('moved, the appointment moves under auto', async () => {
      const { id, own, others } = await repeated({ two_way: 'auto' });
      await world.edit(own.id, timed(2, 15, 16));
      await world.poll();
      expect(await rdvOf(id)).toEqual({ status: 'scheduled', start: day(2, 15) });
      await world.settled();
      expect(times(await agenda()).slice(1)).toEqual(times(others));
      await cancel(id);
      expect(times(await agenda())).toEqual(times(others));
    });

    test('moved before it was ever read, the appointment moves too', async () => {
      const { id, own } = await repeated({ two_way: 'auto' }, undefined, false);
      await world.edit(own.id, timed(2, 15, 16));
      await world.poll();
      expect(await rdvOf(id)).toEqual({ status: 'scheduled', start: day(2, 15) });
    });

    // Its place in the series stays an hour, whatever the occurrence itself lasts.
    test.each([[true], [false]])('made whole days (read before: %s), it is put right under off', async (read) => {
      const { id, own, others } = await repeated({ two_way: 'off' }, undefined, read);
      await world.edit(own.id, wholeDays(2, 3));
      await noticed();
      await world.settled();
      expect(times(await agenda())).toEqual(times([{ ...own, start: day(2, 9), end: day(2, 10) }, ...others]));
      expect(await rdvOf(id)).toEqual({ status: 'scheduled', start: day(2, 9) });
    });

    test('moved, a question under review', async () => {
      const { id, own } = await repeated({ two_way: 'review' });
      await world.edit(own.id, timed(2, 15, 16));
      await world.poll();
      const [conflict] = await world.conflicts();
      expect(conflict).toMatchObject({ reason: 'changed_both_sides', internal_id: id, external_id: own.id });
      await world.resolve(conflict.id, 'keep_cassius');
      await world.settled();
      expect((await agenda())[0]).toMatchObject({ start: day(2, 9) });
      await world.poll();
      expect(await world.conflicts()).toEqual([]);
      expect(await agenda()).toHaveLength(5);
    });

    test.each([[true], [false]])('deleted (read before: %s), the appointment is cancelled under auto', async (read) => {
      const { id, own, others } = await repeated({ two_way: 'auto' }, undefined, read);
      await world.remove(own.id);
      await noticed();
      expect((await world.rdv(id)).status).toBe('cancelled');
      await world.settled();
      expect(times(await agenda())).toEqual(times(others));
    });

    // Elsewhere a deleted occurrence cannot be brought back.
    test.runIf(stage.can.tellDeletedOccurrences)(
      'deleted and not read, then brought back beside the event that a change of the appointment made, it goes again',
      async () => {
        const { id, own, others } = await repeated({ two_way: 'off' }, undefined, false);
        await world.remove(own.id);
        await world.change(world.lumiere, id, { location: 'Salle 2' });
        await world.settled();
        const [made] = (await agenda()).filter(({ id }) => !others.some((other) => other.id === id));
        expect(made).toMatchObject({ start: day(2, 9), location: 'Salle 2' });
        await stage.person.restore(world.emulator, world.account.email, place(own.id));
        expect(await agenda()).toHaveLength(6);
        await noticed();
        await world.settled();
        expect(times(await agenda())).toEqual(times([made!, ...others]));
      },
    );

    test('deleted, a question under review, whose answer makes a new event', async () => {
      const { id, own, others } = await repeated({ two_way: 'review' });
      await world.remove(own.id);
      await noticed();
      const [conflict] = await world.conflicts();
      expect(conflict).toMatchObject({ reason: 'deleted', internal_id: id });
      await world.resolve(conflict.id, 'keep_cassius');
      await world.settled();
      const now = await agenda();
      expect(now).toHaveLength(5);
      expect(times(now)).toEqual(expect.arrayContaining(times(others)));
    });
  });

  describe('a series', () => {
    test('that was made at another time takes the appointment along', async () => {
      const { id, own, others } = await repeated({ two_way: 'auto' }, timed(3, 11, 12));
      expect(await rdvOf(id)).toEqual({ status: 'scheduled', start: own.start });
      await cancel(id);
      expect(times(await agenda())).toEqual(times(others));
    });

    test('that is moved as a whole takes the appointment along', async () => {
      const { id, master } = await repeated({ two_way: 'auto' });
      await world.edit(master, { ...timed(2, 16, 17), everyDay: 5 });
      await noticed();
      expect(await rdvOf(id)).toEqual({ status: 'scheduled', start: day(2, 16) });
      expect(await world.conflicts()).toEqual([]);
      const [, ...others] = await agenda();
      await cancel(id);
      expect(times(await agenda())).toEqual(times(others));
    });

    test('that is deleted as a whole is the deletion of our event', async () => {
      const { id, master } = await repeated({ two_way: 'auto' });
      await world.remove(master);
      await noticed();
      expect((await world.rdv(id)).status).toBe('cancelled');
    });

    test('that becomes a single event again is our event again', async () => {
      const { id, master } = await repeated({ two_way: 'auto', import_enabled: true });
      await stage.person.unrepeat(world.emulator, world.account.email, place(master));
      await noticed();
      expect(await world.linkOf(id)).toMatchObject({ external_event_id: master });
      expect(await rdvOf(id)).toEqual({ status: 'scheduled', start: day(2, 9) });
      expect(await world.conflicts()).toEqual([]);
      await world.poll();
      expect((await world.stored()).filter(({ status }) => status !== 'cancelled')).toEqual([]);
      await cancel(id);
      expect(await agenda()).toEqual([]);
    });

    test('that begins earlier, and then ends before the appointment, has deleted our event', async () => {
      const early = timed(1, 9, 10);
      await world.withoutPush();
      await world.connect({ two_way: 'auto' });
      const id = await world.book(world.lumiere, { starts_at: day(3, 9), ends_at: day(3, 10) });
      await world.settled();
      await world.poll();
      const master = (await world.event()).id;
      await world.edit(master, { ...early, everyDay: 5 });
      await world.poll();
      expect(await rdvOf(id)).toEqual({ status: 'scheduled', start: day(3, 9) });
      expect(await world.linkOf(id)).toMatchObject({ external_event_id: (await agenda())[2]!.id });
      await world.edit(master, { ...early, everyDay: 2 });
      await noticed();
      expect((await world.rdv(id)).status).toBe('cancelled');
      expect(await agenda()).toHaveLength(2);
    });
  });

  test.each([[true], [false]])(
    'disconnecting with the events (read before: %s) ends our occurrence alone',
    async (read) => {
      const { others } = await repeated({ two_way: 'auto' }, undefined, read);
      const answer = await world.claire.use('connect/disconnect', { body: { removeEvents: true } });
      expect(answer.status).toBe(200);
      await world.settled();
      expect(times(await agenda())).toEqual(times(others));
    },
  );

  test.each([[true], [false]])('erasing the patient (read before: %s) ends our occurrence alone', async (read) => {
    await world.withoutPush();
    await world.connect({ two_way: 'auto' });
    const patient = await world.lumiere.client.from('patients').insert({
      organisation_id: world.lumiere.organisationId,
      first_name: 'Grace',
      last_name: 'Hopper',
    }).select('id').single();
    const id = await world.book(world.lumiere, {
      patient_id: patient.data!.id,
      starts_at: day(2, 9),
      ends_at: day(2, 10),
    });
    await world.settled();
    await world.poll();
    await world.edit((await world.event()).id, { ...timed(2, 9, 10), everyDay: 5 });
    if (read) await world.poll();
    const [, ...others] = await agenda();
    const { error } = await world.lumiere.client.rpc('erase_patient', { p_patient: patient.data!.id });
    expect(error).toBeNull();
    await world.settled();
    expect(await world.rdv(id)).toMatchObject({ patient_id: null });
    expect(times(await agenda())).toEqual(times(others));
  });

  test('choosing another target calendar moves our occurrence alone', async () => {
    const { others } = await repeated({ two_way: 'auto' });
    await world.settings(world.claire, { calendar_target_id: world.account.second });
    await world.settled();
    expect(times(await agenda())).toEqual(times(others));
    expect(await world.live(world.account.second)).toHaveLength(1);
  });
});
