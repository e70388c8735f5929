/** The client's pure parts: words, tables for spreadsheets, days to import. */
import { describe, expect, test } from 'vitest';
import { fr as calendar } from '../../web/src/calendar/fr.ts';
import { fr as conflicts } from '../../web/src/conflicts/fr.ts';
import { safeReturnPath } from '../../web/src/parts/return_path.ts';
import { fr as account } from '../../web/src/settings/account/fr.ts';
import { fr as settings } from '../../web/src/settings/fr.ts';
import { daysOf, faultOf, instantsOf } from '../../web/src/settings/import_window.ts';
import { csvOf } from '../../web/src/parts/csv.ts';
import { fr as journal } from '../../web/src/settings/journal/fr.ts';
import { fr as practice } from '../../web/src/settings/practice/fr.ts';
import { fr as subscription } from '../../web/src/settings/subscription/fr.ts';
import { fr as shared } from '../../web/src/words/fr.ts';
import { typeset } from '../../web/src/words/typeset.ts';

/** Every sentence of a catalogue; functions are given something for whatever they want. */
function sentences(words: unknown): string[] {
  if (typeof words === 'string') return [words];
  if (typeof words === 'function') return sentences(words('2', '3', '4', '5'));
  return typeof words === 'object' && words !== null ? Object.values(words).flatMap(sentences) : [];
}

describe('French', () => {
  const all = [shared, settings, account, journal, practice, subscription, calendar, conflicts].flatMap((words) =>
    sentences(typeset(words))
  );

  test('is set as French is: no-break spaces, true apostrophes, no sign left to begin a line', () => {
    expect(all.length).toBeGreaterThan(200);
    expect(all.filter((text) => / [;:?!»]|« |\w'\w|\.\.\./.test(text))).toEqual([]);
  });

  test('says vous', () => {
    expect(all.filter((text) => /(?<!\p{L})(tu|ton|ta|tes|toi)(?!\p{L})/iu.test(text))).toEqual([]);
  });

  test('also where a sentence is made from a name or a number', () => {
    expect(typeset({ ask: (name: string) => `Déconnecter ${name} ?` }).ask('X')).toBe('Déconnecter X\u202f?');
    expect(typeset('Dit : « oui »')).toBe('Dit\u00a0: «\u202foui\u202f»');
  });
});

describe('a table for spreadsheets', () => {
  test('keeps what would break it in quotes', () => {
    expect(csvOf([['a;b', 'say "no"', 'two\nlines', 'a,b']], ';')).toBe(
      '\uFEFF"a;b";"say ""no""";"two\nlines";"a,b"\r\n',
    );
  });

  test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '＝1+1'])('never hands over %j as a formula', (cell) => {
    expect(csvOf([[cell]], ',')).toBe(`\uFEFF'${cell}\r\n`);
  });
});

describe('the days of an import', () => {
  test.each(
    [
      ['7d', '2026-11-21', '2026-11-21', '2026-11-27'],
      ['30d', '2026-11-21', '2026-11-21', '2026-12-20'],
      ['month', '2026-11-21', '2026-11-01', '2026-11-30'],
      ['month', '2028-02-29', '2028-02-01', '2028-02-29'],
      ['month', '2026-12-31', '2026-12-01', '2026-12-31'],
    ] as const,
  )('%s on %s are %s to %s', (range, today, from, to) => {
    expect(daysOf(range, today)).toEqual({ from, to });
  });

  test('end with the last day, whatever the clock does in between', () => {
    expect(instantsOf({ from: '2026-10-24', to: '2026-10-25' }, 'Europe/Paris'))
      .toEqual({ timeMin: '2026-10-23T22:00:00.000Z', timeMax: '2026-10-25T23:00:00.000Z' });
  });

  test('are at least one and at most a year', () => {
    expect(faultOf({ from: '2026-11-21', to: '2026-11-21' })).toBeNull();
    expect(faultOf({ from: '2026-11-21', to: '2026-11-20' })).toBe('order');
    expect(faultOf({ from: '2026-11-21', to: '' })).toBe('incomplete');
    expect(faultOf({ from: '2026-01-01', to: '2027-01-01' })).toBeNull();
    expect(faultOf({ from: '2026-01-01', to: '2027-01-02' })).toBe('long');
  });
});

describe('the way back after signing in', () => {
  const origin = 'https://app.cassius.test';
  test.each([
    ['/settings/profile?lang=en', '/settings/profile?lang=en'],
    ['https://app.cassius.test/calendar', '/calendar'],
    ['https://evil.test/calendar', '/'],
    ['//evil.test', '/'],
    ['/\\evil.test', '/'],
    ['javascript:alert(1)', '/'],
    ['/login?next=/', '/'],
    [null, '/'],
  ])('from %j is %s', (claimed, path) => {
    expect(safeReturnPath(claimed, origin)).toBe(path);
  });
});
