/** What a fault rule of this emulator may do. */
import { type Answer, isObject } from '../core/answers.ts';
import { type FaultRule as Rule, Faults } from '../core/faults.ts';
import { type Misbehaviour, MISBEHAVIOURS } from '../core/misbehave.ts';
import { aadRefusal } from './aadsts.ts';
import { GraphError } from './errors.ts';

export interface FaultAction extends Misbehaviour {
  /** The token endpoint refuses with that number; nothing happens to the grant. */
  readonly aadsts?: number;
  readonly suberror?: string;
  /** A token answer lacks its refresh token. */
  readonly omitRefreshToken?: boolean;
  /** The user moves the very event to that calendar, just before. */
  readonly moveFirst?: string;
}

export type FaultRule = Rule<FaultAction>;

export function newFaults(): Faults<FaultAction> {
  return new Faults<FaultAction>(
    new Set([...MISBEHAVIOURS, 'aadsts', 'suberror', 'omitRefreshToken', 'moveFirst']),
  );
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
