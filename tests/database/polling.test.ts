/** How often a calendar is polled: what its push channel has shown, and when its practice is open. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { newPerson, type TestDatabase, testDatabase, type TestPerson } from './database.ts';

// deno-lint-ignore no-explicit-any
type Json = any;

const CALENDAR = 'calendar';
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Five minutes and four hours, each with its jitter. */
const SOON = 6 * MINUTE;
const RARELY = 3.4 * HOUR;

let db: TestDatabase;
let person: TestPerson;
let integration: string;
let noon: number;

beforeAll(async () => {
  db = await testDatabase();
}, 60_000);
afterAll(() => db?.stop());
beforeEach(async () => {
  await db.admin`delete from public.calendar_integrations`;
  await db.admin`delete from private.app_config where key like 'import_interval%'`;
  // The practice is open, whenever this test runs.
  await db.admin`insert into private.app_config (key, value)
    select 'clock_offset', ((date_trunc('day', now() at time zone 'Europe/Paris') + interval '1 day 11 hours')
      at time zone 'Europe/Paris' - now())::text
    on conflict (key) do update set value = excluded.value`;
  noon = (await db.admin`select private.clock() as now`)[0]!.now.getTime();
  person = await newPerson(db);
  ({ integrationId: integration } = await db.call<Json>('connect_store', {
    ...who(),
    p_account_id: person.user,
    p_account_email: null,
    p_scopes: ['s'],
    p_access_token: 'access',
    p_expires_in: 3600,
    p_refresh_token: 'refresh',
  }));
  const p_changes = { import_enabled: true, calendar_source_id: CALENDAR, calendar_source_name: 'C' };
  await db.call('integration_update', { ...who(), p_changes });
});

const who = () => ({ p_organisation: person.organisation, p_user: person.user, p_provider: 'google' });
const at = (ms: number) => new Date(ms).toISOString();

async function watch(endsInMs = 5 * 24 * HOUR): Promise<void> {
  await db.call('import_watch', {
    p_integration: integration,
    p_calendar: CALENDAR,
    p_channel: {
      channelId: `${integration}-channel`,
      resourceId: 'r',
      expiresAt: at(noon + endsInMs),
      secretHash: integration,
    },
    p_refused: false,
  });
}

const tell = () =>
  db.call('import_notified', {
    p_provider: 'google',
    p_notices: [{ secretHash: integration, channelId: null, resourceId: 'r', meaning: 'changed' }],
  });

/**
 * A reading of the schedule or of a notice that finds so many new events, and ends so long after it began; in how many
 * milliseconds the next one is due.
 */
async function read(found: number, lastedMs = 0): Promise<number> {
  const worker = crypto.randomUUID();
  await db
    .admin`update private.calendar_cursors set next_poll_at = private.clock() where integration_id = ${integration}`;
  const claimed = await db.call<Json>('import_claim', {
    p_worker: worker,
    p_provider: 'google',
    p_max_lanes: 8,
    p_lease_seconds: 60,
  });
  const [{ runId }] = claimed.lanes;
  const ids = Array.from({ length: found }, () => crypto.randomUUID());
  const each = <T>(value: T) => ids.map(() => value);
  const events = {
    eventId: ids,
    etag: each('"1"'),
    status: each('confirmed'),
    kind: each('appointment'),
    title: each('Réunion'),
    description: each(null),
    location: each(null),
    allDay: each(false),
    startsAt: each(at(noon + HOUR)),
    endsAt: each(at(noon + 2 * HOUR)),
    startDay: each(null),
    endDay: each(null),
    timeZone: each('Europe/Paris'),
    availability: each('free'),
    visibility: each('normal'),
    marker: each(null),
    updatedAt: each(at(noon)),
    url: each(null),
    attendees: each(null),
    ownResponse: each(null),
    seriesId: each(null),
    requestedId: each(null),
  };
  await db.admin`select public.import_stage(${worker}, ${runId}, ${
    JSON.stringify(events)
  }::text::json, '[]', null, 1, 't')`;
  await db.admin`update private.import_runs set started_at = started_at - ${`${lastedMs} milliseconds`}::interval
    where id = ${runId}`;
  // In one transaction, in which the clock does not move.
  const [[finished], [due]] = await db.admin.begin((sql) => [
    sql`select public.import_finish(${worker}, ${runId}, 't', '[]', 0) as answer`,
    sql`select ceil(extract(epoch from c.next_poll_at - private.clock()) * 1000) as ms
      from private.calendar_cursors c where c.integration_id = ${integration}`,
  ]);
  expect(finished!['answer'].summary.created).toBe(found);
  // By this its worker knows whether it waits for a second look.
  expect(finished!['answer'].againInMs).toBe(Number(due!['ms']));
  return await untilNext();
}

async function untilNext(): Promise<number> {
  const [row] = await db.admin`select extract(epoch from c.next_poll_at - private.clock()) * 1000 as ms
    from private.calendar_cursors c where c.integration_id = ${integration}`;
  return Number(row!.ms);
}

describe('a calendar is polled', () => {
  test('every five minutes while no channel has told anything', async () => {
    expect(await read(0)).toBeLessThan(SOON);
    await watch();
    expect(await read(0)).toBeLessThan(SOON);
  });

  test('a few times a day once its channel has told what a reading then found', async () => {
    await watch();
    await tell();
    expect(await read(1)).toBeGreaterThan(RARELY);
    expect(await read(0)).toBeGreaterThan(RARELY);
  });

  test('soon after a reading that lasted, for that told what was when it began', async () => {
    await watch();
    await tell();
    expect(await read(1)).toBeGreaterThan(RARELY);
    expect(await read(0, HOUR)).toBeLessThan(SOON);
  });

  test('no less often because of a notice behind which there was nothing', async () => {
    await watch();
    await tell();
    expect(await read(0)).toBeLessThan(SOON);
  });

  test('every five minutes again after one poll that found what no notice told', async () => {
    await watch();
    await tell();
    await read(1);
    expect(await read(1)).toBeLessThan(SOON);
    expect(await read(0)).toBeLessThan(SOON);
    // That it tells again proves nothing until a reading finds what it told.
    await tell();
    expect(await read(0)).toBeLessThan(SOON);
    await tell();
    expect(await read(1)).toBeGreaterThan(RARELY);
  });

  test('every five minutes where it cannot be watched, and where its channel has ended', async () => {
    await watch();
    await tell();
    await read(1);
    await db
      .admin`update private.watch_channels set expires_at = private.clock() where integration_id = ${integration}`;
    expect(await read(0)).toBeLessThan(SOON);
    await db.admin`update private.watch_channels set expires_at = private.clock() + interval '5 days',
      replaced_at = private.clock() where integration_id = ${integration}`;
    expect(await read(0)).toBeLessThan(SOON);
  });

  test('at the latest when its channel ends', async () => {
    await watch(HOUR);
    await tell();
    expect(await read(1)).toBeLessThanOrEqual(HOUR);
  });

  test('a few times a day as long as its channel tells: each hour proves it anew', async () => {
    await watch();
    await tell();
    await read(1);
    await db.admin`update private.calendar_cursors set push_proven_at = private.clock() - interval '6 days'
      where integration_id = ${integration}`;
    await tell();
    await read(1);
    const [row] = await db.admin`select private.clock() - push_proven_at < interval '1 hour' as anew
      from private.calendar_cursors where integration_id = ${integration}`;
    expect(row!.anew).toBe(true);
  });

  test('every five minutes once the proof is a week old', async () => {
    await watch();
    await tell();
    await read(1);
    await db.admin`update private.calendar_cursors set push_proven_at = private.clock() - interval '8 days'
      where integration_id = ${integration}`;
    expect(await read(0)).toBeLessThan(SOON);
  });

  test('soon after it is followed again, for what its channel told meanwhile was for nobody', async () => {
    await watch();
    await tell();
    await read(1);
    await db.call('integration_update', { ...who(), p_changes: { import_enabled: false } });
    await db.call('integration_update', { ...who(), p_changes: { import_enabled: true } });
    expect(await untilNext()).toBeLessThan(SOON);
    expect(await read(0)).toBeLessThan(SOON);
  });

  test('not at all once no event of ours is left in it, and what was told of it goes', async () => {
    const target = { calendar_target_id: CALENDAR, calendar_target_name: 'C' };
    await db.call('integration_update', { ...who(), p_changes: target });
    await db.admin`select private.follow_found(${integration}, array['elsewhere'])`;
    await db.call('import_watch', {
      p_integration: integration,
      p_calendar: 'elsewhere',
      p_channel: { channelId: 'e', resourceId: 'e', expiresAt: at(noon + HOUR), secretHash: 'e' },
      p_refused: false,
    });
    const notice = { secretHash: 'e', channelId: null, resourceId: 'e', meaning: 'changed' };
    expect(await db.call('import_notified', { p_provider: 'google', p_notices: [notice] })).toEqual({ dirty: 1 });
    const claim = { p_worker: crypto.randomUUID(), p_provider: 'google', p_max_lanes: 8, p_lease_seconds: 60 };
    await db.call('import_claim', claim);
    expect(
      await db.admin`select c.followed, c.told_at,
        (select count(*)::integer from private.calendar_notices n where n.calendar_id = c.calendar_id) as notices
      from private.calendar_cursors c where c.integration_id = ${integration} and c.calendar_id = 'elsewhere'`,
    )
      .toEqual([{ followed: null, told_at: null, notices: 0 }]);
  });

  test('as often as the deployment says, each provider for itself', async () => {
    await db.admin`insert into private.app_config (key, value) values
      ('import_interval.google', '20 minutes'), ('import_interval_proven.google', '1 hour'),
      ('import_interval.microsoft', '1 minute'), ('import_interval_proven.microsoft', '1 minute')`;
    expect(await read(0)).toBeGreaterThan(15 * MINUTE);
    await watch();
    await tell();
    const next = await read(1);
    expect(next).toBeGreaterThan(45 * MINUTE);
    expect(next).toBeLessThan(75 * MINUTE);
  });
});

describe('while practices are closed', () => {
  const inHours = async (local: string, zone = 'Europe/Paris') =>
    (await db
      .admin`select to_char(private.in_hours(${local}::timestamp at time zone ${zone}, ${zone}) at time zone ${zone},
      'YYYY-MM-DD HH24:MI:SS') as local`)[0]!.local as string;

  test.each(['2026-06-03 07:00:00', '2026-06-03 13:37:00', '2026-06-03 20:00:00'])('%s stays', async (local) => {
    expect(await inHours(local)).toBe(local);
  });

  test.each([
    ['2026-06-03 20:30:00', '2026-06-04'],
    ['2026-06-03 23:59:00', '2026-06-04'],
    ['2026-06-04 03:00:00', '2026-06-04'],
    // The night in which clocks go forward.
    ['2026-03-28 22:00:00', '2026-03-29'],
  ])('%s becomes the early morning of %s', async (local, day) => {
    for (let draw = 0; draw < 20; draw++) {
      const moved = await inHours(local);
      expect(moved >= `${day} 05:00:00` && moved <= `${day} 07:00:00`, moved).toBe(true);
    }
  });

  test('no poll is put forward, and each practice has its own clock', async () => {
    expect(await inHours('2026-06-04 06:59:00') >= '2026-06-04 06:59:00').toBe(true);
    expect(await inHours('2026-06-04 12:00:00', 'America/Martinique')).toBe('2026-06-04 12:00:00');
  });
});
