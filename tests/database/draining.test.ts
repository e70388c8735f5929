/** What a worker's three calls read of the queue and of the links, whatever the planner believes to be in them. */
import postgres from 'postgres';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { newPerson, type TestDatabase, testDatabase, type TestPerson } from './database.ts';

const BATCH = 50;
const CLAIM = 200;
/** Of these, whatever grows with practices, appointments or the backlog. */
const TABLES = ['sync_outbox', 'appointment_external_links', 'link_states', 'rdv', 'patients', 'sync_run_items'];
const CONTENT = { title: 'Contrôle' };

let db: TestDatabase;
let person: TestPerson;
let patient: string;
let integration: string;

beforeAll(async () => {
  db = await testDatabase();
  // Statistics are gathered when the test says so.
  for (const schema of ['public', 'private']) {
    for (
      const table of await db.admin`select c.relname as name from pg_class c
      where c.relnamespace = ${schema}::regnamespace and c.relkind = 'r'`
    ) {
      await db.admin.unsafe(`alter table ${schema}.${table.name} set (autovacuum_enabled = off)`);
    }
  }
});
afterAll(() => db?.stop());

beforeEach(async () => {
  await db.admin`delete from public.calendar_integrations where true`;
  await db.admin`delete from public.organisations where true`;
  await db.admin`truncate private.sync_outbox, private.link_states, public.appointment_external_links,
    public.sync_run_items`;
  person = await newPerson(db);
  const { organisation, user } = person;
  const [row] = await db.admin`insert into public.patients (organisation_id, first_name, last_name)
    values (${organisation}, 'Anne', 'Martin') returning id`;
  patient = row!.id;
  const [stored] = await db.admin`select public.connect_store(
    ${organisation}, ${user}, 'google', 'sub', null, array['s'], 'access', 3600, 'refresh') as value`;
  integration = stored!.value.integrationId;
  await db.admin`select public.integration_update(${organisation}, ${user}, 'google', ${
    db.admin.json({ calendar_target_id: 'cal', event_detail: 'full', export_enabled: true })
  })`;
});

const book = (count: number) =>
  db.admin`insert into public.rdv (organisation_id, practitioner_id, patient_id, type, starts_at, ends_at)
    select ${person.organisation}, ${person.member}, ${patient}, 'Contrôle',
      now() + n * interval '1 hour', now() + (n + 1) * interval '1 hour'
    from generate_series(1, ${count}) n`;
const analyze = () => db.admin`vacuum analyze`;

interface Job {
  readonly rdvId: string;
  readonly version: number;
}

/** A claim, and the announcement and the report of a batch, as one worker's session sends them. */
async function work(sql: postgres.Sql): Promise<number> {
  const worker = crypto.randomUUID();
  const [claimed] = await sql`select public.sync_claim(${worker}, 'google', null, 8, ${CLAIM}, 60, null) as value`;
  const jobs: readonly Job[] = claimed!.value.lanes[0]?.jobs.slice(0, BATCH) ?? [];
  const place = ({ rdvId }: Job) => ({ calendarId: 'cal', eventId: `e${rdvId}`, epoch: 0 });
  const items = jobs.map((job) => ({ rdvId: job.rdvId, version: job.version, state: 'creating', ...place(job) }));
  await sql`select public.sync_reserve(${worker}, ${integration}, ${sql.json(items)})`;
  const results = jobs.map((job) => ({
    rdvId: job.rdvId,
    version: job.version,
    outcome: 'done',
    action: 'created',
    reason: null,
    delaySeconds: null,
    error: null,
    conflict: null,
    link: { ...place(job), etag: '"1"', state: 'live', pushed: CONTENT, base: CONTENT },
  }));
  const report = {
    runId: crypto.randomUUID(),
    trigger: 'change',
    usedUnits: 0,
    release: true,
    pauseSeconds: null,
    pauseCode: null,
    strike: false,
    worked: true,
    refused: [],
  };
  const [completed] = await sql`select public.sync_complete(
    ${worker}, ${integration}, ${sql.json(results)}, ${sql.json(report)}) as value`;
  return completed!.value.applied;
}

interface Reads {
  readonly sequential: string[];
  readonly rows: Readonly<Record<string, number>>;
}

async function counted(sql: postgres.Sql): Promise<Map<string, { sequential: number; rows: number }>> {
  const tables = await sql<{ name: string; sequential: number; rows: number }[]>`
    select relname as name, seq_scan::int as sequential, (seq_tup_read + coalesce(idx_tup_fetch, 0))::int as rows
    from pg_stat_xact_user_tables where relname = any (${TABLES})`;
  return new Map(tables.map(({ name, ...counts }) => [name, counts]));
}

/** One session whose plans are made before the backlog comes; then a round of work among it. */
async function round(queued: number, beforehand: () => Promise<unknown>): Promise<Reads> {
  await beforehand();
  const session = postgres(db.dbUrl, { max: 1, onnotice: () => {} });
  try {
    for (let n = 0; n < 7; n++) {
      await book(1);
      await work(session);
    }
    await book(queued);
    return await session.begin(async (transaction) => {
      const sql = transaction as unknown as postgres.Sql;
      const before = await counted(sql);
      expect(await work(sql)).toBe(BATCH);
      const after = await counted(sql);
      const since = (table: string, what: 'sequential' | 'rows') =>
        after.get(table)![what] - (before.get(table)?.[what] ?? 0);
      return {
        sequential: TABLES.filter((table) => since(table, 'sequential') > 0),
        rows: Object.fromEntries(TABLES.map((table) => [table, since(table, 'rows')])),
      };
    }) as Reads;
  } finally {
    await session.end();
  }
}

const STATISTICS: [string, () => Promise<unknown>][] = [
  ['that were never gathered', () => Promise.resolve()],
  ['of empty tables', analyze],
  ['of a queue that is full', async () => {
    await book(2_000);
    await analyze();
    await db.admin`truncate private.sync_outbox`;
  }],
];

describe.each(STATISTICS)('with statistics %s, a batch of a backlog', (_what, beforehand) => {
  test('is claimed, announced and reported by keys alone', async () => {
    expect((await round(2_000, beforehand)).sequential).toEqual([]);
  });

  test('reads as many rows among 3,000 as among 250, and no more than it needs', async () => {
    const few = await round(250, beforehand);
    await db.admin`truncate private.sync_outbox`;
    const many = await round(3_000, beforehand);
    const rows = TABLES.map((table) => ({ table, few: few.rows[table]!, many: many.rows[table]! }));
    expect(rows.filter(({ few, many }) => many > few + CLAIM || many > 3 * CLAIM)).toEqual([]);
  });
});
