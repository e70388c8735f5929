import postgres from 'postgres';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { freePortBase } from '../../local/ports.ts';
import { type Stack, startStack } from '../../local/stack.ts';
import { until } from '../local/bare_database.ts';
import { forgetConnections } from './forget_connections.ts';
import { comeBack, google, Person } from './person.ts';

const CLAIRE = 'claire@gmail.test';
const MARC = 'marc@gmail.test';

let stack: Stack;
let sql: postgres.Sql;
let claire: Person;
let marc: Person;
let app: string;

beforeAll(async () => {
  const portBase = freePortBase();
  stack = await startStack({ portBase, web: false, quiet: true });
  app = `http://127.0.0.1:${portBase + 4}`;
  sql = postgres(stack.adminDbUrl, { max: 1, onnotice: () => {} });
  claire = await Person.signIn(stack, 'claire@cabinet-lumiere.test');
  marc = await Person.signIn(stack, 'marc@cabinet-rivoli.test');
}, 120_000);

afterAll(async () => {
  await sql?.end();
  await stack?.stop();
});

/** Every test begins with nobody connected, and with a provider that has never heard of anybody. */
beforeEach(async () => {
  await forgetConnections(sql);
  await sql`delete from private.app_config where key = 'clock_offset'`;
  await google(stack, 'reset', {});
});

afterEach(async () => {
  const { violations } = await google(stack, 'state?only=violations');
  expect(violations).toEqual([]);
});

const settings = () => `${app}/settings/integrations/google-calendar`;
const refused = (code: string) => ({ status: 303, page: settings(), result: { result: 'error', code } });
const statusOf = async (person: Person) => (await person.call('google-connect/status')).body;
/** What is left of the connections' credentials. */
const storedTokens = async () => {
  const all = await sql`select public.integration_credential(id) as credential from public.calendar_integrations`;
  return all.filter(({ credential }) => credential?.accessToken || credential?.refreshToken);
};
const revocations = async () => {
  const { requests } = await google(stack, 'state?only=requests');
  return Object.values(requests.byMethod['oauth.revoke'] ?? {}).reduce((sum: number, count) => sum + Number(count), 0);
};

describe('two people of two practices', () => {
  test('connect two accounts, and each sees only their own', async () => {
    expect(await claire.connect(CLAIRE)).toEqual({ status: 303, page: settings(), result: { result: 'connected' } });
    expect((await marc.connect(MARC)).result).toEqual({ result: 'connected' });
    for (const [person, account] of [[claire, CLAIRE], [marc, MARC]] as const) {
      expect(await statusOf(person)).toMatchObject({
        connected: true,
        status: 'connected',
        account: { email: account },
        targetCalendar: { id: account },
        settings: { export_enabled: true },
        lastError: null,
      });
      const { body } = await person.call('google-connect/calendars');
      expect(body.calendars).toHaveLength(3);
      expect(body.calendars[0]).toEqual({
        id: account,
        name: account,
        primary: true,
        canWrite: true,
        timeZone: 'Europe/Paris',
        color: expect.stringMatching(/^#[0-9a-f]{6}$/),
      });
    }
  });

  test('cannot name the other’s practice or the other’s calendar', async () => {
    await claire.connect(CLAIRE);
    await marc.connect(MARC);
    const [lumiere] = await sql`select id from public.organisations where name = 'Cabinet Lumière'`;
    const elsewhere = await marc.call('google-connect/status', { headers: { 'x-organisation-id': lumiere!.id } });
    expect(elsewhere).toMatchObject({ status: 403, body: { error: 'FORBIDDEN' } });
    const theirs = await marc.call('google-connect/settings', {
      method: 'PATCH',
      body: { calendar_target_id: CLAIRE },
    });
    expect(theirs).toMatchObject({ status: 404, body: { error: 'CALENDAR_NOT_FOUND' } });
    expect((await statusOf(marc)).targetCalendar.id).toBe(MARC);
  });

  test('choose among their calendars, but never one that may only be read', async () => {
    await claire.connect(CLAIRE);
    const patch = (body: unknown) => claire.call('google-connect/settings', { method: 'PATCH', body });
    const cabinet = 'claire-cabinet@group.calendar.google.com';
    const team = 'claire-equipe@group.calendar.google.com';
    expect((await patch({ calendar_target_id: cabinet, event_detail: 'initials' })).body).toMatchObject({
      targetCalendar: { id: cabinet, name: 'Cabinet de Claire' },
      settings: { event_detail: 'initials', export_enabled: true },
    });
    expect(await patch({ calendar_target_id: team })).toMatchObject({
      status: 403,
      body: { error: 'CALENDAR_READ_ONLY' },
    });
    expect((await patch({ calendar_source_id: team })).body.sourceCalendar.id).toBe(team);
    expect(await patch({ status: 'connected' })).toMatchObject({ status: 400, body: { error: 'INVALID_REQUEST' } });
    expect((await statusOf(claire)).targetCalendar.id).toBe(cabinet);
  });
});

describe('a consent', () => {
  test('that is refused changes nothing', async () => {
    expect(await claire.connect(CLAIRE, { deny: true })).toEqual(refused('CONSENT_REFUSED'));
    expect((await statusOf(claire)).connected).toBe(false);
  });

  test('F23: with a box unticked connects nothing', async () => {
    const back = await claire.connect(CLAIRE, {
      scopes: 'openid email https://www.googleapis.com/auth/calendar.events',
    });
    expect(back).toEqual(refused('INSUFFICIENT_SCOPE'));
    expect((await statusOf(claire)).connected).toBe(false);
    expect(await sql`select 1 from public.calendar_integrations`).toHaveLength(0);
    expect(await revocations()).toBe(0);
  });

  test('is good for one callback', async () => {
    const { callback } = await claire.consent(CLAIRE);
    expect((await comeBack(callback)).result).toEqual({ result: 'connected' });
    expect(await comeBack(callback)).toEqual(refused('OAUTH_STATE_INVALID'));
    expect((await statusOf(claire)).connected).toBe(true);
  });

  test('whose callback comes twice at once connects once', async () => {
    const { callback } = await claire.consent(CLAIRE);
    const results = await Promise.all([comeBack(callback), comeBack(callback), comeBack(callback)]);
    expect(results.map(({ result }) => result.result).sort()).toEqual(['connected', 'error', 'error']);
    expect((await google(stack, 'state?only=requests')).requests.byMethod['oauth.token']).toEqual({ 200: 1 });
  });

  test('that was forged or has expired is refused, and its code stays unused', async () => {
    const { callback } = await claire.consent(CLAIRE);
    const forged = new URL(callback);
    forged.searchParams.set(
      'state',
      callback.searchParams.get('state')!.replace(/^./, (first) => first === 'A' ? 'B' : 'A'),
    );
    expect(await comeBack(forged)).toEqual(refused('OAUTH_STATE_INVALID'));
    await sql`insert into private.app_config (key, value) values ('clock_offset', '601 seconds')`;
    expect(await comeBack(callback)).toEqual(refused('OAUTH_STATE_INVALID'));
    const { requests } = await google(stack, 'state?only=requests');
    expect(requests.byMethod['oauth.token']).toBeUndefined();
  });

  test('begun in a browser ends in that browser only', async () => {
    const mine = await claire.consent(CLAIRE, { origin: app });
    const other = await marc.consent(MARC, { origin: app });
    expect(mine.cookie).toMatch(/^cassius_connect=/);
    expect(await comeBack(mine.callback, other.cookie)).toEqual(refused('OAUTH_STATE_INVALID'));
    expect((await comeBack(mine.callback, mine.cookie)).result).toEqual({ result: 'connected' });
  });

  test('whose browser lost its cookie is confirmed by the person, and by nobody else', async () => {
    const { callback } = await claire.consent(CLAIRE, { origin: app, redirectTo: '/calendar' });
    const { page, result } = await comeBack(callback);
    expect(page).toBe(settings());
    expect(result.result).toBe('confirm');
    expect((await statusOf(claire)).connected).toBe(false);
    const confirm = (person: Person) => person.call('google-connect/confirm', { body: { flow: result.flow } });
    expect(await confirm(marc)).toMatchObject({ status: 400, body: { error: 'OAUTH_STATE_INVALID' } });
    expect(await confirm(claire)).toMatchObject({ status: 200, body: { connected: true, redirectTo: '/calendar' } });
    expect((await confirm(claire)).body.error).toBe('OAUTH_STATE_INVALID');
  });

  test('of somebody who has left the practice meanwhile is refused', async () => {
    const { callback } = await claire.consent(CLAIRE);
    const [membership] = await sql`
      update public.organisation_members set user_id = null where user_id = ${claire.userId} returning id`;
    try {
      expect(await comeBack(callback)).toEqual(refused('OAUTH_STATE_INVALID'));
      expect((await claire.call('google-connect/status')).body.error).toBe('FORBIDDEN');
    } finally {
      await sql`update public.organisation_members set user_id = ${claire.userId} where id = ${membership!.id}`;
    }
  });

  test('F25: without a refresh token is enough only where one is stored for that account', async () => {
    await marc.connect(MARC);
    expect((await marc.connect(MARC, { unprompted: true })).result).toEqual({ result: 'connected' });
    expect(await claire.connect(MARC, { unprompted: true })).toEqual(refused('NEED_RECONSENT'));
    expect((await statusOf(claire)).connected).toBe(false);
    expect((await marc.call('google-connect/calendars')).status).toBe(200);
  });
});

describe('a grant', () => {
  test('F24: that two practices share is revoked when the last of them disconnects', async () => {
    await claire.connect(CLAIRE);
    await marc.connect(CLAIRE);
    const ended = await claire.call('google-connect/disconnect', { body: {} });
    expect(ended).toMatchObject({ status: 200, body: { state: 'disconnected', removing: 0 } });
    expect(await revocations()).toBe(0);
    expect((await marc.call('google-connect/calendars')).status).toBe(200);
    await marc.call('google-connect/disconnect', { body: {} });
    expect(await revocations()).toBe(1);
    const { accounts } = await google(stack, 'state?only=accounts');
    expect(accounts.find(({ email }: { email: string }) => email === CLAIRE)).toMatchObject({ refreshTokens: 0 });
    expect(await storedTokens()).toEqual([]);
  });

  test('F09: that ended at the provider is told to the person at once, and asked for no more', async () => {
    await claire.connect(CLAIRE);
    await google(stack, 'revoke', { email: CLAIRE });
    const first = await claire.call('google-connect/calendars', { headers: { 'accept-language': 'en' } });
    expect(first).toMatchObject({
      status: 409,
      body: { error: 'NEED_RECONSENT', step: 'list_calendars', googleCode: 'invalid_grant' },
    });
    expect(first.body.message).toContain('reconnect');
    expect(await statusOf(claire)).toMatchObject({
      status: 'reconnect_required',
      lastError: { code: 'NEED_RECONSENT' },
    });
    const asked = async () => (await google(stack, 'state?only=requests')).requests.byMethod['oauth.token'];
    const before = await asked();
    expect((await claire.call('google-connect/calendars')).body.error).toBe('NEED_RECONSENT');
    expect(await asked()).toEqual(before);
    expect((await claire.connect(CLAIRE)).result).toEqual({ result: 'connected' });
    expect(await statusOf(claire)).toMatchObject({ status: 'connected', lastError: null });
  });

  test('whose access token has expired is renewed without anybody noticing', async () => {
    await claire.connect(CLAIRE);
    // the first export would refresh too
    await until(
      async () =>
        (await sql`select 1 from private.sync_outbox o join public.calendar_integrations i on i.id = o.integration_id
        where o.parked_at is null`).length === 0,
      'the first export is over',
      20_000,
    );
    await google(stack, 'faults', {
      match: { method: 'calendarList.list' },
      nth: 1,
      action: { expireAccessTokens: true },
    });
    expect((await claire.call('google-connect/calendars')).status).toBe(200);
    const { requests } = await google(stack, 'state?only=requests');
    expect(requests.byMethod['oauth.token']).toEqual({ 200: 2 });
  });

  test('F10: whose provider ends the old refresh token at every refresh survives many askers at once', async () => {
    await claire.connect(CLAIRE);
    await google(stack, 'settings', { rotateRefreshTokens: true });
    await google(stack, 'faults', {
      match: { method: 'calendarList.list' },
      nth: 1,
      action: { expireAccessTokens: true },
    });
    const answers = await Promise.all(Array.from({ length: 8 }, () => claire.call('google-connect/calendars')));
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200));
    expect(await statusOf(claire)).toMatchObject({ status: 'connected', lastError: null });
  });

  test('of one practice is forgotten even if the provider cannot be told', async () => {
    await claire.connect(CLAIRE);
    await google(stack, 'faults', { match: { method: 'oauth.revoke' }, action: { html5xx: 503 } });
    expect((await claire.call('google-connect/disconnect', { body: {} })).status).toBe(200);
    expect((await statusOf(claire)).connected).toBe(false);
    expect(await storedTokens()).toEqual([]);
  });
});

describe('a caller who gets it wrong', () => {
  test.each([
    ['an unknown address', 'google-connect/nothing', {}, 404, 'NOT_FOUND'],
    ['a wrong method', 'google-connect/connect', {}, 405, 'METHOD_NOT_ALLOWED'],
    ['malformed JSON', 'google-connect/connect', { body: '{"redirectTo":' }, 400, 'INVALID_REQUEST'],
    [
      'a page elsewhere',
      'google-connect/connect',
      { body: { redirectTo: 'https://evil.test' } },
      400,
      'INVALID_REQUEST',
    ],
    [
      'a forged token',
      'google-connect/status',
      { headers: { authorization: 'Bearer e30.e30.AAAA' } },
      401,
      'UNAUTHENTICATED',
    ],
    ['nothing connected', 'google-connect/calendars', {}, 400, 'NOT_CONNECTED'],
  ])('with %s is told so in the one shape of errors', async (_case, path, options, status, error) => {
    const answer = await claire.call(path, options);
    expect(answer).toMatchObject({ status, body: { error, step: expect.any(String), message: expect.any(String) } });
    expect(answer.body.requestId).toBe(answer.headers.get('x-request-id'));
  });

  test('with no token at all is UNAUTHENTICATED, whatever key they have', async () => {
    for (const key of [stack.publishableKey, stack.secretKey]) {
      const answer = await fetch(`${stack.apiUrl}/functions/v1/google-connect/status`, { headers: { apikey: key } });
      expect(answer.status).toBe(401);
      expect((await answer.json()).error).toBe('UNAUTHENTICATED');
    }
  });
});

describe('what the functions print and store', () => {
  test('holds no token, code, state or address', async () => {
    const { callback, cookie } = await claire.consent(CLAIRE, { origin: app });
    await comeBack(callback, cookie);
    await claire.call('google-connect/settings', {
      method: 'PATCH',
      body: { calendar_target_id: 'unknown@nowhere.test' },
    });
    const [stored] = await sql`select to_jsonb(c)::text as text from private.credentials c`;
    const printed = stack.functionLogs();
    expect(printed).toContain('"function":"google-callback"');
    for (const secret of [callback.searchParams.get('state')!, callback.searchParams.get('code')!, claire.token, '@']) {
      expect(printed).not.toContain(secret);
    }
    expect(stored!.text).not.toContain('ya29');
    expect(stored!.text).not.toContain('1//');
  });

  test('every answer has the id under which its lines are logged', async () => {
    const answer = await claire.call('google-connect/nothing', {});
    expect(answer).toMatchObject({ status: 404, body: { error: 'NOT_FOUND' } });
    expect(answer.headers.get('x-request-id')).toBe(answer.body.requestId);
    expect(stack.functionLogs()).toContain(answer.body.requestId);
  });
});
