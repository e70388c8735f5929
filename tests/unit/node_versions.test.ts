/** What README.md says of Node: with which versions `npm ci` warns of nothing (EBADENGINE), and with which it does. */
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname!, '..', '..');
const read = (path: string) => Deno.readTextFileSync(join(ROOT, path));
const { packages } = JSON.parse(read('package-lock.json')) as {
  packages: Record<string, { engines?: { node?: string } }>;
};

const parts = (version: string) => version.split('.').map(Number);
const rank = (version: string) =>
  parts(version).reduce((sum, part) => sum * 1000 + part, 0) * 1000 ** (3 - parts(version).length);

/** Of the forms that the lock file has: alternatives of `>=`, `^`, `<` and a bare version. */
function satisfies(version: string, range: string): boolean {
  return range.split('||').some((alternative) => {
    const bounds = alternative.trim().replaceAll(/(>=|\^|<) +/g, '$1').replaceAll('.x', '').split(/ +/);
    return bounds.every((bound) => {
      const [, operator = '', wanted = ''] = /^(>=|\^|<)?([\d.]*|\*)$/.exec(bound) ?? [];
      if (wanted === '') throw new Error(`Read the range ${range}: ${bound} is of no known form`);
      if (wanted === '*') return true;
      if (operator === '<') return rank(version) < rank(wanted);
      const above = rank(version) >= rank(wanted);
      return operator === '>=' ? above : above && parts(version)[0] === parts(wanted)[0];
    });
  });
}

const warned = (version: string) =>
  Object.entries(packages).filter(([, { engines }]) => engines?.node && !satisfies(version, engines.node)).map((
    [name],
  ) => name);

test.each(['22.17.0', '24.0.0'])('npm ci warns of nothing with Node %s', (version) => {
  expect(warned(version)).toEqual([]);
});

test.each(['20.19.0', '23.0.0', '25.0.0'])('it warns with Node %s', (version) => {
  expect(warned(version).length).toBeGreaterThan(0);
});

test('the README says so, and the version for nvm is one that does not warn', () => {
  expect(read('README.md').replaceAll(/\s+/g, ' ')).toContain('Node 22 (22.17 or later) or 24');
  expect(warned(`${read('.nvmrc').trim()}.99.0`)).toEqual([]);
});
