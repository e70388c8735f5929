/** What a reading's calls read of the tables that grow, whatever the planner believed when the session made its plans. */
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newPerson, type TestDatabase, testDatabase, type TestPerson } from './database.ts';

/** Of these, whatever grows with calendars and their events. */
const TABLES = [
  'external_events',
  'appointment_external_links',
  'link_states',
  'import_staging',
  'sync_run_items',
  'rdv',
];
const CALENDAR = 'calendar';
const TOMORROW = Date.now() + 86_400_000;

let db: TestDatabase;
let person: TestPerson;
let integration: string;

beforeAll(async () => {
  db = await testDatabase();
  person = await newPerson(db);
  const { organisation, user } = person;
  const [stored] = await db.admin`select public.connect_store(
    ${organisation}, ${user}, 'google', 'sub', null, array['s'], 'access', 3600, 'refresh') as value`;
  integration = stored!.value.integrationId;
  await db.admin`select public.integration_update(${organisation}, ${user}, 'google', ${
    db.admin.json({ import_enabled: true, calendar_source_id: CALENDAR, calendar_source_name: 'C' })
  })`;
  // Statistics are gathered here, of empty tables, and not again.
  for (const table of TABLES) {
    const schema = ['link_states', 'import_staging'].includes(table) ? 'private' : 'public';
    await db.admin.unsafe(`alter table ${schema}.${table} set (autovacuum_enabled = off)`);
    await db.admin.unsafe(`vacuum analyze ${schema}.${table}`);
  }
}, 60_000);
afterAll(() => db?.stop());

/** A page of so many events, as columns. */
function page(count: number, version: string, prefix = 'event') {
  const each = <T>(value: (n: number) => T) => Array.from({ length: count }, (_, n) => value(n));
  const at = (n: number) => new Date(TOMORROW + n * 60_000).toISOString();
  const absent = each(() => null);
  return {
    eventId: each((n) => `${prefix}-${n}`),
    etag: each(() => version),
    status: each(() => 'confirmed'),
    kind: each(() => 'appointment'),
    title: each((n) => `Réunion ${n}`),
    description: each(() => ''),
    location: each(() => ''),
    allDay: each(() => false),
    startsAt: each(at),
    endsAt: each((n) => at(n + 30)),
    startDay: absent,
    endDay: absent,
    timeZone: each(() => 'Europe/Paris'),
    availability: each(() => 'free'),
    visibility: each(() => 'normal'),
    marker: absent,
    updatedAt: each(() => new Date().toISOString()),
    url: absent,
    attendees: each(() => '[]'),
    ownResponse: absent,
    seriesId: absent,
    requestedId: absent,
  };
}

/** A reading of so many events in one session: claimed, staged, asked about and finished. */
async function read(sql: postgres.Sql, count: number, version: string, prefix?: string): Promise<number> {
  const worker = crypto.randomUUID();
  await sql`update private.calendar_cursors set next_poll_at = private.clock() - interval '1 second'
    where integration_id = ${integration}`;
  const [claimed] = await sql`select public.import_claim(${worker}, 'google', 1, 60) as value`;
  const { runId } = claimed!.value.lanes[0];
  if (count > 0) {
    await sql`select public.import_stage(
      ${worker}, ${runId}, ${JSON.stringify(page(count, version, prefix))}::text::json, '[]', null, 1, 'token')`;
    await sql`select public.import_ours(${worker}, ${runId})`;
  }
  const [finished] = await sql`select public.import_finish(${worker}, ${runId}, 'token', '[]', 0) as value`;
  const { created, updated } = finished!.value.summary;
  return created + updated;
}

async function rowsRead(sql: postgres.Sql): Promise<number> {
  const [row] = await sql`
    select sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::int as rows
    from pg_stat_xact_user_tables where relname = any (${TABLES})`;
  return row!.rows ?? 0;
}

test('a poll, the echo of an event of ours and a change of others look at no other appointment, here or elsewhere', async () => {
  const { organisation } = await newPerson(db);
  await db.admin.begin(async (sql) => {
    await sql`set local session_replication_role = replica`;
    await sql`insert into public.rdv (organisation_id, starts_at, ends_at)
      select ${organisation}, now(), now() + interval '1 hour' from generate_series(1, 20000)`;
    await sql`with booked as (
        insert into public.rdv (organisation_id, starts_at, ends_at)
        select ${person.organisation}, now(), now() + interval '1 hour' from generate_series(1, 2000) returning id
      ), link as (
        insert into public.appointment_external_links
          (organisation_id, rdv_id, integration_id, provider, external_calendar_id, external_event_id, etag, epoch)
        select ${person.organisation}, id, ${integration}, 'google', ${CALENDAR}, 'ours-' || row_number() over () - 1,
          '1', 1
        from booked returning id
      )
      insert into private.link_states (link_id, integration_id, state) select id, ${integration}, 'live' from link`;
  });
  try {
    // First with statistics of no event of ours, then of these.
    for (const known of ['public.rdv', 'public.rdv, public.appointment_external_links, private.link_states']) {
      await db.admin.unsafe(`vacuum analyze ${known}`);
      const session = postgres(db.dbUrl, { max: 1, onnotice: () => {} });
      try {
        // The first reading is of everything; after some more a plan is kept.
        for (let n = 0; n < 8; n++) await read(session, n % 2, '1', 'ours');
        await session.begin(async (transaction) => {
          const sql = transaction as unknown as postgres.Sql;
          const before = await rowsRead(sql);
          await read(sql, 0, '1');
          const polled = await rowsRead(sql);
          await read(sql, 1, '1', 'ours');
          expect(polled - before, known).toBeLessThan(50);
          const echoed = await rowsRead(sql);
          expect(await read(sql, 1, crypto.randomUUID())).toBe(1);
          expect(echoed - polled, known).toBeLessThan(100);
          expect(await rowsRead(sql) - echoed, known).toBeLessThan(100);
        });
      } finally {
        await session.end();
      }
    }
  } finally {
    await db.admin`truncate public.rdv, public.appointment_external_links cascade`;
    await db.admin`vacuum analyze public.rdv, public.appointment_external_links, private.link_states`;
  }
});

describe('a session whose plans are those of empty tables', () => {
  test('reads each event of a large calendar a few times, however many are stored', { timeout: 60_000 }, async () => {
    const session = postgres(db.dbUrl, { max: 1, onnotice: () => {} });
    try {
      for (let n = 0; n < 7; n++) expect(await read(session, n % 2, String(n))).toBe(n % 2);
      const count = 3_000;
      for (const version of ['first', 'second']) {
        await session.begin(async (transaction) => {
          const sql = transaction as unknown as postgres.Sql;
          const before = await rowsRead(sql);
          expect(await read(sql, count, version)).toBe(count);
          expect(await rowsRead(sql) - before).toBeLessThan(60 * count);
        });
      }
    } finally {
      await session.end();
    }
  });

  test('is left as it was: planning for much ends with the call', async () => {
    const session = postgres(db.dbUrl, { max: 1, onnotice: () => {} });
    try {
      await session.begin(async (transaction) => {
        await read(transaction as unknown as postgres.Sql, 200, 'third');
        const [row] = await transaction`select current_setting('plan_cache_mode') as mode`;
        expect(row!['mode']).toBe('auto');
      });
    } finally {
      await session.end();
    }
  });
});
