/** Who works in a practice and who leaves it, and a patient who is erased. The page is the built one; the service is a stub. */
import axe from 'axe-core';
import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ORGANISATION, SESSION, type StubService } from './stub_service.ts';
import { StubbedClient } from './stubbed_client.ts';

const PAGE = '/settings/organisation';
const MEMBERS_CALL = 'GET rest/v1/organisation_members?organisation_id=';
const UPDATE_CALL = 'PATCH rest/v1/organisation_members';
const CONNECTIONS_CALL = 'POST rest/v1/rpc/member_connections';
const REMOVE_CALL = 'POST rest/v1/rpc/remove_member';
const ERASE_CALL = 'POST rest/v1/rpc/erase_patient';
const WIDTHS = [360, 768, 1440] as const;

const CLAIRE = {
  id: '10000000-0000-4000-8000-00000000000a',
  user_id: SESSION.user.id,
  role: 'admin',
  display_name: 'Dr Claire Moreau',
  initials: null,
  color: 1,
};
const ANTOINE = {
  id: '10000000-0000-4000-8000-00000000000b',
  user_id: 'a0000000-0000-4000-8000-000000000002',
  role: 'practitioner',
  display_name: 'Dr Antoine Lefebvre',
  initials: null,
  color: 1,
};
const SOPHIE = {
  id: '10000000-0000-4000-8000-00000000000c',
  user_id: 'a0000000-0000-4000-8000-000000000003',
  role: 'secretary',
  display_name: 'Sophie Bernard',
  initials: null,
  color: 1,
};
const CONNECTIONS = [
  { provider: 'google', accountEmail: 'sophie@gmail.test', events: 243, grantWorks: true },
  { provider: 'microsoft', accountEmail: 'sophie@outlook.test', events: 4, grantWorks: false },
];

let client: StubbedClient;
let service: StubService;
let page: Page;
let complaints: readonly string[];

beforeAll(async () => {
  client = await StubbedClient.start();
});

afterAll(() => client?.stop());

async function visit(locale = 'fr-FR'): Promise<void> {
  ({ page, service, complaints } = await client.visit({ locale }));
  service.answer(MEMBERS_CALL, { body: [CLAIRE, ANTOINE, SOPHIE] });
  service.answer(CONNECTIONS_CALL, { body: CONNECTIONS });
}

beforeEach(() => visit());
afterEach(() => expect(complaints).toEqual([]));

const open = (path = PAGE) => page.goto(client.url + path);
const button = (name: string | RegExp, within: Page | Locator = page) =>
  within.getByRole('button', { name, exact: true });
const row = ({ id }: { id: string }) => page.locator(`[data-member="${id}"]`);
const role = (member: { id: string }) => row(member).getByRole('combobox');
const dialog = (name?: string | RegExp) => page.getByRole('dialog', name === undefined ? {} : { name });
const toast = () => page.locator('.notices').getByRole('alert');

async function press(target: Locator, key = 'Enter'): Promise<void> {
  await target.waitFor();
  for (let presses = 0; presses < 150; presses++) {
    if (await target.evaluate((element) => element === document.activeElement)) return await page.keyboard.press(key);
    await page.keyboard.press('Tab');
  }
  throw new Error(`Reach ${target}: Tab never comes there`);
}

/** Nothing that axe finds and nothing wider than its window, at every width and in both themes. */
async function wellMade(): Promise<void> {
  const wrong: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 900 });
      await page.evaluate(axe.source);
      const { violations } = await page.evaluate(() =>
        (globalThis as unknown as { axe: typeof axe }).axe.run(document, { resultTypes: ['violations'] })
      );
      wrong.push(...violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${width} ${id}: ${html}`)));
      if (await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)) wrong.push(`${width} too wide`);
    }
  }
  expect(wrong).toEqual([]);
}

describe('the members of a practice', () => {
  test('are shown to administrators only', async () => {
    await open();
    await row(SOPHIE).waitFor();
    const membership = {
      ...ANTOINE,
      organisation: {
        id: ORGANISATION,
        name: 'Cabinet Lumière',
        timezone: 'Europe/Paris',
        event_title_template: '{patient}',
        event_language: 'fr',
        default_duration_minutes: 30,
      },
    };
    service.answer('GET rest/v1/organisation_members', { body: [membership] });
    await open();
    await page.getByText('Seul un administrateur').waitFor();
    expect(await page.locator('[data-member]').count()).toBe(0);
  });

  test('a role changes only once what it gives or takes was shown and agreed to, by keyboard alone', async () => {
    await open();
    await press(role(SOPHIE), 'ArrowUp');
    await row(SOPHIE).getByText('ceux de ses collègues en seront retirés').waitFor();
    expect(service.count(UPDATE_CALL)).toBe(0);
    service.answer(UPDATE_CALL, { body: [{ role: 'practitioner' }] });
    service.answer(MEMBERS_CALL, { body: [CLAIRE, ANTOINE, { ...SOPHIE, role: 'practitioner' }] });
    await press(button('Changer le rôle', row(SOPHIE)));
    await page.getByText('Sophie Bernard : Praticien').waitFor();
    expect(service.bodies(UPDATE_CALL)).toEqual([{ role: 'practitioner' }]);
    expect(await role(SOPHIE).inputValue()).toBe('practitioner');
  });

  test('a change that is not wanted after all leaves everything as it was', async () => {
    await open();
    await role(ANTOINE).selectOption('admin');
    await row(ANTOINE).getByText('Pourra modifier les réglages du cabinet').waitFor();
    await button('Annuler', row(ANTOINE)).click();
    expect(await role(ANTOINE).inputValue()).toBe('practitioner');
    expect(service.count(UPDATE_CALL)).toBe(0);
  });

  test('the last administrator can neither be demoted nor removed, and it is said why', async () => {
    await open();
    await row(CLAIRE).getByText('Seul administrateur du cabinet').waitFor();
    for (const control of [role(CLAIRE), row(CLAIRE).getByRole('button')]) {
      expect(await control.isDisabled()).toBe(true);
      const reason = await control.getAttribute('aria-describedby');
      expect(await page.locator(`[id="${reason}"]`).textContent()).toContain('nommez-en un autre');
    }
  });

  test('with a second administrator the first may go, and is told what that means', async () => {
    service.answer(MEMBERS_CALL, { body: [CLAIRE, { ...ANTOINE, role: 'admin' }] });
    await open();
    await role(CLAIRE).selectOption('secretary');
    await row(CLAIRE).getByText('C’est vous').waitFor();
  });

  test('the service’s own refusal to lose the last administrator is a sentence', async () => {
    service.answer(MEMBERS_CALL, { body: [CLAIRE, { ...ANTOINE, role: 'admin' }] });
    const refused = { code: 'P0001', message: 'LAST_ADMINISTRATOR', details: null, hint: null };
    service.answer(UPDATE_CALL, { status: 400, body: refused });
    await open();
    await role(ANTOINE).selectOption('secretary');
    await button('Changer le rôle').click();
    await toast().getByText('Le cabinet doit garder au moins un administrateur').waitFor();
    expect(await role(ANTOINE).inputValue()).toBe('admin');
  });

  test('removing somebody shows what stands in their calendars, and removes nothing there unless asked to', async () => {
    await open();
    await button('Retirer Sophie Bernard').click();
    await dialog().getByText('Google Agenda, sophie@gmail.test : 243 événements de Cassius').waitFor();
    await dialog().getByText('Cassius n’a plus accès à ce compte : ces événements y resteront.').waitFor();
    expect(service.bodies(CONNECTIONS_CALL)).toEqual([{ p_member: SOPHIE.id }]);
    expect(await dialog().getByRole('checkbox').isChecked()).toBe(false);
    service.answer(REMOVE_CALL, { body: { connections: [{ provider: 'google', events: 243, state: 'ended' }] } });
    await button('Retirer', dialog()).click();
    await page.getByText('Sophie Bernard ne fait plus partie du cabinet').waitFor();
    expect(service.bodies(REMOVE_CALL)).toEqual([{ p_member: SOPHIE.id, p_remove_events: false }]);
  });

  test('their events can be taken along, by keyboard alone', async () => {
    await open();
    await press(button('Retirer Sophie Bernard'));
    await press(dialog().getByLabel(/Retirer aussi les 243 événements de son agenda/), 'Space');
    service.answer(REMOVE_CALL, { body: { connections: [{ provider: 'google', events: 243, state: 'removing' }] } });
    await press(button('Retirer', dialog()));
    await page.getByText('243 événements en cours de retrait').waitFor();
    expect(service.bodies(REMOVE_CALL)).toEqual([{ p_member: SOPHIE.id, p_remove_events: true }]);
  });

  test('nobody is removed before what stands in their calendars is known', async () => {
    service.answer(CONNECTIONS_CALL, { offline: true });
    await open();
    await button('Retirer Sophie Bernard').click();
    await dialog().getByRole('alert').getByText('Le service ne répond pas').waitFor();
    expect(await button('Retirer', dialog()).isDisabled()).toBe(true);
  });

  test.each(['fr-FR', 'en-GB'])(
    'in %s all of it fits every window, in both themes, without a fault',
    async (locale) => {
      await visit(locale);
      await open();
      await role(SOPHIE).selectOption('practitioner');
      await wellMade();
      await row(SOPHIE).getByRole('button', { name: /Sophie/ }).click();
      await dialog().getByRole('checkbox').waitFor();
      await wellMade();
    },
  );
});

describe('erasing a patient', () => {
  const RDV = '7a000000-0000-4000-8000-000000000001';
  const PATIENT = '60000000-0000-4000-8000-000000000001';
  const APPOINTMENT = {
    id: RDV,
    organisation_id: ORGANISATION,
    type: 'Consultation',
    act: null,
    patient_id: PATIENT,
    practitioner_id: CLAIRE.id,
    starts_at: new Date().toISOString(),
    ends_at: null,
    location: null,
    notes: null,
    status: 'scheduled',
    source: 'cassius',
    updated_at: new Date().toISOString(),
    patient: { first_name: 'Amélie', last_name: 'Rousseau' },
    practitioner: { display_name: CLAIRE.display_name },
  };
  const asking = () => dialog(/^(Effacer Amélie Rousseau|Patient effacé)/);

  beforeEach(() => service.answer('GET rest/v1/rdv', { body: [APPOINTMENT] }));

  test('asks first, then tells what was done and what could not be reached', async () => {
    await open(`/calendar?view=day&rdv=${RDV}`);
    await press(button('Effacer ce patient'));
    await asking().getByText('On ne peut pas revenir en arrière').waitFor();
    expect(service.count(ERASE_CALL)).toBe(0);
    const unreachable = [{
      provider: 'google',
      accountEmail: 'antoine@gmail.test',
      events: 2,
      reason: 'NEED_RECONSENT',
    }];
    service.answer(ERASE_CALL, { body: { appointments: 3, eventsToRemove: 5, unreachable } });
    await press(button('Effacer', asking()));
    await asking().getByText('3 rendez-vous ne disent plus rien de ce patient').waitFor();
    expect(service.bodies(ERASE_CALL)).toEqual([{ p_patient: PATIENT }]);
    await asking().getByText('5 événements sont en cours de retrait').waitFor();
    await asking().getByText('Google Agenda, antoine@gmail.test : 2 événements').waitFor();
    await asking().getByText('l’accès à ce compte a pris fin').waitFor();
    await wellMade();
    await page.keyboard.press('Escape');
    await asking().waitFor({ state: 'detached' });
  });

  test('is not offered without a patient', async () => {
    service.answer('GET rest/v1/rdv', { body: [{ ...APPOINTMENT, patient_id: null, patient: null }] });
    await open(`/calendar?view=day&rdv=${RDV}`);
    await button('Supprimer').waitFor();
    expect(await button('Effacer ce patient').count()).toBe(0);
  });

  test('that is refused says so and keeps the question', async () => {
    await open(`/calendar?view=day&rdv=${RDV}`);
    await button('Effacer ce patient').click();
    service.answer(ERASE_CALL, {
      status: 403,
      body: { code: '42501', message: 'not yours', details: null, hint: null },
    });
    await button('Effacer', asking()).click();
    await asking().getByRole('alert').getByText('Cette action ne vous est pas permise').waitFor();
    expect(await button('Effacer', asking()).isEnabled()).toBe(true);
  });
});
