/** A conflict as the page understands it, whatever its payload holds. */
import { describe, expect, test } from 'vitest';
import { massChangeOf, overlapsOf, versionsOf } from '../../web/src/conflicts/conflict.ts';
import { cancels, commonDecisions, decisionsOf, effectsOf } from '../../web/src/conflicts/decision.ts';
import { fieldRows } from '../../web/src/conflicts/differences.ts';
import { en } from '../../web/src/conflicts/en.ts';
import { fr } from '../../web/src/conflicts/fr.ts';

const timed = (startsAt: string, endsAt: string, timeZone = 'Europe/Paris') => ({
  kind: 'timed',
  startsAt,
  endsAt,
  timeZone,
});
const nine = timed('2026-11-23T08:00:00.000Z', '2026-11-23T08:30:00.000Z');
const ten = timed('2026-11-23T09:00:00.000Z', '2026-11-23T09:30:00.000Z');
const content = (fields = {}) => ({
  title: 'Soin',
  description: 'Praticien : Dr Moreau',
  location: '',
  time: nine,
  availability: 'busy',
  visibility: 'private',
  ...fields,
});
const differing = (payload: unknown) =>
  fieldRows(versionsOf({ payload })).filter(({ differs }) => differs).map(({ field }) => field);

describe('differences', () => {
  test('exactly the fields that differ between the two sides are marked', () => {
    const payload = { cassius: content(), calendar: content({ time: ten, location: 'Salle 2' }), base: content() };
    expect(differing(payload)).toEqual(['time', 'location']);
    expect(differing({ cassius: content(), calendar: content({ visibility: 'normal' }) })).toEqual(['visibility']);
  });

  test('the same instant written otherwise, and nothing against an empty text, are no difference', () => {
    const same = timed('2026-11-23T09:00:00+01:00', '2026-11-23T09:30:00+01:00', 'Africa/Algiers');
    const base = content({ location: 'Salle 9' });
    expect(differing({ cassius: content(), calendar: content({ time: same, location: null }), base })).toEqual([]);
  });

  test('a side that is gone, unknown or unreadable marks no field, and never breaks the page', () => {
    for (const calendar of [null, undefined, 'x', { time: 'noon' }, { time: { kind: 'timed' } }]) {
      expect(differing({ cassius: { title: 'Soin' }, calendar })).toEqual([]);
    }
    for (const payload of [null, 3, 'x', [], {}]) {
      expect(fieldRows(versionsOf({ payload }))).toEqual([]);
      expect(massChangeOf({ payload })).toEqual({ cancelled: 0, moved: 0, known: 0, sample: [] });
    }
    expect(versionsOf({ payload: { cassius: content(), calendar: null } }).calendar).toBeNull();
  });
});

describe('decisions', () => {
  const conflict = (
    reason: 'time_overlap' | 'changed_both_sides' | 'deleted' | 'mass_change',
    calendar: unknown = content(),
  ) => ({ reason, entity_type: 'appointment', payload: { calendar } }) as const;

  test('every decision of every reason has a sentence in both languages', () => {
    for (const words of [fr, en]) {
      for (const reason of ['time_overlap', 'changed_both_sides', 'deleted', 'mass_change'] as const) {
        for (const entity_type of ['event', 'appointment'] as const) {
          for (const { action } of decisionsOf({ ...conflict(reason), entity_type })) {
            for (const payload of [{}, { count: 3, events: 1 }, { count: 60, events: 60 }]) {
              const effects = effectsOf({ reason, entity_type, payload });
              expect(words.effect[effects][action]('Google')).toMatch(/\.$/);
              expect(words.label[effects][action]('Google')).not.toBe('');
            }
          }
        }
      }
    }
  });

  test('an overlap with several appointments is told as such, and one with a single one as before', () => {
    const several = { reason: 'time_overlap', entity_type: 'event' } as const;
    expect(effectsOf({ ...several, payload: { count: 140, events: 1 } })).toBe('time_overlaps');
    expect(effectsOf({ ...several, payload: { count: 60, events: 60 } })).toBe('time_overlaps');
    expect(effectsOf({ ...several, payload: { count: 1, events: 1 } })).toBe('time_overlap');
    expect(effectsOf({ ...several, payload: { cassius: null } })).toBe('time_overlap');
    expect(overlapsOf({ payload: { count: 'x', appointments: [{ rdvId: 1 }] } })).toEqual({
      count: 1,
      events: 1,
      appointments: [],
    });
  });

  test('two decisions that would do the same are one', () => {
    const offered = (conflict: Parameters<typeof decisionsOf>[0]) => decisionsOf(conflict).map(({ action }) => action);
    const both = ['keep_cassius', 'keep_calendar', 'duplicate'];
    expect(offered(conflict('time_overlap'))).toEqual(both);
    expect(offered({ ...conflict('changed_both_sides'), entity_type: 'event' })).toEqual(both);
    expect(offered(conflict('changed_both_sides'))).toEqual([...both, 'ignore']);
    expect(offered(conflict('deleted', null))).toEqual(['keep_cassius', 'keep_calendar', 'ignore']);
  });

  test('exactly those that cancel appointments of patients are asked about once more', () => {
    const asked = (reason: Parameters<typeof conflict>[0], payload = {}) =>
      decisionsOf(conflict(reason)).filter(({ action }) => cancels({ reason, payload }, action)).map(({ action }) =>
        action
      );
    expect(asked('time_overlap')).toEqual(['keep_calendar']);
    expect(asked('deleted')).toEqual(['keep_calendar']);
    expect(asked('mass_change', { cancelled: 1 })).toEqual(['keep_calendar']);
    expect(asked('mass_change', { cancelled: 0, moved: 30 })).toEqual([]);
    expect(asked('changed_both_sides')).toEqual([]);
  });

  test('a whole day or an empty stretch cannot be taken over as an appointment', () => {
    const keepable = (time: unknown) =>
      decisionsOf(conflict('changed_both_sides', content({ time }))).find(({ action }) => action === 'keep_calendar')!
        .possible;
    expect(keepable(nine)).toBe(true);
    expect(keepable({ kind: 'all_day', startDay: '2026-11-23', endDay: '2026-11-24' })).toBe(false);
    expect(keepable(timed(nine.startsAt, nine.startsAt))).toBe(false);
    expect(decisionsOf(conflict('deleted', null)).every(({ possible }) => possible)).toBe(true);
  });

  test('a mass change is no copy, and a batch offers only what all of its conflicts allow', () => {
    expect(decisionsOf(conflict('mass_change')).map(({ action }) => action)).toEqual([
      'keep_cassius',
      'keep_calendar',
      'ignore',
    ]);
    const allDay = content({ time: { kind: 'all_day', startDay: '2026-11-23', endDay: '2026-11-24' } });
    expect(commonDecisions([conflict('deleted', null), conflict('changed_both_sides', allDay)])).toEqual([
      'keep_cassius',
      'ignore',
    ]);
    expect(commonDecisions([])).toEqual([]);
  });
});
