/** Why is this appointment, or is it not, in the calendar? Every answer that there is, through the public route. */
import { describe, expect, test } from 'vitest';
import { until } from '../local/bare_database.ts';
import { day, tomorrow } from './moments.ts';
import { OutboundWorld } from './outbound_world.ts';
import type { Person } from './person.ts';
import { STAGES } from './stages.ts';

/** A colleague of Claire's. */
const HUGO = '10000000-0000-4000-8000-00000000000b';

const world = new OutboundWorld();

describe.each(STAGES)('%s', (_name, stage) => {
  world.at(stage);
  const { claire } = stage;

  const explain = async (id: string, person: Person = world.claire) =>
    (await person.use(`sync/explain?rdvId=${id}`)).body;
  /** What the answer says where nothing is said. */
  const PLAIN = {
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
  const connected = async () => {
    await world.claire.connect(claire.email);
    await world.settled();
  };
  const booked = async (fields: Record<string, unknown> = {}) => {
    const id = await world.book(world.lumiere, fields);
    await world.settled();
    return id;
  };

  /** Another worker has the calendar in hand meanwhile. */
  const inHand = async (work: () => Promise<void>) => {
    await world.sql`update private.sync_lanes
      set lease_owner = gen_random_uuid(), lease_until = private.clock() + interval '10 minutes' where true`;
    try {
      await work();
    } finally {
      await world.sql`update private.sync_lanes set lease_owner = null, lease_until = null where true`;
    }
  };

  describe('an appointment that is in the calendar', () => {
    test('is told so, and since when', async () => {
      await connected();
      const id = await booked();
      const { last_synced_at } = (await world.linkOf(id))!;
      const told = await explain(id);
      expect(told).toEqual({ ...PLAIN, decision: 'skip', reason: 'unchanged', inStepSince: expect.any(String) });
      expect(new Date(told.inStepSince)).toEqual(last_synced_at);
    });

    test('and was changed there is told to differ, since when', async () => {
      await connected();
      const id = await booked();
      await world.sql`update public.appointment_external_links set drifted_at = now() where rdv_id = ${id}`;
      expect(await explain(id)).toEqual({
        ...PLAIN,
        decision: 'skip',
        reason: 'unchanged',
        differsSince: expect.any(String),
      });
    });

    test('and does not belong there any more is about to be removed', async () => {
      await connected();
      const id = await booked();
      await world.unclaimed(async () => {
        await world.change(world.lumiere, id, { status: 'cancelled' });
        expect(await explain(id)).toEqual({
          ...PLAIN,
          decision: 'delete',
          waitsFor: 'turn',
          waitsSince: expect.any(String),
        });
      });
    });
  });

  describe('an appointment that is not sent is told why', () => {
    test.each<[string, Record<string, unknown>, string]>([
      ['it has no start', { starts_at: null, ends_at: null }, 'no_start'],
      ['it has no patient', { patient_id: null }, 'no_patient'],
      [
        'it is a colleague’s, next week',
        { practitioner_id: HUGO, starts_at: day(7, 9), ends_at: day(7, 10) },
        'out_of_scope',
      ],
      ['it began before the export', { starts_at: day(-30, 9), ends_at: day(-30, 10) }, 'past'],
      ['it is cancelled', { status: 'cancelled' }, 'cancelled'],
    ])('%s', async (_why, fields, reason) => {
      await connected();
      const id = await booked(fields);
      expect(await explain(id)).toEqual({ ...PLAIN, decision: 'skip', reason });
    });

    test('it came from a calendar', async () => {
      await connected();
      const id = await booked();
      await world.sql`update public.rdv set source = ${stage.name} where id = ${id}`;
      await world.settled();
      expect(await explain(id)).toEqual({ ...PLAIN, decision: 'skip', reason: 'imported_from_provider' });
    });

    test('its event was deleted there, and is to stay so', async () => {
      await connected();
      const id = await booked();
      await world.sql`update private.link_states s set state = 'detached'
        from public.appointment_external_links l where l.id = s.link_id and l.rdv_id = ${id}`;
      expect(await explain(id)).toEqual({ ...PLAIN, decision: 'skip', reason: 'unlinked' });
    });

    test('no calendar is chosen', async () => {
      await world.claire.grant(claire.email);
      const id = await booked();
      expect(await explain(id)).toEqual({ ...PLAIN, decision: 'skip', reason: 'no_target', exportState: 'off' });
    });

    test('the connection is ending', async () => {
      await connected();
      const id = await booked();
      await inHand(async () => {
        await world.claire.use('connect/disconnect', { body: { removeEvents: true } });
        expect(await explain(id)).toMatchObject({ decision: 'delete', waitsFor: 'worker', exportState: 'ending' });
      });
    });
  });

  describe('an appointment that waits is told for what', () => {
    const WAITING = { ...PLAIN, decision: 'create', waitsSince: expect.any(String) };

    test('its turn', async () => {
      await connected();
      await world.unclaimed(async () => {
        const id = await world.book(world.lumiere);
        expect(await explain(id)).toEqual({ ...WAITING, waitsFor: 'turn' });
      });
    });

    test('the export to be switched on', async () => {
      await connected();
      await world.settings(world.claire, { export_enabled: false });
      const id = await world.book(world.lumiere);
      expect(await explain(id)).toEqual({
        ...WAITING,
        waitsFor: 'export',
        waitsSince: null,
        exportState: 'off',
      });
    });

    test('the team', async () => {
      await connected();
      await world.sql`select private.pause('provider', ${stage.name}, 'a test')`;
      try {
        const id = await world.book(world.lumiere);
        expect(await explain(id)).toEqual({ ...WAITING, waitsFor: 'team', exportState: 'stopped' });
      } finally {
        await world.sql`select private.resume('provider', ${stage.name})`;
      }
    });

    test('the worker that has the calendar in hand', async () => {
      await connected();
      await inHand(async () => {
        const id = await world.book(world.lumiere);
        expect(await explain(id)).toEqual({ ...WAITING, waitsFor: 'worker', exportState: 'working' });
      });
    });

    test('the account, whose limit is reached, and until when', async () => {
      await connected();
      await world.fault('create', { ...stage.refusals.rateLimit, retryAfter: 300 }, { nth: 1 });
      const id = await world.book(world.lumiere);
      await world.paused();
      await world.idle();
      expect(await explain(id)).toEqual({
        ...WAITING,
        waitsFor: 'quota',
        waitsUntil: expect.any(String),
        exportState: 'paused',
        lastError: { code: 'RATE_LIMITED', message: expect.stringContaining('ralentir') },
      });
    });

    test('the calendar to answer again, and until when', async () => {
      await connected();
      await world.sql`update private.sync_lanes
        set paused_until = private.clock() + interval '5 minutes', pause_code = 'PROVIDER_UNAVAILABLE' where true`;
      const id = await world.book(world.lumiere);
      expect(await explain(id)).toEqual({
        ...WAITING,
        waitsFor: 'provider',
        waitsUntil: expect.any(String),
        exportState: 'paused',
        lastError: { code: 'PROVIDER_UNAVAILABLE', message: expect.any(String) },
      });
    });

    test('its next try, how often it failed, and with which error', async () => {
      await connected();
      const id = await booked();
      await world.fault('change', world.edited({ location: 'Ailleurs' }));
      await world.change(world.lumiere, id, { type: 'Suivi' });
      await until(
        async () => (await world.sql`select 1 from private.sync_outbox where attempts > 0`).length > 0,
        'the attempt is counted',
      );
      await world.idle();
      await world
        .sql`update private.sync_outbox set next_attempt_at = private.clock() + interval '5 minutes' where true`;
      expect(await explain(id)).toEqual({
        ...WAITING,
        decision: expect.stringMatching(/^(patch|verify)$/),
        waitsFor: 'retry',
        waitsUntil: expect.any(String),
        attempts: expect.any(Number),
        lastError: { code: 'VERSION_CONFLICT', message: expect.any(String) },
      });
    });

    test('a person, where it was given up', async () => {
      await connected();
      const id = await booked();
      await world.fault('delete', stage.refusals.forbidden);
      await world.change(world.lumiere, id, { status: 'cancelled' });
      await until(async () => (await world.statusOf(world.claire)).failed === 1, 'it is parked');
      await world.idle();
      expect(await explain(id)).toEqual({
        ...WAITING,
        decision: 'delete',
        waitsFor: 'person',
        attempts: 1,
        lastError: { code: 'PERMISSION_DENIED', message: expect.any(String) },
      });
    });

    test('a person’s answer to a question about it', async () => {
      await connected();
      const id = await booked();
      await world.settings(world.claire, { two_way: 'review' });
      await world.settled();
      await world.fault('change', world.edited({ title: 'Le mien' }), { nth: 1 });
      await world.change(world.lumiere, id, { type: 'Suivi' });
      await world.settled();
      expect(await explain(id)).toMatchObject({ waitsFor: 'answer', lastError: null, inStepSince: null });
    });

    test('the account to be connected again', async () => {
      await connected();
      await world.sql`update public.calendar_integrations
        set status = 'reconnect_required', last_error = '{"code": "NEED_RECONSENT", "message": null}' where true`;
      const id = await world.book(world.lumiere);
      expect(await explain(id)).toEqual({
        ...WAITING,
        waitsFor: 'reconnect',
        exportState: 'reconnect',
        lastError: { code: 'NEED_RECONSENT', message: expect.any(String) },
      });
    });

    test('a calendar that can be written', async () => {
      await connected();
      await world.settings(world.claire, { calendar_target_id: claire.second });
      await world.settled();
      await stage.deleteCalendar(world.emulator, claire.second);
      const id = await world.book(world.lumiere);
      await world.reaches('error', 'the calendar is missed');
      await world.idle();
      expect(await explain(id)).toEqual({
        ...WAITING,
        waitsFor: 'calendar',
        exportState: 'error',
        lastError: { code: 'CALENDAR_NOT_FOUND', message: expect.any(String) },
      });
    });

    test('a request, where nothing has asked for it', async () => {
      await connected();
      await world.unclaimed(async () => {
        const id = await world.book(world.lumiere);
        await world.sql`delete from private.sync_outbox where rdv_id = ${id}`;
        expect(await explain(id)).toEqual({ ...WAITING, waitsFor: 'request', waitsSince: null });
      });
    });
  });

  describe('who asks', () => {
    test('sees nothing of another practice, and is told in their language', async () => {
      await connected();
      const foreign = await world.book(world.rivoli);
      for (const id of [foreign, crypto.randomUUID()]) {
        expect(await world.claire.use(`sync/explain?rdvId=${id}`)).toMatchObject({
          status: 404,
          body: { error: 'APPOINTMENT_NOT_FOUND' },
        });
      }
      expect(await world.claire.use('sync/explain?rdvId=1')).toMatchObject({
        status: 400,
        body: { error: 'INVALID_REQUEST' },
      });
    });

    test('without a connection of their own is told that', async () => {
      const id = await world.book(world.lumiere, { starts_at: tomorrow(9) });
      expect(await world.claire.use(`sync/explain?rdvId=${id}`)).toMatchObject({
        status: 400,
        body: { error: 'NOT_CONNECTED' },
      });
    });
  });
});
