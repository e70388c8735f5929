/**
 * Every command of the documents is executed here as it is written, is what a named test or workflow executes, or says why it
 * cannot be. A command that is in none of the lists fails; so does a line of a list that no document needs any more. What is
 * typed into the database: tests/database/documented_sql.test.ts.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePortBase } from '../../local/ports.ts';
import { type Stack, startStack } from '../../local/stack.ts';
import { Person } from '../functions/person.ts';

const ROOT = join(import.meta.dirname!, '..', '..');
const read = (path: string) => Deno.readTextFileSync(join(ROOT, path));

/** Executed by a test or workflow: which, and what in it does so. */
const ELSEWHERE: ReadonlyArray<readonly [command: RegExp, file: string, text: string]> = [
  [/^npm ci$/, '.ci/run', 'npm ci'],
  [
    /^npm start( -- --(fresh|help|supabase <the app's supabase folder>))?$/,
    'tests/local/start.test.ts',
    `'local', 'start.ts'`,
  ],
  [/^npm test\b/, '.ci/run', 'npm test'],
  [/^SIMULATION_SEED=… SIMULATION_PATH=… npm test\b/, 'tests/simulation/convergence.ts', 'SIMULATION_SEED'],
  [/^npm run test:(unit|simulation)$/, '.ci/run', 'npm test'],
  [/^npm run check( -- (types lint|locks))?$/, '.github/workflows/ci.yml', 'npm run check'],
  [/^npm run (fix|openapi)$/, 'scripts/check.ts', 'openApiText'],
  [/^npm run sql$/, 'tests/local/sql_migration.test.ts', 'writeFunctionsMigration('],
  [/^npm run blast$/, 'tests/functions/blast_radius.test.ts', 'every-cell'],
  [/^npm run simulate\b/, 'tests/simulation/convergence.ts', 'simulate('],
  [/^curl -X POST "\$REST\/rpc\/make_feed"/, 'tests/database/feeds.test.ts', 'make_feed'],
  [/^npm run uninstall\b/, 'tests/functions/adoption.test.ts', 'scripts/uninstall.ts'],
  [/^npm run deploy\b/, 'tests/local/deploy.test.ts', "'scripts', 'deploy.ts'"],
  [/npm run doctor\b/, 'tests/local/doctor.test.ts', 'examine('],
  [/^npm run capacity\b/, 'tests/unit/capacity.test.ts', 'withTables('],
  [/^npm run release( -- --contract)?$/, 'tests/unit/release.test.ts', 'release(root'],
  [/^(VITE_\w+=\S+ )*npm run build$/, 'tests/browser/served_client.ts', `'npm:vite', 'build'`],
  [/^deno run -A npm:vitest$/, 'package.json', '"test": "deno run -A npm:vitest run"'],
];

/** Not executed, and why. */
const NOWHERE: ReadonlyArray<readonly [command: RegExp, why: string]> = [
  [/^npx (netlify|wrangler|vercel) deploy\b/, 'needs an account at that host'],
  [/^npx supabase (login|link|db push|secrets set|functions deploy)\b/, 'needs a project of the hosted platform'],
  [/^npx supabase (start|db start|functions serve)\b/, 'needs Docker'],
  [/^npx supabase db lint\b/, 'needs the database of `npx supabase db start`; functions.test.ts asks the same of ours'],
  [/^curl -X PUT "https:\/\/api\.supabase\.com\//, 'needs a project of the hosted platform'],
  [/^npm run (bench|chaos)\b/, 'measures for minutes, and asserts nothing that a test does not'],
  [/^npm run pictures$/, 'writes pictures that a person looks at'],
];

/** Executed here, in the order of the documents. Addresses of a project are the local stack's. */
const HERE: readonly RegExp[] = [
  /^npm run help$/,
  /^npm run fix -- maps$/,
  /^npm sbom /,
  /^curl .*\/(connect|settings|metrics)\b/,
];

const pages = ['.', '.github', 'docs', 'emulators', 'ops', 'supabase/sql', 'tests/simulation'].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: folder !== '.', encoding: 'utf8' })
    .filter((name) => name.endsWith('.md')).map((name) => `${folder}/${name}`)
);

/** Commands of a page's blocks, and of its sentences. */
function commandsOf(page: string): string[] {
  const blocks = [...page.matchAll(/^ *```sh\n([\s\S]*?)^ *```/gm)]
    .flatMap(([, block]) => block!.replaceAll(/ *\\\n */g, ' ').split('\n'))
    .flatMap((line) => line.replace(/(^|\s)#.*$/, '').split('&&'));
  const sentences = [...page.replaceAll(/^ *```[\s\S]*?^ *```/gm, '').matchAll(/`((?:npm|npx|deno|curl)\s[^`]+)`/g)]
    .map(([, command]) => command!)
    .filter((command) => !/^npm run(?: [\w:]+)? …/.test(command));
  return [...blocks, ...sentences].map((command) => command.replace(/\s+/g, ' ').trim())
    .filter((command) => command !== '');
}

const commands = [...new Set(pages.flatMap((path) => commandsOf(read(path))))];
const matches = (command: string) => (pattern: RegExp) => pattern.test(command);
const here = commands.filter((command) => HERE.some(matches(command)));

describe('every command of the documents', () => {
  test('is executed here, by a named test, or says why it is not', () => {
    const known = [...HERE, ...ELSEWHERE.map(([pattern]) => pattern), ...NOWHERE.map(([pattern]) => pattern)];
    expect(commands.filter((command) => !known.some(matches(command)))).toEqual([]);
    expect(known.filter((pattern) => !commands.some((command) => pattern.test(command)))).toEqual([]);
    expect(commands.length).toBeGreaterThan(30);
  });

  test('that a test or workflow executes is named in it', () => {
    expect(ELSEWHERE.filter(([, file, text]) => !read(file).includes(text))).toEqual([]);
  });
});

describe('executed as it is written:', () => {
  let stack: Stack;
  let claire: Person;
  beforeAll(async () => {
    stack = await startStack({ portBase: freePortBase(), web: false, quiet: true, scheduled: false });
    claire = await Person.signIn(stack, 'claire@cabinet-lumiere.test');
    await claire.grant('claire@gmail.test');
  });
  afterAll(() => stack?.stop());

  test.each(here)('%s', async (command) => {
    const { success, stdout, stderr } = await new Deno.Command('bash', {
      args: ['-euc', command.replaceAll('https://<project-ref>.supabase.co', stack.apiUrl)],
      cwd: ROOT,
      env: {
        API: `${stack.apiUrl}/functions/v1`,
        JWT: claire.token,
        KEY: stack.publishableKey,
        METRICS_TOKEN: stack.metricsToken,
        NO_COLOR: '1',
      },
    }).output();
    const said = new TextDecoder().decode(stdout);
    expect(success, new TextDecoder().decode(stderr) + said).toBe(true);
    expect(said).not.toContain('"error"');
    if (command.startsWith('curl')) expect(said).not.toBe('');
  });
});
