import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { errorMessage } from '../../supabase/functions/_shared/error_messages/error_message.ts';
import { ERROR_KINDS, type ErrorCode } from '../../supabase/functions/_shared/errors.ts';
import { REQUESTED_SCOPES } from '../../supabase/functions/_shared/providers/google/scopes.ts';
import { TWO_WAY_MODES } from '../../supabase/functions/_shared/vocabulary.ts';
import { OUTCOMES, OWNER_CHANGES } from '../functions/owner_changes.ts';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

/** The cells of every row of the page's tables whose first cell is one `code`. */
function rows(markdown: string): string[][] {
  return markdown.split('\n')
    .filter((line) => /^\| `[^`]+` +\|/.test(line))
    .map((line) => line.split('|').slice(1, -1).map((cell) => cell.trim()));
}

describe('documentation', () => {
  test('the table of errors has every code, with its status, whether it can be retried, and what the user reads', () => {
    const documented = rows(read('docs/errors.md')).map(([code, status, retryable, _meaning, french]) => ({
      code: code!.replaceAll('`', ''),
      status,
      retryable,
      french,
    }));
    const known = Object.entries(ERROR_KINDS).map(([code, kind]) => ({
      code,
      status: String(kind.status),
      retryable: kind.retryable ? 'yes' : 'no',
      french: errorMessage(code as ErrorCode, 'fr'),
    }));
    expect(documented).toEqual(known);
  });

  test('every error has a meaning of its own', () => {
    const meanings = rows(read('docs/errors.md')).map(([, , , meaning]) => meaning);
    expect(meanings).not.toContain('');
    expect(new Set(meanings).size).toBe(meanings.length);
  });

  test('the page of words has every word of the vocabulary, under its list, with the sentence of the source', () => {
    const source = read('supabase/functions/_shared/vocabulary.ts');
    const lists = [...source.matchAll(/^export const (\w+)[^=]*= \[\n([\s\S]*?)^\]/gm)].map(([, name, body]) => ({
      name,
      words: [...body!.matchAll(/^ +'([^']+)',(?: \/\/ (.+))?$/gm)].map(([, word, sentence = '']) => ({
        word,
        sentence,
      })),
    }));
    const documented = read('docs/vocabulary.md').split('\n### ').slice(1).map((section) => ({
      name: section.match(/^`(\w+)`/)?.[1],
      words: rows(section).map(([word, sentence]) => ({ word: word!.replaceAll('`', ''), sentence })),
    }));
    expect(documented).toEqual(lists);
    expect(lists.flatMap(({ words }) => words).filter(({ sentence }) => sentence === '')).toEqual([]);
    expect(lists.length).toBeGreaterThan(30);
  });

  test('the page on owners has every cell that is tested, and what the words of its cells mean', () => {
    const [changes = [], cells = []] = read('docs/owners.md').split('\n\n')
      .filter((block) => block.startsWith('|'))
      .map((table) =>
        table.split('\n').slice(2).map((line) => line.split('|').slice(1, -1).map((cell) => cell.trim()))
      );
    expect(changes).toEqual(
      OWNER_CHANGES.map(({ change, becomes }) => [change, ...TWO_WAY_MODES.map((mode) => becomes[mode])]),
    );
    expect(cells).toEqual(Object.entries(OUTCOMES));
  });

  test('every runtime dependency has its reason, and no other is claimed', () => {
    const { dependencies } = JSON.parse(read('package.json')) as { dependencies: Record<string, string> };
    const explained = rows(read('docs/dependencies.md')).map(([name]) => name!.replaceAll('`', ''));
    expect(explained.toSorted()).toEqual(Object.keys(dependencies).toSorted());
  });

  test('every promise of the page on security names tests and pages that exist', () => {
    const security = read('docs/security.md');
    const promises = security.slice(security.indexOf('## Promises'), security.indexOf('## What is not promised'))
      .split('\n').filter((line) => line.startsWith('| ')).slice(2);
    const tests = promises.map((line) => [...line.matchAll(/`(tests\/[^`]+)`/g)].map(([, path]) => path!));
    expect(tests.filter((named) => named.length === 0)).toEqual([]);
    const pages = [...security.matchAll(/\]\(([^)#]+)/g)].map(([, path]) => `docs/${path}`);
    const missing = [...tests.flat(), ...pages].filter((path) =>
      !existsSync(new URL(`../../${path}`, import.meta.url))
    );
    expect(missing).toEqual([]);
    expect(tests.length).toBeGreaterThan(10);
  });

  test('every failure names a test that exists, by file and by name', () => {
    const failures = rows(read('docs/failures.md'));
    const missing = failures.filter(([, , , file, name]) => !read(file!.replaceAll('`', '')).includes(name!));
    expect(missing).toEqual([]);
    expect(failures.length).toBeGreaterThan(10);
  });

  test('the page for practices quotes the words that the screen shows', () => {
    const catalogues = readdirSync(new URL('../../web/src/', import.meta.url), { recursive: true, encoding: 'utf8' })
      .filter((name) => /(^|[\\/])fr\.ts$/.test(name)).map((name) => read(`web/src/${name}`));
    const shown = catalogues.flatMap((words) => [...words.matchAll(/'([^'\n]+)'|`([^`]+)`/g)])
      .map(([, plain, template]) => plain ?? template!);
    const names = [...read('web/src/providers.ts').matchAll(/account: '(\w+)'/g)].map(([, name]) => name!);
    const said = new Set([...shown, ...shown.flatMap((text) => names.map((name) => text.replace(/\$\{\w+\}/g, name)))]);
    const quoted = [...read('docs/practice.fr.md').matchAll(/« ([^»]+) »/g)].map(([, text]) =>
      text!.replace(/\s+/g, ' ')
    );
    expect(quoted.filter((text) => !said.has(text))).toEqual([]);
    expect(quoted.length).toBeGreaterThan(30);
  });

  test('the page for Google’s verification justifies every scope that is asked for, and no other', () => {
    const page = read('docs/google-verification.md');
    const section = page.slice(page.indexOf('## Scopes'), page.indexOf('### Text'));
    expect(rows(section).map(([scope]) => scope!.replaceAll('`', ''))).toEqual(REQUESTED_SCOPES);
    expect(rows(section).filter((cells) => cells.some((cell) => cell === ''))).toEqual([]);
  });

  test('the README starts and tests the product in one line each', () => {
    const readme = read('README.md');
    expect(readme).toContain('npm ci && npm start');
    expect(readme).toContain('npm ci && npm test');
  });
});
