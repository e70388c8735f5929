/** The inbound engine's view of the database, and what people ask of an import. */
import { z } from 'zod';
import {
  importConflict,
  importFailure,
  importItem,
  type ImportStatus,
  importStatus,
  type ImportUndone,
  importUndone,
  runCounts,
} from '../contract/import.ts';
import { SyncError } from '../errors.ts';
import {
  CONTENT_FIELDS,
  contentShape as content,
  type EventContent,
  timeShape as eventTime,
} from '../providers/port/content.ts';
import type { WatchNotice } from '../providers/port/notices.ts';
import type { ImportLane, ImportResult, ImportStore, Lease } from '../sync/inbound/port.ts';
import type { Question, Settlement } from '../sync/inbound/settle_conflict.ts';
import type { DecidedQuestion, Undoing } from '../sync/inbound/undo_decision.ts';
import {
  CONFLICT_ENTITIES,
  CONFLICT_REASONS,
  CONFLICT_RESOLUTIONS,
  CONFLICT_STATUSES,
  EVENT_DETAILS,
  EVENT_STATUSES,
  LINK_STATES,
  RUN_MODES,
  RUN_TRIGGERS,
  type RunMode,
  TWO_WAY_MODES,
} from '../vocabulary.ts';
import type { Owner } from './connect_flows.ts';
import type { Rpc } from './rpc.ts';
import { stagedColumns } from './staged_columns.ts';
import { columns } from './typed_rows.ts';

const text = z.string().nullable();
const count = z.number().int();

const credential = z.object({ version: count, accessToken: text }).nullable();
const instant = z.string().transform((value, context) => {
  const at = Date.parse(value);
  if (Number.isFinite(at)) return new Date(at).toISOString();
  context.addIssue({ code: 'custom', message: 'is no instant' });
  return z.NEVER;
});

const doubt = z.object({ eventId: z.string(), young: z.boolean(), missed: z.boolean() });
const lane = z.object({
  runId: z.guid(),
  integrationId: z.guid(),
  organisationId: z.guid(),
  calendarId: z.string(),
  calendarTargetId: text,
  trigger: z.enum(RUN_TRIGGERS).exclude(['change']),
  mode: z.enum(RUN_MODES),
  twoWay: z.enum(TWO_WAY_MODES),
  eventDetail: z.enum(EVENT_DETAILS).nullable(),
  organisation: z.object({ timezone: z.string(), defaultDurationMinutes: count }),
  window: z.object({ from: instant, to: instant }),
  cursor: text,
  pageToken: text,
  endCursor: text,
  revisit: z.array(doubt),
  credential,
  watch: z.object({ channelId: z.string(), resourceId: z.string(), expiresAt: instant }).nullable(),
  watchWanted: z.boolean(),
});
const claim = z.object({
  lanes: z.array(lane),
  troubled: z.array(z.object({
    integrationId: z.guid(),
    organisationId: z.guid().nullable(),
    code: z.string(),
    sqlState: z.string(),
  })),
  nextDueInMs: z.number().nullable(),
});
const staging = z.object({ lost: z.boolean() });
const missing = z.object({
  missing: z.array(doubt.extend({ seriesId: text, ours: z.boolean(), hinted: z.boolean() })),
});
/** Only what judging needs is looked at: the rest of a question stays as it was asked. */
const askedPayload = z.looseObject({
  fields: z.array(z.enum(CONTENT_FIELDS)),
  cassius: content.partial().nullable(),
  base: content.partial().nullable(),
});
const place = z.object({ seriesId: z.string(), at: z.string() }).nullable();
const ours = z.object({
  ours: z.array(z.object({
    eventId: z.string(),
    calendarId: z.string(),
    repeats: z.boolean(),
    place,
    etag: text.transform((etag) => etag ?? ''),
    status: z.enum(EVENT_STATUSES),
    content: content.nullable(),
    rdvId: z.guid(),
    rdvUpdatedAt: text,
    rdv: z.object({
      deleted: z.boolean(),
      status: text,
      startsAt: text,
      endsAt: text,
      location: text,
      named: z.boolean(),
      cancelledFrom: text,
    }),
    link: z.object({
      eventId: z.string(),
      place,
      state: z.enum(LINK_STATES).exclude(['absent']),
      epoch: count,
      etag: text,
      calendarId: z.string(),
      targetCalendarId: text,
      pushed: content.nullable(),
      base: content.nullable(),
    }),
    former: z.object({ unchanged: z.boolean(), replaced: z.boolean() }).nullable(),
    dirty: z.boolean(),
    appliedRecently: count,
    question: z.object({ id: z.guid(), updatedAt: z.string(), payload: askedPayload }).nullable(),
  })),
});
const result: z.ZodType<ImportResult> = z.object({
  lost: z.boolean(),
  mismatch: z.boolean(),
  held: z.boolean(),
  againInMs: z.number().nullable(),
  fingerprint: text.transform((value) => value ?? ''),
  summary: runCounts,
  failures: z.array(importFailure),
  conflicts: z.array(importConflict),
  items: z.array(importItem),
});
const asked = z.object({
  runId: z.guid(),
  lane: lane.nullable(),
  result: z.union([z.object({ error: z.string() }), result]).nullable(),
});
const stops = z.object({ stop: z.array(z.object({ channelId: z.string(), resourceId: z.string() })) });
const notified = z.object({ dirty: count });

const side = z.custom<Partial<EventContent>>((value) => typeof value === 'object' && value !== null);
const conflict = z.object({
  id: z.guid(),
  reason: z.enum(CONFLICT_REASONS),
  entityType: z.enum(CONFLICT_ENTITIES),
  status: z.enum(CONFLICT_STATUSES),
  resolution: z.enum(CONFLICT_RESOLUTIONS).nullable(),
  updatedAt: z.string(),
  asSeen: z.boolean(),
  payload: z.looseObject({
    calendarId: z.string().optional(),
    eventId: text.optional(),
    etag: text.optional(),
    fields: z.array(z.enum(CONTENT_FIELDS)).optional(),
    cassius: side.nullable().optional(),
    calendar: side.nullable().optional(),
  }),
  provider: z.string(),
  integrationId: z.guid(),
  eventDetail: z.enum(EVENT_DETAILS).nullable(),
  practice: z.object({ timezone: z.string(), defaultDurationMinutes: count }),
  calendarId: text,
  calendarTargetId: text,
  eventId: text,
  credential,
  rdv: z.object({
    updatedAt: z.string(),
    asShown: z.boolean(),
    status: z.string(),
    source: z.string(),
    type: z.string(),
    act: text,
    notes: text,
    location: text,
    startsAt: text,
    endsAt: text,
    practitionerId: text,
    patientId: text,
  }).nullable(),
  link: z.object({
    state: z.enum(LINK_STATES).exclude(['absent']),
    epoch: count,
    etag: text,
    pushed: content.nullable(),
    base: content.nullable(),
    cancelledFrom: text,
  }).nullable(),
  former: z.object({ epoch: count }).nullable(),
  event: z.object({
    etag: text,
    status: z.string(),
    updatedAt: z.string(),
    provider: z.string(),
    type: z.string(),
    description: text,
    location: text,
    startsAt: z.string(),
    endsAt: z.string(),
    time: eventTime,
  }).nullable(),
});
/** With what reading its event needs. */
export type StoredConflict = z.infer<typeof conflict> & Question;

const decision = conflict.extend({
  rdvId: z.guid().nullable(),
  /** What the appointment's link names by now. */
  linkEventId: text,
  decision: z.object({
    payload: conflict.shape.payload,
    link: z.object({
      calendarId: text,
      eventId: text,
      epoch: count,
      etag: text,
      state: z.enum(LINK_STATES).exclude(['absent']),
      pushed: content.nullable(),
      base: content.nullable(),
    }).nullable(),
    former: z.object({ etag: text }).nullable(),
  }).nullable(),
});
export type StoredDecision = z.infer<typeof decision> & DecidedQuestion;

const takenBack = z.object({
  /** Something was no longer as it was judged: nothing is written. */
  moved: z.boolean(),
});

const settled = z.object({
  /** Something was no longer as it was judged: nothing is written. */
  moved: z.boolean(),
  /** What an overlap is about has moved: the question shows the present. */
  outdated: z.boolean(),
});

export interface ImportRequest {
  readonly calendarId: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly mode: RunMode;
  /** That of the preview which this import must keep to; null if there was none. */
  readonly fingerprint: string | null;
  /** How many items the answer shows. */
  readonly itemsLimit: number;
}

/** What becomes of a request. */
export interface AskedImport {
  /** The run that answers it. */
  readonly runId: string;
  /** What the asker may read now: this run, or one that has to end before. Null while another worker reads. */
  readonly lane: ImportLane | null;
  /** Handed out once. `error` is the code of what ended the run. */
  readonly result: ImportResult | { readonly error: string } | null;
}

/** A notice with its secret already hashed. */
export interface HashedNotice extends Omit<WatchNotice, 'secret'> {
  readonly secretHash: string;
}

export interface ImportRequests {
  /**
   * To be asked again until there is a result; the same request joins its own run. Without `work` no lane is leased.
   *
   * @throws {SyncError} `NOT_CONNECTED`, `NEED_RECONSENT`
   */
  ask(
    owner: Owner,
    request: ImportRequest,
    lease: { worker: string; leaseSeconds: number; work: boolean },
  ): Promise<AskedImport>;
  /** @throws {SyncError} `NOT_CONNECTED` */
  status(owner: Owner): Promise<ImportStatus>;
  /** @throws {SyncError} `NOT_CONNECTED`, `RUN_NOT_FOUND` */
  undo(owner: Owner, runId: string): Promise<ImportUndone>;
  /** How many calendars are to be read because of it; forged notices mark none. */
  notified(notices: readonly HashedNotice[]): Promise<number>;
  /**
   * @param seen `updated_at` of the conflict that the person saw; null: it is not known
   * @throws {SyncError} `CONFLICT_NOT_FOUND`
   */
  conflict(owner: Owner, id: string, seen: string | null): Promise<StoredConflict>;
  /** @throws {SyncError} `CONFLICT_NOT_FOUND` */
  settle(owner: Owner, id: string, settlement: Settlement): Promise<{ moved: boolean; outdated: boolean }>;
  /** @throws {SyncError} `CONFLICT_NOT_FOUND` */
  decision(owner: Owner, id: string): Promise<StoredDecision>;
  /** @throws {SyncError} `CONFLICT_NOT_FOUND`, `UNDO_OVERTAKEN`, `UNDO_TOO_EARLY`, `SYNC_PAUSED` */
  takeBack(owner: Owner, id: string, undoing: Undoing): Promise<{ moved: boolean }>;
  /** What became of the event: its version by now, or that it is gone; neither where it was not written. */
  takenBack(owner: Owner, id: string, event: { etag: string | null; ended: boolean }): Promise<void>;
  nudge(): Promise<boolean>;
}

const leased = ({ worker, runId }: Lease) => ({ p_worker: worker, p_run: runId });

/** The inbound port on the database. */
export function importStore(rpc: Rpc, provider: string): ImportStore {
  return {
    claim: ({ worker, maxLanes, leaseSeconds, projectUnitsPerMinute }) =>
      rpc('import_claim', {
        p_worker: worker,
        p_provider: provider,
        p_max_lanes: maxLanes,
        p_lease_seconds: leaseSeconds,
        p_project_units_per_minute: projectUnitsPerMinute,
        p_joins: true,
      }, claim),
    leave: (worker) => rpc('worker_leave', { p_worker: worker }, z.boolean()),
    stage: async (lease, { events, removed, unreadable, missed, pageToken, pages, cursor }) => {
      const args = {
        ...leased(lease),
        p_events: stagedColumns(events),
        p_removed: removed,
        p_page_token: pageToken,
        p_pages: pages,
        p_cursor: cursor,
        p_unreadable: unreadable,
        p_missed: missed,
      };
      return !(await rpc('import_stage', args, staging)).lost;
    },
    missing: async (lease) => (await rpc('import_missing', leased(lease), missing)).missing,
    ours: async (lease) => (await rpc('import_ours', leased(lease), ours)).ours,
    finish: (lease, cursor, verdicts, unchecked) => {
      const args = { ...leased(lease), p_cursor: cursor, p_verdicts: verdicts.map(columns), p_unchecked: unchecked };
      return rpc('import_finish', args, result);
    },
    suspend: async (lease, pageToken) => {
      await rpc('import_suspend', { ...leased(lease), p_page_token: pageToken }, z.unknown());
    },
    fail: async (lease, { code, retrySeconds, cursorExpired, project }) => {
      await rpc('import_fail', {
        ...leased(lease),
        p_code: code,
        p_retry_seconds: retrySeconds,
        p_cursor_expired: cursorExpired,
        p_project: project,
      }, z.unknown());
    },
    watch: async ({ integrationId, calendarId, channel, refused }) => {
      const args = {
        p_integration: integrationId,
        p_calendar: calendarId,
        p_channel: channel,
        p_refused: refused,
      };
      return (await rpc('import_watch', args, stops)).stop;
    },
  };
}

export function importRequests(rpc: Rpc, provider: string): ImportRequests {
  const member = (owner: Owner) => ({ p_organisation: owner.organisationId, p_user: owner.userId });
  const of = (owner: Owner) => ({ ...member(owner), p_provider: provider });
  const mine = <Found extends { readonly provider: string }>(found: Found): Found => {
    if (found.provider === provider) return found;
    throw new SyncError('CONFLICT_NOT_FOUND', 'Read conflict: it belongs to another provider');
  };
  return {
    ask: (owner, { calendarId, from, to, mode, fingerprint, itemsLimit }, { worker, leaseSeconds, work }) =>
      rpc('import_begin', {
        ...of(owner),
        p_calendar: calendarId,
        p_from: from,
        p_to: to,
        p_mode: mode,
        p_worker: worker,
        p_lease_seconds: leaseSeconds,
        p_fingerprint: fingerprint,
        p_items_limit: itemsLimit,
        p_work: work,
      }, asked),
    status: (owner) => rpc('import_status', of(owner), importStatus),
    undo: (owner, runId) => rpc('import_undo', { ...of(owner), p_run: runId }, importUndone),
    notified: async (notices) =>
      (await rpc('import_notified', { p_provider: provider, p_notices: notices }, notified)).dirty,
    conflict: async (owner, id, seen) =>
      mine(await rpc('conflict_read', { ...member(owner), p_id: id, p_seen: seen }, conflict)),
    decision: async (owner, id) => mine(await rpc('decision_read', { ...member(owner), p_id: id }, decision)),
    takeBack: (owner, id, undoing) => {
      const args = { ...columns(undoing), link: undoing.link && columns(undoing.link) };
      return rpc('conflict_undo', { ...member(owner), p_id: id, p_undoing: args }, takenBack);
    },
    takenBack: async (owner, id, { etag, ended }) => {
      await rpc('conflict_undone', { ...member(owner), p_id: id, p_etag: etag, p_ended: ended }, z.boolean());
    },
    settle: (owner, id, settlement) => {
      const { link, rdv, duplicate, former } = settlement;
      const parts = {
        former: former && columns(former),
        link: link && columns(link),
        rdv: rdv && columns(rdv),
        duplicate: duplicate && columns(duplicate),
      };
      const args = { ...member(owner), p_id: id, p_settlement: { ...columns(settlement), ...parts } };
      return rpc('conflict_resolve', args, settled);
    },
    nudge: () => rpc('import_nudge', { p_provider: provider }, z.boolean()),
  };
}
