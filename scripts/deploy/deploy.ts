/**
 * A deployment, step by step. Each step looks before it writes and can be repeated: one that was cut off anywhere is put
 * right by the next run. The database comes first (docs/upgrades.md).
 */
import { join } from 'node:path';
import { migrationFiles } from '../../local/database.ts';
import { functionNames } from '../project/functions.ts';
import { NotReady, Platform, PlatformError, type Project } from '../project/platform.ts';
import { functionsRegion, inTheUnion, runsFunctions } from '../project/regions.ts';
import { releasedVersion } from '../sql_migration.ts';
import { byHand } from './by_hand.ts';
import { runTool } from './tool.ts';
import { authChanges, digestOf, type Plan, planOf, type Wish } from './plan.ts';

export const PARTS = ['database', 'functions', 'page'] as const;
export type Part = typeof PARTS[number];

export interface Deploying {
  /** Of the repository. */
  readonly root: string;
  readonly ref: string;
  /** Address of the project, without a slash at its end. */
  readonly url: string;
  readonly page: string | null;
  /** null: as near to the database as functions run. */
  readonly region: string | null;
  readonly skip: ReadonlySet<Part>;
  /** Only say what would be done. */
  readonly dryRun: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly platform: Platform;
  readonly print: (line: string) => void;
  /** Asked once, before anything is changed. */
  readonly mayGoOn: () => boolean;
}

const NUDGE = 'NUDGE_SIGNING_SECRET';
const NOBODY = `'00000000-0000-0000-0000-000000000000'`;
const literal = (text: string) => `'${text.replaceAll("'", "''")}'`;

/** @throws {NotReady} */
function regionOf(project: Project, wanted: string | null): string {
  const region = wanted ?? functionsRegion(project.region);
  if (region === null) {
    throw new NotReady(
      `The database is in ${project.region}: say where the functions have to run, --region eu-central-1`,
    );
  }
  if (!runsFunctions(region)) throw new NotReady(`The platform runs no functions in ${region}`);
  return region;
}

/** Lines of the CLI that name a migration. */
function pendingOf(output: string): string[] {
  return [...new Set(output.match(/\b\d{14}_\w+\.sql\b/g) ?? [])];
}

function tell(
  { ref, url, page, print, skip }: Deploying,
  project: Project,
  region: string,
  plan: Plan,
  pending: readonly string[],
): void {
  const outside = (name: string) => inTheUnion(name) ? '' : ' (outside the European Union)';
  print(`To ${project.name} (${ref}, ${url})`);
  print(`  region     database ${project.region}${outside(project.region)}, functions ${region}${outside(region)}`);
  if (!skip.has('database')) {
    print(`  database   ${pending.length === 0 ? 'nothing to migrate' : `migrations: ${pending.join(', ')}`}`);
  }
  const made = new Set(plan.made);
  const set = [...plan.secrets.keys()].filter((name) => !made.has(name));
  print(
    `  secrets    set: ${set.join(', ') || 'none'}; made: ${plan.made.join(', ') || 'none'}; left: ${plan.kept.length}`,
  );
  if (!skip.has('functions')) print(`  functions  ${plan.functions.join(', ')}`);
  if (plan.leftOut.length > 0) print(`  left out   ${plan.leftOut.join(', ')}: no client is known`);
  if (!skip.has('page')) print(`  page       to web/dist, for ${page ?? 'the address that is set'}`);
}

/** The database's own address of the functions, and its secret: made there, and never typed. Gives the secret. */
async function nudgeSecret(platform: Platform, url: string): Promise<string> {
  await platform.query(`select private.configure(${literal(`${url}/functions/v1`)}) is not null as made`);
  const [row] = await platform.query(
    `select private.open_token(c.sealed, ${NOBODY}, ${NOBODY}, 'nudge') as secret ` +
      `from private.app_config c where c.key = 'nudge_secret'`,
  );
  if (typeof row?.secret !== 'string') throw new PlatformError('The database made no nudge secret');
  return row.secret;
}

/** Whether the file was written. */
async function writeReleased(root: string): Promise<boolean> {
  const last = (await migrationFiles(join(root, 'supabase', 'migrations'))).at(-1)?.version ?? '';
  const released = await releasedVersion(join(root, 'supabase'));
  if (last <= released) return false;
  const path = join(root, 'supabase', 'released.txt');
  const text = await Deno.readTextFile(path);
  await Deno.writeTextFile(path, released === '' ? `${text.trimEnd()}\n${last}\n` : text.replace(/^\d+$/m, last));
  return true;
}

/** @returns whether it was done, or would be: false where the person did not want it */
export async function deploy(deploying: Deploying): Promise<boolean> {
  const { root, ref, url, page, skip, platform, environment, print } = deploying;
  const project = await platform.project();
  if (project.status !== 'ACTIVE_HEALTHY') {
    throw new NotReady(`The project is ${project.status}: restore it in the dashboard`);
  }
  const region = regionOf(project, deploying.region);
  const wish: Wish = { url, page, region, environment };
  const plan = planOf(wish, await platform.secretDigests(), functionNames(root));
  const cli = (...args: string[]) => runTool('supabase', [...args, `--remote=${ref}`], root, environment);
  const pending = skip.has('database') ? [] : pendingOf(await cli('db', 'push', '--dry-run'));
  tell(deploying, project, region, plan, pending);
  if (deploying.dryRun) {
    print('Nothing was changed.');
    return true;
  }
  if (!deploying.mayGoOn()) {
    print('Nothing was changed.');
    return false;
  }

  let released = false;
  if (!skip.has('database')) {
    await cli('db', 'push', '--yes');
    released = await writeReleased(root);
    print(`✓ database   ${pending.length} migrations`);
  }

  const nudge = await nudgeSecret(platform, url);
  const secrets = new Map(plan.secrets);
  if ((await platform.secretDigests()).get(NUDGE) !== digestOf(nudge)) secrets.set(NUDGE, nudge);
  if (secrets.size > 0) await platform.setSecrets(secrets);
  print(`✓ secrets    ${[...secrets.keys()].sort().join(', ') || 'as they were'}`);

  if (!skip.has('functions')) {
    await cli('functions', 'deploy', ...plan.functions, '--use-api', '--yes');
    print(`✓ functions  ${plan.functions.length}, asked to run in ${region}`);
  }

  if (page !== null) {
    const changes = authChanges(await platform.authAddresses(), page);
    if (Object.keys(changes).length > 0) await platform.setAuthAddresses(changes);
    print(`✓ sign-in    ${Object.keys(changes).join(', ') || 'knows the page'}`);
  }

  if (!skip.has('page')) {
    const { publishable } = await platform.keys();
    if (publishable === null) {
      throw new PlatformError(
        'The project has no publishable key: make one in the dashboard, Project Settings → API Keys',
      );
    }
    await runTool('npm', ['run', 'build'], root, {
      ...environment,
      VITE_SUPABASE_URL: url,
      VITE_SUPABASE_PUBLISHABLE_KEY: publishable,
      VITE_FUNCTIONS_REGION: region,
    });
    print('✓ page       web/dist');
  }

  print('By hand:');
  for (const line of byHand({ url, page, providers: plan.providers, released, ref })) print(`  - ${line}`);
  return true;
}
