/** Calendars and the events in them: listed, read, written. */
import type { ConnectionHandle } from './account.ts';
import type { EventContent, Instant } from './content.ts';
import type { ProviderError, UnreadableEntry } from './failure.ts';

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
  /** A series as a whole, its time that of its beginning: of it, only an occurrence is ever written or ended. */
  readonly repeats?: true;
  /** Of an occurrence. */
  readonly place?: SeriesPlace;
}

/** Where an occurrence belongs, wherever it was moved. */
export interface SeriesPlace {
  readonly seriesId: string;
  /** When it begins by the series' rule: an instant, or a day where the series lasts whole days. */
  readonly at: string;
}

export interface SoughtPlace extends SeriesPlace {
  /** The event was single when it was last at that time: where the series begins elsewhere, it was moved with it. */
  readonly wasSingle?: boolean;
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

/** An event as a person's calendar shows it, made by us or not. Recurring events come as their single occurrences. */
export interface CalendarEvent extends ObservedEvent {
  readonly kind: EventKind;
  /** For people to open. */
  readonly url: string | null;
  readonly attendees: readonly Attendee[];
  /** What the calendar's owner answered; null where no answer was asked for. */
  readonly ownResponse: Attendee['response'] | null;
  /** Occurrences of one series share it. */
  readonly seriesId: string | null;
  /**
   * The id under which a create of this product asked for it, where the provider then gave another: tells our own event
   * before its new id is written down. Unverified client-supplied value.
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

export interface ChangePage {
  readonly events: readonly CalendarEvent[];
  /** Entries that stay as they were known, until they can be understood. */
  readonly unreadable: readonly UnreadableEntry[];
  /**
   * Ids that the provider reports as removed without saying why: hints, to be checked by a read. That of a series is
   * for each of its occurrences that does not come with this reading.
   */
  readonly removed: readonly string[];
  /** Either there is another page, or this was the last and the cursor covers everything up to here. */
  readonly next: { readonly pageToken: string } | { readonly cursor: string };
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
  /** `created`: or made by an earlier create of the same id whose answer was lost, and then as it is by now. */
  | { readonly result: 'created' | 'patched'; readonly event: ObservedEvent }
  | { readonly result: 'deleted' }
  /** `unproven`: the provider knows no such id, where it would show an event that was deleted. */
  | { readonly result: 'already_gone'; readonly unproven?: true }
  | { readonly result: 'failed'; readonly error: ProviderError };

/** What one account may be asked. */
export interface CalendarLimits {
  /** Requests under way at once. */
  readonly maxParallel: number;
  /** Operations in one batch request; 1 where there is no batch. */
  readonly maxBatch: number;
  /** Quota units of each call. */
  readonly cost: {
    readonly create: number;
    readonly patch: number;
    readonly delete: number;
    readonly read: number;
    /** Of one event, in an account with a handful of calendars. */
    readonly locate: number;
  };
  /** Units that may be spent in any minute; null where there is no such quota. */
  readonly unitsPerMinute: number | null;
  /** The same of our whole project, which all accounts share. */
  readonly projectUnitsPerMinute: number | null;
}

export interface CalendarAccess {
  readonly limits: CalendarLimits;
  /** A deleted event can still be read, as `cancelled`: that an id is not known then proves no deletion. */
  readonly keepsDeleted: boolean;

  /** Complete or throws, never a part. */
  listCalendars(handle: ConnectionHandle): Promise<CalendarInfo[]>;
  /** Tells "event gone" from "calendar gone". @throws {ProviderError} `CALENDAR_NOT_FOUND` */
  probeCalendar(handle: ConnectionHandle, calendarId: string): Promise<void>;

  /** The content as this provider will hand it back. Pure; run before comparing. */
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
  /**
   * Where events live by now, in the order of `refs`: a person moves them to other calendars of the account. Null where
   * none of those that can be written to has it any more. A copy has an id of its own, and is another event.
   *
   * @throws {ProviderError} where one calendar could not be looked into: then nothing is known
   */
  locate(handle: ConnectionHandle, refs: readonly EventRef[]): Promise<ReadonlyArray<EventRef | null>>;

  /**
   * The occurrence of a series that belongs at a time, moved or cancelled though it may be. Where the series has no such
   * place, because it was moved as a whole, the nearest occurrence, unless it ended before. The event itself where it does
   * not repeat (any more). Null where there is nothing.
   *
   * @param place its `seriesId` is in that calendar
   * @throws {UnreadableEvent}
   */
  occurrence(handle: ConnectionHandle, calendarId: string, place: SoughtPlace): Promise<CalendarEvent | null>;

  /**
   * The whole event, as {@link pullChanges} would bring it; null for an id that the calendar never had.
   *
   * @throws {UnreadableEvent}
   */
  readEvent(handle: ConnectionHandle, ref: EventRef): Promise<CalendarEvent | null>;
  /**
   * One page of changes; never takes a failure for emptiness.
   *
   * @throws {ProviderError} `CURSOR_EXPIRED` (read in full), `CALENDAR_NOT_FOUND`
   */
  pullChanges(handle: ConnectionHandle, request: ChangeRequest): Promise<ChangePage>;
}
