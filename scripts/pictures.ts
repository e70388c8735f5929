/**
 * `npm run pictures`: the pictures of the README, from the running product in Chromium: its built page, the real functions, the
 * emulator of Google. Look at them before they are committed.
 */
import { join } from 'node:path';
import { CLAIRE, CLAIRES_ACCOUNT, Product } from '../tests/browser/product.ts';
import { google, Person } from '../tests/functions/person.ts';
import { print } from '../local/terminal.ts';

const IMAGES = join(import.meta.dirname!, '..', 'docs', 'images');
const VIEWPORT = { width: 1280, height: 800 };
const DAY = 86_400_000;
/** Summary, day of the week from Monday, hour in UTC, hours long. */
const PRIVATE_EVENTS = [
  ['Réunion d’équipe', 0, 11, 1],
  ['Formation continue', 1, 16, 2],
  ['Déjeuner', 2, 11, 1],
  ['Visite du matériel', 3, 12, 1],
  ['Comptabilité', 4, 11, 2],
] as const;

/** The Monday of a week in which the demo data has appointments every day: this one, or at the weekend the next. */
function monday(now: Date): Date {
  const weekday = (now.getUTCDay() + 6) % 7;
  const start = new Date(now.getTime() + (weekday > 4 ? 7 - weekday : -weekday) * DAY);
  start.setUTCHours(0, 0, 0, 0);
  return start;
}

const product = await Product.start();
try {
  const { page } = await product.visit(CLAIRE, { viewport: VIEWPORT });
  const take = async (name: string) => {
    await page.screenshot({ path: join(IMAGES, `${name}.png`), animations: 'disabled' });
    print(`docs/images/${name}.png`);
  };

  const claire = await Person.signIn(product.stack, CLAIRE);
  await claire.grant(CLAIRES_ACCOUNT);
  await page.goto(`${product.url}/settings/integrations/google-calendar`);
  const start = page.getByRole('heading', { name: 'Ce que Cassius va écrire' });
  await start.waitFor();
  await page.locator('#target:enabled').waitFor();
  await take('settings');

  await claire.start();
  await claire.call('google-sync/sync-now', { body: {} });
  const first = monday(new Date());
  const at = (day: number, hour: number) => new Date(first.getTime() + day * DAY + hour * 3_600_000).toISOString();
  for (const [summary, day, hour, length] of PRIVATE_EVENTS) {
    const moment = (hours: number) => ({ dateTime: at(day, hours), timeZone: 'Europe/Paris' });
    const event = { summary, start: moment(hour), end: moment(hour + length) };
    await google(product.stack, 'events', { calendarId: CLAIRES_ACCOUNT, event });
  }
  await claire.call('google-import/import', {
    body: { calendarId: CLAIRES_ACCOUNT, timeMin: at(0, 0), timeMax: at(7, 0), mode: 'import' },
  });
  await page.goto(`${product.url}/calendar?view=week&date=${at(0, 0).slice(0, 10)}`);
  await page.locator('.grid:not(.grid-unsettled) [data-entry]').first().waitFor();
  await page.getByText('Comptabilité').first().waitFor();
  await take('calendar');
} finally {
  await product.stop();
}
