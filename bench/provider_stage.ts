/** What differs between the providers when something is measured with one of them. */
import type { Stack } from '../local/stack.ts';
import type { ProviderName } from '../tests/functions/person.ts';

export interface Account {
  /** With which its person signs in here. */
  readonly login: string;
  readonly email: string;
  /** The calendar into which a new connection writes. */
  readonly calendarId: string;
}

export interface ReadWindow {
  readonly timeMin: string;
  readonly timeMax: string;
}

/** An entry of a person's own. */
export interface PlainEvent {
  readonly title: string;
  readonly description: string;
  readonly location: string;
  /** ISO 8601 in UTC. */
  readonly startsAt: string;
  readonly endsAt: string;
  /** Addresses. */
  readonly guests?: readonly string[];
}

/** What is worth a row of an event that was written. */
export interface Inserted {
  readonly id: string;
  readonly version: string;
}

/** The emulator's counters since its reset. */
export interface Counters {
  /** HTTP requests: a batch is one. */
  readonly roundTrips: number;
  /** What counts against the quota. */
  readonly units: number;
  readonly inserts: number;
  /** Events that are there. */
  readonly events: number;
}

/** What one account had asked for since the emulator's reset. */
export interface Spending {
  readonly units: number;
  readonly refused: number;
  /** Most units in any minute, where the emulator counts minutes. */
  readonly busiestMinute: number | null;
}

/** A bound that this provider's own limits set, with the reason in words where it is not the general one. */
export interface Bound {
  readonly limit: number;
  readonly because?: string;
}

/** The account's calendar as its owner uses it, at the provider itself: no quota, no emulated round trip. */
export interface OwnCalendar {
  insert(event: PlainEvent): Promise<Response>;
  rename(eventId: string, title: string): Promise<Response>;
  /** The pages of an import as rows of id, version, status, title, text, place, start, end and last change. */
  pages(window: ReadWindow): AsyncIterable<ReadonlyArray<readonly string[]>>;
}

export interface ProviderStage {
  readonly provider: ProviderName;
  /** As people call it. */
  readonly name: string;
  readonly accounts: readonly Account[];
  /** The emulator's controls. */
  // deno-lint-ignore no-explicit-any
  readonly steer: (stack: Stack, route: string, body?: unknown) => Promise<any>;
  /** Every HTTP request of the app takes so much longer, a batch as much as a single call. */
  slowDown(stack: Stack, ms: number): Promise<void>;
  /** Settings with which nothing slows a client down but the round trips. */
  readonly withoutQuotas: Readonly<Record<string, number>>;
  /** What is counted, in the plural, and how many an account may ask for in any minute. */
  readonly quota: { readonly units: string; readonly perMinute: number };
  /** Settings with which only the quota of our whole project slows us down, and what that is. */
  readonly projectQuota: { readonly settings: Readonly<Record<string, number>>; readonly perMinute: number };
  readCounters(stack: Stack): Promise<Counters>;
  /**
   * Requests that a loop over single events may have under way at once, over all accounts: as many as the worker had, or
   * as many as the provider lets them have.
   */
  atOnce(stack: Stack): Promise<number>;
  readSpending(stack: Stack): Promise<readonly Spending[]>;

  /** Events of one page of an import. */
  readonly pageSize: number;
  /** The provider's documented way to write one event, with the app's token. */
  insertAsApp(stack: Stack, token: string, calendarId: string, event: PlainEvent): Promise<Response>;
  /** As many as one batch takes, in one request. */
  insertBatchAsApp(
    stack: Stack,
    token: string,
    calendarId: string,
    events: readonly PlainEvent[],
  ): Promise<readonly Inserted[]>;
  readonly batchSize: number;
  /** One more calendar of the account. */
  addCalendar(stack: Stack, account: Account, id: string): Promise<void>;
  openCalendar(stack: Stack, account: Account): Promise<OwnCalendar>;

  readonly targets: {
    /** Of the backlog: how many round trips and how much time the loop of single requests must take more than the worker. */
    readonly roundTrips: Bound;
    readonly throughput: Bound;
    /** Round trips for 1,000 events with the quotas on, at most. */
    readonly underQuotas: Bound;
  };
}

/** Headers of a request that the account's owner makes. */
export async function ownHeaders(
  { steer }: Pick<ProviderStage, 'steer'>,
  stack: Stack,
  { email }: Account,
): Promise<Record<string, string>> {
  const { access_token } = await steer(stack, 'token', { email });
  return { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' };
}
