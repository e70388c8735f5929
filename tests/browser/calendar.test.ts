/** The calendar in a real browser, on the built page and the real stack. */
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import {
  CLAIRE_MEMBER,
  connectClaire,
  INTEGRATION,
  PRACTICE,
  scriptWeight,
  seedEvents,
  shot,
  startWorld,
  violations,
  type World,
} from './calendar_world.ts';
import { MARC } from './product.ts';
import { WAIT } from '../patience.ts';
import { tellFailures } from '../tell_failures.ts';
import { FULL_MONTH, seedMany, walkThrough } from './full_month.ts';

/** A day of its own, on which the demo data holds nothing. */
const DAY = '2027-03-10';
const AT = (time: string) => `${DAY}T${time}:00+01:00`;
/** Share of the window, bytes of gzip. How fast the page answers is measured by the bench (`page_response`). */
const BUDGET = { shift: 0.02, script: 140_000 };
const RDV = '7d000000-0000-4000-8000-000000000001';

let world: World;
tellFailures(() => world);
let page: Page;

beforeAll(async () => {
  world = await startWorld();
  const { sql } = world;
  await connectClaire(sql);
  await seedEvents(sql, [
    {
      id: 'lunch',
      summary: 'Déjeuner avec Paul',
      start: AT('12:00'),
      end: AT('13:00'),
      more: {
        description: 'Parler du <b>cabinet</b>',
        location: 'Café de la Paix',
        html_link: 'https://calendar.google.com/event?eid=1',
        attendees: sql.json([{ name: 'Paul Martin', email: 'paul@x.test', response: 'accepted', organizer: true }]),
      },
    },
    { id: 'trap', summary: 'Piège', start: AT('18:00'), end: AT('19:00'), more: { html_link: 'javascript:alert(1)' } },
    { id: 'secret', summary: null, start: AT('20:00'), end: AT('21:00'), more: { visibility: 'private' } },
  ]);
  await sql`insert into public.rdv ${
    sql({
      id: RDV,
      organisation_id: PRACTICE,
      practitioner_id: CLAIRE_MEMBER,
      type: 'Bilan',
      starts_at: AT('09:00'),
      ends_at: AT('10:00'),
    })
  }`;
  page = await world.signedIn(`/calendar?view=day&date=${DAY}`, { timezoneId: 'America/Montreal' });
});

afterAll(() => world?.stop());

const entry = (name: string) => page.locator('[data-entry]', { hasText: name });
const drawer = () => page.locator('dialog.drawer');
const button = (name: string | RegExp) => page.getByRole('button', { name, exact: true });
/** Without a pointer, once the button may be used. */
async function press(name: string, within: Page | Locator = page): Promise<void> {
  const found = within.getByRole('button', { name, exact: true });
  await expect.poll(() => found.isEnabled(), WAIT).toBe(true);
  await found.press('Enter');
}
const show = (query: string) => page.goto(`${world.url}/calendar?${query}`);
const times = async () => {
  const [row] = await world.sql`select starts_at, ends_at, status from public.rdv where id = ${RDV}`;
  return row && [row['starts_at'].toISOString().slice(11, 16), row['ends_at'].toISOString().slice(11, 16)].join('-');
};
/** The refusals and delays that the tables answer with, until `page.unroute`. */
const onTables = (method: string, fulfil: { status: number; body: string } | 'abort') =>
  page.route(
    '**/rest/v1/rdv*',
    (route) =>
      route.request().method() !== method ? route.fallback() : fulfil === 'abort' ? route.abort() : route.fulfill({
        ...fulfil,
        contentType: 'application/json',
        headers: { 'access-control-allow-origin': '*' },
      }),
  );

async function drag(from: { x: number; y: number }, to: { x: number; y: number }): Promise<void> {
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move(from.x, (from.y + to.y) / 2, { steps: 4 });
  await page.mouse.move(to.x, to.y, { steps: 4 });
  await page.mouse.up();
}

/** Where an entry is, once it is in view; again where the page draws it anew meanwhile. */
const place = (name: string) =>
  vi.waitFor(async () => {
    await entry(name).scrollIntoViewIfNeeded();
    const box = await entry(name).boundingBox();
    if (box === null) throw new Error(`${name} is not on the page`);
    return box;
  }, WAIT);

/** One hour of the day's grid, in pixels: an entry of an hour, with its border. */
const hourHeight = async () => (await place('Déjeuner avec Paul')).height + 2;

describe('the calendar', () => {
  test('shows appointments and events at the practice’s hours, says where the browser’s differ, and how the sync is', async () => {
    await entry('Bilan').waitFor();
    expect(await entry('Bilan').textContent()).toContain('09:00');
    expect(await entry('Déjeuner avec Paul').textContent()).toContain('Google');
    expect(await entry('Déjeuner avec Paul').textContent()).toContain('12:00');
    await page.getByText('Heures affichées au fuseau du cabinet : Europe/Paris').waitFor();
    const state = page.getByRole('link', { name: 'Google connecté, envoi coupé' }).or(
      page.getByRole('link', { name: 'Google connecté' }),
    );
    expect(await state.getAttribute('href')).toBe('/settings/integrations/google-calendar');
    await world.sql`update public.calendar_integrations set status = 'error' where id = ${INTEGRATION}`;
    await page.getByRole('link', { name: 'Sync Google en erreur' }).waitFor();
    await world.sql`update public.calendar_integrations set status = 'connected' where id = ${INTEGRATION}`;
  });

  test('the filters live in the address', async () => {
    await button('Google').click();
    await entry('Bilan').waitFor({ state: 'detached' });
    expect(new URL(page.url()).searchParams.get('show')).toBe('google');
    await page.reload();
    await entry('Déjeuner avec Paul').waitFor();
    expect(await entry('Bilan').count()).toBe(0);
    await button('Cassius').click();
    await entry('Bilan').waitFor();
    expect(await entry('Déjeuner avec Paul').count()).toBe(0);
    await page.goBack();
    await entry('Déjeuner avec Paul').waitFor();
    await button('Tout').click();
  });

  test('an event opens with all that is known of it, as text, and with a link that is one', async () => {
    await entry('Déjeuner avec Paul').click();
    await drawer().getByRole('heading', { name: 'Déjeuner avec Paul' }).waitFor();
    for (const text of ['Café de la Paix', 'Parler du <b>cabinet</b>', 'Paul Martin', 'Confirmé', 'Synchronisé']) {
      await drawer().getByText(text).first().waitFor();
    }
    const link = drawer().getByRole('link', { name: 'Ouvrir dans Google Agenda' });
    expect(await link.getAttribute('href')).toBe('https://calendar.google.com/event?eid=1');
    expect(await link.getAttribute('rel')).toContain('noopener');
    await page.keyboard.press('Escape');
    await drawer().waitFor({ state: 'detached' });
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent), WAIT).toContain('Déjeuner');

    await entry('Piège').click();
    await drawer().getByRole('heading', { name: 'Piège' }).waitFor();
    expect(await drawer().locator('a[target=_blank]').count()).toBe(0);
    await page.keyboard.press('Escape');
    await entry('Occupé').click();
    await drawer().getByText('Événement privé : seul son horaire est connu').waitFor();
    await page.keyboard.press('Escape');
  });

  test('a drag moves an appointment, a drag of its edge makes it longer, and both are kept', async () => {
    const hour = await hourHeight();
    const box = await place('Bilan');
    // Within a quarter of an hour, not where two meet.
    const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 + 5 };
    await drag(middle, { x: middle.x, y: middle.y + hour });
    await expect.poll(times, WAIT).toBe('09:00-10:00');
    await page.getByText('Rendez-vous déplacé').first().waitFor();
    const moved = await place('Bilan');
    expect(Math.abs(moved.y - box.y - hour)).toBeLessThan(4);
    await drag({ x: middle.x, y: moved.y + moved.height - 2 }, {
      x: middle.x,
      y: moved.y + moved.height - 2 + hour / 2,
    });
    await expect.poll(times, WAIT).toBe('09:00-10:30');
  });

  test('in the month, a drag changes the day and keeps the hour', async () => {
    await show(`view=month&date=${DAY}`);
    const box = await place('Bilan');
    const from = { x: box.x + 20, y: box.y + box.height / 2 };
    const day = page.locator('.ec-day', { has: page.locator('time[datetime="2027-03-11"]') });
    const next = (await day.boundingBox())!;
    await drag(from, { x: next.x + 20, y: next.y + next.height - 20 });
    await expect.poll(
      async () => (await world.sql`select starts_at from public.rdv where id = ${RDV}`)[0]!['starts_at'],
      WAIT,
    )
      .toEqual(new Date('2027-03-11T10:00:00+01:00'));
    await world.sql`update public.rdv set starts_at = ${AT('10:00')}, ends_at = ${AT('11:30')} where id = ${RDV}`;
    await show(`view=day&date=${DAY}`);
    await entry('Bilan').waitFor();
  });

  test.each([
    ['somebody else was faster', { status: 200, body: '[]' }, 'a été modifié ou supprimé entre-temps'],
    ['the line is down', 'abort' as const, 'Le service ne répond pas'],
    ['it is not permitted', { status: 403, body: '{"code":"42501","message":"no"}' }, 'pas permise'],
    ['the service is broken', { status: 500, body: '{"code":"XX000","message":"no"}' }, 'refusé'],
  ])('when %s, the appointment goes back to its place and the reason is told', async (_, answer, sentence) => {
    const before = await place('Bilan');
    const hour = await hourHeight();
    await onTables('PATCH', answer);
    const middle = { x: before.x + before.width / 2, y: before.y + before.height / 2 + 5 };
    // Where it would lie over nothing: that would be asked about first.
    await drag(middle, { x: middle.x, y: middle.y + hour / 2 });
    const alert = page.getByRole('alert').filter({ hasText: 'a repris sa place' });
    await alert.getByText(sentence).waitFor();
    await expect.poll(async () => Math.abs((await place('Bilan')).y - before.y), WAIT).toBeLessThan(2);
    expect(await times()).toBe('09:00-10:30');
    await page.unroute('**/rest/v1/rdv*');
    await alert.getByRole('button', { name: 'Fermer' }).click();
  });

  test('the keyboard moves an appointment, opens it, edits, cancels, restores and deletes it', async () => {
    await entry('Bilan').focus();
    // A key is taken between two tasks of the page: at none of them may the entry be without the focus.
    await page.evaluate(() => {
      const { port1, port2 } = new MessageChannel();
      const watched = { without: 0, stop: () => port1.close() };
      port1.onmessage = () => {
        if (document.activeElement === document.body) watched.without += 1;
        port2.postMessage(null);
      };
      port2.postMessage(null);
      Object.assign(globalThis, { watched });
    });
    await page.keyboard.press('Alt+ArrowUp');
    await expect.poll(times, WAIT).toBe('08:45-10:15');
    await page.getByText('Rendez-vous déplacé').first().waitFor();
    const without = await page.evaluate(() => {
      const { watched } = globalThis as unknown as { watched: { without: number; stop(): void } };
      watched.stop();
      return watched.without;
    });
    expect(without).toBe(0);
    expect(await page.evaluate(() => document.activeElement?.textContent)).toContain('Bilan');
    await page.keyboard.press('Enter');
    await drawer().getByRole('heading', { name: 'Bilan' }).waitFor();
    expect(new URL(page.url()).searchParams.get('rdv')).toBe(RDV);

    await press('Modifier');
    const form = page.getByRole('dialog').filter({ has: page.getByLabel('Type') });
    await form.getByLabel('Lieu').fill('Salle 2');
    // News must not take away what is being typed.
    await world.sql`update public.organisation_members set display_name = display_name where id = ${CLAIRE_MEMBER}`;
    await world
      .sql`update public.external_events set summary = 'Déjeuner déplacé', updated_at = now() where external_event_id = 'lunch'`;
    await page.locator('[data-entry]', { hasText: 'Déjeuner déplacé' }).waitFor({ state: 'attached' });
    expect(await form.getByLabel('Lieu').inputValue()).toBe('Salle 2');
    await world
      .sql`update public.external_events set summary = 'Déjeuner avec Paul', updated_at = now() where external_event_id = 'lunch'`;
    await press('Enregistrer', form);
    await form.waitFor({ state: 'detached' });
    await drawer().getByText('Salle 2').waitFor();

    await press('Annuler le rendez-vous');
    await drawer().getByText('Annulé', { exact: true }).waitFor();
    await press('Rétablir');
    await drawer().getByText('Prévu', { exact: true }).waitFor();
    await press('Supprimer');
    await press('Supprimer', page.getByRole('dialog', { name: 'Supprimer ce rendez-vous ?' }));
    await drawer().waitFor({ state: 'detached' });
    await entry('Bilan').waitFor({ state: 'detached' });
    expect(await times()).toBeUndefined();
  });

  test('a stretch of the day drawn with the mouse becomes an appointment there', async () => {
    const lunch = await place('Déjeuner avec Paul');
    const x = lunch.x + lunch.width / 2;
    await drag({ x, y: lunch.y + lunch.height + 6 }, { x, y: lunch.y + 2 * lunch.height - 6 });
    const form = page.getByRole('dialog');
    expect(await form.getByLabel('Début').inputValue()).toBe(`${DAY}T13:00`);
    expect(await form.getByLabel('Fin').inputValue()).toBe(`${DAY}T14:00`);
    await form.getByLabel('Type').fill('Détartrage');
    await form.getByRole('button', { name: 'Enregistrer' }).click();
    await entry('Détartrage').waitFor();
    const [row] = await world.sql`select starts_at from public.rdv where type = 'Détartrage' and starts_at = ${
      AT('13:00')
    }`;
    expect(row).toBeDefined();
  });

  test('an appointment tells in words why its event is not there, and what the runs did with it', async () => {
    const { sql } = world;
    const [rdv] = await sql`select id from public.rdv where type = 'Détartrage' and starts_at = ${AT('13:00')}`;
    await sql`insert into public.appointment_external_links (organisation_id, rdv_id, integration_id, provider, sync_status, last_error)
      values (${PRACTICE}, ${rdv!['id']}, ${INTEGRATION}, 'google', 'error', ${
      sql.json({ code: 'CALENDAR_READ_ONLY' })
    })`;
    await sql`insert into private.sync_outbox
      (organisation_id, rdv_id, integration_id, next_attempt_at, dirty_since, parked_at, attempts, last_error_code)
      values (${PRACTICE}, ${rdv!['id']}, ${INTEGRATION}, now(), now(), now(), 1, 'CALENDAR_READ_ONLY')`;
    const [run] =
      await sql`insert into public.sync_runs (organisation_id, integration_id, direction, trigger, started_at)
      values (${PRACTICE}, ${INTEGRATION}, 'export', 'change', now()) returning id`;
    await sql`insert into public.sync_run_items (organisation_id, run_id, rdv_id, action, reason)
      values (${PRACTICE}, ${run!['id']}, ${rdv!['id']}, 'fail', 'CALENDAR_READ_ONLY')`;
    await entry('Détartrage').click();
    await drawer().getByText('Échec', { exact: true }).first().waitFor();
    await drawer().getByText('Cet agenda est en lecture seule').first().waitFor();
    await drawer().getByText('Historique').click();
    await drawer().getByText('dans Google Agenda').waitFor();
    expect(await drawer().getByText('Cet agenda est en lecture seule').count()).toBe(2);
    await page.keyboard.press('Escape');
  });

  test('a link to an appointment opens it where it is, and one that is gone is told', async () => {
    const [rdv] = await world.sql`select id from public.rdv where type = 'Détartrage' and starts_at = ${AT('13:00')}`;
    await show(`view=week&rdv=${rdv!['id']}`);
    await drawer().getByRole('heading', { name: 'Détartrage' }).waitFor();
    expect(new URL(page.url()).searchParams.get('date')).toBe(DAY);
    await show(`view=week&rdv=${RDV}`);
    await page.getByRole('alert').getByText('a été supprimé entre-temps').waitFor();
    await expect.poll(() => new URL(page.url()).searchParams.get('rdv'), WAIT).toBeNull();
  });

  test('without an answer it keeps what it knows, says that it may be old, and is up to date by itself again', async () => {
    await show(`view=day&date=${DAY}`);
    await entry('Détartrage').waitFor();
    await page.route('**/rest/v1/**', (route) => route.abort());
    await page.getByText('l’agenda n’est peut-être plus à jour').waitFor();
    await entry('Détartrage').waitFor();
    await world.sql`update public.rdv set type = 'Détartrage complet' where type = 'Détartrage' and starts_at = ${
      AT('13:00')
    }`;
    await page.unroute('**/rest/v1/**');
    await entry('Détartrage complet').waitFor();
    await page.getByText('l’agenda n’est peut-être plus à jour').waitFor({ state: 'detached' });
  });

  test('nobody of another practice sees any of it', async () => {
    const stranger = await world.signedIn(`/calendar?view=day&date=${DAY}`, { email: MARC });
    await stranger.locator('.calendar-body[aria-busy=false]').waitFor();
    expect(await stranger.locator('[data-entry]').count()).toBe(0);
    await stranger.context().close();
  });
});

describe('a month with a thousand events', () => {
  test('does not jump, and weighs what it may', async () => {
    await seedMany(world.sql, 1_000);
    const busy = await world.signedIn('/favicon.svg');
    await busy.addInitScript(() => {
      const measured = { shift: 0 };
      Object.assign(globalThis, { measured });
      new PerformanceObserver((list) => {
        for (const one of list.getEntries() as Array<PerformanceEntry & { value: number; hadRecentInput: boolean }>) {
          if (!one.hadRecentInput) measured.shift += one.value;
        }
      }).observe({ type: 'layout-shift', buffered: true });
    });
    const bytes = await scriptWeight(busy, async () => {
      await busy.goto(`${world.url}/calendar?view=month&date=${FULL_MONTH}`);
      await busy.locator('[data-entry]').nth(50).waitFor();
    });
    await walkThrough(busy, async (_name, step) => await step());
    const shift = () => busy.evaluate(() => (globalThis as unknown as { measured: { shift: number } }).measured.shift);
    expect(await shift()).toBeLessThanOrEqual(BUDGET.shift);
    expect(bytes).toBeLessThanOrEqual(BUDGET.script);

    await busy.goto(`${world.url}/calendar?view=week&date=2027-04-07`);
    await busy.locator('.grid:not(.grid-unsettled) [data-entry]').first().waitFor();
    expect(await shift()).toBeLessThanOrEqual(BUDGET.shift);
    await busy.context().close();
  });
});

describe('for everybody', () => {
  test.each([['light', 'fr'], ['dark', 'en']] as const)(
    'axe finds nothing wrong on any view, drawer or form (%s, %s)',
    async (colorScheme, lang) => {
      const seen = await world.signedIn(`/calendar?view=week&date=${DAY}&lang=${lang}`, { colorScheme });
      for (const view of ['week', 'month', 'day', 'agenda']) {
        await seen.goto(`${world.url}/calendar?view=${view}&date=${DAY}&lang=${lang}`);
        await seen.locator('[data-entry]').first().waitFor();
        expect(await violations(seen), view).toEqual([]);
        for (const width of [360, 768, 1440]) {
          await seen.setViewportSize({ width, height: width === 360 ? 740 : 900 });
          expect(await seen.evaluate(() => document.documentElement.scrollWidth - innerWidth), `${view} ${width}`)
            .toBeLessThanOrEqual(0);
          const create = (await seen.locator('.calendar-create').boundingBox())!;
          expect(create.x + create.width, `${view} ${width}`).toBeLessThanOrEqual(width);
          await shot(seen, `calendar-${view}-${width}-${lang}`);
        }
      }
      await seen.locator('[data-entry]', { hasText: 'Déjeuner avec Paul' }).first().click();
      await seen.locator('dialog.drawer').waitFor();
      expect(await violations(seen), 'event').toEqual([]);
      await shot(seen, `calendar-event-1440-${lang}`);
      await seen.keyboard.press('Escape');
      await seen.locator('[data-entry]', { hasText: 'Détartrage' }).first().click();
      await seen.locator('dialog.drawer').waitFor();
      expect(await violations(seen), 'appointment').toEqual([]);
      await shot(seen, `calendar-appointment-1440-${lang}`);
      await seen.getByRole('button', { name: lang === 'fr' ? 'Modifier' : 'Edit', exact: true }).click();
      await seen.locator('form input[name=type]').waitFor();
      expect(await violations(seen), 'form').toEqual([]);
      await shot(seen, `calendar-form-1440-${lang}`);
      await seen.context().close();
    },
  );

  test('nothing went wrong in the page itself, nor against its policy', () => {
    expect(world.complaints()).toEqual([]);
  });
});
