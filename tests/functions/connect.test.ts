import { describe, expect, test } from 'vitest';
import { until } from '../local/bare_database.ts';
import { OutboundWorld } from './outbound_world.ts';
import { comeBack, type Person } from './person.ts';
import { STAGES } from './stages.ts';

const world = new OutboundWorld();

describe.each(STAGES)('%s', (name, stage) => {
  world.at(stage);
  /** Where people use the product. */
  const app = () => `http://127.0.0.1:${Number(new URL(world.stack.apiUrl).port) + 4}`;
  const settings = () => `${app()}/settings/integrations/${name}-calendar`;
  const refused = (code: string) => ({ status: 303, page: settings(), result: { result: 'error', code } });
  const statusOf = async (person: Person) => (await person.use('connect/status')).body;
  /** What is left of the connections' credentials. */
  const storedTokens = async () => {
    const all = await world
      .sql`select public.integration_credential(id) as credential from public.calendar_integrations`;
    return all.filter(({ credential }) => credential?.accessToken || credential?.refreshToken);
  };
  const revocations = async () => {
    const { requests } = await world.emulator.control('state?only=requests');
    return Object.values(requests.byMethod['oauth.revoke'] ?? {}).reduce(
      (sum: number, count) => sum + Number(count),
      0,
    );
  };

  describe('two people of two practices', () => {
    test('connect two accounts, and each sees only their own', async () => {
      expect(await world.claire.grant(stage.claire.email)).toEqual({
        status: 303,
        page: settings(),
        result: { result: 'connected' },
      });
      expect((await world.marc.grant(stage.marc.email)).result).toEqual({ result: 'connected' });
      for (const [person, account] of [[world.claire, stage.claire], [world.marc, stage.marc]] as const) {
        expect(await statusOf(person)).toMatchObject({
          connected: true,
          status: 'connected',
          account: { email: account.email },
          lastError: null,
        });
        const { body } = await person.use('connect/calendars');
        expect(body.calendars).toHaveLength(3);
        expect(body.calendars[0]).toEqual(stage.firstCalendar(account));
      }
    });

    test('cannot name the other’s practice or the other’s calendar', async () => {
      await world.claire.connect(stage.claire.email);
      await world.marc.connect(stage.marc.email);
      const [lumiere] = await world.sql`select id from public.organisations where name = 'Cabinet Lumière'`;
      const elsewhere = await world.marc.use('connect/status', { headers: { 'x-organisation-id': lumiere!.id } });
      expect(elsewhere).toMatchObject({ status: 403, body: { error: 'FORBIDDEN' } });
      const theirs = await world.marc.use('connect/settings', {
        method: 'PATCH',
        body: { calendar_target_id: stage.claire.calendar },
      });
      expect(theirs).toMatchObject({ status: 404, body: { error: 'CALENDAR_NOT_FOUND' } });
      expect((await statusOf(world.marc)).targetCalendar.id).toBe(stage.marc.calendar);
    });

    test('choose among their calendars, but never one that may only be read', async () => {
      await world.claire.connect(stage.claire.email);
      const patch = (body: unknown) => world.claire.use('connect/settings', { method: 'PATCH', body });
      const { second: cabinet, team } = stage.claire;
      expect((await patch({ calendar_target_id: cabinet, event_detail: 'initials' })).body).toMatchObject({
        targetCalendar: { id: cabinet, name: stage.secondName },
        settings: { event_detail: 'initials', export_enabled: true },
      });
      expect(await patch({ calendar_target_id: team })).toMatchObject({
        status: 403,
        body: { error: 'CALENDAR_READ_ONLY' },
      });
      expect((await patch({ calendar_source_id: team })).body.sourceCalendar.id).toBe(team);
      expect(await patch({ status: 'connected' })).toMatchObject({ status: 400, body: { error: 'INVALID_REQUEST' } });
      expect((await statusOf(world.claire)).targetCalendar.id).toBe(cabinet);
    });
  });

  describe('a consent', () => {
    test('that is refused changes nothing', async () => {
      expect(await world.claire.connect(stage.claire.email, { deny: true })).toEqual(refused('CONSENT_REFUSED'));
      expect((await statusOf(world.claire)).connected).toBe(false);
    });

    test('F23: with a box unticked connects nothing', async () => {
      const back = await world.claire.connect(stage.claire.email, {
        scopes: stage.narrowScopes,
      });
      expect(back).toEqual(refused('INSUFFICIENT_SCOPE'));
      expect((await statusOf(world.claire)).connected).toBe(false);
      expect(await world.sql`select 1 from public.calendar_integrations`).toHaveLength(0);
      expect(await revocations()).toBe(0);
    });

    test('is good for one callback', async () => {
      const { callback } = await world.claire.consent(stage.claire.email);
      expect((await comeBack(callback)).result).toEqual({ result: 'connected' });
      expect(await comeBack(callback)).toEqual(refused('OAUTH_STATE_INVALID'));
      expect((await statusOf(world.claire)).connected).toBe(true);
    });

    test('whose callback comes twice at once connects once', async () => {
      const { callback } = await world.claire.consent(stage.claire.email);
      const results = await Promise.all([comeBack(callback), comeBack(callback), comeBack(callback)]);
      expect(results.map(({ result }) => result.result).sort()).toEqual(['connected', 'error', 'error']);
      expect((await world.emulator.control('state?only=requests')).requests.byMethod['oauth.token']).toEqual({
        200: 1,
      });
    });

    test('that was forged or has expired is refused, and its code stays unused', async () => {
      const { callback } = await world.claire.consent(stage.claire.email);
      const forged = new URL(callback);
      forged.searchParams.set(
        'state',
        callback.searchParams.get('state')!.replace(/^./, (first) => first === 'A' ? 'B' : 'A'),
      );
      expect(await comeBack(forged)).toEqual(refused('OAUTH_STATE_INVALID'));
      await world.sql`insert into private.app_config (key, value) values ('clock_offset', '601 seconds')`;
      expect(await comeBack(callback)).toEqual(refused('OAUTH_STATE_INVALID'));
      const { requests } = await world.emulator.control('state?only=requests');
      expect(requests.byMethod['oauth.token']).toBeUndefined();
    });

    test('begun in a browser ends in that browser only', async () => {
      const mine = await world.claire.consent(stage.claire.email, { origin: app() });
      const other = await world.marc.consent(stage.marc.email, { origin: app() });
      expect(mine.cookie).toMatch(/^cassius_connect=/);
      expect(await comeBack(mine.callback, other.cookie)).toEqual(refused('OAUTH_STATE_INVALID'));
      expect((await comeBack(mine.callback, mine.cookie)).result).toEqual({ result: 'connected' });
    });

    test('of somebody who has left the practice meanwhile is refused', async () => {
      const { callback } = await world.claire.consent(stage.claire.email);
      // A practice keeps one administrator.
      const [deputy] = await world.sql`
        with login as (
          insert into auth.users (id, email) values (gen_random_uuid(), 'deputy@cabinet-lumiere.test') returning id
        )
        insert into public.organisation_members (organisation_id, user_id, role, display_name)
        select ${world.lumiere.organisationId}, login.id, 'admin', 'Adjointe' from login returning id, user_id`;
      const [membership] = await world.sql`
      update public.organisation_members set user_id = null where user_id = ${world.claire.userId} returning id`;
      try {
        expect(await comeBack(callback)).toEqual(refused('OAUTH_STATE_INVALID'));
        expect((await world.claire.use('connect/status')).body.error).toBe('FORBIDDEN');
      } finally {
        await world.sql`update public.organisation_members set user_id = ${world.claire.userId} where id = ${
          membership!.id
        }`;
        await world.sql`delete from public.organisation_members where id = ${deputy!.id}`;
        await world.sql`delete from auth.users where id = ${deputy!.user_id}`;
      }
    });

    test('F25: without a refresh token is enough only where one is stored for that account', async () => {
      const { prepare, consent } = stage.withoutRefreshToken;
      const connect = async (person: Person) => {
        await prepare(world.emulator);
        return await person.connect(stage.marc.email, consent);
      };
      await world.marc.connect(stage.marc.email);
      expect((await connect(world.marc)).result).toEqual({ result: 'connected' });
      expect(await connect(world.claire)).toEqual(refused('NEED_RECONSENT'));
      expect((await statusOf(world.claire)).connected).toBe(false);
      expect((await world.marc.use('connect/calendars')).status).toBe(200);
    });
  });

  describe('a grant', () => {
    // Where it cannot be revoked, it ends by being forgotten here, and in the person's account pages.
    test('F24: that two practices share is revoked when the last of them disconnects', async () => {
      await world.claire.connect(stage.claire.email);
      await world.marc.connect(stage.claire.email);
      const ended = await world.claire.use('connect/disconnect', { body: {} });
      expect(ended).toMatchObject({ status: 200, body: { state: 'disconnected', removing: 0 } });
      expect(await revocations()).toBe(0);
      expect((await world.marc.use('connect/calendars')).status).toBe(200);
      await world.marc.use('connect/disconnect', { body: {} });
      expect(await revocations()).toBe(stage.can.revoke ? 1 : 0);
      if (stage.can.revoke) {
        const { accounts } = await world.emulator.control('state?only=accounts');
        const account = accounts.find(({ email }: { email: string }) => email === stage.claire.email);
        expect(account).toMatchObject({ refreshTokens: 0 });
      }
      expect(await storedTokens()).toEqual([]);
    });

    test('F09: that ended at the provider is told to the person at once, and asked for no more', async () => {
      await world.claire.connect(stage.claire.email);
      await world.emulator.control('revoke', { email: stage.claire.email });
      const first = await world.claire.use('connect/calendars', { headers: { 'accept-language': 'en' } });
      expect(first).toMatchObject({
        status: 409,
        body: { error: 'NEED_RECONSENT', step: 'list_calendars', [`${name}Code`]: stage.deadGrantCode },
      });
      expect(first.body.message).toContain('reconnect');
      expect(await statusOf(world.claire)).toMatchObject({
        status: 'reconnect_required',
        lastError: { code: 'NEED_RECONSENT' },
      });
      const asked = async () => (await world.emulator.control('state?only=requests')).requests.byMethod['oauth.token'];
      const before = await asked();
      expect((await world.claire.use('connect/calendars')).body.error).toBe('NEED_RECONSENT');
      expect(await asked()).toEqual(before);
      expect((await world.claire.connect(stage.claire.email)).result).toEqual({ result: 'connected' });
      expect(await statusOf(world.claire)).toMatchObject({ status: 'connected', lastError: null });
    });

    test('whose access token has expired is renewed without anybody noticing', async () => {
      await world.claire.connect(stage.claire.email);
      // the first export would refresh too
      await until(
        async () =>
          (await world
            .sql`select 1 from private.sync_outbox o join public.calendar_integrations i on i.id = o.integration_id
        where o.parked_at is null`).length === 0,
        'the first export is over',
      );
      await world.fault('calendars', { expireAccessTokens: true }, { nth: 1 });
      expect((await world.claire.use('connect/calendars')).status).toBe(200);
      const { requests } = await world.emulator.control('state?only=requests');
      expect(requests.byMethod['oauth.token']).toEqual({ 200: 2 });
    });

    test('F10: whose provider ends the old refresh token at every refresh survives many askers at once', async () => {
      await world.claire.connect(stage.claire.email);
      await world.switch(stage.switches.rotating);
      await world.fault('calendars', { expireAccessTokens: true }, { nth: 1 });
      const answers = await Promise.all(Array.from({ length: 8 }, () => world.claire.use('connect/calendars')));
      expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200));
      expect(await statusOf(world.claire)).toMatchObject({ status: 'connected', lastError: null });
    });

    // Where nothing can be revoked, nothing can fail to be.
    test.runIf(stage.can.revoke)('of one practice is forgotten even if the provider cannot be told', async () => {
      await world.claire.connect(stage.claire.email);
      await world.emulator.control('faults', { match: { method: 'oauth.revoke' }, action: { html5xx: 503 } });
      expect((await world.claire.use('connect/disconnect', { body: {} })).status).toBe(200);
      expect((await statusOf(world.claire)).connected).toBe(false);
      expect(await storedTokens()).toEqual([]);
    });
  });

  // One refusal of a refresh (AADSTS70000) has been followed by success minutes later.
  describe.runIf(stage.can.refuseLightly)('a refusal of the refresh', () => {
    const refreshes = async () => (await world.calls('refresh')).slice(1).map(({ status }) => status);
    /** Connected, with an access token that has run out and a token endpoint that answers with these numbers. */
    async function refusedWith(...numbers: number[]): Promise<void> {
      await world.claire.connect(stage.claire.email);
      await world.settled();
      await world.sql`update private.credentials set access_expires_at = now() where true`;
      for (const [at, aadsts] of numbers.entries()) await world.fault('refresh', { aadsts }, { nth: at + 1 });
    }

    test('that proves little disconnects nobody: asked again, the provider agrees', async () => {
      await refusedWith(70000);
      expect((await world.claire.use('connect/calendars')).status).toBe(200);
      expect(await refreshes()).toEqual([400, 200]);
      expect(await statusOf(world.claire)).toMatchObject({ status: 'connected', lastError: null });
    });

    test('that proves little keeps no appointment waiting', async () => {
      await refusedWith(70000);
      await world.book(world.lumiere);
      await world.settled();
      expect(await world.live()).toHaveLength(1);
      expect(await statusOf(world.claire)).toMatchObject({ status: 'connected', failed: 0, lastError: null });
    });

    test('that is given twice is believed', async () => {
      await refusedWith(70000, 70000);
      const answer = await world.claire.use('connect/calendars');
      expect(answer).toMatchObject({ status: 409, body: { error: 'NEED_RECONSENT', [`${name}Code`]: 'AADSTS70000' } });
      expect(await refreshes()).toEqual([400, 400]);
      expect(await statusOf(world.claire)).toMatchObject({ status: 'reconnect_required' });
    });

    test.each([
      ['a grant that was revoked', 50173],
      ['a grant that nobody used for too long', 700082],
      ['an account that is disabled', 50057],
      ['a second factor that is wanted', 50076],
      ['a consent that was withdrawn', 65001],
    ])('F09: because of %s is believed at once', async (_what, aadsts) => {
      await refusedWith(aadsts);
      expect((await world.claire.use('connect/calendars')).body.error).toBe('NEED_RECONSENT');
      expect(await refreshes()).toHaveLength(1);
      expect(await statusOf(world.claire)).toMatchObject({
        status: 'reconnect_required',
        lastError: { code: 'NEED_RECONSENT' },
      });
    });

    test.each([
      ['our secret is wrong', 7000215, 500, 'CONFIGURATION_ERROR'],
      ['our app is disabled', 7000112, 500, 'CONFIGURATION_ERROR'],
      ['the provider is in trouble', 90033, 503, 'PROVIDER_UNAVAILABLE'],
      ['too many ask', 90055, 429, 'RATE_LIMITED'],
    ])('because %s ends nobody’s connection', async (_what, aadsts, status, error) => {
      await refusedWith(aadsts);
      expect(await world.claire.use('connect/calendars')).toMatchObject({ status, body: { error } });
      expect((await statusOf(world.claire)).status).toBe('connected');
      expect((await world.claire.use('connect/calendars')).status).toBe(200);
    });
  });

  describe('a caller who gets it wrong', () => {
    test.each([
      ['an unknown address', 'connect/nothing', {}, 404, 'NOT_FOUND'],
      ['a wrong method', 'connect/connect', {}, 405, 'METHOD_NOT_ALLOWED'],
      ['malformed JSON', 'connect/connect', { body: '{"redirectTo":' }, 400, 'INVALID_REQUEST'],
      [
        'a page elsewhere',
        'connect/connect',
        { body: { redirectTo: 'https://evil.test' } },
        400,
        'INVALID_REQUEST',
      ],
      [
        'a forged token',
        'connect/status',
        { headers: { authorization: 'Bearer e30.e30.AAAA' } },
        401,
        'UNAUTHENTICATED',
      ],
      ['nothing connected', 'connect/calendars', {}, 400, 'NOT_CONNECTED'],
    ])('with %s is told so in the one shape of errors', async (_case, path, options, status, error) => {
      const answer = await world.claire.use(path, options);
      expect(answer).toMatchObject({ status, body: { error, step: expect.any(String), message: expect.any(String) } });
      expect(answer.body.requestId).toBe(answer.headers.get('x-request-id'));
    });

    test('with no token at all is UNAUTHENTICATED, whatever key they have', async () => {
      for (const key of [world.stack.publishableKey, world.stack.secretKey]) {
        const answer = await fetch(`${world.stack.apiUrl}/functions/v1/${name}-connect/status`, {
          headers: { apikey: key },
        });
        expect(answer.status).toBe(401);
        expect((await answer.json()).error).toBe('UNAUTHENTICATED');
      }
    });
  });

  describe('what the functions print and store', () => {
    test('holds no token, code, state or address', async () => {
      const { callback, cookie } = await world.claire.consent(stage.claire.email, { origin: app() });
      await comeBack(callback, cookie);
      await world.claire.use('connect/settings', {
        method: 'PATCH',
        body: { calendar_target_id: 'unknown@nowhere.test' },
      });
      const [stored] = await world.sql`select to_jsonb(c)::text as text from private.credentials c`;
      const printed = world.stack.functionLogs();
      expect(printed).toContain(`"function":"${name}-callback"`);
      for (
        const secret of [
          callback.searchParams.get('state')!,
          callback.searchParams.get('code')!,
          world.claire.token,
          '@',
        ]
      ) {
        expect(printed).not.toContain(secret);
      }
      for (const prefix of stage.tokenPrefixes) expect(stored!.text).not.toContain(prefix);
    });

    test('every answer has the id under which its lines are logged', async () => {
      const answer = await world.claire.use('connect/nothing', {});
      expect(answer).toMatchObject({ status: 404, body: { error: 'NOT_FOUND' } });
      expect(answer.headers.get('x-request-id')).toBe(answer.body.requestId);
      expect(world.stack.functionLogs()).toContain(answer.body.requestId);
    });
  });
});
