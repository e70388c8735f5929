/** Everything that a reset throws away. */
import type { CallLog, LoggedCall } from '../core/call_log.ts';
import type { Faults } from '../core/faults.ts';
import type { Sleep } from '../core/misbehave.ts';
import type { Parallel } from '../core/parallel.ts';
import type { Timing } from '../core/timing.ts';
import type { DeltaTokens } from './delta_tokens.ts';
import type { FaultAction } from './fault_actions.ts';
import type { Grants } from './grants.ts';
import type { Scene } from './scene.ts';
import type { Subscriptions } from './subscriptions.ts';
import type { Throttle } from './throttle.ts';

/** One finding of strict mode. `side` says whose fault it is: the client's or the emulator's. */
export interface Violation {
  readonly side: 'request' | 'response';
  readonly method: string;
  readonly what: string;
}

export interface Session {
  readonly scene: Scene;
  readonly grants: Grants;
  readonly throttle: Throttle;
  readonly parallel: Parallel;
  readonly faults: Faults<FaultAction>;
  readonly tokens: DeltaTokens;
  readonly subscriptions: Subscriptions;
  readonly log: CallLog<LoggedCall>;
  readonly violations: Violation[];
  readonly now: () => number;
  readonly timing: Timing;
  readonly sleep: Sleep;
}
