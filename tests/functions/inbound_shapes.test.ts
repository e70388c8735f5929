import { describe, expect, test } from 'vitest';
import { day, InboundWorld, timed } from './inbound_world.ts';
import { CLAIRE, type Event } from './outbound_world.ts';

const world = new InboundWorld();
const date = (days: number) => day(days, 0).slice(0, 10);
const whole = (from: number, to: number) => ({ start: { date: date(from) }, end: { date: date(to) } });
const self = (responseStatus: string) => ({
  attendees: [{ email: CLAIRE, responseStatus }],
  organizer: { email: 'boss@corp.test' },
});

/** Puts an event there that no API call could make. */
const seed = (event: Record<string, unknown>) => world.google('events', { calendarId: CLAIRE, event });

async function imported(settings: Record<string, unknown> = {}): Promise<Event[]> {
  await world.settings(world.claire, settings);
  await world.import(30);
  const { data, error } = await world.lumiere.client.from('external_events').select('*').order('start_at');
  if (error) throw error;
  return data;
}
const rdvs = async () => (await world.sql`select type from public.rdv order by starts_at`).map(({ type }) => type);

describe('an entry of a calendar', () => {
  // As the handbook's table says: whether it is kept, and whether it can be an appointment.
  test.each<[string, Record<string, unknown>, boolean, boolean]>([
    ['a timed event', timed(2, 9, 10), true, true],
    ['a tentative one', { ...timed(2, 9, 10), status: 'tentative' }, true, true],
    ['a free one', { ...timed(2, 9, 10), transparency: 'transparent' }, true, true],
    ['a whole day', whole(2, 3), true, false],
    ['several days', whole(2, 6), true, false],
    ['out of office', { ...timed(2, 9, 10), eventType: 'outOfOffice', outOfOfficeProperties: {} }, true, true],
    ['focus time', { ...timed(2, 9, 10), eventType: 'focusTime', focusTimeProperties: {} }, true, true],
    ['an invitation', { ...timed(2, 9, 10), ...self('needsAction') }, true, true],
    ['a declined invitation', { ...timed(2, 9, 10), ...self('declined') }, false, false],
    [
      'a place of work',
      {
        ...whole(2, 3),
        eventType: 'workingLocation',
        transparency: 'transparent',
        visibility: 'public',
        workingLocationProperties: { type: 'homeOffice', homeOffice: {} },
      },
      false,
      false,
    ],
    [
      'a birthday',
      { ...whole(2, 3), eventType: 'birthday', transparency: 'transparent', visibility: 'private' },
      false,
      false,
    ],
  ])('%s', async (_name, fields, isKept, isAppointment) => {
    await world.connect();
    await seed({ summary: 'Entrée', ...fields });
    expect(await imported({ import_as: 'rdv' })).toHaveLength(isKept ? 1 : 0);
    expect(await rdvs()).toEqual(isAppointment ? ['Entrée'] : []);
    expect(await world.import(30)).toMatchObject({ created: 0, updated: 0, cancelled: 0, failed: 0 });
  });

  test('that is private keeps its time and loses the rest', async () => {
    await world.connect();
    const secret = { summary: 'canary', description: 'canary', location: 'canary', ...self('accepted') };
    await seed({ ...timed(2, 9, 10), ...secret, visibility: 'private' });
    const [row] = await imported();
    expect(row).toMatchObject({
      summary: null,
      description: null,
      location: null,
      attendees: [],
      visibility: 'private',
    });
    expect(new Date(row.start_at).toISOString()).toBe(day(2, 9));
    const preview = await world.import(30, { mode: 'preview' });
    expect(JSON.stringify([row, preview])).not.toContain('canary');
  });

  test('of a series is one of its occurrences; a moved one moves, a cancelled one goes, the others stay', async () => {
    await world.connect();
    const series = await world.add({
      summary: 'Chaque jour',
      recurrence: ['RRULE:FREQ=DAILY;COUNT=4'],
      ...timed(2, 9, 10),
    });
    const rows = await imported();
    expect(rows.map(({ series_id }) => series_id)).toEqual(Array(4).fill(series.id));
    await world.edit(rows[1].external_event_id, timed(3, 15, 16));
    await world.remove(rows[2].external_event_id);
    expect(await world.import(30)).toMatchObject({ created: 0, updated: 1, cancelled: 1 });
    const living = (await world.stored()).filter(({ status }) => status !== 'cancelled');
    expect(living.map(({ start }) => start)).toEqual([day(2, 9), day(3, 15), day(5, 9)]);
    await world.remove(series.id);
    await world.import(30);
    expect((await world.stored()).filter(({ status }) => status !== 'cancelled')).toEqual([]);
  });

  test('that is declined later is cancelled here', async () => {
    await world.connect();
    const { event } = await seed({ summary: 'Réunion', ...timed(2, 9, 10), ...self('accepted') });
    expect(await imported()).toMatchObject([{ status: 'confirmed', own_response: 'accepted' }]);
    await world.edit(event.id, { attendees: [{ email: CLAIRE, responseStatus: 'declined' }] });
    expect(await world.import(30)).toMatchObject({ cancelled: 1 });
    expect(await world.stored()).toMatchObject([{ status: 'cancelled' }]);
  });
});

describe('a preview', () => {
  test('tells of everything that the import then does, conflicts and our own appointments too', async () => {
    await world.withoutPush();
    await world.connect({ two_way: 'review' });
    const [moved, deleted] = [
      await world.book(world.lumiere, { starts_at: day(2, 9), ends_at: day(2, 10), type: 'Déplacé' }),
      await world.book(world.lumiere, { starts_at: day(3, 9), ends_at: day(3, 10), type: 'Supprimé' }),
    ];
    await world.settled();
    const known = [
      await world.add({ summary: 'Reste', ...timed(4, 9, 10) }),
      await world.add({ summary: 'Change', ...timed(4, 11, 12) }),
      await world.add({ summary: 'Part', ...timed(4, 13, 14) }),
    ];
    await world.import(30);
    const eventOf = async (id: string) => (await world.linkOf(id))!.external_event_id;
    await world.edit(await eventOf(moved), timed(5, 9, 10));
    await world.remove(await eventOf(deleted));
    await world.edit(known[1].id, { summary: 'Changé' });
    await world.remove(known[2].id);
    await world.add({ summary: 'Nouveau', ...timed(6, 9, 10) });
    await world.book(world.lumiere, { starts_at: day(4, 9), ends_at: day(4, 10), type: 'En travers' });
    await world.settled();

    const preview = await world.import(30, { mode: 'preview' });
    expect(preview).toMatchObject({ created: 1, updated: 1, cancelled: 1, failed: 0 });
    expect(preview.conflicts.map(({ reason }: Event) => reason).toSorted()).toEqual([
      'changed_both_sides',
      'deleted',
      'time_overlap',
    ]);
    expect(preview.items.filter(({ action }: Event) => action !== 'skip').map(({ action }: Event) => action).toSorted())
      .toEqual(['cancel', 'conflict', 'conflict', 'conflict', 'create', 'update']);
    expect(await world.conflicts()).toEqual([]);

    const done = await world.import(30, { fingerprint: preview.fingerprint });
    const shape = ({ conflicts, created, updated, skipped, cancelled, failed }: Event) => ({
      counts: { created, updated, skipped, cancelled, failed },
      conflicts: conflicts.map(({ reason, externalId, rdvId }: Event) => [reason, externalId, rdvId].join()).toSorted(),
    });
    expect(shape(done)).toEqual(shape(preview));
    expect(await world.conflicts()).toHaveLength(3);
  });
});
