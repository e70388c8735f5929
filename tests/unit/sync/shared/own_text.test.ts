import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ownTextIn, withOwnText } from '../../../../supabase/functions/_shared/sync/shared/own_text.ts';
import { escapedLength, TEXT_LIMITS } from '../../../../supabase/functions/_shared/text.ts';

const LINK = 'https://app.test/calendar?rdv=1';
const ours = (notes: string) => `Praticien : Dr Martin\n${notes}\n\n${LINK}`;
const OLD = ours('Allergie');
const NEW = ours('Apporter la radio');
const told = (shown: string, before: string | null = OLD, now = NEW) => withOwnText(shown, { before, now }).description;

describe('what the owner wrote', () => {
  test.each<[string, string, string]>([
    ['below ours', `${OLD}\n\nCode 12A`, `${NEW}\n\nCode 12A`],
    ['above ours', `Code 12A\n\n${OLD}`, `Code 12A\n\n${NEW}`],
    ['on both sides', `Code\n${OLD}\nÉtage 2`, `Code\n${NEW}\nÉtage 2`],
    ['right behind ours', `${OLD} (parking)`, `${NEW} (parking)`],
    ['between our lines', `Praticien : Dr Martin\nAllergie\nCode 12A\n\n${LINK}`, `Code 12A\n\n${NEW}`],
    ['in the place of a line', `Praticien : Dr Martin\nPlutôt lundi\n\n${LINK}`, `Plutôt lundi\n\n${NEW}`],
    [
      'behind one of our lines',
      `Praticien : Dr Martin (absent)\nAllergie\n\n${LINK}`,
      `Praticien : Dr Martin (absent)\n\n${NEW}`,
    ],
    ['in the place of the link', 'Praticien : Dr Martin\nAllergie\n\nCode 12A', `${NEW}\n\nCode 12A`],
    ['in the place of everything', 'Code 12A', `Code 12A\n\n${NEW}`],
    ['in other white space', `Praticien :  Dr Martin \n\n Allergie\n${LINK}\nCode`, `${NEW}\n\nCode`],
    ['twice, as we did once', `Allergie\n${OLD}`, `Allergie\n${NEW}`],
    ['as a copy of ours', `${OLD}\n\n${OLD}`, `${NEW}\n\n${OLD}`],
  ])('%s stays, and ours is there once', (_, shown, expected) => {
    expect(told(shown)).toBe(expected);
  });

  test('nothing leaves ours alone', () => {
    expect([told(OLD), told('')]).toEqual([NEW, NEW]);
  });

  test('stays when less is to be shown: ours is the link alone', () => {
    expect(told(`Code\n\n${OLD}\n\nÉtage 2`, OLD, LINK)).toBe(`Code\n\n${LINK}\n\nÉtage 2`);
    expect(told(`${LINK}\n\nÉtage 2`, LINK, NEW)).toBe(`${NEW}\n\nÉtage 2`);
  });

  const line = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).map((text) =>
    `~${text.replace(/\s/g, '')}`
  );
  const lines = fc.array(line, { maxLength: 4 });

  test('is never lost wherever it is, and ours never doubled, however often we write', () => {
    fc.assert(
      fc.property(
        lines,
        lines,
        lines,
        fc.array(line, { minLength: 1, maxLength: 5 }),
        (above, between, below, notes) => {
          const texts = ['', ...notes].map(ours);
          const [first, ...later] = texts;
          let shown = [
            ...above,
            ...first!.split('\n').flatMap((each, at) => at === 1 ? [each, ...between] : [each]),
            ...below,
          ].join('\n');
          let before = first!;
          for (const now of later) {
            const next = withOwnText(shown, { before, now });
            expect(next.own).toBe(now);
            shown = next.description;
            before = now;
          }
          expect(shown.split(before)).toHaveLength(2);
          const rest = shown.replace(before, () => '').split('\n').filter((each) => each !== '');
          expect(rest).toEqual([...above, ...between, ...below]);
        },
      ),
    );
  });

  test('is all that an own part leaves: what is added makes no difference', () => {
    fc.assert(fc.property(lines, lines, lines, (above, between, below) => {
      const shown = [
        ...above,
        ...OLD.split('\n').flatMap((each, at) => at === 1 ? [each, ...between] : [each]),
        ...below,
      ].join('\n');
      expect(ownTextIn(shown, OLD)).toBe(OLD);
    }));
    expect(ownTextIn(`Code\n\n${LINK}`, OLD)).toBe(LINK);
    expect(ownTextIn('Code', OLD)).toBe('');
  });
});

describe('where the answer to a write got lost', () => {
  const unsure = (shown: string, before: string | null, now: string, sent: readonly string[]) =>
    withOwnText(shown, { before, now, sent }).description;
  const LOST = ours('Asthme');

  test.each<[string, string | null, string]>([
    ['before it', OLD, OLD],
    ['after it', OLD, LOST],
    ['after it, and it was the first', null, LOST],
  ])('the owner’s lines stay among ours %s, and none of ours stays behind', (_, before, there) => {
    const [first, ...rest] = there.split('\n');
    const shown = ['Code', first, 'Étage 2', ...rest, 'Sonner'].join('\n');
    for (const now of [OLD, NEW, LOST, `Praticien : Dr Martin\n\n${LINK}`, LINK]) {
      const text = unsure(shown, before, now, [LOST]);
      expect(text.split('\n').filter((line) => line !== '').toSorted()).toEqual(
        ['Code', 'Étage 2', 'Sonner', ...now.split('\n').filter((line) => line !== '')].toSorted(),
      );
      expect(text).toContain(now);
    }
  });

  test('several times, any of them may be there', () => {
    const lost = ['Asthme', 'Fièvre'].map(ours);
    for (const there of [OLD, ...lost]) expect(unsure(`${there}\n\nCode`, OLD, NEW, lost)).toBe(`${NEW}\n\nCode`);
  });

  test('what was never known goes up to its link: a patient’s notes do not stay behind', () => {
    const unknown = `Praticien : Dr Martin\nActe : Couronne\nTexte d’entre-temps\n\n${LINK}`;
    for (const now of [NEW, `Praticien : Dr Martin\n\n${LINK}`, LINK]) {
      expect(unsure(`Code\n\n${unknown}\n\nSonner`, null, now, [])).toBe(`Code\n\n${now}\n\nSonner`);
    }
  });

  test('and so does what was written before the practice changed its language', () => {
    const unknown = `Practitioner: Dr Martin\nTexte d’entre-temps\n\n${LINK}`;
    expect(unsure(`Code\n\n${unknown}\n\nSonner`, null, NEW, [])).toBe(`Code\n\n${NEW}\n\nSonner`);
  });

  test('an event that shows nothing of ours keeps what it shows', () => {
    expect(unsure('Code 12A', null, NEW, [])).toBe(`Code 12A\n\n${NEW}`);
  });
});

describe('the link back', () => {
  const long = ours('🩺&<'.repeat(1_000));

  test('is whole however much the owner wrote: our own notes are cut', () => {
    const { description, own } = withOwnText(`${OLD}\n\n${'é<'.repeat(1_500)}`, { before: OLD, now: long });
    expect(own.endsWith(`\n\n${LINK}`)).toBe(true);
    expect(own.isWellFormed() && own.startsWith('Praticien : Dr Martin\n🩺')).toBe(true);
    expect(description).toBe(`${own}\n\n${'é<'.repeat(1_500)}`);
    expect(escapedLength(description)).toBeLessThanOrEqual(TEXT_LIMITS.description);
    expect(escapedLength(description)).toBeGreaterThan(TEXT_LIMITS.description - 8);
  });

  test('is all of ours where the owner left room for no more, and even that is not cut', () => {
    const text = 'é'.repeat(TEXT_LIMITS.description - 64 - LINK.length - 2);
    expect(told(`${LINK}\n\n${text}`, LINK, NEW)).toContain(`${LINK}\n\n${text}`);
    const full = 'é'.repeat(TEXT_LIMITS.description - 64);
    expect(told(full, OLD, `a\n\n${LINK}${'0'.repeat(64)}`)).toBe(full);
  });

  test('a text that may go on where it was cut for reading is left as it is', () => {
    const shown = `${OLD}\n${'é'.repeat(TEXT_LIMITS.description)}`.slice(0, TEXT_LIMITS.description);
    expect(withOwnText(shown, { before: OLD, now: NEW })).toEqual({ description: shown, own: OLD });
  });
});
