import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startCron } from '../../local/cron.ts';
import { parseSchedule } from '../../local/cron_schedule.ts';
import { type BareDatabase, bareDatabase, until } from './bare_database.ts';

const NOON = Date.UTC(2026, 10, 21, 12, 0, 0);

describe('pg_cron stand-in', () => {
  let database: BareDatabase;
  let cron: Awaited<ReturnType<typeof startCron>>;
  let clock = NOON;

  beforeAll(async () => {
    database = await bareDatabase();
    await database.sql`create extension pg_cron with schema pg_catalog`;
    await database
      .sql`create table public.marks (id bigint generated always as identity, who text default current_user)`;
  });
  afterAll(() => database.stop());
  beforeEach(async () => {
    clock = NOON;
    cron = await startCron({ adminUrl: database.adminUrl, now: () => clock });
  });
  afterEach(async () => {
    await cron.stop();
    await database.admin`truncate cron.job, cron.job_run_details, public.marks`;
  });

  /** Schedules, and waits until the scheduler has heard of it. */
  async function schedule(name: string, when: string, command: string): Promise<void> {
    await database.sql`select cron.schedule(${name}, ${when}, ${command})`;
    await until(() => cron.jobs().includes(name), `job ${name}`);
  }
  async function passTo(at: number): Promise<void> {
    clock = at;
    cron.tick();
    await cron.idle();
  }
  const runs = () =>
    database
      .sql`select status, return_message, username, start_time, end_time from cron.job_run_details order by runid`;

  test('a job runs once in each minute that its schedule names, and as the role that made it', async () => {
    await schedule('every minute', '* * * * *', 'insert into public.marks default values');
    for (const seconds of [1, 59, 60, 61, 119, 120]) await passTo(NOON + seconds * 1000);
    expect(await database.sql`select who from public.marks`).toEqual([{ who: 'postgres' }, { who: 'postgres' }]);
    expect(await runs()).toMatchObject([{ status: 'succeeded', return_message: 'INSERT 0 1', username: 'postgres' }, {
      status: 'succeeded',
    }]);
  });

  test('a job of seconds runs at its interval', async () => {
    await schedule('often', '10 seconds', 'select 1');
    for (const seconds of [9, 10, 15, 20]) await passTo(NOON + seconds * 1000);
    expect(await runs()).toHaveLength(2);
  });

  test('a cron job never overlaps itself: the next run waits for the end of the one before', async () => {
    await schedule('slow', '* * * * *', 'select pg_advisory_xact_lock(4711)');
    const holder = await database.admin.reserve();
    await holder`select pg_advisory_lock(4711)`;
    clock = NOON + 60_000;
    cron.tick();
    await until(async () => (await runs()).length === 1, 'the first run');
    clock = NOON + 120_000;
    cron.tick();
    expect(await runs()).toMatchObject([{ status: 'running' }]);
    await holder`select pg_advisory_unlock(4711)`;
    holder.release();
    const done = await until(async () => {
      const rows = await runs();
      return rows.length === 2 && rows.every((row) => row.end_time) ? rows : null;
    }, 'both runs');
    expect(done[1]!.start_time >= done[0]!.end_time).toBe(true);
  });

  test('a failing job leaves its error to read, and runs again the next time', async () => {
    await schedule('broken', '* * * * *', 'select 1 / 0');
    await passTo(NOON + 60_000);
    await passTo(NOON + 120_000);
    expect(await runs()).toMatchObject([
      { status: 'failed', return_message: 'ERROR: division by zero' },
      { status: 'failed' },
    ]);
  });

  test('a job run by hand ends before the call returns, and passes its error on', async () => {
    await schedule('mark', '0 0 1 1 *', 'insert into public.marks default values');
    await cron.run('mark');
    expect(await database.sql`select who from public.marks`).toHaveLength(1);
    await schedule('broken', '0 0 1 1 *', 'select 1 / 0');
    await expect(cron.run('broken')).rejects.toThrow('division by zero');
    await expect(cron.run('nothing')).rejects.toThrow('no active job of that name');
  });

  test('a name is scheduled once: the second call changes the job, and unscheduling ends it', async () => {
    await schedule('job', '* * * * *', 'select 1');
    await database.sql`select cron.schedule('job', '5 seconds', 'select 2')`;
    expect(await database.sql`select schedule, command from cron.job`).toEqual([{
      schedule: '5 seconds',
      command: 'select 2',
    }]);
    await database.sql`select cron.unschedule('job')`;
    await until(() => cron.jobs().length === 0, 'the end of the job');
    await expect(database.sql`select cron.unschedule('job')`).rejects.toMatchObject({
      code: 'XX000',
      message: expect.stringContaining('could not find valid entry'),
    });
  });

  test('callers of the API reach nothing of it', async () => {
    for (const role of ['anon', 'authenticated', 'service_role']) {
      const asked = database.sql.begin(async (sql) => {
        await sql.unsafe(`set local role ${role}`);
        await sql`select * from cron.job`;
      });
      await expect(asked).rejects.toMatchObject({ code: '42501' });
    }
  });

  test('a sixth field is not looked at', async () => {
    await schedule('six', '* * * * * 7', 'select 1');
    await passTo(NOON + 60_000);
    expect(await runs()).toHaveLength(1);
  });

  test.each(['61 * * * *', '* * * *', '60 seconds', '0 seconds', 'noon', '*/0 * * * *'])(
    'a schedule like "%s" is refused when it is made',
    async (text) => {
      await expect(database.sql`select cron.schedule('bad', ${text}, 'select 1')`).rejects.toThrow('invalid schedule');
    },
  );
});

test.each([
  ['*/15 * * * *', '2026-11-21T12:45:00Z', true],
  ['*/15 * * * *', '2026-11-21T12:46:00Z', false],
  ['0 3-5 * * *', '2026-11-21T04:00:00Z', true],
  ['0 9 * * mon-fri', '2026-11-21T09:00:00Z', false], // a Saturday
  ['0 9 * * 6', '2026-11-21T09:00:00Z', true],
  ['0 9 1 * 6', '2026-11-21T09:00:00Z', true], // either day is enough when both are given
  ['0 0 $ * *', '2026-11-30T00:00:00Z', true],
  ['0 0 $ * *', '2026-11-29T00:00:00Z', false],
  ['@daily', '2026-11-21T00:00:00Z', true],
  ['0 0 * jan *', '2026-01-05T00:00:00Z', true],
])('the schedule "%s" at %s is due: %s', (text, at, due) => {
  const schedule = parseSchedule(text);
  expect(schedule.kind === 'calendar' && schedule.due(new Date(at))).toBe(due);
});
