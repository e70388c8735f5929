/**
 * Every screen as it is: without a violation that axe finds, in both themes; without sideways scrolling, at three widths, in both
 * languages; and as a picture in `screenshots/` for people to look at.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { google, Person } from '../functions/person.ts';
import { CLAIRE, CLAIRES_ACCOUNT, MARC, Product, type Visitor } from './product.ts';
import { tellFailures } from '../tell_failures.ts';

const SCREENSHOTS = join(import.meta.dirname!, 'screenshots');
const WIDTHS = [360, 768, 1440] as const;
const DAY = 86_400_000;
const GOOGLE = '/settings/integrations/google-calendar';
/** Drawn, and done with measuring itself. */
const GRID = '.grid:not(.grid-unsettled) [data-entry]';

let product: Product;
tellFailures(() => product);
let run: string;
const visitors = new Map<string, Visitor>();

interface Screen {
  readonly name: string;
  readonly path: string | (() => string);
  /** Who looks: Claire's account is connected and full, Marc's is not, null is not signed in. */
  readonly as?: string | null;
  /** Appears when the screen is complete. */
  readonly ready: string;
  /** What is opened on it first; words of both languages. */
  readonly open?: (page: Page) => Promise<void>;
}

const SCREENS: readonly Screen[] = [
  { name: 'login', path: '/login', as: null, ready: 'form' },
  { name: 'profile', path: '/settings/profile', ready: 'form' },
  { name: 'organisation', path: '/settings/organisation', ready: '.event-preview' },
  { name: 'integrations', path: '/settings/integrations', ready: '[data-provider="google"] [data-state="connected"]' },
  { name: 'before-connecting', path: GOOGLE, as: MARC, ready: '.list-never' },
  {
    name: 'refused',
    path: `${GOOGLE}?result=error&code=INSUFFICIENT_SCOPE`,
    as: MARC,
    ready: '.refusal',
    open: (page) => page.locator('.refusal summary').click(),
  },
  {
    name: 'connected',
    path: GOOGLE,
    ready: '#target:enabled',
    async open(page) {
      await page.getByRole('button', { name: /^(Aperçu|Preview)$/ }).click();
      await page.locator('.import-preview').waitFor();
    },
  },
  {
    name: 'disconnecting',
    path: GOOGLE,
    ready: '#target:enabled',
    async open(page) {
      await page.getByRole('button', { name: /^(Déconnecter|Disconnect)$/ }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  { name: 'outlook', path: '/settings/integrations/microsoft-calendar', as: MARC, ready: 'main .card, main .notice' },
  { name: 'report', path: () => `${GOOGLE}/report/${run}`, ready: 'tbody tr' },
  { name: 'security', path: '/settings/security', ready: '[data-run]' },
  { name: 'calendar-week', path: '/calendar?view=week', ready: GRID },
  { name: 'calendar-month', path: '/calendar?view=month', ready: GRID },
  { name: 'calendar-agenda', path: '/calendar?view=agenda', ready: '[data-entry]' },
  {
    name: 'calendar-legend',
    path: '/calendar?view=week',
    ready: GRID,
    async open(page) {
      await page.getByRole('button', { name: /^(Légende|Legend)$/ }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'calendar-date',
    path: '/calendar?view=week',
    ready: GRID,
    async open(page) {
      await page.locator('.calendar-title').click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'calendar-search',
    path: '/calendar?view=week',
    ready: GRID,
    async open(page) {
      await page.keyboard.press('/');
      await page.getByRole('combobox').fill('m');
      await page.getByRole('option').first().waitFor();
    },
  },
  {
    name: 'calendar-filters',
    path: '/calendar?view=week',
    ready: GRID,
    async open(page) {
      await page.setViewportSize({ width: 360, height: 740 });
      await page.getByRole('button', { name: /^(Filtres|Filters)/ }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  { name: 'conflicts', path: '/conflicts', ready: '[data-conflict]' },
];

beforeAll(async () => {
  await mkdir(SCREENSHOTS, { recursive: true });
  product = await Product.start();
  const claire = await Person.signIn(product.stack, CLAIRE);
  await claire.connect(CLAIRES_ACCOUNT);
  await claire.call('google-sync/sync-now', { body: {} });
  await claire.call('google-connect/settings', { method: 'PATCH', body: { two_way: 'review', import_enabled: true } });
  const at = (days: number, hour: number) => {
    const day = new Date(Date.now() + days * DAY);
    day.setUTCHours(hour, 0, 0, 0);
    return { dateTime: day.toISOString(), timeZone: 'Europe/Paris' };
  };
  for (
    const [summary, days, hour] of [['Réunion d’équipe', 1, 9], ['Formation', 3, 13], ['Déjeuner', 4, 11]] as const
  ) {
    const event = { summary, start: at(days, hour), end: at(days, hour + 1) };
    await google(product.stack, 'events', { calendarId: CLAIRES_ACCOUNT, event });
  }
  const window = { timeMin: at(0, 0).dateTime, timeMax: at(14, 0).dateTime };
  const body = { calendarId: CLAIRES_ACCOUNT, ...window, mode: 'import' };
  run = (await claire.call('google-import/import', { body })).body.runId;
  // What comes from now on waits to be previewed.
  await claire.call('google-connect/settings', {
    method: 'PATCH',
    body: { import_enabled: false, two_way: 'off' },
  });
  await google(product.stack, 'events', {
    calendarId: CLAIRES_ACCOUNT,
    event: { summary: 'Visite du matériel', start: at(5, 12), end: at(5, 13) },
  });
});

afterAll(() => product?.stop());

/** One window a person and language, kept from screen to screen. */
async function pageOf(as: string | null, lang: string): Promise<Page> {
  const key = `${as} ${lang}`;
  const known = visitors.get(key) ?? await product.visit(as, { locale: lang === 'fr' ? 'fr-FR' : 'en-GB' });
  visitors.set(key, known);
  return known.page;
}

async function show({ path, as = CLAIRE, ready, open }: Screen, lang: string): Promise<Page> {
  const page = await pageOf(as, lang);
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.goto(product.url + (typeof path === 'string' ? path : path()));
  await page.locator(ready).first().waitFor();
  await open?.(page);
  return page;
}

async function violations(page: Page): Promise<string[]> {
  // Outside the page's own scripts, so that its policy stays what it is.
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() =>
    (globalThis as unknown as { axe: typeof axe }).axe.run(document, { resultTypes: ['violations'] })
  );
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`));
}

describe.each(SCREENS)('$name', (screen) => {
  test('has nothing that axe finds, wide in light and narrow in dark', async () => {
    const page = await show(screen, 'fr');
    const found: Record<string, string[]> = {};
    for (const [colorScheme, width] of [['light', 1440], ['dark', 360]] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.setViewportSize({ width, height: 900 });
      found[colorScheme] = await violations(page);
    }
    await page.emulateMedia({ colorScheme: 'light' });
    expect(found).toEqual({ light: [], dark: [] });
  });

  test.each([['fr', 'light'], ['en', 'dark']] as const)('fits every window, in %s, %s', async (lang, colorScheme) => {
    const page = await show(screen, lang);
    await page.emulateMedia({ colorScheme });
    const tooWide: number[] = [];
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 900 });
      const path = join(SCREENSHOTS, `${screen.name}-${lang}-${width}.png`);
      await page.screenshot({ path, fullPage: true });
      if (await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)) tooWide.push(width);
    }
    expect(tooWide).toEqual([]);
  });
});

test('no page complained', () => {
  for (const [who, { complaints }] of visitors) expect(complaints, who).toEqual([]);
});
