/** `npm run doctor` on a whole stack: well as it comes, and each of its faults found by name. */
import { join } from 'node:path';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePortBase } from '../../local/ports.ts';
import { type Stack, startStack } from '../../local/stack.ts';
import { examine } from '../../scripts/doctor/examine.ts';
import type { Finding } from '../../scripts/doctor/finding.ts';
import type { SelfReport } from '../../supabase/functions/_shared/http/self_report.ts';
import { fixedHeaders, pageHeaders, pagePolicy } from '../../web/hosting.ts';
import { REQUEST_PAUSE_MS } from '../patience.ts';

const ROOT = join(import.meta.dirname!, '..', '..');

/** The checks of docs/doctor.md, in its order. */
const page = await Deno.readTextFile(join(ROOT, 'docs', 'doctor.md'));
const documented = [...page.matchAll(/^\| `([a-z-]+)` /gm)].map(([, check]) => check!);

let stack: Stack;
let sql: postgres.Sql;
let admin: postgres.Sql;

beforeAll(async () => {
  const portBase = freePortBase();
  const options = { portBase, web: false, quiet: true, scheduled: false, requestPauseMs: REQUEST_PAUSE_MS };
  stack = await startStack(options);
  sql = postgres(stack.dbUrl, { max: 1, onnotice: () => {} });
  admin = postgres(stack.adminDbUrl, { max: 1, onnotice: () => {} });
  for (const job of ['cassius-sweep', 'cassius-import-sweep']) await stack.runCron(job);
});
afterAll(async () => {
  await Promise.all([sql?.end({ timeout: 1 }), admin?.end({ timeout: 1 })]);
  await stack?.stop();
});

interface Asking {
  readonly url?: string;
  readonly secretKey?: string;
  readonly page?: string;
  readonly region?: string;
}

async function ask({ url = stack.apiUrl, secretKey = stack.secretKey, page, region }: Asking = {}): Promise<Finding[]> {
  return await examine({ url, secretKey, page: page ?? null, region: region ?? null });
}

/** What is not well, as `check: what it says`. */
async function complaints(asking: Asking = {}): Promise<string[]> {
  return (await ask(asking)).filter(({ state }) => state !== 'ok').map(({ check, says }) => `${check}: ${says}`);
}

/** A server between the doctor and the deployment, or in place of a page. */
async function behind<T>(
  answer: (request: Request) => Promise<Response> | Response,
  use: (url: string) => Promise<T>,
): Promise<T> {
  const server = Deno.serve({ hostname: '127.0.0.1', port: 0, onListen() {} }, answer);
  try {
    return await use(`http://127.0.0.1:${server.addr.port}`);
  } finally {
    await server.shutdown();
  }
}

/** The deployment, with `change` made to what its functions say of themselves. */
function withReports<T>(change: (report: SelfReport) => SelfReport, use: (url: string) => Promise<T>): Promise<T> {
  return behind(async (request) => {
    const { pathname } = new URL(request.url);
    const { method, headers } = request;
    const body = method === 'POST' ? await request.text() : null;
    const answer = await fetch(stack.apiUrl + pathname, { method, headers, body });
    if (!pathname.endsWith('/health')) return answer;
    return Response.json(change(await answer.json()), { status: answer.status });
  }, use);
}

describe('a stack that is as it has to be', () => {
  test('is well in every line', async () => {
    const findings = await ask();
    expect(findings.filter(({ state }) => state !== 'ok')).toEqual([]);
    // A page that this machine serves is not looked at.
    expect([...findings.map(({ check }) => check), 'page', 'bundle']).toEqual(documented);
  });

  test('is told as JSON with 0, and with 1 once something fails; no key is printed', async () => {
    const run = async () => {
      const { code, stdout } = await new Deno.Command(Deno.execPath(), {
        args: [
          'run',
          '-A',
          '--quiet',
          '--no-check',
          join(ROOT, 'scripts', 'doctor.ts'),
          '--url',
          stack.apiUrl,
          '--json',
        ],
        env: { SUPABASE_SECRET_KEY: stack.secretKey },
      }).output();
      return { code, printed: new TextDecoder().decode(stdout) };
    };
    const well = await run();
    expect(well).toMatchObject({ code: 0 });
    expect(JSON.parse(well.printed)).toMatchObject({ healthy: true });
    await sql`select private.pause('all', null, 'a test')`;
    const paused = await run();
    await sql`select private.resume('all', null)`;
    expect(paused).toMatchObject({ code: 1 });
    expect(JSON.parse(paused.printed)).toMatchObject({ healthy: false });
    expect(well.printed + paused.printed).not.toContain(stack.secretKey);
  });

  test('tells what its functions say of themselves to the secret key alone, and no secret', async () => {
    const health = (headers: Record<string, string>) =>
      fetch(`${stack.apiUrl}/functions/v1/google-connect/health`, { headers });
    for (const headers of [{}, { apikey: stack.publishableKey }] as Array<Record<string, string>>) {
      const refused = await health(headers);
      expect([refused.status, (await refused.json()).error]).toEqual([401, 'UNAUTHENTICATED']);
    }
    const told = await (await health({ apikey: stack.secretKey })).text();
    expect(told).toContain('google-callback');
    for (const secret of [stack.secretKey, stack.google.clientSecret, 'whsec_', stack.publishableKey]) {
      expect(told).not.toContain(secret);
    }
  });
});

describe('a fault that was planted is found by its name', () => {
  test('project: another key, another address', async () => {
    expect(await complaints({ secretKey: 'sb_secret_other' })).toEqual(['project: the key is not accepted']);
    expect(await complaints({ url: 'http://127.0.0.1:1' })).toEqual(['project: the address gives no answer']);
  });

  test('extensions: one is not there', async () => {
    await admin`update pg_extension set extname = 'pgcrypto_gone' where extname = 'pgcrypto'`;
    const found = await complaints();
    await admin`update pg_extension set extname = 'pgcrypto' where extname = 'pgcrypto_gone'`;
    expect(found).toContain('extensions: missing: pgcrypto');
  });

  test('sealing: another root key', async () => {
    const [place] = await admin`select current_setting('data_directory') as path`;
    const path = `${place!.path}/../root.key`;
    const right = await Deno.readTextFile(path);
    await Deno.writeTextFile(path, 'ab'.repeat(32));
    const found = await complaints();
    await Deno.writeTextFile(path, right);
    expect(found).toContainEqual(expect.stringMatching(/^sealing: .*canary/));
  });

  test('schedule: a job was taken away', async () => {
    await sql`select cron.unschedule('cassius-import-sweep')`;
    const found = await complaints();
    await sql`select cron.schedule('cassius-import-sweep', '* * * * *', 'select private.import_sweep()')`;
    await stack.runCron('cassius-import-sweep');
    expect(found).toEqual(['schedule: not scheduled: cassius-import-sweep']);
  });

  test('cron: no run for long, or one that failed', async () => {
    await admin`update cron.job_run_details set end_time = end_time - interval '1 hour'`;
    const late = await complaints();
    await admin`update cron.job_run_details set end_time = end_time + interval '1 hour', status = 'failed'`;
    const failed = await complaints();
    await admin`update cron.job_run_details set status = 'succeeded'`;
    expect(late).toEqual(['cron: not run lately: cassius-import-sweep, cassius-sweep']);
    expect(failed).toEqual(['cron: the last run failed: cassius-import-sweep, cassius-sweep']);
  });

  test('pauses: an operator stopped one provider', async () => {
    await sql`select private.pause('provider', 'google', 'a test')`;
    const found = await ask();
    await sql`select private.resume('provider', 'google')`;
    const [pause] = found.filter(({ state }) => state !== 'ok');
    expect(pause).toMatchObject({ check: 'pauses', todo: `select private.resume('provider', 'google');` });
  });

  test('quota: a provider told a connection to wait', async () => {
    const [link] = await sql`
      insert into public.calendar_integrations (organisation_id, user_id, provider, account_id, account_email)
      select organisation_id, user_id, 'google', 'a', 'a@a.test' from public.organisation_members
      where user_id is not null limit 1 returning id`;
    await sql`insert into private.sync_lanes (integration_id, organisation_id, provider, reachable, paused_until, pause_code)
      select id, organisation_id, provider, true, now() + interval '1 hour', 'QUOTA_EXCEEDED'
      from public.calendar_integrations where id = ${link!.id}`;
    const found = await complaints();
    await sql`delete from public.calendar_integrations where id = ${link!.id}`;
    expect(found).toEqual(['quota: connections that wait for a quota: 1 of google']);
  });

  test('nudge: nothing is configured, another secret, another address', async () => {
    const [kept] = await sql`select value from private.app_config where key = 'functions_url'`;
    const [secret] = await sql`select sealed from private.app_config where key = 'nudge_secret'`;
    await sql`delete from private.app_config where key = 'nudge_secret'`;
    const none = await complaints();
    await sql`select private.configure(${kept!.value})`;
    const other = await complaints();
    await sql`update private.app_config set sealed = ${secret!.sealed} where key = 'nudge_secret'`;
    await sql`select private.configure('http://127.0.0.1:1/functions/v1')`;
    const elsewhere = await complaints();
    await sql`select private.configure(${kept!.value})`;
    expect(none).toEqual(['nudge: the database has no nudge secret: nothing is woken']);
    expect(other).toEqual([
      'nudge: google-import does not accept the database’s signature: another secret, or another clock',
    ]);
    expect(elsewhere).toEqual([
      'nudge: the database looks for google-import at http://127.0.0.1:1/functions/v1, which gives no answer',
    ]);
    expect(await complaints()).toEqual([]);
  });

  test('clock: functions that are ten minutes behind', async () => {
    const late = (report: SelfReport) => ({ ...report, at: new Date(Date.parse(report.at) - 600_000).toISOString() });
    const found = await withReports(late, (url) => complaints({ url }));
    expect(found).toEqual([expect.stringMatching(/^clock: \d{3} s apart from the database, wake-ups are refused: /)]);
  });

  test('token-keys: functions that were deployed before the last rotation', async () => {
    const old = (report: SelfReport) => ({ ...report, tokenKeys: ['another'] });
    expect(await withReports(old, (url) => complaints({ url }))).toEqual([expect.stringMatching(/^token-keys: /)]);
  });

  test('region: functions that run elsewhere', async () => {
    const at = (region: string) => (report: SelfReport) => ({ ...report, region });
    const asked = (region: string, wanted?: string) =>
      withReports(at(region), (url) => complaints({ url, ...(wanted === undefined ? {} : { region: wanted }) }));
    expect(await asked('us-east-1')).toEqual([
      'region: asked from here, functions run in us-east-1, not in the European Union',
    ]);
    expect(await asked('eu-central-1', 'eu-west-3')).toEqual([
      'region: asked from here, functions run in eu-central-1, not in eu-west-3',
    ]);
    expect(await asked('eu-west-3', 'eu-west-3')).toEqual([]);
  });

  test('functions: none runs; one is older, or holds another key', async () => {
    const with404 = (request: Request) => new URL(request.url).pathname.includes('/google-sync/');
    const older = await behind(async (request) => {
      if (with404(request)) return Response.json({ error: 'NOT_FOUND' }, { status: 404 });
      const { pathname } = new URL(request.url);
      const { method, headers } = request;
      return await fetch(stack.apiUrl + pathname, {
        method,
        headers,
        body: method === 'POST' ? await request.text() : null,
      });
    }, (url) => complaints({ url }));
    expect(older).toEqual(['functions: older than this repository: google-sync']);
    await stack.stopFunctions();
    const down = await complaints();
    await stack.startFunctions();
    expect(down).toContainEqual(expect.stringMatching(/^functions: give no answer: calendar-feed, google-callback, /));
  });

  test('variables, redirect, watch: a secret that is missing, addresses that lead elsewhere', async () => {
    const right = `${stack.apiUrl}/functions/v1`;
    await stack.stopFunctions();
    await stack.startFunctions({
      MICROSOFT_CLIENT_SECRET: undefined,
      GOOGLE_REDIRECT_URI: `${right}/google-connect`,
      GOOGLE_WEBHOOK_URL: `${right}/nowhere`,
    });
    const found = await complaints();
    expect(found).toContain(
      'variables: missing or wrong: MICROSOFT_CLIENT_SECRET (microsoft-callback, microsoft-connect, microsoft-import, microsoft-sync)',
    );
    expect(found).toContainEqual(expect.stringMatching(/^redirect: GOOGLE_REDIRECT_URI is .*, which answers 404/));
    expect(found).toContainEqual(
      expect.stringMatching(/^watch: changes are to be told at .*\/nowhere, which answers 404/),
    );
    await stack.stopFunctions();
    await stack.startFunctions({ GOOGLE_REDIRECT_URI: `${right}/google-callback`, GOOGLE_WEBHOOK_URL: undefined });
    // What follows from the secret that is missing says so, instead of another thing to do.
    const follow = (await ask()).filter(({ check }) => check === 'redirect' || check === 'watch');
    expect(follow.map(({ todo }) => todo)).toEqual([
      'put the line "variables" right',
      'put the line "variables" right',
    ]);
    await stack.stopFunctions();
    await stack.startFunctions({
      MICROSOFT_CLIENT_SECRET: stack.microsoft.clientSecret,
    });
    expect(await complaints()).toEqual([]);
  });
});

describe('a page is looked at as its host serves it', () => {
  const html = (project: string) =>
    `<!doctype html><meta http-equiv="Content-Security-Policy" content="${pagePolicy(project)}">` +
    '<script type="module" src="/main.js"></script>';
  const served = (
    project: string,
    { fallback = true, script = 'a', sent = pageHeaders(project) }: {
      fallback?: boolean;
      script?: string;
      sent?: ReturnType<typeof pageHeaders>;
    } = {},
  ) =>
  (request: Request) => {
    const { pathname } = new URL(request.url);
    const headers = new Headers(sent.map(([name, value]): [string, string] => [name, value]));
    if (pathname === '/main.js') return new Response(script, { headers });
    if (pathname !== '/' && !fallback) return new Response('not found', { status: 404, headers });
    return new Response(html(project), { headers });
  };
  const found = (serve: (request: Request) => Response) => behind(serve, (page) => complaints({ page }));

  test('well, where each path, each header and the project are right', async () => {
    expect(await found(served(stack.apiUrl))).toEqual([]);
    expect(await found(served(stack.apiUrl, { sent: fixedHeaders() }))).toEqual([]);
  });

  test.each([
    [
      'a path that is no file is not answered',
      () => served(stack.apiUrl, { fallback: false }),
      /^page: .* answers 404 and is not the page$/,
    ],
    ['it was built for another project', () => served('https://other.test'), /^page: it was built for another project/],
    [
      'no header comes',
      () => served(stack.apiUrl, { sent: [] }),
      /^page: headers missing .*Content-Security-Policy, X-Frame-Options/,
    ],
    [
      'it is heavy',
      () => served(stack.apiUrl, { script: Array.from({ length: 60_000 }, (_, at) => `${at * 7919 % 65_537}`).join() }),
      /^bundle: \d+ kB/,
    ],
  ])('%s', async (_name, serve, complaint) => {
    expect(await found(serve())).toEqual([expect.stringMatching(complaint)]);
  });
});
