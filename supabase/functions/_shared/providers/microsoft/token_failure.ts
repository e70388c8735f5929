import { z } from 'zod';
import type { ErrorCode } from '../../errors.ts';
import { ProviderError } from '../port/failure.ts';
import { parsedJson } from '../http/answer_json.ts';
import type { HttpAnswer } from '../http/exchange.ts';
import { retryAfterSeconds } from '../http/retry_after.ts';

export type TokenOperation = 'Exchange the authorization code' | 'Refresh the access token';

const Body = z.object({
  error: z.string().min(1),
  error_codes: z.array(z.number()).nullish(),
  suberror: z.string().nullish(),
  trace_id: z.string().nullish(),
  correlation_id: z.string().nullish(),
});
type Body = z.infer<typeof Body>;

/** Numbers of `AADSTS…` errors. They come under several values of `error`, so those listed here are asked first. */
const TRANSIENT = new Set([90006, 90012, 90024, 90033, 50033, 70012]);
const THROTTLED = new Set([90055]);
/** Ours to repair, and the same for every tenant: no connection is ended for these. */
const CONFIGURATION = new Set([
  ...[7000215, 7000222, 7000218, 70002, 700016, 7000112, 70001, 70011, 700022, 90014, 900144],
  // A refresh token of a redirect that was registered for browsers.
  700084,
  // The same request over and over.
  50196,
]);
/** The person, or their administrator, has to act. */
const WITHHELD = new Set([
  ...[65001, 65004, 90094, 90095],
  ...[50076, 50079, 50074, 50078, 50158, 53000, 53001, 53002, 53003, 70043],
  ...[50057, 50034, 50055, 50144],
]);
/** Besides those: the grant was revoked, or it was not used for too long. */
const ENDED = new Set([50173, 70008, 700082]);

const TRANSIENT_ERRORS = new Set(['temporarily_unavailable', 'server_error']);
const CONFIGURATION_ERRORS = new Set([
  'invalid_client',
  'unauthorized_client',
  'invalid_scope',
  'invalid_request',
  'invalid_resource',
  'unsupported_grant_type',
]);
const WITHHELD_ERRORS = new Set(['interaction_required', 'consent_required', 'login_required', 'access_denied']);

/**
 * Whether one refusal of a refresh proves little: the same token has been refused as invalid (70000) and worked minutes
 * later. Asked a second time, it is believed.
 */
export function needsConfirmation(answer: HttpAnswer): boolean {
  const body = readBody(answer.text);
  if (body?.error !== 'invalid_grant' || answer.status >= 500) return false;
  return !codesOf(body).some((number) => ENDED.has(number) || WITHHELD.has(number) || CONFIGURATION.has(number));
}

/** What a refusal of the token endpoint means. */
export function tokenFailure(operation: TokenOperation, answer: HttpAnswer, nowMs: number): ProviderError {
  const body = readBody(answer.text);
  const numbers = codesOf(body);
  const providerCode = numbers[0] === undefined ? body?.error ?? null : `AADSTS${numbers[0]}`;
  return new ProviderError(
    code(operation, answer.status, body),
    `${operation}: Microsoft answered ${answer.status} ${body?.error ?? 'without a reason'}`,
    {
      operation,
      status: answer.status,
      providerCode,
      retryAfterSeconds: retryAfterSeconds(answer.headers.get('retry-after'), nowMs),
      context: {
        ...(body ? { error: body.error } : {}),
        ...(body?.suberror ? { suberror: body.suberror } : {}),
        ...(body?.trace_id ? { traceId: body.trace_id } : {}),
        ...(body?.correlation_id ? { correlationId: body.correlation_id } : {}),
      },
    },
  );
}

function code(operation: TokenOperation, status: number, body: Body | null): ErrorCode {
  const refreshing = operation === 'Refresh the access token';
  // A 5xx proves nothing about the grant, whatever its body says.
  if (status >= 500 || status === 408) return 'PROVIDER_UNAVAILABLE';
  const numbers = codesOf(body);
  const has = (set: ReadonlySet<number>) => numbers.some((number) => set.has(number));
  if (status === 429 || has(THROTTLED)) return refreshing ? 'RATE_LIMITED' : 'PROVIDER_UNAVAILABLE';
  // A page instead of an answer: a proxy or a front end in trouble.
  if (!body) return 'PROVIDER_UNAVAILABLE';
  if (TRANSIENT_ERRORS.has(body.error) || has(TRANSIENT)) return 'PROVIDER_UNAVAILABLE';
  if (CONFIGURATION_ERRORS.has(body.error) || has(CONFIGURATION)) return 'CONFIGURATION_ERROR';
  const withheld = WITHHELD_ERRORS.has(body.error) || has(WITHHELD) || body.suberror === 'consent_required';
  if (body.error !== 'invalid_grant' && !withheld) return 'UNEXPECTED_RESPONSE';
  if (refreshing) return 'NEED_RECONSENT';
  // At the exchange the code is used up, too old or another client's: a new attempt brings a new one.
  return withheld ? 'CONSENT_REFUSED' : 'OAUTH_STATE_INVALID';
}

function codesOf(body: Body | null): readonly number[] {
  return body?.error_codes ?? [];
}

function readBody(text: string): Body | null {
  return Body.safeParse(parsedJson(text)).data ?? null;
}
