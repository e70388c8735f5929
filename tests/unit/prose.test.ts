/**
 * Comments and documents name the component and say what happens. Words that hide who acts are counted: a person who is meant
 * is called a person, a worker a worker.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname!, '..', '..');
const FOLDERS = ['supabase', 'web', 'local', 'emulators', 'scripts', 'bench', 'tests', 'docs'];
const PAGES = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md'];
/** A stand-in for another program is what the field calls it. */
const HIDING = /\b(?:nobody|somebody|someone|whoever|anybody|anyone|everybody|everyone)\b|\bstands?\b(?!-in| in for)/i;

/** Where such a word is needed. */
const JUSTIFIED: Readonly<Record<string, string>> = {
  'docs/glossary.md': 'lists the words to avoid',
  'docs/failures.md': 'quotes the titles of tests',
  'tests/unit/prose.test.ts': 'this list',
};

function files(): string[] {
  const found = FOLDERS.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`)
  );
  return [...PAGES, ...found].map((path) => path.replaceAll('\\', '/'))
    .filter((path) => /\.(tsx?|sql|md|css)$/.test(path) && !/node_modules|\/dist\/|\.gen\.|_functions\.sql$/.test(path))
    .filter((path) => !(path in JUSTIFIED));
}

/** What of a line is written for people to read: all of a document, comments of a source, comments of the database. */
function prose(path: string, line: string): string {
  if (path.endsWith('.md')) return line;
  const text = line.trim();
  if (path.endsWith('.sql')) {
    return text.startsWith("'") || text.startsWith('comment on') ? text : text.split('--').slice(1).join('--');
  }
  return /^(?:\*|\/\*)/.test(text) ? text : /(?:^|\s)(?:\/\/|\/\*)(.*)$/.exec(line)?.[1] ?? '';
}

test('comments and documents say who or what acts', () => {
  const hidden = files().flatMap((path) =>
    readFileSync(join(ROOT, path), 'utf8').split('\n')
      .map((line, index) => ({ at: `${path}:${index + 1}`, line: line.trim(), told: prose(path, line) }))
      .filter(({ told }) => HIDING.test(told))
      .map(({ at, line }) => `${at}: ${line}`)
  );
  expect(hidden).toEqual([]);
});
