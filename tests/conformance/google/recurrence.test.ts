/** The examples of RFC 5545, 3.8.5.3: what each of them gives. */
import { expect, test } from 'vitest';
import { occurrences, parseRecurrence } from '../../../emulators/google/recurrence.ts';

function daysOf(rule: string, start: string, count: number): string[] {
  const wall = Date.parse(`${start}T09:00:00Z`);
  const days: string[] = [];
  for (const at of occurrences(parseRecurrence([`RRULE:${rule}`], 'UTC'), wall, 'UTC')) {
    if (days.length === count) break;
    days.push(new Date(at).toISOString().replace('T09:00:00.000Z', ''));
  }
  return days;
}

test.each([
  ['FREQ=DAILY;INTERVAL=10;COUNT=5', '1997-09-02', '1997-09-02 1997-09-12 1997-09-22 1997-10-02 1997-10-12'],
  ['FREQ=DAILY;BYMONTH=1;UNTIL=20000131T140000Z', '1998-01-30', '1998-01-30 1998-01-31 1999-01-01 1999-01-02'],
  ['FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO', '1997-08-05', '1997-08-05 1997-08-10 1997-08-19 1997-08-24'],
  ['FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU', '1997-08-05', '1997-08-05 1997-08-17 1997-08-19 1997-08-31'],
  ['FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU', '1997-09-07', '1997-09-07 1997-09-28 1997-11-02 1997-11-30'],
  ['FREQ=MONTHLY;BYMONTHDAY=-3', '1997-09-28', '1997-09-28 1997-10-29 1997-11-28 1997-12-29 1998-01-29 1998-02-26'],
  ['FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5', '2007-01-15', '2007-01-15 2007-01-30 2007-02-15 2007-03-15 2007-03-30'],
  ['FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13', '1997-09-13', '1997-09-13 1997-10-11 1997-11-08 1997-12-13'],
  ['FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3', '1997-09-04', '1997-09-04 1997-10-07 1997-11-06'],
  ['FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2', '1997-09-29', '1997-09-29 1997-10-30 1997-11-27 1997-12-30'],
  ['FREQ=YEARLY;COUNT=4;BYMONTH=6,7', '1997-06-10', '1997-06-10 1997-07-10 1998-06-10 1998-07-10'],
  ['FREQ=YEARLY;INTERVAL=2;COUNT=10;BYMONTH=1,2,3', '1997-03-10', '1997-03-10 1999-01-10 1999-02-10 1999-03-10'],
  ['FREQ=YEARLY;BYDAY=20MO', '1997-05-19', '1997-05-19 1998-05-18 1999-05-17'],
  ['FREQ=YEARLY;BYMONTH=3;BYDAY=TH', '1997-03-13', '1997-03-13 1997-03-20 1997-03-27 1998-03-05 1998-03-12'],
  [
    'FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8',
    '1996-11-05',
    '1996-11-05 2000-11-07 2004-11-02',
  ],
  ['FREQ=MONTHLY;BYDAY=2TU,SA;COUNT=6', '2026-09-05', '2026-09-05 2026-09-08 2026-09-12 2026-09-19 2026-09-26'],
])('%s from %s', (rule, start, days) => {
  const expected = days.split(' ');
  expect(daysOf(rule, start, expected.length)).toEqual(expected);
});

test.each(['BYMONTH=13', 'BYMONTHDAY=0', 'BYDAY=XX', 'WKST=XX', 'INTERVAL=0', 'BYHOUR=9'])('%s is refused', (part) => {
  expect(() => parseRecurrence([`RRULE:FREQ=DAILY;${part}`], 'UTC')).toThrow('Invalid recurrence rule.');
});
