/** What became of an appointment in people's calendars, in one word: the most urgent one. */
import type { Integration, Link, OpenConflict } from './rows.ts';

export type SyncState = 'conflict' | 'error' | 'drifted' | 'pending' | 'synced' | 'none';

const URGENCY: readonly SyncState[] = ['conflict', 'error', 'drifted', 'pending', 'synced', 'none'];

/** Synchronised is the rule: only the exceptions are marked. */
export const MARKED = ['conflict', 'error', 'drifted', 'pending'] as const;

export function isMarked(state: SyncState): state is typeof MARKED[number] {
  return MARKED.some((one) => one === state);
}

export function linkState(link: Link | undefined): SyncState {
  if (link === undefined) return 'none';
  return link.sync_status === 'synced' && link.drifted_at !== null ? 'drifted' : link.sync_status;
}

export function appointmentState(links: readonly Link[], conflicts: readonly OpenConflict[]): SyncState {
  const states = new Set<SyncState>(links.map(linkState));
  if (conflicts.length > 0) states.add('conflict');
  return URGENCY.find((state) => states.has(state)) ?? 'none';
}

/** The calendars that an appointment concerns: the reader's own, and those of colleagues that hold its event. */
export function concerned(
  integrations: readonly Integration[],
  links: readonly Link[],
  userId: string,
): Array<{ integration: Integration; link: Link | undefined }> {
  return integrations
    .map((integration) => ({
      integration,
      link: links.find(({ integration_id }) => integration_id === integration.id),
    }))
    .filter(({ integration, link }) => integration.user_id === userId || linkState(link) !== 'none');
}
