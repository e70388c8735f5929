import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  CONTENT_FIELDS,
  type EventContent,
  type EventTime,
} from '../../../../supabase/functions/_shared/providers/port/content.ts';
import {
  changedFields,
  pick,
  threeWay,
} from '../../../../supabase/functions/_shared/sync/shared/content_difference.ts';
import { deriveEventId } from '../../../../supabase/functions/_shared/sync/shared/event_id.ts';

const timed = (startsAt: string, endsAt: string, timeZone = 'Europe/Paris'): EventTime => (
  { kind: 'timed', startsAt, endsAt, timeZone }
);
const AGREED: EventContent = {
  title: 'Bilan',
  description: 'Détails',
  location: 'Salle 1',
  time: timed('2026-12-01T09:00:00.000Z', '2026-12-01T09:30:00.000Z'),
  availability: 'busy',
  visibility: 'private',
};

const instants = fc.integer({ min: 0, max: 40_000 }).map((hours) =>
  timed(new Date(hours * 3.6e6).toISOString(), new Date((hours + 1) * 3.6e6).toISOString())
);
const days = fc.integer({ min: 0, max: 9 }).map((day): EventTime => (
  { kind: 'all_day', startDay: `2026-12-0${day}`, endDay: `2026-12-1${day}` }
));
const contents: fc.Arbitrary<EventContent> = fc.record({
  title: fc.constantFrom('a', 'b', 'c'),
  description: fc.constantFrom('a', 'b', 'c'),
  location: fc.constantFrom('a', 'b', 'c'),
  time: fc.oneof(instants, days),
  availability: fc.constantFrom('busy' as const, 'free' as const),
  visibility: fc.constantFrom('normal' as const, 'private' as const),
});

describe('what differs', () => {
  test('is everything where nothing is known of the state before', () => {
    expect(changedFields(null, AGREED)).toEqual([...CONTENT_FIELDS]);
  });

  test('is nothing between two spellings of the same instants', () => {
    const other = timed('2026-12-01T10:00:00+01:00', '2026-12-01T09:30:00Z');
    expect(changedFields(AGREED, { ...AGREED, time: other })).toEqual([]);
  });

  test.each<[string, EventTime]>([
    ['start', timed('2026-12-01T09:01:00.000Z', '2026-12-01T09:30:00.000Z')],
    ['end', timed('2026-12-01T09:00:00.000Z', '2026-12-01T09:31:00.000Z')],
    ['zone', timed('2026-12-01T09:00:00.000Z', '2026-12-01T09:30:00.000Z', 'Europe/London')],
    ['kind', { kind: 'all_day', startDay: '2026-12-01', endDay: '2026-12-02' }],
  ])('is the time, by its %s', (_what, time) => {
    expect(changedFields(AGREED, { ...AGREED, time })).toEqual(['time']);
    expect(changedFields({ ...AGREED, time }, AGREED)).toEqual(['time']);
  });

  test('of two whole days, are their days', () => {
    const day = (startDay: string, endDay: string): EventContent => ({
      ...AGREED,
      time: { kind: 'all_day', startDay, endDay },
    });
    expect(changedFields(day('2026-12-01', '2026-12-02'), day('2026-12-01', '2026-12-02'))).toEqual([]);
    expect(changedFields(day('2026-12-01', '2026-12-02'), day('2026-12-01', '2026-12-03'))).toEqual(['time']);
    expect(changedFields(day('2026-11-30', '2026-12-02'), day('2026-12-01', '2026-12-02'))).toEqual(['time']);
  });

  test('and is written makes the states equal', () => {
    fc.assert(fc.property(contents, contents, (before, after) => {
      const patched = { ...before, ...pick(after, changedFields(before, after)) };
      expect(changedFields(patched, after)).toEqual([]);
    }));
  });
});

describe('three states of one event', () => {
  const compare = (desired: Partial<EventContent>, observed: Partial<EventContent>, known = true) =>
    threeWay({
      pushed: known ? AGREED : null,
      base: known ? AGREED : null,
      desired: { ...AGREED, ...desired },
      observed: { ...AGREED, ...observed },
    });

  test('with an echo of our own need nothing', () => {
    expect(compare({}, {})).toEqual({ ours: [], theirs: [], colliding: [] });
  });

  test('F18: changed in different fields on both sides are merged, not a conflict', () => {
    expect(compare({ title: 'Suivi' }, { location: 'Salle 2' })).toEqual({
      ours: ['title'],
      theirs: ['location'],
      colliding: [],
    });
  });

  test('F18: changed in the same field to two values are a conflict in that field', () => {
    expect(compare({ title: 'Suivi', location: 'Salle 3' }, { title: 'Contrôle' })).toEqual({
      ours: ['title', 'location'],
      theirs: ['title'],
      colliding: ['title'],
    });
  });

  test('changed in the same field to the same value agree', () => {
    expect(compare({ title: 'Suivi' }, { title: 'Suivi' })).toMatchObject({ ours: [], colliding: [] });
  });

  test('of which nothing was kept do not make a conflict of what nobody changed', () => {
    expect(compare({ title: 'Suivi' }, {}, false)).toEqual({ ours: ['title'], theirs: [], colliding: [] });
  });

  test('never lose a change: what is not ours to write is either the same or theirs', () => {
    fc.assert(fc.property(contents, contents, contents, (base, desired, observed) => {
      const { ours, theirs, colliding } = threeWay({ pushed: base, base, desired, observed });
      for (const field of CONTENT_FIELDS) {
        const weChanged = changedFields(base, desired).includes(field);
        const differ = changedFields(desired, observed).includes(field);
        expect(ours.includes(field)).toBe(weChanged && differ);
        expect(theirs.includes(field)).toBe(changedFields(base, observed).includes(field));
        // Of a description each side has its part, and none is lost (own_text.test.ts).
        const shared = field === 'description';
        expect(colliding.includes(field)).toBe(!shared && ours.includes(field) && theirs.includes(field));
      }
    }));
  });
});

describe('an event id', () => {
  const ids = fc.tuple(fc.uuid(), fc.uuid(), fc.uuid(), fc.integer({ min: 0, max: 9 }));

  test('F01: is the same for the same appointment, connection and epoch, and one that every provider takes', () => {
    fc.assert(fc.property(ids, ([organisation, integration, rdv, epoch]) => {
      const id = deriveEventId(organisation, integration, rdv, epoch);
      expect(deriveEventId(organisation, integration, rdv, epoch)).toBe(id);
      expect(id).toMatch(/^[a-v0-9]{5,1024}$/);
    }));
  });

  test('differs with each of what it is made of', () => {
    const [a, b] = ['00000000-0000-4000-8000-00000000000a', '00000000-0000-4000-8000-00000000000b'];
    const made = [deriveEventId(a, a, a, 0), deriveEventId(b, a, a, 0), deriveEventId(a, b, a, 0)];
    expect(new Set([...made, deriveEventId(a, a, b, 0), deriveEventId(a, a, a, 1)]).size).toBe(5);
  });
});
