/** One person with both providers: each has one event of each appointment, and neither echoes the other. */
import { beforeEach, describe, expect, test } from 'vitest';
import { until } from '../local/bare_database.ts';
import { CalendarMirror } from './calendar_mirror.ts';
import { emulatorOf } from './emulator.ts';
import { googleStage } from './google_stage.ts';
import { InboundWorld } from './inbound_world.ts';
import { microsoftStage } from './microsoft_stage.ts';
import { day, timed, tomorrow } from './moments.ts';
import type { ProviderStage, SeenEvent } from './provider_stage.ts';
import { STAGES } from './stages.ts';

const world = new InboundWorld();
const IMPORTING = { import_enabled: true, import_range_default: '30d' };
/** Each provider beside the other. */
const PAIRS = [
  ['google', 'microsoft', googleStage, microsoftStage],
  ['microsoft', 'google', microsoftStage, googleStage],
] as const;

beforeEach(() => world.enter(googleStage));

/** Claire connects both, with these settings at each. */
async function connectBoth(settings: Record<string, unknown> = {}, push = false): Promise<void> {
  for (const [, stage] of STAGES) {
    world.enter(stage);
    if (!push) await world.withoutPush();
    await world.connect(settings);
  }
}

async function at<T>(stage: ProviderStage, work: () => Promise<T>): Promise<T> {
  const before = world.stage;
  world.enter(stage);
  try {
    return await work();
  } finally {
    world.enter(before);
  }
}

/** What lives in both calendars, Google's first. */
async function everywhere(): Promise<SeenEvent[][]> {
  return [await at(googleStage, () => world.live()), await at(microsoftStage, () => world.live())];
}
const writes = async () => [
  await at(googleStage, () => world.writes()),
  await at(microsoftStage, () => world.writes()),
];
const shown = async () =>
  (await everywhere()).map((events) => events.map(({ title, start }) => [title, start]).toSorted());
const person = (stage: ProviderStage) => world.claire.at(stage.name);
const rdvs = async () =>
  (await world.sql`select type, status, source, starts_at from public.rdv order by starts_at, type, source`)
    .map(({ type, status, source, starts_at: start }) => ({ type, status, source, start: start.toISOString() }));
/** The practice says whose appointments those are that came in: nothing but where they came from keeps them in now. */
const namePatients = () =>
  world.sql`update public.rdv set patient_id = ${world.lumiere.patientId} where patient_id is null`;
/** Everything has been read and written; nothing is left to do. */
async function rest(): Promise<void> {
  await world.settled();
  for (let round = 0; round < 2; round++) await world.poll();
  await world.settled();
}

describe('an appointment', () => {
  test('has exactly one event in each calendar, through edit, cancel, un-cancel and delete', async () => {
    await connectBoth();
    const id = await world.book(world.lumiere);
    await world.settled();
    const title = '[Cassius] Contrôle — Ada Lovelace';
    expect(await shown()).toEqual([[[title, tomorrow(9)]], [[title, tomorrow(9)]]]);

    await world.change(world.lumiere, id, { starts_at: tomorrow(14), ends_at: tomorrow(15), type: 'Suivi' });
    await world.settled();
    const moved = ['[Cassius] Suivi — Ada Lovelace', tomorrow(14)];
    expect(await shown()).toEqual([[moved], [moved]]);

    await world.change(world.lumiere, id, { status: 'cancelled' });
    await world.settled();
    expect(await shown()).toEqual([[], []]);

    await world.change(world.lumiere, id, { status: 'scheduled' });
    await world.settled();
    expect(await shown()).toEqual([[moved], [moved]]);

    expect((await world.lumiere.client.from('rdv').delete().eq('id', id)).error).toBeNull();
    await world.settled();
    expect(await shown()).toEqual([[], []]);
  });

  test('has a link for each, and each provider tells of its own', async () => {
    await connectBoth();
    const id = await world.book(world.lumiere);
    await world.settled();
    const links = await world.sql`select provider, sync_status from public.appointment_external_links
      where rdv_id = ${id} order by provider`;
    expect(links).toEqual([
      { provider: 'google', sync_status: 'synced' },
      { provider: 'microsoft', sync_status: 'synced' },
    ]);
    for (const [name, stage] of STAGES) {
      expect(await at(stage, () => world.statusOf(world.claire))).toMatchObject({
        connected: true,
        account: { email: stage.claire.email },
        pending: 0,
      });
      const answer = await person(stage).use('sync/sync-now', { body: {} });
      expect(answer.body, name).toMatchObject({ created: 0, updated: 0, skipped: 1, failed: 0, remaining: 0 });
    }
  });

  test.each(PAIRS)(
    'goes on to %s’s neighbour while %s is down, and arrives there afterwards',
    async (_down, _up, down, up) => {
      await connectBoth();
      await at(down, () => world.fault('create', { html5xx: 503 }));
      await world.book(world.lumiere);
      await until(async () => (await at(up, () => world.live())).length === 1, 'the healthy one has it');
      expect(await at(down, () => world.live())).toEqual([]);
      await at(down, () => world.calm());
      await world.later();
      await world.settled();
      expect((await everywhere()).map((events) => events.length)).toEqual([1, 1]);
    },
  );

  test.each(PAIRS)('goes on to the other while the grant at %s is dead', async (_dead, _alive, dead, alive) => {
    await connectBoth();
    await at(dead, () => world.emulator.control('revoke', { email: dead.claire.email }));
    await world.book(world.lumiere);
    await until(async () => (await at(alive, () => world.live())).length === 1, 'the healthy one has it');
    await until(
      async () => (await at(dead, () => world.statusOf(world.claire))).status === 'reconnect_required',
      'the dead grant is noticed',
    );
    expect(await at(alive, () => world.statusOf(world.claire))).toMatchObject({ status: 'connected', lastError: null });
    await person(dead).connect(dead.claire.email);
    await world.settled();
    expect((await everywhere()).map((events) => events.length)).toEqual([1, 1]);
  });
});

describe('an event that its owner deletes and brings back', () => {
  test.each(PAIRS)(
    'at %s ends the appointment’s event at %s and brings it back, once',
    async (_at, _other, one, other) => {
      await connectBoth({ two_way: 'auto' });
      const id = await world.book(world.lumiere);
      await rest();
      const [event] = await at(one, () => world.live());
      await at(one, () => world.remove(event!.id));
      await rest();
      expect((await everywhere()).map((events) => events.length)).toEqual([0, 0]);
      expect((await world.rdv(id)).status).toBe('cancelled');
      const place = { calendar: one.claire.calendar, id: event!.id };
      await one.person.restore(emulatorOf(world.stack, one.name), one.claire.email, place);
      await rest();
      expect((await world.rdv(id)).status).toBe('scheduled');
      expect((await everywhere()).map((events) => events.length)).toEqual([1, 1]);
      expect((await at(one, () => world.live()))[0]!.id).toBe(event!.id);
      // Nothing goes to and fro between the two.
      const before = await writes();
      await rest();
      await rest();
      expect(await writes()).toEqual(before);
      expect(await world.conflicts()).toEqual([]);
      // What Cassius ended at the other is brought back there: it is the appointment's second one, and goes again.
      const former = (await at(other, () => world.events())).find(({ live }) => !live);
      await other.person.restore(emulatorOf(world.stack, other.name), other.claire.email, {
        calendar: other.claire.calendar,
        id: former!.id,
      });
      await rest();
      expect((await everywhere()).map((events) => events.length)).toEqual([1, 1]);
    },
  );
});

describe('disconnecting', () => {
  test.each(PAIRS)('%s leaves the events and the connection of %s', async (_ended, _kept, ended, kept) => {
    await connectBoth();
    const id = await world.book(world.lumiere);
    await world.settled();
    const answer = await person(ended).use('connect/disconnect', { body: { removeEvents: true } });
    expect(answer.status).toBe(200);
    await until(async () => (await at(ended, () => world.live())).length === 0, 'its events are removed');
    await world.change(world.lumiere, id, { type: 'Suivi' });
    await world.settled();
    expect((await at(kept, () => world.event())).title).toBe('[Cassius] Suivi — Ada Lovelace');
    expect(await at(ended, () => world.statusOf(world.claire))).toMatchObject({ connected: false });
    expect(await at(kept, () => world.statusOf(world.claire))).toMatchObject({ connected: true, status: 'connected' });
    expect((await person(kept).use('connect/calendars')).status).toBe(200);
  });
});

describe('a series that its owner makes of our event', () => {
  const agenda = (stage: ProviderStage) =>
    at(
      stage,
      async () =>
        (await stage.person.agenda(world.emulator, world.account.email, world.account.calendar)).map((
          { id, start },
        ) => (
          { id, start }
        )),
    );

  test.each(PAIRS)('in %s touches nothing in %s, and one occurrence of it is the appointment', async (...pair) => {
    const [, , here, there] = pair;
    await connectBoth({ ...IMPORTING, two_way: 'auto' });
    const id = await world.book(world.lumiere, { starts_at: day(2, 9), ends_at: day(2, 10) });
    await rest();
    const elsewhere = await agenda(there);
    world.enter(here);
    await world.edit((await world.event()).id, { ...timed(2, 9, 10), everyDay: 5 });
    await rest();
    const [own, ...others] = await agenda(here);
    expect(others).toHaveLength(4);
    expect(await agenda(there)).toEqual(elsewhere);
    expect(await rdvs()).toMatchObject([{ status: 'scheduled', start: day(2, 9) }]);
    expect(await world.conflicts()).toEqual([]);

    await world.edit(own!.id, timed(2, 15, 16));
    await rest();
    expect(await rdvs()).toMatchObject([{ status: 'scheduled', start: day(2, 15) }]);
    expect((await agenda(there)).map(({ start }) => start)).toEqual([day(2, 15)]);
    await world.change(world.lumiere, id, { status: 'cancelled' });
    await rest();
    expect(await agenda(here)).toEqual(others);
    expect(await agenda(there)).toEqual([]);
  });
});

describe('what was imported from one', () => {
  test.each(PAIRS.flatMap((pair) => (['event', 'rdv'] as const).map((as) => [pair[0], pair[1], as, pair] as const)))(
    '(%s) is never exported to %s, imported as %s',
    async (_from, _to, importAs, [, , from, to]) => {
      await connectBoth({ ...IMPORTING, import_as: importAs, two_way: 'auto' });
      world.enter(from);
      const event = await world.add({ title: 'Réunion', ...timed(2, 9, 10) });
      await rest();
      expect(await world.stored()).toMatchObject([{ id: event.id, summary: 'Réunion' }]);
      const imported = importAs === 'rdv' ? [{ type: 'Réunion', source: from.name, start: day(2, 9) }] : [];
      expect(await rdvs()).toMatchObject(imported);
      await world.edit(event.id, timed(3, 9, 10));
      await rest();
      expect(await rdvs()).toMatchObject(imported.map((rdv) => ({ ...rdv, start: day(3, 9) })));
      expect(await at(to, () => world.live())).toEqual([]);
      // Not with a patient either, and not on demand.
      await namePatients();
      await rest();
      for (const stage of [from, to]) await person(stage).use('sync/sync-now', { body: {} });
      await rest();
      expect(await at(to, () => world.live())).toEqual([]);
      expect(await writes()).toEqual([[], []]);
    },
  );
});

describe('a change in one calendar', () => {
  test.each(PAIRS)('(%s) moves the appointment and its event in %s, once', async (_there, _here, there, here) => {
    await connectBoth({ ...IMPORTING, two_way: 'auto' });
    await world.book(world.lumiere, { starts_at: day(2, 9), ends_at: day(2, 10) });
    await rest();
    const event = await at(there, () => world.event());
    await at(there, () => world.edit(event.id, { ...timed(3, 15, 16), location: 'Chez elle' }));
    for (let round = 0; round < 3; round++) await rest();
    expect(await rdvs()).toMatchObject([{ start: day(3, 15) }]);
    const sides = (await everywhere()).map((events) => events.map(({ start, location }) => [start, location]));
    expect(sides).toEqual([[[day(3, 15), 'Chez elle']], [[day(3, 15), 'Chez elle']]]);
    expect(await at(there, () => world.writes())).toEqual(['create']);
    expect(await at(here, () => world.writes())).toEqual(['create', 'change']);
    expect(await world.conflicts()).toEqual([]);
  });

  test.each(PAIRS)('(%s) that deletes the event cancels it everywhere under auto', async (_there, _here, there) => {
    await connectBoth({ two_way: 'auto' });
    await world.book(world.lumiere, { starts_at: day(2, 9), ends_at: day(2, 10) });
    await rest();
    const event = await at(there, () => world.event());
    await at(there, () => world.remove(event.id));
    await rest();
    expect(await rdvs()).toMatchObject([{ status: 'cancelled' }]);
    expect(await everywhere()).toEqual([[], []]);
    await rest();
    expect(await writes().then((both) => both.flat().toSorted())).toEqual(['create', 'create', 'delete']);
  });

  test.each(PAIRS)('(%s) that moves the event to another calendar leaves %s alone', async (_t, _h, there, here) => {
    await connectBoth({ ...IMPORTING, two_way: 'auto' });
    await world.book(world.lumiere, { starts_at: day(2, 9), ends_at: day(2, 10) });
    await rest();
    const { claire: { email, calendar, second } } = there;
    const { id } = await at(there, () => world.event());
    await at(there, () => there.person.move(world.emulator, email, { calendar, id }, second));
    await rest();
    await at(there, () => world.edit(id, timed(3, 15, 16), second));
    for (let round = 0; round < 2; round++) await rest();
    expect(await rdvs()).toMatchObject([{ start: day(3, 15), status: 'scheduled' }]);
    expect(await at(there, () => world.live(second))).toMatchObject([{ start: day(3, 15) }]);
    expect(await at(there, () => world.live())).toEqual([]);
    expect(await at(here, () => world.live())).toMatchObject([{ start: day(3, 15) }]);
    expect(await at(here, () => world.writes())).toEqual(['create', 'change']);
    expect(await world.conflicts()).toEqual([]);
  });

  test('and another one in the other, at once, end in agreement or in one question, never in a quarrel', async () => {
    await connectBoth({ two_way: 'auto' });
    await world.book(world.lumiere, { starts_at: day(2, 9), ends_at: day(2, 10) });
    await rest();
    const [theirs, others] = (await everywhere()).map(([event]) => event!);
    await at(googleStage, () => world.edit(theirs!.id, timed(3, 15, 16)));
    await at(microsoftStage, () => world.edit(others!.id, timed(4, 11, 12)));
    for (let round = 0; round < 3; round++) await rest();
    const before = [await shown(), await writes(), await rdvs(), await world.conflicts()];
    for (let round = 0; round < 2; round++) await rest();
    expect([await shown(), await writes(), await rdvs(), await world.conflicts()]).toEqual(before);
    const starts = new Set((await everywhere()).flat().map(({ start }) => start));
    const open = await world.conflicts();
    expect([starts.size, open.length]).toEqual(open.length === 0 ? [1, 0] : [2, 1]);
  });
});

describe('a loop between the two, built on purpose', () => {
  const mirror = () =>
    new CalendarMirror(
      { stage: googleStage, emulator: emulatorOf(world.stack, 'google') },
      { stage: microsoftStage, emulator: emulatorOf(world.stack, 'microsoft') },
    );
  const counts = async () => ({
    events: (await everywhere()).map((events) => events.length),
    everMade: await Promise.all(
      STAGES.map(async ([name]) => (await emulatorOf(world.stack, name).control('state?only=events')).events.length),
    ),
    rdvs: await rdvs(),
    conflicts: (await world.conflicts()).length,
    writes: await writes(),
  });
  /** The mirror and the product in turn, until neither has anything more to do. Gives the rounds that it took. */
  async function quiescence(copying: CalendarMirror): Promise<number> {
    for (let rounds = 1; rounds <= 6; rounds++) {
      await rest();
      await namePatients();
      await rest();
      const copied = await copying.round();
      const before = await counts();
      await rest();
      if (copied === 0 && JSON.stringify(await counts()) === JSON.stringify(before)) return rounds;
    }
    throw new Error('It never ends');
  }
  const looped = { ...IMPORTING, import_as: 'rdv', two_way: 'auto' };

  test('by somebody’s mirror ends, with one copy of each event', async () => {
    await connectBoth(looped);
    await world.book(world.lumiere, { starts_at: day(2, 9), ends_at: day(2, 10) });
    await at(googleStage, () => world.add({ title: 'Chez Google', ...timed(3, 9, 10) }));
    await at(microsoftStage, () => world.add({ title: 'Chez Outlook', ...timed(4, 9, 10) }));
    const copying = mirror();
    await quiescence(copying);
    const ended = await counts();
    // ours, the mirror's copy of the other one of ours, one event of the person's own and one copy
    expect(ended.events).toEqual([4, 4]);
    expect(ended.writes).toEqual([['create'], ['create']]);
    expect(ended.rdvs.filter(({ source }) => source === 'cassius')).toHaveLength(1);
    for (let round = 0; round < 3; round++) {
      await copying.round();
      await rest();
      await namePatients();
    }
    expect(await counts()).toEqual(ended);
  });

  test('by somebody’s mirror carries one change to everything, and ends again', async () => {
    await connectBoth(looped);
    await world.book(world.lumiere, { starts_at: day(2, 9), ends_at: day(2, 10) });
    await rest();
    const ours = await at(googleStage, () => world.event());
    const copying = mirror();
    await quiescence(copying);
    await at(googleStage, () => world.edit(ours.id, timed(5, 15, 16)));
    await quiescence(copying);
    const { events, writes: written, everMade } = await counts();
    expect(events).toEqual([2, 2]);
    expect(everMade).toEqual([2, 2]);
    expect(written).toEqual([['create'], ['create', 'change']]);
    expect(new Set((await everywhere()).flat().map(({ start }) => start))).toEqual(new Set([day(5, 15)]));
    expect((await rdvs()).filter(({ source }) => source === 'cassius')).toMatchObject([{ start: day(5, 15) }]);
  });

  test('by push on both sides ends too', async () => {
    await connectBoth(looped, true);
    await world.poll();
    for (const [, stage] of STAGES) await at(stage, () => world.pushed());
    await world.book(world.lumiere, { starts_at: day(2, 9), ends_at: day(2, 10) });
    await at(googleStage, () => world.add({ title: 'Chez Google', ...timed(3, 9, 10) }));
    await at(microsoftStage, () => world.add({ title: 'Chez Outlook', ...timed(4, 9, 10) }));
    const copying = mirror();
    await quiescence(copying);
    expect((await counts()).events).toEqual([4, 4]);
    expect((await counts()).writes).toEqual([['create'], ['create']]);
  });
});
