import { z } from 'zod';
import type { ErrorCode } from '../../errors.ts';
import { ProviderError } from '../port/failure.ts';
import { parsedJson } from '../http/answer_json.ts';
import type { HttpAnswer } from '../http/exchange.ts';
import { retryAfterSeconds } from '../http/retry_after.ts';

/** What was asked, as far as it changes what a refusal means. */
export interface Asked {
  readonly operation: string;
  /** What a "no such item" says is gone. */
  readonly missing: 'EVENT_NOT_FOUND' | 'CALENDAR_NOT_FOUND' | 'UNEXPECTED_RESPONSE';
  /** What a 400 says about the request: a person's event can be wrong, a read of ours cannot. */
  readonly invalid: 'INVALID_EVENT' | 'UNEXPECTED_RESPONSE';
  /** What a refused access says. */
  readonly denied: 'CALENDAR_READ_ONLY' | 'PERMISSION_DENIED' | 'PUSH_UNSUPPORTED';
}

interface GraphFault {
  readonly code?: string | null | undefined;
  readonly innerError?: GraphFault | null | undefined;
  readonly innererror?: GraphFault | null | undefined;
}
const Fault: z.ZodType<GraphFault> = z.lazy(() =>
  z.object({ code: z.string().nullish(), innerError: Fault.nullish(), innererror: Fault.nullish() })
);
const Body = z.object({ error: Fault });

type Meaning = ErrorCode | 'missing' | 'invalid' | 'denied';

/** Codes, in lower case, and their meaning. One code can come under several statuses, so it is asked first. */
const CODES: ReadonlyMap<string, Meaning> = new Map(
  ([
    ['missing', ['ErrorItemNotFound', 'itemNotFound', 'ErrorInvalidIdMalformed']],
    // No mailbox at all: nothing of this account can be synced, and waiting does not help.
    ['CALENDAR_NOT_FOUND', ['MailboxNotEnabledForRESTAPI', 'ErrorInvalidUser']],
    ['invalid', [
      'ErrorInvalidRequest',
      'TimeZoneNotSupportedException',
      'ErrorOccurrenceCrossingBoundary',
    ]],
    ['DUPLICATE_CREATE', ['ErrorDuplicateTransactionId']],
    ['VERSION_CONFLICT', ['ErrorIrresolvableConflict']],
    ['CURSOR_EXPIRED', [
      'SyncStateNotFound',
      'SyncStateInvalid',
      'resyncRequired',
      'resyncApplyDifferences',
      'resyncUploadDifferences',
    ]],
    ['denied', ['ErrorAccessDenied']],
    ['PERMISSION_DENIED', ['Authorization_RequestDenied']],
    // Conditional access wants the person back at the sign-in page.
    ['NEED_RECONSENT', ['insufficient_claims']],
    ['RATE_LIMITED', ['TooManyRequests', 'ApplicationThrottled']],
  ] satisfies Array<[Meaning, string[]]>).flatMap(([meaning, codes]) =>
    codes.map((code): [string, Meaning] => [code.toLowerCase(), meaning])
  ),
);

/** Statuses that speak for themselves when Graph gave an error without a code that is known here. */
const STATUSES: ReadonlyMap<number, Meaning> = new Map([
  [400, 'invalid'],
  [403, 'denied'],
  [409, 'VERSION_CONFLICT'],
  [412, 'VERSION_CONFLICT'],
  [413, 'invalid'],
]);

/** Whether a 401 speaks of the access token: renewing it can help. */
export function refusesToken(answer: HttpAnswer): boolean {
  return answer.status === 401;
}

/** What a refusal by Graph means, judged by its code and only then by its status. Its sentences are never read. */
export function graphFailure(asked: Asked, answer: HttpAnswer, nowMs: number): ProviderError {
  const codes = codesOf(answer.text);
  const [code, known] = judge(asked, answer, codes);
  const providerCode = known ?? codes?.find((name) => name !== '') ?? null;
  const requestId = answer.headers.get('request-id');
  return new ProviderError(
    code,
    `${asked.operation}: Microsoft answered ${answer.status} ${providerCode ?? 'without a reason'}`,
    {
      operation: asked.operation,
      status: answer.status,
      providerCode,
      retryAfterSeconds: retryAfterSeconds(answer.headers.get('retry-after'), nowMs),
      ...(requestId ? { context: { microsoftRequestId: requestId } } : {}),
    },
  );
}

function judge(
  asked: Asked,
  answer: HttpAnswer,
  codes: readonly string[] | null,
): [ErrorCode, known?: string | undefined] {
  const { status, headers } = answer;
  if (status === 401) {
    if (/insufficient_claims/i.test(headers.get('www-authenticate') ?? '')) {
      return ['NEED_RECONSENT', 'insufficient_claims'];
    }
    // The access token is refused; whether the grant is dead, only the token endpoint can say.
    return ['PROVIDER_UNAVAILABLE'];
  }
  if (status === 429) return ['RATE_LIMITED'];
  if (status === 507 || status === 509) return ['QUOTA_EXCEEDED'];
  if (status >= 500 || status === 408 || status === 423 || status === 424) return ['PROVIDER_UNAVAILABLE'];
  // A page instead of an error of Graph's: no proof of anything, least of all that an event is gone.
  if (!codes) return ['UNEXPECTED_RESPONSE'];
  // The innermost code is the most telling.
  const known = codes.findLast((name) => CODES.has(name.toLowerCase()));
  const meaning = (known === undefined ? undefined : CODES.get(known.toLowerCase())) ?? STATUSES.get(status);
  return [errorCode(asked, meaning), known];
}

function errorCode(asked: Asked, meaning: Meaning | undefined): ErrorCode {
  switch (meaning) {
    case undefined:
      return 'UNEXPECTED_RESPONSE';
    case 'missing':
    case 'invalid':
    case 'denied':
      return asked[meaning];
    default:
      return meaning;
  }
}

/** From the outermost to the innermost; null where the answer is no error of Graph's. */
function codesOf(text: string): string[] | null {
  const codes: string[] = [];
  let fault: GraphFault | null | undefined = Body.safeParse(parsedJson(text)).data?.error;
  if (!fault) return null;
  for (; fault; fault = fault.innerError ?? fault.innererror) codes.push(fault.code ?? '');
  return codes;
}
