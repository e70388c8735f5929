/**
 * `npm run pictures`: the pictures of the README, from the running product in Chromium: its built page, the real functions, the
 * emulator of Google. Look at them before they are committed.
 */
import { join } from 'node:path';
import { CLAIRE, CLAIRES_ACCOUNT, Product } from '../tests/browser/product.ts';
import { google, Person } from '../tests/functions/person.ts';
import { until } from '../tests/local/bare_database.ts';
import { PRACTICE_OF_EIGHT } from '../local/stack.ts';
import { print } from '../local/terminal.ts';

const IMAGES = join(import.meta.dirname!, '..', 'docs', 'images');
const VIEWPORT = { width: 1280, height: 800 };
const DAY = 86_400_000;

/** Summary, days from that day, and Paris's hours. */
const PRIVATE_EVENTS = [
  ['Visite du matériel', 0, '12:30', '13:30'],
  ['Déjeuner', 1, '12:15', '13:15'],
  ['Formation continue', 2, '17:00', '19:00'],
  ['Comptabilité', 3, '12:30', '13:30'],
] as const;

interface ExportedEvent {
  readonly id: string;
  readonly status: string;
  readonly start: { readonly dateTime: string };
  readonly end: { readonly dateTime: string };
}

/** The next day on which the demo data has appointments, and on which nothing is past yet. */
function workday(now: Date): string {
  const weekday = now.getUTCDay();
  const days = weekday === 5 ? 3 : weekday === 6 ? 2 : 1;
  return new Date(now.getTime() + days * DAY).toISOString().slice(0, 10);
}

const day = workday(new Date());
const product = await Product.start({ demonstration: true });
try {
  const { page } = await product.visit(CLAIRE, { viewport: VIEWPORT });
  const take = async (name: string, { page: of } = { page }) => {
    await of.screenshot({ path: join(IMAGES, `${name}.png`), animations: 'disabled' });
    print(`docs/images/${name}.png`);
  };

  const claire = await Person.signIn(product.stack, CLAIRE);
  await claire.grant(CLAIRES_ACCOUNT);
  await page.goto(`${product.url}/settings/integrations/google-calendar`);
  await page.getByRole('heading', { name: 'Ce que Cassius va écrire' }).waitFor();
  await page.locator('#target:enabled').waitFor();
  await take('settings');

  await claire.start();
  const settings = { two_way: 'review', import_enabled: true };
  await claire.call('google-connect/settings', { method: 'PATCH', body: settings });
  await claire.call('google-sync/sync-now', { body: {} });
  const [first, second] = await until(
    () => exported().then((events) => events.length > 2 ? events : null),
    'events at Google',
  );
  const { access_token } = await google(product.stack, 'token', { email: CLAIRES_ACCOUNT });
  const atGoogle = async (verb: string, path: string, body: unknown) => {
    const answer = await fetch(`${product.stack.google.url}/calendar/v3/calendars/primary/events${path}`, {
      method: verb,
      headers: { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${verb} ${path}: ${answer.status} ${await answer.text()}`);
    await answer.body?.cancel();
  };
  const on = (days: number) => new Date(Date.parse(day) + days * DAY).toISOString().slice(0, 10);
  const time = (from: string, to: string, days = 0) => ({
    start: { dateTime: `${on(days)}T${from}:00`, timeZone: 'Europe/Paris' },
    end: { dateTime: `${on(days)}T${to}:00`, timeZone: 'Europe/Paris' },
  });
  await atGoogle('PATCH', `/${first!.id}`, time('17:00', '18:00'));
  await atGoogle('POST', '', { summary: 'Réunion d’école', start: second!.start, end: second!.end });
  for (const [summary, days, from, to] of PRIVATE_EVENTS) {
    await atGoogle('POST', '', { summary, ...time(from, to, days) });
  }
  await claire.call('google-import/import', {
    body: { calendarId: CLAIRES_ACCOUNT, timeMin: `${day}T00:00:00Z`, timeMax: `${on(5)}T00:00:00Z`, mode: 'import' },
  });
  await page.goto(`${product.url}/conflicts`);
  await page.locator('.conflict').nth(1).waitFor();
  await take('conflict');
  await page.goto(`${product.url}/calendar?view=week&date=${day}`);
  await page.getByRole('button', { name: /Dr Claire Moreau/ }).click();
  await page.locator('.grid:not(.grid-unsettled) [data-entry]').first().waitFor();
  await page.locator('[data-entry]', { hasText: PRIVATE_EVENTS[0][0] }).waitFor();
  await take('calendar');

  const secretary = await product.visit(PRACTICE_OF_EIGHT[0]!.email, { viewport: { ...VIEWPORT, height: 680 } });
  await secretary.page.goto(`${product.url}/calendar?view=day&date=${day}`);
  await secretary.page.locator('.grid:not(.grid-unsettled) [data-entry]').nth(60).waitFor();
  await take('day', secretary);
} finally {
  await product.stop();
}

/** The events of Claire's appointments of that day, in their order. */
async function exported(): Promise<ExportedEvent[]> {
  const { events }: { events: ExportedEvent[] } = await google(product.stack, 'state?only=events');
  return events.filter(({ status, start }) => status !== 'cancelled' && start.dateTime.startsWith(day))
    .sort((a, b) => Date.parse(a.start.dateTime) - Date.parse(b.start.dateTime));
}
