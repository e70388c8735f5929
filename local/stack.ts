/** The whole local stack in one call: Supabase without Docker, the Edge Functions, the provider emulator and the web client. */
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import postgres from 'postgres';
import { type Cron, startCron } from './cron.ts';
import { bringUpToDate, configureNudges, preparePlatform } from './database.ts';
import { prepareEngine } from './engine.ts';
import { keepEmulator } from './kept_emulator.ts';
import { functionRunner } from './functions.ts';
import { startGateway } from './gateway.ts';
import { startGoogleEmulator } from '../emulators/google/server.ts';
import { startMicrosoftEmulator } from '../emulators/microsoft/server.ts';
import { DEFAULT_PORTS, portsFrom, requireFree, type StackPorts } from './ports.ts';
import { startPostgres } from './postgres.ts';
import { startRequestWorker } from './request_worker.ts';
import { startRestAuth } from './rest_auth.ts';
import { loadSecrets, type StackSecrets, writePrivateJson } from './secrets.ts';
import { sessionTokens } from './session_tokens.ts';
import { print } from './terminal.ts';
import { startWeb } from './web.ts';

export interface StackOptions {
  /** Moves all ports: the gateway on this one, the rest after it. */
  readonly portBase?: number;
  /** Starts from an empty database and from emulators without events and grants. */
  readonly fresh?: boolean;
  /** A Postgres of the caller's own instead of the embedded one. */
  readonly dbUrl?: string;
  /** Default true: starts the web client as well. */
  readonly web?: boolean;
  /** Keeps database, emulated calendars, secrets and stack.json here; without it the stack lives in a temporary directory that `stop` removes. */
  readonly stateDir?: string;
  /** Prints nothing; without it, each step as it begins. */
  readonly quiet?: boolean;
  /** Every line that a function prints, as it comes. */
  readonly onLog?: (name: string, line: string) => void;
  /** Adds a practice of eight, with its logins. */
  readonly demonstration?: boolean;
  /** Default true; false leaves pgsodium out, as new hosted projects do. */
  readonly pgsodium?: boolean;
  /** true gives the functions the keys of an older project: an empty key set, and a secret key of another name. */
  readonly olderKeys?: boolean;
  /** How long pg_net sleeps after each batch: the real one a second, which is the default. */
  readonly requestPauseMs?: number;
  /** Default true: with a state directory, what the emulators hold outlives the stack too. */
  readonly keepsEmulators?: boolean;
  /** Default true: pg_cron's jobs run when they are due; false: only by `runCron`, so that no minute of the clock begins in a test. */
  readonly scheduled?: boolean;
  /** Migrations and seed of another project than this repository, as a practice app that adopted the sync has them. */
  readonly directory?: string;
  /** Functions of another tree than this one. */
  readonly functions?: string;
}

export interface StackUser {
  readonly email: string;
  readonly password: string;
  readonly organisation: string;
  readonly role: 'admin' | 'practitioner' | 'secretary';
}

/** An emulator, and who we are to it. */
export interface ProviderFacts {
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

export interface Stack {
  readonly apiUrl: string;
  readonly webUrl: string | null;
  /** As the role `postgres`, which is no superuser, as on the hosted platform. */
  readonly dbUrl: string;
  readonly adminDbUrl: string;
  readonly publishableKey: string;
  readonly secretKey: string;
  /** For a monitor: `docs/operations.md`. */
  readonly metricsToken: string;
  readonly google: ProviderFacts;
  readonly microsoft: ProviderFacts;
  readonly users: readonly StackUser[];
  /** As if the edge runtime went down, and came back. */
  stopFunctions(): Promise<void>;
  /** `changes`: of their environment, kept from then on; what is undefined goes. */
  startFunctions(changes?: Readonly<Record<string, string | undefined>>): Promise<void>;
  /** As the platform ends an instance at its limit, and starts another. */
  retireFunction(name: string): Promise<void>;
  /** As the platform under load: so many instances of a function, which get its requests in turn. */
  multiplyFunction(name: string, count: number): Promise<void>;
  /** Process ids of the functions, by name. */
  functionPids(): Record<string, number>;
  /** Everything the functions printed. */
  functionLogs(): string;
  /** Requests that came for a function so far: what the platform counts, and asks money for. */
  invocations(): number;
  /** Runs one pg_cron job now, as the scheduler would; throws what the job threw. */
  runCron(jobName: string): Promise<void>;
  stop(): Promise<void>;
}

/** The logins of `supabase/seed.sql`. */
const DEMO_USERS: readonly StackUser[] = [
  { email: 'claire@cabinet-lumiere.test', password: 'demo-password', organisation: 'Cabinet Lumière', role: 'admin' },
  { email: 'marc@cabinet-rivoli.test', password: 'demo-password', organisation: 'Cabinet Rivoli', role: 'admin' },
];

/** The logins of `practice_of_eight.sql`. */
export const PRACTICE_OF_EIGHT: readonly StackUser[] = [
  {
    email: 'nadia@cabinet-tilleuls.test',
    password: 'demo-password',
    organisation: 'Cabinet des Tilleuls',
    role: 'secretary',
  },
  {
    email: 'alice@cabinet-tilleuls.test',
    password: 'demo-password',
    organisation: 'Cabinet des Tilleuls',
    role: 'admin',
  },
];

export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const undo: Array<() => Promise<unknown> | unknown> = [];
  const stop = async () => {
    for (let step = undo.pop(); step; step = undo.pop()) await step();
  };
  try {
    return await start(options, undo, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function start(
  options: StackOptions,
  undo: Array<() => Promise<unknown> | unknown>,
  stop: () => Promise<void>,
): Promise<Stack> {
  const ports = options.portBase === undefined ? DEFAULT_PORTS : portsFrom(options.portBase);
  const begun = performance.now();
  const say = (step: string) => {
    if (options.quiet !== true) print(`${((performance.now() - begun) / 1000).toFixed(1).padStart(5)} s  ${step}`);
  };
  const stateDir = await stateDirectory(options, undo);
  const secrets = await loadSecrets(stateDir);
  requireFree('the API gateway', ports.gateway);
  requireFree('the Google emulator', ports.google);
  requireFree('the Microsoft emulator', ports.microsoft);
  if (options.web !== false) requireFree('the web client', ports.web);

  const apiUrl = `http://127.0.0.1:${ports.gateway}`;
  const webUrl = `http://127.0.0.1:${ports.web}`;
  const tokens = await sessionTokens(secrets, `${apiUrl}/auth/v1`);
  const googleUrl = `http://127.0.0.1:${ports.google}`;
  const microsoftUrl = `http://127.0.0.1:${ports.microsoft}`;

  const functions = functionRunner({
    ...(options.functions === undefined ? {} : { directory: options.functions }),
    env: {
      ...functionEnvironment({ secrets, apiUrl, webUrl, googleUrl, microsoftUrl, jwks: tokens.jwks }),
      ...(options.olderKeys === true ? olderKeys(secrets) : {}),
    },
    ...(options.onLog === undefined ? {} : { onLine: options.onLog }),
  });
  undo.push(() => functions.stop());
  say(`${functions.names.length} functions, in the background`);
  const functionsUp = functions.start(); // they need nothing to begin with: they load while the database starts
  functionsUp.catch(() => {});

  say(`Database${options.dbUrl === undefined ? ': Postgres' : ''}`);
  const database = await startDatabase(options, ports, stateDir, secrets, undo);
  const report = await bringUpToDate(database.dbUrl, {
    mayBeForeign: options.dbUrl !== undefined,
    demonstration: options.demonstration === true,
    ...(options.directory === undefined ? {} : { directory: options.directory }),
  });
  if (report.applied.length > 0) {
    say(`Database: ${report.applied.length} migration(s)${report.seeded ? ' and the demo data' : ''} applied`);
  }
  await configureNudges(database.dbUrl, `${apiUrl}/functions/v1`, secrets.nudgeSigningSecret);

  say('Emulators of Google and Microsoft');
  const google = startGoogleEmulator({
    port: ports.google,
    clientId: secrets.googleClientId,
    clientSecret: secrets.googleClientSecret,
    redirectUris: [callbackOf(apiUrl, 'google')],
  });
  undo.push(() => google.stop());
  await keep(google.core, 'google', options, undo);
  const microsoft = startMicrosoftEmulator({
    port: ports.microsoft,
    clientId: secrets.microsoftClientId,
    clientSecret: secrets.microsoftClientSecret,
    redirectUris: [callbackOf(apiUrl, 'microsoft')],
  });
  undo.push(() => microsoft.stop());
  await keep(microsoft.core, 'microsoft', options, undo);
  undo.push(() => functions.stop()); // before the emulators keep their last state

  say('REST, Auth, scheduler');

  const restAuth = startRestAuth({ secrets, tokens, siteUrl: webUrl, ...database });
  undo.push(() => restAuth.stop());
  const gateway = startGateway({ port: ports.gateway, restAuth, tokens, functions });
  undo.push(() => gateway.stop());
  const cron = await startBackground(
    database.adminDbUrl,
    { reload: restAuth.reload, pauseMs: options.requestPauseMs, scheduled: options.scheduled ?? true },
    undo,
  );
  say('Functions: waiting for the last of them');
  await functionsUp;

  if (options.web !== false) {
    say('Page');
    const web = await startWeb(ports.web, {
      VITE_SUPABASE_URL: apiUrl,
      VITE_SUPABASE_PUBLISHABLE_KEY: secrets.publishableKey,
      VITE_SUPABASE_REALTIME: 'off', // it has none
    });
    undo.push(() => web.stop());
  }

  const facts = {
    apiUrl,
    webUrl: options.web === false ? null : webUrl,
    dbUrl: database.dbUrl,
    publishableKey: secrets.publishableKey,
    secretKey: secrets.secretKey,
    google: { url: google.url, clientId: secrets.googleClientId, clientSecret: secrets.googleClientSecret },
    microsoft: {
      url: microsoft.url,
      clientId: secrets.microsoftClientId,
      clientSecret: secrets.microsoftClientSecret,
    },
    users: options.demonstration === true ? [...DEMO_USERS, ...PRACTICE_OF_EIGHT] : DEMO_USERS,
  };
  const factsPath = join(stateDir, 'stack.json');
  await writePrivateJson(factsPath, facts);
  undo.push(() => Deno.remove(factsPath).catch(() => {}));

  return {
    ...facts,
    metricsToken: secrets.metricsToken,
    adminDbUrl: database.adminDbUrl,
    stopFunctions: () => functions.stop(),
    startFunctions: (changes) => functions.start(changes),
    retireFunction: (name) => functions.retire(name),
    multiplyFunction: (name, count) => functions.multiply(name, count),
    functionPids: () => functions.pids(),
    functionLogs: () => functions.logs(),
    invocations: () => gateway.invocations(),
    runCron(jobName) {
      if (!cron) throw new Error(`Cannot run the cron job ${jobName}: the database has its own pg_cron`);
      return cron.run(jobName);
    },
    stop,
  };
}

/** In the state directory, where there is one. */
async function keep(
  core: Parameters<typeof keepEmulator>[1],
  name: string,
  { stateDir, fresh, keepsEmulators = true }: StackOptions,
  undo: Array<() => Promise<unknown> | unknown>,
): Promise<void> {
  if (stateDir === undefined || !keepsEmulators) return;
  undo.push(await keepEmulator(join(stateDir, `${name}.kept`), core, { fresh: fresh === true }));
}

/** One stack at a time works in a state directory: the lock goes with the process, however that ends. */
async function stateDirectory(options: StackOptions, undo: Array<() => Promise<unknown> | unknown>): Promise<string> {
  if (options.stateDir === undefined) {
    const temporary = await Deno.makeTempDir({ dir: tmpdir(), prefix: 'cassius-stack-' });
    undo.push(() => Deno.remove(temporary, { recursive: true }));
    return temporary;
  }
  await Deno.mkdir(options.stateDir, { recursive: true });
  const lock = await Deno.open(join(options.stateDir, 'lock'), { create: true, write: true });
  if (!await lock.tryLock(true)) {
    lock.close();
    throw new Error(`Cannot start the stack: another one works in ${options.stateDir}`);
  }
  undo.push(() => lock.close());
  return options.stateDir;
}

interface Database {
  readonly dbUrl: string;
  readonly adminDbUrl: string;
  readonly restDbUrl: string;
  readonly authDbUrl: string;
}

async function startDatabase(
  options: StackOptions,
  ports: StackPorts,
  stateDir: string,
  secrets: StackSecrets,
  undo: Array<() => Promise<unknown> | unknown>,
): Promise<Database> {
  if (options.dbUrl !== undefined) {
    await preparePlatform(options.dbUrl, null);
    return { dbUrl: options.dbUrl, adminDbUrl: options.dbUrl, restDbUrl: options.dbUrl, authDbUrl: options.dbUrl };
  }
  const server = await startPostgres({
    engine: await prepareEngine({ pgsodium: options.pgsodium !== false }),
    port: ports.postgres,
    stateDir,
    adminPassword: secrets.adminPassword,
    rootKey: secrets.rootKey,
    fresh: options.fresh === true,
    durable: options.stateDir !== undefined,
  });
  undo.push(() => server.stop({ remove: options.stateDir === undefined }));
  await preparePlatform(server.adminUrl, secrets);
  const login = (role: string, password: string) =>
    `postgresql://${role}:${password}@127.0.0.1:${ports.postgres}/postgres`;
  return {
    dbUrl: login('postgres', secrets.dbPassword),
    adminDbUrl: server.adminUrl,
    restDbUrl: login('local_rest', secrets.restPassword),
    authDbUrl: login('supabase_auth_admin', secrets.authPassword),
  };
}

/** What the real extensions do from inside the server; left to them where they are installed. */
async function startBackground(
  adminDbUrl: string,
  { reload, pauseMs, scheduled }: { reload: () => Promise<void>; pauseMs: number | undefined; scheduled: boolean },
  undo: Array<() => Promise<unknown> | unknown>,
): Promise<Cron | null> {
  const sql = postgres(adminDbUrl, { max: 1, onnotice: () => {} });
  undo.push(() => sql.end({ timeout: 1 }));
  await sql.listen('pgrst', () => void reload());
  const [standIns] =
    await sql`select to_regproc('net._enqueue') is not null as net, to_regproc('cron._put') is not null as cron`;
  if (standIns!.net) {
    const worker = await startRequestWorker(adminDbUrl, { pauseMs });
    undo.push(() => worker.stop());
  }
  if (!standIns!.cron) return null;
  const cron = await startCron({ adminUrl: adminDbUrl, scheduled });
  undo.push(() => cron.stop());
  return cron;
}

const callbackOf = (apiUrl: string, provider: string) => `${apiUrl}/functions/v1/${provider}-callback`;

/** As the platform gives them where tokens are signed with the legacy shared secret. */
function olderKeys({ secretKey }: StackSecrets): Record<string, string> {
  return { SUPABASE_JWKS: '{"keys":[]}', SUPABASE_SECRET_KEYS: JSON.stringify({ calendar: secretKey }) };
}

function functionEnvironment(facts: {
  secrets: StackSecrets;
  apiUrl: string;
  webUrl: string;
  googleUrl: string;
  microsoftUrl: string;
  jwks: { keys: JsonWebKey[] };
}): Record<string, string> {
  const { secrets, apiUrl, googleUrl, microsoftUrl } = facts;
  return {
    SUPABASE_URL: apiUrl,
    SUPABASE_PUBLISHABLE_KEYS: JSON.stringify({ default: secrets.publishableKey }),
    SUPABASE_SECRET_KEYS: JSON.stringify({ default: secrets.secretKey }),
    SUPABASE_JWKS: JSON.stringify(facts.jwks),
    GOOGLE_CLIENT_ID: secrets.googleClientId,
    GOOGLE_CLIENT_SECRET: secrets.googleClientSecret,
    GOOGLE_REDIRECT_URI: callbackOf(apiUrl, 'google'),
    GOOGLE_AUTH_URL: `${googleUrl}/o/oauth2/v2/auth`,
    GOOGLE_TOKEN_URL: `${googleUrl}/token`,
    GOOGLE_REVOKE_URL: `${googleUrl}/revoke`,
    GOOGLE_CALENDAR_URL: `${googleUrl}/calendar/v3`,
    GOOGLE_BATCH_URL: `${googleUrl}/batch/calendar/v3`,
    MICROSOFT_CLIENT_ID: secrets.microsoftClientId,
    MICROSOFT_CLIENT_SECRET: secrets.microsoftClientSecret,
    MICROSOFT_REDIRECT_URI: callbackOf(apiUrl, 'microsoft'),
    MICROSOFT_AUTHORITY_URL: microsoftUrl,
    MICROSOFT_GRAPH_URL: `${microsoftUrl}/v1.0`,
    APP_BASE_URL: facts.webUrl,
    OAUTH_STATE_SECRET: secrets.oauthStateSecret,
    NUDGE_SIGNING_SECRET: secrets.nudgeSigningSecret,
    METRICS_TOKEN: secrets.metricsToken,
  };
}
