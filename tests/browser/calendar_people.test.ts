/** The calendar of a practice of eight: whose an entry is, who is shown, in whose column. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  CLAIRE_MEMBER,
  connectClaire,
  EIGHT,
  FULL_DAY,
  practiceOfEight,
  seedEvents,
  shot,
  startWorld,
  violations,
  type World,
} from './calendar_world.ts';
import { WAIT } from '../patience.ts';
import { tellFailures } from '../tell_failures.ts';

const HUGO = 'Dr Hugo Perrin';
const SHIFT = 0.02;
/** Its week holds nothing else. */
const QUIET_DAY = '2027-06-15';

let world: World;
tellFailures(() => world);
let page: Page;
let ids: readonly string[];

beforeAll(async () => {
  world = await startWorld();
  ids = await practiceOfEight(world.sql);
  await connectClaire(world.sql);
  await seedEvents(world.sql, [{
    id: 'lunch',
    summary: 'Déjeuner avec Paul',
    start: `${FULL_DAY}T17:00:00+02:00`,
    end: `${FULL_DAY}T18:00:00+02:00`,
  }]);
  page = await world.signedIn(`/calendar?view=day&date=${FULL_DAY}`, { viewport: { width: 1440, height: 900 } });
});

afterAll(() => world?.stop());

const show = async (query: string, ready = '.grid:not(.grid-unsettled) [data-entry]') => {
  await page.goto(`${world.url}/calendar?${query}`);
  await page.locator(ready).first().waitFor();
};
const idOf = (name: string) => ids[EIGHT.findIndex((one) => one === name)]!;
const chips = () => page.getByRole('group', { name: 'Praticiens affichés' });
const chip = (name: string) => chips().getByRole('button', { name: new RegExp(`^\\S* ?${name}`) });
const chosen = () => new URL(page.url()).searchParams.get('practitioner');
const entries = () => page.locator('[data-entry]');
/** Whose the shown entries are: the end of their titles. */
const owners = () =>
  entries().evaluateAll((all, names) => {
    const found = all.map((one) => names.find((name) => (one as HTMLElement).title.includes(name)) ?? 'none');
    return [...new Set(found)].sort();
  }, [...EIGHT]);
/** Where the heads of the columns are. */
const columns = () =>
  page.locator('.grid-person').evaluateAll((heads) =>
    heads.map((head) => {
      const { left, right } = head.parentElement!.parentElement!.getBoundingClientRect();
      return { name: (head as HTMLElement).title, left, right };
    })
  );

describe('a practice of eight', () => {
  test('a day has a column for each practitioner, in their order, with what is theirs in it', async () => {
    await expect.poll(() => entries().count(), WAIT).toBe(201);
    const found = await columns();
    expect(found.map(({ name }) => name)).toEqual(EIGHT);
    const misplaced = await entries().evaluateAll((all, columns) =>
      all.flatMap((one) => {
        const { left, width } = one.getBoundingClientRect();
        const title = (one as HTMLElement).title;
        const column = columns.find((each) => each.left <= left + width / 2 && left + width / 2 < each.right);
        return column !== undefined && title.includes(column.name) ? [] : [`${title} in ${column?.name}`];
      }), found);
    expect(misplaced).toEqual([]);
  });

  test('an entry says whose it is, to ears and under the pointer, and shows it without colour', async () => {
    const lunch = page.getByRole('button', { name: /Déjeuner avec Paul.*Dr Claire Moreau/ });
    expect(await lunch.getAttribute('title')).toContain('Dr Claire Moreau');
    expect(await lunch.locator('.person').textContent()).toBe('CM');
    const badges = await page.locator('.grid-person .person').allTextContents();
    expect(new Set(badges).size).toBe(8);
    const colours = await page.locator('.grid-person .person').evaluateAll((all) =>
      all.map((one) => getComputedStyle(one).backgroundColor)
    );
    expect(new Set(colours).size).toBe(8);
  });

  test('chips say how much each has and choose who is shown; the address keeps it', async () => {
    await chips().getByRole('button', { name: /Hugo Perrin.*25 entrées/ }).click();
    await expect.poll(owners, WAIT).toEqual([HUGO]);
    expect(chosen()).toBe(idOf(HUGO));
    await chip('Dr Claire Moreau').click();
    await expect.poll(owners, WAIT).toEqual(['Dr Claire Moreau', HUGO]);
    expect((await columns()).map(({ name }) => name)).toEqual(['Dr Claire Moreau', HUGO]);
    await page.reload();
    await expect.poll(owners, WAIT).toEqual(['Dr Claire Moreau', HUGO]);
    expect(await chip(HUGO).getAttribute('aria-pressed')).toBe('true');
    await chip(HUGO).click();
    await expect.poll(owners, WAIT).toEqual(['Dr Claire Moreau']);
    await page.goBack();
    await expect.poll(owners, WAIT).toEqual(['Dr Claire Moreau', HUGO]);
    await chips().getByRole('button', { name: 'Tous', exact: true }).click();
    await expect.poll(() => entries().count(), WAIT).toBe(201);
    expect(chosen()).toBeNull();
  });

  test('whom an address names that is not here is as if it were not there', async () => {
    await show(`view=day&date=${FULL_DAY}&practitioner=00000000-0000-4000-8000-00000000dead`);
    await expect.poll(() => entries().count(), WAIT).toBe(201);
  });

  test('a week has columns for few; for many, those who begin together stand in their order', async () => {
    await show(`view=week&date=${FULL_DAY}&practitioner=${CLAIRE_MEMBER},${idOf(HUGO)}`);
    expect((await columns()).map(({ name }) => name)).toEqual(Array(7).fill(['Dr Claire Moreau', HUGO]).flat());
    await show(`view=week&date=${FULL_DAY}`);
    expect(await columns()).toEqual([]);
    const first = await entries().evaluateAll(
      (all, names) =>
        all.filter((one) => (one as HTMLElement).title.startsWith('08:00'))
          .sort((a, b) => a.getBoundingClientRect().left - b.getBoundingClientRect().left)
          .map((one) => names.find((name) => (one as HTMLElement).title.includes(name))),
      [...EIGHT],
    );
    expect(first).toEqual(EIGHT);
  });

  test('what belongs to no practitioner has a column and a chip of its own while there is some', async () => {
    await world.sql`insert into public.rdv (organisation_id, type, starts_at, ends_at)
      select organisation_id, 'Urgence', ${`${QUIET_DAY}T09:00:00+02:00`}, ${`${QUIET_DAY}T10:00:00+02:00`}
      from public.organisation_members where id = ${CLAIRE_MEMBER}`;
    await show(`view=day&date=${QUIET_DAY}`);
    expect((await columns()).map(({ name }) => name)).toEqual([...EIGHT, 'Sans praticien']);
    await chip('Sans praticien').click();
    expect(chosen()).toBe('none');
    await page.locator('[data-entry]', { hasText: 'Urgence' }).waitFor();
    await world.sql`delete from public.rdv where type = 'Urgence'`;
  });

  test('the form takes over who is shown, or the column in which it was drawn', async () => {
    const practitioner = () =>
      page.getByRole('dialog').getByLabel('Praticien').evaluate((one) => (one as HTMLSelectElement).value);
    const close = async () => {
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
    };
    const create = () => page.getByRole('button', { name: 'Nouveau rendez-vous' }).click();
    await show(`view=day&date=${QUIET_DAY}`, '.grid-person');
    await create();
    expect(await practitioner()).toBe(CLAIRE_MEMBER);
    await close();
    await show(`view=day&date=${QUIET_DAY}&practitioner=${idOf(HUGO)},${idOf('Dr Paul Ngo')}`, '.grid-person');
    await create();
    expect(await practitioner()).toBe(idOf(HUGO));
    await close();
    const paul = (await columns()).find(({ name }) => name === 'Dr Paul Ngo')!;
    const grid = (await page.locator('.grid').boundingBox())!;
    await page.mouse.click((paul.left + paul.right) / 2, grid.y + grid.height / 2);
    expect(await practitioner()).toBe(idOf('Dr Paul Ngo'));
    await close();
  });

  test('a drag into another column gives the appointment to that practitioner, and keeps its time', async () => {
    const starts_at = `${QUIET_DAY}T10:00:00+02:00`;
    await world.sql`insert into public.rdv (organisation_id, practitioner_id, type, starts_at, ends_at)
      select organisation_id, id, 'Pose', ${starts_at}, ${`${QUIET_DAY}T11:00:00+02:00`}
      from public.organisation_members where id = ${CLAIRE_MEMBER}`;
    await show(`view=day&date=${QUIET_DAY}`);
    const box = (await page.locator('[data-entry]', { hasText: 'Pose' }).boundingBox())!;
    const hugo = (await columns()).find(({ name }) => name === HUGO)!;
    const y = box.y + box.height / 2;
    await page.mouse.move(box.x + box.width / 2, y);
    await page.mouse.down();
    await page.mouse.move((hugo.left + hugo.right) / 2, y, { steps: 8 });
    await page.mouse.up();
    const now = async () => {
      const [row] = await world.sql`select practitioner_id, starts_at from public.rdv where type = 'Pose'`;
      return [row!['practitioner_id'], row!['starts_at'].toISOString()];
    };
    await expect.poll(now, WAIT).toEqual([idOf(HUGO), new Date(starts_at).toISOString()]);
    await page.getByRole('button', { name: /Pose.*Dr Hugo Perrin/ }).waitFor();
  });

  test('initials and colour are chosen in the profile, and are those of the calendar', async () => {
    await page.goto(`${world.url}/settings/profile`);
    await page.getByLabel('Initiales').fill('ClM');
    await page.getByLabel('Cyan').check();
    await page.getByRole('button', { name: 'Enregistrer' }).click();
    const kept = async () =>
      (await world.sql`select initials, color from public.organisation_members where id = ${CLAIRE_MEMBER}`)[0];
    await expect.poll(kept, WAIT).toEqual({ initials: 'ClM', color: 9 });
    await show(`view=day&date=${FULL_DAY}`);
    const badge = page.locator('.grid-person', { hasText: 'Claire' }).locator('.person');
    expect(await badge.textContent()).toBe('ClM');
    expect(await badge.getAttribute('class')).toContain('person-9');
    await page.goto(`${world.url}/settings/profile`);
    expect(await page.getByLabel('Initiales').inputValue()).toBe('ClM');
  });

  test('a day that is on its way never looks free', async () => {
    await show(`view=day&date=${FULL_DAY}`);
    let release = () => {};
    const held = new Promise<void>((resolve) => release = resolve);
    await page.route('**/rest/v1/rdv*', async (route) => {
      await held;
      await route.fallback();
    });
    const cover = () => page.locator('.grid').evaluate((grid) => getComputedStyle(grid, '::after').content);
    expect(await cover()).toBe('none');
    await page.getByRole('button', { name: 'Jour suivant' }).click();
    await page.locator('.calendar-body[aria-busy=true]').waitFor();
    expect(await chip(HUGO).textContent()).toContain('…');
    expect(await cover()).toBe('""');
    await shot(page, 'practice-loading-1440-fr');
    release();
    await page.locator('.calendar-body[aria-busy=false]').waitFor();
    expect(await chip(HUGO).textContent()).toContain('0');
    expect(await cover()).toBe('none');
    await page.unroute('**/rest/v1/rdv*');
  });

  test('a full day does not jump while it comes, nor while it is used', async () => {
    const busy = await world.signedIn('/favicon.svg', { viewport: { width: 1440, height: 900 } });
    await busy.addInitScript(() => {
      const measured = { shift: 0 };
      Object.assign(globalThis, { measured });
      new PerformanceObserver((list) => {
        for (const one of list.getEntries() as Array<PerformanceEntry & { value: number; hadRecentInput: boolean }>) {
          if (!one.hadRecentInput) measured.shift += one.value;
        }
      }).observe({ type: 'layout-shift', buffered: true });
    });
    await busy.goto(`${world.url}/calendar?view=day&date=${FULL_DAY}`);
    await busy.locator('.grid:not(.grid-unsettled) [data-entry]').nth(150).waitFor({ state: 'attached' });
    await busy.getByRole('button', { name: 'Jour suivant' }).click();
    await busy.locator('[data-entry]').first().waitFor({ state: 'detached' });
    await busy.getByRole('button', { name: 'Jour précédent' }).click();
    await busy.locator('[data-entry]').nth(150).waitFor({ state: 'attached' });
    expect(await busy.evaluate(() => (globalThis as unknown as { measured: { shift: number } }).measured.shift))
      .toBeLessThanOrEqual(SHIFT);
    await busy.context().close();
  });
});

describe('for everybody', () => {
  test.each([['light', 'fr'], ['dark', 'en']] as const)(
    'axe finds nothing, and it fits every window (%s, %s)',
    async (colorScheme, lang) => {
      const seen = await world.signedIn(`/favicon.svg`, { colorScheme });
      for (
        const [name, query] of [
          ['day', `view=day&date=${FULL_DAY}`],
          ['week', `view=week&date=${FULL_DAY}`],
          ['week-of-two', `view=week&date=${FULL_DAY}&practitioner=${CLAIRE_MEMBER},${idOf(HUGO)}`],
          ['month', `view=month&date=${FULL_DAY}`],
          ['agenda', `view=agenda&date=${FULL_DAY}`],
          ['empty', `view=day&date=2027-07-14`],
        ] as const
      ) {
        await seen.setViewportSize({ width: 1440, height: 900 });
        await seen.goto(`${world.url}/calendar?${query}&lang=${lang}`);
        await seen.locator(name === 'empty' ? '.grid:not(.grid-unsettled) .grid-person' : '[data-entry]').first()
          .waitFor();
        expect(await violations(seen), name).toEqual([]);
        for (const width of [360, 768, 1440]) {
          await seen.setViewportSize({ width, height: width === 360 ? 740 : 900 });
          expect(await seen.evaluate(() => document.documentElement.scrollWidth - innerWidth), `${name} ${width}`)
            .toBeLessThanOrEqual(0);
          await shot(seen, `practice-${name}-${width}-${lang}`);
        }
      }
      await seen.goto(`${world.url}/settings/profile?lang=${lang}`);
      await seen.locator('input[name=initials]').waitFor();
      expect(await violations(seen), 'profile').toEqual([]);
      await shot(seen, `practice-profile-1440-${lang}`);
      await seen.context().close();
    },
  );

  test('nothing went wrong in the page itself, nor against its policy', () => {
    expect(world.complaints()).toEqual([]);
  });
});
