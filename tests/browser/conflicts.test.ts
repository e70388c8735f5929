/** The inbox of conflicts in a real browser, on the built page and the real stack. The answers of the decisions are staged. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  CLAIRE,
  CLAIRE_MEMBER,
  connectClaire,
  INTEGRATION,
  PRACTICE,
  shot,
  startWorld,
  violations,
  type World,
} from './calendar_world.ts';
import { MARC } from './product.ts';
import { WAIT } from '../patience.ts';
import { tellFailures } from '../tell_failures.ts';

const IDS = {
  both: '7e000000-0000-4000-8000-000000000001',
  deleted: '7e000000-0000-4000-8000-000000000002',
  overlap: '7e000000-0000-4000-8000-000000000003',
  mass: '7e000000-0000-4000-8000-000000000004',
};
const RDV = '7f000000-0000-4000-8000-000000000001';

let world: World;
tellFailures(() => world);
let page: Page;
/** What the page asked for: `<id> <action>`. */
const decided: string[] = [];

const timed = (from: string, to: string) => ({
  kind: 'timed',
  startsAt: `2027-03-10T${from}:00.000Z`,
  endsAt: `2027-03-10T${to}:00.000Z`,
  timeZone: 'Europe/Paris',
});
const content = (fields = {}) => ({
  title: '[Cassius] Bilan',
  description: 'Praticien : Dr Claire Moreau',
  location: 'Salle 1',
  time: timed('08:00', '08:30'),
  availability: 'busy',
  visibility: 'private',
  ...fields,
});

async function seed(id: string, reason: string, payload: Record<string, unknown>, more: Record<string, unknown> = {}) {
  const { sql } = world;
  const row = {
    id,
    organisation_id: PRACTICE,
    user_id: CLAIRE,
    integration_id: INTEGRATION,
    source: 'google',
    entity_type: 'appointment',
    internal_id: RDV,
    reason,
    payload: sql.json(payload as Parameters<typeof sql.json>[0]),
    ...more,
  };
  await sql`insert into public.sync_conflicts ${sql(row)}`;
}

async function seedAll() {
  await world.sql`delete from public.sync_conflicts`;
  await seed(IDS.both, 'changed_both_sides', {
    cassius: content({ location: 'Salle 2' }),
    calendar: content({ time: timed('09:00', '09:30'), location: 'À domicile' }),
    base: content(),
    fields: ['time', 'location'],
    changedBy: 'both',
  });
  await seed(IDS.deleted, 'deleted', { cassius: content(), calendar: null, base: content(), changedBy: 'calendar' });
  await seed(IDS.overlap, 'time_overlap', {
    cassius: { title: 'Bilan', location: '', time: timed('08:00', '08:30') },
    calendar: { title: 'École', location: '', time: timed('08:15', '09:00') },
    base: null,
  }, { entity_type: 'event', external_id: 'school' });
  await seed(IDS.mass, 'mass_change', {
    known: 40,
    cancelled: 18,
    moved: 3,
    fingerprint: 'f',
    sample: [{ summary: 'Réunion', start: '2027-03-10T08:00:00Z', end: '2027-03-10T09:00:00Z' }],
  }, { entity_type: 'event', internal_id: null });
}

/** What the service answers to a decision: by default it carries it out, as far as the inbox can tell. */
async function stage(answer?: (id: string) => Promise<{ status: number; body: unknown } | null>) {
  await page.unroute('**/functions/v1/google-import/conflicts/**');
  await page.route('**/functions/v1/google-import/conflicts/**', async (route) => {
    const request = route.request();
    const headers = {
      'access-control-allow-origin': world.url,
      'access-control-allow-credentials': 'true',
      'access-control-allow-headers': request.headers()['access-control-request-headers'] ?? '*',
    };
    if (request.method() === 'OPTIONS') return await route.fulfill({ status: 204, headers });
    const id = new URL(request.url()).pathname.split('/').at(-2)!;
    const { action } = request.postDataJSON() as { action: string };
    decided.push(`${id} ${action}`);
    const staged = await answer?.(id) ?? null;
    const status = action === 'ignore' ? 'ignored' : 'resolved';
    if (staged === null) {
      await world.sql`update public.sync_conflicts set status = ${status}, resolution = ${action} where id = ${id}`;
    }
    const { status: code, body } = staged ?? { status: 200, body: { status, resolution: action } };
    await route.fulfill({ status: code, headers, contentType: 'application/json', body: JSON.stringify(body) });
  });
}

const refused = (status: number, error: string, message: string) =>
  Promise.resolve({ status, body: { error, step: 'conflicts.resolve', message, details: null, requestId: 'r-1' } });
const card = (id: string) => page.locator(`[data-conflict="${id}"]`);
const act = (id: string, name: string) => card(id).getByRole('button', { name, exact: true });

beforeAll(async () => {
  world = await startWorld();
  const { sql } = world;
  await connectClaire(sql);
  await sql`insert into public.rdv ${
    sql({
      id: RDV,
      organisation_id: PRACTICE,
      practitioner_id: CLAIRE_MEMBER,
      patient_id: (await sql`select id from public.patients where last_name = 'Benali'`)[0]!['id'],
      type: 'Bilan',
      starts_at: '2027-03-10T08:00:00Z',
      ends_at: '2027-03-10T08:30:00Z',
    })
  }`;
  await seedAll();
  page = await world.signedIn('/conflicts');
  await stage();
});

afterAll(() => world?.stop());

describe('the inbox', () => {
  test('shows both sides and the last agreed version, marks what differs, and counts', async () => {
    await card(IDS.both).waitFor();
    await page.getByText('4 décisions attendues').waitFor();
    await expect.poll(() => page.getByRole('link', { name: /^Conflits/ }).textContent(), WAIT).toContain('4');
    const differing = await card(IDS.both).locator('tr.differs').evaluateAll((rows) =>
      rows.map((row) => row.getAttribute('data-field'))
    );
    expect(differing).toEqual(['time', 'location']);
    const place = card(IDS.both).locator('tr[data-field=location]');
    expect(await place.locator('td').allInnerTexts()).toEqual([
      expect.stringContaining('Salle 2'),
      expect.stringContaining('À domicile'),
      expect.stringContaining('Salle 1'),
    ]);
    // The practice's clock, not UTC's.
    expect(await card(IDS.both).locator('tr[data-field=time] td').nth(1).innerText()).toContain('10:00');
    await card(IDS.both).getByRole('heading', { name: 'Karima Benali' }).waitFor();
    await card(IDS.deleted).getByText('supprimé', { exact: true }).first().waitFor();
  });

  test('each action says what it will do here, and a mass change is one decision', async () => {
    const sentences = (id: string) => card(id).locator('.decision p').allInnerTexts();
    expect(await sentences(IDS.deleted)).toEqual([
      'L’événement est recréé dans Google.',
      'Le rendez-vous est annulé dans Cassius.',
      'Rien ne change ; le rendez-vous n’est plus envoyé à Google.',
    ]);
    expect((await sentences(IDS.overlap))[2]).toBe('Le rendez-vous est annulé dans Cassius ; l’événement reste.');
    expect(await card(IDS.deleted).locator('.decision button').allInnerTexts()).toEqual([
      'Recréer l’événement',
      'Annuler le rendez-vous',
      'Ne plus l’envoyer',
    ]);
    expect(await sentences(IDS.mass)).toHaveLength(3);
    await card(IDS.mass).getByText('18 suppressions et 3 déplacements sur 40 événements connus').waitFor();
    const button = act(IDS.both, 'Prendre la version de Google');
    const described = await button.evaluate((one) =>
      document.getElementById(one.getAttribute('aria-describedby')!)?.textContent
    );
    expect(described).toBe('L’horaire et le lieu de l’agenda remplacent ceux du rendez-vous.');
  });

  test('the calendar marks it and leads here, to the very conflict', async () => {
    await page.goto(`${world.url}/calendar?view=day&date=2027-03-10&show=conflicts&rdv=${RDV}`);
    await page.locator('dialog.drawer').getByText('En conflit').waitFor();
    await page.locator('dialog.drawer').getByRole('link', { name: 'Voir le conflit et décider' }).click();
    await page.locator('.conflict-named').waitFor();
    expect(new URL(page.url()).pathname).toBe('/conflicts');
  });

  test('what would cancel a patient’s appointment names patient and time, and is asked once', async () => {
    decided.length = 0;
    const question = page.getByRole('dialog', { name: 'Annuler ce rendez-vous ?' });
    for (const id of [IDS.overlap, IDS.deleted]) {
      await act(id, 'Annuler le rendez-vous').press('Enter');
      await question.getByText('Karima Benali, mer. 10 mars, 09:00 – 09:30').waitFor();
      // Enter at what has the focus changes nothing.
      await page.keyboard.press('Enter');
      await question.waitFor({ state: 'detached' });
    }
    await act(IDS.mass, 'Appliquer ces changements').press('Enter');
    const mass = page.getByRole('dialog', { name: 'Appliquer ces changements ?' });
    await mass.getByText('Réunion, mer. 10 mars, 09:00 – 10:00').waitFor();
    await mass.getByText('et 20 autres').waitFor();
    await page.keyboard.press('Escape');
    await mass.waitFor({ state: 'detached' });
    expect(decided).toEqual([]);
    await stage(() => refused(500, 'SYNC_FAILED', 'La synchronisation a échoué'));
    await act(IDS.deleted, 'Annuler le rendez-vous').press('Enter');
    await question.getByRole('button', { name: 'Oui, annuler ce rendez-vous' }).click();
    await card(IDS.deleted).getByRole('alert').getByText('La synchronisation a échoué').waitFor();
    expect(decided).toEqual([`${IDS.deleted} keep_calendar`]);
    await stage();
  });

  test('a situation that changed meanwhile is shown again and nothing is decided', async () => {
    await stage(async (id) => {
      await world.sql`update public.sync_conflicts
        set payload = jsonb_set(payload, '{calendar,location}', '"Clinique"') where id = ${id}`;
      return await refused(409, 'CONFLICT_OUTDATED', 'La situation a changé');
    });
    await act(IDS.both, 'Prendre la version de Google').click();
    await card(IDS.both).getByText('La situation vient de changer : voici la version actuelle').waitFor();
    await card(IDS.both).getByText('Clinique').waitFor();
    expect(await card(IDS.both).getByRole('alert').count()).toBe(0);
    await stage();
  });

  test.each([
    ['the service is broken', () => refused(500, 'SYNC_FAILED', 'La synchronisation a échoué')],
    ['it is asked too often', () => refused(429, 'RATE_LIMITED', 'L’agenda demande de ralentir')],
    ['the grant was revoked', () => refused(409, 'NEED_RECONSENT', 'L’accès à l’agenda a pris fin')],
  ])('when %s, the conflict stays and says why', async (_, answer) => {
    await stage(answer);
    await act(IDS.both, 'Garder la version de Cassius').click();
    const { body } = await answer();
    await card(IDS.both).getByRole('alert').getByText(body.message).waitFor();
    await expect.poll(() => act(IDS.both, 'Garder la version de Cassius').isEnabled(), WAIT).toBe(true);
    await stage();
  });

  test('when the line is down, the conflict stays and says why', async () => {
    await page.unroute('**/functions/v1/google-import/conflicts/**');
    await page.route('**/functions/v1/google-import/conflicts/**', (route) => route.abort());
    await act(IDS.both, 'Laisser chacun tel quel').click();
    await card(IDS.both).getByRole('alert').getByText('Le service ne répond pas').waitFor();
    await stage();
  });

  test('a decision by keyboard ends the conflict and leaves the focus with the next one', async () => {
    decided.length = 0;
    await expect.poll(() => act(IDS.both, 'Prendre la version de Google').isEnabled(), WAIT).toBe(true);
    await act(IDS.both, 'Prendre la version de Google').focus();
    await page.keyboard.press('Enter');
    await card(IDS.both).waitFor({ state: 'detached' });
    await page.getByText('Conflit résolu').waitFor();
    expect(decided).toEqual([`${IDS.both} keep_calendar`]);
    await page.getByText('3 décisions attendues').waitFor();
    await expect.poll(
      () => page.evaluate(() => document.activeElement?.closest('[data-conflict]')?.getAttribute('data-conflict')),
      WAIT,
    ).toBe(IDS.deleted);
  });

  test('a decision made elsewhere shows by itself', async () => {
    await world.sql`update public.sync_conflicts set status = 'ignored' where id = ${IDS.mass}`;
    await card(IDS.mass).waitFor({ state: 'detached' });
  });

  test('several are decided at once, after a look at what it does to each kind; what fails stays', async () => {
    await page.getByLabel('Tout choisir').check();
    await page.getByRole('group', { name: 'Pour les conflits choisis' }).getByRole('button', { name: 'Garder Cassius' })
      .click();
    const question = page.getByRole('dialog');
    await question.getByText('Garder Cassius pour 2 conflits ?').waitFor();
    await question.getByText('L’événement est recréé dans Google.').waitFor();
    expect(await question.locator('[data-cancelled]').count()).toBe(0);
    await question.getByText('Les deux restent où ils sont ; la question est close.').waitFor();
    await stage((id) =>
      id === IDS.overlap ? refused(500, 'SYNC_FAILED', 'La synchronisation a échoué') : Promise.resolve(null)
    );
    await question.getByRole('button', { name: 'Décider', exact: true }).click();
    await card(IDS.deleted).waitFor({ state: 'detached' });
    await page.getByText('1 conflit traité').waitFor();
    await card(IDS.overlap).getByRole('alert').getByText('La synchronisation a échoué').waitFor();
    await stage();
    await act(IDS.overlap, 'Ajouter aussi comme rendez-vous').click();
    await page.getByText('Aucun conflit : Cassius et vos agendas sont d’accord.').waitFor();
  });

  test('nobody of another practice sees any of it', async () => {
    await seedAll();
    const stranger = await world.signedIn('/conflicts', { email: MARC });
    await stranger.getByText('Aucun conflit').waitFor();
    expect(await stranger.locator('[data-conflict]').count()).toBe(0);
    await stranger.context().close();
  });
});

describe('for everybody', () => {
  test.each([['light', 'fr'], ['dark', 'en']] as const)(
    'axe finds nothing wrong (%s, %s)',
    async (colorScheme, lang) => {
      const seen = await world.signedIn('/conflicts', { colorScheme });
      await seen.goto(`${world.url}/conflicts?lang=${lang}`);
      await seen.locator('[data-conflict]').nth(3).waitFor();
      for (const width of [360, 768, 1440]) {
        await seen.setViewportSize({ width, height: 900 });
        expect(await violations(seen), `${width}`).toEqual([]);
        expect(await seen.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
        await shot(seen, `conflicts-${width}-${lang}`);
      }
      await seen.context().close();
    },
  );

  test('nothing went wrong in the page itself, nor against its policy', () => {
    expect(world.complaints()).toEqual([]);
  });
});
