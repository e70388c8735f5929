/** Before anything is sent, the person decides: what a consent alone does, and what another account than before does. */
import { describe, expect, test } from 'vitest';
import { until } from '../local/bare_database.ts';
import { OutboundWorld } from './outbound_world.ts';
import { comeBack, type Person } from './person.ts';
import { STAGES } from './stages.ts';

const world = new OutboundWorld();

describe.each(STAGES)('%s', (name, stage) => {
  world.at(stage);
  const patch = (body: unknown, person: Person = world.claire) =>
    person.use('connect/settings', { method: 'PATCH', body });
  const answer = (action: string) => world.claire.use('connect/switch', { body: { action } });
  /** What was asked of the provider since the consent page. */
  const asked = async () =>
    (await world.requests()).map(({ step }) => step).filter((step) => !step.startsWith('oauth') && step !== 'refresh');
  const revoked = async () => {
    const { requests } = await world.emulator.control('state?only=requests');
    const answers = Object.values(requests.byMethod['oauth.revoke'] ?? {});
    return answers.reduce((sum: number, count) => sum + Number(count), 0);
  };
  /** Whatever is due has been done: a nudge and the minute's sweeps change nothing more. */
  async function everyMinute(): Promise<void> {
    await world.stack.runCron('cassius-sweep');
    await world.stack.runCron('cassius-import-sweep');
    await world.settled();
  }
  const forgotten = () =>
    until(
      async () => (await world.sql`select 1 from private.grant_revocations`).length === 0,
      'every grant that was given up is revoked or forgotten',
    );

  describe('connecting', () => {
    test('sends nothing and reads nothing, however many appointments there are', async () => {
      await world.bookMany(world.lumiere, 31);
      expect((await world.claire.grant(stage.claire.email)).result).toEqual({ result: 'connected' });
      await world.book(world.lumiere);
      await everyMinute();
      expect(await asked()).toEqual([]);
      expect(await world.events()).toEqual([]);
      expect(await world.statusOf(world.claire)).toMatchObject({
        connected: true,
        targetCalendar: null,
        sourceCalendar: null,
        pending: 0,
        settings: { export_enabled: false, import_enabled: false, event_detail: null, scope: 'practitioner' },
        pendingAccount: null,
        eventsInAccount: 0,
      });
    });

    test('starts nothing through “sync now” either', async () => {
      await world.book(world.lumiere);
      await world.claire.grant(stage.claire.email);
      expect((await world.claire.use('sync/sync-now', { body: {} })).body.error).toBe('NO_TARGET_CALENDAR');
      await patch({ calendar_target_id: stage.claire.calendar });
      expect(await world.claire.use('sync/sync-now', { body: {} })).toMatchObject({
        status: 200,
        body: { created: 0, remaining: 0 },
      });
      expect(await world.events()).toEqual([]);
    });

    test('is followed by the export once calendar and level were chosen, and not a moment before', async () => {
      const rdv = await world.book(world.lumiere);
      await world.claire.grant(stage.claire.email);
      const start = { export_enabled: true };
      expect(await patch(start)).toMatchObject({ status: 400, body: { error: 'NO_TARGET_CALENDAR' } });
      expect((await patch({ event_detail: 'busy', ...start })).body.error).toBe('NO_TARGET_CALENDAR');
      expect((await patch({ calendar_target_id: stage.claire.second, ...start })).body.error).toBe('NO_EVENT_DETAIL');
      await patch({ calendar_target_id: stage.claire.second });
      const refused = await patch(start);
      expect(refused).toMatchObject({ status: 400, body: { error: 'NO_EVENT_DETAIL' } });
      expect(refused.body.message).toMatch(/choisissez/i);
      await patch({ event_detail: 'busy' });
      await everyMinute();
      expect(await world.events()).toEqual([]);
      await patch(start);
      await world.settled();
      expect(await world.live(stage.claire.second)).toHaveLength(1);
      expect(await world.linkOf(rdv)).toMatchObject({ sync_status: 'synced' });
    });
  });

  describe('the same account again', () => {
    test('after a disconnect shows what was chosen, and waits to be started; its events are found again', async () => {
      const rdv = await world.book(world.lumiere);
      await world.claire.connect(stage.claire.email);
      await world.settings(world.claire, {
        calendar_target_id: stage.claire.second,
        event_detail: 'initials',
        import_enabled: true,
        two_way: 'auto',
      });
      await world.settled();
      const event = await world.event(stage.claire.second);
      await world.claire.use('connect/disconnect', { body: {} });
      await world.change(world.lumiere, rdv, { location: 'Salle 3' });
      await world.claire.grant(stage.claire.email);
      await everyMinute();
      expect(await world.statusOf(world.claire)).toMatchObject({
        targetCalendar: { id: stage.claire.second },
        settings: { export_enabled: false, import_enabled: false, event_detail: 'initials' },
        pending: 0,
        eventsInAccount: 1,
      });
      expect((await world.event(stage.claire.second)).location).toBe('');
      await patch({ export_enabled: true });
      await world.settled();
      expect(await world.event(stage.claire.second)).toMatchObject({ id: event.id, location: 'Salle 3' });
    });

    test('F09: after a grant that died goes on without a question', async () => {
      await world.claire.connect(stage.claire.email);
      await world.settled();
      await world.emulator.control('revoke', { email: stage.claire.email });
      await world.claire.use('connect/calendars');
      await world.book(world.lumiere);
      await world.claire.grant(stage.claire.email);
      await world.settled();
      expect(await world.live()).toHaveLength(1);
      expect(await world.statusOf(world.claire)).toMatchObject({
        status: 'connected',
        settings: { export_enabled: true },
      });
    });
  });

  describe('another account', () => {
    /** Claire exports to her own account, and then consents to Marc's. */
    async function asks(): Promise<void> {
      await world.book(world.lumiere);
      await world.claire.connect(stage.claire.email);
      await world.settled();
      const { callback, cookie } = await world.claire.consent(stage.marc.email, {
        origin: 'http://127.0.0.1',
        redirectTo: '/calendar',
      });
      expect(await comeBack(callback, cookie)).toMatchObject({
        page: expect.stringContaining(`/settings/integrations/${name}-calendar`),
        result: { result: 'other_account' },
      });
    }

    test('is named and asked about, and the old one goes on meanwhile', async () => {
      await asks();
      expect(await world.statusOf(world.claire)).toMatchObject({
        connected: true,
        account: { email: stage.claire.email },
        pendingAccount: { email: stage.marc.email },
        eventsInAccount: 1,
      });
      await world.book(world.lumiere, { act: 'Détartrage' });
      await world.settled();
      expect(await world.live()).toHaveLength(2);
      expect(await world.live(stage.marc.calendar)).toEqual([]);
    });

    test('that is confirmed without a cookie is asked about too', async () => {
      await world.claire.connect(stage.claire.email);
      const { callback } = await world.claire.consent(stage.marc.email, { origin: 'http://127.0.0.1' });
      const { result } = await comeBack(callback);
      expect(await world.claire.use('connect/confirm', { body: { secret: result['confirm'] } })).toMatchObject({
        status: 200,
        body: { account: { email: stage.claire.email }, pendingAccount: { email: stage.marc.email } },
      });
    });

    test('keep: is forgotten, and its grant given up', async () => {
      await asks();
      expect(await answer('keep')).toMatchObject({
        status: 200,
        body: { account: { email: stage.claire.email }, pendingAccount: null, settings: { export_enabled: true } },
      });
      await forgotten();
      expect(await revoked()).toBe(stage.can.revoke ? 1 : 0);
      expect((await world.claire.use('connect/calendars')).status).toBe(200);
    });

    test('replace: stands unstarted in the old one’s place, whose events are left', async () => {
      await asks();
      expect(await answer('replace')).toMatchObject({
        status: 200,
        body: {
          connected: true,
          account: { email: stage.marc.email },
          pendingAccount: null,
          targetCalendar: null,
          eventsInAccount: 0,
          settings: { export_enabled: false, event_detail: null },
        },
      });
      await everyMinute();
      expect(await world.live()).toHaveLength(1);
      expect(await world.live(stage.marc.calendar)).toEqual([]);
      await forgotten();
      expect(await revoked()).toBe(stage.can.revoke ? 1 : 0);
      await world.claire.start();
      await world.settled();
      expect(await world.live(stage.marc.calendar)).toHaveLength(1);
      expect(await world.live()).toHaveLength(1);
    });

    test('remove_and_replace: takes over when the old calendar holds nothing of ours any more', async () => {
      await asks();
      expect((await answer('remove_and_replace')).status).toBe(200);
      await until(
        async () => (await world.statusOf(world.claire)).account.email === stage.marc.email,
        'the other account has taken over',
      );
      expect(await world.live()).toEqual([]);
      expect(await world.statusOf(world.claire)).toMatchObject({
        connected: true,
        removingEvents: false,
        pendingAccount: null,
        settings: { export_enabled: false },
      });
      await everyMinute();
      expect(await world.live(stage.marc.calendar)).toEqual([]);
      await forgotten();
      expect(await revoked()).toBe(stage.can.revoke ? 1 : 0);
      expect((await world.claire.use('connect/calendars')).status).toBe(200);
    });

    test('remove_and_replace: is refused where the old grant has died, and replace is left', async () => {
      await asks();
      await world.emulator.control('revoke', { email: stage.claire.email });
      await world.claire.use('connect/calendars');
      expect(await answer('remove_and_replace')).toMatchObject({ status: 409, body: { error: 'NEED_RECONSENT' } });
      expect((await answer('replace')).body).toMatchObject({
        status: 'connected',
        account: { email: stage.marc.email },
      });
    });

    test('waits an hour for its answer', async () => {
      await asks();
      await world.sql`insert into private.app_config (key, value) values ('clock_offset', '3601 seconds')`;
      expect((await world.statusOf(world.claire)).pendingAccount).toBeNull();
      expect(await answer('replace')).toMatchObject({ status: 400, body: { error: 'OAUTH_STATE_INVALID' } });
      expect((await world.statusOf(world.claire)).account.email).toBe(stage.claire.email);
    });
  });
});
