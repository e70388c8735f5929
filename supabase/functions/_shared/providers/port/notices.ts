/** How a provider tells that a calendar has changed. A provider that tells nothing has no such part, and is polled. */
import type { ConnectionHandle } from './account.ts';
import type { Instant } from './content.ts';

/** A subscription to one calendar's changes. */
export interface Watch {
  /** Ours. */
  readonly channelId: string;
  /** The provider's. */
  readonly resourceId: string;
  readonly expiresAt: Instant;
}

export interface WatchRequest {
  readonly calendarId: string;
  readonly channelId: string;
  /** Where the provider shall call. */
  readonly address: string;
  /** Comes back with every notification. */
  readonly secret: string;
  readonly lifetimeSeconds: number;
}

export interface NotificationRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  readonly body: string;
}

/** What a provider tells about one watch; only what carries the right secret counts. */
export interface WatchNotice {
  /** Ours where the provider sends it back, else null. */
  readonly channelId: string | null;
  readonly resourceId: string | null;
  readonly secret: string | null;
  /** `changed`: read the calendar; `renew`, `recreate`: the watch ends; `resync`: notices were lost. */
  readonly meaning: 'changed' | 'renew' | 'recreate' | 'resync' | 'hello';
}

export type ParsedNotification =
  /** Answer 200 with exactly this text/plain body. */
  | { readonly kind: 'handshake'; readonly reply: string }
  | { readonly kind: 'notices'; readonly notices: readonly WatchNotice[] }
  | { readonly kind: 'ignore' };

export interface ChangeNotices {
  readonly maxLifetimeSeconds: number;
  /** @throws {ProviderError} `PUSH_UNSUPPORTED` where this calendar can never be watched */
  startWatch(handle: ConnectionHandle, request: WatchRequest): Promise<Watch>;
  /** Null where a watch cannot be renewed, only replaced. `recreate`: this one cannot. */
  readonly renewWatch:
    | ((handle: ConnectionHandle, watch: Watch, lifetimeSeconds: number) => Promise<Watch | 'recreate'>)
    | null;
  /** A watch that is gone already is no error. */
  stopWatch(handle: ConnectionHandle, watch: Watch): Promise<void>;
  /** Pure. Anything that cannot be understood is `ignore`. */
  parseNotification(request: NotificationRequest): ParsedNotification;
}
