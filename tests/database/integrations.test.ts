import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newPerson, type TestDatabase, testDatabase, type TestPerson } from './database.ts';
import { until } from '../local/bare_database.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.stop());

const owner = (person: TestPerson) => ({
  p_organisation: person.organisation,
  p_user: person.user,
  p_provider: 'google',
});

interface Connected {
  integrationId: string;
  needsReconsent: boolean;
  hadTarget: boolean;
}

function store(
  person: TestPerson,
  given: { account?: string; refresh?: string | null; access?: string } = {},
): Promise<Connected> {
  const account = given.account ?? person.user;
  return db.call('connect_store', {
    ...owner(person),
    p_account_id: account,
    p_account_email: `${account}@example.test`,
    p_scopes: ['openid', 'calendar'],
    p_access_token: given.access ?? 'access-1',
    p_expires_in: 3600,
    p_refresh_token: given.refresh === undefined ? 'refresh-1' : given.refresh,
  });
}

const credential = (integration: string) =>
  db.call<{ version: number; accessToken: string; refreshToken: string; scopes: string[] } | null>(
    'integration_credential',
    { p_integration: integration },
  );
const update = (person: TestPerson, changes: object) =>
  db.call<Record<string, unknown>>('integration_update', { ...owner(person), p_changes: changes });
const status = (person: TestPerson) => db.call<Record<string, unknown> | null>('integration_status', owner(person));
const disconnect = (person: TestPerson, removeEvents = false) =>
  db.call<{ state: string; revokeToken: string | null; removing: number } | null>(
    'integration_disconnect',
    { ...owner(person), p_remove_events: removeEvents },
  );
const exporting = { calendar_target_id: 'primary', calendar_target_name: 'Agenda', export_enabled: true };

/** An event that stands in the calendar for an appointment of the person. */
async function liveLink(person: TestPerson, integration: string): Promise<{ rdv: string; link: string }> {
  const [rdv] = await db.admin`insert into public.rdv (organisation_id, practitioner_id, starts_at, ends_at)
    values (${person.organisation}, ${person.member}, now() + interval '1 day', now() + interval '25 hours') returning id`;
  const [link] = await db.admin`
    insert into public.appointment_external_links
      (organisation_id, rdv_id, integration_id, provider, external_calendar_id, external_event_id, sync_status)
    values (${person.organisation}, ${rdv!.id}, ${integration}, 'google', 'primary', ${crypto.randomUUID()}, 'synced')
    returning id`;
  await db.admin`insert into private.link_states (link_id, presence) values (${link!.id}, 'live')`;
  await db.admin`delete from private.sync_outbox where integration_id = ${integration}`;
  return { rdv: rdv!.id, link: link!.id };
}

const waiting = async (integration: string): Promise<number> =>
  (await db.admin`select count(*)::int as n from private.sync_outbox where integration_id = ${integration}`)[0]!.n;

function begin(person: TestPerson, state: string, ttl = 600): Promise<null> {
  return db.call('connect_begin', {
    ...owner(person),
    p_state_hash: state,
    p_flow_hash: `flow-${state}`,
    p_browser: true,
    p_code_verifier: `verifier-${state}`,
    p_redirect_to: '/calendar',
    p_ttl_seconds: ttl,
  });
}
const redeem = (state: string) => db.call('connect_redeem', { p_provider: 'google', p_state_hash: state });

describe('a consent under way', () => {
  test('a state is good for one use, even by two at the same moment', async () => {
    const person = await newPerson(db);
    const state = crypto.randomUUID();
    expect(await begin(person, state)).toBeNull();
    const answers = await Promise.all([redeem(state), redeem(state), redeem(state)]);
    expect(answers.filter((answer) => answer !== null)).toEqual([{
      organisationId: person.organisation,
      userId: person.user,
      flowHash: `flow-${state}`,
      browser: true,
      codeVerifier: `verifier-${state}`,
      redirectTo: '/calendar',
    }]);
  });

  test('an expired state, an unknown one, and one of a person who left are refused', async () => {
    const person = await newPerson(db);
    const [expired, orphan] = [crypto.randomUUID(), crypto.randomUUID()];
    await begin(person, expired, -1);
    await begin(person, orphan);
    expect(await redeem(expired)).toBeNull();
    expect(await redeem(crypto.randomUUID())).toBeNull();
    await db.admin`delete from public.organisation_members where id = ${person.member}`;
    expect(await redeem(orphan)).toBeNull();
    await expect(begin(person, crypto.randomUUID())).rejects.toThrow(/^FORBIDDEN$/);
  });

  test('a held code goes once, to the person who began, and only after the state was redeemed', async () => {
    const [person, other] = [await newPerson(db), await newPerson(db)];
    const state = crypto.randomUUID();
    await begin(person, state);
    const hold = () => db.call('connect_hold', { p_provider: 'google', p_state_hash: state, p_code: 'code-1' });
    const confirm = (who: TestPerson) =>
      db.call('connect_redeem_held', { ...owner(who), p_flow_hash: `flow-${state}` });
    expect(await hold()).toBe(false);
    await redeem(state);
    expect(await hold()).toBe(true);
    expect(await hold()).toBe(false);
    expect(await confirm(other)).toBeNull();
    const answers = await Promise.all([confirm(person), confirm(person)]);
    expect(answers.filter((answer) => answer !== null))
      .toEqual([{ code: 'code-1', codeVerifier: `verifier-${state}`, redirectTo: '/calendar' }]);
  });
});

describe('credentials', () => {
  test("F10: of two renewals of one version one is stored, and the loser gets the winner's token", async () => {
    const person = await newPerson(db);
    const { integrationId } = await store(person);
    const renew = (name: string) =>
      db.call<{ stored: boolean; version: number; accessToken: string }>('credential_renewed', {
        p_integration: integrationId,
        p_expected_version: 1,
        p_access_token: name,
        p_expires_in: 3600,
        p_refresh_token: null,
        p_scopes: [],
      });
    const answers = await Promise.all([renew('a'), renew('b')]);
    expect(answers.map((answer) => answer.stored).toSorted()).toEqual([false, true]);
    expect(answers[0]).toMatchObject({ version: 2, accessToken: answers[1]!.accessToken });
    expect(await credential(integrationId)).toEqual({
      version: 2,
      accessToken: answers[0]!.accessToken,
      refreshToken: 'refresh-1',
      scopes: ['openid', 'calendar'],
      accountId: person.user,
    });
  });

  test('F10: a verdict on an old version is ignored, and a grant that renews is connected again', async () => {
    const person = await newPerson(db);
    const { integrationId } = await store(person);
    const dead = (version: number) =>
      db.call('integration_reconnect_required', {
        p_integration: integrationId,
        p_expected_version: version,
        p_code: 'NEED_RECONSENT',
        p_message: 'ended',
      });
    expect(await dead(7)).toBe(false);
    expect(await dead(1)).toBe(true);
    expect(await status(person)).toMatchObject({
      connected: true,
      status: 'reconnect_required',
      lastError: { code: 'NEED_RECONSENT', message: 'ended' },
    });
    await db.call('credential_renewed', {
      p_integration: integrationId,
      p_expected_version: 1,
      p_access_token: 'a',
      p_expires_in: 30,
      p_refresh_token: 'r2',
      p_scopes: [],
    });
    expect(await status(person)).toMatchObject({ status: 'connected', lastError: null });
    expect(await credential(integrationId), 'half a minute is not fresh').toMatchObject({
      accessToken: null,
      refreshToken: 'r2',
    });
  });

  test('a renewal that comes after a disconnect stores nothing', async () => {
    const person = await newPerson(db);
    const { integrationId } = await store(person);
    await disconnect(person);
    expect(
      await db.call('credential_renewed', {
        p_integration: integrationId,
        p_expected_version: 1,
        p_access_token: 'late',
        p_expires_in: 3600,
        p_refresh_token: null,
        p_scopes: [],
      }),
    ).toEqual({ stored: false, version: 0, accessToken: null });
    expect(await credential(integrationId)).toBeNull();
  });

  test('F25: a consent without refresh token keeps the stored one of that account, and stores nothing for another', async () => {
    const person = await newPerson(db);
    expect(await store(person, { refresh: null })).toEqual({
      integrationId: null,
      needsReconsent: true,
      hadTarget: false,
    });
    expect(await status(person)).toBeNull();
    const { integrationId } = await store(person);
    expect(await store(person, { refresh: null, access: 'access-2' })).toMatchObject({ needsReconsent: false });
    expect(await credential(integrationId)).toMatchObject({
      version: 2,
      accessToken: 'access-2',
      refreshToken: 'refresh-1',
    });
    expect(await store(person, { refresh: null, account: 'another' })).toMatchObject({ needsReconsent: true });
    expect(await status(person)).toMatchObject({ account: { email: `${person.user}@example.test` } });
  });
});

describe('how a connection ends', () => {
  test('F24: leaving one practice does not revoke the grant that another one uses', async () => {
    const first = await newPerson(db);
    const second = await newPerson(db, { user: first.user });
    await store(first, { account: first.user, refresh: 'grant-a' });
    await store(second, { account: first.user, refresh: 'grant-b' });
    expect(await disconnect(first)).toMatchObject({ state: 'disconnected', revokeToken: null });
    expect(await disconnect(second)).toMatchObject({ state: 'disconnected', revokeToken: 'grant-b' });
    expect(await disconnect(second)).toBeNull();
  });

  test('F24: two practices that leave one account at once revoke it exactly once', async () => {
    const first = await newPerson(db);
    const second = await newPerson(db, { user: first.user });
    await store(first, { account: first.user });
    await store(second, { account: first.user });
    const wait = () => db.admin`select 1 from pg_locks where locktype = 'advisory' and not granted`;
    let other: Promise<Awaited<ReturnType<typeof disconnect>>> | undefined;
    const ended = await db.asService(async (sql) => {
      const [row] = await sql`
        select public.integration_disconnect(${first.organisation}, ${first.user}, 'google', false) as answer`;
      let answered = false;
      other = disconnect(second).finally(() => answered = true);
      await until(async () => answered || (await wait()).length > 0, 'the second one to wait for the first');
      return row!.answer;
    });
    expect([ended.revokeToken, (await other)?.revokeToken]).toEqual([null, 'refresh-1']);
  });

  test('F17: links survive a disconnect, and the same account finds its target and its events again', async () => {
    const person = await newPerson(db);
    const { integrationId } = await store(person);
    await update(person, exporting);
    const { link, rdv } = await liveLink(person, integrationId);
    await db.admin`update public.rdv set act = 'Détartrage' where id = ${rdv}`;
    expect(await waiting(integrationId)).toBe(1);
    await disconnect(person);
    expect(await waiting(integrationId)).toBe(0);
    expect(await db.admin`select sync_status from public.appointment_external_links where id = ${link}`)
      .toMatchObject([{ sync_status: 'synced' }]);
    expect(await status(person)).toMatchObject({ connected: false });
    await expect(update(person, { two_way: 'off' })).rejects.toThrow(/^NOT_CONNECTED$/);
    expect(await store(person)).toEqual({ integrationId, needsReconsent: false, hadTarget: true });
    expect(await waiting(integrationId), 'what changed meanwhile is looked at').toBe(1);
  });

  test('another account starts afresh: old links and calendars go', async () => {
    const person = await newPerson(db);
    const { integrationId } = await store(person);
    await update(person, exporting);
    await liveLink(person, integrationId);
    expect(await store(person, { account: 'somebody-else' })).toEqual({
      integrationId,
      needsReconsent: false,
      hadTarget: false,
    });
    expect(await db.admin`select id from public.appointment_external_links where integration_id = ${integrationId}`)
      .toHaveLength(0);
    expect(await status(person)).toMatchObject({ targetCalendar: null, settings: { export_enabled: false } });
  });

  test('removing events first: the tokens go only when every event is gone or refused for good', async () => {
    const person = await newPerson(db);
    const { integrationId } = await store(person);
    await update(person, exporting);
    const [gone, refused] = [await liveLink(person, integrationId), await liveLink(person, integrationId)];
    expect(await disconnect(person, true)).toMatchObject({ state: 'removing', revokeToken: null, removing: 2 });
    expect(await status(person)).toMatchObject({ connected: false, removingEvents: true, pending: 2 });
    const finish = () => db.call('integration_finish_removal', { p_integration: integrationId });
    await db.admin`delete from private.sync_outbox where integration_id = ${integrationId} and rdv_id = ${gone.rdv}`;
    expect(await finish()).toBeNull();
    expect(await credential(integrationId)).not.toBeNull();
    await db.admin`update private.sync_outbox set parked_at = now() where rdv_id = ${refused.rdv}`;
    expect(await finish()).toEqual({ ended: true });
    expect(await finish()).toBeNull();
    expect(await credential(integrationId)).toBeNull();
  });

  test('removing with nothing to remove is a plain disconnect', async () => {
    const person = await newPerson(db);
    await store(person);
    expect(await disconnect(person, true)).toMatchObject({
      state: 'disconnected',
      revokeToken: 'refresh-1',
      removing: 0,
    });
  });

  test('a member who leaves, or whose login is taken away, leaves no token behind', async () => {
    for (const leave of ['delete', 'unlink'] as const) {
      const person = await newPerson(db);
      const { integrationId } = await store(person);
      await update(person, exporting);
      const { rdv } = await liveLink(person, integrationId);
      await db.admin`update public.rdv set act = 'Contrôle' where id = ${rdv}`;
      if (leave === 'delete') await db.admin`delete from public.organisation_members where id = ${person.member}`;
      else await db.admin`update public.organisation_members set user_id = null where id = ${person.member}`;
      expect(await credential(integrationId)).toBeNull();
      expect(await waiting(integrationId)).toBe(0);
      expect(await status(person)).toMatchObject({ connected: false });
    }
  });

  test('a practice or a user can still be deleted', async () => {
    const [practice, user] = [await newPerson(db), await newPerson(db)];
    await store(practice);
    await store(user);
    await db.admin`delete from public.organisations where id = ${practice.organisation}`;
    await db.admin`delete from auth.users where id = ${user.user}`;
    expect(await status(practice)).toBeNull();
    expect(await status(user)).toBeNull();
  });
});

describe('settings', () => {
  test('switching export on begins with the start of today where the practice is', async () => {
    const person = await newPerson(db);
    await store(person);
    await db.admin`update public.organisations set timezone = 'Pacific/Auckland' where id = ${person.organisation}`;
    expect(await update(person, exporting)).toMatchObject({
      targetCalendar: { id: 'primary', name: 'Agenda' },
      settings: { export_enabled: true },
    });
    const [found] = await db.admin`
      select export_from = date_trunc('day', now() at time zone 'Pacific/Auckland') at time zone 'Pacific/Auckland' as right
      from public.calendar_integrations where organisation_id = ${person.organisation}`;
    expect(found!.right).toBe(true);
  });

  test('the whole practice is for administrators and secretaries, and unknown settings are refused', async () => {
    const person = await newPerson(db);
    const secretary = await newPerson(db, { organisation: person.organisation, role: 'secretary' });
    await store(person);
    await store(secretary);
    await expect(update(person, { scope: 'organisation' })).rejects.toThrow(/^FORBIDDEN$/);
    expect(await update(secretary, { scope: 'organisation' })).toMatchObject({ settings: { scope: 'organisation' } });
    await expect(update(person, { account_id: 'stolen' })).rejects.toThrow(/^INVALID_REQUEST$/);
    await expect(update(person, { export_enabled: null })).rejects.toThrow(/^INVALID_REQUEST$/);
  });

  test('switching export off empties the queue; a changed detail level fills it again', async () => {
    const person = await newPerson(db);
    const { integrationId } = await store(person);
    await update(person, exporting);
    await liveLink(person, integrationId);
    expect(await update(person, { event_detail: 'busy' })).toMatchObject({ pending: 1 });
    expect(await update(person, { import_as: 'event' })).toMatchObject({ pending: 1 });
    expect(await update(person, { export_enabled: false })).toMatchObject({ pending: 0 });
  });

  test('choosing a calendar answers CALENDAR_NOT_FOUND, and only that kind of trouble', async () => {
    const person = await newPerson(db);
    const { integrationId } = await store(person);
    await update(person, exporting);
    const fail = (code: string) =>
      db.call('integration_failed', { p_integration: integrationId, p_code: code, p_message: 'gone' });
    expect(await fail('CALENDAR_NOT_FOUND')).toBe(true);
    await db
      .admin`update private.sync_lanes set paused_until = now() + interval '1 hour' where integration_id = ${integrationId}`;
    expect(await update(person, { calendar_target_id: 'second' })).toMatchObject({
      status: 'connected',
      lastError: null,
      targetCalendar: { id: 'second', name: null },
    });
    expect(await db.admin`select paused_until from private.sync_lanes where integration_id = ${integrationId}`)
      .toMatchObject([{ paused_until: null }]);
    await fail('CONFIGURATION_ERROR');
    expect(await update(person, { calendar_target_id: 'third' })).toMatchObject({ status: 'error' });
  });

  test('people cannot call any of it, and nobody but the owner reads the tokens', async () => {
    const person = await newPerson(db);
    const { integrationId } = await store(person);
    await expect(db.asUser(person.user, (sql) => sql`select public.integration_credential(${integrationId})`))
      .rejects.toThrow('permission denied');
    for (const as of [db.asService, (work: Parameters<TestDatabase['asService']>[0]) => db.asUser(person.user, work)]) {
      await expect(as((sql) => sql`select * from private.credentials`)).rejects.toThrow('permission denied');
    }
  });
});
