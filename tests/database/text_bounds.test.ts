import { afterAll, beforeAll, expect, test } from 'vitest';
import { newPerson, type TestDatabase, testDatabase, type TestPerson } from './database.ts';

let db: TestDatabase;
let claire: TestPerson;

beforeAll(async () => {
  db = await testDatabase();
  claire = await newPerson(db);
}, 60_000);
afterAll(() => db?.stop());

test('no text that a person can write is without a bound', async () => {
  const boundless = await db.admin`
    select p.table_name || '.' || p.column_name as name
    from information_schema.column_privileges p
    join information_schema.columns c using (table_schema, table_name, column_name)
    where p.grantee = 'authenticated' and p.privilege_type in ('INSERT', 'UPDATE') and p.table_schema = 'public'
      and c.data_type in ('text', 'jsonb', 'character varying', 'ARRAY')
      and not exists (
        select 1 from pg_constraint k
        join pg_attribute a on a.attrelid = k.conrelid and a.attnum = any (k.conkey)
        where k.conrelid = (p.table_schema || '.' || p.table_name)::regclass and a.attname = p.column_name
          and k.contype = 'c' and pg_get_constraintdef(k.oid) ~ '(length[(]|= ANY)'
      )
    group by 1 order by 1`;
  // Its trigger takes the names of zones alone.
  expect(boundless.map(({ name }) => name)).toEqual(['organisations.timezone']);
});

test('no text of a provider that is kept is without a bound', async () => {
  const boundless = await db.admin`
    select c.table_name || '.' || c.column_name as name
    from information_schema.columns c
    where c.table_schema = 'public' and c.table_name in ('external_events', 'calendar_integrations', 'appointment_external_links')
      and c.data_type in ('text', 'jsonb')
      and not exists (
        select 1 from pg_constraint k
        join pg_attribute a on a.attrelid = k.conrelid and a.attnum = any (k.conkey)
        where k.conrelid = (c.table_schema || '.' || c.table_name)::regclass and a.attname = c.column_name
          and k.contype = 'c' and pg_get_constraintdef(k.oid) ~ '(length[(]|= ANY)'
      )
    order by 1`;
  // Words of ours.
  expect(boundless.map(({ name }) => name)).toEqual([
    'appointment_external_links.last_error',
    'appointment_external_links.provider',
    'calendar_integrations.last_error',
    'external_events.provider',
  ]);
});

test.each([
  ['type', 200],
  ['act', 500],
  ['notes', 10_000],
  ['location', 1024],
])(
  'an appointment’s %s of more than %i characters is refused, and the refusal says what for',
  async (column, length) => {
    const insert = (text: string) =>
      db.admin`
    insert into public.rdv ${db.admin({ organisation_id: claire.organisation, ...{ type: 'Bilan', [column]: text } })}`;
    await insert('é'.repeat(length));
    await expect(insert('é'.repeat(length + 1))).rejects.toMatchObject({
      code: '23514',
      constraint_name: `rdv_${column}_length`,
    });
  },
);
