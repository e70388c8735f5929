/** What docs/privacy.md says about how long things are kept is what the nightly jobs do, table by table. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newPerson, type TestDatabase, testDatabase, type TestPerson } from './database.ts';

// deno-lint-ignore no-explicit-any
type Json = any;
const documented = new Map(
  readFileSync(new URL('../../docs/privacy.md', import.meta.url), 'utf8').split('\n')
    .filter((line) => /^\| `(public|private)\./.test(line))
    .map((line) => line.split('|').slice(1, -1).map((cell) => cell.trim()))
    .map(([table, what, why, howLong, end]) => [table!.replaceAll('`', ''), { what, why, howLong: howLong!, end }]),
);

let db: TestDatabase;
let person: TestPerson;
let integration: string;
beforeAll(async () => {
  db = await testDatabase();
}, 60_000);
afterAll(() => db?.stop());

/** The days that the page names for a table, in its order. */
function daysOf(table: string): number[] {
  return [...documented.get(table)!.howLong.matchAll(/(\d+) days?/g)].map(([, days]) => Number(days));
}
async function oneNight(daysFromNow: number): Promise<void> {
  await db.admin`insert into private.app_config (key, value) values ('clock_offset', ${`${daysFromNow} days`})
    on conflict (key) do update set value = excluded.value`;
  await db.admin`select private.keep_house(), private.keep_import_house()`;
}

/** A person with a connection and a followed calendar, on an empty database, today. */
async function fresh(): Promise<void> {
  await db.admin`delete from private.app_config where key = 'clock_offset'`;
  await db.admin`delete from public.organisations where true`;
  await db.admin`delete from private.grant_revocations where true`;
  person = await newPerson(db);
  const owner = { p_organisation: person.organisation, p_user: person.user, p_provider: 'google' };
  ({ integrationId: integration } = await db.call<Json>('connect_store', {
    ...owner,
    p_account_id: person.user,
    p_account_email: null,
    p_scopes: ['s'],
    p_access_token: 'access',
    p_expires_in: 3600,
    p_refresh_token: 'refresh',
  }));
  await db.call('integration_update', {
    ...owner,
    p_changes: { calendar_source_id: 'calendar', calendar_target_id: 'calendar', import_enabled: true },
  });
}
const disconnect = () =>
  db.admin`update public.calendar_integrations set disconnected_at = now() where id = ${integration}`;

async function event(fields: Record<string, unknown> = {}): Promise<string> {
  const [row] = await db.admin`insert into public.external_events ${
    db.admin({
      organisation_id: person.organisation,
      integration_id: integration,
      user_id: person.user,
      provider: 'google',
      external_calendar_id: 'calendar',
      external_event_id: crypto.randomUUID(),
      etag: 'v1',
      status: 'confirmed',
      kind: 'appointment',
      summary: 'Réunion',
      description: 'Ordre du jour',
      start_at: new Date(Date.now() - 3_600_000),
      end_at: new Date(),
      visibility: 'normal',
      availability: 'busy',
      last_synced_at: new Date(),
      ...fields,
    })
  } returning id`;
  return row!.id;
}
const link = async () => {
  const [row] = await db.admin`insert into public.appointment_external_links
      (organisation_id, rdv_id, integration_id, provider, external_calendar_id, external_event_id)
    values (${person.organisation}, gen_random_uuid(), ${integration}, 'google', 'calendar', gen_random_uuid()) returning id`;
  await db.admin`insert into private.link_states (link_id, integration_id, state, pushed, base)
    values (${row!.id}, ${integration}, 'live', '{"title": "T"}', '{"title": "T"}')`;
};
const closedConflict = () =>
  db.admin`insert into public.sync_conflicts
      (organisation_id, user_id, integration_id, source, entity_type, reason, status, resolution, resolved_at, payload)
    values (${person.organisation}, ${person.user}, ${integration}, 'google', 'appointment', 'changed_both_sides',
      'resolved', 'keep_calendar', now(), '{"calendarId": "c", "cassius": {"title": "T", "location": "L"}}')`;
const count = (table: string, where = 'true') => async (): Promise<number> =>
  (await db.admin.unsafe(`select count(*)::int as n from ${table} where ${where}`))[0]!.n;

/** What makes a row that a term of the page is about, and what is counted until it is over. */
interface Term {
  readonly table: string;
  /** Which of the days that its row names. */
  readonly nth?: number;
  readonly make: () => Promise<unknown>;
  readonly left: () => Promise<number>;
}
const TERMS: readonly Term[] = [
  { table: 'public.external_events', make: event, left: count('public.external_events') },
  {
    table: 'public.external_events',
    nth: 1,
    make: () => event({ external_calendar_id: 'left', end_at: new Date(Date.now() + 40 * 86_400_000) }),
    left: count('public.external_events', 'summary is not null or description is not null'),
  },
  {
    table: 'public.sync_conflicts',
    make: closedConflict,
    left: count('public.sync_conflicts', `payload #> '{cassius,location}' is not null`),
  },
  { table: 'public.sync_conflicts', nth: 1, make: closedConflict, left: count('public.sync_conflicts') },
  {
    table: 'public.sync_runs',
    make: () =>
      db.admin`insert into public.sync_runs (organisation_id, integration_id, direction, trigger, started_at)
        values (${person.organisation}, ${integration}, 'export', 'change', now())`,
    left: count('public.sync_runs'),
  },
  {
    table: 'private.link_states',
    make: async () => {
      await link();
      await disconnect();
    },
    left: count('private.link_states', 'pushed is not null or base is not null'),
  },
  {
    table: 'private.left_events',
    make: async () => {
      await link();
      await db.admin`delete from public.appointment_external_links where integration_id = ${integration}`;
    },
    left: count('private.left_events'),
  },
  {
    table: 'private.grant_revocations',
    make: () => db.admin`select private.queue_revocation('google', 'gone', 'refresh')`,
    left: count('private.grant_revocations'),
  },
  {
    table: 'private.oauth_states',
    make: () =>
      db.admin`insert into private.oauth_states
          (state_hash, organisation_id, user_id, provider, browser, code_verifier_sealed, expires_at)
        values ('s', ${person.organisation}, ${person.user}, 'google', true, '{}', now())`,
    left: count('private.oauth_states'),
  },
  {
    table: 'private.calendar_cursors',
    make: () =>
      db.admin`insert into private.calendar_cursors (integration_id, calendar_id, organisation_id, provider, next_poll_at)
        values (${integration}, 'left', ${person.organisation}, 'google', now())`,
    left: count('private.calendar_cursors', `calendar_id = 'left'`),
  },
  {
    table: 'private.calendar_notices',
    make: () =>
      db.admin`insert into private.calendar_notices (integration_id, calendar_id, told_at)
        values (${integration}, 'calendar', now())`,
    left: count('private.calendar_notices'),
  },
  {
    table: 'private.watch_channels',
    make: () =>
      db.admin`insert into private.watch_channels
          (channel_id, integration_id, calendar_id, provider, secret_hash, expires_at, created_at)
        values (gen_random_uuid()::text, ${integration}, 'calendar', 'google', 'h', now(), now())`,
    left: count('private.watch_channels'),
  },
];

describe('the table of what is kept', () => {
  test('has every table of ours, and no other, each with what, why, how long and what ends it', async () => {
    const tables = await db.admin`select c.oid::regclass::text as name from pg_class c
      where c.relnamespace in ('public'::regnamespace, 'private'::regnamespace) and c.relkind in ('r', 'p')`;
    const qualified = tables.map(({ name }) => name.includes('.') ? name : `public.${name}`);
    expect([...documented.keys()].toSorted()).toEqual(qualified.toSorted());
    for (const cells of documented.values()) expect(Object.values(cells)).not.toContain('');
  });

  test('has a test for each of its terms', () => {
    const terms = [...documented.keys()].flatMap((table) => daysOf(table).map((_, nth) => `${table} ${nth}`));
    expect(TERMS.map(({ table, nth = 0 }) => `${table} ${nth}`).toSorted()).toEqual(terms.toSorted());
  });

  test.each(TERMS)('$table, term $nth, is kept that long and no longer', async ({ table, nth = 0, make, left }) => {
    await fresh();
    await make();
    const days = daysOf(table)[nth]!;
    await oneNight(days - 0.1);
    expect(await left()).toBe(1);
    await oneNight(days + 0.1);
    expect(await left()).toBe(0);
  });
});

describe('an event that is over', () => {
  test('stays without its text while its appointment lives, so that it never becomes a second one', async () => {
    await fresh();
    const id = await event();
    await db.admin`insert into public.rdv (id, organisation_id, practitioner_id, source)
      values (${id}, ${person.organisation}, ${person.member}, 'google')`;
    await db.admin`update public.external_events set cassius_appointment_id = id, became_rdv_at = now()`;
    await oneNight(91);
    expect(await db.admin`select id, summary, description from public.external_events`)
      .toEqual([{ id, summary: null, description: null }]);
    await db.admin`delete from public.rdv where id = ${id}`;
    await oneNight(91);
    expect(await db.admin`select 1 from public.external_events`).toEqual([]);
  });
});

describe('a calendar that is read again after its text was forgotten', () => {
  test('has its events compared anew', async () => {
    await fresh();
    await event({ external_calendar_id: 'left', end_at: new Date(Date.now() + 60 * 86_400_000) });
    await oneNight(31);
    expect(await db.admin`select summary, etag from public.external_events`).toEqual([{ summary: null, etag: null }]);
  });
});

describe('what a run has read', () => {
  test('goes with its calendar, and by night where no run resumes it', async () => {
    await fresh();
    const run = crypto.randomUUID();
    const read = (id: string) =>
      db.admin`insert into private.import_staging (run_id, event_id, title) values (${id}, 'e', 'Réunion')`;
    await read(run);
    await db.admin`insert into private.import_runs
      (id, integration_id, calendar_id, organisation_id, mode, trigger, started_at, full_reading, covers_events, window_from,
        window_to, read_to, last_notice)
      select ${run}, integration_id, calendar_id, organisation_id, 'import', 'schedule', now(), true, true, now(), now(), now(), 0
      from private.calendar_cursors limit 1`;
    await read(crypto.randomUUID());
    await oneNight(0);
    expect(await db.admin`select run_id from private.import_staging`).toEqual([{ run_id: run }]);
    await disconnect();
    expect(await db.admin`select 1 from private.import_staging`).toEqual([]);
  });
});

describe('the questions about a calendar', () => {
  test('lose other people’s titles as soon as another calendar is chosen', async () => {
    await fresh();
    await db.admin`insert into public.sync_conflicts
        (organisation_id, user_id, integration_id, source, entity_type, reason, external_id, internal_id, payload)
      values (${person.organisation}, ${person.user}, ${integration}, 'google', 'event', 'time_overlap', 'e', gen_random_uuid(),
        '{"calendarId": "calendar", "calendar": {"title": "Réunion"}}'),
        (${person.organisation}, ${person.user}, ${integration}, 'google', 'event', 'mass_change', null, null,
        '{"calendarId": "calendar", "sample": [{"eventId": "e", "summary": "Réunion"}]}')`;
    await db.admin`update public.calendar_integrations set calendar_source_id = 'other' where id = ${integration}`;
    const kept = await db.admin`select status, resolution, payload::text as payload from public.sync_conflicts`;
    expect(kept).toMatchObject(Array(2).fill({ status: 'ignored', resolution: 'calendar_changed' }));
    expect(JSON.stringify(kept)).not.toContain('Réunion');
  });
});

describe('who removes the events of somebody who has left', () => {
  test('waits a week for a calendar that refuses, and ends then', async () => {
    await fresh();
    await link();
    await db.admin`update public.calendar_integrations set removing_events_since = now() where id = ${integration}`;
    await db.admin`delete from public.organisation_members where id = ${person.member}`;
    const credentials = count('private.credentials');
    await oneNight(6.9);
    expect(await credentials()).toBe(1);
    await oneNight(7.1);
    expect(await credentials()).toBe(0);
  });
});
