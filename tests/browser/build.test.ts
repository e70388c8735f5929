/** The page as it is deployed: built, served as plain files, under its own content security policy, within its budgets. */
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pageFindings } from '../../scripts/doctor/page.ts';
import type { LaunchedBrowser } from './chromium.ts';
import { complaintsOf } from './product.ts';
import type { ServedClient } from './served_client.ts';
import { StubService } from './stub_service.ts';
import { StubbedClient } from './stubbed_client.ts';

/** Script that a first visit fetches, gzip, in kilobytes of 1000 bytes. */
const BUDGETS = [
  ['/login', 60],
  ['/settings/integrations/google-calendar', 70],
  ['/calendar', 140],
] as const;

let stubbed: StubbedClient;
let client: ServedClient;
let chromium: LaunchedBrowser;

beforeAll(async () => {
  stubbed = await StubbedClient.start({ env: { GOOGLE_CLIENT_SECRET: 'never-in-a-bundle' } });
  ({ served: client, chromium } = stubbed);
});

afterAll(() => stubbed?.stop());

async function bundled(): Promise<string> {
  const files: string[] = [];
  for await (const { name } of Deno.readDir(join(client.dist, 'assets'))) {
    files.push(await Deno.readTextFile(join(client.dist, 'assets', name)));
  }
  return files.join('\n');
}

async function signedIn(): Promise<Page> {
  const context = await chromium.browser.newContext({ locale: 'fr-FR', viewport: { width: 1280, height: 900 } });
  await new StubService().install(context);
  return await context.newPage();
}

describe('the built page', () => {
  test('the page has no inline script and lets itself talk to its own service only', async () => {
    const html = await Deno.readTextFile(join(client.dist, 'index.html'));
    expect(html).not.toMatch(/<script(?![^>]*\ssrc=)/);
    expect(html).not.toMatch(/<style|\sstyle=|\son\w+=/);
    const policy = html.match(/http-equiv="Content-Security-Policy" content="([^"]*)"/)?.[1]?.replaceAll('&#39;', `'`);
    expect(policy).toContain(`default-src 'none'; script-src 'self'; style-src 'self'`);
    expect(policy).toContain(`connect-src 'self' ${client.url} ${client.url.replace('http', 'ws')};`);
    expect(policy).not.toMatch(/unsafe|\*/);
  });

  test('every host is told the page’s own policy, to frame it nowhere, and how to find its pages', async () => {
    const html = await Deno.readTextFile(join(client.dist, 'index.html'));
    const policy = html.match(/http-equiv="Content-Security-Policy" content="([^"]*)"/)?.[1]?.replaceAll('&#39;', `'`);
    expect(client.headers.get('content-security-policy')).toBe(`${policy}; frame-ancestors 'none'`);
    expect(html).toContain(`<meta name="referrer" content="${client.headers.get('referrer-policy')}"`);
    expect(client.headers.get('strict-transport-security')).toMatch(/^max-age=\d{8,}$/);
    const vercel = JSON.parse(await Deno.readTextFile(join(client.dist, 'vercel.json')));
    const told = vercel.headers[0].headers.map(({ key, value }: { key: string; value: string }) => [key, value]);
    expect([...new Headers(told)]).toEqual([...client.headers]);
    expect(vercel.rewrites).toEqual([{ source: '/(.*)', destination: '/index.html' }]);
    // Cloudflare refuses one that answers every path with the page, as a loop (tests/unit/hosting.test.ts).
    await expect(Deno.stat(join(client.dist, '_redirects'))).rejects.toThrow(Deno.errors.NotFound);
  });

  test('the doctor finds it well, served so, and ill where it is looked at for another project', async () => {
    const states = async (project: string) =>
      (await pageFindings(client.url, project)).map(({ check, state }) => `${check} ${state}`);
    expect(await states(client.url)).toEqual(['page ok', 'bundle ok']);
    expect(await states('https://other.test')).toEqual(['page fail']);
  });

  test('no other page can frame it', async () => {
    const page = await chromium.browser.newPage();
    const body = `<iframe src="${client.url}/login"></iframe>`;
    await page.route('http://127.0.0.2/', (route) => route.fulfill({ contentType: 'text/html', body }));
    const framed = async () => {
      await page.goto('http://127.0.0.2/');
      return page.frames()[1]!.url();
    };
    await expect.poll(framed).toBe('chrome-error://chromewebdata/');
    // Without the two headers it would show: nothing else keeps it out of the frame.
    await page.route(`${client.url}/login`, async (route) => {
      const response = await route.fetch();
      const { 'content-security-policy': _policy, 'x-frame-options': _options, ...headers } = response.headers();
      await route.fulfill({ response, headers });
    });
    await expect.poll(framed).toBe(`${client.url}/login`);
    await page.close();
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
      const complaints = complaintsOf(page);
      await page.goto(`${client.url}/settings/integrations/google-calendar?lang=${lang}`);
      await page.getByRole('heading', { name: lang === 'fr' ? 'Se connecter' : 'Sign in' }).waitFor();
      expect(await page.locator('html').getAttribute('lang')).toBe(lang);
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
      expect(complaints).toEqual([]);
      await context.close();
    },
  );

  test('a service that does not answer is told in words', async () => {
    const page = await chromium.browser.newPage({ locale: 'fr-FR' });
    await page.route(/\/auth\/v1\//, (route) => route.abort());
    await page.goto(`${client.url}/login`);
    await page.getByLabel('Adresse e-mail').fill('claire@cabinet-lumiere.test');
    await page.getByLabel('Mot de passe').fill('demo-password');
    await page.getByRole('button', { name: 'Se connecter' }).click();
    await page.getByRole('alert').getByText('Le service ne répond pas').waitFor();
    await page.close();
  });
});

describe('budgets', () => {
  test.each(BUDGETS)('a first visit of %s fetches at most %i kB of script', async (path, budget) => {
    const page = path === '/login' ? await chromium.browser.newPage({ locale: 'fr-FR' }) : await signedIn();
    const fetched = new Map<string, number>();
    page.on('response', async (response) => {
      const { pathname } = new URL(response.url());
      if (!pathname.endsWith('.js')) return;
      fetched.set(pathname, gzipSync(await Deno.readFile(join(client.dist, pathname)), { level: 9 }).length);
    });
    await page.goto(client.url + path);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.waitForLoadState('networkidle').catch(() => {});
    const kilobytes = [...fetched.values()].reduce((sum, size) => sum + size, 0) / 1000;
    expect(fetched.size).toBeGreaterThan(1);
    expect(kilobytes, [...fetched].join('\n')).toBeLessThanOrEqual(budget);
    await page.context().close();
  });

  test.each(['/settings/integrations', '/settings/integrations/google-calendar', '/settings/security', '/calendar'])(
    'nothing on %s jumps while it loads',
    async (path) => {
      const page = await signedIn();
      await page.addInitScript(() => {
        const shifts: unknown[] = [];
        Object.assign(globalThis, { shifts });
        new PerformanceObserver((list) => shifts.push(...list.getEntries()))
          .observe({ type: 'layout-shift', buffered: true });
      });
      await page.goto(client.url + path);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.waitForLoadState('networkidle').catch(() => {});
      const total = await page.evaluate(() =>
        (globalThis as unknown as { shifts: Array<{ value: number }> }).shifts
          .reduce((sum, { value }) => sum + value, 0)
      );
      expect(total).toBeLessThanOrEqual(0.02);
      await page.context().close();
    },
  );
});

/** What Lighthouse looks at and this machine can tell without a clock. */
describe.each([
  ['/login', false],
  ['/settings/profile', true],
  ['/settings/integrations', true],
  ['/settings/integrations/google-calendar', true],
  ['/settings/security', true],
  ['/calendar?view=month', true],
  ['/conflicts', true],
])('an audit of %s', (path, inside) => {
  let page: Page;
  let complaints: readonly string[];
  const answers: Array<{ url: URL; status: number }> = [];

  beforeAll(async () => {
    page = inside ? await signedIn() : await chromium.browser.newPage({ locale: 'fr-FR' });
    complaints = complaintsOf(page);
    page.on('response', (response) => void answers.push({ url: new URL(response.url()), status: response.status() }));
    // A phone: narrow, and touched with fingers.
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto(client.url + path);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.waitForLoadState('networkidle').catch(() => {});
  });
  afterAll(() => page?.context().close());

  test('every answer is good, comes from the product alone, and nothing complains', () => {
    expect(answers.length).toBeGreaterThan(2);
    expect(answers.filter(({ status }) => status >= 400)).toEqual([]);
    expect([...new Set(answers.map(({ url }) => url.origin))]).toEqual([client.url]);
    expect(complaints).toEqual([]);
  });

  test('it has a title of its own, a description, a language, and may be zoomed', async () => {
    expect(await page.title()).toMatch(/^.+ — Cassius Calendar$/);
    const content = (name: string) => page.locator(`meta[name="${name}"]`).getAttribute('content');
    expect((await content('description'))?.length).toBeGreaterThan(50);
    expect(await content('viewport')).not.toMatch(/user-scalable|maximum-scale/);
    expect(await page.locator('html').getAttribute('lang')).toBe('fr');
    expect(await page.evaluate(() => document.compatMode)).toBe('CSS1Compat');
  });

  test('pictures keep their place, text can be read, and fingers find what they press', async () => {
    const found = await page.evaluate(() => {
      const shown = (element: Element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
      const name = (element: Element) => element.outerHTML.slice(0, 120);
      const own = (element: Element) =>
        [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim());
      const everything = [...document.body.querySelectorAll('*')].filter(shown);
      return {
        unsized: everything.filter((each) => each instanceof HTMLImageElement && !(each.width && each.height)).map(
          name,
        ),
        tiny: everything.filter((each) => own(each) && parseFloat(getComputedStyle(each).fontSize) < 12).map(name),
      };
    });
    expect(found).toEqual({ unsized: [], tiny: [] });
    await page.evaluate(axe.source);
    const small = await page.evaluate(async () => {
      const options = { runOnly: ['target-size', 'meta-viewport', 'label-content-name-mismatch', 'duplicate-id-aria'] };
      const { violations } = await (globalThis as unknown as { axe: typeof axe }).axe.run(document, options);
      return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 120)}`));
    });
    expect(small).toEqual([]);
  });

  test('it is light: few requests, one small stylesheet a page, a tree that stays small', async () => {
    const sheets = answers.map(({ url }) => url.pathname).filter((each) => each.endsWith('.css'));
    let bytes = 0;
    for (const sheet of sheets) {
      bytes += gzipSync(await Deno.readFile(join(client.dist, sheet)), { level: 9 }).length;
    }
    expect(bytes).toBeGreaterThan(0);
    expect(bytes).toBeLessThanOrEqual(20_000);
    expect(answers.length).toBeLessThanOrEqual(40);
    expect(await page.evaluate(() => document.querySelectorAll('*').length)).toBeLessThanOrEqual(1_400);
  });
});
