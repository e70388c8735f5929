/** A day at the desk of a practice of eight with 200 appointments, as it is lived: with keys alone, from the door to a decision. */
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { en as calendarEn } from '../../web/src/calendar/en.ts';
import { fr as calendarFr } from '../../web/src/calendar/fr.ts';
import { en as conflictsEn } from '../../web/src/conflicts/en.ts';
import { fr as conflictsFr } from '../../web/src/conflicts/fr.ts';
import { en } from '../../web/src/words/en.ts';
import { fr } from '../../web/src/words/fr.ts';
import { PATIENCE_MS, WAIT } from '../patience.ts';
import { tellFailures } from '../tell_failures.ts';
import {
  CLAIRE,
  connectClaire,
  EIGHT,
  FULL_DAY,
  INTEGRATION,
  PRACTICE,
  practiceOfEight,
  seedEvents,
  shot,
  startWorld,
  type World,
} from './calendar_world.ts';
import { CLAIRE as CLAIRES_EMAIL, complaintsOf, PASSWORD } from './product.ts';

const [CLAIRES, HUGOS, PAULS] = ['Dr Claire Moreau', 'Dr Hugo Perrin', 'Dr Paul Ngo'] as const;
const CONFLICT = '7e000000-0000-4000-8000-000000000001';
/** Further than anything on these pages is. */
const MOST_TABS = 600;
const AT = (time: string) => new Date(`${FULL_DAY}T${time}:00+02:00`);

let world: World;
tellFailures(() => world);
let members: readonly string[];

beforeAll(async () => {
  world = await startWorld();
  await connectClaire(world.sql);
  await seedEvents(world.sql, [
    {
      id: 'delivery',
      summary: 'Livraison',
      start: `${FULL_DAY}T12:10:00+02:00`,
      end: `${FULL_DAY}T12:30:00+02:00`,
      more: { time_zone: 'Europe/Paris' },
    },
  ]);
});
afterAll(() => world?.stop());

beforeEach(async () => {
  const { sql } = world;
  await sql`delete from public.rdv where starts_at::date = ${FULL_DAY}`;
  await sql`delete from public.sync_conflicts`;
  await sql`delete from public.patients where last_name like 'Zwanenburg%'`;
  members = await practiceOfEight(sql);
  await sql`insert into public.sync_conflicts ${
    sql({
      id: CONFLICT,
      organisation_id: PRACTICE,
      user_id: CLAIRE,
      integration_id: INTEGRATION,
      source: 'google',
      entity_type: 'event',
      external_id: 'delivery',
      reason: 'time_overlap',
      payload: sql.json({ calendarId: 'claire@gmail.test' }),
    })
  }`;
  await sql`insert into private.overlap_pairs (conflict_id, event_id, rdv_id, key)
    select ${CONFLICT}, 'delivery', id, 'seeded' from public.rdv
    where practitioner_id = ${idOf(CLAIRES)} and starts_at in (${AT('12:00')}, ${AT('12:20')})`;
  await sql`select private.show_overlaps(array[${CONFLICT}::uuid])`;
});

const idOf = (name: string) => members[EIGHT.findIndex((one) => one === name)]!;
const startsOf = async (name: string) =>
  (await world.sql`select starts_at from public.rdv
    where practitioner_id = ${idOf(name)} and starts_at::date = ${FULL_DAY} order by starts_at`)
    .map(({ starts_at }) => (starts_at as Date).getTime());

/** Nothing but keys: what Tab does not reach is not reached. */
class Keys {
  constructor(private readonly page: Page) {}

  async to(target: Locator): Promise<void> {
    await target.waitFor();
    for (let tabs = 0; tabs < MOST_TABS; tabs++) {
      const way = await target.evaluate((one) => {
        const at = document.activeElement!;
        if (one === at) return null;
        return at.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING ? 'Tab' : 'Shift+Tab';
      });
      if (way === null) return;
      await this.page.keyboard.press(way);
    }
    throw new Error(`Go by Tab: ${target} is not reached`);
  }

  async press(target: Locator): Promise<void> {
    await this.to(target);
    await this.page.keyboard.press('Enter');
  }

  async write(target: Locator, text: string): Promise<void> {
    await this.to(target);
    await this.page.keyboard.type(text);
  }
}

test.each(
  [['fr', 'light', 1440], ['en', 'dark', 768], ['fr', 'dark', 360], ['en', 'light', 360]] as const,
)(
  'moves, a new patient, paper and a conflict, without a mouse and without a document (%s, %s, %i px)',
  async (lang, colorScheme, width) => {
    const [t, calendar, conflicts] = lang === 'fr' ? [fr, calendarFr, conflictsFr] : [en, calendarEn, conflictsEn];
    const context = await world.chromium.browser.newContext({
      locale: lang === 'fr' ? 'fr-FR' : 'en-GB',
      timezoneId: 'Europe/Paris',
      viewport: { width, height: 900 },
      colorScheme,
    });
    context.setDefaultTimeout(PATIENCE_MS);
    const page = await context.newPage();
    const complaints = complaintsOf(page);
    const keys = new Keys(page);
    const button = (name: string, within: Page | Locator = page) => within.getByRole('button', { name, exact: true });
    const entry = (time: string, who: string) => page.locator(`[data-entry][title^="${time}"][title*="${who}"]`);
    const look = async (name: string) => {
      const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(wider, name).toBeLessThanOrEqual(0);
      await shot(page, `secretary-${name}-${width}-${lang}-${colorScheme}`);
    };
    /** A key that meets a calendar still being drawn is pressed again. */
    const later = async (time: string, who: string, seen: () => Promise<boolean>) => {
      await keys.to(entry(time, who));
      await expect.poll(async () => {
        if (await seen()) return true;
        const focused = await page.evaluate(() => (document.activeElement as HTMLElement).title);
        if (focused.startsWith(time) && focused.includes(who)) await page.keyboard.press('Alt+ArrowDown');
        return await seen();
      }, { ...WAIT, interval: 500 }).toBe(true);
    };
    const last = (who: string, time: string) => async () => (await startsOf(who)).at(-1) === AT(time).getTime();

    await page.goto(`${world.url}/login?next=${encodeURIComponent(`/calendar?view=day&date=${FULL_DAY}`)}`);
    await page.getByRole('button', { name: t.login.submit }).waitFor();
    await keys.write(page.getByLabel(t.login.email), CLAIRES_EMAIL);
    await keys.write(page.getByLabel(t.login.password), PASSWORD);
    await page.keyboard.press('Enter');
    await expect.poll(() => page.locator('.grid-person').count(), WAIT).toBe(8);
    await expect.poll(() => page.locator('[data-entry]').count(), WAIT).toBe(201);
    await look('day');

    // A move.
    await later('16:00', HUGOS, last(HUGOS, '16:15'));
    await page.getByText(calendar.change.moved).first().waitFor();
    // One into another appointment, which is refused.
    const before = await startsOf(PAULS);
    const taken = page.getByRole('dialog', { name: calendar.booking.title });
    await later('08:00', PAULS, () => taken.isVisible());
    await look('taken');
    await keys.press(button(calendar.booking.leave, taken));
    await taken.waitFor({ state: 'detached' });
    await entry('08:00', PAULS).waitFor();
    expect(await startsOf(PAULS)).toEqual(before);
    // One that is taken back.
    await later('16:00', CLAIRES, last(CLAIRES, '16:15'));
    await page.keyboard.press('Control+z');
    await expect.poll(last(CLAIRES, '16:00'), WAIT).toBe(true);
    await page.getByText(calendar.undo.done).waitFor();

    // A patient who was never here.
    await keys.press(button(calendar.toolbar.create));
    const form = page.getByRole('dialog', { name: calendar.form.create });
    const patient = form.locator('input[name=patient]');
    await keys.write(patient, `Zwanenburg-${lang} Aïko`);
    await form.getByText(calendar.patient.none).waitFor();
    await expect.poll(async () => {
      const marked = await patient.getAttribute('aria-activedescendant');
      return marked === null ? null : await page.locator(`[id="${marked}"]`).textContent();
    }, WAIT).toContain(`Zwanenburg-${lang} Aïko`);
    await page.keyboard.press('Enter');
    await form.getByLabel(calendar.patient.firstName).waitFor();
    await expect.poll(() => form.locator('input[name=start]').inputValue(), WAIT).toBe(`${FULL_DAY}T16:30`);
    await look('form');
    await keys.press(button(t.app.save, form));
    await form.waitFor({ state: 'detached' });
    await page.locator('[data-entry]', { hasText: 'Zwanenburg' }).waitFor();

    // The day on paper, for each of the eight.
    await page.evaluate(() => {
      Object.assign(globalThis, { print: () => dispatchEvent(new Event('beforeprint')) });
    });
    const paper = button(calendar.print.print);
    const inSheet = !await paper.isVisible();
    if (inSheet) await keys.press(button(calendar.toolbar.filters(0)));
    await keys.press(paper);
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('.sheet h1').allInnerTexts()).toEqual([...EIGHT]);
    await shot(page, `secretary-paper-${lang}`);
    await page.emulateMedia({ media: null });
    await page.evaluate(() => dispatchEvent(new Event('afterprint')));
    if (inSheet) await page.keyboard.press('Escape');

    // What a delivery lies across: two patients, named before they are put off.
    await keys.press(page.getByRole('link', { name: new RegExp(`^${t.app.conflicts}`) }));
    const card = page.locator(`[data-conflict="${CONFLICT}"]`);
    await expect.poll(() => card.locator('[data-overlapped] li').count(), WAIT).toBe(2);
    const named = (await card.locator('[data-overlapped] a').allTextContents()).toSorted();
    await look('conflict');
    await keys.press(button(conflicts.label.time_overlaps.keep_calendar(), card));
    const asked = page.getByRole('dialog', { name: conflicts.question.cancels(2) });
    await expect.poll(() => asked.locator('li').count(), WAIT).toBe(2);
    expect((await asked.locator('li').allTextContents()).toSorted()).toEqual(named);
    await look('question');
    await keys.press(button(conflicts.question.cancel(2), asked));
    await page.getByText(conflicts.empty).waitFor();
    const cancelled = async () =>
      (await world.sql`select starts_at from public.rdv
        where status = 'cancelled' and starts_at::date = ${FULL_DAY} order by starts_at`)
        .map(({ starts_at }) => starts_at);
    expect(await cancelled()).toEqual([AT('12:00'), AT('12:20')]);
    // They come all the same.
    await page.keyboard.press('Control+z');
    await expect.poll(() => card.locator('[data-overlapped] li').count(), WAIT).toBe(2);
    expect(await cancelled()).toEqual([]);
    expect(complaints).toEqual([]);
    await context.close();
  },
  // Hundreds of keys.
  5 * PATIENCE_MS,
);
