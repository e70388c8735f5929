/** What is due is found in an index: the plans of the statements in the functions, as Postgres ran them. */
import postgres from 'postgres';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { bringUpToDate } from '../../local/database.ts';
import { type BareDatabase, bareDatabase } from '../local/bare_database.ts';

const PRACTICES = 3000;
/** Of these, every tenth waits for its person, and has that many rows in its queue. */
const DEAD_EACH = 10;
/** More than a claim of eight lanes and three times as many calendars needs. */
const MOST_ROWS = 200;
/** Of the first practice: events of the years before, and appointments of a colleague's calendar. */
const STORED = 20_000;
const LINKED = 5_000;
const PAGE = 400;
/** A worker. */
const HELD_BY = crypto.randomUUID();
/** Rows and comparisons that an event of a page may take, all statements of its import together. */
const EACH_EVENT = 60;

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Rows Removed by Index Recheck'?: number;
  readonly 'Rows Removed by Join Filter'?: number;
  readonly Plans?: readonly PlanNode[];
}

let db: BareDatabase;
let explained: postgres.Sql;
let large: ReadonlySet<string>;
let plans: Array<{ text: string; root: PlanNode }> = [];

beforeAll(async () => {
  db = await bareDatabase();
  await bringUpToDate(db.dbUrl, { mayBeForeign: false });
  await seed(db.admin);
  const tables = await db.admin`select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname in ('public', 'private') and c.relkind = 'r' and c.reltuples >= ${PRACTICES / 2}`;
  large = new Set(tables.map(({ relname }) => relname));
  explained = postgres(db.adminUrl, {
    max: 1,
    onnotice: ({ message }) => {
      const json = message?.match(/plan:\s*(\{.*\})/s)?.[1];
      if (!json) return;
      const plan = JSON.parse(json);
      plans.push({ text: plan['Query Text'], root: plan['Plan'] });
    },
  });
  await explained`load 'auto_explain'`;
  await explained.unsafe(`set client_min_messages = notice; set auto_explain.log_level = notice;
    set auto_explain.log_min_duration = 0; set auto_explain.log_nested_statements = on; set auto_explain.log_analyze = on;
    set auto_explain.log_timing = off; set auto_explain.log_format = json; set auto_explain.log_parameter_max_length = 0`);
}, 60_000);
afterAll(async () => {
  await explained?.end();
  await db?.stop();
});
beforeEach(() => {
  plans = [];
});

async function seed(sql: postgres.Sql): Promise<void> {
  const [{ user_id }] =
    await sql`select user_id from public.organisation_members where user_id is not null limit 1` as [
      { user_id: string },
    ];
  await sql.begin(async (all) => {
    await all`set local session_replication_role = replica`;
    await all`create temporary table seeded on commit drop as
      select n, gen_random_uuid() as organisation, gen_random_uuid() as integration, n % ${DEAD_EACH} = 0 as dead
      from generate_series(1, ${PRACTICES}) n`;
    await all`insert into public.organisations (id, name) select organisation, 'Cabinet ' || n from seeded`;
    await all`insert into public.calendar_integrations (id, organisation_id, user_id, provider, account_id, status,
        export_enabled, export_from, calendar_target_id, event_detail, import_enabled, calendar_source_id, two_way)
      select integration, organisation, ${user_id}::uuid, 'google', 'account-' || n,
        case when dead then 'reconnect_required' else 'connected' end, true, now(), 'c', 'full', true, 'c', 'auto'
      from seeded`;
    await all`insert into private.sync_lanes (integration_id, organisation_id, provider, reachable, first_due_at)
      select integration, organisation, 'google', not dead, case when dead then now() end from seeded`;
    await all`insert into private.sync_outbox (integration_id, rdv_id, organisation_id, next_attempt_at, dirty_since)
      select integration, gen_random_uuid(), organisation, now(), now()
      from seeded, generate_series(1, ${DEAD_EACH}) where dead`;
    await all`insert into private.calendar_cursors (integration_id, calendar_id, organisation_id, provider, sync_token,
        window_from, window_to, read_to, covers_events, next_poll_at, followed)
      select integration, 'c', organisation, 'google', 't', now() - interval '1 day', now() + interval '30 days',
        now() + interval '1 year', true, now() + case when dead then interval '0' else n * interval '1 minute' end,
        case when not dead then 'source' end from seeded`;
    await all`insert into private.watch_channels (channel_id, integration_id, calendar_id, provider, resource_id,
        secret_hash, expires_at, created_at)
      select 'channel-' || n, integration, 'c', 'google', 'r' || n, 'secret-' || n, now() + interval '5 days', now()
      from seeded`;
    await all`insert into private.practice_shares (provider, organisation_id, paid_until)
      select 'google', organisation, now() - n * interval '1 second' from seeded`;
    await all`insert into public.external_events (organisation_id, integration_id, user_id, provider,
        external_calendar_id, external_event_id, etag, status, kind, start_at, end_at, visibility, availability,
        series_id, last_synced_at)
      select organisation, integration, ${user_id}::uuid, 'google', 'c', 'stored' || e, '1', 'confirmed', 'appointment',
        now() - interval '2 days' - e * interval '1 hour', now() - interval '2 days' - (e - 1) * interval '1 hour',
        'normal', 'busy', case when e % 4 = 0 then 'series' || e / 40 end, now()
      from seeded, generate_series(1, ${STORED}) e where n = 1`;
    await all`insert into public.appointment_external_links (organisation_id, rdv_id, integration_id, provider,
        external_calendar_id, external_event_id)
      select organisation, gen_random_uuid(), gen_random_uuid(), 'google', 'c', 'exported' || e
      from seeded, generate_series(1, ${LINKED}) e where n = 1`;
  });
  await sql`analyze`;
}

/** What runs in a transaction that leaves nothing behind. */
async function planned({ before, does }: Work, dropped?: string): Promise<string[]> {
  await explained.begin(async (sql) => {
    if (dropped) await sql`drop index ${sql(dropped)}`;
    await before?.(sql);
    plans = [];
    await does(sql);
    throw new RolledBack();
  }).catch((error) => {
    if (!(error instanceof RolledBack)) throw error;
  });
  expect(plans.length).toBeGreaterThan(1);
  return plans.flatMap(({ text, root }) => objections(root).map((one) => `${one}: ${text}`));
}

class RolledBack extends Error {}

function objections(node: PlanNode): string[] {
  const table = node['Relation Name'] ?? '';
  const rows = node['Actual Loops'] *
    (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0));
  const found = (node.Plans ?? []).flatMap(objections);
  if (!large.has(table) || node['Node Type'] === 'ModifyTable') return found;
  if (node['Node Type'] === 'Seq Scan') return [`goes through ${table}`, ...found];
  return rows > MOST_ROWS ? [`reads ${rows} rows of ${table}`, ...found] : found;
}

const claim = (sql: postgres.TransactionSql) =>
  sql`select public.sync_claim(gen_random_uuid(), 'google', null, 8, 200, 60, null)`;
const importClaim = (sql: postgres.TransactionSql) =>
  sql`select public.import_claim(gen_random_uuid(), 'google', 8, 60)`;
const tell = (sql: postgres.TransactionSql) =>
  sql`select public.import_notified('google', '[{"secretHash": "secret-1", "channelId": "channel-1", "resourceId": "r1",
    "meaning": "changed"}]')`;
const queue = (sql: postgres.TransactionSql) =>
  sql`insert into private.sync_outbox (integration_id, rdv_id, organisation_id, next_attempt_at, dirty_since)
    select i.id, gen_random_uuid(), i.organisation_id, now(), now() from public.calendar_integrations i
    where i.account_id = 'account-1'`;

/** Units are scarce and every lane and calendar is due; one person has just changed an appointment. */
const scarce = async (sql: postgres.TransactionSql) => {
  await sql`update private.sync_lanes set first_due_at = now() - interval '1 minute' where reachable`;
  await sql`update private.calendar_cursors set next_poll_at = now() - interval '1 minute' where followed is not null`;
  await sql`insert into private.project_budgets (provider, part, units, capacity, rate, refilled_at)
    select 'google', part, 100, 250, 30, now() from generate_series(1, 2) part`;
  await queue(sql);
};
const claimFor = (sql: postgres.TransactionSql) =>
  sql`select public.sync_claim(${HELD_BY}, 'google', null, 8, 200, 60, null, 10000, true)`;

const account = `select i.id from public.calendar_integrations i where i.account_id = 'account-1'`;

interface Work {
  /** What makes it due, and is not looked at. */
  readonly before?: (sql: postgres.TransactionSql) => Promise<unknown>;
  readonly does: (sql: postgres.TransactionSql) => Promise<unknown>;
}

const WORK: Readonly<Record<string, Work>> = {
  'a claim with one lane due': { before: queue, does: claim },
  'a claim with nothing due': { does: claim },
  'a claim of what a person has changed, while everything is due': { before: scarce, does: claimFor },
  'a claim of calendars, while everything is due': {
    before: scarce,
    does: (sql) => sql`select public.import_claim(${HELD_BY}, 'google', 4, 60, 10000, true)`,
  },
  'a report that gives units back': {
    before: async (sql) => {
      await scarce(sql);
      await claimFor(sql);
    },
    does: (sql) =>
      sql`select public.sync_complete(${HELD_BY}, (${sql.unsafe(account)}), '[]', ${
        sql.json({ runId: HELD_BY, trigger: 'change', usedUnits: 3, release: true, worked: true })
      })`,
  },
  'a notice': { does: tell },
  'a claim of a calendar that was told': { before: tell, does: importClaim },
  'a claim of a calendar that is overdue': {
    before: (sql) =>
      sql`update private.calendar_cursors set next_poll_at = now() where integration_id = (${sql.unsafe(account)})`,
    does: importClaim,
  },
  'a claim of a calendar that a person waits for': {
    before: (sql) =>
      sql`insert into private.import_requests (integration_id, calendar_id, mode, items_limit, asked_at, asker)
        values ((${sql.unsafe(account)}), 'c', 'import', 0, now(), gen_random_uuid())`,
    does: importClaim,
  },
  'a sweep': { before: queue, does: (sql) => sql`select private.sweep()` },
  'a sweep of imports': { before: tell, does: (sql) => sql`select private.import_sweep()` },
};

/** Reads a page of the first practice's calendar. What is staged is nothing that an analysis knew. */
async function page(sql: postgres.TransactionSql, run: string, worker: string): Promise<void> {
  const events = Array.from({ length: PAGE }, (_, n) => `page${n}`);
  const from = Date.now() + 3_600_000;
  const at = (n: number) => new Date(from + n * 600_000).toISOString();
  const columns = {
    eventId: events,
    etag: events,
    status: events.map(() => 'confirmed'),
    kind: events.map(() => 'appointment'),
    title: events,
    description: events,
    location: events,
    allDay: events.map(() => false),
    startsAt: events.map((_, n) => at(n)),
    endsAt: events.map((_, n) => at(n + 1)),
    availability: events.map(() => 'busy'),
    visibility: events.map(() => 'normal'),
    attendees: events.map(() => '[]'),
  };
  await sql`select public.import_stage(${worker}, ${run}, ${JSON.stringify(columns)}::text::json, '[]', null)`;
  await sql`select public.import_missing(${worker}, ${run})`;
  await sql`select public.import_ours(${worker}, ${run})`;
  const [{ answer }] = await sql`select public.import_finish(${worker}, ${run}, 'token', '[]', 0) as answer` as [
    { answer: { summary: { created: number } } },
  ];
  expect(answer.summary.created).toBe(PAGE);
}

/** Rows and comparisons of a plan, whichever table they are of. */
const work = (node: PlanNode): number =>
  node['Actual Loops'] *
    (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0) +
      (node['Rows Removed by Join Filter'] ?? 0)) +
  (node.Plans ?? []).reduce((sum, one) => sum + work(one), 0);

describe('a page of an import among thousands of stored events', () => {
  test('compares each event with what is known of it, and neither with every other nor with all that is stored', async () => {
    const worker = crypto.randomUUID();
    let run = '';
    await planned({
      before: async (sql) => {
        const [{ asked }] = await sql`
          select public.import_begin(i.organisation_id, i.user_id, 'google', 'c', now(), now() + interval '60 days',
            'import', ${worker}, 120) as asked
          from public.calendar_integrations i where i.account_id = 'account-1'` as [
          { asked: { lane: { runId: string } } },
        ];
        run = asked.lane.runId;
      },
      does: (sql) => page(sql, run, worker),
    });
    // Statements in functions are in the plans of their callers as one row: none is counted twice.
    expect(plans.reduce((sum, { root }) => sum + work(root), 0)).toBeLessThan(EACH_EVENT * PAGE);
  });
});

describe('among thousands of practices, of which some wait for their person,', () => {
  test('the tables that grow with them are the ones looked at', () => {
    expect([...large].sort()).toEqual([
      'appointment_external_links',
      'calendar_cursors',
      'calendar_integrations',
      'external_events',
      'organisations',
      'practice_shares',
      'sync_lanes',
      'sync_outbox',
      'watch_channels',
    ]);
  });

  test.each(Object.keys(WORK))('%s reads what is due, and goes through no table', async (what) => {
    expect(await planned(WORK[what]!)).toEqual([]);
  });

  test.each([
    ['a sweep', 'private.lane_notices (integration_id, due_at) select i.id, now()'],
    ['a sweep of imports', `private.calendar_notices (integration_id, calendar_id, told_at) select i.id, 'c', now()`],
  ])('%s does so too where Postgres has counted many notices', async (what, notices) => {
    // Of an analysis that is rolled back the count is kept, and what is in the columns is not.
    await planned({
      does: (sql) =>
        sql.unsafe(`insert into ${notices} from public.calendar_integrations i limit 100;
          analyze private.lane_notices; analyze private.calendar_notices; select private.sweep()`),
    });
    expect(await planned(WORK[what]!)).toEqual([]);
  });

  test('health goes through no table either', async () => {
    expect((await planned({ does: (sql) => sql`select public.sync_health()` })).filter((one) => one.startsWith('goes')))
      .toEqual(
        [],
      );
  });

  test.each([
    ['private.sync_lanes_due', 'a claim with one lane due'],
    ['private.sync_lanes_due', 'a sweep'],
    ['private.sync_lanes_hurried', 'a claim of what a person has changed, while everything is due'],
    ['private.practice_shares_over', 'a claim of calendars, while everything is due'],
    ['private.calendar_cursors_due', 'a claim of a calendar that is overdue'],
    ['private.calendar_cursors_due', 'a sweep of imports'],
    ['private.calendar_cursors_told', 'a claim of a calendar that was told'],
    ['private.watch_channels_secret', 'a notice'],
  ])('without %s, %s would be seen to', async (index, what) => {
    expect(await planned(WORK[what]!, index)).not.toEqual([]);
  });
});
