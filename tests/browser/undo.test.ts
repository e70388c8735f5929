/** What is done on the calendar page can be taken back, by its notice or by Ctrl+Z, as long as nothing moved since. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { WAIT } from '../patience.ts';
import { tellFailures } from '../tell_failures.ts';
import {
  CLAIRE,
  CLAIRE_MEMBER,
  connectClaire,
  INTEGRATION,
  PRACTICE,
  shot,
  startWorld,
  violations,
  type World,
} from './calendar_world.ts';

/** A Wednesday, on which the demo data holds nothing. */
const DAY = '2027-03-10';
const AT = (time: string) => `${DAY}T${time}:00+01:00`;
const RDV = '7d000000-0000-4000-8000-000000000001';
const PATIENT = '7d000000-0000-4000-8000-0000000000f1';

let world: World;
tellFailures(() => world);
let page: Page;

beforeAll(async () => {
  world = await startWorld();
  await connectClaire(world.sql);
  page = await world.signedIn(`/calendar?view=day&date=${DAY}`);
});
afterAll(() => world?.stop());

beforeEach(async () => {
  const { sql } = world;
  await sql`delete from public.rdv where starts_at::date = ${DAY}`;
  await sql`insert into public.patients (id, organisation_id, last_name) values (${PATIENT}, ${PRACTICE}, 'Retour')
    on conflict (id) do nothing`;
  await sql`insert into public.rdv (id, organisation_id, practitioner_id, patient_id, type, notes, starts_at, ends_at,
      source)
    values (${RDV}, ${PRACTICE}, ${CLAIRE_MEMBER}, ${PATIENT}, 'Bilan', 'Radio', ${AT('09:00')}, ${AT('10:00')},
      'google')`;
  await page.goto(`${world.url}/calendar?view=day&date=${DAY}`);
  await entry().waitFor();
});

const entry = () => page.locator('[data-entry]', { hasText: 'Retour' });
const drawer = () => page.locator('dialog.drawer');
const alert = () => page.getByRole('alert');
const undone = () => page.getByText('C’est annulé').last();
const undo = (what: string) => page.getByRole('button', { name: `Annuler — ${what}` }).last();
const row = async () => {
  const [found] = await world.sql`select type, notes, status, source, starts_at, ends_at, patient_id, practitioner_id
    from public.rdv where id = ${RDV}`;
  return found === undefined ? null : { ...found };
};
const time = async () => ((await row()) as null | { starts_at: Date })?.starts_at.toISOString().slice(11, 16);
const status = async () => ((await row()) as null | { status: string })?.status;

/** Pressed until the page has taken it: a key that meets a calendar still being drawn is pressed again. */
async function moveBy(key: string, to: string): Promise<void> {
  const told = () => page.getByText('Rendez-vous déplacé').count();
  const before = await told();
  await entry().press(key);
  await expect.poll(time, WAIT).toBe(to);
  // Its own notice: until then the page does not know that it may be taken back.
  await expect.poll(told, WAIT).toBeGreaterThan(before);
}
async function open(): Promise<void> {
  await entry().press('Enter');
  await drawer().waitFor();
}
const press = (name: string, within = drawer()) => within.getByRole('button', { name, exact: true }).press('Enter');

describe('on the calendar page', () => {
  test('a move is taken back by the button of its notice', async () => {
    const before = await row();
    await moveBy('Alt+ArrowDown', '08:15');
    expect(await violations(page)).toEqual([]);
    await shot(page, 'undo-notice');
    await undo('Rendez-vous déplacé').click();
    await undone().waitFor();
    expect(await row()).toEqual(before);
    expect(await page.getByRole('button', { name: 'Annuler — Rendez-vous déplacé' }).count()).toBe(0);
  });

  test('Ctrl+Z takes back the latest, then the one before', async () => {
    await moveBy('Alt+ArrowDown', '08:15');
    await moveBy('Alt+ArrowDown', '08:30');
    await page.keyboard.press('Control+z');
    await expect.poll(time, WAIT).toBe('08:15');
    await expect.poll(() => page.getByText('C’est annulé').count(), WAIT).toBe(1);
    await page.keyboard.press('Control+z');
    await expect.poll(time, WAIT).toBe('08:00');
  });

  test('Ctrl+Z in a field is the field’s own, and behind a question it does nothing', async () => {
    await moveBy('Alt+ArrowDown', '08:15');
    await page.evaluate(() => document.querySelector('main')?.append(document.createElement('textarea')));
    await page.locator('main > textarea').press('Control+z');
    await open();
    await press('Modifier');
    const form = page.getByRole('dialog').filter({ has: page.getByLabel('Type') });
    await form.getByLabel('Lieu').fill('Salle 2');
    await form.getByLabel('Lieu').press('Control+z');
    await expect.poll(() => form.getByLabel('Lieu').inputValue(), WAIT).toBe('');
    await form.getByRole('button', { name: 'Annuler', exact: true }).press('Control+z');
    await form.getByRole('button', { name: 'Annuler', exact: true }).press('Enter');
    await form.waitFor({ state: 'detached' });
    // Whatever was taken back would be told by now.
    await press('Annuler le rendez-vous');
    await expect.poll(status, WAIT).toBe('cancelled');
    expect(await page.getByText('C’est annulé').count()).toBe(0);
    expect(await time()).toBe('08:15');
  });

  test('an edit is taken back, all of its fields', async () => {
    const before = await row();
    await open();
    await press('Modifier');
    const form = page.getByRole('dialog').filter({ has: page.getByLabel('Type') });
    await form.getByLabel('Type').fill('Couronne');
    await form.getByLabel('Notes').fill('Autre');
    await form.getByRole('button', { name: 'Enregistrer' }).press('Enter');
    await form.waitFor({ state: 'detached' });
    await expect.poll(row, WAIT).toMatchObject({ type: 'Couronne', notes: 'Autre' });
    await undo('Rendez-vous enregistré').click();
    await expect.poll(row, WAIT).toEqual(before);
  });

  test('a cancellation is taken back where it was made, in the open drawer', async () => {
    await open();
    await press('Annuler le rendez-vous');
    await expect.poll(status, WAIT).toBe('cancelled');
    await undo('Rendez-vous annulé').click();
    await expect.poll(status, WAIT).toBe('scheduled');
    await undone().waitFor();
    await press('Annuler le rendez-vous');
    await expect.poll(status, WAIT).toBe('cancelled');
    await undo('Rendez-vous annulé').waitFor();
    await page.keyboard.press('Control+z');
    await expect.poll(status, WAIT).toBe('scheduled');
  });

  test('a deleted appointment comes back as the same one, with where it came from', async () => {
    const before = await row();
    await moveBy('Alt+ArrowDown', '08:15');
    await open();
    await press('Supprimer');
    await press('Supprimer', page.getByRole('dialog', { name: 'Supprimer ce rendez-vous ?' }));
    await drawer().waitFor({ state: 'detached' });
    await expect.poll(row, WAIT).toBeNull();
    await undo('Rendez-vous supprimé').waitFor();
    await page.keyboard.press('Control+z');
    await entry().waitFor();
    await undone().waitFor();
    expect(await time()).toBe('08:15');
    // And what was done before the deletion still is to be taken back.
    await page.keyboard.press('Control+z');
    await expect.poll(row, WAIT).toEqual(before);
  });

  test('a new appointment is taken away again', async () => {
    await page.getByRole('button', { name: 'Nouveau rendez-vous' }).press('Enter');
    const form = page.getByRole('dialog').filter({ has: page.getByLabel('Type') });
    // At nine there is one already: the proposal is another time by then.
    await expect.poll(() => form.getByLabel('Début').inputValue(), WAIT).toBe(`${DAY}T10:00`);
    await form.getByLabel('Type').fill('Erreur');
    await form.getByRole('button', { name: 'Enregistrer' }).press('Enter');
    await form.waitFor({ state: 'detached' });
    const count = async () => (await world.sql`select from public.rdv where type = 'Erreur'`).length;
    await expect.poll(count, WAIT).toBe(1);
    await undo('Rendez-vous créé').click();
    await expect.poll(count, WAIT).toBe(0);
  });

  test('what moved since is not taken back, and the page says why', async () => {
    await moveBy('Alt+ArrowDown', '08:15');
    await world.sql`update public.rdv set notes = 'Allergie' where id = ${RDV}`;
    await undo('Rendez-vous déplacé').click();
    await alert().getByText('Ce rendez-vous a changé entre-temps : l’action n’a pas été annulée').waitFor();
    expect(await row()).toMatchObject({ notes: 'Allergie' });
    expect(await time()).toBe('08:15');
    await alert().getByRole('button', { name: 'Fermer' }).click();
  });

  test('a deleted appointment of a patient who was erased since does not come back, and the page says why', async () => {
    await open();
    await press('Supprimer');
    await press('Supprimer', page.getByRole('dialog', { name: 'Supprimer ce rendez-vous ?' }));
    await expect.poll(row, WAIT).toBeNull();
    await world.sql`delete from public.patients where id = ${PATIENT}`;
    await undo('Rendez-vous supprimé').click();
    await alert().getByText('a été retiré entre-temps').waitFor();
    expect(await row()).toBeNull();
    await alert().getByRole('button', { name: 'Fermer' }).click();
  });

  test('taking back asks first where the old time was taken meanwhile', async () => {
    await open();
    await press('Annuler le rendez-vous');
    await expect.poll(status, WAIT).toBe('cancelled');
    await world.sql`insert into public.rdv (organisation_id, practitioner_id, type, starts_at, ends_at)
      values (${PRACTICE}, ${CLAIRE_MEMBER}, 'Urgence', ${AT('09:00')}, ${AT('09:30')})`;
    await undo('Rendez-vous annulé').click();
    const question = page.getByRole('dialog', { name: 'Ce créneau est déjà pris' });
    await question.getByText('Urgence').waitFor();
    await question.getByRole('button', { name: 'Ne rien changer' }).click();
    await question.waitFor({ state: 'detached' });
    expect(await status()).toBe('cancelled');
  });
});

describe('in the report of an import', () => {
  const RUN = '7d000000-0000-4000-8000-0000000000c1';

  test('the whole import is taken back, after a question, and what stays is listed with the reason', async () => {
    const { sql } = world;
    // As an import leaves them: the run, its items, and the events, in one transaction.
    await sql.begin(async (one) => {
      await one`insert into public.sync_runs (id, organisation_id, integration_id, direction, trigger, started_at,
          finished_at, calendar_id, created)
        values (${RUN}, ${PRACTICE}, ${INTEGRATION}, 'import', 'manual', now(), now(), 'claire@gmail.test', 2)`;
      await one`insert into public.external_events (organisation_id, integration_id, user_id, provider,
          external_calendar_id, external_event_id, status, kind, summary, start_at, end_at, visibility, availability,
          last_synced_at)
        select ${PRACTICE}, ${INTEGRATION}, ${CLAIRE}, 'google', 'claire@gmail.test', id, 'confirmed', 'appointment',
          title, ${AT('14:00')}, ${AT('15:00')}, 'normal', 'busy', now()
        from (values ('fair', 'Foire'), ('course', 'Cours')) e (id, title)`;
      await one`insert into public.sync_run_items (organisation_id, run_id, external_event_id, external_calendar_id,
          action)
        select ${PRACTICE}, ${RUN}, id, 'claire@gmail.test', 'create' from (values ('fair'), ('course')) e (id)`;
    });
    await sql`update public.external_events set summary = 'Cours du soir' where external_event_id = 'course'`;
    await page.goto(`${world.url}/settings/integrations/google-calendar/report/${RUN}`);
    await page.getByRole('button', { name: 'Annuler cet import' }).press('Enter');
    const question = page.getByRole('dialog', { name: 'Annuler cet import' });
    await question.waitFor();
    expect(await violations(page)).toEqual([]);
    await shot(page, 'undo-import');
    await press('Annuler cet import', question);
    await page.getByText('1 élément remis en place').waitFor();
    await page.getByText('Cours du soir : modifié depuis').waitFor();
    await page.getByText('L’import automatique de cet agenda est coupé').waitFor();
    await shot(page, 'undo-import-done');
    expect(await violations(page)).toEqual([]);
    const left = await sql`select external_event_id as id from public.external_events order by 1`;
    expect(left.map(({ id }) => id)).toEqual(['course']);
    await page.reload();
    await page.getByText('Cet import a été annulé le').waitFor();
    expect(await page.getByRole('button', { name: 'Annuler cet import' }).count()).toBe(0);
  });
});
