/** What the inbound engine needs of the database: one run reads one calendar, stages it, and applies it as a whole. */
import type { ImportConflict, ImportFailure, ImportItem, RunCounts } from '../../contract/import.ts';
import type { ErrorCode } from '../../errors.ts';
import type { CalendarEvent, ReadWindow } from '../../providers/port/calendar.ts';
import type { Instant } from '../../providers/port/content.ts';
import type { Watch } from '../../providers/port/notices.ts';
import type { EventDetail, RunMode, RunTrigger, TwoWay } from '../../vocabulary.ts';
import type { OursEvent, Verdict } from './verdict.ts';

/** One calendar to read, leased to this worker. */
export interface ImportLane {
  readonly runId: string;
  readonly integrationId: string;
  readonly organisationId: string;
  readonly calendarId: string;
  /** Where new events of ours go; null where none was chosen. */
  readonly calendarTargetId: string | null;
  readonly trigger: Exclude<RunTrigger, 'change'>;
  /** A preview decides the same and changes nothing. */
  readonly mode: RunMode;
  readonly twoWay: TwoWay;
  /** Null where none was chosen yet: then no event is ours. */
  readonly eventDetail: EventDetail | null;
  readonly organisation: { readonly timezone: string; readonly defaultDurationMinutes: number };
  readonly window: ReadWindow;
  /** Null for a full reading. */
  readonly cursor: string | null;
  /** Set where a run goes on that stopped half-way. */
  readonly pageToken: string | null;
  /** The cursor that the last page brought, where a run goes on of which only the ending is left. */
  readonly endCursor: string | null;
  /** Ids of events to look at again: an own change was on its way to them the last time. */
  readonly revisit: readonly Doubt[];
  readonly credential: { readonly version: number; readonly accessToken: string | null } | null;
  /** The calendar's live subscription. */
  readonly watch: Watch | null;
  /** A new or renewed subscription is due. */
  readonly watchWanted: boolean;
}

export interface ImportClaim {
  readonly lanes: readonly ImportLane[];
  /** Calendars that could not be handed out: each is marked, and the others are not kept from going on. */
  readonly troubled: ReadonlyArray<{
    readonly integrationId: string;
    readonly organisationId: string | null;
    readonly code: string;
    readonly sqlState: string;
  }>;
  /** When something more may be claimed that is worth waiting for; null: nothing, or others are there for it. */
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

/** An event that is read by itself, and what is known of its being there. */
export interface Doubt {
  readonly eventId: string;
  /** It was written a short time ago. */
  readonly young: boolean;
  /** An earlier run did not find it either. */
  readonly missed: boolean;
}

export interface MissingEvent extends Doubt {
  readonly seriesId: string | null;
  readonly ours: boolean;
  /** The provider says by itself that it was removed. */
  readonly hinted: boolean;
}

/** An entry of a page of which only its id is of use. */
export interface UnreadableEntry {
  /** Begins with a question mark where the entry has none. */
  readonly eventId: string;
  /** Safe to store and to show. */
  readonly reason: string;
}

/** A part of what a run reads, small enough for one call. */
export interface StagedPart {
  readonly events: readonly StagedEvent[];
  readonly removed: readonly string[];
  readonly unreadable: readonly UnreadableEntry[];
  /** Ids that were not found, which proves nothing yet: they stay as they were known, and the next run looks again. */
  readonly missed: readonly string[];
  /** How many pages end with this part. */
  readonly pages: number;
  /** Where the run goes on if this worker does not: after this part, or before it where it ends within a page. */
  readonly pageToken: string | null;
  /** That of the last page: nothing is left to read. */
  readonly cursor: string | null;
}

export interface ImportResult {
  /** The lease is gone: nothing was written. */
  readonly lost: boolean;
  /** The calendar is not as the preview showed it: nothing was written. */
  readonly mismatch: boolean;
  /** Too much at once: what would go or move waits for a person, who is asked, and the rest was written. */
  readonly held: boolean;
  /** When the calendar is read again: at once where a notice came meanwhile; null where nothing was written. */
  readonly againInMs: number | null;
  readonly fingerprint: string;
  readonly summary: RunCounts;
  readonly failures: readonly ImportFailure[];
  readonly conflicts: readonly ImportConflict[];
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
  /** The worker goes on from claim to claim, and needs a place among those that do. */
  claim(options: {
    worker: string;
    maxLanes: number;
    leaseSeconds: number;
    projectUnitsPerMinute: number | null;
  }): Promise<ImportClaim>;
  /** The worker ends, though something is due soon: its place is free. */
  leave(worker: string): Promise<unknown>;
  /** False if the lease is gone. */
  stage(lease: Lease, part: StagedPart): Promise<boolean>;
  /** What should have come and did not. */
  missing(lease: Lease): Promise<readonly MissingEvent[]>;
  /** Staged events of ours that are no plain echo, and such that live in this calendar and are known in another. */
  ours(lease: Lease): Promise<readonly OursEvent[]>;
  /** Decides the foreign events, applies everything and stores the cursor, all or nothing. */
  finish(
    lease: Lease,
    cursor: string,
    verdicts: readonly Verdict[],
    /** Events that did not come and were not asked after: too many for deletions to be believed. */
    unchecked: number,
  ): Promise<ImportResult>;
  /** Keeps what was read; the run goes on with the next claim. */
  suspend(lease: Lease, pageToken: string | null): Promise<void>;
  fail(
    lease: Lease,
    /** @param failure `project`: the provider refuses our whole project, and everything waits so long */
    failure: { code: ErrorCode; retrySeconds: number | null; cursorExpired: boolean; project: boolean },
  ): Promise<void>;
  /** Gives the older subscriptions that are to be stopped. */
  watch(report: WatchReport): Promise<ReadonlyArray<Pick<Watch, 'channelId' | 'resourceId'>>>;
}

export interface Lease {
  readonly worker: string;
  readonly runId: string;
}
