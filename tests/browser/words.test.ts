/** No word of the engine reaches a screen as it is: each reason, action and code has its sentence, in both languages. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ERROR_KINDS } from '../../supabase/functions/_shared/errors.ts';
import {
  CONFLICT_REASONS,
  ITEM_ACTIONS,
  ITEM_REASONS,
  RUN_TRIGGERS,
} from '../../supabase/functions/_shared/vocabulary.ts';
import { WAIT } from '../patience.ts';
import { ORGANISATION, RUN, RUN_ROW, type StubService } from './stub_service.ts';
import { StubbedClient } from './stubbed_client.ts';

const RDV = '50000000-0000-4000-8000-000000000001';
const AT = new Date(Date.now() + 86_400_000).toISOString();
const CODES = Object.keys(ERROR_KINDS);
/** What the journal, a preview or a report may have beside an item. */
const REASONS: readonly string[] = [...ITEM_REASONS, ...CODES];

/** English shows some of them as they are, as words of the language. */
const ORDINARY = new Set(['cancelled', 'deleted', 'past', 'unchanged', 'conflict', 'wait', 'update', 'create']);
/** Words of machines: with an underscore, in capitals, or of the lists, standing alone. */
function raw(text: string): string[] {
  const words = text.split(/[^\p{L}\d_]+/u);
  const known = new Set<string>([...ITEM_REASONS, ...ITEM_ACTIONS, ...CODES]);
  return words.filter((word) => /[a-z]_[a-z]|[A-Z]_[A-Z]/.test(word) || (known.has(word) && /^[A-Z]/.test(word)));
}

let client: StubbedClient;
let service: StubService;
let page: Page;

beforeAll(async () => {
  client = await StubbedClient.start();
  ({ page, service } = await client.visit({ viewport: { width: 1280, height: 900 } }));
});

afterAll(() => client?.stop());

const open = (path: string, language: string) =>
  page.goto(`${client.url}${path}${path.includes('?') ? '&' : '?'}lang=${language}`);

/** One item for each reason, and one for each action. */
const ITEMS = [
  ...REASONS.map((reason) => ({ action: CODES.includes(reason) ? 'fail' : 'update', reason })),
  ...ITEM_ACTIONS.map((action) => ({ action, reason: null })),
].map((item, n) => ({
  ...item,
  id: n + 1,
  rdv_id: RDV,
  run_id: RUN,
  external_event_id: `event ${n}`,
  external_calendar_id: 'c',
  created_at: AT,
}));

/** Steps of an appointment's history that its drawer shows at once. */
const HISTORY_SHOWN = 20;

/** The text beside each item, and that it says something of its own for each reason and each action. */
function speaks(shown: readonly string[], languageOwn: (text: string) => boolean = () => true) {
  expect(shown.filter((text) => text.trim() === '' || !languageOwn(text))).toEqual([]);
}

describe.each(['fr', 'en'])('in %s', (language) => {
  const asIs = (text: string) => REASONS.includes(text.trim()) && !(language === 'en' && ORDINARY.has(text.trim()));

  test('a report says why of each item', async () => {
    service.answer('GET rest/v1/sync_run_items', { body: ITEMS });
    await open(`/settings/integrations/google-calendar/report/${RUN}`, language);
    await page.locator('tbody tr').first().waitFor();
    while (await page.locator('tbody tr').count() < ITEMS.length) {
      const before = await page.locator('tbody tr').count();
      await page.locator('section.card button').last().click();
      await expect.poll(() => page.locator('tbody tr').count(), WAIT).toBeGreaterThan(before);
    }
    const shown = await page.locator('tbody tr td.hint:last-child').allTextContents();
    expect(shown).toHaveLength(ITEMS.length);
    speaks(shown.slice(0, REASONS.length), (text) => !asIs(text));
    speaks(await page.locator('tbody .badge').allTextContents());
    expect(raw(await page.locator('main').innerText())).toEqual([]);
  });

  test.each(RUN_TRIGGERS)('a report says what started a run: %s', async (trigger) => {
    service.answer('GET rest/v1/sync_runs', { body: [{ ...RUN_ROW, trigger, error: 'MASS_CHANGE' }] });
    await open(`/settings/integrations/google-calendar/report/${RUN}`, language);
    const facts = page.locator('section.card dl.facts');
    await facts.waitFor();
    speaks(await facts.locator('dd').allTextContents());
    expect(raw(await facts.innerText())).toEqual([]);
    service.answer('GET rest/v1/sync_runs', null);
  });

  test('a preview says why of each item', async () => {
    const items = ITEMS.filter(({ action }) => action !== 'skip').map(({ action, reason, external_event_id }) => ({
      eventId: external_event_id,
      rdvId: null,
      action,
      reason,
      summary: null,
      start: AT,
      end: AT,
      allDay: false,
    }));
    service.answer('POST functions/v1/google-import/import', {
      body: {
        created: 0,
        updated: items.length,
        skipped: 0,
        cancelled: 0,
        failed: 0,
        conflicts: [],
        failures: [],
        items,
        runId: RUN,
        fingerprint: 'f',
        remaining: false,
      },
    });
    await open('/settings/integrations/google-calendar', language);
    await page.getByRole('button', { name: language === 'fr' ? 'Aperçu' : 'Preview', exact: true }).click();
    const preview = page.locator('.import-preview');
    await preview.waitFor();
    const shown = await preview.locator('li .item-what .hint').allTextContents();
    expect(shown).toHaveLength(REASONS.length);
    speaks(shown, (text) => !asIs(text));
    speaks(await preview.locator('li .badge').allTextContents());
    expect(raw(await preview.innerText())).toEqual([]);
  });

  test('an appointment’s history says why of each step', async () => {
    service.answer('GET rest/v1/rdv', {
      body: [{
        id: RDV,
        organisation_id: ORGANISATION,
        type: 'Contrôle',
        act: null,
        patient_id: null,
        practitioner_id: null,
        starts_at: AT,
        ends_at: AT,
        location: null,
        notes: null,
        status: 'scheduled',
        source: 'cassius',
        updated_at: AT,
        patient: null,
        practitioner: null,
      }],
    });
    const shown: string[] = [];
    // The history shows that many, the latest, and says so where there are more.
    for (let from = 0; from < ITEMS.length; from += HISTORY_SHOWN) {
      const items = ITEMS.slice(from, from + HISTORY_SHOWN);
      service.answer('GET rest/v1/sync_run_items', { body: items });
      await open(`/calendar?rdv=${RDV}`, language);
      await page.locator('details.drawer-section summary').click();
      const steps = page.locator('ol.history li');
      await expect.poll(() => steps.count(), WAIT).toBe(items.length);
      shown.push(...await steps.locator('.hint').allTextContents());
      expect(raw(await page.locator('ol.history').innerText())).toEqual([]);
    }
    speaks(shown.slice(0, REASONS.length), (text) => !asIs(text));
  });

  test.each(CONFLICT_REASONS)('a question speaks of itself: %s', async (reason) => {
    const payload = { calendarId: 'c', eventId: 'e', fields: ['time'], changedBy: 'both', cancelled: 12, known: 20 };
    service.answer('GET rest/v1/sync_conflicts', {
      body: [{
        id: '60000000-0000-4000-8000-000000000001',
        reason,
        entity_type: 'appointment',
        internal_id: null,
        external_id: null,
        integration_id: RUN,
        source: 'google',
        payload,
        created_at: AT,
        updated_at: AT,
      }],
    });
    await open('/conflicts', language);
    await page.locator('.conflict').waitFor();
    expect(raw(await page.locator('main').innerText())).toEqual([]);
    speaks(await page.locator('.decision .hint').allTextContents());
  });
});
