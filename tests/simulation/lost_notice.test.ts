/** What a lost notice costs where a calendar is polled rarely: until when a person's change is not known here. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Simulation, startSimulation } from './simulate.ts';
import { World } from './world.ts';

const HOUR = 60;
/** Of the practice's clock, two hours behind it. */
const MIDNIGHT = Date.parse('2026-06-14T22:00:00Z');

let simulation: Simulation;
beforeAll(async () => {
  simulation = await startSimulation();
}, 120_000);
afterAll(() => simulation?.stop());

/** A calendar whose channel has told what a reading then found, at this hour of the practice's day. */
async function provenAt(hour: number): Promise<World> {
  const world = new World(simulation.parts, {
    seed: hour,
    start: new Date(MIDNIGHT + (hour - 1) * HOUR * 60_000).toISOString(),
    twoWay: 'off',
    importEnabled: true,
    importAs: 'event',
    push: true,
    actions: [],
  });
  await world.begin();
  for (let round = 0; round < 4; round++) {
    world.wait(HOUR / 4);
    await world.run('push');
    await world.run('pull');
  }
  await edit(world, 32);
  await world.run('pull');
  return world;
}

const edit = (world: World, slot: number) =>
  world.act({ kind: 'edit', edit: { by: 'person', edit: { kind: 'add', slot, place: '', shape: 'plain' } } });

const known = async ({ claire, parts: { database: { sql } } }: World): Promise<number> =>
  (await sql`select count(*)::integer as events from public.external_events where integration_id = ${claire.integration}`)[
    0
  ]!.events;

async function minutesUntilPoll({ claire, parts: { database: { sql } } }: World): Promise<number> {
  const [row] = await sql`select extract(epoch from min(c.next_poll_at) - private.clock()) / 60 as minutes
    from private.calendar_cursors c where c.integration_id = ${claire.integration}`;
  return Number(row!.minutes);
}

/** Minutes from a change of which no notice comes to the poll that finds it. */
async function blindMinutes(world: World): Promise<number> {
  await world.act({ kind: 'notices', fate: 'getLost' });
  const before = await known(world);
  await edit(world, 34);
  const minutes = await minutesUntilPoll(world);
  world.wait(minutes + 1);
  await world.run('pull');
  expect(await known(world)).toBe(before + 1);
  return minutes;
}

describe('F11: a change whose notice got lost', { timeout: 120_000 }, () => {
  test.each([7, 9, 11, 13, 15])('at %d o’clock is found within five hours', async (hour) => {
    expect(await blindMinutes(await provenAt(hour))).toBeLessThan(5 * HOUR);
  });

  // The next poll comes after closing time for some calendars, and before it for others.
  test.each([16, 17])('at %d o’clock is found the same day or before the practice opens', async (hour) => {
    expect(await blindMinutes(await provenAt(hour))).toBeLessThan((24 - hour + 7) * HOUR + 1);
  });

  test.each([19, 21, 23, 1])('at %d o’clock is found before the practice opens', async (hour) => {
    const minutes = await blindMinutes(await provenAt(hour));
    expect((hour * HOUR + minutes) % (24 * HOUR)).toBeLessThan(7 * HOUR + 1);
  });

  test('puts the channel in doubt: the next one is found within minutes', async () => {
    const world = await provenAt(10);
    expect(await blindMinutes(world)).toBeGreaterThan(3 * HOUR);
    expect(await minutesUntilPoll(world)).toBeLessThan(6);
  });
});
