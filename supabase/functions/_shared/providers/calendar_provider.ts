/**
 * The port between the sync engine and any calendar provider. Adapters translate; they decide nothing and never touch
 * the database. Differences between providers are {@link Capabilities}, never a name that somebody compares.
 */
import type { ErrorCode } from '../errors.ts';
import { SyncError, type SyncErrorOptions } from '../errors.ts';
import { storable } from '../text.ts';

/** An instant as an ISO 8601 string in UTC with milliseconds: `2026-11-21T08:00:00.000Z`. */
export type Instant = string;
/** A calendar day, `YYYY-MM-DD`. */
export type Day = string;

/** What an adapter may use of the world. All of it is passed in. */
export interface ProviderRuntime {
  readonly fetch: typeof fetch;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export interface Credential {
  readonly accessToken: string;
  /** Seconds for which the access token is good, from when the answer arrived. */
  readonly expiresInSeconds: number;
  /** Missing where the provider sent none: the stored one stays. */
  readonly refreshToken?: string;
  /**
   * Normalised: lower case where the provider ignores case, sorted, no duplicates. Empty where a refresh named none:
   * the stored ones stay.
   */
  readonly scopes: readonly string[];
}

export interface AccountIdentity {
  /** Stable and never reused; never an e-mail address. */
  readonly subject: string;
  readonly email: string | null;
}

/** Gives a valid access token. `renew` is called once when the provider refused the current one. */
export interface ConnectionHandle {
  readonly accessToken: () => Promise<string>;
  readonly renew: () => Promise<string>;
}

export interface CalendarInfo {
  readonly id: string;
  readonly name: string;
  readonly primary: boolean;
  readonly canWrite: boolean;
  readonly timeZone: string | null;
  readonly color: string | null;
}

/**
 * In a create, `eventId` is the id that we ask for: of lower-case letters and digits. A provider may give another one
 * instead, which the outcome carries; until that is known, every call understands the one that was asked for.
 */
export interface EventRef {
  readonly calendarId: string;
  readonly eventId: string;
}

export type EventTime =
  /** The zone is for display, and not every provider keeps it: `normalize` says which one comes back. */
  | { readonly kind: 'timed'; readonly startsAt: Instant; readonly endsAt: Instant; readonly timeZone: string }
  /** `endDay` is exclusive. */
  | { readonly kind: 'all_day'; readonly startDay: Day; readonly endDay: Day };

/** The fields that we own in an event. Nothing else is ever written. */
export interface EventContent {
  readonly title: string;
  /** Plain text with `\n` line ends. */
  readonly description: string;
  readonly location: string;
  readonly time: EventTime;
  readonly availability: 'busy' | 'free';
  readonly visibility: 'normal' | 'private';
}

export const CONTENT_FIELDS = ['title', 'description', 'location', 'time', 'availability', 'visibility'] as const;
export type ContentField = (typeof CONTENT_FIELDS)[number];

/** Our mark inside an event. It counts only if it agrees with the link: copies and splits carry it too. */
export interface EventMarker {
  readonly appointmentId: string;
  readonly integrationId: string;
  readonly epoch: number;
}

export interface ObservedEvent {
  readonly ref: EventRef;
  /** Opaque version for conditional writes. Empty where a cancelled stub has none. */
  readonly version: string;
  readonly status: 'confirmed' | 'tentative' | 'cancelled';
  /** Null where a cancelled stub carries no content. */
  readonly content: EventContent | null;
  readonly marker: EventMarker | null;
  readonly updatedAt: Instant | null;
}

/** What a person meant the entry for. `other`: a kind that the provider added after this was written. */
export type EventKind =
  | 'appointment'
  | 'out_of_office'
  | 'focus_time'
  | 'working_location'
  | 'birthday'
  | 'task'
  | 'other';

export interface Attendee {
  readonly email: string | null;
  readonly name: string | null;
  readonly response: 'none' | 'accepted' | 'tentative' | 'declined';
  readonly organizer: boolean;
  readonly self: boolean;
}

/** An event as it stands in somebody's calendar, whoever made it. Recurring events come as their single occurrences. */
export interface CalendarEvent extends ObservedEvent {
  readonly kind: EventKind;
  /** For people to open. */
  readonly url: string | null;
  readonly attendees: readonly Attendee[];
  /** What the calendar's owner answered; null where nobody asked. */
  readonly ownResponse: Attendee['response'] | null;
  /** Occurrences of one series share it. */
  readonly seriesId: string | null;
  /**
   * The id under which a create of this product asked for it, where the provider then gave another: tells our own event
   * before its new id is written down. Nobody vouches for it.
   */
  readonly requestedId?: string;
}

/** `from` inclusive, `to` exclusive. */
export interface ReadWindow {
  readonly from: Instant;
  readonly to: Instant;
}

export interface ChangeRequest {
  readonly calendarId: string;
  /** Bounds a full reading. What an incremental one brings may lie outside: the caller clips. */
  readonly window: ReadWindow;
  /** Null for a full reading. */
  readonly cursor: string | null;
  /** From the page before; null for the first. */
  readonly pageToken: string | null;
}

/** An entry of a page that cannot be understood: neither an event nor the absence of one. */
export interface UnreadableEntry {
  /** Null where not even the id can be read. */
  readonly eventId: string | null;
  readonly reason: 'unknown_shape' | 'no_times' | 'no_version' | 'no_series';
}

export interface ChangePage {
  readonly events: readonly CalendarEvent[];
  /** Entries that stay as they were known, until they can be understood. */
  readonly unreadable: readonly UnreadableEntry[];
  /**
   * Ids that the provider reports as removed without saying why: hints, to be checked by a read. That of a series stands
   * for each of its occurrences that does not come with this reading.
   */
  readonly removed: readonly string[];
  /** Either there is another page, or this was the last and the cursor covers everything up to here. */
  readonly next: { readonly pageToken: string } | { readonly cursor: string };
}

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

export interface Capabilities {
  /** Row key of the provider in the database, functions' names and routes. */
  readonly provider: string;
  /** The create call is safe to repeat with the same id. */
  readonly idempotentCreate: boolean;
  readonly conditionalWrite: 'yes' | 'best_effort' | 'no';
  readonly incremental: 'whole_calendar' | 'fixed_window';
  readonly markerInIncremental: boolean;
  readonly push: { readonly kind: 'renewable' | 'recreate' | 'none'; readonly maxLifetimeSeconds: number };
  readonly canRevoke: boolean;
  /** Requests under way at once for one account. */
  readonly maxParallel: number;
  /** Operations in one batch request; 1 where there is no batch. */
  readonly maxBatch: number;
  /** Quota units of each call, and how many an account may spend in any minute (null: no such quota). */
  readonly cost: { readonly create: number; readonly patch: number; readonly delete: number; readonly read: number };
  readonly unitsPerMinute: number | null;
}

export type WriteOperation =
  | {
    readonly kind: 'create';
    readonly key: string;
    readonly ref: EventRef;
    readonly marker: EventMarker;
    readonly content: EventContent;
  }
  | {
    readonly kind: 'patch';
    readonly key: string;
    readonly ref: EventRef;
    /** Null writes without a condition. */
    readonly version: string | null;
    readonly marker: EventMarker;
    /** Only the fields to change. */
    readonly changes: Partial<EventContent>;
  }
  | { readonly kind: 'delete'; readonly key: string; readonly ref: EventRef; readonly version: string | null };

export type WriteOutcome =
  | { readonly result: 'created' | 'patched'; readonly event: ObservedEvent }
  | { readonly result: 'deleted' | 'already_gone' }
  | { readonly result: 'failed'; readonly error: ProviderError };

export interface AuthorizationRequest {
  readonly redirectUri: string;
  readonly state: string;
  /** PKCE S256 challenge. */
  readonly codeChallenge: string;
  readonly loginHint?: string;
}

export interface AuthorizationAnswer {
  readonly code: string;
  readonly redirectUri: string;
  readonly codeVerifier: string;
}

export interface CalendarProvider {
  capabilities(): Capabilities;

  /** The address of the provider's consent page. */
  authorizationUrl(request: AuthorizationRequest): string;
  /**
   * Throws `OAUTH_STATE_INVALID` (restart the flow), `CONSENT_REFUSED`, `INSUFFICIENT_SCOPE`, `CONFIGURATION_ERROR`,
   * `PROVIDER_UNAVAILABLE`, `UNEXPECTED_RESPONSE`.
   */
  completeAuthorization(answer: AuthorizationAnswer): Promise<{ credential: Credential; account: AccountIdentity }>;
  /** Throws `NEED_RECONSENT` only on proof from the token endpoint. */
  refresh(refreshToken: string): Promise<Credential>;
  /** Never throws for a token that is dead already. */
  revoke(token: string): Promise<'revoked' | 'unsupported'>;

  /** Complete or throws, never a part. */
  listCalendars(handle: ConnectionHandle): Promise<CalendarInfo[]>;
  /** Throws `CALENDAR_NOT_FOUND`. Tells "event gone" from "calendar gone". */
  probeCalendar(handle: ConnectionHandle, calendarId: string): Promise<void>;

  /** The content as this provider will hand it back. Pure; run before hashing and comparing. */
  normalize(content: EventContent): EventContent;
  /**
   * Each operation's outcome under its own key. At most `maxBatch` operations. Throws only when the whole call failed:
   * no answer, the renewed token refused too, the envelope of a batch refused. A refusal of a single operation is its
   * outcome, 5xx too. Content is normalised on its way out. Where guests could not be spared a mail, an event that has
   * some is refused: `PERMISSION_DENIED`.
   */
  write(handle: ConnectionHandle, operations: readonly WriteOperation[]): Promise<ReadonlyMap<string, WriteOutcome>>;
  /**
   * Null for an id that the calendar never had; a deleted event has status `cancelled`, or is null too where the provider
   * forgets it.
   */
  getEvent(handle: ConnectionHandle, ref: EventRef): Promise<ObservedEvent | null>;
  /** Repair path only. */
  findByMarker(handle: ConnectionHandle, calendarId: string, appointmentId: string): Promise<ObservedEvent[]>;

  /** For people to look at: one page, ordered by start, occurrences single, nothing cancelled. */
  listEvents(
    handle: ConnectionHandle,
    request: { calendarId: string; window: ReadWindow; pageToken: string | null; pageSize: number },
  ): Promise<{ events: CalendarEvent[]; unreadable: readonly UnreadableEntry[]; nextPageToken: string | null }>;
  /**
   * The whole event, as {@link pullChanges} would bring it; null for an id that the calendar never had. Throws
   * {@link UnreadableEvent}.
   */
  readEvent(handle: ConnectionHandle, ref: EventRef): Promise<CalendarEvent | null>;
  /** One page of changes. Throws `CURSOR_EXPIRED` (read in full), `CALENDAR_NOT_FOUND`; never takes a failure for emptiness. */
  pullChanges(handle: ConnectionHandle, request: ChangeRequest): Promise<ChangePage>;
  /** Throws `PUSH_UNSUPPORTED` where this calendar can never be watched. */
  startWatch(handle: ConnectionHandle, request: WatchRequest): Promise<Watch>;
  /** `recreate` where the provider has no renewal. */
  renewWatch(handle: ConnectionHandle, watch: Watch, lifetimeSeconds: number): Promise<Watch | 'recreate'>;
  /** A watch that is gone already is no error. */
  stopWatch(handle: ConnectionHandle, watch: Watch): Promise<void>;
  /** Pure. Anything that cannot be understood is `ignore`. */
  parseNotification(request: NotificationRequest): ParsedNotification;
}

export interface ProviderErrorOptions extends SyncErrorOptions {
  readonly operation: string;
  /** HTTP status of the provider's answer; null when there was none. */
  readonly status?: number | null;
  /** The provider's own reason, for logs and support. */
  readonly providerCode?: string | null;
  /** The provider asked for this pause. */
  readonly retryAfterSeconds?: number | null;
}

/** Both can hold words of the provider. */
const MESSAGE_LENGTH = 500;
const PROVIDER_CODE_LENGTH = 100;

/** What went wrong at the provider, in the product's own codes. */
export class ProviderError extends SyncError {
  readonly operation: string;
  readonly httpStatus: number | null;
  readonly providerCode: string | null;
  readonly retryAfterSeconds: number | null;

  constructor(code: ErrorCode, message: string, options: ProviderErrorOptions) {
    super(code, storable(message, MESSAGE_LENGTH), options);
    this.operation = options.operation;
    this.httpStatus = options.status ?? null;
    this.providerCode = options.providerCode ? storable(options.providerCode, PROVIDER_CODE_LENGTH) : null;
    this.retryAfterSeconds = options.retryAfterSeconds ?? null;
  }
}

/** The provider answered, and this one event in its answer cannot be understood. */
export class UnreadableEvent extends ProviderError {
  readonly entry: UnreadableEntry;

  constructor(operation: string, eventId: string | null, reason: UnreadableEntry['reason']) {
    super('UNEXPECTED_RESPONSE', `${operation}: the event cannot be understood (${reason})`, {
      operation,
      status: 200,
    });
    this.entry = { eventId, reason };
  }
}
