import { join } from 'node:path';
import { expect, test } from 'vitest';
import { engineHome, prepareEngine, runsAsRoot } from '../../local/engine.ts';
import { freePortBase } from '../../local/ports.ts';
import { type PostgresServer, startPostgres } from '../../local/postgres.ts';
import { loadSecrets } from '../../local/secrets.ts';

async function start(stateDir: string): Promise<PostgresServer> {
  const { adminPassword, rootKey } = await loadSecrets(stateDir);
  const engine = await prepareEngine({ pgsodium: true });
  return await startPostgres({
    ...{ engine, stateDir, adminPassword, rootKey },
    port: freePortBase(),
    fresh: false,
    durable: false,
  });
}

// A user other than root keeps the server inside the state directory, and removes it with that.
test.runIf(runsAsRoot())(
  'a server goes with its state directory, and one that may be started again stays',
  async () => {
    const servers = join(engineHome(), 'servers');
    const present = async () => new Set((await Array.fromAsync(Deno.readDir(servers))).map(({ name }) => name));
    const [gone, kept, next] = await Promise.all([1, 2, 3].map(() => Deno.makeTempDir({ prefix: 'cassius-test-' })));
    const homes: string[] = [];
    try {
      for (const stateDir of [gone!, kept!]) {
        const before = await present();
        await (await start(stateDir)).stop();
        const made = (await present()).difference(before);
        for (const name of made) {
          if (await Deno.readTextFile(join(servers, name, 'state_directory')) === stateDir) homes.push(name);
        }
      }
      expect(homes).toHaveLength(2);
      await Deno.remove(gone!, { recursive: true });
      await (await start(next!)).stop({ remove: true });
      const left = await present();
      expect(homes.map((name) => left.has(name))).toEqual([false, true]);
      const again = await start(kept!);
      expect(again.created).toBe(false);
      await again.stop({ remove: true });
    } finally {
      for (const stateDir of [gone!, kept!, next!]) await Deno.remove(stateDir, { recursive: true }).catch(() => {});
    }
  },
);
