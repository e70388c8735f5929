/** Why an appointment is, or is not, in a calendar: the engine's own decision about it, and what delays it. Pure. */
import type { Explanation } from '../../contract/explain.ts';
import type { Instant } from '../../providers/port/content.ts';
import type { Job, Lane } from '../shared/appointment.ts';
import type { ConnectionStatus } from '../../vocabulary.ts';
import { decide, type DecideOptions } from './decide.ts';

/** What is known of an appointment in one calendar, read without a lease. */
export interface Observation {
  readonly now: Instant;
  readonly lane: Pick<Lane, 'settings' | 'organisation'>;
  /** As a worker would be given it, whether or not it is queued. */
  readonly job: Job;
  readonly queued: {
    readonly since: Instant;
    readonly dueAt: Instant;
    /** It failed for good. */
    readonly parkedAt: Instant | null;
    readonly lastErrorCode: string | null;
  } | null;
  readonly connection: {
    readonly status: ConnectionStatus;
    readonly errorCode: string | null;
    readonly exportEnabled: boolean;
    /** The team has. */
    readonly stopped: boolean;
    readonly leasedUntil: Instant | null;
    readonly pausedUntil: Instant | null;
    /** Null where the account's own budget is spent. */
    readonly pauseCode: string | null;
  };
  /** A question about it is open. */
  readonly asked: boolean;
  readonly event: {
    readonly syncedAt: Instant | null;
    readonly driftedAt: Instant | null;
    readonly errorCode: string | null;
  };
}

/** The page has the sentence of each code. */
export type Finding = Omit<Explanation, 'lastError'> & { readonly errorCode: string | null };

type Wait = Pick<Finding, 'waitsFor' | 'waitsUntil'>;

const QUOTA = new Set(['RATE_LIMITED', 'QUOTA_EXCEEDED']);

export function explain(observed: Observation, options: DecideOptions): Finding {
  const { job, queued, event, asked } = observed;
  const decision = decide(job, observed.lane, options);
  const reason = decision.kind === 'skip' ? decision.reason : null;
  const exportState = exportStateOf(observed);
  const wait = waitOf(observed, exportState, decision.kind !== 'skip');
  const live = reason === 'unchanged';
  const differs = live && event.driftedAt !== null;
  return {
    decision: decision.kind,
    reason,
    ...wait,
    waitsSince: wait.waitsFor === null ? null : queued?.since ?? null,
    exportState,
    attempts: job.attempts,
    errorCode: wait.waitsFor === null ? null : decision.kind === 'reject' ? decision.code : errorCodeOf(observed, wait),
    inStepSince: live && !differs && !asked && queued === null ? event.syncedAt : null,
    differsSince: differs ? event.driftedAt : null,
  };
}

const later = (at: Instant | null, now: Instant): at is Instant => at !== null && Date.parse(at) > Date.parse(now);

function exportStateOf({ now, lane, connection }: Observation): Finding['exportState'] {
  if (connection.status === 'reconnect_required') return 'reconnect';
  if (connection.status === 'error') return 'error';
  if (lane.settings.removing) return 'ending';
  if (!connection.exportEnabled) return 'off';
  if (connection.stopped) return 'stopped';
  if (later(connection.leasedUntil, now)) return 'working';
  return later(connection.pausedUntil, now) ? 'paused' : 'idle';
}

/** The first obstacle, from what only a person can end to what ends by itself. */
function waitOf({ now, queued, connection, asked }: Observation, state: Finding['exportState'], todo: boolean): Wait {
  const wait = (waitsFor: Wait['waitsFor'], waitsUntil: Instant | null = null): Wait => ({ waitsFor, waitsUntil });
  if (asked) return wait('answer');
  if (queued?.parkedAt) return wait('person');
  if (queued === null && !todo) return wait(null);
  switch (state) {
    case 'reconnect':
      return wait('reconnect');
    case 'error':
      return wait('calendar');
    case 'off':
      return wait('export');
    case 'stopped':
      return wait('team');
  }
  if (queued === null) return wait('request');
  if (later(connection.leasedUntil, now)) return wait('worker');
  if (later(connection.pausedUntil, now)) {
    const spent = connection.pauseCode === null || QUOTA.has(connection.pauseCode);
    return wait(spent ? 'quota' : 'provider', connection.pausedUntil);
  }
  return later(queued.dueAt, now) ? wait('retry', queued.dueAt) : wait('turn');
}

function errorCodeOf({ queued, connection, event }: Observation, { waitsFor }: Wait): string | null {
  switch (waitsFor) {
    case 'reconnect':
    case 'calendar':
      return connection.errorCode;
    case 'provider':
    case 'quota':
      return connection.pauseCode;
    case 'answer':
      return null;
    default:
      return queued?.lastErrorCode ?? event.errorCode;
  }
}
