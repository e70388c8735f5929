import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { EventContent } from '../../../supabase/functions/_shared/providers/port/content.ts';
import { normalContent } from '../../../supabase/functions/_shared/providers/google/normal_content.ts';
import { TIMED } from './operations.ts';

const plain: EventContent = { ...TIMED, description: '', location: '', visibility: 'normal' };
const description = (text: string) => normalContent({ ...plain, description: text }).description;
const line = '-::~:~::~:~:~:~:~:~:~:~:~::~:~::-';

test('line ends become one kind and the edges are trimmed', () => {
  expect(description('  a\r\nb\rc\n\n d \n\n')).toBe('a\nb\nc\n\n d');
});

test('a description is cut at 8192 characters, never through the middle of one', () => {
  expect(description('x'.repeat(9000))).toBe('x'.repeat(8192));
  expect(description('x'.repeat(8191) + '🩺🩺')).toBe('x'.repeat(8191));
  expect(description('x'.repeat(8190) + '  tail')).toBe('x'.repeat(8190));
});

test('titles and places are cut at 1024 characters', () => {
  const { title, location } = normalContent({ ...plain, title: 't'.repeat(2000), location: 'l'.repeat(2000) });
  expect([title.length, location.length]).toEqual([1024, 1024]);
});

test('a title is one line and may be empty', () => {
  expect(normalContent({ ...plain, title: 'Suivi \r\n de dos\n' }).title).toBe('Suivi de dos');
  expect(normalContent({ ...plain, title: ' \n' }).title).toBe('');
});

test('Google’s block about the video conference is taken out, and text around it stays', () => {
  expect(description(`avant\n\n${line}\nRejoindre : https://meet.test/abc\n${line}`)).toBe('avant');
  expect(description(`${line}\nMeet\n${line}\naprès`)).toBe('après');
});

test('a single conference line is somebody’s text', () => {
  expect(description(`a\n${line}\nb`)).toBe(`a\n${line}\nb`);
});

test('broken characters that no calendar can store are repaired', () => {
  expect(description('a\ud800b\0c')).toBe('a\ufffdbc');
});

test('instants keep their second, days stay as they are', () => {
  const time = {
    kind: 'timed' as const,
    startsAt: '2026-11-21T08:00:00.999Z',
    endsAt: '2026-11-21T09:30:00+01:00',
    timeZone: 'Europe/Paris',
  };
  expect(normalContent({ ...plain, time }).time).toEqual({
    ...time,
    startsAt: '2026-11-21T08:00:00.000Z',
    endsAt: '2026-11-21T08:30:00.000Z',
  });
  const days = { kind: 'all_day' as const, startDay: '2026-03-29', endDay: '2026-03-30' };
  expect(normalContent({ ...plain, time: days }).time).toEqual(days);
});

test('an instant that is none passes, so that it fails alone at Google', () => {
  const time = { kind: 'timed' as const, startsAt: 'infinity', endsAt: 'infinity', timeZone: 'UTC' };
  expect(normalContent({ ...plain, time }).time).toEqual(time);
});

test('of changes, only the changed fields come out', () => {
  expect(normalContent({ title: ' a ' })).toEqual({ title: 'a' });
  expect(normalContent({})).toEqual({});
});

test('normalising twice is normalising once', () => {
  const piece = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom(
      line,
      '-::~:~::-',
      '-::',
      '~:',
      ':-',
      '\r\n',
      '\n',
      '\r',
      ' ',
      '\u00a0',
      '\ud83e',
      '\udd7a',
      '\0',
      '🩺',
    ),
    fc.integer({ min: 1000, max: 8200 }).map((length) => 'x'.repeat(length)),
  );
  const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));
  const instant = fc.date({ noInvalidDate: true, min: new Date('1970-01-01'), max: new Date('2100-01-01') });
  fc.assert(
    fc.property(text, text, text, instant, instant, (title, description, location, from, to) => {
      const time = {
        kind: 'timed' as const,
        startsAt: from.toISOString(),
        endsAt: to.toISOString(),
        timeZone: 'Europe/Paris',
      };
      const once = normalContent({ ...plain, title, description, location, time });
      expect(normalContent(once)).toEqual(once);
      expect(once.description.length).toBeLessThanOrEqual(8192);
      expect(once.description.isWellFormed()).toBe(true);
    }),
    { numRuns: 500 },
  );
});
