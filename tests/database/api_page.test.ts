/** What docs/api.md says of names that were asked for earlier: the routes and columns that took their place exist. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from './database.ts';

const read = (path: string) => Deno.readTextFile(new URL(`../../docs/${path}`, import.meta.url));
const page = await read('api.md');
const { paths } = JSON.parse(await read('openapi.json')) as { paths: Record<string, Record<string, unknown>> };

/** Asked for in writing before anything was built. */
const EARLIER = [
  ...['connect', 'callback', 'status', 'calendars'].map((what) => `GET /api/integrations/google/${what}`),
  ...['disconnect', 'sync-now'].map((what) => `POST /api/integrations/google/${what}`),
  'GET /api/google/calendars',
  'GET /api/google/events',
  'POST /api/google/import',
  'GET /api/google/import/status',
  'google_user_id',
  'google_email',
  'access_token',
  'refresh_token',
  'token_expiry',
  'calendar_id',
  'is_enabled',
  'appointment_id',
  'external_calendar_id',
  'external_event_id',
  'google_event_id',
];

const quoted = (text: string) => [...text.matchAll(/`([^`]+)`/g)].map(([, inner]) => inner!);
const rows = page.slice(page.indexOf('## Names from earlier documents')).split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => line.split('|').slice(1, 3))
  .map(([earlier, here]) => ({ earlier: quoted(earlier!), here: quoted(here!) }));
/** Everywhere on the page, not in the table alone. */
const routes = [...new Set([...page.matchAll(/`((?:GET|POST|PATCH) <provider>-[^`?]+)/g)].map(([, name]) => name!))];
const columns = [...new Set(rows.flatMap(({ here }) => here).filter((name) => /^[a-z_]+(\.[a-z_]+)+$/.test(name)))];

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db?.stop());

describe('the page on the API', () => {
  test('tells what became of every name that was asked for', () => {
    const told = rows.filter(({ here }) => here.length > 0).flatMap(({ earlier }) => earlier);
    expect(EARLIER.filter((name) => !told.includes(name))).toEqual([]);
  });

  test('has its routes and columns found', () => {
    expect(routes.length).toBeGreaterThan(12);
    expect(columns.length).toBeGreaterThan(12);
  });

  test.each(routes.flatMap((name) => ['google', 'microsoft'].map((provider) => name.replace('<provider>', provider))))(
    '%s is a route',
    (name) => {
      const [method, path] = name.split(' ') as [string, string];
      expect(Object.keys(paths[`/${path.replaceAll(/:(\w+)/g, '{$1}')}`] ?? {})).toContain(method.toLowerCase());
    },
  );

  test.each(columns)('%s is a column', async (name) => {
    const parts = name.split('.');
    const [schema, table, column] = parts.length === 3 ? parts : ['public', ...parts];
    const found = await db.admin`select from information_schema.columns
      where table_schema = ${schema!} and table_name = ${table!} and column_name = ${column!}`;
    expect(found).toHaveLength(1);
  });
});
