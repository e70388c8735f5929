/** What happened to other calendar syncs, done to this one: the real engine, a real Postgres, the emulator's faults. */
import { describe, expect, test } from 'vitest';
import { deriveEventId } from '../../supabase/functions/_shared/sync/shared/event_id.ts';
import { until } from '../local/bare_database.ts';
import { tomorrow } from './moments.ts';
import { OutboundWorld } from './outbound_world.ts';
import type { SeenEvent } from './provider_stage.ts';
import { STAGES } from './stages.ts';

const world = new OutboundWorld();

describe.each(STAGES)('%s', (_name, stage) => {
  world.at(stage);
  const { claire, marc } = stage;

  /** Connected, with one appointment and its event. */
  async function synced(fields: Record<string, unknown> = {}): Promise<{ id: string; event: SeenEvent }> {
    await world.claire.connect(claire.email);
    const id = await world.book(world.lumiere, fields);
    await world.settled();
    return { id, event: await world.event() };
  }

  const syncNow = () => world.claire.use('sync/sync-now', { body: {} });

  describe('creating', () => {
    test('F01: a batch whose whole answer is lost makes each event once', async () => {
      await world.claire.connect(claire.email);
      await world.fault('batch', { loseAnswer: 'drop' }, { nth: 1 });
      await world.bookMany(world.lumiere, 30);
      await until(async () => (await world.live()).length === 30, 'the batch has arrived');
      await world.later();
      await world.settled();
      expect(await world.events()).toHaveLength(30);
      expect(await world.creates()).toHaveLength(30);
      expect(await world.sql`select 1 from public.appointment_external_links where sync_status = 'synced'`)
        .toHaveLength(30);
    });

    // Where the provider names events, no foreign event can have our id.
    test.runIf(stage.can.nameEvents)(
      'F14: an event of somebody else under our id is left alone, and ours gets another id',
      async () => {
        await world.claire.connect(claire.email);
        const { integrationId } = (await world.sql`select id as "integrationId" from public.calendar_integrations`)[0]!;
        const id = crypto.randomUUID();
        const taken = deriveEventId(world.lumiere.organisationId, integrationId, id, 0);
        const event = { id: taken, ...stage.resource({ title: 'Le mien', start: tomorrow(6), end: tomorrow(7) }) };
        await stage.seed(world.emulator, claire.calendar, event);
        await world.book(world.lumiere, { id });
        await world.settled();
        const titles = (await world.live()).map((one) => [one.id === taken, one.title]);
        expect(titles.sort()).toEqual([[false, '[Cassius] Contrôle — Ada Lovelace'], [true, 'Le mien']]);
        expect(await world.linkOf(id)).toMatchObject({ epoch: 1, sync_status: 'synced' });
      },
    );

    test('F01, F02: an event that was made, unheard of, and deleted there at once is made anew', async () => {
      await world.claire.connect(claire.email);
      await world.fault('create', { loseAnswer: 'drop' }, { nth: 1 });
      const id = await world.book(world.lumiere);
      await until(async () => (await world.live()).length === 1, 'the event was made');
      const unheard = await world.event();
      await stage.person.remove(world.emulator, claire.email, { calendar: claire.calendar, id: unheard.id });
      await world.later();
      await world.settled();
      expect((await world.event()).id).not.toBe(unheard.id);
      expect(await world.linkOf(id)).toMatchObject({ epoch: 1, sync_status: 'synced' });
    });
  });

  describe('changing', () => {
    test.each(stage.tombstones)(
      'F02: a deleted event whose tombstone %s is no success: the appointment comes back under another id',
      async (_how, switches) => {
        const { id, event } = await synced();
        await world.switch(switches);
        // Not even the version protects us: what it would have refused is asked for.
        await world.sql`update public.appointment_external_links set etag = null where rdv_id = ${id}`;
        await stage.person.remove(world.emulator, claire.email, { calendar: claire.calendar, id: event.id });
        await world.change(world.lumiere, id, { type: 'Suivi' });
        await world.settled();
        const live = await world.live();
        expect(live.map((one) => [one.id !== event.id, one.title])).toEqual([
          [true, '[Cassius] Suivi — Ada Lovelace'],
        ]);
        expect(await world.linkOf(id)).toMatchObject({
          epoch: 1,
          sync_status: 'synced',
          external_event_id: live[0]!.id,
        });
      },
    );

    const invite = async (event: SeenEvent) => {
      const place = { calendar: claire.calendar, id: event.id };
      await stage.person.invite(world.emulator, claire.email, place, 'guest@elsewhere.test');
    };
    const mails = async () => (await world.emulator.control('state?only=mails')).mails;

    // Where a write can ask for silence; the next test is of where it cannot.
    test.runIf(stage.can.writeSilently)(
      'F06, F07: an event to which somebody invited people keeps them, and nobody is mailed',
      async () => {
        const { id, event } = await synced();
        await invite(event);
        await world.change(world.lumiere, id, { location: 'Salle 2', starts_at: tomorrow(14), ends_at: tomorrow(15) });
        await world.settled();
        const changed = await world.event();
        expect(changed.location).toBe('Salle 2');
        expect(changed.guests).toEqual(['guest@elsewhere.test']);
        await world.change(world.lumiere, id, { status: 'cancelled' });
        await world.settled();
        // a change whose version is old by the invitation, and the same again
        expect(new Set(await world.writes())).toEqual(new Set(['create', 'change', 'delete']));
        const writes = (await world.requests()).filter(({ step }) => ['create', 'change', 'delete'].includes(step));
        expect(writes.every(({ sendUpdates }) => sendUpdates === 'none')).toBe(true);
        expect(await mails()).toEqual([]);
      },
    );

    // Where every write to a meeting tells its guests, it stays as its owner left it, in sight.
    test.runIf(!stage.can.writeSilently)(
      'F06, F07: an event to which somebody invited people is not touched, nobody is mailed, and the person is told',
      async () => {
        const { id, event } = await synced();
        await invite(event);
        const before = await world.event();
        expect(before.guests).toEqual(['guest@elsewhere.test']);
        await world.change(world.lumiere, id, { location: 'Salle 2', starts_at: tomorrow(14), ends_at: tomorrow(15) });
        await until(async () => (await world.statusOf(world.claire)).failed === 1, 'it is parked');
        await world.change(world.lumiere, id, { status: 'cancelled' });
        await world.settled();
        for (const _minute of [1, 2]) await world.later();
        await world.settled();
        expect(await world.event()).toEqual(before);
        expect(await world.writes()).toEqual(['create']);
        expect(await world.linkOf(id)).toMatchObject({
          sync_status: 'error',
          last_error: { code: 'PERMISSION_DENIED' },
        });
        expect(await mails()).toEqual([]);
      },
    );

    test('F14: a copy that carries our mark is nobody’s event: ours is changed and removed, the copy stays', async () => {
      const { id, event } = await synced();
      const place = { calendar: claire.calendar, id: event.id };
      const copy = await stage.person.copy(world.emulator, claire.email, place, {
        start: tomorrow(16),
        end: tomorrow(17),
      });
      await world.change(world.lumiere, id, { type: 'Suivi' });
      await world.settled();
      expect((await syncNow()).body).toMatchObject({ failed: 0, remaining: 0 });
      const seen = new Map((await world.live()).map((one) => [one.id, one.title]));
      expect(Object.fromEntries(seen)).toEqual({
        [event.id]: '[Cassius] Suivi — Ada Lovelace',
        [copy.id]: '[Cassius] Contrôle — Ada Lovelace',
      });
      await world.lumiere.client.from('rdv').delete().eq('id', id);
      await world.settled();
      expect((await world.live()).map((one) => one.id)).toEqual([copy.id]);
    });

    test('F18: what somebody changes in the very moment stays, and ours is written', async () => {
      const { id } = await synced();
      await world.settings(world.claire, { two_way: 'review' });
      await world.settled();
      await world.fault('change', world.edited({ location: 'Salle 9' }), { nth: 1 });
      await world.change(world.lumiere, id, { type: 'Suivi' });
      await world.settled();
      expect(await world.event()).toMatchObject({
        title: '[Cassius] Suivi — Ada Lovelace',
        location: 'Salle 9',
      });
      expect((await world.calls('change')).map(({ status }) => status)).toEqual([412, 200]);
    });

    test('F18: an event that changes at every try costs a few rounds, not a storm, and waits in sight', async () => {
      const { id } = await synced();
      await world.settings(world.claire, { two_way: 'review' });
      await world.settled();
      await world.fault('change', world.edited({ location: 'Ailleurs' }));
      await world.change(world.lumiere, id, { type: 'Suivi' });
      await until(
        async () => (await world.sql`select 1 from private.sync_outbox where attempts > 0`).length > 0,
        'the attempt is counted',
      );
      await world.idle();
      expect((await world.calls('change')).length % 4).toBe(0);
      expect(await world.linkOf(id)).toMatchObject({
        sync_status: 'pending',
        last_error: { code: 'VERSION_CONFLICT' },
      });
      expect(await world.statusOf(world.claire)).toMatchObject({ status: 'connected', pending: 1, failed: 0 });
      await world.calm();
      await world.later();
      await world.settled();
      expect(await world.event()).toMatchObject({ title: '[Cassius] Suivi — Ada Lovelace' });
    });

    test('F18: the same field changed on both sides is one open conflict, and neither side is overwritten', async () => {
      const { id } = await synced();
      await world.settings(world.claire, { two_way: 'review' });
      await world.settled();
      await world.fault('change', world.edited({ title: 'Le mien' }), { nth: 1 });
      await world.change(world.lumiere, id, { type: 'Suivi' });
      await world.settled();
      expect((await world.event()).title).toBe('Le mien');
      const conflicts = await world.sql`select reason, status, internal_id, payload from public.sync_conflicts`;
      expect(conflicts).toMatchObject([
        { reason: 'changed_both_sides', status: 'open', internal_id: id, payload: { fields: ['title'] } },
      ]);
      expect(await world.statusOf(world.claire)).toMatchObject({ openConflicts: 1, pending: 0 });
    });
  });

  describe('reading', () => {
    test.each<[string, Record<string, unknown>]>([
      ['an error page', { html5xx: 500 }],
      ['an answer that breaks off', { malformed: true }],
      ['a rate limit', { ...stage.refusals.rateLimit, retryAfter: 1 }],
    ])('F04: a look at an event that meets %s deletes and doubles nothing', async (_what, action) => {
      const { event } = await synced();
      await world.fault('look', action, { nth: 1 });
      const { body } = await syncNow();
      expect(body).toMatchObject({ created: 0, updated: 0, deleted: 0, skipped: 1, failed: 0, remaining: 0 });
      expect((await world.events()).map(({ id, live }) => [id, live])).toEqual([[event.id, true]]);
      expect(await world.writes()).toEqual(['create']);
      expect((await world.calls('look')).length).toBeGreaterThan(1);
    });

    test('F13: texts that the calendar stores in its own way are written once, not for ever', async () => {
      await world.switch({ trimTexts: true });
      const { id } = await synced({
        type: '  Bilan 👩🏽‍⚕️ <b>complet</b> ',
        notes: ' <p>Venir à jeun</p>\r\n\r\n🦷 &amp; radio  ',
        location: ' Salle 1 ',
      });
      for (const _round of [1, 2]) {
        expect((await syncNow()).body).toMatchObject({ created: 0, updated: 0, skipped: 1, failed: 0 });
      }
      await world.change(world.lumiere, id, { location: ' Salle 1  ' });
      await world.settled();
      expect(await world.writes()).toEqual(['create']);
    });
  });

  describe('refusals', () => {
    test('F08: a rate limit is waited out as long as it asks, the appointment in sight all the while', async () => {
      await world.claire.connect(claire.email);
      await world.fault('create', { ...stage.refusals.rateLimit, retryAfter: 300 }, { nth: 1 });
      const id = await world.book(world.lumiere);
      const { code, seconds } = await world.paused();
      expect(code).toBe('RATE_LIMITED');
      expect(seconds).toBeGreaterThan(290);
      expect(seconds).toBeLessThanOrEqual(300);
      expect(await world.statusOf(world.claire)).toMatchObject({ pending: 1, failed: 0, status: 'connected' });
      expect(await world.linkOf(id)).toMatchObject({ sync_status: 'pending' });
      const [row] = await world.sql`select attempts, parked_at from private.sync_outbox`;
      expect(row).toEqual({ attempts: 0, parked_at: null });
      await world.idle();
      await world.stack.runCron('cassius-sweep');
      expect(await world.calls('create')).toHaveLength(1);
      await world.later();
      await world.settled();
      expect(await world.live()).toHaveLength(1);
    });

    test('F12: one practice’s trouble does not stop another’s', async () => {
      await world.claire.connect(claire.email);
      await world.marc.connect(marc.email);
      await world.emulator.control('faults', { match: { account: marc.email }, action: { html5xx: 503 } });
      await world.book(world.rivoli);
      await world.book(world.lumiere);
      await until(async () => (await world.live()).length === 1, 'the healthy one goes on');
      expect(await world.live(marc.calendar)).toEqual([]);
      expect(await world.statusOf(world.marc)).toMatchObject({ status: 'connected', pending: 1, failed: 0 });
      await world.calm();
      await world.later();
      await world.settled();
      expect(await world.live(marc.calendar)).toHaveLength(1);
    });

    test('F20: a delete that is forbidden is parked at once, told, and not asked for again', async () => {
      const { id } = await synced();
      await world.fault('delete', stage.refusals.forbidden);
      await world.change(world.lumiere, id, { status: 'cancelled' });
      await until(async () => (await world.statusOf(world.claire)).failed === 1, 'it is parked');
      for (const _minute of [1, 2, 3]) await world.later();
      await world.idle();
      expect(await world.calls('delete')).toHaveLength(1);
      expect(await world.linkOf(id)).toMatchObject({ sync_status: 'error', last_error: { code: 'PERMISSION_DENIED' } });
      await world.calm();
      const retried = await world.claire.use('sync/retry', { body: { rdvIds: [id] } });
      expect(retried.body).toMatchObject({ deleted: 1, failed: 0, remaining: 0 });
      expect(await world.live()).toEqual([]);
    });

    test('F30: a quota that is spent is waited out for hours, and nothing fails', async () => {
      await world.claire.connect(claire.email);
      await world.fault('create', stage.refusals.quota, { nth: 1 });
      await world.book(world.lumiere);
      const { code, seconds } = await world.paused();
      expect(code).toBe('QUOTA_EXCEEDED');
      expect(seconds / 3600).toBeGreaterThan(5);
      expect(await world.statusOf(world.claire)).toMatchObject({
        status: 'connected',
        pending: 1,
        failed: 0,
        lastError: { code: 'QUOTA_EXCEEDED' },
      });
      await world.later();
      await world.settled();
      expect(await world.live()).toHaveLength(1);
    });
  });

  describe('the grant', () => {
    test.each([
      ['ends', stage.switches.rotating, stage.can.refuseLightly ? [200, 400, 400] : [200, 400]],
      ['spares', {}, [200, 200]],
    ])('F10: of two functions that refresh at once, where the first %s the other’s token, both go on', async (
      _how,
      switches,
      statuses,
    ) => {
      await world.claire.connect(claire.email);
      await world.switch(switches);
      await world.sql`update private.credentials set access_expires_at = now() where true`;
      // Long enough for the second to set out with the same token, and to hear of its end after the first has stored its own.
      await world.fault('refresh', { delayMs: 400 }, { nth: 1 });
      await world.fault('refresh', { delayMs: 800 }, { nth: 2 });
      const before = (await world.calls('refresh')).length;
      await world.book(world.lumiere);
      await until(
        async () =>
          (await world.emulator.control('state?only=faults')).faults.some(({ matched }: { matched: number }) =>
            matched > 0
          ),
        'the first is asking',
      );
      expect((await world.claire.use('connect/calendars')).status).toBe(200);
      await world.settled();
      expect((await world.calls('refresh')).slice(before).map(({ status }) => status)).toEqual(statuses);
      expect(await world.statusOf(world.claire)).toMatchObject({ status: 'connected', lastError: null, failed: 0 });
      expect(await world.live()).toHaveLength(1);
    });

    test('F09: what is written while the grant is dead waits, and is written once after reconnecting', async () => {
      const { id } = await synced();
      await world.emulator.control('revoke', { email: claire.email });
      await world.change(world.lumiere, id, { type: 'Suivi' });
      await until(
        async () => (await world.statusOf(world.claire)).status === 'reconnect_required',
        'the dead grant is noticed at the first write',
      );
      await world.book(world.lumiere, { starts_at: tomorrow(11), ends_at: tomorrow(12) });
      expect(await world.statusOf(world.claire)).toMatchObject({
        pending: 2,
        failed: 0,
        lastError: { code: 'NEED_RECONSENT' },
      });
      const asked = async () => (await world.calls('refresh')).length;
      const before = await asked();
      await world.stack.runCron('cassius-sweep');
      await world.idle();
      expect(await asked()).toBe(before);
      await world.claire.connect(claire.email);
      await world.settled();
      const summaries = (await world.live()).map(({ title }) => title).sort();
      expect(summaries).toEqual(['[Cassius] Contrôle — Ada Lovelace', '[Cassius] Suivi — Ada Lovelace']);
      expect(await world.events()).toHaveLength(2);
    });

    test('F30: a grant that ends by its age is told to the person, who reconnects', async () => {
      await world.switch(stage.aging.switches);
      const { id } = await synced();
      await world.emulator.control('clock', { advanceMs: stage.aging.days * 86_400_000 });
      await world.change(world.lumiere, id, { type: 'Suivi' });
      await until(
        async () => (await world.statusOf(world.claire)).status === 'reconnect_required',
        'the end of the grant is noticed',
      );
      const { lastError, pending, failed } = await world.statusOf(world.claire);
      expect({ code: lastError.code, pending, failed }).toEqual({ code: 'NEED_RECONSENT', pending: 1, failed: 0 });
      expect(lastError.message).toContain('reconnectez le compte');
      await world.claire.connect(claire.email);
      await world.settled();
      expect((await world.live()).map(({ title }) => title)).toEqual(['[Cassius] Suivi — Ada Lovelace']);
    });
  });

  describe('the target calendar', () => {
    test('F19: deleted under its events, it holds the queue; they move to the one that the person picks', async () => {
      await world.claire.connect(claire.email);
      await world.settings(world.claire, { calendar_target_id: claire.second });
      const id = await world.book(world.lumiere);
      await world.settled();
      await stage.deleteCalendar(world.emulator, claire.second);
      await world.change(world.lumiere, id, { type: 'Suivi' });
      await world.reaches('error', 'the loss is noticed');
      expect(await world.statusOf(world.claire)).toMatchObject({
        pending: 1,
        failed: 0,
        lastError: { code: 'CALENDAR_NOT_FOUND' },
      });
      expect(await syncNow()).toMatchObject({ status: 404, body: { error: 'CALENDAR_NOT_FOUND' } });
      await world.settings(world.claire, { calendar_target_id: claire.calendar });
      await world.settled();
      const [event, ...others] = await world.live();
      expect(others).toEqual([]);
      expect(event?.title).toBe('[Cassius] Suivi — Ada Lovelace');
      expect(await world.linkOf(id)).toMatchObject({ external_calendar_id: claire.calendar, sync_status: 'synced' });
      expect(await world.statusOf(world.claire)).toMatchObject({ status: 'connected', lastError: null });
    });

    test('F19: read-only under our hands, it holds the queue until the person picks another', async () => {
      await world.claire.connect(claire.email);
      await world.settings(world.claire, { calendar_target_id: claire.second });
      await stage.makeReadOnly(world.emulator, claire, claire.second);
      await world.book(world.lumiere);
      await world.reaches('error', 'the refusal is noticed');
      expect(await world.statusOf(world.claire)).toMatchObject({
        pending: 1,
        failed: 0,
        lastError: { code: 'CALENDAR_READ_ONLY' },
      });
      await world.stack.runCron('cassius-sweep');
      await world.idle();
      expect(await world.calls('create')).toHaveLength(1);
      await world.settings(world.claire, { calendar_target_id: claire.calendar });
      await world.settled();
      expect(await world.live()).toHaveLength(1);
    });

    test('F19: read-only when the connection ends, it does not keep the tokens alive', async () => {
      await world.claire.connect(claire.email);
      await world.settings(world.claire, { calendar_target_id: claire.second });
      await world.book(world.lumiere);
      await world.settled();
      await stage.makeReadOnly(world.emulator, claire, claire.second);
      expect((await world.claire.use('connect/disconnect', { body: { removeEvents: true } })).status).toBe(200);
      await until(
        async () => (await world.sql`select 1 from private.credentials`).length === 0,
        'the tokens are forgotten',
      );
      expect((await world.statusOf(world.claire)).connected).toBe(false);
    });
  });

  describe('the wake-up', () => {
    test('F26: that cannot be sent refuses no booking, and the sweep makes good for it', async () => {
      await world.withoutWakeUps(async () => {
        await world.claire.connect(claire.email);
        await world.book(world.lumiere);
        expect(await world.statusOf(world.claire)).toMatchObject({ pending: 1 });
      });
      await world.stack.runCron('cassius-sweep');
      await world.settled();
      expect(await world.live()).toHaveLength(1);
    });

    test('F28: that is lost with the request queue is made good by the sweep', async () => {
      // The worker that the connection wakes could still be at it, and would find the appointment by itself.
      await world.withoutWakeUps(() => world.claire.connect(claire.email));
      await world.sql.begin(async (sql) => {
        const { organisationId, practitionerId, patientId } = world.lumiere;
        await sql`insert into public.rdv (organisation_id, practitioner_id, patient_id, type, starts_at)
        values (${organisationId}, ${practitionerId}, ${patientId}, 'Contrôle', ${tomorrow(9)})`;
        await sql`delete from net.http_request_queue`;
      });
      expect(await world.statusOf(world.claire)).toMatchObject({ pending: 1 });
      expect(await world.live()).toEqual([]);
      await world.stack.runCron('cassius-sweep');
      await world.settled();
      expect(await world.live()).toHaveLength(1);
    });
  });

  describe('a worker that dies', () => {
    test(
      'F29: in the middle of its batches is followed by another once its lease is over, and nothing is there twice',
      async () => {
        await world.claire.connect(claire.email);
        await world.liftQuotas();
        await world.switch({ latencyMs: 150 });
        await world.bookMany(world.lumiere, 200);
        await until(async () => (await world.live()).length > 0, 'the first batch is written');
        await world.stack.stopFunctions(); // SIGKILL: nothing is given back and no answer is kept
        const leased = () => world.sql`select 1 from private.sync_lanes where lease_until > private.clock()`;
        expect(await leased()).toHaveLength(1);
        await world.stack.startFunctions();
        const written = (await world.live()).length;
        expect(written).toBeLessThan(200);
        // The lease still holds: no second worker starts, whatever woke it.
        await world.stack.runCron('cassius-sweep');
        expect((await world.claire.use('sync/retry', { body: {} })).status).toBe(200);
        expect((await world.live()).length).toBe(written);

        await world.sql`insert into private.app_config (key, value) values ('clock_offset', '3 minutes')`;
        expect(await leased()).toEqual([]);
        await world.stack.runCron('cassius-sweep');
        await world.settled();
        expect(await world.events()).toHaveLength(200);
        expect(await world.live()).toHaveLength(200);
        const creates = await world.creates();
        expect(creates).toHaveLength(200);
        expect(creates.every(({ created }) => created === 1)).toBe(true);
        const { size } = new Set(
          (await world
            .sql`select external_event_id from public.appointment_external_links where sync_status = 'synced'`)
            .map((link) => link.external_event_id),
        );
        expect(size).toBe(200);
      },
      60_000,
    );
  });
});
