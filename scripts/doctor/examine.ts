/** All that `npm run doctor` looks at, in the order in which it is put right. */
import { join } from 'node:path';
import { functionNames } from '../project/functions.ts';
import { redirects, watches } from './addresses.ts';
import { databaseFindings } from './database.ts';
import { Deployment, type FunctionAnswer, type Health, Unreachable } from './deployment.ts';
import { failing, type Finding, well } from './finding.ts';
import { clocks, deployed, deployedOnes, region, reportsOf, tokenKeys, variables } from './functions.ts';
import { nudges } from './nudge.ts';
import { pageFindings } from './page.ts';

export interface Target {
  /** Of the project. */
  readonly url: string;
  readonly secretKey: string;
  /** Where the page is; null: where the functions say, unless that is this machine. */
  readonly page: string | null;
  /** Where the functions have to run; null: in the European Union. */
  readonly region: string | null;
}

const ROOT = join(import.meta.dirname!, '..', '..');

async function publishedKeys(url: string): Promise<string[] | null> {
  try {
    const answer = await fetch(`${url}/auth/v1/.well-known/jwks.json`, { signal: AbortSignal.timeout(20_000) });
    const { keys } = await answer.json() as { keys: ReadonlyArray<{ kid?: string }> };
    return keys.flatMap(({ kid }) => kid ?? []);
  } catch {
    return null;
  }
}

/** Why the database cannot be asked, which is all that can be said then. */
function unreachable(error: unknown): Finding {
  if (!(error instanceof Unreachable)) throw error;
  const { status } = error;
  if (status === null) {
    return failing(
      'project',
      'the address gives no answer',
      'correct --url; a paused project is restored in the dashboard',
    );
  }
  if (status === 401 || status === 403) {
    return failing(
      'project',
      'the key is not accepted',
      'set SUPABASE_SECRET_KEY to a secret key of this project (sb_secret_…, or the legacy service_role)',
    );
  }
  return failing(
    'project',
    `the database answers ${status}`,
    status === 404
      ? 'push the migrations: npx supabase db push --remote'
      : 'see the project’s own status in the dashboard',
  );
}

export async function examine({ url, secretKey, page, region: wanted }: Target): Promise<Finding[]> {
  const deployment = new Deployment(url.replace(/\/+$/, ''), secretKey);
  let health: Health;
  let told: Awaited<ReturnType<Deployment['facts']>>;
  try {
    health = await deployment.call<Health>('sync_health');
    told = await deployment.facts();
  } catch (error) {
    return [unreachable(error)];
  }
  const { facts, clock } = told;
  const asked = await Promise.all(
    functionNames(ROOT).map(async (name): Promise<[string, FunctionAnswer]> => [name, await deployment.ask(name)]),
  );
  const answers = new Map(asked);
  const reports = reportsOf(answers);
  const wakeable = deployedOnes(answers, facts.connections).filter((name) => answers.get(name)!.kind !== 'absent');
  const address = page ??
    reports.map(({ addresses }) => addresses.APP_BASE_URL).find((one) => one?.startsWith('https:'));
  return [
    well('project', deployment.url),
    ...databaseFindings(health, facts),
    deployed(answers, facts.connections),
    variables(answers),
    clocks(clock, answers),
    await nudges(deployment, health.nudgeConfigured, facts, wakeable),
    tokenKeys(reports, await publishedKeys(deployment.url)),
    await redirects(reports),
    await watches(reports, facts.channelsRefused),
    region(reports, wanted),
    ...address === undefined ? [] : await pageFindings(address.replace(/\/+$/, ''), deployment.url),
  ];
}
