/**
 * `npm run uninstall -- --db-url <url>`: takes the sync out of a practice app that adopted it (docs/adopt.md), events first.
 * `--yes` drops it once no event of ours is left; `--leave-events` does not wait for them.
 * Every connection removes its events and gives its grant back, which the functions do: they have to be deployed still.
 * Then everything that the sync's migrations made goes, in one transaction; whatever of the app's own needs it ends that
 * with an error. The app's tables and their rows stay.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import postgres from 'postgres';
import { migrationFiles } from '../local/database.ts';
import { print, warn } from '../local/terminal.ts';
import { printsUsage } from './usage.ts';

const SUPABASE = join(import.meta.dirname!, '..', 'supabase');
const HOST_TABLES = ['rdv', 'patients', 'organisation_members', 'organisations'];

export interface Left {
  /** Events of ours that are still in accounts which work. */
  readonly removing: number;
  /** Events in accounts that cannot be reached: they stay there. */
  readonly unreachable: number;
  /** Grants that are still to be given back. */
  readonly grants: number;
}

/** Asks every connection to remove its events; asked again, it tells what is left. */
export async function removeEvents(sql: postgres.Sql): Promise<Left> {
  await sql`select private.offboard_organisation(x.organisation_id, true)
    from (select distinct i.organisation_id from public.calendar_integrations i) x`;
  const [left] = await sql<[Left]>`
    select
      coalesce(sum(x.events) filter (where x.disconnected_at is null), 0)::integer as removing,
      coalesce(sum(x.events) filter (where x.disconnected_at is not null), 0)::integer as unreachable,
      (select count(*) from private.grant_revocations)::integer as grants
    from (
      select i.disconnected_at, cardinality(private.live_events(i.id)) as events from public.calendar_integrations i
    ) x`;
  return left;
}

/** What the sync's migrations made, by the words that made it. */
async function madeByMigrations(): Promise<
  { names: Record<'table' | 'view' | 'type' | 'sequence', string[]>; versions: string[] }
> {
  const names = { table: [] as string[], view: [] as string[], type: [] as string[], sequence: [] as string[] };
  const versions: string[] = [];
  for (const { version, name, path } of await migrationFiles(join(SUPABASE, 'migrations'))) {
    if (name.startsWith('host_')) continue;
    versions.push(version);
    const made = (await Deno.readTextFile(path)).matchAll(
      /^create (?:unlogged )?(table|view|type|sequence) ([\w.]+)/gm,
    );
    for (const [, kind, object] of made) names[kind as keyof typeof names].push(object!);
  }
  return { names, versions };
}

async function functionNames(): Promise<string[]> {
  const found: string[] = [];
  for await (const folder of Deno.readDir(join(SUPABASE, 'sql'))) {
    if (!folder.isDirectory) continue;
    for await (const file of Deno.readDir(join(SUPABASE, 'sql', folder.name))) {
      if (!file.name.endsWith('.sql')) continue;
      const text = await Deno.readTextFile(join(SUPABASE, 'sql', folder.name, file.name));
      found.push(...[...text.matchAll(/^create or replace function ([\w.]+)/gm)].map(([, name]) => name!));
    }
  }
  return found;
}

/** Gives the names of what stays: extensions, which other parts of the project may use. */
export async function dropSync(url: string): Promise<string[]> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    return await sql.begin(async (transaction) => {
      const [own] = await transaction`
        select from supabase_migrations.schema_migrations m where m.name like 'host\_%' limit 1`;
      if (own) {
        throw new Error(
          'Uninstall the sync: the appointments of this database are Cassius’s own, and would stay without a page. ' +
            'Delete the project instead',
        );
      }
      const { names, versions } = await madeByMigrations();
      await transaction`select cron.unschedule(j.jobname) from cron.job j where j.jobname like 'cassius-%'`;
      for (const name of HOST_TABLES) await transaction`select private.leave_table(${name})`;
      // Tokens that are sealed by Vault are rows there, which go with the row that names them.
      for (const { relation } of await transaction`select distinct relation from private.sealed_columns`) {
        await transaction.unsafe(`delete from ${relation}`);
      }
      await transaction`delete from private.sealing_canaries`;
      await dropSealingKey(transaction);
      await restoreDefaults(transaction);

      const tables = names.table.join(', ');
      const policies = await transaction`
        select p.polname as name, p.polrelid::regclass::text as relation from pg_catalog.pg_policy p
        where p.polrelid = any (${names.table}::text[]::regclass[])`;
      for (const { name, relation } of policies) {
        await transaction.unsafe(`drop policy ${quote(name)} on ${relation}`);
      }
      const triggers = await transaction`
        select t.tgname as name, t.tgrelid::regclass::text as relation from pg_catalog.pg_trigger t
        where not t.tgisinternal and t.tgrelid = any (${names.table}::text[]::regclass[])`;
      for (const { name, relation } of triggers) {
        await transaction.unsafe(`drop trigger ${quote(name)} on ${relation}`);
      }
      const functions = await transaction`
        select p.oid::regprocedure::text as name from pg_catalog.pg_proc p
        join pg_catalog.pg_namespace n on n.oid = p.pronamespace
        where format('%s.%s', n.nspname, p.proname) = any (${await functionNames()})`;
      await transaction.unsafe(`drop function ${functions.map(({ name }) => name).join(', ')}`);
      if (names.view.length > 0) await transaction.unsafe(`drop view ${names.view.join(', ')}`);
      await transaction.unsafe(`drop table ${tables}`);
      await transaction.unsafe(`drop sequence ${names.sequence.join(', ')}`);
      await transaction.unsafe(`drop type ${names.type.join(', ')}`);
      const [kept] = await transaction`
        select from pg_catalog.pg_depend d
        where d.refclassid = 'pg_namespace'::regclass and d.refobjid = 'private'::regnamespace limit 1`;
      if (!kept) await transaction`drop schema private`;
      await transaction`delete from supabase_migrations.schema_migrations m where m.version = any (${versions})`;
      return (await transaction<{ name: string }[]>`
        select e.extname as name from pg_catalog.pg_extension e
        where e.extname = any ('{pg_net, pg_cron, pgsodium, supabase_vault, pgcrypto, btree_gist}'::text[])
        order by 1`).map(({ name }) => name);
    }) as string[];
  } finally {
    await sql.end({ timeout: 5 });
  }
}

/** What the role granted by default before the first migration of the sync. */
async function restoreDefaults(sql: postgres.TransactionSql): Promise<void> {
  const kinds: Record<string, string> = { f: 'functions', r: 'tables', S: 'sequences', T: 'types', n: 'schemas' };
  const before =
    await sql`select object_type::text as kind, schema, grantee, privilege from private.default_privileges`;
  for (const { kind, schema, grantee, privilege } of before) {
    const where = schema === '' ? '' : ` in schema ${quote(schema)}`;
    const whom = grantee === 'public' ? 'public' : quote(grantee);
    await sql.unsafe(`alter default privileges${where} grant ${privilege} on ${kinds[kind]} to ${whom}`);
  }
}

/** The key that pgsodium made for the tokens, where it is there and may be deleted. */
async function dropSealingKey(sql: postgres.TransactionSql): Promise<void> {
  const [present] = await sql`select to_regclass('pgsodium.key') is not null as pgsodium`;
  if (!present!.pgsodium) return;
  try {
    await sql.savepoint((inner) => inner`delete from pgsodium.key where name = 'cassius_calendar_tokens'`);
  } catch (error) {
    warn(`The key cassius_calendar_tokens stays in pgsodium: ${(error as Error).message}`);
  }
}

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    args: Deno.args,
    options: { 'db-url': { type: 'string' }, 'leave-events': { type: 'boolean' }, yes: { type: 'boolean' } },
  });
  const url = values['db-url'];
  if (!url) throw new Error('Uninstall the sync: say of which database, --db-url postgresql://…');
  if (!values['leave-events']) {
    const sql = postgres(url, { max: 1, onnotice: () => {} });
    try {
      const left = await removeEvents(sql);
      if (left.unreachable > 0) {
        warn(`${left.unreachable} events are in accounts that cannot be reached: they stay there`);
      }
      if (left.removing > 0 || left.grants > 0) {
        print(
          `${left.removing} events are being removed, ${left.grants} grants given back. Nothing else was changed: ` +
            'run this again in some minutes, or with --leave-events',
        );
        Deno.exit(3);
      }
    } finally {
      await sql.end({ timeout: 5 });
    }
  }
  if (!values.yes) {
    print('No event of ours is left. With --yes everything of the sync is dropped; the app’s own tables stay');
    Deno.exit(3);
  }
  const extensions = await dropSync(url);
  print(
    `The sync is gone. These extensions stay, for other parts of the project may use them: ${extensions.join(', ')}`,
  );
  print('By hand: delete the functions and their secrets, and the client at Google and Microsoft');
}

if (import.meta.main && !printsUsage(import.meta.filename!)) {
  try {
    await main();
  } catch (error) {
    warn((error as Error).message);
    Deno.exit(1);
  }
}
