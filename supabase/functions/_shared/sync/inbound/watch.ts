/** Keeps a followed calendar's subscription alive. Nothing here is ever a reason for an import to fail. */
import { createHash } from 'node:crypto';
import { SyncError } from '../../errors.ts';
import type { ConnectionHandle } from '../../providers/port/account.ts';
import type { ChangeNotices, Watch } from '../../providers/port/notices.ts';
import type { ImportLane, ImportStore } from './port.ts';
import type { SyncLog } from '../shared/log.ts';

export interface WatchDeps {
  readonly store: Pick<ImportStore, 'watch'>;
  readonly notices: ChangeNotices;
  readonly handle: ConnectionHandle;
  readonly now: () => number;
  readonly newId: () => string;
  /** Unguessable. */
  readonly newSecret: () => string;
  /** Where the provider shall call. */
  readonly address: string;
  readonly log: SyncLog;
}

/** What is stored of a secret: a notice proves itself by it, and the secret cannot be read from the table. */
export function secretHash(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** Starts or renews the subscription where one is due. Never throws. */
export async function keepWatch(lane: ImportLane, deps: WatchDeps): Promise<void> {
  if (!lane.watchWanted) return;
  const fields = {
    integration: lane.integrationId,
    organisation: lane.organisationId,
    renewed: deps.notices.renewWatch !== null && lane.watch !== null,
  };
  const startedAt = deps.now();
  try {
    await new WatchKeeper(lane, deps).keep();
    deps.log({ step: 'watch_calendar', outcome: 'ok', durationMs: deps.now() - startedAt, fields });
  } catch (error) {
    const durationMs = deps.now() - startedAt;
    deps.log({ step: 'watch_calendar', outcome: 'error', level: 'warn', durationMs, fields, error });
  }
}

class WatchKeeper {
  readonly #lane: ImportLane;
  readonly #deps: WatchDeps;

  constructor(lane: ImportLane, deps: WatchDeps) {
    this.#lane = lane;
    this.#deps = deps;
  }

  async keep(): Promise<void> {
    const { notices, handle } = this.#deps;
    const { maxLifetimeSeconds } = notices;
    if (notices.renewWatch && this.#lane.watch) {
      const renewed = await notices.renewWatch(handle, this.#lane.watch, maxLifetimeSeconds);
      if (renewed !== 'recreate') return await this.#keepLive(renewed, null);
    }
    await this.#create(maxLifetimeSeconds);
  }

  async #create(lifetimeSeconds: number): Promise<void> {
    const { notices, handle, now, newId, newSecret, address } = this.#deps;
    const channelId = newId();
    const secret = newSecret();
    const hash = secretHash(secret);
    const expiresAt = new Date(now() + lifetimeSeconds * 1000).toISOString();
    // Before the call: the first notice may be faster than its answer.
    await this.#report({ channelId, resourceId: null, expiresAt, secretHash: hash }, false);
    let watch: Watch;
    try {
      watch = await notices.startWatch(handle, {
        calendarId: this.#lane.calendarId,
        channelId,
        address,
        secret,
        lifetimeSeconds,
      });
    } catch (error) {
      if (!(error instanceof SyncError) || error.code !== 'PUSH_UNSUPPORTED') throw error;
      await this.#report(null, true);
      return;
    }
    await this.#keepLive(watch, hash);
  }

  /** The older ones end only now: between two, changes would be missed. */
  async #keepLive({ channelId, resourceId, expiresAt }: Watch, hash: string | null): Promise<void> {
    const older = await this.#report({ channelId, resourceId, expiresAt, secretHash: hash }, false);
    for (const watch of older) await this.#stop(watch);
  }

  async #stop({ channelId, resourceId }: Pick<Watch, 'channelId' | 'resourceId'>): Promise<void> {
    const { notices, handle, log, now } = this.#deps;
    try {
      await notices.stopWatch(handle, { channelId, resourceId, expiresAt: new Date(now()).toISOString() });
    } catch (error) {
      const fields = { integration: this.#lane.integrationId };
      log({ step: 'stop_watch', outcome: 'error', level: 'warn', fields, error });
    }
  }

  #report(channel: Parameters<ImportStore['watch']>[0]['channel'], refused: boolean) {
    const { store } = this.#deps;
    const { integrationId, calendarId } = this.#lane;
    return store.watch({ integrationId, calendarId, channel, refused });
  }
}
