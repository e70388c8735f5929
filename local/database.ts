/** Makes a database look like a hosted project before its first migration, and brings it up to date with the repository. */
import { join } from 'node:path';
import postgres from 'postgres';
import { getAuthSchemaSql } from '@supabase/lite';
import type { StackSecrets } from './secrets.ts';

const SQL = join(import.meta.dirname!, 'sql');
const PRACTICE_OF_EIGHT = join(import.meta.dirname!, 'practice_of_eight.sql');
const SUPABASE = join(import.meta.dirname!, '..', 'supabase');

/** What the migrations create; a database of the user's own has to offer them. */
const NEEDED = ['pgcrypto', 'pg_net', 'pg_cron'];

/**
 * Can run again at every start. With secrets it runs as superuser of the embedded server, where the stand-ins are; with null the database is the
 * user's own, which keeps its passwords and extensions, and is left alone as far as it is a Supabase database already.
 */
export async function preparePlatform(adminUrl: string, secrets: StackSecrets | null): Promise<void> {
  await withConnection(adminUrl, async (sql) => {
    const [found] = await sql<{ name: string; supabase: boolean; missing: string[] }[]>`
      select current_database() as name,
        to_regclass('auth.users') is not null and to_regrole('service_role') is not null as supabase,
        array(select e from unnest(${NEEDED}::text[]) e where e not in (select name from pg_available_extensions)) as missing`;
    if (found!.missing.length > 0) {
      throw new Error(`Cannot use the database ${found!.name}: its server does not offer ${found!.missing.join(', ')}`);
    }
    if (!secrets && found!.supabase) return;
    await sql.unsafe(await Deno.readTextFile(join(SQL, 'platform.sql')));
    await sql.unsafe(`alter database ${quote(found!.name)} set search_path = "$user", public, extensions`);
    if (!found!.supabase) await sql.unsafe(getAuthSchemaSql());
    await sql.unsafe(await Deno.readTextFile(join(SQL, 'auth_functions.sql')));
    if (!secrets) return;
    await sql.unsafe(`alter database ${quote(found!.name)} owner to postgres`);
    await sql.unsafe('create extension if not exists local_aead; create extension if not exists supabase_vault');
    await setPassword(sql, 'postgres', secrets.dbPassword);
    await setPassword(sql, 'local_rest', secrets.restPassword);
    await setPassword(sql, 'supabase_auth_admin', secrets.authPassword);
  });
}

export interface UpdateReport {
  readonly applied: readonly string[];
  readonly seeded: boolean;
}

/**
 * Applies pending migrations as `supabase db push` does (each file in one transaction with its row of history), then the seed once.
 * `mayBeForeign`: a database of the user's own, which is not seeded when it had been migrated before.
 * `before`: only the migrations before this version, and no seed. `demonstration`: the practice of eight as well.
 */
export async function bringUpToDate(
  dbUrl: string,
  options: { mayBeForeign: boolean; directory?: string; before?: string; demonstration?: boolean },
): Promise<UpdateReport> {
  const directory = options.directory ?? SUPABASE;
  return await withConnection(dbUrl, async (sql) => {
    await sql.unsafe(`
      create schema if not exists supabase_migrations;
      create table if not exists supabase_migrations.schema_migrations (version text not null primary key, statements text[], name text);
      create table if not exists supabase_migrations.seed_files (path text not null primary key, hash text not null);`);
    const history = await sql<{ version: string }[]>`select version from supabase_migrations.schema_migrations`;
    const known = new Set(history.map((row) => row.version));
    const applied: string[] = [];
    for (const file of await migrationFiles(join(directory, 'migrations'))) {
      if (known.has(file.version) || (options.before && file.version >= options.before)) continue;
      const text = await Deno.readTextFile(file.path);
      try {
        await sql.begin(async (transaction) => {
          await transaction.unsafe(text);
          await transaction`
            insert into supabase_migrations.schema_migrations (version, name, statements)
            values (${file.version}, ${file.name}, ${[text]})`;
        });
      } catch (error) {
        throw new Error(`Cannot apply migration ${file.version}_${file.name}: ${describe(error, text)}`, {
          cause: error,
        });
      }
      await sql.unsafe('reset all'); // a migration's settings end with it
      applied.push(file.version);
    }
    if (options.before) return { applied, seeded: false };
    if (options.mayBeForeign && known.size > 0) return { applied, seeded: false };
    const seeded = await seed(sql, 'supabase/seed.sql', join(directory, 'seed.sql'));
    if (options.demonstration) await seed(sql, 'local/practice_of_eight.sql', PRACTICE_OF_EIGHT);
    return { applied, seeded };
  });
}

/** Tells the database where nudges go and what signs them (the function is the migrations'); false when they do not have it. */
export async function configureNudges(dbUrl: string, functionsUrl: string, nudgeSecret: string): Promise<boolean> {
  return await withConnection(dbUrl, async (sql) => {
    const [known] = await sql`select to_regprocedure('private.configure(text, text)') is not null as present`;
    if (!known!.present) return false;
    await sql`select private.configure(${functionsUrl}, ${nudgeSecret})`;
    return true;
  });
}

/** Once each, by its name. */
async function seed(sql: postgres.Sql, name: string, path: string): Promise<boolean> {
  const text = await Deno.readTextFile(path).catch(() => null);
  if (text === null) return false;
  const [done] = await sql`select from supabase_migrations.seed_files where path = ${name}`;
  if (done) return false;
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
  const hash = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
  try {
    await sql.begin(async (transaction) => {
      await transaction.unsafe(text);
      await transaction`insert into supabase_migrations.seed_files (path, hash) values (${name}, ${hash})`;
    });
  } catch (error) {
    throw new Error(`Cannot seed the database: ${describe(error, text)}`, { cause: error });
  }
  return true;
}

/** In the order in which they are applied. */
export async function migrationFiles(
  directory: string,
): Promise<Array<{ version: string; name: string; path: string }>> {
  const files: Array<{ version: string; name: string; path: string }> = [];
  for await (const entry of Deno.readDir(directory)) {
    const [, version, name] = entry.name.match(/^(\d+)_(.*)\.sql$/) ?? [];
    if (entry.isFile && version !== undefined && name !== undefined) {
      files.push({ version, name, path: join(directory, entry.name) });
    }
  }
  return files.sort((a, b) => a.version < b.version ? -1 : 1);
}

/** Message, hint and line of a failed script. */
function describe(error: unknown, text: string): string {
  if (!(error instanceof postgres.PostgresError)) return (error as Error).message;
  const position = Number(error.position);
  const line = position > 0 ? ` (line ${text.slice(0, position).split('\n').length})` : '';
  const more = [error.detail, error.hint, error.where?.split('\n')[0]].filter(Boolean).join('; ');
  return `${error.message}${line}${more ? `; ${more}` : ''}`;
}

async function withConnection<T>(url: string, use: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = postgres(url, { max: 1, onnotice: () => {}, connection: { application_name: 'local stack' } });
  try {
    return await use(sql);
  } finally {
    await sql.end({ timeout: 5 });
  }
}

async function setPassword(sql: postgres.Sql, role: string, password: string): Promise<void> {
  if (!/^[0-9a-f]+$/.test(password)) {
    throw new Error(`Cannot set the password of ${role}: it is not made of hex digits`);
  }
  await sql.unsafe(`alter role ${quote(role)} password '${password}'`);
}

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
