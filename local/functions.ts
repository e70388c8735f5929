/** Runs every Edge Function of the repository in a process of its own, and starts again the one that dies. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { eachLine } from './child_output.ts';

const ROOT = join(import.meta.dirname!, '..');
const HOST = join(import.meta.dirname!, 'function_host.ts');
const PORT_LINE = /^function_host listens on port (\d+)$/;
const MAX_LOG = 4_000_000;
const RESTART_DELAYS = [0, 200, 1_000, 5_000];

export interface FunctionsOptions {
  /** Folder with one folder per function; names starting with `_` are shared code. */
  readonly directory?: string;
  readonly env: Record<string, string>;
  /** Every line a function prints, as it comes. */
  readonly onLine?: (name: string, line: string) => void;
}

export interface FunctionRunner {
  readonly names: readonly string[];
  /** Where a function listens, waiting for one that is starting; null when it is unknown, stopped, or does not come up. */
  address(name: string): Promise<string | null>;
  /** `changes`: of the environment, as after secrets were set anew; what is undefined goes. */
  start(changes?: Readonly<Record<string, string | undefined>>): Promise<void>;
  /** Kills the processes at once: what they were doing is lost, as when the edge runtime goes down. */
  stop(): Promise<void>;
  /** As the platform at a limit: new requests go to another process, the old one is told of its end, and a moment later it is killed. */
  retire(name: string): Promise<void>;
  /** As the platform under load: so many processes of a function, which get its requests in turn, until all are stopped. */
  multiply(name: string, count: number): Promise<void>;
  logs(): string;
  /** Process ids by function name, for tests that kill one; of several processes the first. */
  pids(): Record<string, number>;
}

interface Running {
  child: Deno.ChildProcess | null;
  port: Promise<number | null>;
  settle: (port: number | null) => void;
  failures: number;
  supervised: Promise<void>;
  retired: boolean;
}

/** A tenth of two seconds. */
const LAST_WORDS_MS = 200;

export function functionRunner(options: FunctionsOptions): FunctionRunner {
  const directory = options.directory ?? join(ROOT, 'supabase', 'functions');
  const names = [...Deno.readDirSync(directory)]
    .filter((entry) => entry.isDirectory && !entry.name.startsWith('_') && hasEntry(join(directory, entry.name)))
    .map((entry) => entry.name).sort();
  const running = new Map<string, Running[]>();
  let turn = 0;
  let log = '';
  let stopping = true;
  let { env } = options;

  const record = (name: string, line: string) => {
    log += `[${name}] ${line}\n`;
    if (log.length > MAX_LOG) log = log.slice(-MAX_LOG / 2);
    options.onLine?.(name, line);
  };

  function launch(name: string): Running {
    const one: Running = {
      child: null,
      port: Promise.resolve(null),
      settle: () => {},
      failures: 0,
      supervised: Promise.resolve(),
      retired: false,
    };
    one.supervised = supervise(name, one);
    return one;
  }

  async function supervise(name: string, one: Running): Promise<void> {
    while (!stopping && !one.retired) {
      const { promise, resolve } = Promise.withResolvers<number | null>();
      one.port = promise;
      one.settle = resolve;
      const child = one.child = spawn(directory, name, env);
      const startedAt = performance.now();
      await Promise.all([
        eachLine(child.stdout, (line) => {
          const [, port] = line.match(PORT_LINE) ?? [];
          if (port === undefined) return record(name, line);
          resolve(Number(port));
        }),
        eachLine(child.stderr, (line) => record(name, line)),
        child.status,
      ]);
      const status = await child.status;
      one.child = null;
      resolve(null);
      if (stopping || one.retired) return;
      one.failures = performance.now() - startedAt > 2_000 ? 0 : one.failures + 1;
      record(name, `process ended (${status.signal ?? `code ${status.code}`}), starting it again`);
      one.port = Promise.resolve(null);
      const delay = RESTART_DELAYS[Math.min(one.failures, RESTART_DELAYS.length) - 1] ?? 0;
      if (delay > 0) await new Promise((wake) => setTimeout(wake, delay));
    }
  }

  return {
    names,
    async address(name) {
      const all = running.get(name) ?? [];
      const port = await all[turn++ % all.length]?.port;
      return port ? `http://127.0.0.1:${port}` : null;
    },
    async start(changes = {}) {
      if (!stopping) return;
      stopping = false;
      const given = Object.entries({ ...env, ...changes }).filter(([, value]) => value !== undefined);
      env = Object.fromEntries(given) as Record<string, string>;
      for (const name of names) running.set(name, [launch(name)]);
      await Promise.all([...running.values()].flat().map((one) => one.port));
    },
    async stop() {
      stopping = true;
      const all = [...running.values()].flat();
      running.clear();
      for (const one of all) one.child?.kill('SIGKILL');
      await Promise.all(all.map((one) => one.supervised));
    },
    async retire(name) {
      const [one, ...others] = running.get(name) ?? [];
      const child = one?.child;
      if (!one || !child) return;
      one.retired = true;
      const successor = launch(name);
      running.set(name, [successor, ...others]);
      await successor.port;
      child.kill('SIGUSR2');
      const timer = setTimeout(() => one.child?.kill('SIGKILL'), LAST_WORDS_MS);
      await one.supervised;
      clearTimeout(timer);
    },
    async multiply(name, count) {
      const all = running.get(name) ?? [];
      while (all.length < count) all.push(launch(name));
      await Promise.all(all.map((one) => one.port));
    },
    logs: () => log,
    pids: () => Object.fromEntries([...running].flatMap(([name, [one]]) => one?.child ? [[name, one.child.pid]] : [])),
  };
}

function spawn(directory: string, name: string, env: Record<string, string>): Deno.ChildProcess {
  const program = join(ROOT, 'node_modules', 'deno-edge', Deno.build.os === 'windows' ? 'deno.exe' : 'deno');
  return new Deno.Command(program, {
    args: [
      'run',
      ...['--quiet', '--no-prompt', '--no-lock', '--no-remote', '--cached-only', '--node-modules-dir=manual'],
      // the network and the given environment, as in the edge runtime; of the disk only the code itself
      ...[
        '--allow-net',
        '--allow-env',
        '--allow-sys=hostname,osRelease',
        `--allow-read=${directory},${join(ROOT, 'node_modules')}`,
      ],
      // The platform bounds the whole heap, and V8 takes the size of the young generation from that.
      '--v8-flags=--max-heap-size=256',
      `--config=${join(directory, name, 'deno.json')}`,
      HOST,
      pathToFileURL(join(directory, name, 'index.ts')).href,
    ],
    cwd: directory,
    clearEnv: true,
    env: { ...inherited(), ...env, SB_EXECUTION_ID: crypto.randomUUID(), NO_COLOR: '1' },
    stdin: 'piped', // kept open: its end tells the child that we are gone
    stdout: 'piped',
    stderr: 'piped',
    detached: true, // a Ctrl-C in the terminal is for the stack
  }).spawn();
}

/** What Deno itself needs to run; nothing of it is for the functions. */
function inherited(): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of ['HOME', 'DENO_DIR', 'TMPDIR', 'SystemRoot', 'LOCALAPPDATA']) {
    const value = Deno.env.get(name);
    if (value !== undefined) kept[name] = value;
  }
  return kept;
}

function hasEntry(directory: string): boolean {
  try {
    return Deno.statSync(join(directory, 'index.ts')).isFile;
  } catch {
    return false;
  }
}
