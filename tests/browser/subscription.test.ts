/** A practitioner's subscription address, from making it to ending it, in a real browser on the real stack. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CLAIRE_MEMBER, PRACTICE, shot, startWorld, violations, type World } from './calendar_world.ts';
import { WAIT } from '../patience.ts';
import { tellFailures } from '../tell_failures.ts';

const PATH = '/settings/integrations/subscription';

let world: World;
tellFailures(() => world);
let page: Page;
let first: string;

beforeAll(async () => {
  world = await startWorld();
  const { sql } = world;
  await sql`insert into public.rdv (organisation_id, practitioner_id, patient_id, type, starts_at, ends_at)
    select ${PRACTICE}, ${CLAIRE_MEMBER}, p.id, 'Bilan', now() + interval '2 days', now() + interval '49 hours'
    from public.patients p where p.organisation_id = ${PRACTICE} and p.last_name = 'Caron'`;
  page = await world.signedIn('/settings/integrations');
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
});
afterAll(() => world?.stop());

const button = (name: string) => page.getByRole('button', { name, exact: true });
const address = () => page.getByLabel('Adresse d’abonnement');
const read = async (url: string) => {
  const answer = await fetch(url);
  return { status: answer.status, text: await answer.text() };
};

describe('the subscription address', () => {
  test('is made once a level was chosen, told once, and read by whoever has it', async () => {
    await page.getByRole('link', { name: 'Configurer Adresse d’abonnement' }).click();
    await page.getByText('Aucune adresse n’existe.').waitFor();
    expect(await button('Créer l’adresse').isDisabled()).toBe(true);
    await page.getByRole('radio', { name: /^Occupé/ }).check();
    await button('Créer l’adresse').click();
    await address().waitFor();
    first = await address().inputValue();
    expect(first).toMatch(/\/functions\/v1\/calendar-feed\/[0-9a-f]{64}\.ics$/);
    await button('Copier').click();
    await page.getByText('Adresse copiée').waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(first);
    const { status, text } = await read(first);
    expect(status).toBe(200);
    expect(text).toContain('SUMMARY:Occupé');
    expect(text).not.toContain('Caron');
    expect(await violations(page)).toEqual([]);
    await shot(page, 'subscription_told');

    await page.reload();
    await page.getByText(/^Une adresse existe depuis le /).waitFor();
    expect(await address().count()).toBe(0);
    const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
    expect(kept).not.toContain(/[0-9a-f]{64}/.exec(first)![0]);
  });

  test('shows more once its person says so, at the same address', async () => {
    await page.getByRole('radio', { name: /^Complet/ }).check();
    await button('Enregistrer').click();
    await page.getByText('Enregistré').waitFor();
    await expect.poll(async () => (await read(first)).text.includes('Caron'), WAIT).toBe(true);
  });

  test('is replaced, and ended, after a question', async () => {
    await button('Remplacer l’adresse').click();
    await page.getByRole('dialog').getByRole('button', { name: 'Annuler' }).click();
    expect((await read(first)).status).toBe(200);
    await button('Remplacer l’adresse').click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remplacer l’adresse' }).click();
    await address().waitFor();
    const second = await address().inputValue();
    expect((await read(first)).status).toBe(404);
    expect((await read(second)).status).toBe(200);
    await button('Mettre fin à l’abonnement').click();
    await page.getByRole('dialog').getByRole('button', { name: 'Mettre fin à l’abonnement' }).click();
    await page.getByText('Aucune adresse n’existe.').waitFor();
    expect((await read(second)).status).toBe(404);
  });

  test.each([['fr', 360], ['en', 360], ['fr', 1440], ['en', 768]] as const)(
    'is legible in %s at %d pixels, in the dark too',
    async (language, width) => {
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme: width === 360 ? 'dark' : 'light' });
      await page.goto(`${world.url}${PATH}?lang=${language}`);
      await page.getByRole('radio').first().waitFor();
      expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
      expect(await violations(page)).toEqual([]);
      await shot(page, `subscription_${language}_${width}`);
    },
  );

  test('nothing of this troubled the page', () => {
    expect(world.complaints()).toEqual([]);
  });
});
