/**
 * What a thief of the disk would read: every file of the server's data directory, so heap, dead tuples, TOAST, indexes and
 * WAL alike.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from './database.ts';
import { everythingOpens, fill, NUDGE_SECRET } from './sealed_tokens.ts';

/** Long and alike at its start, as real tokens are; short enough that no value with it is compressed. */
const MARKER = 'ya29-plain-canary-';

async function filesThatHold(db: TestDatabase, text: string): Promise<string[]> {
  // Everything that was written so far, out of the buffers.
  await db.admin`select pg_switch_wal()`;
  await db.admin`checkpoint`;
  const [place] = await db.admin`select current_setting('data_directory') as path`;
  const found: string[] = [];
  const search = async (directory: string) => {
    for await (const entry of Deno.readDir(directory)) {
      const path = `${directory}/${entry.name}`;
      if (entry.isDirectory) await search(path);
      else if (entry.isFile) {
        const bytes = await Deno.readFile(path).catch(() => new Uint8Array()); // a segment that was just recycled
        if (Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes(text)) {
          found.push(path.slice(place!.path.length + 1));
        }
      }
    }
  };
  await search(place!.path);
  return found.toSorted();
}

describe.each([
  ['pgsodium', { pgsodium: true }, 'vault-1'],
  ['Vault', { pgsodium: false }, null],
])('where tokens are sealed by %s', (_name, options, rewrapTo) => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await testDatabase(options);
  });
  afterAll(() => db.stop());

  test('no token reaches the disk in plain text, by sealing, renewing, rewrapping or ending', async () => {
    const filled = await fill(db, MARKER);
    const ended = await fill(db, MARKER);
    await db.call('credential_renewed', {
      p_integration: ended.integration,
      p_expected_version: 1,
      p_access_token: `${MARKER}access-2`,
      p_expires_in: 3600,
      p_refresh_token: `${MARKER}refresh-2`,
      p_scopes: [],
    });
    await db.owner`select private.rewrap_tokens(${rewrapTo})`;
    await everythingOpens(db, filled);
    await db.call('integration_disconnect', {
      p_organisation: ended.person.organisation,
      p_user: ended.person.user,
      p_provider: 'google',
      p_remove_events: false,
    });
    expect(await filesThatHold(db, MARKER)).toEqual([]);
    expect(await filesThatHold(db, NUDGE_SECRET)).toEqual([]);
  });

  test('what is written in plain text would be found, in the table’s file and in the WAL', async () => {
    const plain = `found-${crypto.randomUUID()}`;
    await db.owner`select vault.create_secret(${plain})`;
    const files = await filesThatHold(db, plain);
    expect(files.filter((path) => path.startsWith('base/'))).not.toEqual([]);
    expect(files.filter((path) => path.startsWith('pg_wal/'))).not.toEqual([]);
  });
});
