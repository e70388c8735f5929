import { words } from './words.ts';

/** Where a connection stands. */
export function StateBadge({ state }: { state: string }) {
  return <span class='badge' data-state={state}>{words.states[state] ?? state}</span>;
}
