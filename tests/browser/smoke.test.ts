/**
 * The product as a person meets it: the real stack, a real browser, the emulator's consent page. The tests tell one story and
 * follow one another.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { freePortBase } from '../../local/ports.ts';
import { type Stack, startStack } from '../../local/stack.ts';
import { launchChromium, type LaunchedBrowser } from './chromium.ts';

const SCREENSHOTS = join(import.meta.dirname!, 'screenshots');
const ACCOUNT = 'claire@gmail.test';
/** Nobody else's appointment has this type. */
const TYPE = 'Bilan du navigateur';
const SETTINGS = '/settings/integrations/google-calendar';
vi.setConfig({ testTimeout: 40_000 });
const WAIT = { timeout: 15_000, interval: 50 };

interface RemoteEvent {
  readonly status: string;
  readonly summary?: string;
  readonly location?: string;
  readonly start?: { readonly dateTime?: string };
}

let stack: Stack;
let chromium: LaunchedBrowser;
let page: Page;
const complaints: string[] = [];

beforeAll(async () => {
  await mkdir(SCREENSHOTS, { recursive: true });
  // One after the other: what has started when the other fails must still be stopped.
  stack = await startStack({ portBase: freePortBase(), fresh: true, web: true, quiet: true });
  chromium = await launchChromium();
  const context = await chromium.browser.newContext({
    locale: 'fr-FR',
    timezoneId: 'America/Montreal', // not the practice's: its times must not follow the browser
    viewport: { width: 1280, height: 900 },
  });
  context.setDefaultTimeout(15_000);
  page = await context.newPage();
  page.on('pageerror', (error) => complaints.push(String(error)));
}, 120_000);

afterAll(async () => {
  await chromium?.close();
  await stack?.stop();
}, 60_000);

afterEach(async ({ task }) => {
  const name = task.name.replaceAll(/[^a-z0-9]+/gi, '-').slice(0, 60);
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), fullPage: true });
});

/** The events of our appointment, live ones first. */
async function remoteEvents(): Promise<RemoteEvent[]> {
  const response = await fetch(`${stack.google.url}/__emulator/state`);
  const { events } = await response.json() as { events: RemoteEvent[] };
  return events.filter(({ summary }) => summary?.includes(TYPE));
}

async function liveEvents(): Promise<RemoteEvent[]> {
  return (await remoteEvents()).filter(({ status }) => status !== 'cancelled');
}

const row = () => page.locator('.row', { hasText: TYPE });
const syncState = () => row().locator('[data-sync]').getAttribute('data-sync');
const button = (name: string | RegExp) => page.getByRole('button', { name, exact: true });

/** Tomorrow on the practice's calendar. */
function tomorrow(): string {
  const parts = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Paris', dateStyle: 'short' });
  return parts.format(Date.now() + 86_400_000);
}

describe('a practitioner and their calendar', () => {
  test('a wrong password is told as such, and the right one shows the fortnight', async () => {
    const user = stack.users[0]!;
    await page.goto(`${stack.webUrl}${SETTINGS}`);
    await page.getByLabel('Adresse e-mail').fill(user.email);
    await page.getByLabel('Mot de passe').fill('not-this-one');
    await button('Se connecter').click();
    await page.getByRole('alert').getByText('Adresse e-mail ou mot de passe incorrect').waitFor();

    await page.getByLabel('Mot de passe').fill(user.password);
    await button('Se connecter').click();
    await page.getByRole('heading', { name: 'Synchronisation avec Google Agenda' }).waitFor();
    await page.getByText('Ce qui ne l’est jamais').waitFor();

    await page.getByRole('link', { name: 'Rendez-vous', exact: true }).click();
    await page.getByRole('heading', { name: 'Rendez-vous', level: 1 }).waitFor();
    await page.locator('.row').first().waitFor();
    await page.getByText('Heures affichées au fuseau du cabinet : Europe/Paris').waitFor();
  });

  test('a refused consent is told in a toast that can be traced, and nothing is connected', async () => {
    await page.goto(`${stack.webUrl}${SETTINGS}`);
    await button('Connecter Google').click();
    await button('Refuser').click();
    const toast = page.getByRole('alert');
    await toast.getByText('La connexion a été refusée : rien n’a changé').waitFor();
    await toast.getByText('Détails techniques').click();
    await toast.getByText('CONSENT_REFUSED').waitFor();
    expect(new URL(page.url()).search).toBe('');
    await button('Connecter Google').waitFor();
    await button('Fermer').click();
  });

  test('a way through the consent page connects the account and chooses its own calendar', async () => {
    await button('Connecter Google').click();
    await page.getByLabel(new RegExp(ACCOUNT)).check();
    await button('Autoriser').click();
    await page.getByText('Google est connecté').waitFor();
    await page.getByText(ACCOUNT).first().waitFor();
    const target = page.getByLabel('Agenda qui reçoit les rendez-vous');
    await expect.poll(() => target.isEnabled(), WAIT).toBe(true);
    expect(await target.locator('option:checked').textContent()).toContain('principal');
    const readOnly = target.locator('option', { hasText: 'lecture seule' }).first();
    expect(await readOnly.isDisabled()).toBe(true);
    expect(await page.getByLabel(/Envoyer mes rendez-vous/).isChecked()).toBe(true);
  });

  test('an appointment written here is one event there, at the practice’s hour, and says so', async () => {
    await page.getByRole('link', { name: 'Rendez-vous', exact: true }).click();
    await button('Nouveau rendez-vous').click();
    const form = page.getByRole('dialog');
    await form.getByLabel('Type').fill(TYPE);
    await form.getByLabel('Patient').selectOption({ index: 1 });
    await form.getByLabel('Début').fill(`${tomorrow()}T14:00`);
    await form.getByLabel('Lieu').fill('Salle 1');
    await button('Enregistrer').click();
    await form.waitFor({ state: 'detached' });
    await expect.poll(syncState, WAIT).toBe('synced');

    const [event, ...others] = await liveEvents();
    expect(others).toEqual([]);
    expect(event).toMatchObject({ status: 'confirmed', location: 'Salle 1' });
    const start = new Date(event!.start!.dateTime!);
    expect(
      new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Paris', dateStyle: 'short', timeStyle: 'short' }).format(
        start,
      ),
    )
      .toBe(`${tomorrow()} 14:00`);
    expect(await row().locator('.row-time').textContent()).toContain('14:00');
  });

  test('an edit reaches the same event', async () => {
    await row().getByRole('button', { name: /^Modifier/ }).click();
    const form = page.getByRole('dialog');
    await form.getByLabel('Lieu').fill('Salle 2');
    await form.getByLabel('Début').fill(`${tomorrow()}T15:30`);
    await button('Enregistrer').click();
    await form.waitFor({ state: 'detached' });
    await expect.poll(async () => (await liveEvents()).map(({ location }) => location), WAIT).toEqual(['Salle 2']);
    // The row may still show what it showed before, `synced` included: its new hours come first.
    await expect.poll(() => row().locator('.row-time').textContent(), WAIT).toBe('15:30 – 16:00');
    await expect.poll(syncState, WAIT).toBe('synced');
  });

  test('cancelling takes the event away, and restoring brings one back', async () => {
    await row().getByRole('button', { name: /^Annuler/ }).click();
    await row().getByText('Annulé').waitFor();
    await expect.poll(async () => (await liveEvents()).length, WAIT).toBe(0);

    await row().getByRole('button', { name: /^Rétablir/ }).click();
    await expect.poll(async () => (await liveEvents()).length, WAIT).toBe(1);
    await expect.poll(syncState, WAIT).toBe('synced');
  });

  test('syncing now ends in a summary without failures', async () => {
    await page.getByRole('link', { name: 'Synchronisation', exact: true }).click();
    await button('Synchroniser maintenant').click();
    await page.getByRole('heading', { name: 'Résultat' }).waitFor();
    expect(await page.locator('[data-count="failed"] dd').textContent()).toBe('0');
    expect(await page.locator('[data-count="remaining"] dd').textContent()).toBe('0');
  });

  test('deleting an appointment asks first, then deletes its event', async () => {
    await page.getByRole('link', { name: 'Rendez-vous', exact: true }).click();
    await row().getByRole('button', { name: /^Supprimer/ }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Supprimer', exact: true }).click();
    await row().waitFor({ state: 'detached' });
    await expect.poll(async () => (await liveEvents()).length, WAIT).toBe(0);
  });

  test('disconnecting with removal empties the calendar of our events and stops the sync', async () => {
    await page.getByRole('link', { name: 'Synchronisation', exact: true }).click();
    await button('Déconnecter').click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel(/Supprimer aussi de l’agenda/).check();
    await dialog.getByRole('button', { name: 'Déconnecter', exact: true }).click();
    await button('Connecter Google').waitFor();
    const response = await fetch(`${stack.google.url}/__emulator/state`);
    const { events } = await response.json() as { events: RemoteEvent[] };
    expect(events.filter(({ status, summary }) => status !== 'cancelled' && summary?.startsWith('[Cassius]'))).toEqual(
      [],
    );
    await page.getByRole('link', { name: 'Rendez-vous', exact: true }).click();
    await page.getByText('Aucun agenda n’est connecté').waitFor();
  });

  test('nothing went wrong in the page itself', () => {
    expect(complaints).toEqual([]);
  });
});
