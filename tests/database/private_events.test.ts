/** Of a foreign private event only the time is kept: while a run is under way, and when a run changes nothing. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { stagedColumns } from '../../supabase/functions/_shared/db/staged_columns.ts';
import { newPerson, type TestDatabase, testDatabase, type TestPerson } from './database.ts';
import { findEverywhere } from './every_copy.ts';

// deno-lint-ignore no-explicit-any
type Json = any;
const CALENDAR = 'claire@calendar.test';
const SECRET = 'Bathybius';
const day = (offset: number) => new Date(Date.now() + offset * 86_400_000).toISOString();

let db: TestDatabase;
let claire: TestPerson;
beforeAll(async () => {
  db = await testDatabase();
}, 60_000);
afterAll(() => db?.stop());
beforeEach(async () => {
  await db.admin`delete from public.organisations where true`;
  claire = await newPerson(db);
  const owner = { p_organisation: claire.organisation, p_user: claire.user, p_provider: 'google' };
  await db.call('connect_store', {
    ...owner,
    p_account_id: claire.user,
    p_account_email: null,
    p_scopes: ['s'],
    p_access_token: 'access',
    p_expires_in: 3600,
    p_refresh_token: 'refresh',
  });
  await db.call('integration_update', {
    ...owner,
    p_changes: { import_enabled: true, calendar_source_id: CALENDAR, calendar_source_name: 'Claire' },
  });
});

const event = (eventId: string, visibility: 'normal' | 'private', etag: string, starts = 3) => ({
  eventId,
  etag,
  status: 'confirmed',
  kind: 'appointment',
  content: {
    title: SECRET,
    description: SECRET,
    location: SECRET,
    availability: 'busy',
    visibility,
    time: { kind: 'timed', startsAt: day(starts), endsAt: day(starts + 0.02), timeZone: 'Europe/Paris' },
  },
  marker: null,
  updatedAt: day(0),
  url: `https://calendar.example/${SECRET}`,
  attendees: [{ email: `${SECRET}@example.test`, name: SECRET, response: 'accepted', organizer: false, self: false }],
  ownResponse: null,
  seriesId: null,
});

async function begin(): Promise<{ worker: string; run: string }> {
  const worker = crypto.randomUUID();
  const lane = await db.call<Json>('import_begin', {
    p_organisation: claire.organisation,
    p_user: claire.user,
    p_provider: 'google',
    p_calendar: CALENDAR,
    p_from: day(0),
    p_to: day(30),
    p_mode: 'import',
    p_worker: worker,
    p_lease_seconds: 60,
  });
  return { worker, run: lane.runId };
}
const stage = ({ worker, run }: { worker: string; run: string }, events: Json[]) =>
  db.asService((sql) =>
    sql`select public.import_stage(${worker}, ${run}, ${sql.json(stagedColumns(events as never))}::json,
      '[]'::jsonb, null) as answer`
  );
const finish = async ({ worker, run }: { worker: string; run: string }): Promise<Json> =>
  (await db.asService((sql) => sql`select public.import_finish(${worker}, ${run}, 'token', '[]'::jsonb, 0) as answer`))[
    0
  ]!.answer;

test('a run that has read it and is not at its end holds no text of it', async () => {
  const run = await begin();
  await stage(run, [event('one', 'private', 'v1')]);
  expect(await findEverywhere(db.admin, SECRET)).toEqual([]);
  await finish(run);
  expect(await findEverywhere(db.admin, SECRET)).toEqual([]);
  expect(await db.admin`select visibility, start_at is not null as timed from public.external_events`)
    .toEqual([{ visibility: 'private', timed: true }]);
});

test('a reading that is held until a person decides takes the text of what became private all the same', async () => {
  const ids = Array.from({ length: 12 }, (_, at) => `event-${at}`);
  const first = await begin();
  await stage(first, ids.map((id) => event(id, 'normal', 'v1')));
  await finish(first);
  const second = await begin();
  // All of them moved, which is a question; all became private, which is none.
  await stage(second, ids.map((id) => event(id, 'private', 'v2', 4)));
  expect(await finish(second)).toMatchObject({ held: true });
  expect(await findEverywhere(db.admin, SECRET)).toEqual([]);
});

test('what became private after a question about it was asked is not named in it any more', async () => {
  const ids = Array.from({ length: 12 }, (_, at) => `event-${at}`);
  const first = await begin();
  await stage(first, ids.map((id) => event(id, 'normal', 'v1')));
  await finish(first);
  const second = await begin();
  await stage(second, ids.map((id) => event(id, 'normal', 'v2', 4)));
  expect(await finish(second)).toMatchObject({ held: true });
  expect(await findEverywhere(db.admin, SECRET)).toContain('public.sync_conflicts.payload');
  const third = await begin();
  await stage(third, ids.map((id) => event(id, 'private', 'v3', 4)));
  await finish(third);
  expect(await findEverywhere(db.admin, SECRET)).toEqual([]);
});
