/** A Postgres with the platform's roles and the stand-ins, and nothing else: what the tests of the stand-ins need. */
import postgres from 'postgres';
import { preparePlatform } from '../../local/database.ts';
import { prepareEngine } from '../../local/engine.ts';
import { freePortBase } from '../../local/ports.ts';
import { startPostgres } from '../../local/postgres.ts';
import { loadSecrets } from '../../local/secrets.ts';
import { PATIENCE_MS } from '../patience.ts';

export interface BareDatabase {
  readonly adminUrl: string;
  readonly dbUrl: string;
  /** Connected as superuser. */
  readonly admin: postgres.Sql;
  /** Connected as `postgres`, which is none. */
  readonly sql: postgres.Sql;
  /** File that holds the root of all derived keys. */
  rootKeyPath(): Promise<string>;
  stop(): Promise<void>;
}

export async function bareDatabase(options: { pgsodium?: boolean } = {}): Promise<BareDatabase> {
  const stateDir = await Deno.makeTempDir({ prefix: 'cassius-test-' });
  const secrets = await loadSecrets(stateDir);
  const port = freePortBase();
  const server = await startPostgres({
    engine: await prepareEngine({ pgsodium: options.pgsodium !== false }),
    port,
    stateDir,
    adminPassword: secrets.adminPassword,
    rootKey: secrets.rootKey,
    fresh: true,
    durable: false,
  });
  await preparePlatform(server.adminUrl, secrets);
  const dbUrl = `postgresql://postgres:${secrets.dbPassword}@127.0.0.1:${port}/postgres`;
  const quiet = { onnotice: () => {} };
  const admin = postgres(server.adminUrl, { max: 4, ...quiet });
  const sql = postgres(dbUrl, { max: 4, ...quiet });
  return {
    adminUrl: server.adminUrl,
    dbUrl,
    admin,
    sql,
    async rootKeyPath() {
      const [row] = await admin`select current_setting('data_directory') as data`;
      return `${row!.data}/../root.key`;
    },
    async stop() {
      await Promise.all([admin.end({ timeout: 1 }), sql.end({ timeout: 1 })]);
      await server.stop({ remove: true });
      await Deno.remove(stateDir, { recursive: true });
    },
  };
}

/** Waits until `condition` gives something true, and returns it. */
export async function until<T>(
  condition: () => Promise<T> | T,
  what: string,
): Promise<NonNullable<T>> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (performance.now() > deadline) throw new Error(`Waited ${PATIENCE_MS} ms for ${what}: it never came`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
