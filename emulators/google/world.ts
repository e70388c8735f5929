/** The data that the emulator keeps: accounts, calendars with their indexes and change log, and stored events. */
import { addAll, type Kept } from '../core/kept.ts';
import type { JsonObject } from './answers.ts';

export type AccessRole = 'freeBusyReader' | 'reader' | 'writerWithoutPrivateAccess' | 'writer' | 'owner';

export interface Account {
  readonly email: string;
  readonly name: string;
  /** Google's stable account number. */
  readonly sub: string;
  /** Calendar ids on this account's list, in order. */
  readonly list: string[];
}

/** A time as stored: `day` for all-day, otherwise an instant in milliseconds and the zone it was meant in. */
export type StoredTime = { readonly day: string } | { readonly at: number; readonly zone: string };

export interface StoredEvent {
  readonly id: string;
  readonly calendarId: string;
  readonly iCalUID: string;
  /** Fields as last written, canonical: no defaults, no read-only fields, no times. */
  body: JsonObject;
  status: 'confirmed' | 'tentative' | 'cancelled';
  start: StoredTime;
  end: StoredTime;
  /** The same as instants, for windows and order. */
  startAt: number;
  endAt: number;
  readonly created: number;
  /** Microseconds; `version` also moves where `updated` does not. */
  updated: number;
  version: number;
  sequence: number;
  readonly creator: string;
  organizer: { readonly email: string; readonly displayName?: string; readonly self: boolean };
  readonly recurringEventId?: string;
  readonly originalStart?: StoredTime;
  /** Position of its newest entry in the calendar's change log. */
  changeSeq: number;
  /** Moved away: nothing but the id is shown. */
  stub?: true;
  /** Reads that do not find it yet. */
  unseenReads?: number;
}

export interface Calendar {
  readonly id: string;
  readonly summary: string;
  readonly owner: string;
  readonly primary: boolean;
  timeZone: string;
  readonly color: { readonly id: string; readonly background: string };
  readonly access: Map<string, AccessRole>;
  deleted: boolean;
  /** False for generated calendars, which cannot be watched. */
  pushSupported: boolean;
  version: number;
  /** Moves with the entry on the calendar list, not with events. */
  listVersion: number;
  readonly events: Map<string, StoredEvent>;
  readonly byUid: Map<string, string>;
  /** Master id → ids of its stored exceptions. */
  readonly exceptions: Map<string, Set<string>>;
  /** Ids in the order of their changes; an event's newest entry is at its `changeSeq`. */
  readonly log: string[];
  /** Instances that a change of their series took away, and the place of that change in the log. */
  readonly vanished: Map<string, { readonly instance: StoredEvent; readonly seq: number }>;
  /** Sync tokens of an older generation answer 410. */
  syncGeneration: number;
}

export interface CalendarSeed {
  readonly id: string;
  readonly summary: string;
  readonly owner: string;
  readonly access: Readonly<Record<string, AccessRole>>;
  readonly primary?: boolean;
  readonly timeZone?: string;
  readonly pushSupported?: boolean;
  readonly color?: { readonly id: string; readonly background: string };
}

interface KeptWorld {
  readonly accounts: Map<string, Account>;
  readonly calendars: Map<string, Calendar>;
  readonly lastStamp: number;
}

/** All accounts and calendars of one emulator. */
export class World implements Kept<KeptWorld> {
  readonly accounts = new Map<string, Account>();
  readonly calendars = new Map<string, Calendar>();
  #lastStamp = 0;

  constructor(accounts: ReadonlyArray<Omit<Account, 'list'>>, calendars: readonly CalendarSeed[], now: number) {
    for (const account of accounts) this.accounts.set(account.email, { ...account, list: [] });
    for (const calendar of calendars) this.addCalendar(calendar, now);
  }

  kept(): KeptWorld {
    return { accounts: this.accounts, calendars: this.calendars, lastStamp: this.#lastStamp };
  }

  recall({ accounts, calendars, lastStamp }: KeptWorld): void {
    addAll(this.accounts, accounts);
    addAll(this.calendars, calendars);
    this.#lastStamp = Math.max(this.#lastStamp, lastStamp);
  }

  addCalendar(seed: CalendarSeed, now: number): Calendar {
    if (this.calendars.has(seed.id)) throw new TypeError(`Could not add the calendar ${seed.id}: it exists`);
    const calendar: Calendar = {
      id: seed.id,
      summary: seed.summary,
      owner: seed.owner,
      primary: seed.primary ?? false,
      timeZone: seed.timeZone ?? 'Europe/Paris',
      color: seed.color ?? { id: '14', background: '#9fe1e7' },
      access: new Map(Object.entries(seed.access)),
      deleted: false,
      pushSupported: seed.pushSupported ?? true,
      version: this.stamp(now),
      listVersion: this.stamp(now),
      events: new Map(),
      byUid: new Map(),
      exceptions: new Map(),
      log: [],
      vanished: new Map(),
      syncGeneration: 0,
    };
    this.calendars.set(calendar.id, calendar);
    for (const email of calendar.access.keys()) this.accounts.get(email)?.list.push(calendar.id);
    return calendar;
  }

  /** The calendar is deleted for all accounts. */
  deleteCalendar(calendar: Calendar, now: number): void {
    calendar.deleted = true;
    calendar.listVersion = this.stamp(now);
  }

  /** Changes (or, with null, removes) what an account may do. Sync tokens end with it. */
  changeAccess(calendar: Calendar, email: string, role: AccessRole | null): void {
    if (role === null) calendar.access.delete(email);
    else calendar.access.set(email, role);
    const list = this.accounts.get(email)?.list;
    if (role !== null && list && !list.includes(calendar.id)) list.push(calendar.id);
    calendar.syncGeneration++;
  }

  /** The account's calendar of that id or alias, if it may see it at all. */
  visibleCalendar(account: Account, idOrAlias: string): { calendar: Calendar; role: AccessRole } | null {
    const calendar = this.calendars.get(idOrAlias === 'primary' ? account.email : idOrAlias);
    const role = calendar?.access.get(account.email);
    return calendar && role && !calendar.deleted ? { calendar, role } : null;
  }

  /** A fresh moment in microseconds: never the same twice, so that etags differ within one millisecond. */
  stamp(now: number): number {
    this.#lastStamp = Math.max(now * 1000, this.#lastStamp + 1);
    return this.#lastStamp;
  }

  /** Stores an event, new or changed, and notes the change. */
  put(calendar: Calendar, event: StoredEvent): void {
    calendar.events.set(event.id, event);
    if (!event.recurringEventId) calendar.byUid.set(event.iCalUID, event.id);
    else {
      const siblings = calendar.exceptions.get(event.recurringEventId) ?? new Set();
      calendar.exceptions.set(event.recurringEventId, siblings.add(event.id));
    }
    event.changeSeq = calendar.log.length;
    calendar.log.push(event.id);
    calendar.version = Math.max(calendar.version, event.version);
  }
}
