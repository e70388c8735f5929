/**
 * Everything about the emulator that a test may switch, with the value it has after a reset. What public material
 * leaves open (§8 of our notes) has its provisional answer here.
 */
import { sharedDefaults, type SharedSettings } from '../core/settings.ts';

export interface Settings extends SharedSettings {
  /** Requests of one mailbox in any sliding ten minutes; 0 lifts the limit. */
  requestsPerTenMinutes: number;
  /** Requests of one mailbox under way at once (each part of a batch is one); more are refused. 0 for no limit. */
  concurrencyPerMailbox: number;
  /** How too many at once are refused. */
  concurrencyStatus: number;
  /** The form of `Retry-After`. */
  retryAfter: 'seconds' | 'fraction' | 'date' | 'none';
  /** Seconds in the `Retry-After` of a concurrency refusal. */
  concurrencyRetrySeconds: number;

  /** Refresh tokens that were not used for so long are dead. */
  refreshTokenDays: number;
  /** A refresh token that was used goes on working for so many seconds. 0: for its whole life, as documented. */
  refreshReuseGraceSeconds: number;
  /** Access tokens go on working after a revocation, as they cannot be revoked one by one. */
  accessOutlivesRevocation: boolean;
  /** Whether a refresh whose `scope` leaves out offline_access brings a refresh token. */
  refreshWithoutOffline: boolean;
  /** How `scope` names Graph's scopes in token answers. */
  scopeForm: 'alternate' | 'short' | 'qualified';
  /** A cancelled consent says why in `error_description`. */
  cancelDescription: boolean;
  /** `/me` tells no `mail`, and ID tokens no `email`. */
  noMailAddress: boolean;
  /** E-mails of accounts that have no mailbox. */
  withoutMailbox: string[];

  /** A page of calendars where no size is asked for. */
  calendarsPageSize: number;
  /** A page of events and of changes where no size is asked for. */
  eventsPageSize: number;

  /** A repeated `transactionId` for another event: the status, and whether the error names the event there is. */
  duplicateTransactionStatus: number;
  duplicateTransactionNamesEvent: boolean;
  transactionScope: 'mailbox' | 'calendar';
  /** How long a `transactionId` is remembered; 0 for ever. */
  transactionMemorySeconds: number;
  /** Deleting its event frees a `transactionId`. */
  transactionFreedByDelete: boolean;

  /** `If-Match` is looked at on PATCH, and on DELETE. */
  ifMatchOnPatch: boolean;
  ifMatchOnDelete: boolean;
  /** The server touches an event right after its creation: the version in the answer is old at once. */
  touchAfterCreate: boolean;

  /**
   * Whether `calendars/{id}/events/{id}` looks at the calendar. The staff of microsoft-graph-docs, issue 391: an event id
   * is good for the whole mailbox, and the address of the calendar says nothing beside it.
   */
  calendarOfEventPath: 'ignored' | 'checked';
  /**
   * What `events/{id}/calendar` names: "the calendar that contains the event" (event resource type), or an id that no
   * calendar of the list has (microsoft-graph-docs, issue 6699).
   */
  calendarOfEvent: 'right' | 'stranger';
  /** An event in Deleted Items is still found by its immutable id. */
  deletedStayReadable: boolean;
  /** What a search by tag means on the events of one calendar. */
  tagFilterOnCalendar: 'calendar' | 'mailbox' | 'refused';
  /** A new tag is found only after so long. */
  tagSearchDelaySeconds: number;

  /** Occurrences in changes carry only type, ids, times and etag. */
  sparseOccurrences: boolean;
  /** Changes of a series bring its master too. */
  deltaShowsMaster: boolean;
  /** An occurrence that was deleted, or that its series lost by a change, is reported as removed. */
  deltaShowsDeletedOccurrence: boolean;
  /** Changes outside the window are reported as removed. */
  tombstonesOutsideWindow: boolean;
  /** Every page repeats the last item of the one before; the first, that of the round before. */
  replayItems: boolean;
  /** Changes are reported only when they are so old. */
  deltaDelaySeconds: number;
  /** How a dead token is refused: status, and the code's spelling. `410-location` names the address to start again. */
  deadDelta: '410' | '410-location' | '404' | '400';
  /** Tokens of changes that live at once in one mailbox: the oldest die. */
  deltaTokensPerMailbox: number;

  /**
   * A subscription's `resource` with a percent-encoded calendar id. The documentation writes resources with their ids as
   * they are (subscription resource type, `resource`), and so do the clients that are known to work.
   */
  encodedResource: 'refused' | 'accepted';
  /** A subscription to `/me/events` tells of all calendars, not only of the default one. */
  meEventsCoversAll: boolean;
  /** Minutes that a subscription lives at most, and at least: less is raised. */
  maxSubscriptionMinutes: number;
  minSubscriptionMinutes: number;
  subscriptionsPerMailbox: number;
  /** Real milliseconds for the answer to the handshake and to a notification. */
  handshakeMs: number;
  notificationMs: number;
}

export function defaultSettings(): Settings {
  return {
    ...sharedDefaults(),
    requestsPerTenMinutes: 10_000,
    concurrencyPerMailbox: 4,
    concurrencyStatus: 429,
    retryAfter: 'fraction',
    concurrencyRetrySeconds: 1,
    accessTokenSeconds: [4512, 3599, 5390],
    refreshTokenDays: 90,
    refreshReuseGraceSeconds: 0,
    accessOutlivesRevocation: false,
    refreshWithoutOffline: false,
    scopeForm: 'alternate',
    cancelDescription: false,
    noMailAddress: false,
    withoutMailbox: [],
    calendarsPageSize: 10,
    eventsPageSize: 10,
    duplicateTransactionStatus: 400,
    duplicateTransactionNamesEvent: true,
    transactionScope: 'mailbox',
    transactionMemorySeconds: 0,
    transactionFreedByDelete: false,
    ifMatchOnPatch: true,
    ifMatchOnDelete: true,
    touchAfterCreate: false,
    calendarOfEventPath: 'ignored',
    calendarOfEvent: 'right',
    deletedStayReadable: false,
    tagFilterOnCalendar: 'calendar',
    tagSearchDelaySeconds: 0,
    sparseOccurrences: true,
    deltaShowsMaster: false,
    deltaShowsDeletedOccurrence: false,
    tombstonesOutsideWindow: true,
    replayItems: false,
    deltaDelaySeconds: 0,
    deadDelta: '410',
    deltaTokensPerMailbox: 1000,
    shuffleBatch: true,
    encodedResource: 'refused',
    meEventsCoversAll: false,
    maxSubscriptionMinutes: 10_080,
    minSubscriptionMinutes: 45,
    subscriptionsPerMailbox: 1000,
    handshakeMs: 10_000,
    notificationMs: 3_000,
  };
}
