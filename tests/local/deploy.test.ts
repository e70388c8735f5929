/** `npm run deploy` against a stand-in for the platform: its API over HTTP, its CLI on PATH, a real database behind. */
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { deploy, type Deploying } from '../../scripts/deploy/deploy.ts';
import { authChanges, digestOf, planOf } from '../../scripts/deploy/plan.ts';
import { functionNames } from '../../scripts/project/functions.ts';
import { NotReady, Platform, PlatformError } from '../../scripts/project/platform.ts';
import { functionsRegion, inTheUnion } from '../../scripts/project/regions.ts';
import { type TestDatabase, testDatabase } from '../database/database.ts';
import { type PlatformStandIn, PUBLISHABLE_KEY, REF, SECRET_KEY, startPlatform, TOKEN } from './platform_stand_in.ts';

const ROOT = join(import.meta.dirname!, '..', '..');
const URL_OF_PROJECT = `https://${REF}.supabase.co`;
const PAGE = 'https://agenda.example';
/** Of the person who deploys. */
const GIVEN = {
  GOOGLE_CLIENT_ID: 'google-client',
  GOOGLE_CLIENT_SECRET: 'GOCSPX-of-google',
  MICROSOFT_CLIENT_ID: 'microsoft-client',
  MICROSOFT_CLIENT_SECRET: 'of~microsoft',
};
const NAMES = functionNames(ROOT);

let database: TestDatabase;
let platform: PlatformStandIn;
/** A repository whose released.txt may be written. */
let root: string;
const printed: string[] = [];

beforeAll(async () => {
  database = await testDatabase();
  platform = await startPlatform(database.owner);
  root = await Deno.makeTempDir({ prefix: 'cassius-deploy-' });
  await Deno.mkdir(join(root, 'supabase'));
  for (const name of ['migrations', 'functions']) {
    await Deno.symlink(join(ROOT, 'supabase', name), join(root, 'supabase', name));
  }
});
afterAll(async () => {
  await platform?.stop();
  await database?.stop();
  if (root) await Deno.remove(root, { recursive: true });
});

const released = () => Deno.readTextFile(join(root, 'supabase', 'released.txt'));

async function startAgain(): Promise<void> {
  platform.reset();
  printed.length = 0;
  await database.owner`delete from private.app_config where key in ('functions_url', 'nudge_secret')`;
  await Deno.writeTextFile(join(root, 'supabase', 'released.txt'), '# The last migration that ran.\n');
}
beforeEach(startAgain);

function run(changes: Partial<Deploying> = {}): Promise<boolean> {
  return deploy({
    root,
    ref: REF,
    url: URL_OF_PROJECT,
    page: PAGE,
    region: null,
    skip: new Set(),
    dryRun: false,
    environment: { ...GIVEN, PATH: platform.path, STAND_IN: platform.url, SUPABASE_ACCESS_TOKEN: TOKEN },
    platform: new Platform(platform.url, TOKEN, REF),
    print: (line) => void printed.push(line),
    mayGoOn: () => true,
    ...changes,
  });
}

async function databaseSecret(): Promise<string> {
  const nobody = '00000000-0000-0000-0000-000000000000';
  const [row] = await database.owner`
    select private.open_token(c.sealed, ${nobody}::uuid, ${nobody}::uuid, 'nudge') as secret
    from private.app_config c where c.key = 'nudge_secret'`;
  return row!.secret;
}

/** All that a deployment leaves, without what chance made. */
async function leftBehind() {
  const [address] = await database.owner`select value from private.app_config where key = 'functions_url'`;
  const { NUDGE_SIGNING_SECRET: nudge, OAUTH_STATE_SECRET: state, ...others } = Object.fromEntries(platform.secrets);
  return {
    address: address?.value,
    nudgesAreKnown: nudge === await databaseSecret(),
    stateSecretLength: state?.length,
    others,
    functions: [...platform.functions].sort(),
    auth: platform.auth,
    released: await released(),
    pending: platform.pending,
    built: platform.calls.filter((call) => call.startsWith('npm')).at(-1),
  };
}

describe('the first deployment', () => {
  test('brings database, secrets, functions, sign-in and page in this order, and tells what is left to a person', async () => {
    expect(await run()).toBe(true);
    const last = [...Deno.readDirSync(join(ROOT, 'supabase', 'migrations'))].map(({ name }) => name).sort().at(-1)!;
    expect(await leftBehind()).toEqual({
      address: `${URL_OF_PROJECT}/functions/v1`,
      nudgesAreKnown: true,
      stateSecretLength: 64,
      others: {
        ...GIVEN,
        APP_BASE_URL: PAGE,
        FUNCTIONS_REGION: 'eu-west-3',
        GOOGLE_REDIRECT_URI: `${URL_OF_PROJECT}/functions/v1/google-callback`,
        GOOGLE_WEBHOOK_URL: `${URL_OF_PROJECT}/functions/v1/google-import/notifications?forceFunctionRegion=eu-west-3`,
        MICROSOFT_REDIRECT_URI: `${URL_OF_PROJECT}/functions/v1/microsoft-callback`,
        MICROSOFT_WEBHOOK_URL:
          `${URL_OF_PROJECT}/functions/v1/microsoft-import/notifications?forceFunctionRegion=eu-west-3`,
      },
      functions: NAMES,
      auth: { site_url: PAGE, uri_allow_list: `${PAGE}/login` },
      released: `# The last migration that ran.\n${last.slice(0, 14)}\n`,
      pending: [],
      built: 'npm run build ' +
        `VITE_FUNCTIONS_REGION=eu-west-3 VITE_SUPABASE_PUBLISHABLE_KEY=${PUBLISHABLE_KEY} VITE_SUPABASE_URL=${URL_OF_PROJECT}`,
    });
    expect(platform.calls.map((call) => call.split(' ').slice(0, 3).join(' '))).toEqual([
      'supabase db push',
      'supabase db push',
      "query select private.configure('" + `${URL_OF_PROJECT}/functions/v1')`,
      expect.stringMatching(/^query select private.open_token/),
      'POST /secrets',
      'supabase functions deploy',
      'PATCH /config/auth',
      'npm run build',
    ]);
    expect(platform.calls[0]).toBe(`supabase db push --dry-run --remote=${REF}`);
    const told = printed.join('\n');
    expect(told).toContain('20261121000100_extensions.sql');
    expect(told).toContain(`${URL_OF_PROJECT}/functions/v1/google-callback, letter by letter`);
    expect(told).toContain(`${URL_OF_PROJECT}/functions/v1/microsoft-callback, letter by letter`);
    expect(told).toContain('git commit supabase/released.txt');
    expect(told).toContain(`npm run doctor -- --project-ref ${REF}`);
  });

  test('puts no secret into an argument, into what it prints, or on the disk', async () => {
    await run();
    const { GOOGLE_CLIENT_SECRET, MICROSOFT_CLIENT_SECRET, OAUTH_STATE_SECRET, NUDGE_SIGNING_SECRET } = Object
      .fromEntries(platform.secrets);
    const files = [...Deno.readDirSync(join(root, 'supabase'))].filter(({ isFile }) => isFile);
    const disk = await Promise.all(files.map(({ name }) => Deno.readTextFile(join(root, 'supabase', name))));
    const seen = [...platform.calls, ...printed, ...disk].join('\n');
    const secrets = [GOOGLE_CLIENT_SECRET, MICROSOFT_CLIENT_SECRET, OAUTH_STATE_SECRET, NUDGE_SIGNING_SECRET];
    for (const secret of [...secrets, TOKEN, SECRET_KEY]) {
      expect(secret).toBeTruthy();
      expect(seen).not.toContain(secret);
    }
  });

  test('changes nothing before the answer, after a no, and in a dry run', async () => {
    expect(await run({ mayGoOn: () => false })).toBe(false);
    expect(await run({ dryRun: true, mayGoOn: () => expect.unreachable() })).toBe(true);
    expect(new Set(platform.calls)).toEqual(new Set([`supabase db push --dry-run --remote=${REF}`]));
    expect(platform.secrets.size).toBe(0);
    expect(await released()).toBe('# The last migration that ran.\n');
    expect(printed.filter((line) => line === 'Nothing was changed.')).toHaveLength(2);
    expect(printed.join('\n')).toContain('made: OAUTH_STATE_SECRET');
  });
});

describe('repeated,', () => {
  test('it sets and changes nothing that is right, and makes no secret anew', async () => {
    await run();
    const before = new Map(platform.secrets);
    platform.calls.length = 0;
    await run();
    expect(platform.secrets).toEqual(before);
    expect(platform.calls.filter((call) => /^(POST|PATCH)/.test(call))).toEqual([]);
    expect(printed).toContain('✓ secrets    as they were');
    // Values that are there need not be given again.
    await run({ environment: { PATH: platform.path, STAND_IN: platform.url } });
    expect(platform.secrets).toEqual(before);
  });

  test('it brings a client secret that was renewed, and that alone', async () => {
    await run();
    const before = Object.fromEntries(platform.secrets);
    await run({
      environment: { MICROSOFT_CLIENT_SECRET: 'renewed', PATH: platform.path, STAND_IN: platform.url },
    });
    expect(printed).toContain('✓ secrets    MICROSOFT_CLIENT_SECRET');
    expect(Object.fromEntries(platform.secrets)).toEqual({ ...before, MICROSOFT_CLIENT_SECRET: 'renewed' });
  });

  test('after a step that failed, before or after its work, it ends in the same state', async () => {
    await run();
    const whole = await leftBehind();
    const steps = platform.calls.length;
    for (let call = 0; call < steps; call++) {
      for (const done of [false, true]) {
        await startAgain();
        platform.failing = { call, done };
        const name = platform.calls[call] ?? `call ${call}`;
        await expect(run(), `${name} fails, done: ${done}`).rejects.toThrow(/500|ended with 1/);
        expect(printed.at(-1)).not.toBe(`  - npm run doctor -- --project-ref ${REF}`);
        const stateSecret = platform.secrets.get('OAUTH_STATE_SECRET');
        platform.failing = null;
        await run();
        expect(await leftBehind(), `${name} failed, done: ${done}`).toEqual(whole);
        if (stateSecret !== undefined) expect(platform.secrets.get('OAUTH_STATE_SECRET')).toBe(stateSecret);
      }
    }
    expect(steps).toBeGreaterThan(6);
  });

  test('it gives the functions the database’s secret again where they hold another', async () => {
    await run();
    platform.secrets.set('NUDGE_SIGNING_SECRET', 'whsec_of-another-database');
    await run();
    expect(platform.secrets.get('NUDGE_SIGNING_SECRET')).toBe(await databaseSecret());
    expect(printed).toContain('✓ secrets    NUDGE_SIGNING_SECRET');
  });
});

describe('what is not there yet is asked for before anything is changed:', () => {
  const wish = { url: URL_OF_PROJECT, page: PAGE, region: 'eu-west-3', environment: GIVEN };
  const none = new Map<string, string>();

  test.each<[string, Partial<Deploying>, RegExp]>([
    ['a client', { environment: {} }, /GOOGLE_CLIENT_ID.*google-callback/],
    ['its secret', { environment: { GOOGLE_CLIENT_ID: 'a' } }, /GOOGLE_CLIENT_SECRET/],
    ['the page’s address', { page: null }, /--page/],
    ['a region that runs functions', { region: 'eu-north-1' }, /no functions in eu-north-1/],
  ])('%s', async (_name, changes, told) => {
    const environment = { ...changes.environment ?? GIVEN, PATH: platform.path, STAND_IN: platform.url };
    const refused = await run({ ...changes, environment }).catch((error: Error) => error);
    expect(refused).toBeInstanceOf(NotReady);
    expect((refused as Error).message).toMatch(told);
    expect(platform.calls).toEqual([]);
  });

  test('a project that is paused, or lies outside Europe without a word about it', async () => {
    platform.project = { region: 'eu-west-3', status: 'INACTIVE' };
    await expect(run()).rejects.toThrow(/INACTIVE: restore it/);
    platform.project = { region: 'us-east-2', status: 'ACTIVE_HEALTHY' };
    await expect(run()).rejects.toThrow(/database is in us-east-2: say where/);
    expect(platform.calls).toEqual([]);
    platform.project = { region: 'us-east-1', status: 'ACTIVE_HEALTHY' };
    await run({ dryRun: true });
    expect(printed.join('\n')).toContain(
      'database us-east-1 (outside the European Union), functions us-east-1 (outside',
    );
  });

  test('a provider without a client is left out, with its functions', () => {
    const { GOOGLE_CLIENT_ID, GOOGLE_CLIENT_SECRET } = GIVEN;
    const plan = planOf({ ...wish, environment: { GOOGLE_CLIENT_ID, GOOGLE_CLIENT_SECRET } }, none, NAMES);
    expect(plan.leftOut).toEqual(['microsoft']);
    expect(plan.functions).toEqual(NAMES.filter((name) => !name.startsWith('microsoft-')));
    expect(plan.functions).toContain('calendar-feed');
    expect([...plan.secrets.keys()].filter((name) => name.startsWith('MICROSOFT'))).toEqual([]);
  });

  test('a monitor’s token is set where one is given', () => {
    const plan = planOf({ ...wish, environment: { ...GIVEN, METRICS_TOKEN: 'a'.repeat(64) } }, none, NAMES);
    expect(plan.secrets.get('METRICS_TOKEN')).toBe('a'.repeat(64));
    const same = planOf(wish, new Map([['METRICS_TOKEN', digestOf('other')]]), NAMES);
    expect(same.kept).toEqual(['METRICS_TOKEN']);
  });

  test('functions run where the database is, where functions can; London and Zurich are not in the Union', () => {
    expect(['eu-west-3', 'eu-north-1', 'us-east-1', 'eu-central-2'].map(functionsRegion))
      .toEqual(['eu-west-3', 'eu-central-1', 'us-east-1', null]);
    expect(['eu-west-1', 'eu-west-2', 'eu-central-2', 'us-east-1'].filter(inTheUnion)).toEqual(['eu-west-1']);
  });

  test('Auth keeps the addresses that others gave it', () => {
    expect(authChanges({ site_url: 'https://app.example', uri_allow_list: 'https://app.example/**' }, PAGE))
      .toEqual({ uri_allow_list: `https://app.example/**,${PAGE}/login` });
    expect(authChanges({ site_url: PAGE, uri_allow_list: ` ${PAGE}/login , x:y` }, PAGE)).toEqual({});
  });
});

describe('the platform’s refusals are told in words, without what was sent or answered:', () => {
  const asked = (answer: () => Response) => async () => {
    const server = Deno.serve({ hostname: '127.0.0.1', port: 0, onListen() {} }, answer);
    try {
      return await new Platform(`http://127.0.0.1:${server.addr.port}`, TOKEN, REF).project();
    } finally {
      await server.shutdown();
    }
  };
  test.each<[string, () => Response, RegExp]>([
    ['a token', () => new Response(TOKEN, { status: 401 }), /SUPABASE_ACCESS_TOKEN is not accepted/],
    ['a project', () => new Response(TOKEN, { status: 404 }), /no such project/],
    ['a fault', () => new Response(TOKEN, { status: 503 }), /answers 503$/],
    [
      'another shape',
      () => Response.json({ ref: REF, name: TOKEN, region: 1 }),
      /another shape than documented \(region\)/,
    ],
    ['no JSON', () => new Response(TOKEN), /another shape/],
  ])('%s', async (_name, answer, told) => {
    const error = await asked(answer)().catch((thrown: Error) => thrown);
    expect(error).toBeInstanceOf(PlatformError);
    expect((error as Error).message).toMatch(told);
    expect((error as Error).message).not.toContain(TOKEN);
  });

  test('the secret key is the project’s own, by whatever name it has', async () => {
    expect(await new Platform(platform.url, TOKEN, REF).keys())
      .toEqual({ publishable: PUBLISHABLE_KEY, secret: SECRET_KEY });
  });
});

describe('as it is typed,', () => {
  async function typed(args: string[], environment: Record<string, string> = {}) {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ['run', '-A', '--quiet', '--no-check', join(ROOT, 'scripts', 'deploy.ts'), ...args],
      env: {
        ...GIVEN,
        PATH: platform.path,
        STAND_IN: platform.url,
        SUPABASE_API_URL: platform.url,
        SUPABASE_ACCESS_TOKEN: TOKEN,
        ...environment,
      },
      stdin: 'null',
    }).output();
    return { code, said: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
  }
  const project = ['--project-ref', REF, '--page', `${PAGE}/`];

  test('a platform that cannot be reached: nothing was changed, and it says so', async () => {
    const { code, said } = await typed([...project, '--dry-run'], { SUPABASE_API_URL: 'http://127.0.0.1:1' });
    expect(code).toBe(1);
    expect(said).toBe(
      `GET /v1/projects/${REF}: no answer\nNothing was changed. Put that right, and run the same again.\n`,
    );
  });

  test('it begins with nothing that is missing or wrong', async () => {
    const wrong = await Promise.all([
      typed([]),
      typed(['--project-ref', REF, '--page', 'agenda']),
      typed([...project, '--skip', 'secrets']),
      typed([...project, '--colour', 'red']),
      typed(['--project-ref', 'Cabinets', '--page', PAGE]),
      typed(project, { SUPABASE_ACCESS_TOKEN: '' }),
    ]);
    expect(wrong.map(({ code }) => code)).toEqual([2, 2, 2, 2, 2, 2]);
    expect(wrong.at(-1)!.said).toContain('SUPABASE_ACCESS_TOKEN is not set');
    expect(platform.calls).toEqual([]);
  });

  test('it does nothing where it can ask no person, and all of it with --yes; a monitor’s token is kept for its owner alone', async () => {
    const path = join(root, 'token');
    const some = [...project, '--skip', 'database', '--skip', 'page', '--metrics-token', path];
    expect(await typed(some)).toMatchObject({ code: 3, said: expect.stringContaining('say --yes') });
    expect([platform.calls, platform.secrets.size]).toEqual([[], 0]);
    await expect(Deno.stat(path)).rejects.toThrow();
    const done = await typed([...some, '--yes']);
    expect(done).toMatchObject({ code: 0, said: expect.stringContaining('By hand:') });
    const token = await Deno.readTextFile(path);
    expect(token).toMatch(/^[0-9a-f]{64}$/);
    expect((await Deno.stat(path)).mode! & 0o777).toBe(0o600);
    expect(platform.secrets.get('METRICS_TOKEN')).toBe(token);
    expect(done.said).not.toContain(token);
    platform.failing = { call: platform.calls.length, done: false };
    expect(await typed([...some, '--yes'])).toMatchObject({
      code: 1,
      said: expect.stringContaining('run the same again'),
    });
    platform.failing = null;
    expect(await typed([...some, '--yes'])).toMatchObject({ code: 0, said: expect.stringContaining('as they were') });
    expect(platform.secrets.get('METRICS_TOKEN')).toBe(token);
    await Deno.remove(path);
  });
});

/** The CLI of node_modules, so that an option that a new version does not know is seen here and not in a deployment. */
describe('the CLI as it is installed', () => {
  const CLI = join(ROOT, 'node_modules', '.bin', 'supabase');
  const environment = { NO_COLOR: '1', DO_NOT_TRACK: '1', SUPABASE_TELEMETRY_DISABLED: '1' };

  test('deploys every function to the API’s address, by the options that are given to it', async () => {
    const deployed: string[] = [];
    const server = Deno.serve({ hostname: '127.0.0.1', port: 0, onListen() {} }, async (request) => {
      const { pathname, searchParams } = new URL(request.url);
      const body = await request.text();
      const one = (slug: string | null) => ({
        id: crypto.randomUUID(),
        slug,
        name: slug,
        status: 'ACTIVE',
        version: 1,
        created_at: 1,
        updated_at: 1,
        verify_jwt: false,
      });
      if (pathname.endsWith('/functions/deploy')) {
        expect(body).toContain('"verify_jwt":false');
        deployed.push(searchParams.get('slug')!);
        return Response.json(one(searchParams.get('slug')), { status: 201 });
      }
      if (pathname.endsWith('/functions')) return Response.json(request.method === 'GET' ? [] : { functions: [] });
      return Response.json({ message: 'not here' }, { status: 404 });
    });
    const url = `http://127.0.0.1:${server.addr.port}`;
    const home = await Deno.makeTempDir({ prefix: 'cassius-cli-' });
    const profile = join(home, 'profile.yaml');
    await Deno.writeTextFile(
      profile,
      ['name: test', `api_url: ${url}`, `dashboard_url: ${url}`, 'project_host: project.test'].join('\n'),
    );
    const { code, stdout, stderr } = await new Deno.Command(CLI, {
      args: ['functions', 'deploy', ...NAMES, '--use-api', '--yes', `--remote=${REF}`],
      cwd: ROOT,
      env: { ...environment, SUPABASE_ACCESS_TOKEN: TOKEN, SUPABASE_PROFILE: profile, SUPABASE_HOME: home },
      stdin: 'null',
    }).output();
    await server.shutdown();
    await Deno.remove(home, { recursive: true });
    expect(code, new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr)).toBe(0);
    expect(deployed.sort()).toEqual(NAMES);
  });

  test('knows the options of the push', async () => {
    const { stdout } = await new Deno.Command(CLI, { args: ['db', 'push', '--help'], env: environment }).output();
    const help = new TextDecoder().decode(stdout);
    for (const option of ['--dry-run', '--remote[=', '--yes']) expect(help).toContain(option);
  });
});
