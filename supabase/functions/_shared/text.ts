/**
 * Bounds of text that others write, and its first treatment: cut and made storable before anything else looks at it. Every
 * function here and every text function elsewhere takes time in proportion to its text (`tests/unit/text_cost.test.ts`).
 */

/** In UTF-16 code units. What a calendar shows is far below. */
export const TEXT_LIMITS = {
  title: 1024,
  description: 8192,
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
