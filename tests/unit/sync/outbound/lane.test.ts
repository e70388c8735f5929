import { describe, expect, test } from 'vitest';
import type {
  EventMarker,
  ObservedEvent,
  WriteOperation,
} from '../../../../supabase/functions/_shared/providers/port/calendar.ts';
import type { ContentField, EventContent } from '../../../../supabase/functions/_shared/providers/port/content.ts';
import type { Job } from '../../../../supabase/functions/_shared/sync/shared/appointment.ts';
import { deriveEventId } from '../../../../supabase/functions/_shared/sync/shared/event_id.ts';
import { pushLane } from '../../../../supabase/functions/_shared/sync/outbound/push_lane.ts';
import {
  aJob,
  aLane,
  aLink,
  anAppointment,
  FakeStore,
  INTEGRATION,
  laneDeps,
  ORGANISATION,
  providerError,
  RDV,
  rdvId,
  refused,
  ScriptedProvider,
  TARGET,
  written,
} from './lane_world.ts';

function world() {
  const store = new FakeStore();
  const provider = new ScriptedProvider();
  const made = laneDeps(store, provider.asProvider());
  const push = (jobs: readonly Job[], lane: Parameters<typeof aLane>[0] = {}) =>
    pushLane(aLane({ jobs, ...lane }), made.deps);
  return { ...made, store, provider, push };
}

const many = (count: number, change: (n: number) => Partial<Job> = () => ({})) =>
  Array.from({ length: count }, (_, n) => aJob({ rdvId: rdvId(n + 1), ...change(n + 1) }));
/** The attempts before did not find it either. */
const UNSEEN = { attempts: 2, lastErrorCode: 'EVENT_NOT_FOUND' };
const idOf = (epoch: number) => deriveEventId(ORGANISATION, INTEGRATION, RDV, epoch);
const mark = (epoch: number): EventMarker => ({ appointmentId: RDV, integrationId: INTEGRATION, epoch });

const CONTENT: EventContent = {
  title: 'Bilan — Jeanne Dupont',
  description: `Praticien : Dr Martin\n\nhttps://app.test/calendar?rdv=${RDV}`,
  location: '',
  time: {
    kind: 'timed',
    startsAt: '2026-12-01T09:00:00.000Z',
    endsAt: '2026-12-01T09:30:00.000Z',
    timeZone: 'Europe/Paris',
  },
  availability: 'busy',
  visibility: 'private',
};
const agreed = (change: Partial<Parameters<typeof aLink>[0]> = {}) =>
  aLink({ eventId: idOf(0), pushed: CONTENT, base: CONTENT, ...change });

function observed(epoch: number, change: Partial<ObservedEvent> = {}): ObservedEvent {
  const ref = { calendarId: TARGET, eventId: idOf(epoch) };
  return {
    ref,
    version: '"9"',
    status: 'confirmed',
    content: CONTENT,
    marker: mark(epoch),
    updatedAt: null,
    ...change,
  };
}

describe('creating', () => {
  test('F01: the id is kept before the call', async () => {
    const { push, provider, store } = world();
    let kept: unknown;
    provider.beforeCall = () => void (kept = [...store.reservations]);
    await push([aJob()]);
    expect(kept).toEqual([{
      rdvId: RDV,
      version: 1,
      state: 'creating',
      calendarId: TARGET,
      targetCalendarId: null,
      eventId: idOf(0),
      epoch: 0,
      description: CONTENT.description,
    }]);
    expect(provider.operations).toMatchObject([{ kind: 'create', ref: { eventId: idOf(0) }, marker: mark(0) }]);
  });

  test('an appointment that changed since the claim is left for the next one', async () => {
    const { push, provider, store } = world();
    store.changed.add(rdvId(1));
    await push(many(2));
    expect(provider.operations.map(({ key }) => key)).toEqual([rdvId(2)]);
    expect(store.results.map(({ rdvId }) => rdvId)).toEqual([rdvId(2)]);
  });

  describe('under an id that is taken', () => {
    const duplicate = (event: ObservedEvent | null) => {
      const made = world();
      made.provider.script = (operation) =>
        operation.ref.eventId === idOf(0) && operation.kind === 'create'
          ? refused('DUPLICATE_CREATE')
          : written(operation, CONTENT);
      if (event) made.provider.events.set(event.ref.eventId, event);
      return made;
    };

    test('F01: finds the event that a lost answer had made, and asks for no second', async () => {
      const { push, provider, store } = duplicate(observed(0));
      await push([aJob()]);
      expect(provider.operations).toHaveLength(1);
      expect(store.results).toMatchObject([
        { outcome: 'done', action: 'created', link: { eventId: idOf(0), epoch: 0, etag: '"9"', state: 'live' } },
      ]);
    });

    test('F01: what changed since the lost answer is written to that same event', async () => {
      const { push, provider } = duplicate(observed(0, { content: { ...CONTENT, title: 'Ancien' } }));
      await push([aJob()]);
      expect(provider.operations.slice(1)).toMatchObject([
        { kind: 'patch', ref: { eventId: idOf(0) }, version: '"9"', changes: { title: CONTENT.title } },
      ]);
    });

    test('F01: also where a repeated create answers with the event there is, as somebody left it', async () => {
      const { push, provider, store } = world();
      provider.script = (operation) =>
        written(operation, operation.kind === 'create' ? { ...CONTENT, title: 'À elle' } : CONTENT);
      await push([aJob({ link: agreed({ state: 'creating', etag: null, pushed: null, base: null }) })]);
      expect(provider.operations).toMatchObject([{ kind: 'create' }, {
        kind: 'patch',
        changes: { title: CONTENT.title },
      }]);
      expect(store.results).toMatchObject([{
        outcome: 'done',
        link: { state: 'live', base: { title: CONTENT.title } },
      }]);
    });

    test('F02: a deleted event is no success: the next epoch has an id of its own', async () => {
      const { push, provider, store } = duplicate(observed(0, { status: 'cancelled', content: null, version: '' }));
      await push([aJob()]);
      expect(provider.operations.map(({ ref }) => ref.eventId)).toEqual([idOf(0), idOf(1)]);
      expect(store.reservations.map(({ epoch }) => epoch)).toEqual([0, 1]);
      expect(store.results).toMatchObject([{ action: 'created', link: { eventId: idOf(1), epoch: 1 } }]);
    });

    test.each<[string, EventMarker | null]>([
      ['no mark', null],
      ['the mark of another appointment', { ...mark(0), appointmentId: rdvId(9) }],
      ['the mark of another connection', { ...mark(0), integrationId: rdvId(9) }],
      ['the mark of another epoch', mark(3)],
    ])('F14: an event with %s is a stranger: it is neither linked nor written to', async (_whose, marker) => {
      const { push, provider, store } = duplicate(observed(0, { marker }));
      await push([aJob()]);
      expect(provider.operations.map(({ kind, ref }) => [kind, ref.eventId])).toEqual([
        ['create', idOf(0)],
        ['create', idOf(1)],
      ]);
      expect(store.results).toMatchObject([{ link: { eventId: idOf(1), epoch: 1 } }]);
    });

    test('F02: every one of them, is parked after a handful', async () => {
      const { push, provider, store } = world();
      provider.script = () => refused('DUPLICATE_CREATE');
      await push([aJob(UNSEEN)]);
      expect(provider.operations).toHaveLength(6);
      expect(store.results).toMatchObject([{ outcome: 'park', error: { code: 'ID_EXHAUSTED' } }]);
    });
  });
});

describe('changing', () => {
  const changed = (change: Parameters<typeof anAppointment>[0] = { type: 'Suivi' }, link = agreed()) =>
    aJob({ rdv: anAppointment(change), link });

  test('F06: sends the changed fields on the version that was read, and nothing else', async () => {
    const { push, provider } = world();
    await push([changed()]);
    expect(provider.operations).toEqual([{
      kind: 'patch',
      key: RDV,
      ref: { calendarId: TARGET, eventId: idOf(0) },
      version: '"1"',
      marker: mark(0),
      changes: { title: 'Suivi — Jeanne Dupont' },
    }]);
  });

  /** A person changed the event first, `times` times. */
  const raced = (theirs: Partial<EventContent> | 'deleted', times = 1) => {
    const made = world();
    const event = theirs === 'deleted'
      ? observed(0, { status: 'cancelled', content: null, version: '' })
      : observed(0, { content: { ...CONTENT, ...theirs } });
    made.provider.events.set(event.ref.eventId, event);
    let left = times;
    made.provider.script = (operation) =>
      operation.kind === 'patch' && left-- > 0
        ? refused('VERSION_CONFLICT')
        : written(operation, { ...event.content ?? CONTENT, ...'changes' in operation ? operation.changes : {} });
    return made;
  };
  const review = { settings: { twoWay: 'review' } } as const;

  test('F18: merges with what somebody changed elsewhere in the event, on the version they made', async () => {
    const { push, provider, store } = raced({ location: 'Salle 2' });
    await push([changed()], review);
    expect(provider.operations[1]).toMatchObject({ version: '"9"', changes: { title: 'Suivi — Jeanne Dupont' } });
    expect(store.results).toMatchObject([{ outcome: 'done', action: 'updated', conflict: null }]);
    // Their change has not been dealt with yet, so the two sides do not count as agreed on it.
    expect(store.results[0]?.link?.base?.location).toBe('');
    expect(store.results[0]?.link?.pushed?.title).toBe('Suivi — Jeanne Dupont');
  });

  test.each<[string, Partial<EventContent>]>([
    ['place', { location: 'Salle 2' }],
    ['time', { time: { kind: 'all_day', startDay: '2026-12-02', endDay: '2026-12-03' } }],
  ])('F18: puts the %s right with its own change where Cassius decides', async (_what, theirs) => {
    const { push, provider, store } = raced(theirs);
    await push([changed()]);
    const [field] = Object.keys(theirs) as ContentField[];
    expect(provider.operations[1]).toMatchObject({
      version: '"9"',
      changes: { title: 'Suivi — Jeanne Dupont', [field!]: CONTENT[field!] },
    });
    expect(store.results).toMatchObject([{ action: 'updated', conflict: null }]);
    expect(store.results[0]?.link?.base?.[field!]).toEqual(CONTENT[field!]);
  });

  test.each<[string, Partial<EventContent>]>([
    ['title', { title: 'Le mien' }],
    ['privacy', { visibility: 'normal' }],
    ['zone, at the same moment', { time: { ...CONTENT.time, timeZone: 'Europe/London' } as EventContent['time'] }],
  ])('F18: leaves its owner the %s all the same', async (_what, theirs) => {
    const { push, provider } = raced(theirs);
    await push([aJob({ rdv: anAppointment({ location: 'Annexe' }), link: agreed() })]);
    expect(Object.keys((provider.operations[1] as { changes: object }).changes)).toEqual(['location']);
  });

  test('F18: a write on the version that is known does not settle what an earlier one left open', async () => {
    const { push, store } = raced({ location: 'Salle 2' }, 0);
    await push([changed()], review);
    expect(store.results).toMatchObject([{ outcome: 'done', action: 'updated', conflict: null }]);
    expect(store.results[0]?.link?.base).toMatchObject({ location: '', title: 'Suivi — Jeanne Dupont' });
  });

  test('F18: makes one conflict of one field changed on both sides, and writes nothing', async () => {
    const { push, provider, store } = raced({ title: 'Le mien' });
    await push([changed()], review);
    expect(provider.operations).toHaveLength(1);
    expect(store.results).toMatchObject([{
      outcome: 'done',
      action: 'skipped',
      link: null,
      conflict: {
        reason: 'changed_both_sides',
        payload: {
          fields: ['title'],
          cassius: { title: 'Suivi — Jeanne Dupont' },
          calendar: { title: 'Le mien' },
          base: { title: CONTENT.title },
        },
      },
    }]);
  });

  test('F18: writes over it where nobody asked for two ways', async () => {
    const { push, provider, store } = raced({ title: 'Le mien' });
    await push([changed()]);
    expect(provider.operations[1]).toMatchObject({ version: '"9"', changes: { title: 'Suivi — Jeanne Dupont' } });
    expect(store.results).toMatchObject([{ action: 'updated', conflict: null }]);
  });

  test('F18: gives way to the same change made there', async () => {
    const { push, provider, store } = raced({ title: 'Suivi — Jeanne Dupont' });
    await push([changed()], review);
    expect(provider.operations).toHaveLength(1);
    expect(store.results).toMatchObject([{ action: 'updated', conflict: null, link: { etag: '"9"' } }]);
  });

  test('F18: an event that changes all the time is left after three rounds, to be tried again later', async () => {
    const { push, provider, store } = raced({ location: 'Salle 2' }, Infinity);
    await push([changed()]);
    expect(provider.operations).toHaveLength(4);
    expect(provider.reads).toHaveLength(3);
    expect(store.results).toMatchObject([{ outcome: 'retry', error: { code: 'VERSION_CONFLICT' } }]);
  });

  test.each<[string, (made: ReturnType<typeof world>) => void]>([
    ['says it is gone', ({ provider }) => {
      provider.script = (one) => one.kind === 'patch' ? refused('EVENT_NOT_FOUND') : written(one, CONTENT);
    }],
    ['has it as cancelled', () => {}],
  ])('F02: an event that the calendar %s comes back under the next epoch', async (_how, arrange) => {
    const made = raced('deleted');
    arrange(made);
    await made.push([changed()]);
    expect(made.provider.probes).toEqual([TARGET]);
    expect(made.provider.operations.at(-1)).toMatchObject({ kind: 'create', ref: { eventId: idOf(1) } });
    expect(made.store.results).toMatchObject([{ action: 'created', link: { epoch: 1, state: 'live' } }]);
  });

  test('an event that somebody deleted is a question where two ways were asked for', async () => {
    const { push, provider, store } = raced('deleted');
    await push([changed()], review);
    expect(provider.operations).toHaveLength(1);
    expect(store.results).toMatchObject([{ link: { state: 'detached' }, conflict: { reason: 'deleted' } }]);
  });

  test('F04, F19: an event missing in a calendar that is missing too was not deleted by anybody', async () => {
    const { push, provider, store, deps } = world();
    provider.script = () => refused('EVENT_NOT_FOUND');
    deps.calendar.probeCalendar = () => Promise.reject(providerError('CALENDAR_NOT_FOUND'));
    await push([{ ...changed(), ...UNSEEN }]);
    expect(provider.operations).toHaveLength(1);
    expect(store.failed).toEqual(['CALENDAR_NOT_FOUND']);
    expect(store.results).toEqual([]);
  });
});

describe('an event that its owner moved to another calendar', () => {
  const AWAY = { calendarId: 'elsewhere', eventId: idOf(0) };
  const review = { settings: { twoWay: 'review' } } as const;
  const changed = (link = agreed()) => aJob({ rdv: anAppointment({ type: 'Suivi' }), link });
  /** The target says that it has it no more; there it is as it was. */
  const moved = () => {
    const made = world();
    made.provider.script = (one) => {
      if (one.kind === 'create' || one.ref.calendarId === 'elsewhere') return written(one, CONTENT);
      return one.kind === 'delete' ? { result: 'already_gone' } : refused('EVENT_NOT_FOUND');
    };
    made.provider.places.set(idOf(0), AWAY);
    made.provider.events.set(idOf(0), observed(0, { ref: AWAY }));
    return made;
  };

  test.each([review, undefined])('is written to there, and its link follows it', async (lane) => {
    const { push, provider, store } = moved();
    await push([changed()], lane);
    expect(provider.located).toEqual([idOf(0)]);
    expect(provider.operations.at(-1)).toMatchObject({
      kind: 'patch',
      ref: AWAY,
      changes: { title: expect.any(String) },
    });
    expect(store.results).toMatchObject([{
      action: 'updated',
      conflict: null,
      link: { ...AWAY, targetCalendarId: TARGET, state: 'live', epoch: 0 },
    }]);
  });

  test('gets its place back there where Cassius decides', async () => {
    const { push, provider, store } = moved();
    provider.events.set(idOf(0), observed(0, { ref: AWAY, content: { ...CONTENT, location: 'Salle 2' } }));
    await push([changed()]);
    expect(provider.operations.at(-1)).toMatchObject({
      ref: AWAY,
      changes: { title: expect.any(String), location: CONTENT.location },
    });
    expect(store.results[0]?.link?.base?.location).toBe(CONTENT.location);
  });

  test('is ended there', async () => {
    const { push, provider, store } = moved();
    await push([aJob({ rdv: anAppointment({ status: 'cancelled' }), link: agreed() })]);
    expect(provider.operations.map(({ kind, ref }) => [kind, ref.calendarId])).toEqual([
      ['delete', TARGET],
      ['delete', 'elsewhere'],
    ]);
    expect(store.reservations.at(-1)).toMatchObject({ ...AWAY, targetCalendarId: TARGET });
    expect(store.results).toMatchObject([{ action: 'deleted', link: { ...AWAY, state: 'gone' } }]);
  });

  test('is found where the answer to its creation got lost', async () => {
    const { push, provider, store } = moved();
    provider.script = (one) => one.kind === 'create' ? refused('DUPLICATE_CREATE') : written(one, CONTENT);
    await push([aJob({ link: aLink({ state: 'creating', eventId: idOf(0), etag: null }) })]);
    expect(provider.operations.filter(({ kind }) => kind === 'create')).toHaveLength(1);
    expect(store.results).toMatchObject([{ link: { ...AWAY, state: 'live', epoch: 0 } }]);
  });

  test.each([
    ['asks where two ways were asked for', review, 'detached'],
    ['comes back in the target where not', undefined, 'live'],
  ])('went with that calendar: it %s', async (_what, lane, state) => {
    const { push, provider, store } = world();
    provider.script = (one) => one.kind === 'create' ? written(one, CONTENT) : refused('EVENT_NOT_FOUND');
    provider.missing.add('elsewhere');
    const twice = { attempts: 9, lastErrorCode: 'EVENT_NOT_FOUND' } as const;
    await push([{ ...changed(agreed({ ...AWAY, targetCalendarId: TARGET })), ...twice }], lane);
    expect(store.failed).toEqual([]);
    expect(store.results).toMatchObject([{ link: { state } }]);
    if (state === 'live') expect(store.results[0]!.link).toMatchObject({ calendarId: TARGET, targetCalendarId: null });
  });
});

describe('what the owner wrote into the description', () => {
  const { description } = CONTENT;
  const theirs = `${description}\n\nCode 12A`;
  const noted = `Praticien : Dr Martin\nAllergie\n\nhttps://app.test/calendar?rdv=${RDV}`;
  const rdv = anAppointment({ notes: 'Allergie' });
  const shown = (text: string) => ({ ...CONTENT, description: text });
  const sent = (operation: WriteOperation | undefined) =>
    operation?.kind === 'patch' ? operation.changes.description : undefined;

  test('stays, and is never counted as ours, where the event is as both sides last knew it', async () => {
    const { push, provider, store } = world();
    await push([aJob({ rdv, link: agreed({ base: shown(theirs) }) })]);
    expect(provider.reads).toEqual([]);
    expect(provider.operations).toMatchObject([{ version: '"1"', changes: { description: `${noted}\n\nCode 12A` } }]);
    expect(store.results[0]?.link?.pushed?.description).toBe(noted);
  });

  test.each<['off' | 'review', string]>([['off', 'one way'], ['review', 'two ways']])(
    'stays without a question where it was not known yet (%s)',
    async (twoWay) => {
      const { push, provider, store } = world();
      provider.script = (operation, turn) =>
        turn === 1 ? refused('VERSION_CONFLICT') : written(operation, shown(`${noted}\n\nCode 12A`));
      provider.events.set(idOf(0), observed(0, { content: shown(theirs) }));
      await push([aJob({ rdv, link: agreed() })], { settings: { twoWay } });
      expect(provider.operations.map(sent)).toEqual([noted, `${noted}\n\nCode 12A`]);
      expect(store.results).toMatchObject([{ action: 'updated', conflict: null }]);
      expect(store.results[0]?.link).toMatchObject({
        pushed: { description: noted },
        base: { description: `${noted}\n\nCode 12A` },
      });
    },
  );

  test.each([[{ etag: null }], [{ pushed: null }], [{ base: null }]])(
    'is looked at before the first write where it is not known: %o',
    async (unknown) => {
      const { push, provider } = world();
      provider.events.set(idOf(0), observed(0, { content: shown(theirs) }));
      await push([aJob({ rdv, link: agreed(unknown) })]);
      expect(provider.reads).toEqual([idOf(0)]);
      expect(provider.operations.map(sent)).toEqual([`${noted}\n\nCode 12A`]);
    },
  );

  test('is not written at all by another change, nor put away by "sync now"', async () => {
    const { push, provider, store } = world();
    provider.events.set(idOf(0), observed(0, { content: shown(theirs) }));
    await push([
      aJob({ rdv: anAppointment({ type: 'Suivi' }), link: agreed({ base: shown(theirs) }) }),
    ]);
    await push([aJob({ link: agreed(), request: 'sync_now' })]);
    expect(provider.operations.map(sent)).toEqual([undefined]);
    expect(store.results[1]).toMatchObject({ action: 'skipped', link: { base: { description: theirs } } });
  });

  test('stays where ours is put back into it, one way', async () => {
    const { push, provider } = world();
    provider.events.set(idOf(0), observed(0, { content: shown('Code 12A') }));
    await push([aJob({ link: agreed(), request: 'sync_now' })]);
    expect(provider.operations.map(sent)).toEqual([`Code 12A\n\n${description}`]);
  });

  test('is told from what was announced meanwhile, which is announced with our part alone', async () => {
    const { push, provider, store } = world();
    const lost = noted.replace('Allergie', 'Asthme');
    provider.events.set(idOf(0), observed(0, { content: shown(`${lost.replace('Martin\n', 'Martin\nCode 12A\n')}`) }));
    await push([aJob({ rdv, link: agreed({ state: 'updating', sent: [lost] }) })]);
    expect(provider.operations.map(sent)).toEqual([`Code 12A\n\n${noted}`]);
    expect(store.reservations).toMatchObject([{ state: 'updating', description: noted }]);
    await push([aJob({ rdv: anAppointment({ type: 'Suivi' }), link: agreed() })]);
    expect(store.reservations[1]).toMatchObject({ description: null });
  });

  test.each<[string, Partial<Parameters<typeof aLink>[0]>, (provider: ScriptedProvider) => unknown]>([
    ['goes along into another calendar', { calendarId: 'old' }, () => {}],
    ['comes back with an event that is made again', {}, (provider) => {
      provider.script = ({ kind, ...operation }) =>
        kind === 'patch' ? refused('EVENT_NOT_FOUND') : written({ kind, ...operation } as WriteOperation);
    }],
  ])('%s', async (_, link, prepare) => {
    const { push, provider, store } = world();
    prepare(provider);
    await push([aJob({ ...UNSEEN, rdv, link: agreed({ base: shown(theirs), ...link }) })]);
    expect(provider.operations.at(-1)).toMatchObject({
      kind: 'create',
      content: { description: `${noted}\n\nCode 12A` },
    });
    expect(store.results[0]?.link?.pushed?.description).toBe(noted);
  });

  test('leaves what is known of our part as it is, where it leaves no room for more', async () => {
    const { push, provider, store } = world();
    const full = shown('é'.repeat(8_150));
    provider.events.set(idOf(0), observed(0, { content: full }));
    await push([aJob({ rdv, link: agreed({ base: full, pushed: shown('') }), request: 'sync_now' })]);
    expect(provider.operations).toEqual([]);
    expect(store.results[0]?.link?.pushed?.description).toBe('');
  });

  test.each(['creating', 'updating'] as const)('stays where the answer to our write got lost (%s)', async (state) => {
    const { push, provider, store } = world();
    if (state === 'creating') provider.script = (operation) => written(operation, shown(theirs));
    provider.events.set(idOf(0), observed(0, { content: shown(theirs) }));
    await push([aJob({ link: agreed({ state, ...(state === 'creating' ? { pushed: null, base: null } : {}) }) })]);
    expect(provider.operations.filter(({ kind }) => kind === 'patch')).toEqual([]);
    expect(store.results[0]?.link).toMatchObject({ pushed: { description }, base: { description: theirs } });
  });
});

describe('F04: a look at the event that fails', () => {
  const looked = async (fault: Parameters<typeof providerError>[0]) => {
    const made = world();
    made.provider.beforeRead = () => {
      throw providerError(fault);
    };
    await made.push([aJob({ link: agreed(), request: 'sync_now' })]);
    return made;
  };

  test.each(['PROVIDER_UNAVAILABLE', 'UNEXPECTED_RESPONSE'] as const)(
    'with %s changes nothing, and comes again later',
    async (fault) => {
      const { provider, store } = await looked(fault);
      expect(provider.operations).toEqual([]);
      expect(store.results).toMatchObject([{ outcome: 'retry', link: null, delaySeconds: 3 }]);
    },
  );

  test('with a rate limit pauses the lane', async () => {
    const { provider, store } = await looked('RATE_LIMITED');
    expect([provider.operations, store.results]).toEqual([[], []]);
    expect(store.reports.at(-1)).toMatchObject({ pauseCode: 'RATE_LIMITED', strike: true, release: true });
  });
});

describe('looking', () => {
  const look = async (event: ObservedEvent | null, lane: Parameters<typeof aLane>[0] = {}) => {
    const made = world();
    if (event) made.provider.events.set(event.ref.eventId, event);
    await made.push([aJob({ link: agreed(), request: 'sync_now' })], lane);
    return made;
  };

  test('at an event as it should be writes nothing', async () => {
    const { provider, store } = await look(observed(0));
    expect(provider.operations).toEqual([]);
    expect(store.results).toMatchObject([{ action: 'skipped', reason: 'unchanged', link: { etag: '"9"' } }]);
  });

  test('at an edited one puts it right in that field, one way', async () => {
    const { provider } = await look(observed(0, { content: { ...CONTENT, title: 'Le mien' } }));
    expect(provider.operations).toMatchObject([{ kind: 'patch', version: '"9"', changes: { title: CONTENT.title } }]);
  });

  test('at an edited one leaves it for the import, two ways', async () => {
    const event = observed(0, { content: { ...CONTENT, title: 'Le mien' } });
    const { provider, store } = await look(event, { settings: { twoWay: 'auto' } });
    expect(provider.operations).toEqual([]);
    expect(store.results).toMatchObject([{ action: 'skipped', link: null }]);
  });

  test('at a deleted one brings it back', async () => {
    const { store } = await look(observed(0, { status: 'cancelled', content: null }));
    expect(store.results).toMatchObject([{ action: 'created', link: { epoch: 1 } }]);
  });
});

describe('F02: after a write that may have happened', () => {
  const elsewhere = { ...CONTENT, location: 'Annexe' };
  const resume = async (
    content: EventContent,
    link: Parameters<typeof agreed>[0],
    twoWay: 'off' | 'review' | 'auto',
  ) => {
    const made = world();
    made.provider.events.set(idOf(0), observed(0, { content }));
    await made.push([aJob({ link: agreed({ ...link, state: 'updating' }) })], { settings: { twoWay } });
    return made;
  };

  test('an event that is as it should be is settled, whatever was known of it', async () => {
    const { provider, store } = await resume(CONTENT, { pushed: elsewhere, base: elsewhere }, 'auto');
    expect(provider.operations).toEqual([]);
    expect(store.results).toMatchObject([{ outcome: 'done', link: { etag: '"9"', base: CONTENT } }]);
  });

  test('what was taken back here since is taken back there too', async () => {
    const { provider } = await resume(elsewhere, {}, 'off');
    expect(provider.operations).toMatchObject([{ kind: 'patch', version: '"9"', changes: { location: '' } }]);
  });

  test('nobody can tell whose the difference is: two ways, somebody is asked', async () => {
    const { provider, store } = await resume(elsewhere, {}, 'auto');
    expect(provider.operations).toEqual([]);
    expect(store.results).toMatchObject([
      { action: 'skipped', conflict: { reason: 'changed_both_sides', payload: { fields: ['location'], etag: '"9"' } } },
    ]);
  });

  test('what did not change there is written, two ways too', async () => {
    const { provider, store } = await resume(elsewhere, { pushed: elsewhere, base: elsewhere }, 'auto');
    expect(provider.operations).toMatchObject([{ kind: 'patch', version: '"9"', changes: { location: '' } }]);
    expect(store.results).toMatchObject([{ action: 'updated' }]);
  });

  const edits = (count: number) => many(count, () => ({ rdv: anAppointment({ type: 'Suivi' }), link: agreed() }));
  const states = ({ links }: { links: ReadonlyMap<string, { state: string }> }) =>
    Object.fromEntries([...links].map(([id, { state }]) => [id, state]));

  test('its mark is made before the call', async () => {
    const { push, provider, store } = world();
    let known: unknown;
    provider.beforeCall = () => void (known = states(store));
    await push(edits(2));
    expect(known).toEqual({ [rdvId(1)]: 'updating', [rdvId(2)]: 'updating' });
    expect(states(store)).toEqual({ [rdvId(1)]: 'live', [rdvId(2)]: 'live' });
  });

  test.each(['PROVIDER_UNAVAILABLE', 'UNEXPECTED_RESPONSE'] as const)(
    'with %s for everybody, all of the batch is remembered as such',
    async (code) => {
      const { push, provider, store } = world();
      provider.beforeCall = () => {
        throw providerError(code);
      };
      await push(edits(3));
      expect(states(store)).toEqual({ [rdvId(1)]: 'updating', [rdvId(2)]: 'updating', [rdvId(3)]: 'updating' });
    },
  );

  test('and so is one whose own answer says nothing, but not one that was refused', async () => {
    const { push, provider, store } = world();
    provider.script = (operation) =>
      operation.key === rdvId(1)
        ? refused('PROVIDER_UNAVAILABLE')
        : operation.key === rdvId(2)
        ? refused('INVALID_EVENT')
        : written(operation);
    await push(edits(3));
    expect(states(store)).toEqual({ [rdvId(1)]: 'updating', [rdvId(2)]: 'live', [rdvId(3)]: 'live' });
  });

  test('no mark is left where all of them were refused', async () => {
    const { push, provider, store } = world();
    provider.beforeCall = () => {
      throw providerError('RATE_LIMITED');
    };
    await push(edits(2));
    expect(states(store)).toEqual({ [rdvId(1)]: 'live', [rdvId(2)]: 'live' });
  });
});

describe('removing', () => {
  const cancelled = () => aJob({ rdv: anAppointment({ status: 'cancelled' }), link: agreed() });

  test.each(['EVENT_NOT_FOUND', 'CALENDAR_NOT_FOUND'] as const)('what is gone already (%s) is done', async (code) => {
    const { push, provider, store } = world();
    provider.script = () => refused(code);
    await push([{ ...cancelled(), ...UNSEEN }]);
    expect(store.failed).toEqual([]);
    expect(store.results).toMatchObject([{ outcome: 'done', action: 'deleted', link: { state: 'gone' } }]);
  });

  test('F11: that it ends is kept before the call: nobody takes our deletion for a person’s', async () => {
    const { push, provider, store } = world();
    let kept: unknown;
    provider.beforeCall = () => void (kept ??= [...store.reservations]);
    await push([cancelled()]);
    expect(kept).toEqual([{
      rdvId: RDV,
      version: 1,
      state: 'deleting',
      calendarId: TARGET,
      targetCalendarId: null,
      eventId: idOf(0),
      epoch: 0,
      description: null,
    }]);
    expect(provider.operations).toMatchObject([{ kind: 'delete', ref: { eventId: idOf(0) } }]);
  });

  test('an appointment that came back since the claim keeps its event', async () => {
    const { push, provider, store } = world();
    store.changed.add(RDV);
    await push([cancelled()]);
    expect(provider.operations).toEqual([]);
    expect(store.results).toEqual([]);
  });

  test('one that changed between the two halves of its move is known to have no event that is sure', async () => {
    const { push, provider, store } = world();
    provider.script = (operation) => {
      store.changed.add(RDV);
      return written(operation);
    };
    await push([aJob({ link: agreed({ calendarId: 'old' }) })]);
    expect(provider.operations.map(({ kind }) => kind)).toEqual(['delete']);
    expect(store.links.get(RDV)).toMatchObject({ calendarId: 'old', eventId: idOf(0), state: 'deleting' });
  });

  test('F20: what is refused for good is parked at once, and costs one call', async () => {
    const { push, provider, store } = world();
    provider.script = () => refused('PERMISSION_DENIED');
    await push([cancelled()]);
    expect(provider.operations).toHaveLength(1);
    expect(store.results).toMatchObject([{ outcome: 'park', error: { code: 'PERMISSION_DENIED' } }]);
  });

  test('F19: from a calendar that is no longer the target, a refusal says nothing about the target', async () => {
    const { push, provider, store } = world();
    provider.script = (operation) => operation.kind === 'delete' ? refused('CALENDAR_READ_ONLY') : written(operation);
    await push([aJob({ link: agreed({ calendarId: 'old' }) }), aJob({ rdvId: rdvId(2) })]);
    expect(store.failed).toEqual([]);
    expect(store.results).toMatchObject([{ action: 'created' }, { outcome: 'park' }].reverse());
  });

  test.each<[string, ObservedEvent | null, string]>([
    ['that was never made there', null, 'done'],
    ['that somebody deleted there', observed(0, { status: 'cancelled', content: null }), 'done'],
    ['that is there', observed(0), 'park'],
  ])(
    'F19: an event %s does not have to leave a calendar where nothing may be removed',
    async (_what, event, outcome) => {
      const { push, provider, store } = world();
      if (event) provider.events.set(idOf(0), event);
      provider.script = (operation) => operation.kind === 'delete' ? refused('CALENDAR_READ_ONLY') : written(operation);
      await push([aJob({ ...UNSEEN, link: agreed({ calendarId: 'old', state: 'creating' }) })]);
      expect(store.results).toMatchObject([{ outcome, link: outcome === 'done' ? { calendarId: TARGET } : null }]);
    },
  );

  test('F19: a connection that ends is not held by a calendar that became read-only: its tokens must go', async () => {
    const { push, provider, store } = world();
    provider.script = () => refused('CALENDAR_READ_ONLY');
    await push([cancelled()], { settings: { removing: true } });
    expect(store.failed).toEqual([]);
    expect(store.results).toMatchObject([{ outcome: 'park', error: { code: 'PERMISSION_DENIED' } }]);
  });

  test('F19: an event moves: out of the old calendar, then into the new one under a new id', async () => {
    const { push, provider, store } = world();
    await push([aJob({ link: agreed({ calendarId: 'old' }) })]);
    expect(provider.operations.map(({ kind, ref }) => [kind, ref.calendarId, ref.eventId])).toEqual([
      ['delete', 'old', idOf(0)],
      ['create', TARGET, idOf(1)],
    ]);
    expect(store.results).toMatchObject([{ action: 'updated', link: { calendarId: TARGET, epoch: 1 } }]);
  });
});

describe('trouble', () => {
  test('F12: of one item in a batch is its own: the others are done, and it waits or is parked with its reason', async () => {
    const { push, provider, store } = world();
    provider.script = (operation) =>
      operation.key === rdvId(2)
        ? refused('PROVIDER_UNAVAILABLE')
        : operation.key === rdvId(3)
        ? refused('INVALID_EVENT')
        : written(operation);
    await push(many(4));
    const told = Object.fromEntries(store.results.map(({ rdvId, outcome, error }) => [rdvId, [outcome, error?.code]]));
    expect(told).toEqual({
      [rdvId(1)]: ['done', undefined],
      [rdvId(2)]: ['retry', 'PROVIDER_UNAVAILABLE'],
      [rdvId(3)]: ['park', 'INVALID_EVENT'],
      [rdvId(4)]: ['done', undefined],
    });
  });

  test('F12: of a batch that something in it brings down is found by sending each alone', async () => {
    const { push, provider, store } = world();
    provider.beforeCall = (operations) => {
      if (operations.some(({ key }) => key === rdvId(2))) throw new TypeError('poison');
    };
    await push(many(3));
    expect(provider.writes.map(({ length }) => length)).toEqual([3, 1, 1, 1]);
    expect(store.results.filter(({ outcome }) => outcome === 'done')).toHaveLength(2);
    expect(store.results.filter(({ outcome }) => outcome === 'retry')).toMatchObject([{ rdvId: rdvId(2) }]);
  });

  test('F08: of a rate limit in the middle of a batch loses nothing that was written', async () => {
    const { push, provider, store } = world();
    provider.script = (operation) =>
      operation.key < rdvId(3) ? refused('RATE_LIMITED', { retryAfterSeconds: 11 }) : written(operation);
    const { stop } = await push(many(4));
    expect(stop).toMatchObject({ code: 'RATE_LIMITED', pauseSeconds: 11 });
    // the others have no result: they stay due, and no attempt of theirs is counted
    expect(store.results.map(({ rdvId, outcome }) => [rdvId, outcome])).toEqual([
      [rdvId(3), 'done'],
      [rdvId(4), 'done'],
    ]);
    expect(store.reports.at(-1)).toMatchObject({ release: true, pauseSeconds: 11, strike: true });
  });

  test('of everybody pauses the lane and counts against one item only', async () => {
    const { push, provider, store } = world();
    provider.beforeCall = () => {
      throw providerError('PROVIDER_UNAVAILABLE');
    };
    await push(many(3));
    expect(provider.writes).toHaveLength(1);
    expect(store.results).toMatchObject([{ rdvId: rdvId(1), outcome: 'retry' }]);
    expect(store.reports.at(-1)).toMatchObject({ pauseCode: 'PROVIDER_UNAVAILABLE', pauseSeconds: 2, strike: true });
  });

  test.each<['QUOTA_EXCEEDED' | 'NEED_RECONSENT' | 'CALENDAR_READ_ONLY', number | null, string[]]>([
    ['QUOTA_EXCEEDED', 6 * 3600, []],
    ['NEED_RECONSENT', null, []],
    ['CALENDAR_READ_ONLY', null, ['CALENDAR_READ_ONLY']],
  ])(
    'F09, F19, F30: with %s holds the queue: nothing fails, nothing is counted',
    async (code, pauseSeconds, failed) => {
      const { push, provider, store } = world();
      provider.script = () => refused(code);
      await push(many(3));
      expect(store.results).toEqual([]);
      expect(store.failed).toEqual(failed);
      expect(store.reports.at(-1)).toMatchObject({ release: true, pauseSeconds, strike: false });
    },
  );

  test('F23: of a missing permission is told of the credential that was refused', async () => {
    const { push, provider, store, reconnects } = world();
    provider.script = () => refused('INSUFFICIENT_SCOPE');
    await push([aJob()]);
    expect(reconnects).toEqual([{ version: 7, code: 'INSUFFICIENT_SCOPE' }]);
    expect(store.failed).toEqual([]);
  });

  test('of our own configuration is told to the team', async () => {
    const { push, provider, logged } = world();
    provider.script = () => refused('CONFIGURATION_ERROR');
    await push([aJob()]);
    expect(logged).toMatchObject([{ level: 'error', fields: { code: 'CONFIGURATION_ERROR' } }]);
  });

  test('of an answer that leaves an item out is that item’s', async () => {
    const { push, deps, store } = world();
    const { write } = deps.calendar;
    deps.calendar.write = async (handle, operations) => {
      const outcomes = new Map(await write(handle, operations));
      outcomes.delete(rdvId(1));
      return outcomes;
    };
    await push(many(2));
    expect(store.results).toMatchObject([
      { rdvId: rdvId(1), outcome: 'retry', error: { code: 'UNEXPECTED_RESPONSE' } },
      { rdvId: rdvId(2), outcome: 'done' },
    ]);
  });

  test('is logged by id and code, never with what the appointment says', async () => {
    const { push, provider, logged } = world();
    provider.script = () => refused('INVALID_EVENT');
    await push([aJob({ rdv: anAppointment({ notes: 'canary', type: 'canary' }) })]);
    expect(logged).toMatchObject([{ step: 'push_event', fields: { rdv: RDV } }]);
    expect(JSON.stringify(logged)).not.toContain('canary');
  });
});

/** As long as whatever else can go on does. */
async function aWhile() {
  for (let turn = 0; turn < 200; turn++) await Promise.resolve();
}

describe('bounds', () => {
  test('a backlog goes in batches as large as the provider takes', async () => {
    const { push, provider } = world();
    await push(many(120));
    expect(provider.writes.map(({ length }) => length)).toEqual([50, 50, 20]);
  });

  test('while a batch is on its way the one before is written down and the next one announced, before it is sent', async () => {
    const { push, provider, store, deps } = world();
    const { complete } = store;
    const sentBeforeReported: number[] = [];
    const announcedAsAnswered: number[] = [];
    store.complete = async (...given) => {
      await aWhile();
      sentBeforeReported.push(provider.writes.length);
      return await complete.apply(store, given);
    };
    provider.beforeCall = async (operations) => {
      const announced = new Set(store.reservations.map(({ rdvId }) => rdvId));
      expect(operations.filter(({ key }) => !announced.has(key))).toEqual([]);
      await aWhile();
      announcedAsAnswered.push(store.reservations.length);
    };
    await push(many(120));
    expect(announcedAsAnswered).toEqual([100, 120, 120]);
    expect(sentBeforeReported).toEqual([2, 3, 3]); // the last gives the lane back
    expect(store.results).toHaveLength(120);
    expect(deps.calendar.limits.maxBatch).toBe(50);
  });

  test('what was announced and not sent is as it was known', async () => {
    const { push, provider, store } = world();
    provider.script = () => refused('RATE_LIMITED', { retryAfterSeconds: 9 });
    const jobs = many(120, () => ({ rdv: anAppointment({ location: 'Annexe' }), link: agreed() }));
    for (const { rdvId, link } of jobs) store.links.set(rdvId, link!);
    await push(jobs);
    expect(provider.writes).toHaveLength(1);
    expect(store.reservations).toHaveLength(100);
    expect([...store.links.values()].filter(({ state }) => state !== 'live')).toEqual([]);
  });

  test('the next batch is not announced with units that the answers of this one may ask for', async () => {
    const { push, provider, store } = world();
    const announcedAsAnswered: number[] = [];
    provider.beforeCall = async () => {
      await aWhile();
      announcedAsAnswered.push(store.reservations.length);
    };
    const patches = many(100, () => ({ rdv: anAppointment({ location: 'Annexe' }), link: agreed() }));
    await push(patches, { budgetUnits: 50 * (3 + 4) + 50 * 3 });
    expect(announcedAsAnswered[0]).toBe(50);
  });

  test('where a batch cannot be written down, the one on its way is, and no further one is sent', async () => {
    const { push, provider, store } = world();
    const { complete } = store;
    let reports = 0;
    store.complete = (...given) => ++reports === 1 ? Promise.reject(new Error('cut')) : complete.apply(store, given);
    await expect(push(many(150))).rejects.toThrow('cut');
    expect(provider.writes.map(({ length }) => length)).toEqual([50, 50]);
    expect(store.results.map(({ rdvId }) => rdvId)).toEqual(provider.writes[1]!.map(({ key }) => key));
  });

  test('the dregs of a budget wait for the refill, and are no batches of their own', async () => {
    const { push, provider, store } = world();
    const { stop } = await push(many(200), { budgetUnits: 57 });
    expect(provider.writes.map(({ length }) => length)).toEqual([50]);
    expect(stop).toMatchObject({ code: 'RATE_LIMITED', pauseSeconds: 5 });
    expect(store.reports.reduce((sum, { usedUnits }) => sum + usedUnits, 0)).toBe(50);
  });

  test('the budget is never exceeded, and the lane pauses until there is more', async () => {
    const { push, provider, store } = world();
    const { stop } = await push(many(40), { budgetUnits: 17 });
    expect(provider.operations).toHaveLength(17);
    expect(store.results).toHaveLength(17);
    expect(store.reports.reduce((sum, { usedUnits }) => sum + usedUnits, 0)).toBe(17);
    expect(stop).toMatchObject({ code: 'RATE_LIMITED', pauseSeconds: 3, strike: false });
  });

  test('a change costs what the provider says it costs', async () => {
    const { push, provider } = world();
    await push(many(9, () => ({ rdv: anAppointment({ type: 'Suivi' }), link: agreed() })), { budgetUnits: 20 });
    expect(provider.operations).toHaveLength(5); // the sixth could be paid, but not what its answer may ask for
  });

  test('no write begins after the deadline', async () => {
    const { push, provider, store, clock } = world();
    provider.beforeCall = () => void (clock.now += 30_000);
    await push(many(150));
    expect(provider.writes).toHaveLength(2);
    expect(store.results).toHaveLength(100);
    expect(store.reports.at(-1)).toMatchObject({ release: true, pauseSeconds: null });
  });

  test('no look begins after the deadline, however slow the provider is', async () => {
    const { push, provider, store, clock } = world();
    provider.beforeRead = () => void (clock.now += 20_000);
    provider.events.set(idOf(0), observed(0));
    const unchanged = (n: number): EventContent => ({
      ...CONTENT,
      description: CONTENT.description.replace(RDV, rdvId(n)),
    });
    await push(many(10, (n) => ({ link: agreed({ pushed: unchanged(n), base: CONTENT }), request: 'sync_now' })));
    expect(provider.reads).toHaveLength(3);
    expect(store.results).toHaveLength(3);
    expect(store.reports.at(-1)).toMatchObject({ release: true, pauseSeconds: null, strike: false });
  });
});

describe('a backlog larger than the budget', () => {
  const ref = (n: number, epoch: number, calendarId = TARGET) => (
    { calendarId, eventId: deriveEventId(ORGANISATION, INTEGRATION, rdvId(n), epoch) }
  );
  const contentOf = (n: number): EventContent => ({
    ...CONTENT,
    description: CONTENT.description.replace(RDV, rdvId(n)),
  });
  const markOf = (n: number): EventMarker => ({ appointmentId: rdvId(n), integrationId: INTEGRATION, epoch: 0 });
  const backlogs: [string, (n: number) => Partial<Job>, Partial<EventContent>][] = [
    ['of events that may have been made already', (n) => ({
      link: aLink({ ...ref(n, 0), state: 'creating', etag: null }),
    }), {}],
    ['of events that may have been made already, and changed since', (n) => ({
      link: aLink({ ...ref(n, 0), state: 'creating', etag: null }),
    }), { title: 'Ancien' }],
    ['of events that somebody has edited', (n) => ({
      rdv: anAppointment({ type: 'Suivi' }),
      link: aLink({ ...ref(n, 0), pushed: contentOf(n), base: contentOf(n) }),
    }), { location: 'Ailleurs' }],
    ['of events to look at and put right', (n) => ({
      request: 'sync_now',
      link: aLink({ ...ref(n, 0), pushed: contentOf(n), base: contentOf(n) }),
    }), { location: 'Ailleurs' }],
    ['of events that move to another calendar', (n) => ({
      link: aLink({ ...ref(n, 0, 'old'), pushed: contentOf(n), base: contentOf(n) }),
    }), {}],
  ];

  test.each(backlogs)('%s gets somewhere with every refill', async (_what, change, theirs) => {
    const { push, provider, store } = world();
    let left = many(40, change);
    for (const n of left.keys()) {
      const event = observed(0, {
        ref: ref(n + 1, 0),
        marker: markOf(n + 1),
        content: { ...contentOf(n + 1), ...theirs },
      });
      provider.events.set(event.ref.eventId, event);
    }
    provider.script = (operation) => {
      if (operation.kind === 'create') {
        return provider.events.has(operation.ref.eventId) ? refused('DUPLICATE_CREATE') : written(operation);
      }
      return operation.kind === 'patch' && operation.version !== '"9"'
        ? refused('VERSION_CONFLICT')
        : written(operation, CONTENT);
    };
    for (let round = 0; left.length > 0; round++) {
      expect(round).toBeLessThan(60);
      store.results.length = 0;
      const jobs = left.slice(0, 8).map((one) => ({ ...one, link: store.links.get(one.rdvId) ?? one.link }));
      await push(jobs, { budgetUnits: 8 });
      expect(store.results.every(({ outcome }) => outcome === 'done')).toBe(true);
      const done = new Set(store.results.map(({ rdvId }) => rdvId));
      expect(done.size).toBeGreaterThan(0);
      left = left.filter(({ rdvId }) => !done.has(rdvId));
    }
  });

  test('that is new goes in whole batches: nothing is kept back for answers that do not come', async () => {
    const { push, provider } = world();
    await push(many(60), { budgetUnits: 60 });
    expect(provider.writes.map(({ length }) => length)).toEqual([50, 10]);
  });

  test('leaves one change that can just be paid to go at once', async () => {
    const { push, provider, store } = world();
    const link = aLink({ ...ref(1, 0), pushed: contentOf(1), base: contentOf(1) });
    await push([aJob({ rdv: anAppointment({ type: 'Suivi' }), link })], { budgetUnits: 3 });
    expect(provider.operations).toHaveLength(1);
    expect(store.results).toMatchObject([{ action: 'updated' }]);
  });

  test('with something in it that brings a call down still sends each of that call alone', async () => {
    const { push, provider, store } = world();
    provider.beforeCall = (operations) => {
      if (operations.some(({ key }) => key === rdvId(1))) throw new TypeError('poison');
    };
    await push(many(20), { budgetUnits: 8 });
    expect(store.results.map(({ rdvId, outcome }) => [rdvId, outcome])).toEqual([
      [rdvId(1), 'retry'],
      ...[2, 3, 4, 5, 6, 7, 8].map((n) => [rdvId(n), 'done']),
    ]);
  });
});
