import { expect, test } from 'vitest';
import { grantedScopes, missingScopes } from '../../../supabase/functions/_shared/providers/google/scopes.ts';

const scope = (...names: string[]) => names.map((name) => `https://www.googleapis.com/auth/${name}`);

test('scopes come as a sorted set', () => {
  expect(grantedScopes(' openid  b a\nb ')).toEqual(['a', 'b', 'openid']);
  expect(grantedScopes('')).toEqual([]);
});

test.each([
  [scope('calendar.events', 'calendar.calendarlist.readonly'), []],
  [scope('calendar'), []],
  [scope('calendar.events', 'calendar.readonly'), []],
  [scope('calendar.events', 'calendar.calendarlist'), []],
  [scope('calendar.events'), scope('calendar.calendarlist.readonly')],
  [scope('calendar.readonly'), scope('calendar.events')],
  [
    scope('calendar.events.readonly', 'calendar.events.owned'),
    scope('calendar.events', 'calendar.calendarlist.readonly'),
  ],
  [['openid', 'email'], scope('calendar.events', 'calendar.calendarlist.readonly')],
  [['calendar'], scope('calendar.events', 'calendar.calendarlist.readonly')],
])('of %j, %j is missing', (granted, missing) => {
  expect(missingScopes(granted)).toEqual(missing);
});
