/** One practice's trouble, or the platform's, and what it must not do to another: the real engine, database and processes. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { until } from '../local/bare_database.ts';
import { OutboundWorld } from './outbound_world.ts';
import { STAGES } from './stages.ts';

const world = new OutboundWorld();

describe.each(STAGES)('%s', (_name, stage) => {
  world.at(stage);
  const { claire, marc } = stage;

  const bothConnected = async () => {
    await world.claire.connect(claire.email);
    await world.marc.connect(marc.email);
    await world.settled();
  };
  const arrives = (calendar: string, count = 1) =>
    until(async () => (await world.live(calendar)).length === count, `${count} events in ${calendar}`);

  test('B1: a token that does not open stops its own practice alone, whose person is asked to reconnect', async () => {
    await bothConnected();
    await world.sql`update private.credentials c set
        access_sealed = c.access_sealed || '{"ciphertext": "00", "secret_id": null}',
        refresh_sealed = c.refresh_sealed || '{"ciphertext": "00", "secret_id": null}'
      from public.calendar_integrations i where i.id = c.integration_id and i.account_email = ${marc.email}`;
    await world.book(world.rivoli);
    await world.book(world.lumiere);
    await arrives(claire.calendar);
    await until(async () => (await world.statusOf(world.marc)).status === 'reconnect_required', 'Marc is told');
    expect(await world.statusOf(world.marc)).toMatchObject({
      pending: 1,
      failed: 0,
      lastError: { code: 'CREDENTIAL_UNREADABLE' },
    });
    expect(await world.live(marc.calendar)).toEqual([]);
    await world.marc.connect(marc.email);
    await arrives(marc.calendar);
    expect(await world.statusOf(world.marc)).toMatchObject({ status: 'connected', lastError: null });
  });

  test('B1: an access token that does not open is renewed, and nothing is asked of anybody', async () => {
    await world.claire.connect(claire.email);
    await world.settled();
    await world.sql`update private.credentials
      set access_sealed = access_sealed || '{"ciphertext": "00", "secret_id": null}' where true`;
    await world.book(world.lumiere);
    await arrives(claire.calendar);
    expect(await world.statusOf(world.claire)).toMatchObject({ status: 'connected', lastError: null });
  });

  test('B4: a practice with megabytes of notes holds up neither another nor itself', async () => {
    await bothConnected();
    await world.liftQuotas();
    const bounds = await world.sql`select conname as name, pg_get_constraintdef(oid) as definition from pg_constraint
      where conrelid = 'public.rdv'::regclass and contype = 'c' and pg_get_constraintdef(oid) ilike '%length(%'`;
    for (const { name } of bounds) await world.sql`alter table public.rdv drop constraint ${world.sql(name)}`;
    try {
      await world.sql`insert into public.rdv (organisation_id, practitioner_id, patient_id, type, starts_at, notes)
        select ${world.rivoli.organisationId}, ${world.rivoli.practitionerId}, ${world.rivoli.patientId}, 'Contrôle',
          now() + n * interval '1 hour', repeat(md5(n::text), 160000)
        from generate_series(1, 60) n`;
      await world.book(world.lumiere);
      await arrives(claire.calendar);
      await arrives(marc.calendar, 60);
      await world.settled();
    } finally {
      await world.idle();
      await world.sql`delete from public.rdv where organisation_id = ${world.rivoli.organisationId}`;
      for (const { name, definition } of bounds) {
        await world.sql.unsafe(`alter table public.rdv add constraint "${name}" ${definition}`);
      }
    }
  });

  test('B10: an instance that the platform ends gives its lane to a successor at once, and nothing is there twice', async () => {
    await world.claire.connect(claire.email);
    await world.liftQuotas();
    await world.switch({ latencyMs: 150 });
    await world.bookMany(world.lumiere, 200);
    await until(async () => (await world.live()).length > 0, 'the first batch is written');
    await world.withoutWakeUps(async () => {
      await world.stack.retireFunction(`${stage.name}-sync`);
      // Neither the sweep nor the end of a lease comes to help.
      await world.settled();
    });
    expect(await world.events()).toHaveLength(200);
    expect(await world.live()).toHaveLength(200);
    expect((await world.creates()).every(({ created }) => created === 1)).toBe(true);
  });

  describe('B11: while pg_net hangs', () => {
    let server: Deno.HttpServer<Deno.NetAddr>;
    let release = () => {};
    beforeEach(async () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      release = resolve;
      server = Deno.serve({ hostname: '127.0.0.1', port: 0, onListen: () => {} }, async () => {
        await promise;
        return new Response();
      });
      await world.claire.connect(claire.email);
      await world.settled();
    });
    afterEach(async () => {
      release();
      await server.shutdown();
      await until(
        async () => (await world.sql`select 1 from net.http_request_queue limit 1`).length === 0,
        'pg_net to be free again',
      );
    });
    const hang = () =>
      world.sql`select net.http_get(${`http://127.0.0.1:${server.addr.port}/`}, timeout_milliseconds => 60000)
        from generate_series(1, 450)`;
    /** Not one of our nudges has left. */
    const hangs = async () =>
      (await world.sql`select 1 from net.http_request_queue where url like '%-sync' limit 1`).length === 1;

    test('what a person asks for is done, and a chain of instances goes on', async () => {
      await world.liftQuotas();
      await hang();
      await world.bookMany(world.lumiere, 1300);
      const { status, body } = await world.claire.use('sync/sync-now', { body: {} });
      // More than one instance does in its life: the rest is its successor's.
      expect(status).toBe(200);
      expect(body).toMatchObject({ created: 1200, remaining: 100, failed: 0 });
      await arrives(claire.calendar, 1300);
      expect(await hangs()).toBe(true);
    }, 60_000);

    test('what a person changes in the settings, or ends, is done', async () => {
      await world.book(world.lumiere);
      await arrives(claire.calendar);
      await world.settled();
      await hang();
      const { title } = await world.event();
      await world.settings(world.claire, { event_detail: 'busy' });
      await until(async () => (await world.event()).title !== title, 'the event shows less');
      await world.settled();
      await world.claire.use('connect/disconnect', { body: { removeEvents: true } });
      await arrives(claire.calendar, 0);
      expect(await hangs()).toBe(true);
    });
  });

  describe('a pause', () => {
    afterEach(() => world.sql`delete from private.sync_pauses where true`);

    test('of a practice ends its lane with the batch in hand; resumed, it goes on where it was', async () => {
      await bothConnected();
      await world.liftQuotas();
      await world.switch({ latencyMs: 150 });
      await world.bookMany(world.lumiere, 200);
      await until(async () => (await world.live()).length > 0, 'the first batch is written');
      await world.sql`select private.pause('practice', ${world.lumiere.organisationId}, 'a test')`;
      await world.idle();
      const written = (await world.live()).length;
      expect(written).toBeLessThan(200);
      expect(await world.statusOf(world.claire)).toMatchObject({ paused: 'practice', status: 'connected', failed: 0 });
      const refused = await world.claire.use('sync/sync-now', { body: {} });
      expect(refused).toMatchObject({ status: 503, body: { error: 'SYNC_PAUSED' } });

      // Another practice is not concerned.
      await world.book(world.rivoli);
      await arrives(marc.calendar);
      expect((await world.live()).length).toBe(written);

      await world.sql`select private.resume('practice', ${world.lumiere.organisationId})`;
      await world.settled();
      expect(await world.live()).toHaveLength(200);
      expect((await world.statusOf(world.claire)).paused).toBeNull();
    });
  });
});
