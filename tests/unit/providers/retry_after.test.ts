import { expect, test } from 'vitest';
import { retryAfterSeconds } from '../../../supabase/functions/_shared/providers/http/retry_after.ts';

const now = Date.parse('2026-11-21T08:00:00Z');

test.each([
  [null, null],
  ['', null],
  ['0', 0],
  ['17', 17],
  [' 17 ', 17],
  ['Sat, 21 Nov 2026 08:01:30 GMT', 90],
  ['Sat, 21 Nov 2026 07:00:00 GMT', 0],
  ['999999999', 86_400],
  ['Tue, 01 Jan 2036 00:00:00 GMT', 86_400],
  ['-5', null],
  ['1.5', 2],
  ['soon', null],
  ['2026-11-21', null],
])('Retry-After %j means %j seconds', (header, seconds) => {
  expect(retryAfterSeconds(header, now)).toBe(seconds);
});
