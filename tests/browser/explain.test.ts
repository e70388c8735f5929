/** Why an appointment is, or is not, in the calendar, as its drawer says it: one sentence for each answer of the engine. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Explanation } from '../../supabase/functions/_shared/contract/explain.ts';
import { SKIP_REASONS, WAITS } from '../../supabase/functions/_shared/vocabulary.ts';
import { WAIT } from '../patience.ts';
import { ORGANISATION, refusal, type StubService } from './stub_service.ts';
import { StubbedClient } from './stubbed_client.ts';

const RDV = '50000000-0000-4000-8000-000000000001';
const EXPLAIN = 'GET functions/v1/google-sync/explain';
const AT = new Date(Date.now() + 86_400_000).toISOString();

const PLAIN: Explanation = {
  decision: 'create',
  reason: null,
  waitsFor: null,
  waitsUntil: null,
  waitsSince: null,
  exportState: 'idle',
  attempts: 0,
  lastError: null,
  inStepSince: null,
  differsSince: null,
};
const skipped = (reason: Explanation['reason']): Explanation => ({ ...PLAIN, decision: 'skip', reason });
const waiting = (waitsFor: Explanation['waitsFor'], more: Partial<Explanation> = {}): Explanation => ({
  ...PLAIN,
  waitsFor,
  ...more,
});

let client: StubbedClient;
let service: StubService;
let page: Page;

beforeAll(async () => {
  client = await StubbedClient.start({ realtime: true });
  ({ page, service } = await client.visit({ realtime: true }));
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
});

afterAll(() => client?.stop());

/** Plain spaces: the page sets finer ones. */
const plain = (text: string | null) => (text ?? '').replaceAll(/[\u00a0\u202f]/g, ' ');

async function told(explanation: Explanation, language: 'fr' | 'en' = 'fr'): Promise<string> {
  service.answer(EXPLAIN, { body: explanation });
  await page.goto(`${client.url}/calendar?rdv=${RDV}&lang=${language}`);
  const reason = page.locator('.sync-line [data-reason]');
  await reason.waitFor();
  return plain(await reason.textContent());
}

const SENTENCES: Array<[explanation: Explanation, french: string, english: string]> = [
  [skipped('cancelled'), 'Annulé : il n’est pas dans l’agenda.', 'Cancelled: it is not in the calendar.'],
  [
    skipped('deleted'),
    'Supprimé : il n’est pas dans l’agenda.',
    'Deleted: it is not in the calendar.',
  ],
  [
    skipped('removing'),
    'La connexion prend fin : ses événements sont retirés de l’agenda.',
    'The connection is ending: its events are being removed from the calendar.',
  ],
  [
    skipped('imported_from_provider'),
    'Il vient d’un agenda : il n’y est pas renvoyé.',
    'It comes from a calendar: it is not sent back.',
  ],
  [skipped('no_start'), 'Sans date de début, il n’est pas envoyé.', 'Without a start, it is not sent.'],
  [skipped('no_patient'), 'Sans patient, il n’est pas envoyé.', 'Without a patient, it is not sent.'],
  [
    skipped('out_of_scope'),
    'Vos réglages n’envoient pas ce rendez-vous : il n’est pas le vôtre.',
    'Your settings do not send this appointment: it is not yours.',
  ],
  [
    skipped('past'),
    'Il a commencé avant que l’envoi ne soit activé : il n’est pas envoyé.',
    'It began before the export was switched on: it is not sent.',
  ],
  [
    skipped('unlinked'),
    'Son événement a été supprimé dans l’agenda : il n’y est plus envoyé.',
    'Its event was deleted in the calendar: it is not sent there any more.',
  ],
  [
    skipped('no_target'),
    'Aucun agenda cible n’est choisi dans vos réglages.',
    'No target calendar is chosen in your settings.',
  ],
  [
    waiting('answer'),
    'Une décision est attendue : voir le conflit.',
    'A decision is needed: see the conflict.',
  ],
  [
    waiting('person', { lastError: { code: 'PERMISSION_DENIED', message: '' } }),
    'L’envoi a été abandonné : corrigez le rendez-vous, ou réessayez. L’agenda refuse cette modification.',
    'Sending it was given up: correct the appointment, or try again. The calendar refuses this change.',
  ],
  [
    waiting('reconnect'),
    'L’accès au compte a pris fin : reconnectez-le pour reprendre.',
    'Access to the account has ended: reconnect it to go on.',
  ],
  [
    waiting('calendar', { lastError: { code: 'CALENDAR_READ_ONLY', message: '' } }),
    'La synchronisation de ce compte est arrêtée. Cet agenda est en lecture seule : choisissez-en un autre.',
    'The sync of this account has stopped. This calendar is read-only: choose another.',
  ],
  [waiting('export'), 'L’envoi est coupé dans vos réglages.', 'Export is off in your settings.'],
  [
    waiting('team'),
    'La synchronisation est suspendue par l’équipe technique : elle reprendra d’elle-même.',
    'The sync is paused by the technical team: it resumes by itself.',
  ],
  [waiting('worker'), 'L’envoi est en cours.', 'It is being sent.'],
  [
    waiting('quota', { waitsUntil: '2026-11-21T08:05:00Z' }),
    'La limite d’utilisation de l’agenda est atteinte, l’envoi reprendra : 21 nov. 2026, 09:05.',
    'The calendar’s usage limit is reached, sending will resume: 21 Nov 2026, 09:05.',
  ],
  [
    waiting('provider', { waitsUntil: '2026-11-21T08:05:00Z' }),
    'L’agenda ne répond pas comme il faut, nouvel essai : 21 nov. 2026, 09:05.',
    'The calendar does not answer as it should, next try: 21 Nov 2026, 09:05.',
  ],
  [
    waiting('retry', { attempts: 3, lastError: { code: 'VERSION_CONFLICT', message: '' } }),
    'L’envoi a échoué, nouvel essai. L’événement a changé entre-temps dans l’agenda.',
    'Sending it failed, next try. The event has changed in the calendar meanwhile.',
  ],
  [waiting('turn'), 'Le changement part dans quelques secondes.', 'The change leaves within seconds.'],
  [
    waiting('turn', { decision: 'delete' }),
    'Son événement va être retiré de l’agenda.',
    'Its event is about to be removed from the calendar.',
  ],
  [
    waiting('request'),
    'Il n’a pas encore été envoyé.',
    'It has not been sent yet.',
  ],
  [
    { ...skipped('unchanged'), differsSince: AT },
    'L’événement a été changé ou supprimé dans l’agenda. Cassius le rétablit.',
    'The event was changed or deleted in the calendar. Cassius restores it.',
  ],
];

describe('the drawer of an appointment', () => {
  test.each(SENTENCES)('says why: %j', async (explanation, french, english) => {
    expect(await told(explanation)).toBe(french);
    expect(await told(explanation, 'en')).toBe(english);
  });

  test('has a sentence for each word that the engine has', () => {
    const said = SENTENCES.flatMap(([{ reason, waitsFor }]) => [reason, waitsFor]);
    expect([...SKIP_REASONS, ...WAITS].filter((word) => !said.includes(word))).toEqual([]);
  });

  test.each<[Explanation, string | null]>([
    [waiting('answer'), 'Voir le conflit et décider'],
    [waiting('person'), 'Réessayer'],
    [waiting('request'), 'Synchroniser maintenant'],
    [waiting('reconnect'), 'Reconnecter le compte'],
    [waiting('export'), 'Ouvrir les réglages'],
    [skipped('no_patient'), 'Compléter le rendez-vous'],
    [skipped('no_target'), 'Ouvrir les réglages'],
    [waiting('worker'), null],
    [skipped('cancelled'), null],
  ])('offers one thing to do, or none: %j', async (explanation, action) => {
    await told(explanation);
    expect(await page.locator('.sync-line').locator('a, button').allTextContents()).toEqual(
      action === null ? [] : [action],
    );
  });

  test('does what it offers: another try of this appointment, or what is missing of it', async () => {
    await told(waiting('person'));
    await page.locator('.sync-line').getByRole('button', { name: 'Réessayer' }).click();
    await expect.poll(() => service.bodies('POST functions/v1/google-sync/retry'), WAIT).toEqual([{ rdvIds: [RDV] }]);
    await told(skipped('no_start'));
    await page.locator('.sync-line').getByRole('button', { name: 'Compléter le rendez-vous' }).click();
    await page.getByRole('dialog', { name: 'Modifier le rendez-vous' }).waitFor();
  });

  test.each<[string, Parameters<StubService['answer']>[1]]>([
    ['is in step', { body: { ...skipped('unchanged'), inStepSince: AT } }],
    ['cannot be explained now', refusal(503, 'AUTH_UNAVAILABLE', 'Réessayez')],
  ])('says nothing where it %s, instead of guessing', async (_what, answer) => {
    service.answer(EXPLAIN, answer);
    const asked = page.waitForResponse((response) => response.url().includes('/explain?'));
    await page.goto(`${client.url}/calendar?rdv=${RDV}`);
    await asked;
    await page.locator('.sync-line').waitFor();
    expect(await page.locator('.sync-line [data-reason]').count()).toBe(0);
  });
});
