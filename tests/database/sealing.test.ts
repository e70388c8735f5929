import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newPerson, type TestDatabase, testDatabase } from './database.ts';
import { everythingOpens, fill } from './sealed_tokens.ts';

type Envelope = Record<string, string | number>;
interface Row {
  organisation: string;
  integration: string;
}

const row = (): Row => ({ organisation: crypto.randomUUID(), integration: crypto.randomUUID() });

async function seal(db: TestDatabase, text: string, at: Row, kind = 'refresh'): Promise<Envelope> {
  const [sealed] = await db
    .owner`select private.seal_token(${text}, ${at.organisation}, ${at.integration}, ${kind}) as envelope`;
  return sealed!.envelope;
}

async function open(db: TestDatabase, envelope: Envelope, at: Row, kind = 'refresh'): Promise<string> {
  const [opened] = await db.owner`
    select private.open_token(${db.owner.json(envelope)}, ${at.organisation}, ${at.integration}, ${kind}) as text`;
  return opened!.text;
}

async function health(db: TestDatabase): Promise<unknown> {
  const [found] = await db.owner`select private.seal_health() as health`;
  return found!.health;
}

async function secrets(db: TestDatabase): Promise<number> {
  const [found] = await db.admin`select count(*)::int as n from vault.secrets`;
  return found!.n;
}

/** Schemes of the envelopes in every column that holds some. */
async function schemes(db: TestDatabase): Promise<string[]> {
  const found = new Set<string>();
  for (const { relation, envelope } of await db.owner`select relation, envelope from private.sealed_columns`) {
    const rows = await db.owner`
      select ${db.owner(envelope)} ->> 'scheme' as scheme from ${db.owner(relation)} where ${
      db.owner(envelope)
    } is not null`;
    expect(rows.length, `${relation}.${envelope} is filled`).toBeGreaterThan(0);
    for (const { scheme } of rows) found.add(scheme);
  }
  return [...found].toSorted();
}

describe('tokens sealed by pgsodium', () => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await testDatabase();
  });
  afterAll(() => db.stop());

  test('no superuser is needed: the owner of the tables seals and opens', async () => {
    const [who] = await db.owner`select usesuper as super from pg_user where usename = current_user`;
    expect(who!.super).toBe(false);
    const at = row();
    expect(await open(db, await seal(db, 'jeton à garder', at), at)).toBe('jeton à garder');
    expect(await health(db)).toEqual({
      scheme: 'pgsodium-det-1',
      keyPresent: true,
      keyFits: true,
      fallback: false,
    });
  });

  test('the envelope describes itself, never holds the token, and differs each time', async () => {
    const at = row();
    const first = await seal(db, 'same', at);
    expect(Object.keys(first).toSorted()).toEqual([
      'ciphertext',
      'key_context',
      'key_id',
      'key_uuid',
      'nonce',
      'scheme',
    ]);
    expect(JSON.stringify(first)).not.toContain('same');
    expect((await seal(db, 'same', at)).ciphertext).not.toBe(first.ciphertext);
  });

  test('a token moved to another row, kind or practice, or changed by a bit, does not open and is not quoted', async () => {
    const at = row();
    const sealed = await seal(db, 'secret-token', at);
    const refused = /^Open token: it was changed, belongs to another row, or its key is gone$/;
    await expect(open(db, sealed, { ...at, integration: crypto.randomUUID() })).rejects.toThrow(refused);
    await expect(open(db, sealed, { ...at, organisation: crypto.randomUUID() })).rejects.toThrow(refused);
    await expect(open(db, sealed, at, 'access')).rejects.toThrow(refused);
    const text = String(sealed.ciphertext);
    const changed = (text[0] === '0' ? '1' : '0') + text.slice(1);
    await expect(open(db, { ...sealed, ciphertext: changed }, at)).rejects.toThrow(refused);
    await expect(open(db, { ...sealed, scheme: 'none' }, at)).rejects.toThrow(refused);
    await expect(open(db, { scheme: 'pgsodium-det-1' }, at)).rejects.toThrow(refused);
  });

  test('neither people nor the secret key reach the sealing functions', async () => {
    const person = await newPerson(db);
    const attempt = (sql: Parameters<Parameters<TestDatabase['asUser']>[1]>[0]) =>
      sql`select private.seal_token('x', null, null, 'x')`;
    await expect(db.asUser(person.user, attempt)).rejects.toThrow('permission denied');
    await expect(db.asService(attempt)).rejects.toThrow('permission denied');
  });

  test('rewrapping goes to Vault and back, everything opens all along, and no secret stays behind', async () => {
    const before = await secrets(db);
    const filled = await fill(db);
    await everythingOpens(db, filled);
    const rewrap = async (scheme: string | null) =>
      (await db.owner`select private.rewrap_tokens(${scheme}) as n`)[0]!.n;
    expect(await rewrap(null)).toBe(0);
    expect(await rewrap('vault-1')).toBe(7);
    expect(await schemes(db)).toEqual(['vault-1']);
    expect(await secrets(db), 'seven tokens and the canary of the scheme').toBe(before + 8);
    await everythingOpens(db, filled);
    expect(await rewrap('pgsodium-det-1')).toBe(7);
    expect(await schemes(db)).toEqual(['pgsodium-det-1']);
    expect(await secrets(db), 'the canary').toBe(before + 1);
    await everythingOpens(db, filled);
  });

  test('every column that holds sealed tokens is rewrapped', async () => {
    const sealed = await db.admin`
      select format('%I.%I', table_schema, table_name) as relation, column_name as envelope
      from information_schema.columns
      where table_schema in ('private', 'public') and column_name ~ 'sealed' and data_type = 'jsonb'
        and table_name <> 'sealing_canaries'
      order by 1, 2`;
    const known = await db.owner`select relation, envelope from private.sealed_columns order by 1, 2`;
    expect([...known]).toEqual([...sealed]);
  });

  test('the signing secret is made by the database, told once, and kept when the address changes', async () => {
    const configure = async (url: string) => (await db.owner`select private.configure(${url}) as secret`)[0]!.secret;
    const nobody = '00000000-0000-0000-0000-000000000000';
    const kept = async () =>
      (await db.owner`
        select private.open_token(c.sealed, ${nobody}, ${nobody}, 'nudge') as secret
        from private.app_config c where c.key = 'nudge_secret'`)[0]!.secret;
    await db.owner`delete from private.app_config where key = 'nudge_secret'`;
    const made = await configure('http://127.0.0.1:1/functions/v1');
    expect(made).toMatch(/^whsec_[A-Za-z0-9+/=]{44}$/);
    expect(await kept()).toBe(made);
    expect(await configure('http://127.0.0.1:2/functions/v1')).toBeNull();
    expect(await kept()).toBe(made);
  });

  test('one token that no longer opens does not keep the others from being rewrapped', async () => {
    await fill(db);
    const broken = await fill(db);
    await db.admin`update private.credentials set refresh_sealed = jsonb_set(refresh_sealed, '{nonce}', '"00"')
      where integration_id = ${broken.integration}`;
    const [done] = await db.owner`select private.rewrap_tokens('vault-1') as n`;
    expect(done!.n).toBeGreaterThanOrEqual(4);
    const left = await db
      .owner`select integration_id from private.credentials where refresh_sealed ->> 'scheme' <> 'vault-1'`;
    expect(left.map((found) => found.integration_id)).toEqual([broken.integration]);
    await db.owner`select private.rewrap_tokens('pgsodium-det-1')`;
  });

  test("a token opens by the number of its key after the key's row, and then the extension, is gone", async () => {
    const at = row();
    const sealed = await seal(db, 'outlives its key', at);
    await db.admin`delete from pgsodium.key where id = ${String(sealed.key_uuid)}`;
    expect(await health(db)).toMatchObject({ keyPresent: false });
    // Without Vault's cipher in reach, so that it is pgsodium that opens it.
    await db
      .admin`revoke execute on function vault._crypto_aead_det_decrypt(bytea, bytea, bigint, bytea, bytea) from postgres, service_role`;
    expect(await open(db, sealed, at)).toBe('outlives its key');
    await db
      .admin`grant execute on function vault._crypto_aead_det_decrypt(bytea, bytea, bigint, bytea, bytea) to postgres, service_role`;
    await expect(seal(db, 'new', at), 'nothing is sealed by a key that is gone').rejects.toThrow();
    await db.admin`drop extension pgsodium`;
    expect(await open(db, sealed, at)).toBe('outlives its key');
    const [chosen] = await db.owner`select private.choose_sealing() as scheme`;
    expect(chosen!.scheme).toBe('vault-1');
    await db.owner`select private.rewrap_tokens()`;
    expect(await open(db, await seal(db, 'sealed by Vault', at), at)).toBe('sealed by Vault');
  });
});

describe('tokens sealed by Vault, where pgsodium is not offered', () => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await testDatabase({ pgsodium: false });
  });
  afterAll(() => db.stop());

  test('the migration falls back, and the health report says so', async () => {
    expect(await health(db)).toEqual({ scheme: 'vault-1', keyPresent: true, keyFits: true, fallback: true });
    const at = row();
    const sealed = await seal(db, 'kept by Vault', at);
    expect(Object.keys(sealed).toSorted()).toEqual(['scheme', 'secret_id']);
    expect(await open(db, sealed, at)).toBe('kept by Vault');
  });

  test('a secret under another row does not open', async () => {
    const at = row();
    const sealed = await seal(db, 'secret-token', at);
    await expect(open(db, sealed, row())).rejects.toThrow(/^Open token: it was changed/);
    await expect(open(db, sealed, at, 'access')).rejects.toThrow(/^Open token: it was changed/);
    await expect(open(db, { ...sealed, secret_id: crypto.randomUUID() }, at)).rejects.toThrow(
      /^Open token: it was changed/,
    );
  });

  test('renewing, confirming and disconnecting leave no secret behind', async () => {
    const before = await secrets(db);
    const filled = await fill(db);
    const settled = await secrets(db);
    await db.call('credential_renewed', {
      p_integration: filled.integration,
      p_expected_version: 1,
      p_access_token: 'access-2',
      p_expires_in: 3600,
      p_refresh_token: 'refresh-2',
      p_scopes: [],
    });
    expect(await secrets(db)).toBe(settled);
    const { organisation, user } = filled.person;
    await db.call('connect_redeem_held', {
      p_provider: 'google',
      p_confirm_hash: `confirm-${filled.stateHash}`,
      p_organisation: organisation,
      p_user: user,
    });
    expect(
      await db.call('integration_disconnect', {
        p_organisation: organisation,
        p_user: user,
        p_provider: 'google',
        p_remove_events: false,
      }),
    ).toMatchObject({ state: 'disconnected', revokeToken: 'refresh-2' });
    expect(await secrets(db), 'the signing secret of the nudge, and two grants to be revoked').toBe(before + 3);
  });
});
