/**
 * What the functions and the page of a version call and read in the database, as text: `supabase/released.contract.txt` is
 * that of the last version, written by `npm run release`. The database of every later tree has to keep it, for that version
 * runs on it until it is replaced (docs/upgrades.md).
 */
import { join } from 'node:path';
import type postgres from 'postgres';

interface Argument {
  readonly name: string;
  readonly type: string;
  readonly optional: boolean;
}

type Sql = postgres.Sql | postgres.TransactionSql;

/** Texts in which a version names what it uses of the database. */
const SOURCES = ['supabase/functions/_shared', 'web/src'];

async function words(root: string): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  const read = async (folder: string): Promise<void> => {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      if (isDirectory) await read(join(folder, name));
      else if (/\.tsx?$/.test(name) && !name.endsWith('.gen.ts')) {
        for (const word of (await Deno.readTextFile(join(folder, name))).match(/\w+/g) ?? []) found.add(word);
      }
    }
  };
  for (const folder of SOURCES) await read(join(root, folder));
  return found;
}

/** Every function of the API, with its arguments by name, its result and its callers; and every column of its tables. */
async function offered(sql: Sql) {
  const functions = await sql<Array<{ name: string; arguments: Argument[]; result: string; callers: string[] }>>`
    select p.proname as name, pg_catalog.pg_get_function_result(p.oid) as result,
      coalesce((
        select jsonb_agg(jsonb_build_object(
          'name', p.proargnames[a.at], 'type', pg_catalog.format_type(a.type, null),
          'optional', a.at > p.pronargs - p.pronargdefaults) order by a.at)
        from unnest(p.proargtypes::oid[]) with ordinality a (type, at)), '[]'::jsonb) as arguments,
      array(
        select r.rolname from pg_catalog.pg_roles r
        where r.rolname in ('anon', 'authenticated', 'service_role')
          and pg_catalog.has_function_privilege(r.oid, p.oid, 'execute') order by 1)::text[] as callers
    from pg_catalog.pg_proc p
    where p.pronamespace = 'public'::regnamespace and p.prorettype <> 'trigger'::regtype
      and not exists (select from pg_catalog.pg_depend d where d.objid = p.oid and d.deptype = 'e')
    order by p.proname collate "C"`;
  const columns = await sql<Array<{ relation: string; name: string; type: string; needed: boolean }>>`
    select c.relname as relation, a.attname as name, pg_catalog.format_type(a.atttypid, a.atttypmod) as type,
      a.attnotnull and not a.atthasdef and a.attidentity = ''
        and pg_catalog.has_any_column_privilege('authenticated', c.oid, 'insert') as needed
    from pg_catalog.pg_class c
    join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'v')
    order by c.relname collate "C", a.attname collate "C"`;
  return { functions: functions.filter(({ callers }) => callers.length > 0), columns };
}

const told = ({ name, type, optional }: Argument) => `${name} ${type}${optional ? '?' : ''}`;

/** One line a function and a column that the sources at `root` name. */
export async function contractOf(sql: Sql, root: string): Promise<string> {
  const named = await words(root);
  const { functions, columns } = await offered(sql);
  const lines = [
    ...functions.filter(({ name }) => named.has(name)).map((one) =>
      `function ${one.name}(${one.arguments.map(told).join(', ')}) ${one.result}; ${one.callers.join(', ')}`
    ),
    ...columns.filter(({ relation, name }) => named.has(relation) && named.has(name))
      .map(({ relation, name, type }) => `column ${relation}.${name} ${type}`),
  ];
  return `${lines.join('\n')}\n`;
}

/** What a database no longer keeps of a version's contract. */
export async function brokenPromises(sql: Sql, contract: string): Promise<string[]> {
  const { functions, columns } = await offered(sql);
  const lines = contract.split('\n').filter((line) => line !== '');
  const known = new Set(lines.map((line) => /^column (\S+)/.exec(line)?.[1]));
  const relations = new Set([...known].map((name) => name?.split('.')[0]));
  const broken = lines.flatMap((line) => {
    const [, name, given, result, callers] = /^function (\w+)\((.*?)\) (.+); (.+)$/.exec(line) ?? [];
    if (name !== undefined) return functionKept(functions, { name, given: given!, result: result!, callers: callers! });
    const [, column, type] = /^column (\S+) (.+)$/.exec(line) ?? [];
    const today = columns.find((one) => `${one.relation}.${one.name}` === column);
    if (today === undefined) return [`column ${column} is gone`];
    return today.type === type ? [] : [`column ${column} is ${today.type}, was ${type}`];
  });
  const unknown = columns.filter(({ relation, name, needed }) =>
    needed && relations.has(relation) && !known.has(`${relation}.${name}`)
  );
  return [...broken, ...unknown.map(({ relation, name }) => `column ${relation}.${name} is new, and has to be given`)];
}

function functionKept(
  functions: Awaited<ReturnType<typeof offered>>['functions'],
  was: { name: string; given: string; result: string; callers: string },
): string[] {
  const today = functions.filter(({ name }) => name === was.name);
  if (today.length === 0) return [`function ${was.name} is gone`];
  const before = was.given === '' ? [] : was.given.split(', ');
  const faults = today.map((one) => {
    const now = new Map(one.arguments.map((argument) => [argument.name, argument]));
    const names = new Set(before.map((text) => text.split(' ')[0]!));
    const gone = before.filter((text) => {
      const [, name, type, optional] = /^(\w+) (.+?)(\?)?$/.exec(text)!;
      const argument = now.get(name!);
      return argument === undefined || argument.type !== type || (optional === '?' && !argument.optional);
    });
    const missing = was.callers.split(', ').filter((caller) => !one.callers.includes(caller));
    return [
      ...gone.map((text) => `function ${was.name} does not take ${text}`),
      ...one.arguments.filter(({ name, optional }) => !optional && !names.has(name))
        .map((argument) => `function ${was.name} asks for ${told(argument)}`),
      ...one.result === was.result ? [] : [`function ${was.name} answers ${one.result}, not ${was.result}`],
      ...missing.map((caller) => `function ${was.name} refuses ${caller}`),
    ];
  });
  return faults.find((list) => list.length === 0) ?? faults[0]!;
}
