import { z } from 'zod';
import type { ErrorCode } from '../../errors.ts';
import { ProviderError } from '../port/failure.ts';
import { parsedJson } from '../http/answer_json.ts';
import type { HttpAnswer } from '../http/exchange.ts';
import { retryAfterSeconds } from '../http/retry_after.ts';

export type TokenOperation = 'Exchange the authorization code' | 'Refresh the access token' | 'Revoke the grant';

const Body = z.object({ error: z.string().min(1), error_subtype: z.string().nullish() });

/** Ours to repair, and the same for every tenant: no connection is ended for these. */
const CONFIGURATION = new Set([
  'invalid_client',
  'deleted_client',
  'unauthorized_client',
  'redirect_uri_mismatch',
  'invalid_scope',
  'invalid_request',
  'unsupported_grant_type',
  'org_internal',
]);

/** The grant is dead or withheld from this person: only a new consent helps. */
const DEAD_GRANT = new Set(['invalid_grant', 'admin_policy_enforced', 'access_denied']);

/** What a refusal of the token endpoint means. */
export function tokenFailure(operation: TokenOperation, answer: HttpAnswer, nowMs: number): ProviderError {
  const body = readBody(answer.text);
  const context = body?.error_subtype ? { subtype: body.error_subtype } : {};
  return new ProviderError(code(operation, answer.status, body?.error), `${operation}: ${state(answer.status, body)}`, {
    operation,
    status: answer.status,
    providerCode: body?.error ?? null,
    retryAfterSeconds: retryAfterSeconds(answer.headers.get('retry-after'), nowMs),
    context,
  });
}

function code(operation: TokenOperation, status: number, error: string | undefined): ErrorCode {
  // A 5xx proves nothing about the grant, whatever its body says.
  if (status >= 500 || status === 429 || status === 408) return 'PROVIDER_UNAVAILABLE';
  // A page instead of an answer: a proxy or a front end in trouble.
  if (error === undefined) return 'PROVIDER_UNAVAILABLE';
  if (DEAD_GRANT.has(error)) {
    if (operation === 'Refresh the access token') return 'NEED_RECONSENT';
    // At the exchange the code is used up, too old or another client's: a new attempt brings a new one.
    return error === 'invalid_grant' ? 'OAUTH_STATE_INVALID' : 'CONSENT_REFUSED';
  }
  return CONFIGURATION.has(error) ? 'CONFIGURATION_ERROR' : 'UNEXPECTED_RESPONSE';
}

function state(status: number, body: z.infer<typeof Body> | null): string {
  return body ? `Google answered ${status} ${body.error}` : `Google answered ${status} without a reason`;
}

function readBody(text: string): z.infer<typeof Body> | null {
  return Body.safeParse(parsedJson(text)).data ?? null;
}
