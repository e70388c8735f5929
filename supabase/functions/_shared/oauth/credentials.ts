/**
 * Access tokens for one connection. Refreshes are serialised in this process and compare-and-set on the credential's version
 * across processes: of two workers that refresh at once one stores, the other adopts what it stored. A dead grant is told to
 * the database once, and only for the version that was found dead.
 */
import { SyncError } from '../errors.ts';
import type { ConnectionHandle, Credential, OAuthAccess } from '../providers/port/account.ts';
import type { CredentialStore, StoredCredential } from '../sync/shared/credentials.ts';

export interface KnownToken {
  readonly version: number;
  readonly accessToken: string | null;
}

interface Token {
  readonly version: number;
  readonly accessToken: string;
}

export interface ConnectionHandleArguments {
  readonly integrationId: string;
  /** What a claim brought along, to save a round trip. */
  readonly known: KnownToken | null;
  /** Null where what is stored is no token but a password: it is good until it is refused. */
  readonly oauth: Pick<OAuthAccess, 'refresh'> | null;
  readonly store: CredentialStore;
  readonly wait?: (ms: number) => Promise<void>;
}

const LOOKS = 4;
const LOOK_MS = 250;
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Refreshes under way in this process, by store and connection: two handles of one connection share one. */
const underWay = new WeakMap<CredentialStore, Map<string, Promise<Token>>>();

/**
 * `accessToken` and `renew` throw `NOT_CONNECTED` (no credential), `NEED_RECONSENT` (dead grant, already recorded), what
 * `store.open` throws, and what `oauth.refresh` throws for faults that pass.
 */
export function connectionHandle(
  { integrationId, known, oauth, store, wait = pause }: ConnectionHandleArguments,
): ConnectionHandle {
  let current: KnownToken | null = known;
  let dead: SyncError | null = null;

  /** A token newer than `refused`: another worker's if there is one, else our own refresh. */
  async function obtain(refused: KnownToken | null): Promise<Token> {
    const stored = await store.open(integrationId);
    if (stored === null) throw notConnected();
    const isNew = refused === null || stored.version !== refused.version || refused.accessToken === null;
    if (isNew && stored.accessToken !== null) return { version: stored.version, accessToken: stored.accessToken };
    return await refresh(stored);
  }

  async function refresh(stored: StoredCredential): Promise<Token> {
    let credential: Credential;
    try {
      if (oauth === null || stored.refreshToken === null) {
        throw new SyncError('NEED_RECONSENT', 'Refresh access: nothing is stored to renew it with');
      }
      credential = await oauth.refresh(stored.refreshToken);
    } catch (error) {
      if (error instanceof SyncError && error.code === 'NEED_RECONSENT') {
        return await afterDeadGrant(stored.version, error);
      }
      throw error;
    }
    const outcome = await store.renewed(integrationId, stored.version, credential);
    if (outcome.stored) return { version: outcome.version, accessToken: credential.accessToken };
    if (outcome.accessToken === null) throw notConnected();
    return { version: outcome.version, accessToken: outcome.accessToken };
  }

  async function afterDeadGrant(version: number, error: SyncError): Promise<Token> {
    // Where a refresh ends the token before it, a refused one may only have lost a race whose winner is about to store.
    for (let look = 0; look < LOOKS; look++) {
      await wait(LOOK_MS);
      const winner = await store.open(integrationId);
      if (winner === null) throw notConnected();
      if (winner.version !== version && winner.accessToken !== null) {
        return { version: winner.version, accessToken: winner.accessToken };
      }
    }
    if (await store.reconnectRequired(integrationId, version, error.code, error.message)) throw error;
    // The grant that ended was an older one: the token was renewed, or the account reconnected, meanwhile.
    const newer = await store.open(integrationId);
    if (newer === null) throw notConnected();
    if (newer.version !== version && newer.accessToken !== null) {
      return { version: newer.version, accessToken: newer.accessToken };
    }
    throw error;
  }

  function shared(refused: KnownToken | null): Promise<Token> {
    let byConnection = underWay.get(store);
    if (byConnection === undefined) underWay.set(store, byConnection = new Map());
    const running = byConnection.get(integrationId);
    if (running !== undefined) return running;
    const started = obtain(refused).finally(() => byConnection.delete(integrationId));
    byConnection.set(integrationId, started);
    return started;
  }

  async function replace(refused: KnownToken | null): Promise<string> {
    if (dead !== null) throw dead;
    try {
      let token = await shared(refused);
      // The work that we shared may only have opened the token that was just refused to us.
      if (token.accessToken === refused?.accessToken) token = await shared(refused);
      current = token;
      return token.accessToken;
    } catch (error) {
      if (error instanceof SyncError && error.code === 'NEED_RECONSENT') dead = error;
      throw error;
    }
  }

  return {
    accessToken: async () => current?.accessToken ?? await replace(current),
    renew: () => replace(current),
  };
}

function notConnected(): SyncError {
  return new SyncError('NOT_CONNECTED', 'Open connection: no credential is stored');
}
