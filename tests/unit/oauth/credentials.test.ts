import { describe, expect, test } from 'vitest';
import { SyncError } from '../../../supabase/functions/_shared/errors.ts';
import { connectionHandle } from '../../../supabase/functions/_shared/oauth/credentials.ts';
import type { CredentialStore, StoredCredential } from '../../../supabase/functions/_shared/sync/shared/credentials.ts';
import { deadGrant, FakeProvider, unavailable } from './fake_provider.ts';

const ID = 'integration-1';

/** One credential in a database; every `process()` sees it as a process of its own would. */
function database(initial: Partial<StoredCredential> = {}) {
  let row: StoredCredential | null = {
    version: 1,
    accessToken: null,
    refreshToken: 'refresh-1',
    ...initial,
  };
  const marked: number[] = [];
  let opened = 0;
  const process = (): CredentialStore => ({
    open: () => {
      opened += 1;
      return Promise.resolve(row && { ...row });
    },
    renewed: (_id, expectedVersion, credential) => {
      if (row === null) return Promise.resolve({ stored: false, version: 0, accessToken: null });
      const stored = row.version === expectedVersion;
      if (stored) {
        row = {
          ...row,
          version: row.version + 1,
          accessToken: credential.accessToken,
          refreshToken: credential.refreshToken ?? row.refreshToken,
        };
      }
      return Promise.resolve({ stored, version: row.version, accessToken: row.accessToken });
    },
    reconnectRequired: (_id, expectedVersion) => {
      const still = row?.version === expectedVersion;
      if (still) marked.push(expectedVersion);
      return Promise.resolve(still);
    },
  });
  return {
    process,
    marked,
    opened: () => opened,
    row: () => row,
    set: (next: StoredCredential | null) => row = next,
  };
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(() => null, (thrown) => thrown);
  expect(error).toBeInstanceOf(SyncError);
  return error.code;
}

describe('an access token', () => {
  test('that came with the claim costs no round trip', async () => {
    const db = database();
    const known = { version: 1, accessToken: 'access-known' };
    const handle = connectionHandle({ integrationId: ID, known, oauth: new FakeProvider(), store: db.process() });
    expect(await handle.accessToken()).toBe('access-known');
    expect(db.opened()).toBe(0);
  });

  test('that is stored and fresh is used without a refresh', async () => {
    const db = database({ accessToken: 'access-stored' });
    const provider = new FakeProvider();
    const handle = connectionHandle({ integrationId: ID, known: null, oauth: provider, store: db.process() });
    expect(await handle.accessToken()).toBe('access-stored');
    expect(await handle.accessToken()).toBe('access-stored');
    expect(provider.refreshed).toEqual([]);
    expect(db.opened()).toBe(1);
  });

  test('that is stale is refreshed once, however many ask at once', async () => {
    const db = database();
    const provider = new FakeProvider();
    const store = db.process();
    const handle = () => connectionHandle({ integrationId: ID, known: null, oauth: provider, store });
    const [one, two] = [handle(), handle()];
    const tokens = await Promise.all([one.accessToken(), one.accessToken(), two.accessToken()]);
    expect(new Set(tokens)).toEqual(new Set(['canary-access-1']));
    expect(provider.refreshed).toEqual(['refresh-1']);
    expect(db.row()).toMatchObject({ version: 2, accessToken: 'canary-access-1', refreshToken: 'refresh-1' });
  });

  test('that was refused is replaced by the one that another worker stored meanwhile', async () => {
    const db = database({ version: 2, accessToken: 'access-newer' });
    const provider = new FakeProvider();
    const known = { version: 1, accessToken: 'access-refused' };
    const handle = connectionHandle({ integrationId: ID, known, oauth: provider, store: db.process() });
    expect(await handle.renew()).toBe('access-newer');
    expect(provider.refreshed).toEqual([]);
  });

  test('that was refused and is still the stored one is refreshed', async () => {
    const db = database({ accessToken: 'access-refused' });
    const provider = new FakeProvider();
    const handle = connectionHandle({ integrationId: ID, known: null, oauth: provider, store: db.process() });
    expect(await handle.accessToken()).toBe('access-refused');
    expect(await handle.renew()).toBe('canary-access-1');
    expect(await handle.accessToken()).toBe('canary-access-1');
  });

  test('that was refused is not handed back because another handle was just opening it', async () => {
    const db = database({ accessToken: 'access-refused' });
    const provider = new FakeProvider();
    const store = db.process();
    const opening = connectionHandle({ integrationId: ID, known: null, oauth: provider, store }).accessToken();
    const known = { version: 1, accessToken: 'access-refused' };
    const refused = connectionHandle({ integrationId: ID, known, oauth: provider, store });
    expect(await refused.renew()).toBe('canary-access-1');
    expect(await opening).toBe('access-refused');
  });

  test('of a connection that is gone is NOT_CONNECTED', async () => {
    const db = database();
    db.set(null);
    const handle = connectionHandle({
      integrationId: ID,
      known: null,
      oauth: new FakeProvider(),
      store: db.process(),
    });
    expect(await codeOf(handle.accessToken())).toBe('NOT_CONNECTED');
  });
});

describe('two processes that refresh at once', () => {
  test('end with one credential, which both use', async () => {
    const db = database();
    const [left, right] = [new FakeProvider(), new FakeProvider()];
    right.credential();
    const tokens = await Promise.all([
      connectionHandle({ integrationId: ID, known: null, oauth: left, store: db.process() }).accessToken(),
      connectionHandle({ integrationId: ID, known: null, oauth: right, store: db.process() }).accessToken(),
    ]);
    expect(left.refreshed.length + right.refreshed.length).toBe(2);
    expect(tokens[0]).toBe(tokens[1]);
    expect(db.row()).toMatchObject({ version: 2, accessToken: tokens[0] });
  });

  test('adopt the winner’s token where the provider had already ended the loser’s', async () => {
    const db = database();
    const loser = new FakeProvider();
    loser.refresh = async () => {
      db.set({ ...db.row()!, version: 2, accessToken: 'access-winner', refreshToken: 'refresh-2' });
      return await Promise.reject(deadGrant());
    };
    const handle = connectionHandle({ integrationId: ID, known: null, oauth: loser, store: db.process() });
    expect(await handle.accessToken()).toBe('access-winner');
    expect(db.marked).toEqual([]);
  });

  test('find the connection ended in between', async () => {
    const db = database();
    const provider = new FakeProvider();
    const refresh = provider.refresh.bind(provider);
    provider.refresh = async (token) => {
      db.set(null);
      return await refresh(token);
    };
    const handle = connectionHandle({ integrationId: ID, known: null, oauth: provider, store: db.process() });
    expect(await codeOf(handle.accessToken())).toBe('NOT_CONNECTED');
  });
});

describe('a dead grant', () => {
  test('is recorded once and asked of the provider once, however often the handle is used', async () => {
    const db = database();
    const provider = new FakeProvider();
    provider.fails.refresh = deadGrant();
    const handle = connectionHandle({ integrationId: ID, known: null, oauth: provider, store: db.process() });
    for (const call of [handle.accessToken, handle.renew, handle.accessToken]) {
      expect(await codeOf(call())).toBe('NEED_RECONSENT');
    }
    expect(await codeOf(Promise.all([handle.renew(), handle.accessToken()]))).toBe('NEED_RECONSENT');
    expect(db.marked).toEqual([1]);
    expect(provider.refreshed).toHaveLength(1);
  });

  test('of an older version does not mark a newer credential', async () => {
    const db = database();
    const provider = new FakeProvider();
    provider.refresh = async () => {
      db.set({ ...db.row()!, version: 2, accessToken: null, refreshToken: 'refresh-2' });
      return await Promise.reject(deadGrant());
    };
    const handle = connectionHandle({ integrationId: ID, known: null, oauth: provider, store: db.process() });
    expect(await codeOf(handle.accessToken())).toBe('NEED_RECONSENT');
    expect(db.marked).toEqual([]);
  });

  test('is what a missing refresh token is', async () => {
    const db = database({ refreshToken: null });
    const provider = new FakeProvider();
    const handle = connectionHandle({ integrationId: ID, known: null, oauth: provider, store: db.process() });
    expect(await codeOf(handle.accessToken())).toBe('NEED_RECONSENT');
    expect(db.marked).toEqual([1]);
    expect(provider.refreshed).toEqual([]);
  });

  test('is not what a provider’s bad hour is: the next call tries again', async () => {
    const db = database();
    const provider = new FakeProvider();
    provider.fails.refresh = unavailable();
    const handle = connectionHandle({ integrationId: ID, known: null, oauth: provider, store: db.process() });
    expect(await codeOf(handle.accessToken())).toBe('PROVIDER_UNAVAILABLE');
    provider.fails = {};
    expect(await handle.accessToken()).toBe('canary-access-1');
    expect(db.marked).toEqual([]);
  });
});

describe('a password instead of a grant', () => {
  test('is used as it is stored, and a refused one asks for a new connection without asking a provider', async () => {
    const db = database();
    db.set({ ...db.row()!, accessToken: 'password', refreshToken: null });
    const handle = connectionHandle({
      integrationId: ID,
      known: null,
      oauth: null,
      store: db.process(),
      wait: () => Promise.resolve(),
    });
    expect(await handle.accessToken()).toBe('password');
    expect(await codeOf(handle.renew())).toBe('NEED_RECONSENT');
    expect(db.marked).toEqual([1]);
  });
});
