import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const shared = fileURLToPath(new URL('../../supabase/functions/_shared/', import.meta.url));
const client = fileURLToPath(new URL('../../web/src/', import.meta.url));
const PROVIDER = /google|microsoft|outlook/i;

interface Source {
  /** Relative to `_shared`, with forward slashes. */
  readonly path: string;
  readonly code: string;
  readonly imports: ReadonlyArray<{ readonly target: string; readonly typeOnly: boolean }>;
}

/** Everything that names another module: `import`, `export … from`, `import()`. */
const IMPORT =
  /^\s*(?:import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/gm;

function importsOf(path: string, code: string): Source['imports'] {
  return [...code.matchAll(IMPORT)].map(([, typeOnly, named, called]) => {
    const target = (named ?? called)!;
    const resolved = target.startsWith('.')
      ? relative(shared, join(shared, dirname(path), target)).split(sep).join('/')
      : target;
    return { target: resolved, typeOnly: typeOnly !== undefined };
  });
}

/** Comments may speak of what code may not do. */
const withoutComments = (text: string) => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1');

function sources(folder: string): Source[] {
  return readdirSync(join(shared, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => {
      const path = join(folder, name).split(sep).join('/');
      const text = readFileSync(join(shared, path), 'utf8');
      const code = withoutComments(text);
      return { path, code, imports: importsOf(path, code) };
    });
}

/** The imports of `folder` that `allowed` does not accept, as `file → module`. */
function forbidden(folder: string, allowed: (target: string, typeOnly: boolean) => boolean): string[] {
  return sources(folder).flatMap(({ path, imports }) =>
    imports.filter(({ target, typeOnly }) => !allowed(target, typeOnly)).map(({ target }) => `${path} → ${target}`)
  );
}

/** The first circle of imports, types included; empty where there is none. */
function circleIn(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>();
  const visit = (path: string, way: readonly string[]): string[] => {
    if (way.includes(path)) return [...way.slice(way.indexOf(path)), path];
    if (done.has(path)) return [];
    for (const target of graph.get(path) ?? []) {
      const circle = visit(target, [...way, path]);
      if (circle.length > 0) return circle;
    }
    done.add(path);
    return [];
  };
  for (const path of graph.keys()) {
    const circle = visit(path, []);
    if (circle.length > 0) return circle;
  }
  return [];
}

const within = (...folders: string[]) => (target: string) => folders.some((folder) => target.startsWith(`${folder}/`));

describe('layers', () => {
  test('the reader of imports sees every way to name a module', () => {
    const code = [
      `import { a } from './a.ts';`,
      `import type { B } from '../errors.ts';`,
      `import './side.ts';`,
      `export { c } from './c.ts';`,
      `import {`,
      `  d,`,
      `} from 'zod';`,
      `const e = await import('node:fs');`,
    ].join('\n');
    expect(importsOf('sync/x.ts', code)).toEqual([
      { target: 'sync/a.ts', typeOnly: false },
      { target: 'errors.ts', typeOnly: true },
      { target: 'sync/side.ts', typeOnly: false },
      { target: 'sync/c.ts', typeOnly: false },
      { target: 'zod', typeOnly: false },
      { target: 'node:fs', typeOnly: false },
    ]);
  });

  test('the engines know only themselves, the error type, words, bounds of text, the small zod and the provider port', () => {
    expect(sources('sync')).not.toEqual([]);
    const own = within('sync');
    const beside = [
      'errors.ts',
      'error_messages/error_message.ts',
      'vocabulary.ts',
      'text.ts',
      'zoned_time.ts',
      'zod/mini',
      'node:crypto',
    ];
    const port = within('providers/port');
    const type = within('contract');
    expect(
      forbidden(
        'sync',
        (target, typeOnly) => own(target) || port(target) || beside.includes(target) || typeOnly && type(target),
      ),
    )
      .toEqual([]);
  });

  test('an engine takes the parts of the port that it needs: neither a whole provider, nor what the other one needs', () => {
    const engine = (folder: string, other: string, parts: readonly string[]) =>
      forbidden(folder, (target) =>
        !within(other)(target) &&
        (!within('providers/port')(target) || parts.includes(target.slice('providers/port/'.length))));
    const common = ['account.ts', 'calendar.ts', 'content.ts', 'failure.ts'];
    expect(engine('sync/outbound', 'sync/inbound', common)).toEqual([]);
    expect(engine('sync/inbound', 'sync/outbound', [...common, 'notices.ts'])).toEqual([]);
    expect(engine('sync/shared', 'sync/outbound', common)).toEqual([]);
  });

  test('what a function seldom needs is not loaded with it', () => {
    const users = sources('').filter(({ imports }) => imports.some(({ target }) => target === 'google-auth-library'));
    expect(users.map(({ path }) => path)).toEqual(['providers/google/oauth.ts']);
    for (const { code } of users) expect(code).not.toMatch(/^import (?!type )[^;]*'google-auth-library'/m);
    expect(forbidden('', (target) => target !== '@supabase/supabase-js')).toEqual([]);
  });

  test('no module leads back to itself', () => {
    const graph = new Map(sources('').map(({ path, imports }) => [path, imports.map(({ target }) => target)]));
    expect(circleIn(graph)).toEqual([]);
    expect(circleIn(new Map([['a', ['b']], ['b', ['c', 'd']], ['c', []], ['d', ['b']]]))).toEqual(['b', 'd', 'b']);
  });

  test('the contract can be loaded by a page: it knows only itself and the small zod', () => {
    expect(sources('contract')).not.toEqual([]);
    const own = within('contract');
    const others = ['vocabulary.ts', 'zod/mini'];
    expect(forbidden('contract', (target, typeOnly) => own(target) || typeOnly || others.includes(target))).toEqual([]);
  });

  test('the engine reaches no clock, no network, no chance and no runtime', () => {
    const world = /\bDeno\.|\bfetch\(|\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\brandomUUID\b|\bsetTimeout\b/g;
    const reached = sources('sync').flatMap(({ path, code }) =>
      [...code.matchAll(world)].map(([what]) => `${path}: ${what}`)
    );
    expect(reached).toEqual([]);
  });

  test.each(['sync', 'oauth', 'http', 'db', 'contract', 'routes'])('%s names no provider', (folder) => {
    const files = readdirSync(join(shared, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'));
    expect(files).not.toEqual([]);
    expect(files.filter((name) => PROVIDER.test(name + readFileSync(join(shared, folder, name), 'utf8')))).toEqual([]);
  });

  test('the client names providers in its table of them and in its words, and nowhere else', () => {
    const files = readdirSync(client, { recursive: true, encoding: 'utf8' }).filter((name) => /\.tsx?$/.test(name));
    const naming = files.filter((name) => PROVIDER.test(name + readFileSync(join(client, name), 'utf8')));
    expect(files.length).toBeGreaterThan(50);
    expect(naming.filter((name) => !/(^|[\\/])(fr|en)\.ts$/.test(name))).toEqual(['providers.ts']);
  });

  test('a provider adapter reaches neither the database, nor the HTTP layer, nor the connection flow', () => {
    const kept = within('db', 'http', 'oauth', 'sync', 'routes');
    expect(forbidden('providers', (target) => !kept(target))).toEqual([]);
  });

  test('an adapter knows no other adapter', () => {
    const kept = within('providers/microsoft');
    expect(forbidden('providers/google', (target) => !kept(target))).toEqual([]);
    expect(forbidden('providers/microsoft', (target) => !within('providers/google')(target))).toEqual([]);
  });

  test('database and HTTP layers do not reach up into what uses them', () => {
    const up = within('oauth', 'routes', 'providers/google', 'providers/microsoft');
    expect(forbidden('http', (target) => !up(target))).toEqual([]);
    expect(forbidden('db', (target, typeOnly) => typeOnly || !up(target))).toEqual([]);
  });

  test('an emulator knows what all share and itself: neither the other emulator nor the product nor the local stack', () => {
    const emulators = join(shared, '..', '..', '..', 'emulators');
    for (const name of ['core', 'google', 'microsoft']) {
      const foreign = sources(relative(shared, join(emulators, name))).flatMap(({ path, imports }) =>
        imports.map(({ target }) => relative(emulators, join(shared, target)))
          .filter((target) => target.startsWith('..') || !within('core', name)(target.split(sep).join('/')))
          .filter((target) => target.endsWith('.ts')).map((target) => `${path} → ${target}`)
      );
      expect(foreign).toEqual([]);
    }
  });
});
