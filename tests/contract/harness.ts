import type {
  AccountIdentity,
  AuthorizationAnswer,
  CalendarProvider,
  EventRef,
} from '../../supabase/functions/_shared/providers/calendar_provider.ts';

/** An emulator, the adapter on it, and the hands of those who act on the other side. Made anew for each test. */
export interface ProviderHarness {
  readonly provider: CalendarProvider;
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
  /** Moves the clock of both sides, in milliseconds. */
  advance(ms: number): void;
  /** Requests to the API and to the token endpoint since the start. */
  requests(): { readonly api: number; readonly token: number };

  /** What the user does in the calendar's own pages. */
  readonly user: {
    edit(ref: EventRef, changes: { title?: string; location?: string; guests?: readonly string[] }): Promise<void>;
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
  /** Mails that the provider sent to anybody. */
  mails(): readonly unknown[];
  /** Requests of the adapter that the provider's own description does not allow. */
  violations(): readonly string[];
}
