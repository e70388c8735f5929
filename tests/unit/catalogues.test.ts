/** What the page can say, something of it says: an entry of a catalogue that no source names goes. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const web = fileURLToPath(new URL('../../web/src/', import.meta.url));
const files = readdirSync(web, { recursive: true, encoding: 'utf8' }).filter((name) => /\.tsx?$/.test(name));
const sources = files.filter((name) => !/(^|[\\/])(fr|en)\.ts$/.test(name))
  .map((name) => ({ name, code: readFileSync(join(web, name), 'utf8').replace(/\/\*[\s\S]*?\*\/|(?<!:)\/\/.*/g, '') }));
const folders = files.filter((name) => /(^|[\\/])fr\.ts$/.test(name)).map((name) => dirname(name));

/** Paths of everything that is no group of others. */
function leaves(value: unknown, path: readonly string[] = []): string[][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [[...path]];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, [...path, key]));
}

/** The code that has a folder's catalogue, and what it calls it. */
function users(folder: string): Array<{ readonly alias: string; readonly code: string }> {
  return sources.flatMap(({ name, code }) =>
    [...code.matchAll(/import \{([^}]*)\} from '([^']+(?:words|i18n)\.ts)'/g)].flatMap(([, names, from]) => {
      if (relative(folder, dirname(join(dirname(name), from!))) !== '') return [];
      const imported = names!.match(/\bwords as (\w+)|\b(words|t)\b/);
      return imported ? [{ alias: imported[1] ?? imported[2]!, code }] : [];
    }).concat(
      dirname(name) === folder && /(^|[\\/])(words|i18n)\.ts$/.test(name)
        ? [{ alias: /\bconst t\b/.test(code) ? 't' : 'words', code }]
        : [],
    )
  );
}

/** Named in full, or within a group that is looked up in or handed on. */
function isSaid(path: readonly string[], { alias, code }: { alias: string; code: string }): boolean {
  const names = [alias, ...path];
  const used = code.replace(/^import [^;]*;$|^(export )?const (words|t)\b/gm, '');
  if (new RegExp(`\\b${names.join('\\??\\.')}\\b`).test(used)) return true;
  return names.some((_, n) =>
    (n > 0 || alias === 'words') && n < path.length &&
    new RegExp(`(?<![.\\w])${names.slice(0, n + 1).join('\\.')}(?:\\[|(?=[,)}\\s;]))(?!: )`).test(used)
  );
}

describe('each entry of a catalogue is said somewhere', () => {
  test.each(folders)('%s', async (folder) => {
    const { fr } = await import(join(web, folder, 'fr.ts'));
    const by = users(folder);
    expect(by.length).toBeGreaterThan(0);
    const unsaid = leaves(fr).filter((path) => !by.some((one) => isSaid(path, one))).map((path) => path.join('.'));
    expect(unsaid).toEqual([]);
  });
});
