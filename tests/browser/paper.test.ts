/** What leaves the calendar on paper and as a file, in a real browser. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EIGHT, FULL_DAY, PRACTICE, practiceOfEight, shot, startWorld, type World } from './calendar_world.ts';
import { WAIT } from '../patience.ts';
import { tellFailures } from '../tell_failures.ts';

/** A day of its own. */
const DAY = '2027-03-10';

let world: World;
tellFailures(() => world);
let page: Page;

beforeAll(async () => {
  world = await startWorld();
  const [anne] = await practiceOfEight(world.sql);
  await world.sql`insert into public.rdv ${
    world.sql({
      organisation_id: PRACTICE,
      practitioner_id: anne!,
      type: '=HYPERLINK("http://x.test")',
      act: 'Détartrage',
      notes: 'Ne pas imprimer',
      starts_at: `${DAY}T09:00:00+01:00`,
      ends_at: `${DAY}T09:30:00+01:00`,
    })
  }`;
  page = await world.signedIn(`/calendar?view=day&date=${FULL_DAY}`, { timezoneId: 'America/Montreal' });
});

afterAll(() => world?.stop());

const sheets = () => page.locator('.sheet');
async function printed(): Promise<void> {
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
  await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
}
async function over(): Promise<void> {
  await page.evaluate(() => dispatchEvent(new Event('afterprint')));
  await page.emulateMedia({ media: null, colorScheme: null });
}
const pages = (pdf: Uint8Array) => new TextDecoder('latin1').decode(pdf).match(/\/Type\s*\/Page\b/g)?.length;

describe('on paper', () => {
  test('each practitioner has a page of their own, with their appointments in order and nothing of the screen', async () => {
    await expect.poll(() => page.locator('[data-entry]').count(), WAIT).toBe(200);
    await printed();
    await shot(page, 'print_day');
    expect(await sheets().locator('h1').allInnerTexts()).toEqual([...EIGHT]);
    const first = await sheets().first().locator('tbody td:first-child').allInnerTexts();
    expect(first).toHaveLength(25);
    expect(first[0]).toBe('08:00 – 08:20');
    expect(first).toEqual([...first].sort());
    expect(await page.locator('.bar, .calendar').filter({ visible: true }).count()).toBe(0);
    await over();
    expect(await sheets().count()).toBe(0);
    // The browser's own printing draws them too.
    expect(pages(await page.pdf({ format: 'A4' }))).toBe(8);
  });

  test('who is not shown is not printed, and what is left out is said', async () => {
    await page.getByRole('group', { name: 'Praticiens affichés' }).getByText(EIGHT[2]).click();
    await page.getByRole('button', { name: 'Google', exact: true }).click();
    await printed();
    expect(await sheets().locator('h1').allInnerTexts()).toEqual([EIGHT[2]]);
    await sheets().getByText('Seulement : Google.').waitFor();
    await sheets().getByText('Rien dans cette période.').waitFor();
    await over();
  });

  test('a week has each of its days, the names that the reader sees, and no notes', async () => {
    await page.goto(`${world.url}/calendar?view=week&date=${DAY}`);
    await page.locator('[data-entry]').first().waitFor();
    await printed();
    const sheet = sheets().first();
    expect(await sheet.locator('caption').allInnerTexts()).toEqual([expect.stringMatching(/^mercredi 10 mars/i)]);
    expect(await sheet.innerText()).toContain('Détartrage');
    expect(await sheet.innerText()).not.toContain('Ne pas imprimer');
    await shot(page, 'print_week');
    await over();
  });

  test('a period that is still loading does not look free', async () => {
    let letGo = () => {};
    const held = new Promise<void>((resolve) => letGo = resolve);
    await page.route('**/rest/v1/rdv*', async (route) => {
      await held;
      await route.fallback();
    });
    await page.getByRole('button', { name: 'Semaine suivante' }).click();
    await page.locator('.calendar-body[aria-busy="true"]').waitFor();
    await printed();
    await sheets().first().getByText('La période n’était pas encore chargée').waitFor();
    await over();
    letGo();
    await page.unroute('**/rest/v1/rdv*');
  });
});

describe('as a file', () => {
  test('the table has the practice’s own dates and times, who and what, and no formula', async () => {
    await page.goto(`${world.url}/calendar?view=day&date=${DAY}`);
    await page.locator('[data-entry]').first().waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Télécharger en CSV' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe(`cassius-agenda-${DAY}.csv`);
    const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(await Deno.readFile(await download.path()));
    expect(text.trimEnd().split('\r\n')).toEqual([
      '\uFEFFdate;heure;date de fin;heure de fin;patient;praticien;type;acte;lieu;état',
      `${DAY};09:00;${DAY};09:30;;${EIGHT[0]};"'=HYPERLINK(""http://x.test"")";Détartrage;;Prévu`,
    ]);
  });

  test('nothing of this troubled the page', () => {
    expect(world.complaints()).toEqual([]);
  });
});
