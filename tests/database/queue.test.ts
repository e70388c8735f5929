import postgres from 'postgres';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { bringUpToDate, configureNudges } from '../../local/database.ts';
import { type BareDatabase, bareDatabase } from '../local/bare_database.ts';
import { recordTransitions, undrawnTransitions } from '../simulation/transitions.ts';

let db: BareDatabase;
let sql: BareDatabase['admin'];
let organisation: string;
let practitioner: string;
let user: string;
let integration: string;
const SECRET = `whsec_${btoa('0123456789abcdef0123456789abcdef')}`;

beforeAll(async () => {
  db = await bareDatabase();
  sql = db.admin;
  await bringUpToDate(db.dbUrl, { mayBeForeign: false });
  await recordTransitions(sql);
  await configureNudges(db.dbUrl, 'http://127.0.0.1:9/functions/v1', SECRET);
  const [admin] =
    await sql`select m.* from public.organisation_members m join public.organisations o on o.id = m.organisation_id
    where m.role = 'admin' order by o.name limit 1`;
  [organisation, practitioner, user] = [admin!.organisation_id, admin!.id, admin!.user_id];
});

afterAll(() => db?.stop());

beforeEach(async () => {
  await sql`delete from public.calendar_integrations where true`;
  await sql`delete from private.grant_revocations where true`;
  await sql`delete from private.left_events where true`;
  await sql`delete from public.rdv where true`;
  await sql`delete from private.sync_outbox where true`;
  const [stored] =
    await sql`select public.connect_store(${organisation}, ${user}, 'google', 'sub-1', null, array['s'], 'access', 3600, 'refresh') as value`;
  integration = stored!.value.integrationId;
  await sql`select public.integration_update(${organisation}, ${user}, 'google', ${
    sql.json({ calendar_target_id: 'cal', calendar_target_name: 'Cal', event_detail: 'full', export_enabled: true })
  })`;
  await sql`delete from private.sync_outbox where true`;
  await sql`delete from net.http_request_queue where true`;
});

const book = async (count = 1) =>
  await sql`insert into public.rdv (organisation_id, practitioner_id, type, starts_at, ends_at)
    select ${organisation}, ${practitioner}, 'Contrôle', now() + n * interval '1 hour', now() + (n + 1) * interval '1 hour'
    from generate_series(1, ${count}) n returning id`;
const dirty =
  async () => [...await sql`select rdv_id, version, attempts, parked_at from private.sync_outbox order by rdv_id`];
const nudges =
  async () => [...await sql`select url, headers, convert_from(body, 'utf8') as body from net.http_request_queue`];
const claim = async (worker: string, options: { jobs?: number; lease?: number; units?: number | null } = {}) => {
  const [row] = await sql`select public.sync_claim(${worker}, 'google', null, 8, ${options.jobs ?? 200}, ${
    options.lease ?? 60
  }, ${options.units ?? null}) as value`;
  return row!.value;
};
const lane = (more: Record<string, unknown> = {}) => ({
  runId: crypto.randomUUID(),
  trigger: 'change',
  usedUnits: 0,
  release: true,
  pauseSeconds: null,
  pauseCode: null,
  strike: false,
  worked: true,
  refused: [],
  ...more,
});
// deno-lint-ignore no-explicit-any
const done = (job: any, more: Record<string, unknown> = {}) => ({
  rdvId: job.rdvId,
  version: job.version,
  outcome: 'done',
  action: 'created',
  reason: null,
  delaySeconds: null,
  error: null,
  conflict: null,
  link: {
    calendarId: 'cal',
    eventId: `e${job.rdvId}`,
    epoch: 0,
    etag: '"1"',
    state: 'live',
    pushed: {},
    base: {},
  },
  ...more,
});
const complete = async (worker: string, results: unknown[], laneReport = lane()) => {
  const [row] = await sql`select public.sync_complete(${worker}, ${integration}, ${sql.json(results as never)}, ${
    sql.json(laneReport as never)
  }) as value`;
  return row!.value;
};
// deno-lint-ignore no-explicit-any
const announce = async (worker: string, state: string, jobs: readonly any[]) => {
  const items = jobs.map(({ rdvId, version }) => (
    { rdvId, version, state, calendarId: 'cal', eventId: `e${rdvId}`, epoch: 0 }
  ));
  const [row] = await sql`select public.sync_reserve(${worker}, ${integration}, ${sql.json(items)}) as value`;
  return row!.value.reserved;
};
const A = crypto.randomUUID();
const B = crypto.randomUUID();
const statusNow = async () =>
  (await sql`select public.integration_status(${organisation}, ${user}, 'google') as value`)[0]!.value;

/** A second practice with a connection of its own and one appointment that waits. */
async function anotherPractice(): Promise<{ id: string; integration: string; rdv: string }> {
  const [other] = await sql`select m.organisation_id, m.id, m.user_id from public.organisation_members m
    where m.organisation_id <> ${organisation} and m.role = 'admin' limit 1`;
  const { organisation_id: id, id: member, user_id: person } = other!;
  const [stored] =
    await sql`select public.connect_store(${id}, ${person}, 'google', 'sub-2', null, array['s'], 'access', 3600, 'refresh') as value`;
  await sql`select public.integration_update(${id}, ${person}, 'google', ${
    sql.json({ calendar_target_id: 'other', export_enabled: true, event_detail: 'full' })
  })`;
  await sql`delete from private.sync_outbox where organisation_id = ${id}`;
  const [rdv] = await sql`insert into public.rdv (organisation_id, practitioner_id, type, starts_at, ends_at)
    values (${id}, ${member}, 'Contrôle', now() + interval '1 hour', now() + interval '2 hours') returning id`;
  return { id, integration: stored!.value.integrationId, rdv: rdv!.id };
}

describe('marking', () => {
  test('F27: one statement makes one request, however many appointments it writes', async () => {
    await book(250);
    expect(await dirty()).toHaveLength(250);
    expect(await nudges()).toHaveLength(1);
    await sql`update public.rdv set notes = 'x' where true`;
    expect(await nudges()).toHaveLength(2);
    await sql`delete from public.rdv where true`;
    expect(await nudges()).toHaveLength(2); // nothing had an event, so nothing is to be removed
  });

  test('the request carries no data and is signed', async () => {
    await book();
    const [nudge] = await nudges();
    expect(nudge!.url).toBe('http://127.0.0.1:9/functions/v1/google-sync');
    expect(nudge!.body).toBe('{}');
    const { Webhook } = await import('standardwebhooks');
    expect(() => new Webhook(SECRET).verify(nudge!.body, nudge!.headers)).not.toThrow();
    expect(JSON.stringify(nudge)).not.toContain(SECRET.slice(6));
  });

  const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  test.each([
    ['takes over the trace of the booking’s request', JSON.stringify({ traceparent: TRACE }), TRACE],
    ['belongs to no trace where the request names none', JSON.stringify({ accept: '*/*' }), undefined],
    [
      'belongs to no trace where what it names cannot be one',
      JSON.stringify({ traceparent: `${TRACE}\r\nx` }),
      undefined,
    ],
    ['belongs to no trace where there was a request before', '', undefined],
  ])('the request %s', async (_what, headers, trace) => {
    await sql.begin(async (transaction) => {
      await transaction`select set_config('request.headers', ${headers}, true)`;
      await transaction`insert into public.rdv (organisation_id, practitioner_id, type, starts_at, ends_at)
        values (${organisation}, ${practitioner}, 'Contrôle', now(), now() + interval '1 hour')`;
    });
    const [nudge] = await nudges();
    expect(nudge!.headers.traceparent).toBe(trace);
  });

  test('an update of nothing that an event shows marks nothing', async () => {
    await book();
    await sql`delete from private.sync_outbox where true`;
    await sql`update public.rdv set updated_at = now() where true`;
    await sql`update public.rdv set type = type where true`;
    expect(await dirty()).toEqual([]);
  });

  test('a new change of a waiting appointment raises its version and starts its attempts anew', async () => {
    await book();
    await sql`update private.sync_outbox set attempts = 5, parked_at = now() where true`;
    const [before] = await dirty();
    await sql`update public.rdv set notes = 'x' where true`;
    const [after] = await dirty();
    expect(Number(after!.version)).toBeGreaterThan(Number(before!.version));
    expect(after).toMatchObject({ attempts: 0, parked_at: null });
  });

  test('F26: a fault in pg_net refuses no booking', async () => {
    await sql`alter function net.http_post(text, jsonb, jsonb, jsonb, integer) rename to http_post_gone`;
    try {
      expect(await book(3)).toHaveLength(3);
      expect(await dirty()).toHaveLength(3);
    } finally {
      await sql`alter function net.http_post_gone(text, jsonb, jsonb, jsonb, integer) rename to http_post`;
    }
  });

  test('F28: the sweep finds what a lost request left, and is silent when nothing is due', async () => {
    await book();
    await sql`delete from net.http_request_queue where true`;
    await sql`select private.sweep()`;
    expect(await nudges()).toHaveLength(1);
    await sql`delete from private.sync_outbox where true`;
    await sql`select private.sweep()`;
    expect(await nudges()).toHaveLength(1);
  });

  test('a practice whose template changes has its events, and only its events, to write again', async () => {
    await book(2);
    const { lanes: [one] } = await claim(A);
    await complete(A, [done(one.jobs[0])]);
    await sql`delete from private.sync_outbox where true`;
    await sql`update public.organisations set event_title_template = '{type}' where id = ${organisation}`;
    expect((await dirty()).map((row) => row.rdv_id)).toEqual([one.jobs[0].rdvId]);
    await sql`update public.organisations set event_title_template = default where id = ${organisation}`;
  });

  test('and so has one whose language changes', async () => {
    await book(1);
    const { lanes: [one] } = await claim(A);
    expect(one.organisation.language).toBe('fr');
    await complete(A, [done(one.jobs[0])]);
    await sql`update public.organisations set event_language = 'en' where id = ${organisation}`;
    expect((await dirty()).map((row) => row.rdv_id)).toEqual([one.jobs[0].rdvId]);
    expect((await claim(A)).lanes[0].organisation.language).toBe('en');
    await sql`update public.organisations set event_language = default where id = ${organisation}`;
  });
});

describe('claiming', () => {
  test('two workers at once never get the same lane', async () => {
    await book(20);
    const claims = await Promise.all([claim(A), claim(B), claim(crypto.randomUUID())]);
    expect(claims.map((one) => one.lanes.length).sort()).toEqual([0, 0, 1]);
  });

  test('F29: an expired lease lets another worker take over, and the first can write nothing more', async () => {
    await book();
    const { lanes: [first] } = await claim(A);
    await sql`insert into private.app_config (key, value) values ('clock_offset', '2 minutes')`;
    try {
      const { lanes: [second] } = await claim(B);
      expect(second.jobs).toHaveLength(1);
      expect(await complete(A, [done(first.jobs[0])])).toMatchObject({ lost: true, applied: 0 });
      expect(await dirty()).toHaveLength(1);
      expect(await complete(B, [done(second.jobs[0])])).toMatchObject({ lost: false, applied: 1 });
      expect(await dirty()).toEqual([]);
    } finally {
      await sql`delete from private.app_config where key = 'clock_offset'`;
    }
  });

  /** Two appointments with an event each, edited since, and in the hand of A. */
  async function edited() {
    await book(2);
    const { lanes: [first] } = await claim(A);
    await complete(A, first.jobs.map((job: unknown) => done(job)));
    await sql`update public.rdv set location = 'Annexe' where true`;
    const { lanes: [{ jobs: [one, other] }] } = await claim(A);
    return { one, other };
  }
  const states = async () => {
    const rows = await sql`select l.rdv_id, s.state from private.link_states s
      join public.appointment_external_links l on l.id = s.link_id`;
    return Object.fromEntries(rows.map(({ rdv_id, state }) => [rdv_id, state]));
  };
  // deno-lint-ignore no-explicit-any
  const statesOf = ({ jobs }: any) => Object.fromEntries(jobs.map((job: any) => [job.rdvId, job.link.state]));

  test('F29: what a worker that died had announced is not sure, the rest is', async () => {
    const { one, other } = await edited();
    expect(await announce(A, 'updating', [one])).toEqual([one.rdvId]);
    await sql`insert into private.app_config (key, value) values ('clock_offset', '2 minutes')`;
    try {
      const { lanes: [taken] } = await claim(B);
      expect(statesOf(taken)).toEqual({ [one.rdvId]: 'updating', [other.rdvId]: 'live' });
      await complete(B, taken.jobs.map((job: unknown) => done(job)));
      expect(await states()).toEqual({ [one.rdvId]: 'live', [other.rdvId]: 'live' });
    } finally {
      await sql`delete from private.app_config where key = 'clock_offset'`;
    }
  });

  test('F29: so is one whose row a booking holds locked at the moment of the next claim', async () => {
    const { one, other } = await edited();
    await announce(A, 'updating', [one, other]);
    await sql`insert into private.app_config (key, value) values ('clock_offset', '2 minutes')`;
    const booking = await sql.reserve();
    try {
      await booking`begin`;
      await booking`update public.rdv set location = 'Salle 3' where id = ${one.rdvId}`;
      const { lanes: [taken] } = await claim(B);
      expect(statesOf(taken)).toEqual({ [one.rdvId]: 'updating', [other.rdvId]: 'updating' });
      await booking`commit`;
      await complete(B, []);
      expect(statesOf((await claim(A)).lanes[0])).toEqual({ [one.rdvId]: 'updating', [other.rdvId]: 'updating' });
    } finally {
      await booking`rollback`;
      booking.release();
      await sql`delete from private.app_config where key = 'clock_offset'`;
    }
  });

  test('F02: nor is what its worker had no answer to, however often it changes, until it is looked at', async () => {
    const { one, other } = await edited();
    await announce(A, 'updating', [one, other]);
    await complete(
      A,
      [{ ...done(one), outcome: 'retry', action: 'failed', link: null }],
      lane({ refused: [other.rdvId] }),
    );
    expect(await states()).toEqual({ [one.rdvId]: 'updating', [other.rdvId]: 'live' });
    await sql`update public.rdv set location = 'Salle 3' where true`;
    const { lanes: [again] } = await claim(B);
    expect(statesOf(again)).toEqual({ [one.rdvId]: 'updating', [other.rdvId]: 'live' });
    const asked = { reason: 'changed_both_sides', payload: {} };
    const question = { action: 'skipped', link: null, conflict: asked };
    await complete(B, [
      done({ ...again.jobs[0], version: 0 }, question),
      done({ ...again.jobs[1], version: 0 }, question),
    ]);
    expect(await states()).toEqual({ [one.rdvId]: 'updating', [other.rdvId]: 'live' });
    const { lanes: [last] } = await claim(A);
    await complete(A, last.jobs.map((job: unknown) => done(job, question)));
    expect(await states()).toEqual({ [one.rdvId]: 'live', [other.rdvId]: 'live' });
  });

  test('an end that is left because a person is asked is no end any more: its event is there', async () => {
    const { one, other } = await edited();
    await announce(A, 'deleting', [one, other]);
    const question = { action: 'skipped', link: null, conflict: { reason: 'changed_both_sides', payload: {} } };
    await complete(A, [done(one, question), done({ ...other, version: 0 }, question)]);
    expect(await states()).toEqual({ [one.rdvId]: 'live', [other.rdvId]: 'deleting' });
  });

  test('a change is announced only as long as its appointment is as it was read, and no booking holds it', async () => {
    const { one, other } = await edited();
    const booking = await sql.reserve();
    try {
      await booking`begin`;
      await booking`update public.rdv set location = 'Salle 3' where id = ${one.rdvId}`;
      expect(await announce(A, 'updating', [one, other])).toEqual([other.rdvId]);
      await booking`commit`;
      expect(await announce(A, 'updating', [one, other])).toEqual([other.rdvId]);
      expect(await states()).toEqual({ [one.rdvId]: 'live', [other.rdvId]: 'updating' });
    } finally {
      await booking`rollback`;
      booking.release();
    }
  });

  test('an event that may never have been made is not taken for one that is changed', async () => {
    const { one } = await edited();
    await announce(A, 'creating', [one]);
    await announce(A, 'updating', [one]);
    expect((await states())[one.rdvId]).toBe('creating');
  });

  test('an appointment is explained from the very job and terms that a worker is given', async () => {
    const [{ id }] = await book() as unknown as [{ id: string }];
    await sql`update public.rdv r set act = 'Bilan', notes = 'À jeun', location = 'Salle 1', patient_id = p.id
      from (select id from public.patients where organisation_id = ${organisation} limit 1) p where r.id = ${id}`;
    const explained = async () =>
      (await sql`select public.sync_explain(${organisation}, ${user}, 'google', ${id}) as value`)[0]!.value;
    const first = await claim(A);
    expect((await explained()).job).toEqual(first.lanes[0].jobs[0]);
    await complete(A, [done(first.lanes[0].jobs[0])]);
    await sql`update public.rdv set type = 'Suivi' where id = ${id}`;
    const { lanes: [again] } = await claim(A);
    const { job, lane: { settings, organisation: terms } } = await explained();
    expect(job).toEqual(again.jobs[0]);
    expect(job).toMatchObject({ rdv: { type: 'Suivi', patient: expect.any(Object) }, link: { state: 'live' } });
    expect({ settings, terms }).toEqual({ settings: again.settings, terms: again.organisation });
  });

  test('a paused lane is left alone until its time, and says when that is', async () => {
    await book();
    await claim(A);
    await complete(A, [], lane({ pauseSeconds: 30, pauseCode: 'RATE_LIMITED', worked: false }));
    const pauseLeft = async () =>
      (await sql`select extract(epoch from paused_until - private.clock())::float8 * 1000 as ms from private.sync_lanes
        where paused_until is not null`)[0]!.ms;
    const before = await pauseLeft();
    const answer = await claim(B);
    expect(answer.lanes).toEqual([]);
    // However long the claim took, it lies between what is left before and after it.
    expect(answer.nextDueInMs).toBeLessThanOrEqual(Math.ceil(before));
    expect(answer.nextDueInMs).toBeGreaterThanOrEqual(Math.floor(await pauseLeft()));
  });

  test('an account never gets more units than its bucket holds, and the rest waits', async () => {
    await book(100);
    const { lanes: [first] } = await claim(A, { units: 600 });
    expect(first.budgetUnits).toBe(60);
    expect(first.jobs).toHaveLength(61); // one more tells that there is more
    await complete(A, [], lane({ usedUnits: 60 }));
    const again = await claim(B, { units: 600 });
    expect(again.lanes).toEqual([]);
    expect(again.nextDueInMs).toBeGreaterThan(1_000);
  });

  test('a backlog waits until its account has units for a batch, a single change goes as soon as it can be paid', async () => {
    await book(100);
    await sql`delete from private.account_budgets where true`;
    const started = performance.now();
    await claim(A, { units: 600 });
    await complete(A, [], lane({ usedUnits: 35 }));
    const { lanes, nextDueInMs } = await claim(B, { units: 600 });
    expect(lanes).toEqual([]);
    // 25 of 50 are there, and 8 come in a second: so long from the first claim on, however long these calls took.
    expect(nextDueInMs).toBeLessThanOrEqual(3_125);
    expect(nextDueInMs).toBeGreaterThanOrEqual(3_125 - (performance.now() - started) - 1);
    await sql`delete from private.sync_outbox where rdv_id <> (select min(rdv_id::text)::uuid from private.sync_outbox)`;
    await sql`update private.sync_lanes set paused_until = null where true`;
    expect((await claim(B, { units: 600 })).lanes).toMatchObject([{ jobs: [{}] }]);
  });

  test('F09, F19: an integration that needs its person gets no worker', async () => {
    await book();
    for (const status of ['error', 'reconnect_required']) {
      await sql`update public.calendar_integrations set status = ${status} where id = ${integration}`;
      expect((await claim(A)).lanes).toEqual([]);
    }
  });
});

describe('reserving and completing', () => {
  test('F01: an id is stored before anything is confirmed', async () => {
    const [rdv] = await book();
    const { lanes: [{ jobs: [job] }] } = await claim(A);
    expect(await announce(A, 'creating', [job])).toEqual([rdv!.id]);
    const [link] = await sql`select external_event_id, sync_status from public.appointment_external_links`;
    expect(link).toEqual({ external_event_id: `e${rdv!.id}`, sync_status: 'pending' });
  });

  test('a change while the worker was at it keeps the appointment dirty, and keeps what is known of its event', async () => {
    await book();
    const { lanes: [{ jobs: [job] }] } = await claim(A);
    await sql`update public.rdv set notes = 'plus récent' where true`;
    await complete(A, [done(job)]);
    expect(await dirty()).toHaveLength(1);
    const [link] = await sql`select etag, sync_status from public.appointment_external_links`;
    expect(link).toEqual({ etag: '"1"', sync_status: 'pending' });
  });

  test.each<[string, () => Promise<unknown>]>([
    ['is deleted', () => sql`delete from public.rdv where organisation_id = ${organisation}`],
    ['has its patient renamed', () => sql`update public.patients set last_name = last_name || '-B' where true`],
    [
      'belongs to a practice whose template changes',
      () =>
        sql`update public.organisations set event_title_template = event_title_template || '!' where id = ${organisation}`,
    ],
  ])(
    'an appointment that %s right before its first event is made gets none made of what was read before',
    async (_what, change) => {
      const [rdv] = await book();
      await sql`update public.rdv set patient_id = (select p.id from public.patients p
      where p.organisation_id = ${organisation} limit 1) where id = ${rdv!.id}`;
      const { lanes: [{ jobs: [job] }] } = await claim(A);
      await change();
      expect(await announce(A, 'creating', [job])).toEqual([]);
      await complete(A, []);
      expect((await claim(B)).lanes[0].jobs).toMatchObject([{ rdvId: rdv!.id }]);
    },
  );

  test('a lane that is given back says when it is due again: at once for what changed meanwhile', async () => {
    const [booked] = await book();
    const { lanes: [{ jobs }] } = await claim(A);
    await sql`update public.rdv set notes = 'later' where id = ${booked!.id}`;
    expect(await complete(A, jobs.map((job: unknown) => done(job)))).toMatchObject({ applied: 1, nextDueInMs: 0 });
    const { lanes: [again] } = await claim(A);
    const retried = again.jobs.map((job: unknown) => done(job, { outcome: 'retry', delaySeconds: 30, link: null }));
    // Whose lease goes on is told nothing. In one transaction the clock does not move.
    expect(await complete(A, [], lane({ release: false }))).toMatchObject({ nextDueInMs: null });
    expect(await complete(A, retried)).toMatchObject({ applied: 1, nextDueInMs: 30_000 });
    await sql`delete from public.rdv where true`;
    await sql`delete from private.sync_outbox where true`;
    await book();
    const { lanes: [last] } = await claim(A);
    expect(await complete(A, last.jobs.map((job: unknown) => done(job)))).toMatchObject({ nextDueInMs: null });
  });

  test('a claim that meets a booking’s lane in the hands of its worker looks again in a moment', async () => {
    await book();
    await claim(A);
    await book();
    const other = postgres(db.dbUrl, { max: 1 });
    try {
      // Its worker looks for the last time, and sees nothing of that booking yet.
      await other.begin(async (transaction) => {
        await transaction`update private.sync_lanes set lease_until = null, lease_owner = null, first_due_at = null`;
        expect(await claim(B)).toMatchObject({ lanes: [], nextDueInMs: 100 });
      });
      expect((await claim(B)).lanes).toHaveLength(1);
    } finally {
      await other.end();
    }
  });

  test('a worker never waits for a booking that is being written, and keeps its lane until that row is reported', async () => {
    await book(2);
    const { lanes: [{ jobs }] } = await claim(A);
    const held = jobs[0].rdvId;
    const writer = await sql.reserve();
    try {
      await writer`begin`;
      await writer`update public.rdv set notes = 'en cours' where id = ${held}`;
      const answer = await complete(A, jobs.map((job: unknown) => done(job)));
      expect(answer).toEqual({ applied: 1, busy: [held], lost: false, paused: false, nextDueInMs: null });
    } finally {
      await writer`rollback`;
      writer.release();
    }
    expect(await complete(A, [done(jobs[0])])).toMatchObject({ applied: 1, busy: [] });
    expect(await dirty()).toEqual([]);
  });

  test('a parked appointment is counted once, shown to its person, and due again on retry', async () => {
    const [rdv] = await book();
    const { lanes: [{ jobs: [job] }] } = await claim(A);
    await complete(A, [
      done(job, { outcome: 'park', action: 'failed', link: null, error: { code: 'INVALID_EVENT', message: null } }),
    ]);
    const [link] = await sql`select sync_status, last_error ->> 'code' as code from public.appointment_external_links`;
    expect(link).toEqual({ sync_status: 'error', code: 'INVALID_EVENT' });
    expect((await claim(B)).lanes).toEqual([]);
    const [retried] = await sql`select public.sync_retry(${organisation}, ${user}, 'google', null) as value`;
    const again = await claim(B);
    expect(again.lanes[0].jobs.map((one: { rdvId: string }) => one.rdvId)).toEqual([rdv!.id]);
    await complete(B, [done(again.lanes[0].jobs[0])]);
    const [summary] = await sql`select public.sync_run_summary(${retried!.value.runId}) as value`;
    expect(summary!.value).toMatchObject({ created: 1, failed: 0, remaining: 0 });
  });

  test('people see one status while an appointment waits to be tried again', async () => {
    await book();
    const { lanes: [{ jobs: [job] }] } = await claim(A);
    await complete(A, [done(job, {
      outcome: 'retry',
      action: 'failed',
      delaySeconds: 60,
      link: null,
      error: { code: 'PROVIDER_UNAVAILABLE', message: null },
    })]);
    const [link] = await sql`select sync_status from public.appointment_external_links`;
    expect(link!.sync_status).toBe('pending');
    expect((await dirty())[0]).toMatchObject({ attempts: 1 });
    const [status] = await sql`select public.integration_status(${organisation}, ${user}, 'google') as value`;
    expect(status!.value).toMatchObject({ pending: 1, failed: 0 });
  });
});

// deno-lint-ignore no-explicit-any
const laneOf = (answer: any, id: string) => answer.lanes.find((one: any) => one.integrationId === id);

describe('faults stay in their lane', () => {
  const forget = async (column: 'access_sealed' | 'refresh_sealed') =>
    await sql`update private.credentials set ${sql(column)} = ${
      sql(column)
    } || '{"ciphertext": "00", "secret_id": null}'
      where integration_id = ${integration}`;

  test('a token that does not open stops nobody else, and its person is asked to reconnect', async () => {
    await book();
    const other = await anotherPractice();
    await forget('access_sealed');
    await forget('refresh_sealed');
    const answer = await claim(A);
    expect(laneOf(answer, other.integration).jobs).toMatchObject([{ rdvId: other.rdv }]);
    expect(laneOf(answer, other.integration).credential.accessToken).toBe('access');
    expect(laneOf(answer, integration).credential).toMatchObject({ accessToken: null });
    // What its own worker meets, when it opens the credential itself.
    const [opened] = await sql`select public.integration_credential(${integration}) as value`;
    expect(opened!.value).toMatchObject({ accessToken: null, refreshToken: null, unreadable: 'CREDENTIAL_UNREADABLE' });
    expect(await statusNow()).toMatchObject({
      status: 'reconnect_required',
      lastError: { code: 'CREDENTIAL_UNREADABLE' },
    });
    await complete(A, [], lane());
    expect(laneOf(await claim(B), integration)).toBeUndefined();
  });

  test('an access token that does not open is only renewed', async () => {
    await forget('access_sealed');
    const [opened] = await sql`select public.integration_credential(${integration}) as value`;
    expect(opened!.value).toMatchObject({ accessToken: null, refreshToken: 'refresh', unreadable: null });
    expect((await statusNow()).status).toBe('connected');
  });

  test('where the key fits nothing, no person is asked to reconnect', async () => {
    await forget('refresh_sealed');
    await sql.begin(async (transaction) => {
      await transaction`create or replace function private.sealing_key_fits() returns boolean
        language sql stable set search_path = '' as 'select false'`;
      const [opened] = await transaction`select public.integration_credential(${integration}) as value`;
      expect(opened!.value.unreadable).toBe('CONFIGURATION_ERROR');
      expect((await transaction`select status from public.calendar_integrations where id = ${integration}`)[0]!.status)
        .toBe('connected');
      throw new Rollback();
    }).catch(onlyRollback);
  });

  /** As if the storage of these rows were damaged: reading a lane with one of them raises. */
  const damaging = async (rdvs: string[], work: () => Promise<unknown>) => {
    await sql`alter function private.lane_jobs(uuid, integer, integer, uuid) rename to lane_jobs_undamaged`;
    await sql.unsafe(`create function private.lane_jobs(a uuid, b integer, c integer, d uuid default null) returns jsonb
      language plpgsql as $$
      declare v jsonb := private.lane_jobs_undamaged(a, b, c, d);
      begin
        if jsonb_path_query_array(v, '$[*].rdvId') ?| array['${rdvs.join("', '")}'] then
          raise exception 'missing chunk number 0' using errcode = 'XX001';
        end if;
        return v;
      end $$`);
    try {
      await work();
    } finally {
      await sql`drop function private.lane_jobs(uuid, integer, integer, uuid)`;
      await sql`alter function private.lane_jobs_undamaged(uuid, integer, integer, uuid) rename to lane_jobs`;
    }
  };

  test('a row that cannot be read is parked in sight of its person, and its lane goes on', async () => {
    const [bad, good] = await book(2);
    const other = await anotherPractice();
    await damaging([bad!.id], async () => {
      const first = await claim(A);
      expect(laneOf(first, other.integration).jobs).toHaveLength(1);
      expect(first.troubled).toEqual([
        { integrationId: integration, organisationId: organisation, code: 'SYNC_FAILED', sqlState: 'XX001' },
      ]);
      expect(laneOf(await claim(B), integration).jobs).toMatchObject([{ rdvId: good!.id }]);
    });
    const [link] = await sql`select sync_status, last_error ->> 'code' as code
      from public.appointment_external_links where rdv_id = ${bad!.id}`;
    expect(link).toEqual({ sync_status: 'error', code: 'INVALID_EVENT' });
    expect(await statusNow()).toMatchObject({ failed: 1 });
  });

  test('a lane of which nothing can be read waits, each time longer, and gives up nobody’s appointments', async () => {
    const rdvs = (await book(3)).map(({ id }) => id as string);
    const other = await anotherPractice();
    await damaging(rdvs, async () => {
      expect(laneOf(await claim(A), other.integration).jobs).toHaveLength(1);
      const waits = async () =>
        (await sql`select strikes, extract(epoch from paused_until - private.clock())::int as seconds
          from private.sync_lanes where integration_id = ${integration}`)[0];
      expect(await waits()).toEqual({ strikes: 1, seconds: 30 });
      await sql`update private.sync_lanes set paused_until = null where integration_id = ${integration}`;
      await claim(A);
      expect(await waits()).toEqual({ strikes: 2, seconds: 60 });
    });
    expect((await dirty()).filter(({ parked_at }) => parked_at !== null)).toEqual([]);
  });

  test('B4: appointments with megabytes of notes cost a claim no more than others', async () => {
    await withoutTextBounds(async () => {
      await book(60);
      const other = await anotherPractice();
      await sql`update public.rdv set notes = repeat(md5(random()::text), 160000) where organisation_id = ${organisation}`;
      const answer = await claim(A);
      expect(laneOf(answer, other.integration).jobs).toHaveLength(1);
      expect(laneOf(answer, integration).jobs).toHaveLength(60);
      expect(JSON.stringify(answer).length).toBeLessThan(2_500_000);
    });
  });

  test('a claim hands out a megabyte of a lane, and two in all; the rest comes with the next', async () => {
    await book(200);
    const other = await anotherPractice();
    await sql`update public.rdv set notes = repeat('x', 10000) where true`;
    const answer = await claim(A);
    const mine = laneOf(answer, integration).jobs;
    expect(JSON.stringify(mine).length).toBeLessThan(1_100_000);
    expect(mine.length).toBeGreaterThan(50);
    expect(laneOf(answer, other.integration).jobs).toHaveLength(1);
    await complete(A, mine.map((job: unknown) => done(job)));
    const next = laneOf(await claim(B), integration).jobs;
    const seen = new Set([...mine, ...next].map((job: { rdvId: string }) => job.rdvId));
    expect(seen.size).toBe(mine.length + next.length);
  });
});

class Rollback extends Error {}
const onlyRollback = (error: unknown) => {
  if (!(error instanceof Rollback)) throw error;
};

/** A host application whose tables let any text through. */
async function withoutTextBounds(work: () => Promise<unknown>): Promise<void> {
  const bounds = await sql`select conname as name, pg_get_constraintdef(oid) as definition from pg_constraint
    where conrelid = 'public.rdv'::regclass and contype = 'c' and pg_get_constraintdef(oid) ilike '%length(%'`;
  for (const { name } of bounds) await sql`alter table public.rdv drop constraint ${sql(name)}`;
  try {
    await work();
  } finally {
    await sql`delete from public.rdv where true`;
    for (const { name, definition } of bounds) {
      await sql.unsafe(`alter table public.rdv add constraint "${name}" ${definition}`);
    }
  }
}

describe('an instance that ends', () => {
  test('B10: gives its lanes back at once, and what it had in hand is looked at before it is written again', async () => {
    await book(2);
    const { lanes: [taken] } = await claim(A);
    await announce(A, 'creating', taken.jobs);
    expect((await claim(B)).lanes).toEqual([]);
    const [given] = await sql`select public.worker_abandon(array[${A}, ${crypto.randomUUID()}]::uuid[]) as value`;
    expect(given!.value).toBe(1);
    const { lanes: [again] } = await claim(B);
    expect(again.jobs.map((job: { link: { state: string } }) => job.link.state)).toEqual(['creating', 'creating']);
    expect(await complete(A, [done(again.jobs[0])])).toMatchObject({ lost: true });
  });

  test('B10: gives its calendars back too, and takes nothing from another worker', async () => {
    await sql`insert into private.calendar_cursors
      (integration_id, calendar_id, organisation_id, provider, next_poll_at)
      values (${integration}, 'a', ${organisation}, 'google', now() + interval '1 hour'),
        (${integration}, 'b', ${organisation}, 'google', now() + interval '1 hour')`;
    await sql`update private.calendar_cursors set lease_until = now() + interval '1 hour',
      lease_owner = case calendar_id when 'a' then ${A}::uuid else ${B} end where calendar_id in ('a', 'b')`;
    await sql`select public.worker_abandon(array[${A}]::uuid[])`;
    const rows = await sql`select calendar_id, lease_owner, next_poll_at <= now() as due
      from private.calendar_cursors where calendar_id in ('a', 'b') order by calendar_id`;
    expect([...rows]).toEqual([
      { calendar_id: 'a', lease_owner: null, due: true },
      { calendar_id: 'b', lease_owner: B, due: false },
    ]);
  });
});

describe('switches', () => {
  const health = async () => (await sql`select public.sync_health() as value`)[0]!.value;
  const PAUSES: [string, () => string | null][] = [
    ['all', () => null],
    ['provider', () => 'google'],
    ['practice', () => organisation],
  ];

  afterEach(() => sql`delete from private.sync_pauses where true`);

  test.each(PAUSES)('paused (%s): nothing is claimed, nothing woken, and the person is told', async (scope, key) => {
    await sql`select private.pause(${scope}, ${key()}, 'maintenance')`;
    await book();
    await sql`select private.sweep()`;
    expect(await nudges()).toEqual([]);
    expect(await claim(A)).toMatchObject({ lanes: [], nextDueInMs: null });
    expect(await statusNow()).toMatchObject({ paused: scope, pending: 1 });
    await expect(sql`select public.sync_mark(${organisation}, ${user}, 'google', null, null)`).rejects.toThrow(
      'SYNC_PAUSED',
    );
    await expect(sql`select public.sync_retry(${organisation}, ${user}, 'google', null)`).rejects.toThrow(
      'SYNC_PAUSED',
    );
    expect((await health()).pauses).toMatchObject([{ scope, key: key() ?? '', reason: 'maintenance' }]);
    expect(await health()).toMatchObject({ due: 0 });
  });

  test.each(PAUSES)('resumed (%s): what waited is woken and goes on', async (scope, key) => {
    await sql`select private.pause(${scope}, ${key()}, 'maintenance')`;
    const [rdv] = await book();
    await sql`select private.resume(${scope}, ${key()})`;
    expect((await nudges()).length).toBeGreaterThan(0);
    expect((await claim(A)).lanes[0].jobs).toMatchObject([{ rdvId: rdv!.id }]);
    expect(await statusNow()).toMatchObject({ paused: null });
    const [again] = await sql`select private.resume(${scope}, ${key()}) as value`;
    expect(again!.value).toBe(false);
  });

  test('a pause of one practice or of another provider stops no other', async () => {
    const other = await anotherPractice();
    await sql`select private.pause('practice', ${organisation}, 'one'), private.pause('provider', 'microsoft', 'two')`;
    await book();
    expect((await claim(A)).lanes.map((one: { integrationId: string }) => one.integrationId)).toEqual([
      other.integration,
    ]);
  });

  test('a worker learns of a pause with the batch that it reports', async () => {
    await book(2);
    const { lanes: [{ jobs: [job] }] } = await claim(A);
    expect(await complete(A, [], lane({ release: false }))).toMatchObject({ paused: false });
    await sql`select private.pause('all', null, 'stop')`;
    expect(await announce(A, 'creating', [job])).toEqual([]); // nothing more is sent, wherever its report is
    expect(await complete(A, [done(job)])).toMatchObject({ applied: 1, paused: true });
  });

  test.each([['practice', 'Cabinet Lumière'], ['provider', 'gogle'], ['everything', null], ['all', 'google']])(
    'a pause of %s %s is refused, for it would stop nothing',
    async (scope, key) => {
      await expect(sql`select private.pause(${scope}, ${key}, 'typo')`).rejects.toThrow();
    },
  );
});

test('every transition of all these tests is one that docs/states.md draws', async () => {
  expect(await undrawnTransitions(sql)).toEqual([]);
});
