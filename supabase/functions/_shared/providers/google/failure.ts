import { z } from 'zod';
import type { ErrorCode } from '../../errors.ts';
import { ProviderError } from '../port/failure.ts';
import { parsedJson } from '../http/answer_json.ts';
import type { HttpAnswer } from '../http/exchange.ts';
import { retryAfterSeconds } from '../http/retry_after.ts';

/** What was asked, as far as it changes what a refusal means. */
export interface Asked {
  readonly operation: string;
  /** What a 404 or 410 says is gone. */
  readonly missing: 'EVENT_NOT_FOUND' | 'CALENDAR_NOT_FOUND' | 'UNEXPECTED_RESPONSE';
  /** What a 400 says about the request: a person's event can be wrong, a read of ours cannot. */
  readonly invalid: 'INVALID_EVENT' | 'UNEXPECTED_RESPONSE';
}

const Body = z.object({
  error: z.object({
    message: z.string().nullish(),
    status: z.string().nullish(),
    errors: z.array(z.object({ reason: z.string().nullish(), message: z.string().nullish() })).nullish(),
    details: z.array(z.object({
      reason: z.string().nullish(),
      metadata: z.record(z.string(), z.unknown()).nullish(),
    })).nullish(),
  }),
});
type Body = z.infer<typeof Body>['error'];

/**
 * Reasons and their meaning, the more telling first: an answer can carry several, and `forbidden` beside
 * `RATE_LIMIT_EXCEEDED` is a rate limit. The same status means opposite things under different reasons, so the status
 * is only asked afterwards.
 *
 * @see https://developers.google.com/workspace/calendar/api/guides/errors
 */
const REASONS: ReadonlyArray<readonly [code: ErrorCode | 'missing' | 'invalid', reasons: readonly string[]]> = [
  // The anti-abuse limit of the account, or a daily one: hours, not seconds.
  ['QUOTA_EXCEEDED', ['quotaExceeded', 'dailyLimitExceeded', 'variableTermLimitExceeded']],
  ['RATE_LIMITED', ['rateLimitExceeded', 'userRateLimitExceeded', 'RATE_LIMIT_EXCEEDED', 'RESOURCE_EXHAUSTED']],
  ['CONFIGURATION_ERROR', ['accessNotConfigured', 'SERVICE_DISABLED', 'dailyLimitExceededUnreg']],
  ['INSUFFICIENT_SCOPE', ['insufficientPermissions', 'ACCESS_TOKEN_SCOPE_INSUFFICIENT']],
  ['CALENDAR_READ_ONLY', ['requiredAccessLevel']],
  ['PERMISSION_DENIED', ['forbiddenForNonOrganizer']],
  ['DUPLICATE_CREATE', ['duplicate']],
  ['PROVIDER_UNAVAILABLE', ['conflict', 'backendError', 'internalError']],
  ['CURSOR_EXPIRED', ['fullSyncRequired', 'updatedMinTooLongAgo']],
  ['VERSION_CONFLICT', ['conditionNotMet']],
  ['PUSH_UNSUPPORTED', ['pushNotSupportedForRequestedResource']],
  ['missing', ['notFound', 'deleted']],
  ['invalid', [
    'timeRangeEmpty',
    'required',
    'invalid',
    'invalidParameter',
    'badRequest',
    'parseError',
  ]],
  ['PERMISSION_DENIED', ['forbidden']],
];

/** Statuses that speak for themselves, when Google gave an error without a reason that is known here. */
const STATUSES: ReadonlyMap<number, ErrorCode | 'missing' | 'invalid'> = new Map([
  [400, 'invalid'],
  [403, 'PERMISSION_DENIED'],
  [404, 'missing'],
  [410, 'missing'],
  [412, 'VERSION_CONFLICT'],
]);

const WEBHOOK_REFUSED = 'push.webhookUrlUnauthorized';

/** Whether a 401 speaks of the access token: renewing it can help. */
export function refusesToken(answer: HttpAnswer): boolean {
  return answer.status === 401 && !reasonsOf(readBody(answer.text)).includes(WEBHOOK_REFUSED);
}

/** What a refusal by the Calendar API means, judged by its reason. */
export function calendarFailure(asked: Asked, answer: HttpAnswer, nowMs: number): ProviderError {
  const body = readBody(answer.text);
  const reasons = reasonsOf(body);
  const [code, reason] = judge(asked, answer.status, body, reasons);
  const providerCode = reason ?? reasons[0] ?? null;
  return new ProviderError(
    code,
    `${asked.operation}: Google answered ${answer.status} ${providerCode ?? 'without a reason'}`,
    {
      operation: asked.operation,
      status: answer.status,
      providerCode,
      retryAfterSeconds: retryAfterSeconds(answer.headers.get('retry-after'), nowMs),
      ofProject: (code === 'RATE_LIMITED' || code === 'QUOTA_EXCEEDED') && isOfProject(body, reasons),
    },
  );
}

function judge(asked: Asked, status: number, body: Body | null, reasons: readonly string[]): [ErrorCode, string?] {
  if (status === 401) {
    // The access token is refused; whether the grant is dead, only the token endpoint can say.
    if (!reasons.includes(WEBHOOK_REFUSED)) return ['PROVIDER_UNAVAILABLE', 'authError'];
    return ['CONFIGURATION_ERROR', WEBHOOK_REFUSED];
  }
  for (const [meaning, known] of REASONS) {
    const reason = reasons.find((name) => known.includes(name));
    if (reason === undefined) continue;
    if (meaning === 'RATE_LIMITED') return [isDaily(body) ? 'QUOTA_EXCEEDED' : meaning, reason];
    if (meaning === 'invalid') return [isCursor(body) ? 'CURSOR_EXPIRED' : asked.invalid, reason];
    return [meaning === 'missing' ? asked.missing : meaning, reason];
  }
  if (status === 429) return ['RATE_LIMITED'];
  if (status >= 500 || status === 408) return ['PROVIDER_UNAVAILABLE'];
  // A page instead of an error of Google's: no proof of anything, least of all that an event is gone.
  if (!body) return ['UNEXPECTED_RESPONSE'];
  const meaning = STATUSES.get(status) ?? 'UNEXPECTED_RESPONSE';
  if (meaning === 'missing') return [asked.missing];
  return [meaning === 'invalid' ? asked.invalid : meaning];
}

/** Classic errors name reasons in `errors`, front-end ones in `details`, some only in one of them. */
function reasonsOf(body: Body | null): string[] {
  if (!body) return [];
  return [...body.errors ?? [], ...body.details ?? []].flatMap(({ reason }) => reason ? [reason] : [])
    .concat(body.status ? [body.status] : []);
}

const limitsOf = (body: Body | null) =>
  (body?.details ?? []).map(({ metadata }) => String(metadata?.['quota_limit'] ?? ''));

/**
 * Whether Google says that the project's own quota is used up. `rateLimitExceeded` alone does not say whose it is: it
 * counts as the account's, which slows no other.
 */
function isOfProject(body: Body | null, reasons: readonly string[]): boolean {
  return reasons.includes('dailyLimitExceeded') || limitsOf(body).some((limit) => /per_?project/i.test(limit));
}

function isDaily(body: Body | null): boolean {
  return limitsOf(body).some((limit) => /per_?day/i.test(limit)) ||
    messages(body).some((message) => /queries per day/i.test(message));
}

function isCursor(body: Body | null): boolean {
  return messages(body).some((message) => /sync token value/i.test(message));
}

function messages(body: Body | null): string[] {
  return [body?.message, ...(body?.errors ?? []).map(({ message }) => message)].flatMap((text) => text ? [text] : []);
}

function readBody(text: string): Body | null {
  return Body.safeParse(parsedJson(text)).data?.error ?? null;
}
