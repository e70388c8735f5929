/** What a person decides before, while and after an account is connected. The page is the built one; the service is a stub. */
import axe from 'axe-core';
import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { WAIT } from '../patience.ts';
import { refusal, SESSION, STATUS, StubService, UNSTARTED } from './stub_service.ts';
import { StubbedClient } from './stubbed_client.ts';

const PAGE = '/settings/integrations/google-calendar';
const STATUS_CALL = 'GET functions/v1/google-connect/status';
const SETTINGS_CALL = 'PATCH functions/v1/google-connect/settings';
const CONFIRM_CALL = 'POST functions/v1/google-connect/confirm';
const SWITCH_CALL = 'POST functions/v1/google-connect/switch';
const DISCONNECT_CALL = 'POST functions/v1/google-connect/disconnect';
const ACCOUNT = STATUS.account.email;
const OTHER = 'claire.perso@gmail.test';
const SECRET = 'c29tZS1zZWNyZXQtb2YtdGhlLWNhbGxiYWNrLTMyLWJ5dA';
const WIDTHS = [360, 768, 1440] as const;

let client: StubbedClient;
let service: StubService;
let page: Page;
let complaints: readonly string[];

beforeAll(async () => {
  client = await StubbedClient.start();
});

afterAll(() => client?.stop());

async function visit(options: { signedIn?: boolean; locale?: string } = {}): Promise<void> {
  ({ page, service, complaints } = await client.visit(options));
}

beforeEach(() => visit());
afterEach(() => expect(complaints).toEqual([]));

const open = (path = PAGE) => page.goto(client.url + path);
const is = (status: unknown) => service.answer(STATUS_CALL, { body: status });
const button = (name: string | RegExp, within: Page | Locator = page) =>
  within.getByRole('button', { name, exact: true });
const card = () => page.getByRole('form', { name: /^(Ce que Cassius va écrire|What Cassius will write)$/ });
const start = () => button(/^(Commencer|Start)$/, card());
const dialog = () => page.getByRole('dialog');
const focused = (target: Locator) => target.evaluate((element) => element === document.activeElement);

/** Goes to a control as the keyboard does. */
async function reach(target: Locator): Promise<void> {
  await target.waitFor();
  for (let presses = 0; presses < 150; presses++) {
    if (await focused(target)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Reach ${target}: Tab never comes there`);
}

/** What is read out after a control's name. */
const describedBy = (target: Locator) =>
  target.evaluate((element) =>
    (element.getAttribute('aria-describedby') ?? '').split(' ').map((id) => document.getElementById(id)?.textContent)
      .join(' ')
  );

async function choose(target: string | null, detail: string | null): Promise<void> {
  const select = card().getByLabel(/^(Agenda cible|Target calendar)/);
  await expect.poll(() => select.isEnabled(), WAIT).toBe(true);
  if (target !== null) await select.selectOption(target);
  if (detail !== null) await card().getByRole('radio', { name: detail }).check();
}

async function violations(): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() =>
    (globalThis as unknown as { axe: typeof axe }).axe.run(document, { resultTypes: ['violations'] })
  );
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`));
}

/** Nothing that axe finds and nothing wider than its window, at every width and in both themes. */
async function wellMade(): Promise<void> {
  const wrong: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 900 });
      wrong.push(...(await violations()).map((one) => `${width} ${colorScheme} ${one}`));
      if (await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)) wrong.push(`${width} too wide`);
    }
  }
  expect(wrong).toEqual([]);
}

describe('the start', () => {
  beforeEach(() => is(UNSTARTED));

  test('nothing is sent before « Commencer », whatever is chosen', async () => {
    await open();
    await choose(ACCOUNT, 'Initiales');
    await card().getByRole('radio', { name: 'Tout le cabinet' }).check();
    await start().waitFor();
    const written = service.calls.filter((call) => /^(POST|PATCH) functions/.test(call));
    expect(written).toEqual([]);
    await start().click();
    await expect.poll(() => service.bodies(SETTINGS_CALL), WAIT).toEqual([{
      calendar_target_id: ACCOUNT,
      scope: 'organisation',
      event_detail: 'initials',
      export_enabled: true,
    }]);
  });

  test('no level and no calendar is preselected, and the account is named', async () => {
    await open();
    await card().getByText(`Rien n’a été envoyé vers ${ACCOUNT}`).waitFor();
    const levels = card().getByRole('group', { name: 'Niveau de détail' }).getByRole('radio');
    expect(await levels.count()).toBe(3);
    for (const level of await levels.all()) expect(await level.isChecked()).toBe(false);
    const target = card().getByLabel('Agenda cible');
    await expect.poll(() => target.isEnabled(), WAIT).toBe(true);
    expect(await target.inputValue()).toBe('');
    expect(await target.locator('option:checked').textContent()).toBe('Choisissez un agenda');
    const source = page.getByRole('form', { name: 'Importer depuis Google' }).getByLabel('Agenda source');
    expect(await source.inputValue()).toBe('');
  });

  test('every level shows the event that it makes before one is chosen', async () => {
    await open();
    const preview = (detail: string) => card().locator(`.event-preview[data-detail="${detail}"]`).textContent();
    await card().waitFor();
    expect(await preview('full')).toContain('Amélie Rousseau');
    expect(await preview('full')).toContain('Bilan annuel');
    expect(await preview('initials')).toContain('A. R.');
    expect(await preview('initials')).not.toMatch(/Rousseau|Bilan/);
    expect(await preview('busy')).not.toMatch(/Rousseau|A\. R\.|Consultation|Salle/);
    // It is read out with the level that makes it.
    expect(await describedBy(card().getByRole('radio', { name: /^Complet/ }))).toContain('Amélie Rousseau');
  });

  test.each([
    [null, null, 'Il reste à choisir : l’agenda cible, le niveau de détail.', 'target'],
    [null, 'Occupé', 'Il reste à choisir : l’agenda cible.', 'target'],
    [ACCOUNT, null, 'Il reste à choisir : le niveau de détail.', 'detail'],
  ])(
    'with %s and %s it cannot be started, says why, and leads to what is missing',
    async (target, detail, why, where) => {
      await open();
      await choose(target, detail);
      expect(await start().isDisabled()).toBe(true);
      expect((await describedBy(start())).replaceAll('\u00a0', ' ')).toBe(why);
      await reach(start());
      await page.keyboard.press('Enter');
      const missing = where === 'target'
        ? card().getByLabel('Agenda cible')
        : card().getByRole('group', { name: 'Niveau de détail' }).getByRole('radio').first();
      await expect.poll(() => focused(missing), WAIT).toBe(true);
      expect(service.count(SETTINGS_CALL)).toBe(0);
    },
  );

  test('it works by keyboard alone, and the focus goes on to what it began', async () => {
    await open();
    const target = card().getByLabel('Agenda cible');
    await expect.poll(() => target.isEnabled(), WAIT).toBe(true);
    await reach(target);
    await page.keyboard.press('ArrowDown');
    expect(await target.inputValue()).toBe(ACCOUNT);
    await reach(card().getByRole('radio', { name: 'Mes rendez-vous' }));
    await reach(card().getByRole('radio', { name: /^Complet/ }));
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    expect(await card().getByRole('radio', { name: /^Occupé/ }).isChecked()).toBe(true);
    await reach(start());
    const settings = { ...STATUS.settings, event_detail: 'busy' };
    service.answer(SETTINGS_CALL, { body: { ...STATUS, settings } });
    is({ ...STATUS, settings });
    await page.keyboard.press('Enter');
    await page.getByText('L’envoi de vos rendez-vous a commencé').waitFor();
    expect(service.bodies(SETTINGS_CALL)).toMatchObject([{ event_detail: 'busy', scope: 'practitioner' }]);
    expect(await focused(page.getByRole('heading', { name: 'Synchronisation' }))).toBe(true);
  });

  test('a practitioner may choose their own appointments only, and is told why', async () => {
    const membership = {
      id: '10000000-0000-4000-8000-00000000000b',
      role: 'practitioner',
      display_name: 'Dr Antoine Lefebvre',
      initials: null,
      color: 2,
      organisation: {
        id: '10000000-0000-4000-8000-000000000001',
        name: 'Cabinet Lumière',
        timezone: 'Europe/Paris',
        event_title_template: '{patient}',
        event_language: 'fr',
        default_duration_minutes: 30,
      },
    };
    service.answer('GET rest/v1/organisation_members', { body: [membership] });
    await open();
    const whole = card().getByRole('radio', { name: 'Tout le cabinet' });
    expect(await whole.isDisabled()).toBe(true);
    await card().getByText('Réservé aux administrateurs et au secrétariat.').waitFor();
  });

  test('a refusal is a sentence, and what was chosen stays', async () => {
    service.answer(SETTINGS_CALL, refusal(400, 'NO_EVENT_DETAIL', 'Aucun niveau de détail n’est choisi'));
    await open();
    await choose(ACCOUNT, 'Complet');
    await start().click();
    await page.locator('.notices').getByRole('alert').getByText('Aucun niveau de détail n’est choisi').waitFor();
    expect(await card().getByRole('radio', { name: /^Complet/ }).isChecked()).toBe(true);
    expect(await start().isEnabled()).toBe(true);
  });

  test('how many appointments will go is known before they do, for the scope that is chosen', async () => {
    const asked: string[] = [];
    page.on('request', (request) => void (request.method() === 'HEAD' && asked.push(request.url())));
    service.answer('HEAD rest/v1/rdv', { headers: { 'content-range': '0-30/31' } });
    await open();
    await choose(ACCOUNT, 'Complet');
    await card().getByText(`31 rendez-vous à venir iront vers ${ACCOUNT}`).waitFor();
    expect(asked.at(-1)).toContain('practitioner_id=eq.');
    service.answer('HEAD rest/v1/rdv', { headers: { 'content-range': '0-89/90' } });
    await card().getByRole('radio', { name: 'Tout le cabinet' }).check();
    await card().getByText(`90 rendez-vous à venir iront vers ${ACCOUNT}`).waitFor();
    expect(asked.at(-1)).not.toContain('practitioner_id');
  });

  test('after a reconnection the earlier choices are there, and still wait for « Commencer »', async () => {
    is({ ...STATUS, settings: { ...STATUS.settings, export_enabled: false, event_detail: 'initials' } });
    await open();
    await card().getByText('Les 12 événements déjà écrits y restent').waitFor();
    const target = card().getByLabel('Agenda cible');
    await expect.poll(() => target.isEnabled(), WAIT).toBe(true);
    expect(await target.inputValue()).toBe(ACCOUNT);
    expect(await card().getByRole('radio', { name: /^Initiales/ }).isChecked()).toBe(true);
    expect(await button('Synchroniser maintenant').count()).toBe(0);
    expect(service.count(SETTINGS_CALL)).toBe(0);
    await start().click();
    await expect.poll(() => service.count(SETTINGS_CALL), WAIT).toBe(1);
  });

  test('the overview does not take an account that was only connected for one that works', async () => {
    const integration = {
      id: '30000000-0000-4000-8000-000000000001',
      user_id: SESSION.user.id,
      provider: 'google',
      account_email: ACCOUNT,
      status: 'connected',
      export_enabled: false,
      import_enabled: false,
      last_sync_at: null,
      created_at: new Date().toISOString(),
      disconnected_at: null,
      removing_events_since: null,
    };
    service.answer('GET rest/v1/calendar_integrations', { body: [integration] });
    await open('/settings/integrations');
    await page.locator('[data-provider="google"]').getByText('Rien n’est envoyé').waitFor();
  });

  test('an import needs a calendar that the person chose', async () => {
    await open();
    const form = page.getByRole('form', { name: 'Importer depuis Google' });
    await form.getByRole('switch').check();
    const save = button('Enregistrer', form);
    expect(await save.isDisabled()).toBe(true);
    expect(await describedBy(save)).toBe('Choisissez d’abord l’agenda source.');
    const source = form.getByLabel('Agenda source');
    await expect.poll(() => source.isEnabled(), WAIT).toBe(true);
    await reach(save);
    await page.keyboard.press('Enter');
    expect(await focused(source)).toBe(true);
    expect(service.count(SETTINGS_CALL)).toBe(0);
    await source.selectOption(ACCOUNT);
    await save.click();
    await expect.poll(() => service.bodies(SETTINGS_CALL), WAIT)
      .toEqual([{ calendar_source_id: ACCOUNT, import_enabled: true }]);
  });

  test.each(['fr-FR', 'en-GB'])('in %s it fits every window, in both themes, without a fault', async (locale) => {
    await visit({ locale });
    is(UNSTARTED);
    await open();
    await start().waitFor();
    await wellMade();
  });
});

describe('the secret of a held consent', () => {
  const LANDING = `${PAGE}?result=confirm#confirm=${SECRET}`;

  /** Notes the address at the moment of everything that the page asks of the service. */
  async function noteAddresses(): Promise<() => Promise<string[]>> {
    await page.addInitScript(() => {
      const asked: string[] = [];
      Object.assign(globalThis, { asked });
      const send = globalThis.fetch;
      globalThis.fetch = (...given) => {
        asked.push(location.href);
        return send(...given);
      };
    });
    return () => page.evaluate(() => (globalThis as unknown as { asked: string[] }).asked);
  }

  /** Everywhere that a later reader could find something in. */
  const kept = () =>
    page.evaluate(() =>
      JSON.stringify([location.href, history.state, { ...localStorage }, { ...sessionStorage }, document.cookie])
    );

  beforeEach(() => service.answer(CONFIRM_CALL, { body: { ...UNSTARTED, redirectTo: null } }));

  test('leaves the address before anything is asked, is sent once and kept nowhere', async () => {
    is(UNSTARTED);
    const addresses = await noteAddresses();
    await open('/settings/profile');
    await open(LANDING);
    await page.getByText('Google est connecté').waitFor();
    expect(service.bodies(CONFIRM_CALL)).toEqual([{ secret: SECRET }]);
    expect((await addresses()).length).toBeGreaterThan(0);
    expect((await addresses()).filter((address) => address.includes('confirm='))).toEqual([]);
    expect(await kept()).not.toContain(SECRET);
    expect(page.url()).toBe(client.url + PAGE);
    // A step back and forth finds nothing either.
    await page.goBack();
    await page.goForward();
    expect(page.url()).toBe(client.url + PAGE);
  });

  test('survives signing in on the way, without any storage', async () => {
    await visit({ signedIn: false });
    service.answer(CONFIRM_CALL, { body: { ...UNSTARTED, redirectTo: null } });
    is(UNSTARTED);
    await open(LANDING);
    await page.getByRole('heading', { name: 'Se connecter' }).waitFor();
    expect(await kept()).not.toContain(SECRET);
    await page.getByLabel('Adresse e-mail').fill('claire@cabinet-lumiere.test');
    await page.getByLabel('Mot de passe').fill('demo-password');
    await button('Se connecter').click();
    await page.getByText('Google est connecté').waitFor();
    expect(service.bodies(CONFIRM_CALL)).toEqual([{ secret: SECRET }]);
    expect(await kept()).not.toContain(SECRET);
  });

  test('that the service refuses is told, with the way to start again', async () => {
    service.answer(CONFIRM_CALL, refusal(400, 'OAUTH_STATE_INVALID', 'Cette demande de connexion n’est plus valable'));
    is({ ...UNSTARTED, connected: false });
    await open(LANDING);
    const told = page.getByRole('region', { name: 'La connexion n’a pas abouti' });
    await told.getByText('a été commencée par quelqu’un d’autre').waitFor();
    await button('Connecter Google', told).waitFor();
  });

  test('that is no longer there is told the same, and nothing is asked', async () => {
    is({ ...UNSTARTED, connected: false });
    await open(`${PAGE}?result=confirm`);
    await page.getByRole('region', { name: 'La connexion n’a pas abouti' }).waitFor();
    expect(service.count(CONFIRM_CALL)).toBe(0);
  });
});

describe('another account than before', () => {
  const waiting = { ...STATUS, pendingAccount: { email: OTHER } };
  const choice = (name: string | RegExp) => dialog().getByRole('radio', { name });

  test('both are named, nothing is decided for the person, and the address is clean', async () => {
    is(waiting);
    await open(`${PAGE}?result=other_account`);
    await dialog().getByText(`Vous avez autorisé ${OTHER}, mais c’est ${ACCOUNT} qui est relié`).waitFor();
    expect(page.url()).toBe(client.url + PAGE);
    for (const radio of await dialog().getByRole('radio').all()) expect(await radio.isChecked()).toBe(false);
    expect(await button('Confirmer', dialog()).isDisabled()).toBe(true);
    expect(service.count(SWITCH_CALL)).toBe(0);
  });

  test.each(
    [
      [/^Remplacer, et retirer d’abord les 12 événements/, 'remove_and_replace'],
      [/^Remplacer, et laisser les 12 événements/, 'replace'],
      [`Garder ${ACCOUNT}`, 'keep'],
    ] as const,
  )('%s does just that, by keyboard alone', async (name, action) => {
    is(waiting);
    await open();
    await reach(choice(/^Remplacer, et retirer/));
    const down = { remove_and_replace: 0, replace: 1, keep: 2 }[action];
    await page.keyboard.press('Space');
    for (let presses = 0; presses < down; presses++) await page.keyboard.press('ArrowDown');
    expect(await choice(name).isChecked()).toBe(true);
    const answer = { ...STATUS, account: { email: action === 'keep' ? ACCOUNT : OTHER } };
    service.answer(SWITCH_CALL, { body: answer });
    is(answer);
    await reach(button('Confirmer', dialog()));
    await page.keyboard.press('Enter');
    await dialog().waitFor({ state: 'detached' });
    expect(service.bodies(SWITCH_CALL)).toEqual([{ action }]);
    await page.getByRole('region', { name: 'Connexion' }).getByText(answer.account.email).first().waitFor();
  });

  test('put off, it still waits, and can be decided later', async () => {
    is(waiting);
    await open();
    await dialog().waitFor();
    await page.keyboard.press('Escape');
    await dialog().waitFor({ state: 'detached' });
    await page.getByText(`${OTHER} attend votre décision.`).waitFor();
    await button('Décider').click();
    await dialog().waitFor();
    expect(service.count(SWITCH_CALL)).toBe(0);
  });

  test.each([
    ['whose access has ended', { status: 'reconnect_required' }],
    ['that was disconnected', { connected: false }],
  ])('events of an account %s cannot be removed, and that is explained', async (_, change) => {
    is({ ...waiting, ...change });
    await open();
    expect(await choice(/^Remplacer, et retirer d’abord/).isDisabled()).toBe(true);
    await dialog().getByText(`Cassius n’a plus accès à ${ACCOUNT}`).waitFor();
  });

  test('a refusal by the service is told in the dialog', async () => {
    is(waiting);
    service.answer(SWITCH_CALL, refusal(409, 'NEED_RECONSENT', 'L’accès à l’agenda a pris fin'));
    await open();
    await choice(/^Remplacer, et retirer/).check();
    await button('Confirmer', dialog()).click();
    await dialog().getByRole('alert').getByText('L’accès à l’agenda a pris fin').waitFor();
  });

  test('while the events of the first are being removed it asks nothing and says what comes next', async () => {
    is({ ...waiting, connected: false, removingEvents: true });
    await open();
    await page.getByText(`Les événements de ${ACCOUNT} sont en cours de suppression ; ${OTHER} sera ensuite relié.`)
      .waitFor();
    expect(await dialog().count()).toBe(0);
  });

  test('the dialog fits every window, in both themes, without a fault', async () => {
    is({ ...waiting, status: 'reconnect_required' });
    await open();
    await dialog().waitFor();
    await wellMade();
  });
});

describe('disconnecting', () => {
  test('names the account, counts what stays there, and removes nothing unless asked to', async () => {
    await open();
    await button('Déconnecter').click();
    await dialog().getByRole('heading', { name: `Déconnecter ${ACCOUNT}` }).waitFor();
    await dialog().getByText('12 événements de Cassius y restent').waitFor();
    expect(await dialog().getByRole('checkbox').isChecked()).toBe(false);
    service.answer(DISCONNECT_CALL, { body: { state: 'disconnected', removing: 0 } });
    await button('Déconnecter', dialog()).click();
    await expect.poll(() => service.bodies(DISCONNECT_CALL), WAIT).toEqual([{ removeEvents: false }]);
  });

  test('with nothing there, offers nothing to remove', async () => {
    is({ ...STATUS, eventsInAccount: 0 });
    await open();
    await button('Déconnecter').click();
    await dialog().getByText('Aucun événement de Cassius ne s’y trouve.').waitFor();
    expect(await dialog().getByRole('checkbox').count()).toBe(0);
  });

  test('without access, says why the events cannot be removed', async () => {
    is({ ...STATUS, status: 'reconnect_required' });
    await open();
    await button('Déconnecter').click();
    expect(await dialog().getByRole('checkbox').isDisabled()).toBe(true);
    await dialog().getByText('l’accès au compte a pris fin').waitFor();
    await wellMade();
  });
});

describe('a pause', () => {
  test.each(
    [
      ['all', 'La synchronisation est suspendue pour tous les cabinets.'],
      ['practice', 'La synchronisation est suspendue pour votre cabinet.'],
      ['provider', 'La synchronisation avec Google Agenda est suspendue.'],
    ] as const,
  )('of %s is a sentence, and what cannot be pressed says so', async (paused, sentence) => {
    is({ ...STATUS, paused });
    await open();
    await page.getByText(sentence).waitFor();
    for (const name of ['Synchroniser maintenant', 'Aperçu', 'Importer maintenant']) {
      expect(await button(name).isDisabled()).toBe(true);
      expect(await describedBy(button(name))).toBe('Suspendu pour le moment.');
    }
  });

  test('the page of it fits every window, in both themes, without a fault', async () => {
    is({ ...STATUS, paused: 'all' });
    await open();
    await button('Synchroniser maintenant').waitFor();
    await wellMade();
  });
});

test('an access that can no longer be read is told for what it is', async () => {
  is({ ...STATUS, status: 'reconnect_required', lastError: { code: 'CREDENTIAL_UNREADABLE', message: null } });
  await open();
  await page.getByText(`L’autorisation enregistrée pour ${ACCOUNT} ne peut plus être lue`).waitFor();
  await button('Reconnecter Google').waitFor();
});
