import { describe, expect, test } from 'vitest';
import { until } from '../local/bare_database.ts';
import { tomorrow } from './moments.ts';
import { OutboundWorld } from './outbound_world.ts';
import { STAGES } from './stages.ts';

const world = new OutboundWorld();

describe.each(STAGES)('%s', (_name, stage) => {
  world.at(stage);
  const { claire, marc } = stage;

  describe('an appointment', () => {
    test('written in Postgres is an event in its own practitioner’s calendar, and in nobody else’s', async () => {
      await world.claire.connect(claire.email);
      await world.marc.connect(marc.email);
      await Promise.all([world.book(world.lumiere), world.book(world.rivoli, { type: 'Détartrage' })]);
      await until(
        async () => (await world.live()).length === 1 && (await world.live(marc.calendar)).length === 1,
        'both events',
      );
      expect((await world.event()).title).toBe('[Cassius] Contrôle — Ada Lovelace');
      expect((await world.event(marc.calendar)).title).toBe('[Cassius] Détartrage — Ada Lovelace');
      await world.settled();
    });

    test('keeps one event through edit, cancel, un-cancel and delete', async () => {
      await world.claire.connect(claire.email);
      const id = await world.book(world.lumiere);
      await world.settled();
      expect(await world.live()).toHaveLength(1);
      expect((await world.linkOf(id))!.sync_status).toBe('synced');

      await world.change(world.lumiere, id, { starts_at: tomorrow(14), ends_at: tomorrow(15), location: 'Salle 2' });
      await world.settled();
      const moved = await world.event();
      expect(Date.parse(moved.start)).toBe(Date.parse(tomorrow(14)));
      expect(moved.location).toBe('Salle 2');

      await world.change(world.lumiere, id, { status: 'cancelled' });
      await world.settled();
      expect(await world.live()).toEqual([]);
      expect((await world.linkOf(id))!.sync_status).toBe('none');

      await world.change(world.lumiere, id, { status: 'scheduled' });
      await world.settled();
      expect(await world.live()).toHaveLength(1);
      expect((await world.linkOf(id))!.epoch).toBe(1);

      const gone = await world.lumiere.client.from('rdv').delete().eq('id', id);
      expect(gone.error).toBeNull();
      await world.settled();
      expect(await world.live()).toEqual([]);
    });

    test('F02: whose event somebody deleted in the calendar comes back with the next change, under another id', async () => {
      await world.claire.connect(claire.email);
      const id = await world.book(world.lumiere);
      await world.settled();
      const event = await world.event();
      await world.stage.person.remove(world.emulator, claire.email, { calendar: claire.calendar, id: event.id });
      await world.change(world.lumiere, id, { notes: 'Apporter la radio' });
      await world.settled();
      const back = await world.event();
      expect(back.description).toContain('Apporter la radio');
      expect(back.id).not.toBe(event.id);
    });

    test('deleted in the calendar comes back when a person presses sync now', async () => {
      await world.claire.connect(claire.email);
      await world.book(world.lumiere);
      await world.settled();
      const event = await world.event();
      await world.stage.person.remove(world.emulator, claire.email, { calendar: claire.calendar, id: event.id });
      const answer = await world.claire.use('sync/sync-now', { body: {} });
      expect(answer.status).toBe(200);
      expect(answer.body).toMatchObject({ created: 1, failed: 0, remaining: 0, failures: [] });
      expect(await world.live()).toHaveLength(1);
    });

    test('without patient or start is not exported, and says why', async () => {
      await world.claire.connect(claire.email);
      const [noPatient, noStart] = await Promise.all([
        world.book(world.lumiere, { patient_id: null }),
        world.book(world.lumiere, { starts_at: null, ends_at: null }),
      ]);
      await world.settled();
      expect(await world.live()).toEqual([]);
      expect((await world.linkOf(noPatient))!.skip_reason).toBe('no_patient');
      expect((await world.linkOf(noStart))!.skip_reason).toBe('no_start');
    });

    test('handed to another practitioner leaves the first calendar', async () => {
      await world.claire.connect(claire.email);
      const id = await world.book(world.lumiere);
      await world.settled();
      const [other] = await world.sql`insert into public.organisation_members (organisation_id, role, display_name)
      values (${world.lumiere.organisationId}, 'practitioner', 'Dr Remplaçant') returning id`;
      await world.change(world.lumiere, id, { practitioner_id: other!.id });
      await world.settled();
      expect(await world.live()).toEqual([]);
    });
  });

  describe('what is shared with the calendar', () => {
    test('follows the level of detail, for the events that exist too', async () => {
      await world.claire.connect(claire.email);
      await world.book(world.lumiere, { act: 'Couronne', notes: 'Allergie pénicilline' });
      await world.settled();
      await world.claire.use('connect/settings', { method: 'PATCH', body: { event_detail: 'initials' } });
      await world.settled();
      const initials = await world.event();
      expect(initials.title).toBe('[Cassius] Contrôle — A. L.');
      expect(initials.description).not.toContain('Allergie');
      await world.claire.use('connect/settings', { method: 'PATCH', body: { event_detail: 'busy' } });
      await world.settled();
      const busy = await world.event();
      expect(`${busy.title} ${busy.description}`).not.toMatch(/Lovelace|A\. L\.|Couronne|Contrôle|Allergie/);
    });

    test('shows a patient’s new name', async () => {
      await world.claire.connect(claire.email);
      await world.book(world.lumiere);
      await world.settled();
      const { error } = await world.lumiere.client.from('patients').update({ last_name: 'King' }).eq(
        'id',
        world.lumiere.patientId,
      );
      expect(error).toBeNull();
      await world.settled();
      expect((await world.event()).title).toBe('[Cassius] Contrôle — Ada King');
      await world.lumiere.client.from('patients').update({ last_name: 'Lovelace' }).eq('id', world.lumiere.patientId);
      await world.settled();
    });

    test('moves with the target calendar', async () => {
      await world.claire.connect(claire.email);
      await world.book(world.lumiere);
      await world.settled();
      const changed = await world.claire.use('connect/settings', {
        method: 'PATCH',
        body: { calendar_target_id: claire.second },
      });
      expect(changed.status).toBe(200);
      await world.settled();
      expect(await world.live()).toEqual([]);
      expect(await world.live(claire.second)).toHaveLength(1);
    });
  });

  describe('switching off', () => {
    test('export stops the sync', async () => {
      await world.claire.connect(claire.email);
      await world.claire.use('connect/settings', { method: 'PATCH', body: { export_enabled: false } });
      await world.book(world.lumiere);
      await world.settled();
      expect(await world.live()).toEqual([]);
      await world.claire.use('connect/settings', { method: 'PATCH', body: { export_enabled: true } });
      await world.settled();
      expect(await world.live()).toHaveLength(1);
    });

    test('F17: disconnecting and connecting the same account again makes no second event', async () => {
      await world.claire.connect(claire.email);
      const id = await world.book(world.lumiere);
      await world.settled();
      const ended = await world.claire.use('connect/disconnect', { body: {} });
      expect(ended.body.state).toBe('disconnected');
      await world.change(world.lumiere, id, { notes: 'Changé pendant la coupure' });
      await world.settled();
      expect((await world.event()).description).not.toContain('coupure');
      await world.claire.connect(claire.email);
      await world.settled();
      const after = await world.live();
      expect(after).toHaveLength(1);
      expect(after[0]?.description).toContain('coupure');
    });

    test('a disconnect that removes the events leaves none behind and forgets the tokens', async () => {
      await world.claire.connect(claire.email);
      await Promise.all(
        Array.from(
          { length: 8 },
          (_, hour) => world.book(world.lumiere, { starts_at: tomorrow(8 + hour), ends_at: tomorrow(9 + hour) }),
        ),
      );
      await world.settled();
      expect(await world.live()).toHaveLength(8);
      const ended = await world.claire.use('connect/disconnect', { body: { removeEvents: true } });
      expect(ended.status).toBe(200);
      await until(async () => (await world.live()).length === 0, 'no event is left');
      await until(
        async () => (await world.sql`select 1 from private.credentials`).length === 0,
        'the tokens are forgotten',
      );
    });
  });

  describe('when things break', () => {
    test('F01: nothing is duplicated when every answer to a create is lost once', async () => {
      await world.claire.connect(claire.email);
      await world.fault('create', { loseAnswer: 503 }, { nth: 1 });
      await world.book(world.lumiere);
      await until(async () => (await world.live()).length === 1, 'the event was made');
      await world.sql`update private.sync_outbox set next_attempt_at = now() where true`;
      await world.sql`update private.sync_lanes set paused_until = null where true`;
      await world.stack.runCron('cassius-sweep');
      await world.settled();
      expect(await world.live()).toHaveLength(1);
      // asked for twice under one id: the second answer led to the event that the first had made
      expect((await world.creates()).map(({ asked }) => asked)).toEqual([2]);
      expect(await world.events()).toHaveLength(1);
    });

    test('F08: a rate limit keeps the appointment waiting in sight, and it goes through afterwards', async () => {
      await world.claire.connect(claire.email);
      await world.fault('create', stage.refusals.rateLimit, { nth: 1 });
      await world.book(world.lumiere);
      await until(
        async () =>
          (await world.sql`select 1 from private.sync_lanes where strikes > 0 or last_success_at is not null`).length >
            0,
        'the limit was met',
      );
      await world.sql`update private.sync_lanes set paused_until = null where true`;
      await world.sql`update private.sync_outbox set next_attempt_at = now() where true`;
      await world.stack.runCron('cassius-sweep');
      await world.settled();
      expect(await world.live()).toHaveLength(1);
    });

    test('F12: one bad appointment is parked and the others go on', async () => {
      await world.claire.connect(claire.email);
      const bad = await world.book(world.lumiere, { starts_at: tomorrow(12), ends_at: tomorrow(11) });
      const good = await world.book(world.lumiere);
      await world.settled();
      expect((await world.linkOf(bad))!.sync_status).toBe('error');
      expect((await world.linkOf(bad))!.last_error.code).toBe('INVALID_EVENT');
      expect((await world.linkOf(good))!.sync_status).toBe('synced');
      expect((await world.claire.use('connect/status')).body.failed).toBe(1);
      await world.change(world.lumiere, bad, { ends_at: tomorrow(13) });
      await world.settled();
      expect(await world.live()).toHaveLength(2);
    });

    test('F09: a revoked grant is seen at once, the queue is held and drains after reconnecting', async () => {
      await world.claire.connect(claire.email);
      await world.emulator.control('revoke', { email: claire.email });
      await world.sql`update private.credentials set access_expires_at = now() where true`;
      await world.book(world.lumiere);
      await until(
        async () => (await world.claire.use('connect/status')).body.status === 'reconnect_required',
        'the dead grant is noticed',
      );
      expect((await world.claire.use('connect/status')).body.pending).toBe(1);
      await world.claire.connect(claire.email);
      await world.settled();
      expect(await world.live()).toHaveLength(1);
    });

    test('F19: a deleted target calendar holds the queue until the person picks another', async () => {
      await world.claire.connect(claire.email);
      await world.claire.use('connect/settings', { method: 'PATCH', body: { calendar_target_id: claire.second } });
      await stage.deleteCalendar(world.emulator, claire.second);
      await world.book(world.lumiere);
      await world.reaches('error', 'the loss is noticed');
      expect((await world.claire.use('connect/status')).body.lastError.code).toBe('CALENDAR_NOT_FOUND');
      await world.claire.use('connect/settings', { method: 'PATCH', body: { calendar_target_id: claire.calendar } });
      await world.settled();
      expect(await world.live()).toHaveLength(1);
    });

    test(
      'F26, F28: 500 appointments written while the functions are down become 500 events, with nobody pressing anything',
      async () => {
        await world.claire.connect(claire.email);
        await world.liftQuotas();
        await world.stack.stopFunctions();
        await world.bookMany(world.lumiere, 500);
        await world.stack.startFunctions();
        await world.stack.runCron('cassius-sweep');
        await world.settled();
        expect(await world.live()).toHaveLength(500);
        expect(await world.creates()).toHaveLength(500);
      },
      60_000,
    );

    test('a forged nudge is refused and wakes nobody', async () => {
      const answer = await fetch(`${world.stack.apiUrl}/functions/v1/${stage.name}-sync`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'webhook-id': 'msg_forged',
          'webhook-timestamp': String(Math.floor(Date.now() / 1000)),
          'webhook-signature': 'v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=',
        },
        body: '{}',
      });
      expect(answer.status).toBe(401);
      expect((await answer.json()).error).toBe('UNAUTHENTICATED');
    });

    test.each<[string, string, unknown]>([
      ['a range that ends before it begins', 'sync/sync-now', { from: tomorrow(10), to: tomorrow(9) }],
      ['no date', 'sync/sync-now', { from: 'demain' }],
      ['a date without its offset', 'sync/sync-now', { from: '2026-11-21T00:00:00' }],
      ['what no route knows', 'sync/sync-now', { force: true }],
      ['malformed JSON', 'sync/sync-now', '{"from":'],
      ['no id', 'sync/retry', { rdvIds: ['one'] }],
      ['no ids at all', 'sync/retry', { rdvIds: [] }],
    ])('a request with %s is refused and writes nothing', async (_what, path, body) => {
      await world.claire.connect(claire.email);
      const answer = await world.claire.use(path, { body });
      expect(answer).toMatchObject({
        status: 400,
        body: { error: 'INVALID_REQUEST', step: expect.any(String), requestId: expect.any(String) },
      });
      expect(await world.writes()).toEqual([]);
    });

    test('sync now without a connection says so', async () => {
      const answer = await world.marc.use('sync/sync-now', { body: {} });
      expect(answer.status).toBe(400);
      expect(answer.body.error).toBe('NOT_CONNECTED');
    });
  });

  test('no token, name or title is in any log line', async () => {
    await world.claire.connect(claire.email);
    await world.book(world.lumiere);
    await world.settled();
    const tokens = await world
      .sql`select public.integration_credential(id) as credential from public.calendar_integrations`;
    const logs = world.stack.functionLogs();
    expect(logs).not.toMatch(/Lovelace|Contrôle|claire@/);
    for (const { credential } of tokens) {
      expect(logs).not.toContain(credential.accessToken);
      expect(logs).not.toContain(credential.refreshToken);
    }
  });
});
