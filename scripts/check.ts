/**
 * `npm run check`: everything about the repository that can be judged without running the product: format, lint, types
 * under both generations of Deno, layers, and the schema on a real Postgres. Stops at the first problem.
 *
 * `npm run check -- types lint` runs these parts alone. `npm run fix` writes what the parts can write by themselves:
 * the format, and every generated file.
 */
import { join, relative } from 'node:path';
import postgres from 'postgres';
import { print, warn } from '../local/terminal.ts';
import { onFreshDatabase } from './fresh_database.ts';
import { importMaps } from './import_maps.ts';
import { OPENAPI, openApiText } from './openapi.ts';
import { allLayoutProblems, layOutAll } from './sql_format.ts';
import { allLockProblems } from './migration_locks.ts';
import { schemaSnapshot } from './schema_snapshot.ts';
import { functionProblems } from './sql_lint.ts';
import { differences, releasedVersion, writeFunctionsMigration } from './sql_migration.ts';

const ROOT = join(import.meta.dirname!, '..');
const DENO = Deno.execPath();
/** The generation that Supabase's edge runtime carries. */
const EDGE_DENO = join(ROOT, 'node_modules', 'deno-edge', Deno.build.os === 'windows' ? 'deno.exe' : 'deno');
const SUPABASE = join(ROOT, 'node_modules', '.bin', Deno.build.os === 'windows' ? 'supabase.cmd' : 'supabase');

class Problem extends Error {}

async function run(command: string, args: readonly string[], env: Record<string, string> = {}): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, {
    args: [...args],
    cwd: ROOT,
    env: { NO_COLOR: '1', ...env },
    stdin: 'null',
    stdout: 'piped',
    stderr: 'piped',
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  if (!success) throw new Problem(`${text(stdout)}${text(stderr)}`.trim());
  return text(stdout);
}

function typescriptIn(folder: string): string[] {
  const found: string[] = [];
  for (const entry of Deno.readDirSync(join(ROOT, folder))) {
    if (entry.name === 'node_modules' || entry.name === 'dist') continue;
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) found.push(...typescriptIn(path));
    else if (/\.tsx?$/.test(entry.name)) found.push(path);
  }
  return found.sort();
}

const entryPoints = (): string[] =>
  [...Deno.readDirSync(join(ROOT, 'supabase', 'functions'))]
    .filter((entry) => entry.isDirectory && !entry.name.startsWith('_'))
    .map((entry) => `supabase/functions/${entry.name}/index.ts`).sort();

/** Every table that the API serves or that holds secrets refuses a role without a policy. */
async function everyTableHasRowSecurity(dbUrl: string): Promise<void> {
  const sql = postgres(dbUrl, { max: 1, onnotice: () => {} });
  try {
    const open = await sql<{ name: string }[]>`
      select c.oid::regclass::text as name from pg_catalog.pg_class c
      where c.relkind in ('r', 'p') and not c.relrowsecurity
        and c.relnamespace in ('public'::regnamespace, 'private'::regnamespace)`;
    if (open.length > 0) throw new Problem(`Without row level security: ${open.map(({ name }) => name).join(', ')}`);
  } finally {
    await sql.end({ timeout: 1 });
  }
}

/** SQL is laid out, and no line or function of it is too long. */
async function sqlLaidOut(): Promise<void> {
  const problems = await allLayoutProblems(ROOT);
  if (problems.length > 0) throw new Problem(problems.join('\n'));
}

/** No migration that is still to be run keeps people waiting, or breaks the release before. */
async function locksNothingForLong(): Promise<void> {
  const problems = await allLockProblems(
    join(ROOT, 'supabase', 'migrations'),
    await releasedVersion(join(ROOT, 'supabase')),
  );
  if (problems.length > 0) throw new Problem(`${problems.join('\n')}\nWhat to do: docs/upgrades.md`);
}

/** What the migrations make of the functions is what supabase/sql says. */
async function functionsUpToDate(dbUrl: string): Promise<void> {
  const sql = postgres(dbUrl, { max: 1, onnotice: () => {} });
  try {
    const found = await differences(sql, join(ROOT, 'supabase'));
    if (found.length === 0) return;
    const names = found.map(({ identity, change }) => `  ${change} ${identity}`);
    throw new Problem(
      `The migrations and supabase/sql differ; \`npm run sql\` writes what is missing:\n${names.join('\n')}`,
    );
  } finally {
    await sql.end({ timeout: 1 });
  }
}

/** Postgres finds no fault in any function. */
async function functionsCompile(adminUrl: string): Promise<void> {
  const admin = postgres(adminUrl, { max: 1, onnotice: () => {} });
  try {
    const problems = await functionProblems(admin);
    if (problems.length > 0) throw new Problem(problems.join('\n'));
  } finally {
    await admin.end({ timeout: 1 });
  }
}

async function advisors(dbUrl: string): Promise<void> {
  const args = ['db', 'advisors', `--remote=${dbUrl}`, '--level', 'warn', '--fail-on', 'warn'];
  await run(SUPABASE, args, { DO_NOT_TRACK: '1', SUPABASE_TELEMETRY_DISABLED: '1' });
}

const TYPES = join(ROOT, 'supabase', 'functions', '_shared', 'database.gen.ts');

/** What the API serves, as TypeScript sees it: made from the migrations, never edited. */
function databaseTypes(dbUrl: string): Promise<string> {
  const args = ['gen', 'types', '--lang=typescript', '--schema', 'public', `--remote=${dbUrl}`];
  return run(SUPABASE, args, { DO_NOT_TRACK: '1', SUPABASE_TELEMETRY_DISABLED: '1' });
}

const SNAPSHOT = join(ROOT, 'supabase', 'schema.snapshot.txt');

/** What the migrations make, for a review to see what a change does to it. */
async function snapshotOf(dbUrl: string): Promise<string> {
  const sql = postgres(dbUrl, { max: 1, onnotice: () => {} });
  try {
    return await schemaSnapshot(sql, ['public', 'private']);
  } finally {
    await sql.end({ timeout: 1 });
  }
}

/** A generated file is what its sources make of it now. */
async function upToDate(path: string, made: string): Promise<void> {
  if (made === await Deno.readTextFile(path).catch(() => '')) return;
  await Deno.writeTextFile(path, made);
  throw new Problem(`${relative(ROOT, path)} was out of date: it has been made again, commit it`);
}

interface Part {
  /** What `npm run check -- name` runs. */
  readonly name: string;
  readonly what: string;
  readonly run: () => Promise<unknown>;
  /** Writes what `run` would complain of, where that can be written. */
  readonly fix?: () => Promise<unknown>;
}

const PARTS: readonly Part[] = [
  {
    name: 'maps',
    what: 'import maps of the functions',
    run: async () => {
      for (const [path, text] of Object.entries(await importMaps(ROOT))) await upToDate(path, text);
    },
    fix: async () => {
      for (const [path, text] of Object.entries(await importMaps(ROOT))) await Deno.writeTextFile(path, text);
    },
  },
  { name: 'format', what: 'format', run: () => run(DENO, ['fmt', '--check']), fix: () => run(DENO, ['fmt']) },
  { name: 'sql', what: 'format of the SQL', run: sqlLaidOut, fix: () => layOutAll(ROOT) },
  { name: 'locks', what: 'migrations that lock nothing for long', run: locksNothingForLong },
  { name: 'lint', what: 'lint', run: () => run(DENO, ['lint', '--quiet']) },
  {
    name: 'types',
    what: 'types',
    run: () =>
      run(DENO, [
        'check',
        '--quiet',
        'vitest.config.ts',
        'web/src/main.tsx',
        'web/vite.config.ts',
        ...entryPoints(),
        ...['local', 'emulators', 'scripts', 'bench', 'tests'].flatMap(typescriptIn),
      ]),
  },
  {
    name: 'edge',
    what: 'types of the functions under the edge runtime’s Deno',
    run: () => run(EDGE_DENO, ['check', '--quiet', '--config', 'deno.json', ...entryPoints()]),
  },
  {
    name: 'openapi',
    what: 'the API’s description',
    run: async () => upToDate(OPENAPI, await openApiText()),
    fix: async () => Deno.writeTextFile(OPENAPI, await openApiText()),
  },
  {
    name: 'docs',
    what: 'layers and documentation',
    run: () =>
      run(DENO, [
        'run',
        '-A',
        'npm:vitest',
        'run',
        ...['layers', 'docs', 'entrance', 'prose'].map((name) => `tests/unit/${name}.test.ts`),
      ]),
  },
  {
    name: 'schema',
    what: 'schema: migrations, functions, row level security, advisors, generated types, snapshot',
    run: () =>
      onFreshDatabase(async (dbUrl, adminUrl) => {
        await everyTableHasRowSecurity(dbUrl);
        await functionsUpToDate(dbUrl);
        await functionsCompile(adminUrl);
        await advisors(dbUrl);
        await upToDate(TYPES, await databaseTypes(dbUrl));
        await upToDate(SNAPSHOT, await snapshotOf(dbUrl));
      }),
    async fix() {
      await writeFunctionsMigration(join(ROOT, 'supabase'), new Date());
      await onFreshDatabase(async (dbUrl) => {
        await Deno.writeTextFile(TYPES, await databaseTypes(dbUrl));
        await Deno.writeTextFile(SNAPSHOT, await snapshotOf(dbUrl));
      });
    },
  },
];

/** The parts that were asked for, in the order of the list; all of them if none was. */
function chosen(names: readonly string[]): readonly Part[] {
  const unknown = names.filter((name) => !PARTS.some((part) => part.name === name));
  if (unknown.length > 0) {
    warn(`No such part: ${unknown.join(', ')}. There are: ${PARTS.map(({ name }) => name).join(', ')}`);
    Deno.exit(2);
  }
  return names.length === 0 ? PARTS : PARTS.filter(({ name }) => names.includes(name));
}

if (import.meta.main) {
  const fixing = Deno.args.includes('--fix');
  for (const part of chosen(Deno.args.filter((argument) => argument !== '--fix'))) {
    const action = fixing ? part.fix : part.run;
    if (action === undefined) continue;
    const startedAt = performance.now();
    try {
      await action();
    } catch (error) {
      warn(error instanceof Problem ? error.message : String((error as Error).stack));
      warn(`\n${fixing ? 'Fix' : 'Check'} ${part.what}: failed (alone: npm run check -- ${part.name})`);
      Deno.exit(1);
    }
    print(`${fixing ? 'fixed' : 'ok'}  ${part.what} (${((performance.now() - startedAt) / 1000).toFixed(1)} s)`);
  }
}
