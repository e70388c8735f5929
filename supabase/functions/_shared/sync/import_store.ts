/** What the inbound engine needs of the database: one run reads one calendar, stages it, and applies it as a whole. */
import type { ErrorCode } from '../errors.ts';
import type {
  CalendarEvent,
  EventContent,
  EventMarker,
  Instant,
  ReadWindow,
  Watch,
} from '../providers/calendar_provider.ts';
import type { EventDetail } from './appointment.ts';
import type { Verdict } from './reconcile.ts';

/** One calendar to read, leased to this worker. */
export interface ImportLane {
  readonly runId: string;
  readonly integrationId: string;
  readonly organisationId: string;
  readonly calendarId: string;
  readonly trigger: 'manual' | 'schedule' | 'push';
  /** A preview decides the same and changes nothing. */
  readonly mode: 'import' | 'preview';
  readonly twoWay: 'off' | 'review' | 'auto';
  /** Null where none was chosen yet: then no event is ours. */
  readonly eventDetail: EventDetail | null;
  readonly organisation: { readonly timezone: string; readonly defaultDurationMinutes: number };
  readonly window: ReadWindow;
  /** Null for a full reading. */
  readonly cursor: string | null;
  /** Set where a run goes on that stopped half-way. */
  readonly pageToken: string | null;
  /** Ids of events to look at again: an own change was on its way to them the last time. */
  readonly revisit: readonly string[];
  readonly credential: { readonly version: number; readonly accessToken: string | null } | null;
  /** The calendar's live subscription. */
  readonly watch: Watch | null;
  /** A new or renewed subscription is due. */
  readonly watchWanted: boolean;
}

export interface ImportClaim {
  readonly lanes: readonly ImportLane[];
  /** When something more can be claimed; null if nothing waits. */
  readonly nextDueInMs: number | null;
}

/** An event as it is staged. A stub of one that is gone has no content. */
export interface StagedEvent extends Pick<CalendarEvent, 'status' | 'kind' | 'content' | 'marker' | 'updatedAt'> {
  readonly eventId: string;
  readonly etag: string;
  readonly url: string | null;
  readonly attendees: CalendarEvent['attendees'];
  readonly ownResponse: CalendarEvent['ownResponse'];
  readonly seriesId: string | null;
  /** Of a create of ours that is perhaps not written down yet. */
  readonly requestedId?: string;
}

/** A staged event that stands for an appointment of ours. */
export interface OursEvent {
  readonly eventId: string;
  /** Empty for a stub. */
  readonly etag: string;
  readonly status: 'confirmed' | 'tentative' | 'cancelled';
  readonly content: EventContent | null;
  readonly marker: EventMarker | null;
  readonly rdvId: string;
  readonly rdvUpdatedAt: Instant | null;
  readonly rdv: {
    readonly deleted: boolean;
    readonly status: string | null;
    readonly startsAt: Instant | null;
    readonly endsAt: Instant | null;
    readonly location: string | null;
  };
  readonly link: {
    readonly presence: 'reserved' | 'live' | 'gone' | 'detached';
    readonly epoch: number;
    readonly etag: string | null;
    /** What we sent last. */
    readonly pushed: EventContent | null;
    /** What the calendar showed when both sides last agreed. */
    readonly base: EventContent | null;
  };
  /** A change made here waits to be written to the calendar. */
  readonly dirty: boolean;
}

export interface MissingEvent {
  readonly eventId: string;
  readonly ours: boolean;
}

export interface FinishOptions {
  /** That of the preview which this import must keep to; null if there was none. */
  readonly fingerprint: string | null;
  /** How many items the answer shows. */
  readonly itemsLimit: number;
  /** Events that did not come and that nobody asked after: too many for deletions to be believed. */
  readonly unchecked: number;
}

export interface ImportSummary {
  readonly created: number;
  readonly updated: number;
  readonly skipped: number;
  readonly cancelled: number;
  readonly failed: number;
  readonly conflicts: number;
}

export interface ImportItem {
  readonly eventId: string;
  readonly rdvId: string | null;
  readonly action: string;
  readonly reason: string | null;
  readonly summary: string | null;
  readonly start: string | null;
  readonly end: string | null;
  readonly allDay: boolean | null;
}

export interface ImportResult {
  /** The lease is gone: nothing was written. */
  readonly lost: boolean;
  /** The calendar is not as the preview showed it: nothing was written. */
  readonly mismatch: boolean;
  /** Too much at once: nothing was written, and one question to the person is open. */
  readonly held: boolean;
  readonly fingerprint: string;
  readonly summary: ImportSummary;
  readonly failures: ReadonlyArray<{ readonly eventId: string; readonly code: string }>;
  readonly conflicts: ReadonlyArray<{
    readonly id: string | null;
    readonly reason: string;
    readonly externalId: string | null;
    readonly rdvId: string | null;
  }>;
  readonly items: readonly ImportItem[];
}

export interface WatchChannel {
  readonly channelId: string;
  /** Null before the provider has answered: its first notice may be faster than its answer. */
  readonly resourceId: string | null;
  readonly expiresAt: Instant;
  /** Null leaves the stored one. */
  readonly secretHash: string | null;
}

export interface WatchReport {
  readonly integrationId: string;
  readonly calendarId: string;
  readonly channel: WatchChannel | null;
  /** The calendar can never be watched: remembered, and polled instead. */
  readonly refused: boolean;
}

export interface ImportStore {
  claim(options: { worker: string; maxLanes: number; leaseSeconds: number }): Promise<ImportClaim>;
  /** Keeps so many pages and the token of the next. False if the lease is gone. */
  stage(
    lease: Lease,
    read: { events: readonly StagedEvent[]; removed: readonly string[]; pageToken: string | null; pages: number },
  ): Promise<boolean>;
  /** What should have come and did not. */
  missing(lease: Lease): Promise<readonly MissingEvent[]>;
  /** Staged events of ours that are no plain echo. */
  ours(lease: Lease): Promise<readonly OursEvent[]>;
  /** Decides the foreign events, applies everything and stores the cursor, all or nothing. */
  finish(
    lease: Lease,
    cursor: string,
    verdicts: readonly Verdict[],
    options: FinishOptions,
  ): Promise<ImportResult>;
  /** Keeps what was read; the run goes on with the next claim. */
  suspend(lease: Lease, pageToken: string | null): Promise<void>;
  fail(
    lease: Lease,
    failure: { code: ErrorCode; retrySeconds: number | null; cursorExpired: boolean },
  ): Promise<void>;
  /** Gives the older subscriptions that are to be stopped. */
  watch(worker: string, report: WatchReport): Promise<ReadonlyArray<Pick<Watch, 'channelId' | 'resourceId'>>>;
}

export interface Lease {
  readonly worker: string;
  readonly runId: string;
}
