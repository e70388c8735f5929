/** Which time is free, as it is offered where one is taken. */
import { describe, expect, test } from 'vitest';
import { nextFree } from '../../web/src/calendar/free_time.ts';

// 2027-03-10 is a Wednesday.
const on = (day: string, ...times: string[]) =>
  times.map((time) => {
    const [start, end] = time.split('-');
    return { start: `${day}T${start}`, end: `${day}T${end}` };
  });
const UNTIL = '2027-03-24T00:00';
const start = (from: string, minutes: number, taken: ReturnType<typeof on> = []) =>
  nextFree(from, minutes, taken, UNTIL)?.start ?? null;

describe('the next free time', () => {
  test.each([
    ['is the one that was asked for, where it is free', '2027-03-10T10:00', '2027-03-10T10:00'],
    ['begins at a quarter of an hour', '2027-03-10T10:07', '2027-03-10T10:15'],
    ['begins no earlier than people come', '2027-03-10T03:00', '2027-03-10T09:00'],
    ['ends before they go', '2027-03-10T18:45', '2027-03-11T09:00'],
    ['is on no weekend', '2027-03-12T18:45', '2027-03-15T09:00'],
    ['is on the Saturday that was asked for', '2027-03-13T10:00', '2027-03-13T10:00'],
  ])('%s', (_, from, found) => {
    expect(start(from, 30)).toBe(found);
  });

  test('lies between what is taken, if it is long enough', () => {
    const taken = on('2027-03-10', '10:00-10:30', '11:00-12:00');
    expect(start('2027-03-10T10:00', 30, taken)).toBe('2027-03-10T10:30');
    expect(start('2027-03-10T10:00', 45, taken)).toBe('2027-03-10T12:00');
    expect(start('2027-03-10T09:30', 30, taken)).toBe('2027-03-10T09:30');
    expect(start('2027-03-10T09:30', 45, taken)).toBe('2027-03-10T12:00');
  });

  test('looks past what takes whole days', () => {
    const away = [{ start: '2027-03-10T00:00', end: '2027-03-16T00:00' }];
    expect(start('2027-03-10T10:00', 60, away)).toBe('2027-03-16T09:00');
  });

  test('is none where there is none', () => {
    expect(start('2027-03-10T10:00', 60, [{ start: '2027-03-01T00:00', end: '2027-04-01T00:00' }])).toBeNull();
    expect(start('2027-03-10T10:00', 11 * 60)).toBeNull();
  });

  test('lasts as long as was asked for', () => {
    expect(nextFree('2027-03-10T10:00', 50, [], UNTIL)).toEqual({ start: '2027-03-10T10:00', end: '2027-03-10T10:50' });
  });
});
