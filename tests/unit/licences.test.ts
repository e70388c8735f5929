/** What is delivered may be delivered: the licence of every package that the functions and the page contain, and of our own. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
/** Those that ask for nothing but their own text. */
const PERMISSIVE = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT', 'Unlicense'];

interface Package {
  readonly license?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
}

test('every package that is delivered has a licence that asks for nothing but its own text', () => {
  const { packages } = JSON.parse(read('package-lock.json')) as { packages: Record<string, Package> };
  const delivered = Object.entries(packages).filter(([path, { dev, optional }]) => path !== '' && !dev && !optional);
  expect(delivered.filter(([, { license = '' }]) => !PERMISSIVE.includes(license))).toEqual([]);
  expect(delivered.length).toBeGreaterThan(30);
});

test('the README offers the owners two licences, and package.json names the one that holds until they choose', () => {
  const section = /^## Licence\n([\s\S]*?)(?=^## |$(?![\s\S]))/m.exec(read('README.md'))?.[1] ?? '';
  const offered = [...section.matchAll(/^- .*?`"license": "([^"]+)"`/gm)].map(([, name]) => name);
  expect(offered).toEqual(['UNLICENSED', 'Apache-2.0']);
  expect(JSON.parse(read('package.json')).license).toBe('UNLICENSED');
  expect(JSON.parse(read('package-lock.json')).packages[''].license).toBe('UNLICENSED');
});
