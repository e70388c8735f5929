import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BareDatabase, bareDatabase } from './bare_database.ts';

describe('pgsodium and Vault stand-ins', () => {
  let database: BareDatabase;
  let key: { id: string; key_id: string; key_context: Uint8Array };
  let nonce: Uint8Array;
  const message = new TextEncoder().encode('ya29.a token, sealed');

  beforeAll(async () => {
    database = await bareDatabase();
    await database.sql`create extension pgsodium`;
    key = (await database.sql<[typeof key]>`select * from pgsodium.create_key(name => 'tokens')`)[0];
    nonce = (await database.sql`select pgsodium.crypto_aead_det_noncegen() as nonce`)[0]!.nonce;
  });
  afterAll(() => database.stop());

  const seal = async (text: Uint8Array, additional: string, by = key.id, using = nonce): Promise<Uint8Array> =>
    (await database.sql`
      select pgsodium.crypto_aead_det_encrypt(${text}, convert_to(${additional}, 'utf8'), ${by}::uuid, ${using}) as sealed`)[
      0
    ]!.sealed;
  const open = async (sealed: Uint8Array, additional: string, by = key.id, using = nonce): Promise<string> =>
    (await database.sql`
      select convert_from(pgsodium.crypto_aead_det_decrypt(${sealed}, convert_to(${additional}, 'utf8'), ${by}::uuid, ${using}), 'utf8') as text
    `)[0]!.text;

  test('what was sealed opens again, and is 32 bytes longer than the message', async () => {
    const sealed = await seal(message, 'integration 1');
    expect(sealed).toHaveLength(message.length + 32);
    expect(await open(sealed, 'integration 1')).toBe('ya29.a token, sealed');
    expect(await open(await seal(new Uint8Array(), 'empty'), 'empty')).toBe('');
  });

  test('ciphertext opened with other associated data is refused', async () => {
    await expect(open(await seal(message, 'integration 1'), 'integration 2')).rejects.toThrow('invalid ciphertext');
  });

  test('ciphertext opened with another key, another nonce, or one bit changed is refused', async () => {
    const sealed = await seal(message, 'a');
    const [other] = await database
      .sql`select id, pgsodium.crypto_aead_det_noncegen() as nonce from pgsodium.create_key()`;
    await expect(open(sealed, 'a', other!.id)).rejects.toThrow('invalid ciphertext');
    await expect(open(sealed, 'a', key.id, other!.nonce)).rejects.toThrow('invalid ciphertext');
    for (const place of [0, sealed.length - 1]) {
      const changed = new Uint8Array(sealed);
      changed[place]! ^= 1;
      await expect(open(changed, 'a')).rejects.toThrow('invalid ciphertext');
    }
  });

  test('the same message under the same nonce gives the same ciphertext, under another nonce another', async () => {
    const [other] = await database.sql`select pgsodium.crypto_aead_det_noncegen() as nonce`;
    const first = await seal(message, 'a');
    expect(await seal(message, 'a')).toEqual(first);
    expect(await seal(message, 'a', key.id, other!.nonce)).not.toEqual(first);
  });

  test('Vault opens what pgsodium sealed, given the number and context of the key', async () => {
    const sealed = await seal(message, 'a');
    const [row] = await database.sql`
      select convert_from(vault._crypto_aead_det_decrypt(${sealed}, 'a', ${key.key_id}, ${key.key_context}, ${nonce}), 'utf8') as text`;
    expect(row!.text).toBe('ya29.a token, sealed');
  });

  test('a nonce or a context of the wrong size is refused', async () => {
    await expect(seal(message, 'a', key.id, new Uint8Array(12))).rejects.toMatchObject({ code: '22000' });
    await expect(database.sql`select pgsodium.crypto_aead_det_encrypt('x', 'a', 1::bigint, 'short'::bytea)`).rejects
      .toMatchObject({ code: '22000', message: expect.stringContaining('8 bytes') });
  });

  test('a key that is not there is no data, and keys have room for a comment', async () => {
    await expect(seal(message, 'a', crypto.randomUUID())).rejects.toMatchObject({ code: 'P0002' });
    expect(await database.admin`select comment from pgsodium.key where id = ${key.id}`).toEqual([{ comment: null }]);
  });

  test('without the root key file beside the database nothing opens', async () => {
    const sealed = await seal(message, 'a');
    const path = await database.rootKeyPath();
    const right = await Deno.readTextFile(path);
    await Deno.writeTextFile(path, 'ff'.repeat(32));
    await expect(open(sealed, 'a')).rejects.toThrow('invalid ciphertext');
    await Deno.writeTextFile(path, right);
    expect(await open(sealed, 'a')).toBe('ya29.a token, sealed');
  });

  test('callers of the API can neither seal nor read keys', async () => {
    for (const role of ['anon', 'authenticated']) {
      const attempt = database.sql.begin(async (transaction) => {
        await transaction.unsafe(`set local role ${role}`);
        await transaction`select pgsodium.crypto_aead_det_encrypt('x', 'a', ${key.id}::uuid, ${nonce})`;
      });
      await expect(attempt).rejects.toThrow('permission denied');
    }
  });

  test('a secret of the vault reads back, is stored sealed, and changes under the same id', async () => {
    const [made] = await database.sql`select vault.create_secret('whsec_abc', 'nudge') as id`;
    const [stored] = await database.sql`select secret, decrypted_secret from vault.decrypted_secrets where id = ${
      made!.id
    }`;
    expect(stored!.decrypted_secret).toBe('whsec_abc');
    expect(stored!.secret).not.toContain('whsec');
    await database.sql`select vault.update_secret(${made!.id}, 'whsec_def')`;
    const [changed] = await database.sql`select decrypted_secret from vault.decrypted_secrets where name = 'nudge'`;
    expect(changed!.decrypted_secret).toBe('whsec_def');
  });
});

test('a project without pgsodium offers Vault alone', async () => {
  const database = await bareDatabase({ pgsodium: false });
  try {
    await expect(database.sql`create extension pgsodium`).rejects.toThrow('not available');
    const [row] = await database.sql`select vault.create_secret('x') is not null as made`;
    expect(row!.made).toBe(true);
  } finally {
    await database.stop();
  }
});

test('postgres is no superuser, and may still create the extensions of the platform', async () => {
  const database = await bareDatabase();
  try {
    const [me] = await database
      .sql`select rolsuper, rolbypassrls, rolcreaterole from pg_roles where rolname = current_user`;
    expect(me).toEqual({ rolsuper: false, rolbypassrls: true, rolcreaterole: true });
    for (const extension of ['pg_net', 'pg_cron', 'pgsodium']) {
      await database.sql.unsafe(`create extension ${extension}`);
    }
    await expect(database.sql`create role rogue superuser`).rejects.toThrow('permission denied');
    await expect(database.sql`select pg_read_file('/etc/passwd')`).rejects.toThrow('permission denied');
  } finally {
    await database.stop();
  }
});
