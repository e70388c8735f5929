/** What a fault rule of this emulator may do. */
import { type Answer, isObject } from '../core/answers.ts';
import { type FaultRule as Rule, Faults } from '../core/faults.ts';
import { type Misbehaviour, MISBEHAVIOURS } from '../core/misbehave.ts';
import { aadRefusal } from './aadsts.ts';
import { GraphError } from './errors.ts';

export interface FaultAction extends Misbehaviour {
  /** Refuse with this status before anything happens; `reason` is the code, of Graph or of OAuth. */
  readonly status?: number;
  readonly reason?: string;
  readonly message?: string;
  /** Replaces the error body altogether. */
  readonly body?: unknown;
  /** The same as `status`, but only for parts inside a batch. */
  readonly partStatus?: number;
  /** The token endpoint refuses with that number; nothing happens to the grant. */
  readonly aadsts?: number;
  readonly suberror?: string;
  /** A token answer lacks its refresh token. */
  readonly omitRefreshToken?: boolean;
  /** A list answers an empty page that goes on. */
  readonly emptyPage?: boolean;
  /** A list ends, in all honesty, after so many entries: 0 for an empty answer. */
  readonly cutList?: number;
  /** What happens to the account or the calendar just before the request is looked at. A number is the AADSTS one. */
  readonly revokeGrant?: boolean | number;
  readonly expireAccessTokens?: boolean;
  readonly calendarDeleted?: boolean;
  readonly calendarReadOnly?: boolean;
  readonly expireSyncTokens?: boolean;
  /** The user changes (a patch body), deletes or moves (to that calendar) the very event, just before. */
  readonly editFirst?: Readonly<Record<string, unknown>>;
  readonly deleteFirst?: boolean;
  readonly moveFirst?: string;
}

export type FaultRule = Rule<FaultAction>;

const ACTIONS = new Set<string>([
  ...MISBEHAVIOURS,
  'status',
  'reason',
  'message',
  'body',
  'partStatus',
  'aadsts',
  'suberror',
  'omitRefreshToken',
  'emptyPage',
  'cutList',
  'revokeGrant',
  'expireAccessTokens',
  'calendarDeleted',
  'calendarReadOnly',
  'expireSyncTokens',
  'editFirst',
  'deleteFirst',
  'moveFirst',
]);

export function newFaults(): Faults<FaultAction> {
  return new Faults<FaultAction>(ACTIONS);
}

/** The refusal that an action asks for; null for none. */
export function refusalOf(
  action: FaultAction,
  place: { readonly inBatch: boolean; readonly oauth: boolean; readonly now: number },
): Answer | null {
  const headers: Record<string, string> = action.retryAfter === undefined
    ? {}
    : { 'retry-after': String(action.retryAfter) };
  if (place.oauth && action.aadsts !== undefined) {
    const refusal = aadRefusal(action.aadsts, place.now, {
      ...(action.suberror ? { suberror: action.suberror } : {}),
      ...(action.reason ? { error: action.reason } : {}),
      ...(action.message ? { detail: action.message } : {}),
    });
    return { ...refusal, status: action.status ?? refusal.status, headers: { ...refusal.headers, ...headers } };
  }
  const part = place.inBatch ? action.partStatus : undefined;
  const status = part ?? action.status ?? (action.retryAfter === undefined ? undefined : 429);
  if (status === undefined) return null;
  if (action.body !== undefined) return { status, body: action.body, headers };
  if (place.oauth) return { ...oauthRefusal(status, action, place.now), headers };
  const options = { ...(action.message ? { message: action.message } : {}), headers };
  return new GraphError(status, action.reason ?? usualCode(status), options).answer();
}

function oauthRefusal(status: number, action: FaultAction, now: number): Answer {
  const number = status === 401 ? 7000215 : status === 429 ? 90055 : status < 500 ? 50173 : 90033;
  const { body } = aadRefusal(number, now, {
    ...(action.reason ? { error: action.reason } : {}),
    ...(action.message ? { detail: action.message } : {}),
    ...(action.suberror ? { suberror: action.suberror } : {}),
  });
  // A reason without a number of its own is sent without one.
  const plain = action.reason && isObject(body) ? { ...body, error_codes: [] } : body;
  return { status, body: plain };
}

/** The code under which Graph usually gives that status. */
export function usualCode(status: number): string {
  const codes: Record<number, string> = {
    400: 'ErrorInvalidRequest',
    401: 'InvalidAuthenticationToken',
    403: 'ErrorAccessDenied',
    404: 'ErrorItemNotFound',
    409: 'ErrorIrresolvableConflict',
    410: 'SyncStateNotFound',
    412: 'ErrorIrresolvableConflict',
    429: 'ApplicationThrottled',
    500: 'ErrorInternalServerTransientError',
    503: 'serviceNotAvailable',
    504: 'UnknownError',
  };
  return codes[status] ?? '';
}
