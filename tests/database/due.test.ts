/** What is stored of when something is due never lags behind the writers of what makes it due. */
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { newPerson, type TestDatabase, testDatabase, type TestPerson } from './database.ts';

// deno-lint-ignore no-explicit-any
type Json = any;

interface Practice extends TestPerson {
  readonly integration: string;
}

let db: TestDatabase;
let practices: Practice[];
beforeAll(async () => {
  db = await testDatabase();
}, 60_000);
afterAll(() => db?.stop());
beforeEach(open);

async function open(): Promise<void> {
  await db.admin`delete from public.calendar_integrations`;
  await db.admin`delete from public.rdv`;
  await db.admin`delete from private.sync_outbox`;
  await db.admin`delete from private.sync_pauses`;
  practices = [await connect(), await connect()];
}

const owner = (of: TestPerson) => ({ p_organisation: of.organisation, p_user: of.user, p_provider: 'google' });

async function connect(): Promise<Practice> {
  const person = await newPerson(db);
  const { integrationId: integration } = await grant(person);
  await settings(person, { calendar_target_id: 't', event_detail: 'full', export_enabled: true });
  return { ...person, integration };
}

const grant = (person: TestPerson) =>
  db.call<Json>('connect_store', {
    ...owner(person),
    p_account_id: person.user,
    p_account_email: null,
    p_scopes: ['s'],
    p_access_token: 'access',
    p_expires_in: 3600,
    p_refresh_token: 'refresh',
  });
const settings = (person: TestPerson, p_changes: object) =>
  db.call('integration_update', { ...owner(person), p_changes });
const book = (of: Practice) =>
  db.admin`insert into public.rdv (organisation_id, practitioner_id, type, starts_at, ends_at)
    values (${of.organisation}, ${of.member}, 'Contrôle', now() + interval '1 day', now() + interval '25 hours')`;
const claimCalendar = async (worker: string): Promise<Json[]> =>
  (await db.call<Json>('import_claim', {
    p_worker: worker,
    p_provider: 'google',
    p_max_lanes: 8,
    p_lease_seconds: 60,
  })).lanes;
const claim = (worker: string, integration: string | null = null) =>
  db.call<Json>('sync_claim', {
    p_worker: worker,
    p_provider: 'google',
    p_integration: integration,
    p_max_lanes: 8,
    p_max_jobs: 200,
    p_lease_seconds: 60,
    p_units_per_minute: null,
  });
const report = (more: object = {}) => ({
  runId: crypto.randomUUID(),
  trigger: 'change',
  usedUnits: 0,
  release: true,
  pauseSeconds: null,
  pauseCode: null,
  strike: false,
  worked: true,
  ...more,
});
const complete = (worker: string, integration: string, results: object[], lane: object) =>
  db.call<Json>('sync_complete', {
    p_worker: worker,
    p_integration: integration,
    p_results: results,
    p_lane: lane,
  });
const result = (job: Json, outcome: string, delaySeconds: number | null = null) => ({
  rdvId: job.rdvId,
  version: job.version,
  outcome,
  action: outcome === 'done' ? 'skipped' : null,
  reason: outcome === 'done' ? 'past' : null,
  delaySeconds,
  error: outcome === 'done' ? null : { code: 'RATE_LIMITED', message: null },
  conflict: null,
  link: null,
});

/** Each lane and calendar for itself, from what makes it due: what is stored of that is not looked at. */
const searched = {
  lanes: () =>
    db.admin`select i.id::text as name from public.calendar_integrations i
      join private.sync_lanes l on l.integration_id = i.id
      where i.status = 'connected' and i.disconnected_at is null
        and (l.paused_until is null or l.paused_until <= private.clock())
        and (l.lease_until is null or l.lease_until <= private.clock())
        and private.paused(i.organisation_id, i.provider) is null
        and exists (
          select from private.sync_outbox o
          where o.integration_id = i.id and o.parked_at is null and o.next_attempt_at <= private.clock()
            and (private.writes_events(i) or exists (
              select from public.appointment_external_links k join private.link_states s on s.link_id = k.id
              where k.integration_id = i.id and k.rdv_id = o.rdv_id and s.erase_since is not null))
        ) order by 1`,
  calendars: () =>
    db.admin`select c.calendar_id || ' of ' || i.id as name from private.calendar_cursors c
      join public.calendar_integrations i on i.id = c.integration_id
      where (c.lease_until is null or c.lease_until <= private.clock())
        and private.paused(i.organisation_id, i.provider) is null and (
          private.follows(i, c.calendar_id) is not null and (c.next_poll_at <= private.clock() or c.failures = 0
            and exists (select from private.calendar_notices n
              where n.integration_id = c.integration_id and n.calendar_id = c.calendar_id))
          or i.status = 'connected' and i.disconnected_at is null and i.removing_events_since is null
            and exists (select from private.import_requests q
              where q.integration_id = c.integration_id and q.calendar_id = c.calendar_id and q.result is null)
        ) order by 1`,
};

/** As a claim finds them. */
const found = {
  lanes: () =>
    db.admin.begin(async (sql) => {
      await sql`select private.heed_lane_notices(null)`;
      return await sql`select d.integration_id::text as name from private.due_lanes('google', null, 100) d order by 1`;
    }),
  calendars: () =>
    db.admin.begin(async (sql) => {
      await sql`select private.heed_calendar_notices(null)`;
      return await sql`select d.calendar_id || ' of ' || d.integration_id as name
        from private.import_due('google', 100) d order by 1`;
    }),
};

const names = (rows: readonly Json[]): string[] => rows.map(({ name }) => name);

async function expectNothingForgotten(): Promise<void> {
  const paused = (await db.admin`select private.paused(null, 'google') as scope`)[0]!.scope;
  if (paused) return;
  for (const what of ['lanes', 'calendars'] as const) {
    expect(names(await found[what]()), what).toEqual(expect.arrayContaining(names(await searched[what]())));
  }
}

/** Everything that makes something due, or keeps it from being due. */
const STEPS: Readonly<Record<string, (of: Practice) => PromiseLike<unknown>>> = {
  book,
  move: (of) =>
    db.admin`update public.rdv set starts_at = starts_at + interval '1 hour' where organisation_id = ${of.organisation}`,
  cancel: (of) => db.admin`delete from public.rdv where organisation_id = ${of.organisation}`,
  work: async () => {
    const worker = crypto.randomUUID();
    for (const lane of (await claim(worker)).lanes) {
      await complete(worker, lane.integrationId, lane.jobs.map((job: Json) => result(job, 'done')), report());
    }
  },
  stumble: async () => {
    const worker = crypto.randomUUID();
    for (const lane of (await claim(worker)).lanes) {
      const results = lane.jobs.map((job: Json, n: number) => n % 2 ? result(job, 'park') : result(job, 'retry', 30));
      await complete(worker, lane.integrationId, results, report({ worked: false }));
    }
  },
  slowDown: async () => {
    const worker = crypto.randomUUID();
    for (const lane of (await claim(worker)).lanes) {
      const told = report({ pauseSeconds: 120, pauseCode: 'RATE_LIMITED', worked: false });
      await complete(worker, lane.integrationId, [], told);
    }
  },
  lease: () => claim(crypto.randomUUID()),
  abandon: async () => {
    const worker = crypto.randomUUID();
    await claim(worker);
    await db.call('worker_abandon', { p_workers: [worker] });
  },
  time: () =>
    db.admin`insert into private.app_config (key, value) values ('clock_offset', '90 seconds')
      on conflict (key) do update set value = (app_config.value::interval + interval '90 seconds')::text`,
  retry: (of) => db.call('sync_retry', { ...owner(of), p_rdv_ids: null }).catch(ignore),
  syncNow: (of) => db.call('sync_mark', { ...owner(of), p_from: null, p_to: null }).catch(ignore),
  pause: (of) => db.admin`select private.pause('practice', ${of.organisation}, 'test')`,
  resume: (of) => db.admin`select private.resume('practice', ${of.organisation})`,
  stopAll: () => db.admin`select private.pause('all', null, 'test')`,
  goOn: () => db.admin`select private.resume('all', null)`,
  needsPerson: async (of) => {
    const [row] = await db.admin`select version from private.credentials where integration_id = ${of.integration}`;
    await db.admin`select public.integration_reconnect_required(${of.integration}, ${
      row?.version ?? 0
    }, 'NEED_RECONSENT', '')`;
  },
  targetGone: (of) => db.admin`select public.integration_failed(${of.integration}, 'CALENDAR_NOT_FOUND', '')`,
  reconnect: grant,
  disconnect: (of) => db.call('integration_disconnect', { ...owner(of), p_remove_events: false }),
  remove: (of) => db.call('integration_disconnect', { ...owner(of), p_remove_events: true }),
  exportOff: (of) => settings(of, { export_enabled: false }).catch(ignore),
  exportOn: (of) => settings(of, { calendar_target_id: 't', event_detail: 'full', export_enabled: true }).catch(ignore),
  importOff: (of) => settings(of, { import_enabled: false }).catch(ignore),
  importOn: (of) => settings(of, { calendar_source_id: 's', import_enabled: true }).catch(ignore),
  bothWays: (of) => settings(of, { two_way: 'auto' }).catch(ignore),
  ask: (of) =>
    db.call('import_begin', {
      ...owner(of),
      p_calendar: 's',
      p_from: null,
      p_to: null,
      p_mode: 'preview',
      p_worker: crypto.randomUUID(),
      p_lease_seconds: 60,
      p_work: false,
    }).catch(ignore),
  read: async () => {
    const worker = crypto.randomUUID();
    const claimed = await db.call<Json>('import_claim', {
      p_worker: worker,
      p_provider: 'google',
      p_max_lanes: 8,
      p_lease_seconds: 60,
    });
    for (const { runId } of claimed.lanes) {
      await db.admin`select public.import_stage(${worker}, ${runId}, '{}', '[]', null, 1, 't')`;
      await db.admin`select public.import_finish(${worker}, ${runId}, 't', '[]', 0)`;
    }
  },
  failToRead: async () => {
    const worker = crypto.randomUUID();
    const claimed = await db.call<Json>('import_claim', {
      p_worker: worker,
      p_provider: 'google',
      p_max_lanes: 8,
      p_lease_seconds: 60,
    });
    for (const { runId } of claimed.lanes) {
      await db.admin`select public.import_fail(${worker}, ${runId}, 'PROVIDER_UNAVAILABLE', null, false)`;
    }
  },
  tell: async (of) => {
    await db.admin`insert into private.watch_channels
        (channel_id, integration_id, calendar_id, provider, resource_id, secret_hash, expires_at, created_at)
      select c.integration_id || c.calendar_id, c.integration_id, c.calendar_id, 'google', 'r', c.integration_id::text,
        now() + interval '5 days', now() from private.calendar_cursors c where c.integration_id = ${of.integration}
      on conflict do nothing`;
    await db.admin`select public.import_notified('google', jsonb_build_array(jsonb_build_object(
      'secretHash', ${of.integration}::text, 'channelId', null, 'resourceId', 'r', 'meaning', 'changed')))`;
  },
};

/** A refusal is an answer too. */
const ignore = () => {};

describe('stored due times', () => {
  test('forget nothing that is due, whatever happened before', { timeout: 240_000 }, async () => {
    const step = fc.tuple(fc.constantFrom(...Object.keys(STEPS)), fc.nat(1));
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 14 }), async (steps) => {
        await open();
        for (const [name, which] of steps) {
          await STEPS[name]!(practices[which]!);
          await expectNothingForgotten();
        }
      }),
      { numRuns: 60, seed: 16 },
    );
  });

  test('a booking that is written while its lane is given back is found by the next claim', async () => {
    const [practice] = practices;
    await book(practice!);
    const worker = crypto.randomUUID();
    const { lanes: [lane] } = await claim(worker);
    await db.admin.begin(async (booking) => {
      await booking`insert into public.rdv (organisation_id, practitioner_id, type, starts_at, ends_at)
        values (${practice!.organisation}, ${
        practice!.member
      }, 'Urgence', now() + interval '2 days', now() + interval '49 hours')`;
      await complete(worker, practice!.integration, [result(lane.jobs[0], 'done')], report());
      expect((await claim(worker)).lanes).toEqual([]);
    });
    expect((await claim(worker)).lanes).toHaveLength(1);
  });

  test('a lane with a backlog goes behind the others after each turn', async () => {
    const [first, second] = practices;
    await book(first!);
    await book(first!);
    const worker = crypto.randomUUID();
    const { lanes: [lane] } = await claim(worker);
    await book(second!);
    await complete(worker, first!.integration, [result(lane.jobs[0], 'done')], report());
    const [next] = await db.admin`select d.integration_id from private.heed_lane_notices(null),
      private.due_lanes('google', null, 1) d`;
    expect(next!.integration_id).toBe(second!.integration);
  });

  test('a lane whose settings change is looked at again, though nothing was written to its queue', async () => {
    const [practice] = practices;
    await settings(practice!, { export_enabled: false });
    await book(practice!);
    await db
      .admin`insert into private.sync_outbox (integration_id, rdv_id, organisation_id, next_attempt_at, dirty_since)
      select ${practice!.integration}, r.id, r.organisation_id, now(), now() from public.rdv r
      where r.organisation_id = ${practice!.organisation}`;
    expect((await claim(crypto.randomUUID())).lanes).toEqual([]);
    await db.admin`update public.calendar_integrations set export_enabled = true where id = ${practice!.integration}`;
    expect((await claim(crypto.randomUUID())).lanes).toHaveLength(1);
  });

  test('a lane that turns out to have nothing to do is waited for by no claim, one that names it neither', async () => {
    const [practice] = practices;
    await settings(practice!, { export_enabled: false });
    await db.admin`update private.sync_lanes set first_due_at = now() where integration_id = ${practice!.integration}`;
    for (const named of [practice!.integration, null]) {
      expect(await claim(crypto.randomUUID(), named)).toMatchObject({ lanes: [], nextDueInMs: null });
    }
  });

  test('F11: a notice that another claim heeds while the calendar is read is read afterwards', async () => {
    const [practice] = practices;
    await settings(practice!, { calendar_source_id: 's', import_enabled: true });
    await STEPS['tell']!(practice!);
    const worker = crypto.randomUUID();
    const [{ runId }] = await claimCalendar(worker);
    await STEPS['tell']!(practice!);
    expect(await claimCalendar(crypto.randomUUID())).toEqual([]);
    await db.admin`select public.import_stage(${worker}, ${runId}, '{}', '[]', null, 1, 't')`;
    await db.admin`select public.import_finish(${worker}, ${runId}, 't', '[]', 0)`;
    expect(await claimCalendar(crypto.randomUUID())).toMatchObject([{ trigger: 'push' }]);
  });

  test('F11: a notice is heeded by a claim of its provider, whatever the other one claims meanwhile', async () => {
    const [practice] = practices;
    await settings(practice!, { calendar_source_id: 's', import_enabled: true });
    await STEPS['tell']!(practice!);
    await db.admin.begin(async (other) => {
      await other`select public.import_claim(gen_random_uuid(), 'microsoft', 8, 60)`;
      expect((await claimCalendar(crypto.randomUUID())).map(({ trigger }) => trigger)).toContain('push');
    });
  });

  test('of connections that wait for their person, nothing is in a queue', async () => {
    for (const practice of practices) {
      await settings(practice, { calendar_source_id: 's', import_enabled: true });
      await book(practice);
      await STEPS['tell']!(practice);
      await STEPS['needsPerson']!(practice);
    }
    await claim(crypto.randomUUID());
    const [queued] = await db.admin`select
      (select count(*)::integer from private.sync_lanes where due_at is not null) as lanes,
      (select count(*)::integer from private.calendar_cursors where followed is not null) as calendars,
      (select count(*)::integer from private.lane_notices) as notices`;
    expect(queued).toEqual({ lanes: 0, calendars: 0, notices: 0 });
  });
});
