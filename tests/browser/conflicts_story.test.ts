/** The same decisions with nothing staged: the person works in the provider's calendar, and decides here, by keyboard alone. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { google, Person } from '../functions/person.ts';
import { CLAIRE_MEMBER, PRACTICE, shot, startWorld, violations, type World } from './calendar_world.ts';
import { WAIT } from '../patience.ts';
import { tellFailures } from '../tell_failures.ts';

const ACCOUNT = 'claire@gmail.test';
const RDV = '7a000000-0000-4000-8000-000000000001';
/** No other appointment is so far ahead. */
const DAY = new Date(Date.now() + 20 * 86_400_000).toISOString().slice(0, 10);
const at = (hour: number) => `${DAY}T${String(hour).padStart(2, '0')}:00:00.000Z`;
const timed = (from: number, to: number) => ({ start: { dateTime: at(from) }, end: { dateTime: at(to) } });

let world: World;
tellFailures(() => world);
let page: Page;
let claire: Person;

interface RemoteEvent {
  readonly id: string;
  readonly status: string;
  readonly start: { readonly dateTime?: string };
}

/** What the person does in the provider's own pages. */
async function asPerson(method: string, path: string, body?: unknown): Promise<RemoteEvent | null> {
  const { access_token } = await google(world.stack, 'token', { email: ACCOUNT });
  const answer = await fetch(
    `${world.stack.google.url}/calendar/v3/calendars/${encodeURIComponent(ACCOUNT)}/events${path}`,
    {
      method,
      headers: { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    },
  );
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return text === '' ? null : JSON.parse(text);
}

async function read(): Promise<void> {
  const answer = await claire.call('google-import/import', {
    body: {
      calendarId: ACCOUNT,
      timeMin: new Date().toISOString(),
      timeMax: new Date(Date.now() + 30 * 86_400_000).toISOString(),
      mode: 'import',
    },
  });
  expect(answer.status).toBe(200);
}

const eventId = async () => {
  const [link] = await world.sql`select external_event_id from public.appointment_external_links where rdv_id = ${RDV}`;
  return link!['external_event_id'] as string;
};
const rdv = async () => (await world.sql`select starts_at, status, location from public.rdv where id = ${RDV}`)[0]!;
const drawer = () => page.locator('dialog.drawer');
const shownState = () => drawer().locator('[data-sync]').first().getAttribute('data-sync');

/** Opens the appointment, waits until it tells of the conflict, and goes there. */
async function toConflict(reason: string): Promise<void> {
  await page.goto(`${world.url}/calendar?view=day&rdv=${RDV}`);
  await expect.poll(shownState, WAIT).toBe('conflict');
  await drawer().getByRole('link', { name: 'Voir le conflit et décider' }).press('Enter');
  await page.locator(`.conflict-named[data-reason=${reason}]`).waitFor();
}

async function decide(name: string): Promise<void> {
  const button = page.locator('.conflict').first().getByRole('button', { name, exact: true });
  await expect.poll(() => button.isEnabled(), WAIT).toBe(true);
  await button.press('Enter');
}

/** The note that was written here also changes the event: until that has settled, a decision may be refused again. */
async function decideAgain(name: string): Promise<void> {
  const button = page.locator('.conflict').first().getByRole('button', { name, exact: true });
  const over = page.getByText('Aucun conflit');
  await expect.poll(async () => {
    if (await over.isVisible()) return true;
    if (await button.isEnabled().catch(() => false)) await button.press('Enter').catch(() => {});
    return false;
  }, { ...WAIT, interval: 1_500 }).toBe(true);
}

beforeAll(async () => {
  world = await startWorld();
  claire = await Person.signIn(world.stack, world.stack.users[0]!.email);
  expect((await claire.connect(ACCOUNT)).result).toEqual({ result: 'connected' });
  const settings = { two_way: 'review', import_enabled: true };
  expect((await claire.call('google-connect/settings', { method: 'PATCH', body: settings })).status).toBe(200);
  await world.sql`insert into public.rdv ${
    world.sql({
      id: RDV,
      organisation_id: PRACTICE,
      practitioner_id: CLAIRE_MEMBER,
      patient_id: (await world.sql`select id from public.patients where last_name = 'Benali'`)[0]!['id'],
      type: 'Bilan',
      location: 'Salle 1',
      starts_at: at(9),
      ends_at: at(10),
    })
  }`;
  page = await world.signedIn(`/calendar?view=day&rdv=${RDV}`);
});

afterAll(() => world?.stop());

describe('a person decides', () => {
  test('about a move made there: refused while a side still moves, then taken over', async () => {
    await expect.poll(shownState, WAIT).toBe('synced');
    await asPerson('PATCH', `/${await eventId()}`, timed(14, 15));
    await read();
    await toConflict('changed_both_sides');
    await page.getByText('L’événement de ce rendez-vous a été modifié dans Google.').waitFor();

    await world.sql`update public.rdv set notes = 'Vient en taxi' where id = ${RDV}`;
    await decide('Prendre la version de Google');
    await page.getByText('La situation vient de changer').waitFor();
    expect((await rdv())['starts_at'].toISOString()).toBe(at(9));
    await decideAgain('Prendre la version de Google');
    expect((await rdv())['starts_at'].toISOString()).toBe(at(14));
  });

  test('about an event over an appointment: it is moved to the next free time, and back; or both stay', async () => {
    await asPerson('POST', '', { summary: 'École des enfants', ...timed(14, 16) });
    await read();
    await toConflict('time_overlap');
    await page.locator('td').getByText('École des enfants').first().waitFor();
    await decide('Déplacer le rendez-vous');
    const dialog = page.getByRole('dialog', { name: 'Déplacer le rendez-vous' });
    await dialog.getByText('Prochain créneau libre').waitFor();
    await dialog.getByRole('button', { name: 'Déplacer à cette heure' }).press('Enter');
    await page.getByText('Aucun conflit').waitFor();
    expect((await rdv())['starts_at'].toISOString()).toBe(at(16));
    await page.keyboard.press('Control+z');
    await page.locator('.conflict[data-reason=time_overlap]').waitFor();
    expect((await rdv())['starts_at'].toISOString()).toBe(at(14));
    await page.getByText('C’est annulé').waitFor();
    await decide('Garder les deux');
    await page.getByText('Aucun conflit').waitFor();
    expect((await rdv())['status']).toBe('scheduled');
    await page.goto(`${world.url}/calendar?view=day&date=${DAY}`);
    await page.locator('[data-entry]', { hasText: 'École des enfants' }).waitFor();
    await page.locator('[data-entry]', { hasText: 'Karima Benali' }).waitFor();
  });

  test('about an event deleted there: it is made again', async () => {
    const gone = await eventId();
    await asPerson('DELETE', `/${gone}`);
    await read();
    await toConflict('deleted');
    await decide('Recréer l’événement');
    await page.getByText('Aucun conflit').waitFor();
    await expect.poll(eventId, WAIT).not.toBe(gone);
    await expect.poll(async () => (await asPerson('GET', `/${await eventId()}`))?.status, WAIT).toBe('confirmed');
    expect(world.complaints()).toEqual([]);
  });
});

describe('a person takes a decision back', () => {
  const start = async () => (await asPerson('GET', `/${await eventId()}`))?.start.dateTime;
  const starts = async (hour: number) =>
    await expect.poll(async () => Date.parse(await start() ?? ''), WAIT).toBe(Date.parse(at(hour)));
  const asked = () => page.locator('.conflict[data-reason=changed_both_sides]');
  const undone = () =>
    page.getByText('C’est annulé : tout est comme avant, et la question est de nouveau posée').last();

  test('by the button of its notice, once it was written to the calendar', async () => {
    await starts(14);
    await asPerson('PATCH', `/${await eventId()}`, timed(11, 12));
    await read();
    await toConflict('changed_both_sides');
    await decide('Garder la version de Cassius');
    await page.getByText('Aucun conflit').waitFor();
    await starts(14);
    expect(await violations(page)).toEqual([]);
    await shot(page, 'undo-decision');
    await page.getByRole('button', { name: 'Annuler — Conflit résolu' }).press('Enter');
    await undone().waitFor();
    await asked().waitFor();
    await starts(11);
    expect((await rdv())['starts_at'].toISOString()).toBe(at(14));
  });

  test('by Ctrl+Z, as soon as it is made', async () => {
    await decideAgain('Prendre la version de Google');
    await page.keyboard.press('Control+z');
    await asked().waitFor();
    expect((await rdv())['starts_at'].toISOString()).toBe(at(14));
    await starts(11);
  });

  test('not where the appointment has changed since, and the page says so', async () => {
    await decideAgain('Prendre la version de Google');
    await expect.poll(async () => (await rdv())['starts_at'].toISOString(), WAIT).toBe(at(11));
    await world.sql`update public.rdv set notes = 'Vient à pied' where id = ${RDV}`;
    await page.keyboard.press('Control+z');
    await page.getByRole('alert').getByText('a changé depuis cette décision : elle n’a pas été annulée').waitFor();
    expect((await rdv())['starts_at'].toISOString()).toBe(at(11));
  });

  test('several at once: what can go back goes back, the rest is counted and says why', async () => {
    const { sql } = world;
    const other = '7a000000-0000-4000-8000-000000000002';
    await sql`insert into public.rdv (id, organisation_id, practitioner_id, patient_id, type, starts_at, ends_at)
      select ${other}, organisation_id, practitioner_id, patient_id, type, ${at(17)}, ${at(18)}
      from public.rdv where id = ${RDV}`;
    const startOf = async (id: string) =>
      (await sql`select starts_at from public.rdv where id = ${id}`)[0]!['starts_at'].toISOString();
    const sent = async () =>
      (await sql`select external_event_id as event from public.appointment_external_links l
        where rdv_id in (${RDV}, ${other}) and sync_status = 'synced'
          and not exists (select from private.sync_outbox o where o.rdv_id = l.rdv_id)
        order by rdv_id`).map(({ event }) => event as string);
    await expect.poll(async () => (await sent()).length, WAIT).toBe(2);
    const [first, second] = await sent();
    await asPerson('PATCH', `/${first}`, timed(20, 21));
    await asPerson('PATCH', `/${second}`, timed(21, 22));
    await read();
    await page.goto(`${world.url}/conflicts`);
    await asked().nth(1).waitFor();
    await page.getByLabel('Tout choisir').check();
    await page.getByRole('group', { name: 'Pour les conflits choisis' }).getByRole('button', {
      name: 'Prendre la version de Google',
    })
      .press('Enter');
    await page.getByRole('dialog').getByRole('button', { name: 'Décider', exact: true }).press('Enter');
    await page.getByText('Aucun conflit').waitFor();
    expect([await startOf(RDV), await startOf(other)]).toEqual([at(20), at(21)]);
    await sql`update public.rdv set notes = 'Vient à pied' where id = ${other}`;
    await page.getByRole('button', { name: 'Annuler — 2 conflits traités' }).press('Enter');
    await undone().waitFor();
    await page.getByRole('alert').getByText('1 décision n’a pas été annulée. Le rendez-vous ou son événement a changé')
      .waitFor();
    await expect.poll(() => asked().count(), WAIT).toBe(1);
    expect([await startOf(RDV), await startOf(other)]).toEqual([at(11), at(21)]);
    expect(world.complaints()).toEqual([]);
  });
});
