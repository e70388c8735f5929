/** The journal: what each run of the sync did. */
import type {
  ItemAction,
  RunDirection,
  RunMode,
  RunTrigger,
} from '../../../../supabase/functions/_shared/vocabulary.ts';
import { ask } from '../../backend/ask.ts';
import type { Backend } from '../../backend/backend.ts';
import type { Membership } from '../../backend/members.ts';
import { nameAppointments, type NamedAppointment, whoOf } from '../failed_appointments.ts';
import { words as settings } from '../words.ts';
import { words } from './words.ts';

export interface Run {
  readonly id: string;
  readonly integration_id: string;
  readonly direction: RunDirection;
  readonly trigger: RunTrigger;
  readonly mode: RunMode;
  readonly started_at: string;
  readonly finished_at: string | null;
  readonly window_from: string | null;
  readonly window_to: string | null;
  /** Code of what ended it early. */
  readonly error: string | null;
  readonly created: number;
  readonly updated: number;
  readonly deleted: number;
  readonly skipped: number;
  readonly cancelled: number;
  readonly failed: number;
  readonly conflicts: number;
  readonly failures: ReadonlyArray<{ readonly rdvId?: string; readonly eventId?: string; readonly code?: string }>;
}

export const COUNTS = ['created', 'updated', 'deleted', 'cancelled', 'conflicts', 'failed', 'skipped'] as const;

const COLUMNS =
  'id, integration_id, direction, trigger, mode, started_at, finished_at, window_from, window_to, error, ' +
  'created, updated, deleted, skipped, cancelled, failed, conflicts, failures';

/** The latest ones first. One more than asked for tells that there are earlier ones. */
export function readRuns({ db }: Backend, member: Membership, limit: number, signal: AbortSignal): Promise<Run[]> {
  const request = db.from('sync_runs').select(COLUMNS).eq('organisation_id', member.organisation.id)
    .order('started_at', { ascending: false }).limit(limit).abortSignal(signal);
  return ask<Run[]>('runs.read', request);
}

/** « Import », « Export » or « Aperçu d’import ». */
export function kindOf({ direction, mode }: Run): string {
  if (direction === 'export') return words.report.export;
  return mode === 'preview' ? words.report.preview : words.report.import;
}

export interface NamedEvent {
  readonly summary: string | null;
  readonly startsAt: string | null;
  readonly allDay: boolean;
  /** Of one that takes days. */
  readonly startDay: string | null;
}

export interface ReportItem {
  readonly key: string;
  readonly at: string;
  readonly action: ItemAction;
  readonly reason: string | null;
  readonly rdvId: string | null;
  readonly eventId: string | null;
  readonly calendarId: string | null;
  readonly appointment: NamedAppointment | null;
  /** Title and beginning of the event, as far as it is known here. */
  readonly event: NamedEvent | null;
}

export interface Report {
  /** Null when the journal no longer has it. */
  readonly run: Run | null;
  readonly items: readonly ReportItem[];
  /** The run did more than is listed. */
  readonly cut: boolean;
}

const PAGE = 1000;
/** More than a person reads; the whole stays in the table. */
const MOST = 10_000;
const IDS_PER_REQUEST = 50;

interface Row {
  readonly id: number;
  readonly rdv_id: string | null;
  readonly external_event_id: string | null;
  readonly external_calendar_id: string | null;
  readonly action: ItemAction;
  readonly reason: string | null;
  readonly created_at: string;
}

export async function readReport(
  backend: Backend,
  member: Membership,
  runId: string,
  signal: AbortSignal,
): Promise<Report> {
  const { db } = backend;
  const organisationId = member.organisation.id;
  const found = db.from('sync_runs').select(COLUMNS).eq('organisation_id', organisationId).eq('id', runId).limit(1);
  const [run] = await ask<Run[]>('runs.read', found.abortSignal(signal));
  if (run === undefined) return { run: null, items: [], cut: false };

  const rows: Row[] = [];
  for (let page: Row[] | null = null; rows.length < MOST && (page === null || page.length === PAGE);) {
    const request = db.from('sync_run_items')
      .select('id, rdv_id, external_event_id, external_calendar_id, action, reason, created_at')
      .eq('organisation_id', organisationId).eq('run_id', runId).order('id')
      .range(rows.length, rows.length + PAGE - 1).abortSignal(signal);
    page = await ask<Row[]>('run_items.read', request);
    rows.push(...page);
  }
  const unique = (ids: ReadonlyArray<string | null>) => [...new Set(ids.filter((id): id is string => id !== null))];
  // Exports keep their failures in the run itself.
  const failures = rows.length > 0 ? [] : run.failures;
  const [appointments, events] = await Promise.all([
    nameAppointments(
      backend,
      unique([...rows.map((row) => row.rdv_id), ...failures.map(({ rdvId }) => rdvId ?? null)]),
      signal,
    ),
    nameEvents(backend, run.integration_id, unique(rows.map((row) => row.external_event_id)), signal),
  ]);
  const items = rows.map((row): ReportItem => ({
    key: String(row.id),
    at: row.created_at,
    action: row.action,
    reason: row.reason,
    rdvId: row.rdv_id,
    eventId: row.external_event_id,
    calendarId: row.external_calendar_id,
    appointment: appointments.get(row.rdv_id ?? '') ?? null,
    event: events.get(row.external_event_id ?? '') ?? null,
  }));
  const failed = failures.map(({ rdvId = null, eventId = null, code = null }, index): ReportItem => ({
    key: `failure ${index}`,
    at: run.finished_at ?? run.started_at,
    action: 'fail',
    reason: code,
    rdvId,
    eventId,
    calendarId: null,
    appointment: appointments.get(rdvId ?? '') ?? null,
    event: null,
  }));
  return { run, items: [...items, ...failed], cut: rows.length >= MOST };
}

async function nameEvents({ db }: Backend, integrationId: string, ids: readonly string[], signal: AbortSignal) {
  type Event = {
    external_event_id: string;
    summary: string | null;
    start_at: string | null;
    all_day: boolean;
    start_day: string | null;
  };
  const parts: Promise<Event[]>[] = [];
  for (let at = 0; at < ids.length; at += IDS_PER_REQUEST) {
    const request = db.from('external_events').select('external_event_id, summary, start_at, all_day, start_day')
      .eq('integration_id', integrationId).in('external_event_id', ids.slice(at, at + IDS_PER_REQUEST));
    parts.push(ask<Event[]>('events.read', request.abortSignal(signal)));
  }
  return new Map(
    (await Promise.all(parts)).flat().map((row) => [
      row.external_event_id,
      { summary: row.summary, startsAt: row.start_at, allDay: row.all_day, startDay: row.start_day },
    ]),
  );
}

/** What a person calls the thing that an item is about. */
export function nameOf({ appointment, event, rdvId }: ReportItem): string {
  if (appointment !== null) return whoOf(appointment);
  if (event !== null) return event.summary?.trim() || settings.import.untitled;
  return rdvId === null ? words.report.removedEvent : settings.failures.deletedAppointment;
}
