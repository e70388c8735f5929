import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { EventContent } from '../../../../supabase/functions/_shared/providers/port/content.ts';
import {
  FLAPPING,
  reconcile,
  type ReconcileSettings,
} from '../../../../supabase/functions/_shared/sync/inbound/reconcile.ts';
import type { LinkState } from '../../../../supabase/functions/_shared/sync/shared/appointment.ts';
import type { OpenQuestion, OursEvent, Verdict } from '../../../../supabase/functions/_shared/sync/inbound/verdict.ts';

const RDV = '00000000-0000-4000-8000-000000000001';
const at = (hour: number, minute = 0) => new Date(Date.UTC(2026, 11, 1, hour, minute)).toISOString();
const timed = (from: number, to: number, timeZone = 'Europe/Paris'): EventContent['time'] => (
  { kind: 'timed', startsAt: at(from), endsAt: at(to), timeZone }
);
const ALL_DAY: EventContent['time'] = { kind: 'all_day', startDay: '2026-12-01', endDay: '2026-12-02' };
const AGREED: EventContent = {
  title: 'Contrôle — Ada Lovelace',
  description: 'http://app.test/calendar?rdv=1',
  location: 'Salle 1',
  time: timed(9, 10),
  availability: 'busy',
  visibility: 'private',
};

const HOME = 'claire@gmail.test';
const settings = (change: Partial<ReconcileSettings> = {}): ReconcileSettings => ({
  calendarTargetId: HOME,
  twoWay: 'auto',
  eventDetail: 'full',
  timezone: 'Europe/Paris',
  defaultDurationMinutes: 30,
  normalize: (content) => ({ ...content, location: content.location.trim() }),
  ...change,
});

interface Change {
  readonly event?: Partial<EventContent>;
  readonly gone?: boolean;
  readonly calendarId?: string;
  readonly rdv?: Partial<OursEvent['rdv']>;
  readonly link?: Partial<OursEvent['link']>;
  readonly dirty?: boolean;
  readonly appliedRecently?: number;
  readonly question?: OursEvent['question'];
  readonly former?: OursEvent['former'];
}

/** Both sides agree, but for what the test says. */
function ours(
  {
    event = {},
    gone = false,
    rdv = {},
    link = {},
    dirty = false,
    appliedRecently = 0,
    question = null,
    former = null,
    calendarId = HOME,
  }: Change = {},
): OursEvent {
  return {
    eventId: 'cs1',
    calendarId,
    repeats: false,
    place: null,
    etag: gone ? '' : '"2"',
    status: gone ? 'cancelled' : 'confirmed',
    content: gone ? null : { ...AGREED, ...event },
    rdvId: RDV,
    rdvUpdatedAt: at(1),
    rdv: {
      deleted: false,
      status: 'scheduled',
      startsAt: at(9),
      endsAt: at(10),
      location: 'Salle 1',
      named: true,
      cancelledFrom: null,
      ...rdv,
    },
    former,
    link: {
      eventId: 'cs1',
      place: null,
      state: 'live',
      epoch: 0,
      etag: '"1"',
      calendarId: HOME,
      targetCalendarId: null,
      pushed: AGREED,
      base: AGREED,
      ...link,
    },
    dirty,
    appliedRecently,
    question,
  };
}

const NOTHING = { deleted: true, status: null, startsAt: null, endsAt: null, location: null, named: false };
const HALF_HOUR = { ...AGREED, time: { ...timed(9, 9), endsAt: at(9, 30) } as EventContent['time'] };
const all = (kind: string) => [kind, kind, kind] as const;
const both = (off: string) => [off, 'changed_both_sides', 'changed_both_sides'] as const;

type TwoWay = ReconcileSettings['twoWay'];
const kindOf = (verdict: Verdict) => verdict.kind === 'conflict' ? verdict.reason : verdict.kind;

describe('an event of ours that its owner moved to another calendar', () => {
  const AWAY = 'second@calendar.test';
  test.each(['off', 'review', 'auto'] as const)('is followed there, and nothing else comes of it (%s)', (twoWay) => {
    expect(reconcile(ours({ calendarId: AWAY }), settings({ twoWay }))).toMatchObject({
      kind: 'accept',
      calendarId: AWAY,
      targetCalendarId: HOME,
      linkCalendarId: HOME,
      state: 'live',
      weight: null,
    });
  });

  test('with another time is judged by that as well', () => {
    const both = ours({ calendarId: AWAY, event: { time: timed(14, 15) } });
    expect(reconcile(both, settings())).toMatchObject({ kind: 'apply', calendarId: AWAY, startsAt: at(14) });
    expect(reconcile(both, settings({ twoWay: 'review' }))).toMatchObject({
      kind: 'conflict',
      calendarId: AWAY,
      payload: { calendarId: AWAY },
    });
  });

  test('and back is where it was written for', () => {
    const back = ours({ calendarId: HOME, link: { calendarId: AWAY, targetCalendarId: HOME } });
    expect(reconcile(back, settings())).toMatchObject({ kind: 'accept', calendarId: HOME, targetCalendarId: null });
  });

  test('on to a third keeps in mind what it was written for', () => {
    const on = ours({ calendarId: 'third', link: { calendarId: AWAY, targetCalendarId: HOME } });
    expect(reconcile(on, settings())).toMatchObject({ calendarId: 'third', targetCalendarId: HOME });
    const chosen = settings({ calendarTargetId: AWAY });
    expect(reconcile(on, chosen)).toMatchObject({ calendarId: 'third', targetCalendarId: AWAY });
  });

  test.each(['creating', 'deleting'] as const)('waits for the worker where it is %s', (state) => {
    expect(reconcile(ours({ calendarId: AWAY, link: { state } }), settings())).toMatchObject({ calendarId: HOME });
  });
});

describe('an event that Cassius decides about', () => {
  const off = settings({ twoWay: 'off' });

  test('counts what the calendar shows of time and place as sent, so that the push writes over it', () => {
    const event = { time: timed(14, 15), location: 'Salle 2', title: 'Ada' };
    expect(reconcile(ours({ event }), off)).toMatchObject({
      kind: 'drift',
      state: 'live',
      pushed: { ...AGREED, time: timed(14, 15), location: 'Salle 2' },
      base: { ...AGREED, ...event },
    });
  });

  test('keeps a place of its owner’s where it shows none of ours', () => {
    const verdict = reconcile(ours({ event: { location: 'Chez moi' } }), { ...off, eventDetail: 'busy' });
    expect(verdict).toMatchObject({ kind: 'accept', base: { location: 'Chez moi' } });
  });

  test('is made again where it was deleted', () => {
    expect(reconcile(ours({ gone: true }), off)).toMatchObject({ kind: 'drift', state: 'gone', weight: 'gone' });
  });

  test('is not fought for for ever', () => {
    const insists = { appliedRecently: FLAPPING, event: { time: timed(14, 15) } };
    const asked = reconcile(ours(insists), off);
    expect(asked).toMatchObject({ kind: 'conflict', reason: 'changed_both_sides', payload: { flapping: true } });
    expect(reconcile(ours({ appliedRecently: FLAPPING, gone: true }), off)).toMatchObject({
      kind: 'conflict',
      reason: 'deleted',
      payload: { flapping: true },
    });
    if (asked.kind !== 'conflict') throw new Error('Nothing is asked');
    const payload = asked.payload as OpenQuestion['payload'];
    const question = { id: RDV, updatedAt: at(2), payload };
    expect(reconcile(ours({ ...insists, appliedRecently: 0, question }), off).kind).toBe('conflict');
  });
});

describe('an event of ours', () => {
  // What is decided for two_way off, review and auto.
  test.each<[string, Change, string, string, string]>([
    ['with nothing but another version is an echo', {}, 'echo', 'echo', 'echo'],
    ['moved there', { event: { time: timed(14, 15) } }, 'drift', 'changed_both_sides', 'apply'],
    ['in another place there', { event: { location: 'Salle 2' } }, 'drift', 'changed_both_sides', 'apply'],
    ['without its place there', { event: { location: '' } }, 'drift', 'changed_both_sides', 'apply'],
    ['renamed there keeps its name', { event: { title: 'Ada' } }, 'accept', 'accept', 'accept'],
    ['described there', { event: { description: 'Apporter la radio' } }, 'accept', 'accept', 'accept'],
    ['with more in its description there', { event: { description: `Code\n${AGREED.description}` } }, ...all('accept')],
    ['of which only the time is shown', { event: { title: '', description: '', location: '' } }, ...all('echo')],
    [
      'of which only the time is shown, and that is another',
      { event: { title: '', description: '', location: '', time: timed(14, 15) } },
      'drift',
      'changed_both_sides',
      'apply',
    ],
    [
      'of which only the time is shown, and nothing was known',
      { event: { title: '', description: '', location: '' }, link: { pushed: null, base: null } },
      ...all('echo'),
    ],
    ['shown as free there', { event: { availability: 'free' } }, 'accept', 'accept', 'accept'],
    ['shown to others there', { event: { visibility: 'normal' } }, 'accept', 'accept', 'accept'],
    ['at the same instants in another zone', { event: { time: timed(9, 10, 'UTC') } }, 'accept', 'accept', 'accept'],
    ['made an all-day event is a question', { event: { time: ALL_DAY } }, ...both('drift')],
    ['without a duration is a question', { event: { time: timed(9, 9) } }, ...both('drift')],
    ['that ends before it starts is a question', { event: { time: timed(10, 9) } }, ...both('drift')],
    ['deleted there', { gone: true }, 'drift', 'deleted', 'cancel'],
    ['deleted on both sides', { gone: true, rdv: { status: 'cancelled' } }, 'echo', 'echo', 'echo'],
    ['deleted there, its appointment too', { gone: true, rdv: NOTHING }, 'echo', 'echo', 'echo'],
    ['deleted on both sides at once', { gone: true, rdv: NOTHING, dirty: true }, 'echo', 'echo', 'echo'],
    ['changed there, cancelled here', { event: { time: timed(14, 15) }, rdv: { status: 'cancelled' } }, ...all('echo')],
    ['changed there, deleted here', { event: { location: 'X' }, rdv: NOTHING }, ...all('echo')],
    ['deleted there, moved here', { gone: true, rdv: { startsAt: at(8) } }, 'drift', 'deleted', 'deleted'],
    [
      'moved on both sides',
      { event: { time: timed(14, 15) }, rdv: { startsAt: at(11), endsAt: at(12) } },
      ...both('drift'),
    ],
    [
      'moved on both sides to the same time',
      { event: { time: timed(14, 15) }, rdv: { startsAt: at(14), endsAt: at(15) } },
      'accept',
      'accept',
      'accept',
    ],
    [
      'moved there, in another place here',
      { event: { time: timed(14, 15) }, rdv: { location: 'Salle 3' } },
      'drift',
      'changed_both_sides',
      'apply',
    ],
    ['moved there while our own change is on its way', { event: { time: timed(14, 15) }, dirty: true }, ...all('wait')],
    ['deleted there while our own change is on its way', { gone: true, dirty: true }, ...all('wait')],
    [
      'whose creation is not confirmed yet',
      { link: { state: 'creating', pushed: null, base: null }, dirty: true },
      ...all('wait'),
    ],
    [
      'whose creation was never confirmed, for it is not sent any more',
      { link: { state: 'creating', pushed: null, base: null } },
      ...all('echo'),
    ],
    ['of which nothing was known, and equal', { link: { pushed: null, base: null } }, ...all('echo')],
    [
      'of which nothing was known, and different',
      { event: { time: timed(14, 15) }, link: { pushed: null, base: null } },
      ...both('drift'),
    ],
    [
      'whose version is ours but not its time, for our own write passed over it',
      { event: { time: timed(14, 15) }, link: { etag: '"2"' } },
      'drift',
      'changed_both_sides',
      'apply',
    ],
    [
      'whose appointment has no end and lasts as long as usual',
      { event: HALF_HOUR, rdv: { endsAt: null }, link: { pushed: HALF_HOUR, base: HALF_HOUR } },
      ...all('echo'),
    ],
  ])('%s', (_name, change, off, review, auto) => {
    const decided = (['off', 'review', 'auto'] as const).map((twoWay) =>
      kindOf(reconcile(ours(change), settings({ twoWay })))
    );
    expect(decided).toEqual([off, review, auto]);
  });

  test('that was moved gives its time to the appointment and nothing is sent back', () => {
    const moved = ours({ event: { time: timed(14, 15, 'America/New_York'), location: 'Salle 2', title: 'Ada' } });
    const verdict = reconcile(moved, settings());
    expect(verdict).toMatchObject({
      kind: 'apply',
      eventId: 'cs1',
      rdvId: RDV,
      linkEtag: '"1"',
      startsAt: at(14),
      endsAt: at(15),
      location: 'Salle 2',
      state: 'live',
      etag: '"2"',
      base: moved.content,
      // The zone is the practice's, as the next push would write it.
      pushed: { ...AGREED, time: timed(14, 15), location: 'Salle 2' },
    });
  });

  test('that was only moved leaves the place that changed here', () => {
    const verdict = reconcile(
      ours({ event: { time: timed(14, 15) }, rdv: { location: 'Salle 3' } }),
      settings(),
    );
    expect(verdict).toMatchObject({ kind: 'apply', startsAt: at(14), location: 'Salle 3' });
    expect(verdict.pushed?.location).toBe('Salle 1');
  });

  test('that shows no place at its level of detail never takes the appointment’s away', () => {
    const shown = { ...AGREED, location: '' };
    const change = { event: shown, link: { pushed: shown, base: shown } };
    expect(reconcile(ours(change), settings({ eventDetail: 'busy' })).kind).toBe('echo');
    const placed = ours({ ...change, event: { ...shown, location: 'Chez moi' } });
    expect(reconcile(placed, settings({ eventDetail: 'busy' })).kind).toBe('accept');
    const moved = ours({ ...change, event: { ...shown, time: timed(14, 15) } });
    expect(reconcile(moved, settings({ eventDetail: 'busy' }))).toMatchObject({ kind: 'apply', location: 'Salle 1' });
  });

  test('that the calendar hands back in its own spelling is no change here', () => {
    const change = { rdv: { location: ' Salle 1 ' }, event: { time: timed(14, 15) } };
    expect(reconcile(ours(change), settings()).kind).toBe('apply');
  });

  test('in conflict shows both sides, the base and the fields', () => {
    const change = { event: { time: timed(14, 15), location: 'Y' }, rdv: { startsAt: at(11), endsAt: at(12) } };
    expect(reconcile(ours(change), settings())).toMatchObject({
      kind: 'conflict',
      state: null,
      payload: {
        calendarId: 'claire@gmail.test',
        eventId: 'cs1',
        etag: '"2"',
        rdvUpdatedAt: at(1),
        cassius: { ...AGREED, time: timed(11, 12) },
        calendar: { ...AGREED, time: timed(14, 15), location: 'Y' },
        base: AGREED,
        fields: ['time', 'location'],
        changedBy: 'both',
      },
    });
    const reviewed = reconcile(ours({ event: { location: 'Y' } }), settings({ twoWay: 'review' }));
    expect(reviewed).toMatchObject({ payload: { fields: ['location'], changedBy: 'calendar' } });
    const deleted = reconcile(ours({ gone: true }), settings({ twoWay: 'review' }));
    expect(deleted).toMatchObject({ reason: 'deleted', payload: { calendar: null, cassius: AGREED, base: AGREED } });
  });

  test('that two programs keep moving is stopped and put to a person, with both sides as they are', () => {
    const moved = { event: { time: timed(14, 15) }, appliedRecently: FLAPPING - 1 };
    expect(reconcile(ours(moved), settings()).kind).toBe('apply');
    expect(reconcile(ours({ ...moved, appliedRecently: FLAPPING }), settings())).toMatchObject({
      kind: 'conflict',
      reason: 'changed_both_sides',
      state: null,
      payload: {
        fields: ['time'],
        cassius: AGREED,
        calendar: { ...AGREED, time: timed(14, 15) },
        base: AGREED,
        changedBy: 'both',
        flapping: true,
      },
    });
  });

  describe('about which a person has been asked', () => {
    const here = { ...AGREED, time: timed(11, 12) };
    const question = {
      id: '00000000-0000-4000-8000-00000000000c',
      updatedAt: at(2),
      payload: { fields: ['time'] as const, cassius: here, base: AGREED, calendarId: 'c', more: 'as it was asked' },
    };
    const link = { pushed: here, base: { ...AGREED, time: timed(14, 15) } };
    const rdv = { startsAt: at(11), endsAt: at(12) };

    test.each<[string, Change]>([
      ['moved on there', { event: { time: timed(16, 17) } }],
      ['otherwise changed there', { event: { time: timed(14, 15), title: 'Ada' } }],
      ['the same there', { event: { time: timed(14, 15) } }],
    ])('and %s, is not overtaken: both sides keep theirs, and the question shows the present', (_name, change) => {
      const event = ours({ ...change, link, rdv, question });
      expect(reconcile(event, settings())).toMatchObject({
        kind: 'conflict',
        reason: 'changed_both_sides',
        state: null,
        pushed: null,
        base: null,
        settles: false,
        questionId: question.id,
        questionUpdatedAt: question.updatedAt,
        payload: { ...question.payload, calendar: event.content, etag: '"2"', rdvUpdatedAt: at(1) },
      });
    });

    test.each([['as it was when both agreed', timed(9, 10)], ['as it is here', timed(11, 12, 'UTC')]])(
      'and is back %s, settles the question',
      (_name, time) => {
        expect(reconcile(ours({ event: { time }, link, rdv, question }), settings()).settles).toBe(true);
      },
    );

    test('and is gone on both sides, settles the question', () => {
      expect(reconcile(ours({ gone: true, rdv: NOTHING, question }), settings())).toMatchObject({ settles: true });
    });

    test('while the calendar is not listened to keeps the question open', () => {
      const event = ours({ event: { time: timed(16, 17) }, question });
      expect(reconcile(event, settings({ twoWay: 'off' }))).toMatchObject({ kind: 'drift', settles: false });
    });
  });

  test.each<[string, Change, TwoWay, string | null]>([
    ['one that is moved', { event: { time: timed(14, 15) } }, 'auto', 'moved'],
    ['one that is moved and asked about', { event: { time: timed(14, 15) } }, 'review', 'moved'],
    ['one that drifts', { event: { time: timed(14, 15) } }, 'off', 'moved'],
    ['one that is deleted', { gone: true }, 'auto', 'gone'],
    ['one whose deletion is asked about', { gone: true }, 'review', 'gone'],
    ['one that is deleted while nobody listens', { gone: true }, 'off', 'gone'],
    ['one that is only renamed', { event: { title: 'Ada' } }, 'auto', null],
    ['one that waits for our own change', { gone: true, dirty: true }, 'auto', null],
  ])('counts where too much changes at once: %s', (_name, change, twoWay, weight) => {
    const event = ours(change);
    const verdict = reconcile(event, settings({ twoWay }));
    expect(verdict.weight).toBe(weight);
    // What a person's refusal keeps.
    expect(verdict.observed).toEqual(change.gone ? null : event.content);
  });
});

const hour = fc.integer({ min: 0, max: 3 });
const place = fc.constantFrom('', 'Salle 1', 'Salle 2');
const time: fc.Arbitrary<EventContent['time']> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(hour, hour, fc.constantFrom('Europe/Paris', 'UTC')).map(([a, b, z]) => timed(a, b, z)),
  },
  { weight: 1, arbitrary: fc.constant(ALL_DAY) },
);
const content: fc.Arbitrary<EventContent> = fc.record({
  title: fc.constantFrom('A', 'B'),
  description: fc.constant(''),
  location: place,
  time,
  availability: fc.constantFrom('busy', 'free'),
  visibility: fc.constantFrom('normal', 'private'),
});
/** What is pushed can always be booked. */
const sent = fc.tuple(content, hour).map(([shown, start]): EventContent => ({
  ...shown,
  time: timed(start, start + 1),
}));
const anything: fc.Arbitrary<OursEvent> = fc.record({
  content,
  gone: fc.boolean(),
  dirty: fc.boolean(),
  state: fc.constantFrom<LinkState>('live', 'live', 'live', 'updating', 'creating', 'deleting'),
  pushed: fc.option(sent),
  base: fc.option(content),
  status: fc.constantFrom('scheduled', 'cancelled'),
  deleted: fc.boolean(),
  start: hour,
  length: fc.option(fc.integer({ min: 1, max: 2 })),
  location: fc.option(place),
}).map(({ content, gone, dirty, state, pushed, base, status, deleted, start, length, location }) => ({
  ...ours({ gone, dirty, link: { state, pushed, base } }),
  content: gone ? null : content,
  rdv: {
    deleted,
    status: deleted ? null : status,
    startsAt: deleted ? null : at(start),
    endsAt: deleted || length === null ? null : at(start + length),
    location: deleted ? null : location,
    named: true,
    cancelledFrom: null,
  },
}));
const someSettings = fc.record({
  twoWay: fc.constantFrom<TwoWay>('off', 'review', 'auto'),
  eventDetail: fc.constantFrom<ReconcileSettings['eventDetail']>('full', 'busy'),
}).map((change) => settings(change));

/** The state that the database is in once a verdict is carried out. */
function carriedOut(before: OursEvent, verdict: Verdict): OursEvent {
  const { state, pushed, base, etag } = verdict;
  const link = state === null ? before.link : {
    ...before.link,
    state,
    pushed,
    base,
    etag: etag || null,
  };
  const rdv = verdict.kind === 'cancel'
    ? { ...before.rdv, status: 'cancelled' }
    : verdict.kind === 'apply'
    ? { ...before.rdv, startsAt: verdict.startsAt, endsAt: verdict.endsAt, location: verdict.location }
    : before.rdv;
  return { ...before, rdv, link };
}

/** The time and place of the appointment, as the event would show them. */
function hereOf({ rdv }: OursEvent, { eventDetail, defaultDurationMinutes }: ReconcileSettings) {
  const start = Date.parse(rdv.startsAt ?? '');
  const end = rdv.endsAt === null ? start + defaultDurationMinutes * 60_000 : Date.parse(rdv.endsAt);
  return { time: [start, end].join(), location: eventDetail === 'busy' ? null : rdv.location ?? '' };
}
const thereOf = ({ time, location }: EventContent, { eventDetail }: ReconcileSettings) => ({
  time: time.kind === 'timed' ? [Date.parse(time.startsAt), Date.parse(time.endsAt)].join() : time.startDay,
  location: eventDetail === 'busy' ? null : location,
});

describe('reconciling', () => {
  test('once more after it was carried out changes nothing', () => {
    fc.assert(
      fc.property(anything, someSettings, (event, given) => {
        const verdict = reconcile(event, given);
        const again = reconcile(carriedOut(event, verdict), given);
        if (verdict.kind === 'wait' || verdict.kind === 'conflict') expect(again).toEqual(verdict);
        else expect(again.kind).toBe('echo');
      }),
      { numRuns: 3000 },
    );
  });

  test('never loses a side', () => {
    fc.assert(
      fc.property(anything, someSettings, (event, given) => {
        const verdict = reconcile(event, given);
        if (verdict.kind === 'wait') return void expect(event.dirty).toBe(true);
        if (!['live', 'updating'].includes(event.link.state) && verdict.state !== 'gone') {
          // Nothing is agreed about it: who sends it next compares.
          return void expect(verdict).toMatchObject({ kind: 'echo', state: null, pushed: null, base: null });
        }
        if (verdict.kind === 'drift') {
          expect(given.twoWay).toBe('off');
          if (event.content === null) return void expect(verdict.state).toBe('gone');
          // What differs is sent again, for it counts as sent as the calendar shows it.
          const [there, sent] = [thereOf(event.content, given), thereOf(verdict.pushed!, given)];
          const agreed = event.link.base ?? event.link.pushed;
          for (const field of ['time', 'location'] as const) {
            if (agreed === null || thereOf(agreed, given)[field] !== there[field]) {
              expect([there[field], hereOf(event, given)[field]]).toContain(sent[field]);
            }
          }
          return;
        }
        if (verdict.kind === 'conflict') {
          const { payload } = verdict;
          expect([payload.calendar, payload.base]).toEqual([event.content, event.link.base ?? event.link.pushed]);
          return;
        }
        const over = event.rdv.deleted || event.rdv.status === 'cancelled';
        if (over) return void expect(verdict.kind).toBe('echo');
        if (verdict.kind === 'cancel') return void expect([given.twoWay, event.content]).toEqual(['auto', null]);
        if (event.content === null) throw new Error(`${verdict.kind} for an event that is gone`);
        const there = thereOf(event.content, given);
        const before = hereOf(event, given);
        const agreed = event.link.base ?? event.link.pushed;
        const known = agreed && thereOf(agreed, given);
        const pushed = event.link.pushed && thereOf(event.link.pushed, given);
        const after = hereOf(carriedOut(event, verdict), given);
        for (const field of ['time', 'location'] as const) {
          const theyChanged = known === null ? there[field] !== before[field] : there[field] !== known[field];
          // What changed there and was not put to a person is here now…
          if (theyChanged) expect(after[field]).toBe(there[field]);
          // …and what did not change there stays as it is here.
          else expect(after[field]).toBe(before[field]);
          // A change made here alone still differs from what was pushed, so that it is pushed.
          if (!theyChanged && pushed && before[field] !== pushed[field]) {
            expect(thereOf(verdict.pushed!, given)[field]).toBe(pushed[field]);
          }
        }
        expect(verdict.base).toEqual(event.content);
      }),
      { numRuns: 3000 },
    );
  });

  test('never books what no appointment can be', () => {
    fc.assert(
      fc.property(anything, someSettings, (event, given) => {
        const verdict = reconcile(event, given);
        if (verdict.kind !== 'apply' || verdict.startsAt === event.rdv.startsAt) return;
        expect(Date.parse(verdict.endsAt ?? '')).toBeGreaterThan(Date.parse(verdict.startsAt ?? ''));
      }),
      { numRuns: 1000 },
    );
  });
});
