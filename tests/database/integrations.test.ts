import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newPerson, type TestDatabase, testDatabase, type TestPerson } from './database.ts';
import { until } from '../local/bare_database.ts';
import { recordTransitions, undrawnTransitions } from '../simulation/transitions.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
  await recordTransitions(db.admin);
});
afterAll(() => db.stop());

const owner = (person: TestPerson) => ({
  p_organisation: person.organisation,
  p_user: person.user,
  p_provider: 'google',
});

interface Stored {
  outcome: 'stored' | 'pending' | 'needs_reconsent';
  integrationId: string;
}

function store(
  person: TestPerson,
  given: { account?: string; refresh?: string | null; access?: string } = {},
): Promise<Stored> {
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
  db.call<{ version: number; accessToken: string; refreshToken: string } | null>(
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
const chosen = { calendar_target_id: 'primary', calendar_target_name: 'Agenda', event_detail: 'full' };
const exporting = { ...chosen, export_enabled: true };
const switchAccount = (person: TestPerson, action: string) =>
  db.call<string>('integration_switch', { ...owner(person), p_action: action });
const finishRemoval = (integration: string) =>
  db.call<{ ended: boolean } | null>('integration_finish_removal', { p_integration: integration });
/** The grants of these accounts that wait to be revoked. */
const queued = async (...accounts: string[]): Promise<string[]> =>
  (await db.admin`
    select private.open_token(g.token_sealed, null, g.id, 'revocation') as token from private.grant_revocations g
    where g.account_id in ${db.admin(accounts)} order by g.created_at`).map(({ token }) => token);
/** Every event that was to be removed is. */
const removed = async (integration: string) => {
  await db.admin`delete from private.sync_outbox where integration_id = ${integration}`;
  await db.admin`update private.link_states s set state = 'gone' from public.appointment_external_links l
    where l.id = s.link_id and l.integration_id = ${integration}`;
};

async function liveAppointment(person: TestPerson): Promise<string> {
  const [rdv] = await db.admin`insert into public.rdv (organisation_id, practitioner_id, starts_at, ends_at)
    values (${person.organisation}, ${person.member}, now() + interval '1 day', now() + interval '25 hours') returning id`;
  return rdv!.id;
}

/** An event in the calendar for an appointment of the person. */
async function liveLink(person: TestPerson, integration: string): Promise<{ rdv: string; link: string }> {
  const rdv = await liveAppointment(person);
  const [link] = await db.admin`
    insert into public.appointment_external_links
      (organisation_id, rdv_id, integration_id, provider, external_calendar_id, external_event_id, sync_status)
    values (${person.organisation}, ${rdv}, ${integration}, 'google', 'primary', ${crypto.randomUUID()}, 'synced')
    returning id`;
  await db.admin`insert into private.link_states (link_id, integration_id, state)
    values (${link!.id}, ${integration}, 'live')`;
  await db.admin`delete from private.sync_outbox where integration_id = ${integration}`;
  return { rdv, link: link!.id };
}

const waiting = async (integration: string): Promise<number> =>
  (await db.admin`select count(*)::int as n from private.sync_outbox where integration_id = ${integration}`)[0]!.n;

function begin(person: TestPerson, state: string, ttl = 600): Promise<null> {
  return db.call('connect_begin', {
    ...owner(person),
    p_state_hash: state,
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

  const hold = (state: string, ttl = 300) =>
    db.call('connect_hold', {
      p_provider: 'google',
      p_state_hash: state,
      p_code: 'code-1',
      p_confirm_hash: `confirm-${state}`,
      p_ttl_seconds: ttl,
    });
  const confirm = (who: TestPerson, state: string, more: object = {}) =>
    db.call('connect_redeem_held', { ...owner(who), p_confirm_hash: `confirm-${state}`, ...more });
  async function held(person: TestPerson, ttl?: number): Promise<string> {
    const state = crypto.randomUUID();
    await begin(person, state);
    await redeem(state);
    expect(await hold(state, ttl)).toBe(true);
    return state;
  }

  test('a code is held only once its state was redeemed, and only one', async () => {
    const person = await newPerson(db);
    const state = crypto.randomUUID();
    await begin(person, state);
    expect(await hold(state)).toBe(false);
    await redeem(state);
    expect(await hold(state)).toBe(true);
    expect(await hold(state)).toBe(false);
  });

  test('a held code goes once, even to two at the same moment', async () => {
    const person = await newPerson(db);
    const state = await held(person);
    const answers = await Promise.all([confirm(person, state), confirm(person, state)]);
    expect(answers.filter((answer) => answer !== null))
      .toEqual([{ code: 'code-1', codeVerifier: `verifier-${state}`, redirectTo: '/calendar' }]);
  });

  test.each([
    ['another person', async () => [await newPerson(db), {}]],
    ['a colleague', async (person: TestPerson) => [await newPerson(db, { organisation: person.organisation }), {}]],
    [
      'the person in another practice of theirs',
      async (person: TestPerson) => [await newPerson(db, { user: person.user }), {}],
    ],
    ['the person at another provider', (person: TestPerson) => Promise.resolve([person, { p_provider: 'microsoft' }])],
  ])('a held code is burnt when %s asks for it', async (_who, foreign) => {
    const person = await newPerson(db);
    const state = await held(person);
    const [other, more] = await foreign(person) as [TestPerson, object];
    expect(await confirm(other, state, more)).toBeNull();
    expect(await db.admin`select 1 from private.oauth_states where state_hash = ${state}`).toHaveLength(0);
    expect(await confirm(person, state)).toBeNull();
  });

  test('a held code outlives neither its time nor its person’s membership', async () => {
    const person = await newPerson(db);
    const [late, orphan] = [await held(person, -1), await held(person)];
    expect(await confirm(person, late)).toBeNull();
    await db.admin`delete from public.organisation_members where id = ${person.member}`;
    expect(await confirm(person, orphan)).toBeNull();
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
      unreadable: null,
    });
    expect(await db.admin`select scopes from private.credentials where integration_id = ${integrationId}`)
      .toEqual([{ scopes: ['openid', 'calendar'] }]);
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
    expect(await store(person, { refresh: null })).toEqual({ outcome: 'needs_reconsent' });
    expect(await status(person)).toBeNull();
    const { integrationId } = await store(person);
    expect(await store(person, { refresh: null, access: 'access-2' })).toMatchObject({ outcome: 'stored' });
    expect(await credential(integrationId)).toMatchObject({
      version: 2,
      accessToken: 'access-2',
      refreshToken: 'refresh-1',
    });
    expect(await store(person, { refresh: null, account: 'another' })).toMatchObject({ outcome: 'needs_reconsent' });
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
    expect(await store(person)).toEqual({ outcome: 'stored', integrationId });
    expect(await waiting(integrationId), 'nothing starts by itself').toBe(0);
    expect(await status(person)).toMatchObject({
      targetCalendar: { id: 'primary' },
      settings: { export_enabled: false, event_detail: 'full' },
      eventsInAccount: 1,
    });
    await update(person, { export_enabled: true });
    expect(await waiting(integrationId), 'what changed meanwhile is looked at').toBe(1);
  });

  test('an import ends with its connection, and the same account does not begin it again', async () => {
    const person = await newPerson(db);
    await store(person);
    const following = { calendar_source_id: 'primary', import_enabled: true };
    await update(person, { ...exporting, ...following, two_way: 'auto' });
    await disconnect(person);
    const { integrationId } = await store(person);
    expect(await status(person)).toMatchObject({ settings: { import_enabled: false, calendar_source_id: 'primary' } });
    expect(await db.admin`select 1 from private.calendar_cursors where integration_id = ${integrationId}`)
      .toHaveLength(0);
  });

  test('F09: a grant that died and is renewed by the same account goes on with what was switched on', async () => {
    const person = await newPerson(db);
    const { integrationId } = await store(person);
    await update(person, { ...exporting, calendar_source_id: 'primary', import_enabled: true });
    await liveLink(person, integrationId);
    await db.call('integration_reconnect_required', {
      p_integration: integrationId,
      p_expected_version: 1,
      p_code: 'NEED_RECONSENT',
      p_message: 'ended',
    });
    expect(await store(person)).toMatchObject({ outcome: 'stored' });
    expect(await status(person)).toMatchObject({ settings: { export_enabled: true, import_enabled: true } });
    expect(await waiting(integrationId), 'what was held goes on').toBe(1);
  });

  test('removing events first: the tokens go only when every event is gone or refused for good', async () => {
    const person = await newPerson(db);
    const { integrationId } = await store(person);
    await update(person, exporting);
    const [gone, refused] = [await liveLink(person, integrationId), await liveLink(person, integrationId)];
    expect(await disconnect(person, true)).toMatchObject({ state: 'removing', revokeToken: null, removing: 2 });
    expect(await status(person)).toMatchObject({
      connected: false,
      removingEvents: true,
      pending: 2,
      settings: { export_enabled: false, import_enabled: false },
    });
    const finish = () => finishRemoval(integrationId);
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

describe('another account than before', () => {
  /** A connection that exports, with an event in its account. */
  async function exportingPerson(): Promise<{ person: TestPerson; integrationId: string }> {
    const person = await newPerson(db);
    const { integrationId } = await store(person, { refresh: 'old-grant' });
    await update(person, { ...exporting, two_way: 'auto', scope: 'practitioner' });
    await liveLink(person, integrationId);
    return { person, integrationId };
  }
  const another = (person: TestPerson, refresh = 'new-grant', account = `other-${person.user}`) =>
    store(person, { account, refresh });
  const fresh = {
    connected: true,
    removingEvents: false,
    pendingAccount: null,
    eventsInAccount: 0,
    targetCalendar: null,
    settings: { export_enabled: false, import_enabled: false, event_detail: null, two_way: 'off' },
  };

  test('waits for the person, and nothing of the old one changes', async () => {
    const { person, integrationId } = await exportingPerson();
    const before = await status(person);
    expect(await another(person)).toEqual({ outcome: 'pending', integrationId });
    expect(await status(person)).toEqual({
      ...before,
      pendingAccount: { email: `other-${person.user}@example.test` },
      eventsInAccount: 1,
    });
    expect(await credential(integrationId)).toMatchObject({ refreshToken: 'old-grant', version: 1 });
    const [kept] = await db.admin`select to_jsonb(g)::text as text from private.pending_grants g
      where g.integration_id = ${integrationId}`;
    expect(kept!.text).not.toContain('new-grant');
  });

  test('is asked about even where nothing was exported yet, and where a connection ended that left events', async () => {
    const person = await newPerson(db);
    await store(person);
    expect(await another(person)).toMatchObject({ outcome: 'pending' });
    const { person: former } = await exportingPerson();
    await disconnect(former);
    expect(await another(former)).toMatchObject({ outcome: 'pending' });
    expect(await status(former)).toMatchObject({ connected: false, pendingAccount: expect.anything() });
  });

  test('needs no question where nothing is left of the old one, and starts afresh all the same', async () => {
    const person = await newPerson(db);
    await store(person);
    await update(person, { ...exporting, two_way: 'auto' });
    await disconnect(person);
    expect(await another(person)).toMatchObject({ outcome: 'stored' });
    expect(await status(person)).toMatchObject({ ...fresh, account: { email: `other-${person.user}@example.test` } });
  });

  test('keep: its grant is given up, and the old connection goes on', async () => {
    const { person, integrationId } = await exportingPerson();
    await another(person);
    expect(await switchAccount(person, 'keep')).toBe(integrationId);
    expect(await queued(person.user, `other-${person.user}`)).toEqual(['new-grant']);
    expect(await status(person)).toMatchObject({
      connected: true,
      pendingAccount: null,
      settings: { export_enabled: true },
    });
    await expect(switchAccount(person, 'keep')).rejects.toThrow(/^OAUTH_STATE_INVALID$/);
  });

  test('keep: does not revoke a grant that another practice uses, or waits to use', async () => {
    for (const waits of [false, true]) {
      const { person } = await exportingPerson();
      const elsewhere = await newPerson(db);
      if (waits) await store(elsewhere);
      expect(await another(elsewhere, 'their-grant', `other-${person.user}`))
        .toMatchObject({ outcome: waits ? 'pending' : 'stored' });
      await another(person);
      await switchAccount(person, 'keep');
      expect(await queued(`other-${person.user}`)).toEqual([]);
    }
  });

  test('replace: takes the old one’s place, with nothing chosen and nothing begun', async () => {
    const { person, integrationId } = await exportingPerson();
    await another(person);
    await db
      .admin`update private.sync_lanes set lease_owner = gen_random_uuid() where integration_id = ${integrationId}`;
    expect(await switchAccount(person, 'replace')).toBe(integrationId);
    expect(await queued(person.user, `other-${person.user}`)).toEqual(['old-grant']);
    expect(await status(person)).toMatchObject({ ...fresh, account: { email: `other-${person.user}@example.test` } });
    expect(await credential(integrationId)).toMatchObject({ refreshToken: 'new-grant' });
    expect(await waiting(integrationId)).toBe(0);
    // What a worker of the old account still does finds no lease.
    expect(await db.admin`select lease_owner from private.sync_lanes where integration_id = ${integrationId}`)
      .toMatchObject([{ lease_owner: null }]);
    expect(await db.admin`select 1 from private.pending_grants where integration_id = ${integrationId}`).toHaveLength(
      0,
    );
  });

  test('replace: does not revoke the old grant where another practice uses the account', async () => {
    const { person } = await exportingPerson();
    await store(await newPerson(db), { account: person.user });
    await another(person);
    await switchAccount(person, 'replace');
    expect(await queued(person.user)).toEqual([]);
  });

  test('remove_and_replace: takes over when the last event of the old account is gone', async () => {
    const { person, integrationId } = await exportingPerson();
    await another(person);
    expect(await switchAccount(person, 'remove_and_replace')).toBe(integrationId);
    expect(await status(person)).toMatchObject({
      connected: false,
      removingEvents: true,
      pending: 1,
      pendingAccount: expect.anything(),
    });
    expect(await finishRemoval(integrationId)).toBeNull();
    // It outlives the hour in which it had to be answered.
    await db.admin`select private.keep_house()`;
    await removed(integrationId);
    expect(await finishRemoval(integrationId)).toEqual({ ended: true });
    expect(await queued(person.user)).toEqual(['old-grant']);
    expect(await status(person)).toMatchObject({ ...fresh, account: { email: `other-${person.user}@example.test` } });
    expect(await finishRemoval(integrationId)).toBeNull();
  });

  test('remove_and_replace: takes over at once where there is nothing to remove', async () => {
    const person = await newPerson(db);
    await store(person, { refresh: 'old-grant' });
    await another(person);
    await switchAccount(person, 'remove_and_replace');
    expect(await queued(person.user)).toEqual(['old-grant']);
    expect(await status(person)).toMatchObject(fresh);
  });

  test('remove_and_replace: is refused where the old grant works no more, and changes nothing', async () => {
    const { person: dead, integrationId } = await exportingPerson();
    await another(dead);
    await db.admin`update public.calendar_integrations set status = 'reconnect_required' where id = ${integrationId}`;
    const { person: ended } = await exportingPerson();
    await disconnect(ended);
    await another(ended);
    for (const person of [dead, ended]) {
      const before = await status(person);
      await expect(switchAccount(person, 'remove_and_replace')).rejects.toThrow(/^NEED_RECONSENT$/);
      expect(await status(person)).toEqual(before);
      await switchAccount(person, 'replace');
      expect(await status(person)).toMatchObject(fresh);
    }
  });

  test('is asked about again when the old account is connected anew during the removal for its sake', async () => {
    const { person, integrationId } = await exportingPerson();
    await another(person);
    await switchAccount(person, 'remove_and_replace');
    await store(person);
    expect(await status(person)).toMatchObject({
      removingEvents: false,
      account: { email: `${person.user}@example.test` },
      pendingAccount: expect.anything(),
      pending: 0,
      settings: { export_enabled: false },
    });
    const [pending] = await db
      .admin`select expires_at from private.pending_grants where integration_id = ${integrationId}`;
    expect(pending!.expires_at).not.toBeNull();
  });

  test('is given up when the person disconnects, also during the removal for its sake', async () => {
    for (const removeEvents of [false, true]) {
      const { person, integrationId } = await exportingPerson();
      await another(person);
      await switchAccount(person, 'remove_and_replace');
      await disconnect(person, removeEvents);
      await removed(integrationId);
      await finishRemoval(integrationId);
      expect(await status(person)).toMatchObject({
        connected: false,
        removingEvents: false,
        account: { email: `${person.user}@example.test` },
        pendingAccount: null,
      });
      expect(await queued(`other-${person.user}`)).toEqual(['new-grant']);
    }
  });

  test('keep: ends a removal that was for its sake', async () => {
    const { person } = await exportingPerson();
    await another(person);
    await switchAccount(person, 'remove_and_replace');
    await switchAccount(person, 'keep');
    expect(await status(person)).toMatchObject({
      connected: true,
      removingEvents: false,
      pendingAccount: null,
      pending: 0,
      eventsInAccount: 1,
      settings: { export_enabled: false },
    });
  });

  test('a third account takes the place of the second, whose grant is given up', async () => {
    const { person } = await exportingPerson();
    const [second, third] = [`second-${person.user}`, `third-${person.user}`];
    await another(person, 'second-grant', second);
    await another(person, 'second-again', second);
    expect(await queued(second)).toEqual([]);
    await another(person, 'third-grant', third);
    expect(await queued(second, third)).toEqual(['second-again']);
    expect(await status(person)).toMatchObject({ pendingAccount: { email: `third-${person.user}@example.test` } });
  });

  test('a calendar that is gone keeps its events from being removed, and is not waited for', async () => {
    const { person, integrationId } = await exportingPerson();
    await db.call('integration_failed', {
      p_integration: integrationId,
      p_code: 'CALENDAR_NOT_FOUND',
      p_message: 'gone',
    });
    await another(person);
    await expect(switchAccount(person, 'remove_and_replace')).rejects.toThrow(/^CALENDAR_NOT_FOUND$/);
    await switchAccount(person, 'replace');
    expect(await status(person)).toMatchObject({ ...fresh, status: 'connected' });
  });

  test('a third account is not what a removal under way was for', async () => {
    const { person, integrationId } = await exportingPerson();
    await another(person, 'second-grant', `second-${person.user}`);
    await switchAccount(person, 'remove_and_replace');
    await another(person, 'second-again', `second-${person.user}`);
    await another(person, 'third-grant', `third-${person.user}`);
    await removed(integrationId);
    await finishRemoval(integrationId);
    expect(await status(person)).toMatchObject({ connected: false, pendingAccount: expect.anything() });
  });

  test('expires within the hour, and leaves with its person or their practice; its grant is given up', async () => {
    const { person, integrationId } = await exportingPerson();
    const account = `other-${person.user}`;
    await another(person, 'first');
    await db.admin`update private.pending_grants set expires_at = now() where integration_id = ${integrationId}`;
    expect(await status(person)).toMatchObject({ pendingAccount: null });
    await expect(switchAccount(person, 'replace')).rejects.toThrow(/^OAUTH_STATE_INVALID$/);
    await db.admin`select private.keep_house()`;
    const kept = () => db.admin`select 1 from private.pending_grants where integration_id = ${integrationId}`;
    expect(await kept()).toHaveLength(0);
    expect(await queued(account)).toEqual(['first']);
    await another(person, 'second');
    await disconnect(person);
    await db.admin`delete from public.organisation_members where id = ${person.member}`;
    expect(await kept()).toHaveLength(0);
    expect(await queued(account)).toEqual(['first', 'second']);
    const { person: last } = await exportingPerson();
    await another(last);
    await db.admin`delete from public.organisations where id = ${last.organisation}`;
    expect(await queued(`other-${last.user}`)).toEqual(['new-grant']);
  });

  test('is sealed again with all other tokens', async () => {
    const { person, integrationId } = await exportingPerson();
    await another(person);
    const scheme = async () =>
      (await db.admin`select tokens_sealed ->> 'scheme' as scheme from private.pending_grants
        where integration_id = ${integrationId}`)[0]!.scheme;
    for (const wanted of ['vault-1', 'pgsodium-det-1']) {
      await db.owner`select private.rewrap_tokens(${wanted})`;
      expect(await scheme()).toBe(wanted);
    }
    await db.owner`select private.rewrap_tokens('vault-1')`;
    await switchAccount(person, 'replace');
    expect(await credential(integrationId)).toMatchObject({ refreshToken: 'new-grant' });
    await db.owner`select private.rewrap_tokens('pgsodium-det-1')`;
  });

  test('is nobody’s to read or answer but its person’s', async () => {
    const { person } = await exportingPerson();
    await another(person);
    await expect(switchAccount(await newPerson(db, { organisation: person.organisation }), 'replace'))
      .rejects.toThrow(/^OAUTH_STATE_INVALID$/);
    await expect(switchAccount(person, 'everything')).rejects.toThrow(/^INVALID_REQUEST$/);
    await expect(db.asService((sql) => sql`select * from private.pending_grants`)).rejects.toThrow('permission denied');
    await expect(
      db.asUser(
        person.user,
        (sql) => sql`select public.integration_switch(${person.organisation}, ${person.user}, 'google', 'replace')`,
      ),
    ).rejects.toThrow('permission denied');
  });
});

describe('settings', () => {
  test('nothing is exported before a person has chosen the calendar and what an event shows', async () => {
    const person = await newPerson(db);
    const { integrationId } = await store(person);
    await liveAppointment(person);
    expect(await status(person)).toMatchObject({
      pending: 0,
      targetCalendar: null,
      settings: { export_enabled: false, import_enabled: false, event_detail: null, scope: 'practitioner' },
    });
    await expect(update(person, { export_enabled: true })).rejects.toThrow(/^NO_TARGET_CALENDAR$/);
    await expect(update(person, { event_detail: 'full', export_enabled: true })).rejects.toThrow(
      /^NO_TARGET_CALENDAR$/,
    );
    await expect(update(person, { calendar_target_id: 'primary', export_enabled: true }))
      .rejects.toThrow(/^NO_EVENT_DETAIL$/);
    await update(person, { calendar_target_id: 'primary' });
    await expect(update(person, { export_enabled: true })).rejects.toThrow(/^NO_EVENT_DETAIL$/);
    expect(await update(person, { event_detail: 'busy' })).toMatchObject({ pending: 0 });
    expect(await update(person, { export_enabled: true })).toMatchObject({ pending: 1 });
    await expect(update(person, { calendar_target_id: null })).rejects.toThrow(/^NO_TARGET_CALENDAR$/);
    // Whatever way it is tried.
    await expect(db.admin`update public.calendar_integrations set event_detail = null where id = ${integrationId}`)
      .rejects.toThrow('calendar_integrations_export_is_decided');
  });

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

test('every transition of all these tests is one that docs/states.md draws', async () => {
  expect(await undrawnTransitions(db.admin)).toEqual([]);
});
