/** Lanes, jobs and appointments as a claim brings them, and a store and a provider that a test leads. */
import type { OAuthAccess } from '../../../../supabase/functions/_shared/providers/port/account.ts';
import type {
  CalendarAccess,
  CalendarLimits,
  EventRef,
  ObservedEvent,
  WriteOperation,
  WriteOutcome,
} from '../../../../supabase/functions/_shared/providers/port/calendar.ts';
import type { EventContent } from '../../../../supabase/functions/_shared/providers/port/content.ts';
import { ProviderError } from '../../../../supabase/functions/_shared/providers/port/failure.ts';
import type { CalendarProvider } from '../../../../supabase/functions/_shared/providers/port/provider.ts';
import type { ErrorCode } from '../../../../supabase/functions/_shared/errors.ts';
import {
  type Appointment,
  EMPTY_APPOINTMENT,
  type EventLink,
  type Job,
  type Lane,
  type LaneSettings,
} from '../../../../supabase/functions/_shared/sync/shared/appointment.ts';
import type { LaneDeps } from '../../../../supabase/functions/_shared/sync/outbound/lane_session.ts';
import type {
  Claim,
  ClaimOptions,
  JobResult,
  LaneReport,
  Reservation,
  Revocation,
  SyncStore,
} from '../../../../supabase/functions/_shared/sync/outbound/port.ts';

export const RDV = '00000000-0000-4000-8000-000000000001';
export const INTEGRATION = '00000000-0000-4000-8000-0000000000aa';
export const ORGANISATION = '00000000-0000-4000-8000-0000000000bb';
export const USER = '00000000-0000-4000-8000-0000000000cc';
export const TARGET = 'target@calendars.test';

/** The nth appointment's id. */
export const rdvId = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

export function anAppointment(change: Partial<Appointment> = {}): Appointment {
  return {
    ...EMPTY_APPOINTMENT,
    status: 'scheduled',
    type: 'Bilan',
    startsAt: '2026-12-01T09:00:00+00:00',
    endsAt: '2026-12-01T09:30:00+00:00',
    practitionerUserId: USER,
    practitionerName: 'Dr Martin',
    patient: { firstName: 'Jeanne', lastName: 'Dupont' },
    ...change,
  };
}

export function aJob(change: Partial<Job> = {}): Job {
  return {
    rdvId: RDV,
    version: 1,
    attempts: 0,
    lastErrorCode: null,
    laneWorkedSince: false,
    request: 'change',
    rdv: anAppointment(),
    link: null,
    ending: null,
    ...change,
  };
}

export function aLink(change: Partial<EventLink> = {}): EventLink {
  return {
    calendarId: TARGET,
    targetCalendarId: null,
    eventId: 'cs0',
    epoch: 0,
    etag: '"1"',
    state: 'live',
    pushed: null,
    base: null,
    place: null,
    ...change,
  };
}

export function aLane(
  { settings = {}, ...change }: Partial<Omit<Lane, 'settings'>> & { settings?: Partial<LaneSettings> } = {},
): Lane {
  return {
    integrationId: INTEGRATION,
    organisationId: ORGANISATION,
    budgetUnits: null,
    strikes: 0,
    settings: {
      calendarTargetId: TARGET,
      eventDetail: 'full',
      twoWay: 'off',
      scope: 'practitioner',
      userId: USER,
      exportFrom: null,
      removing: false,
      ...settings,
    },
    organisation: {
      timezone: 'Europe/Paris',
      titleTemplate: '{type} — {patient}',
      language: 'fr',
      defaultDurationMinutes: 30,
    },
    credential: { version: 7, accessToken: 'access' },
    jobs: [],
    unreadable: [],
    ...change,
  };
}

/** Keeps what it is told, and knows each appointment's link as the database would. */
export class FakeStore implements SyncStore {
  readonly links = new Map<string, EventLink>();
  readonly results: JobResult[] = [];
  readonly reports: LaneReport[] = [];
  readonly failed: ErrorCode[] = [];
  readonly reservations: Reservation[] = [];
  readonly claims: ClaimOptions[] = [];
  /** Workers that ended although they could have gone on. */
  readonly left: string[] = [];
  /** Answers of the next claims; nothing waits when they are used up. */
  readonly waiting: Claim[] = [];
  readonly removals: string[] = [];
  revocations: Revocation[] = [];
  /** Rows that another transaction holds, for so many reports. */
  busy: { rdvIds: readonly string[]; rounds: number } = { rdvIds: [], rounds: 0 };
  /** Appointments that changed since the claim: their id is not kept. */
  readonly changed = new Set<string>();
  lost = false;
  /** The team has stopped the work. */
  paused = false;
  /** When the lanes that are given back are due again, one after the other; then nothing of them waits. */
  readonly dueAgain: number[] = [];

  claim(options: ClaimOptions): Promise<Claim> {
    this.claims.push(options);
    return Promise.resolve(this.waiting.shift() ?? { lanes: [], troubled: [], nextDueInMs: null });
  }

  reserve(_worker: string, _integration: string, items: readonly Reservation[]): Promise<string[]> {
    const kept = items.filter(({ rdvId }) => !this.paused && !this.changed.has(rdvId));
    this.reservations.push(...kept);
    for (const { rdvId, calendarId, targetCalendarId, eventId, epoch, state } of kept) {
      const known = state === 'updating' ? this.links.get(rdvId) : { etag: null };
      this.links.set(rdvId, aLink({ ...known, calendarId, targetCalendarId, eventId, epoch, state }));
    }
    return Promise.resolve(kept.map(({ rdvId }) => rdvId));
  }

  complete(_worker: string, _integration: string, given: readonly JobResult[], report: LaneReport) {
    this.reports.push(report);
    if (this.lost) return Promise.resolve({ applied: 0, busy: [], lost: true, paused: false, nextDueInMs: null });
    const held = this.busy.rounds-- > 0 ? this.busy.rdvIds : [];
    const taken = given.filter(({ rdvId }) => !held.includes(rdvId));
    this.results.push(...taken);
    for (const { rdvId, link } of taken) if (link) this.links.set(rdvId, link);
    for (const rdvId of report.refused) this.links.set(rdvId, aLink({ ...this.links.get(rdvId), state: 'live' }));
    const busy = given.map(({ rdvId }) => rdvId).filter((rdvId) => held.includes(rdvId));
    const nextDueInMs = report.release && busy.length === 0 ? this.dueAgain.shift() ?? null : null;
    return Promise.resolve({ applied: taken.length, busy, lost: false, paused: this.paused, nextDueInMs });
  }

  leave(worker: string): Promise<boolean> {
    this.left.push(worker);
    return Promise.resolve(true);
  }

  integrationFailed(_integration: string, code: ErrorCode): Promise<boolean> {
    this.failed.push(code);
    return Promise.resolve(true);
  }

  finishRemoval(integrationId: string): Promise<boolean> {
    this.removals.push(integrationId);
    return Promise.resolve(true);
  }

  claimRevocations(): Promise<Revocation[]> {
    return Promise.resolve([...this.revocations]);
  }

  revoked(id: string): Promise<boolean> {
    this.revocations = this.revocations.filter((one) => one.id !== id);
    return Promise.resolve(true);
  }
}

export function providerError(
  code: ErrorCode,
  more: { retryAfterSeconds?: number; ofProject?: boolean } = {},
): ProviderError {
  return new ProviderError(code, `Write events: ${code}`, { operation: 'Write events', ...more });
}

/** What a provider says to one operation, by default that it is done. */
export type Script = (operation: WriteOperation, turn: number) => WriteOutcome | Promise<WriteOutcome>;

export const written = (operation: WriteOperation, content?: EventContent): WriteOutcome => {
  if (operation.kind === 'delete') return { result: 'deleted' };
  const { ref, marker } = operation;
  const event = {
    ref,
    version: '"2"',
    status: 'confirmed',
    content: content ?? (operation.kind === 'create' ? operation.content : null),
    marker,
    updatedAt: null,
  } as const;
  return { result: operation.kind === 'create' ? 'created' : 'patched', event };
};

export const refused = (
  code: ErrorCode,
  more: { retryAfterSeconds?: number; ofProject?: boolean } = {},
): WriteOutcome => ({
  result: 'failed',
  error: providerError(code, more),
});

/** Answers by a script, in memory. What a push has no use for is a fault that a test should see. */
export class ScriptedProvider {
  readonly writes: WriteOperation[][] = [];
  readonly reads: string[] = [];
  readonly probes: string[] = [];
  readonly located: string[] = [];
  /** Where else in the account events are, by their ids. */
  readonly places = new Map<string, EventRef>();
  /** Calendars that are there no more. */
  readonly missing = new Set<string>();
  readonly revoked: string[] = [];
  script: Script = (operation) => written(operation);
  /** Fails the whole call with what it throws. */
  beforeCall: (operations: readonly WriteOperation[]) => void | Promise<void> = () => {};
  /** What reads find, by event id. */
  readonly events = new Map<string, ObservedEvent>();
  beforeRead: () => void | Promise<void> = () => {};
  revokeFails = false;
  readonly limits: { -readonly [Limit in keyof CalendarLimits]: CalendarLimits[Limit] } = {
    maxParallel: 1,
    maxBatch: 50,
    cost: { create: 1, patch: 3, delete: 1, read: 1, locate: 5 },
    unitsPerMinute: 600,
    projectUnitsPerMinute: 10_000,
  };

  /** Every operation that was sent, in order. */
  get operations(): WriteOperation[] {
    return this.writes.flat();
  }

  asProvider(): CalendarProvider {
    const calendar: Partial<CalendarAccess> = {
      limits: this.limits,
      keepsDeleted: true,
      normalize: (content: EventContent) => content,
      write: async (_handle: unknown, operations: readonly WriteOperation[]) => {
        this.writes.push([...operations]);
        await this.beforeCall(operations);
        const turn = this.writes.length;
        return new Map(
          await Promise.all(operations.map(async (one) => [one.key, await this.script(one, turn)] as const)),
        );
      },
      getEvent: async (_handle: unknown, { calendarId, eventId }: EventRef) => {
        this.reads.push(eventId);
        await this.beforeRead();
        const event = this.events.get(eventId) ?? null;
        const place = this.places.get(eventId);
        // What it left behind where it was is shown as deleted.
        return event && place && place.calendarId !== calendarId ? { ...event, status: 'cancelled' } : event;
      },
      probeCalendar: (_handle: unknown, calendarId: string) => {
        this.probes.push(calendarId);
        return this.missing.has(calendarId) ? Promise.reject(providerError('CALENDAR_NOT_FOUND')) : Promise.resolve();
      },
      locate: (_handle: unknown, refs: readonly EventRef[]) => {
        this.located.push(...refs.map(({ eventId }) => eventId));
        return Promise.resolve(refs.map(({ eventId }) => this.places.get(eventId) ?? null));
      },
    };
    const oauth: Partial<OAuthAccess> = {
      revoke: (token: string) => {
        this.revoked.push(token);
        return this.revokeFails
          ? Promise.reject(providerError('PROVIDER_UNAVAILABLE'))
          : Promise.resolve('revoked' as const);
      },
    };
    return { name: 'demo', oauth: oauth as OAuthAccess, calendar: calendar as CalendarAccess, notices: null };
  }
}

export interface Logged {
  readonly step: string;
  readonly outcome: string;
  readonly level?: string;
  readonly fields?: Readonly<Record<string, unknown>>;
  readonly error?: unknown;
}

/** Everything that pushing a lane needs, at rest: a clock that a test moves, chances that are always even. */
export function laneDeps(store: SyncStore, provider: CalendarProvider, change: Partial<LaneDeps> = {}) {
  const clock = { now: 0 };
  const slept: number[] = [];
  const logged: Logged[] = [];
  const reconnects: { version: number; code: ErrorCode }[] = [];
  const deps: LaneDeps = {
    store,
    calendar: provider.calendar,
    handle: { accessToken: () => Promise.resolve('access'), renew: () => Promise.resolve('renewed') },
    reconnectRequired: (version, { code }) => Promise.resolve(reconnects.push({ version, code })),
    now: () => clock.now,
    sleep: (ms) => {
      slept.push(ms);
      clock.now += ms;
      return Promise.resolve();
    },
    random: () => 0.5,
    log: (entry) => logged.push(entry),
    appBaseUrl: 'https://app.test',
    worker: 'worker',
    leaving: () => false,
    runId: 'run',
    trigger: 'change',
    deadlineAt: 50_000,
    ...change,
  };
  return { deps, clock, slept, logged, reconnects };
}
