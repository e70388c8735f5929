/** Everything that a reset throws away. */
import type { LoggedCall } from '../core/call_log.ts';
import type { SharedSession } from '../core/emulator.ts';
import type { DeltaTokens } from './delta_tokens.ts';
import type { FaultAction } from './fault_actions.ts';
import type { Grants } from './grants.ts';
import type { Scene } from './scene.ts';
import type { Subscriptions } from './subscriptions.ts';
import type { Throttle } from './throttle.ts';

export interface Session extends SharedSession<FaultAction, LoggedCall> {
  readonly scene: Scene;
  readonly grants: Grants;
  readonly throttle: Throttle;
  readonly tokens: DeltaTokens;
  readonly subscriptions: Subscriptions;
}
