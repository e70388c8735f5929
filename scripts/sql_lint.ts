/**
 * What Postgres itself finds wrong with our functions. The generated migration makes them without looking into bodies,
 * because they name each other; here each is compiled again beside all others. Where the server offers plpgsql_check
 * (Supabase's does, the one from npm does not), that looks at every statement of PL/pgSQL as `supabase db lint` would.
 */
import postgres from 'postgres';

/** `admin` is a superuser's connection. The problems, each with the function that has it. */
export async function functionProblems(admin: postgres.Sql): Promise<string[]> {
  return [...await compilationProblems(admin), ...await statementProblems(admin)];
}

async function compilationProblems(admin: postgres.Sql): Promise<string[]> {
  const functions = await admin<{ name: string; definition: string }[]>`
    select p.oid::regprocedure::text as name, pg_catalog.pg_get_functiondef(p.oid) as definition
    from pg_catalog.pg_proc p
    where p.pronamespace in ('public'::regnamespace, 'private'::regnamespace) and p.prokind in ('f', 'p')
      and not exists (select 1 from pg_catalog.pg_depend d where d.objid = p.oid and d.deptype = 'e')
    order by 1`;
  const problems: string[] = [];
  for (const { name, definition } of functions) {
    try {
      await admin.begin(async (transaction) => {
        await transaction`set local plpgsql.extra_errors = 'all'`;
        await transaction.unsafe(definition);
      });
    } catch (error) {
      problems.push(`${name}: ${(error as Error).message}`);
    }
  }
  return problems;
}

async function statementProblems(admin: postgres.Sql): Promise<string[]> {
  const [offered] = await admin`select from pg_catalog.pg_available_extensions where name = 'plpgsql_check'`;
  if (!offered) return [];
  await admin`create extension if not exists plpgsql_check`;
  const found = await admin<{ name: string; line: number | null; message: string }[]>`
    select distinct p.oid::regprocedure::text as name, c.lineno as line, concat_ws(' ', c.message, c.detail) as message
    from pg_catalog.pg_proc p
    join pg_catalog.pg_language l on l.oid = p.prolang and l.lanname = 'plpgsql'
    left join pg_catalog.pg_trigger t on t.tgfoid = p.oid and not t.tgisinternal
    cross join lateral plpgsql_check_function_tb(
      p.oid, coalesce(t.tgrelid, 0), performance_warnings => false, oldtable => t.tgoldtable, newtable => t.tgnewtable
    ) c
    where p.pronamespace in ('public'::regnamespace, 'private'::regnamespace)
    order by 1, 2`;
  return found.map(({ name, line, message }) => `${name}, line ${line ?? '?'} of its body: ${message}`);
}
