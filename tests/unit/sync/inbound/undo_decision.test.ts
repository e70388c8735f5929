import { describe, expect, test } from 'vitest';
import type { EventContent } from '../../../../supabase/functions/_shared/providers/port/content.ts';
import {
  type DecidedQuestion,
  undoDecision,
  type Undone,
} from '../../../../supabase/functions/_shared/sync/inbound/undo_decision.ts';

const time = (hour: number) => ({
  kind: 'timed' as const,
  startsAt: `2026-11-24T${String(hour).padStart(2, '0')}:00:00.000Z`,
  endsAt: `2026-11-24T${String(hour + 1).padStart(2, '0')}:00:00.000Z`,
  timeZone: 'Europe/Paris',
});
const AGREED: EventContent = {
  title: '[Cassius] Contrôle',
  description: 'Praticien : Dr Essai',
  location: 'Salle 1',
  time: time(9),
  availability: 'busy',
  visibility: 'private',
};
/** What its owner made of it. */
const THEIRS: EventContent = { ...AGREED, title: 'Titre à elle', location: 'Chez elle', time: time(15) };
/** What the decision for Cassius wrote over it. */
const OURS: EventContent = { ...AGREED, description: 'Praticien : Dr Essai\nApporter la radio' };

const before = {
  calendarId: 'c',
  eventId: 'e',
  epoch: 0,
  etag: '1',
  state: 'live',
  pushed: AGREED,
  base: AGREED,
} as const;
/** Decided for Cassius, and sent. */
const decided = (change: Partial<DecidedQuestion> = {}): DecidedQuestion => ({
  id: 'q',
  reason: 'changed_both_sides',
  entityType: 'appointment',
  status: 'resolved',
  resolution: 'keep_cassius',
  updatedAt: 'then',
  payload: {},
  asSeen: true,
  eventDetail: 'full',
  practice: { timezone: 'Europe/Paris', defaultDurationMinutes: 30 },
  rdv: null,
  link: { state: 'live', etag: '3', epoch: 0, pushed: OURS, base: OURS, cancelledFrom: null },
  former: null,
  event: null,
  decision: { payload: { etag: '2', calendar: THEIRS, cassius: AGREED }, link: before, former: null },
  ...change,
});
const link = (change: object) => ({ link: { ...decided().link!, ...change } });
const written = (undone: Undone) => {
  if (undone.kind !== 'write') throw new Error(`It is ${undone.kind}`);
  return undone;
};

describe('a decision that was written to the event', () => {
  test('puts back what its owner had there, and no more', () => {
    expect(written(undoDecision(decided(), { etag: '3', content: OURS })).there).toEqual({
      kind: 'patch',
      version: '3',
      changes: { time: THEIRS.time, location: 'Chez elle', title: 'Titre à elle' },
    });
  });

  test('leaves the title that its owner has chosen since', () => {
    const there = { etag: '3', content: { ...OURS, title: 'Encore autre' } };
    expect(written(undoDecision(decided(), there)).there).toMatchObject({
      changes: { time: THEIRS.time, location: 'Chez elle' },
    });
    expect(written(undoDecision(decided(), there)).there).not.toHaveProperty('changes.title');
  });

  test('knows what is ours in the description by what was written last', () => {
    const { undoing } = written(undoDecision(decided(), { etag: '3', content: OURS }));
    expect(undoing.link).toEqual({
      state: 'live',
      etag: '1',
      pushed: { ...AGREED, description: OURS.description },
      base: { ...AGREED, description: OURS.description },
    });
    expect(undoing).toMatchObject({ etag: '3', writes: true });
  });

  test('does not look at a place that the event does not show', () => {
    const { there } = written(undoDecision(decided({ eventDetail: 'busy' }), { etag: '3', content: OURS }));
    expect(there).toMatchObject({ changes: { time: THEIRS.time } });
    expect(there).not.toHaveProperty('changes.location');
  });

  test('writes nothing where the event is as it was', () => {
    const there = { etag: '3', content: { ...THEIRS, description: OURS.description } };
    const { there: needed, undoing } = written(undoDecision(decided({ resolution: 'keep_calendar' }), there));
    expect([needed, undoing.writes, undoing.etag]).toEqual([null, false, '3']);
  });

  test.each([
    ['another version than the one that was written', decided(), { etag: '4', content: OURS }],
    ['another time than was written', decided(), { etag: '3', content: { ...OURS, time: time(11) } }],
    ['nothing any more', decided(), null],
    ['nothing that can be read', decided(), { etag: '3', content: null }],
    ['what is not known to be ours', decided(link({ pushed: null })), { etag: '3', content: OURS }],
    ['another event of the appointment', decided(link({ epoch: 1 })), { etag: '3', content: OURS }],
  ])('is left where the event shows %s', (_what, question, observed) => {
    expect(undoDecision(question, observed)).toEqual({ kind: 'overtaken' });
  });
});

test('a decision that was not sent needs nothing there', () => {
  const question = decided(link({ etag: '2', pushed: THEIRS, base: THEIRS }));
  const { there, undoing } = written(undoDecision(question, { etag: '2', content: THEIRS }));
  expect(there).toBeNull();
  expect(undoing.link).toEqual({ state: 'live', etag: '1', pushed: AGREED, base: AGREED });
});

test.each(['creating', 'updating', 'deleting'] as const)('a link that is %s is waited for', (state) => {
  expect(undoDecision(decided(link({ state })), { etag: '3', content: OURS })).toEqual({ kind: 'early' });
});

test('one that is open is open, and one of which nothing is kept stays', () => {
  expect(undoDecision(decided({ status: 'open' }), null)).toEqual({ kind: 'open' });
  expect(undoDecision(decided({ decision: null }), null)).toEqual({ kind: 'late' });
});

describe('a deletion', () => {
  const question = (change: object = {}, resolution: DecidedQuestion['resolution'] = 'keep_cassius') =>
    decided({
      reason: 'deleted',
      resolution,
      ...link({ epoch: 1, ...change }),
      decision: { ...decided().decision!, link: { ...before, state: 'detached', etag: null } },
    });

  test('for which the event was made again: it goes again, announced, in the version that we made', () => {
    const { there, undoing } = written(undoDecision(question(), { etag: '3', content: OURS }));
    expect(there).toEqual({ kind: 'delete', version: '3' });
    expect(undoing.link).toMatchObject({ state: 'deleting' });
  });

  test.each([
    ['was changed since', question(), { etag: '4', content: OURS }],
    ['is gone again', question(), null],
    ['was brought back by its owner', question({ epoch: 0 }), { etag: '3', content: OURS }],
    ['is back beside a cancelled appointment', question({ epoch: 0, state: 'gone' }, 'keep_calendar'), {
      etag: '5',
      content: THEIRS,
    }],
  ])('is left where the event %s', (_what, asked, observed) => {
    expect(undoDecision(asked, observed)).toEqual({ kind: 'overtaken' });
  });
});

test.each([
  ['as it was', '"a"', 'confirmed', 'write'],
  ['in another version', '"b"', 'confirmed', 'overtaken'],
  ['cancelled', '"a"', 'cancelled', 'overtaken'],
])('of an event of others, %s', (_what, etag, status, kind) => {
  const event = { etag, status } as DecidedQuestion['event'];
  const decision = { ...decided().decision!, payload: { etag: '"a"' }, link: null };
  expect(undoDecision(decided({ entityType: 'event', link: null, event, decision }), null).kind).toBe(kind);
});

test('too much at once: until a reading has carried the answer out', () => {
  const mass = (payload: DecidedQuestion['payload']) => decided({ reason: 'mass_change', link: null, payload });
  expect(undoDecision(mass({ fingerprint: 'f' }), null)).toMatchObject({ kind: 'write', there: null });
  expect(undoDecision(mass({}), null)).toEqual({ kind: 'late' });
});
