/** Fine spaces, so that sources stay readable: French sets a no-break space before tall signs and inside guillemets. */

const NARROW = '\u202f';
const WIDE = '\u00a0';

export function typesetText(text: string): string {
  return text
    .replace(/ ([;?!»])/g, `${NARROW}$1`)
    .replace(/« /g, `«${NARROW}`)
    .replace(/ :/g, `${WIDE}:`);
}

const FIRST = /(?<!\d)1(?=\s(?:janv|févr|mars|avr|mai|juin|juil|août|sept|oct|nov|déc)|[–-]\d)/g;

/** French says the first of a month as an ordinal, and every other day as a number; formatters of dates do not. */
export function withOrdinalFirst(date: string): string {
  return date.replace(FIRST, '1er');
}

/** Every sentence of a catalogue, also those that its functions make. */
export function typeset<T>(words: T): T {
  if (typeof words === 'string') return typesetText(words) as T;
  if (typeof words === 'function') return ((...given: unknown[]) => typeset(words(...given))) as T;
  if (Array.isArray(words)) return words.map(typeset) as T;
  if (typeof words === 'object' && words !== null) {
    return Object.fromEntries(Object.entries(words).map(([key, value]) => [key, typeset(value)])) as T;
  }
  return words;
}
