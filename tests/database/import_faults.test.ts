/** Invariant I10, inbound: what one row, token, notice or worker does is felt by its own calendar alone. */
import postgres from 'postgres';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { stagedColumns } from '../../supabase/functions/_shared/db/staged_columns.ts';
import { decide as decideAs } from './decisions.ts';
import { newPerson, type TestDatabase, testDatabase, type TestPerson } from './database.ts';

// deno-lint-ignore no-explicit-any
type Json = any;
interface Followed extends TestPerson {
  readonly integration: string;
  readonly calendar: string;
}

let db: TestDatabase;
let claire: Followed;
let marc: Followed;

beforeAll(async () => {
  db = await testDatabase();
}, 60_000);
afterAll(() => db?.stop());
beforeEach(async () => {
  await db.admin`delete from public.calendar_integrations`;
  await db.admin`delete from private.calendar_notices`;
  [claire, marc] = [await follow(), await follow()];
});

/** A practice of its own, with a calendar that is due. */
async function follow(): Promise<Followed> {
  const person = await newPerson(db);
  const who = { p_organisation: person.organisation, p_user: person.user, p_provider: 'google' };
  const { integrationId: integration } = await db.call<Json>('connect_store', {
    ...who,
    p_account_id: person.user,
    p_account_email: null,
    p_scopes: ['s'],
    p_access_token: 'access',
    p_expires_in: 3600,
    p_refresh_token: 'refresh',
  });
  const calendar = `${person.user}@mail.test`;
  const p_changes = { import_enabled: true, calendar_source_id: calendar, calendar_source_name: 'C' };
  await db.call('integration_update', { ...who, p_changes });
  await db.admin`update private.calendar_cursors set next_poll_at = now() - interval '1 minute'
    where integration_id = ${integration}`;
  return { ...person, integration, calendar };
}

const owner = (of: Followed) => ({ p_organisation: of.organisation, p_user: of.user, p_provider: 'google' });
const cursor = async (of: Followed) =>
  (await db.admin`select * from private.calendar_cursors where integration_id = ${of.integration}`)[0]!;
const integration = async (of: Followed) =>
  (await db.admin`select * from public.calendar_integrations where id = ${of.integration}`)[0]!;
const status = (of: Followed) => db.call<Json>('import_status', owner(of));
const claim = (worker = crypto.randomUUID()) =>
  db.call<Json>('import_claim', { p_worker: worker, p_provider: 'google', p_max_lanes: 8, p_lease_seconds: 60 });
const expireLease = (of: Followed) =>
  db.admin`update private.calendar_cursors set lease_until = now() - interval '1 second' where integration_id = ${of.integration}`;
const event = (eventId: string) => ({
  eventId,
  etag: '"1"',
  status: 'confirmed',
  kind: 'appointment',
  content: {
    title: 'Réunion',
    description: '',
    location: '',
    availability: 'busy',
    visibility: 'normal',
    time: {
      kind: 'timed',
      startsAt: new Date(Date.now() + 2 * 86_400_000).toISOString(),
      endsAt: new Date(Date.now() + 2 * 86_400_000 + 3_600_000).toISOString(),
      timeZone: 'Europe/Paris',
    },
  },
  marker: null,
  updatedAt: null,
  url: null,
  attendees: [],
  ownResponse: null,
  seriesId: null,
});
interface Part {
  readonly events?: Json[];
  readonly unreadable?: Json[];
  readonly pageToken?: string | null;
  readonly cursor?: string | null;
}
const stage = async (
  worker: string,
  run: string,
  { events = [], unreadable = [], pageToken = null, cursor = null }: Part,
) =>
  (await db.asService((sql) =>
    sql`select public.import_stage(${worker}, ${run}, ${
      sql.json(stagedColumns(events as never))
    }::json, '[]', ${pageToken}, 1,
      ${cursor}, ${sql.json(unreadable)}) as answer`
  ))[0]!.answer;
const finish = async (worker: string, run: string): Promise<Json> =>
  (await db.asService((sql) => sql`select public.import_finish(${worker}, ${run}, 'token', '[]', 0) as answer`))[0]!
    .answer;
const stored = async (of: Followed) =>
  (await db.admin`select external_event_id as id from public.external_events where organisation_id = ${of.organisation}
    order by 1`).map(({ id }) => id);

describe('a claim', () => {
  test('B1: that meets a token which cannot be opened hands out the others, and the connection waits for its person', async () => {
    await db.admin`delete from vault.secrets where id in (
      select (sealed ->> 'secret_id')::uuid from private.credentials c,
        lateral (values (c.access_sealed), (c.refresh_sealed)) as token (sealed)
      where c.integration_id = ${claire.integration})`;
    await db.admin`update private.credentials set
      access_sealed = access_sealed || '{"ciphertext": "AAAA"}',
      refresh_sealed = refresh_sealed || '{"ciphertext": "AAAA"}'
      where integration_id = ${claire.integration}`;
    const { lanes } = await claim();
    const credentials = new Map(lanes.map((lane: Json) => [lane.integrationId, lane.credential.accessToken]));
    expect(credentials.get(marc.integration)).toBe('access');
    expect(credentials.get(claire.integration)).toBeNull();
    // Its worker asks for the credential, and that marks the connection.
    await db.call('integration_credential', { p_integration: claire.integration });
    await expireLease(claire);
    expect(await integration(claire)).toMatchObject({
      status: 'reconnect_required',
      last_error: { code: 'CREDENTIAL_UNREADABLE' },
    });
    // Until its person has connected again it is in no claim.
    expect(await claim()).toMatchObject({ lanes: [], troubled: [] });
  });

  test('that meets a row which cannot be read marks that calendar, tells its person, and comes back later and later', async () => {
    await db.admin`create or replace function private.poison() returns trigger language plpgsql as
      ${
      db.admin.unsafe(
        `$$ begin if new.calendar_id = '${claire.calendar}' and new.lease_owner is not null then raise 'poison'; end if; return new; end $$`,
      )
    }`;
    await db
      .admin`create trigger poison before update on private.calendar_cursors for each row execute function private.poison()`;
    try {
      const first = await claim();
      expect(first.lanes.map(({ integrationId }: Json) => integrationId)).toEqual([marc.integration]);
      expect(first.troubled).toMatchObject([{
        integrationId: claire.integration,
        code: 'IMPORT_FAILED',
        sqlState: 'P0001',
      }]);
      expect(await cursor(claire)).toMatchObject({ failures: 1, last_error: 'IMPORT_FAILED' });
      expect(await status(claire)).toMatchObject({ error: 'IMPORT_FAILED' });
      const waits: number[] = [];
      for (let round = 0; round < 4; round++) {
        const { next_poll_at } = await cursor(claire);
        waits.push(next_poll_at.getTime() - Date.now());
        await db
          .admin`update private.calendar_cursors set next_poll_at = now() where integration_id = ${claire.integration}`;
        expect((await claim()).troubled).toHaveLength(1);
      }
      expect(waits.toSorted((a, b) => a - b)).toEqual(waits);
    } finally {
      await db.admin`drop trigger poison on private.calendar_cursors`;
    }
    await db
      .admin`update private.calendar_cursors set next_poll_at = now() where integration_id = ${claire.integration}`;
    expect((await claim()).lanes).toHaveLength(1);
  });

  test('whose time is over marks the calendar at fault, and the others come with the next', async () => {
    await db.admin`update private.calendar_cursors set next_poll_at = now() - interval '1 hour'
      where integration_id = ${claire.integration}`;
    await db.admin`create or replace function private.poison() returns trigger language plpgsql as
      ${
      db.admin.unsafe(
        `$$ begin if new.calendar_id = '${claire.calendar}' and new.lease_owner is not null then perform pg_sleep(60); end if; return new; end $$`,
      )
    }`;
    await db
      .admin`create trigger poison before update on private.calendar_cursors for each row execute function private.poison()`;
    try {
      const [row] = await db.admin.begin(async (sql) => {
        await sql`set local statement_timeout = '300ms'`;
        return await sql`select public.import_claim(${crypto.randomUUID()}, 'google', 8, 60) as answer`;
      });
      expect(row!.answer).toMatchObject({
        lanes: [],
        troubled: [{ integrationId: claire.integration, sqlState: '57014' }],
      });
      expect((await claim()).lanes.map(({ integrationId }: Json) => integrationId)).toEqual([marc.integration]);
    } finally {
      await db.admin`drop trigger poison on private.calendar_cursors`;
    }
  });
});

test('a calendar that could not be read three times is not told as connected and well', async () => {
  const told = async () => (await db.call<Json>('integration_status', owner(claire))).lastError;
  const failing = (failures: number) =>
    db.admin`update private.calendar_cursors set failures = ${failures}, last_error = 'UNEXPECTED_RESPONSE'
      where integration_id = ${claire.integration}`;
  await failing(2);
  expect(await told()).toBeNull();
  await failing(3);
  expect(await told()).toEqual({ code: 'UNEXPECTED_RESPONSE', message: null });
  expect(await status(claire)).toMatchObject({ error: 'UNEXPECTED_RESPONSE' });
});

test('a practice that is paused is in no claim, and its person is told', async () => {
  await db.owner`select private.pause('practice', ${claire.organisation}, 'test')`;
  try {
    expect((await claim()).lanes.map(({ integrationId }: Json) => integrationId)).toEqual([marc.integration]);
    await expect(db.call('import_begin', {
      ...owner(claire),
      p_calendar: claire.calendar,
      p_from: null,
      p_to: null,
      p_mode: 'import',
      p_worker: crypto.randomUUID(),
      p_lease_seconds: 60,
    })).rejects.toThrow('SYNC_PAUSED');
  } finally {
    await db.owner`select private.resume('practice', ${claire.organisation})`;
  }
});

describe('a run whose worker died', () => {
  test('within its pages goes on at the page', async () => {
    const [lane] = (await claim('00000000-0000-4000-8000-00000000000a')).lanes.filter((l: Json) =>
      l.integrationId === claire.integration
    );
    await stage('00000000-0000-4000-8000-00000000000a', lane.runId, { events: [event('a')], pageToken: 'p2' });
    await expireLease(claire);
    const [again] = (await claim()).lanes;
    expect(again).toMatchObject({ runId: lane.runId, pageToken: 'p2', endCursor: null });
  });

  test('between its last page and its ending goes on at the ending, and reads nothing again', async () => {
    const worker = crypto.randomUUID();
    const lane = (await claim(worker)).lanes.find((l: Json) => l.integrationId === claire.integration);
    await stage(worker, lane.runId, { events: [event('a')], pageToken: 'p2' });
    await stage(worker, lane.runId, { events: [event('b')], cursor: 'token' });
    await expireLease(claire);
    const successor = crypto.randomUUID();
    const [again] = (await claim(successor)).lanes;
    expect(again).toMatchObject({ runId: lane.runId, endCursor: 'token' });
    expect(await finish(worker, lane.runId)).toMatchObject({ lost: true });
    expect(await finish(successor, lane.runId)).toMatchObject({ lost: false, summary: { created: 2 } });
    expect(await stored(claire)).toEqual(['a', 'b']);
  });

  test('and whose pages a crash of the server has lost begins anew, under its own id', async () => {
    const worker = crypto.randomUUID();
    const lane = (await claim(worker)).lanes.find((l: Json) => l.integrationId === claire.integration);
    await stage(worker, lane.runId, { events: [event('a')], pageToken: 'p2' });
    await expireLease(claire);
    // As the server empties what it does not write to its log.
    await db.admin`truncate private.import_staging, private.staged_runs`;
    const successor = crypto.randomUUID();
    const again = (await claim(successor)).lanes.find((l: Json) => l.integrationId === claire.integration);
    expect(again).toMatchObject({ runId: lane.runId, pageToken: null, endCursor: null });
    await stage(successor, lane.runId, { events: [event('b')], cursor: 'token' });
    expect(await finish(successor, lane.runId)).toMatchObject({ lost: false, summary: { created: 1 } });
  });

  test('again and again without getting on has failed, and the calendar rests', async () => {
    let run = '';
    for (let round = 0; round < 5; round++) {
      const lane = (await claim()).lanes.find((l: Json) => l.integrationId === claire.integration);
      if (run === '') run = lane.runId;
      expect(lane.runId).toBe(run);
      await expireLease(claire);
    }
    expect((await claim()).lanes.filter((l: Json) => l.integrationId === claire.integration)).toEqual([]);
    expect(await cursor(claire)).toMatchObject({ failures: 1, last_error: 'IMPORT_FAILED' });
    expect((await cursor(claire)).next_poll_at.getTime()).toBeGreaterThan(Date.now() + 20_000);
  });
});

describe('a one-off import of a calendar that is not followed', () => {
  const OTHER = 'other@mail.test';
  const window = { from: new Date().toISOString(), to: new Date(Date.now() + 20 * 86_400_000).toISOString() };
  const ask = (mode: 'import' | 'preview', worker = crypto.randomUUID()) =>
    db.call<Json>('import_begin', {
      ...owner(claire),
      p_calendar: OTHER,
      p_from: window.from,
      p_to: window.to,
      p_mode: mode,
      p_worker: worker,
      p_lease_seconds: 60,
      p_items_limit: 10,
    });
  const other = async () => (await claim(SUCCESSOR)).lanes.find((l: Json) => l.calendarId === OTHER);
  const SUCCESSOR = '00000000-0000-4000-8000-00000000000b';
  const expire = () =>
    db.admin`update private.calendar_cursors set lease_until = now() - interval '1 second' where calendar_id = ${OTHER}`;

  test.each(['import', 'preview'] as const)(
    'B9: (%s) is ended by the sweep, as what it was, and its person has the answer',
    async (mode) => {
      const worker = crypto.randomUUID();
      const { runId, lane } = await ask(mode, worker);
      expect(lane).toMatchObject({ runId, mode });
      await stage(worker, runId, { events: [event('a')], pageToken: 'p2' });
      expect(await other()).toBeUndefined();
      await expire();
      const again = await other();
      expect(again).toMatchObject({
        runId,
        mode,
        trigger: 'manual',
        pageToken: 'p2',
        window: { from: expect.stringContaining(window.from.slice(0, 10)) },
      });
      await stage(SUCCESSOR, runId, { events: [event('b')], cursor: 'token' });
      expect((await finish(SUCCESSOR, runId)).summary).toMatchObject({ created: 2 });
      expect(await ask(mode)).toMatchObject({ runId, result: { summary: { created: 2 }, items: [{}, {}] } });
      expect(await stored(claire)).toEqual(mode === 'import' ? ['a', 'b'] : []);
      expect(await other()).toBeUndefined();
    },
  );

  test('that failed while another worked on it tells its person why', async () => {
    const { runId } = await ask('import');
    await expire();
    await other();
    await db.asService((sql) =>
      sql`select public.import_fail(${SUCCESSOR}, ${runId}, 'PERMISSION_DENIED', null, false)`
    );
    expect(await ask('import')).toMatchObject({ runId, lane: null, result: { error: 'PERMISSION_DENIED' } });
  });

  test('an answer that nobody came for is not the answer to a later question', async () => {
    const { runId } = await ask('import');
    await expire();
    await other();
    await finish(SUCCESSOR, runId);
    await db.admin`update private.import_requests set answered_at = now() - interval '2 minutes'`;
    const next = await ask('import');
    expect(next.runId).not.toBe(runId);
    expect(next).toMatchObject({ result: null, lane: { runId: next.runId } });
  });
});

describe('an entry that cannot be read', () => {
  test('B6: is parked with its id, is no deletion, and comes in once it can be read', async () => {
    let worker = crypto.randomUUID();
    let lane = (await claim(worker)).lanes.find((l: Json) => l.integrationId === claire.integration);
    await stage(worker, lane.runId, { events: [event('a'), event('b')], cursor: 't' });
    await finish(worker, lane.runId);
    expect(await stored(claire)).toEqual(['a', 'b']);
    // In full: what does not come would be missing.
    await db
      .admin`update private.calendar_cursors set sync_token = null, next_poll_at = now() where integration_id = ${claire.integration}`;
    worker = crypto.randomUUID();
    lane = (await claim(worker)).lanes.find((l: Json) => l.integrationId === claire.integration);
    await stage(worker, lane.runId, { events: [event('c')], unreadable: [{ eventId: 'a', reason: 'time' }] });
    const missing = await db.call<Json>('import_missing', { p_worker: worker, p_run: lane.runId });
    // Nothing hints that it was deleted, and it came a moment ago: not finding it once would prove nothing yet.
    const doubt = { hinted: false, young: true, missed: false };
    expect(missing.missing).toEqual([{ eventId: 'b', seriesId: null, ours: false, ...doubt }]);
    await stage(worker, lane.runId, { events: [event('b')] });
    const answer = await finish(worker, lane.runId);
    expect(answer.summary).toMatchObject({ created: 1, cancelled: 0, failed: 1 });
    expect(answer.failures).toEqual([{ eventId: 'a', code: 'INVALID_EVENT' }]);
    const items = await db
      .admin`select external_event_id, action, reason from public.sync_run_items where run_id = ${lane.runId} and action = 'fail'`;
    expect(items).toMatchObject([{ external_event_id: 'a', action: 'fail', reason: 'INVALID_EVENT' }]);
    expect(await stored(claire)).toEqual(['a', 'b', 'c']);
    const [kept] = await db
      .admin`select status from public.external_events where external_event_id = 'a' and organisation_id = ${claire.organisation}`;
    expect(kept!.status).toBe('confirmed');
  });
});

describe('B8: notices', () => {
  const SECRET = 'h';
  async function channel(of: Followed): Promise<string> {
    const channelId = crypto.randomUUID();
    await db.admin`insert into private.watch_channels
      (channel_id, integration_id, calendar_id, provider, resource_id, secret_hash, expires_at, created_at)
      values (${channelId}, ${of.integration}, ${of.calendar}, 'google', 'r', ${SECRET}, now() + interval '1 day', now())`;
    return channelId;
  }
  const notice = (channelId: string) =>
    JSON.stringify([{ channelId, resourceId: 'r', secretHash: SECRET, meaning: 'changed' }]);
  const tell = async (channelId: string) =>
    (await db.admin`select public.import_notified('google', ${notice(channelId)}::text::jsonb) as answer`)[0]!.answer
      .dirty;

  test('a thousand of them wait for nothing, whatever holds the calendar, and are one mark', async () => {
    const channelId = await channel(claire);
    const many = postgres(db.dbUrl, { max: 40, connection: { lock_timeout: 10_000 }, onnotice: () => {} });
    try {
      await db.admin.begin(async (held) => {
        await held`select 1 from private.calendar_cursors where integration_id = ${claire.integration} for update`;
        await held`select 1 from private.watch_channels where channel_id = ${channelId} for update`;
        // What waits for one of them waits for ever, and is an error in the end; the database's own short locks are none.
        const marks = await Promise.all(
          Array.from(
            { length: 1000 },
            async () =>
              (await many`select public.import_notified('google', ${notice(channelId)}::text::jsonb) as answer`)[0]!
                .answer.dirty as number,
          ),
        );
        const news = marks.reduce((sum, one) => sum + one, 0);
        expect(news).toBeGreaterThanOrEqual(1);
        // No more than came at the very same moment.
        expect(news).toBeLessThanOrEqual(40);
      });
    } finally {
      await many.end();
    }
    expect(await tell(channelId)).toBe(0);
    expect((await claim()).lanes.find((l: Json) => l.integrationId === claire.integration)).toMatchObject({
      trigger: 'push',
    });
  });

  test('F11: one that comes while the calendar is read is news, once, and is read afterwards', async () => {
    const channelId = await channel(claire);
    expect(await tell(channelId)).toBe(1);
    expect(await tell(channelId)).toBe(0);
    const worker = crypto.randomUUID();
    const lane = (await claim(worker)).lanes.find((l: Json) => l.integrationId === claire.integration);
    expect(await tell(channelId)).toBe(1);
    expect(await tell(channelId)).toBe(0);
    await finish(worker, lane.runId);
    const next = (await claim(worker)).lanes.find((l: Json) => l.integrationId === claire.integration);
    expect(next).toMatchObject({ trigger: 'push' });
    await finish(worker, next.runId);
    expect((await claim()).lanes.filter((l: Json) => l.integrationId === claire.integration)).toEqual([]);
  });

  test('what is known already writes nothing, but that the channel lives is noted once a minute', async () => {
    const channelId = await channel(claire);
    await tell(channelId);
    const versions = () =>
      db.admin`select ctid::text, last_notice_at from private.watch_channels where channel_id = ${channelId}`;
    const before = await versions();
    await tell(channelId);
    expect(await versions()).toEqual(before);
    await db
      .admin`update private.watch_channels set last_notice_at = now() - interval '2 minutes', missed = 1 where channel_id = ${channelId}`;
    await tell(channelId);
    expect(
      (await db
        .admin`select missed, last_notice_at > now() - interval '1 minute' as fresh from private.watch_channels where channel_id = ${channelId}`)[
          0
        ],
    )
      .toMatchObject({ missed: 0, fresh: true });
  });
});

describe('B5: overlaps', () => {
  const at = (hours: number) =>
    new Date(Math.ceil(Date.now() / 3_600_000) * 3_600_000 + hours * 3_600_000).toISOString();
  const long = (id: string, from: number, to: number) => {
    const one = event(id);
    return { ...one, content: { ...one.content, time: { ...one.content.time, startsAt: at(from), endsAt: at(to) } } };
  };
  const book = (count: number, from = 24) =>
    db.admin`insert into public.rdv (organisation_id, practitioner_id, type, starts_at, ends_at)
      select ${claire.organisation}, ${claire.member}, 'Contrôle', ${at(from)}::timestamptz + n * interval '1 hour',
        ${at(from)}::timestamptz + n * interval '1 hour' + interval '30 minutes' from generate_series(0, ${count - 1}) n
      returning id`;
  async function run(events: Json[]): Promise<Json> {
    await db
      .admin`update private.calendar_cursors set next_poll_at = now() where integration_id = ${claire.integration}`;
    const worker = crypto.randomUUID();
    const lane = (await claim(worker)).lanes.find((l: Json) => l.integrationId === claire.integration);
    await stage(worker, lane.runId, { events, cursor: 't' });
    return await finish(worker, lane.runId);
  }
  const questions = () =>
    db.admin`select * from public.sync_conflicts where integration_id = ${claire.integration} order by external_id`;
  const open = async () => (await questions()).filter(({ status }) => status === 'open');
  const decide = (id: string, action: string) => decideAs(db, claire, id, action);
  const appointments = () =>
    db.admin`select status, source from public.rdv where organisation_id = ${claire.organisation}`;
  const cancelled = async () => (await appointments()).filter(({ status }) => status === 'cancelled').length;

  test('of 140 appointments under five events of two weeks are five questions, and the run ends', async () => {
    await book(140);
    const answer = await run([1, 2, 3, 4, 5].map((n) => long(`e${n}`, n, 24 * 14)));
    expect(answer.summary).toMatchObject({ created: 5, conflicts: 5 });
    expect(answer.conflicts).toHaveLength(5);
    const asked = await open();
    expect(
      asked.map((
        { external_id, internal_id, payload },
      ) => [external_id, internal_id, payload.count, payload.appointments.length]),
    )
      .toEqual([1, 2, 3, 4, 5].map((n) => [`e${n}`, null, 140, 50]));
    expect(asked[0]!.payload).toMatchObject({ calendar: { title: 'Réunion' }, events: 1 });
    // The same again, in full: nothing is asked twice.
    await db
      .admin`update private.calendar_cursors set sync_token = null, checked_at = null where integration_id = ${claire.integration}`;
    expect((await run([1, 2, 3, 4, 5].map((n) => long(`e${n}`, n, 24 * 14)))).summary).toMatchObject({ conflicts: 0 });
    expect(await questions()).toHaveLength(5);
  });

  test('of more than fifty events are one question for all, whose answer is for all', async () => {
    await book(60);
    const events = Array.from({ length: 60 }, (_, n) => long(`e${n}`, 24 + n, 24 + n + 1));
    expect((await run(events)).summary).toMatchObject({ created: 60, conflicts: 1 });
    const [question, ...others] = await open();
    expect(others).toEqual([]);
    expect(question).toMatchObject({ external_id: null, internal_id: null, payload: { count: 60, events: 60 } });
    expect(await decide(question!.id, 'keep_calendar')).toMatchObject({ status: 'resolved', outdated: false });
    expect(await cancelled()).toBe(60);
  });

  test('a new appointment under an event joins its open question, and makes a new one where that is answered', async () => {
    await book(2);
    await run([long('e', 20, 40)]);
    const [question] = await open();
    await book(1, 30);
    await run([]);
    expect((await open()).map(({ id, payload }) => [id, payload.count])).toEqual([[question!.id, 3]]);
    await decide(question!.id, 'keep_cassius');
    await book(1, 35);
    await run([]);
    expect((await open()).map(({ internal_id, payload }) => [internal_id === null, payload.count])).toEqual([[
      false,
      1,
    ]]);
  });

  test.each([
    ['keep_cassius', 0, 3],
    ['keep_calendar', 3, 3],
    ['duplicate', 0, 4],
    ['ignore', 0, 3],
  ])('%s for several appointments cancels %i, and leaves %i', async (action, gone, all) => {
    await book(3);
    await run([long('e', 20, 40)]);
    const [question] = await open();
    expect(await decide(question!.id, action)).toMatchObject({ outdated: false });
    expect([await cancelled(), (await appointments()).length]).toEqual([gone, all]);
    expect(await decide(question!.id, action)).toMatchObject({ resolution: action });
  });

  test('of which one has moved since are not decided, and show the present', async () => {
    const [first, second] = await book(3);
    await run([long('e', 20, 40)]);
    const [question] = await open();
    await db.admin`update public.rdv set starts_at = starts_at + interval '15 minutes' where id = ${first!.id}`;
    expect(await decide(question!.id, 'keep_calendar')).toMatchObject({ outdated: true });
    expect(await cancelled()).toBe(0);
    await db.admin`delete from public.rdv where id = ${second!.id}`;
    expect(await decide(question!.id, 'keep_calendar')).toMatchObject({ outdated: true });
    expect((await open())[0]!.payload).toMatchObject({ count: 2 });
    expect(await decide(question!.id, 'keep_calendar')).toMatchObject({ outdated: false });
    expect(await cancelled()).toBe(2);
  });

  test('close when the event moves away, and keep to what is left where only an appointment does', async () => {
    const [first] = await book(2);
    await run([long('e', 20, 40)]);
    await db
      .admin`update public.rdv set starts_at = starts_at + interval '9 days', ends_at = ends_at + interval '9 days' where id = ${
      first!.id
    }`;
    await run([]);
    expect((await open()).map(({ payload }) => [payload.count, payload.cassius?.title])).toEqual([[1, 'Contrôle']]);
    await run([{ ...long('e', 200, 201), etag: '"2"' }]);
    expect(await questions()).toMatchObject([{ status: 'resolved', resolution: 'vanished' }]);
  });
});
