/** Where the page shows the first of many it says so, and what it needs whole it reads to its end. The service is a stub. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RUN, RUN_ROW, SESSION, STATUS, type StubService } from './stub_service.ts';
import { StubbedClient } from './stubbed_client.ts';

const AT = '2026-11-20T09:00:00Z';
const RDV = '70000000-0000-4000-8000-000000000001';
const GOOGLE = '/settings/integrations/google-calendar';
const many = <T>(count: number, one: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => one(n));

let client: StubbedClient;
let service: StubService;
let page: Page;

beforeAll(async () => {
  client = await StubbedClient.start();
  ({ page, service } = await client.visit());
});

afterAll(() => client?.stop());

test('a practice of more people than one answer holds shows all of them', async () => {
  const member = (n: number) => ({
    id: `10000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
    user_id: n === 0 ? SESSION.user.id : null,
    role: n === 0 ? 'admin' : 'practitioner',
    display_name: `Praticien ${n}`,
  });
  service.answer('GET rest/v1/organisation_members?offset=1000', { body: [member(1000)] });
  service.answer('GET rest/v1/organisation_members?organisation_id=', { body: many(1000, member) });
  await page.goto(`${client.url}/settings/organisation`);
  await page.getByRole('form', { name: 'Praticien 1000', exact: true }).waitFor();
});

test('an inbox of more than a hundred decisions says that it shows the first', async () => {
  const conflict = (n: number) => ({
    id: `80000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
    reason: 'deleted',
    entity_type: 'appointment',
    internal_id: RDV,
    external_id: null,
    integration_id: '30000000-0000-4000-8000-000000000001',
    source: 'google',
    payload: {},
    created_at: AT,
    updated_at: AT,
  });
  service.answer('GET rest/v1/sync_conflicts', { body: many(101, conflict) });
  await page.goto(`${client.url}/conflicts`);
  await page.getByText('Les 100 premières décisions attendues').waitFor();
  expect(await page.locator('[data-conflict]').count()).toBe(100);
  expect(await page.getByRole('navigation').first().textContent()).toContain('plus de 99 conflits');
  service.answer('GET rest/v1/sync_conflicts', { body: many(100, conflict) });
  await page.getByText('100 décisions attendues').waitFor();
});

test('failures beyond the hundred that are listed are told', async () => {
  service.answer('GET functions/v1/google-connect/status', { body: { ...STATUS, failed: 150 } });
  service.answer('GET rest/v1/appointment_external_links', {
    body: many(100, (n) => ({ rdv_id: `70000000-0000-4000-8000-${String(n).padStart(12, '0')}`, last_error: null })),
  });
  await page.goto(`${client.url}${GOOGLE}`);
  await page.getByText('Les 100 plus récents sont montrés').waitFor();
});

test('a report of more lines than are read says so', async () => {
  service.answer('GET rest/v1/sync_runs', { body: [RUN_ROW] });
  service.answer('GET rest/v1/sync_run_items', {
    body: many(1000, (n) => ({
      id: n,
      rdv_id: null,
      external_event_id: null,
      external_calendar_id: null,
      action: 'create',
      reason: null,
      created_at: AT,
    })),
  });
  await page.goto(`${client.url}${GOOGLE}/report/${RUN}`);
  await page.getByText(/Les 10\s000 premières lignes/).waitFor();
});
