/** What must be forgotten is: a patient, and the grants of people and practices who leave. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { newPerson, type TestDatabase, testDatabase, type TestPerson } from './database.ts';
import { findEverywhere } from './every_copy.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
}, 60_000);
afterAll(() => db?.stop());
afterEach(async () => {
  await db.admin`delete from public.organisations where true`;
  await db.admin`delete from private.grant_revocations where true`;
  await db.admin`delete from private.sync_outbox where true`;
});

// deno-lint-ignore no-explicit-any
type Json = any;
const NAME = 'Zénobie-Canari';
/** The name as it is searched, and a day on which nothing else happened. */
const OTHER_TRACES = ['zenobie canari', '1907-07-17'];
const content = (title: string) => ({
  title,
  description: `Acte : ${NAME}`,
  location: `Chez ${NAME}`,
  time: {
    kind: 'timed',
    startsAt: '2027-01-05T09:00:00.000Z',
    endsAt: '2027-01-05T10:00:00.000Z',
    timeZone: 'Europe/Paris',
  },
  availability: 'busy',
  visibility: 'private',
});

async function connect(person: TestPerson, account = person.user): Promise<string> {
  const { integrationId } = await db.call<{ integrationId: string }>('connect_store', {
    p_organisation: person.organisation,
    p_user: person.user,
    p_provider: 'google',
    p_account_id: account,
    p_account_email: `${account}@example.test`,
    p_scopes: ['s'],
    p_access_token: 'access',
    p_expires_in: 3600,
    p_refresh_token: `refresh-${account}`,
  });
  return integrationId;
}
const exporting = (person: TestPerson, on = true) =>
  db.call('integration_update', {
    p_organisation: person.organisation,
    p_user: person.user,
    p_provider: 'google',
    p_changes: { calendar_target_id: 'primary', event_detail: 'full', export_enabled: on },
  });
const disconnect = (person: TestPerson) =>
  db.call('integration_disconnect', {
    p_organisation: person.organisation,
    p_user: person.user,
    p_provider: 'google',
    p_remove_events: false,
  });

async function newPatient(person: TestPerson): Promise<string> {
  const [row] = await db.admin`insert into public.patients (organisation_id, first_name, last_name, birth_date)
    values (${person.organisation}, 'Ada', ${NAME}, '1907-07-17') returning id`;
  return row!.id;
}

/** An appointment of the patient, and where a connection is given the event that shows it. */
async function appointment(person: TestPerson, patient: string, integration?: string): Promise<string> {
  const [rdv] = await db.admin`
    insert into public.rdv (organisation_id, practitioner_id, patient_id, type, act, notes, location, starts_at, ends_at)
    values (${person.organisation}, ${person.member}, ${patient}, ${`Contrôle ${NAME}`}, ${`Couronne ${NAME}`},
      ${`${NAME} est anxieuse`}, ${`Chez ${NAME}`}, now() + interval '1 day', now() + interval '25 hours') returning id`;
  if (integration !== undefined) {
    const [link] = await db.admin`insert into public.appointment_external_links
        (organisation_id, rdv_id, integration_id, provider, external_calendar_id, external_event_id, etag, sync_status)
      values (${person.organisation}, ${rdv!.id}, ${integration}, 'google', 'primary', ${`e-${
      rdv!.id
    }`}, 'v1', 'synced')
      returning id`;
    await db.admin`insert into private.link_states (link_id, integration_id, state, pushed, base, patient_id)
      values (${link!.id}, ${integration}, 'live', ${db.admin.json(content(NAME))}, ${
      db.admin.json(content(NAME))
    }, ${patient})`;
    await db.admin`delete from private.sync_outbox where integration_id = ${integration}`;
  }
  return rdv!.id;
}
const erase = (person: TestPerson, patient: string): Promise<Json> =>
  db.asUser(person.user, async (sql) => (await sql`select public.erase_patient(${patient}) as report`)[0]!.report);
const claim = (integration: string | null = null): Promise<Json> =>
  db.call('sync_claim', {
    p_worker: crypto.randomUUID(),
    p_provider: 'google',
    p_integration: integration,
    p_max_lanes: 8,
    p_max_jobs: 50,
    p_lease_seconds: 60,
    p_units_per_minute: null,
  });
const release = () => db.admin`update private.sync_lanes set lease_owner = null, lease_until = null`;
const conflict = (person: TestPerson, integration: string, fields: Json) =>
  db.admin`insert into public.sync_conflicts ${
    db.admin({
      organisation_id: person.organisation,
      user_id: person.user,
      integration_id: integration,
      source: 'google',
      entity_type: 'appointment',
      reason: 'changed_both_sides',
      payload: { calendarId: 'primary', cassius: content(NAME), calendar: content(NAME), base: content(NAME) },
      ...fields,
    })
  } returning id`;

describe('erasing a patient', () => {
  test('takes the name out of every table, by the function and by a plain delete alike', async () => {
    for (const plainly of [false, true]) {
      const person = await newPerson(db);
      const integration = await connect(person);
      await exporting(person);
      const patient = await newPatient(person);
      const open = await appointment(person, patient, integration);
      const closed = await appointment(person, patient, integration);
      await appointment(person, patient);
      await conflict(person, integration, { internal_id: open });
      await conflict(person, integration, {
        internal_id: closed,
        status: 'resolved',
        resolution: 'ignore',
        resolved_at: new Date(),
      });
      // Deleted while nothing was exported: no appointment knows the patient any more, its event still shows the name.
      const orphan = await appointment(person, patient, integration);
      await exporting(person, false);
      await db.admin`delete from public.rdv where id = ${orphan}`;
      await exporting(person);
      expect((await findEverywhere(db.admin, NAME)).length).toBeGreaterThan(3);
      for (const trace of OTHER_TRACES) {
        // With the patient, and nowhere else: not in what calendars are sent, nor in what they answered.
        expect((await findEverywhere(db.admin, trace)).map((place) => place.split('.')[1])).toEqual(['patients']);
      }

      if (plainly) {
        await db.asUser(person.user, (sql) => sql`delete from public.patients where id = ${patient}`);
      } else {
        expect(await erase(person, patient)).toEqual({ appointments: 3, eventsToRemove: 3, unreachable: [] });
      }
      for (const trace of [NAME, ...OTHER_TRACES]) expect(await findEverywhere(db.admin, trace)).toEqual([]);
      const kept = await db.admin`select type, starts_at is not null as timed, patient_id from public.rdv
        where organisation_id = ${person.organisation}`;
      expect(kept).toEqual(Array(3).fill({ type: 'Rendez-vous', timed: true, patient_id: null }));
      const { lanes: [lane] } = await claim(integration);
      const events = lane.jobs.filter((job: Json) => job.link !== null);
      expect(events.map((job: Json) => [job.rdv, job.link.state])).toEqual(Array(3).fill([null, 'live']));
      await release();
    }
  });

  test('removes its events where the export is off, and nothing else is done there', async () => {
    const person = await newPerson(db);
    const integration = await connect(person);
    await exporting(person);
    const patient = await newPatient(person);
    const erased = await appointment(person, patient, integration);
    const other = await appointment(person, await newPatient(person), integration);
    await exporting(person, false);
    expect((await claim()).lanes).toEqual([]);
    expect(await erase(person, patient)).toMatchObject({ eventsToRemove: 1, unreachable: [] });
    // Noted in the very moment in which the export was switched off.
    await db
      .admin`select private.enqueue(array[${integration}::uuid], array[${other}::uuid], ${person.organisation}, 'change', null)`;
    const { lanes: [lane] } = await claim();
    expect(lane.jobs.map((job: Json) => job.rdvId)).toEqual([erased]);
    await release();
    await exporting(person);
    await exporting(person, false);
    expect((await claim()).lanes[0].jobs.map((job: Json) => job.rdvId)).toEqual([erased]);
    await release();
  });

  test('says what cannot be reached, and removes it when the account is back', async () => {
    const person = await newPerson(db);
    const integration = await connect(person);
    await exporting(person);
    const patient = await newPatient(person);
    const rdv = await appointment(person, patient, integration);
    await disconnect(person);
    const unreachable = {
      provider: 'google',
      accountEmail: `${person.user}@example.test`,
      events: 1,
      reason: 'NOT_CONNECTED',
    };
    expect(await erase(person, patient)).toEqual({ appointments: 1, eventsToRemove: 0, unreachable: [unreachable] });
    expect((await claim()).lanes).toEqual([]);
    await connect(person);
    const { lanes: [lane] } = await claim(integration);
    expect(lane.jobs).toMatchObject([{ rdvId: rdv, rdv: null, link: { state: 'live' } }]);
    await release();
    const dead = await newPatient(person);
    await appointment(person, dead, integration);
    await db.admin`update public.calendar_integrations set status = 'reconnect_required' where id = ${integration}`;
    expect(await erase(person, dead)).toMatchObject({ unreachable: [{ ...unreachable, reason: 'NEED_RECONSENT' }] });
  });

  test.each([
    ['exchanged for another', (_person: TestPerson, integration: string) =>
      db.admin.begin(async (sql) => {
        await sql`delete from public.appointment_external_links where integration_id = ${integration}`;
        await sql`update public.calendar_integrations set account_id = 'another' where id = ${integration}`;
      })],
    ['given up with its user', (person: TestPerson) => db.admin`delete from auth.users where id = ${person.user}`],
  ])('is said of an account that was %s, and done when it comes back', async (_how, leave) => {
    const person = await newPerson(db);
    const other = await newPerson(db, { organisation: person.organisation });
    const integration = await connect(person);
    await exporting(person);
    const patient = await newPatient(person);
    const rdv = await appointment(person, patient, integration);
    await leave(person, integration);
    const unreachable = {
      provider: 'google',
      accountEmail: `${person.user}@example.test`,
      events: 1,
      reason: 'NOT_CONNECTED',
    };
    expect(await erase(other, patient)).toEqual({ appointments: 1, eventsToRemove: 0, unreachable: [unreachable] });
    expect(await findEverywhere(db.admin, NAME)).toEqual([]);
    const back = await connect(other, person.user);
    // Nothing is chosen there yet, and nothing else is done.
    expect((await claim(back)).lanes).toMatchObject([{
      settings: { eventDetail: 'busy' },
      jobs: [{ rdvId: rdv, rdv: null, link: { eventId: `e-${rdv}`, state: 'live' } }],
    }]);
    await release();
  });

  test('a worker that read the appointment before writes no name back', async () => {
    const person = await newPerson(db);
    const integration = await connect(person);
    await exporting(person);
    const patient = await newPatient(person);
    const rdv = await appointment(person, patient, integration);
    await db.admin`update public.rdv set act = 'Autre' where id = ${rdv}`;
    const worker = crypto.randomUUID();
    const { lanes: [lane] } = await db.call<Json>('sync_claim', {
      p_worker: worker,
      p_provider: 'google',
      p_integration: integration,
      p_max_lanes: 1,
      p_max_jobs: 50,
      p_lease_seconds: 60,
      p_units_per_minute: null,
    });
    await erase(person, patient);
    const { version, link } = lane.jobs[0];
    await db.call('sync_complete', {
      p_worker: worker,
      p_integration: integration,
      p_results: [{
        rdvId: rdv,
        version,
        outcome: 'done',
        action: 'updated',
        reason: null,
        link: { ...link, pushed: content(NAME), base: content(NAME) },
        conflict: { reason: 'changed_both_sides', payload: { cassius: content(NAME), calendar: content(NAME) } },
      }] as unknown as object,
      p_lane: { runId: crypto.randomUUID(), trigger: 'change', usedUnits: 1, release: true, worked: true, refused: [] },
    });
    expect(await findEverywhere(db.admin, NAME)).toEqual([]);
    expect((await claim(integration)).lanes[0].jobs).toMatchObject([{ rdvId: rdv, rdv: null }]);
    await release();
  });

  test('is final: what the event says until it is gone comes back into no appointment', async () => {
    const person = await newPerson(db);
    const integration = await connect(person);
    await exporting(person);
    const patient = await newPatient(person);
    await appointment(person, patient, integration);
    await db
      .admin`insert into private.calendar_cursors (integration_id, calendar_id, organisation_id, provider, next_poll_at)
      values (${integration}, 'primary', ${person.organisation}, 'google', now()) on conflict do nothing`;
    const followed = async () =>
      (await db.admin`select l.event_id from private.live_links(
        jsonb_populate_record(null::private.import_runs,
          jsonb_build_object('integration_id', ${integration}::text, 'calendar_id', 'primary'))) l`).length;
    expect(await followed()).toBe(1);
    await erase(person, patient);
    expect(await followed()).toBe(0);
  });

  test('is refused for a patient of another practice', async () => {
    const [person, stranger] = [await newPerson(db), await newPerson(db)];
    const patient = await newPatient(person);
    await expect(erase(stranger, patient)).rejects.toThrow(/none of that id/);
  });
});

describe('a closed conflict', () => {
  test('keeps no title; a decision about our own appointment keeps its place for 30 days', async () => {
    const person = await newPerson(db);
    const integration = await connect(person);
    const [{ id: ours }] = await conflict(person, integration, { internal_id: crypto.randomUUID() }) as Json;
    const [{ id: theirs }] = await conflict(person, integration, {
      entity_type: 'event',
      external_id: 'e',
      internal_id: crypto.randomUUID(),
    }) as Json;
    await db
      .admin`update public.sync_conflicts set status = 'resolved', resolution = 'keep_calendar', resolved_at = now()
      where id in (${ours}, ${theirs})`;
    const { time, location } = content(NAME);
    const payload = async (id: string) =>
      (await db.admin`select payload from public.sync_conflicts where id = ${id}`)[0]!.payload;
    expect(await payload(ours)).toEqual({
      calendarId: 'primary',
      cassius: { time, location },
      calendar: { time },
      base: { time },
    });
    expect(await payload(theirs)).toEqual({
      calendarId: 'primary',
      cassius: { time },
      calendar: { time },
      base: { time },
    });
  });
});

describe('who leaves', () => {
  const queued = () =>
    db.admin`select provider, account_id, attempts from private.grant_revocations order by created_at`;
  const claimRevocations = () =>
    db.call<Array<{ id: string; token: string }>>('revocation_claim', { p_provider: 'google' });
  const remove = (admin: TestPerson, member: string, removeEvents: boolean): Promise<Json> =>
    db.asUser(
      admin.user,
      async (sql) => (await sql`select public.remove_member(${member}, ${removeEvents}) as report`)[0]!.report,
    );

  test.each([
    ['a member', (person: TestPerson) => db.admin`delete from public.organisation_members where id = ${person.member}`],
    ['a user', (person: TestPerson) => db.admin`delete from auth.users where id = ${person.user}`],
    [
      'a practice',
      (person: TestPerson) => db.admin`delete from public.organisations where id = ${person.organisation}`,
    ],
  ])('%s that is deleted leaves the grant in the queue of revocations, sealed', async (_who, leave) => {
    const person = await newPerson(db);
    await connect(person);
    await leave(person);
    expect(await queued()).toEqual([{ provider: 'google', account_id: person.user, attempts: 0 }]);
    expect(JSON.stringify(await db.admin`select * from private.grant_revocations`)).not.toContain('refresh-');
    const [claimed] = await claimRevocations();
    expect(claimed).toMatchObject({ token: `refresh-${person.user}` });
    // It comes again until the provider has taken it, later each time.
    expect(await claimRevocations()).toEqual([]);
    await db.admin`update private.grant_revocations set next_attempt_at = now()`;
    expect(await claimRevocations()).toHaveLength(1);
    expect(await queued()).toMatchObject([{ attempts: 2 }]);
    await db.call('revocation_done', { p_id: claimed!.id });
    expect(await queued()).toEqual([]);
  });

  test('no grant is revoked that another connection uses, or uses again', async () => {
    const [one, other] = [await newPerson(db), await newPerson(db)];
    await connect(one, 'shared');
    await connect(other, 'shared');
    await db.admin`delete from public.organisations where id = ${one.organisation}`;
    expect(await queued()).toEqual([]);
    await db.admin`delete from public.organisations where id = ${other.organisation}`;
    expect(await queued()).toHaveLength(1);
    await connect(await newPerson(db), 'shared');
    expect(await claimRevocations()).toEqual([]);
    expect(await queued()).toEqual([]);
  });

  test('two of one practice with one account, deleted with it, leave one grant to revoke', async () => {
    const one = await newPerson(db);
    const other = await newPerson(db, { organisation: one.organisation });
    await connect(one, 'common');
    await connect(other, 'common');
    await db.admin`delete from public.organisations where id = ${one.organisation}`;
    expect(await queued()).toHaveLength(1);
  });

  test('a token that does not open keeps no practice from being deleted', async () => {
    const person = await newPerson(db);
    const integration = await connect(person);
    await db
      .admin`update private.credentials set refresh_sealed = refresh_sealed || '{"ciphertext": "00", "secret_id": null}'
      where integration_id = ${integration}`;
    await db.admin`delete from public.organisations where id = ${person.organisation}`;
    expect(await queued()).toEqual([]);
  });

  test('an administrator sees what would be left, and removes the member with the events', async () => {
    const admin = await newPerson(db, { role: 'admin' });
    const person = await newPerson(db, { organisation: admin.organisation });
    const integration = await connect(person);
    await exporting(person);
    const rdv = await appointment(person, await newPatient(person), integration);
    const seen = { provider: 'google', accountEmail: `${person.user}@example.test`, events: 1 };
    const look = (by: TestPerson) =>
      db.asUser(
        by.user,
        async (sql) => (await sql`select public.member_connections(${person.member}) as seen`)[0]!.seen,
      );
    expect(await look(admin)).toEqual([{ ...seen, grantWorks: true }]);
    await expect(look(person)).rejects.toThrow(/administrator/);
    await expect(remove(person, admin.member, true)).rejects.toThrow(/administrator/);

    expect(await remove(admin, person.member, true)).toEqual({ connections: [{ ...seen, state: 'removing' }] });
    expect(await db.call('practices_of', { p_user: person.user })).toEqual([]);
    expect(await queued()).toEqual([]);
    const { lanes: [lane] } = await claim(integration);
    expect(lane).toMatchObject({ settings: { removing: true }, jobs: [{ rdvId: rdv }] });
    await db.admin`delete from private.sync_outbox where integration_id = ${integration}`;
    expect(await db.call('integration_finish_removal', { p_integration: integration })).toEqual({ ended: true });
    expect(await queued()).toMatchObject([{ account_id: person.user }]);
    expect(await db.admin`select 1 from private.credentials where integration_id = ${integration}`).toEqual([]);
  });

  test('without the events the connection ends at once, and with a dead grant too', async () => {
    const admin = await newPerson(db, { role: 'admin' });
    for (const [removeEvents, dead] of [[false, false], [true, true]]) {
      const person = await newPerson(db, { organisation: admin.organisation });
      const integration = await connect(person);
      await exporting(person);
      await appointment(person, await newPatient(person), integration);
      if (dead) {
        await db.admin`update public.calendar_integrations set status = 'reconnect_required' where id = ${integration}`;
      }
      expect(await remove(admin, person.member, removeEvents!)).toMatchObject({
        connections: [{ events: 1, state: 'ended' }],
      });
      expect(await db.admin`select 1 from private.credentials where integration_id = ${integration}`).toEqual([]);
    }
  });

  test('a practice is offboarded before it is deleted, and says what is left', async () => {
    const admin = await newPerson(db, { role: 'admin' });
    const person = await newPerson(db, { organisation: admin.organisation });
    const [first, second] = [await connect(admin), await connect(person)];
    await exporting(person);
    await appointment(person, await newPatient(person), second);
    const offboard = async () =>
      (await db.admin`select private.offboard_organisation(${admin.organisation}, true) as report`)[0]!.report
        .connections
        .map(({ events, state }: Json) => [events, state]).toSorted();
    expect(await offboard()).toEqual([[0, 'ended'], [1, 'removing']]);
    expect(await offboard()).toEqual([[1, 'removing']]);
    expect(await db.admin`select 1 from private.credentials where integration_id = ${first}`).toEqual([]);
    await db.admin`update private.link_states set state = 'gone'`;
    await db.admin`delete from private.sync_outbox where integration_id = ${second}`;
    await db.call('integration_finish_removal', { p_integration: second });
    expect(await offboard()).toEqual([]);
  });
});
