/** Who reaches what in the database, and what is told to whom: all of it declared, nothing by default. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bringUpToDate } from '../../local/database.ts';
import { TABLES } from '../../web/src/backend/realtime.ts';
import { type BareDatabase, bareDatabase } from '../local/bare_database.ts';

let db: BareDatabase;
beforeAll(async () => {
  db = await bareDatabase();
  // As a hosted project has it before the first migration.
  await db.admin`create publication supabase_realtime`;
  await db.admin`alter publication supabase_realtime owner to postgres`;
  await bringUpToDate(db.dbUrl, { mayBeForeign: false });
}, 60_000);
afterAll(() => db?.stop());

const API_ROLES = ['anon', 'authenticated', 'service_role'] as const;

/** What people call, by itself or within row level security. Everything else is the service's, or the owner's alone. */
const FOR_PEOPLE = [
  'private.my_administered_organisations()',
  'private.my_organisations()',
  // Row level security decides what of their findings is seen.
  'private.patients_named(uuid,text,integer)',
  'private.taken_times(uuid,timestamp with time zone,timestamp with time zone)',
  'busy_times(uuid,timestamp with time zone,timestamp with time zone)',
  'search_appointments(uuid,text)',
  'search_patients(uuid,text)',
  // These judge for themselves who calls.
  'erase_patient(uuid)',
  'failed_appointments(uuid)',
  'make_feed(uuid,text)',
  'member_connections(uuid)',
  'remove_member(uuid,boolean)',
  'review_overlap(uuid)',
];

const executable = async (role: string): Promise<string[]> =>
  [
    ...await db.admin<Array<{ name: string }>>`
      select p.oid::regprocedure::text as name from pg_proc p
      where p.pronamespace in ('public'::regnamespace, 'private'::regnamespace)
        and has_function_privilege(${role}, p.oid, 'execute')
      order by 1`,
  ].map(({ name }) => name);

describe('a function', () => {
  test('is called by nobody who is not signed in', async () => {
    expect(await executable('anon')).toEqual([]);
  });

  test('is called by people only if it is one of a few', async () => {
    expect(await executable('authenticated')).toEqual(FOR_PEOPLE.toSorted());
  });

  test('is called by the service exactly if its comment says so', async () => {
    const declared = await db.admin<Array<{ name: string }>>`
      select p.oid::regprocedure::text as name from pg_proc p
      where p.pronamespace in ('public'::regnamespace, 'private'::regnamespace)
        and obj_description(p.oid, 'pg_proc') like 'Service only:%'`;
    const names = declared.map(({ name }) => name);
    expect(await executable('service_role')).toEqual(names.toSorted());
  });
});

describe('what a later migration creates', () => {
  beforeAll(async () => {
    await db.sql.unsafe(`
      create table public.later (id integer);
      create view public.later_view as select 1 as one;
      create sequence public.later_sequence;
      create function public.later_function() returns integer language sql as 'select 1';
      create function private.later_function() returns integer language sql as 'select 1';`);
  });
  afterAll(() =>
    db?.sql.unsafe(`
      drop function private.later_function(), public.later_function();
      drop sequence public.later_sequence;
      drop view public.later_view;
      drop table public.later;`)
  );

  test.each(API_ROLES)('is closed to %s until it is granted', async (role) => {
    const statements = [
      'select * from public.later',
      'insert into public.later values (1)',
      'select * from public.later_view',
      `select nextval('public.later_sequence')`,
      'select public.later_function()',
      'select private.later_function()',
    ];
    for (const statement of statements) {
      const attempt = db.admin.begin(async (sql) => {
        await sql.unsafe(`set local role ${role}`);
        await sql.unsafe(statement);
      });
      await expect(attempt, statement).rejects.toMatchObject({ code: '42501' });
    }
  });
});

describe('a view', () => {
  test('reads with the rights of who asks', async () => {
    const open = await db.admin`select c.oid::regclass::text as name from pg_class c
      where c.relnamespace in ('public'::regnamespace, 'private'::regnamespace) and c.relkind in ('v', 'm')
        and not coalesce(c.reloptions @> array['security_invoker=true'], false)`;
    expect([...open]).toEqual([]);
  });
});

describe('the planner’s estimate, which the API shows on request', () => {
  /** As PostgREST counts for `Prefer: count=planned`. */
  const estimated = async (user: string, query: string): Promise<number> => {
    const [row] = await db.admin.begin(async (sql) => {
      await sql`select set_config('role', 'authenticated', true),
        set_config('request.jwt.claims', ${JSON.stringify({ role: 'authenticated', sub: user })}, true)`;
      return await sql.unsafe(`explain (format json) ${query}`);
    });
    return row!['QUERY PLAN'][0].Plan['Plan Rows'];
  };

  test('says nothing of what other practices write', async () => {
    const [mine, theirs] = await db.admin`select m.organisation_id, m.user_id
      from public.organisation_members m where m.role = 'admin' order by m.organisation_id`;
    await db.admin`insert into public.patients (organisation_id, first_name, last_name, birth_date)
      select ${theirs!.organisation_id}, 'Rare', 'Rarissime', '1980-03-12' from generate_series(1, 2000)`;
    await db.admin`insert into public.rdv (organisation_id, type, act, notes, location)
      select ${theirs!.organisation_id}, 'Rare', 'Rare', 'Rare', 'Rare' from generate_series(1, 2000)`;
    await db.admin`analyze public.patients`;
    await db.admin`analyze public.rdv`;
    for (
      const [table, column, common, unknown] of [
        ['patients', 'first_name', 'Rare', 'Inconnue'],
        ['patients', 'last_name', 'Rarissime', 'Inconnue'],
        ['patients', 'search_name', ' rarissime rare', ' inconnue'],
        ['patients', 'birth_date', '1980-03-12', '1981-04-13'],
        ['rdv', 'type', 'Rare', 'Inconnue'],
        ['rdv', 'act', 'Rare', 'Inconnue'],
        ['rdv', 'notes', 'Rare', 'Inconnue'],
        ['rdv', 'location', 'Rare', 'Inconnue'],
      ] as const
    ) {
      const query = (value: string) => `select 1 from public.${table} where ${column} = '${value}'`;
      expect(await estimated(mine!.user_id, query(common)), column)
        .toBe(await estimated(mine!.user_id, query(unknown)));
    }
  });
});

describe('Realtime', () => {
  test('publishes what the client watches, and nothing else', async () => {
    const published = await db.admin<Array<{ tablename: string }>>`
      select tablename from pg_publication_tables where pubname = 'supabase_realtime' and schemaname = 'public'`;
    expect(published.map(({ tablename }) => tablename).toSorted()).toEqual(TABLES.toSorted());
  });
});
