/** The page as it is deployed: built, served as plain files, under its own content security policy. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium, type LaunchedBrowser } from './chromium.ts';

const ROOT = join(import.meta.dirname!, '..', '..');
const API = 'http://127.0.0.1:9'; // nothing listens there
const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

let dist: string;
let server: Deno.HttpServer<Deno.NetAddr>;
let chromium: LaunchedBrowser;

beforeAll(async () => {
  dist = await mkdtemp(join(tmpdir(), 'cassius-web-'));
  const build = new Deno.Command(Deno.execPath(), {
    args: ['run', '-A', '--quiet', 'npm:vite', 'build', 'web', '--outDir', dist, '--emptyOutDir', '--logLevel', 'warn'],
    cwd: ROOT,
    env: {
      VITE_SUPABASE_URL: API,
      VITE_SUPABASE_PUBLISHABLE_KEY: 'sb_publishable_test',
      GOOGLE_CLIENT_SECRET: 'never-in-a-bundle',
    },
  });
  const { success, stderr } = await build.output();
  if (!success) throw new Error(`Build the page: ${new TextDecoder().decode(stderr)}`);
  server = Deno.serve({ hostname: '127.0.0.1', port: 0, onListen() {} }, async (request) => {
    const { pathname } = new URL(request.url);
    const file = extname(pathname) === '' ? '/index.html' : pathname;
    return new Response(await Deno.readFile(join(dist, file)), {
      headers: { 'content-type': TYPES[extname(file)] ?? 'text/html' },
    });
  });
  chromium = await launchChromium();
}, 60_000);

afterAll(async () => {
  await chromium?.close();
  await server?.shutdown();
  await rm(dist, { recursive: true, force: true });
});

async function bundled(): Promise<string> {
  const files: string[] = [];
  for await (const { name } of Deno.readDir(join(dist, 'assets'))) {
    files.push(await Deno.readTextFile(join(dist, 'assets', name)));
  }
  return files.join('\n');
}

describe('the built page', () => {
  test('the page has no inline script and lets itself talk to its own service only', async () => {
    const html = await Deno.readTextFile(join(dist, 'index.html'));
    expect(html).not.toMatch(/<script(?![^>]*\ssrc=)/);
    const policy = html.match(/http-equiv="Content-Security-Policy" content="([^"]*)"/)?.[1]?.replaceAll('&#39;', `'`);
    expect(policy).toContain(`default-src 'none'; script-src 'self'; style-src 'self'`);
    expect(policy).toContain(`connect-src 'self' ${API};`);
  });

  test('the bundle holds the public key and no secret', async () => {
    const text = await bundled();
    expect(text.includes('sb_publishable_test')).toBe(true);
    // supabase-js itself names the prefix of secret keys.
    expect(text.match(/never-in-a-bundle|sb_secret_\w{4,}|whsec_\w{4,}/g)).toBeNull();
  });

  test.each([[360, 'light', 'fr'], [1440, 'dark', 'en']] as const)(
    'at %i pixels, %s, in %s, it starts under its policy and fits its window',
    async (width, colorScheme, lang) => {
      const context = await chromium.browser.newContext({ viewport: { width, height: 800 }, colorScheme });
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
      page.on('pageerror', (error) => complaints.push(String(error)));
      await page.goto(`http://127.0.0.1:${server.addr.port}/settings/integrations/google-calendar?lang=${lang}`);
      await page.getByRole('heading', { name: lang === 'fr' ? 'Se connecter' : 'Sign in' }).waitFor();
      expect(await page.locator('html').getAttribute('lang')).toBe(lang);
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
      expect(complaints).toEqual([]);
      await context.close();
    },
  );

  test('a service that does not answer is told in words', async () => {
    const page = await chromium.browser.newPage({ locale: 'fr-FR' });
    await page.goto(`http://127.0.0.1:${server.addr.port}/login`);
    await page.getByLabel('Adresse e-mail').fill('claire@cabinet-lumiere.test');
    await page.getByLabel('Mot de passe').fill('demo-password');
    await page.getByRole('button', { name: 'Se connecter' }).click();
    await page.getByRole('alert').getByText('Le service ne répond pas').waitFor();
    await page.close();
  });
});
