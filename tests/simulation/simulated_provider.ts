/** What a simulated world needs of a provider: its adapter, and the hands of the people and of fate on the other side. */
import type { AccountIdentity, Credential } from '../../supabase/functions/_shared/providers/port/account.ts';
import type { CalendarEvent } from '../../supabase/functions/_shared/providers/port/calendar.ts';
import type { NotificationRequest } from '../../supabase/functions/_shared/providers/port/notices.ts';
import type { CalendarProvider } from '../../supabase/functions/_shared/providers/port/provider.ts';

/** Of a line in a description. */
export type Where = 'above' | 'within' | 'below';

export interface SimulatedAccount {
  readonly email: string;
  /** Two calendars that the account may write to. */
  readonly main: string;
  readonly second: string;
}

export const FAULTS = [
  'lostAnswer',
  'dropped',
  'tooMany',
  'rateLimited',
  'serverError',
  'htmlError',
  'emptyPage',
  'shortRead',
] as const;
export type Fault = (typeof FAULTS)[number];

export interface TimedSpan {
  readonly startsAt: string;
  readonly endsAt: string;
}

/** What a person changes in an event. */
export interface PersonalEdit {
  readonly title?: string;
  readonly location?: string;
  readonly time?: TimedSpan;
  /** The event becomes one of the whole day. */
  readonly day?: string;
}

export interface NewEvent {
  readonly title: string;
  readonly location: string;
  readonly time: TimedSpan;
  readonly shape: 'plain' | 'private' | 'free' | 'allDay' | 'series';
}

/** Everything that is done in the calendar without us. */
export interface PersonAtWork {
  /** The ids of what was added: of a series, the id that its occurrences share. */
  add(calendarId: string, event: NewEvent): Promise<string>;
  edit(calendarId: string, eventId: string, edit: PersonalEdit): Promise<void>;
  /**
   * Writes a line that is not there yet into the description as it is now, as the provider's own pages do: with mark-up.
   */
  describe(calendarId: string, eventId: string, line: string, where: Where): Promise<void>;
  /** Makes it a meeting: online, and with a guest where the provider can be kept from telling them of our writes. */
  meet(calendarId: string, eventId: string): Promise<void>;
  remove(calendarId: string, eventId: string): Promise<void>;
  move(calendarId: string, eventId: string, destination: string): Promise<void>;
  /** Brings back an event that was deleted. */
  restore(calendarId: string, eventId: string): Promise<void>;
  /** Duplicates an event, our mark included. */
  copy(calendarId: string, eventId: string): Promise<string>;
  /** Makes a series of an event: three days, one after the other. */
  repeat(calendarId: string, eventId: string): Promise<void>;
}

export interface LiveEvent {
  readonly eventId: string;
  /** The appointment that our mark in it names. */
  readonly appointmentId: string | null;
  /** What makes it a meeting: where to join it, its guests. */
  readonly meeting: readonly string[];
}

export interface SimulatedProvider {
  /** Its name in the database. */
  readonly name: string;
  readonly accounts: readonly [SimulatedAccount, SimulatedAccount];
  /** Forgets everything. */
  reset(): void;
  /** The adapter, each of whose requests goes through `gate`. */
  adapter(options: { gate: <T>(work: () => Promise<T>) => Promise<T>; push: boolean }): CalendarProvider;
  /** A person gives consent. */
  consent(account: SimulatedAccount): Promise<{ credential: Credential; account: AccountIdentity }>;
  /** What the calendar shows its owner, occurrences single. */
  observe(account: SimulatedAccount, calendarId: string): Promise<readonly CalendarEvent[]>;
  /** What lives in the calendar, cheaply. */
  live(calendarId: string): readonly LiveEvent[];
  /** What was deleted in it and can be brought back. */
  deleted(calendarId: string): readonly LiveEvent[];
  /** Whether it lives there, an occurrence too. */
  lives(calendarId: string, eventId: string): boolean;
  /** When a person deleted an event of which no change tells that it is gone; null of any other. */
  untoldSince(eventId: string): number | null;
  personOf(account: SimulatedAccount): PersonAtWork;
  fault(fault: Fault, times: number): void;
  clearFaults(): void;
  expireAccessTokens(account: SimulatedAccount): void;
  expireCursors(calendarId: string): void;
  /** The clock was moved. */
  wake(): void;
  /** The notifications sent since the last time. */
  takeNotices(): readonly NotificationRequest[];
  mails(): readonly unknown[];
  violations(): readonly string[];
  stop(): void;
}
