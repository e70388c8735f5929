/** The tables of docs/states.md. */
import { readFileSync } from 'node:fs';

const text = readFileSync(new URL('../docs/states.md', import.meta.url), 'utf8');

/** The page. */
export const statesPage = (): string => text;

/** The rows of the first table under a heading, by column; a cell that is one name comes without its backticks. */
export function tableUnder(heading: string): Array<Readonly<Record<string, string>>> {
  const section = text.split(/^## /m).find((one) => one.startsWith(`${heading}\n`));
  if (section === undefined) throw new Error(`docs/states.md has no heading "${heading}"`);
  const [head = [], , ...rows] = section.split('\n').filter((line) => line.startsWith('|'))
    .map((line) => line.split('|').slice(1, -1).map((cell) => cell.trim().replace(/^`([^`]*)`$/, '$1')));
  return rows.map((cells) => Object.fromEntries(head.map((name, at) => [name, cells[at] ?? ''])));
}

/** Every name in backticks of a column. */
export const namesIn = (cell: string): string[] => [...cell.matchAll(/[\w./]+/g)].map(([name]) => name);
