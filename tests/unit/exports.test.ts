/** What a module offers, another one takes: an export without a user is dead, or its module's own affair. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const FOLDERS = ['supabase/functions', 'web/src', 'local', 'emulators', 'scripts', 'bench', 'tests'];
/** The table of words, of which some only the database uses; what a dependency expects in place of its own module. */
const FOR_OTHERS = /vocabulary\.ts$|no_passkeys\.ts$|database\.gen\.ts$/;

test('every value that a module exports is named in another module', () => {
  const modules = FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.tsx?$/.test(name) && !name.includes('node_modules'))
      .map((name) => {
        const code = readFileSync(join(root, folder, name), 'utf8').replace(/\/\*[\s\S]*?\*\/|(?<!:)\/\/.*/g, '');
        return { name: `${folder}/${name}`, code, names: new Set(code.match(/[A-Za-z_$][\w$]*/g)) };
      })
  );
  const users = new Map<string, number>();
  for (const { names } of modules) for (const name of names) users.set(name, (users.get(name) ?? 0) + 1);
  const unused = modules.filter(({ name }) => !FOR_OTHERS.test(name)).flatMap(({ name, code }) =>
    [...code.matchAll(/^export (?:async )?(?:const|let|function\*?|class) ([A-Za-z_$][\w$]*)/gm)]
      .filter(([, exported]) => users.get(exported!) === 1).map(([, exported]) => `${name}: ${exported}`)
  );
  expect(modules.length).toBeGreaterThan(300);
  expect(unused).toEqual([]);
});
