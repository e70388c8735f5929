/** A calendar whose pages a test lays out, and a database that remembers what it was told. */
import type { SyncError } from '../../../../supabase/functions/_shared/errors.ts';
import type {
  CalendarAccess,
  CalendarEvent,
  ChangePage,
  ChangeRequest,
  EventRef,
  SoughtPlace,
  WriteOperation,
  WriteOutcome,
} from '../../../../supabase/functions/_shared/providers/port/calendar.ts';
import type { EventContent } from '../../../../supabase/functions/_shared/providers/port/content.ts';
import type { ChangeNotices, Watch } from '../../../../supabase/functions/_shared/providers/port/notices.ts';
import type {
  ImportClaim,
  ImportLane,
  ImportResult,
  ImportStore,
  MissingEvent,
  StagedPart,
  WatchReport,
} from '../../../../supabase/functions/_shared/sync/inbound/port.ts';
import type { ImportWorkerDeps } from '../../../../supabase/functions/_shared/sync/inbound/worker.ts';
import type { OursEvent } from '../../../../supabase/functions/_shared/sync/inbound/verdict.ts';

export const CALENDAR = 'claire@mail.test';

export const CONTENT: EventContent = {
  title: 'Réunion',
  description: '',
  location: '',
  time: {
    kind: 'timed',
    startsAt: '2026-12-01T09:00:00.000Z',
    endsAt: '2026-12-01T10:00:00.000Z',
    timeZone: 'Europe/Paris',
  },
  availability: 'busy',
  visibility: 'normal',
};

export function event(eventId: string, change: Partial<CalendarEvent> = {}): CalendarEvent {
  return {
    ref: { calendarId: CALENDAR, eventId },
    version: `"${eventId}"`,
    status: 'confirmed',
    content: CONTENT,
    marker: null,
    updatedAt: '2026-11-20T08:00:00.000Z',
    kind: 'appointment',
    url: null,
    attendees: [],
    ownResponse: null,
    seriesId: null,
    ...change,
  };
}

export function lane(change: Partial<ImportLane> = {}): ImportLane {
  return {
    runId: '00000000-0000-4000-8000-0000000000f0',
    integrationId: '00000000-0000-4000-8000-0000000000aa',
    organisationId: '00000000-0000-4000-8000-0000000000bb',
    calendarId: CALENDAR,
    calendarTargetId: CALENDAR,
    trigger: 'schedule',
    mode: 'import',
    twoWay: 'auto',
    eventDetail: 'full',
    organisation: { timezone: 'Europe/Paris', defaultDurationMinutes: 30 },
    window: { from: '2026-12-01T00:00:00.000Z', to: '2026-12-08T00:00:00.000Z' },
    cursor: 'cursor-1',
    pageToken: null,
    endCursor: null,
    revisit: [],
    credential: { version: 3, accessToken: 'canary-access' },
    watch: null,
    watchWanted: false,
    ...change,
  };
}

export const FINISHED: ImportResult = {
  lost: false,
  mismatch: false,
  held: false,
  againInMs: 300_000,
  fingerprint: 'f1',
  summary: { created: 0, updated: 0, skipped: 0, cancelled: 0, failed: 0, conflicts: 0 },
  failures: [],
  conflicts: [],
  items: [],
};

type Answer = Pick<ChangePage, 'events' | 'next'> & Partial<ChangePage>;

export class InboundWorld {
  /** In the order in which they are asked for. */
  pages: (Answer | SyncError)[] = [];
  /** What single reads find: null for an id that never was. */
  events = new Map<string, CalendarEvent | null | SyncError>();
  calendarGone: SyncError | null = null;
  watchAnswer: Watch | SyncError | null = null;
  stopAnswer: SyncError | null = null;
  renewal: Watch | 'recreate' = 'recreate';

  lanes: ImportLane[] = [];
  troubled: ImportClaim['troubled'][number][] = [];
  /** Nothing is handed out before units of the project come back. */
  short = false;
  missing: MissingEvent[] = [];
  ours: OursEvent[] = [];
  result: ImportResult = FINISHED;
  /** When what is read is read again, reading by reading. */
  againInMs: number[] = [];
  lost = false;
  leaving = false;
  /** Where else in the account events are. */
  readonly places = new Map<string, EventRef | Error>();
  /** What the database says to a part that it cannot keep. */
  refuses: (part: StagedPart) => SyncError | null = () => null;
  older: Pick<Watch, 'channelId' | 'resourceId'>[] = [];
  /** Runs when a page is asked for. */
  onRequest: (() => Promise<void>) | null = null;
  /** Runs when the database is called by that name. */
  onCall = new Map<string, () => void>();

  /** What becomes of everything that is written. */
  outcome: WriteOutcome = { result: 'deleted' };
  readonly written: WriteOperation[] = [];
  clock = 0;
  readonly asked: string[] = [];
  readonly requests: ChangeRequest[] = [];
  readonly calls: { name: string; given: unknown[] }[] = [];
  readonly lines: { step: string; outcome: string; level?: string }[] = [];
  readonly reconnects: number[] = [];
  readonly claimedAt: number[] = [];
  running = 0;
  mostAtOnce = 0;
  #ids = 0;

  told(name: string): unknown[][] {
    return this.calls.filter((call) => call.name === name).map(({ given }) => given);
  }

  #call<T>(name: string, given: unknown[], answer: T): Promise<T> {
    this.calls.push({ name, given });
    this.onCall.get(name)?.();
    return Promise.resolve(answer);
  }

  readonly store: ImportStore = {
    claim: async (options) => {
      const lanes = this.lanes.splice(0, options.maxLanes);
      this.claimedAt.push(this.clock);
      const troubled = this.troubled.splice(0);
      await this.#call('claim', [options], undefined);
      const nextDueInMs = this.lanes.length > 0 ? 0 : troubled.length > 0 ? 100 : this.short ? 1000 : null;
      return { lanes, troubled, nextDueInMs };
    },
    leave: (...given) => this.#call('leave', given, true),
    stage: (...given) => {
      const refusal = this.refuses(given[1]);
      return refusal ? Promise.reject(refusal) : this.#call('stage', given, !this.lost);
    },
    missing: (...given) => this.#call('missing', given, this.missing),
    ours: (...given) => this.#call('ours', given, this.ours),
    finish: (...given) => {
      const againInMs = this.againInMs.shift() ?? this.result.againInMs;
      return this.#call('finish', given, { ...this.result, againInMs });
    },
    suspend: (...given) => this.#call('suspend', given, undefined),
    fail: (...given) => this.#call('fail', given, undefined),
    watch: (...given) => this.#call('watch', given, given[0].channel?.resourceId ? this.older : []),
  };

  readonly calendar = {
    limits: { maxParallel: 8, projectUnitsPerMinute: 10_000 },
    keepsDeleted: true,
    normalize: (content: EventContent) => content,
    pullChanges: async (_handle: unknown, request: ChangeRequest) => {
      this.requests.push(request);
      await this.onRequest?.();
      const page = this.pages.shift();
      if (page === undefined) throw new Error('no such page');
      if (page instanceof Error) throw page;
      return { unreadable: [], removed: [], ...page };
    },
    readEvent: async (_handle: unknown, { eventId }: { eventId: string }) => {
      this.asked.push(`read ${eventId}`);
      this.mostAtOnce = Math.max(this.mostAtOnce, ++this.running);
      await Promise.resolve();
      await Promise.resolve();
      this.running -= 1;
      const found = this.events.get(eventId) ?? null;
      if (found instanceof Error) throw found;
      return found;
    },
    getEvent: (_handle: unknown, { calendarId, eventId }: EventRef) => {
      this.asked.push(`get ${calendarId} ${eventId}`);
      return Promise.resolve(this.events.get(eventId) ?? null);
    },
    occurrence: (_handle: unknown, calendarId: string, { seriesId, at }: SoughtPlace) => {
      this.asked.push(`occurrence ${calendarId} ${seriesId} ${at}`);
      return Promise.resolve(null);
    },
    locate: (_handle: unknown, refs: readonly EventRef[]) => {
      this.asked.push(`locate ${refs.map(({ eventId }) => eventId)}`);
      const places = refs.map(({ eventId }) => this.places.get(eventId) ?? null);
      const unreadable = places.find((place) => place instanceof Error);
      return unreadable ? Promise.reject(unreadable) : Promise.resolve(places);
    },
    write: (_handle: unknown, operations: readonly WriteOperation[]) => {
      this.written.push(...operations);
      return Promise.resolve(new Map(operations.map(({ key }) => [key, this.outcome])));
    },
    probeCalendar: () => {
      this.asked.push('probe');
      return this.calendarGone ? Promise.reject(this.calendarGone) : Promise.resolve();
    },
  } satisfies Record<string, unknown> as unknown as CalendarAccess;

  readonly notices = {
    maxLifetimeSeconds: 604_800,
    startWatch: (_handle: unknown, request: { channelId: string; secret: string; address: string }) => {
      this.asked.push(`watch ${request.channelId} ${request.secret} ${request.address}`);
      if (this.watchAnswer instanceof Error) throw this.watchAnswer;
      const expiresAt = '2026-12-05T00:00:00.000Z';
      return Promise.resolve(this.watchAnswer ?? { channelId: request.channelId, resourceId: 'resource', expiresAt });
    },
    stopWatch: (_handle: unknown, { channelId }: Watch) => {
      this.asked.push(`stop ${channelId}`);
      return this.stopAnswer ? Promise.reject(this.stopAnswer) : Promise.resolve();
    },
    parseNotification: () => ({ kind: 'ignore' }),
    renewWatch: null,
  } satisfies ChangeNotices as ChangeNotices;

  renewing(): ChangeNotices {
    return {
      ...this.notices,
      renewWatch: (_handle, watch) => {
        this.asked.push(`renew ${watch.channelId}`);
        return Promise.resolve(this.renewal);
      },
    };
  }

  readonly handle = {
    accessToken: () => Promise.resolve('canary-access'),
    renew: () => Promise.resolve('canary-access'),
  };

  readonly deps: ImportWorkerDeps = {
    store: this.store,
    calendar: this.calendar,
    notices: this.notices,
    credentials: {
      reconnectRequired: (_integration, version) => {
        this.reconnects.push(version);
        return Promise.resolve(true);
      },
    },
    handleOf: () => this.handle,
    now: () => this.clock,
    sleep: (ms) => {
      this.clock += ms;
      return Promise.resolve();
    },
    leaving: () => this.leaving,
    newId: () => `id-${++this.#ids}`,
    newSecret: () => 'canary-secret',
    notificationAddress: 'https://project.test/functions/v1/demo-import/notifications',
    log: (line) => void this.lines.push(line),
  };

  watches(): WatchReport[] {
    return this.told('watch').map(([report]) => report as WatchReport);
  }
}
