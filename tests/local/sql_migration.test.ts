/** `npm run sql`: the generated migration is what the files differ in from the migrations before it, and nothing else. */
import { join } from 'node:path';
import postgres from 'postgres';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { onFreshDatabase } from '../../scripts/fresh_database.ts';
import { differences, writeFunctionsMigration } from '../../scripts/sql_migration.ts';

const NOW = new Date('2030-01-02T03:04:05Z');
const FIRST = '20300101000200_functions.sql';
const NEW = '20300102030405_functions.sql';

let supabase: string;
beforeEach(async () => {
  supabase = await Deno.makeTempDir({ prefix: 'cassius-sql-' });
  for (const folder of ['migrations', 'sql/a', 'sql/b']) await Deno.mkdir(join(supabase, folder), { recursive: true });
  await write('released.txt', '# none yet\n');
  await write(
    'migrations/20300101000100_tables.sql',
    `create schema private;
    create table private.things (id integer);
    alter default privileges revoke execute on functions from public;`,
  );
  await write('sql/a/count_things.sql', thing('count_things', 'select count(*) from private.all_things()'));
  await write('sql/b/one.sql', thing('one', 'select 1'));
  await write(
    'sql/b/all_things.sql',
    `create or replace function private.all_things() returns setof private.things
language sql set search_path = '' as $$ select * from private.things $$;
comment on function private.all_things() is 'All of them.';
grant execute on function private.all_things() to service_role;
`,
  );
  await write(`migrations/${FIRST}`, '');
  await write(
    'migrations/20300101000300_triggers.sql',
    `alter table private.things add constraint counted check (private.one() = 1);`,
  );
  await writeFunctionsMigration(supabase, NOW);
});
afterEach(() => Deno.remove(supabase, { recursive: true }));

const write = (path: string, text: string) => Deno.writeTextFile(join(supabase, path), text);
const read = (path: string) => Deno.readTextFile(join(supabase, path));
const release = (version: string) => write('released.txt', `# the last one\n${version}\n`);

/** A function without arguments, as a file of the folder has it. */
const thing = (name: string, body: string) =>
  `create or replace function private.${name}() returns bigint
language sql set search_path = '' as $$ ${body} $$;
comment on function private.${name}() is 'For this test.';
`;

const migrations = () =>
  [...Deno.readDirSync(join(supabase, 'migrations'))].map(({ name }) => name).filter((name) =>
    name.endsWith('_functions.sql')
  ).sort();

/** What a database of all migrations lacks. */
async function left(): Promise<string[]> {
  let found: string[] = [];
  await onFreshDatabase(async (dbUrl) => {
    const sql = postgres(dbUrl, { max: 1, onnotice: () => {} });
    found = (await differences(sql, supabase)).map(({ change, identity }) => `${change} ${identity}`);
    await sql.end();
  }, { directory: supabase });
  return found;
}

describe('before a release', () => {
  test('the generated migration has all functions, in whatever order they use each other', async () => {
    const text = await read(`migrations/${FIRST}`);
    for (const name of ['count_things', 'one', 'all_things']) expect(text).toContain(`function private.${name}()`);
    expect(await left()).toEqual([]);
  });

  test('a changed file is noticed until the migration is written again', async () => {
    await write('sql/b/one.sql', thing('one', 'select 1::bigint'));
    expect(await left()).toEqual(['replace private.one()']);
    await writeFunctionsMigration(supabase, NOW);
    expect(migrations()).toEqual([FIRST]);
    expect(await left()).toEqual([]);
  });

  test('a file that is no valid SQL is named', async () => {
    await write('sql/b/one.sql', 'create or replace function private.one( returns');
    await expect(writeFunctionsMigration(supabase, NOW)).rejects.toThrow('sql/b/one.sql');
  });
});

describe('after a release', () => {
  beforeEach(() => release('20300101000300'));

  test('nothing changed: no file', async () => {
    const before = await read(`migrations/${FIRST}`);
    expect(await writeFunctionsMigration(supabase, NOW)).toEqual({ path: null, changes: [] });
    expect(migrations()).toEqual([FIRST]);
    expect(await read(`migrations/${FIRST}`)).toBe(before);
  });

  test('a changed body makes a migration with just that function, and is written again while it is not released', async () => {
    const before = await read(`migrations/${FIRST}`);
    await write('sql/b/one.sql', thing('one', 'select 1::bigint'));
    await writeFunctionsMigration(supabase, NOW);
    expect(migrations()).toEqual([FIRST, NEW]);
    expect(await read(`migrations/${FIRST}`)).toBe(before);
    const text = await read(`migrations/${NEW}`);
    expect([...text.matchAll(/create or replace function (\S+)/g)].map(([, name]) => name)).toEqual(['private.one()']);
    expect(await left()).toEqual([]);

    await write('sql/b/one.sql', thing('one', 'select 1 + 0'));
    await writeFunctionsMigration(supabase, new Date(NOW.getTime() + 86_400_000));
    expect(migrations()).toEqual([FIRST, NEW]);
    expect(await left()).toEqual([]);

    await write('sql/b/one.sql', thing('one', 'select 1'));
    await writeFunctionsMigration(supabase, NOW);
    expect(migrations()).toEqual([FIRST]);

    await write('sql/b/one.sql', thing('one', 'select 1 - 0'));
    await writeFunctionsMigration(supabase, NOW);
    await release(NEW.slice(0, 14));
    await write('sql/b/one.sql', thing('one', 'select 1 * 1'));
    await writeFunctionsMigration(supabase, NOW);
    expect(migrations()).toEqual([FIRST, NEW, '20300102030406_functions.sql']);
    expect(await left()).toEqual([]);
  });

  test('a renamed function is dropped and created', async () => {
    await Deno.remove(join(supabase, 'sql/a/count_things.sql'));
    await write('sql/a/number_of_things.sql', thing('number_of_things', 'select count(*) from private.all_things()'));
    await writeFunctionsMigration(supabase, NOW);
    const text = await read(`migrations/${NEW}`);
    expect(text).toContain('drop function private.count_things();');
    expect(text).toContain('create or replace function private.number_of_things()');
    expect(await left()).toEqual([]);
  });

  test('a result of another type, a comment and a grant that is gone all arrive', async () => {
    await write(
      'sql/a/count_things.sql',
      thing('count_things', 'select 0::integer').replace('returns bigint', 'returns integer'),
    );
    await write('sql/b/one.sql', thing('one', 'select 1').replace('For this test.', 'Another comment.'));
    await write('sql/b/all_things.sql', (await read('sql/b/all_things.sql')).replace(/^grant.*\n/m, ''));
    expect(
      (await writeFunctionsMigration(supabase, NOW)).changes.map(({ change, identity }) => `${change} ${identity}`),
    )
      .toEqual(['drop and create private.count_things()', 'replace private.all_things()', 'replace private.one()']);
    expect(await left()).toEqual([]);
  });
});
