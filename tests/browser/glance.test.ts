/** The truth at a glance: what failed, what is not known and what is on its way are never taken for what is well. */
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { WAIT } from '../patience.ts';
import { STATUS, type StubService } from './stub_service.ts';
import { StubbedClient } from './stubbed_client.ts';

const FAILED = 'POST rest/v1/rpc/failed_appointments';
const GOOGLE = '/settings/integrations/google-calendar';

let client: StubbedClient;
let service: StubService;
let context: BrowserContext;
let page: Page;

beforeAll(async () => {
  client = await StubbedClient.start();
});
afterAll(() => client?.stop());
beforeEach(async () => {
  ({ context, page, service } = await client.visit({ viewport: { width: 1280, height: 900 } }));
});

const open = (path: string) => page.goto(client.url + path);
const connection = () => page.locator('.connection');

describe('what failed', () => {
  test('is said on every page, how many, and leads to the connection; the calendar does not call it connected', async () => {
    service.answer(FAILED, { body: { google: 3 } });
    for (const path of ['/calendar', '/conflicts', '/settings/profile']) {
      await open(path);
      const link = page.getByRole('link', { name: '3 rendez-vous en échec' });
      expect(await link.getAttribute('href')).toBe(GOOGLE);
    }
    await open('/calendar');
    await connection().getByRole('link', { name: 'Google : 3 en échec' }).waitFor();
    service.answer(FAILED, null);
    await connection().getByRole('link', { name: 'Google connecté' }).waitFor();
    expect(await page.locator('.failures-link').count()).toBe(0);
  });

  test('of several connections leads to all of them, and each card says its own', async () => {
    service.answer(FAILED, { body: { google: 3, microsoft: 1 } });
    await open('/calendar');
    await page.getByRole('link', { name: '4 rendez-vous en échec' }).click();
    const card = page.locator('[data-provider="google"]');
    await card.getByText('3 en échec').waitFor();
  });

  test('stands above everything else of its connection, and the connection leads to it', async () => {
    service.answer('GET functions/v1/google-connect/status', { body: { ...STATUS, failed: 2 } });
    await open(GOOGLE);
    await page.getByRole('heading', { name: 'Erreurs' }).waitFor();
    expect((await page.locator('main h2').allTextContents()).slice(0, 2)).toEqual(['Erreurs', 'Connexion']);
    const link = page.getByRole('link', { name: '2 en échec' });
    expect(await link.getAttribute('href')).toBe('#failures-title');
  });
});

describe('without a network', () => {
  test('every page says so once, and takes no connection for working', async () => {
    for (const path of ['/calendar', '/conflicts', '/settings/security', GOOGLE]) {
      await open(path);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await expect.poll(() => page.locator('.loading').count(), WAIT).toBe(0);
      if (path === '/calendar') await connection().getByRole('link', { name: 'Google connecté' }).waitFor();
      await context.setOffline(true);
      service.answer('*', { offline: true });
      await page.getByText('Hors ligne').waitFor();
      if (path === '/calendar') {
        await connection().getByRole('link', { name: 'Google : état inconnu' }).waitFor();
        expect(await page.getByText('l’agenda n’est peut-être plus à jour').count()).toBe(0);
      }
      await context.setOffline(false);
      service.answer('*', null);
      await page.getByText('Hors ligne').waitFor({ state: 'detached' });
    }
  });

  test('the door says so as well', async () => {
    const visitor = await client.chromium.browser.newContext({ locale: 'fr-FR' });
    const door = await visitor.newPage();
    await door.goto(`${client.url}/login`);
    await door.getByRole('heading', { name: 'Se connecter' }).waitFor();
    await visitor.setOffline(true);
    await door.getByText('Hors ligne').waitFor();
    await visitor.close();
  });

  test('a service that does not answer is not called connected', async () => {
    await open('/calendar');
    await connection().getByRole('link', { name: 'Google connecté' }).waitFor();
    service.answer('*', { offline: true });
    await connection().getByRole('link', { name: 'Google : état inconnu' }).waitFor();
    service.answer('*', null);
    await connection().getByRole('link', { name: 'Google connecté' }).waitFor();
  });
});

describe('what is on its way', () => {
  /** Frames between the click and the first one that says so. */
  const framesUntilBusy = (button: string) =>
    page.evaluate(async (name) => {
      const busy = () => document.querySelector('.calendar-body')?.getAttribute('aria-busy') === 'true';
      (document.querySelector(`[aria-label="${name}"]`) as HTMLElement).click();
      for (let frames = 0; frames < 60; frames += 1) {
        if (busy()) return frames;
        await new Promise(requestAnimationFrame);
      }
      return Infinity;
    }, button);

  test.each([['week', 'Semaine suivante'], ['month', 'Mois suivant'], ['agenda', 'Quinzaine suivante']])(
    'a %s looks busy at the next frames, not free, and still does when it cannot be read',
    async (view, next) => {
      await open(`/calendar?view=${view}`);
      await page.locator('.calendar-body[aria-busy="false"]').waitFor();
      const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
      service.answer('GET rest/v1/rdv', { offline: true, after: answered });
      // A tenth of a second.
      expect(await framesUntilBusy(next)).toBeLessThanOrEqual(6);
      expect(await page.getByText('Rien dans cette période').count()).toBe(0);
      if (view === 'agenda') await page.locator('.skeleton').waitFor();
      answer();
      service.answer('GET rest/v1/rdv', { status: 500, body: { code: 'XX000', message: 'no' } });
      await page.getByRole('button', { name: next }).click();
      await page.getByRole('button', { name: 'Réessayer' }).waitFor();
      expect(await page.locator('.calendar-body').getAttribute('aria-busy')).toBe('true');
      service.answer('GET rest/v1/rdv', null);
      await page.getByRole('button', { name: 'Réessayer' }).click();
      await page.locator('.calendar-body[aria-busy="false"]').waitFor();
    },
  );
});
