/** A database of its own for a script, made from the migrations as a hosted project would be, and gone afterwards. */
import { bringUpToDate, preparePlatform } from '../local/database.ts';
import { prepareEngine } from '../local/engine.ts';
import { freePortBase } from '../local/ports.ts';
import { startPostgres } from '../local/postgres.ts';
import { loadSecrets } from '../local/secrets.ts';

/**
 * `dbUrl` connects as the role that hosted projects push with, `adminUrl` as superuser. `before`: only the migrations before this
 * version.
 */
export async function onFreshDatabase(
  use: (dbUrl: string, adminUrl: string) => Promise<void>,
  options: { directory?: string; before?: string } = {},
): Promise<void> {
  const stateDir = await Deno.makeTempDir({ prefix: 'cassius-check-' });
  try {
    const secrets = await loadSecrets(stateDir);
    const port = freePortBase();
    const server = await startPostgres({
      engine: await prepareEngine({ pgsodium: true }),
      port,
      stateDir,
      adminPassword: secrets.adminPassword,
      rootKey: secrets.rootKey,
      fresh: true,
      durable: false,
    });
    try {
      await preparePlatform(server.adminUrl, secrets);
      const dbUrl = `postgresql://postgres:${secrets.dbPassword}@127.0.0.1:${port}/postgres?sslmode=disable`;
      await bringUpToDate(dbUrl, { mayBeForeign: false, ...options });
      await use(dbUrl, server.adminUrl);
    } finally {
      await server.stop({ remove: true });
    }
  } finally {
    await Deno.remove(stateDir, { recursive: true });
  }
}
