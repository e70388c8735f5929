/** Everything about the emulator that a test may switch, with the value it has after a reset. */
import { sharedDefaults, type SharedSettings } from '../core/settings.ts';

export interface Settings extends SharedSettings {
  /** Units in any sliding minute; 0 lifts the limit. */
  unitsPerMinutePerAccount: number;
  unitsPerMinutePerProject: number;
  patchUnits: number;
  /** Requests of one account under way at once (a batch is one); more are refused. 0 for no limit. */
  parallelPerAccount: number;
  /** `confirmed` written to a deleted event: brings it back, or is refused. */
  undelete: 'allow' | 'forbid';
  /** Any other write to a deleted event. */
  writeToDeleted: 'staysCancelled' | 'forbid' | 'gone';
  /** What a write without `sendUpdates` does. Google promises no mail but sends some: the worst is assumed. */
  defaultSendUpdates: 'all' | 'none';
  /** Repeated `privateExtendedProperty`: Google's guide says or, its reference says and. */
  propertyFilters: 'and' | 'or';
  /**
   * The first reads of a new event by its id that answer 404, for reads can lag behind the write. The error page of the
   * API's guide advises to try a 404 again with backoff; Netflix/dispatch, pull request 165, met it. 0 for none.
   */
  laggingReads: number;
  /** What lists show of a deleted event. */
  cancelledInLists: 'stub' | 'full';
  /** Lists that do not ask for deleted events contain them all the same, as Google's did since May 2025. */
  strayCancelled: boolean;
  /** An incremental list after a series was deleted names all its instances, or only some, as has been reported. */
  seriesDeletion: 'all' | 'part';
  /** What a sync token that has ended is answered: 410, or the 400 of one that never was. */
  expiredSyncToken: 'gone' | 'invalid';
  /** An incremental list repeats its first entry. */
  repeatEntries: boolean;
  /** The consent screen is in "Testing": refresh tokens end after seven days. */
  testingMode: boolean;
  refreshTokenCap: number;
  /** A refresh hands out a new refresh token and kills the old one. */
  rotateRefreshTokens: boolean;
  /** The `sync` notification goes out before the answer to `watch`. */
  syncBeforeWatchAnswer: boolean;
  /** Numbers of a channel skipped between two notifications. */
  pushNumberGap: number;
}

export function defaultSettings(): Settings {
  return {
    ...sharedDefaults(),
    unitsPerMinutePerAccount: 600,
    unitsPerMinutePerProject: 10_000,
    patchUnits: 3,
    parallelPerAccount: 0,
    undelete: 'allow',
    writeToDeleted: 'staysCancelled',
    defaultSendUpdates: 'all',
    propertyFilters: 'and',
    laggingReads: 0,
    cancelledInLists: 'stub',
    strayCancelled: false,
    seriesDeletion: 'all',
    expiredSyncToken: 'gone',
    repeatEntries: false,
    accessTokenSeconds: [3599, 3920],
    testingMode: false,
    refreshTokenCap: 100,
    rotateRefreshTokens: false,
    syncBeforeWatchAnswer: true,
    pushNumberGap: 0,
  };
}
