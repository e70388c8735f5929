/** A version is made of what the commits tell people, on a real git repository. */
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { nextVersion, NoRelease, notes, release } from '../../scripts/release.ts';

const CHANGELOG = `# Changelog

What people notice.

## [Unreleased]

### Added

- Written by hand,
  in two lines.

## [0.1.0] - 2026-11-21

### Added

- The beginning.
`;

let root: string;
beforeEach(async () => {
  root = await Deno.makeTempDir({ prefix: 'cassius-release-' });
  await write('package.json', JSON.stringify({ name: 'x', version: '0.1.0' }));
  await write('package-lock.json', JSON.stringify({ version: '0.1.0', packages: { '': { version: '0.1.0' } } }));
  await write('CHANGELOG.md', CHANGELOG);
  await git('init', '--quiet');
  await commit('Begin: what was there\n\nChangelog-Added: Told before, and not again.');
  await git('tag', 'v0.1.0');
});
afterEach(() => Deno.remove(root, { recursive: true }));

const write = (name: string, text: string) => Deno.writeTextFile(join(root, name), text);
const read = (name: string) => Deno.readTextFile(join(root, name));
async function git(...args: string[]) {
  const identity = ['-c', 'user.name=A test', '-c', 'user.email=a@b.test', '-c', 'commit.gpgsign=false'];
  const { success, stderr } = await new Deno.Command('git', { args: [...identity, ...args], cwd: root }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}
async function commit(message: string) {
  await git('add', '-A');
  await git('commit', '--quiet', '--allow-empty', '-m', message);
}

describe('the next version', () => {
  test('says what was written by hand and what the commits since the last one tell', async () => {
    await commit('Import: pages are read twice\n\nWhy.\n\nChangelog-Fixed: An import no longer\n  reads twice.');
    await commit('Sync: faster\n\nChangelog-Added: More.\nChangelog-Changed: Less.');
    await commit('Tests: a promise');
    const { version, silent } = await release(root, '2026-12-01');
    expect(version).toBe('0.2.0');
    expect(silent).toEqual(['Tests: a promise']);
    expect(await read('CHANGELOG.md')).toBe(CHANGELOG.replace(
      /### Added\n\n- Written[\s\S]*?lines\.\n/,
      `## [0.2.0] - 2026-12-01

### Added

- Written by hand,
  in two lines.
- More.

### Changed

- Less.

### Fixed

- An import no longer reads twice.
`,
    ));
  });

  test('is in package.json and in both places of package-lock.json', async () => {
    await release(root, '2026-12-01');
    expect(JSON.parse(await read('package.json'))).toEqual({ name: 'x', version: '0.2.0' });
    expect(JSON.parse(await read('package-lock.json'))).toEqual({
      version: '0.2.0',
      packages: { '': { version: '0.2.0' } },
    });
  });

  test('is not made where nothing changed for people', async () => {
    await write('CHANGELOG.md', CHANGELOG.replace(/### Added\n\n- Written[\s\S]*?lines\.\n\n/, ''));
    await commit('Tests: a promise');
    await expect(release(root, '2026-12-01')).rejects.toThrow(NoRelease);
    expect(JSON.parse(await read('package.json')).version).toBe('0.1.0');
  });

  test.each(
    [
      ['1.2.3', { Fixed: ['- A'] }, '1.2.4'],
      ['1.2.3', { Security: ['- A'], Fixed: ['- B'] }, '1.2.4'],
      ['1.2.3', { Added: ['- A'], Fixed: ['- B'] }, '1.3.0'],
      ['1.2.3', { Changed: ['- A'] }, '1.3.0'],
      ['1.2.3', { Removed: ['- A'] }, '2.0.0'],
      ['1.2.3', { Fixed: ['- **Breaking**: A'] }, '2.0.0'],
      ['0.2.3', { Removed: ['- A'] }, '0.3.0'],
    ] as const,
  )('of %s with %j is %s', (current, entries, next) => {
    expect(nextVersion(current, entries)).toBe(next);
  });
});

describe('the page of a version', () => {
  test('is its section of CHANGELOG.md', async () => {
    await release(root, '2026-12-01');
    expect(await notes(root, 'v0.2.0')).toBe('### Added\n\n- Written by hand,\n  in two lines.');
  });

  test('is refused for a tag that is not the version of package.json, or that CHANGELOG.md does not tell', async () => {
    await expect(notes(root, 'v0.2.0')).rejects.toThrow(/package\.json says 0\.1\.0/);
    await write('CHANGELOG.md', CHANGELOG.replace('[0.1.0]', '[0.0.9]'));
    await expect(notes(root, 'v0.1.0')).rejects.toThrow(/no section 0\.1\.0/);
  });
});
