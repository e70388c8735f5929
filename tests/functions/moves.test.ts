/** The owner moves our event to another calendar of their account: it is the same event, wherever it lives. */
import { describe, expect, test } from 'vitest';
import { InboundWorld } from './inbound_world.ts';
import { day, timed } from './moments.ts';
import { STAGES } from './stages.ts';

const world = new InboundWorld();
const MODES = ['off', 'review', 'auto'] as const;

describe.each(STAGES)('%s', (_name, stage) => {
  world.at(stage);
  const { claire } = stage;
  const HOME = claire.calendar;
  const AWAY = claire.second;

  /** Every living event of the account, with its calendar. */
  const everywhere = async () =>
    (await world.events()).filter(({ live }) => live).map(({ calendarId, start }) => [calendarId, start]);
  const moveTo = (id: string, from: string, to: string) =>
    stage.person.move(world.emulator, claire.email, { calendar: from, id }, to);
  async function rest(): Promise<void> {
    await world.settled();
    await world.poll();
    await world.poll();
    await world.settled();
  }

  /** An appointment of the day after tomorrow at nine, and its event, which its owner has moved away. */
  async function moved(settings: Record<string, unknown>): Promise<{ id: string; event: string }> {
    await world.withoutPush();
    await world.connect(settings);
    const id = await world.book(world.lumiere, { starts_at: day(2, 9), ends_at: day(2, 10) });
    await rest();
    const event = (await world.event()).id;
    await moveTo(event, HOME, AWAY);
    return { id, event };
  }

  /** Nothing came of the move but that the event is elsewhere. */
  async function untroubled(id: string): Promise<void> {
    expect((await world.rdv(id)).status).toBe('scheduled');
    expect((await world.conflicts()).map(({ reason }) => reason)).toEqual([]);
    expect((await world.stored()).filter(({ status }) => status !== 'cancelled')).toEqual([]);
    expect(await everywhere()).toEqual([[AWAY, day(2, 9)]]);
    expect(await world.linkOf(id)).toMatchObject({ external_calendar_id: AWAY, sync_status: 'synced' });
  }

  describe.each(MODES)('our event that was moved to another calendar (%s)', (two_way) => {
    test('is neither cancelled nor doubled nor asked about', async () => {
      const { id } = await moved({ two_way });
      await rest();
      await untroubled(id);
    });

    test('is no event of another person where that calendar is imported', async () => {
      const { id } = await moved({
        two_way,
        import_enabled: true,
        import_range_default: '30d',
        calendar_source_id: AWAY,
      });
      await rest();
      await untroubled(id);
    });

    test('is written to where it is, and ended there', async () => {
      const { id } = await moved({ two_way });
      await rest();
      await world.change(world.lumiere, id, { starts_at: day(3, 14), ends_at: day(3, 15) });
      await rest();
      expect(await everywhere()).toEqual([[AWAY, day(3, 14)]]);
      await world.change(world.lumiere, id, { status: 'cancelled' });
      await rest();
      expect(await everywhere()).toEqual([]);
      expect(await world.conflicts()).toEqual([]);
    });

    test('is found by a change that comes before the move was read', async () => {
      const { id } = await moved({ two_way });
      await world.change(world.lumiere, id, { starts_at: day(3, 14), ends_at: day(3, 15) });
      await rest();
      expect(await everywhere()).toEqual([[AWAY, day(3, 14)]]);
      expect(await world.conflicts()).toEqual([]);
      expect((await world.creates()).length).toBe(1);
    });

    test('ends with its appointment before the move was read', async () => {
      const { id } = await moved({ two_way });
      await world.change(world.lumiere, id, { status: 'cancelled' });
      await rest();
      expect(await everywhere()).toEqual([]);
      expect((await world.rdv(id)).status).toBe('cancelled');
    });

    test('comes back with its owner, and goes with a new target', async () => {
      const { id, event } = await moved({ two_way });
      await rest();
      await moveTo(event, AWAY, HOME);
      await rest();
      expect(await everywhere()).toEqual([[HOME, day(2, 9)]]);
      expect(await world.linkOf(id)).toMatchObject({ external_calendar_id: HOME, external_event_id: event });
      await world.settings(world.claire, { calendar_target_id: AWAY });
      await rest();
      expect(await everywhere()).toEqual([[AWAY, day(2, 9)]]);
      expect(await world.conflicts()).toEqual([]);
    });

    test('stays where it is while other settings change, and is moved by a new target alone', async () => {
      const { id } = await moved({ two_way });
      await rest();
      await world.settings(world.claire, { event_detail: 'initials' });
      await rest();
      expect(await everywhere()).toEqual([[AWAY, day(2, 9)]]);
      await world.settings(world.claire, { calendar_target_id: AWAY });
      await rest();
      expect(await everywhere()).toEqual([[AWAY, day(2, 9)]]);
      await world.settings(world.claire, { calendar_target_id: HOME });
      await rest();
      expect(await everywhere()).toEqual([[HOME, day(2, 9)]]);
      expect((await world.rdv(id)).status).toBe('scheduled');
    });

    test('goes with the connection that removes its events', async () => {
      await moved({ two_way });
      await world.claire.use('connect/disconnect', { body: { removeEvents: true } });
      await world.settled();
      expect(await everywhere()).toEqual([]);
    });

    test('is not its copy', async () => {
      await world.withoutPush();
      await world.connect({ two_way });
      const id = await world.book(world.lumiere, { starts_at: day(2, 9), ends_at: day(2, 10) });
      await rest();
      const event = (await world.event()).id;
      const copy = await stage.person.copy(
        world.emulator,
        claire.email,
        { calendar: HOME, id: event },
        timed(4, 9, 10),
      );
      await moveTo(copy.id, HOME, AWAY);
      await rest();
      expect(await world.linkOf(id)).toMatchObject({ external_calendar_id: HOME, external_event_id: event });
      expect((await everywhere()).toSorted()).toEqual([[HOME, day(2, 9)], [AWAY, day(4, 9)]].toSorted());
      expect((await world.rdv(id)).status).toBe('scheduled');
    });
  });

  describe('what its owner does where they moved it', () => {
    test.each(MODES)('to its time is followed, asked or put right there (%s)', async (two_way) => {
      const { id, event } = await moved({ two_way });
      await rest();
      await world.edit(event, timed(3, 11, 12), AWAY);
      await rest();
      const starts = (await world.rdv(id)).starts_at.toISOString();
      expect(starts).toBe(two_way === 'auto' ? day(3, 11) : day(2, 9));
      expect(await everywhere()).toEqual([[AWAY, two_way === 'off' ? day(2, 9) : day(3, 11)]]);
      expect((await world.conflicts()).map(({ reason }) => reason)).toEqual(
        two_way === 'review' ? ['changed_both_sides'] : [],
      );
    });

    test.each(MODES)('in the same moment as they move it counts too (%s)', async (two_way) => {
      const { id, event } = await moved({ two_way });
      await world.edit(event, timed(3, 11, 12), AWAY);
      await rest();
      const starts = (await world.rdv(id)).starts_at.toISOString();
      expect(starts).toBe(two_way === 'auto' ? day(3, 11) : day(2, 9));
      expect(await everywhere()).toEqual([[AWAY, two_way === 'off' ? day(2, 9) : day(3, 11)]]);
    });

    test.each(MODES)('to end it is a deletion (%s)', async (two_way) => {
      const { id, event } = await moved({ two_way });
      await rest();
      await world.remove(event, AWAY);
      await rest();
      expect((await world.rdv(id)).status).toBe(two_way === 'auto' ? 'cancelled' : 'scheduled');
      // Where Cassius decides it is made anew: where events go.
      expect(await everywhere()).toEqual(two_way === 'off' ? [[HOME, day(2, 9)]] : []);
      expect((await world.conflicts()).map(({ reason }) => reason)).toEqual(two_way === 'review' ? ['deleted'] : []);
    });

    test.each(MODES)('with the calendar itself ends well (%s)', async (two_way) => {
      const { id } = await moved({ two_way });
      await rest();
      await stage.deleteCalendar(world.emulator, AWAY);
      await rest();
      expect((await world.rdv(id)).status).toBe('scheduled');
      expect(await world.statusOf(world.claire)).toMatchObject({ status: 'connected', lastError: null });
      if (two_way === 'off') {
        expect((await world.live(HOME)).map(({ start }) => start)).toEqual([day(2, 9)]);
        return;
      }
      const [question, ...more] = await world.conflicts();
      expect([question?.reason, more]).toEqual(['deleted', []]);
      expect(await world.resolve(question!.id, 'keep_cassius')).toMatchObject({ status: 200 });
      await rest();
      expect((await world.live(HOME)).map(({ start }) => start)).toEqual([day(2, 9)]);
    });
  });
});
