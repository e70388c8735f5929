/** Who may do what to which table of which practice: every cell, before and after a person's place in a practice changes. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decide } from './decisions.ts';
import { newPerson, type TestDatabase, testDatabase, type TestPerson } from './database.ts';

let db: TestDatabase;
/** The practice that the cells are about, and another one. */
let here: string;
let there: string;
let people: Record<Actor, string | null>;
let admin: TestPerson;
let practitioner: TestPerson;
let secretary: TestPerson;
let both: TestPerson;
const conflicts: Record<string, string> = {};

const ACTORS = [
  'nobody signed in',
  'a stranger',
  'a colleague of another practice',
  'an administrator',
  'a secretary',
  'a practitioner',
  'a person of two practices',
  'a member who was removed',
  'a member who was unlinked',
] as const;
type Actor = typeof ACTORS[number];
const OPERATIONS = ['select', 'insert', 'update', 'delete'] as const;
type Operation = typeof OPERATIONS[number];
/** Refused by a grant or a policy; allowed and without a row; or done. */
type Outcome = 'refused' | 'nothing' | 'done';

const MEMBERS: readonly Actor[] = ['an administrator', 'a secretary', 'a practitioner', 'a person of two practices'];

/** Written by the functions alone. */
const SERVED = [
  'calendar_integrations',
  'appointment_external_links',
  'sync_conflicts',
  'sync_runs',
  'sync_run_items',
  'external_events',
];
const TABLES = [
  'organisations',
  'organisation_members',
  'patients',
  'rdv',
  'calendar_feeds',
  ...SERVED,
  'google_calendar_events',
];

function expected(table: string, operation: Operation, actor: Actor): Outcome {
  if (actor === 'nobody signed in') return 'refused';
  const member = MEMBERS.includes(actor);
  // A person's own affair: whose row it is, and no colleague.
  if (table === 'calendar_feeds') {
    return operation === 'insert' ? 'refused' : actor === 'a person of two practices' ? 'done' : 'nothing';
  }
  if (operation === 'select') return member ? 'done' : 'nothing';
  if (SERVED.includes(table) || table === 'google_calendar_events') return 'refused';
  if (table === 'organisations' && operation !== 'update') return 'refused';
  const may = table === 'patients' || table === 'rdv' ? member : actor === 'an administrator';
  if (may) return 'done';
  return operation === 'insert' ? 'refused' : 'nothing';
}

/** One statement for a cell; `practice` is the one whose rows it is about. */
function statement(table: string, operation: Operation, practice: string): string {
  const name = `public.${table}`;
  const mine = `${table === 'organisations' ? 'id' : 'organisation_id'} = '${practice}'`;
  const open: Record<string, { insert: string; set: string; only?: string }> = {
    organisations: { insert: `(name) values ('x')`, set: `name = 'x'` },
    organisation_members: {
      insert: `(organisation_id, role, display_name) values ('${practice}', 'practitioner', 'x')`,
      set: `display_name = 'x'`,
      only: `display_name = 'Sans compte'`,
    },
    patients: { insert: `(organisation_id, last_name) values ('${practice}', 'x')`, set: `last_name = 'x'` },
    calendar_feeds: {
      insert: `(organisation_id, event_detail) values ('${practice}', 'busy')`,
      set: `event_detail = 'busy'`,
    },
    rdv: { insert: `(organisation_id, type) values ('${practice}', 'x')`, set: `type = 'x'` },
  };
  const { insert, set, only } = open[table] ??
    { insert: `(organisation_id) values ('${practice}')`, set: 'organisation_id = organisation_id' };
  const rows = only ? `${mine} and ${only}` : mine;
  return {
    select: `select 1 from ${name} where ${mine}`,
    // What is returned is read, so the policies of reading count too.
    insert: `insert into ${name} ${insert} returning 1`,
    update: `update ${name} set ${set} where ${rows} returning 1`,
    delete: `delete from ${name} where ${rows} returning 1`,
  }[operation];
}

class Undo extends Error {}

/** Runs the statement as the API would for that person, and takes it back. */
async function outcome(user: string | null, text: string): Promise<Outcome | string> {
  let found: Outcome | string = 'nothing';
  const role = user === null ? 'anon' : 'authenticated';
  await db.admin.begin(async (sql) => {
    const claims = JSON.stringify(user === null ? { role } : { role, sub: user });
    await sql`select set_config('role', ${role}, true), set_config('request.jwt.claims', ${claims}, true)`;
    found = (await sql.unsafe(text)).length > 0 ? 'done' : 'nothing';
    throw new Undo();
  }).catch((error) => {
    if (error instanceof Undo) return;
    found = (error as { code: string }).code === '42501' ? 'refused' : `${error}`;
  });
  return found;
}

/** Something of everything, so that "nothing" never means that there was nothing. */
async function furnish({ organisation, user, member }: TestPerson): Promise<void> {
  await db.admin`insert into public.organisation_members (organisation_id, role, display_name)
    values (${organisation}, 'practitioner', 'Sans compte')`;
  await db.admin`insert into public.patients (organisation_id, last_name) values (${organisation}, 'Patient')`;
  const [rdv] = await db.admin`insert into public.rdv (organisation_id, practitioner_id, starts_at, ends_at)
    values (${organisation}, ${member}, now(), now() + interval '1 hour') returning id`;
  const [integration] = await db.admin`insert into public.calendar_integrations
      (organisation_id, user_id, provider, account_id)
    values (${organisation}, ${user}, 'google', ${user}) returning id`;
  await db.admin`insert into public.appointment_external_links (organisation_id, rdv_id, integration_id, provider)
    values (${organisation}, ${rdv!.id}, ${integration!.id}, 'google')`;
  const [run] = await db.admin`insert into public.sync_runs
      (organisation_id, integration_id, direction, trigger, started_at)
    values (${organisation}, ${integration!.id}, 'import', 'manual', now()) returning id`;
  await db.admin`insert into public.sync_run_items (organisation_id, run_id, action)
    values (${organisation}, ${run!.id}, 'create')`;
  await db.admin`insert into public.external_events (organisation_id, integration_id, user_id, provider,
      external_calendar_id, external_event_id, status, kind, start_at, end_at, visibility, availability, last_synced_at)
    values (${organisation}, ${integration!.id}, ${user}, 'google', 'cal', 'event', 'confirmed', 'appointment',
      now(), now() + interval '1 hour', 'normal', 'busy', now())`;
  const [conflict] = await db.admin`insert into public.sync_conflicts
      (organisation_id, user_id, integration_id, source, entity_type, reason, payload)
    values (${organisation}, ${user}, ${integration!.id}, 'google', 'appointment', 'mass_change',
      '{"calendar": {"title": "Rendez-vous personnel"}}') returning id`;
  conflicts[organisation] = conflict!.id;
}

beforeAll(async () => {
  db = await testDatabase();
  admin = await newPerson(db, { role: 'admin' });
  const other = await newPerson(db, { role: 'admin' });
  [here, there] = [admin.organisation, other.organisation];
  // A second administrator, so that the first may be demoted.
  await newPerson(db, { organisation: here, role: 'admin' });
  secretary = await newPerson(db, { organisation: here, role: 'secretary' });
  practitioner = await newPerson(db, { organisation: here });
  both = await newPerson(db, { organisation: here });
  const bothThere = await newPerson(db, { organisation: there, user: both.user, role: 'secretary' });
  for (const { organisation, member, user } of [both, bothThere, other]) {
    await db.admin`insert into public.calendar_feeds (organisation_id, member_id, user_id, event_detail, secret_hash)
      values (${organisation}, ${member}, ${user}, 'full', encode(sha256(convert_to(${member}, 'UTF8')), 'hex'))`;
  }
  const [removed, unlinked] = [
    await newPerson(db, { organisation: here, role: 'admin' }),
    await newPerson(db, { organisation: here, role: 'secretary' }),
  ];
  await db.admin`delete from public.organisation_members where id = ${removed.member}`;
  await db.admin`update public.organisation_members set user_id = null where id = ${unlinked.member}`;
  await furnish(admin);
  await furnish(other);
  people = {
    'nobody signed in': null,
    'a stranger': crypto.randomUUID(),
    'a colleague of another practice': other.user,
    'an administrator': admin.user,
    'a secretary': secretary.user,
    'a practitioner': practitioner.user,
    'a person of two practices': both.user,
    'a member who was removed': removed.user,
    'a member who was unlinked': unlinked.user,
  };
}, 60_000);
afterAll(() => db?.stop());

/** What each operation on each table comes to for a user. */
async function row(user: string | null, practice = here): Promise<Record<string, string>> {
  const cells: Record<string, string> = {};
  for (const table of TABLES) {
    for (const operation of OPERATIONS) {
      cells[`${operation} ${table}`] = await outcome(user, statement(table, operation, practice));
    }
  }
  return cells;
}
const rowOf = (actor: Actor) =>
  Object.fromEntries(
    TABLES.flatMap((table) =>
      OPERATIONS.map((operation) => [`${operation} ${table}`, expected(table, operation, actor)])
    ),
  );

describe('every table and view, every operation', () => {
  test('the matrix forgets no table or view that the API serves', async () => {
    const served = await db.admin<Array<{ relname: string }>>`select relname from pg_class
      where relnamespace = 'public'::regnamespace and relkind in ('r', 'v', 'm', 'p', 'f')`;
    expect(served.map(({ relname }) => relname).sort()).toEqual(TABLES.toSorted());
  });

  test.each(ACTORS)('by %s', async (actor) => {
    expect(await row(people[actor])).toEqual(rowOf(actor));
  });

  test('by a person of two practices, in the other one by the role they have there', async () => {
    const own = Object.entries(rowOf('a person of two practices')).filter(([cell]) => cell.endsWith(' calendar_feeds'));
    expect(await row(both.user, there)).toEqual({ ...rowOf('a secretary'), ...Object.fromEntries(own) });
    expect(await row(people['an administrator'], there)).toEqual(rowOf('a colleague of another practice'));
  });
});

describe('a change of place', () => {
  const restore = (role: string, { member, user }: TestPerson) =>
    db.admin`update public.organisation_members set role = ${role}, user_id = ${user} where id = ${member}`;

  test('counts from the next request on, with the token that the person has already', async () => {
    const demoted = await db.admin`update public.organisation_members set role = 'practitioner'
      where id = ${admin.member} returning id`;
    expect(demoted).toHaveLength(1);
    try {
      expect(await row(admin.user)).toEqual(rowOf('a practitioner'));
    } finally {
      await restore('admin', admin);
    }
    await db.admin`update public.organisation_members set role = 'admin' where id = ${practitioner.member}`;
    try {
      expect(await row(practitioner.user)).toEqual(rowOf('an administrator'));
    } finally {
      await restore('practitioner', practitioner);
    }
    await db.admin`update public.organisation_members set user_id = null where id = ${secretary.member}`;
    try {
      expect(await row(secretary.user)).toEqual(rowOf('a member who was unlinked'));
    } finally {
      await restore('secretary', secretary);
    }
    expect(await row(secretary.user)).toEqual(rowOf('a secretary'));
  });

  test('is nobody’s to make for themself, and no administrator’s to make elsewhere', async () => {
    const own = `update public.organisation_members set role = 'admin' where user_id =`;
    for (const person of [secretary, practitioner, both]) {
      expect(await outcome(person.user, `${own} '${person.user}' returning 1`)).toBe('refused');
    }
    const elsewhere =
      `update public.organisation_members set role = 'admin' where organisation_id = '${there}' returning 1`;
    expect(await outcome(admin.user, elsewhere)).toBe('nothing');
  });
});

describe('a person of two practices', () => {
  test('sees both, and moves nothing from one to the other', async () => {
    for (const table of TABLES.filter((name) => name !== 'organisations')) {
      const seen = `select 1 from public.${table} having count(distinct organisation_id) = 2`;
      expect(await outcome(both.user, seen), table).toBe('done');
      const moved =
        `update public.${table} set organisation_id = '${there}' where organisation_id = '${here}' returning 1`;
      expect(await outcome(both.user, moved), table).toBe('refused');
    }
    const [patient] = await db.admin`select id from public.patients where organisation_id = ${here} limit 1`;
    const [member] = await db.admin`select id from public.organisation_members where organisation_id = ${here} limit 1`;
    for (const [column, id] of [['patient_id', patient!.id], ['practitioner_id', member!.id]]) {
      const borrowed = `insert into public.rdv (organisation_id, ${column}) values ('${there}', '${id}') returning 1`;
      expect(await outcome(both.user, borrowed)).toMatch(/foreign key/);
    }
  });
});

describe('a conflict', () => {
  const resolve = (practice: string, user: string | null, id: string) =>
    decide(db, { organisation: practice, user: user as string, member: '' }, id, 'ignore')
      .then(({ status }) => status, (error: Error) => error.message);

  test.each(ACTORS)('is read by %s if they work in the practice', async (actor) => {
    const read = `select payload from public.sync_conflicts where id = '${conflicts[here]}'`;
    expect(await outcome(people[actor], read)).toBe(expected('sync_conflicts', 'select', actor));
  });

  // The service calls it with the practice that the membership table gives, so a wrong pair is an attack on that.
  test.each(ACTORS.slice(1))('is decided by %s if they work in the practice', async (actor) => {
    await db.admin`update public.sync_conflicts set status = 'open', resolution = null where true`;
    const answer = MEMBERS.includes(actor) ? 'ignored' : 'CONFLICT_NOT_FOUND';
    expect(await resolve(here, people[actor], conflicts[here]!)).toBe(answer);
    const read = db.call('conflict_read', { p_organisation: here, p_user: people[actor], p_id: conflicts[here]! });
    if (answer === 'ignored') expect(await read).toMatchObject({ id: conflicts[here] });
    else await expect(read).rejects.toThrow(/^CONFLICT_NOT_FOUND$/);
  });

  test('is not reached under the name of the person’s other practice', async () => {
    expect(await resolve(there, both.user, conflicts[here]!)).toBe('CONFLICT_NOT_FOUND');
    expect(await resolve(here, both.user, conflicts[there]!)).toBe('CONFLICT_NOT_FOUND');
  });
});
