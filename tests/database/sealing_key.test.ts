/** A database that was restored beside another root key, or without what Vault kept. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newPerson, type TestDatabase, testDatabase } from './database.ts';
import { everythingOpens, fill, type Filled } from './sealed_tokens.ts';

const FOREIGN = 'Use the sealing key: it is not the one that sealed the tokens here';

async function rootKeyPath(db: TestDatabase): Promise<string> {
  const [place] = await db.admin`select current_setting('data_directory') as path`;
  return `${place!.path}/../root.key`;
}

/** As after a restore without the old root key. */
async function withAnotherKey(db: TestDatabase, work: () => Promise<void>): Promise<void> {
  const path = await rootKeyPath(db);
  const right = await Deno.readTextFile(path);
  await Deno.writeTextFile(path, 'ab'.repeat(32));
  try {
    await work();
  } finally {
    await Deno.writeTextFile(path, right);
  }
}

async function sealing(db: TestDatabase) {
  return (await db.call<{ sealing: Record<string, unknown> }>('sync_health', {})).sealing;
}

async function keyFits(db: TestDatabase): Promise<boolean> {
  const [found] = await db.owner`select private.sealing_key_fits() as fits`;
  return found!.fits;
}

describe.each([
  ['pgsodium', 'pgsodium-det-1', { pgsodium: true }],
  ['Vault', 'vault-1', { pgsodium: false }],
])('a restore with another root key, where tokens are sealed by %s', (_name, scheme, options) => {
  let db: TestDatabase;
  let filled: Filled;
  beforeAll(async () => {
    db = await testDatabase(options);
    filled = await fill(db);
  });
  afterAll(() => db.stop());

  test('gives up nothing, and asks no person to reconnect: the fault is the team’s', async () => {
    const opened = () => db.call('integration_credential', { p_integration: filled.integration });
    await withAnotherKey(db, async () => {
      expect(await opened()).toMatchObject({
        accessToken: null,
        refreshToken: null,
        unreadable: 'CONFIGURATION_ERROR',
      });
    });
    expect(await opened()).toMatchObject({ refreshToken: 'refresh-1', unreadable: null });
    const [held] = await db.owner`select status from calendar_integrations where id = ${filled.integration}`;
    expect(held!.status).toBe('connected');
    expect(await db.call('revocation_claim', { p_provider: 'google' }), 'a grant still to be revoked')
      .toMatchObject([{ token: 'revoked-1' }]);
  });

  test('is told by health', async () => {
    expect(await sealing(db)).toMatchObject({ scheme, keyPresent: true, keyFits: true });
    await withAnotherKey(db, async () => {
      expect(await keyFits(db)).toBe(false);
      expect(await sealing(db)).toMatchObject({ scheme, keyPresent: true, keyFits: false });
    });
    expect(await keyFits(db)).toBe(true);
  });

  test('is refused loudly by rewrapping, whatever the scheme asked for, and nothing changes', async () => {
    const credentials = () => db.owner`select access_sealed, refresh_sealed from private.credentials order by 1::text`;
    const before = await credentials();
    await withAnotherKey(db, async () => {
      await expect(db.owner`select private.rewrap_tokens()`).rejects.toThrow(FOREIGN);
      await expect(db.owner`select private.rewrap_tokens('vault-1')`).rejects.toThrow(FOREIGN);
      await expect(db.owner`select private.choose_sealing()`).rejects.toThrow('neither pgsodium nor Vault works here');
    });
    expect(await credentials()).toEqual(before);
    expect(await sealing(db)).toMatchObject({ scheme });
  });

  test('seals nothing beside what the old key sealed, and all is well when that key is back', async () => {
    await withAnotherKey(db, async () => {
      const [another] = await db.owner`select gen_random_uuid() as id`;
      await expect(db.owner`select private.seal_token('x', ${another!.id}, ${another!.id}, 'refresh')`)
        .rejects.toThrow(FOREIGN);
      await expect(fill(db)).rejects.toThrow(FOREIGN);
    });
    await everythingOpens(db, filled);
    await everythingOpens(db, await fill(db));
  });

  test('can be accepted when the old key is lost: people reconnect, and the team configures the nudge anew', async () => {
    await expect(db.owner`select private.accept_new_key()`, 'nothing is lost').rejects.toThrow('Accept a new key');
    const connected = async () =>
      (await db.owner`select count(*)::int as n from calendar_integrations where status = 'connected'`)[0]!.n;
    const all = await connected();
    expect(all).toBeGreaterThan(0);
    await withAnotherKey(db, async () => {
      const [given] = await db.owner`select private.accept_new_key() as up`;
      expect(given!.up).toBe(all);
      expect(await connected()).toBe(0);
      expect(await sealing(db)).toMatchObject({ scheme, keyFits: true });
      expect(await db.call('sync_health', {})).toMatchObject({ nudgeConfigured: false });
      expect((await db.owner`select private.nudge('google') as sent`)[0]!.sent).toBe(false);
      const [configured] = await db.owner`select private.configure('http://127.0.0.1:1/functions/v1') as secret`;
      expect(configured!.secret).toMatch(/^whsec_[A-Za-z0-9+/=]{44}$/);
      expect((await db.owner`select private.nudge('google') as sent`)[0]!.sent).toBe(true);
      await everythingOpens(db, await fill(db));
      expect(await connected()).toBe(1);
    });
  });
});

test('a key that is another one for one scheme alone keeps nobody from being deleted', async () => {
  const db = await testDatabase({ pgsodium: false });
  try {
    const filled = await fill(db);
    await db.admin`insert into private.sealing_canaries (scheme, sealed)
      select 'pgsodium-det-1', sealed || '{"scheme": "pgsodium-det-1"}' from private.sealing_canaries`;
    expect(await keyFits(db), 'tokens open').toBe(true);
    await expect(fill(db), 'and none is sealed').rejects.toThrow(FOREIGN);
    await db.owner`delete from auth.users where id in (
      select user_id from public.calendar_integrations where id = ${filled.integration})`;
    expect(await db.owner`select from public.calendar_integrations where id = ${filled.integration}`).toHaveLength(0);
  } finally {
    await db.stop();
  }
});

test('a dump that left Vault out is told by health, like another key', async () => {
  const db = await testDatabase({ pgsodium: false });
  try {
    await newPerson(db);
    await fill(db);
    await db.admin`delete from vault.secrets`;
    expect(await sealing(db)).toMatchObject({ scheme: 'vault-1', keyPresent: true, keyFits: false });
    await expect(db.owner`select private.rewrap_tokens()`).rejects.toThrow(FOREIGN);
    expect((await db.owner`select private.accept_new_key() as up`)[0]!.up).toBe(1);
    await everythingOpens(db, await fill(db));
  } finally {
    await db.stop();
  }
});

test('what docs/backup.md tells for a clone leaves nothing that could be opened or woken', async () => {
  const page = await Deno.readTextFile(new URL('../../docs/backup.md', import.meta.url));
  const cut = page.split('```').find((block) => block.includes('delete from private.app_config'))!.replace(/^sql/, '');
  for (const options of [{ pgsodium: true }, { pgsodium: false }]) {
    const db = await testDatabase(options);
    try {
      await fill(db);
      await db.owner.unsafe(cut);
      await withAnotherKey(db, async () => {
        await db.owner`select private.accept_new_key()`;
        expect((await db.owner`select private.nudge('google') as sent`)[0]!.sent).toBe(false);
        expect(await db.owner`select from private.credentials`).toHaveLength(0);
        expect(await db.call('sync_health', {})).toMatchObject({ nudgeConfigured: false, sealing: { keyFits: true } });
        const kept = await db.admin`select (select count(*) from vault.secrets)::int as secrets`;
        expect(kept[0]!.secrets, 'the canary of Vault').toBe(options.pgsodium ? 0 : 1);
        await db.owner`select private.configure('http://127.0.0.1:1/functions/v1')`;
        expect((await db.owner`select private.nudge('google') as sent`)[0]!.sent, 'paused').toBe(false);
        await db.owner`select private.resume('all', null)`;
        await everythingOpens(db, await fill(db));
      });
    } finally {
      await db.stop();
    }
  }
});
