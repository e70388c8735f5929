/** The part of an emulator's picture of itself that every emulator has. */
import type { LoggedCall } from './call_log.ts';
import type { SharedSession, Violation } from './emulator.ts';
import type { FaultRule } from './faults.ts';
import type { Misbehaviour } from './misbehave.ts';

export interface SharedState<Call, Rule> {
  /** ISO 8601, by the emulator's clock. */
  readonly now: string;
  readonly requests: {
    readonly total: number;
    /** Method → status → how often. */
    readonly byMethod: Readonly<Record<string, Readonly<Record<string, number>>>>;
  };
  /** The newest requests, oldest first. */
  readonly calls: readonly Call[];
  /** `calendar/event id or transactionId` → creates asked for, and events made by them. */
  readonly inserts: Readonly<Record<string, { asked: number; created: number }>>;
  readonly faults: ReadonlyArray<{ id: string; rule: Rule; matched: number; fired: number }>;
  readonly violations: readonly Violation[];
  /** Real milliseconds: the emulator's own work, and waiting on purpose. */
  readonly timing: { readonly requests: number; readonly processingMs: number; readonly waitedMs: number };
}

export function sharedState<Action extends Misbehaviour, Call extends LoggedCall>(
  { now, log, faults, violations, timing }: SharedSession<Action, Call>,
): SharedState<Call, FaultRule<Action>> {
  return {
    now: new Date(now()).toISOString(),
    requests: { total: log.total, byMethod: log.counts() },
    calls: log.calls(),
    inserts: log.inserts(),
    faults: faults.list(),
    violations,
    timing: { requests: timing.requests, processingMs: timing.processingMs, waitedMs: timing.waitedMs },
  };
}
