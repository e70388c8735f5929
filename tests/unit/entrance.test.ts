/** What a newcomer meets first: commands that are explained, pages that exist. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../../scripts/help.ts';

const ROOT = join(import.meta.dirname!, '..', '..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const packageJson = JSON.parse(read('package.json')) as {
  readonly engines: { readonly node: string };
  readonly scripts: Readonly<Record<string, string>>;
};

const PAGES = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...['docs', 'docs/adr'].flatMap((folder) =>
    readdirSync(join(ROOT, folder)).filter((name) => name.endsWith('.md')).map((name) => `${folder}/${name}`)
  ),
];

describe('commands', () => {
  test('`npm run help` explains every script, and none that does not exist', () => {
    expect(Object.keys(COMMANDS)).toEqual(Object.keys(packageJson.scripts));
  });

  test('every script runs a file or folder that exists', () => {
    const named = Object.values(packageJson.scripts)
      .flatMap((script) => script.match(/\b(scripts|local|bench|tests|web)\b[\w./-]*/g) ?? []);
    expect(named.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
    expect(named.length).toBeGreaterThan(10);
  });

  test('the parts of the tests are all of them', () => {
    const parts = Object.entries(packageJson.scripts).filter(([name]) => name.startsWith('test:'))
      .map(([, script]) => script.split(' ').at(-1)!);
    const folders = readdirSync(join(ROOT, 'tests'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory()).map(({ name }) => `tests/${name}`);
    expect(parts.toSorted()).toEqual(folders.toSorted());
  });

  test('the Node of .nvmrc is CI’s, and the least that package.json asks for is among the platforms’', () => {
    const least = packageJson.engines.node.replace('>=', '');
    const platforms = /node: \[(.+)\]/.exec(read('.github/workflows/platforms.yml'))![1]!.split(', ');
    expect(platforms[0]).toBe(least);
    expect(platforms).toContain(read('.nvmrc').trim());
    expect(read('.github/workflows/ci.yml')).toContain('node-version-file: .nvmrc');
  });

  const stepsOf = (workflow: string) =>
    [...read(`.github/workflows/${workflow}.yml`).matchAll(/^ +- run: (.+)$/gm)].map(([, step]) => step!);

  test('CI runs the tests by .ci/run, and the check', () => {
    expect(stepsOf('ci')).toEqual(['.ci/run', 'npm run check']);
  });

  test('what CI runs elsewhere is everything but the browser, on Linux and macOS, x64 and arm64, each Node', () => {
    const workflow = read('.github/workflows/platforms.yml');
    expect(workflow).toContain('os: [ubuntu-latest, ubuntu-24.04-arm, macos-15-intel, macos-latest]');
    expect(workflow).toContain('node: [20, 22, 24]');
    expect(stepsOf('platforms')).toEqual(['npm ci', `npm test -- --exclude 'tests/browser/**'`, 'npm run check']);
  });

  test('a version is published after CI on every platform, with its notes and the list of what it contains', () => {
    const workflow = read('.github/workflows/release.yml');
    expect([...workflow.matchAll(/uses: \.\/(.+)$/gm)].map(([, path]) => path))
      .toEqual(['.github/workflows/ci.yml', '.github/workflows/platforms.yml']);
    expect(workflow).toContain('needs: [ci, platforms]');
    const [install, notes, contents, publish] = stepsOf('release');
    expect([install, notes!.slice(0, 33)]).toEqual(['npm ci', 'npm run --silent release -- --not']);
    expect([contents!.split(' > ')[1], publish!.split(' ').at(-1)]).toEqual(
      Array.from({ length: 2 }, () => '"cassius-calendar-$TAG.cdx.json"'),
    );
  });

  test('no workflow puts what a contributor can name into a shell, or keeps a token in the checkout', () => {
    const workflows = readdirSync(join(ROOT, '.github/workflows'));
    expect(workflows.flatMap((name) => stepsOf(name.replace('.yml', '')).filter((step) => step.includes('${{'))))
      .toEqual([]);
    const checkouts = workflows.map((name) => read(`.github/workflows/${name}`).split('actions/checkout@').slice(1))
      .flat();
    expect(checkouts.filter((step) => !/^v4\n +with:\n +persist-credentials: false/.test(step))).toEqual([]);
  });
});

describe('pages', () => {
  test('every link between them leads to a file', () => {
    const dead = PAGES.flatMap((page) =>
      [...read(page).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
        .map(([, target]) => target!)
        .filter((target) => !/^[a-z]+:/.test(target))
        .filter((target) => !existsSync(join(ROOT, normalize(join(dirname(page), target)))))
        .map((target) => `${page}: ${target}`)
    );
    expect(dead).toEqual([]);
  });

  test('the recipes name files that exist', () => {
    const named = [...read('docs/recipes.md').matchAll(/`((?:…|[a-z]+)\/[^`\s]*\.[a-z]+)`/g)]
      .map(([, path]) => path!.replace('…/', 'supabase/functions/_shared/'));
    expect(named.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
    expect(named.length).toBeGreaterThan(50);
  });

  test('the index of docs names every page', () => {
    const index = read('docs/README.md');
    const missing = PAGES.filter((page) => page.startsWith('docs/') && !page.startsWith('docs/adr/'))
      .filter((page) => page !== 'docs/README.md' && !index.includes(`(${page.slice('docs/'.length)})`));
    expect(missing).toEqual([]);
  });

  test('the index of decisions gives each its title, a status and a date', () => {
    const listed = [
      ...read('docs/adr/README.md').matchAll(/^\| \[(\d+)\]\(([^)]+)\) +\| (.+?) +\| (.+?) +\| (\S+) +\|/gm),
    ]
      .map(([, number, file, title, status, date]) => ({ number, file, title, status, date }));
    const written = PAGES.filter((page) => /^docs\/adr\/\d/.test(page)).map((page) => {
      const [, number, title] = /^# (\d+)\. (.+)$/m.exec(read(page))!;
      return { number, file: page.slice('docs/adr/'.length), title };
    });
    expect(listed.map(({ number, file, title }) => ({ number, file, title }))).toEqual(written);
    expect(listed.filter(({ status }) => !/^(accepted|replaced by \d+|withdrawn)$/.test(status!))).toEqual([]);
    expect(listed.filter(({ date }) => !/^\d{4}-\d{2}-\d{2}$/.test(date!))).toEqual([]);
  });

  test('the page of failures has each of F01 to F30', () => {
    const known = [...read('docs/failures.md').matchAll(/^\| `(F\d\d)`/gm)].map(([, id]) => id!);
    const wanted = Array.from({ length: 30 }, (_, index) => `F${String(index + 1).padStart(2, '0')}`);
    expect(wanted.filter((id) => !known.includes(id))).toEqual([]);
  });
});
