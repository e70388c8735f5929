import { describe, expect, test } from 'vitest';
import { errorMessage } from '../../../supabase/functions/_shared/error_messages/error_message.ts';
import { MARC, RIVOLI } from '../http/test_world.ts';
import { connectedWorld } from './connected_world.ts';
import { deadGrant, PRIMARY, unavailable } from './fake_provider.ts';

const CHOICES = { calendar_target_id: PRIMARY, calendar_source_id: PRIMARY, event_detail: 'full' };

/** Connected, and exporting. */
async function connected() {
  const world = await connectedWorld();
  await world.connect();
  const patch = (body: unknown) => world.call('settings', { method: 'PATCH', body });
  await patch({ ...CHOICES, export_enabled: true });
  return { ...world, patch };
}

describe('calendars', () => {
  test('are those of the account, as the contract shows them', async () => {
    const { call } = await connected();
    const { body } = await call('calendars');
    expect(body.calendars).toHaveLength(3);
    expect(body.calendars[0]).toEqual({
      id: PRIMARY,
      name: `Agenda ${PRIMARY}`,
      primary: true,
      canWrite: true,
      timeZone: 'Europe/Paris',
      color: null,
    });
  });

  test('of a dead grant ask for a new consent, and are asked of the provider no more', async () => {
    const { call, database, provider } = await connected();
    database.integrations[0]!.accessToken = null;
    provider.fails.refresh = deadGrant();
    const first = await call('calendars');
    expect(first).toMatchObject({
      status: 409,
      body: { error: 'NEED_RECONSENT', step: 'list_calendars', demoCode: 'invalid_grant' },
    });
    expect((await call('calendars')).body.error).toBe('NEED_RECONSENT');
    expect(provider.refreshed).toHaveLength(1);
    expect((await call('status')).body).toMatchObject({
      status: 'reconnect_required',
      lastError: { code: 'NEED_RECONSENT', message: errorMessage('NEED_RECONSENT', 'fr') },
    });
  });

  test('of a provider that is down leave the connection as it is', async () => {
    const { call, provider } = await connected();
    provider.fails.list = unavailable();
    expect(await call('calendars')).toMatchObject({ status: 503, body: { error: 'PROVIDER_UNAVAILABLE' } });
    expect((await call('status')).body.status).toBe('connected');
  });
});

describe('settings', () => {
  test('change what is named and nothing else, and answer with the status', async () => {
    const { patch } = await connected();
    const { status, body } = await patch({ event_detail: 'initials', two_way: 'review' });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      connected: true,
      settings: { event_detail: 'initials', two_way: 'review', export_enabled: true },
    });
  });

  test('keep a chosen calendar with its name', async () => {
    const { patch } = await connected();
    const { body } = await patch({ calendar_target_id: 'second', calendar_source_id: 'holidays' });
    expect(body).toMatchObject({
      targetCalendar: { id: 'second', name: 'Agenda second' },
      sourceCalendar: { id: 'holidays', name: 'Agenda holidays' },
    });
  });

  test.each([
    ['that is not in the person’s list', { calendar_target_id: 'marc@mail.test' }, 404, 'CALENDAR_NOT_FOUND'],
    ['to read from that is not in the list', { calendar_source_id: 'primary' }, 404, 'CALENDAR_NOT_FOUND'],
    ['that may not be written', { calendar_target_id: 'holidays' }, 403, 'CALENDAR_READ_ONLY'],
  ])('refuse a calendar %s, and change nothing', async (_case, change, status, error) => {
    const { patch, call } = await connected();
    expect(await patch({ ...change, event_detail: 'busy' })).toMatchObject({ status, body: { error } });
    expect((await call('status')).body).toMatchObject({
      targetCalendar: { id: PRIMARY },
      settings: { event_detail: 'full' },
    });
  });

  test.each([
    [{ calendar_target_name: 'mine' }],
    [{ status: 'connected' }],
    [{ export_enabled: 'yes' }],
    [{ two_way: 'always' }],
    [{ calendar_target_id: null }],
    [{ event_detail: null }],
    [[]],
  ])('refuse %j', async (body) => {
    const { patch, world } = await connected();
    const before = world.calls.filter(({ name }) => name === 'integration_update').length;
    expect(await patch(body)).toMatchObject({ status: 400, body: { error: 'INVALID_REQUEST' } });
    expect(world.calls.filter(({ name }) => name === 'integration_update')).toHaveLength(before);
  });

  test('cannot switch export on without a target', async () => {
    const { patch, database } = await connected();
    Object.assign(database.integrations[0]!.settings, { calendar_target_id: null, export_enabled: false });
    expect(await patch({ export_enabled: true })).toMatchObject({ status: 400, body: { error: 'NO_TARGET_CALENDAR' } });
    expect((await patch({ export_enabled: true, calendar_target_id: 'second' })).status).toBe(200);
  });

  test('of one practice are out of another’s reach', async () => {
    const { call } = await connected();
    const theirs = await call('settings', {
      as: MARC,
      organisation: RIVOLI,
      method: 'PATCH',
      body: { two_way: 'auto' },
    });
    expect(theirs.body.error).toBe('NOT_CONNECTED');
    expect((await call('status')).body.settings.two_way).toBe('off');
  });
});

describe('disconnecting', () => {
  test('forgets the tokens and revokes the grant', async () => {
    const { call, provider, database } = await connected();
    expect((await call('disconnect', { body: {} })).body).toEqual({ state: 'disconnected', removing: 0 });
    expect(provider.revoked).toEqual(['canary-refresh-1']);
    expect(database.integrations[0]).toMatchObject({ accessToken: null, refreshToken: null });
    expect((await call('calendars')).body.error).toBe('NOT_CONNECTED');
    expect((await call('disconnect', { body: {} })).body.error).toBe('NOT_CONNECTED');
  });

  test('does not revoke a grant that another practice uses', async () => {
    const { call, connect, provider } = await connected();
    await connect({ as: MARC, organisation: RIVOLI });
    await call('disconnect', { body: {} });
    expect(provider.revoked).toEqual([]);
    expect((await call('calendars', { as: MARC, organisation: RIVOLI })).status).toBe(200);
    await call('disconnect', { as: MARC, organisation: RIVOLI, body: {} });
    expect(provider.revoked).toHaveLength(1);
  });

  test('succeeds when the provider cannot be told', async () => {
    const { call, provider, world } = await connected();
    provider.fails.revoke = unavailable();
    expect(await call('disconnect', { body: {} })).toMatchObject({ status: 200, body: { state: 'disconnected' } });
    expect(world.entries()).toContainEqual(
      expect.objectContaining({ step: 'revoke_grant', code: 'PROVIDER_UNAVAILABLE' }),
    );
  });

  test('with its events says how many are still to go, and keeps the grant for that', async () => {
    const { call, provider, database } = await connected();
    database.eventsToRemove = 7;
    expect((await call('disconnect', { body: { removeEvents: true } })).body).toEqual({
      state: 'removing',
      removing: 7,
    });
    expect(provider.revoked).toEqual([]);
    expect((await call('status')).body.removingEvents).toBe(true);
  });

  test('refuses what it does not know', async () => {
    const { call } = await connected();
    expect((await call('disconnect', { body: { removeEvents: 'all' } })).status).toBe(400);
    expect((await call('disconnect', { body: { everybody: true } })).status).toBe(400);
    expect((await call('status')).body.connected).toBe(true);
  });
});
