/** The Postgres server of the local stack: made, started, found again after a crash, and stopped. */
import { join } from 'node:path';
import postgres from 'postgres';
import { tailOf } from './child_output.ts';
import { type Engine, engineHome, ownedDirectory, runsAsRoot } from './engine.ts';
import { isFree, requireFree } from './ports.ts';

export interface PostgresOptions {
  readonly engine: Engine;
  readonly port: number;
  /** The stack's state directory: names the server's own directory, and holds it unless root runs the stack. */
  readonly stateDir: string;
  readonly adminPassword: string;
  /** Hex of 32 bytes, the root of every key that pgsodium and Vault derive; kept beside the data, not in it. */
  readonly rootKey: string;
  /** Start from an empty database. */
  readonly fresh: boolean;
  /** false gives up surviving a power cut, for databases that are thrown away. */
  readonly durable: boolean;
}

export interface PostgresServer {
  /** URL of the superuser. */
  readonly adminUrl: string;
  /** True when this start made the database. */
  readonly created: boolean;
  readonly pid: number;
  /** Disconnects all clients and waits until the server is down; `remove` deletes its files too. */
  stop(options?: { remove?: boolean }): Promise<void>;
}

const ADMIN = 'supabase_admin';
/** Names the state directory that a server beside it belongs to. */
const OWNER = 'state_directory';

export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const { engine, port } = options;
  const home = await serverHome(options.stateDir, engine);
  const data = join(home, 'data');
  await stopLeftover(engine, data, port);
  if (options.fresh) await Deno.remove(data, { recursive: true }).catch(ignoreMissing);
  requireFree('Postgres', port);

  const created = !await exists(join(data, 'PG_VERSION'));
  if (created) await initialise(options, home, data);
  await writePrivate(join(home, 'root.key'), options.rootKey, engine);
  await Deno.writeTextFile(join(data, 'postgresql.auto.conf'), settings(options));

  const server = run(engine, 'postgres', ['-D', data], home);
  const log = tailOf(server);
  let ended = false;
  const status = server.status.finally(() => ended = true);

  const adminUrl = `postgresql://${ADMIN}:${options.adminPassword}@127.0.0.1:${port}/postgres`;
  const stop = async (how: { remove?: boolean } = {}) => {
    if (!ended) server.kill('SIGINT'); // the "fast" shutdown
    await status;
    await log.finished;
    if (how.remove === true) await Deno.remove(home, { recursive: true }).catch(ignoreMissing);
  };
  try {
    await untilReady(adminUrl, () => ended ? log.text() : null);
  } catch (error) {
    await stop();
    throw error;
  }
  return { adminUrl, created, pid: server.pid, stop };
}

async function serverHome(stateDir: string, engine: Engine): Promise<string> {
  if (!runsAsRoot()) {
    const home = join(stateDir, 'postgres');
    await Deno.mkdir(home, { recursive: true });
    return home;
  }
  const owner = await Deno.realPath(stateDir);
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(owner));
  const name = Array.from(new Uint8Array(digest).slice(0, 6), (byte) => byte.toString(16).padStart(2, '0')).join('');
  const servers = await ownedDirectory(join(engineHome(), 'servers'));
  const home = join(servers, name);
  await removeAbandoned(servers);
  await Deno.mkdir(home, { recursive: true, mode: 0o700 });
  if (engine.user) await Deno.chown(home, engine.user.uid, engine.user.gid);
  await writePrivate(join(home, OWNER), owner, engine);
  return home;
}

/** Servers whose state directory was removed, and that are down: they cannot be started again. */
async function removeAbandoned(servers: string): Promise<void> {
  for await (const { name } of Deno.readDir(servers)) {
    const home = join(servers, name);
    const owner = await Deno.readTextFile(join(home, OWNER)).catch(() => null);
    if (owner === null || await exists(owner) || await exists(join(home, 'data', 'postmaster.pid'))) continue;
    await Deno.remove(home, { recursive: true }).catch(ignoreMissing);
  }
}

async function initialise(options: PostgresOptions, home: string, data: string): Promise<void> {
  await Deno.remove(data, { recursive: true }).catch(ignoreMissing);
  const password = join(home, 'password');
  await writePrivate(password, options.adminPassword, options.engine);
  const child = run(options.engine, 'initdb', [
    ...['-D', data, `--username=${ADMIN}`, `--pwfile=${password}`, '--auth=scram-sha-256', '--encoding=UTF8'],
    ...['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--no-instructions'],
    ...(options.durable ? [] : ['--no-sync']),
  ], home);
  const log = tailOf(child);
  const [status] = await Promise.all([child.status, log.finished]);
  await Deno.remove(password);
  if (!status.success) {
    throw new Error(`Cannot create the database: initdb answered ${status.code}: ${log.text()}`);
  }
}

function settings(options: PostgresOptions): string {
  const lines = [
    "listen_addresses = '127.0.0.1'",
    `port = ${options.port}`,
    "unix_socket_directories = ''", // a deep checkout makes a path longer than a socket may have
    'max_connections = 100',
    // One on the disk is measured: it has what an instance with 4 GB of memory has. Pages that are not used take none.
    `shared_buffers = ${options.durable ? '1GB' : '128MB'}`,
    "timezone = 'UTC'",
    "log_timezone = 'UTC'",
    "log_min_messages = 'warning'",
    "log_statement = 'none'",
    'max_wal_size = 512MB',
  ];
  if (!options.durable) lines.push('fsync = off', 'synchronous_commit = off', 'full_page_writes = off');
  return lines.join('\n') + '\n';
}

/** A stack that was killed leaves its server running: stop it. Postgres itself clears the pid file of a server that died. */
async function stopLeftover(engine: Engine, data: string, port: number): Promise<void> {
  if (!await exists(join(data, 'postmaster.pid'))) return;
  const child = run(engine, 'pg_ctl', ['stop', '-D', data, '-m', 'fast', '-w', '-t', '20'], '/');
  // Read to its end: pg_ctl prints while it waits, and a closed pipe would end it before the server has ended.
  await Promise.all([child.status, tailOf(child).finished]);
  for (let wait = 0; wait < 100 && !isFree(port); wait++) await new Promise((resolve) => setTimeout(resolve, 20)); // its last moments
}

function run(engine: Engine, program: string, args: string[], cwd: string): Deno.ChildProcess {
  const suffix = Deno.build.os === 'windows' ? '.exe' : '';
  return new Deno.Command(join(engine.bin, program + suffix), {
    args,
    cwd: Deno.build.os === 'windows' ? engine.bin : cwd,
    clearEnv: Deno.build.os !== 'windows',
    env: { LC_ALL: 'C', TZ: 'UTC', PATH: Deno.env.get('PATH') ?? '' },
    stdin: 'null',
    stdout: 'piped',
    stderr: 'piped',
    detached: true, // a Ctrl-C in the terminal is for us: we stop the server in its turn
    ...(engine.user ?? {}),
  }).spawn();
}

async function untilReady(url: string, dead: () => string | null): Promise<void> {
  const deadline = Date.now() + 60_000; // crash recovery of a big database takes a while
  for (;;) {
    const reason = dead();
    if (reason !== null) throw new Error(`Cannot start Postgres: the server ended: ${reason}`);
    const sql = postgres(url, { max: 1, connect_timeout: 2, onnotice: () => {} });
    try {
      await sql`select 1`;
      return;
    } catch (error) {
      const code = (error as { code?: string }).code;
      if (code === '28P01') {
        throw new Error(
          'Cannot start Postgres: its password is not the one in .local/secrets.json (start once with --fresh)',
        );
      }
      if (Date.now() > deadline) {
        throw new Error(`Cannot start Postgres: no answer within a minute: ${(error as Error).message}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 25));
    } finally {
      await sql.end({ timeout: 1 });
    }
  }
}

async function writePrivate(path: string, text: string, engine: Engine): Promise<void> {
  await Deno.remove(path).catch(ignoreMissing);
  await Deno.writeTextFile(path, text, { mode: 0o600 });
  if (engine.user) await Deno.chown(path, engine.user.uid, engine.user.gid);
}

async function exists(path: string): Promise<boolean> {
  return await Deno.lstat(path).then(() => true, () => false);
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}
