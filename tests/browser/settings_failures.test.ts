/** What the settings do when the service refuses, breaks or is not there. The page is the built one; the service is a stub. */
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { refusal, STATUS, type StubService } from './stub_service.ts';
import { StubbedClient } from './stubbed_client.ts';
import { WAIT } from '../patience.ts';

const PAGE = '/settings/integrations/google-calendar';
const STATUS_CALL = 'GET functions/v1/google-connect/status';

let client: StubbedClient;
let service: StubService;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  client = await StubbedClient.start({ realtime: true });
});

afterAll(() => client?.stop());

async function visit(options: { signedIn?: boolean; realtime?: boolean } = {}): Promise<Page> {
  ({ page, service } = await client.visit({ realtime: true, ...options }));
  complaints = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  return page;
}

beforeEach(() => visit());

afterEach(() => {
  expect(complaints).toEqual([]);
});

const open = (path = PAGE) => page.goto(client.url + path);
const button = (name: string | RegExp) => page.getByRole('button', { name, exact: true });
const connected = () => page.getByRole('region', { name: 'Connexion' }).waitFor();
const toast = () => page.locator('.notices').getByRole('alert');

describe('a session', () => {
  test('that ran out is renewed without anybody noticing', async () => {
    await open();
    await connected();
    service.answer('POST functions/v1/google-sync/sync-now', refusal(401, 'UNAUTHENTICATED', 'Votre session a expiré'));
    const renewed = page.waitForRequest(/auth\/v1\/token\?grant_type=refresh_token/);
    const again = page.waitForRequest((request) => request.url().endsWith('/sync-now'));
    await button('Synchroniser maintenant').click();
    await again;
    await renewed;
    await expect.poll(() => service.count('POST functions/v1/google-sync/sync-now'), WAIT).toBe(2);
    expect(new URL(page.url()).pathname).toBe(PAGE);
  });

  test('that is over leads to the door, says so, and back to the same page', async () => {
    await open();
    await connected();
    service.answer(STATUS_CALL, refusal(401, 'UNAUTHENTICATED', 'Votre session a expiré'));
    service.answer('POST auth/v1/token', { status: 400, body: { error_code: 'refresh_token_not_found', msg: 'gone' } });
    service.announce('calendar_integrations');
    // Less than the half minute after which the page would look without being told.
    await page.getByText('Votre session a expiré : reconnectez-vous pour continuer.').waitFor();
    expect(await page.evaluate(() => localStorage.getItem('cassius.session'))).toBeNull();
    service.answer(STATUS_CALL, null);
    service.answer('POST auth/v1/token', null);
    await page.getByLabel('Adresse e-mail').fill('claire@cabinet-lumiere.test');
    await page.getByLabel('Mot de passe').fill('demo-password');
    await button('Se connecter').click();
    await connected();
    expect(new URL(page.url()).pathname).toBe(PAGE);
  });

  test('is not thrown away because the service is down', async () => {
    await open();
    await connected();
    service.answer(STATUS_CALL, refusal(401, 'UNAUTHENTICATED', 'Votre session a expiré'));
    service.answer('POST auth/v1/token', { status: 503, body: { msg: 'later' } });
    service.announce('calendar_integrations');
    // Less than the half minute after which the page would look without being told.
    await page.getByRole('status').getByText('Votre session a expiré').waitFor();
    expect(await page.evaluate(() => localStorage.getItem('cassius.session'))).not.toBeNull();
    await connected();
  });

  test('cannot be had too often: 429 is told in words', async () => {
    await visit({ signedIn: false });
    await open('/login');
    service.answer('POST auth/v1/token', { status: 429, body: { error_code: 'over_request_rate_limit', msg: 'slow' } });
    await page.getByLabel('Adresse e-mail').fill('claire@cabinet-lumiere.test');
    await page.getByLabel('Mot de passe').fill('demo-password');
    await button('Se connecter').click();
    await page.getByRole('alert').getByText('Trop de tentatives').waitFor();
  });
});

describe('an action', () => {
  const SYNC = 'POST functions/v1/google-sync/sync-now';

  test.each(
    [
      [409, 'NEED_RECONSENT', 'L’accès à l’agenda a pris fin : reconnectez le compte'],
      [429, 'RATE_LIMITED', 'L’agenda demande de ralentir : la synchronisation reprendra d’elle-même'],
      [500, 'SYNC_FAILED', 'La synchronisation a échoué : elle sera retentée d’elle-même'],
    ] as const,
  )('refused with %i %s is a sentence, with step and request one click away', async (status, code, message) => {
    await open();
    await connected();
    service.answer(SYNC, refusal(status, code, message));
    await button('Synchroniser maintenant').click();
    await toast().getByText(message).waitFor();
    expect(await toast().getByText('req-4711').isVisible()).toBe(false);
    await toast().getByText('Détails techniques').click();
    for (const fact of [code, 'drain', 'req-4711']) {
      await toast().getByText(fact, { exact: true }).waitFor();
    }
    expect(await button('Synchroniser maintenant').isEnabled()).toBe(true);
    await toast().getByRole('button', { name: 'Fermer' }).click();
    await toast().waitFor({ state: 'detached' });
  });

  test.each(
    [
      [429, 'RATE_LIMITED', 'L’agenda demande de ralentir', 'n’a rien changé : relancez-le dans une minute'],
      [429, 'QUOTA_EXCEEDED', 'La limite d’usage est atteinte', 'n’a rien changé : relancez-le dans quelques heures'],
      [409, 'PREVIEW_OUTDATED', 'L’agenda a changé depuis l’aperçu', 'Affichez-en un nouveau'],
    ] as const,
  )('an import refused with %i %s says what it left and when to try again', async (status, code, message, hint) => {
    await open();
    await connected();
    service.answer('POST functions/v1/google-import/import', refusal(status, code, message));
    await button('Importer maintenant').click();
    const form = page.getByRole('form', { name: 'Importer depuis Google' });
    await form.getByRole('alert').getByText(message).waitFor();
    await form.getByText(hint).waitFor();
  });

  test('refused by a gateway that knows nothing of us is still a sentence', async () => {
    await open();
    await connected();
    service.answer(SYNC, { status: 502, text: '<h1>Bad gateway</h1>' });
    await button('Synchroniser maintenant').click();
    await toast().getByText('Le service est momentanément indisponible').waitFor();
    await toast().getByText('Détails techniques').click();
    await toast().getByText('HTTP_502').waitFor();
  });

  test('answered with something else than agreed is told, and nothing is made of it', async () => {
    await open();
    await connected();
    service.answer(SYNC, { body: { created: 'many' } });
    await button('Synchroniser maintenant').click();
    await toast().getByText('Le service a donné une réponse incompréhensible').waitFor();
    expect(await page.getByRole('heading', { name: 'Résultat' }).count()).toBe(0);
  });

  test('whose save is refused keeps what was chosen', async () => {
    await open();
    const form = page.getByRole('form', { name: 'Synchronisation' });
    await form.getByLabel('Occupé').check();
    service.answer(
      'PATCH functions/v1/google-connect/settings',
      refusal(404, 'CALENDAR_NOT_FOUND', 'Cet agenda est introuvable'),
    );
    await form.getByRole('button', { name: 'Enregistrer' }).click();
    await toast().getByText('Cet agenda est introuvable').waitFor();
    expect(await form.getByLabel('Occupé').isChecked()).toBe(true);
    await form.getByText('Modifications non enregistrées').waitFor();
  });
});

describe('a connection that breaks', () => {
  test('keeps what is on screen and what was typed, says so, and comes back by itself', async () => {
    await open();
    const form = page.getByRole('form', { name: 'Synchronisation' });
    await form.getByLabel('Occupé').check();
    service.answer('*', { offline: true });
    service.announce('calendar_integrations');
    // Less than the half minute after which the page would look without being told.
    await page.getByText('Le service ne répond pas : cette page n’est peut-être plus à jour').waitFor();
    await connected();
    expect(await form.getByLabel('Occupé').isChecked()).toBe(true);
    await button('Synchroniser maintenant').click();
    await toast().getByText('Le service ne répond pas : vérifiez votre connexion').waitFor();
    service.answer('*', null);
    await page.getByText('cette page n’est peut-être plus à jour').waitFor({ state: 'detached' });
    expect(await form.getByLabel('Occupé').isChecked()).toBe(true);
  });

  test('without a word is told too, and comes back by itself', async () => {
    await page.clock.install();
    await open();
    await connected();
    service.answer(STATUS_CALL, { after: new Promise(() => {}) });
    const before = service.count(STATUS_CALL);
    service.announce('calendar_integrations');
    // Less than the half minute after which the page would look without being told.
    await expect.poll(() => service.count(STATUS_CALL) - before, WAIT).toBe(1);
    await page.clock.fastForward(20_000);
    await page.getByText('Le service ne répond pas : cette page n’est peut-être plus à jour').waitFor();
    await connected();
    service.answer(STATUS_CALL, null);
    await page.clock.fastForward(15_000);
    await page.getByText('cette page n’est peut-être plus à jour').waitFor({ state: 'detached' });
  });

  test('at the very beginning leaves a way to try again', async () => {
    service.answer('GET rest/v1/organisation_members', { offline: true });
    await open();
    await page.getByRole('alert').getByText('Le service ne répond pas').waitFor();
    service.answer('GET rest/v1/organisation_members', null);
    await button('Réessayer').click();
    await connected();
  });

  test('while a page’s code is fetched says so, with a way out', async () => {
    await page.route(/settings_page-.*\.js$/, (route) => route.abort());
    await open();
    await page.getByRole('alert').getByText('Cette page n’a pas pu être chargée').waitFor();
    await page.unroute(/settings_page-.*\.js$/);
    await button('Recharger la page').click();
    await connected();
  });
});

describe('what the service says of a connection', () => {
  test('an account to be reconnected offers that and nothing that cannot work', async () => {
    service.answer(STATUS_CALL, { body: { ...STATUS, status: 'reconnect_required' } });
    await open();
    await button('Reconnecter Google').waitFor();
    expect(await button('Synchroniser maintenant').count()).toBe(0);
    expect(await page.getByRole('form').count()).toBe(0);
  });

  test('a backlog is a bar with numbers, not a spinner', async () => {
    service.answer(STATUS_CALL, { body: { ...STATUS, pending: 40 } });
    await open();
    const bar = page.getByRole('progressbar');
    await bar.waitFor();
    service.answer(STATUS_CALL, { body: { ...STATUS, pending: 28 } });
    service.announce('appointment_external_links');
    await page.getByText('12 sur 40 rendez-vous envoyés').waitFor();
    expect(await bar.getAttribute('value')).toBe('12');
  });

  test('a running import that was begun elsewhere shows how far it is', async () => {
    service.answer('GET functions/v1/google-import/status', {
      body: {
        enabled: true,
        running: { runId: 'r', pages: 3, events: 640 },
        lastImportAt: null,
        last: null,
        error: null,
        nextAt: null,
        push: 'none',
      },
    });
    await open();
    await page.getByText('640 événements lus, 3 pages').waitFor();
  });

  test('nothing can be pressed while what comes with a preview still moves the buttons', async () => {
    await open();
    const now = page.getByRole('button', { name: 'Importer maintenant' });
    await expect.poll(() => now.isEnabled(), WAIT).toBe(true);
    const counts = { created: 0, updated: 0, skipped: 3, cancelled: 0, failed: 0 };
    service.answer('POST functions/v1/google-import/import', {
      body: { ...counts, conflicts: [], failures: [], items: [], runId: 'r', fingerprint: 'f', remaining: false },
    });
    const { promise: told, resolve: tell } = Promise.withResolvers<void>();
    const asked = () => service.count('GET functions/v1/google-import/status');
    service.answer('GET functions/v1/google-import/status', { after: told });
    const before = asked();
    await button('Aperçu').click();
    await page.getByRole('region', { name: 'Ce qui serait importé' }).waitFor();
    await expect.poll(asked, WAIT).toBeGreaterThan(before);
    expect(await now.isDisabled()).toBe(true);
    // Nor where another reading overtakes the one that is waited for.
    const held = asked();
    await page.evaluate(() => dispatchEvent(new Event('online')));
    await expect.poll(asked, WAIT).toBeGreaterThan(held);
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))));
    expect(await now.isDisabled()).toBe(true);
    tell();
    await expect.poll(() => now.isEnabled(), WAIT).toBe(true);
  });

  test('a provider that this service does not offer is said to be so', async () => {
    const gone = { status: 404, body: { code: 'NOT_FOUND', message: 'Requested function was not found' } };
    service.answer('GET functions/v1/microsoft-connect/status', gone);
    await open('/settings/integrations/microsoft-calendar');
    await page.getByText('n’est pas encore ouverte sur ce service').waitFor();
  });
});

describe('changes elsewhere', () => {
  test('that are announced show at once, without asking all the time', async () => {
    await open();
    await connected();
    await page.locator('[data-status="connected"]').waitFor();
    // The moment at which changes begin to be announced is a reason to look once more.
    let asked = 0;
    await expect.poll(() => asked === (asked = service.count(STATUS_CALL)), { ...WAIT, interval: 800 }).toBe(
      true,
    );
    service.answer(STATUS_CALL, { body: { ...STATUS, pending: 3 } });
    // Longer than the page waits where nothing is announced.
    await page.waitForFunction(
      (from) => performance.now() - from > 2_500,
      await page.evaluate(() => performance.now()),
    );
    expect(service.count(STATUS_CALL)).toBe(asked);
    service.announce('calendar_integrations');
    // Less than the half minute after which the page would look without being told.
    await expect.poll(() => page.locator('[data-fact="pending"]').textContent(), { timeout: 20_000, interval: 20 })
      .toBe(
        '3',
      );
  });
});
