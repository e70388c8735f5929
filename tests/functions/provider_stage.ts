/**
 * What the tests of the sync need to know of a provider, so that each of them is written once. Where providers differ, the
 * difference has a name here; `stages.ts` has them all.
 */
import type { Emulator, Json } from './emulator.ts';
import type { ProviderName } from './person.ts';

export interface StageAccount {
  readonly email: string;
  /** The one that each account has. */
  readonly calendar: string;
  /** Another of their own. */
  readonly second: string;
  /** One that may only be read. */
  readonly team: string;
}

/** What a person writes into their calendar; only what is given is written. */
export interface Entry {
  readonly title?: string;
  readonly description?: string;
  /** The description with mark-up, as the provider's own pages write it. */
  readonly html?: string;
  readonly location?: string;
  /** Instants. */
  readonly start?: string;
  readonly end?: string;
  /** Zone of the wall clock; matters for what recurs. */
  readonly zone?: string;
  /** Whole days, the last one exclusive. */
  readonly firstDay?: string;
  readonly endDay?: string;
  /** Every day, so many times. */
  readonly everyDay?: number;
  /** Only its owner may look into it. */
  readonly secret?: boolean;
}

/** An event as its owner sees it. */
export interface SeenEvent {
  readonly id: string;
  readonly calendarId: string;
  readonly live: boolean;
  readonly title: string;
  /** An instant, or a day. */
  readonly start: string;
  readonly end: string;
  readonly location: string;
  readonly description: string;
  readonly guests: readonly string[];
  readonly secret: boolean;
  /** In which its time was written. */
  readonly zone: string;
  /** Null where its owner chose none. */
  readonly colour: string | null;
  /** Minutes before, where its owner chose them. */
  readonly reminder: number | null;
  /** Where an online meeting is joined. */
  readonly meeting: string | null;
}

/** What the product asks of a provider. */
export type Step = 'create' | 'change' | 'delete' | 'look' | 'list' | 'batch' | 'refresh' | 'calendars' | 'watch';

/** An action of the emulators' fault rules. */
export type Trouble = Readonly<Record<string, unknown>>;

/** The emulator's switches. */
export type Switches = Readonly<Record<string, unknown>>;

/** An event in a calendar, and what an import makes of it. */
export interface Shape {
  readonly name: string;
  /** As the emulator's seeding takes it. */
  readonly event: Readonly<Record<string, unknown>>;
  readonly kept: boolean;
  /** Whether it can be an appointment. */
  readonly bookable: boolean;
}

export interface ProviderStage {
  readonly name: ProviderName;
  readonly claire: StageAccount;
  readonly marc: StageAccount;
  /** The first of a person's calendars as the product lists it. */
  firstCalendar(account: StageAccount): Readonly<Record<string, unknown>>;
  /** The name of Claire's second. */
  readonly secondName: string;

  /** The emulator's names of what it is asked. */
  readonly steps: Readonly<Record<Step, string>>;
  /** Refusals, as this provider words them. */
  readonly refusals: Readonly<Record<'rateLimit' | 'quota' | 'notFound' | 'forbidden', Trouble>>;
  /** The provider's own word for a grant that was revoked. */
  readonly deadGrantCode: string;
  /** Beginnings of this provider's tokens, which no log may hold. */
  readonly tokenPrefixes: readonly string[];
  /** What remains after a consent where a box was unticked. */
  readonly narrowScopes: string;

  readonly switches: {
    /** Every limit on the number of requests is lifted. */
    readonly unlimited: Switches;
    /** Lists repeat what they told before. */
    readonly repeating: Switches;
    /** A refresh ends the refresh token that it used. */
    readonly rotating: Switches;
  };
  /** How a deleted event answers those who look for it or write to it. */
  readonly tombstones: ReadonlyArray<readonly [name: string, switches: Switches]>;
  /** How a cursor that has ended is refused. */
  readonly deadCursors: ReadonlyArray<readonly [name: string, switches: Switches]>;
  /** How grants end by age: switches, and the days after which they have. */
  readonly aging: { readonly switches: Switches; readonly days: number };

  /** Named for what a provider can do, so that a test says why it does not apply. */
  readonly can: {
    /** An app may end its own grant. */
    readonly revoke: boolean;
    /** The client names an event, so a foreign one can have our id already. */
    readonly nameEvents: boolean;
    /** One id can be that of two events in two calendars. */
    readonly repeatIds: boolean;
    /** A write can be kept from telling the guests. */
    readonly writeSilently: boolean;
    /** It refuses a living grant by mistake at times: one refusal of that kind proves little. */
    readonly refuseLightly: boolean;
    /** Changes name the deleted occurrence of a series. */
    readonly tellDeletedOccurrences: boolean;
  };

  /** An entry as this provider's interface takes it. */
  resource(entry: Entry): Readonly<Record<string, unknown>>;
  /** One of the events of the emulator's state. */
  seen(raw: Json): SeenEvent;

  /** What people do in the provider's own pages. */
  readonly person: {
    add(emulator: Emulator, email: string, calendar: string, entry: Entry): Promise<{ id: string }>;
    edit(emulator: Emulator, email: string, place: Place, entry: Entry): Promise<void>;
    /** A change that no calendar of ours shows. */
    touch(emulator: Emulator, email: string, place: Place): Promise<void>;
    remind(emulator: Emulator, email: string, place: Place, minutes: number): Promise<void>;
    /** Makes it an online meeting, without guests. */
    meet(emulator: Emulator, email: string, place: Place): Promise<void>;
    remove(emulator: Emulator, email: string, place: Place): Promise<void>;
    /** Takes a deleted event back. */
    restore(emulator: Emulator, email: string, place: Place): Promise<void>;
    move(emulator: Emulator, email: string, place: Place, calendar: string): Promise<void>;
    /** A second event with all that the first carries, at another time. */
    copy(emulator: Emulator, email: string, place: Place, entry: Entry): Promise<{ id: string }>;
    /** Invites a guest; the invitation is the person's own mail. */
    invite(emulator: Emulator, email: string, place: Place, guest: string): Promise<void>;
    /** A series ends to be one: its event is a single one again. */
    unrepeat(emulator: Emulator, email: string, place: Place): Promise<void>;
    /** What the calendar's pages show of the next thirty days, occurrences single, by their start. */
    agenda(emulator: Emulator, email: string, calendar: string): Promise<SeenEvent[]>;
    /** Declines another person's meeting. */
    decline(emulator: Emulator, email: string, place: Place): Promise<void>;
  };

  /** An event of any shape, made without the interface. */
  seed(emulator: Emulator, calendar: string, event: object): Promise<{ id: string }>;
  shapes(account: StageAccount): readonly Shape[];
  /** Another person's meeting to which the account is invited; `answer`: what they said to it. */
  invitation(account: StageAccount, entry: Entry, answer: 'none' | 'accepted'): object;
  /** So many people whom an event invites, as its seed has them. */
  guests(count: number): object;
  /** An event that only its owner may look into. */
  privately(account: StageAccount, entry: Entry): object;

  deleteCalendar(emulator: Emulator, calendar: string): Promise<unknown>;
  makeReadOnly(emulator: Emulator, account: StageAccount, calendar: string): Promise<unknown>;
  makeWritable(emulator: Emulator, account: StageAccount, calendar: string): Promise<unknown>;
  expireCursors(emulator: Emulator, calendar: string): Promise<unknown>;
  /** The calendar can never be watched. */
  refuseWatches(emulator: Emulator, account: StageAccount, calendar: string): Promise<unknown>;
  /** The watch lives on and says nothing any more. */
  silence(emulator: Emulator, watch: { channelId: string; resourceId: string }): Promise<unknown>;
  /** The next consent brings no refresh token. */
  readonly withoutRefreshToken: {
    readonly prepare: (emulator: Emulator) => Promise<unknown>;
    readonly consent: { readonly unprompted?: boolean };
  };
  /** Notices that do not know the secret. */
  forgedNotices(watch: { channelId: string; resourceId: string }): readonly RequestInit[];
}

/** Where an event is. */
export interface Place {
  readonly calendar: string;
  readonly id: string;
}
