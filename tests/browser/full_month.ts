/** A month with very many events, a day with very many appointments, and a walk through each: for the tests of the page, and for the bench that times it. */
import type { Page } from 'playwright-core';
import type postgres from 'postgres';
import { INTEGRATION, PRACTICE } from './calendar_world.ts';

/** The first day of the month. */
export const FULL_MONTH = '2027-04-01';

/** Replaces the events of the month by so many, spread over its days. Needs `connectClaire`. */
export async function seedMany(sql: postgres.Sql, count: number): Promise<void> {
  await sql`delete from public.external_events where external_event_id like 'many%'`;
  await sql`insert into public.external_events (organisation_id, integration_id, user_id, provider,
      external_calendar_id, external_event_id, status, kind, summary, start_at, end_at, visibility, availability,
      last_synced_at)
    select ${PRACTICE}, ${INTEGRATION}, i.user_id, 'google', 'claire@gmail.test', 'many' || n, 'confirmed',
      'appointment', 'Événement ' || n,
      timestamptz '2027-04-01 06:00+00' + make_interval(days => n % 30, mins => n / 30 * 15),
      timestamptz '2027-04-01 06:30+00' + make_interval(days => n % 30, mins => n / 30 * 15), 'normal', 'busy', now()
    from generate_series(0, ${count - 1}::integer) n, public.calendar_integrations i where i.id = ${INTEGRATION}`;
}

/** What a person does on the month's page: filter, open, leave, turn the pages. `take` does each step. */
export async function walkThrough(
  page: Page,
  take: (name: string, step: () => Promise<unknown>) => Promise<unknown>,
): Promise<void> {
  const filled = () => page.locator('[data-entry]').nth(20).waitFor();
  const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
  await take('filter', () => press('Cassius'));
  await take('fill', () => press('Google').then(filled));
  await take('open', async () => {
    await page.locator('[data-entry]').nth(5).click();
    await page.locator('dialog.drawer').waitFor();
  });
  await take('close', async () => {
    await page.keyboard.press('Escape');
    await page.locator('dialog.drawer').waitFor({ state: 'detached' });
  });
  await take('next month', () => press('Mois suivant'));
  await take('back', () => press('Mois précédent').then(filled));
}

/** What a person does on a full day's page: choose who is shown, open, leave, move by key, turn the pages. */
export async function walkThroughDay(
  page: Page,
  take: (name: string, step: () => Promise<unknown>) => Promise<unknown>,
): Promise<void> {
  const press = (name: string | RegExp) => page.getByRole('button', { name, exact: true }).click();
  const filled = () => page.locator('[data-entry]').nth(150).waitFor({ state: 'attached' });
  await take('one person', () => press(/Hugo Perrin \d+ entrées$/));
  await take('everybody', () => press('Tous').then(filled));
  await take('open', async () => {
    await page.locator('[data-entry]').nth(5).click();
    await page.locator('dialog.drawer').waitFor();
  });
  await take('close', async () => {
    await page.keyboard.press('Escape');
    await page.locator('dialog.drawer').waitFor({ state: 'detached' });
  });
  await take('next day', () => press('Jour suivant'));
  await take('back', () => press('Jour précédent').then(filled));
}
