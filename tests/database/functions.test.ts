/** What holds of every function of the database: Postgres finds no fault, names show what they name, JSON has its keys. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bringUpToDate } from '../../local/database.ts';
import { functionProblems } from '../../scripts/sql_lint.ts';
import { type BareDatabase, bareDatabase } from '../local/bare_database.ts';

let db: BareDatabase;
let functions: Array<{ name: string; source: string; comment: string; parameters: string[]; json: string[] }>;
beforeAll(async () => {
  db = await bareDatabase();
  await bringUpToDate(db.dbUrl, { mayBeForeign: false });
  functions = await db.admin`
    with parameter as (
      select p.oid, a.n, a.name, pg_catalog.format_type(a.type, null) as type
      from pg_proc p
      cross join lateral unnest(
        p.proargnames, coalesce(p.proallargtypes, p.proargtypes::oid[]), coalesce(p.proargmodes, '{}'::"char"[])
      ) with ordinality as a (name, type, mode, n)
      where a.mode is null or a.mode in ('i', 'b')
    )
    select p.proname as name, p.prosrc as source, obj_description(p.oid, 'pg_proc') as comment,
      array(select a.name from parameter a where a.oid = p.oid order by a.n) as parameters,
      array(select a.name from parameter a where a.oid = p.oid and a.type in ('json', 'jsonb') order by a.n) as json
    from pg_proc p
    where p.pronamespace in ('public'::regnamespace, 'private'::regnamespace)
      and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
    order by 1`;
}, 60_000);
afterAll(() => db?.stop());

describe('every function', () => {
  test('compiles beside all others', async () => {
    expect(await functionProblems(db.admin)).toEqual([]);
  });

  test('has a comment', () => {
    expect(functions.filter(({ comment }) => !comment).map(({ name }) => name)).toEqual([]);
  });

  test('calls its arguments p_… and its variables v_…', () => {
    const strangers = functions.flatMap(
      ({ name, source, parameters }) => {
        const [, declared = ''] = source.match(/^\s*declare\n([^]*?)^begin$/m) ?? [];
        const variables = [...declared.matchAll(/^ {2}(\w+) /gm)].map(([, variable]) => variable!);
        return [
          ...parameters.filter((parameter) => !parameter.startsWith('p_')),
          ...variables.filter((variable) => !variable.startsWith('v_')),
        ].map((stranger) => `${name}: ${stranger}`);
      },
    );
    expect(strangers).toEqual([]);
  });

  test('gives the keys of each JSON that it takes, or names the type that has them', () => {
    const missing = functions.flatMap(({ name, comment, json }) =>
      json.filter((parameter) => !new RegExp(`${parameter}: [^;]*?(\\{|\\b[A-Z][a-z]+[A-Z])`).test(comment))
        .map((parameter) => `${name}: ${parameter}`)
    );
    expect(missing).toEqual([]);
  });
});

describe('a fault is named', () => {
  const lint = async (definition: string): Promise<string> => {
    await db.admin.unsafe(`set check_function_bodies = off; ${definition}; reset check_function_bodies`);
    try {
      return (await functionProblems(db.admin)).join('\n');
    } finally {
      await db.admin`drop function private.faulty(integer)`;
    }
  };

  test('in SQL, of a table that is missing', async () => {
    expect(
      await lint(`create function private.faulty(p_x integer) returns bigint language sql set search_path = ''
        as 'select count(*) from private.no_such_table'`),
    ).toMatch(/faulty.*no_such_table/);
  });

  test('in PL/pgSQL, of a variable that hides another', async () => {
    expect(
      await lint(`create function private.faulty(p_x integer) returns integer language plpgsql set search_path = ''
        as 'declare p_x integer := 1; begin return p_x; end'`),
    ).toMatch(/faulty.*p_x/);
  });
});
