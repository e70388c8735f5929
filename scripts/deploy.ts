/**
 * `npm run deploy`: brings this repository to a hosted project. It tells what it will do, asks, does it, tells what it did, and
 * what is left to a person. It can be repeated: for a new version, for another secret, or because it was cut off.
 *
 *     SUPABASE_ACCESS_TOKEN=sbp_… GOOGLE_CLIENT_ID=… GOOGLE_CLIENT_SECRET=… \
 *       npm run deploy -- --project-ref <project-ref> --page https://calendar.example
 *
 * `--dry-run` only looks. `--yes` does not ask. `--region eu-west-3`: where functions are asked to run, by default where the
 * database is. `--url https://api.example`: of a project with an address of its own. `--skip database`, `functions` or `page`,
 * repeatedly. `--metrics-token FILE`: a monitor's token, read from there, or made and written there. Secrets are read from the
 * environment alone, and kept nowhere else. Ends with 0 once it is done, 1 where something failed, 2 where it could not begin,
 * 3 where the answer was no.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { print, warn } from '../local/terminal.ts';
import { printsUsage } from './usage.ts';
import { deploy, PARTS } from './deploy/deploy.ts';
import { ToolError } from './deploy/tool.ts';
import { NotReady, PlatformError, platformFromEnvironment, projectUrl } from './project/platform.ts';

const ROOT = join(import.meta.dirname!, '..');

/** The token in the file; where there is none, one that is made now, for `keep` to write there. */
function metricsToken(path: string): { token: string; keep: () => void } {
  try {
    const token = Deno.readTextFileSync(path).trim();
    if (token !== '') return { token, keep: () => {} };
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const token = randomBytes(32).toString('hex');
  return { token, keep: () => Deno.writeTextFileSync(path, token, { mode: 0o600 }) };
}

function asked(): boolean {
  if (Deno.stdin.isTerminal()) return confirm('Go on?');
  warn('Not asked, for this is no terminal: say --yes');
  return false;
}

/** Whether it may have changed something. */
let began = false;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      'project-ref': { type: 'string' },
      'page': { type: 'string' },
      'region': { type: 'string' },
      'url': { type: 'string' },
      'skip': { type: 'string', multiple: true, default: [] },
      'metrics-token': { type: 'string' },
      'dry-run': { type: 'boolean', default: false },
      'yes': { type: 'boolean', default: false },
    },
  });
  const { 'project-ref': ref, 'dry-run': dryRun } = values;
  if (ref === undefined) throw new NotReady('Say which project: --project-ref, the twenty letters of its address');
  const other = values.skip.find((part) => !PARTS.some((known) => known === part));
  if (other !== undefined) throw new NotReady(`--skip ${other}: there are ${PARTS.join(', ')}`);
  for (const [name, address] of [['--page', values.page], ['--url', values.url]] as const) {
    if (address !== undefined && !/^https?:\/\/[^\s/?#]+(\/[^\s?#]*)?$/.test(address)) {
      throw new NotReady(`${name} ${address} is no address`);
    }
  }
  const environment = { ...Deno.env.toObject() };
  const path = values['metrics-token'];
  const monitor = path === undefined ? null : metricsToken(path);
  if (monitor !== null) environment.METRICS_TOKEN = monitor.token;
  const done = await deploy({
    root: ROOT,
    ref,
    url: (values.url ?? projectUrl(ref)).replace(/\/+$/, ''),
    page: values.page?.replace(/\/+$/, '') ?? null,
    region: values.region ?? null,
    skip: new Set(PARTS.filter((part) => values.skip.includes(part))),
    dryRun,
    environment,
    platform: platformFromEnvironment(environment, ref),
    print,
    mayGoOn() {
      began = values.yes || asked();
      if (began) monitor?.keep();
      return began;
    },
  });
  return done ? 0 : 3;
}

if (import.meta.main && !printsUsage(import.meta.filename!)) {
  try {
    Deno.exit(await main());
  } catch (error) {
    const failed = error instanceof PlatformError || error instanceof ToolError;
    if (!failed && !(error instanceof NotReady) && !(error instanceof TypeError)) throw error;
    warn((error as Error).message);
    if (failed) {
      warn(`${began ? 'What was done stays' : 'Nothing was changed'}. Put that right, and run the same again.`);
    }
    Deno.exit(failed ? 1 : 2);
  }
}
