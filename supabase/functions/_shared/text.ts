/**
 * Bounds of text that others write, and its first treatment: cut and made storable before anything else looks at it. Every
 * function here and every text function elsewhere takes time in proportion to its text (`tests/unit/text_cost.test.ts`).
 */

/** In UTF-16 code units. What a calendar shows is far below. */
export const TEXT_LIMITS = {
  title: 1024,
  description: 8192,
  /** Our part of a description: there is room left for what its owner writes. */
  ownDescription: 6144,
  location: 1024,
  /** Name or address of a person, name of a calendar. */
  name: 320,
  /** An id or a version, in bytes. Never cut: half an id names something else. */
  id: 1024,
  link: 2048,
} as const;

/** The beginning of a text, never through the middle of a character of two code units. */
export function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  const last = text.charCodeAt(length - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? length - 1 : length);
}

/** What Postgres can keep of the beginning of a text: no NUL, no half characters. */
export function storable(text: string, length: number): string {
  return cut(text, length).toWellFormed().replaceAll('\0', '');
}

/** White space that holds a line end becomes one space. */
export function oneLine(text: string): string {
  return text.replace(/\s+/g, (gap) => gap.includes('\n') ? ' ' : gap);
}

/** What a character becomes in HTML, where it does not stay one. */
const ESCAPED_LENGTH: Readonly<Record<string, number>> = { '&': 5, '<': 4, '>': 4 };

/** How long a text is as HTML, which some calendars keep and bound instead of it. */
export function escapedLength(text: string): number {
  let length = 0;
  for (let at = 0; at < text.length; at++) length += ESCAPED_LENGTH[text.charAt(at)] ?? 1;
  return length;
}

/** The longest beginning of a text that is at most `length` UTF-16 code units long as HTML. */
export function cutEscaped(text: string, length: number): string {
  let end = 0;
  for (let spent = 0; end < text.length; end++) {
    spent += ESCAPED_LENGTH[text.charAt(end)] ?? 1;
    if (spent > length) break;
  }
  return cut(text, end);
}
