/** `npm start`: the local stack in the foreground. Options: --port-base N, --fresh, --db-url URL, --no-web. */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Stack, startStack } from './stack.ts';
import { print, warn } from './terminal.ts';

const ROOT = join(import.meta.dirname!, '..');

function readOptions(args: string[]): { portBase?: number; fresh: boolean; dbUrl?: string; web: boolean } {
  const { values } = parseArgs({
    args,
    options: {
      'port-base': { type: 'string' },
      fresh: { type: 'boolean', default: false },
      'db-url': { type: 'string' },
      'no-web': { type: 'boolean', default: false },
    },
  });
  const base = values['port-base'];
  const portBase = Number(base);
  if (base !== undefined && !(Number.isInteger(portBase) && portBase >= 1024 && portBase <= 65_500)) {
    throw new Error(`Cannot use --port-base ${base}: it must be a whole number from 1024 to 65500`);
  }
  return {
    ...(base === undefined ? {} : { portBase }),
    fresh: values.fresh,
    ...(values['db-url'] === undefined ? {} : { dbUrl: values['db-url'] }),
    web: !values['no-web'],
  };
}

function announce(stack: Stack): void {
  print('');
  print(`  API       ${stack.apiUrl}`);
  if (stack.webUrl) print(`  Web       ${stack.webUrl}`);
  print(`  Google    ${stack.google.url}  (emulator)`);
  print(`  Outlook   ${stack.microsoft.url}  (emulator)`);
  print(`  Database  ${stack.dbUrl}`);
  print('');
  for (const user of stack.users) print(`  ${user.email} / ${user.password}  (${user.organisation})`);
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

if (import.meta.main) {
  let stack: Stack | null = null;
  let leaving = false;
  const leave = async () => {
    if (leaving) return;
    leaving = true;
    await stack?.stop();
    Deno.exit(0);
  };
  for (const signal of Deno.build.os === 'windows' ? ['SIGINT'] as const : ['SIGINT', 'SIGTERM'] as const) {
    Deno.addSignalListener(signal, () => void leave());
  }
  try {
    stack = await startStack({ ...readOptions(Deno.args), stateDir: join(ROOT, '.local') });
    if (leaving) await stack.stop();
    else {
      announce(stack);
      await followChanges(stack);
    }
  } catch (error) {
    warn((error as Error).message);
    Deno.exit(1);
  }
}
