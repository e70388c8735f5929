/** What a fault rule of this emulator may do. The README describes the format. */
import { type FaultRule as Rule, Faults } from '../core/faults.ts';
import { type Misbehaviour, MISBEHAVIOURS } from '../core/misbehave.ts';

export interface FaultAction extends Misbehaviour {
  /** Refuse with this status before anything happens; `reason` and the next ones shape the body. */
  readonly status?: number;
  readonly reason?: string;
  readonly domain?: string;
  readonly message?: string;
  readonly form?: 'errors' | 'details' | 'both';
  /** Replaces the error body altogether. */
  readonly body?: unknown;
  /** The same as `status`, but only for parts inside a batch. */
  readonly partStatus?: number;
  /** A list answers an empty page with a `nextPageToken`. */
  readonly emptyPage?: boolean;
  /** A list ends, in all honesty, after so many entries: 0 for an empty answer. */
  readonly cutList?: number;
  /** What happens to the account or the calendar just before the request is looked at. */
  readonly revokeGrant?: boolean;
  readonly expireAccessTokens?: boolean;
  readonly calendarDeleted?: boolean;
  readonly calendarReadOnly?: boolean;
  readonly expireSyncTokens?: boolean;
  /** The user changes (a patch body) or deletes the very event, just before. */
  readonly editFirst?: Readonly<Record<string, unknown>>;
  readonly deleteFirst?: boolean;
}

export type FaultRule = Rule<FaultAction>;

const ACTIONS = new Set<string>([
  ...MISBEHAVIOURS,
  'status',
  'reason',
  'domain',
  'message',
  'form',
  'body',
  'partStatus',
  'emptyPage',
  'cutList',
  'revokeGrant',
  'expireAccessTokens',
  'calendarDeleted',
  'calendarReadOnly',
  'expireSyncTokens',
  'editFirst',
  'deleteFirst',
]);

export function newFaults(): Faults<FaultAction> {
  return new Faults<FaultAction>(ACTIONS);
}
