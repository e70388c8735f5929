import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { stagedColumns } from '../../supabase/functions/_shared/db/staged_columns.ts';
import { columns } from '../../supabase/functions/_shared/db/typed_rows.ts';
import { reconcile } from '../../supabase/functions/_shared/sync/inbound/reconcile.ts';
import { decide } from './decisions.ts';
import type {
  ObservedNow,
  SettledFormer,
  SettledLink,
  SettledRdv,
  Settlement,
} from '../../supabase/functions/_shared/sync/inbound/settle_conflict.ts';
import { newPerson, type TestDatabase, testDatabase, type TestPerson } from './database.ts';
import type { OursEvent, Verdict } from '../../supabase/functions/_shared/sync/inbound/verdict.ts';

const CALENDAR = 'claire@gmail.test';
const TARGET = 'cabinet@group.calendar.google.com';

let db: TestDatabase;
let claire: TestPerson;
let integration: string;

// deno-lint-ignore no-explicit-any
type Json = any;
const day = (offset: number, time = '09:00') => {
  const date = new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);
  return `${date}T${time}:00.000Z`;
};
const WINDOW = { from: day(0, '00:00'), to: day(30, '00:00') };

beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db?.stop());

beforeEach(async () => {
  claire = await newPerson(db);
  const stored = await db.call<Json>('connect_store', {
    p_organisation: claire.organisation,
    p_user: claire.user,
    p_provider: 'google',
    p_account_id: claire.user,
    p_account_email: null,
    p_scopes: ['s'],
    p_access_token: 'access',
    p_expires_in: 3600,
    p_refresh_token: 'refresh',
  });
  integration = stored.integrationId;
  await settings({ import_enabled: true, calendar_source_id: CALENDAR, calendar_source_name: 'Claire' });
});

async function settings(change: Record<string, unknown>): Promise<void> {
  await db.call('integration_update', {
    p_organisation: claire.organisation,
    p_user: claire.user,
    p_provider: 'google',
    p_changes: change,
  });
}

const event = (eventId: string, fields: Record<string, unknown> = {}) => {
  const { starts = day(3), ends = day(3, '10:00'), title = 'Réunion', content = {}, ...more } = fields as Json;
  return {
    eventId,
    etag: `"${eventId}-1"`,
    status: 'confirmed',
    kind: 'appointment',
    content: {
      title,
      description: 'Notes',
      location: 'Salle 2',
      availability: 'busy',
      visibility: 'normal',
      time: { kind: 'timed', startsAt: starts, endsAt: ends, timeZone: 'Europe/Paris' },
      ...content,
    },
    marker: null,
    updatedAt: day(0),
    url: 'https://calendar.example/e',
    attendees: [{ email: 'bob@example.test', name: null, response: 'accepted', organizer: false, self: false }],
    ownResponse: null,
    seriesId: null,
    ...more,
  };
};
const gone = (eventId: string) => ({ ...event(eventId), status: 'cancelled', etag: '', content: null });

interface Options {
  readonly calendar?: string;
  readonly mode?: 'import' | 'preview';
  readonly window?: { from: string; to: string };
  readonly verdicts?: Json[];
  readonly fingerprint?: string | null;
  readonly cursor?: string | null;
  readonly removed?: string[];
  readonly unchecked?: number;
}

async function ask({ calendar = CALENDAR, mode = 'import', window = WINDOW, fingerprint = null }: Options = {}) {
  const worker = crypto.randomUUID();
  const asked = await db.call<Json>('import_begin', {
    p_organisation: claire.organisation,
    p_user: claire.user,
    p_provider: 'google',
    p_calendar: calendar,
    p_from: window.from,
    p_to: window.to,
    p_mode: mode,
    p_worker: worker,
    p_lease_seconds: 60,
    p_fingerprint: fingerprint,
    p_items_limit: 1000,
  });
  return { worker, ...asked };
}
async function begin(options: Options = {}): Promise<{ worker: string; lane: Json }> {
  const { worker, lane } = await ask(options);
  expect(lane).not.toBeNull();
  return { worker, lane };
}
const stage = (worker: string, run: string, events: Json[], removed: string[] = [], page: string | null = null) =>
  db.asService((sql) =>
    sql`select public.import_stage(${worker}, ${run}, ${sql.json(stagedColumns(events as never))}::json, ${
      sql.json(removed)
    }, ${page}) as answer`
  );
const finish = async (worker: string, run: string, options: Options = {}): Promise<Json> => {
  const [row] = await db.asService((sql) =>
    sql`select public.import_finish(${worker}, ${run}, ${options.cursor === undefined ? 'token-1' : options.cursor},
      ${sql.json((options.verdicts ?? []).map(columns) as never)}, ${options.unchecked ?? 0}) as answer`
  );
  return row!.answer;
};

/** A whole run as the engine does it, with these pages. */
async function run(pages: Json[][], options: Options = {}): Promise<Json> {
  const { worker, lane } = await begin(options);
  for (const page of pages) await stage(worker, lane.runId, page, options.removed);
  return { lane, ...await finish(worker, lane.runId, options) };
}

const stored = async () => [
  ...await db.admin`select external_event_id as id, status, summary, start_at, etag, visibility, description, attendees
    from public.external_events where organisation_id = ${claire.organisation} order by 1`,
];
const rdvs = async () => [
  ...await db.admin`select id, type, status, source, starts_at, patient_id from public.rdv
    where organisation_id = ${claire.organisation} order by starts_at, type`,
];
const conflicts = async () => [
  ...await db
    .admin`select * from public.sync_conflicts where organisation_id = ${claire.organisation} order by created_at`,
];
const cursor = async () =>
  (await db
    .admin`select * from private.calendar_cursors where integration_id = ${integration} and calendar_id = ${CALENDAR}`)[
      0
    ]!;
async function book(fields: Record<string, unknown> = {}): Promise<string> {
  const [row] = await db.admin`insert into public.rdv ${
    db.admin({
      organisation_id: claire.organisation,
      practitioner_id: claire.member,
      type: 'Contrôle',
      starts_at: day(3),
      ends_at: day(3, '10:00'),
      ...fields,
    } as never)
  } returning id`;
  return row!.id;
}

describe('an import', () => {
  test('writes what is new, and again changes nothing', async () => {
    const pages = [[event('a'), event('b', { starts: day(5), ends: day(5, '11:00') })], [event('c')]];
    const first = await run(pages);
    expect(first.summary).toEqual({ created: 3, updated: 0, skipped: 0, cancelled: 0, failed: 0, conflicts: 0 });
    expect((await stored()).map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    const before = await db.admin`select * from public.external_events where organisation_id = ${claire.organisation}`;
    const second = await run([]);
    expect(second.lane).toMatchObject({ cursor: 'token-1' });
    expect(second.summary).toEqual({ created: 0, updated: 0, skipped: 3, cancelled: 0, failed: 0, conflicts: 0 });
    await db.admin`update private.calendar_cursors set sync_token = null where integration_id = ${integration}`;
    const third = await run(pages);
    expect(third.summary).toEqual(second.summary);
    expect(await db.admin`select * from public.external_events where organisation_id = ${claire.organisation}`)
      .toEqual(before);
  });

  test('of overlapping windows keeps one row an event', async () => {
    const near = event('near', { starts: day(2), ends: day(2, '10:00') });
    const far = event('far', { starts: day(20), ends: day(20, '10:00') });
    await run([[near]], { window: { from: WINDOW.from, to: day(7, '00:00') } });
    const wider = await run([[near, far]], { window: WINDOW });
    expect(wider.lane.cursor).toBeNull();
    expect(wider.summary).toMatchObject({ created: 1, skipped: 1 });
    const inside = await run([], { window: { from: WINDOW.from, to: day(7, '00:00') } });
    expect(inside.lane.cursor).toBe('token-1');
    expect(inside.summary).toMatchObject({ created: 0, updated: 0, cancelled: 0 });
  });

  test('follows edits, moves and cancellations', async () => {
    await run([[event('a'), event('b')]]);
    const changed = await run([[
      event('a', { etag: '"a-2"', title: 'Réunion déplacée', starts: day(4), ends: day(4, '10:00') }),
      gone('b'),
      gone('unknown'),
    ]]);
    expect(changed.summary).toMatchObject({ created: 0, updated: 1, cancelled: 1 });
    const [a, b] = await stored();
    expect(a).toMatchObject({ summary: 'Réunion déplacée', status: 'confirmed' });
    expect(a!.start_at.toISOString()).toBe(day(4));
    expect(b).toMatchObject({ status: 'cancelled' });
  });

  test('keeps of a private event the time alone', async () => {
    await run([[event('p', { content: { visibility: 'private', title: 'Chimiothérapie' } })]]);
    expect((await stored())[0]).toMatchObject({ summary: null, description: null, attendees: [] });
  });

  test('leaves out what is no appointment, what was declined, and what lies outside', async () => {
    const answer = await run([[
      event('home', { kind: 'working_location' }),
      event('birthday', { kind: 'birthday' }),
      event('no', { ownResponse: 'declined' }),
      event('later', { starts: day(40), ends: day(40, '10:00') }),
      event('ooo', { kind: 'out_of_office' }),
    ]]);
    expect((await stored()).map(({ id }) => id)).toEqual(['ooo']);
    expect(answer.summary).toMatchObject({ created: 1, skipped: 3 });
  });

  test('F15: keeps an all-day event as days with an exclusive end', async () => {
    await run([[
      event('trip', {
        content: { time: { kind: 'all_day', startDay: day(3).slice(0, 10), endDay: day(5).slice(0, 10) } },
      }),
    ]]);
    const [row] = await db
      .admin`select all_day, start_day::text, end_day::text, start_at at time zone 'Europe/Paris' as local
      from public.external_events where organisation_id = ${claire.organisation}`;
    expect(row).toMatchObject({ all_day: true, start_day: day(3).slice(0, 10), end_day: day(5).slice(0, 10) });
    expect(row!.local.toISOString()).toContain('T00:00:00');
  });

  test('F16: keeps one id of two calendars apart', async () => {
    await run([[event('same')]]);
    await run([[event('same', { title: 'Autre' })]], { calendar: 'second@example.test' });
    expect(await stored()).toHaveLength(2);
  });

  test('F12: parks one senseless event and takes the others', async () => {
    const answer = await run([[event('bad', { starts: day(3, '10:00'), ends: day(3, '09:00') }), event('good')]]);
    expect(answer.summary).toMatchObject({ created: 1, failed: 1 });
    expect(answer.failures).toEqual([{ eventId: 'bad', code: 'INVALID_EVENT' }]);
  });

  test('stores the cursor in the transaction that applies, and not before', async () => {
    const { worker, lane } = await begin();
    await stage(worker, lane.runId, [event('a')]);
    expect((await cursor()).sync_token).toBeNull();
    expect(await stored()).toEqual([]);
    await finish(worker, lane.runId, { cursor: 'token-9' });
    expect(await cursor()).toMatchObject({ sync_token: 'token-9', lease_owner: null });
    expect(await db.admin`select from private.import_runs where integration_id = ${integration}`).toHaveLength(0);
  });

  test('of a worker that lost its lease writes nothing', async () => {
    const { worker, lane } = await begin();
    await db
      .admin`update private.calendar_cursors set lease_until = now() - interval '1 second' where integration_id = ${integration}`;
    const other = await begin();
    expect((await stage(worker, lane.runId, [event('a')]))[0]!.answer.lost).toBe(true);
    expect(await finish(worker, lane.runId)).toMatchObject({ lost: true });
    expect((await stage(other.worker, other.lane.runId, [event('a')]))[0]!.answer.lost).toBe(false);
  });

  test('waits while another reads the calendar, and joins the run where it is the same one', async () => {
    const { worker, lane } = await begin();
    const other = await ask({ mode: 'preview' });
    expect(other).toMatchObject({ lane: null, result: null });
    const same = await ask();
    expect(same).toMatchObject({ runId: lane.runId, lane: null, result: null });
    await stage(worker, lane.runId, [event('a')]);
    await finish(worker, lane.runId);
    // The answer is handed out once; after that the same question is a new one.
    expect(await ask()).toMatchObject({ runId: lane.runId, lane: null, result: { summary: { created: 1 } } });
    const { lane: preview } = await begin({ mode: 'preview' });
    expect(preview).toMatchObject({ runId: other.runId, mode: 'preview' });
  });

  test('that stopped half-way goes on where it was', async () => {
    const { worker, lane } = await begin();
    await stage(worker, lane.runId, [event('a')], [], 'page-2');
    await db.asService((sql) => sql`select public.import_suspend(${worker}, ${lane.runId}, 'page-2')`);
    const resumed = await begin();
    expect(resumed.lane).toMatchObject({ runId: lane.runId, pageToken: 'page-2' });
    await stage(resumed.worker, lane.runId, [event('b')]);
    expect((await finish(resumed.worker, lane.runId)).summary.created).toBe(2);
  });

  test('F03: a dead cursor makes the next reading a full one, and keeps every row', async () => {
    await run([[event('a')]]);
    const { worker, lane } = await begin();
    await db.asService((sql) => sql`select public.import_fail(${worker}, ${lane.runId}, 'CURSOR_EXPIRED', null, true)`);
    const again = await begin();
    expect(again.lane).toMatchObject({ cursor: null });
    expect(await stored()).toHaveLength(1);
  });

  test('F04: a failed reading deletes nothing and comes again later', async () => {
    await run([[event('a')]]);
    const { worker, lane } = await begin();
    await stage(worker, lane.runId, [gone('a')]);
    await db.asService((sql) =>
      sql`select public.import_fail(${worker}, ${lane.runId}, 'PROVIDER_UNAVAILABLE', 120, false)`
    );
    expect((await stored())[0]!.status).toBe('confirmed');
    expect(await cursor()).toMatchObject({ sync_token: 'token-1', failures: 1 });
    const [left] = await db.admin`select count(*)::int as n from private.import_staging where run_id = ${lane.runId}`;
    expect(left!.n).toBe(0);
  });
});

describe('what a full reading did not bring', () => {
  const missing = async (worker: string, run: string): Promise<Json> =>
    (await db.asService((sql) => sql`select public.import_missing(${worker}, ${run}) as answer`))[0]!.answer;

  test('is asked about and not deleted', async () => {
    await run([[event('a'), event('b'), event('out', { starts: day(25), ends: day(25, '10:00') })]]);
    await db.admin`update private.calendar_cursors set sync_token = null, window_from = null, window_to = null
      where integration_id = ${integration}`;
    const { worker, lane } = await begin({ window: { from: WINDOW.from, to: day(7, '00:00') } });
    await stage(worker, lane.runId, [event('a')]);
    // only what lies in the window that was read
    expect((await missing(worker, lane.runId)).missing).toMatchObject([{ eventId: 'b', ours: false }]);
    await finish(worker, lane.runId);
    expect((await stored()).map(({ status }) => status)).toEqual(['confirmed', 'confirmed', 'confirmed']);
  });

  test('hints of removal are checked where they concern something known', async () => {
    await run([[event('a')]]);
    const { worker, lane } = await begin();
    await stage(worker, lane.runId, [], ['a', 'nobody']);
    expect((await missing(worker, lane.runId)).missing).toMatchObject([{ eventId: 'a', ours: false }]);
    await finish(worker, lane.runId);
    expect((await stored())[0]!.status).toBe('confirmed');
  });
});

describe('F05: a mass change', () => {
  const many = (count: number, fields: Record<string, unknown> = {}) =>
    Array.from({ length: count }, (_, n) => event(`m${String(n).padStart(2, '0')}`, fields));

  test('is held as one question and changes nothing until somebody decides', async () => {
    await run([many(40)]);
    const held = await run([many(40).map(({ eventId }) => gone(eventId))]);
    expect(held).toMatchObject({ held: true, summary: { cancelled: 0, conflicts: 1 } });
    expect((await stored()).filter(({ status }) => status === 'cancelled')).toEqual([]);
    const [conflict] = await conflicts();
    expect(conflict).toMatchObject({ reason: 'mass_change', status: 'open', payload: { cancelled: 40, known: 40 } });
    expect((await cursor()).sync_token).toBe('token-1');
    // the same again asks no second question
    await run([many(40).map(({ eventId }) => gone(eventId))]);
    expect(await conflicts()).toHaveLength(1);
  });

  test.each([['keep_calendar', 0], ['keep_cassius', 40], ['ignore', 40]])(
    '%s leaves %i events here',
    async (action, left) => {
      await run([many(40)]);
      await run([many(40).map(({ eventId }) => gone(eventId))]);
      const [conflict] = await conflicts();
      expect(await resolve(conflict!.id, action)).toMatchObject({ resolution: action });
      const after = await run([many(40).map(({ eventId }) => gone(eventId))]);
      expect(after.held).toBe(false);
      expect((await stored()).filter(({ status }) => status !== 'cancelled')).toHaveLength(left);
      expect((await run([])).held).toBe(false);
    },
  );

  test('is over by itself when the calendar shows everything again', async () => {
    await run([many(40)]);
    await run([many(40).map(({ eventId }) => gone(eventId))]);
    await run([]);
    expect((await conflicts())[0]).toMatchObject({ status: 'resolved', resolution: 'vanished' });
  });

  test('is decided once: the same again is asked about again', async () => {
    await run([many(40)]);
    const missing = { unchecked: 60 };
    expect(await run([], missing)).toMatchObject({ held: true });
    await resolve((await conflicts())[0]!.id, 'keep_cassius');
    expect(await run([], missing)).toMatchObject({ held: false });
    expect(await run([], missing)).toMatchObject({ held: true });
  });

  test('a deleted series counts as one deletion', async () => {
    await run([many(30, { seriesId: 'weekly' })]);
    const answer = await run([many(30).map(({ eventId }) => ({ ...gone(eventId), seriesId: 'weekly' }))]);
    expect(answer).toMatchObject({ held: false, summary: { cancelled: 30 } });
  });
});

describe('a preview', () => {
  test('tells what the import will do, and does nothing', async () => {
    await run([[event('a'), event('b')]]);
    await book({ starts_at: day(8), ends_at: day(8, '10:00') });
    const change = [[
      event('a', { etag: '"a-2"', title: 'x' }),
      gone('b'),
      event('new', { starts: day(8), ends: day(8, '11:00') }),
    ]];
    const preview = await run(change, { mode: 'preview' });
    expect((await stored()).map(({ status }) => status)).toEqual(['confirmed', 'confirmed']);
    expect(await conflicts()).toEqual([]);
    const real = await run(change, { fingerprint: preview.fingerprint });
    expect(real.summary).toEqual(preview.summary);
    expect(real.items).toEqual(preview.items);
    expect(real.summary).toEqual({ created: 1, updated: 1, skipped: 0, cancelled: 1, failed: 0, conflicts: 1 });
  });

  test('that is outdated refuses the import', async () => {
    const preview = await run([[event('a')]], { mode: 'preview' });
    const late = await run([[event('a'), event('b')]], { fingerprint: preview.fingerprint });
    expect(late).toMatchObject({ mismatch: true });
    expect(await stored()).toEqual([]);
  });
});

describe('events of ours', () => {
  let rdv: string;
  const content = {
    title: '[Cassius] Contrôle',
    description: '',
    location: '',
    availability: 'busy',
    visibility: 'private',
    time: { kind: 'timed', startsAt: day(3), endsAt: day(3, '10:00'), timeZone: 'Europe/Paris' },
  };
  beforeEach(async () => {
    await settings({
      calendar_target_id: CALENDAR,
      calendar_target_name: 'Claire',
      event_detail: 'full',
      export_enabled: true,
      two_way: 'auto',
    });
    rdv = await book();
    const [link] = await db.admin`insert into public.appointment_external_links
      (organisation_id, rdv_id, integration_id, provider, external_calendar_id, external_event_id, etag, sync_status, last_synced_at)
      values (${claire.organisation}, ${rdv}, ${integration}, 'google', ${CALENDAR}, 'cs1', '"1"', 'synced', now() - interval '1 minute') returning id`;
    await db.admin`insert into private.link_states (link_id, integration_id, state, pushed, base)
      values (${link!.id}, ${integration}, 'live', ${db.admin.json(content)}, ${db.admin.json(content)})`;
    await db.admin`delete from private.sync_outbox where organisation_id = ${claire.organisation}`;
  });

  const ours = async (events: Json[]) => {
    const { worker, lane } = await begin();
    await stage(worker, lane.runId, events);
    const [row] = await db.asService((sql) => sql`select public.import_ours(${worker}, ${lane.runId}) as answer`);
    return { worker, lane, ours: row!.answer.ours as Json[] };
  };
  const verdict = (one: Json, kind: string, more: Record<string, unknown> = {}) => ({
    eventId: one.eventId,
    rdvId: one.rdvId,
    kind,
    etag: one.etag,
    linkEventId: one.link.eventId,
    place: one.place,
    linkEtag: one.link.etag,
    linkCalendarId: one.link.calendarId,
    calendarId: one.calendarId,
    targetCalendarId: one.link.targetCalendarId,
    epoch: one.link.epoch,
    rdvUpdatedAt: one.rdvUpdatedAt,
    questionId: one.question?.id ?? null,
    questionUpdatedAt: one.question?.updatedAt ?? null,
    observed: one.content,
    base: one.content,
    pushed: one.link.pushed,
    state: ['echo', 'accept', 'apply'].includes(kind) ? 'live' : kind === 'cancel' ? 'gone' : null,
    weight: null,
    settles: false,
    ...more,
  });
  /** As the engine judges it. */
  const judged = (one: OursEvent, twoWay: 'off' | 'review' | 'auto' = 'auto'): Verdict =>
    reconcile(one, {
      calendarTargetId: CALENDAR,
      twoWay,
      eventDetail: 'full',
      timezone: 'Europe/Paris',
      defaultDurationMinutes: 30,
      normalize: (shown) => shown,
    });
  const moved = event('cs1', {
    etag: '"2"',
    starts: day(4),
    ends: day(4, '10:00'),
    content: { visibility: 'private', title: content.title },
  });

  test('are never imported as events of somebody else, and their echo is nothing', async () => {
    const echo = await ours([event('cs1', { etag: '"1"', content })]);
    expect(echo.ours).toEqual([]);
    const done = await finish(echo.worker, echo.lane.runId);
    expect(done.summary).toMatchObject({ created: 0, skipped: 1 });
    expect(await stored()).toEqual([]);
  });

  test('under an id that the provider replaced wait until the new one is written down', async () => {
    const { worker, lane } = await begin();
    const made = event('given', { content, requestedId: 'cs1' });
    await stage(worker, lane.runId, [made, event('other', { requestedId: 'cs2' })]);
    await finish(worker, lane.runId);
    expect((await stored()).map(({ id }) => id)).toEqual(['other']);
  });

  test('that move to another calendar while this one is read are not taken for somebody else’s', async () => {
    const { worker, lane } = await begin();
    const mark = { appointmentId: rdv, integrationId: integration, epoch: 0 };
    await stage(worker, lane.runId, [event('cs1', { content, marker: mark }), event('other')]);
    // The export takes it away between the reading and the decision.
    await db.admin`update public.appointment_external_links
      set external_calendar_id = ${TARGET}, external_event_id = 'cs2', epoch = 1, last_synced_at = now() where rdv_id = ${rdv}`;
    expect((await finish(worker, lane.runId)).summary).toMatchObject({ created: 1 });
    expect((await stored()).map(({ id }) => id)).toEqual(['other']);
  });

  test('F14: a copy that carries our mark is somebody’s own event', async () => {
    const copy = await ours([event('copy', { marker: { appointmentId: rdv, integrationId: integration, epoch: 0 } })]);
    expect(copy.ours).toEqual([]);
    await finish(copy.worker, copy.lane.runId);
    expect((await stored()).map(({ id }) => id)).toEqual(['copy']);
  });

  test('that come back before their link knows their id are not taken for somebody else’s', async () => {
    await db.admin`update private.link_states set state = 'creating' where link_id in
      (select id from public.appointment_external_links where rdv_id = ${rdv})`;
    const mark = { appointmentId: rdv, integrationId: integration, epoch: 0 };
    const early = await ours([event('given-by-them', { marker: mark })]);
    await finish(early.worker, early.lane.runId);
    expect(await stored()).toEqual([]);
    // another generation's mark is a copy
    const copy = await ours([event('copy', { marker: { ...mark, epoch: 7 } })]);
    await finish(copy.worker, copy.lane.runId);
    expect((await stored()).map(({ id }) => id)).toEqual(['copy']);
  });

  test('whose owner made a series of it are an occurrence, and the series is looked at no second time', async () => {
    await db.admin`update public.appointment_external_links set external_event_id = 'series-1' where rdv_id = ${rdv}`;
    await db.admin`update private.link_states set place = ${
      db.admin.json({ seriesId: 'series', at: `${day(2)}T09:00:00.000Z` })
    } where link_id in (select id from public.appointment_external_links where rdv_id = ${rdv})`;
    const mark = { appointmentId: rdv, integrationId: integration, epoch: 0 };
    const { worker, lane } = await begin();
    await stage(worker, lane.runId, [event('series', { content, marker: mark })]);
    await finish(worker, lane.runId);
    expect(await stored()).toEqual([]);
    expect(await db.admin`select event_id from private.import_revisits`).toEqual([]);
  });

  test.each([
    ['went since the reading began: what was read is older than the series', '1 second', []],
    ['went before: it is a single event again, and not an appointment’s', '-1 hour', ['series']],
  ])('of a series of which ours %s', async (_when, after, there) => {
    const { worker, lane } = await begin();
    await stage(worker, lane.runId, [event('series', { content })]);
    await db.admin`update public.appointment_external_links set external_event_id = 'series-1',
      last_synced_at = private.clock() + ${after}::interval where rdv_id = ${rdv}`;
    await db.admin`update private.link_states set state = 'gone', place = ${
      db.admin.json({ seriesId: 'series', at: `${day(2)}T09:00:00.000Z` })
    } where link_id in (select id from public.appointment_external_links where rdv_id = ${rdv})`;
    await finish(worker, lane.runId);
    expect((await stored()).map(({ id }) => id)).toEqual(there);
  });

  test('whose link ends in the run that took a person’s copy for it: the copy is looked at by itself', async () => {
    await db.admin`update private.link_states set state = 'creating' where link_id in
      (select id from public.appointment_external_links where rdv_id = ${rdv})`;
    const mark = { appointmentId: rdv, integrationId: integration, epoch: 0 };
    const { worker, lane, ours: [deleted] } = await ours([gone('cs1'), event('copy', { marker: mark })]);
    await finish(worker, lane.runId, {
      verdicts: [verdict(deleted, 'echo', { state: 'gone', base: null, pushed: null })],
    });
    expect(await stored()).toEqual([]);
    const revisits = await db.admin`select event_id from private.import_revisits where integration_id = ${integration}`;
    expect(revisits).toEqual([{ event_id: 'copy' }]);
    const next = await ours([event('copy', { marker: mark })]);
    await finish(next.worker, next.lane.runId);
    expect((await stored()).map(({ id }) => id)).toEqual(['copy']);
  });

  test('a move there is a move here, with no echo back', async () => {
    const { worker, lane, ours: [one] } = await ours([moved]);
    await finish(worker, lane.runId, {
      verdicts: [verdict(one, 'apply', { startsAt: day(4), endsAt: day(4, '10:00'), location: 'Salle 2' })],
    });
    const [row] = await db.admin`select starts_at, location from public.rdv where id = ${rdv}`;
    expect(row!.starts_at.toISOString()).toBe(day(4));
    const [link] = await db
      .admin`select etag, sync_status from public.appointment_external_links where rdv_id = ${rdv}`;
    expect(link).toMatchObject({ etag: '"2"' });
  });

  test('an appointment that changed meanwhile is not overwritten, and its event comes again', async () => {
    const { worker, lane, ours: [one] } = await ours([moved]);
    await db.admin`update public.rdv set notes = 'x' where id = ${rdv}`;
    await finish(worker, lane.runId, {
      verdicts: [verdict(one, 'apply', { startsAt: day(4), endsAt: day(4, '10:00') })],
    });
    const [row] = await db.admin`select starts_at from public.rdv where id = ${rdv}`;
    expect(row!.starts_at.toISOString()).toBe(day(3));
    const [revisit] = await db
      .admin`select event_id from private.import_revisits where integration_id = ${integration}`;
    expect(revisit!.event_id).toBe('cs1');
    await db.admin`delete from private.sync_outbox where organisation_id = ${claire.organisation}`;
    const next = await begin();
    expect(next.lane.revisit).toMatchObject([{ eventId: 'cs1' }]);
  });

  test('that became a series are looked at as that, and the series is no event of anybody else', async () => {
    const { worker, lane } = await begin();
    await stage(worker, lane.runId, [event('series', { seriesId: 'series' }), event('of-it', { seriesId: 'series' })]);
    await finish(worker, lane.runId);
    expect((await stored()).map(({ id }) => id)).toEqual(['of-it']);
  });

  test.each(
    ['accept', 'echo'] as const,
  )(
    'an occurrence that was judged too late (%s) is looked for again by the event that its link names',
    async (kind) => {
      const { worker, lane, ours: [one] } = await ours([moved]);
      await db.admin`update public.rdv set notes = 'x' where id = ${rdv}`;
      await finish(worker, lane.runId, { verdicts: [verdict(one, kind, { eventId: 'cs1-later' })] });
      expect((await db.admin`select event_id from private.import_revisits where integration_id = ${integration}`).map(
        ({ event_id }) => event_id,
      )).toEqual(['cs1']);
    },
  );

  test('one whose link names another event by then is looked for by that', async () => {
    const { worker, lane, ours: [one] } = await ours([moved]);
    await db.admin`update public.rdv set notes = 'x' where id = ${rdv}`;
    await finish(worker, lane.runId, { verdicts: [verdict(one, 'wait')] });
    // The worker that wrote it found that its owner had made a series of it.
    await db
      .admin`update public.appointment_external_links set external_event_id = 'cs1-occurrence' where rdv_id = ${rdv}`;
    await db.admin`delete from private.sync_outbox where organisation_id = ${claire.organisation}`;
    const next = await begin();
    expect(next.lane.revisit).toMatchObject([{ eventId: 'cs1-occurrence' }]);
  });

  test('gone there while it is cancelled here is gone at once, so that an appointment that comes back gets an event', async () => {
    await db.admin`update public.rdv set status = 'cancelled' where id = ${rdv}`;
    const { worker, lane, ours: [one] } = await ours([gone('cs1')]);
    expect(one).toMatchObject({ status: 'cancelled', dirty: true });
    await finish(worker, lane.runId, {
      verdicts: [verdict(one, 'echo', { state: 'gone', base: null, pushed: null })],
    });
    const [state] = await db.admin`select s.state, l.sync_status from private.link_states s
      join public.appointment_external_links l on l.id = s.link_id where l.rdv_id = ${rdv}`;
    expect(state).toEqual({ state: 'gone', sync_status: 'none' });
    // What waited to be sent still waits, and will find nothing to delete.
    expect(await db.admin`select 1 from private.sync_outbox where rdv_id = ${rdv}`).toHaveLength(1);
  });

  test('a decision for Cassius waits in no queue while nothing is exported, and goes out once it is again', async () => {
    const queued = () => db.admin`select rdv_id from private.sync_outbox where integration_id = ${integration}`;
    await settings({ export_enabled: false });
    await db.admin`update private.link_states set state = 'detached' where link_id in
      (select id from public.appointment_external_links where rdv_id = ${rdv})`;
    const [deleted] = await db.admin`insert into public.sync_conflicts
      (organisation_id, user_id, integration_id, source, entity_type, external_id, internal_id, reason, payload)
      select ${claire.organisation}, ${claire.user}, ${integration}, 'google', 'appointment', 'cs1', ${rdv}, 'deleted',
        jsonb_build_object('rdvUpdatedAt', r.updated_at) from public.rdv r where r.id = ${rdv} returning id`;
    expect(await resolve(deleted!.id, 'keep_cassius')).toMatchObject({ status: 'resolved', outdated: false });
    expect(await queued()).toEqual([]);
    await settings({ export_enabled: true });
    expect(await queued()).toEqual([{ rdv_id: rdv }]);
  });

  test('a question about an event that is gone by now becomes the one about its deletion, be that asked already or not', async () => {
    const ask = (reason: string) =>
      db.admin`insert into public.sync_conflicts
        (organisation_id, user_id, integration_id, source, entity_type, external_id, internal_id, reason, payload)
        select ${claire.organisation}, ${claire.user}, ${integration}, 'google', 'appointment', 'cs1', ${rdv}, ${reason},
          jsonb_build_object('etag', '"1"', 'rdvUpdatedAt', r.updated_at) from public.rdv r where r.id = ${rdv} returning id`;
    const [changed] = await ask('changed_both_sides');
    await ask('deleted');
    expect(await resolve(changed!.id, 'keep_cassius')).toMatchObject({ status: 'open', outdated: true });
    expect(
      await db.admin`select id, reason, payload -> 'calendar' as calendar from public.sync_conflicts
      where internal_id = ${rdv} and status = 'open'`,
    ).toEqual([{ id: changed!.id, reason: 'deleted', calendar: null }]);
    expect(
      await db.admin`select s.state from private.link_states s
      join public.appointment_external_links l on l.id = s.link_id where l.rdv_id = ${rdv}`,
    )
      .toEqual([{ state: 'detached' }]);
  });

  test('F22: what was read before a write of ours is not taken for somebody’s change', async () => {
    const { worker, lane } = await begin();
    await stage(worker, lane.runId, [moved]);
    // Our own write is done before the page that was read earlier is judged.
    await db
      .admin`update public.appointment_external_links set etag = '"3"', last_synced_at = clock_timestamp() where rdv_id = ${rdv}`;
    const [row] = await db.asService((sql) => sql`select public.import_ours(${worker}, ${lane.runId}) as answer`);
    expect(row!.answer.ours).toMatchObject([{ eventId: 'cs1', dirty: true }]);
  });

  test('F22: what was written since the reading began is not missing', async () => {
    await db.admin`update private.calendar_cursors set sync_token = null where integration_id = ${integration}`;
    const { worker, lane } = await begin();
    const absent = async () =>
      (await db.asService((sql) => sql`select public.import_missing(${worker}, ${lane.runId}) as answer`))[0]!.answer
        .missing;
    expect(await absent()).toMatchObject([{ eventId: 'cs1', ours: true }]);
    await db.admin`update public.appointment_external_links set last_synced_at = now() where rdv_id = ${rdv}`;
    expect(await absent()).toEqual([]);
  });

  describe('F22: an event of ours that a full reading passed by', () => {
    const revisits = () => db.admin`select event_id from private.import_revisits where integration_id = ${integration}`;
    const leased = (until: string) =>
      db.admin`insert into private.sync_lanes (integration_id, organisation_id, provider, lease_until)
        values (${integration}, ${claire.organisation}, 'google', now() + ${until}::interval)
        on conflict (integration_id) do update set lease_until = excluded.lease_until`;
    const fullReading = async (pages: Json[][] = []) => {
      await db.admin`update private.calendar_cursors set sync_token = null where integration_id = ${integration}`;
      const { worker, lane } = await begin();
      for (const page of pages) await stage(worker, lane.runId, page);
      return () => finish(worker, lane.runId);
    };
    const written = () =>
      db.admin`update public.appointment_external_links set last_synced_at = clock_timestamp() where rdv_id = ${rdv}`;
    const reserved = () =>
      db.admin`update private.link_states set state = 'creating', pushed = null, base = null where link_id in
        (select id from public.appointment_external_links where rdv_id = ${rdv})`;

    test('because it was written meanwhile is looked at by itself, under the id that it has by then', async () => {
      const end = await fullReading();
      await written();
      await end();
      expect(await revisits()).toEqual([{ event_id: 'cs1' }]);
      await db.admin`update public.appointment_external_links set external_event_id = 'given' where rdv_id = ${rdv}`;
      expect((await begin()).lane.revisit).toMatchObject([{ eventId: 'given' }]);
    });

    test('because it is being written is looked at too', async () => {
      await reserved();
      await leased('1 minute');
      await (await fullReading())();
      expect(await revisits()).toEqual([{ event_id: 'cs1' }]);
    });

    test('while nobody is writing it is left to who writes it next', async () => {
      await reserved();
      await leased('-1 minute');
      await (await fullReading())();
      expect(await revisits()).toEqual([]);
    });

    test('is done with once it came on its own', async () => {
      const end = await fullReading();
      await written();
      await end();
      const { worker, lane } = await begin();
      await stage(worker, lane.runId, [{ ...moved, etag: '"1"' }]);
      await finish(worker, lane.runId, { cursor: 'token-2' });
      expect(await revisits()).toEqual([]);
    });

    test('is not meant where the reading brought it, or was none in full', async () => {
      const end = await fullReading([[moved]]);
      await written();
      await end();
      const { worker, lane } = await begin();
      await written();
      await finish(worker, lane.runId, { cursor: 'token-2' });
      expect(await revisits()).toEqual([]);
    });
  });

  const linkNow = async () =>
    (await db.admin`select l.etag, s.state, s.pushed, s.base from private.link_states s
      join public.appointment_external_links l on l.id = s.link_id where l.rdv_id = ${rdv}`)[0]!;
  const askedAbout = async (one: Json) => {
    await db.admin`delete from private.sync_outbox where organisation_id = ${claire.organisation}`;
    const { worker, lane, ours: [again] } = await ours([one]);
    return { worker, lane, again };
  };

  test('a question that was asked or changed since an event was judged holds its verdict back', async () => {
    const { worker, lane, ours: [one] } = await ours([moved]);
    await db.admin`select private.open_conflict(${integration}, 'appointment', ${rdv}, 'cs1', 'changed_both_sides',
      ${db.admin.json({ fields: ['time'], cassius: content, base: content, calendar: content } as never)})`;
    await finish(worker, lane.runId, { verdicts: [judged(one)] });
    const [row] = await db.admin`select starts_at from public.rdv where id = ${rdv}`;
    expect(row!.starts_at.toISOString()).toBe(day(3));
    expect(await db.admin`select event_id from private.import_revisits where integration_id = ${integration}`)
      .toEqual([{ event_id: 'cs1' }]);
    // Judged again, the question shows the present; answered by the calendar, it is over.
    const next = await askedAbout(moved);
    await finish(next.worker, next.lane.runId, { verdicts: [judged(next.again)] });
    expect(await conflicts()).toMatchObject([{
      status: 'open',
      payload: { calendar: { time: { startsAt: day(4) } } },
    }]);
    const back = await askedAbout(event('cs1', { etag: '"3"', content: { ...content, title: 'Ada' } }));
    await finish(back.worker, back.lane.runId, { verdicts: [judged(back.again)] });
    expect(await conflicts()).toMatchObject([{ status: 'resolved', resolution: 'vanished' }]);
  });

  test('a refused mass change of moved events writes over them and makes none of them a second time', async () => {
    const { worker, lane, ours: [one] } = await ours([moved]);
    const asked = judged(one, 'review');
    expect(asked).toMatchObject({ kind: 'conflict', weight: 'moved' });
    // Together with more that is missing than is believed.
    expect(await finish(worker, lane.runId, { verdicts: [asked], unchecked: 60 })).toMatchObject({ held: true });
    const [question] = await conflicts();
    expect(question).toMatchObject({ reason: 'mass_change', payload: { cancelled: 60, moved: 1 } });
    await resolve(question!.id, 'keep_cassius');
    const next = await ours([moved]);
    await finish(next.worker, next.lane.runId, { verdicts: [judged(next.ours[0], 'review')], unchecked: 60 });
    // Alive, under its own id: the next push patches it.
    expect(await linkNow()).toMatchObject({ etag: '"2"', state: 'live', pushed: { time: { startsAt: day(4) } } });
    expect(await db.admin`select 1 from private.sync_outbox where rdv_id = ${rdv}`).toHaveLength(1);
  });

  describe('a decision', () => {
    const question = async () => {
      const [row] = await db.admin`insert into public.sync_conflicts
        (organisation_id, user_id, integration_id, source, entity_type, external_id, internal_id, reason, payload)
        select ${claire.organisation}, ${claire.user}, ${integration}, 'google', 'appointment', 'cs1', ${rdv},
          'changed_both_sides', jsonb_build_object('etag', '"2"', 'rdvUpdatedAt', r.updated_at, 'fields', '["time"]'::jsonb)
        from public.rdv r where r.id = ${rdv} returning id`;
      return row!.id as string;
    };
    const observed = { etag: '"2"', content: moved.content };

    test.each<[string, () => Promise<unknown>]>([
      ['the appointment', () => db.admin`update public.rdv set notes = 'x' where id = ${rdv}`],
      [
        'the version of the event',
        () => db.admin`update public.appointment_external_links set etag = '"9"' where rdv_id = ${rdv}`,
      ],
      ['what is known of the event', () =>
        db.admin`update private.link_states set state = 'updating' where link_id in
          (select id from public.appointment_external_links where rdv_id = ${rdv})`],
      ['the question', () => db.admin`update public.sync_conflicts set payload = payload || '{"etag": "3"}'`],
    ])('writes nothing where %s moved since it was judged, and is made again', async (_name, meanwhile) => {
      const id = await question();
      const before = await linkNow();
      expect(await decide(db, claire, id, 'keep_calendar', { observed, meanwhile })).toMatchObject({ moved: true });
      const [row] = await db.admin`select starts_at from public.rdv where id = ${rdv}`;
      expect(row!.starts_at.toISOString()).toBe(day(3));
      expect((await linkNow()).pushed).toEqual(before.pushed);
      expect((await conflicts())[0]).toMatchObject({ status: 'open', resolution: null });
    });

    test('for the calendar moves the appointment and sends nothing back', async () => {
      const id = await question();
      expect(await resolve(id, 'keep_calendar', observed)).toMatchObject({ moved: false, outdated: false });
      const [row] = await db.admin`select starts_at, ends_at from public.rdv where id = ${rdv}`;
      expect([row!.starts_at.toISOString(), row!.ends_at.toISOString()]).toEqual([day(4), day(4, '10:00')]);
      expect(await linkNow()).toMatchObject({ etag: '"2"', pushed: { time: { startsAt: day(4) } } });
    });
  });

  test('F13: an appointment that two programs keep moving is stopped and raised', async () => {
    for (let round = 0; round < 11; round++) {
      const time = { ...content.time, startsAt: day(4 + (round % 2), '12:00'), endsAt: day(4 + (round % 2), '13:00') };
      const { worker, lane, ours: [one] } = await ours([{
        ...moved,
        etag: `"${round + 5}"`,
        content: { ...content, time },
      }]);
      await finish(worker, lane.runId, { verdicts: [judged(one)] });
      await db.admin`delete from private.sync_outbox where organisation_id = ${claire.organisation}`;
    }
    expect((await conflicts())[0]).toMatchObject({ reason: 'changed_both_sides', payload: { flapping: true } });
  });
});

describe('events that become appointments', () => {
  beforeEach(() => settings({ import_as: 'rdv' }));

  test('are one appointment each, of this source, and follow the event', async () => {
    await run([[
      event('a'),
      event('day', {
        content: { time: { kind: 'all_day', startDay: day(3).slice(0, 10), endDay: day(4).slice(0, 10) } },
      }),
    ]]);
    expect(await rdvs()).toMatchObject([{ type: 'Réunion', source: 'google', status: 'scheduled' }]);
    await run([[event('a', { etag: '"a-2"', starts: day(6), ends: day(6, '10:00') })]]);
    expect((await rdvs())[0]!.starts_at.toISOString()).toBe(day(6));
    await run([[gone('a')]]);
    expect(await rdvs()).toMatchObject([{ status: 'cancelled' }]);
  });

  test('deleted here do not come back', async () => {
    await run([[event('a')]]);
    await db.admin`delete from public.rdv where organisation_id = ${claire.organisation}`;
    await run([[event('a', { etag: '"a-2"', title: 'x' })]]);
    expect(await rdvs()).toEqual([]);
  });

  test('edited here and there ask a person', async () => {
    await run([[event('a')]]);
    await db.admin`update public.rdv set starts_at = ${day(9)}, ends_at = ${
      day(9, '10:00')
    } where organisation_id = ${claire.organisation}`;
    await run([[event('a', { etag: '"a-2"', starts: day(6), ends: day(6, '10:00') })]]);
    const [conflict] = await conflicts();
    expect(conflict).toMatchObject({ reason: 'changed_both_sides', entity_type: 'event' });
    expect((await rdvs())[0]!.starts_at.toISOString()).toBe(day(9));
    await resolve(conflict!.id, 'keep_calendar');
    expect((await rdvs())[0]!.starts_at.toISOString()).toBe(day(6));
  });
});

const resolve = (id: string, action: string, observed: ObservedNow | null = null) =>
  decide(db, claire, id, action, { observed });

describe('an overlap', () => {
  let rdv: string;
  beforeEach(async () => {
    rdv = await book();
    await run([[
      event('a', { starts: day(3, '09:30'), ends: day(3, '11:00') }),
      event('free', { content: { availability: 'free' } }),
    ]]);
  });

  test('is asked about once', async () => {
    expect(await conflicts()).toMatchObject([{
      reason: 'time_overlap',
      internal_id: rdv,
      external_id: 'a',
      status: 'open',
    }]);
    await resolve((await conflicts())[0]!.id, 'ignore');
    await db.admin`update private.calendar_cursors set sync_token = null where integration_id = ${integration}`;
    await run([[event('a', { starts: day(3, '09:30'), ends: day(3, '11:00') })]]);
    expect(await conflicts()).toHaveLength(1);
  });

  test('made by a new appointment is found by the next run', async () => {
    await book({ starts_at: day(3, '10:30'), ends_at: day(3, '11:30') });
    await run([]);
    // One question for the event, about both.
    expect(await conflicts()).toMatchObject([{ external_id: 'a', internal_id: null, payload: { count: 2 } }]);
  });

  test.each([[30, 0], [60, 1]])(
    'with an appointment without an end is one for as long as the practice says: %i minutes',
    async (minutes, questions) => {
      await db
        .admin`update public.organisations set default_duration_minutes = ${minutes} where id = ${claire.organisation}`;
      await book({ starts_at: day(6, '08:30'), ends_at: null });
      await run([[event('late', { starts: day(6, '09:15'), ends: day(6, '11:00') })]]);
      const asked = (await conflicts()).filter(({ external_id }) => external_id === 'late');
      expect(asked).toHaveLength(questions);
      if (questions) expect(asked[0]!.payload.cassius.time.endsAt).toContain('T09:30:00');
    },
  );

  test('is over when one of the two moves away', async () => {
    await run([[event('a', { etag: '"a-2"', starts: day(5), ends: day(5, '10:00') })]]);
    expect(await conflicts()).toMatchObject([{ status: 'resolved', resolution: 'vanished' }]);
  });

  test.each([
    ['keep_cassius', ['scheduled']],
    ['keep_calendar', ['cancelled']],
    ['ignore', ['scheduled']],
    ['duplicate', ['scheduled', 'scheduled']],
  ])('%s leaves the appointments %j', async (action, left) => {
    const [conflict] = await conflicts();
    await resolve(conflict!.id, action);
    expect((await rdvs()).map(({ status }) => status)).toEqual(left);
    // again is the same answer, another action is refused
    expect(await resolve(conflict!.id, action)).toMatchObject({ resolution: action });
    expect((await rdvs()).map(({ status }) => status)).toEqual(left);
    await expect(resolve(conflict!.id, action === 'ignore' ? 'keep_cassius' : 'ignore')).rejects.toMatchObject({
      code: 'CONFLICT_CLOSED',
    });
  });

  test('that moved since it was shown is refused and shown anew', async () => {
    await db.admin`update public.rdv set ends_at = ${day(3, '10:15')} where id = ${rdv}`;
    const [conflict] = await conflicts();
    expect(await resolve(conflict!.id, 'keep_calendar')).toMatchObject({ outdated: true });
    expect((await rdvs())[0]!.status).toBe('scheduled');
    expect(await resolve(conflict!.id, 'keep_calendar')).toMatchObject({ outdated: false });
  });

  const review = (who: TestPerson, id: string) =>
    db.asUser(who.user, (sql) => sql`select public.review_overlap(${id})`);

  test('is over as soon as its person has moved the appointment away, and open again once that is taken back', async () => {
    const [asked] = await conflicts();
    await db.admin`update public.rdv set starts_at = ${day(3, '14:00')}, ends_at = ${
      day(3, '15:00')
    } where id = ${rdv}`;
    await review(claire, asked!.id);
    expect(await conflicts()).toMatchObject([{ id: asked!.id, status: 'resolved', resolution: 'vanished' }]);
    await db.admin`update public.rdv set starts_at = ${day(3)}, ends_at = ${day(3, '10:00')} where id = ${rdv}`;
    await review(claire, asked!.id);
    const { payload: { rdvUpdatedAt: _, ...payload }, internal_id } = asked!;
    expect(await conflicts()).toMatchObject([
      { id: asked!.id, status: 'open', resolution: null, resolved_at: null, internal_id, payload },
    ]);
  });

  test('of which one appointment has moved away is still asked about the others', async () => {
    const second = await book({ starts_at: day(3, '10:30'), ends_at: day(3, '11:30') });
    await run([]);
    await db.admin`update public.rdv set starts_at = ${day(3, '14:00')}, ends_at = ${
      day(3, '15:00')
    } where id = ${rdv}`;
    await review(claire, (await conflicts())[0]!.id);
    expect(await conflicts()).toMatchObject([{ status: 'open', internal_id: second, payload: { count: 1 } }]);
  });

  test('that was decided, or is asked in another question by now, is not opened by looking at it again', async () => {
    const [first] = await conflicts();
    await resolve(first!.id, 'ignore');
    await review(claire, first!.id);
    expect(await conflicts()).toMatchObject([{ status: 'ignored', resolution: 'ignore' }]);
    await db.admin`update public.sync_conflicts set status = 'resolved', resolution = 'vanished' where id = ${
      first!.id
    }`;
    await book({ starts_at: day(3, '10:30'), ends_at: day(3, '11:30') });
    await run([]);
    await review(claire, first!.id);
    expect((await conflicts()).filter(({ status }) => status === 'open')).toHaveLength(1);
  });

  test('is left as it is where nothing has moved', async () => {
    const [asked] = await conflicts();
    await review(claire, asked!.id);
    expect(await conflicts()).toEqual([asked]);
  });

  test('of another practice is unknown', async () => {
    const [conflict] = await conflicts();
    const stranger = await newPerson(db);
    await expect(review(stranger, conflict!.id)).rejects.toThrow('CONFLICT_NOT_FOUND');
    await expect(
      decide(db, stranger, conflict!.id, 'ignore'),
    ).rejects.toThrow('CONFLICT_NOT_FOUND');
  });
});

describe('which calendars are read', () => {
  const claim = async (): Promise<Json[]> =>
    (await db.asService((sql) => sql`select public.import_claim(${crypto.randomUUID()}, 'google', 8, 60) as answer`))[
      0
    ]!
      .answer.lanes.filter((lane: Json) => lane.integrationId === integration);
  const due = () =>
    db.admin`update private.calendar_cursors set next_poll_at = now() - interval '1 second' where integration_id = ${integration}`;

  test('the source when import is on, our target when changes come back', async () => {
    await due();
    expect((await claim()).map(({ calendarId }) => calendarId)).toEqual([CALENDAR]);
    await settings({
      calendar_target_id: TARGET,
      calendar_target_name: 'Cabinet',
      event_detail: 'full',
      export_enabled: true,
      two_way: 'review',
    });
    await due();
    await db.admin`update private.calendar_cursors set lease_until = null where integration_id = ${integration}`;
    expect((await claim()).map(({ calendarId }) => calendarId).sort()).toEqual([TARGET, CALENDAR]);
  });

  test('what was read for our own events alone is read again for an import', async () => {
    await settings({
      import_enabled: false,
      calendar_target_id: CALENDAR,
      calendar_target_name: 'C',
      event_detail: 'full',
      export_enabled: true,
      two_way: 'auto',
    });
    await due();
    const [lane] = await claim();
    expect(lane).toMatchObject({ cursor: null });
    await db
      .admin`update private.calendar_cursors set lease_owner = ${lane.runId} where integration_id = ${integration}`;
    await stage(lane.runId, lane.runId, [event('a')]);
    await finish(lane.runId, lane.runId);
    expect(await stored()).toEqual([]);
    const answer = await run([[event('a')]]);
    expect(answer.lane.cursor).toBeNull();
    expect(answer.summary.created).toBe(1);
  });

  test('one that is switched off while it is read is left alone, and is not the last import that people see', async () => {
    await run([[event('a')]]);
    await due();
    const [lane] = await claim();
    await db
      .admin`update private.calendar_cursors set lease_owner = ${lane.runId} where integration_id = ${integration}`;
    await stage(lane.runId, lane.runId, [event('b')]);
    await settings({ import_enabled: false });
    expect(await finish(lane.runId, lane.runId)).toMatchObject({ lost: true });
    expect((await stored()).map(({ id }) => id)).toEqual(['a']);
    const status = await db.call<Json>('import_status', {
      p_organisation: claire.organisation,
      p_user: claire.user,
      p_provider: 'google',
    });
    expect(status).toMatchObject({ running: null, last: { trigger: 'manual', error: null, summary: { created: 1 } } });
  });

  test('none when import is off or the connection has ended', async () => {
    await settings({ import_enabled: false });
    await due();
    expect(await claim()).toEqual([]);
  });

  test('a notice with the right secret makes its calendar due, a forged one nothing', async () => {
    const { worker, lane } = await begin();
    await finish(worker, lane.runId);
    const channel = { channelId: crypto.randomUUID(), resourceId: 'r', expiresAt: day(5), secretHash: 'h' };
    await db.call('import_watch', {
      p_integration: integration,
      p_calendar: CALENDAR,
      p_channel: channel,
      p_refused: false,
    });
    const tell = (secretHash: string, meaning = 'changed') =>
      db.asService((sql) =>
        sql`select public.import_notified('google', ${
          sql.json([{ channelId: channel.channelId, resourceId: 'r', secretHash, meaning }])
        }) as answer`
      );
    expect((await tell('forged'))[0]!.answer).toEqual({ dirty: 0 });
    expect(await claim()).toEqual([]);
    expect((await tell('h'))[0]!.answer).toEqual({ dirty: 1 });
    const [first] = await claim();
    expect(first).toMatchObject({ trigger: 'push', watch: { channelId: channel.channelId }, watchWanted: false });
    // F11: told again in the middle of the reading, it is read again
    await tell('h');
    await db.asService((sql) => sql`select public.import_finish(${first.runId}, ${first.runId}, 't', '[]', 0)`);
    await db.admin`update private.calendar_cursors set lease_owner = ${worker} where integration_id = ${integration}`;
    await finish(worker, first.runId, { cursor: 't' });
    expect(await claim()).toHaveLength(1);
  });
});

test('disconnecting forgets the person’s calendar', async () => {
  await run([[event('a')]]);
  await db.admin`update public.calendar_integrations set disconnected_at = now() where id = ${integration}`;
  expect(await stored()).toEqual([]);
  expect(await db.admin`select 1 from private.calendar_cursors where integration_id = ${integration}`).toHaveLength(0);
});

test('the health report counts what the team can mend', async () => {
  await run([[event('a')]]);
  const before = await db.call<Json>('sync_health', {});
  await db
    .admin`update private.calendar_cursors set next_poll_at = now() - interval '1 hour', failures = 3 where integration_id = ${integration}`;
  const after = await db.call<Json>('sync_health', {});
  expect(after.calendarsFailing).toBe(before.calendarsFailing + 1);
  expect(after.mostOverduePollSeconds).toBeGreaterThanOrEqual(3600);
  await db.admin`update public.calendar_integrations set status = 'reconnect_required' where id = ${integration}`;
  expect((await db.call<Json>('sync_health', {})).calendarsFailing).toBe(before.calendarsFailing);
});

test('what the engine decides has every column of its row in the database, and no other', async () => {
  const named = async (type: string) =>
    (await db.admin`select attname from pg_attribute where attrelid = ${type}::regclass and attnum > 0 order by 1`)
      .map(({ attname }) => attname);
  const verdict: Required<Verdict & { startsAt: null; endsAt: null; location: null; reason: null; payload: null }> = {
    eventId: 'e',
    rdvId: 'r',
    etag: '',
    linkEventId: 'e',
    linkCalendarId: 'c',
    calendarId: 'c',
    targetCalendarId: null,
    place: null,
    linkEtag: null,
    epoch: 0,
    former: false,
    rdvUpdatedAt: null,
    questionId: null,
    questionUpdatedAt: null,
    observed: null,
    kind: 'echo',
    weight: null,
    settles: false,
    state: null,
    pushed: null,
    base: null,
    startsAt: null,
    endsAt: null,
    location: null,
    status: null,
    reason: null,
    payload: null,
  } as never;
  expect(Object.keys(columns(verdict)).sort()).toEqual(await named('private.verdict'));
  const rdv = {
    practitionerId: 1,
    patientId: 1,
    type: 1,
    act: 1,
    notes: 1,
    location: 1,
    startsAt: 1,
    endsAt: 1,
    status: 1,
  };
  expect(Object.keys(columns({ ...rdv, source: 1 } satisfies Record<keyof SettledRdv, unknown>)).sort())
    .toEqual(await named('private.settled_rdv'));
  const link = { state: 1, etag: 1, pushed: 1, base: 1, calendarId: 1, eventId: 1, epoch: 1 } satisfies Record<
    keyof SettledLink,
    unknown
  >;
  expect(Object.keys(columns(link)).sort()).toEqual(await named('private.settled_link'));
  const former = { etag: 1, ends: 1 } satisfies Record<keyof SettledFormer, unknown>;
  expect(Object.keys(columns(former)).sort()).toEqual(await named('private.settled_former'));
  const settlement = {
    questionUpdatedAt: 1,
    rdvUpdatedAt: 1,
    linkState: 1,
    linkEtag: 1,
    epoch: 1,
    eventUpdatedAt: 1,
    status: 1,
    resolution: 1,
    reason: 1,
    payload: 1,
    link: 1,
    rdv: 1,
    duplicate: 1,
    push: 1,
    revisit: 1,
    former: 1,
  } satisfies Record<keyof Settlement, unknown>;
  expect(Object.keys(columns(settlement)).sort()).toEqual(await named('private.settlement'));
});
