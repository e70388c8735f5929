/** An import is taken back as a whole: what it did here, where nothing else has changed it since. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { stagedColumns } from '../../supabase/functions/_shared/db/staged_columns.ts';
import { columns } from '../../supabase/functions/_shared/db/typed_rows.ts';
import { newPerson, type TestDatabase, testDatabase, type TestPerson } from './database.ts';

const CALENDAR = 'claire@gmail.test';

// deno-lint-ignore no-explicit-any
type Json = any;
let db: TestDatabase;
let claire: TestPerson;
let integration: string;

const day = (offset: number, time = '09:00') =>
  `${new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10)}T${time}:00.000Z`;

beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db?.stop());
beforeEach(async () => {
  claire = await newPerson(db);
  ({ integrationId: integration } = await db.call<Json>('connect_store', {
    ...owner(),
    p_account_id: claire.user,
    p_account_email: null,
    p_scopes: ['s'],
    p_access_token: 'access',
    p_expires_in: 3600,
    p_refresh_token: 'refresh',
  }));
  await settings({ import_enabled: true, import_as: 'rdv', calendar_source_id: CALENDAR });
});

const owner = () => ({ p_organisation: claire.organisation, p_user: claire.user, p_provider: 'google' });
const settings = (change: Record<string, unknown>) => db.call('integration_update', { ...owner(), p_changes: change });

const event = (eventId: string, fields: Record<string, unknown> = {}) => {
  const { version = 1, from = day(3), to = day(3, '10:00'), title = `Titre ${eventId}`, ...more } = fields as Json;
  return {
    eventId,
    etag: `"${eventId}-${version}"`,
    status: 'confirmed',
    kind: 'appointment',
    content: {
      title,
      description: '',
      location: '',
      availability: 'busy',
      visibility: 'normal',
      time: { kind: 'timed', startsAt: from, endsAt: to, timeZone: 'Europe/Paris' },
    },
    marker: null,
    updatedAt: day(0),
    url: null,
    attendees: [],
    ownResponse: null,
    seriesId: null,
    ...more,
  };
};
const gone = (eventId: string) => event(eventId, { status: 'cancelled', etag: '', content: null });

/** A whole import, with what is decided about events of ours. */
async function run(events: Json[], verdicts: (ours: Json[]) => Json[] = () => []): Promise<string> {
  const worker = crypto.randomUUID();
  const { lane } = await db.call<Json>('import_begin', {
    ...owner(),
    p_calendar: CALENDAR,
    p_from: day(0, '00:00'),
    p_to: day(30, '00:00'),
    p_mode: 'import',
    p_worker: worker,
    p_lease_seconds: 60,
    p_fingerprint: null,
    p_items_limit: 0,
  });
  await db.asService((sql) =>
    sql`select public.import_stage(${worker}, ${lane.runId}, ${
      sql.json(stagedColumns(events as never))
    }::json, '[]', null)`
  );
  const [found] = await db.asService((sql) => sql`select public.import_ours(${worker}, ${lane.runId}) as answer`);
  await db.asService((sql) =>
    sql`select public.import_finish(${worker}, ${lane.runId}, 'token',
      ${sql.json(verdicts(found!['answer'].ours).map(columns) as never)}, 0)`
  );
  return lane.runId;
}
const undo = (id: string) => db.call<Json>('import_undo', { ...owner(), p_run: id });

const events = async () =>
  [
    ...await db.admin`select external_event_id as id, status, start_at, end_at from public.external_events
    where organisation_id = ${claire.organisation} order by 1`,
  ].map((row) => ({ ...row }));
const rdvs = async () =>
  [
    ...await db.admin`select id, starts_at, ends_at, status, location from public.rdv
    where organisation_id = ${claire.organisation} order by starts_at, id`,
  ].map((row) => ({ ...row }));
const here = async () => ({ events: await events(), rdvs: await rdvs() });
const rdvOf = async (eventId: string): Promise<string> =>
  (await db.admin`select cassius_appointment_id as id from public.external_events
    where organisation_id = ${claire.organisation} and external_event_id = ${eventId}`)[0]!['id'];
const book = async (fields: Record<string, unknown> = {}): Promise<string> =>
  (await db.admin`insert into public.rdv ${
    db.admin({
      organisation_id: claire.organisation,
      practitioner_id: claire.member,
      type: 'Contrôle',
      starts_at: day(5),
      ends_at: day(5, '10:00'),
      location: 'Salle 1',
      ...fields,
    } as never)
  } returning id`)[0]!['id'];

describe('an import that is undone', () => {
  test('takes away what it created: events, and the appointments made of them', async () => {
    await run([event('old')]);
    const before = await here();
    const last = await run([event('a', { from: day(6), to: day(6, '10:00') }), event('b')]);
    expect(await undo(last)).toEqual({ created: 2, updated: 0, cancelled: 0, kept: [], importEnded: true });
    expect(await here()).toEqual(before);
  });

  test('puts back what it moved and cancelled: events, and the appointments made of them', async () => {
    await run([event('a'), event('b', { from: day(4), to: day(4, '11:00') }), event('c')]);
    const before = await here();
    const last = await run([event('a', { version: 2, from: day(7), to: day(7, '10:00') }), gone('b')]);
    expect(await here()).not.toEqual(before);
    expect(await undo(last)).toMatchObject({ created: 0, updated: 1, cancelled: 1, kept: [] });
    expect(await here()).toEqual(before);
  });

  test('leaves what a person changed since, and says which', async () => {
    const last = await run([event('a'), event('b', { from: day(4), to: day(4, '11:00') })]);
    const edited = await rdvOf('a');
    await db.admin`update public.rdv set notes = 'À jeun' where id = ${edited}`;
    expect(await undo(last)).toMatchObject({
      created: 1,
      kept: [{ eventId: 'a', rdvId: edited, action: 'create', reason: 'changed' }],
    });
    expect(await here()).toMatchObject({ events: [{ id: 'a' }], rdvs: [{ id: edited }] });
  });

  test('leaves what a person changed after it was moved or cancelled, and says which', async () => {
    await run([event('a'), event('b', { from: day(4), to: day(4, '11:00') })]);
    const last = await run([event('a', { version: 2, from: day(7), to: day(7, '10:00') }), gone('b')]);
    await db.admin`update public.rdv set notes = 'À jeun' where organisation_id = ${claire.organisation}`;
    const after = await here();
    const { kept, ...counts } = await undo(last);
    expect(counts).toEqual({ created: 0, updated: 0, cancelled: 0, importEnded: false });
    expect(kept.map(({ eventId, reason }: Json) => [eventId, reason]).toSorted()).toEqual([['a', 'changed'], [
      'b',
      'changed',
    ]]);
    expect(await here()).toEqual(after);
  });

  test('leaves what a later import changed again', async () => {
    await run([event('a')]);
    const first = await run([event('a', { version: 2, from: day(7), to: day(7, '10:00') })]);
    const second = await run([event('a', { version: 3, from: day(8), to: day(8, '10:00') })]);
    expect(await undo(first)).toMatchObject({ updated: 0, kept: [{ eventId: 'a', reason: 'changed' }] });
    expect((await events())[0]!['start_at'].toISOString()).toBe(day(8));
    expect(await undo(second)).toMatchObject({ updated: 1, kept: [] });
    expect((await events())[0]!['start_at'].toISOString()).toBe(day(7));
  });

  test('says what is there no more', async () => {
    const last = await run([event('a')]);
    await db.admin`delete from public.external_events where organisation_id = ${claire.organisation}`;
    expect(await undo(last)).toMatchObject({ created: 0, kept: [{ eventId: 'a', reason: 'gone' }] });
  });

  test('is undone once', async () => {
    const last = await run([event('a')]);
    await undo(last);
    expect(await undo(last)).toEqual({ created: 0, updated: 0, cancelled: 0, kept: [], importEnded: false });
    const [row] = await db.admin`select undone_at from public.sync_runs where id = ${last}`;
    expect(row!['undone_at']).not.toBeNull();
  });

  test('ends the import, and the next one that a person wants reads the calendar as a whole', async () => {
    const last = await run([event('a')]);
    await undo(last);
    const [connection] = await db.admin`select import_enabled from public.calendar_integrations
      where id = ${integration}`;
    expect(connection!['import_enabled']).toBe(false);
    const [cursor] = await db.admin`select sync_token, followed from private.calendar_cursors
      where integration_id = ${integration} and calendar_id = ${CALENDAR}`;
    expect(cursor).toEqual({ sync_token: null, followed: null });
    await settings({ import_enabled: true });
    await run([event('a')]);
    expect(await here()).toMatchObject({ events: [{ id: 'a' }], rdvs: [{ status: 'scheduled' }] });
  });

  test('takes its questions along', async () => {
    await settings({ import_as: 'event' });
    await book({ starts_at: day(3), ends_at: day(3, '10:00') });
    const last = await run([event('a')]);
    const open = () =>
      db.admin`select from public.sync_conflicts where organisation_id = ${claire.organisation} and status = 'open'`;
    expect(await open()).toHaveLength(1);
    await undo(last);
    expect(await open()).toHaveLength(0);
  });

  test('is the person’s own: no colleague’s, no other practice’s, no preview, and none under way', async () => {
    const last = await run([event('a')]);
    const colleague = await newPerson(db, { organisation: claire.organisation });
    const stranger = await newPerson(db);
    for (const { organisation, user } of [colleague, stranger]) {
      await expect(db.call('import_undo', {
        p_organisation: organisation,
        p_user: user,
        p_provider: 'google',
        p_run: last,
      })).rejects.toThrow('NOT_CONNECTED');
    }
    for (const change of [{ mode: 'preview' }, { mode: 'import', finished_at: null }]) {
      await db.admin`update public.sync_runs set ${db.admin(change as never)} where id = ${last}`;
      await expect(undo(last)).rejects.toThrow('RUN_NOT_FOUND');
    }
  });
});

describe('what was taken over of our own events', () => {
  let rdv: string;
  const content = {
    title: '[Cassius] Contrôle',
    description: '',
    location: 'Salle 1',
    availability: 'busy',
    visibility: 'private',
    time: { kind: 'timed', startsAt: day(5), endsAt: day(5, '10:00'), timeZone: 'Europe/Paris' },
  };
  beforeEach(async () => {
    await settings({ calendar_target_id: CALENDAR, event_detail: 'full', export_enabled: true, two_way: 'auto' });
    rdv = await book();
    const [link] = await db.admin`insert into public.appointment_external_links (organisation_id, rdv_id,
        integration_id, provider, external_calendar_id, external_event_id, etag, sync_status, last_synced_at)
      values (${claire.organisation}, ${rdv}, ${integration}, 'google', ${CALENDAR}, 'cs1', '"cs1-1"', 'synced',
        now() - interval '1 minute') returning id`;
    await db.admin`insert into private.link_states (link_id, integration_id, state, pushed, base)
      values (${link!['id']}, ${integration}, 'live', ${db.admin.json(content)}, ${db.admin.json(content)})`;
    await db.admin`delete from private.sync_outbox where organisation_id = ${claire.organisation}`;
  });

  const verdict = (kind: string, more: Record<string, unknown> = {}) => ([one]: Json[]) => [{
    eventId: one.eventId,
    rdvId: one.rdvId,
    kind,
    etag: one.etag,
    linkEventId: one.link.eventId,
    place: null,
    linkEtag: one.link.etag,
    linkCalendarId: one.link.calendarId,
    calendarId: one.calendarId,
    targetCalendarId: null,
    epoch: one.link.epoch,
    former: false,
    rdvUpdatedAt: one.rdvUpdatedAt,
    questionId: null,
    questionUpdatedAt: null,
    observed: one.content,
    base: one.content,
    pushed: one.content,
    state: kind === 'cancel' ? 'gone' : 'live',
    weight: null,
    settles: false,
    ...more,
  }];
  const moved = () =>
    run(
      [event('cs1', { version: 2, from: day(8), to: day(8, '10:00') })],
      verdict('apply', { startsAt: day(8), endsAt: day(8, '10:00'), location: 'Ailleurs' }),
    );
  const waiting = async () =>
    (await db.admin`select rdv_id from private.sync_outbox where integration_id = ${integration}`).map((row) =>
      row['rdv_id']
    );

  test('goes back to time and place, waits to be written to the calendar, and the import goes on', async () => {
    const before = await here();
    const last = await moved();
    expect((await rdvs())[0]).toMatchObject({ location: 'Ailleurs' });
    await db.admin`delete from private.sync_outbox where integration_id = ${integration}`;
    expect(await undo(last)).toEqual({ created: 0, updated: 1, cancelled: 0, kept: [], importEnded: false });
    expect(await here()).toEqual(before);
    expect(await waiting()).toEqual([rdv]);
  });

  test('lives again where its deletion was taken over', async () => {
    const before = await here();
    const last = await run([gone('cs1')], verdict('cancel'));
    expect((await rdvs())[0]).toMatchObject({ status: 'cancelled' });
    expect(await undo(last)).toMatchObject({ cancelled: 1, kept: [] });
    expect(await here()).toEqual(before);
    expect(await waiting()).toEqual([rdv]);
  });

  test('stays where a person moved the appointment since', async () => {
    const last = await moved();
    await db.admin`update public.rdv set starts_at = ${day(9)}, ends_at = ${day(9, '10:00')} where id = ${rdv}`;
    const after = await here();
    expect(await undo(last)).toMatchObject({
      updated: 0,
      kept: [{ eventId: 'cs1', rdvId: null, action: 'update', reason: 'changed' }],
    });
    expect(await here()).toEqual(after);
  });

  test('is kept as it was before as long as nothing else happens to it, and no longer', async () => {
    const kept = async () => (await db.admin`select before from private.before_import where row_id = ${rdv}`)[0];
    await moved();
    expect((await kept())!['before']).toMatchObject({ location: 'Salle 1', status: 'scheduled' });
    await db.admin`update public.rdv set location = null where id = ${rdv}`;
    expect(await kept()).toBeUndefined();
    // What is written while nothing is imported is not kept at all.
    await db.admin`update public.rdv set location = 'Salle 3' where id = ${rdv}`;
    expect(await kept()).toBeUndefined();
    await db.admin`delete from public.rdv where id = ${rdv}`;
    expect(await kept()).toBeUndefined();
  });
});
