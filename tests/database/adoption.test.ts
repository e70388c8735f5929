/** The sync in a practice app whose tables were there before it, under names of their own (docs/adopt.md). */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { adoptedProject } from './adopted/adopted.ts';
import { claim, CLAIRE, connect, DENTIST, JEANNE, PORT, pushAll, VISIT } from './adopted/clinic.ts';
import { type TestDatabase, testDatabase } from './database.ts';

let db: TestDatabase;
let integration: string;

beforeAll(async () => {
  const directory = await adoptedProject();
  try {
    db = await testDatabase({ directory });
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}, 60_000);
afterAll(() => db?.stop());

beforeEach(async () => {
  await db.admin`delete from public.calendar_integrations`;
  await db.admin`delete from private.left_events`;
  await db.admin`delete from clinic.visits`;
  await db
    .admin`insert into clinic.people (person, practice, given, family) values (${JEANNE}, ${PORT}, 'Jeanne', 'Roux')
    on conflict (person) do update set given = excluded.given`;
  await db
    .admin`insert into clinic.visits (visit, practice, dentist, person, "Kind", treatment, begins, finishes) values
    (${VISIT}, ${PORT}, ${DENTIST}, ${JEANNE}, 'Contrôle', 'Détartrage', now() + interval '2 days',
      now() + interval '2 days 1 hour')`;
  await db.admin`delete from private.sync_outbox`;
  integration = await connect(db);
});

const dirty = async () =>
  (await db.admin`select rdv_id from private.sync_outbox`).map(({ rdv_id }) => rdv_id as string);
const nothingWaits = () => db.admin`delete from private.sync_outbox`;

describe('an adopted practice app', () => {
  test('has its appointments claimed under the sync’s names', async () => {
    const { jobs } = await claim(db);
    expect(jobs).toMatchObject([{
      rdvId: VISIT,
      rdv: {
        type: 'Contrôle',
        act: 'Détartrage',
        practitionerUserId: CLAIRE,
        practitionerName: 'Dr Claire Moreau',
        patient: { firstName: 'Jeanne', lastName: 'Roux' },
      },
    }]);
  });

  test('writes its own tables, in its own way, and the sync hears of it', async () => {
    await pushAll(db, integration);
    expect(await dirty()).toEqual([]);
    const as = (work: string) => db.asUser(CLAIRE, (sql) => sql.unsafe(work));
    const [booked] = await as(`insert into clinic.visits (practice, dentist, begins)
      values ('${PORT}', '${DENTIST}', now() + interval '3 days') returning visit`);
    expect(await dirty()).toEqual([booked!.visit]);
    await nothingWaits();
    await as(`update clinic.visits set price = 12 where visit = '${VISIT}'`);
    expect(await dirty()).toEqual([]); // no event shows it
    await as(`update clinic.visits set remarks = 'Apporter les radios' where visit = '${VISIT}'`);
    expect(await dirty()).toEqual([VISIT]);
    await nothingWaits();
    await as(`update clinic.people set insurance_no = '1' where person = '${JEANNE}'`);
    expect(await dirty()).toEqual([]);
    await as(`update clinic.people set given = 'Jeannette' where person = '${JEANNE}'`);
    expect(await dirty()).toEqual([VISIT]);
    await nothingWaits();
    await db.admin`update clinic.staff set full_name = 'Dr C. Moreau' where staff = ${DENTIST}`;
    expect(await dirty()).toEqual([VISIT]);
    await nothingWaits();
    await db.admin`update clinic.practices set fees = 1 where practice = ${PORT}`;
    expect(await dirty()).toEqual([]);
    await db.admin`update clinic.practices set zone = 'Europe/Brussels' where practice = ${PORT}`;
    expect(await dirty()).toContain(VISIT);
    await nothingWaits();
    await as(`delete from clinic.visits where visit = '${VISIT}'`);
    expect(await dirty()).toEqual([VISIT]);
    expect(await pushAll(db, integration)).toMatchObject([{ rdvId: VISIT, rdv: null, link: { state: 'live' } }]);
    expect(await dirty()).toEqual([]);
  });

  test('marks a thousand bookings by one statement, and keeps none of what they said beside', async () => {
    await nothingWaits();
    await db.admin`insert into clinic.visits (practice, dentist, begins)
      select ${PORT}, ${DENTIST}, now() + n * interval '1 hour' from generate_series(1, 1000) n`;
    expect(await dirty()).toHaveLength(1000);
    expect(await db.admin`select from private.rdv_insert`).toEqual([]);
  });

  test('deletes a patient, and what tells of them goes from appointments and events', async () => {
    const [visit] = await db.admin`insert into clinic.visits (practice, dentist, person, remarks, room, begins)
      values (${PORT}, ${DENTIST}, ${JEANNE}, 'Allergie', 'Salle 2', now() + interval '4 days') returning visit`;
    await pushAll(db, integration);
    await db.asUser(CLAIRE, (sql) => sql`delete from clinic.people where person = ${JEANNE}`);
    expect(await db.admin`select person, remarks, room from clinic.visits where visit = ${visit!.visit}`)
      .toEqual([{ person: null, remarks: null, room: null }]);
    const { jobs } = await claim(db);
    expect(jobs.find(({ rdvId }) => rdvId === visit!.visit)).toMatchObject({ rdv: null, link: { state: 'live' } });
  });

  test('loses a member, and their connection ends', async () => {
    await db.admin`update clinic.staff set login = null where staff = ${DENTIST}`;
    try {
      expect(await db.admin`select export_enabled from public.calendar_integrations where disconnected_at is null`)
        .toEqual([]);
      expect(await db.admin`select from private.credentials`).toEqual([]);
    } finally {
      await db.admin`update clinic.staff set login = ${CLAIRE} where staff = ${DENTIST}`;
    }
  });

  test('deletes a practice, and its connections go with it', async () => {
    const [other] = await db.admin`insert into clinic.practices (label) values ('Éphémère') returning practice`;
    await db.admin`insert into public.calendar_integrations (organisation_id, user_id, provider, account_id)
      values (${other!.practice}, ${CLAIRE}, 'google', 'sub-2')`;
    await db.admin`delete from clinic.practices where practice = ${other!.practice}`;
    expect(await db.admin`select from public.calendar_integrations where account_id = 'sub-2'`).toEqual([]);
  });

  test('keeps its rows from other practices under the sync’s names too', async () => {
    const MARC = '3a2c0000-0000-4000-8000-00000000000b';
    const seen = (user: string) => db.asUser(user, (sql) => sql`select id from public.rdv`);
    expect(await seen(CLAIRE)).not.toEqual([]);
    expect(await seen(MARC)).toEqual([]);
    await expect(db.asUser(MARC, (sql) => sql`update public.rdv set notes = 'x'`)).rejects.toThrow('permission denied');
  });

  test('goes on with its own triggers, for what the sync writes too', async () => {
    await db.admin`delete from clinic.history`;
    await db.admin`update public.rdv set status = 'cancelled' where id = ${VISIT}`;
    const [visit] = await db.admin`select visit_no, state, changed_at > now() - interval '1 minute' as touched
      from clinic.visits where visit = ${VISIT}`;
    expect(visit).toMatchObject({ state: 'cancelled', touched: true });
    expect(await db.admin`select visit_no, what from clinic.history`)
      .toEqual([{ visit_no: visit!.visit_no, what: 'update' }]);
  });

  test('may change its mapping later', async () => {
    const mapping = await Deno.readTextFile(new URL('./adopted/mapping.sql', import.meta.url));
    await db.owner.unsafe(mapping.replace('"act": "treatment"', '"act": "remarks"'));
    await db.admin`update clinic.visits set remarks = 'Empreinte' where visit = ${VISIT}`;
    expect((await claim(db)).jobs).toMatchObject([{ rdvId: VISIT, rdv: { act: 'Empreinte' } }]);
    await db.owner.unsafe(mapping);
  });

  test('is read by a column of the same name where the mapping leaves it out, one for pages too', async () => {
    const mapping = await Deno.readTextFile(new URL('./adopted/mapping.sql', import.meta.url));
    await db.admin`alter table clinic.people add column birth_date date default '1980-02-03'`;
    await db.owner.unsafe(mapping);
    expect(await db.admin`select birth_date::text from public.patients where id = ${JEANNE}`)
      .toEqual([{ birth_date: '1980-02-03' }]);
    await db.admin`alter table clinic.people drop column birth_date cascade`;
    await db.owner.unsafe(mapping);
  });
});

describe('a table that cannot be adopted', () => {
  const adopt = (name: string, table: string, columns: Record<string, string>) =>
    db.owner`select private.adopt_table(${name}, ${table}::regclass, ${db.owner.json(columns)})`;
  const visits = {
    id: 'visit',
    organisation_id: 'practice',
    practitioner_id: 'dentist',
    patient_id: 'person',
    type: '"Kind"',
    act: 'treatment',
    notes: 'remarks',
    location: 'room',
    starts_at: 'begins',
    ends_at: 'finishes',
    status: 'state',
    source: 'made_by',
    updated_at: 'changed_at',
  };

  test('has integer keys: the error says what to do, and what was adopted stays', async () => {
    await expect(adopt('rdv', 'clinic.visits', { ...visits, id: 'visit_no' })).rejects.toThrow(
      'Adopt clinic.visits as rdv: id is bigint, and keys must be uuid: ' +
        'give the table a uuid column beside its own key, and map that',
    );
    expect(await db.admin`select from public.rdv where id = ${VISIT}`).toHaveLength(1);
  });

  test.each([
    ['has a written column that is an expression', { status: 'lower(state)' }, 'status must be a column of the table'],
    ['has times without a zone', { starts_at: 'begins::timestamp' }, 'starts_at is timestamp without time zone, not'],
    [
      'lacks columns',
      { notes: undefined, source: undefined },
      'Adopt clinic.visits as rdv: neither the table nor the mapping has notes (written), source (written)',
    ],
    ['is mapped to a column that it has not', { notes: 'wat' }, 'Adopt clinic.visits as rdv: column "wat" does not'],
    [
      'has more than one fault',
      { id: 'practice', status: 'lower(state)' },
      'status must be a column of the table, not an expression; practice must be unique',
    ],
    ['has a key that is not unique', { id: 'practice' }, 'practice must be unique'],
    ['is told of a column that the sync does not have', { fee: 'x' }, 'the sync needs no column fee'],
  ])('%s', async (_what, change, problem) => {
    const columns = Object.fromEntries(Object.entries({ ...visits, ...change }).filter(([, value]) => value)) as Record<
      string,
      string
    >;
    await expect(adopt('rdv', 'clinic.visits', columns)).rejects.toThrow(problem);
  });

  test('asks for more than an import can give', async () => {
    await db.admin`alter table clinic.visits add column chair text not null default 'A'`;
    await db.admin`alter table clinic.visits alter column chair drop default`;
    try {
      await expect(adopt('rdv', 'clinic.visits', visits)).rejects.toThrow('chair has no default and may not be null');
    } finally {
      await db.admin`alter table clinic.visits drop column chair`;
    }
  });

  test('would take the place of a view that the app made itself: that stays, and so it does when the sync leaves', async () => {
    const undone = new Error('undone');
    await expect(db.owner.begin(async (sql) => {
      await sql`select private.leave_table('patients')`;
      await sql`create view public.patients as select person as id from clinic.people`;
      await expect(sql.savepoint((inner) =>
        inner`select private.adopt_table('patients', 'clinic.people', '{
          "id": "person", "organisation_id": "practice", "first_name": "given", "last_name": "family"
        }')`
      )).rejects.toThrow('Adopt clinic.people as patients: relation "patients" already exists');
      await sql`select private.leave_table('patients')`;
      expect(await sql`select to_regclass('public.patients') is not null as there`).toEqual([{ there: true }]);
      throw undone;
    })).rejects.toBe(undone);
  });

  test('bears the sync’s own name, and is mapped all the same', async () => {
    await db.admin`alter view public.patients rename to as_it_was`;
    await db.admin`create table public.patients (id uuid primary key)`;
    try {
      await expect(adopt('patients', 'public.patients', { first_name: 'given' })).rejects.toThrow(
        'a table of that name in public cannot be mapped',
      );
    } finally {
      await db.admin`drop table public.patients`;
      await db.admin`alter view public.as_it_was rename to patients`;
    }
  });

  test('does not know its versions', async () => {
    await db.admin`drop trigger visits_touch on clinic.visits`;
    await expect(adopt('rdv', 'clinic.visits', visits)).rejects.toThrow('no trigger before update keeps updated_at');
    await db.admin`create trigger visits_touch before update on clinic.visits
      for each row execute function clinic.touch()`;
  });
});

describe('the page on adoption', () => {
  const page = Deno.readTextFileSync(new URL('../../docs/adopt.md', import.meta.url));

  test('tables every column of the contract, with its type and use', async () => {
    const documented = page.split('\n').filter((line) => /^\| `\w+\.\w+` +\|/.test(line)).map((line) =>
      line.split('|').slice(1, 4).map((cell) => cell.trim().replaceAll('`', ''))
    );
    const known = await db.admin<{ name: string; type: string; use: string }[]>`
      select c.host_table || '.' || c.host_column as name,
        case c.type when 'timestamptz'::regtype then 'timestamptz' else c.type::text end as type, c.use
      from private.host_columns() c order by c.place`;
    expect(documented).toEqual(known.map(({ name, type, use }) => [name, type, use]));
  });

  test('has the mapping that is tested here', async () => {
    expect(page).toContain(await Deno.readTextFile(new URL('./adopted/mapping.sql', import.meta.url)));
  });

  test('has an example of an app that keeps minutes, in which both sides may write', async () => {
    const [, example] = /```sql\n(alter table office[^`]+)```/.exec(page)!;
    const undone = new Error('undone');
    await expect(db.admin.begin(async (sql) => {
      await sql`create schema office`;
      await sql`create table office.bookings (booking integer, starts timestamptz, minutes integer)`;
      await sql`insert into office.bookings values (1, '2027-01-01T09:00Z', 30)`;
      await sql.unsafe(example!);
      const until = async () => {
        const [row] = await sql`select ends, minutes from office.bookings`;
        return [row!['ends'].toISOString().slice(11, 16), row!['minutes']];
      };
      expect(await until()).toEqual(['09:30', 30]);
      await sql`update office.bookings set minutes = 45`;
      expect(await until()).toEqual(['09:45', 45]);
      await sql`update office.bookings set ends = '2027-01-01T10:00Z'`;
      expect(await until()).toEqual(['10:00', 60]);
      throw undone;
    })).rejects.toBe(undone);
  });
});
