import { beforeEach, describe, expect, test } from 'vitest';
import { SyncError } from '../../../../supabase/functions/_shared/errors.ts';
import type { CalendarEvent } from '../../../../supabase/functions/_shared/providers/port/calendar.ts';
import { ProviderError, UnreadableEvent } from '../../../../supabase/functions/_shared/providers/port/failure.ts';
import { stagedColumns } from '../../../../supabase/functions/_shared/db/staged_columns.ts';
import type { ImportLane, StagedPart } from '../../../../supabase/functions/_shared/sync/inbound/port.ts';
import { pullCalendar } from '../../../../supabase/functions/_shared/sync/inbound/pull_calendar.ts';
import { WorkBudget } from '../../../../supabase/functions/_shared/sync/shared/work_budget.ts';
import { CALENDAR, CONTENT, event, FINISHED, InboundWorld, lane } from './inbound_world.ts';
import type { OursEvent } from '../../../../supabase/functions/_shared/sync/inbound/verdict.ts';

/** An earlier run did not find it either, and it is not new: a second look that finds nothing is a proof. */
const SURE = { seriesId: null, young: false, missed: true, hinted: false };

let world: InboundWorld;
beforeEach(() => {
  world = new InboundWorld();
});

const failure = (
  code: ConstructorParameters<typeof ProviderError>[0],
  retryAfterSeconds: number | null = null,
  ofProject = false,
) => new ProviderError(code, 'Read the changes: refused', { operation: 'pull', retryAfterSeconds, ofProject });

const pull = (given: ImportLane, deadlineAt = 1000, budget = new WorkBudget()) =>
  pullCalendar(given, {
    store: world.store,
    calendar: world.calendar,
    handle: world.handle,
    reconnectRequired: (version) => Promise.resolve(world.reconnects.push(version)),
    now: () => world.clock,
    worker: 'worker',
    deadlineAt,
    budget,
    leaving: () => world.leaving,
  });

const names = () => world.calls.map(({ name }) => name);
const last = (cursor: string, ...ids: string[]) => ({ events: ids.map((id) => event(id)), next: { cursor } });
const more = (pageToken: string, ...ids: string[]) => ({ events: ids.map((id) => event(id)), next: { pageToken } });
/** As many events as are worth a call to the database. */
const much = (pageToken: string, name: string) =>
  more(pageToken, ...Array.from({ length: 1000 }, (_, n) => `${name}${n}`));

/** An event of ours as the database hands it out to be judged. */
const own = (change: Partial<OursEvent> = {}): OursEvent => ({
  eventId: 'a',
  repeats: false,
  place: null,
  calendarId: CALENDAR,
  etag: '"a"',
  status: 'confirmed',
  content: CONTENT,
  rdvId: '00000000-0000-4000-8000-000000000001',
  rdvUpdatedAt: null,
  rdv: {
    deleted: false,
    status: 'scheduled',
    startsAt: '2026-12-01T09:00:00Z',
    endsAt: '2026-12-01T10:00:00Z',
    location: null,
    named: true,
    cancelledFrom: null,
  },
  former: null,
  link: {
    eventId: 'a',
    place: null,
    state: 'live',
    epoch: 0,
    etag: '"0"',
    calendarId: CALENDAR,
    targetCalendarId: null,
    pushed: CONTENT,
    base: CONTENT,
  },
  dirty: false,
  appliedRecently: 0,
  question: null,
  ...change,
});
const verdicts = () => world.told('finish')[0]![2];

describe('an event of ours', () => {
  const AWAY = 'second@mail.test';
  const gone = (eventId = 'a') =>
    own({ eventId, link: { ...own().link, eventId }, status: 'cancelled', content: null, etag: '' });
  beforeEach(() => {
    world.pages = [last('cursor-2', 'a')];
  });

  test('that is gone is looked for in the account before it counts as deleted', async () => {
    world.ours = [gone()];
    await pull(lane());
    expect(world.asked).toEqual(['locate a']);
    expect(verdicts()).toMatchObject([{ kind: 'cancel' }]);
  });

  test('that its owner moved is judged as it is where it lives', async () => {
    world.ours = [gone()];
    world.places.set('a', { calendarId: AWAY, eventId: 'a' });
    world.events.set('a', event('a', { ref: { calendarId: AWAY, eventId: 'a' }, version: '"9"' }));
    await pull(lane());
    expect(verdicts()).toMatchObject([{ kind: 'accept', calendarId: AWAY, targetCalendarId: CALENDAR, etag: '"9"' }]);
  });

  test.each<[string, CalendarEvent | UnreadableEvent | null]>([
    ['moves on in that moment', null],
    ['cannot be understood there', new UnreadableEvent('Read an event', 'a', 'no_times')],
  ])('that %s is looked at again', async (_what, found) => {
    world.ours = [gone()];
    world.places.set('a', { calendarId: AWAY, eventId: 'a' });
    world.events.set('a', found);
    await pull(lane());
    expect(verdicts()).toMatchObject([{ kind: 'wait' }]);
  });

  test('that was deleted from the series its owner made of it is gone, although the series is there', async () => {
    world.ours = [own({ repeats: true, content: null, link: { ...own().link, etag: null } })];
    world.places.set('a', { calendarId: CALENDAR, eventId: 'a' });
    world.events.set('a', event('a', { repeats: true }));
    await pull(lane());
    expect(verdicts()).toMatchObject([{ kind: 'cancel' }]);

    // Nor is it anywhere where the series was moved as a whole; but that is believed only of one that stays there.
    world.pages = [last('cursor-3', 'a')];
    world.places.set('a', { calendarId: AWAY, eventId: 'a' });
    await pull(lane());
    expect(world.told('finish')[1]![2]).toMatchObject([{ kind: 'cancel' }]);

    world.pages = [last('cursor-4', 'a')];
    world.calendar.getEvent = () => Promise.resolve(null);
    await pull(lane());
    expect(world.told('finish')[2]![2]).toMatchObject([{ kind: 'wait' }]);
  });

  test('that cannot be understood keeps no other from being found', async () => {
    world.ours = [gone('a'), gone('b')];
    world.places.set('a', new UnreadableEvent('Locate an event', 'a', 'no_times'));
    world.places.set('b', { calendarId: AWAY, eventId: 'b' });
    world.events.set('b', event('b', { ref: { calendarId: AWAY, eventId: 'b' } }));
    await pull(lane());
    expect(verdicts()).toMatchObject([{ kind: 'wait' }, { kind: 'accept', calendarId: AWAY }]);
  });

  test('that came from another calendar is followed once it is there no more', async () => {
    const link = { ...own().link, calendarId: AWAY };
    world.ours = [own({ link })];
    await pull(lane());
    expect(world.asked).toEqual([`get ${AWAY} a`]);
    expect(verdicts()).toMatchObject([{ kind: 'accept', calendarId: CALENDAR, linkCalendarId: AWAY }]);

    world.pages = [last('cursor-3', 'a')];
    world.events.set('a', event('a'));
    await pull(lane());
    expect(world.told('finish')[1]![2]).toEqual([]);
  });

  test('are not all looked for where far too many are gone at once: the run is held', async () => {
    world.ours = Array.from({ length: 120 }, (_, n) => gone(`a${n}`));
    await pull(lane());
    expect(world.told('finish')[0]![3]).toBe(20);
  });

  test('is not judged while it cannot be looked for', async () => {
    world.ours = [gone()];
    world.places.set('a', failure('PROVIDER_UNAVAILABLE'));
    expect(await pull(lane())).toMatchObject({ kind: 'failed' });
    expect(world.told('finish')).toEqual([]);
  });
});

describe('reading a calendar', () => {
  test('with nothing new costs one call to the provider and one to the database', async () => {
    world.pages = [last('cursor-2')];
    expect(await pull(lane())).toMatchObject({ kind: 'finished', pages: 1, events: 0 });
    expect(names()).toEqual(['finish']);
    expect(world.told('finish')).toEqual([[
      { worker: 'worker', runId: lane().runId },
      'cursor-2',
      [],
      0,
    ]]);
    expect(world.requests).toHaveLength(1);
  });

  test('goes from page to page under the same cursor, stages each, and gives the cursor of the last', async () => {
    world.pages = [much('p2', 'a'), much('p3', 'b'), last('cursor-2', 'c')];
    expect(await pull(lane())).toMatchObject({ kind: 'finished', pages: 3, events: 2001 });
    expect(names()).toEqual(['stage', 'stage', 'stage', 'ours', 'finish']);
    expect(world.requests.map(({ cursor, pageToken }) => [cursor, pageToken])).toEqual([
      ['cursor-1', null],
      ['cursor-1', 'p2'],
      ['cursor-1', 'p3'],
    ]);
    expect(world.told('stage').map(([, page]) => (page as { pageToken: string | null }).pageToken)).toEqual([
      'p2',
      'p3',
      null,
    ]);
  });

  test('stages an event with its version, and nothing but what the contract names', async () => {
    world.pages = [last('cursor-2', 'a')];
    await pull(lane());
    expect(world.told('stage')).toMatchObject([[{}, { removed: [], pageToken: null }]]);
    const [[, page]] = world.told('stage') as [[unknown, { events: unknown[] }]];
    expect(page.events).toEqual([{
      eventId: 'a',
      etag: '"a"',
      status: 'confirmed',
      kind: 'appointment',
      content: CONTENT,
      marker: null,
      updatedAt: '2026-11-20T08:00:00.000Z',
      url: null,
      attendees: [],
      ownResponse: null,
      seriesId: null,
    }]);
  });

  test('judges the events of ours and hands the verdicts to the finish', async () => {
    const time = { ...CONTENT.time, startsAt: '2026-12-01T11:00:00.000Z', endsAt: '2026-12-01T12:00:00.000Z' } as const;
    world.pages = [last('cursor-2', 'a')];
    world.ours = [own({ content: { ...CONTENT, time } })];
    await pull(lane());
    expect(world.told('finish')[0]![2]).toMatchObject([{ kind: 'apply', startsAt: '2026-12-01T11:00:00.000Z' }]);
  });

  test('stages small pages together, and none of them twice', async () => {
    world.pages = [more('p2', 'a'), more('p3'), { ...more('p4', 'b'), removed: ['c'] }, last('cursor-2', 'd')];
    expect(await pull(lane())).toMatchObject({ kind: 'finished', pages: 4, events: 3 });
    expect(world.told('stage')).toMatchObject([[{}, {
      events: [{ eventId: 'a' }, { eventId: 'b' }, { eventId: 'd' }],
      removed: ['c'],
      pageToken: null,
      cursor: 'cursor-2',
      pages: 4,
    }]]);
  });

  test('asks for the next page while one is staged', async () => {
    world.pages = [much('p2', 'a'), last('cursor-2', 'b')];
    const asked: number[] = [];
    world.onCall.set('stage', () => asked.push(world.requests.length));
    await pull(lane());
    expect(asked).toEqual([2, 2]);
  });

  test('whose lease is lost with the next page under way ends quietly, whatever becomes of that page', async () => {
    world.pages = [much('p2', 'a'), failure('PROVIDER_UNAVAILABLE')];
    world.lost = true;
    expect(await pull(lane())).toEqual({ kind: 'lost' });
    expect(names()).toEqual(['stage']);
  });

  test('leaves off at the deadline after a page, and goes on there', async () => {
    world.pages = [much('p2', 'a')];
    world.onCall.set('stage', () => world.clock += 1000);
    expect(await pull(lane())).toMatchObject({ kind: 'suspended', pages: 1 });
    expect(names()).toEqual(['stage', 'suspend']);
    expect(world.told('suspend')[0]![1]).toBe('p2');

    world.pages = [last('cursor-2')];
    await pull(lane({ pageToken: 'p2' }), 0);
    expect(world.requests.at(-1)).toMatchObject({ cursor: 'cursor-1', pageToken: 'p2' });
    // What the run staged before is judged, and hints of its earlier pages are checked.
    expect(names().slice(2)).toEqual(['stage', 'missing', 'ours', 'finish']);
  });

  test('keeps the cursor of the last page with it, and goes on at its ending', async () => {
    world.pages = [last('cursor-2', 'a')];
    await pull(lane());
    expect(world.told('stage')).toMatchObject([[{}, { cursor: 'cursor-2', pageToken: null }]]);
    world.calls.length = 0;
    world.missing = [{ eventId: 'x', ours: false, ...SURE }];
    await pull(lane({ endCursor: 'cursor-2' }));
    expect(world.requests).toHaveLength(1);
    expect(names()).toEqual(['missing', 'stage', 'ours', 'finish']);
    expect(world.told('finish')[0]![1]).toBe('cursor-2');
  });

  test('leaves off when the work of an invocation is done, preview or not', async () => {
    world.pages = [much('p2', 'a'), much('p3', 'b'), much('p4', 'c')];
    expect(await pull(lane({ mode: 'preview' }), 1000, new WorkBudget(2000))).toMatchObject({
      kind: 'suspended',
      pages: 2,
    });
    expect(world.told('suspend')[0]![1]).toBe('p3');
  });

  test('leaves off once the platform has said that the instance ends', async () => {
    world.pages = [much('p2', 'a'), much('p3', 'b')];
    world.onCall.set('stage', () => world.leaving = true);
    expect(await pull(lane())).toMatchObject({ kind: 'suspended', pages: 1 });
    expect(world.told('suspend')[0]![1]).toBe('p2');
  });

  test('whose events are heavy leaves off after fewer of them', async () => {
    const text = 'x'.repeat(8000);
    const heavy = (pageToken: string) => ({
      events: Array.from(
        { length: 400 },
        (_, n) => event(`${pageToken}${n}`, { content: { ...CONTENT, description: text } }),
      ),
      next: { pageToken },
    });
    world.pages = [heavy('p2'), heavy('p3'), heavy('p4')];
    expect(await pull(lane(), 1000, new WorkBudget(2000))).toMatchObject({ kind: 'suspended', pages: 1 });
  });

  describe('of heavy events', () => {
    const guests = Array.from({ length: 30 }, (_, n) => ({
      email: `guest${n}@example.test`,
      name: null,
      response: 'accepted' as const,
      organizer: false,
      self: false,
    }));
    const heavy = (id: string) =>
      event(id, { content: { ...CONTENT, description: 'x'.repeat(3800) }, attendees: guests });
    const page = (name: string, count: number) => Array.from({ length: count }, (_, n) => heavy(`${name}${n}`));

    test('stages a page in parts of about a megabyte, and knows where each would go on', async () => {
      world.pages = [{ events: page('a', 500), next: { pageToken: 'p2' } }, {
        events: page('b', 500),
        next: { cursor: 'cursor-2' },
      }];
      await pull(lane());
      const parts = world.told('stage').map(([, part]) => part as StagedPart);
      expect(parts.flatMap(({ events }) => events)).toHaveLength(1000);
      for (const { events } of parts) expect(JSON.stringify(stagedColumns(events)).length).toBeLessThan(1_500_000);
      expect(parts.reduce((sum, { pages }) => sum + pages, 0)).toBe(2);
      // A part that ends within a page is no place to go on: that page is read again.
      const within = parts.filter(({ pages }) => pages === 0);
      expect(within.map(({ pageToken }) => pageToken)).toEqual(expect.arrayContaining([null, 'p2']));
      expect(parts.at(-1)).toMatchObject({ cursor: 'cursor-2' });
    });

    test('holds no second page beside a large one', async () => {
      world.pages = [{ events: page('a', 340), next: { pageToken: 'p2' } }, last('cursor-2')];
      const asked: number[] = [];
      world.onCall.set('stage', () => asked.push(world.requests.length));
      await pull(lane());
      // Only once all of the first is staged is the next one asked for.
      expect(asked.slice(0, -1).every((requests) => requests === 1)).toBe(true);
      expect(asked.length).toBeGreaterThan(3);
    });
  });

  describe('of which the database refuses an entry', () => {
    const refusing = (sqlState: string, poison: string) => (part: StagedPart) =>
      part.events.some(({ eventId }) => eventId === poison)
        ? new SyncError('SYNC_FAILED', 'Call import_stage: refused', { context: { rpc: 'import_stage', sqlState } })
        : null;

    test.each(['22P05', '22P02', '22021', '54000'])('with %s parks that one, and the others come in', async (state) => {
      const ids = Array.from({ length: 20 }, (_, n) => `e${n}`);
      world.refuses = refusing(state, 'e13');
      world.pages = [last('cursor-2', ...ids)];
      expect(await pull(lane())).toMatchObject({ kind: 'finished' });
      const parts = world.told('stage').map(([, part]) => part as StagedPart);
      expect(parts.flatMap(({ events }) => events.map(({ eventId }) => eventId)).toSorted())
        .toEqual(ids.filter((id) => id !== 'e13').toSorted());
      expect(parts.flatMap(({ unreadable }) => unreadable)).toEqual([{ eventId: 'e13', reason: 'INVALID_EVENT' }]);
      expect(parts.filter(({ cursor }) => cursor === 'cursor-2')).toHaveLength(1);
      expect(parts.at(-1)!.cursor).toBe('cursor-2');
      expect(world.calls.length).toBeLessThan(15);
    });

    test('because it takes too long halves it, and parks nothing', async () => {
      world.refuses = (part) =>
        part.events.length > 5
          ? new SyncError('SYNC_FAILED', 'Call import_stage: too slow', { context: { sqlState: '57014' } })
          : null;
      world.pages = [last('cursor-2', ...Array.from({ length: 20 }, (_, n) => `e${n}`))];
      expect(await pull(lane())).toMatchObject({ kind: 'finished' });
      const parts = world.told('stage').map(([, part]) => part as StagedPart);
      expect(parts.flatMap(({ events }) => events)).toHaveLength(20);
      expect(parts.flatMap(({ unreadable }) => unreadable)).toEqual([]);
    });

    test('or does not answer at all fails the run as before', async () => {
      world.refuses = () =>
        new SyncError('SYNC_FAILED', 'Call import_stage: no answer', { context: { sqlState: 'none' } });
      world.pages = [last('cursor-2', 'a', 'b')];
      expect(await pull(lane())).toMatchObject({ kind: 'failed' });
    });
  });

  test('F12: an entry that cannot be understood is kept by its id, and not asked after', async () => {
    const unreadable = [{ eventId: 'bad', reason: 'no_times' }, { eventId: null, reason: 'unknown_shape' }] as const;
    world.pages = [{ ...last('cursor-2', 'a'), unreadable }];
    await pull(lane({ revisit: [{ eventId: 'bad', ...SURE }] }));
    expect(world.told('stage')).toMatchObject([[{}, {
      events: [{ eventId: 'a' }],
      unreadable: [{ eventId: 'bad', reason: 'no_times' }, { eventId: '?1.1', reason: 'unknown_shape' }],
    }]]);
    expect(world.asked).toEqual([]);
  });

  test('F12: an event that cannot be understood when it is asked after is there, and not gone', async () => {
    world.missing = [{ eventId: 'bad', ours: false, ...SURE }, { eventId: 'moved', ours: false, ...SURE }];
    world.events = new Map<string, CalendarEvent | SyncError>([
      ['bad', new UnreadableEvent('read', 'bad', 'no_times')],
      ['moved', event('moved')],
    ]);
    world.pages = [last('cursor-2')];
    expect(await pull(lane({ cursor: null }))).toMatchObject({ kind: 'finished' });
    expect(world.told('stage')).toMatchObject([[{}, {
      events: [{ eventId: 'moved' }],
      unreadable: [{ eventId: 'bad', reason: 'no_times' }],
    }]]);
  });

  test.each([
    ['RATE_LIMITED' as const, 7.2, 8],
    ['PROVIDER_UNAVAILABLE' as const, null, null],
    ['UNEXPECTED_RESPONSE' as const, null, null],
    ['CALENDAR_NOT_FOUND' as const, null, null],
    ['QUOTA_EXCEEDED' as const, null, 21_600],
  ])('F04: that fails with %s applies nothing and keeps its cursor', async (code, asked, retrySeconds) => {
    world.pages = [much('p2', 'a'), failure(code, asked)];
    expect(await pull(lane())).toMatchObject({ kind: 'failed', error: { code } });
    expect(names()).toEqual(['stage', 'fail']);
    expect(world.told('fail')[0]![1]).toEqual({ code, retrySeconds, cursorExpired: false, project: false });
  });

  test('F08: that is refused for the whole project’s sake says so, and everybody waits', async () => {
    world.pages = [failure('RATE_LIMITED', null, true)];
    await pull(lane());
    const told = { code: 'RATE_LIMITED', retrySeconds: 15, cursorExpired: false, project: true };
    expect(world.told('fail')[0]![1]).toEqual(told);
  });

  test('F03: whose cursor is refused says so, to be read in full at once', async () => {
    world.pages = [failure('CURSOR_EXPIRED')];
    expect(await pull(lane())).toMatchObject({ kind: 'failed', error: { code: 'CURSOR_EXPIRED' } });
    expect(world.told('fail')[0]![1]).toEqual({
      code: 'CURSOR_EXPIRED',
      retrySeconds: 0,
      cursorExpired: true,
      project: false,
    });
  });

  test('in full that is refused as expired is not tried at once for ever', async () => {
    world.pages = [failure('CURSOR_EXPIRED')];
    await pull(lane({ cursor: null }));
    expect(world.told('fail')[0]![1]).toMatchObject({ code: 'UNEXPECTED_RESPONSE', cursorExpired: false });
  });

  test('asks for a new consent where a scope is missing', async () => {
    world.pages = [failure('INSUFFICIENT_SCOPE')];
    await pull(lane());
    expect(world.reconnects).toEqual([3]);
  });

  test('an error of ours says nothing of itself', async () => {
    world.pages = [Object.assign(new TypeError('canary'), {}) as unknown as SyncError];
    const outcome = await pull(lane());
    expect(outcome).toMatchObject({ kind: 'failed', error: { code: 'IMPORT_FAILED' } });
    expect(JSON.stringify(world.told('fail'))).not.toContain('canary');
  });

  test.each(['stage', 'finish'])('stops where the lease is lost at %s, and fails nobody’s run', async (where) => {
    world.pages = [last('cursor-2', 'a')];
    if (where === 'stage') world.lost = true;
    else world.result = { ...FINISHED, lost: true };
    expect(await pull(lane())).toEqual({ kind: 'lost' });
    expect(names()).not.toContain('fail');
  });
});

describe('what a reading did not bring', () => {
  const missing = (...ids: string[]) => ids.map((eventId) => ({ eventId, ours: false, ...SURE }));
  const stagedIds = () =>
    world.told('stage').flatMap(([, page]) => (page as { events: { eventId: string; status: string }[] }).events)
      .map(({ eventId, status }) => `${eventId} ${status}`);

  test('is asked after only where a reading was full or gave hints', async () => {
    world.missing = missing('x');
    world.pages = [last('cursor-2', 'a')];
    await pull(lane());
    expect(names()).not.toContain('missing');
    world.pages = [{ ...last('cursor-3'), removed: ['x'] }];
    await pull(lane());
    expect(world.asked).toEqual(['read x', 'probe']);
  });

  test('F04: is believed to be gone only if a read of each says so', async () => {
    world.missing = missing('moved', 'gone', 'never');
    world.events = new Map([
      ['moved', event('moved')],
      ['gone', event('gone', { status: 'cancelled', content: null, version: '' })],
      ['never', null],
    ]);
    world.pages = [last('cursor-2')];
    expect(await pull(lane({ cursor: null }))).toMatchObject({ kind: 'finished' });
    expect(stagedIds().toSorted()).toEqual(['gone cancelled', 'moved confirmed', 'never cancelled']);
    expect(names()).toEqual(['missing', 'stage', 'ours', 'finish']);
  });

  test('F04: that cannot be read fails the run', async () => {
    world.missing = missing('x', 'y');
    world.events = new Map([['x', failure('PROVIDER_UNAVAILABLE')]]);
    world.pages = [last('cursor-2')];
    expect(await pull(lane({ cursor: null }))).toMatchObject({ kind: 'failed' });
    expect(names()).toEqual(['missing', 'fail']);
  });

  test('F04: in a calendar that is gone is not gone by itself', async () => {
    world.missing = missing('x');
    world.calendarGone = failure('CALENDAR_NOT_FOUND');
    world.pages = [last('cursor-2')];
    expect(await pull(lane({ cursor: null }))).toMatchObject({ error: { code: 'CALENDAR_NOT_FOUND' } });
    expect(names()).toEqual(['missing', 'fail']);
  });

  test('F05: in great number is not asked after, but told as too much to be believed', async () => {
    world.missing = missing(...Array.from({ length: 51 }, (_, index) => `e${index}`));
    world.pages = [last('cursor-2')];
    await pull(lane({ cursor: null }));
    expect(world.asked).toEqual([]);
    expect(world.told('finish')[0]![3]).toBe(51);
  });

  test('is read four at a time', async () => {
    world.missing = missing(...Array.from({ length: 50 }, (_, index) => `e${index}`));
    world.events = new Map(world.missing.map(({ eventId }) => [eventId, event(eventId)]));
    world.pages = [last('cursor-2')];
    await pull(lane({ cursor: null }));
    expect(world.asked).toHaveLength(50);
    expect(world.mostAtOnce).toBe(4);
  });

  test('F11: and what waited for a write of ours is read again', async () => {
    world.events = new Map([['a', event('a')]]);
    world.pages = [last('cursor-2')];
    await pull(lane({ revisit: [{ eventId: 'a', ...SURE }] }));
    expect(stagedIds()).toEqual(['a confirmed']);
    expect(names()).toEqual(['stage', 'ours', 'finish']);
  });

  test('and what comes on its own costs no read', async () => {
    world.events = new Map([['b', event('b')]]);
    world.pages = [last('cursor-2', 'a')];
    await pull(lane({ revisit: [{ eventId: 'a', ...SURE }, { eventId: 'b', ...SURE }] }));
    expect(world.asked).toEqual(['read b']);
  });
});
