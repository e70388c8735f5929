/**
 * The last version's functions and page run on this tree's database until they are replaced: all that they call and read is
 * there. While no version was made, the contract is this tree's own, and is written anew by `npm run release -- --contract`.
 */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { brokenPromises, contractOf } from '../../scripts/released_contract.ts';
import { type TestDatabase, testDatabase } from './database.ts';

const ROOT = join(import.meta.dirname!, '..', '..');
const contract = await Deno.readTextFile(join(ROOT, 'supabase', 'released.contract.txt'));

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db?.stop());

test('the database keeps what the last version calls and reads', async () => {
  expect(await brokenPromises(db.owner, contract)).toEqual([]);
});

test('the contract names what the functions call, with its arguments, and what the page reads', async () => {
  const lines = (await contractOf(db.owner, ROOT)).split('\n');
  expect(lines.filter((line) => line.startsWith('function ')).length).toBeGreaterThan(50);
  expect(lines).toContainEqual(expect.stringMatching(/^function sync_claim\(p_\w+ \w+.*\) jsonb; service_role$/));
  expect(lines).toContain('column rdv.starts_at timestamp with time zone');
  // Called by the doctor and by operators, of whom no older version is left running.
  expect(lines).not.toContainEqual(expect.stringContaining('deployment_facts'));
});

test.each([
  ['a function that went', 'drop function public.sync_nudge(text)', ['function sync_nudge is gone']],
  [
    'an argument that has another name',
    `drop function public.sync_nudge(text);
     create function public.sync_nudge(p_name text) returns jsonb language sql as 'select null::jsonb';
     grant execute on function public.sync_nudge(text) to service_role`,
    ['function sync_nudge does not take p_provider text', 'function sync_nudge asks for p_name text'],
  ],
  [
    'an argument that has to be given',
    `drop function public.sync_nudge(text);
     create function public.sync_nudge(p_provider text, p_part text) returns jsonb language sql as 'select null::jsonb';
     grant execute on function public.sync_nudge(text, text) to service_role`,
    ['function sync_nudge asks for p_part text'],
  ],
  [
    'another answer',
    `drop function public.sync_nudge(text);
     create function public.sync_nudge(p_provider text) returns text language sql as 'select null::text';
     grant execute on function public.sync_nudge(text) to service_role`,
    ['function sync_nudge answers text, not jsonb'],
  ],
  [
    'a caller that is refused',
    'revoke execute on function public.sync_nudge(text) from service_role',
    ['function sync_nudge is gone'],
  ],
  ['a column that went', 'alter table public.rdv rename column notes to remarks', ['column rdv.notes is gone']],
  [
    'a column of another type',
    'alter table public.rdv alter column location type varchar(80)',
    ['column rdv.location is character varying(80), was text'],
  ],
  [
    'a new column that has to be given',
    `alter table public.rdv add column room text not null default '';
     alter table public.rdv alter column room drop default`,
    ['column rdv.room is new, and has to be given'],
  ],
])('%s is found', async (_name, change, found) => {
  const undone = new Error('undone');
  let broken: string[] = [];
  await expect(db.admin.begin(async (sql) => {
    await sql.unsafe(change);
    broken = await brokenPromises(sql, contract);
    throw undone;
  })).rejects.toBe(undone);
  expect(broken).toEqual(found);
});

test.each([
  ['a function beside', `create function public.more() returns int language sql as 'select 1'`],
  [
    'an argument with a default',
    `drop function public.sync_nudge(text);
     create function public.sync_nudge(p_provider text, p_part text default null) returns jsonb language sql
     as 'select null::jsonb';
     grant execute on function public.sync_nudge(text, text) to service_role`,
  ],
  ['a column that may lack', 'alter table public.rdv add column room text'],
])('%s breaks nothing', async (_name, change) => {
  const undone = new Error('undone');
  await expect(db.admin.begin(async (sql) => {
    await sql.unsafe(change);
    expect(await brokenPromises(sql, contract)).toEqual([]);
    throw undone;
  })).rejects.toBe(undone);
});
