/** The quota of our project at a provider, which all practices share, and the workers that spend it. */
import postgres from 'postgres';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { configureNudges } from '../../local/database.ts';
import { newPerson, type TestDatabase, testDatabase, type TestPerson } from './database.ts';

// deno-lint-ignore no-explicit-any
type Json = any;

interface Practice extends TestPerson {
  readonly integration: string;
}

/** Units a minute; then a claim finds 250 units in its part of the bucket, of which 62.5 are kept for people. */
const QUOTA = 10_000;
const PART = 250;
const PARTS = 2;

let db: TestDatabase;
const others: postgres.Sql[] = [];
beforeAll(async () => {
  db = await testDatabase();
  await configureNudges(
    db.dbUrl,
    'http://127.0.0.1:9/functions/v1',
    `whsec_${btoa('0123456789abcdef0123456789abcdef')}`,
  );
}, 60_000);
afterAll(() => db?.stop());
beforeEach(async () => {
  await db.admin`delete from public.calendar_integrations`;
  await db.admin`delete from public.rdv`;
  await db.admin`delete from private.sync_outbox`;
  await db.admin`delete from private.grant_revocations`;
  await db.admin`delete from private.project_budgets`;
  await db.admin`delete from private.practice_shares`;
  await db.admin`delete from private.worker_places`;
  await db.admin`delete from private.app_config where key = 'clock_offset' or key like 'workers.%'
    or key like 'project\\_units%'`;
  await db.admin`delete from net.http_request_queue`;
});
afterEach(async () => {
  await Promise.all(others.splice(0).map((sql) => sql.end()));
});

/** A session of its own, as another function instance has one. */
function session(): postgres.Sql {
  const sql = postgres(db.dbUrl, { max: 1, onnotice: () => {} });
  others.push(sql);
  return sql;
}

async function practice(
  changes: object = { event_detail: 'full', export_enabled: true },
  of: { organisation?: string } = {},
): Promise<Practice> {
  const person = await newPerson(db, of);
  const owner = { p_organisation: person.organisation, p_user: person.user, p_provider: 'google' };
  const { integrationId: integration } = await db.call<Json>('connect_store', {
    ...owner,
    p_account_id: person.user,
    p_account_email: null,
    p_scopes: ['s'],
    p_access_token: 'access',
    p_expires_in: 3600,
    p_refresh_token: 'refresh',
  });
  await db.call('integration_update', { ...owner, p_changes: { calendar_target_id: 't', ...changes } });
  // What the settings made due is none of the tests'.
  await db.admin`update private.calendar_cursors set next_poll_at = now() + interval '1 day'
    where integration_id = ${integration}`;
  return { ...person, integration };
}

const colleague = ({ organisation }: Practice) => practice(undefined, { organisation });

/** One statement: a click, or many appointments at once. */
const book = (of: Practice, count: number) =>
  db.admin`insert into public.rdv (organisation_id, practitioner_id, type, starts_at, ends_at)
    select ${of.organisation}, ${of.member}, 'Contrôle', now() + n * interval '1 hour', now() + (n + 1) * interval '1 hour'
    from generate_series(1, ${count}) n`;
const click = (of: Practice) => book(of, 1);
const backlog = (of: Practice) => book(of, 10);

/** What is in each part of the bucket; no unit comes back meanwhile. */
async function left(units: number): Promise<void> {
  await db.admin`insert into private.project_budgets (provider, part, units, capacity, rate, refilled_at)
    select 'google', n, ${units}, ${PART}, 10000 * 0.92 / 60 / ${PARTS}, now() + interval '1 hour' from generate_series(1, ${PARTS}) n
    on conflict (provider, part) do update set units = excluded.units, refilled_at = excluded.refilled_at`;
}
const countNothing = () =>
  db.admin`insert into private.app_config (key, value) values ('project_units_per_minute.google', '0')`;
const inAll = async (): Promise<number> =>
  Number((await db.admin`select sum(units) as units from private.project_budgets where provider = 'google'`)[0]!.units);

interface Claiming {
  readonly sql?: postgres.Sql | postgres.TransactionSql;
  readonly worker?: string;
  readonly integration?: string | null;
  readonly joins?: boolean;
  readonly units?: number | null;
  readonly most?: number;
}

async function claim(
  { sql = db.admin, worker = crypto.randomUUID(), integration = null, joins = false, units = 600, most = 8 }: Claiming =
    {},
): Promise<Json> {
  const [row] =
    await sql`select public.sync_claim(${worker}, 'google', ${integration}, ${most}, 200, 60, ${units}, ${QUOTA},
    ${joins}) as value`;
  return row!.value;
}
async function claimCalendars(
  { sql = db.admin, worker = crypto.randomUUID(), joins = false }: Claiming = {},
): Promise<Json> {
  const [row] = await sql`select public.import_claim(${worker}, 'google', 4, 60, ${QUOTA}, ${joins}) as value`;
  return row!.value;
}
const given = ({ lanes }: Json): string[] => lanes.map(({ integrationId }: Json) => integrationId).toSorted();

const report = (more: object = {}) => ({
  runId: crypto.randomUUID(),
  trigger: 'change',
  usedUnits: 0,
  release: true,
  pauseSeconds: null,
  pauseCode: null,
  project: false,
  strike: false,
  worked: true,
  refused: [],
  ...more,
});
const complete = (worker: string, integration: string, jobs: Json[], lane: object) =>
  db.call<Json>('sync_complete', {
    p_worker: worker,
    p_integration: integration,
    p_results: jobs.map(({ rdvId, version }) => ({
      rdvId,
      version,
      outcome: 'done',
      action: 'skipped',
      reason: 'past',
      delaySeconds: null,
      error: null,
      conflict: null,
      link: null,
    })),
    p_lane: lane,
  });
const later = (seconds: number) =>
  db.admin`insert into private.app_config (key, value) values ('clock_offset', ${`${seconds} seconds`})
    on conflict (key) do update set value = excluded.value`;
const nudges = async () => (await db.admin`select url from net.http_request_queue`).length;
const overdue = (of: Practice) =>
  db.admin`update private.calendar_cursors set next_poll_at = now() - interval '1 minute'
    where integration_id = ${of.integration}`;
const followed = () =>
  practice({ event_detail: 'full', import_enabled: true, calendar_source_id: 'source', two_way: 'off' });

describe('the project’s bucket', () => {
  test('gives a lane what its work may need, and gets back what it did not', async () => {
    const one = await practice();
    await click(one);
    await left(PART);
    const worker = crypto.randomUUID();
    const { lanes: [lane] } = await claim({ worker });
    expect(lane.budgetUnits).toBe(44);
    expect(await inAll()).toBe(PARTS * PART - 44);
    await complete(worker, one.integration, lane.jobs, report({ usedUnits: 3 }));
    expect(await inAll()).toBe(PARTS * PART - 3);
  });

  test('gives the lane of a single appointment enough for all its rounds, also of a very small quota', async () => {
    await click(await practice());
    const [row] = await db
      .admin`select public.sync_claim(gen_random_uuid(), 'google', null, 8, 200, 60, null, 600) as value`;
    expect(row!.value.lanes).toMatchObject([{ budgetUnits: 44 }]);
  });

  test('is one for both directions', async () => {
    const [writes, reads] = [await practice(), await followed()];
    await backlog(writes);
    await overdue(reads);
    await left(PART);
    const [{ lanes: [lane] }, { lanes: [calendar] }] = [await claim(), await claimCalendars()];
    expect(await inAll()).toBe(PARTS * PART - lane.budgetUnits - 1);
    await db.admin`select public.import_stage(${(await holder(calendar))!}, ${calendar.runId}, '{}', '[]', 'p2', 7)`;
    // The claim has paid the first of these pages.
    expect(await inAll()).toBe(PARTS * PART - lane.budgetUnits - 7);
    await db.admin`select public.import_stage(${(await holder(calendar))!}, ${calendar.runId}, '{}', '[]', 'p3', 1)`;
    expect(await inAll()).toBe(PARTS * PART - lane.budgetUnits - 8);
  });

  test('never gives more than it has, however many claim at once', async () => {
    for (let n = 0; n < 24; n++) await click(await practice());
    await left(40);
    const claims = await Promise.all(Array.from({ length: 24 }, () => claim({ sql: session(), most: 1 })));
    const spent = claims.flatMap(({ lanes }) => lanes.map(({ budgetUnits }: Json) => budgetUnits))
      .reduce((sum, units) => sum + units, 0);
    expect(await inAll()).toBe(PARTS * 40 - spent);
    expect(Math.min(...(await db.admin`select units from private.project_budgets`).map(({ units }) => Number(units))))
      .toBeGreaterThanOrEqual(0);
    expect(spent).toBeGreaterThan(40);
  });

  test('makes no claim wait for another', async () => {
    await click(await practice());
    await left(PART);
    const [slow, quick] = [session(), session()];
    await slow.begin(async (held) => {
      expect((await claim({ sql: held })).lanes).toHaveLength(1);
      await click(await practice());
      await quick`set lock_timeout = '200ms'`;
      expect((await claim({ sql: quick })).lanes).toHaveLength(1);
    });
  });

  test('comes back with time, up to what may be spent at once', async () => {
    await click(await practice());
    await db.admin`insert into private.project_budgets (provider, part, units, capacity, rate, refilled_at)
      select 'google', n, 0, 0, 0, now() from generate_series(1, ${PARTS}) n`;
    expect((await claim({ units: null })).lanes).toEqual([]);
    await later(60);
    const { lanes: [lane] } = await claim({ units: null });
    expect(lane.budgetUnits).toBe(44);
    expect(Math.max(...(await db.admin`select units from private.project_budgets`).map(({ units }) => Number(units))))
      .toBeLessThanOrEqual(PART);
  });

  test('gives nine tenths of the quota in a minute, and in none more than the quota', async () => {
    await click(await practice());
    await claim();
    const [{ at_once, per_minute }] = await db.admin`
      select sum(capacity)::float8 as at_once, 60 * sum(rate)::float8 as per_minute from private.project_budgets` as Json;
    expect(per_minute).toBeGreaterThan(QUOTA / 1.1);
    // What is taken at once may have been taken before, and be spent late; most of what a lane takes is not spent.
    expect(at_once + per_minute).toBeLessThanOrEqual(QUOTA * 0.97);
  });

  test('pays for a calendar’s subscription', async () => {
    const reads = await followed();
    await left(PART);
    const channel = { channelId: crypto.randomUUID(), resourceId: null, expiresAt: new Date(0), secretHash: 'h' };
    for (const resourceId of [null, 'r']) {
      await db.call('import_watch', {
        p_integration: reads.integration,
        p_calendar: 'source',
        p_channel: { ...channel, resourceId },
        p_refused: false,
      });
    }
    expect(await inAll()).toBe(PARTS * PART - 2);
  });

  test('is as large as app_config says, and there is none where that says so', async () => {
    await backlog(await practice());
    await countNothing();
    expect((await claim({ units: null })).lanes).toMatchObject([{ budgetUnits: null }]);
    expect(await db.admin`select from private.project_budgets`).toHaveLength(0);
  });
});

const holder = async ({ integrationId }: Json): Promise<string | undefined> =>
  (await db.admin`select lease_owner as worker from private.calendar_cursors
    where integration_id = ${integrationId} and lease_owner is not null`)[0]?.worker;

describe('beside a practice with much to do', () => {
  /** One practice, whose people all have a backlog that became due before. */
  const much = async (): Promise<string[]> => {
    const first = await practice();
    const of = [first, await colleague(first), await colleague(first)];
    for (const each of of) await backlog(each);
    return of.map(({ integration }) => integration).toSorted();
  };

  test.each([['', QUOTA], [', whatever the quota', 0]])('a change of a small one goes first%s', async (_how, quota) => {
    if (quota === 0) await countNothing();
    const lanes = await much();
    const small = await practice();
    await click(small);
    expect(given(await claim({ most: 1, units: null }))).toEqual([small.integration]);
    expect(given(await claim({ units: null }))).toEqual(lanes);
  });

  test('more than a few changes of a small one go before it too, once the big one has had more than its share', async () => {
    await much();
    const small = await practice();
    await backlog(small);
    await db.admin`insert into private.practice_shares (provider, organisation_id, paid_until)
      select 'google', i.organisation_id, now() + interval '2 minutes' from public.calendar_integrations i
      where i.id <> ${small.integration} on conflict do nothing`;
    await left(PART * 0.45);
    expect(given(await claim({ most: 1, units: null }))).toEqual([small.integration]);
  });
});

describe('where the project’s quota is scarce', () => {
  test('a backlog waits, and what a person has just changed goes', async () => {
    const [many, one] = [await practice(), await practice()];
    await backlog(many);
    await click(one);
    await left(PART / 4);
    expect(given(await claim())).toEqual([one.integration]);
    const { lanes, nextDueInMs } = await claim();
    expect([lanes, nextDueInMs]).toEqual([[], 500]);
    await left(PART);
    expect(given(await claim())).toEqual([many.integration]);
  });

  test('what was changed more than a minute ago has become backlog', async () => {
    const one = await practice();
    await click(one);
    await later(61);
    await left(PART / 4);
    expect((await claim()).lanes).toEqual([]);
  });

  test('“sync now” goes, however much there is to do', async () => {
    const many = await practice();
    await backlog(many);
    await left(PART / 4);
    expect(given(await claim({ integration: many.integration }))).toEqual([many.integration]);
  });

  test('a preview goes, and polls wait', async () => {
    const [polled, asking] = [await followed(), await followed()];
    await overdue(polled);
    await left(PART / 4);
    expect(await claimCalendars()).toMatchObject({ lanes: [], nextDueInMs: 1000 });
    await db.admin`insert into private.import_requests (integration_id, calendar_id, mode, items_limit, asked_at, asker)
      values (${asking.integration}, 'source', 'preview', 0, now(), gen_random_uuid())`;
    expect(given(await claimCalendars())).toEqual([asking.integration]);
  });

  test('a practice that has had more than its share waits, and the others go', async () => {
    const [greedy, modest] = [await practice(), await practice()];
    await backlog(greedy);
    const worker = crypto.randomUUID();
    await left(PART);
    const { lanes: [lane] } = await claim({ worker, units: null });
    // A twentieth of the quota in a minute, and more.
    await complete(worker, greedy.integration, lane.jobs, report({ usedUnits: 520 }));
    await backlog(greedy);
    await backlog(modest);
    await left(PART * 0.45);
    expect(given(await claim())).toEqual([modest.integration]);
    // Also what it asks for click by click.
    await click(greedy);
    expect((await claim()).lanes).toEqual([]);
    await left(PART);
    expect(given(await claim())).toEqual([greedy.integration]);
  });

  test('its share comes back: so long as it has paid', async () => {
    const greedy = await practice();
    await backlog(greedy);
    await db.admin`insert into private.practice_shares (provider, organisation_id, paid_until)
      values ('google', ${greedy.organisation}, now() + interval '90 seconds')`;
    await left(PART * 0.45);
    expect((await claim()).lanes).toEqual([]);
    await later(31);
    expect(given(await claim())).toEqual([greedy.integration]);
  });

  test('readings of a practice that has had more than its share wait, and the others’ go', async () => {
    const [greedy, modest] = [await followed(), await followed()];
    await overdue(greedy);
    await overdue(modest);
    await db.admin`insert into private.practice_shares (provider, organisation_id, paid_until)
      values ('google', ${greedy.organisation}, now() + interval '10 minutes')`;
    await left(PART * 0.45);
    expect(given(await claimCalendars())).toEqual([modest.integration]);
  });
});

describe('a refusal', () => {
  async function refused(project: boolean): Promise<[Practice, Practice]> {
    const [one, other] = [await practice(), await practice()];
    await click(one);
    const worker = crypto.randomUUID();
    const { lanes: [lane] } = await claim({ worker });
    expect(lane.integrationId).toBe(one.integration);
    const told = { pauseSeconds: 30, pauseCode: 'RATE_LIMITED', worked: false, project };
    await complete(worker, one.integration, [], report(told));
    await click(other);
    return [one, other];
  }

  test('of the whole project slows everybody, both directions and what people wait for', async () => {
    const [one, other] = await refused(true);
    const reads = await followed();
    await overdue(reads);
    expect((await claim()).lanes).toEqual([]);
    expect((await claim({ integration: other.integration })).lanes).toEqual([]);
    expect((await claimCalendars()).lanes).toEqual([]);
    await db.admin`delete from net.http_request_queue`;
    await db.admin`select private.sweep(), private.import_sweep()`;
    expect(await nudges()).toBe(0);
    const [health] = await db.admin`select public.sync_health() -> 'projects' as projects`;
    expect(health!.projects).toMatchObject([{ provider: 'google', unitsPerMinute: QUOTA, leftPercent: 0 }]);
    expect(health!.projects[0].refusedSeconds).toBeGreaterThan(0);
    const [{ id: rdv }] = await db.admin`select id from public.rdv
      where organisation_id = ${other.organisation}` as Json;
    const { connection } = await db.call<Json>('sync_explain', {
      p_organisation: other.organisation,
      p_user: other.user,
      p_provider: 'google',
      p_rdv: rdv,
    });
    expect(connection).toMatchObject({ pauseCode: 'RATE_LIMITED', pausedUntil: expect.any(String) });
    // The lane that heard of it is not to blame.
    await later(45);
    expect(given(await claim())).toEqual([one.integration, other.integration].toSorted());
  });

  test('of an account slows that one alone', async () => {
    const [, other] = await refused(false);
    expect(given(await claim())).toEqual([other.integration]);
  });

  test('of the whole project while a calendar is read is no failure of the calendar’s', async () => {
    const reads = await followed();
    await overdue(reads);
    const worker = crypto.randomUUID();
    const { lanes: [calendar] } = await claimCalendars({ worker });
    await db.call('import_fail', {
      p_worker: worker,
      p_run: calendar.runId,
      p_code: 'RATE_LIMITED',
      p_retry_seconds: 15,
      p_cursor_expired: false,
      p_project: true,
    });
    const [cursor] = await db.admin`select failures from private.calendar_cursors
      where integration_id = ${reads.integration}`;
    expect(cursor!.failures).toBe(0);
    await click(await practice());
    expect((await claim()).lanes).toEqual([]);
  });

  test('two at the same time do not wait for each other, nor for a claim', async () => {
    const [one, other] = [await practice(), await practice()];
    await click(one);
    await click(other);
    const worker = crypto.randomUUID();
    await claim({ worker });
    const told = report({ pauseSeconds: 30, pauseCode: 'RATE_LIMITED', worked: false, project: true });
    const [a, b, c] = [session(), session(), session()];
    const tell = (sql: postgres.Sql, { integration }: Practice) =>
      sql`select public.sync_complete(${worker}, ${integration}, '[]', ${sql.json(told)})`;
    await Promise.all([tell(a, one), claim({ sql: c }), tell(b, other)]);
    expect((await claim()).lanes).toEqual([]);
  });
});

describe('workers', () => {
  beforeEach(countNothing);

  const places = (count: number) =>
    db.admin`insert into private.app_config (key, value) values ('workers.google', ${count})`;

  test('take as many places as there are, whoever comes at once; one without does what a person waits for', async () => {
    await places(2);
    for (let n = 0; n < 5; n++) await backlog(await practice());
    const claims = await Promise.all(Array.from({ length: 6 }, async () => {
      const sql = session();
      const worker = crypto.randomUUID();
      const [row] = await sql`select private.take_place('google', 'sync', ${worker}) as taken`;
      return row!.taken;
    }));
    expect(claims.filter((taken) => taken)).toHaveLength(2);
    const clicked = await practice();
    await click(clicked);
    expect(given(await claim({ joins: true, units: null }))).toEqual([clicked.integration]);
    expect(await claim({ joins: true, units: null })).toMatchObject({ lanes: [], nextDueInMs: null });
    expect((await claim({ joins: false })).lanes.length).toBeGreaterThan(1);
  });

  test('have a place while more is due, and leave it with the claim that finds no more, or when they say so', async () => {
    await places(1);
    const waiting = async (count: number) => {
      for (let n = 0; n < count; n++) await backlog(await practice());
    };
    const one = (worker: string = crypto.randomUUID()) => claim({ worker, joins: true, units: null, most: 1 });
    const [first, second] = [crypto.randomUUID(), crypto.randomUUID()];
    const [third, fourth] = [crypto.randomUUID(), crypto.randomUUID()];
    await waiting(2);
    expect(await one(first)).toMatchObject({ lanes: [{}], nextDueInMs: 0 });
    expect(await one(second)).toMatchObject({ lanes: [], nextDueInMs: null });
    // The last that is due: its worker needs the place no longer.
    expect(await one(first)).toMatchObject({ lanes: [{}], nextDueInMs: null });
    await waiting(2);
    expect(await one(second)).toMatchObject({ lanes: [{}], nextDueInMs: 0 });
    expect(await one(first)).toMatchObject({ lanes: [], nextDueInMs: null });
    await db.call('worker_leave', { p_worker: second });
    await waiting(1);
    expect(await one(third)).toMatchObject({ lanes: [{}], nextDueInMs: 0 });
    await db.call('worker_abandon', { p_workers: [third] });
    expect(await one(fourth)).toMatchObject({ lanes: [{}], nextDueInMs: 0 });
    // One that died without a word holds it for a minute.
    expect((await one()).lanes).toEqual([]);
    await later(61);
    expect((await one()).lanes).toHaveLength(1);
  });

  test('that take all that is due need no place, however many come', async () => {
    await places(1);
    for (let n = 0; n < 3; n++) {
      const of = await practice();
      await backlog(of);
      expect(await claim({ joins: true, units: null })).toMatchObject({ lanes: [{}], nextDueInMs: null });
    }
    expect(await db.admin`select from private.worker_places where worker is not null`).toHaveLength(0);
  });

  test('of imports claim again where there may be more, and where a notice came while they read', async () => {
    const told = ({ integration }: Practice) =>
      db.admin`insert into private.calendar_notices (integration_id, calendar_id, told_at)
        values (${integration}, 'source', now())`;
    const finish = async (worker: string, { runId }: Json): Promise<Json> =>
      (await db.admin`select public.import_finish(${worker}, ${runId}, 'c', '[]', 0) as value`)[0]!.value;
    const many = await Promise.all(Array.from({ length: 5 }, followed));
    for (const of of many) await overdue(of);
    const worker = crypto.randomUUID();
    const { lanes, nextDueInMs } = await claimCalendars({ worker, joins: true });
    expect([lanes.length, nextDueInMs]).toEqual([4, 0]);
    const [lane, another] = lanes;
    await told({ integration: another.integrationId } as Practice);
    expect((await finish(worker, lane)).againInMs).toBeGreaterThan(60_000);
    expect((await finish(worker, another)).againInMs).toBe(0);
    const last = await claimCalendars({ worker, joins: true });
    expect([last.lanes.length, last.nextDueInMs]).toEqual([2, null]);
  });

  test('of imports look again in a moment where a calendar that was told of is in another’s hands', async () => {
    const one = await followed();
    await db.admin`insert into private.calendar_notices (integration_id, calendar_id, told_at)
      values (${one.integration}, 'source', now())`;
    await session().begin(async (sql) => {
      await sql`select from private.calendar_cursors where integration_id = ${one.integration} for update`;
      expect(await claimCalendars({ joins: true })).toMatchObject({ lanes: [], nextDueInMs: 100 });
    });
    expect(given(await claimCalendars({ joins: true }))).toEqual([one.integration]);
  });

  test('of imports without a place read for people and notices, and leave the polls', async () => {
    await places(1);
    const [polled, told] = [await followed(), await followed()];
    await overdue(polled);
    await db.admin`select private.take_place('google', 'import', gen_random_uuid())`;
    expect(await claimCalendars({ joins: true })).toMatchObject({ lanes: [], nextDueInMs: null });
    await db.admin`insert into private.calendar_notices (integration_id, calendar_id, told_at)
      values (${told.integration}, 'source', now())`;
    expect(given(await claimCalendars({ joins: true }))).toEqual([told.integration]);
  });

  test('the sweep wakes one for eight lanes, as far as there are places, and none where nothing is due', async () => {
    await db.admin`select private.sweep(), private.import_sweep()`;
    expect(await nudges()).toBe(0);
    for (let n = 0; n < 9; n++) await backlog(await practice());
    await db.admin`delete from net.http_request_queue`;
    await db.admin`select private.sweep()`;
    expect(await nudges()).toBe(2);
    await places(1);
    await db.admin`delete from net.http_request_queue`;
    await db.admin`select private.sweep()`;
    expect(await nudges()).toBe(1);
    await db.admin`select private.take_place('google', 'sync', gen_random_uuid())`;
    await db.admin`delete from net.http_request_queue`;
    await db.admin`select private.sweep()`;
    expect(await nudges()).toBe(0);
  });

  test('the sweep of imports wakes one for four calendars', async () => {
    for (let n = 0; n < 5; n++) await overdue(await followed());
    await db.admin`delete from net.http_request_queue`;
    await db.admin`select private.import_sweep()`;
    expect(await nudges()).toBe(2);
  });
});
