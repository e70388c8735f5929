/** The settings as a practitioner meets them: the real stack, the built page, the emulator's consent page. One story. */
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { refusal } from '../../supabase/functions/_shared/contract/refusal.ts';
import { importStatus, importSummary } from '../../supabase/functions/_shared/contract/import.ts';
import { calendarList, integrationStatus } from '../../supabase/functions/_shared/contract/connection.ts';
import { syncSummary } from '../../supabase/functions/_shared/contract/sync.ts';
import { google, Person } from '../functions/person.ts';
import {
  CLAIRE,
  CLAIRES_ACCOUNT,
  liveEvents,
  MARC,
  MARCS_ACCOUNT,
  PASSWORD,
  Product,
  type Visitor,
} from './product.ts';
import { WAIT } from '../patience.ts';
import { tellFailures } from '../tell_failures.ts';

const PAGE = '/settings/integrations/google-calendar';
const TODAY = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Paris', dateStyle: 'short' });

let product: Product;
tellFailures(() => product);
let visitor: Visitor;
let page: Page;

beforeAll(async () => {
  product = await Product.start();
  // Not the practice's zone: its times must not follow the browser.
  visitor = await product.visit(null, { timezoneId: 'America/Montreal' });
  page = visitor.page;
});

afterAll(() => product?.stop());

const button = (name: string | RegExp) => page.getByRole('button', { name, exact: true });
const card = (name: string | RegExp) => page.getByRole('form', { name }).or(page.getByRole('region', { name }));
const open = (path: string) => page.goto(product.url + path);
const fact = (name: string) => page.locator(`[data-fact="${name}"]`);
const ours = async () => (await liveEvents(product.stack)).filter(({ summary }) => summary?.startsWith('[Cassius]'));

/** An event of the person's own, so many days from today at ten in Paris. */
async function seed(summary: string, days: number): Promise<void> {
  const day = TODAY.format(Date.now() + days * 86_400_000);
  const at = (time: string) => ({ dateTime: `${day}T${time}:00`, timeZone: 'Europe/Paris' });
  const event = { summary, start: at('18:00'), end: at('19:00') };
  await google(product.stack, 'events', { calendarId: CLAIRES_ACCOUNT, event });
}

/** The label of the account's own calendar. */
async function primaryOf(target: Locator): Promise<string> {
  return await target.locator('option', { hasText: 'principal' }).first().innerText();
}

async function consent(decide: () => Promise<void>): Promise<void> {
  await decide();
  await page.waitForURL((url) => url.pathname === PAGE && url.search === '');
}

describe('signing in', () => {
  test('a wrong password is told as such, and the right one goes on to the page that was asked for', async () => {
    await open(PAGE);
    await page.getByLabel('Adresse e-mail').fill(CLAIRE);
    await page.getByLabel('Mot de passe').fill('not-this-one');
    await button('Se connecter').click();
    await page.getByRole('alert').getByText('Adresse e-mail ou mot de passe incorrect').waitFor();
    await page.getByLabel('Mot de passe').fill(PASSWORD);
    await button('Se connecter').click();
    await page.getByRole('heading', { name: 'Google Agenda', level: 1 }).waitFor();
    expect(new URL(page.url()).pathname).toBe(PAGE);
  });

  test('the browser keeps the session and nothing else', async () => {
    expect(await page.evaluate(() => Object.keys(localStorage))).toEqual(['cassius.session']);
    expect(await page.evaluate(() => [sessionStorage.length, document.cookie])).toEqual([0, '']);
  });

  test('times are the practice’s, and the page says so when the browser’s differ', async () => {
    await page.getByText('Heures affichées au fuseau du cabinet : Europe/Paris').waitFor();
  });
});

describe('before connecting', () => {
  test('the cards tell what there is, what is connected, and what is only announced', async () => {
    await open('/settings');
    const state = (provider: string) => page.locator(`[data-provider="${provider}"] .badge`).textContent();
    await expect.poll(() => state('google'), WAIT).toBe('Non connecté');
    expect(await state('doctolib')).toBe('Bientôt');
    expect(await page.locator('[data-provider="gmail"]').getByRole('link').count()).toBe(0);
    await page.getByRole('link', { name: 'Connecter Google' }).click();
    await page.getByText('Ce qui n’est jamais envoyé').waitFor();
  });

  test('a refused consent is told, can be traced, and connects nothing', async () => {
    await consent(async () => {
      await button('Connecter Google').click();
      await button('Refuser').click();
    });
    const refusal = page.getByRole('region', { name: 'La connexion n’a pas abouti' });
    await refusal.getByRole('alert').getByText('La connexion a été refusée : rien n’a changé').waitFor();
    await refusal.getByText('Détails techniques').click();
    await refusal.getByText('CONSENT_REFUSED').waitFor();
    await refusal.getByText('google-callback').waitFor();
    expect(await button('Connecter Google').count()).toBe(1);
  });

  test('a box left unticked is explained, with the one action that mends it', async () => {
    await consent(async () => {
      await button('Connecter Google').click();
      await page.getByLabel(new RegExp(CLAIRES_ACCOUNT)).check();
      await page.getByRole('checkbox').first().uncheck();
      await button('Autoriser').click();
    });
    await page.getByText('Une case est restée décochée').waitFor();
    await button('Connecter Google').waitFor();
  });
});

describe('connecting', () => {
  test('a consent whose browser is not recognised is confirmed by who is signed in, and starts nothing', async () => {
    await consent(async () => {
      await button('Connecter Google').click();
      await page.getByLabel(new RegExp(CLAIRES_ACCOUNT)).check();
      // As a browser does that keeps no cookie of another site.
      await visitor.context.clearCookies();
      await button('Autoriser').click();
    });
    await page.getByText('Google est connecté').waitFor();
    expect(page.url()).toBe(product.url + PAGE);
    const connection = card('Connexion');
    await connection.getByText(CLAIRES_ACCOUNT).waitFor();
    await connection.getByText('aucun agenda choisi').waitFor();
    expect(await connection.locator('[data-status]').textContent()).toBe('OK');
    expect(await fact('pending').textContent()).toBe('0');
    expect(await ours()).toEqual([]);
  });

  test('the appointments are sent once calendar, scope and level were chosen, and « Commencer » was said', async () => {
    const form = card('Ce que Cassius va écrire');
    const target = form.getByLabel('Agenda cible');
    await expect.poll(() => target.isEnabled(), WAIT).toBe(true);
    const readOnly = target.locator('option', { hasText: 'lecture seule' }).first();
    expect(await readOnly.isDisabled()).toBe(true);
    await target.selectOption({ label: await primaryOf(target) });
    await form.getByRole('radio', { name: /^Complet/ }).check();
    const announced = await form.getByText(/rendez-vous à venir iront vers/).textContent();
    expect(await ours()).toEqual([]);
    await button('Commencer').click();
    await card('Connexion').getByText(`Identifiant : ${CLAIRES_ACCOUNT}`).waitFor();
    expect(await page.getByRole('switch', { name: /Envoyer mes rendez-vous/ }).isChecked()).toBe(true);
    await expect.poll(async () => (await ours()).length, WAIT).toBe(Number.parseInt(announced!));
    await expect.poll(() => fact('pending').textContent(), WAIT).toBe('0');
    expect((await ours()).length).toBeGreaterThan(5);
  });

  test('a preview shows what another level of detail means before it is saved, and the calendar follows once it is', async () => {
    const form = card('Synchronisation');
    const preview = form.locator('.event-preview[data-detail="initials"]');
    expect(await preview.textContent()).toContain('A. R.');
    expect(await preview.textContent()).not.toContain('Rousseau');
    await form.getByRole('radio', { name: /^Initiales/ }).check();
    await form.getByText('Modifications non enregistrées').waitFor();
    await form.getByRole('button', { name: 'Enregistrer' }).click();
    await page.getByText('Enregistré', { exact: true }).waitFor();
    await expect.poll(async () => (await ours()).every(({ summary }) => /— \p{L}\. \p{L}\.$/u.test(summary!)), WAIT)
      .toBe(true);
  });

  test('what happens elsewhere shows by itself, and takes nothing away that was typed here', async () => {
    const form = card(/^(Synchronisation|Ce que Cassius va écrire)$/);
    const busy = form.getByRole('radio', { name: /^Occupé/ });
    await busy.check();
    const claire = await Person.signIn(product.stack, CLAIRE);
    const changed = await claire.call('google-connect/settings', { method: 'PATCH', body: { export_enabled: false } });
    expect(changed.status).toBe(200);
    // Switched off, it waits to be started again.
    await expect.poll(() => button('Commencer').count(), { timeout: 2_000, interval: 20 }).toBe(1);
    expect(await busy.isChecked()).toBe(true);
    await form.getByRole('radio', { name: /^Initiales/ }).check();
    await button('Commencer').click();
    await expect.poll(async () => (await claire.call('google-connect/status')).body.settings.export_enabled, WAIT)
      .toBe(true);
  });

  test('syncing now ends in a summary without failures', async () => {
    await button('Synchroniser maintenant').click();
    await page.getByRole('heading', { name: 'Résultat' }).waitFor();
    const count = (name: string) => card('Connexion').locator(`[data-count="${name}"] dd`).textContent();
    expect([await count('failed'), await count('remaining')]).toEqual(['0', '0']);
  });

  test('changing the calendar leads to its picker, and the events move with it', async () => {
    await button('Changer d’agenda').click();
    const target = page.getByLabel('Agenda cible');
    expect(await target.evaluate((element) => element === document.activeElement)).toBe(true);
    const other = await target.locator('option:not([disabled])').nth(1).getAttribute('value');
    await target.selectOption(other!);
    await card('Synchronisation').getByRole('button', { name: 'Enregistrer' }).click();
    await card('Connexion').getByText(`Identifiant : ${other}`).waitFor();
  });
});

describe('importing', () => {
  const form = () => card('Importer depuis Google');
  const count = (name: string) => form().locator(`[data-count="${name}"] dd`).first().textContent();

  test('a preview lists what would happen and writes nothing', async () => {
    await seed('Réunion d’équipe', 2);
    await seed('Formation', 40);
    await form().getByLabel('7 jours').check();
    expect(await form().getByRole('button', { name: 'Aperçu' }).isDisabled()).toBe(true);
    await form().getByLabel('Agenda source').selectOption(CLAIRES_ACCOUNT);
    await form().getByRole('button', { name: 'Aperçu' }).click();
    const preview = form().getByRole('region', { name: 'Ce qui serait importé' });
    await preview.getByText('Réunion d’équipe').waitFor();
    expect(await preview.getByText('Formation').count()).toBe(0);
    expect(await count('created')).toBe('1');
    expect(await fact('last-import').textContent()).toBe('jamais');
  });

  test('an import whose calendar moved since the preview is refused in words, with the way on', async () => {
    await seed('Déjeuner', 3);
    await form().getByRole('button', { name: 'Importer maintenant' }).click();
    await form().getByRole('alert').getByText('L’agenda a changé depuis l’aperçu').waitFor();
    expect(await fact('last-import').textContent()).toBe('jamais');
    await form().getByRole('button', { name: 'Nouvel aperçu' }).click();
    await form().getByText('Déjeuner').waitFor();
  });

  test('an import does what its preview said, sums it up and leads to its report', async () => {
    await form().getByRole('button', { name: 'Importer maintenant' }).click();
    // What stays on the page: the word in passing is gone after six seconds, looked at or not.
    await expect.poll(() => fact('last-import').textContent(), WAIT).toBe('à l’instant');
    await expect.poll(() => count('created'), WAIT).toBe('2');
    await form().getByRole('link', { name: 'Voir le rapport' }).click();
    await page.getByRole('heading', { name: 'Rapport', level: 1 }).waitFor();
    const row = page.getByRole('row', { name: /Réunion d’équipe/ });
    await row.getByText('Créé').waitFor();
  });

  test('a report is filtered by address and by words, and downloads what it shows', async () => {
    const rows = page.locator('tbody tr');
    await page.getByLabel('Afficher').selectOption('create');
    expect(new URL(page.url()).search).toBe('?action=create');
    expect(await rows.count()).toBe(2);
    await page.getByLabel('Rechercher').fill('réunion');
    await expect.poll(() => rows.count(), WAIT).toBe(1);
    const [download] = await Promise.all([page.waitForEvent('download'), button('Télécharger en CSV').click()]);
    expect(download.suggestedFilename()).toMatch(/^cassius-import-\d{4}-\d\d-\d\d\.csv$/);
    const text = await Deno.readTextFile(await download.path());
    const lines = text.replace('\uFEFF', '').trim().split('\r\n');
    expect(lines[0]).toBe('date;heure;patient;praticien;élément;action;raison;traité le;rendez-vous;événement;agenda');
    expect(lines).toHaveLength(2);
    expect(lines[1]).toMatch(/^\d{4}-\d\d-\d\d;18:00;;;Réunion d’équipe;Créé;/);
  });

  test('a range of one’s own must end after it begins', async () => {
    await open(PAGE);
    await form().getByLabel('Plage personnalisée').check();
    await form().getByLabel('Au', { exact: true }).fill('2020-01-01');
    await form().getByText('La fin doit venir après le début').waitFor();
    expect(await form().getByRole('button', { name: 'Importer maintenant' }).isDisabled()).toBe(true);
    await form().getByRole('button', { name: 'Annuler' }).click();
  });
});

describe('the agreement between page and service', () => {
  test.each([
    { route: 'google-connect/status', shape: integrationStatus },
    { route: 'google-connect/calendars', shape: calendarList },
    { route: 'google-import/status', shape: importStatus },
    { route: 'google-sync/sync-now', shape: syncSummary, options: { body: {} } },
    { route: 'google-sync/retry', shape: syncSummary, options: { body: {} } },
  ])('$route answers what the page expects, no more and no less', async ({ route, shape, options }) => {
    const claire = await Person.signIn(product.stack, CLAIRE);
    const answer = await claire.call(route, options);
    expect(answer.status).toBe(200);
    // What the shape does not name is left out by it.
    expect(z.parse<z.ZodMiniType>(shape, answer.body)).toEqual(answer.body);
  });

  test('so do a preview, and a refusal', async () => {
    const claire = await Person.signIn(product.stack, CLAIRE);
    // The calendar held events of ours and was read further than this: a preview of it shows what is new.
    await seed('Congrès', 5);
    const timeMin = new Date().toISOString();
    const timeMax = new Date(Date.now() + 9 * 86_400_000).toISOString();
    const body = { calendarId: CLAIRES_ACCOUNT, timeMin, timeMax, mode: 'preview' };
    const preview = await claire.call('google-import/import', { body });
    expect(preview.body.items.length).toBeGreaterThan(0);
    expect(z.parse(importSummary, preview.body)).toEqual(preview.body);
    const refused = await claire.call('google-import/import', { body: { ...body, calendarId: 'nobody@x.test' } });
    expect(refused.status).toBe(404);
    expect(z.parse(refusal, refused.body).error).toBe('CALENDAR_NOT_FOUND');
  });
});

describe('trouble', () => {
  test('a failed appointment says why and what to do, and another try mends it', async () => {
    await google(product.stack, 'faults', {
      match: { method: 'events.patch' },
      action: { status: 400, reason: 'invalid' },
    });
    const claire = await Person.signIn(product.stack, CLAIRE);
    const headers = { apikey: product.stack.publishableKey, authorization: `Bearer ${claire.token}` };
    const table = (path: string) => `${product.stack.apiUrl}/rest/v1/${path}`;
    const sent = table('appointment_external_links?select=rdv_id&sync_status=eq.synced&limit=1');
    const [{ rdv_id: id }] = await (await fetch(sent, { headers })).json();
    await fetch(table(`rdv?id=eq.${id}`), {
      method: 'PATCH',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({ location: 'Salle 9' }),
    });
    const trouble = page.locator(`[data-rdv="${id}"]`);
    await trouble.getByText('Que faire').waitFor();
    expect(await trouble.getAttribute('data-code')).toBe('INVALID_EVENT');
    await trouble.getByText('L’agenda refuse ce rendez-vous').waitFor();

    await google(product.stack, 'faults', { clear: true });
    await trouble.getByRole('button', { name: /^Réessayer/ }).click();
    await page.getByText('Aucun rendez-vous en échec.').waitFor();
    await expect.poll(async () => (await ours()).some(({ location }) => location === 'Salle 9'), WAIT).toBe(true);
  });

  test('a grant that was taken back is told with the one action that mends it', async () => {
    await google(product.stack, 'revoke', { email: CLAIRES_ACCOUNT });
    await google(product.stack, 'faults', { times: 1, action: { expireAccessTokens: true } });
    await button('Synchroniser maintenant').click();
    await page.getByRole('alert').getByText('L’accès à Google a pris fin').first().waitFor();
    expect(await card('Connexion').locator('[data-status]').textContent()).toBe('Erreur');
    expect(await button('Synchroniser maintenant').count()).toBe(0);
    await consent(async () => {
      await button('Reconnecter Google').click();
      await page.getByLabel(new RegExp(CLAIRES_ACCOUNT)).check();
      await button('Autoriser').click();
    });
    await expect.poll(() => card('Connexion').locator('[data-status]').textContent(), WAIT).toBe('OK');
  });
});

describe('the practice and the person', () => {
  test('a title template shows at once what it makes, and warns of what it does not know', async () => {
    await open('/settings/organisation');
    const template = page.getByLabel('Modèle de titre');
    await template.fill('{patient} ({type}) {pateint}');
    expect(await page.locator('.event-preview[data-detail="full"] .event-title').textContent())
      .toBe('Amélie Rousseau (Consultation) {pateint}');
    expect(await page.locator('.event-preview[data-detail="busy"] .event-title').textContent()).toBe('Occupé');
    // In the practice's language, not in that of the person who looks.
    await page.getByLabel('Langue des événements').selectOption('en');
    expect(await page.locator('.event-preview[data-detail="busy"] .event-title').textContent()).toBe('Busy');
    await page.getByText('Élément inconnu, laissé tel quel : {pateint}').waitFor();
    await template.fill('Cassius : ');
    await button('Insérer : patient').click();
    expect(await template.inputValue()).toBe('Cassius : {patient}');
    // The page gives the focus back with its next frame: what is typed elsewhere before that would land here.
    await expect.poll(() => template.evaluate((input) => input === document.activeElement), WAIT).toBe(true);
  });

  test('the practice’s name, zone and template are saved for everybody', async () => {
    await page.getByLabel('Nom du cabinet').fill('Cabinet de la Lumière');
    await page.getByLabel('Fuseau horaire').fill('Europe/Nulle-Part');
    await page.getByText('Ce fuseau horaire n’existe pas').waitFor();
    await page.getByLabel('Fuseau horaire').fill('Europe/Brussels');
    await button('Enregistrer').click();
    await page.getByText('Enregistré', { exact: true }).waitFor();
    await page.getByRole('banner').getByText('Cabinet de la Lumière').waitFor();
    await page.reload();
    await expect.poll(() => page.getByLabel('Fuseau horaire').inputValue(), WAIT).toBe('Europe/Brussels');
    expect(await page.getByLabel('Modèle de titre').inputValue()).toBe('Cassius : {patient}');
    expect(await page.getByLabel('Langue des événements').inputValue()).toBe('en');
  });

  test('the name shown to others can be changed, but not to nothing', async () => {
    await page.getByRole('link', { name: 'Profil' }).click();
    await page.getByText(CLAIRE).waitFor();
    const name = page.getByLabel('Nom affiché');
    await name.fill('   ');
    expect(await button('Enregistrer').isDisabled()).toBe(true);
    await name.fill('Dr Claire Moreau-Petit');
    await button('Enregistrer').click();
    await page.getByText('Enregistré', { exact: true }).waitFor();
    await page.reload();
    await expect.poll(() => name.inputValue(), WAIT).toBe('Dr Claire Moreau-Petit');
  });

  test('the other language is one choice away, and stays', async () => {
    await page.getByLabel('Langue de l’interface').selectOption('en');
    await page.getByRole('heading', { name: 'Profile', level: 1 }).waitFor();
    await open('/settings/security');
    await page.getByRole('heading', { name: 'Security', level: 1 }).waitFor();
    await page.getByRole('link', { name: 'Français' }).click();
    await page.getByRole('heading', { name: 'Sécurité', level: 1 }).waitFor();
  });
});

describe('the members', () => {
  const row = (name: string) => page.getByRole('form', { name });

  test('a role is changed after what it means was shown, and the only administrator stays one', async () => {
    await open('/settings/organisation?lang=fr');
    await row('Sophie Lambert').getByRole('combobox').selectOption('practitioner');
    await row('Sophie Lambert').getByText('ses propres rendez-vous').waitFor();
    await button('Changer le rôle').click();
    await page.getByText('Sophie Lambert : Praticien').waitFor();
    const own = page.getByRole('form', { name: /Claire/ });
    await own.getByText('Seul administrateur du cabinet').waitFor();
    expect(await own.getByRole('combobox').isDisabled()).toBe(true);
  });

  test('somebody who leaves is gone from the list once it was asked', async () => {
    await button('Retirer Sophie Lambert').click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Aucun agenda n’est relié.').waitFor();
    await dialog.getByRole('button', { name: 'Retirer', exact: true }).click();
    await page.getByText('Sophie Lambert ne fait plus partie du cabinet').waitFor();
    await row('Sophie Lambert').waitFor({ state: 'detached' });
  });
});

describe('security', () => {
  test('accounts and journal are there, each run with its report', async () => {
    await open('/settings/security');
    await page.getByRole('region', { name: 'Comptes connectés' }).getByText(CLAIRES_ACCOUNT).waitFor();
    const journal = page.getByRole('region', { name: 'Journal de synchronisation' });
    await journal.locator('[data-direction="export"]').first().getByRole('link').click();
    await page.getByRole('heading', { name: 'Export', level: 2 }).waitFor();
  });

  test('another practice sees none of it', async () => {
    const marc = await product.visit(MARC);
    await marc.page.goto(`${product.url}/settings/security`);
    await marc.page.getByText('Aucun compte d’agenda n’est connecté.').waitFor();
    await marc.page.getByText('Aucune synchronisation pour le moment.').waitFor();
    expect(await marc.page.locator('body').textContent()).not.toContain(CLAIRES_ACCOUNT);
    await marc.page.goto(page.url());
    await marc.page.getByText('Ce rapport n’existe plus').waitFor();
    expect(marc.complaints).toEqual([]);
    await marc.context.close();
  });

  test('disconnecting with removal empties the calendar of our events and of nothing else', async () => {
    await open(PAGE);
    await button('Déconnecter').click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel(/^Supprimer aussi/).check();
    await dialog.getByRole('button', { name: 'Déconnecter', exact: true }).click();
    await button('Connecter Google').waitFor();
    const left = (await liveEvents(product.stack)).map(({ summary }) => summary);
    expect(left.filter((summary) => summary?.startsWith('Cassius : '))).toEqual([]);
    expect(left).toContain('Réunion d’équipe');
  });

  test('the same account, connected again, shows the earlier choices and waits for « Commencer »', async () => {
    await consent(async () => {
      await button('Connecter Google').click();
      await page.getByLabel(new RegExp(CLAIRES_ACCOUNT)).check();
      await button('Autoriser').click();
    });
    const form = card('Ce que Cassius va écrire');
    await form.getByRole('radio', { name: /^Initiales/ }).waitFor();
    expect(await form.getByRole('radio', { name: /^Initiales/ }).isChecked()).toBe(true);
    await expect.poll(() => button('Commencer').isEnabled(), WAIT).toBe(true);
    expect((await liveEvents(product.stack)).filter(({ summary }) => summary?.startsWith('Cassius : '))).toEqual([]);
  });

  test('another account than the connected one is named and asked about; keeping the first changes nothing', async () => {
    const claire = await Person.signIn(product.stack, CLAIRE);
    expect((await claire.grant(MARCS_ACCOUNT)).result).toEqual({ result: 'other_account' });
    await open(`${PAGE}?result=other_account`);
    const dialog = page.getByRole('dialog');
    await dialog.getByText(`Vous avez autorisé ${MARCS_ACCOUNT}, mais c’est ${CLAIRES_ACCOUNT} qui est relié`)
      .waitFor();
    await dialog.getByRole('radio', { name: `Garder ${CLAIRES_ACCOUNT}` }).check();
    await dialog.getByRole('button', { name: 'Confirmer' }).click();
    await dialog.waitFor({ state: 'detached' });
    const { body } = await claire.call('google-connect/status');
    expect(body).toMatchObject({ account: { email: CLAIRES_ACCOUNT }, pendingAccount: null });
    await button('Déconnecter').click();
    await page.getByRole('dialog').getByRole('button', { name: 'Déconnecter', exact: true }).click();
    await button('Connecter Google').waitFor();
  });

  test('signing out ends the session here and leads to the door', async () => {
    await open('/settings/security');
    await button('Se déconnecter de cet appareil').click();
    await page.getByRole('heading', { name: 'Se connecter' }).waitFor();
    expect(await page.evaluate(() => localStorage.getItem('cassius.session'))).toBeNull();
  });

  test('nothing went wrong in the page itself', () => {
    expect(visitor.complaints).toEqual([]);
  });
});
