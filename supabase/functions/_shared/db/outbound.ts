/** The sync engine's view of the database. */
import { z } from 'zod';
import { syncSummary } from '../contract/sync.ts';
import { errorMessage } from '../error_messages/error_message.ts';
import { type ErrorCode, isErrorCode, SyncError } from '../errors.ts';
import { appointmentShape, type Lane } from '../sync/shared/appointment.ts';
import type { Observation } from '../sync/outbound/explain.ts';
import type { Claim, Completion, JobResult, LaneReport, SyncStore } from '../sync/outbound/port.ts';
import { LINK_STATES, QUEUE_REQUESTS } from '../vocabulary.ts';
import type { Owner } from './connect_flows.ts';
import { contentShape as content } from '../providers/port/content.ts';
import type { Rpc } from './rpc.ts';
import { CONNECTION_STATUSES, EVENT_DETAILS, LANGUAGES, SCOPES, TWO_WAY_MODES } from '../vocabulary.ts';

const text = z.string().nullable();

/** `absent` comes as no link at all. */
const linkState = z.enum(LINK_STATES).exclude(['absent']);

const job = z.object({
  rdvId: z.guid(),
  version: z.number().int(),
  attempts: z.number().int(),
  lastErrorCode: text,
  laneWorkedSince: z.boolean(),
  request: z.enum(QUEUE_REQUESTS),
  rdv: z.nullable(appointmentShape),
  link: z.object({
    calendarId: text,
    targetCalendarId: text,
    eventId: text,
    epoch: z.number().int(),
    etag: text,
    state: linkState,
    pushed: content.nullable(),
    base: content.nullable(),
    place: z.object({ seriesId: z.string(), at: z.string() }).nullable(),
    sent: z.array(z.string()),
  }).nullable(),
  ending: z.object({ calendarId: z.string(), eventId: z.string(), etag: text }).nullable(),
});

const lane = z.object({
  integrationId: z.guid(),
  organisationId: z.guid(),
  budgetUnits: z.number().int().nullable(),
  strikes: z.number().int(),
  settings: z.object({
    calendarTargetId: text,
    eventDetail: z.enum(EVENT_DETAILS),
    twoWay: z.enum(TWO_WAY_MODES),
    scope: z.enum(SCOPES),
    userId: z.guid(),
    exportFrom: text,
    removing: z.boolean(),
  }),
  organisation: z.object({
    timezone: z.string(),
    titleTemplate: z.string(),
    language: z.enum(LANGUAGES),
    defaultDurationMinutes: z.number().int(),
  }),
  credential: z.object({ version: z.number().int(), accessToken: text }).nullable(),
  jobs: z.array(z.unknown()),
});

const troubledLane = z.object({
  integrationId: z.guid(),
  organisationId: z.guid(),
  code: z.string().transform(failureCode),
  sqlState: text,
});

/** Lanes and jobs are read one by one: what is wrong with one of them is its own. */
const claim = z.object({
  lanes: z.array(z.unknown()),
  troubled: z.array(troubledLane),
  nextDueInMs: z.number().nullable(),
});
const leased = z.object({ integrationId: z.guid(), organisationId: z.guid() });
const jobVersion = z.object({ rdvId: z.guid(), version: z.number().int() });

const reservation = z.object({ reserved: z.array(z.guid()) });
const completion = z.object({
  applied: z.number().int(),
  busy: z.array(z.guid()),
  lost: z.boolean(),
  paused: z.boolean(),
  nextDueInMs: z.number().nullable(),
});
const removal = z.object({ ended: z.boolean() }).nullable();
const revocations = z.array(z.object({ id: z.guid(), token: z.string() }));
const marked = z.object({ integrationId: z.guid(), runId: z.guid() });
export type MarkedRun = z.infer<typeof marked>;

/** The answer without the sentences. */
const summary = z.object({
  ...syncSummary.shape,
  failures: z.array(z.object({ rdvId: z.guid(), code: text })),
});
export type RunSummary = z.infer<typeof summary>;

const observation = z.object({
  now: z.string(),
  lane: lane.pick({ settings: true, organisation: true }),
  job,
  queued: z.object({ since: z.string(), dueAt: z.string(), parkedAt: text, lastErrorCode: text }).nullable(),
  connection: z.object({
    status: z.enum(CONNECTION_STATUSES),
    errorCode: text,
    exportEnabled: z.boolean(),
    stopped: z.boolean(),
    leasedUntil: text,
    pausedUntil: text,
    pauseCode: text,
  }),
  asked: z.boolean(),
  event: z.object({ syncedAt: text, driftedAt: text, errorCode: text }),
}).nullable();

/** What people ask of the sync, beside what the engine itself needs. */
export interface SyncRequests {
  /** @throws {SyncError} `NOT_CONNECTED`, `NO_TARGET_CALENDAR`, `NEED_RECONSENT` */
  mark(owner: Owner, range: { from: string | null; to: string | null }): Promise<MarkedRun>;
  /** Null for everything that is parked. Throws as `mark`. */
  retry(owner: Owner, rdvIds: readonly string[] | null): Promise<MarkedRun>;
  summary(runId: string): Promise<RunSummary>;
  /** @throws {SyncError} `NOT_CONNECTED`, `APPOINTMENT_NOT_FOUND` (of no practice of this person) */
  explain(owner: Owner, rdvId: string): Promise<Observation>;
  nudge(): Promise<boolean>;
}

/** Null where the lane itself is not as expected. */
function readLane(value: unknown): Lane | null {
  const read = lane.safeParse(value);
  if (!read.success) return null;
  const jobs = [];
  const unreadable = [];
  for (const row of read.data.jobs) {
    const known = job.safeParse(row);
    if (known.success) jobs.push(known.data);
    else unreadable.push(jobVersion.parse(row));
  }
  return { ...read.data, jobs, unreadable };
}

const UNREADABLE_LANE_PAUSE = 60;

/** A lane whose claim is not as expected is not worked on: it waits, and comes again. */
const giveBack = (runId: string): LaneReport => ({
  runId,
  trigger: 'change',
  usedUnits: 0,
  release: true,
  pauseSeconds: UNREADABLE_LANE_PAUSE,
  pauseCode: 'SYNC_FAILED',
  project: false,
  strike: true,
  worked: false,
  refused: [],
});

/** A report that says nothing but that the lease goes on. */
const nothingMore = (report: LaneReport): LaneReport => ({
  ...report,
  usedUnits: 0,
  release: false,
  pauseSeconds: null,
  pauseCode: null,
  project: false,
  strike: false,
  worked: false,
  refused: [],
});

/** Postgres found fault with what was to be stored: with data (class 22) or with what a constraint demands (class 23). */
function isRefusedData(error: unknown): boolean {
  return error instanceof SyncError && /^2[23]/.test(String(error.context.sqlState));
}

/** What is left to say of a job whose result cannot be stored. */
const unstorable = ({ rdvId, version }: JobResult): JobResult => ({
  rdvId,
  version,
  outcome: 'park',
  action: 'failed',
  reason: null,
  delaySeconds: null,
  error: { code: 'INVALID_EVENT', message: errorMessage('INVALID_EVENT', 'en') },
  conflict: null,
  ended: null,
  link: null,
});

/** The outbound port on the database. */
export function syncStore(rpc: Rpc, provider: string): SyncStore {
  const complete = (worker: string, integrationId: string, results: readonly JobResult[], report: LaneReport) =>
    rpc(
      'sync_complete',
      { p_worker: worker, p_integration: integrationId, p_results: results, p_lane: report },
      completion,
    );

  /** Halves what is refused until the one at fault is found; that one is parked, the others are stored. */
  async function completeWithout(
    worker: string,
    integrationId: string,
    results: readonly JobResult[],
    report: LaneReport,
  ): Promise<Completion> {
    const stored: Completion[] = [];
    const middle = Math.ceil(results.length / 2);
    const parts = results.length === 1 ? [results.map(unstorable)] : [results.slice(0, middle), results.slice(middle)];
    const between = nothingMore(report);
    for (const part of parts) {
      try {
        stored.push(await complete(worker, integrationId, part, between));
      } catch (error) {
        if (!isRefusedData(error) || results.length === 1) throw error;
        stored.push(await completeWithout(worker, integrationId, part, between));
      }
    }
    const last = await complete(worker, integrationId, [], report);
    return {
      applied: stored.reduce((sum, { applied }) => sum + applied, 0),
      busy: stored.flatMap(({ busy }) => busy),
      lost: last.lost,
      paused: last.paused,
      nextDueInMs: last.nextDueInMs,
    };
  }

  return {
    async claim(options): Promise<Claim> {
      const { lanes, troubled, nextDueInMs } = await rpc('sync_claim', {
        p_worker: options.worker,
        p_provider: provider,
        p_integration: options.integrationId,
        p_max_lanes: options.maxLanes,
        p_max_jobs: options.maxJobs,
        p_lease_seconds: options.leaseSeconds,
        p_units_per_minute: options.unitsPerMinute,
        p_project_units_per_minute: options.projectUnitsPerMinute,
        p_joins: options.joins,
      }, claim);
      const read: Lane[] = [];
      for (const value of lanes) {
        const one = readLane(value);
        if (one !== null) {
          read.push(one);
          continue;
        }
        const ids = leased.parse(value);
        troubled.push({ ...ids, code: 'SYNC_FAILED', sqlState: null });
        await complete(options.worker, ids.integrationId, [], giveBack(options.worker));
      }
      return { lanes: read, troubled, nextDueInMs };
    },
    reserve: async (worker, integrationId, items) => {
      const args = { p_worker: worker, p_integration: integrationId, p_items: items };
      return (await rpc('sync_reserve', args, reservation)).reserved;
    },
    async complete(worker, integrationId, results, report) {
      try {
        return await complete(worker, integrationId, results, report);
      } catch (error) {
        if (!isRefusedData(error) || results.length === 0) throw error;
        return await completeWithout(worker, integrationId, results, report);
      }
    },
    leave: (worker) => rpc('worker_leave', { p_worker: worker }, z.boolean()),
    integrationFailed: (integrationId, code, message) =>
      rpc('integration_failed', { p_integration: integrationId, p_code: code, p_message: message }, z.boolean()),
    finishRemoval: async (integrationId) =>
      (await rpc('integration_finish_removal', { p_integration: integrationId }, removal))?.ended ?? false,
    claimRevocations: () => rpc('revocation_claim', { p_provider: provider }, revocations),
    revoked: (id) => rpc('revocation_done', { p_id: id }, z.boolean()),
  };
}

export function syncRequests(rpc: Rpc, provider: string): SyncRequests {
  const of = (owner: Owner) => ({ p_organisation: owner.organisationId, p_user: owner.userId, p_provider: provider });
  return {
    mark: (owner, { from, to }) => rpc('sync_mark', { ...of(owner), p_from: from, p_to: to }, marked),
    retry: (owner, rdvIds) => rpc('sync_retry', { ...of(owner), p_rdv_ids: rdvIds }, marked),
    summary: async (runId) => {
      const found = await rpc('sync_run_summary', { p_run: runId }, summary.nullable());
      if (found === null) throw new SyncError('SYNC_FAILED', 'Read run: it does not exist');
      return found;
    },
    explain: async (owner, rdvId) => {
      const found = await rpc('sync_explain', { ...of(owner), p_rdv: rdvId }, observation);
      if (found === null) throw new SyncError('APPOINTMENT_NOT_FOUND', 'Explain: the practice has no such appointment');
      return found;
    },
    nudge: () => rpc('sync_nudge', { p_provider: provider }, z.boolean()),
  };
}

/** The code of a failure, as far as it is one that we know. */
export function failureCode(code: string | null): ErrorCode {
  return isErrorCode(code) ? code : 'SYNC_FAILED';
}
