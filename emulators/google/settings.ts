/** Everything about the emulator that a test may switch, with the value it has after a reset. */

export interface Settings {
  /** Refuse what the facts do not know, and record it. Off: ignore it, as Google does. */
  strict: boolean;
  /** Real milliseconds that each HTTP request takes, and each part of a batch on top. */
  latencyMs: number;
  latencyPerPartMs: number;
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
  /** An event list of several pages gets an empty one after the first. */
  emptyMiddlePage: boolean;
  /** Upper bound of a page whatever `maxResults` says; 0 for Google's own. */
  pageSizeCap: number;
  /** Repeated `privateExtendedProperty`: Google's guide says or, its reference says and. */
  propertyFilters: 'and' | 'or';
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
  /** Unknown fields and enum values in every answer. */
  novelties: boolean;
  /** Leading and trailing blanks of texts are lost. */
  trimTexts: boolean;
  /** Parts of a batch run in another order than they stand. */
  shuffleBatch: boolean;
  /** Seconds an access token lives, used in turn. */
  accessTokenSeconds: number[];
  /** The consent screen is in "Testing": refresh tokens end after seven days. */
  testingMode: boolean;
  refreshTokenCap: number;
  /** A refresh hands out a new refresh token and kills the old one. */
  rotateRefreshTokens: boolean;
  /** The `sync` notification goes out before the answer to `watch`. */
  syncBeforeWatchAnswer: boolean;
  /** Notifications lost, doubled (every nth; 0 for none), numbers skipped between two. */
  pushLoseEvery: number;
  pushDoubleEvery: number;
  pushNumberGap: number;
  /** Milliseconds of the emulator's clock that a notification is late. */
  pushDelayMs: number;
  /** After so many notifications a channel says nothing any more, though it still lives; 0 for never. */
  pushDieAfter: number;
}

export function defaultSettings(): Settings {
  return {
    strict: true,
    latencyMs: 0,
    latencyPerPartMs: 0,
    unitsPerMinutePerAccount: 600,
    unitsPerMinutePerProject: 10_000,
    patchUnits: 3,
    parallelPerAccount: 0,
    undelete: 'allow',
    writeToDeleted: 'staysCancelled',
    defaultSendUpdates: 'all',
    emptyMiddlePage: false,
    pageSizeCap: 0,
    propertyFilters: 'and',
    cancelledInLists: 'stub',
    strayCancelled: false,
    seriesDeletion: 'all',
    expiredSyncToken: 'gone',
    repeatEntries: false,
    novelties: false,
    trimTexts: false,
    shuffleBatch: false,
    accessTokenSeconds: [3599, 3920],
    testingMode: false,
    refreshTokenCap: 100,
    rotateRefreshTokens: false,
    syncBeforeWatchAnswer: true,
    pushLoseEvery: 0,
    pushDoubleEvery: 0,
    pushNumberGap: 0,
    pushDelayMs: 0,
    pushDieAfter: 0,
  };
}
