import { describe, expect, test } from 'vitest';
import {
  addDays,
  instantToWall,
  isDay,
  sameClock,
  wallToInstant,
} from '../../supabase/functions/_shared/zoned_time.ts';

describe('wall times of a practice', () => {
  test.each([
    ['winter in Paris', '2026-11-23T09:00', 'Europe/Paris', '2026-11-23T08:00:00.000Z'],
    ['summer in Paris', '2026-07-01T09:00', 'Europe/Paris', '2026-07-01T07:00:00.000Z'],
    ['the evening before the clock goes forward', '2026-03-28T23:30', 'Europe/Paris', '2026-03-28T22:30:00.000Z'],
    ['the morning after the clock went forward', '2026-03-29T03:00', 'Europe/Paris', '2026-03-29T01:00:00.000Z'],
    ['the morning after the clock went back', '2026-10-25T03:00', 'Europe/Paris', '2026-10-25T02:00:00.000Z'],
    ['a zone that never changes', '2026-07-01T00:15', 'Asia/Kolkata', '2026-06-30T18:45:00.000Z'],
    ['a zone half an hour apart', '2027-01-10T12:00', 'Australia/Lord_Howe', '2027-01-10T01:00:00.000Z'],
    ['the far side of the date line', '2026-11-23T09:00', 'Pacific/Kiritimati', '2026-11-22T19:00:00.000Z'],
    ['overseas', '2026-11-23T09:00', 'America/Guadeloupe', '2026-11-23T13:00:00.000Z'],
  ])('%s is one exact instant', (_, wall, zone, instant) => {
    expect(wallToInstant(wall, zone)).toBe(instant);
    expect(instantToWall(instant, zone)).toBe(wall);
  });

  test('a time that the clock skips becomes the one as far after the gap', () => {
    expect(wallToInstant('2026-03-29T02:30', 'Europe/Paris')).toBe('2026-03-29T01:30:00.000Z');
    expect(instantToWall('2026-03-29T01:30:00.000Z', 'Europe/Paris')).toBe('2026-03-29T03:30');
  });

  test('a time that the clock reads twice is the first of the two', () => {
    expect(wallToInstant('2026-10-25T02:30', 'Europe/Paris')).toBe('2026-10-25T00:30:00.000Z');
    expect(wallToInstant('2026-11-01T01:30', 'America/New_York')).toBe('2026-11-01T05:30:00.000Z');
  });

  test('every quarter of an hour of a year survives the way there and back, save the skipped ones', () => {
    for (const zone of ['Europe/Paris', 'Australia/Lord_Howe']) {
      const lost: string[] = [];
      for (let at = Date.UTC(2026, 0, 1); at < Date.UTC(2027, 0, 1); at += 900_000) {
        const wall = new Date(at).toISOString().slice(0, 16);
        if (instantToWall(wallToInstant(wall, zone), zone) !== wall) lost.push(wall);
      }
      expect(lost, zone).toHaveLength(zone === 'Australia/Lord_Howe' ? 2 : 4);
    }
  });

  test('a malformed time or zone is refused, never guessed', () => {
    expect(() => wallToInstant('2026-13-01T09:00', 'Europe/Paris')).toThrow(RangeError);
    expect(() => wallToInstant('', 'Europe/Paris')).toThrow(RangeError);
    expect(() => wallToInstant('2026-11-23T09:00', 'Europe/Nowhere')).toThrow(RangeError);
  });

  test('days are counted on the calendar, not in hours', () => {
    expect(addDays('2026-10-24', 2)).toBe('2026-10-26');
    expect(addDays('2028-02-28', 1)).toBe('2028-02-29');
    expect(isDay('2026-02-29')).toBe(false);
    expect(isDay('2026-11-21')).toBe(true);
    expect(isDay('tomorrow')).toBe(false);
  });

  test('zones with one clock are told from zones with another', () => {
    expect(sameClock('Europe/Paris', 'Europe/Brussels', '2026-11-21T12:00:00Z')).toBe(true);
    expect(sameClock('Europe/Paris', 'Europe/London', '2026-11-21T12:00:00Z')).toBe(false);
  });
});
