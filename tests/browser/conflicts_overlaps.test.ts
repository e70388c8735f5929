/** One question for an event that overlaps several appointments: the card names them, and one decision is for all. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WAIT } from '../patience.ts';
import { shot, violations } from './calendar_world.ts';
import { type StubService } from './stub_service.ts';
import { StubbedClient } from './stubbed_client.ts';

const CONFLICT = '60000000-0000-4000-8000-000000000001';
const SEEN = '2026-11-20T08:00:00.000Z';
const RESOLVE = `POST functions/v1/google-import/conflicts/${CONFLICT}/resolve`;
const rdv = (n: number) => `50000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const at = (hour: number, minute = 0) =>
  `2036-12-01T${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}:00Z`;
const NUMBERS = Array.from({ length: 12 }, (_, n) => n);

const question = (payload: Record<string, unknown>) => ({
  id: CONFLICT,
  reason: 'time_overlap',
  entity_type: 'event',
  internal_id: null,
  external_id: 'training',
  integration_id: '30000000-0000-4000-8000-000000000001',
  source: 'google',
  payload: { calendarId: 'c', fields: ['time'], changedBy: 'calendar', base: null, ...payload },
  created_at: SEEN,
  updated_at: SEEN,
});
const ONE_EVENT = question({
  count: 12,
  events: 1,
  calendar: { title: 'Formation', location: '', time: { kind: 'timed', startsAt: at(7), endsAt: at(19) } },
  appointments: NUMBERS.map((n) => ({ rdvId: rdv(n), startsAt: at(8 + n), endsAt: at(8 + n, 30) })),
});

const ROWS = NUMBERS.map((n) => ({
  id: rdv(n),
  type: 'Contrôle',
  starts_at: at(8 + n),
  ends_at: at(8 + n, 30),
  practitioner_id: '10000000-0000-4000-8000-00000000000a',
  updated_at: SEEN,
  patient: n === 0 ? { first_name: 'Alice', last_name: 'Durand' } : null,
}));

let client: StubbedClient;
let service: StubService;
let page: Page;

beforeAll(async () => {
  client = await StubbedClient.start();
  ({ page, service } = await client.visit());
  service.answer('GET rest/v1/rdv', { body: ROWS });
});

afterAll(() => client?.stop());

const card = () => page.locator(`[data-conflict="${CONFLICT}"]`);
async function shows(row: Record<string, unknown>): Promise<string> {
  service.answer('GET rest/v1/sync_conflicts', { body: [row] });
  await page.goto(`${client.url}/conflicts`);
  await card().locator('[data-overlapped] li').first().waitFor();
  return (await card().innerText()).replaceAll(/[\u00a0\u202f]/g, ' ');
}

test('names the event, counts the appointments and lists the first of them, each with its way to the calendar', async () => {
  const text = await shows(ONE_EVENT);
  expect(await card().getByRole('heading', { level: 2 }).textContent()).toBe('Formation');
  expect(text).toContain('Un événement de Google chevauche 12 rendez-vous du même praticien.');
  const listed = card().locator('[data-overlapped] li a');
  expect(await listed.count()).toBe(10);
  expect(await listed.first().textContent()).toContain('Alice Durand');
  expect(await listed.first().getAttribute('href')).toBe(`/calendar?rdv=${rdv(0)}`);
  expect(await listed.nth(1).textContent()).toContain('Contrôle');
  expect(text).toContain('et 2 autres');
});

test('says of each decision that it is for all, and sends it once with the version that was seen', async () => {
  await shows(ONE_EVENT);
  expect(
    (await card().locator('.decision .hint').allTextContents()).map((hint) => hint.replaceAll(/\u00a0|\u202f/g, ' ')),
  )
    .toEqual([
      'Tout reste où il est ; la question est close.',
      'Tous ces rendez-vous sont annulés dans Cassius ; l’agenda reste tel quel.',
      'Ce qui est dans l’agenda devient aussi un rendez-vous dans Cassius, à côté des autres.',
    ]);
  service.answer(RESOLVE, { body: { status: 'resolved', resolution: 'keep_calendar' } });
  service.answer('GET rest/v1/sync_conflicts', { body: [] });
  await card().locator('[data-action=keep_calendar]').click();
  const asked = page.getByRole('dialog', { name: 'Annuler 12 rendez-vous ?' });
  await expect.poll(() => asked.locator('li').count(), WAIT).toBe(12);
  expect(await asked.locator('li').first().textContent()).toContain('Alice Durand, lun. 1er décembre');
  await asked.getByRole('button', { name: 'Oui, annuler ces 12 rendez-vous' }).click();
  await card().waitFor({ state: 'detached' });
  expect(service.bodies(RESOLVE)).toEqual([{ action: 'keep_calendar', seen: SEEN }]);
});

test('without their names nothing is cancelled, and beyond those that are named the others are counted', async () => {
  await shows(ONE_EVENT);
  const appointments = { body: ROWS };
  service.answer('GET rest/v1/rdv', { offline: true });
  await card().locator('[data-action=keep_calendar]').click();
  const asked = page.getByRole('dialog', { name: 'Annuler 12 rendez-vous ?' });
  await asked.getByRole('alert').waitFor();
  expect(await asked.getByRole('button', { name: 'Oui, annuler ces 12 rendez-vous' }).isDisabled()).toBe(true);
  service.answer('GET rest/v1/rdv', appointments);
  await shows(question({ ...ONE_EVENT.payload, count: 140 }));
  await card().locator('[data-action=keep_calendar]').click();
  await page.getByRole('dialog').getByText('et 128 autres').waitFor();
});

test('each of its appointments can be moved: what is free is proposed, and what was taken meanwhile is not', async () => {
  const busy = (...taken: Array<readonly [string, string]>) => ({
    body: taken.map(([startsAt, endsAt], n) => ({ kind: 'event', id: rdv(100 + n), startsAt, endsAt, name: 'x' })),
  });
  const [all, until] = [[at(7), at(15)], [at(15), at(15, 30)]] as const;
  service.answer('POST rest/v1/rpc/busy_times', busy(all));
  await shows(ONE_EVENT);
  await card().getByRole('button', { name: /^Déplacer : Alice Durand, / }).click();
  const dialog = page.getByRole('dialog', { name: 'Déplacer le rendez-vous' });
  const proposed = () => dialog.locator('[data-free]').getAttribute('data-free');
  await expect.poll(proposed, WAIT).toBe(new Date(at(15)).toISOString());
  service.answer('POST rest/v1/rpc/busy_times', busy(all, until));
  await dialog.getByRole('button', { name: 'Déplacer à cette heure' }).click();
  await dialog.getByText('Ce créneau vient d’être pris').waitFor();
  await expect.poll(proposed, WAIT).toBe(new Date(at(15, 30)).toISOString());
  expect(service.count('PATCH rest/v1/rdv')).toBe(0);
  await dialog.getByRole('button', { name: 'Un autre créneau' }).click();
  await expect.poll(proposed, WAIT).toBe(new Date(at(16)).toISOString());
  service.answer('PATCH rest/v1/rdv', { body: [{ updated_at: 'v2' }] });
  await dialog.getByRole('button', { name: 'Déplacer à cette heure' }).click();
  await dialog.waitFor({ state: 'detached' });
  await expect.poll(() => service.bodies('POST rest/v1/rpc/review_overlap'), WAIT).toEqual([{ p_conflict: CONFLICT }]);
  expect(service.bodies('PATCH rest/v1/rdv')).toEqual([
    { starts_at: new Date(at(16)).toISOString(), ends_at: new Date(at(16, 30)).toISOString() },
  ]);
  // Another person has moved it since: it is not taken back, and the question is looked at all the same.
  service.answer('PATCH rest/v1/rdv', { body: [] });
  await page.keyboard.press('Control+z');
  await page.getByRole('alert').getByText('l’action n’a pas été annulée').waitFor();
  await expect.poll(() => service.count('POST rest/v1/rpc/review_overlap'), WAIT).toBe(2);
});

test('about many events is one card that counts both', async () => {
  const appointments = NUMBERS.map((n) => ({ rdvId: rdv(n), startsAt: at(8 + n), endsAt: null }));
  const text = await shows(question({ count: 140, events: 60, appointments }));
  expect(text).toContain('60 événements et 140 rendez-vous aux mêmes heures');
  expect(text).toContain('60 événements de Google chevauchent 140 rendez-vous du même praticien.');
  expect(text).toContain('et 130 autres');
});

test('on the first of a month says so as people do', async () => {
  const time = { kind: 'timed', startsAt: '2026-12-01T08:00:00.000Z', endsAt: '2026-12-01T09:00:00.000Z' };
  const text = await shows(question({
    count: 2,
    events: 1,
    calendar: { title: 'Formation', location: '', time },
    appointments: [0, 1].map((n) => ({ rdvId: rdv(n), startsAt: time.startsAt, endsAt: time.endsAt })),
  }));
  expect(text).toContain('1er décembre');
  expect(text).not.toMatch(/\b1 décembre/);
});

test.each([['fr', 'light'], ['en', 'dark']] as const)(
  'the card and what it asks fit every window, and axe finds nothing (%s, %s)',
  async (lang, colorScheme) => {
    service.answer('POST rest/v1/rpc/busy_times', null);
    service.answer('GET rest/v1/sync_conflicts', { body: [ONE_EVENT] });
    await page.emulateMedia({ colorScheme });
    for (const width of [360, 768, 1440]) {
      await page.setViewportSize({ width, height: 900 });
      const fits = async (name: string) => {
        expect(await violations(page), `${name} ${width}`).toEqual([]);
        expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
        await shot(page, `conflicts-${name}-${width}-${lang}`);
      };
      await page.goto(`${client.url}/conflicts?lang=${lang}`);
      await card().locator('[data-overlapped] li').first().waitFor();
      await fits('overlaps');
      await card().locator('[data-overlapped] button').first().click();
      await page.getByRole('dialog').locator('[data-free]').waitFor();
      await fits('move');
      await page.keyboard.press('Escape');
      await card().locator('[data-action=keep_calendar]').click();
      await page.getByRole('dialog').locator('li').first().waitFor();
      await fits('question');
    }
  },
);
