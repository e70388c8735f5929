/** How long a call of the Edge Functions may take in the database: chosen, written down, and the same in both places. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bringUpToDate } from '../../local/database.ts';
import { type BareDatabase, bareDatabase } from '../local/bare_database.ts';

let db: BareDatabase;

beforeAll(async () => {
  db = await bareDatabase();
  await bringUpToDate(db.dbUrl, { mayBeForeign: false });
});
afterAll(() => db?.stop());

/** Seconds by function, of all that only the Edge Functions may call. */
async function chosen(): Promise<Map<string, number | null>> {
  const rows = await db.admin<{ name: string; seconds: number | null }[]>`
    select p.proname as name,
      (select extract(epoch from split_part(c, '=', 2)::interval)::int from unnest(p.proconfig) c
        where c like 'statement_timeout=%') as seconds
    from pg_proc p
    where p.pronamespace = 'public'::regnamespace and p.prokind = 'f' and p.prorettype <> 'trigger'::regtype
      and has_function_privilege('service_role', p.oid, 'execute')
      and not has_function_privilege('authenticated', p.oid, 'execute')`;
  return new Map(rows.map(({ name, seconds }) => [name, seconds]));
}

/** The rows of the table in docs/operations.md. */
async function written(): Promise<Map<string, number>> {
  const text = await Deno.readTextFile(join(import.meta.dirname!, '..', '..', 'docs', 'operations.md'));
  const [, table = ''] = text.split('\n## Timeouts\n');
  const rows = new Map<string, number>();
  for (const [, names = '', seconds] of (table.split('\n## ')[0] ?? '').matchAll(/^\| (.*?) +\| (\d+) +\|$/gm)) {
    for (const name of names.split(', ')) rows.set(name.replaceAll('`', ''), Number(seconds));
  }
  return rows;
}

test('every call of the functions has a timeout, as the handbook says', async () => {
  const { 'every other': other, ...named } = Object.fromEntries(await written());
  const functions = await chosen();
  expect(functions.size).toBeGreaterThan(20);
  for (const [name, seconds] of functions) expect([name, seconds]).toEqual([name, named[name] ?? other]);
  expect(Object.keys(named).filter((name) => !functions.has(name))).toEqual([]);
});

test('none is longer than the functions wait for an answer', async () => {
  const code = await Deno.readTextFile(
    join(import.meta.dirname!, '..', '..', 'supabase', 'functions', '_shared', 'db', 'rpc.ts'),
  );
  const waits = Number(/TIMEOUT_MS = ([\d_]+)/.exec(code)?.[1]?.replaceAll('_', '')) / 1000;
  expect(Math.max(...[...(await chosen()).values()].map((seconds) => seconds ?? Infinity))).toBeLessThan(waits);
});
