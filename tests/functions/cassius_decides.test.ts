/** Where changes are not taken over from the calendar (`two_way` off), what differs there is put right. */
import { describe, expect, test } from 'vitest';
import { until } from '../local/bare_database.ts';
import { InboundWorld } from './inbound_world.ts';
import { day, timed, wholeDays } from './moments.ts';
import type { Entry } from './provider_stage.ts';
import { STAGES } from './stages.ts';

const world = new InboundWorld();

describe.each(STAGES)('%s', (_name, stage) => {
  world.at(stage);
  const { claire } = stage;

  /** An appointment of the day after tomorrow at nine, and the id of its event. */
  async function exported(settings: Record<string, unknown> = {}): Promise<{ id: string; event: string }> {
    await world.withoutPush();
    await world.connect(settings);
    const id = await world.book(world.lumiere, { starts_at: day(2, 9), ends_at: day(2, 10), location: 'Salle 1' });
    await world.settled();
    await world.poll();
    return { id, event: (await world.event()).id };
  }
  async function rest(): Promise<void> {
    await world.poll();
    await world.settled();
    await world.poll();
  }
  const told = async (id: string) =>
    (await world.sql`select action, reason from public.sync_run_items where rdv_id = ${id} and reason = 'drift'`)
      .map(({ reason }) => reason);

  test.each<[string, Entry]>([
    ['time', timed(3, 15, 16)],
    ['length', timed(2, 9, 11)],
    ['place', { location: 'Chez la patiente' }],
    ['hours, to a whole day', wholeDays(2, 3)],
  ])('another %s is put right once it is read, with no import at all', async (_what, entry) => {
    const { id, event } = await exported();
    await world.edit(event, entry);
    await rest();
    expect(await world.event()).toMatchObject({ id: event, start: day(2, 9), end: day(2, 10), location: 'Salle 1' });
    expect((await world.rdv(id)).starts_at.toISOString()).toBe(day(2, 9));
    expect(await world.linkOf(id)).toMatchObject({ sync_status: 'synced', drifted_at: null });
    expect(await told(id)).toEqual(['drift']);
    expect(await world.conflicts()).toEqual([]);
  });

  test('a deletion is put right by another event', async () => {
    const { id, event } = await exported();
    await world.remove(event);
    await rest();
    const again = await world.event();
    expect([again.id === event, again.start]).toEqual([false, day(2, 9)]);
    expect((await world.rdv(id)).status).toBe('scheduled');
    expect(await told(id)).toEqual(['drift']);
    expect(await world.conflicts()).toEqual([]);
  });

  test('it is put right where the calendar is imported as well', async () => {
    const { event } = await exported({ import_enabled: true, import_range_default: '30d' });
    await world.edit(event, timed(3, 15, 16));
    await rest();
    expect((await world.event()).start).toBe(day(2, 9));
    expect((await world.stored()).filter(({ status }) => status !== 'cancelled')).toEqual([]);
  });

  test('it is put right by push, long before anything is polled', async () => {
    await world.connect();
    await world.book(world.lumiere, { starts_at: day(2, 9), ends_at: day(2, 10) });
    await world.settled();
    await world.poll();
    await world.pushed();
    const { id } = await world.event();
    await world.edit(id, timed(3, 15, 16));
    await until(async () => (await world.event()).start === day(2, 9), 'the event is back where it belongs');
  });

  test('the title of its owner stays until the appointment changes it', async () => {
    const { id, event } = await exported();
    await world.edit(event, { title: 'Le mien', ...timed(3, 15, 16) });
    await rest();
    expect(await world.event()).toMatchObject({ title: 'Le mien', start: day(2, 9) });
    await world.change(world.lumiere, id, { type: 'Suivi' });
    await rest();
    expect((await world.event()).title).toContain('Suivi');
  });

  test('an owner who insists is not fought for for ever', async () => {
    const { id, event } = await exported();
    await world.sql`update private.link_states s set applied_count = 10, applied_since = private.clock()
      from public.appointment_external_links l where l.id = s.link_id and l.rdv_id = ${id}`;
    await world.edit(event, timed(3, 15, 16));
    await rest();
    expect((await world.event()).start).toBe(day(3, 15));
    const [question, ...more] = await world.conflicts();
    expect([question?.reason, question?.payload.flapping, more]).toEqual(['changed_both_sides', true, []]);
  });

  test('too much at once is a question, and is put right once a person says so', async () => {
    await world.withoutPush();
    await world.connect();
    for (let n = 0; n < 12; n++) {
      await world.book(world.lumiere, { starts_at: day(2 + n, 9), ends_at: day(2 + n, 10) });
    }
    await world.settled();
    await world.poll();
    for (const { id } of await world.live()) await world.edit(id, timed(1, 20, 21));
    await rest();
    const [question, ...more] = await world.conflicts();
    expect([question?.reason, more]).toEqual(['mass_change', []]);
    expect(await world.resolve(question!.id, 'keep_cassius')).toMatchObject({ status: 200 });
    await rest();
    const starts = (await world.live(claire.calendar)).map(({ start }) => start).toSorted();
    expect(starts).toEqual(Array.from({ length: 12 }, (_, n) => day(2 + n, 9)).toSorted());
  });
});
