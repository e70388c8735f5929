/**
 * The port between the engines and any calendar provider, in parts: each user takes those that it needs. Adapters
 * translate; they decide nothing and never touch the database. What a provider does not have is a part that is null, or a
 * limit, never a name that is compared.
 */
import type { OAuthAccess } from './account.ts';
import type { CalendarAccess } from './calendar.ts';
import type { ChangeNotices } from './notices.ts';

/** What an adapter may use of the world. All of it is passed in. */
export interface ProviderRuntime {
  readonly fetch: typeof fetch;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export interface CalendarProvider {
  /** Row key of the provider in the database, functions' names and routes. */
  readonly name: string;
  /** Null where accounts are opened without a consent page, by a password for us say. */
  readonly oauth: OAuthAccess | null;
  readonly calendar: CalendarAccess;
  /** Null where the provider tells nothing. */
  readonly notices: ChangeNotices | null;
}

/** A provider whose accounts are connected by a consent page. */
export interface OAuthProvider extends CalendarProvider {
  readonly oauth: OAuthAccess;
}
