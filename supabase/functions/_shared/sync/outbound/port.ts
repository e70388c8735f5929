/** What the engine needs of the database. */
import type { ErrorCode } from '../../errors.ts';
import type { EventLink, Lane } from '../shared/appointment.ts';
import type { SkipReason } from '../../vocabulary.ts';

export interface ClaimOptions {
  readonly worker: string;
  readonly integrationId: string | null;
  readonly maxLanes: number;
  readonly maxJobs: number;
  readonly leaseSeconds: number;
  readonly unitsPerMinute: number | null;
  readonly projectUnitsPerMinute: number | null;
  /** The worker goes on from claim to claim, and needs a place among those that do. */
  readonly joins: boolean;
}

/** What could not be claimed, and why: ids and codes, for the log. */
export interface TroubledLane {
  readonly integrationId: string;
  readonly organisationId: string;
  readonly code: ErrorCode;
  readonly sqlState: string | null;
}

export interface Claim {
  readonly lanes: readonly Lane[];
  /** Lanes that could not be handed out; each waits, or goes on without its bad row. */
  readonly troubled: readonly TroubledLane[];
  /** When something more can be claimed, that no worker has leased; null if nothing waits, or others are there for it. */
  readonly nextDueInMs: number | null;
}

/** A write that is about to be sent. */
export interface Reservation {
  readonly rdvId: string;
  readonly state: 'creating' | 'updating' | 'deleting';
  readonly version: number;
  readonly calendarId: string;
  readonly targetCalendarId: string | null;
  readonly eventId: string;
  readonly epoch: number;
  /** Our part of the description that is sent; null where none is. */
  readonly description: string | null;
}

export interface Conflict {
  readonly reason: 'changed_both_sides' | 'deleted';
  readonly payload: Readonly<Record<string, unknown>>;
}

export interface JobResult {
  readonly rdvId: string;
  readonly version: number;
  readonly outcome: 'done' | 'retry' | 'park';
  readonly action: 'created' | 'updated' | 'deleted' | 'skipped' | 'failed';
  readonly reason: SkipReason | null;
  readonly delaySeconds: number | null;
  readonly error: { readonly code: ErrorCode; readonly message: string } | null;
  readonly conflict: Conflict | null;
  /** Null leaves what is stored of the link as it is; with a conflict, `updating` and `deleting` are over. */
  readonly link: EventLink | null;
  /** Id of an earlier event that has been ended, or changed before that: then a reading judges it anew. */
  readonly ended: string | null;
}

export interface LaneReport {
  readonly runId: string;
  readonly trigger: 'change' | 'manual';
  /** Quota units spent since the report before. */
  readonly usedUnits: number;
  readonly release: boolean;
  readonly pauseSeconds: number | null;
  readonly pauseCode: string | null;
  /** The pause is for everything at this provider. */
  readonly project: boolean;
  readonly strike: boolean;
  readonly worked: boolean;
  /** Appointments whose change the calendar refused: their events are as they were known, `updating` no more. */
  readonly refused: readonly string[];
}

export interface Completion {
  readonly applied: number;
  /** Rows that another transaction holds: to be reported again a moment later. */
  readonly busy: readonly string[];
  /** The lease is gone: nothing was written. */
  readonly lost: boolean;
  /** The team has stopped this work: the lane is to end here. */
  readonly paused: boolean;
  /** When the lane that was given back is due again; null: nothing of it waits. */
  readonly nextDueInMs: number | null;
}

export interface SyncStore {
  claim(options: ClaimOptions): Promise<Claim>;
  /** Announces writes before they are sent. Items missing in the answer are left for another round. */
  reserve(worker: string, integrationId: string, items: readonly Reservation[]): Promise<readonly string[]>;
  complete(
    worker: string,
    integrationId: string,
    results: readonly JobResult[],
    lane: LaneReport,
  ): Promise<Completion>;
  /** The worker ends, though something is due soon: its place is free. */
  leave(worker: string): Promise<unknown>;
  integrationFailed(integrationId: string, code: ErrorCode, message: string): Promise<boolean>;
  /** Ends the connection if nothing of ours is left to remove; its grant is then among those to revoke. */
  finishRemoval(integrationId: string): Promise<boolean>;
  /** Grants of connections that ended while no person waited. Each comes again, later and later, until it is `revoked`. */
  claimRevocations(): Promise<readonly Revocation[]>;
  revoked(id: string): Promise<boolean>;
}

export interface Revocation {
  readonly id: string;
  /** The refresh token. */
  readonly token: string;
}
