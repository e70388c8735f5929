/**
 * One run over one calendar: pages are read and staged, what did not come is asked after, events of ours are
 * reconciled, and everything is applied at once together with the cursor. A failure anywhere applies nothing.
 */
import { SyncError } from '../errors.ts';
import {
  type CalendarEvent,
  type CalendarProvider,
  type ChangePage,
  type ConnectionHandle,
  ProviderError,
} from '../providers/calendar_provider.ts';
import type { ImportLane, ImportResult, ImportStore, Lease, StagedEvent } from './import_store.ts';
import { reconcile, type Verdict } from './reconcile.ts';

const MAX_PAGES = 10;
/** Entries that are worth a call to the database. */
const WORTH_STAGING = 1000;
/** More that is missing than this is not believed, whatever each single read would say. */
const MAX_CHECKS = 50;
const PARALLEL_CHECKS = 4;
const QUOTA_PAUSE_SECONDS = 6 * 3600;

export interface PullDeps {
  readonly store: ImportStore;
  readonly provider: CalendarProvider;
  readonly handle: ConnectionHandle;
  readonly reconnectRequired: (version: number, error: SyncError) => Promise<unknown>;
  readonly now: () => number;
  readonly worker: string;
  /** By `now`. At least one page is read all the same. */
  readonly deadlineAt: number;
}

export interface PullOptions {
  readonly fingerprint: string | null;
  readonly itemsLimit: number;
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
export async function pullCalendar(lane: ImportLane, deps: PullDeps, options: PullOptions): Promise<PullOutcome> {
  try {
    return await new CalendarPull(lane, deps, options).run();
  } catch (cause) {
    if (cause instanceof LeaseLost) return { kind: 'lost' };
    const error = toImportError(cause, lane);
    if (error.code === 'INSUFFICIENT_SCOPE' && lane.credential) {
      await deps.reconnectRequired(lane.credential.version, error);
    }
    const cursorExpired = error.code === 'CURSOR_EXPIRED';
    const lease = { worker: deps.worker, runId: lane.runId };
    await deps.store.fail(lease, { code: error.code, retrySeconds: cursorExpired ? 0 : pause(error), cursorExpired });
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
  readonly #options: PullOptions;
  readonly #lease: Lease;
  /** Ids of events that are to be read by themselves, unless they come on their own. */
  readonly #revisits: Set<string>;
  #pages = 0;
  #stagedPages = 0;
  #events = 0;
  /** Rows of this run are staged. */
  #staged: boolean;
  /** Some event's fate has to be asked after. */
  #doubts: boolean;

  constructor(lane: ImportLane, deps: PullDeps, options: PullOptions) {
    this.#lane = lane;
    this.#deps = deps;
    this.#options = options;
    this.#lease = { worker: deps.worker, runId: lane.runId };
    this.#revisits = new Set(lane.revisit);
    // What a resumed run read before is not known here.
    this.#staged = lane.pageToken !== null;
    this.#doubts = lane.cursor === null || lane.pageToken !== null;
  }

  async run(): Promise<PullOutcome> {
    const read = await this.#read();
    if ('pageToken' in read) {
      // Nobody would be there to look at what a later invocation finds.
      if (this.#lane.mode === 'preview') {
        throw new SyncError('IMPORT_FAILED', 'Preview import: the window is too large');
      }
      await this.#deps.store.suspend(this.#lease, read.pageToken);
      return { kind: 'suspended', pages: this.#pages, events: this.#events };
    }
    await this.#look([...this.#revisits]);
    const unchecked = this.#doubts ? await this.#askAfterMissing() : 0;
    const verdicts = this.#staged ? await this.#reconcile() : [];
    const result = await this.#deps.store.finish(this.#lease, read.cursor, verdicts, { ...this.#options, unchecked });
    if (result.lost) throw new LeaseLost();
    return { kind: 'finished', result, pages: this.#pages, events: this.#events };
  }

  /** Small pages are staged together; while some are staged, the next one is on its way. */
  async #read(): Promise<{ cursor: string } | { pageToken: string }> {
    const { now, deadlineAt } = this.#deps;
    let reading = this.#pull(this.#lane.pageToken);
    let events: StagedEvent[] = [];
    let removed: string[] = [];
    while (true) {
      const page = await reading;
      this.#pages += 1;
      events.push(...page.events.map(stagedEvent));
      for (const { ref } of page.events) this.#revisits.delete(ref.eventId);
      removed.push(...page.removed);
      if (page.removed.length > 0) this.#doubts = true;
      if ('cursor' in page.next) {
        // An answer that says nothing costs no call.
        if (events.length > 0 || removed.length > 0) await this.#stage(events, removed, null);
        return page.next;
      }
      const { pageToken } = page.next;
      const enough = events.length + removed.length >= WORTH_STAGING;
      const full = this.#pages >= MAX_PAGES && this.#lane.mode === 'import';
      const following = full || now() >= deadlineAt ? null : this.#pull(pageToken);
      // Where this page cannot be staged, nobody waits for that one any more.
      following?.catch(() => {});
      if (enough || following === null) {
        await this.#stage(events, removed, pageToken);
        if (following === null || now() >= deadlineAt) return { pageToken };
        events = [];
        removed = [];
      }
      reading = following;
    }
  }

  async #pull(pageToken: string | null): Promise<ChangePage> {
    const { provider, handle } = this.#deps;
    const { calendarId, window, cursor } = this.#lane;
    return await provider.pullChanges(handle, { calendarId, window, cursor, pageToken });
  }

  async #stage(events: readonly StagedEvent[], removed: readonly string[], pageToken: string | null): Promise<void> {
    const pages = this.#pages - this.#stagedPages;
    this.#stagedPages = this.#pages;
    const kept = await this.#deps.store.stage(this.#lease, { events, removed, pageToken, pages });
    if (!kept) throw new LeaseLost();
    this.#staged = true;
    this.#events += events.length;
  }

  /** Absence is not deletion: each event that did not come is read by itself. Gives how many nobody asked after. */
  async #askAfterMissing(): Promise<number> {
    const missing = await this.#deps.store.missing(this.#lease);
    if (missing.length > MAX_CHECKS) return missing.length;
    await this.#look(missing.map(({ eventId }) => eventId));
    return 0;
  }

  /** Stages each event as it stands now. */
  async #look(eventIds: readonly string[]): Promise<void> {
    if (eventIds.length === 0) return;
    const { provider, handle } = this.#deps;
    const { calendarId } = this.#lane;
    const answers: StagedEvent[] = [];
    const queue = [...eventIds];
    let unknown = false;
    const reader = async () => {
      for (let eventId = queue.shift(); eventId !== undefined; eventId = queue.shift()) {
        const event = await provider.readEvent(handle, { calendarId, eventId });
        if (event === null) unknown = true;
        answers.push(event ? stagedEvent(event) : goneStub(eventId));
      }
    };
    try {
      const readers = Math.min(PARALLEL_CHECKS, provider.capabilities().maxParallel);
      await Promise.all(Array.from({ length: readers }, reader));
    } finally {
      queue.length = 0;
    }
    // A calendar that is gone makes every event look as if it had never been.
    if (unknown) await provider.probeCalendar(handle, calendarId);
    await this.#stage(answers, [], null);
  }

  async #reconcile(): Promise<Verdict[]> {
    const { calendarId, twoWay, eventDetail, organisation } = this.#lane;
    const { provider, store } = this.#deps;
    const settings = {
      calendarId,
      twoWay,
      eventDetail,
      ...organisation,
      normalize: provider.normalize.bind(provider),
    };
    return (await store.ours(this.#lease)).map((ours) => reconcile(ours, settings));
  }
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
    seriesId,
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
