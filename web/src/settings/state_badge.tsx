import type { ConnectionState } from './integrations.ts';
import { words } from './words.ts';

/** The state of a connection. */
export function StateBadge({ state }: { state: ConnectionState }) {
  return <span class='badge' data-state={state}>{words.states[state]}</span>;
}
