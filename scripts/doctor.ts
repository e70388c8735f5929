/**
 * `npm run doctor`: whether a deployment is as it has to be, each line with the one thing to do. Without options it looks at
 * the stack that `npm start` runs here.
 *
 *     SUPABASE_SECRET_KEY=sb_secret_… npm run doctor -- --url https://<project-ref>.supabase.co
 *     SUPABASE_ACCESS_TOKEN=sbp_… npm run doctor -- --project-ref <project-ref>
 *
 * The second fetches the key by the token of a person who may see it. `--page URL` where the page is not at APP_BASE_URL,
 * `--region NAME` where the functions have to run, `--json` for monitors. Ends with 0 where nothing fails, 1 where something does, 2 where it could not be asked. Key and token are read from
 * the environment alone: arguments are seen by every process of a machine.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { print, warn } from '../local/terminal.ts';
import { printsUsage } from './usage.ts';
import { examine, type Target } from './doctor/examine.ts';
import type { Finding } from './doctor/finding.ts';
import { platformFromEnvironment, projectUrl } from './project/platform.ts';

const LOCAL = join(import.meta.dirname!, '..', '.local', 'stack.json');
const MARKS = { ok: '✓', warn: '!', fail: '✗' } as const;

async function targetOf(
  options: { 'url'?: string; 'project-ref'?: string; 'page'?: string; 'region'?: string },
): Promise<Target> {
  const { 'page': page = null, region = null, 'project-ref': ref } = options;
  if (ref !== undefined) {
    const { secret } = await platformFromEnvironment(Deno.env.toObject(), ref).keys();
    if (secret === null) {
      throw new Error('The project has no secret key: make one in the dashboard, Project Settings → API Keys');
    }
    return { url: options.url ?? projectUrl(ref), secretKey: secret, page, region };
  }
  if (options.url !== undefined) {
    const secretKey = Deno.env.get('SUPABASE_SECRET_KEY')?.trim();
    if (!secretKey) throw new Error('SUPABASE_SECRET_KEY is not set');
    return { url: options.url, secretKey, page, region };
  }
  try {
    const { apiUrl, secretKey } = JSON.parse(await Deno.readTextFile(LOCAL)) as { apiUrl: string; secretKey: string };
    return { url: apiUrl, secretKey, page, region };
  } catch {
    throw new Error(
      'No local stack runs here (npm start). Another deployment, or a stack of another --state-dir: --project-ref, or --url ' +
        'with SUPABASE_SECRET_KEY',
    );
  }
}

function show(findings: readonly Finding[]): void {
  const width = Math.max(...findings.map(({ check }) => check.length));
  for (const { check, state, says, todo } of findings) {
    print(`${MARKS[state]} ${check.padEnd(width)}  ${says}`);
    if (todo !== null) print(`  ${''.padEnd(width)}  → ${todo}`);
  }
}

if (import.meta.main && !printsUsage(import.meta.filename!)) {
  try {
    const { values } = parseArgs({
      options: {
        'url': { type: 'string' },
        'project-ref': { type: 'string' },
        'page': { type: 'string' },
        'region': { type: 'string' },
        'json': { type: 'boolean', default: false },
      },
    });
    const { json, ...options } = values;
    const findings = await examine(await targetOf(options));
    const failed = findings.some(({ state }) => state === 'fail');
    if (json) print(JSON.stringify({ healthy: !failed, findings }));
    else show(findings);
    Deno.exit(failed ? 1 : 0);
  } catch (error) {
    warn((error as Error).message);
    Deno.exit(2);
  }
}
