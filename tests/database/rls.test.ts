import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bringUpToDate } from '../../local/database.ts';
import { type BareDatabase, bareDatabase } from '../local/bare_database.ts';

let db: BareDatabase;
let mine: string;
let theirs: string;
let me: string;
let secretary: string;

beforeAll(async () => {
  db = await bareDatabase();
  await bringUpToDate(db.dbUrl, { mayBeForeign: false });
  const rows = await db.admin`
    select o.id as organisation, m.user_id from public.organisations o
    join public.organisation_members m on m.organisation_id = o.id and m.role = 'admin' order by o.name`;
  [mine, theirs] = [rows[0]!.organisation, rows[1]!.organisation];
  me = rows[0]!.user_id;
  // One row of each kind in both practices, so that "sees nothing" cannot mean "there was nothing".
  for (const { organisation, user_id } of rows) {
    const [integration] = await db.admin`
      insert into public.calendar_integrations (organisation_id, user_id, provider, account_id)
      values (${organisation}, ${user_id}, 'google', ${'sub-' + organisation}) returning id`;
    const [rdv] = await db.admin`select id from public.rdv where organisation_id = ${organisation} limit 1`;
    await db.admin`
      insert into public.appointment_external_links (organisation_id, rdv_id, integration_id, provider)
      values (${organisation}, ${rdv!.id}, ${integration!.id}, 'google')`;
    await db.admin`
      insert into public.sync_runs (organisation_id, integration_id, direction, trigger, started_at)
      values (${organisation}, ${integration!.id}, 'export', 'change', now())`;
    await db.admin`
      insert into public.sync_conflicts (organisation_id, user_id, integration_id, source, entity_type, reason)
      values (${organisation}, ${user_id}, ${integration!.id}, 'google', 'appointment', 'deleted')`;
    await db.admin`
      insert into public.sync_run_items (organisation_id, run_id, action)
      select organisation_id, id, 'create' from public.sync_runs where integration_id = ${integration!.id}`;
    await db.admin`
      insert into public.external_events (organisation_id, integration_id, user_id, provider, external_calendar_id,
        external_event_id, status, kind, start_at, end_at, visibility, availability, last_synced_at)
      values (${organisation}, ${integration!.id}, ${user_id}, 'google', 'cal', 'event', 'confirmed', 'appointment',
        now(), now() + interval '1 hour', 'normal', 'busy', now())`;
  }
  const [login] = await db.admin`
    insert into auth.users (id, email) values (gen_random_uuid(), 'secretary@cabinet-lumiere.test') returning id`;
  secretary = login!.id;
  await db.admin`
    insert into public.organisation_members (organisation_id, user_id, role, display_name)
    values (${mine}, ${secretary}, 'secretary', 'Accueil')`;
});

afterAll(() => db?.stop());

type Answer = { rows: Record<string, unknown>[]; code: string | null };

/** Runs one statement as the API would run it for a person, and takes it back. */
async function as(role: string, user: string | null, statement: string): Promise<Answer> {
  let answer: Answer = { rows: [], code: null };
  await db.admin.begin(async (sql) => {
    await sql`select set_config('request.jwt.claims', ${JSON.stringify({ sub: user, role })}, true)`;
    await sql`select set_config('request.jwt.claim.sub', ${user ?? ''}, true)`;
    await sql.unsafe(`set local role ${role}`);
    try {
      answer = { rows: [...await sql.unsafe(statement)], code: null };
    } catch (error) {
      answer = { rows: [], code: (error as { code: string }).code };
    }
    throw new Rollback();
  }).catch((error) => {
    if (!(error instanceof Rollback)) throw error;
  });
  return answer;
}
class Rollback extends Error {}

const TENANT_TABLES = [
  'organisation_members',
  'patients',
  'rdv',
  'calendar_integrations',
  'appointment_external_links',
  'sync_conflicts',
  'sync_runs',
  'sync_run_items',
  'external_events',
];
const READ_ONLY = [
  'calendar_integrations',
  'appointment_external_links',
  'sync_conflicts',
  'sync_runs',
  'sync_run_items',
  'external_events',
];

describe('every table with rows of tenants', () => {
  test('has row level security', async () => {
    const open = await db.admin`
      select n.nspname || '.' || c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind = 'r' and n.nspname in ('public', 'private') and not c.relrowsecurity`;
    expect(open.map((row) => row.name)).toEqual([]);
  });

  test.each(TENANT_TABLES)('%s shows a member their own practice and nothing of another', async (table) => {
    const seen = await as('authenticated', me, `select distinct organisation_id from public.${table}`);
    expect(seen).toEqual({ rows: [{ organisation_id: mine }], code: null });
  });

  test.each(TENANT_TABLES)('%s shows a signed-in stranger nothing', async (table) => {
    const seen = await as('authenticated', crypto.randomUUID(), `select 1 from public.${table}`);
    expect(seen).toEqual({ rows: [], code: null });
    expect(await as('authenticated', null, `select 1 from public.${table}`)).toEqual({ rows: [], code: null });
  });

  test.each([...TENANT_TABLES, 'organisations'])('%s answers nobody who is not signed in', async (table) => {
    for (const statement of [`select 1 from public.${table}`, `delete from public.${table} where true`]) {
      expect((await as('anon', null, statement)).code).toBe('42501');
    }
  });

  test.each(['patients', 'rdv'])('%s of another practice cannot be changed, removed or planted', async (table) => {
    const field = table === 'rdv' ? 'type' : 'last_name';
    const updated = await as(
      'authenticated',
      me,
      `update public.${table} set ${field} = 'x' where organisation_id = '${theirs}' returning id`,
    );
    expect(updated).toEqual({ rows: [], code: null });
    const deleted = await as(
      'authenticated',
      me,
      `delete from public.${table} where organisation_id = '${theirs}' returning id`,
    );
    expect(deleted).toEqual({ rows: [], code: null });
    const planted = await as(
      'authenticated',
      me,
      `insert into public.${table} (organisation_id, ${field}) values ('${theirs}', 'x')`,
    );
    expect(planted.code).toBe('42501');
  });

  test.each(['patients', 'rdv'])('%s of the own practice can be added, changed and removed', async (table) => {
    const field = table === 'rdv' ? 'type' : 'last_name';
    for (const user of [me, secretary]) {
      const added = await as(
        'authenticated',
        user,
        `insert into public.${table} (organisation_id, ${field}) values ('${mine}', 'x') returning id`,
      );
      expect(added.rows).toHaveLength(1);
      const updated = await as(
        'authenticated',
        user,
        `update public.${table} set ${field} = 'x' where true returning organisation_id`,
      );
      expect(new Set(updated.rows.map((row) => row.organisation_id))).toEqual(new Set([mine]));
      expect((await as('authenticated', user, `delete from public.${table} where true returning id`)).code).toBeNull();
    }
  });

  test('an appointment cannot name a patient or a practitioner of another practice', async () => {
    for (const [column, table] of [['patient_id', 'patients'], ['practitioner_id', 'organisation_members']]) {
      const [foreign] = await db.admin`select id from ${
        db.admin('public.' + table)
      } where organisation_id = ${theirs} limit 1`;
      const answer = await as(
        'authenticated',
        me,
        `insert into public.rdv (organisation_id, ${column}) values ('${mine}', '${foreign!.id}')`,
      );
      expect(answer.code).toBe('23503');
    }
  });

  test('an appointment cannot change practice or origin', async () => {
    for (const assignment of [`organisation_id = '${theirs}'`, `source = 'google'`]) {
      expect((await as('authenticated', me, `update public.rdv set ${assignment} where true`)).code).toBe('42501');
    }
  });

  test.each(READ_ONLY)('%s is written by the functions alone', async (table) => {
    for (
      const statement of [
        `insert into public.${table} (organisation_id) values ('${mine}')`,
        `update public.${table} set organisation_id = organisation_id where true`,
        `delete from public.${table} where true`,
      ]
    ) {
      expect((await as('authenticated', me, statement)).code).toBe('42501');
    }
  });

  test('members rename themselves, and nobody promotes themselves', async () => {
    const own = await as(
      'authenticated',
      secretary,
      `update public.organisation_members set display_name = 'Moi' where true returning user_id`,
    );
    expect(own.rows).toEqual([{ user_id: secretary }]);
    const promoted = await as(
      'authenticated',
      secretary,
      `update public.organisation_members set role = 'admin' where true`,
    );
    expect(promoted.code).toBe('42501');
  });

  test('members choose their initials and colour, within bounds; a new one gets a colour that the fewest have', async () => {
    const choose = (set: string) =>
      as(
        'authenticated',
        secretary,
        `update public.organisation_members set ${set} where true returning initials, color`,
      );
    expect((await choose(`initials = 'ÉN', color = 10`)).rows).toEqual([{ initials: 'ÉN', color: 10 }]);
    for (const refused of [`initials = 'ABCD'`, `initials = ''`, `initials = ' A'`, 'color = 0', 'color = 11']) {
      expect((await choose(refused)).code, refused).toBe('23514');
    }
    const { rows } = await as(
      'authenticated',
      me,
      `with added as (
        insert into public.organisation_members (organisation_id, role, display_name)
        select '${mine}', 'practitioner', 'x' from generate_series(1, 12) returning color
      )
      select (select count(distinct color) from added)::integer as colours,
        (select max(n) from (select count(*) as n from added group by color) as c)::integer as most`,
    );
    expect(rows).toEqual([{ colours: 10, most: 2 }]);
  });

  test('only administrators edit the practice and its members', async () => {
    const rename = `update public.organisations set name = 'x' where true returning id`;
    expect((await as('authenticated', me, rename)).rows).toEqual([{ id: mine }]);
    expect((await as('authenticated', secretary, rename)).rows).toEqual([]);
    const zone = `update public.organisations set timezone = 'Europe/Lisbon' where true returning id`;
    expect(await as('authenticated', me, zone)).toEqual({ rows: [{ id: mine }], code: null });
    expect((await as('authenticated', me, zone.replace('Europe/Lisbon', 'Europe/Nowhere'))).code).toBe('22023');
    const add =
      `insert into public.organisation_members (organisation_id, role, display_name) values ('${mine}', 'practitioner', 'x')`;
    expect((await as('authenticated', me, add)).code).toBeNull();
    expect((await as('authenticated', secretary, add)).code).toBe('42501');
    expect(
      (await as('authenticated', secretary, `delete from public.organisation_members where true returning id`)).rows,
    ).toEqual([]);
  });

  test('nobody makes another login a member', async () => {
    const answer = await as(
      'authenticated',
      me,
      `update public.organisation_members set user_id = '${secretary}' where true`,
    );
    expect(answer.code).toBe('42501');
  });
});

describe('what is private', () => {
  test('no table of it can be read by any API role, the service included', async () => {
    const tables = await db
      .admin`select c.relname from pg_class c where c.relnamespace = 'private'::regnamespace and c.relkind = 'r'`;
    expect(tables.length).toBeGreaterThan(6);
    for (const { relname } of tables) {
      for (const role of ['anon', 'authenticated', 'service_role']) {
        expect((await as(role, me, `select 1 from private.${relname}`)).code, `${role} on ${relname}`).toBe('42501');
      }
    }
  });

  test('the functions of the service are closed to people; a few are theirs', async () => {
    const open = await db.admin`
      select p.oid::regprocedure::text as name, r.rolname from pg_proc p, pg_roles r
      where p.pronamespace = 'public'::regnamespace and r.rolname in ('anon', 'authenticated')
        and has_function_privilege(r.oid, p.oid, 'execute') order by 1`;
    expect(open.map(({ name, rolname }) => `${rolname}: ${name}`)).toEqual([
      'authenticated: busy_times(uuid,timestamp with time zone,timestamp with time zone)',
      'authenticated: erase_patient(uuid)',
      'authenticated: failed_appointments(uuid)',
      'authenticated: make_feed(uuid,text)',
      'authenticated: member_connections(uuid)',
      'authenticated: remove_member(uuid,boolean)',
      'authenticated: review_overlap(uuid)',
      'authenticated: search_appointments(uuid,text)',
      'authenticated: search_patients(uuid,text)',
    ]);
  });

  test('every function pins its search path', async () => {
    const loose = await db.admin`
      select p.oid::regprocedure::text as name from pg_proc p
      where p.pronamespace in ('public'::regnamespace, 'private'::regnamespace)
        and not coalesce(p.proconfig @> array['search_path=""'], false)`;
    expect([...loose]).toEqual([]);
  });

  test('every table, and every function of ours, says what it is for', async () => {
    const silent = await db.admin`
      select c.oid::regclass::text as name from pg_class c
      where c.relnamespace in ('public'::regnamespace, 'private'::regnamespace) and c.relkind = 'r' and obj_description(c.oid, 'pg_class') is null
      union all
      select p.oid::regprocedure::text from pg_proc p
      where p.pronamespace in ('public'::regnamespace, 'private'::regnamespace) and obj_description(p.oid, 'pg_proc') is null`;
    expect([...silent]).toEqual([]);
  });
});
