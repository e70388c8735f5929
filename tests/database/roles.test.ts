/** What a role allows, and how it ends with the role. */
import type postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../local/bare_database.ts';
import { newPerson, type TestDatabase, testDatabase, type TestPerson } from './database.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
}, 60_000);
afterAll(() => db?.stop());

type Role = 'admin' | 'practitioner' | 'secretary';

const owner = ({ organisation, user }: TestPerson) => ({
  p_organisation: organisation,
  p_user: user,
  p_provider: 'google',
});
const setRole = (person: TestPerson, role: Role, sql: postgres.ISql = db.admin) =>
  sql`update public.organisation_members set role = ${role} where id = ${person.member}`;
const update = (person: TestPerson, changes: object) =>
  db.call<Record<string, unknown>>('integration_update', { ...owner(person), p_changes: changes });

async function connect(person: TestPerson): Promise<string> {
  const stored = await db.call<{ integrationId: string }>('connect_store', {
    ...owner(person),
    p_account_id: person.user,
    p_account_email: null,
    p_scopes: ['calendar'],
    p_access_token: 'access',
    p_expires_in: 3600,
    p_refresh_token: 'refresh',
  });
  return stored.integrationId;
}

const everything = {
  calendar_target_id: 'cal',
  calendar_target_name: 'Cal',
  event_detail: 'full',
  scope: 'organisation',
  export_enabled: true,
};

async function book({ organisation, member }: TestPerson): Promise<string> {
  const [row] = await db.admin`insert into public.rdv (organisation_id, practitioner_id, starts_at, ends_at)
    values (${organisation}, ${member}, now() + interval '1 day', now() + interval '25 hours') returning id`;
  return row!.id;
}

/** Says that the appointment has an event there, and that nothing waits. */
async function exported(integration: string, organisation: string, rdv: string, state = 'live'): Promise<void> {
  const [link] = await db.admin`insert into public.appointment_external_links
      (organisation_id, rdv_id, integration_id, provider, external_calendar_id, external_event_id, sync_status)
    values (${organisation}, ${rdv}, ${integration}, 'google', 'cal', ${crypto.randomUUID()}, 'synced')
    on conflict (integration_id, rdv_id) do update set external_event_id = excluded.external_event_id returning id`;
  await db.admin`insert into private.link_states (link_id, integration_id, state)
    values (${link!.id}, ${integration}, ${state})`;
  await db.admin`delete from private.sync_outbox where integration_id = ${integration}`;
}

const scopeOf = async (integration: string): Promise<string> =>
  (await db.admin`select scope from public.calendar_integrations where id = ${integration}`)[0]!.scope;
const waiting = async (integration: string): Promise<Array<{ rdv_id: string; version: string }>> => [
  ...await db.admin<Array<{ rdv_id: string; version: string }>>`
    select rdv_id, version from private.sync_outbox where integration_id = ${integration}`,
];

/** Secretary and colleague of one practice, the secretary's calendar showing both. */
async function practice(role: Role = 'secretary') {
  const boss = await newPerson(db, { role: 'admin' });
  const person = await newPerson(db, { organisation: boss.organisation, role });
  const integration = await connect(person);
  await update(person, everything);
  const [own, colleagues] = [await book(person), await book(boss)];
  await exported(integration, boss.organisation, own);
  await exported(integration, boss.organisation, colleagues);
  return { boss, person, integration, own, colleagues };
}

describe('a calendar that shows the whole practice', () => {
  test('shows the person’s own appointments alone from the moment of the demotion', async () => {
    const { person, integration, own, colleagues } = await practice();
    await setRole(person, 'practitioner');
    expect(await scopeOf(integration)).toBe('practitioner');
    expect((await waiting(integration)).map(({ rdv_id }) => rdv_id).sort()).toEqual([own, colleagues].sort());
    const { lanes } = await db.call<{ lanes: Array<{ settings: { scope: string } }> }>('sync_claim', {
      p_worker: crypto.randomUUID(),
      p_provider: 'google',
      p_integration: integration,
      p_max_lanes: 1,
      p_max_jobs: 10,
      p_lease_seconds: 1,
      p_units_per_minute: null,
    });
    expect(lanes[0]!.settings.scope).toBe('practitioner');
  });

  test('gives colleagues’ events back although nothing is exported any more, and keeps the person’s own', async () => {
    const { person, integration, own, colleagues } = await practice();
    await update(person, { export_enabled: false });
    expect(await waiting(integration)).toEqual([]);
    await setRole(person, 'practitioner');
    expect((await waiting(integration)).map(({ rdv_id }) => rdv_id)).toEqual([colleagues]);
    const { lanes } = await db.call<{ lanes: Array<{ jobs: Array<{ rdvId: string; rdv: unknown }> }> }>('sync_claim', {
      p_worker: crypto.randomUUID(),
      p_provider: 'google',
      p_integration: integration,
      p_max_lanes: 1,
      p_max_jobs: 10,
      p_lease_seconds: 1,
      p_units_per_minute: null,
    });
    expect(lanes[0]!.jobs.map(({ rdvId, rdv }) => [rdvId, rdv]), 'an event without an appointment is deleted').toEqual([
      [colleagues, null],
    ]);
    const kept = await db.admin`select l.rdv_id from private.link_states s
      join public.appointment_external_links l on l.id = s.link_id
      where l.integration_id = ${integration} and s.erase_since is null`;
    expect(kept.map(({ rdv_id }) => rdv_id)).toEqual([own]);
  });

  test('goes on between the two roles that may have it', async () => {
    const { person, integration } = await practice();
    await setRole(person, 'admin');
    expect(await scopeOf(integration)).toBe('organisation');
    expect(await waiting(integration)).toEqual([]);
  });

  test('does not come back by itself with the old role: it is chosen anew, and refused without the role', async () => {
    const { person, integration } = await practice();
    await setRole(person, 'practitioner');
    await expect(update(person, { scope: 'organisation' })).rejects.toThrow(/^FORBIDDEN$/);
    await setRole(person, 'secretary');
    expect(await scopeOf(integration)).toBe('practitioner');
    await update(person, { scope: 'organisation' });
    expect(await scopeOf(integration)).toBe('organisation');
  });

  test('does not come back when its person leaves and returns as something less', async () => {
    for (const leave of ['delete', 'unlink', 'disconnect'] as const) {
      const { boss, person, integration } = await practice();
      if (leave === 'unlink') {
        await db.admin`update public.organisation_members set user_id = null where id = ${person.member}`;
      } else if (leave === 'delete') {
        await db.admin`delete from public.organisation_members where id = ${person.member}`;
      } else {
        await db.call('integration_disconnect', { ...owner(person), p_remove_events: false });
        await setRole(person, 'practitioner');
      }
      expect(await scopeOf(integration), leave).toBe('practitioner');
      if (leave !== 'disconnect') await newPerson(db, { organisation: boss.organisation, user: person.user });
      expect(await connect(person)).toBe(integration);
      expect(await scopeOf(integration), leave).toBe('practitioner');
    }
  });

  test('takes nothing more from a worker that read it before the demotion', async () => {
    const { boss, person, integration } = await practice();
    const colleagues = await book(boss);
    const worker = crypto.randomUUID();
    const claimed = await db.call<{ lanes: Array<{ jobs: Array<{ rdvId: string; version: number }> }> }>('sync_claim', {
      p_worker: worker,
      p_provider: 'google',
      p_integration: integration,
      p_max_lanes: 1,
      p_max_jobs: 10,
      p_lease_seconds: 60,
      p_units_per_minute: null,
    });
    const [job] = claimed.lanes[0]!.jobs;
    expect(job!.rdvId).toBe(colleagues);
    await setRole(person, 'practitioner');
    const items = [{
      rdvId: job!.rdvId,
      version: job!.version,
      state: 'creating',
      calendarId: 'cal',
      eventId: 'e1',
      epoch: 0,
    }];
    const reserve = (version: number) =>
      db.asService(async (sql) =>
        (await sql`select public.sync_reserve(${worker}, ${integration}, ${
          sql.json([{ ...items[0]!, version }])
        }) as answer`)[0]!.answer
      );
    expect(await reserve(job!.version)).toEqual({ reserved: [] });
    const [now] = (await waiting(integration)).filter(({ rdv_id }) => rdv_id === colleagues);
    expect(await reserve(Number(now!.version))).toEqual({ reserved: [colleagues] });
  });

  test('asks no more about colleagues’ appointments, and goes on asking about its person’s', async () => {
    const { person, integration, own, colleagues } = await practice();
    for (const rdv of [own, colleagues]) {
      await db.admin`insert into public.sync_conflicts
          (organisation_id, user_id, integration_id, source, entity_type, internal_id, reason)
        values (${person.organisation}, ${person.user}, ${integration}, 'google', 'appointment', ${rdv}, 'deleted')`;
      await db.admin`update private.link_states s set state = 'detached'
        from public.appointment_external_links l where l.id = s.link_id and l.rdv_id = ${rdv}`;
    }
    await setRole(person, 'practitioner');
    const asked = await db.admin`select k.internal_id, k.status, k.resolution, s.state
      from public.sync_conflicts k
      join public.appointment_external_links l on l.integration_id = k.integration_id and l.rdv_id = k.internal_id
      join private.link_states s on s.link_id = l.id
      where k.integration_id = ${integration}`;
    expect(asked).toHaveLength(2);
    expect(asked).toContainEqual({ internal_id: own, status: 'open', resolution: null, state: 'detached' });
    expect(asked)
      .toContainEqual({ internal_id: colleagues, status: 'resolved', resolution: 'vanished', state: 'gone' });
  });

  test('is not kept by choosing it in the very moment of the demotion', async () => {
    const { person, integration } = await practice();
    await update(person, { scope: 'practitioner' });
    let demoted: Promise<unknown> | undefined;
    await db.asService(async (sql) => {
      await sql`select public.integration_update(${person.organisation}, ${person.user}, 'google',
        ${sql.json({ scope: 'organisation' })})`;
      demoted = setRole(person, 'practitioner').then(() => {});
      await locked();
    });
    await demoted;
    expect(await scopeOf(integration)).toBe('practitioner');

    await setRole(person, 'secretary');
    let chosen: Promise<unknown> | undefined;
    await db.admin.begin(async (sql) => {
      await setRole(person, 'practitioner', sql);
      chosen = update(person, { scope: 'organisation' }).catch((error) => error);
      await locked();
    });
    expect(await chosen).toMatchObject({ message: 'FORBIDDEN' });
    expect(await scopeOf(integration)).toBe('practitioner');
  });
});

/** Waits until one transaction waits for another. */
const locked = () =>
  until(
    async () => (await db.admin`select from pg_stat_activity where wait_event_type = 'Lock'`).length > 0,
    'somebody to wait',
  );

describe('the last administrator of a practice', () => {
  const ways: ReadonlyArray<
    [string, (sql: postgres.ISql, person: TestPerson) => postgres.PendingQuery<postgres.Row[]>]
  > = [
    [
      'demotes',
      (sql, { member }) => sql`update public.organisation_members set role = 'secretary' where id = ${member}`,
    ],
    ['removes', (sql, { member }) => sql`delete from public.organisation_members where id = ${member}`],
  ];

  test.each(ways)('neither %s themself nor has it done', async (_name, change) => {
    const admin = await newPerson(db, { role: 'admin' });
    await newPerson(db, { organisation: admin.organisation, role: 'secretary' });
    // An administrator without a login could let no member in.
    await db.admin`insert into public.organisation_members (organisation_id, role, display_name)
      values (${admin.organisation}, 'admin', 'Sans compte')`;
    const refused = { code: 'P0001', message: 'LAST_ADMINISTRATOR' };
    await expect(db.asUser(admin.user, (sql) => change(sql, admin))).rejects.toMatchObject(refused);
    await expect(change(db.admin, admin)).rejects.toMatchObject(refused);
    const second = await newPerson(db, { organisation: admin.organisation, role: 'admin' });
    await db.asUser(admin.user, (sql) => change(sql, admin));
    await expect(change(db.admin, second)).rejects.toMatchObject(refused);
  });

  test('is not unlinked from their login', async () => {
    const admin = await newPerson(db, { role: 'admin' });
    await expect(db.admin`update public.organisation_members set user_id = null where id = ${admin.member}`)
      .rejects.toMatchObject({ message: 'LAST_ADMINISTRATOR' });
  });

  test('hands over, in one statement too', async () => {
    const admin = await newPerson(db, { role: 'admin' });
    const heir = await newPerson(db, { organisation: admin.organisation });
    const both = db.admin`update public.organisation_members
      set role = case when id = ${heir.member} then 'admin' else 'practitioner' end
      where id in (${admin.member}, ${heir.member})`;
    await both;
    await setRole(admin, 'admin');
    await db.asUser(admin.user, (sql) => setRole(admin, 'secretary', sql));
    const all = db.admin`delete from public.organisation_members where organisation_id = ${admin.organisation}`;
    await expect(all).rejects.toMatchObject({ message: 'LAST_ADMINISTRATOR' });
  });

  test.each(ways)('is left when two administrators at once %s each other', async (_name, change) => {
    const first = await newPerson(db, { role: 'admin' });
    const second = await newPerson(db, { organisation: first.organisation, role: 'admin' });
    let other: Promise<unknown> | undefined;
    await db.asUser(first.user, async (sql) => {
      await change(sql, second);
      other = db.asUser(second.user, (sql) => change(sql, first)).catch((error) => error);
      await locked();
    });
    expect(await other).toMatchObject({ message: 'LAST_ADMINISTRATOR' });
    const left = await db.admin`select id from public.organisation_members
      where organisation_id = ${first.organisation} and role = 'admin'`;
    expect(left).toMatchObject([{ id: first.member }]);
  });

  test('goes with the practice, and with their login', async () => {
    const [practice, user] = [await newPerson(db, { role: 'admin' }), await newPerson(db, { role: 'admin' })];
    await db.admin`delete from public.organisations where id = ${practice.organisation}`;
    await db.admin`delete from auth.users where id = ${user.user}`;
    expect(
      await db
        .admin`select user_id, role from public.organisation_members where organisation_id = ${user.organisation}`,
    )
      .toMatchObject([{ user_id: null, role: 'admin' }]);
    expect(await db.admin`select from public.organisation_members where id = ${practice.member}`).toHaveLength(0);
  });
});

describe('what failed', () => {
  const failed = (user: string, organisation: string) =>
    db.asUser(
      user,
      async (sql) => (await sql`select public.failed_appointments(${organisation}) as failed`)[0]!['failed'],
    );

  test('is counted for the one whose connection it is, as their settings count it, and for no one else', async () => {
    const { boss, person, integration, own, colleagues } = await practice();
    const stranger = await newPerson(db);
    const { organisation } = boss;
    await db.admin`insert into private.sync_outbox
      (organisation_id, rdv_id, integration_id, next_attempt_at, dirty_since, parked_at, attempts, last_error_code)
      values (${organisation}, ${own}, ${integration}, now(), now(), now(), 1, 'INVALID_EVENT'),
        (${organisation}, ${colleagues}, ${integration}, now(), now(), null, 1, null)`;
    expect(await failed(person.user, organisation)).toEqual({ google: 1 });
    const status = await db.call<{ failed: number }>('integration_status', owner(person));
    expect(status.failed).toBe(1);
    expect(await failed(boss.user, organisation)).toEqual({});
    expect(await failed(stranger.user, organisation)).toEqual({});
    expect(await failed(person.user, stranger.organisation)).toEqual({});
    await db.admin`delete from public.organisation_members where id = ${person.member}`;
    expect(await failed(person.user, organisation)).toEqual({});
  });
});
