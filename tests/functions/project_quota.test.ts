/** One project at the provider, and many instances that spend its quota. */
import { expect, test } from 'vitest';
import { googleStage as benchStage } from '../../bench/google_stage.ts';
import { book, openPractices, startOver } from '../../bench/practices.ts';
import { until } from '../local/bare_database.ts';
import { googleStage } from './google_stage.ts';
import { OutboundWorld } from './outbound_world.ts';

const world = new OutboundWorld();
world.at(googleStage);
const { claire, marc } = googleStage;

const OF_PROJECT = {
  status: 429,
  reason: 'rateLimitExceeded',
  form: 'details',
  quotaLimit: 'defaultPerMinutePerProject',
} as const;
const waitsForProject = async () =>
  (await world.sql`select from private.project_budgets where refused_until > private.clock()`).length > 0;

test('F08: a refusal of the whole project is everybody’s pause, and nobody’s lane is to blame', async () => {
  await world.claire.connect(claire.email);
  await world.marc.connect(marc.email);
  await world.settled();
  await world.fault('create', OF_PROJECT);
  await world.book(world.lumiere);
  await until(waitsForProject, 'the project is left alone');
  await world.idle();
  const asked = (await world.calls('create')).length;
  await world.calm();
  await world.book(world.rivoli);
  await until(
    async () => (await world.sql`select from net.http_request_queue`).length === 0,
    'the booking has woken a worker',
  );
  await world.stack.runCron('cassius-sweep');
  expect(await world.calls('create')).toHaveLength(asked);
  expect(await world.sql`select from private.sync_lanes where paused_until > private.clock() or strikes > 0`).toEqual(
    [],
  );

  await world.sql`insert into private.app_config (key, value) values ('clock_offset', '1 minute')`;
  await world.stack.runCron('cassius-sweep');
  await world.settled();
  expect([await world.live(claire.calendar), await world.live(marc.calendar)].map(({ length }) => length))
    .toEqual([1, 1]);
});

test('F08: a refusal of an account is that one’s pause alone', async () => {
  await world.claire.connect(claire.email);
  await world.marc.connect(marc.email);
  await world.settled();
  await world.emulator.control('faults', {
    match: { method: 'events.insert', account: claire.email },
    action: { ...OF_PROJECT, quotaLimit: 'defaultPerMinutePerUser' },
  });
  await world.book(world.lumiere);
  expect((await world.paused()).code).toBe('RATE_LIMITED');
  await world.book(world.rivoli);
  await until(async () => (await world.live(marc.calendar)).length === 1, 'the other account’s event');
  expect(await waitsForProject()).toBe(false);
  await world.calm();
});

const INSTANCES = 4;
/** The sweep wakes a worker for eight lanes that are due, and one for four calendars. */
const PRACTICES = 8 * (INSTANCES + 1);

test('four instances at once write everything once, and ask for no more than the project may', async () => {
  const { stack, sql } = world;
  await Promise.all(['google-sync', 'google-import'].map((name) => stack.multiplyFunction(name, INSTANCES)));
  await sql`insert into private.app_config (key, value) values ('units_per_minute.google', '0')`;
  await world.switch({ unitsPerMinutePerAccount: 0 });
  const context = { stack, stage: benchStage, sql, quick: true, full: false, calendars: null, say: () => {} };
  const practices = await openPractices(context, PRACTICES);
  try {
    await world.settled();
    // Long enough for all of them to be at it together.
    await world.switch({ latencyMs: 500 });
    await world.withoutWakeUps(async () => {
      for (const practice of practices) await book(sql, practice, 10);
    });
    await sql`update private.calendar_cursors set next_poll_at = private.clock() where followed is not null`;
    await stack.runCron('cassius-sweep');
    await stack.runCron('cassius-import-sweep');
    const most = { sync: 0, import: 0 };
    await until(async () => {
      const [row] = await sql`select
        (select count(distinct lease_owner)::integer from private.sync_lanes where lease_until > private.clock()) as sync,
        (select count(distinct lease_owner)::integer from private.calendar_cursors
          where lease_until > private.clock()) as import`;
      most.sync = Math.max(most.sync, row!.sync);
      most.import = Math.max(most.import, row!.import);
      return (await sql`select from private.sync_outbox where parked_at is null limit 1`).length === 0;
    }, 'everything is written');
    await world.settled();
    expect(most.sync).toBeGreaterThanOrEqual(INSTANCES);
    expect(most.import).toBeGreaterThanOrEqual(INSTANCES);
    const creates = await world.creates();
    expect(creates).toHaveLength(PRACTICES * 10);
    expect(creates.filter(({ created }) => created !== 1)).toEqual([]);
    const { units } = await world.emulator.control('state?only=units');
    expect(units.refused).toBe(0);
  } finally {
    await startOver(context);
  }
}, 90_000);
