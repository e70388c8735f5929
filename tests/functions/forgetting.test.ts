/** What is to be forgotten is found nowhere any more: no table, no queue, no log, no calendar that can be reached. */
import { afterEach, describe, expect, test } from 'vitest';
import { findEverywhere } from '../database/every_copy.ts';
import { until } from '../local/bare_database.ts';
import { InboundWorld } from './inbound_world.ts';
import { day, timed } from './moments.ts';
import { STAGES } from './stages.ts';

const world = new InboundWorld();
/** A patient, and what a third person is doing in another person's own calendar. */
const PATIENT = 'Quetzalcoatline';
const STRANGER = 'Bathybius';

afterEach(async () => void await world.sql`delete from public.patients where last_name = ${PATIENT}`);

describe.each(STAGES)('%s', (_name, stage) => {
  world.at(stage);
  const { claire } = stage;

  const exporting = { export_enabled: true, event_detail: 'full', calendar_target_id: claire.calendar };
  const importing = { import_enabled: true, import_range_default: '30d', calendar_source_id: claire.calendar };

  async function connected(settings: Record<string, unknown> = {}): Promise<void> {
    await world.withoutPush();
    await world.connect({ ...exporting, ...settings });
  }
  async function newPatient(): Promise<string> {
    const { data, error } = await world.lumiere.client.from('patients').insert({
      organisation_id: world.lumiere.organisationId,
      first_name: 'Ada',
      last_name: PATIENT,
    }).select('id').single();
    if (error) throw error;
    return data.id;
  }
  const book = (patient: string, at: number, fields: Record<string, unknown> = {}) =>
    world.book(world.lumiere, {
      patient_id: patient,
      starts_at: day(at, 9),
      ends_at: day(at, 10),
      act: `Couronne de ${PATIENT}`,
      notes: `${PATIENT} est anxieuse`,
      ...fields,
    });
  async function erase(patient: string) {
    const { data, error } = await world.lumiere.client.rpc('erase_patient', { p_patient: patient });
    if (error) throw error;
    return data;
  }
  const calendars = async () => JSON.stringify((await world.events()).filter(({ live }) => live));
  const nowhere = async (text: string) => {
    expect(await findEverywhere(world.sql, text)).toEqual([]);
    expect(world.stack.functionLogs()).not.toContain(text);
  };

  test('a patient who is erased leaves every table, calendar and log, after a life in both directions', async () => {
    await connected({ ...importing, two_way: 'review' });
    const patient = await newPatient();
    const [, moved, deleted, overlapped] = [
      await book(patient, 2),
      await book(patient, 3),
      await book(patient, 4),
      await book(patient, 5),
    ];
    await world.settled();
    await world.poll();
    const eventOf = async (id: string) => (await world.linkOf(id))!.external_event_id as string;
    await world.edit(await eventOf(moved), { ...timed(3, 15, 16), description: `Rappeler ${PATIENT}` });
    await world.remove(await eventOf(deleted));
    await world.add({ title: 'Réunion', ...timed(5, 9, 10) });
    await world.poll();
    expect((await world.conflicts()).map(({ reason }) => reason).toSorted()).toEqual([
      'changed_both_sides',
      'deleted',
      'time_overlap',
    ]);
    // A question that was answered, an appointment that makes no event, a look at what an import would do.
    const open = await world.conflicts();
    await world.resolve(open.find(({ internal_id: id }) => id === moved).id, 'ignore');
    const refused = await book(patient, 6, { ends_at: day(6, 8) });
    await until(async () => (await world.linkOf(refused))?.sync_status === 'error', 'it is parked');
    await world.ask(20, { mode: 'preview' });
    expect((await findEverywhere(world.sql, PATIENT)).length).toBeGreaterThan(5);
    expect(await calendars()).toContain(PATIENT);

    expect(await erase(patient)).toMatchObject({ appointments: 5, unreachable: [] });
    await world.settled();
    await world.poll();
    await nowhere(PATIENT);
    expect(await calendars()).not.toContain(PATIENT);
    expect((await world.live()).map(({ title }) => title)).toEqual(['Réunion']);
    expect((await world.rdv(overlapped)).starts_at.toISOString()).toBe(day(5, 9));
    expect((await world.conflicts()).filter(({ internal_id: id }) => id !== null)).toEqual([]);
  });

  test('a plain delete of a patient reaches the same copies', async () => {
    await connected();
    const patient = await newPatient();
    await book(patient, 2);
    await world.settled();
    expect(await calendars()).toContain(PATIENT);
    expect((await world.lumiere.client.from('patients').delete().eq('id', patient)).error).toBeNull();
    await world.settled();
    await nowhere(PATIENT);
    expect(await world.live()).toEqual([]);
  });

  test('an erased patient’s events go where the export is off, and only theirs', async () => {
    await connected();
    const patient = await newPatient();
    const deleted = await book(patient, 2);
    await book(patient, 3);
    await world.book(world.lumiere);
    await world.settled();
    await world.settings(world.claire, { export_enabled: false });
    expect((await world.lumiere.client.from('rdv').delete().eq('id', deleted)).error).toBeNull();
    await world.settled();
    expect(await world.live()).toHaveLength(3);
    expect(await erase(patient)).toEqual({ appointments: 1, eventsToRemove: 2, unreachable: [] });
    await until(async () => (await world.live()).length === 1, 'both are gone');
    await world.settled();
    await nowhere(PATIENT);
    expect((await world.event()).title).toContain('Ada Lovelace');
    expect(await world.statusOf(world.claire)).toMatchObject({ connected: true, pending: 0, failed: 0 });
  });

  test('what cannot be reached is said, and goes when the same account is connected again', async () => {
    await connected();
    const patient = await newPatient();
    await book(patient, 2);
    await world.settled();
    await world.claire.use('connect/disconnect', { body: {} });
    const report = { provider: stage.name, accountEmail: claire.email, events: 1, reason: 'NOT_CONNECTED' };
    expect(await erase(patient)).toEqual({ appointments: 1, eventsToRemove: 0, unreachable: [report] });
    await nowhere(PATIENT);
    expect(await calendars()).toContain(PATIENT);
    await world.claire.connect(claire.email);
    await until(async () => (await world.live()).length === 0, 'it is gone');
    await world.settled();
  });

  test('after a disconnect nothing tells what a third person does', async () => {
    await connected({ ...importing, two_way: 'review' });
    await world.book(world.lumiere, { starts_at: day(2, 9), ends_at: day(2, 10) });
    await world.add({ title: STRANGER, description: STRANGER, location: STRANGER, ...timed(2, 9, 10) });
    await world.add({ title: `${STRANGER} encore`, ...timed(3, 9, 10) });
    await world.settled();
    await world.poll();
    expect(await world.conflicts()).toMatchObject([{ reason: 'time_overlap' }]);
    expect((await findEverywhere(world.sql, STRANGER)).length).toBeGreaterThan(1);
    await world.claire.use('connect/disconnect', { body: {} });
    await nowhere(STRANGER);
  });

  test('an event that becomes private keeps its time alone, wherever its text had come', async () => {
    await connected({ ...importing, import_as: 'rdv', two_way: 'review' });
    const text = { title: STRANGER, description: `${STRANGER} apporte les radios`, location: `Chez ${STRANGER}` };
    const untouched = await world.add({ ...text, ...timed(2, 9, 10) });
    const noted = await world.add({ ...text, ...timed(3, 9, 10) });
    const asked = await world.add({ ...text, ...timed(4, 9, 10) });
    await world.book(world.lumiere, { starts_at: day(2, 9), ends_at: day(2, 10) });
    await world.settled();
    await world.poll();
    const made = async (event: { id: string }) => {
      const [row] = await world.sql`select r.* from public.external_events e join public.rdv r on r.id = e.id
        where e.external_event_id = ${event.id}`;
      return row!;
    };
    // People here wrote into one of them, and moved another, over which a question is open.
    await world.change(world.lumiere, (await made(noted)).id, { notes: 'Préparer la salle' });
    await world.change(world.lumiere, (await made(asked)).id, { starts_at: day(4, 14), ends_at: day(4, 15) });
    await world.edit(asked.id, timed(4, 11, 12));
    await world.poll();
    const reasons = async () => (await world.conflicts()).map(({ reason }) => reason).toSorted();
    expect(await reasons()).toEqual(['changed_both_sides', 'time_overlap']);
    expect((await findEverywhere(world.sql, STRANGER)).length).toBeGreaterThan(5);

    for (const { id } of [untouched, noted, asked]) await world.edit(id, { secret: true });
    await world.poll();
    await nowhere(STRANGER);
    expect(await made(untouched)).toMatchObject({ type: 'Occupé', notes: null, location: null, status: 'scheduled' });
    expect(await made(noted)).toMatchObject({ type: 'Occupé', notes: 'Préparer la salle', location: null });
    // It still is what it was: it follows its event, and a person still decides about the moved one.
    expect(await reasons()).toEqual(['changed_both_sides', 'time_overlap']);
    await world.edit(untouched.id, timed(6, 9, 10));
    await world.poll();
    expect((await made(untouched)).starts_at.toISOString()).toBe(day(6, 9));
  });

  test('a cancelled event keeps its time alone, and its appointment comes back with it', async () => {
    await connected({ ...importing, import_as: 'rdv' });
    const event = await world.add({ title: STRANGER, description: STRANGER, location: STRANGER, ...timed(2, 9, 10) });
    await world.poll();
    await world.remove(event.id);
    await world.poll();
    expect(await findEverywhere(world.sql, STRANGER)).toEqual([
      'public.rdv.location',
      'public.rdv.notes',
      'public.rdv.type',
    ]);
    await stage.person.restore(world.emulator, claire.email, { calendar: claire.calendar, id: event.id });
    await world.poll();
    expect(await world.sql`select status, type from public.rdv`).toEqual([{ status: 'scheduled', type: STRANGER }]);
  });

  test('a member who is removed with their events leaves none of them, and no grant', async () => {
    await connected();
    await book(await newPatient(), 2);
    await world.settled();
    // An administrator of the practice, beside the one who leaves.
    const [other] = await world.sql`insert into auth.users (id, aud, role, email)
      values (gen_random_uuid(), 'authenticated', 'authenticated', ${`${crypto.randomUUID()}@cabinet.test`}) returning id`;
    await world.sql`insert into public.organisation_members (organisation_id, user_id, role, display_name)
      values (${world.lumiere.organisationId}, ${other!.id}, 'admin', 'Dr Autre')`;
    const leaver = world.lumiere.practitionerId;
    const report = await world.sql.begin(async (sql) => {
      await sql`select set_config('role', 'authenticated', true),
        set_config('request.jwt.claims', ${JSON.stringify({ sub: other!.id, role: 'authenticated' })}, true)`;
      return (await sql`select public.remove_member(${leaver}, true) as report`)[0]!.report;
    });
    try {
      expect(report).toEqual({
        connections: [{ provider: stage.name, accountEmail: claire.email, events: 1, state: 'removing' }],
      });
      expect((await world.claire.use('connect/status')).status).toBe(403);
      await until(async () => (await world.live()).length === 0, 'the events are gone');
      await until(
        async () => {
          const [left] = await world.sql`select (select count(*) from private.credentials)
            + (select count(*) from private.grant_revocations) as n`;
          return left!.n === '0';
        },
        'the grant is given back',
      );
      if (stage.can.revoke) {
        expect((await world.requests()).filter(({ step }) => step === 'oauth.revoke')).toMatchObject([{ status: 200 }]);
      }
    } finally {
      await world.sql`insert into public.organisation_members (id, organisation_id, user_id, role, display_name)
        values (${leaver}, ${world.lumiere.organisationId}, ${world.claire.userId}, 'admin', 'Dr Claire')`;
      await world.sql`delete from auth.users where id = ${other!.id}`;
    }
  });
});
