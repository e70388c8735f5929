/** Finding one's way: by date, by name, and on a phone. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { MARKED } from '../../web/src/calendar/sync_state.ts';
import { WAIT } from '../patience.ts';
import { ORGANISATION, RUN, type StubService } from './stub_service.ts';
import { StubbedClient } from './stubbed_client.ts';

const RDV = '50000000-0000-4000-8000-000000000001';
const ALICE = '70000000-0000-4000-8000-000000000001';
const BOB = '70000000-0000-4000-8000-000000000002';
const SEARCH = 'POST rest/v1/rpc/search_appointments';
const AT = '2027-12-01T08:00:00Z';

let client: StubbedClient;
let service: StubService;
let page: Page;

beforeAll(async () => {
  client = await StubbedClient.start();
});
afterAll(() => client?.stop());
beforeEach(async () => {
  ({ page, service } = await client.visit());
});

async function open(query: string, width = 1280, height = 900): Promise<void> {
  await page.setViewportSize({ width, height });
  await page.goto(`${client.url}/calendar?${query}`);
  await page.locator('.calendar-body[aria-busy="false"]').waitFor();
}
const shownDay = () => new URL(page.url()).searchParams.get('date');
const button = (name: string | RegExp) => page.getByRole('button', { name, exact: true });

describe('a date', () => {
  test('half a year away is two clicks away: the title, then the month; the day stays, or is the last one', async () => {
    await open('view=week&date=2027-03-31');
    await button(/choisir une date$/i).click();
    await page.getByRole('dialog').getByRole('button', { name: 'sept. 2027' }).click();
    expect(shownDay()).toBe('2027-09-30');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  test('stands beside the calendar where there is room, and is chosen with keys', async () => {
    await open('view=day&date=2027-03-31', 1440);
    const side = page.getByRole('complementary', { name: 'Choisir une date' });
    await side.getByRole('button', { name: 'mercredi 31 mars 2027' }).focus();
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('aria-label')), WAIT)
      .toBe('jeudi 1er avril 2027');
    await page.keyboard.press('Enter');
    expect(shownDay()).toBe('2027-04-01');
    await side.getByLabel('Aller au').fill('2028-02-29');
    await expect.poll(shownDay, WAIT).toBe('2028-02-29');
    await side.getByRole('button', { name: /choisir un mois$/ }).click();
    await side.getByRole('button', { name: 'août 2028' }).click();
    expect(shownDay()).toBe('2028-08-29');
  });
});

describe('a name', () => {
  const patient = { id: ALICE, firstName: 'Alice', lastName: 'Durand', birthDate: '1980-03-01' };
  const appointment = { id: RDV, type: 'Contrôle', act: null, startsAt: AT, status: 'scheduled', practitioner: null };

  beforeEach(() => {
    service.answer(SEARCH, {
      body: {
        patients: [
          { ...patient, appointments: [appointment], total: 3 },
          { id: BOB, firstName: 'Bob', lastName: 'Durand', birthDate: null, appointments: [], total: 0 },
        ],
        more: true,
      },
    });
  });

  test('is searched from anywhere in the calendar with /, and leads to the appointment in its week', async () => {
    service.answer('GET rest/v1/rdv', {
      body: [{
        id: RDV,
        organisation_id: ORGANISATION,
        type: 'Contrôle',
        act: null,
        patient_id: ALICE,
        practitioner_id: null,
        starts_at: AT,
        ends_at: AT,
        location: null,
        notes: null,
        status: 'scheduled',
        source: 'cassius',
        updated_at: AT,
        patient: { first_name: 'Alice', last_name: 'Durand', birth_date: null },
        practitioner: null,
      }],
    });
    await open('view=week&date=2027-03-31');
    await page.keyboard.press('/');
    const field = page.getByRole('combobox', { name: 'Patient ou rendez-vous' });
    await page.keyboard.type('dur');
    expect(await field.inputValue()).toBe('dur');
    const options = page.getByRole('option');
    await options.first().waitFor();
    expect((await options.allTextContents()).map((text) => text.replaceAll(/[\u00a0\u202f]/g, ' '))).toEqual([
      'Durand Alice1er déc. 2027, 09:00 · Contrôle · Naissance : 1er mars 1980 · et 2 autres',
      'Durand BobDate de naissance inconnue · aucun rendez-vous : en créer un',
    ]);
    await page.getByText('Les 2 premiers patients').waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').getByRole('heading', { name: 'Alice Durand' }).waitFor();
    expect(shownDay()).toBe('2027-12-01');
  });

  test('of a patient without an appointment leads to a new one for them', async () => {
    await open('view=week&date=2027-03-31');
    await button('Rechercher').click();
    await page.getByRole('combobox').fill('dur');
    await page.getByRole('option', { name: /Bob/ }).click();
    const form = page.getByRole('dialog', { name: 'Nouveau rendez-vous' });
    expect(await form.getByRole('combobox', { name: 'Patient' }).inputValue()).toBe('Durand Bob');
  });

  test('is not searched while something else is typed', async () => {
    await open('view=week&date=2027-03-31');
    await button('Nouveau rendez-vous').click();
    await page.getByLabel('Lieu').press('/');
    expect(await page.getByLabel('Lieu').inputValue()).toBe('/');
    expect(await page.getByRole('combobox', { name: 'Patient ou rendez-vous' }).count()).toBe(0);
  });
});

describe('a report', () => {
  test('is in the order of the calendar, then of names as French sorts them; what has no time comes last', async () => {
    const appointment = (n: number, starts_at: string | null, last_name: string) => ({
      id: `50000000-0000-4000-8000-00000000000${n}`,
      type: 'Contrôle',
      starts_at,
      patient: { first_name: '', last_name },
    });
    const rows = [
      appointment(1, null, 'Zoé'),
      appointment(2, '2027-03-02T09:00:00Z', 'Zadig'),
      appointment(3, '2027-03-02T09:00:00Z', 'Émile'),
      appointment(4, '2027-03-01T10:00:00+02:00', 'Yves'),
    ];
    service.answer('GET rest/v1/rdv', { body: rows });
    service.answer('GET rest/v1/sync_run_items', {
      body: rows.map(({ id }, n) => ({
        id: n + 1,
        rdv_id: id,
        run_id: RUN,
        external_event_id: null,
        external_calendar_id: null,
        action: 'update',
        reason: null,
        created_at: AT,
      })),
    });
    await page.goto(`${client.url}/settings/integrations/google-calendar/report/${RUN}`);
    await page.locator('tbody tr').first().waitFor();
    expect(await page.locator('tbody tr a').allTextContents()).toEqual(['Yves', 'Émile', 'Zadig', 'Zoé']);
  });
});

describe('the legend', () => {
  test('has a line for every mark that an entry may have', async () => {
    await open('view=week&date=2027-03-31');
    await button('Légende').click();
    const lines = page.getByRole('dialog', { name: 'Légende de l’agenda' }).locator('[data-sync]');
    await lines.first().waitFor();
    expect(await lines.evaluateAll((all) => all.map((one) => one.getAttribute('data-sync')))).toEqual([...MARKED]);
  });
});

describe('a phone', () => {
  test('has its toolbar in one row, above the grid, and what is chosen seldom in a sheet', async () => {
    await open('view=week&date=2027-03-31', 360, 740);
    const row = await page.locator('.calendar-place > *:visible').evaluateAll((all) =>
      all.filter((one) => !one.matches('.unseen, .connection')).map((one) => {
        const { top, bottom, right } = one.getBoundingClientRect();
        return { middle: Math.round((top + bottom) / 2), right };
      })
    );
    expect(new Set(row.map(({ middle }) => middle)).size, JSON.stringify(row)).toBe(1);
    expect(Math.max(...row.map(({ right }) => right))).toBeLessThanOrEqual(360);
    expect(await page.getByRole('group', { name: 'Praticiens affichés' }).count()).toBe(0);
    await button('Filtres').click();
    const sheet = page.getByRole('dialog', { name: 'Filtres' });
    await sheet.getByRole('button', { name: 'Cassius', exact: true }).click();
    await page.keyboard.press('Escape');
    await button('Filtres (1 actif)').waitFor();
  });

  test('says above each column of the week which day it is', async () => {
    await open('view=week&date=2027-03-31', 360, 740);
    const heads = page.locator('.grid .day-link');
    expect(await heads.count()).toBe(7);
    const cut = await heads.evaluateAll((all) =>
      all.filter((one) => one.scrollWidth > one.clientWidth + 1 || one.getBoundingClientRect().right > innerWidth)
        .length
    );
    expect(cut).toBe(0);
  });
});
