/** A decision is taken back where nothing it was about has moved since; what is kept for that goes with what it is about. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { stagedColumns } from '../../supabase/functions/_shared/db/staged_columns.ts';
import { newPerson, type TestDatabase, testDatabase, type TestPerson } from './database.ts';
import { decide, takeBack } from './decisions.ts';

const CALENDAR = 'claire@gmail.test';

// deno-lint-ignore no-explicit-any
type Json = any;
let db: TestDatabase;
let claire: TestPerson;
let integration: string;
let patient: string;

const day = (offset: number, time = '09:00') =>
  `${new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10)}T${time}:00.000Z`;

beforeAll(async () => {
  db = await testDatabase();
}, 60_000);
afterAll(() => db?.stop());
beforeEach(async () => {
  await db.admin`delete from private.app_config where key = 'clock_offset'`;
  claire = await newPerson(db);
  patient = (await db.admin`insert into public.patients (organisation_id, last_name)
    values (${claire.organisation}, 'Benali') returning id`)[0]!['id'];
  ({ integrationId: integration } = await db.call<Json>('connect_store', {
    ...owner(),
    p_account_id: claire.user,
    p_account_email: null,
    p_scopes: ['s'],
    p_access_token: 'access',
    p_expires_in: 3600,
    p_refresh_token: 'refresh',
  }));
  await settings({
    import_enabled: true,
    calendar_source_id: CALENDAR,
    calendar_target_id: CALENDAR,
    event_detail: 'full',
    export_enabled: true,
    two_way: 'review',
  });
});

const owner = () => ({ p_organisation: claire.organisation, p_user: claire.user, p_provider: 'google' });
const settings = (change: Record<string, unknown>) => db.call('integration_update', { ...owner(), p_changes: change });

const content = (from: string, to: string, location = 'Salle 1') => ({
  title: '[Cassius] Contrôle',
  description: '',
  location,
  availability: 'busy' as const,
  visibility: 'private' as const,
  time: { kind: 'timed' as const, startsAt: from, endsAt: to, timeZone: 'Europe/Paris' },
});
const AGREED = content(day(5), day(5, '10:00'));
const THEIRS = content(day(8), day(8, '10:00'), 'Chez elle');
const OBSERVED = { etag: '"2"', content: THEIRS };

const book = async (fields: Record<string, unknown> = {}): Promise<string> =>
  (await db.admin`insert into public.rdv ${
    db.admin({
      organisation_id: claire.organisation,
      practitioner_id: claire.member,
      patient_id: patient,
      type: 'Contrôle',
      starts_at: day(5),
      ends_at: day(5, '10:00'),
      location: 'Salle 1',
      ...fields,
    } as never)
  } returning id`)[0]!['id'];

/** An appointment whose event was moved in the calendar, and the question about it. */
async function asked(): Promise<{ rdv: string; conflict: string }> {
  const rdv = await book();
  const [link] = await db.admin`insert into public.appointment_external_links (organisation_id, rdv_id, integration_id,
      provider, external_calendar_id, external_event_id, etag, sync_status, last_synced_at)
    values (${claire.organisation}, ${rdv}, ${integration}, 'google', ${CALENDAR}, ${`cs${rdv}`}, '"1"', 'synced', now())
    returning id`;
  await db.admin`insert into private.link_states (link_id, integration_id, state, pushed, base)
    values (${link!['id']}, ${integration}, 'live', ${db.admin.json(AGREED)}, ${db.admin.json(AGREED)})`;
  await db.admin`delete from private.sync_outbox where organisation_id = ${claire.organisation}`;
  const [row] = await db.admin`select updated_at::text as version from public.rdv where id = ${rdv}`;
  const payload = {
    calendarId: CALENDAR,
    eventId: `cs${rdv}`,
    etag: '"2"',
    rdvUpdatedAt: row!['version'],
    changedBy: 'calendar',
    fields: ['time', 'location'],
    cassius: AGREED,
    calendar: THEIRS,
    base: AGREED,
  };
  await db.admin`select private.open_conflict(${integration}, 'appointment', ${rdv}, ${`cs${rdv}`},
    'changed_both_sides', ${db.admin.json(payload)})`;
  const [conflict] = await db.admin`select id from public.sync_conflicts where internal_id = ${rdv}`;
  return { rdv, conflict: conflict!['id'] };
}
const rdvs = async () =>
  (await db.admin`select id, starts_at, ends_at, status, location, type from public.rdv
    where organisation_id = ${claire.organisation} order by starts_at, id`).map((row) => ({ ...row }));
const links = async () =>
  (await db.admin`select l.etag, l.epoch, s.state, s.pushed, s.base from public.appointment_external_links l
    join private.link_states s on s.link_id = l.id where l.organisation_id = ${claire.organisation}`)
    .map((row) => ({ ...row }));
const here = async () => ({ rdvs: await rdvs(), links: await links() });
const question = async (id: string) =>
  (await db.admin`select status, resolution, payload, resolved_at from public.sync_conflicts where id = ${id}`)[0]!;
const kept = async () =>
  (await db.admin`select d.* from private.decisions d join public.sync_conflicts k on k.id = d.conflict_id
    where k.organisation_id = ${claire.organisation}`).length;
const undo = (id: string, more: Parameters<typeof takeBack>[3] = { observed: OBSERVED }) =>
  takeBack(db, claire, id, more);

describe('a decision that is taken back', () => {
  test.each(['keep_cassius', 'keep_calendar', 'duplicate', 'ignore'])(
    '%s: appointment, link and question are as before, and the appointment waits to be looked at',
    async (action) => {
      const { rdv, conflict } = await asked();
      const before = await here();
      const { payload } = await question(conflict);
      expect(await decide(db, claire, conflict, action, { observed: OBSERVED })).toMatchObject({ moved: false });
      await db.admin`delete from private.sync_outbox where rdv_id = ${rdv}`;
      expect(await undo(conflict)).toMatchObject({ kind: 'write', moved: false });
      expect(await here()).toEqual(before);
      const now = await question(conflict);
      expect(now).toMatchObject({ status: 'open', resolution: null, resolved_at: null });
      expect({ ...now['payload'], rdvUpdatedAt: null }).toEqual({ ...payload, rdvUpdatedAt: null });
      const [row] = await db.admin`select (k.payload ->> 'rdvUpdatedAt')::timestamptz = r.updated_at as shown
        from public.sync_conflicts k join public.rdv r on r.id = k.internal_id where k.id = ${conflict}`;
      expect(row!['shown']).toBe(true);
      expect(await db.admin`select from private.sync_outbox where rdv_id = ${rdv}`).toHaveLength(1);
      expect(await kept()).toBe(0);
    },
  );

  test('gives back what only the calendar said, word for word', async () => {
    const { conflict } = await asked();
    await decide(db, claire, conflict, 'keep_cassius', { observed: OBSERVED });
    expect((await question(conflict))['payload'].calendar).not.toHaveProperty('title');
    await undo(conflict);
    expect((await question(conflict))['payload'].calendar).toEqual(THEIRS);
  });

  test('by a colleague of the practice, and by nobody else', async () => {
    const { conflict } = await asked();
    await decide(db, claire, conflict, 'ignore', { observed: OBSERVED });
    await expect(takeBack(db, await newPerson(db), conflict)).rejects.toThrow('CONFLICT_NOT_FOUND');
    const colleague = await newPerson(db, { organisation: claire.organisation });
    expect(await takeBack(db, colleague, conflict, { observed: OBSERVED })).toMatchObject({ moved: false });
  });

  test('is written for members alone', async () => {
    const { conflict } = await asked();
    await decide(db, claire, conflict, 'ignore', { observed: OBSERVED });
    const { organisation, user } = await newPerson(db);
    for (const practice of [organisation, claire.organisation]) {
      const theirs = { p_organisation: practice, p_user: user, p_id: conflict };
      await expect(db.call('conflict_undo', { ...theirs, p_undoing: {} })).rejects.toThrow('CONFLICT_NOT_FOUND');
      await expect(db.call('decision_read', theirs)).rejects.toThrow('CONFLICT_NOT_FOUND');
      expect(await db.call('conflict_undone', { ...theirs, p_etag: 'x', p_ended: false })).toBe(false);
    }
  });

  test('can be made and taken back again', async () => {
    const { conflict } = await asked();
    const before = await here();
    for (const action of ['keep_calendar', 'duplicate', 'keep_cassius']) {
      await decide(db, claire, conflict, action, { observed: OBSERVED });
      await undo(conflict);
    }
    expect(await here()).toEqual(before);
  });
});

describe('what moved since stays', () => {
  const overtaken = async (conflict: string, meanwhile: () => Promise<unknown>) => {
    await decide(db, claire, conflict, 'keep_calendar', { observed: OBSERVED });
    let after: unknown = null;
    await expect(undo(conflict, {
      observed: OBSERVED,
      meanwhile: async () => {
        await meanwhile();
        after = await here();
      },
    })).rejects.toThrow('UNDO_OVERTAKEN');
    expect(await here()).toEqual(after);
    expect(await question(conflict)).toMatchObject({ status: 'resolved' });
  };

  test('the appointment, whatever of it changed', async () => {
    const { rdv, conflict } = await asked();
    await overtaken(conflict, () => db.admin`update public.rdv set notes = 'À jeun' where id = ${rdv}`);
  });

  test('the appointment that was deleted', async () => {
    const { rdv, conflict } = await asked();
    await overtaken(conflict, () => db.admin`delete from public.rdv where id = ${rdv}`);
  });

  test('what is asked about anew', async () => {
    const { rdv, conflict } = await asked();
    await overtaken(
      conflict,
      () =>
        db.admin`select private.open_conflict(${integration}, 'appointment', ${rdv}, ${`cs${rdv}`}, 'deleted', '{}')`,
    );
  });

  test('the second appointment that was made, once a person has changed it', async () => {
    const { conflict } = await asked();
    await decide(db, claire, conflict, 'duplicate', { observed: OBSERVED });
    await db.admin`update public.rdv set notes = 'À jeun' where id = ${conflict}`;
    const after = await here();
    await expect(undo(conflict)).rejects.toThrow('UNDO_OVERTAKEN');
    expect(await here()).toEqual(after);
  });

  test.each([
    ['its version', `update public.appointment_external_links set etag = '"3"'`],
    ['its state', `update private.link_states s set state = 'updating' from public.appointment_external_links`],
    ['its epoch', `update public.appointment_external_links set epoch = epoch + 1`],
  ])('a link that moved while it was judged is judged again: %s', async (_what, change) => {
    const { rdv, conflict } = await asked();
    await decide(db, claire, conflict, 'keep_calendar', { observed: OBSERVED });
    const before = await rdvs();
    const where = change.includes(' from ') ? 'l where s.link_id = l.id and l.rdv_id' : 'where rdv_id';
    const meanwhile = () => db.admin.unsafe(`${change} ${where} = '${rdv}'`);
    expect(await undo(conflict, { observed: OBSERVED, meanwhile })).toMatchObject({ moved: true });
    expect(await rdvs()).toEqual(before);
    expect(await question(conflict)).toMatchObject({ status: 'resolved' });
  });

  test('a link that is being written is not touched', async () => {
    const { rdv, conflict } = await asked();
    await decide(db, claire, conflict, 'keep_cassius', { observed: OBSERVED });
    await db.admin`update private.link_states s set state = 'updating' from public.appointment_external_links l
      where s.link_id = l.id and l.rdv_id = ${rdv}`;
    expect(await undo(conflict)).toMatchObject({ kind: 'early' });
  });

  test('a change that is not committed yet is waited for', async () => {
    const { rdv, conflict } = await asked();
    await decide(db, claire, conflict, 'keep_calendar', { observed: OBSERVED });
    const writing = await db.admin.reserve();
    await writing`begin`;
    await writing`update public.rdv set notes = 'À jeun' where id = ${rdv}`;
    const outcome = undo(conflict).then(() => 'done', (error: Error) => error.message);
    await waiting();
    await writing`commit`;
    writing.release();
    expect(await outcome).toContain('UNDO_OVERTAKEN');
    expect(await rdvs()).toMatchObject([{ location: 'Chez elle' }]);
  });

  test('of two people who take it back at once, one does', async () => {
    const { conflict } = await asked();
    const before = await here();
    await decide(db, claire, conflict, 'keep_calendar', { observed: OBSERVED });
    const both = await Promise.all([undo(conflict), undo(conflict)]);
    expect(both.filter(({ kind, moved }) => kind === 'write' && !moved)).toHaveLength(1);
    expect(await here()).toEqual(before);
  });

  /** A statement waits for a lock. */
  async function waiting(): Promise<void> {
    await expect.poll(async () =>
      (await db.admin`select from pg_stat_activity where wait_event_type = 'Lock'
        and query like '%conflict_undo%'`).length, { timeout: 20_000 }).toBeGreaterThan(0);
  }
});

describe('an event that was written to by then', () => {
  /** As a worker leaves it. */
  async function sent(rdv: string): Promise<void> {
    await db.admin`update public.appointment_external_links set etag = '"3"' where rdv_id = ${rdv}`;
    await db.admin`update private.link_states s set pushed = ${db.admin.json(AGREED)}, base = ${db.admin.json(AGREED)}
      from public.appointment_external_links l where s.link_id = l.id and l.rdv_id = ${rdv}`;
    await db.admin`delete from private.sync_outbox where rdv_id = ${rdv}`;
  }
  const now = { etag: '"3"', content: AGREED };

  test('is to be put back, in that version, once the question is open', async () => {
    const { rdv, conflict } = await asked();
    await decide(db, claire, conflict, 'keep_cassius', { observed: OBSERVED });
    await sent(rdv);
    expect(await undo(conflict, { observed: now })).toMatchObject({ kind: 'patch', undoing: { writes: true } });
    expect(await question(conflict)).toMatchObject({ status: 'open', payload: { etag: '"3"' } });
    await db.call('conflict_undone', {
      p_organisation: claire.organisation,
      p_user: claire.user,
      p_id: conflict,
      p_etag: '"4"',
      p_ended: false,
    });
    expect(await question(conflict)).toMatchObject({ status: 'open', payload: { etag: '"4"' } });
  });

  test.each([
    ['is not written to where the export is off', () => settings({ export_enabled: false }), 'UNDO_OVERTAKEN'],
    [
      'is not written to while everything is paused',
      () => db.admin`select private.pause('all', null, 'test')`,
      'SYNC_PAUSED',
    ],
  ])('%s', async (_what, stop, code) => {
    const { rdv, conflict } = await asked();
    await decide(db, claire, conflict, 'keep_cassius', { observed: OBSERVED });
    await sent(rdv);
    const before = await here();
    await expect(undo(conflict, { observed: now, meanwhile: async () => void await stop() })).rejects.toThrow(code);
    await db.admin`select private.resume('all', null)`;
    expect(await here()).toEqual(before);
  });

  test('is not ended while something else of the appointment is on its way', async () => {
    const { rdv, conflict } = await asked();
    await decide(db, claire, conflict, 'keep_cassius', { observed: OBSERVED });
    const before = await here();
    const undoing = {
      question_updated_at: (await db.admin`select updated_at::text as at from public.sync_conflicts
        where id = ${conflict}`)[0]!['at'],
      link_state: 'live',
      link_etag: '"2"',
      epoch: 0,
      link: { state: 'deleting', etag: '"2"' },
      writes: true,
    };
    const args = { p_organisation: claire.organisation, p_user: claire.user, p_id: conflict, p_undoing: undoing };
    expect(await db.admin`select from private.sync_outbox where rdv_id = ${rdv}`).toHaveLength(1);
    await expect(db.call('conflict_undo', args)).rejects.toThrow('UNDO_TOO_EARLY');
    expect(await here()).toEqual(before);
  });
});

describe('a question about many appointments', () => {
  async function across(): Promise<{ first: string; second: string; conflict: string }> {
    const first = await book({ starts_at: day(3), ends_at: day(3, '10:00') });
    const second = await book({ starts_at: day(3, '10:00'), ends_at: day(3, '11:00'), status: 'confirmed' });
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
    const event = {
      eventId: 'fair',
      etag: '"1"',
      status: 'confirmed',
      kind: 'appointment',
      content: { ...content(day(3), day(3, '11:00'), ''), title: 'Foire', visibility: 'normal' },
      marker: null,
      updatedAt: day(0),
      url: null,
      attendees: [],
      ownResponse: null,
      seriesId: null,
    };
    await db.asService((sql) =>
      sql`select public.import_stage(${worker}, ${lane.runId}, ${
        sql.json(stagedColumns([event] as never))
      }::json, '[]', null)`
    );
    await db.asService((sql) => sql`select public.import_ours(${worker}, ${lane.runId})`);
    await db.asService((sql) => sql`select public.import_finish(${worker}, ${lane.runId}, 'token', '[]', 0)`);
    const [conflict] = await db.admin`select id from public.sync_conflicts
      where organisation_id = ${claire.organisation} and reason = 'time_overlap'`;
    return { first, second, conflict: conflict!['id'] };
  }
  const events = async () =>
    (await db.admin`select cassius_appointment_id, became_rdv_at from public.external_events
      where organisation_id = ${claire.organisation}`).map((row) => ({ ...row }));

  test.each(['keep_calendar', 'duplicate', 'ignore'])('%s: each has again what it had', async (action) => {
    const { conflict } = await across();
    const before = { rdvs: await rdvs(), events: await events() };
    const { payload } = await question(conflict);
    await decide(db, claire, conflict, action);
    expect(await undo(conflict, {})).toMatchObject({ moved: false });
    expect({ rdvs: await rdvs(), events: await events() }).toEqual(before);
    expect(await question(conflict)).toMatchObject({ status: 'open', payload: { ...payload } });
  });

  test('all of them go back, or none', async () => {
    const { second, conflict } = await across();
    await decide(db, claire, conflict, 'keep_calendar');
    await db.admin`update public.rdv set status = 'confirmed' where id = ${second}`;
    const after = await rdvs();
    await expect(undo(conflict, {})).rejects.toThrow('UNDO_OVERTAKEN');
    expect(await rdvs()).toEqual(after);
  });

  test('none goes back where the event has moved', async () => {
    const { conflict } = await across();
    await decide(db, claire, conflict, 'keep_calendar');
    await db.admin`update public.external_events set start_at = start_at + interval '15 minutes'
      where organisation_id = ${claire.organisation}`;
    const after = await rdvs();
    await expect(undo(conflict, {})).rejects.toThrow('UNDO_OVERTAKEN');
    expect(await rdvs()).toEqual(after);
    expect(await question(conflict)).toMatchObject({ status: 'resolved' });
  });

  test('its text is forgotten with the event’s own, once that is private', async () => {
    const { conflict } = await across();
    await decide(db, claire, conflict, 'ignore');
    expect(await kept()).toBe(1);
    await db.admin`update public.external_events set visibility = 'private'
      where organisation_id = ${claire.organisation}`;
    expect(await kept()).toBe(0);
    expect(await undo(conflict, {})).toMatchObject({ kind: 'late' });
  });
});

describe('what is kept to take a decision back', () => {
  async function decided(): Promise<{ rdv: string; conflict: string }> {
    const one = await asked();
    await decide(db, claire, one.conflict, 'keep_calendar', { observed: OBSERVED });
    expect(await kept()).toBe(1);
    return one;
  }
  const night = async (hours: number) => {
    await db.admin`insert into private.app_config (key, value) values ('clock_offset', ${`${hours} hours`})
      on conflict (key) do update set value = excluded.value`;
    await db.admin`select private.keep_import_house()`;
  };

  test('is nothing where nothing was decided', async () => {
    const { rdv, conflict } = await asked();
    await db.admin`delete from public.appointment_external_links where rdv_id = ${rdv}`;
    expect(await decide(db, claire, conflict, 'ignore', { observed: null })).toMatchObject({ resolution: 'vanished' });
    expect(await kept()).toBe(0);
  });

  test('goes in the night, but not within the hour', async () => {
    const { conflict } = await decided();
    await night(0.5);
    expect(await kept()).toBe(1);
    await night(1.1);
    expect(await kept()).toBe(0);
    expect(await undo(conflict)).toMatchObject({ kind: 'late' });
  });

  test.each([
    ['disconnecting', () =>
      db.admin`update public.calendar_integrations set disconnected_at = now()
      where id = ${integration}`],
    ['another calendar', () => settings({ calendar_target_id: 'other' })],
    ['the patient’s erasure', () => db.admin`delete from public.patients where id = ${patient}`],
  ])('goes with %s', async (_what, end) => {
    await decided();
    await end();
    expect(await kept()).toBe(0);
  });
});
