import { describe, expect, test } from 'vitest';
import {
  type Asked,
  calendarFailure,
  refusesToken,
} from '../../../supabase/functions/_shared/providers/google/failure.ts';
import type { HttpAnswer } from '../../../supabase/functions/_shared/providers/http/exchange.ts';

const NOW = Date.parse('2026-11-21T08:00:00Z');
const write: Asked = { operation: 'Change an event', missing: 'EVENT_NOT_FOUND', invalid: 'INVALID_EVENT' };
const list: Asked = { operation: 'List', missing: 'CALENDAR_NOT_FOUND', invalid: 'UNEXPECTED_RESPONSE' };

function answer(status: number, body: unknown, headers: Record<string, string> = {}): HttpAnswer {
  return { status, headers: new Headers(headers), text: typeof body === 'string' ? body : JSON.stringify(body) };
}

function classic(status: number, reason: string, message = reason) {
  return answer(status, { error: { errors: [{ domain: 'global', reason, message }], code: status, message } });
}

/** As the front end says that a quota is used up. */
function limited(quota: string) {
  const details = [{ reason: 'RATE_LIMIT_EXCEEDED', metadata: { quota_limit: quota } }];
  return answer(429, { error: { code: 429, status: 'RESOURCE_EXHAUSTED', details } });
}

/** The table of what Google answers and what it means: status, reason, code, retryable. */
describe('a refusal is judged by its reason', () => {
  test.each([
    [400, 'timeRangeEmpty', 'INVALID_EVENT', false],
    [400, 'required', 'INVALID_EVENT', false],
    [400, 'invalid', 'INVALID_EVENT', false],
    [400, 'badRequest', 'INVALID_EVENT', false],
    [400, 'invalidParameter', 'INVALID_EVENT', false],
    [400, 'parseError', 'INVALID_EVENT', false],
    [400, 'pushNotSupportedForRequestedResource', 'PUSH_UNSUPPORTED', false],
    [400, 'aReasonOfNextYear', 'INVALID_EVENT', false],
    [401, 'authError', 'PROVIDER_UNAVAILABLE', true],
    [401, 'push.webhookUrlUnauthorized', 'CONFIGURATION_ERROR', false],
    [403, 'userRateLimitExceeded', 'RATE_LIMITED', true],
    [403, 'rateLimitExceeded', 'RATE_LIMITED', true],
    [429, 'rateLimitExceeded', 'RATE_LIMITED', true],
    [403, 'quotaExceeded', 'QUOTA_EXCEEDED', true],
    [403, 'dailyLimitExceeded', 'QUOTA_EXCEEDED', true],
    [403, 'variableTermLimitExceeded', 'QUOTA_EXCEEDED', true],
    [403, 'dailyLimitExceededUnreg', 'CONFIGURATION_ERROR', false],
    [403, 'accessNotConfigured', 'CONFIGURATION_ERROR', false],
    [403, 'insufficientPermissions', 'INSUFFICIENT_SCOPE', false],
    [403, 'forbiddenForNonOrganizer', 'PERMISSION_DENIED', false],
    [403, 'requiredAccessLevel', 'CALENDAR_READ_ONLY', false],
    [403, 'forbidden', 'PERMISSION_DENIED', false],
    [403, 'aReasonOfNextYear', 'PERMISSION_DENIED', false],
    [404, 'notFound', 'EVENT_NOT_FOUND', false],
    [409, 'duplicate', 'DUPLICATE_CREATE', true],
    [409, 'conflict', 'PROVIDER_UNAVAILABLE', true],
    [410, 'deleted', 'EVENT_NOT_FOUND', false],
    [410, 'fullSyncRequired', 'CURSOR_EXPIRED', true],
    [410, 'updatedMinTooLongAgo', 'CURSOR_EXPIRED', true],
    [412, 'conditionNotMet', 'VERSION_CONFLICT', true],
    [500, 'backendError', 'PROVIDER_UNAVAILABLE', true],
    [503, 'aReasonOfNextYear', 'PROVIDER_UNAVAILABLE', true],
  ])('%i %s is %s (retryable: %s)', (status, reason, code, retryable) => {
    const failure = calendarFailure(write, classic(status, reason), NOW);
    expect(failure).toMatchObject({
      code,
      retryable,
      providerCode: reason,
      httpStatus: status,
      operation: 'Change an event',
    });
    expect(failure.message).toBe(`Change an event: Google answered ${status} ${reason}`);
  });

  test.each([
    ['RATE_LIMIT_EXCEEDED', 403, 'RATE_LIMITED'],
    ['RATE_LIMIT_EXCEEDED', 429, 'RATE_LIMITED'],
    ['ACCESS_TOKEN_SCOPE_INSUFFICIENT', 403, 'INSUFFICIENT_SCOPE'],
    ['SERVICE_DISABLED', 403, 'CONFIGURATION_ERROR'],
  ])('a reason that stands only in the details counts: %s', (reason, status, code) => {
    const details = [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason, domain: 'googleapis.com' }];
    const body = { error: { code: status, message: 'No', status: 'PERMISSION_DENIED', details } };
    expect(calendarFailure(write, answer(status, body), NOW)).toMatchObject({ code, providerCode: reason });
  });

  test('a telling detail wins over a bare forbidden', () => {
    const body = {
      error: {
        errors: [{ reason: 'forbidden' }],
        details: [{ reason: 'RATE_LIMIT_EXCEEDED' }],
        status: 'PERMISSION_DENIED',
      },
    };
    expect(calendarFailure(write, answer(403, body), NOW).code).toBe('RATE_LIMITED');
  });

  test('a daily limit in the clothes of a rate limit is a quota', () => {
    expect(
      calendarFailure(
        write,
        classic(403, 'rateLimitExceeded', "Quota exceeded for quota metric 'Queries per day'"),
        NOW,
      ).code,
    )
      .toBe('QUOTA_EXCEEDED');
    const details = [{ reason: 'RATE_LIMIT_EXCEEDED', metadata: { quota_limit: 'defaultPerDayPerProject' } }];
    expect(calendarFailure(write, answer(429, { error: { details } }), NOW).code).toBe('QUOTA_EXCEEDED');
  });

  test.each<[string, HttpAnswer, boolean]>([
    ['the project’s minute', limited('defaultPerMinutePerProject'), true],
    ['the project’s day', limited('defaultPerDayPerProject'), true],
    ['the project’s day, in the older form', classic(403, 'dailyLimitExceeded'), true],
    ['the account’s minute', limited('defaultPerMinutePerUser'), false],
    ['the account’s minute, in the older form', classic(403, 'userRateLimitExceeded'), false],
    ['nobody’s in particular', classic(403, 'rateLimitExceeded'), false],
    ['the account’s writes', classic(403, 'quotaExceeded'), false],
  ])('tells whose quota is used up: %s', (_whose, answered, ofProject) => {
    expect(calendarFailure(write, answered, NOW).ofProject).toBe(ofProject);
  });

  test('a 404 of a list says that the calendar is gone', () => {
    expect(calendarFailure(list, classic(404, 'notFound'), NOW).code).toBe('CALENDAR_NOT_FOUND');
  });

  test('a sync token that Google does not know is an expired cursor', () => {
    expect(calendarFailure(list, classic(400, 'invalid', 'Invalid sync token value.'), NOW).code).toBe(
      'CURSOR_EXPIRED',
    );
  });

  test('a bad read is our fault, never an invalid event', () => {
    expect(calendarFailure(list, classic(400, 'invalid'), NOW).code).toBe('UNEXPECTED_RESPONSE');
  });
});

describe('an answer that is not Google’s error', () => {
  test.each([400, 403, 404, 409, 410, 412, 302])('proves nothing with status %i', (status) => {
    for (const body of ['<html>Not here</html>', '', '{}', '{"error":"gone"}', '[]', 'null']) {
      expect(calendarFailure(write, answer(status, body), NOW)).toMatchObject({
        code: 'UNEXPECTED_RESPONSE',
        retryable: true,
      });
    }
  });

  test.each([[429, 'RATE_LIMITED'], [500, 'PROVIDER_UNAVAILABLE'], [502, 'PROVIDER_UNAVAILABLE'], [
    408,
    'PROVIDER_UNAVAILABLE',
  ]])(
    'still means something with status %i',
    (status, code) => {
      expect(calendarFailure(write, answer(status, '<html>'), NOW)).toMatchObject({ code, providerCode: null });
    },
  );
});

test('the pause that Google asks for is kept, as seconds or as a date', () => {
  const limited = { error: { errors: [{ reason: 'rateLimitExceeded' }] } };
  expect(calendarFailure(write, answer(429, limited, { 'retry-after': '30' }), NOW).retryAfterSeconds).toBe(30);
  expect(
    calendarFailure(write, answer(503, '', { 'retry-after': 'Sat, 21 Nov 2026 08:00:10 GMT' }), NOW).retryAfterSeconds,
  ).toBe(10);
  expect(calendarFailure(write, answer(503, ''), NOW).retryAfterSeconds).toBe(null);
});

test('only a 401 about the token asks for a new token', () => {
  expect(refusesToken(classic(401, 'authError'))).toBe(true);
  expect(refusesToken(answer(401, '<html>'))).toBe(true);
  expect(refusesToken(classic(401, 'push.webhookUrlUnauthorized'))).toBe(false);
  expect(refusesToken(classic(403, 'rateLimitExceeded'))).toBe(false);
});
