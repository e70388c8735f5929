import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { until } from '../local/bare_database.ts';
import { OutboundWorld, type Practice } from './outbound_world.ts';
import { STAGES } from './stages.ts';

const world = new OutboundWorld();

describe.each(STAGES)('%s', (_name, stage) => {
  world.at(stage);
  let colleague: Practice;
  let deputy: string;

  beforeEach(async () => {
    const { organisationId } = world.lumiere;
    const [member] = await world.sql`insert into public.organisation_members (organisation_id, role, display_name)
      values (${organisationId}, 'practitioner', 'Dr Remplaçant') returning id`;
    colleague = { ...world.lumiere, practitionerId: member!.id };
    const [login] = await world.sql`insert into auth.users (id, aud, role, email)
      values (gen_random_uuid(), 'authenticated', 'authenticated', 'deputy@cabinet-lumiere.test') returning id`;
    deputy = login!.id;
    await world.sql`insert into public.organisation_members (organisation_id, user_id, role, display_name)
      values (${organisationId}, ${deputy}, 'admin', 'Adjointe')`;
  });
  afterEach(async () => {
    await world.sql`update public.organisation_members set role = 'admin' where id = ${world.lumiere.practitionerId}`;
    await world.sql`delete from auth.users where id = ${deputy}`;
    await world.sql`delete from public.organisation_members
      where user_id is null and display_name in ('Adjointe', 'Dr Remplaçant')`;
  });

  /** Through the API, as an administrator does it in the product. */
  const demote = async () =>
    await world.lumiere.client.from('organisation_members').update({ role: 'practitioner' })
      .eq('id', world.lumiere.practitionerId);
  const coverThePractice = async () => {
    await world.claire.connect(stage.claire.email);
    await world.settings(world.claire, {
      calendar_target_id: stage.claire.calendar,
      event_detail: 'full',
      scope: 'organisation',
      export_enabled: true,
    });
  };
  const titles = async () => (await world.live()).map(({ title }) => title.split(' ')[1]).sort();

  test('a demotion takes colleagues’ appointments out of the calendar, and lets none in again', async () => {
    await coverThePractice();
    await world.book(world.lumiere, { type: 'Mien' });
    await world.book(colleague, { type: 'Autre' });
    await world.settled();
    expect(await titles()).toEqual(['Autre', 'Mien']);

    expect((await demote()).error).toBeNull();
    await until(async () => (await titles()).join() === 'Mien', 'the colleague’s event to be removed');
    await world.settled();
    await world.book(colleague, { type: 'Nouveau' });
    await world.book(world.lumiere, { type: 'Suivant' });
    await world.settled();
    expect(await titles()).toEqual(['Mien', 'Suivant']);
    expect((await world.statusOf(world.claire)).settings.scope).toBe('practitioner');
    const asked = await world.claire.use('connect/settings', { method: 'PATCH', body: { scope: 'organisation' } });
    expect(asked).toMatchObject({ status: 403, body: { error: 'FORBIDDEN' } });
    await world.claire.use('sync/sync-now', { body: {} });
    expect(await titles()).toEqual(['Mien', 'Suivant']);
  });

  test('an event that is being made in the moment of the demotion is removed again', async () => {
    await coverThePractice();
    await world.settled();
    await world.fault('create', { delayMs: 600 }, { nth: 1 });
    await world.book(colleague, { type: 'Autre' });
    await until(
      async () => (await world.sql`select from private.link_states where state = 'creating'`).length > 0,
      'a reserved id',
    );
    expect((await demote()).error).toBeNull();
    await world.settled();
    expect(await world.calls('create')).not.toEqual([]);
    expect(await world.live()).toEqual([]);
  });

  test('the last administrator is told why they stay', async () => {
    await world.sql`delete from auth.users where id = ${deputy}`;
    const refused = { code: 'P0001', message: 'LAST_ADMINISTRATOR' };
    expect((await demote()).error).toMatchObject(refused);
    const removed = await world.lumiere.client.from('organisation_members').delete()
      .eq('id', world.lumiere.practitionerId);
    expect(removed.error).toMatchObject(refused);
  });
});
