/** Nothing typed is lost: leaving asks, a reload and a session that ends keep what was typed, signing out forgets it. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { CLAIRE_MEMBER, PRACTICE, shot, startWorld, violations, type World } from './calendar_world.ts';
import { CLAIRE, PASSWORD } from './product.ts';
import { WAIT } from '../patience.ts';
import { tellFailures } from '../tell_failures.ts';

const DAY = '2027-03-10';
const CALENDAR = `/calendar?view=day&date=${DAY}`;
const RDV = '7d000000-0000-4000-8000-000000000009';

let world: World;
tellFailures(() => world);
let page: Page;

beforeAll(async () => {
  world = await startWorld();
  await world.sql`insert into public.rdv ${
    world.sql({
      id: RDV,
      organisation_id: PRACTICE,
      practitioner_id: CLAIRE_MEMBER,
      type: 'Bilan',
      starts_at: `${DAY}T17:00:00+01:00`,
      ends_at: `${DAY}T18:00:00+01:00`,
    })
  }`;
});
afterAll(() => world?.stop());
beforeEach(async () => {
  await page?.context().close();
  page = await world.signedIn(CALENDAR);
});

const button = (name: string) => page.getByRole('button', { name, exact: true });
const form = () => page.getByRole('dialog', { name: 'Nouveau rendez-vous' });
const editing = () => page.getByRole('dialog', { name: 'Modifier le rendez-vous' });
const question = () => page.getByRole('dialog', { name: 'Abandonner votre saisie ?' });
const answer = (name: string) => question().getByRole('button', { name, exact: true }).click();
const notes = () => page.getByLabel('Notes');
const kept = () => page.evaluate(() => Object.keys(sessionStorage).filter((name) => name.startsWith('cassius.draft.')));

async function typed(): Promise<void> {
  await button('Nouveau rendez-vous').click();
  await form().getByLabel('Acte').fill('Couronne');
  await notes().fill('Demander la radio');
}
/** The service takes the session for over, until `page.unroute`. */
async function sessionOver(): Promise<void> {
  const answers = { 'access-control-allow-origin': '*', 'access-control-allow-headers': '*' };
  await page.route(
    '**/auth/v1/**',
    (route) =>
      route.request().method() === 'OPTIONS' ? route.fallback() : route.fulfill({
        status: 400,
        headers: answers,
        json: { code: 400, error_code: 'refresh_token_not_found', msg: 'Invalid Refresh Token' },
      }),
  );
  await page.route(
    '**/rest/v1/**',
    (route) =>
      route.request().method() === 'OPTIONS' ? route.fallback() : route.fulfill({
        status: 401,
        headers: answers,
        json: { code: 'PGRST301', message: 'JWT expired' },
      }),
  );
}

describe('a form', () => {
  test('asks before it is closed on what was typed, whichever way, and not otherwise', async () => {
    await button('Nouveau rendez-vous').click();
    await form().waitFor();
    await page.keyboard.press('Escape');
    await form().waitFor({ state: 'detached' });

    await typed();
    await form().getByRole('button', { name: 'Annuler' }).click();
    await shot(page, 'leaving');
    expect(await violations(page)).toEqual([]);
    await answer('Continuer la saisie');
    expect(await notes().inputValue()).toBe('Demander la radio');
    await page.keyboard.press('Escape');
    await question().waitFor();
    await page.keyboard.press('Escape');
    await question().waitFor({ state: 'detached' });
    expect(await notes().isVisible()).toBe(true);
    await page.keyboard.press('Escape');
    await answer('Abandonner');
    await form().waitFor({ state: 'detached' });
    expect(await kept()).toEqual([]);
  });

  test('is there again after a reload, as it was typed, and is forgotten once it is saved', async () => {
    await typed();
    await expect.poll(kept, WAIT).toEqual(['cassius.draft.appointment']);
    await page.reload();
    await form().waitFor();
    expect(await notes().inputValue()).toBe('Demander la radio');
    expect(await form().getByLabel('Acte').inputValue()).toBe('Couronne');
    await form().getByRole('button', { name: 'Enregistrer' }).click();
    await form().waitFor({ state: 'detached' });
    expect(await world.sql`select notes from public.rdv where act = 'Couronne'`).toEqual([
      { notes: 'Demander la radio' },
    ]);
    expect(await kept()).toEqual([]);
    await page.reload();
    await page.locator('[data-entry]').first().waitFor();
    expect(await form().count()).toBe(0);
  });

  test('that was kept writes over nothing that changed meanwhile', async () => {
    await page.goto(`${world.url}${CALENDAR}&rdv=${RDV}`);
    await button('Modifier').click();
    await notes().fill('Les miennes');
    await expect.poll(kept, WAIT).toHaveLength(1);
    await world.sql`update public.rdv set notes = 'Celles d’une collègue' where id = ${RDV}`;
    await page.reload();
    expect(await editing().getByLabel('Notes').inputValue()).toBe('Les miennes');
    await editing().getByRole('button', { name: 'Enregistrer' }).click();
    await editing().getByText('a été modifié ou supprimé entre-temps').waitFor();
    expect(await world.sql`select notes from public.rdv where id = ${RDV}`).toEqual([
      { notes: 'Celles d’une collègue' },
    ]);
  });

  test('outlives a session that ends: it is said, and the same place comes back with the form filled', async () => {
    await typed();
    await sessionOver();
    await page.getByText('Votre session a expiré : reconnectez-vous pour continuer.').waitFor();
    await page.unroute('**/auth/v1/**');
    await page.unroute('**/rest/v1/**');
    await page.getByLabel('Adresse e-mail').fill(CLAIRE);
    await page.getByLabel('Mot de passe').fill(PASSWORD);
    await button('Se connecter').click();
    await form().waitFor();
    expect(new URL(page.url()).search).toContain(`date=${DAY}`);
    expect(await notes().inputValue()).toBe('Demander la radio');
  });

  test('is nothing to another person who signs in here, and gone once they have', async () => {
    await typed();
    await sessionOver();
    await page.getByText('Votre session a expiré').waitFor();
    await page.unroute('**/auth/v1/**');
    await page.unroute('**/rest/v1/**');
    await page.getByLabel('Adresse e-mail').fill('marc@cabinet-rivoli.test');
    await page.getByLabel('Mot de passe').fill(PASSWORD);
    await button('Se connecter').click();
    await button('Nouveau rendez-vous').waitFor();
    expect(await form().count()).toBe(0);
    expect(await kept()).toEqual([]);
  });
});

describe('settings', () => {
  const name = () => page.getByLabel('Nom affiché');
  const link = (to: string) => page.getByRole('link', { name: to, exact: true });

  test('ask before they are left, and stay as they were typed over a reload', async () => {
    await page.goto(`${world.url}/settings/profile`);
    await name().fill('Dr C. Moreau');
    await link('Sécurité').click();
    await answer('Continuer la saisie');
    expect(new URL(page.url()).pathname).toBe('/settings/profile');
    expect(await name().inputValue()).toBe('Dr C. Moreau');
    await page.reload();
    await expect.poll(() => name().inputValue(), WAIT).toBe('Dr C. Moreau');
    await link('Agenda').click();
    await answer('Abandonner');
    await button('Nouveau rendez-vous').waitFor();
    expect(await kept()).toEqual([]);
    await link('Réglages').click();
    await link('Profil').click();
    expect(await name().inputValue()).toBe('Dr Claire Moreau');
  });

  test('ask before their person signs out, who then leaves nothing behind', async () => {
    await page.goto(`${world.url}/settings/profile`);
    await name().fill('Dr C. Moreau');
    await button('Se déconnecter').click();
    await answer('Continuer la saisie');
    expect(await kept()).toEqual(['cassius.draft.profile']);
    const other = await page.context().newPage();
    await other.goto(`${world.url}/settings/security`);
    await other.getByRole('button', { name: 'Se déconnecter de cet appareil' }).click();
    await page.getByLabel('Mot de passe').waitFor();
    await expect.poll(kept, WAIT).toEqual([]);
    expect(await page.getByText('Votre session a expiré').count()).toBe(0);
  });

  test('that hold nothing new are left without a word', async () => {
    await page.goto(`${world.url}/settings/profile`);
    await name().fill('Dr C. Moreau');
    await name().fill('Dr Claire Moreau');
    await link('Sécurité').click();
    await page.getByRole('heading', { name: 'Sécurité', level: 1 }).waitFor();
    expect(await question().count()).toBe(0);
  });

  test('are guarded by the browser itself against a window that is closed', async () => {
    await page.goto(`${world.url}/settings/profile`);
    // A browser only asks a person who has done something here.
    await name().press('End');
    await page.keyboard.type(' x');
    await expect.poll(kept, WAIT).toEqual(['cassius.draft.profile']);
    const asked = page.waitForEvent('dialog');
    await page.close({ runBeforeUnload: true });
    const dialog = await asked;
    expect(dialog.type()).toBe('beforeunload');
    await dialog.accept();
  });
});
