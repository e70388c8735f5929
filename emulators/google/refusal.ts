/** How Google refuses a request that a fault rule hits. */
import { type Answer, Failure } from './answers.ts';
import type { FaultAction } from './faults.ts';

/** The refusal that an action asks for; null for none. */
export function refusalOf(action: FaultAction, place: { inBatch: boolean; oauth: boolean }): Answer | null {
  const headers: Record<string, string> = action.retryAfter === undefined
    ? {}
    : { 'retry-after': String(action.retryAfter) };
  const part = place.inBatch ? action.partStatus : undefined;
  const status = part ?? action.status ?? (action.retryAfter === undefined ? undefined : 429);
  if (status === undefined) return null;
  if (action.body !== undefined) return { status, body: action.body, headers };
  const reason = action.reason ?? usualReason(status, place.oauth);
  if (place.oauth) {
    return {
      status,
      body: { error: reason, ...(action.message ? { error_description: action.message } : {}) },
      headers,
    };
  }
  const options = {
    ...(action.domain ? { domain: action.domain } : {}),
    ...(action.message ? { message: action.message } : {}),
    ...(action.form ? { form: action.form } : {}),
    ...(action.quotaLimit ? { metadata: { quota_limit: action.quotaLimit } } : {}),
    ...(reason.endsWith('ateLimitExceeded') ? { detailReason: 'RATE_LIMIT_EXCEEDED' } : {}),
    headers,
  };
  return new Failure(status, reason, options).answer();
}

function usualReason(status: number, oauth: boolean): string {
  if (oauth) return status === 401 ? 'invalid_client' : status < 500 ? 'invalid_grant' : 'internal_failure';
  const reasons: Record<number, string> = {
    400: 'badRequest',
    401: 'authError',
    403: 'rateLimitExceeded',
    404: 'notFound',
    409: 'conflict',
    410: 'deleted',
    412: 'conditionNotMet',
    429: 'rateLimitExceeded',
  };
  return reasons[status] ?? 'backendError';
}

/** What is told of work that was done and whose answer is lost. */
export function backendError(status: number): Answer {
  return new Failure(status, 'backendError').answer();
}
