/** `npm start`: the local stack in the foreground. `npm start -- --help` lists its options. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Stack, StackUser } from './stack.ts';
import { functionLog } from './function_log.ts';
import { print, warn } from './terminal.ts';

const ROOT = join(import.meta.dirname!, '..');

const OPTIONS = {
  help: { type: 'boolean', default: false },
  verbose: { type: 'boolean', default: false },
  fresh: { type: 'boolean', default: false },
  'no-web': { type: 'boolean', default: false },
  'port-base': { type: 'string' },
  'db-url': { type: 'string' },
  'state-dir': { type: 'string' },
  'supabase': { type: 'string' },
} as const;

const HELP: Readonly<Record<keyof typeof OPTIONS, string>> = {
  help: 'this text',
  verbose: 'every line of the functions here too, not only failures',
  fresh: 'forgets appointments, connections and emulated calendars of earlier starts; passwords and keys stay',
  'no-web': 'without the page',
  'port-base': 'N: the API on port N, the database, Google, Outlook and the page on the next four',
  'db-url': 'URL: a Postgres of yours in place of the one that is brought along',
  'state-dir': 'DIR: keeps everything there; .local if absent',
  'supabase':
    'DIR: migrations and seed.sql of an app that adopted the sync, in place of the ones here; without the page',
};

interface Options {
  readonly help: boolean;
  readonly verbose: boolean;
  readonly fresh: boolean;
  readonly web: boolean;
  readonly stateDir: string;
  readonly portBase?: number;
  readonly dbUrl?: string;
  readonly directory?: string;
}

function readOptions(args: string[]): Options {
  const { values } = parseArgs({ args, options: OPTIONS });
  const base = values['port-base'];
  const portBase = Number(base);
  if (base !== undefined && !(Number.isInteger(portBase) && portBase >= 1024 && portBase <= 65_500)) {
    throw new Error(`Cannot use --port-base ${base}: it must be a whole number from 1024 to 65500`);
  }
  const directory = values.supabase === undefined ? null : resolve(values.supabase);
  if (directory !== null && !existsSync(join(directory, 'migrations'))) {
    throw new Error(`Cannot use --supabase ${values.supabase}: it has no folder "migrations"`);
  }
  return {
    help: values.help,
    verbose: values.verbose,
    fresh: values.fresh,
    web: !values['no-web'] && directory === null,
    stateDir: resolve(values['state-dir'] ?? join(ROOT, '.local')),
    ...(base === undefined ? {} : { portBase }),
    ...(values['db-url'] === undefined ? {} : { dbUrl: values['db-url'] }),
    ...(directory === null ? {} : { directory }),
  };
}

function help(): void {
  print('npm start -- [options]: the whole product on this machine, with an emulated Google and Microsoft.');
  print('');
  for (const [name, sentence] of Object.entries(HELP)) print(`  --${name.padEnd(10)} ${sentence}`);
  print('');
  print('Between starts .local keeps the database, the emulated calendars, and functions.log of the last start.');
}

function announce(stack: Stack, users: readonly StackUser[], logPath: string): void {
  print('');
  print(`  API       ${stack.apiUrl}`);
  if (stack.webUrl) print(`  Web       ${stack.webUrl}`);
  print(`  Google    ${stack.google.url}  (emulator)`);
  print(`  Outlook   ${stack.microsoft.url}  (emulator)`);
  print(`  Database  ${stack.dbUrl}`);
  print(`  Logs      ${logPath}`);
  print('');
  const width = Math.max(0, ...users.map(({ email }) => email.length));
  for (const { email, password, organisation, role } of users) {
    print(`  ${email.padEnd(width)}  ${password}  ${organisation}, ${role}`);
  }
  print('');
  print('  Ready. Ctrl-C stops everything.');
}

/** Starts the functions again when their code changes. */
async function followChanges(stack: Stack): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let restarting = Promise.resolve();
  for await (const event of Deno.watchFs(join(ROOT, 'supabase', 'functions'))) {
    if (event.kind === 'access') continue;
    clearTimeout(timer);
    timer = setTimeout(() => {
      restarting = restarting.then(async () => {
        await stack.stopFunctions();
        await stack.startFunctions();
        print('Functions started again');
      });
    }, 150);
  }
}

async function run({ verbose, help: _, ...options }: Options): Promise<void> {
  print('Cassius Calendar starts: usually 10 to 20 seconds, up to a minute the first time.');
  if (options.fresh) print('Fresh: appointments, connections and emulated calendars of earlier starts are forgotten.');
  let stack: Stack | null = null;
  let leaving = false;
  const leave = async () => {
    if (leaving) return;
    leaving = true;
    print('Stopping. Appointments, connections and emulated calendars are there again at the next start.');
    await stack?.stop();
    Deno.exit(0);
  };
  for (const signal of Deno.build.os === 'windows' ? ['SIGINT'] as const : ['SIGINT', 'SIGTERM'] as const) {
    Deno.addSignalListener(signal, () => void leave());
  }
  await Deno.mkdir(options.stateDir, { recursive: true });
  const logPath = join(options.stateDir, 'functions.log');
  // Loaded only now, so that the first line does not wait for it.
  const { startStack } = await import('./stack.ts');
  stack = await startStack({
    ...options,
    demonstration: options.directory === undefined,
    onLog: functionLog(logPath, { verbose }),
  });
  if (leaving) return await stack.stop();
  announce(stack, options.directory === undefined ? stack.users : [], logPath);
  await followChanges(stack);
}

if (import.meta.main) {
  try {
    const options = readOptions(Deno.args);
    if (options.help) help();
    else await run(options);
  } catch (error) {
    warn((error as Error).message);
    Deno.exit(1);
  }
}
