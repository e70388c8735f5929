/**
 * One run over one calendar: pages are read and staged, what did not come is asked after, events of ours are
 * reconciled, and everything is applied at once together with the cursor. A failure anywhere applies nothing.
 */
import { SyncError } from '../../errors.ts';
import type { ConnectionHandle } from '../../providers/port/account.ts';
import type {
  CalendarAccess,
  CalendarEvent,
  ChangePage,
  EventRef,
  SoughtPlace,
} from '../../providers/port/calendar.ts';
import type { EventContent } from '../../providers/port/content.ts';
import { ProviderError, UnreadableEvent } from '../../providers/port/failure.ts';
import type {
  Doubt,
  ImportLane,
  ImportResult,
  ImportStore,
  Lease,
  MissingEvent,
  StagedEvent,
  StagedPart,
  UnreadableEntry,
} from './port.ts';
import { reconcile } from './reconcile.ts';
import { projectPause, QUOTA_PAUSE_SECONDS } from '../shared/pauses.ts';
import type { WorkBudget } from '../shared/work_budget.ts';
import type { OursEvent, Verdict } from './verdict.ts';

/** Entries, or characters of them, that are worth a call to the database. */
const WORTH_STAGING = 1000;
const WORTH_STAGING_SIZE = 250_000;
/** Characters of one call to the database, by and large. */
const LARGEST_PART = 1_000_000;
/** Characters of a page beside which the next is asked for in advance: two heavy ones are more than an isolate holds. */
const SMALL_ENOUGH = 1_500_000;
/** What an event takes beside its texts. */
const EVENT_SIZE = 300;
const GUEST_SIZE = 100;
/** If more known events than this are missing, they are not read one by one: `import_finish` holds the run. A series is one. */
const MAX_CHECKS = 50;
const MAX_OCCURRENCES = 500;
const PARALLEL_CHECKS = 4;
/** Checks whose answers are kept together: a worker that dies repeats no more than these. */
const KEPT_CHECKS = 16;
/** If more of our events than this are gone at once, they are not looked for elsewhere: `import_finish` holds the run. */
const MAX_LOCATED = 100;
/** SQLSTATEs of a part that the database cannot keep (bad data, or a limit), and of one that took it too long. */
const UNSTORABLE = /^(22|23|54)/;
const TOO_SLOW = '57014';

export interface PullDeps {
  readonly store: ImportStore;
  readonly calendar: CalendarAccess;
  readonly handle: ConnectionHandle;
  readonly reconnectRequired: (version: number, error: SyncError) => Promise<unknown>;
  readonly now: () => number;
  readonly worker: string;
  /** By `now`. At least one page is read all the same. */
  readonly deadlineAt: number;
  readonly budget: WorkBudget;
  readonly leaving: () => boolean;
}

export type PullOutcome =
  | { readonly kind: 'finished'; readonly result: ImportResult; readonly pages: number; readonly events: number }
  /** Pages are left: the run goes on with the next claim. */
  | { readonly kind: 'suspended'; readonly pages: number; readonly events: number }
  | { readonly kind: 'failed'; readonly error: SyncError }
  /** Another worker has the calendar. */
  | { readonly kind: 'lost' };

class LeaseLost extends Error {}

/** Throws only where the database cannot be told either: the lease then runs out by itself. */
export async function pullCalendar(lane: ImportLane, deps: PullDeps): Promise<PullOutcome> {
  try {
    return await new CalendarPull(lane, deps).run();
  } catch (cause) {
    if (cause instanceof LeaseLost) return { kind: 'lost' };
    const error = toImportError(cause, lane);
    if (error.code === 'INSUFFICIENT_SCOPE' && lane.credential) {
      await deps.reconnectRequired(lane.credential.version, error);
    }
    const cursorExpired = error.code === 'CURSOR_EXPIRED';
    const lease = { worker: deps.worker, runId: lane.runId };
    const everybody = projectPause(error);
    const retrySeconds = cursorExpired ? 0 : everybody ?? pause(error);
    await deps.store.fail(lease, { code: error.code, retrySeconds, cursorExpired, project: everybody !== null });
    return { kind: 'failed', error };
  }
}

function toImportError(cause: unknown, { cursor, pageToken }: ImportLane): SyncError {
  if (!(cause instanceof SyncError)) {
    return new SyncError('IMPORT_FAILED', 'Read calendar: unexpected error', { cause });
  }
  // A reading from the very start has no cursor that could have expired: again would be for ever.
  if (cause.code === 'CURSOR_EXPIRED' && cursor === null && pageToken === null) {
    return new SyncError('UNEXPECTED_RESPONSE', 'Read calendar: a full reading was refused as expired', { cause });
  }
  return cause;
}

function pause(error: SyncError): number | null {
  if (error.code === 'QUOTA_EXCEEDED') return QUOTA_PAUSE_SECONDS;
  const asked = error instanceof ProviderError ? error.retryAfterSeconds : null;
  return asked === null ? null : Math.ceil(asked);
}

class CalendarPull {
  readonly #lane: ImportLane;
  readonly #deps: PullDeps;
  readonly #lease: Lease;
  /** Ids of events that are to be read by themselves, unless they come on their own. */
  readonly #revisits: Map<string, Doubt>;
  readonly #part = new PartInHand();
  /** The first page of which not everything is staged. */
  #from: string | null;
  #pages = 0;
  #events = 0;
  /** Rows of this run are staged. */
  #staged: boolean;
  /** Some event's fate has to be asked after. */
  #doubts: boolean;

  constructor(lane: ImportLane, deps: PullDeps) {
    this.#lane = lane;
    this.#deps = deps;
    this.#lease = { worker: deps.worker, runId: lane.runId };
    this.#revisits = new Map(lane.revisit.map((doubt) => [doubt.eventId, doubt]));
    this.#from = lane.pageToken;
    // What a resumed run read before is not known here.
    const resumed = lane.pageToken !== null || lane.endCursor !== null;
    this.#staged = resumed;
    this.#doubts = lane.cursor === null || resumed;
  }

  async run(): Promise<PullOutcome> {
    const { endCursor } = this.#lane;
    const read = endCursor === null ? await this.#read() : { cursor: endCursor };
    if ('pageToken' in read) {
      await this.#deps.store.suspend(this.#lease, read.pageToken);
      return { kind: 'suspended', pages: this.#pages, events: this.#events };
    }
    await this.#look([...this.#revisits.values()], read.cursor);
    const unchecked = this.#doubts ? await this.#askAfterMissing(read.cursor) : 0;
    const { cursor } = read;
    const { verdicts, unlocated } = this.#staged ? await this.#reconcile(cursor) : { verdicts: [], unlocated: 0 };
    const result = await this.#deps.store.finish(this.#lease, cursor, verdicts, unchecked + unlocated);
    if (result.lost) throw new LeaseLost();
    return { kind: 'finished', result, pages: this.#pages, events: this.#events };
  }

  /** Small pages are staged together, large ones in parts; while a small one is staged, the next is on its way. */
  async #read(): Promise<{ cursor: string } | { pageToken: string }> {
    const { now, deadlineAt, budget, leaving } = this.#deps;
    let reading = this.#pull(this.#lane.pageToken);
    while (true) {
      const page = await reading;
      const size = await this.#take(page);
      if ('cursor' in page.next) {
        // An answer that says nothing costs no call.
        if (this.#staged || !this.#part.empty) await this.#stage({ pageToken: null, cursor: page.next.cursor });
        return page.next;
      }
      const { pageToken } = page.next;
      const over = () => budget.spent || now() >= deadlineAt || leaving();
      const following = over() || size > SMALL_ENOUGH ? null : this.#pull(pageToken);
      // Where this page cannot be staged, the next one is not waited for.
      following?.catch(() => {});
      if (over() || this.#part.worthStaging) {
        await this.#stage({ pageToken, cursor: null });
        if (over()) return { pageToken };
      }
      reading = following ?? this.#pull(pageToken);
    }
  }

  async #pull(pageToken: string | null): Promise<ChangePage> {
    const { calendar, handle } = this.#deps;
    const { calendarId, window, cursor } = this.#lane;
    return await calendar.pullChanges(handle, { calendarId, window, cursor, pageToken });
  }

  /** Gives the page's size in characters. */
  async #take(page: ChangePage): Promise<number> {
    let total = 0;
    this.#pages += 1;
    this.#part.pages += 1;
    this.#deps.budget.page();
    // An entry without an id has its place in the reading for a name.
    const unreadable = page.unreadable.map(({ eventId, reason }, at) => ({
      eventId: eventId ?? `?${this.#pages}.${at}`,
      reason,
    }));
    for (const { eventId } of unreadable) this.#revisits.delete(eventId);
    this.#part.removed.push(...page.removed);
    this.#part.unreadable.push(...unreadable);
    if (page.removed.length > 0) this.#doubts = true;
    for (const event of page.events) {
      this.#revisits.delete(event.ref.eventId);
      const staged = stagedEvent(event);
      const size = sizeOf(staged);
      total += size;
      this.#deps.budget.event(size);
      if (this.#part.size + size > LARGEST_PART && !this.#part.empty) {
        // The page is not over: a worker that goes on here reads it again.
        this.#part.pages -= 1;
        await this.#stage({ pageToken: this.#from, cursor: null });
        this.#part.pages += 1;
      }
      this.#part.add(staged, size);
    }
    return total;
  }

  async #stage(at: Pick<StagedPart, 'pageToken' | 'cursor'>): Promise<void> {
    const part = { ...this.#part.release(), ...at };
    if (!await this.#keep(part)) throw new LeaseLost();
    this.#from = at.pageToken;
    this.#staged = true;
    this.#events += part.events.length;
  }

  /** What the database refuses is halved until the entry is found that it cannot keep: that one is parked, the others come in. */
  async #keep(part: StagedPart): Promise<boolean> {
    try {
      return await this.#deps.store.stage(this.#lease, part);
    } catch (error) {
      const { events, unreadable } = part;
      const state = error instanceof SyncError ? String(error.context.sqlState) : '';
      const unstorable = UNSTORABLE.test(state);
      if (events.length > 1 && (unstorable || state === TOO_SLOW)) {
        const middle = events.length >> 1;
        const before = { removed: [], unreadable: [], missed: [], pages: 0, pageToken: this.#from, cursor: null };
        return await this.#keep({ ...before, events: events.slice(0, middle) }) &&
          await this.#keep({ ...part, events: events.slice(middle) });
      }
      // A database that is slow for one event says nothing about the event.
      if (!unstorable || events.length + unreadable.length === 0) throw error;
      // An id that cannot be kept either names nothing.
      const parked = events.map(({ eventId }): UnreadableEntry => ({ eventId, reason: 'INVALID_EVENT' }));
      return await this.#keep({ ...part, events: [], unreadable: parked.length > 0 ? [...unreadable, ...parked] : [] });
    }
  }

  /** Absence is not deletion: each missing event is read by itself. Gives how many were too many for that. */
  async #askAfterMissing(cursor: string): Promise<number> {
    const missing = await this.#deps.store.missing(this.#lease);
    const apart = new Set(missing.map(({ eventId, seriesId }) => seriesId ?? eventId));
    if (apart.size > MAX_CHECKS || missing.length > MAX_OCCURRENCES) return missing.length;
    await this.#look(missing, cursor);
    return 0;
  }

  /** Stages each event as it is now. */
  async #look(doubts: ReadonlyArray<Doubt | MissingEvent>, cursor: string): Promise<void> {
    for (let at = 0; at < doubts.length; at += KEPT_CHECKS) {
      await this.#readEach(doubts.slice(at, at + KEPT_CHECKS));
      await this.#stage({ pageToken: null, cursor });
    }
  }

  async #readEach(doubts: ReadonlyArray<Doubt | MissingEvent>): Promise<void> {
    const { calendar, handle } = this.#deps;
    const { calendarId } = this.#lane;
    const queue = [...doubts];
    let unknown = false;
    const reader = async () => {
      for (let doubt = queue.shift(); doubt !== undefined; doubt = queue.shift()) {
        const { eventId } = doubt;
        let event: CalendarEvent | null;
        try {
          event = await calendar.readEvent(handle, { calendarId, eventId });
        } catch (error) {
          if (!(error instanceof UnreadableEvent)) throw error;
          // It is there: what it says is not known.
          this.#part.unreadable.push({ eventId, reason: error.entry.reason });
          continue;
        }
        if (event === null) {
          unknown = true;
          if (!isProven(doubt, calendar)) {
            this.#part.missed.push(eventId);
            continue;
          }
        }
        const staged = event ? stagedEvent(event) : goneStub(eventId);
        this.#part.add(staged, sizeOf(staged));
      }
    };
    try {
      const readers = Math.min(PARALLEL_CHECKS, calendar.limits.maxParallel);
      await Promise.all(Array.from({ length: readers }, reader));
    } finally {
      queue.length = 0;
    }
    // A calendar that is gone makes every event look as if it had never been.
    if (unknown) await calendar.probeCalendar(handle, calendarId);
  }

  async #reconcile(cursor: string): Promise<{ verdicts: Verdict[]; unlocated: number }> {
    const { calendarTargetId, twoWay, eventDetail, organisation } = this.#lane;
    const { calendar, store } = this.#deps;
    const settings = {
      calendarTargetId,
      twoWay,
      eventDetail,
      ...organisation,
      normalize: (content: EventContent) => calendar.normalize(content),
    };
    const { ours, unlocated } = await this.#whereabouts(await store.ours(this.#lease));
    if (!this.#part.empty) await this.#stage({ pageToken: null, cursor });
    return { verdicts: ours.map((one) => reconcile(one, settings)), unlocated };
  }

  /**
   * The occurrence that is the appointment's, where the event of ours became a series; and where it was one that is gone,
   * which can be another by now: the series was moved as a whole, or is a single event again.
   */
  async #follow(ours: OursEvent): Promise<OursEvent> {
    const place = ours.repeats ? placeInSeries(ours) : ours.status === 'cancelled' ? ours.link.place : null;
    if (place === null) return ours;
    const { calendar, handle } = this.#deps;
    const { calendarId } = ours;
    const event = await calendar.occurrence(handle, calendarId, place);
    if (event === null) {
      // A calendar that is gone makes every series look as if it had never been.
      await calendar.probeCalendar(handle, calendarId);
      return { ...ours, repeats: false, etag: '', status: 'cancelled', content: null };
    }
    const staged = stagedEvent(event);
    if (calendarId === this.#lane.calendarId) this.#part.add(staged, sizeOf(staged));
    const { eventId, etag, status, content } = staged;
    return { ...ours, eventId, place: event.place ?? null, etag, status, content };
  }

  /**
   * A move to another calendar of the account looks like a deletion in the one, and like a new event in the other: what is
   * gone here is looked for elsewhere, and what came here counts where it was known to be no more.
   */
  async #whereabouts(
    ours: readonly OursEvent[],
  ): Promise<{ ours: readonly OursEvent[]; unlocated: number }> {
    const here: OursEvent[] = [];
    const arrived: OursEvent[] = [];
    for (const one of ours) {
      if (isEnded(one)) here.push(one);
      else if (one.calendarId === one.link.calendarId) here.push(await this.#follow(one));
      else if (arrived.length < MAX_LOCATED && !await this.#isAt(one.link)) arrived.push(await this.#follow(one));
    }
    const gone = here.filter((one) => one.status === 'cancelled' && !isEnded(one));
    const looked = gone.slice(0, MAX_LOCATED);
    const found = new Map<OursEvent, OursEvent>();
    for (const [at, place] of (await this.#locate(looked)).entries()) {
      const one = looked[at];
      if (one && place !== null) found.set(one, await this.#there(one, place));
    }
    return {
      ours: [
        ...here.map((one) => found.get(one) ?? one),
        ...arrived.filter(({ status }) => status !== 'cancelled'),
      ],
      unlocated: gone.length - looked.length,
    };
  }

  async #locate(gone: readonly OursEvent[]): Promise<ReadonlyArray<EventRef | 'unclear' | null>> {
    const { calendar, handle } = this.#deps;
    if (gone.length === 0) return [];
    try {
      return await calendar.locate(handle, gone.map(({ calendarId, eventId }) => ({ calendarId, eventId })));
    } catch (error) {
      if (!(error instanceof UnreadableEvent)) throw error;
      // One that cannot be understood is there, and keeps no other from being found.
      if (gone.length === 1) return ['unclear'];
      const places: Array<EventRef | 'unclear' | null> = [];
      for (const one of gone) places.push(...await this.#locate([one]));
      return places;
    }
  }

  /** As its calendar shows it; one of which nothing can be said yet is looked at again. */
  async #there(one: OursEvent, place: EventRef | 'unclear'): Promise<OursEvent> {
    const unclear: OursEvent = { ...one, status: 'confirmed', dirty: true };
    if (place === 'unclear') return unclear;
    try {
      const event = await this.#deps.calendar.readEvent(this.#deps.handle, place);
      if (event === null || event.status === 'cancelled') return unclear;
      const { ref: { calendarId }, version: etag, status, content, repeats = false } = event;
      const there = { ...one, calendarId, repeats, etag, status, content };
      if (!repeats) return there;
      const occurrence = await this.#follow({ ...there, content: null });
      // The series is there, and stays there, and shows no occurrence that is ours any more.
      return occurrence.status !== 'cancelled' || await this.#isAt(place) ? occurrence : unclear;
    } catch (error) {
      if (error instanceof UnreadableEvent) return unclear;
      throw error;
    }
  }

  /** Where it was known to be: then what came is another event with the same id, or it moved back meanwhile. */
  async #isAt({ calendarId, eventId }: EventRef): Promise<boolean> {
    const event = await this.#deps.calendar.getEvent(this.#deps.handle, { calendarId, eventId });
    return event !== null && event.status !== 'cancelled';
  }
}

/**
 * Whether an event that is not found was deleted. Where a deleted one would be shown as such it takes two runs, and none
 * are enough for what was written just now; elsewhere it takes one beside an absence from a reading, of what is not new,
 * or beside a hint.
 */
function isProven(doubt: Doubt | MissingEvent, { keepsDeleted }: Pick<CalendarAccess, 'keepsDeleted'>): boolean {
  const { young, missed } = doubt;
  if (keepsDeleted) return missed && !young;
  return missed || ('ours' in doubt && (doubt.hinted || !doubt.ours || !young));
}

/** What was read and is not staged yet. */
class PartInHand {
  events: StagedEvent[] = [];
  removed: string[] = [];
  unreadable: UnreadableEntry[] = [];
  missed: string[] = [];
  pages = 0;
  size = 0;

  get empty(): boolean {
    return this.events.length + this.removed.length + this.unreadable.length + this.missed.length === 0;
  }

  get worthStaging(): boolean {
    return this.events.length + this.removed.length >= WORTH_STAGING || this.size >= WORTH_STAGING_SIZE;
  }

  add(event: StagedEvent, size: number): void {
    this.events.push(event);
    this.size += size;
  }

  /** Hands everything over. */
  release(): Pick<StagedPart, 'events' | 'removed' | 'unreadable' | 'missed' | 'pages'> {
    const { events, removed, unreadable, missed, pages } = this;
    this.events = [];
    this.removed = [];
    this.unreadable = [];
    this.missed = [];
    this.pages = 0;
    this.size = 0;
    return { events, removed, unreadable, missed, pages };
  }
}

/** By the time that both sides agreed on last. */
function placeInSeries({ eventId, link, rdv }: OursEvent): SoughtPlace | null {
  const time = link.base?.time ?? link.pushed?.time;
  const at = time?.kind === 'all_day' ? time.startDay : time?.startsAt ?? rdv.startsAt;
  return at === null ? null : { seriesId: eventId, at, wasSingle: true };
}

/** In characters, near enough to what its JSON takes. */
function sizeOf({ content, attendees }: StagedEvent): number {
  const { title, description, location } = content ?? { title: '', description: '', location: '' };
  return EVENT_SIZE + title.length + description.length + location.length + GUEST_SIZE * attendees.length;
}

function stagedEvent(event: CalendarEvent): StagedEvent {
  const { ref, version, status, kind, content, marker, updatedAt, url, attendees, ownResponse, seriesId } = event;
  const { requestedId } = event;
  return {
    eventId: ref.eventId,
    etag: version,
    status,
    kind,
    content,
    marker,
    updatedAt,
    url,
    attendees,
    ownResponse,
    // A series is told from an event that was read by itself by being its own.
    seriesId: event.repeats ? ref.eventId : seriesId,
    ...(requestedId === undefined ? {} : { requestedId }),
  };
}

function goneStub(eventId: string): StagedEvent {
  return {
    eventId,
    etag: '',
    status: 'cancelled',
    kind: 'other',
    content: null,
    marker: null,
    updatedAt: null,
    url: null,
    attendees: [],
    ownResponse: null,
    seriesId: null,
  };
}

/** What was over before is judged by whether it is back, not by where it is. */
function isEnded({ former, link: { state } }: OursEvent): boolean {
  return former !== null || state === 'gone' || state === 'detached';
}
