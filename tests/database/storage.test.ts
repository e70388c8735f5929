/** What a day writes to all the time stays as large as it is: room on the pages, and a vacuum that comes in time. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newPerson, type TestDatabase, testDatabase } from './database.ts';

// deno-lint-ignore no-explicit-any
type Json = any;

const PRACTICES = 60;
const CALENDAR = 'calendar';
const CONTENT = { title: 'Contrôle' };
/** Of the host. */
const NOT_OURS = ['rdv', 'patients', 'organisations', 'organisation_members'];

interface Figures {
  readonly written: number;
  readonly updated: number;
  readonly hot: number;
}

let db: TestDatabase;
let figures: ReadonlyMap<string, Figures>;

beforeAll(async () => {
  db = await testDatabase();
  for (let practice = 0; practice < PRACTICES; practice++) await connect();
  await db.admin`update public.rdv set starts_at = starts_at + interval '1 minute'`;
  // As they lie after a while: each page as full as it is made.
  await db.admin`vacuum full`;
  const before = await counted();
  // A backup reads meanwhile: what is dead since cannot be cleaned away yet.
  await db.owner.begin('isolation level repeatable read', async (backup) => {
    await backup`select from public.organisations limit 1`;
    for (let practice = 0; practice < PRACTICES; practice++) await exported();
    await tell();
    for (let practice = 0; practice < PRACTICES; practice++) await read();
  });
  const after = await counted();
  figures = new Map([...after].map(([table, now]) => {
    const then = before.get(table) ?? { written: 0, updated: 0, hot: 0 };
    return [table, {
      written: now.written - then.written,
      updated: now.updated - then.updated,
      hot: now.hot - then.hot,
    }];
  }));
}, 120_000);
afterAll(() => db?.stop());

/** A practice with a followed and watched calendar, and an appointment that is already an event. */
async function connect(): Promise<void> {
  const { organisation, user, member } = await newPerson(db);
  const owner = { p_organisation: organisation, p_user: user, p_provider: 'google' };
  const { integrationId } = await db.call<Json>('connect_store', {
    ...owner,
    p_account_id: user,
    p_account_email: null,
    p_scopes: ['s'],
    p_access_token: 'access',
    p_expires_in: 3600,
    p_refresh_token: 'refresh',
  });
  await db.call('integration_update', {
    ...owner,
    p_changes: {
      calendar_source_id: CALENDAR,
      calendar_target_id: CALENDAR,
      event_detail: 'full',
      import_enabled: true,
      export_enabled: true,
    },
  });
  await db.call('import_watch', {
    p_integration: integrationId,
    p_calendar: CALENDAR,
    p_channel: {
      channelId: `${integrationId}-channel`,
      resourceId: 'r',
      expiresAt: new Date(Date.now() + 5 * 86_400_000).toISOString(),
      secretHash: integrationId,
    },
    p_refused: false,
  });
  const [patient] = await db.admin`insert into public.patients (organisation_id, first_name, last_name)
    values (${organisation}, 'Anne', 'Martin') returning id`;
  await db.admin`insert into public.rdv (organisation_id, practitioner_id, patient_id, type, starts_at, ends_at)
    values (${organisation}, ${member}, ${
    patient!.id
  }, 'Contrôle', now() + interval '1 day', now() + interval '25 hours')`;
  await exported();
  await read();
}

/** One lane's changes go out. */
async function exported(): Promise<void> {
  const p_worker = crypto.randomUUID();
  const { lanes: [lane] } = await db.call<Json>('sync_claim', {
    p_worker,
    p_provider: 'google',
    p_integration: null,
    p_max_lanes: 1,
    p_max_jobs: 200,
    p_lease_seconds: 60,
    p_units_per_minute: 600,
  });
  const p_integration = lane.integrationId;
  const place = (rdvId: string) => ({ calendarId: CALENDAR, eventId: `e${rdvId}`, epoch: 0 });
  await db.call('sync_reserve', {
    p_worker,
    p_integration,
    p_items: lane.jobs.map(({ rdvId, version }: Json) => ({ rdvId, version, state: 'creating', ...place(rdvId) })),
  });
  await db.call('sync_complete', {
    p_worker,
    p_integration,
    p_results: lane.jobs.map(({ rdvId, version }: Json) => ({
      rdvId,
      version,
      outcome: 'done',
      action: 'created',
      reason: null,
      delaySeconds: null,
      error: null,
      conflict: null,
      link: { ...place(rdvId), etag: `"${version}"`, state: 'live', pushed: CONTENT, base: CONTENT },
    })),
    p_lane: {
      runId: crypto.randomUUID(),
      trigger: 'change',
      usedUnits: 1,
      release: true,
      pauseSeconds: null,
      pauseCode: null,
      strike: false,
      worked: true,
      refused: [],
    },
  });
}

/** A notice for each calendar, one after another. */
async function tell(): Promise<void> {
  for (const { secret_hash } of await db.admin`select secret_hash from private.watch_channels`) {
    await db.call('import_notified', {
      p_provider: 'google',
      p_notices: [{ secretHash: secret_hash, channelId: null, resourceId: 'r', meaning: 'changed' }],
    });
  }
}

/** One calendar is read, and nothing is new. */
async function read(): Promise<void> {
  const p_worker = crypto.randomUUID();
  await db.admin`update private.calendar_cursors set next_poll_at = private.clock() where sync_token is null`;
  const { lanes: [{ runId }] } = await db.call<Json>('import_claim', {
    p_worker,
    p_provider: 'google',
    p_max_lanes: 1,
    p_lease_seconds: 60,
  });
  await db.admin`select public.import_stage(${p_worker}, ${runId}, '{}'::json, '[]', null, 1, 'token')`;
  await db.admin`select public.import_finish(${p_worker}, ${runId}, 'token', '[]', 0)`;
}

/** A connection tells what it did now and then: each tells it now, all at once so that none is taken twice. */
async function told(): Promise<void> {
  const all = Promise.withResolvers<void>();
  let begun = 0;
  const { max } = db.admin.options;
  await Promise.all(Array.from({ length: max }, () =>
    db.admin.begin(async (sql) => {
      await sql`select pg_stat_force_next_flush()`;
      if (++begun === max) all.resolve();
      await all.promise;
    })));
}

async function counted(): Promise<Map<string, Figures>> {
  await told();
  const rows = await db.admin`select relname, n_tup_upd::int as updated, n_tup_hot_upd::int as hot,
      (n_tup_upd + n_tup_del)::int as written
    from pg_stat_user_tables where schemaname in ('public', 'private')`;
  return new Map(rows.map(({ relname, updated, hot, written }) => [relname, { updated, hot, written }]));
}

describe('what is written to all day', () => {
  test('is vacuumed when two in a hundred rows are dead', async () => {
    const busy = [...figures].filter(([table, { written }]) => written >= PRACTICES && !NOT_OURS.includes(table));
    expect(busy.length).toBeGreaterThan(8);
    const rows = await db.admin`select relname, reloptions from pg_class where relname = any (${busy.map(([t]) => t)})
      and relnamespace in ('public'::regnamespace, 'private'::regnamespace)`;
    const late = rows.filter(({ reloptions }) => {
      const share = (reloptions ?? []).map((option: string) => option.split('='))
        .find(([name]: string[]) => name === 'autovacuum_vacuum_scale_factor')?.[1] ?? 0.2;
      return Number(share) > 0.02;
    });
    expect(late.map(({ relname }) => relname)).toEqual([]);
  });

  test.each(['calendar_integrations', 'watch_channels'])(
    '%s has room for the next version of a row even while a backup reads the ones before: few indexes are written to',
    (table) => {
      const { updated, hot } = figures.get(table)!;
      expect(updated).toBeGreaterThanOrEqual(PRACTICES);
      // Without that room next to none.
      expect(hot / updated).toBeGreaterThan(0.3);
    },
  );
});
