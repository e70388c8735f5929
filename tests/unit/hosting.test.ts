/** Each host's own file says the same: which headers come with every answer, and that a path that is no file is the page. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { fixedHeaders, hostFiles, pageHeaders, pagePolicy } from '../../web/hosting.ts';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const built = hostFiles('https://project.test');

type Headers = ReadonlyArray<readonly [string, string]>;

/** Of `_headers`: those of its one rule. */
function written(file: string): { path: string; headers: Headers } {
  const [path = '', ...lines] = file.trimEnd().split('\n');
  return { path, headers: lines.map((line) => line.trim().split(/: (.*)/s).slice(0, 2) as [string, string]) };
}

describe('settings of a host', () => {
  test('Netlify: the page for every path, its headers beside it', () => {
    const file = read('netlify.toml');
    expect(file).toMatch(/^publish = "web\/dist"$/m);
    expect(file).toContain('[[redirects]]\nfrom = "/*"\nto = "/index.html"\nstatus = 200\n');
    expect(written(built._headers!)).toEqual({ path: '/*', headers: pageHeaders('https://project.test') });
  });

  test('Cloudflare: the page for every path, its headers beside it, and no rule that is refused as a loop', () => {
    const file = JSON.parse(read('wrangler.jsonc').replaceAll(/^\s*\/\/.*$/gm, ''));
    expect(file.assets).toEqual({ directory: 'web/dist', not_found_handling: 'single-page-application' });
    expect(Object.keys(built)).not.toContain('_redirects');
    expect(existsSync(new URL('../../web/public/_redirects', import.meta.url))).toBe(false);
  });

  test('Vercel: the page for every path, with every header', () => {
    const { headers, rewrites } = JSON.parse(built['vercel.json']!);
    expect(rewrites).toEqual([{ source: '/(.*)', destination: '/index.html' }]);
    const sent = headers[0].headers.map(({ key, value }: { key: string; value: string }) => [key, value]);
    expect(sent).toEqual(pageHeaders('https://project.test'));
  });

  test('Render: the page for every path, with every header', () => {
    const file = read('render.yaml');
    expect(file).toMatch(/^ +staticPublishPath: web\/dist$/m);
    expect(file).toMatch(/- type: rewrite\n +source: \/\*\n +destination: \/index\.html\n/);
    const sent = [...file.matchAll(/- path: \/\*\n +name: (\S+)\n +value: (["'])(.*)\2$/gm)]
      .map(([, name, , value]) => [name, value]);
    expect(sent).toEqual(fixedHeaders());
  });

  test('nginx: the page for every path, with every header, errors included, and none that a block inside would drop', () => {
    const file = read('hosting/nginx.conf');
    const [, block = ''] = /location \/ \{\n([\s\S]*?)\n\}/.exec(file) ?? [];
    expect(block).toMatch(/^ +try_files \$uri \/index\.html;$/m);
    const sent = [...block.matchAll(/add_header (\S+) "([^"]*)" always;/g)].map(([, name, value]) => [name, value]);
    expect(sent).toEqual(fixedHeaders());
    expect(file.match(/add_header/g)).toHaveLength(sent.length + 1); // and the comment that says why
  });

  test('headers that fit every project leave out only what the page says itself', () => {
    const policy = (headers: Headers) => headers.find(([name]) => name === 'Content-Security-Policy')![1];
    const whole = policy(pageHeaders('https://project.test'));
    expect(`${pagePolicy('https://project.test')}; ${policy(fixedHeaders())}`).toBe(whole);
    const others = (headers: Headers) => headers.filter(([name]) => name !== 'Content-Security-Policy');
    expect(others(fixedHeaders())).toEqual(others(pageHeaders('https://project.test')));
  });
});
