/** Finding patients among many: by how their names begin, in the practice alone, by an index; and when their practitioner is taken. */
import type postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newPerson, type TestDatabase, testDatabase, type TestPerson } from './database.ts';

const MANY = 100_000;

let db: TestDatabase;
let here: TestPerson;
let there: TestPerson;

interface Found {
  patients: Array<{ id: string; firstName: string; lastName: string; birthDate: string | null }>;
  more: boolean;
}

const search = (text: string, user = here.user, organisation = here.organisation) =>
  db.asUser(
    user,
    async (sql) => (await sql`select public.search_patients(${organisation}, ${text}) as found`)[0]!,
  ) as Promise<{ found: Found }>;
const names = async (text: string) =>
  (await search(text)).found.patients.map(({ firstName, lastName }) => `${lastName} ${firstName}`.trim());

beforeAll(async () => {
  db = await testDatabase();
  here = await newPerson(db, { role: 'secretary' });
  there = await newPerson(db);
  // As many as the largest practice may have, and as many next door.
  for (const { organisation } of [here, there]) {
    await db.admin`insert into public.patients (organisation_id, first_name, last_name)
      select ${organisation}, initcap(translate(to_hex(n % 997), '0123456789', 'ghijklmnop')),
        initcap(translate(to_hex(n), '0123456789', 'ghijklmnop')) || 'ez'
      from generate_series(1, ${MANY}) n`;
  }
  const { organisation } = here;
  const named: Array<[practice: string, last: string, first: string, born: string | null]> = [
    [organisation, 'Lefèvre', 'Zoé', '1980-03-12'],
    [organisation, 'Lefèvre', 'Zoé', '1951-11-02'],
    [organisation, 'Œuvrard', 'Zacharie', null],
    [organisation, 'Zykowska-Wróbel', 'Łucja', null],
    [organisation, 'de La Tourzel', 'Ygor', null],
    [organisation, 'O’Zwyer', 'Yseult', null],
    [there.organisation, 'Lefèvre', 'Zoé', null],
  ];
  for (const [practice, last, first, born] of named) {
    await db.admin`insert into public.patients (organisation_id, last_name, first_name, birth_date)
      values (${practice}, ${last}, ${first}, ${born})`;
  }
  await db.admin`vacuum analyze public.patients`;
}, 120_000);
afterAll(() => db?.stop());

const longest = (text: string) => text.split(' ').sort((a, b) => b.length - a.length)[0]!;

/** How tables are read by what a person does: scans from end to end, and rows fetched by an index. */
async function readBy(
  user: string,
  tables: string[],
  act: (sql: postgres.TransactionSql) => Promise<unknown>,
  mode = 'auto',
): Promise<Array<{ table: string; seq: number; fetched: number }>> {
  return await db.asUser(user, async (sql) => {
    await sql`select set_config('plan_cache_mode', ${mode}, true)`;
    const counts = () =>
      sql<Array<{ table: string; seq: number; fetched: number }>>`
        select relname as table, seq_scan::int as seq, idx_tup_fetch::int as fetched from pg_stat_xact_user_tables
        where schemaname = 'public' and relname = any (${tables}) order by relname`;
    const before = await counts();
    await act(sql);
    return (await counts()).map(({ table, seq, fetched }, n) => ({
      table,
      seq: seq - before[n]!.seq,
      fetched: fetched - before[n]!.fetched,
    }));
  });
}

describe('a patient is found', () => {
  test.each([
    ['by the beginning of the last name', 'lefèv', ['Lefèvre Zoé', 'Lefèvre Zoé']],
    ['without accents', 'lefevre', ['Lefèvre Zoé', 'Lefèvre Zoé']],
    ['in capitals', 'LEFÈVRE', ['Lefèvre Zoé', 'Lefèvre Zoé']],
    ['with the accent written as a sign of its own', 'lefe\u0300vre', ['Lefèvre Zoé', 'Lefèvre Zoé']],
    ['last name first', 'lefevre zo', ['Lefèvre Zoé', 'Lefèvre Zoé']],
    ['first name first', 'zoe lef', ['Lefèvre Zoé', 'Lefèvre Zoé']],
    ['by the second half of a double name', 'wrobel', ['Zykowska-Wróbel Łucja']],
    ['by a letter that has no accent to lose', 'lucja', ['Zykowska-Wróbel Łucja']],
    ['by a ligature in two letters', 'oeuvrard', ['Œuvrard Zacharie']],
    ['by the name behind its particle', 'tourzel', ['de La Tourzel Ygor']],
    ['with another apostrophe', "o'zwyer", ['O’Zwyer Yseult']],
    ['however many blanks there are', '  zoe   lefevre ', ['Lefèvre Zoé', 'Lefèvre Zoé']],
  ])('%s', async (_, text, found) => {
    expect(await names(text)).toEqual(found);
  });

  test('and namesakes come with their dates of birth, the older first', async () => {
    const { found } = await search('lefevre zoe');
    expect(found.patients.map(({ birthDate }) => birthDate)).toEqual(['1951-11-02', '1980-03-12']);
  });

  test('not by the middle of a word, nor by one word of two', async () => {
    expect(await names('efevre')).toEqual([]);
    expect(await names('lefevre zacharie')).toEqual([]);
  });

  test.each(['', '   ', '%', '_', '\\', '%%%', "'"])('not by what is no word (%j)', async (text) => {
    expect((await search(text)).found).toEqual({ patients: [], more: false });
  });

  test('last names before first names, at most twenty, and it says that there are more', async () => {
    await db.admin`insert into public.patients (organisation_id, last_name, first_name)
      select ${here.organisation}, 'Ama' || n, 'Zébulon' from generate_series(10, 28) n`;
    await db.admin`insert into public.patients (organisation_id, last_name, first_name)
      values (${here.organisation}, 'Zébu', 'Ama')`;
    expect((await names('zebu'))[0]).toBe('Zébu Ama');
    const exactly = await search('zebu');
    expect([exactly.found.patients.length, exactly.found.more]).toEqual([20, false]);
    await db.admin`insert into public.patients (organisation_id, last_name, first_name)
      values (${here.organisation}, 'Zébu', 'Bis')`;
    const others = await search('zebu');
    expect([others.found.patients.length, others.found.more]).toEqual([20, true]);
  });

  test('by nobody of another practice', async () => {
    expect((await search('lefevre', there.user, here.organisation)).found).toEqual({ patients: [], more: false });
    expect((await search('lefevre', there.user, there.organisation)).found.patients).toHaveLength(1);
  });
});

describe('an appointment is found by its patient', () => {
  interface FoundOne {
    lastName: string;
    appointments: Array<{ type: string }>;
    total: number;
  }
  const find = async (text: string, user = here.user) => {
    const [row] = await db.asUser(
      user,
      (sql) => sql`select public.search_appointments(${here.organisation}, ${text}) as found`,
    );
    return row!['found'] as { patients: FoundOne[]; more: boolean };
  };

  beforeAll(async () => {
    await db.admin`insert into public.patients (organisation_id, last_name, first_name)
      select ${here.organisation}, 'Quvert' || n, case n when 1 then 'Ysolde' else 'Xavier' end
      from generate_series(1, 11) n`;
    await db.admin`insert into public.rdv (organisation_id, patient_id, type, starts_at)
      select ${here.organisation}, p.id, coalesce(d.days::text, 'undated'), now() + d.days * interval '1 day'
      from public.patients p, unnest(array[-400, -1, 9, 2, null]) d (days)
      where p.organisation_id = ${here.organisation} and p.last_name = 'Quvert1'`;
  });

  test('the next ones first, then the latest; of several patients three each, and how many there are', async () => {
    const { patients, more } = await find('quvert');
    expect([patients.length, more]).toEqual([10, true]);
    expect(patients[0]).toMatchObject({ lastName: 'Quvert1', total: 5 });
    const found = patients[0]!.appointments.map(({ type }) => type);
    expect(found).toEqual(['2', '9', '-1']);
    expect(patients[1]).toMatchObject({ appointments: [], total: 0 });
  });

  test('of one patient all of them, those without a date last', async () => {
    const { patients, more } = await find('ysolde quv');
    expect([patients.length, more]).toEqual([1, false]);
    expect(patients[0]!.appointments.map(({ type }) => type)).toEqual(['2', '9', '-1', '-400', 'undated']);
  });

  test('by nobody of another practice', async () => {
    expect(await find('quvert', there.user)).toEqual({ patients: [], more: false });
  });
});

describe('among a hundred thousand', () => {
  const texts = ['l', 'zo', 'lefevre', 'zoe lefevre', 'ez', 'mez'];
  const searches = ['search_patients', 'search_appointments'].flatMap((name) =>
    texts.map((text) => [name, text] as const)
  );
  test.each(searches)('no search reads the table from end to end (%s, %s)', async (name, text) => {
    for (const mode of ['force_custom_plan', 'force_generic_plan']) {
      const [read] = await readBy(
        here.user,
        ['patients'],
        (sql) => sql`select public.${sql(name)}(${here.organisation}, ${text})`,
        mode,
      );
      const [matching] = await db.admin`select count(*)::int as n from public.patients p
        where p.organisation_id = ${here.organisation} and p.search_name like ${`% ${longest(text)}%`}`;
      expect(read!.seq, mode).toBe(0);
      // What matches is read, and those that are shown once more: neither the practice, nor the one next door.
      expect(read!.fetched, mode).toBeLessThanOrEqual(matching!['n'] + 50);
    }
  });

  test('the index holds pieces of names, so that an erased name leaves none behind', async () => {
    const [index] = await db.admin`select indexdef from pg_indexes where indexname = 'patients_search'`;
    expect(index!['indexdef']).toMatch(/gin \(organisation_id, search_name (extensions\.)?gin_trgm_ops\)/);
  });
});

describe('a date of birth', () => {
  test('is written by people of the practice, and is none that cannot be', async () => {
    const insert = (date: string) =>
      db.asUser(here.user, (sql) =>
        sql`insert into public.patients (organisation_id, last_name, birth_date)
          values (${here.organisation}, 'Né', ${date}) returning id`);
    expect(await insert('1980-01-01')).toHaveLength(1);
    await expect(insert('0180-01-01')).rejects.toMatchObject({ code: '23514' });
  });

  test('reaches no calendar: changing it marks no appointment', async () => {
    const [patient] = await db.admin`insert into public.patients (organisation_id, last_name)
      values (${here.organisation}, 'Marqué') returning id`;
    const [connection] = await db.admin`insert into public.calendar_integrations
        (organisation_id, user_id, provider, account_id, calendar_target_id, event_detail, export_enabled, scope)
      values (${here.organisation}, ${here.user}, 'google', 'x', 'x', 'full', true, 'organisation') returning id`;
    const [rdv] = await db.admin`insert into public.rdv
        (organisation_id, practitioner_id, patient_id, starts_at, ends_at)
      values (${here.organisation}, ${here.member}, ${patient!['id']}, now() + interval '1 day',
        now() + interval '25 hours') returning id`;
    const [link] = await db.admin`insert into public.appointment_external_links
        (organisation_id, rdv_id, integration_id, provider, external_calendar_id, external_event_id, sync_status)
      values (${here.organisation}, ${rdv!['id']}, ${connection!['id']}, 'google', 'x', 'e', 'synced') returning id`;
    await db.admin`insert into private.link_states (link_id, integration_id, state, patient_id)
      values (${link!['id']}, ${connection!['id']}, 'live', ${patient!['id']})`;
    const marks = () => db.admin`select rdv_id, version from private.sync_outbox where rdv_id = ${rdv!['id']}`;
    await db.admin`delete from private.sync_outbox where integration_id = ${connection!['id']}`;
    await db.admin`update public.patients set birth_date = '1970-05-05' where id = ${patient!['id']}`;
    expect([...await marks()]).toEqual([]);
    await db.admin`update public.patients set last_name = 'Renommé' where id = ${patient!['id']}`;
    expect(await marks()).toHaveLength(1);
  });
});

describe('a practitioner’s time', () => {
  const AT = (time: string) => `2027-05-05T${time}:00Z`;
  const busy = (from: string, until: string, user = here.user) =>
    db.asUser(
      user,
      async (sql) => (await sql`select public.busy_times(${here.member}, ${from}, ${until}) as busy`)[0]!['busy'],
    ) as Promise<
      Array<{ kind: string; name: string | null; startsAt: string; endsAt: string }>
    >;
  const said = async (from: string, until: string) =>
    (await busy(AT(from), AT(until))).map(({ kind, name }) => `${kind} ${name}`);

  beforeAll(async () => {
    const { organisation, member, user } = here;
    const [patient] = await db.admin`select id from public.patients
      where organisation_id = ${organisation} and last_name = 'Œuvrard'`;
    const rows = [
      { starts_at: AT('09:00'), ends_at: AT('09:30'), patient_id: patient!['id'], type: 'Contrôle' },
      { starts_at: AT('10:00'), ends_at: null, type: 'Sans fin' },
      { starts_at: AT('11:00'), ends_at: AT('11:30'), type: 'Annulé', status: 'cancelled' },
      { starts_at: AT('11:00'), ends_at: AT('11:30'), type: 'Absent', status: 'no_show' },
      { starts_at: '2027-01-05T08:00:00Z', ends_at: '2027-05-05T08:30:00Z', type: 'Long congé' },
      { starts_at: AT('13:00'), ends_at: AT('12:00'), type: 'À l’envers' },
    ];
    for (const row of rows) {
      await db.admin`insert into public.rdv ${
        db.admin({ organisation_id: organisation, practitioner_id: member, status: 'scheduled', ...row })
      }`;
    }
    const [integration] = await db.admin`insert into public.calendar_integrations
        (organisation_id, user_id, provider, account_id) values (${organisation}, ${user}, 'microsoft', 'y')
      returning id`;
    const [taken] = await db.admin`insert into public.rdv
        (organisation_id, practitioner_id, type, starts_at, ends_at)
      values (${organisation}, ${member}, 'Fait d’un événement', ${AT('16:00')}, ${AT('17:00')}) returning id`;
    const events = [
      { summary: 'Déjeuner', start_at: AT('14:00'), end_at: AT('15:00') },
      { summary: null, start_at: AT('15:00'), end_at: AT('15:30'), visibility: 'private' },
      { summary: 'Libre', start_at: AT('14:00'), end_at: AT('15:00'), availability: 'free' },
      { summary: 'Annulé', start_at: AT('14:00'), end_at: AT('15:00'), status: 'cancelled' },
      { summary: 'Devenu', start_at: AT('16:00'), end_at: AT('17:00'), cassius_appointment_id: taken!['id'] },
    ];
    for (const [n, row] of events.entries()) {
      await db.admin`insert into public.external_events ${
        db.admin({
          organisation_id: organisation,
          integration_id: integration!['id'],
          user_id: user,
          provider: 'microsoft',
          external_calendar_id: 'c',
          external_event_id: `${n}`,
          status: 'confirmed',
          kind: 'appointment',
          visibility: 'normal',
          availability: 'busy',
          last_synced_at: AT('00:00'),
          ...row,
        })
      }`;
    }
  });

  test.each([
    ['an appointment, by its patient’s name', '09:15', '09:45', ['appointment Zacharie Œuvrard']],
    ['one without an end, for the usual time', '10:15', '10:45', ['appointment Sans fin']],
    ['and no longer than that', '10:30', '11:00', []],
    ['none that ends as the time begins, or begins as it ends', '09:30', '10:00', []],
    ['none that was cancelled or did not come', '11:00', '11:30', []],
    ['none that ends before it begins', '12:00', '13:30', []],
    ['one that began months ago', '08:00', '08:15', ['appointment Long congé']],
    ['an event of their own calendar, unless it is free or cancelled', '14:00', '14:30', ['event Déjeuner']],
    ['a private event, without a word of it', '15:00', '15:30', ['event null']],
    ['an event that became an appointment, once', '16:00', '16:30', ['appointment Fait d’un événement']],
  ])('is taken by %s', async (_, from, until, found) => {
    expect(await said(from, until)).toEqual(found);
  });

  test('is told to nobody of another practice', async () => {
    expect(await busy(AT('00:00'), AT('23:00'), there.user)).toEqual([]);
  });

  test('is read by indexes, however much the practice has', async () => {
    await db.admin`insert into public.rdv (organisation_id, practitioner_id, type, starts_at, ends_at)
      select ${here.organisation}, ${here.member}, 'Vieux', t, t + interval '30 minutes'
      from generate_series(timestamptz '2020-01-01', '2023-01-01', interval '1 hour') t`;
    await db.admin`insert into public.external_events (organisation_id, integration_id, user_id, provider,
        external_calendar_id, external_event_id, status, kind, start_at, end_at, visibility, availability, last_synced_at)
      select e.organisation_id, e.integration_id, e.user_id, e.provider, e.external_calendar_id, 'old ' || t, e.status,
        e.kind, t, t + interval '30 minutes', e.visibility, e.availability, e.last_synced_at
      from generate_series(timestamptz '2019-01-01', '2023-01-01', interval '1 hour') t
      join public.external_events e on e.summary = 'Déjeuner'`;
    await db.admin`analyze public.rdv`;
    await db.admin`analyze public.external_events`;
    const read = await readBy(
      here.user,
      ['rdv', 'external_events'],
      (sql) => sql`select public.busy_times(${here.member}, ${AT('00:00')}, ${AT('23:00')})`,
    );
    for (const { table, seq, fetched } of read) {
      expect(seq, table).toBe(0);
      expect(fetched, table).toBeLessThan(100);
    }
  });
});
