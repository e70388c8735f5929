/**
 * The whole story with the keyboard alone, as a person without a pointer lives it: sign in, connect, book, move, decide, cancel,
 * delete, disconnect, while the emulator's calendar follows. The browser is in another time zone than the practice. The tests
 * follow one another.
 */
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { google } from '../functions/person.ts';
import { CLAIRE, CLAIRES_ACCOUNT, liveEvents, PASSWORD, Product, type RemoteEvent, type Visitor } from './product.ts';
import { WAIT } from '../patience.ts';
import { tellFailures } from '../tell_failures.ts';

/** No other appointment has this type. */
const TYPE = 'Bilan du navigateur';
const SETTINGS = '/settings/integrations/google-calendar';
/** More presses of Tab than any page has places to be. */
const EVERYWHERE = 250;
const PARIS = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Paris', dateStyle: 'short', timeStyle: 'short' });
/** Far enough from the demo data's fortnight to be alone on its day. */
const DAY = PARIS.format(Date.now() + 25 * 86_400_000).slice(0, 10);

let product: Product;
tellFailures(() => product);
let visitor: Visitor;
let page: Page;

beforeAll(async () => {
  product = await Product.start();
  visitor = await product.visit(null, { timezoneId: 'America/Montreal' });
  page = visitor.page;
});

afterAll(() => product?.stop());

const button = (name: string | RegExp, within: Page | Locator = page) =>
  within.getByRole('button', { name, exact: true });
const link = (name: string) => page.getByRole('link', { name, exact: true });
/** Alone on its day. */
const entry = () => page.locator('[data-entry]');
const drawer = () => page.locator('dialog.drawer');
/** What the open appointment says of its event. */
const syncState = () => drawer().locator('[data-sync]').first().getAttribute('data-sync');
const ours = async () => (await liveEvents(product.stack)).filter(({ summary }) => summary?.includes(TYPE));
const hours = (events: readonly RemoteEvent[]) => events.map(({ start }) => PARIS.format(Date.parse(start!.dateTime!)));

/** Goes to a control as the keyboard does: with Tab, from wherever the focus is. */
async function reach(target: Locator): Promise<void> {
  await target.waitFor();
  await expect.poll(() => target.isEnabled(), WAIT).toBe(true);
  for (let presses = 0; presses < EVERYWHERE; presses++) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Reach ${target}: Tab never comes there`);
}

async function press(target: Locator, key = 'Enter'): Promise<void> {
  await reach(target);
  await page.keyboard.press(key);
}

async function type(target: Locator, text: string): Promise<void> {
  await reach(target);
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.insertText(text);
}

describe('with the keyboard alone', () => {
  test('somebody signs in and finds the calendar of the practice, at the practice’s hours', async () => {
    await page.goto(`${product.url}/`);
    await type(page.getByLabel('Adresse e-mail'), CLAIRE);
    await type(page.getByLabel('Mot de passe'), PASSWORD);
    await page.keyboard.press('Enter');
    await page.locator('[data-entry]').first().waitFor();
    expect(new URL(page.url()).pathname).toBe('/calendar');
    await page.getByText('Heures affichées au fuseau du cabinet : Europe/Paris').waitFor();
  });

  test('the first press of Tab leads past the navigation, and a new page is where the focus is', async () => {
    await page.reload();
    await page.locator('[data-entry]').first().waitFor();
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Aller au contenu');
    await press(link('Réglages'));
    await page.getByRole('heading', { name: 'Intégrations' }).waitFor();
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('content');
  });

  test('a way through the consent page connects the account', async () => {
    await press(link('Connecter Google'));
    await press(button('Connecter Google'));
    await press(page.getByLabel(new RegExp(CLAIRES_ACCOUNT)), 'Space');
    await press(button('Autoriser'));
    await page.getByText('Google est connecté').waitFor();
  });

  test('nothing is sent before somebody has said where, how much of it, and « Commencer »', async () => {
    const form = page.getByRole('form', { name: 'Ce que Cassius va écrire' });
    const target = form.getByLabel('Agenda cible');
    await reach(target);
    await page.keyboard.press('ArrowDown');
    expect(await target.inputValue()).toBe(CLAIRES_ACCOUNT);
    const levels = form.getByRole('group', { name: 'Niveau de détail' }).getByRole('radio');
    await press(levels.first(), 'Space');
    expect(await liveEvents(product.stack)).toEqual([]);
    await press(button('Commencer', form));
    await page.getByText('L’envoi de vos rendez-vous a commencé').waitFor();
    await expect.poll(() => page.locator('[data-fact="pending"]').textContent(), WAIT).toBe('0');
    await expect.poll(async () => (await liveEvents(product.stack)).length, WAIT).toBeGreaterThan(0);
  });

  test('changes made in the calendar are to be asked about: one choice, saved', async () => {
    const choice = page.getByRole('radio', { name: /Cassius fait foi/ });
    await press(choice, 'ArrowDown');
    expect(await page.getByRole('radio', { name: /Me demander/ }).isChecked()).toBe(true);
    const form = page.getByRole('form', { name: 'Importer depuis Google' });
    await press(button('Enregistrer', form));
    await page.getByText('Enregistré', { exact: true }).waitFor();
    // The minute's sweep reads the calendar for the first time; from then on it announces its changes.
    await product.stack.runCron('cassius-import-sweep');
  });

  test('an appointment written here is one event there, at the practice’s hour, and says so', async () => {
    await page.goto(`${product.url}/calendar?view=day&date=${DAY}`);
    await press(button(/^Nouveau/));
    const form = page.getByRole('dialog');
    await type(form.getByLabel('Type'), TYPE);
    const patient = form.getByRole('combobox', { name: 'Patient' });
    await type(patient, 'rousseau');
    await form.getByRole('option', { name: 'Rousseau Amélie' }).waitFor();
    await press(patient, 'Enter');
    await type(form.getByLabel('Lieu'), 'Salle 1');
    expect(await form.getByLabel('Début').inputValue()).toBe(`${DAY}T09:00`);
    await press(button('Enregistrer', form));
    await form.waitFor({ state: 'detached' });
    await expect.poll(async () => hours(await ours()), WAIT).toEqual([`${DAY} 09:00`]);
    expect(await ours()).toMatchObject([{ status: 'confirmed', location: 'Salle 1' }]);
    expect(await entry().textContent()).toContain('09:00');
    await press(entry());
    await expect.poll(syncState, WAIT).toBe('synced');
  });

  test('an edit reaches the same event', async () => {
    const [before] = await ours();
    await press(button('Modifier', drawer()));
    const form = page.getByRole('dialog').filter({ has: page.getByLabel('Type') });
    await type(form.getByLabel('Lieu'), 'Salle 2');
    await press(button('Enregistrer', form));
    await form.waitFor({ state: 'detached' });
    await expect.poll(async () => (await ours()).map(({ id, location }) => [id, location]), WAIT)
      .toEqual([[before!.id, 'Salle 2']]);
    // What the page still shows may be older than the event, `synced` included: its new place comes first.
    await drawer().getByText('Salle 2').waitFor();
    await expect.poll(syncState, WAIT).toBe('synced');
    await page.keyboard.press('Escape');
    await drawer().waitFor({ state: 'detached' });
  });

  test('an appointment moved by a quarter of an hour moves its event', async () => {
    await press(entry(), 'Alt+ArrowDown');
    await expect.poll(() => entry().textContent(), WAIT).toContain('09:15');
    await expect.poll(async () => hours(await ours()), WAIT).toEqual([`${DAY} 09:15`]);
    await press(entry());
    await expect.poll(syncState, WAIT).toBe('synced');
    await page.keyboard.press('Escape');
    await drawer().waitFor({ state: 'detached' });
  });

  test('a change made in the calendar becomes a question, and the answer ends it', async () => {
    const [event] = await ours();
    const { access_token } = await google(product.stack, 'token', { email: CLAIRES_ACCOUNT });
    const path = `calendars/${encodeURIComponent(CLAIRES_ACCOUNT)}/events/${event!.id}`;
    const edited = await fetch(`${product.stack.google.url}/calendar/v3/${path}`, {
      method: 'PATCH',
      headers: { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ location: 'Clinique' }),
    });
    expect(edited.status).toBe(200);
    await page.getByText('1 conflit à décider').waitFor();
    await press(page.getByRole('link', { name: /^Conflits/ }));
    const conflict = page.locator('[data-conflict]');
    await conflict.getByText('Clinique').waitFor();
    await press(button('Garder la version de Cassius', conflict));
    await page.getByText('Conflit résolu').waitFor();
    await expect.poll(async () => (await ours()).map(({ location }) => location), WAIT).toEqual(['Salle 2']);
    await page.getByText('1 conflit à décider').waitFor({ state: 'detached' });
  });

  test('cancelling takes the event away, and restoring brings one back', async () => {
    await page.goto(`${product.url}/calendar?view=day&date=${DAY}`);
    await press(entry());
    await press(button('Annuler le rendez-vous', drawer()));
    await expect.poll(async () => (await ours()).length, WAIT).toBe(0);
    await press(button('Rétablir', drawer()));
    await expect.poll(async () => (await ours()).length, WAIT).toBe(1);
  });

  test('deleting an appointment asks first, then deletes its event', async () => {
    await press(button('Supprimer', drawer()));
    await press(button('Supprimer', page.getByRole('dialog', { name: 'Supprimer ce rendez-vous ?' })));
    await entry().waitFor({ state: 'detached' });
    await expect.poll(async () => (await ours()).length, WAIT).toBe(0);
  });

  test('syncing now ends in a summary without failures', async () => {
    await page.goto(product.url + SETTINGS);
    await press(button('Synchroniser maintenant'));
    await page.getByRole('heading', { name: 'Résultat' }).waitFor();
    const count = (name: string) => page.locator(`[data-count="${name}"] dd`).first().textContent();
    expect([await count('failed'), await count('remaining')]).toEqual(['0', '0']);
  });

  test('disconnecting with removal empties the calendar of our events and stops the sync', async () => {
    await press(button('Déconnecter'));
    const dialog = page.getByRole('dialog');
    await press(dialog.getByLabel(/^Supprimer aussi/), 'Space');
    await press(button('Déconnecter', dialog));
    await button('Connecter Google').waitFor();
    const left = (await liveEvents(product.stack)).filter(({ summary }) => summary?.startsWith('[Cassius]'));
    expect(left).toEqual([]);
    await press(link('Agenda'));
    await page.getByText('Connecter un agenda').first().waitFor();
  });

  test('nothing went wrong in the page itself', () => {
    expect(visitor.complaints).toEqual([]);
  });
});
