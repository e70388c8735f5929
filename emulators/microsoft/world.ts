/** The data that the emulator keeps: accounts, calendars with their change logs, and stored events. */
import type { JsonObject } from '../core/answers.ts';
import { addAll, type Kept } from '../core/kept.ts';
import { immutableId, restId } from './ids.ts';

export interface AccountSeed {
  readonly email: string;
  readonly name: string;
  readonly kind: 'work' | 'personal';
  /** `tid` and `oid` of ID tokens. */
  readonly tenantId: string;
  readonly objectId: string;
  /** Windows name. */
  readonly timeZone: string;
}

export interface Account extends AccountSeed {
  /** Calendar ids in the order of the list. */
  readonly calendars: string[];
  readonly transactions: Map<string, Transaction>;
}

/** A `transactionId` that was used. */
export interface Transaction {
  readonly event: StoredEvent;
  /** What was sent with it, normalised. */
  readonly body: string;
  readonly at: number;
}

/** A time as stored: `day` for all-day, otherwise an instant and the zone as the client named it. */
export type StoredTime = { readonly day: string } | { readonly at: number; readonly zone: string };

export interface TagValue {
  /** As first written: `String {guid} Name name`. */
  readonly id: string;
  readonly value: string;
  readonly at: number;
}

export interface StoredEvent {
  readonly immutableId: string;
  /** Changes when the event moves to another calendar. */
  restId: string;
  calendarId: string;
  readonly account: string;
  readonly iCalUId: string;
  readonly transactionId: string | null;
  /** Fields as last written, canonical; no times, no tags, nothing that the server computes. */
  body: JsonObject;
  start: StoredTime;
  end: StoredTime;
  /** The same as instants, all-day ones as if in UTC. */
  startAt: number;
  endAt: number;
  readonly createdAt: number;
  modifiedAt: number;
  /** Behind changeKey and etag; never the same twice. */
  version: number;
  organizer: { readonly name: string; readonly address: string };
  isOrganizer: boolean;
  isCancelled: boolean;
  /** In Deleted Items. */
  deleted: boolean;
  readonly tags: Map<string, TagValue>;
  /** Immutable id of the master, and the start that the rule gave. */
  readonly masterId: string | null;
  readonly originalStart: StoredTime | null;
}

export interface CalendarSeed {
  readonly id: string;
  readonly account: string;
  readonly name: string;
  readonly isDefault?: boolean;
  readonly canEdit?: boolean;
  readonly color?: string;
  readonly owner?: { readonly name: string; readonly address: string };
}

/** Where an event stood, and how it recurred. */
export type Former = Pick<StoredEvent, 'body' | 'start' | 'end' | 'startAt' | 'endAt'>;

export interface LogEntry {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly event: StoredEvent;
  /** The default id under which this calendar knew the event. */
  readonly restId: string;
  /** What the event was before this change; null for a new one. */
  readonly before: Former | null;
}

export interface Calendar {
  readonly id: string;
  readonly account: string;
  name: string;
  readonly isDefault: boolean;
  canEdit: boolean;
  readonly color: string;
  owner: { readonly name: string; readonly address: string };
  version: number;
  deleted: boolean;
  /** Every change in its order: what a delta token points into. */
  readonly log: LogEntry[];
  /** Delta tokens of an older generation are dead. */
  generation: number;
}

interface KeptWorld {
  readonly accounts: Map<string, Account>;
  readonly calendars: Map<string, Calendar>;
  readonly events: Map<string, StoredEvent>;
  readonly byCalendar: Map<string, Set<StoredEvent>>;
  readonly exceptions: Map<string, Set<StoredEvent>>;
  readonly former: Map<string, Former>;
  readonly lastVersion: number;
  readonly lastId: number;
}

/** All accounts, calendars and events of one emulator. */
export class World implements Kept<KeptWorld> {
  readonly accounts = new Map<string, Account>();
  readonly calendars = new Map<string, Calendar>();
  /** Each event under both its ids. */
  readonly #events = new Map<string, StoredEvent>();
  readonly #byCalendar = new Map<string, Set<StoredEvent>>();
  /** Master → stored exceptions, deleted ones too. */
  readonly #exceptions = new Map<string, Set<StoredEvent>>();
  /** What each event was after its last change. */
  readonly #former = new Map<string, Former>();
  #lastVersion = 0;
  #lastId = 0;

  constructor(accounts: readonly AccountSeed[], calendars: readonly CalendarSeed[]) {
    for (const account of accounts) {
      this.accounts.set(account.email, { ...account, calendars: [], transactions: new Map() });
    }
    for (const calendar of calendars) this.addCalendar(calendar);
  }

  kept(): KeptWorld {
    return {
      accounts: this.accounts,
      calendars: this.calendars,
      events: this.#events,
      byCalendar: this.#byCalendar,
      exceptions: this.#exceptions,
      former: this.#former,
      lastVersion: this.#lastVersion,
      lastId: this.#lastId,
    };
  }

  recall(value: KeptWorld): void {
    addAll(this.accounts, value.accounts);
    addAll(this.calendars, value.calendars);
    addAll(this.#events, value.events);
    addAll(this.#byCalendar, value.byCalendar);
    addAll(this.#exceptions, value.exceptions);
    addAll(this.#former, value.former);
    this.#lastVersion = Math.max(this.#lastVersion, value.lastVersion);
    this.#lastId = value.lastId;
  }

  addCalendar(seed: CalendarSeed): Calendar {
    if (this.calendars.has(seed.id)) throw new TypeError(`Could not add the calendar ${seed.id}: it exists`);
    const account = this.accounts.get(seed.account);
    if (!account) throw new TypeError(`Could not add the calendar ${seed.id}: no account ${seed.account}`);
    const calendar: Calendar = {
      id: seed.id,
      account: seed.account,
      name: seed.name,
      isDefault: seed.isDefault ?? false,
      canEdit: seed.canEdit ?? true,
      color: seed.color ?? 'auto',
      owner: seed.owner ?? { name: account.name, address: account.email },
      version: this.newVersion(),
      deleted: false,
      log: [],
      generation: 0,
    };
    this.calendars.set(calendar.id, calendar);
    account.calendars.push(calendar.id);
    return calendar;
  }

  /** The account's calendars that are not deleted, in order. */
  calendarsOf(account: Account): Calendar[] {
    return account.calendars.map((id) => this.calendars.get(id)).filter((calendar) => calendar !== undefined)
      .filter((calendar) => !calendar.deleted);
  }

  defaultCalendar(account: Account): Calendar | null {
    return this.calendarsOf(account).find((calendar) => calendar.isDefault) ?? null;
  }

  /** Never the same twice, so that versions differ within one millisecond. */
  newVersion(): number {
    return ++this.#lastVersion;
  }

  newIds(): { immutableId: string; restId: string } {
    const number = ++this.#lastId;
    return { immutableId: immutableId(number), restId: restId(number) };
  }

  /** The stored event of either id, deleted ones too. */
  event(id: string): StoredEvent | null {
    return this.#events.get(id) ?? null;
  }

  /** Live and deleted events of a calendar, in the order of their creation. */
  eventsOf(calendar: Calendar): readonly StoredEvent[] {
    return [...this.#byCalendar.get(calendar.id) ?? []];
  }

  exceptionsOf(master: StoredEvent): readonly StoredEvent[] {
    return [...this.#exceptions.get(master.immutableId) ?? []];
  }

  /** The exceptions of a series end where the series itself changes. */
  dropExceptions(master: StoredEvent): void {
    for (const exception of this.exceptionsOf(master)) {
      this.#events.delete(exception.immutableId);
      this.#events.delete(exception.restId);
      this.#byCalendar.get(exception.calendarId)?.delete(exception);
    }
    this.#exceptions.delete(master.immutableId);
  }

  /** Stores an event, new or changed, and notes the change. */
  put(event: StoredEvent, now: number): Calendar | null {
    event.version = this.newVersion();
    event.modifiedAt = now;
    this.#events.set(event.immutableId, event);
    this.#events.set(event.restId, event);
    const siblings = this.#byCalendar.get(event.calendarId) ?? new Set();
    this.#byCalendar.set(event.calendarId, siblings.add(event));
    if (event.masterId !== null) {
      const exceptions = this.#exceptions.get(event.masterId) ?? new Set();
      this.#exceptions.set(event.masterId, exceptions.add(event));
    }
    return this.#note(event, event.calendarId, event.restId, now);
  }

  /** Moves an event to another calendar: its default id changes, its immutable one does not. */
  move(event: StoredEvent, to: Calendar, now: number): void {
    const from = event.calendarId;
    const formerId = event.restId;
    this.#byCalendar.get(from)?.delete(event);
    this.#events.delete(formerId);
    event.restId = this.newIds().restId;
    event.calendarId = to.id;
    this.put(event, now);
    this.#note(event, from, formerId, now);
  }

  #note(event: StoredEvent, calendarId: string, formerId: string, at: number): Calendar | null {
    const calendar = this.calendars.get(calendarId) ?? null;
    calendar?.log.push({ at, event, restId: formerId, before: this.#former.get(event.immutableId) ?? null });
    const { body, start, end, startAt, endAt } = event;
    this.#former.set(event.immutableId, { body, start, end, startAt, endAt });
    return calendar;
  }
}
