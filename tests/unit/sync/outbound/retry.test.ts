import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ERROR_KINDS, type ErrorCode, SyncError } from '../../../../supabase/functions/_shared/errors.ts';
import {
  backoff,
  itemDelay,
  laneStop,
  outage,
  toSyncError,
} from '../../../../supabase/functions/_shared/sync/outbound/retry.ts';
import { aJob, providerError } from './lane_world.ts';

const even = () => 0.5;
const HOUR = 3600;

describe('what stops a whole lane', () => {
  test.each<[string, ErrorCode, number | null, boolean, 'failed' | 'reconnect' | null]>([
    ['F08: a rate limit: seconds, counted', 'RATE_LIMITED', 2, true, null],
    ['F30: a spent quota: hours, not seconds', 'QUOTA_EXCEEDED', 6 * HOUR, false, null],
    ['a configuration of ours: minutes', 'CONFIGURATION_ERROR', 300, false, null],
    ['F09, F30: a grant that ended: until the person reconnects', 'NEED_RECONSENT', null, false, null],
    ['B1: a token that does not open: likewise', 'CREDENTIAL_UNREADABLE', null, false, null],
    ['a connection that is gone', 'NOT_CONNECTED', 60, false, null],
    ['F23: a permission that is missing: until the person reconnects', 'INSUFFICIENT_SCOPE', null, false, 'reconnect'],
    ['F19: a calendar that is gone: until the person chooses', 'CALENDAR_NOT_FOUND', null, false, 'failed'],
    ['F19: a calendar that may only be read: likewise', 'CALENDAR_READ_ONLY', null, false, 'failed'],
  ])('%s', (_promise, code, pauseSeconds, strike, tell) => {
    expect(laneStop(providerError(code), 0, even)).toMatchObject({ code, pauseSeconds, strike, tell });
  });

  test.each<[string, ErrorCode, number | undefined, number]>([
    ['seconds, in which the first units come back', 'RATE_LIMITED', undefined, 15],
    ['as long as it asks for', 'RATE_LIMITED', 40, 40],
    ['minutes for a day that is used up: nothing else would tell that it is over', 'QUOTA_EXCEEDED', undefined, 900],
    ['and never longer than that', 'RATE_LIMITED', 7200, 900],
  ])('a refusal of the whole project is everybody’s pause: %s', (_how, code, asked, pauseSeconds) => {
    const error = providerError(code, { ofProject: true, ...asked === undefined ? {} : { retryAfterSeconds: asked } });
    expect(laneStop(error, 4, even)).toEqual({
      code,
      message: error.message,
      pauseSeconds,
      strike: false,
      tell: null,
      project: true,
    });
  });

  test('a refusal of an account is its lane’s pause alone', () => {
    expect(laneStop(providerError('RATE_LIMITED'), 0, even)?.project).toBeUndefined();
  });

  test('is nothing else: every other failure is its item’s own', () => {
    const stopping = new Set([
      'RATE_LIMITED',
      'QUOTA_EXCEEDED',
      'CONFIGURATION_ERROR',
      'NEED_RECONSENT',
      'CREDENTIAL_UNREADABLE',
      'NOT_CONNECTED',
      'INSUFFICIENT_SCOPE',
      'CALENDAR_NOT_FOUND',
      'CALENDAR_READ_ONLY',
    ]);
    for (const code of Object.keys(ERROR_KINDS) as ErrorCode[]) {
      expect([code, laneStop(new SyncError(code, 'Write'), 3, even) !== null]).toEqual([code, stopping.has(code)]);
    }
  });

  test('F08: a pause that was asked for is kept to the second, however small the backoff', () => {
    expect(laneStop(providerError('RATE_LIMITED', { retryAfterSeconds: 137 }), 0, even)?.pauseSeconds).toBe(137);
    expect(laneStop(providerError('RATE_LIMITED', { retryAfterSeconds: 5 }), 6, even)?.pauseSeconds).toBe(5);
  });

  test('F08: asked to wait no time at all, it backs off all the same', () => {
    const pauses = [0, 3, 9].map((strikes) =>
      laneStop(providerError('RATE_LIMITED', { retryAfterSeconds: 0 }), strikes, even)?.pauseSeconds
    );
    expect(pauses).toEqual([2, 9, 64]);
  });

  test('F08: without one the pauses double up to about a minute', () => {
    const pauses = [0, 1, 2, 3, 4, 5, 6, 7, 1000].map((strikes) =>
      laneStop(providerError('RATE_LIMITED'), strikes, even)?.pauseSeconds
    );
    expect(pauses).toEqual([2, 3, 5, 9, 17, 33, 64, 64, 64]);
  });

  test('F04: a provider that does not answer pauses the lane ever longer, up to a quarter of an hour', () => {
    const pauses = [0, 4, 9, 10, 1000].map((strikes) => outage(providerError('PROVIDER_UNAVAILABLE'), strikes, even));
    expect(pauses.map(({ pauseSeconds }) => pauseSeconds)).toEqual([2, 17, 513, 900, 900]);
    expect(pauses.every(({ strike, tell }) => strike && tell === null)).toBe(true);
    const asked = providerError('PROVIDER_UNAVAILABLE', { retryAfterSeconds: 1200 });
    expect(outage(asked, 0, even).pauseSeconds).toBe(1200);
  });
});

describe('backing off', () => {
  test('never waits longer than its cap, never shorter than the round before, and never the same for two', () => {
    const count = fc.integer({ min: 0, max: 1e6 });
    const chance = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
    fc.assert(fc.property(count, chance, chance, fc.integer({ min: 1, max: 1e5 }), (count, one, other, cap) => {
      const pause = backoff(count, () => one, cap);
      expect(Number.isInteger(pause)).toBe(true);
      expect(pause).toBeGreaterThan(0);
      expect(pause).toBeLessThanOrEqual(cap);
      expect(backoff(count + 1, () => other, cap)).toBeGreaterThanOrEqual(Math.min(2 ** Math.min(count, 20), cap));
    }));
    expect(backoff(3, () => 0, 900)).not.toBe(backoff(3, () => 0.9, 900));
  });
});

describe('an item', () => {
  const delay = (code: ErrorCode, job: Parameters<typeof aJob>[0] = {}, laneWorked = false) =>
    itemDelay(providerError(code), aJob(job), laneWorked, even);

  test.each<ErrorCode>(['INVALID_EVENT', 'PERMISSION_DENIED', 'ID_EXHAUSTED'])(
    'F20: refused for good with %s is parked at once',
    (code) => expect(delay(code)).toBeNull(),
  );

  test.each<ErrorCode>([
    'PROVIDER_UNAVAILABLE',
    'UNEXPECTED_RESPONSE',
    'VERSION_CONFLICT',
    'EVENT_NOT_FOUND',
    'DUPLICATE_CREATE',
    'SYNC_FAILED',
  ])('that failed with %s is tried again', (code) => expect(delay(code)).toBe(3));

  test('waits longer each time, up to a quarter of an hour', () => {
    expect([0, 1, 2, 5, 6, 20].map((attempts) => delay('PROVIDER_UNAVAILABLE', { attempts }))).toEqual(
      [3, 5, 9, 65, 129, 900],
    );
  });

  test('F12: that keeps failing while others go through is parked after eight attempts', () => {
    const code = 'PROVIDER_UNAVAILABLE';
    expect(delay(code, { attempts: 6, laneWorkedSince: true })).toBe(129);
    expect(delay(code, { attempts: 7, laneWorkedSince: true })).toBeNull();
    expect(delay(code, { attempts: 7 }, true)).toBeNull();
  });

  test('that fails with everything else is given three times as many: the trouble may be everybody’s', () => {
    expect(delay('PROVIDER_UNAVAILABLE', { attempts: 7 })).toBe(257);
    expect(delay('PROVIDER_UNAVAILABLE', { attempts: 22 })).toBe(900);
    expect(delay('PROVIDER_UNAVAILABLE', { attempts: 23 })).toBeNull();
  });
});

test('a fault of our own is one code, and carries its cause for the log', () => {
  const cause = new TypeError('undefined is not a function');
  expect(toSyncError(cause)).toMatchObject({ code: 'SYNC_FAILED', cause });
  const known = providerError('RATE_LIMITED');
  expect(toSyncError(known)).toBe(known);
});
