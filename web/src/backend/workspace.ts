/** What every page of a signed-in user can reach. */
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Api } from './api.ts';
import type { Backend } from './backend.ts';
import type { Membership } from './members.ts';
import type { ChangeFeed } from './realtime.ts';

/** A provider's key, and how many; providers without a failure are not in it. */
export type Failed = Readonly<Record<string, number>>;

export interface Workspace {
  readonly backend: Backend;
  /** The user in the practice that is shown. */
  readonly member: Membership;
  readonly memberships: readonly Membership[];
  readonly feed: ChangeFeed;
  /** The functions of a provider, by its key. */
  api(provider: string): Api;
  /** Goes on to another practice of the user. */
  choose(organisationId: string): void;
  /** Shows the user in a practice as they now are: what the database answered to an edit. */
  amend(member: Membership): void;
  /** Undecided conflicts of the user; null until known. */
  readonly openConflicts: number | null;
  /** Appointments of the user that could not be sent, by provider; null until known. */
  readonly failed: Failed | null;
}

export const WorkspaceContext = createContext<Workspace | null>(null);

export function useWorkspace(): Workspace {
  const workspace = useContext(WorkspaceContext);
  if (workspace === null) throw new Error('Use the workspace: nobody is signed in');
  return workspace;
}
