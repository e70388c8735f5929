import type { AccountIdentity, AuthorizationAnswer } from '../../supabase/functions/_shared/providers/port/account.ts';
import type { Attendee, EventRef } from '../../supabase/functions/_shared/providers/port/calendar.ts';
import type { EventTime } from '../../supabase/functions/_shared/providers/port/content.ts';
import type { NotificationRequest } from '../../supabase/functions/_shared/providers/port/notices.ts';
import type { OAuthProvider } from '../../supabase/functions/_shared/providers/port/provider.ts';

export interface UserEvent {
  readonly title: string;
  readonly time: EventTime;
  /** The description as the calendar's own page stores it. */
  readonly html?: string;
}

/**
 * What differs between providers, and between the ways of one that no document settles. A promise that cannot be kept is
 * skipped for its reason here; what the adapter declares itself is compared with it.
 */
export interface Can {
  /** Refuses a write on an older version of an event. */
  readonly refuseOldVersions: boolean;
  /** Keeps the id under which a deleted event was made from being used again. */
  readonly spendIds: boolean;
  /** Its changes carry our mark. */
  readonly showMarkInChanges: boolean;
  /** Its changes tell of single occurrences that are no more; else only a full reading does. */
  readonly tellLostOccurrences: boolean;
  /** Takes a grant back. */
  readonly revoke: boolean;
  readonly renewWatches: boolean;
}

/** An emulator, the adapter on it, and the hands of those who act on the other side. Made anew for each test. */
export interface ProviderHarness {
  readonly provider: OAuthProvider;
  /** Calendars of the account that connects. */
  readonly calendars: { readonly primary: string; readonly secondary: string; readonly readOnly: string };
  readonly account: AccountIdentity;

  /** The user agrees on the consent page; `untick` leaves out one permission that the sync needs. */
  consent(options?: { untick?: boolean }): Promise<AuthorizationAnswer>;
  /** An id as the engine derives it: the same for the same seed. */
  eventId(seed: string): string;

  /** Faults of the provider. Each holds for the next `times` requests of the adapter (1 unless said). */
  loseAnswers(times?: number): void;
  throttle(seconds: number, times?: number): void;
  breakDown(times?: number): void;
  garble(times?: number): void;
  expireAccessTokens(): void;
  revokeGrant(): void;
  /** Cursors of that calendar that were given out are good no more. */
  expireCursors(calendarId: string): void;
  /** Lists come in pages of two, with an empty one among them. */
  shortenPages(): void;
  /** Moves the clock of both sides, in milliseconds. */
  advance(ms: number): void;
  /** The time over which the provider counts what an account may spend. */
  readonly quotaSeconds: number;
  /** Requests to the API and to the token endpoint since the start. */
  requests(): { readonly api: number; readonly token: number };

  /** Where notifications reach this harness, which answers them as the product would. */
  readonly receiver: string;
  /** All that arrived there, once nothing is on its way any more. */
  received(): Promise<readonly NotificationRequest[]>;
  /** From now on nobody can watch that calendar. */
  refuseWatches(calendarId: string): void;

  /** What the user does in the calendar's own pages. */
  readonly user: {
    edit(
      ref: EventRef,
      changes: { title?: string; location?: string; guests?: readonly string[]; time?: EventTime },
    ): Promise<void>;
    add(calendarId: string, event: UserEvent): Promise<EventRef>;
    /** A weekly series; its occurrences in order. */
    addWeekly(calendarId: string, event: UserEvent, count: number): Promise<EventRef[]>;
    /** "This and all following": the series ends before the occurrence, a new one of the same goes on from there. */
    split(occurrence: EventRef): Promise<void>;
    /** Somebody else's event with an answer of the user's. */
    accept(calendarId: string, event: UserEvent, response: Attendee['response']): Promise<EventRef>;
    /** An online meeting of the event, with nobody invited. */
    meet(ref: EventRef): Promise<void>;
    remove(ref: EventRef): Promise<void>;
    /** A copy of the event, our mark included. */
    copy(ref: EventRef): Promise<void>;
    move(ref: EventRef, calendarId: string): Promise<void>;
    addCalendars(count: number): void;
    removeCalendar(calendarId: string): void;
    makeReadOnly(calendarId: string): void;
  };

  /** Ids of the living events of a calendar, as the emulator holds them. */
  liveEvents(calendarId: string): string[];
  /** Where people would join the online meeting of an event; null where it is none. */
  meetingOf(ref: EventRef): Promise<string | null>;
  /** Mails that the provider sent to anybody. */
  mails(): readonly unknown[];
  /** Requests of the adapter that the provider's own description does not allow. */
  violations(): readonly string[];
}
