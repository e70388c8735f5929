/** Booking as a secretary does it, by keyboard: whose appointment it is, and over what it would lie. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { WAIT } from '../patience.ts';
import { tellFailures } from '../tell_failures.ts';
import {
  CLAIRE_MEMBER,
  connectClaire,
  PRACTICE,
  seedEvents,
  shot,
  startWorld,
  violations,
  type World,
} from './calendar_world.ts';

/** A Wednesday, on which the demo data holds nothing. */
const DAY = '2027-03-10';
const AT = (time: string, day = DAY) => `${day}T${time}:00+01:00`;
const FIXED = '7d000000-0000-4000-8000-00000000000';

let world: World;
tellFailures(() => world);
let page: Page;

beforeAll(async () => {
  world = await startWorld();
  const { sql } = world;
  await connectClaire(sql);
  await seedEvents(sql, [
    { id: 'lunch', summary: 'Déjeuner avec Paul', start: AT('12:00'), end: AT('13:00') },
    { id: 'secret', summary: null, start: AT('17:00'), end: AT('18:00'), more: { visibility: 'private' } },
  ]);
  await sql`insert into public.patients (organisation_id, last_name, first_name, birth_date) values
    ${
    sql([
      [PRACTICE, 'Lefèvre-Castagnier', 'Zoé', '1980-03-12'],
      [PRACTICE, 'Lefèvre-Castagnier', 'Zoé', '1951-11-02'],
    ])
  }`;
  // More than one answer of the tables' API holds; the last of them by name is found all the same.
  await sql`insert into public.patients (organisation_id, last_name, first_name)
    select ${PRACTICE}, 'Martin' || n, 'Ludovic' from generate_series(1, 1500) n`;
  page = await world.signedIn(`/calendar?view=day&date=${DAY}`);
});
afterAll(() => world?.stop());

beforeEach(async () => {
  await world.sql`delete from public.rdv where starts_at::date between ${DAY} and '2027-03-31'`;
  await world.sql`insert into public.rdv (id, organisation_id, practitioner_id, type, starts_at, ends_at) values
    (${`${FIXED}1`}, ${PRACTICE}, ${CLAIRE_MEMBER}, 'Bilan', ${AT('09:00')}, ${AT('10:00')}),
    (${`${FIXED}2`}, ${PRACTICE}, ${CLAIRE_MEMBER}, 'Couronne', ${AT('10:30')}, ${AT('11:00')})`;
  // A form that the test before left open would be there again.
  await page.evaluate(() => sessionStorage.removeItem('cassius.draft.appointment'));
  await page.goto(`${world.url}/calendar?view=day&date=${DAY}`);
  await entry('Bilan').waitFor();
});

const entry = (name: string, on: Page = page) => on.locator('[data-entry]', { hasText: name });
const form = (on: Page = page) => on.getByRole('dialog').filter({ has: on.locator('input[name=type]') });
const field = (on: Page = page) => form(on).locator('input[name=patient]');
const options = (on: Page = page) => form(on).locator('[role=option]');
const button = (name: string | RegExp, on: Page = page) => on.getByRole('button', { name });
const question = () => page.getByRole('dialog', { name: 'Ce créneau est déjà pris' });
/** Moves it by keys to where it is asked about: a key that meets a calendar still being drawn is pressed again. */
async function moveInto(name: string, key: string, on: Page = page): Promise<void> {
  await expect.poll(async () => {
    const asked = await on.locator('dialog [data-taken]').count();
    if (asked === 0) await entry(name, on).press(key);
    return asked;
  }, WAIT).toBeGreaterThan(0);
}
const startField = () => form().locator('input[name=start]');

async function create(): Promise<void> {
  await button('Nouveau rendez-vous').press('Enter');
  await field().waitFor();
}
const marked = async (on: Page = page): Promise<string | null> => {
  const id = await field(on).getAttribute('aria-activedescendant');
  return id === null ? null : await on.locator(`[id="${id}"]`).textContent();
};
const booked = async () => {
  const [row] = await world.sql`select r.id, r.starts_at, p.last_name, p.first_name, p.birth_date::text
    from public.rdv r left join public.patients p on p.id = r.patient_id
    where r.type = 'Consultation' and r.starts_at >= ${AT('00:00')} order by r.created_at desc limit 1`;
  return row;
};
const startOf = async (n: number) => {
  const [row] = await world.sql`select starts_at from public.rdv where id = ${`${FIXED}${n}`}`;
  return row!['starts_at'] as Date;
};

describe('a patient', () => {
  test('is found as one types, by arrows and Enter, and namesakes by their dates of birth', async () => {
    await create();
    await field().pressSequentially('zoe lefe');
    await expect.poll(() => options().count(), WAIT).toBe(3);
    expect(await options().nth(0).textContent()).toContain('2 novembre 1951');
    expect(await options().nth(1).textContent()).toContain('12 mars 1980');
    await expect.poll(() => marked(), WAIT).toContain('1951');
    await page.keyboard.press('ArrowDown');
    await expect.poll(() => marked(), WAIT).toContain('1980');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('ArrowUp');
    await expect.poll(() => marked(), WAIT).toContain('Nouveau patient');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await expect.poll(() => field().inputValue(), WAIT).toBe('Lefèvre-Castagnier Zoé');
    await expect.poll(() => field().getAttribute('aria-expanded'), WAIT).toBe('false');
    await form().getByText('Naissance : 12 mars 1980').waitFor();
    // Enter was for the list: nothing is saved before it is pressed again.
    expect(await booked()).toBeUndefined();
    await page.keyboard.press('Enter');
    await form().waitFor({ state: 'detached' });
    expect(await booked()).toMatchObject({ last_name: 'Lefèvre-Castagnier', birth_date: '1980-03-12' });
    await entry('Zoé Lefèvre-Castagnier').press('Enter');
    await page.locator('dialog.drawer').getByText('Naissance : 12 mars 1980').waitFor();
  });

  test('is found beyond the first thousand, and the list says that it is not all of them', async () => {
    await create();
    await field().pressSequentially('martin');
    await form().getByText('Les 20 premiers').waitFor();
    await field().pressSequentially('999');
    await expect.poll(async () => await options().first().textContent(), WAIT).toContain('Martin999 Ludovic');
    await form().getByText('Les 20 premiers').waitFor({ state: 'detached' });
    await page.keyboard.press('Escape');
    // The list is closed, the form is not.
    await expect.poll(() => field().getAttribute('aria-expanded'), WAIT).toBe('false');
    expect(await field().inputValue()).toBe('martin999');
  });

  test('that is no more than typed is not taken for none: the form says so before it saves', async () => {
    await create();
    await field().pressSequentially('Personne');
    await form().getByText('Aucun patient de ce nom').waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Enter');
    expect(await field().evaluate((input: HTMLInputElement) => input.validationMessage)).toContain('créez-le');
    expect(await booked()).toBeUndefined();
    await field().fill('');
    await page.keyboard.press('Enter');
    await form().waitFor({ state: 'detached' });
    expect(await booked()).toMatchObject({ last_name: null });
  });

  test('is made in the form with what was typed, once, also where the first try does not save', async () => {
    await create();
    await field().pressSequentially('Nakamoto-Özdemir aïko');
    await expect.poll(() => marked(), WAIT).toContain('Nakamoto-Özdemir aïko');
    await form().getByText('Aucun patient de ce nom').waitFor();
    await page.keyboard.press('Enter');
    const last = form().getByLabel('Nom', { exact: true });
    expect(await last.inputValue()).toBe('Nakamoto-Özdemir');
    await expect.poll(() => form().getByLabel('Prénom').evaluate((one) => one === document.activeElement), WAIT).toBe(
      true,
    );
    await form().getByLabel('Prénom').fill('Aïko');
    await form().getByLabel('Date de naissance').fill('1990-04-05');
    // The answer is lost once the patient is there.
    await page.route('**/rest/v1/patients*', async (route) => {
      await route.fetch();
      await route.abort();
    });
    await button('Enregistrer', page).press('Enter');
    await form().getByRole('alert').waitFor();
    await page.unroute('**/rest/v1/patients*');
    await page.route(
      '**/rest/v1/rdv*',
      (route) => route.request().method() === 'POST' ? route.abort() : route.fallback(),
    );
    await button('Enregistrer', page).press('Enter');
    await form().getByRole('alert').waitFor();
    await page.unroute('**/rest/v1/rdv*');
    await button('Enregistrer', page).press('Enter');
    await form().waitFor({ state: 'detached' });
    expect(await booked()).toMatchObject({
      last_name: 'Nakamoto-Özdemir',
      first_name: 'Aïko',
      birth_date: '1990-04-05',
    });
    const made = await world.sql`select 1 from public.patients where last_name = 'Nakamoto-Özdemir'`;
    expect(made).toHaveLength(1);
  });

  test('is searched in no address, and what is typed slowly is asked for once it is typed', async () => {
    const asked: string[] = [];
    page.on('request', (request) => asked.push(`${request.method()} ${request.url()}`));
    await create();
    await field().pressSequentially('castagnier');
    await expect.poll(() => options().count(), WAIT).toBe(3);
    expect(asked.filter((one) => one.includes('search_patients')).length).toBeLessThan(10);
    expect(asked.join('\n').toLowerCase()).not.toContain('castagnier');
  });

  test('whose search fails is told of, and the next letter asks again', async () => {
    await create();
    await page.route('**/rpc/search_patients*', (route) => route.abort());
    await field().pressSequentially('casta');
    await form().getByText('Le service ne répond pas').waitFor();
    await page.unroute('**/rpc/search_patients*');
    await field().pressSequentially('g');
    await expect.poll(() => options().count(), WAIT).toBe(3);
  });
});

describe('a new appointment', () => {
  test('starts at the first free time of the day, and appears before anything is read again', async () => {
    await create();
    // At nine there is one already, until ten.
    await expect.poll(() => startField().inputValue(), WAIT).toBe(`${DAY}T10:00`);
    await page.route(
      '**/rest/v1/rdv*',
      (route) => route.request().method() === 'GET' ? route.abort() : route.fallback(),
    );
    await button('Enregistrer', page).press('Enter');
    await form().waitFor({ state: 'detached' });
    await entry('Consultation').waitFor();
    await page.unroute('**/rest/v1/rdv*');
  });

  test('is shown where it was put, on another day and past a filter that would hide it', async () => {
    await page.goto(`${world.url}/calendar?view=day&date=${DAY}&show=google`);
    await entry('Déjeuner avec Paul').waitFor();
    await create();
    await startField().fill('2027-03-17T15:00');
    await button('Enregistrer', page).press('Enter');
    await form().waitFor({ state: 'detached' });
    await entry('Consultation').waitFor();
    expect(new URL(page.url()).searchParams.get('date')).toBe('2027-03-17');
  });

  test('names a trace, which the nudge takes over', async () => {
    await create();
    await startField().fill(`${DAY}T18:00`);
    const written = page.waitForRequest((request) =>
      request.method() === 'POST' && new URL(request.url()).pathname === '/rest/v1/rdv'
    );
    await button('Enregistrer', page).press('Enter');
    expect((await written).headers()['traceparent']).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    await form().waitFor({ state: 'detached' });
  });

  test('keeps the time that a person chose, whatever is free', async () => {
    await create();
    await expect.poll(() => startField().inputValue(), WAIT).toBe(`${DAY}T10:00`);
    await startField().fill(`${DAY}T10:30`);
    await form().getByText('Couronne').waitFor();
    expect(await startField().inputValue()).toBe(`${DAY}T10:30`);
  });
});

describe('a double booking', () => {
  test('is told in the form, with what, and the next free time is one key away', async () => {
    await create();
    await startField().fill(`${DAY}T12:15`);
    await form().getByText('Dr Claire Moreau a déjà').waitFor();
    await form().getByText('Déjeuner avec Paul (agenda personnel)').waitFor();
    expect(await button('Enregistrer', page).textContent()).toBe('Enregistrer quand même');
    await form().getByRole('button', { name: /^Prochain créneau libre.*13:00/ }).press('Enter');
    expect(await startField().inputValue()).toBe(`${DAY}T13:00`);
    await expect.poll(() => form().locator('[data-taken]').count(), WAIT).toBe(0);
    await button('Enregistrer', page).press('Enter');
    await form().waitFor({ state: 'detached' });
    expect((await booked())!['starts_at']).toEqual(new Date(AT('13:00')));
  });

  test('with a private event says only that there is one', async () => {
    await create();
    await startField().fill(`${DAY}T17:15`);
    await form().getByText('Occupé (agenda personnel)').waitFor();
  });

  test('that came about while the form was open is told before it is saved', async () => {
    await create();
    await startField().fill(`${DAY}T15:00`);
    await world.sql`insert into public.rdv (organisation_id, practitioner_id, type, starts_at, ends_at)
      values (${PRACTICE}, ${CLAIRE_MEMBER}, 'Entre-temps', ${AT('15:00')}, ${AT('15:30')})`;
    // What the form knows is from before, and comes after what saving found.
    const told = Promise.withResolvers<void>();
    await page.route('**/rpc/busy_times*', async (route) => {
      const body = route.request().postDataJSON() as { p_until: string };
      if (body.p_until < '2027-03-11') return await route.fallback();
      await told.promise;
      return await route.fulfill({ json: [], headers: { 'access-control-allow-origin': '*' } });
    });
    const late = page.waitForResponse((answer) =>
      answer.url().includes('/rpc/busy_times') && answer.request().postDataJSON().p_until >= '2027-03-11'
    );
    await startField().fill(`${DAY}T15:15`);
    await button('Enregistrer', page).press('Enter');
    await form().getByText('Entre-temps').waitFor();
    told.resolve();
    await (await late).finished();
    expect(await booked()).toBeUndefined();
    await button('Enregistrer quand même', page).press('Enter');
    await form().waitFor({ state: 'detached' });
    expect((await booked())!['starts_at']).toEqual(new Date(AT('15:15')));
    await page.unroute('**/rpc/busy_times*');
  });

  test('of an appointment that is edited is no news where its time stays', async () => {
    await world.sql`update public.rdv set starts_at = ${AT('09:30')}, ends_at = ${
      AT('10:00')
    } where id = ${`${FIXED}2`}`;
    await page.goto(`${world.url}/calendar?view=day&date=${DAY}&rdv=${FIXED}2`);
    await button('Modifier', page).press('Enter');
    await form().getByLabel('Lieu').fill('Salle 2');
    await form().getByRole('button', { name: 'Enregistrer', exact: true }).press('Enter');
    await form().waitFor({ state: 'detached' });
    await page.locator('dialog.drawer').getByText('Salle 2').waitFor();
  });

  test('by a move asks first: refused, the appointment goes back', async () => {
    await entry('Couronne').focus();
    await page.keyboard.press('Alt+Shift+ArrowDown');
    await expect.poll(
      async () => (await world.sql`select ends_at from public.rdv where id = ${`${FIXED}2`}`)[0]!['ends_at'],
      WAIT,
    )
      .toEqual(new Date(AT('11:15')));
    await entry('Bilan').focus();
    await page.keyboard.press('Alt+ArrowDown');
    await expect.poll(() => startOf(1), WAIT).toEqual(new Date(AT('09:15')));
    await expect.poll(() => entry('Bilan').textContent(), WAIT).toContain('09:15');
    await world.sql`update public.rdv set ends_at = ${AT('10:30')} where id = ${`${FIXED}1`}`;
    await page.reload();
    await moveInto('Bilan', 'Alt+ArrowDown');
    await question().getByText('Couronne').waitFor();
    await question().getByText('Dr Claire Moreau a déjà').waitFor();
    expect(
      await question().getByRole('button', { name: 'Ne rien changer' }).evaluate((one) =>
        one === document.activeElement
      ),
    )
      .toBe(true);
    await page.keyboard.press('Enter');
    await question().waitFor({ state: 'detached' });
    await expect.poll(() => entry('Bilan').textContent(), WAIT).toContain('09:15');
    expect(await startOf(1)).toEqual(new Date(AT('09:15')));
    expect(await page.getByRole('alert').count()).toBe(0);
  });

  test('by a move goes to the free time that is offered, or where it was put', async () => {
    await world.sql`update public.rdv set ends_at = ${AT('10:30')} where id = ${`${FIXED}1`}`;
    await page.reload();
    await moveInto('Bilan', 'Alt+ArrowDown');
    await question().getByText('mercredi 10 mars 2027').first().waitFor();
    await question().getByRole('button', { name: 'Prendre ce créneau libre' }).press('Enter');
    await expect.poll(() => startOf(1), WAIT).toEqual(new Date(AT('13:00')));
    await expect.poll(() => entry('Bilan').textContent(), WAIT).toContain('13:00');
    await moveInto('Bilan', 'Alt+ArrowUp');
    await question().getByText('Déjeuner avec Paul').waitFor();
    await question().getByRole('button', { name: 'Réserver quand même' }).press('Enter');
    await expect.poll(() => startOf(1), WAIT).toEqual(new Date(AT('12:45')));
  });

  test('by restoring a cancelled appointment asks first', async () => {
    await world.sql`update public.rdv set status = 'cancelled', starts_at = ${AT('09:30')}, ends_at = ${AT('10:00')}
      where id = ${`${FIXED}2`}`;
    await page.goto(`${world.url}/calendar?view=day&date=${DAY}&rdv=${FIXED}2`);
    await button('Rétablir', page).press('Enter');
    await question().getByText('Bilan').waitFor();
    await page.keyboard.press('Escape');
    await question().waitFor({ state: 'detached' });
    const [row] = await world.sql`select status from public.rdv where id = ${`${FIXED}2`}`;
    expect(row!['status']).toBe('cancelled');
  });
});

describe('for everybody', () => {
  test.each([['light', 'fr'], ['dark', 'en']] as const)(
    'axe finds nothing wrong with list, new patient, warning and question, at any width (%s, %s)',
    async (colorScheme, lang) => {
      const seen = await world.signedIn(`/calendar?view=day&date=${DAY}&lang=${lang}`, { colorScheme });
      await entry('Bilan', seen).waitFor();
      const look = async (name: string) => {
        for (const width of [360, 768, 1440]) {
          await seen.setViewportSize({ width, height: width === 360 ? 740 : 900 });
          expect(await violations(seen), `${name} ${width}`).toEqual([]);
          const wide = await seen.evaluate(() => {
            const dialog = [...document.querySelectorAll('dialog[open]')].at(-1)!;
            return Math.max(dialog.scrollWidth - dialog.clientWidth, document.documentElement.scrollWidth - innerWidth);
          });
          expect(wide, `${name} ${width}`).toBeLessThanOrEqual(0);
          await shot(seen, `booking-${name}-${width}-${lang}`);
        }
      };
      await seen.locator('.calendar-create').press('Enter');
      await field(seen).pressSequentially('lefe');
      await expect.poll(() => options(seen).count(), WAIT).toBeGreaterThan(2);
      await look('list');
      await field(seen).pressSequentially('xyz de la très-longue-famille-au-nom-composé');
      await expect.poll(() => options(seen).count(), WAIT).toBe(1);
      await form(seen).locator('.combobox-list[aria-busy=false]').waitFor();
      await seen.keyboard.press('Enter');
      await look('new-patient');
      await form(seen).locator('input[name=start]').fill(`${DAY}T10:45`);
      await form(seen).locator('input[name=end]').fill(`${DAY}T12:30`);
      await expect.poll(() => form(seen).locator('[data-taken]').count(), WAIT).toBe(2);
      await look('warning');
      await seen.keyboard.press('Escape');
      await look('leaving');
      await seen.keyboard.press('Tab');
      await seen.keyboard.press('Enter');
      await world.sql`update public.rdv set ends_at = ${AT('10:30')} where id = ${`${FIXED}1`}`;
      await seen.reload();
      await moveInto('Bilan', 'Alt+ArrowDown', seen);
      await seen.locator('dialog [data-taken]').first().waitFor();
      await look('question');
      await seen.context().close();
    },
  );

  test('nothing went wrong in the page itself, nor against its policy', () => {
    expect(world.complaints()).toEqual([]);
  });
});
