import type { ConnectionState } from './integrations.ts';
import { words } from './words.ts';

/** Where a connection stands. */
export function StateBadge({ state }: { state: ConnectionState }) {
  return <span class='badge' data-state={state}>{words.states[state]}</span>;
}
