import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CONFLICT_ACTIONS } from '../../../../supabase/functions/_shared/vocabulary.ts';
import type { EventContent } from '../../../../supabase/functions/_shared/providers/port/content.ts';
import {
  type Decided,
  type ObservedNow,
  type Question,
  settleConflict,
  type Settlement,
} from '../../../../supabase/functions/_shared/sync/inbound/settle_conflict.ts';

type Rdv = NonNullable<Question['rdv']>;

const at = (hour: number, minute = 0) => new Date(Date.UTC(2026, 11, 1, hour, minute)).toISOString();
const timed = (from: number, to: number, timeZone = 'Europe/Paris'): EventContent['time'] => (
  { kind: 'timed', startsAt: at(from), endsAt: at(to), timeZone }
);
const CONTENT: EventContent = {
  title: 'Contrôle',
  description: '',
  location: 'Salle 1',
  time: timed(9, 10),
  availability: 'busy',
  visibility: 'private',
};
const THERE: EventContent = { ...CONTENT, location: 'Salle 2', time: timed(14, 15, 'America/New_York') };
const RDV: Rdv = {
  updatedAt: at(1),
  asShown: true,
  status: 'scheduled',
  source: 'cassius',
  type: 'Contrôle',
  act: 'Détartrage',
  notes: 'Apporter la radio',
  location: 'Salle 3',
  startsAt: at(11),
  endsAt: at(12),
  practitionerId: 'practitioner',
  patientId: 'patient',
};
const QUESTION: Question = {
  id: 'q',
  reason: 'changed_both_sides',
  entityType: 'appointment',
  status: 'open',
  resolution: null,
  updatedAt: at(2),
  payload: { etag: '"2"', cassius: CONTENT, calendar: THERE, base: CONTENT, fields: ['time'], calendarId: 'c' },
  asSeen: true,
  eventDetail: 'full',
  practice: { timezone: 'Europe/Paris', defaultDurationMinutes: 45 },
  rdv: RDV,
  link: { epoch: 3, state: 'live', etag: '"1"', pushed: CONTENT, base: CONTENT, cancelledFrom: null },
  former: null,
  event: null,
};
const DELETED: Question = { ...QUESTION, reason: 'deleted', payload: { ...QUESTION.payload, etag: null } };
const OBSERVED: ObservedNow = { etag: '"2"', content: THERE };
const EVENT: NonNullable<Question['event']> = {
  etag: '"2"',
  status: 'confirmed',
  updatedAt: at(3),
  provider: 'demo',
  type: 'Réunion',
  description: 'Ordre du jour',
  location: 'Mairie',
  startsAt: at(14),
  endsAt: at(15),
  time: timed(14, 15),
};
const IMPORTED: Question = { ...QUESTION, entityType: 'event', link: null, event: EVENT };

const settle = (question: Question, action: string, observed: ObservedNow | null = OBSERVED): Decided =>
  settleConflict(question, action as never, observed, (content) => content);
function written(decided: Decided): Settlement {
  if (decided.kind !== 'write') throw new Error(`Nothing is written: ${decided.kind}`);
  return decided.settlement;
}
const NOTHING = { link: null, rdv: null, duplicate: null, push: false, revisit: false };
const row = ({ updatedAt: _, asShown: __, ...more }: Rdv) => more;

describe('a decision about an appointment and its event', () => {
  test('keep_calendar takes time and place over, and sends what the question is not about', () => {
    expect(written(settle(QUESTION, 'keep_calendar'))).toMatchObject({
      status: 'resolved',
      resolution: 'keep_calendar',
      rdv: { ...row(RDV), startsAt: at(14), endsAt: at(15), location: 'Salle 2' },
      // In the practice's zone, as the next push would write it.
      link: {
        state: 'live',
        etag: '"2"',
        base: THERE,
        pushed: { ...CONTENT, location: 'Salle 2', time: timed(14, 15) },
      },
      push: true,
    });
  });

  test('keep_calendar of a title counts the appointment’s as sent, and what is not asked about as it was', () => {
    const [title, description] = ['[Cassius] Bilan', 'Notes : allergie'];
    const titled: Question = {
      ...QUESTION,
      payload: { ...QUESTION.payload, fields: ['title'], cassius: { ...CONTENT, title, description } },
    };
    expect(written(settle(titled, 'keep_calendar')).link?.pushed).toMatchObject({
      title,
      description: QUESTION.link!.pushed!.description,
    });
  });

  test('keep_calendar of an event that shows no place leaves the appointment’s, and the owner’s own there', () => {
    const shown = { ...CONTENT, location: '' };
    const busy: Question = {
      ...QUESTION,
      eventDetail: 'busy',
      link: { ...QUESTION.link!, pushed: shown, base: shown },
    };
    expect(written(settle(busy, 'keep_calendar'))).toMatchObject({
      rdv: { location: 'Salle 3' },
      link: { pushed: { location: '' } },
    });
  });

  test('keep_cassius writes the appointment over whatever the event shows', () => {
    expect(written(settle(QUESTION, 'keep_cassius'))).toMatchObject({
      ...NOTHING,
      link: { state: 'live', etag: '"2"', pushed: THERE, base: THERE },
      push: true,
    });
  });

  test.each([
    ['all of ours', 'Acte : Bilan\nlien', 'Code\nActe : Bilan\nlien', 'Acte : Bilan\nlien'],
    ['some of ours', 'Acte : Bilan\nlien', 'Code\nlien', 'lien'],
    ['nothing of ours', 'Acte : Bilan\nlien', 'Code', ''],
  ])('keep_cassius counts as sent, of a description with %s, no line of its owner', (_, ours, description, sent) => {
    const link = { ...QUESTION.link!, pushed: { ...CONTENT, description: ours } };
    const shown = { ...OBSERVED, content: { ...THERE, description } };
    expect(written(settle({ ...QUESTION, link }, 'keep_cassius', shown)).link).toMatchObject({
      pushed: { ...THERE, description: sent },
      base: { description },
    });
  });

  test('ignore leaves both, and the next change decides', () => {
    expect(written(settle(QUESTION, 'ignore'))).toMatchObject({
      ...NOTHING,
      status: 'ignored',
      link: { state: 'live', etag: '"2"', pushed: CONTENT, base: THERE },
    });
  });

  test('duplicate makes a second appointment of what the calendar shows, and writes the first over the event', () => {
    expect(written(settle(QUESTION, 'duplicate'))).toMatchObject({
      rdv: null,
      duplicate: { ...row(RDV), startsAt: at(14), endsAt: at(15), location: 'Salle 2' },
      link: { pushed: THERE },
      push: true,
    });
  });

  test.each([
    ['Europe/Paris', '2026-11-30T23:00:00.000Z', '2026-12-01T23:00:00.000Z'],
    ['America/Martinique', '2026-12-01T04:00:00.000Z', '2026-12-02T04:00:00.000Z'],
  ])('duplicate of a whole day lasts from midnight to midnight in %s', (timezone, startsAt, endsAt) => {
    const day: EventContent = { ...THERE, time: { kind: 'all_day', startDay: '2026-12-01', endDay: '2026-12-02' } };
    const question = { ...QUESTION, practice: { timezone, defaultDurationMinutes: 45 } };
    const settlement = written(settle(question, 'duplicate', { etag: '"2"', content: day }));
    expect(settlement.duplicate).toMatchObject({ startsAt, endsAt });
  });

  test.each<[string, EventContent | null]>([
    ['a whole day', { ...THERE, time: { kind: 'all_day', startDay: '2026-12-01', endDay: '2026-12-02' } }],
    ['no time', { ...THERE, time: timed(14, 14) }],
    ['nothing that can be read', null],
  ])('keep_calendar of %s is refused', (_name, content) => {
    expect(() => settle(QUESTION, 'keep_calendar', { etag: '"2"', content })).toThrow(
      expect.objectContaining({ code: 'INVALID_EVENT' }),
    );
  });

  test.each([
    ['keep_cassius', { link: { state: 'gone' }, push: true }],
    ['keep_calendar', { link: { state: 'gone' }, rdv: { status: 'cancelled' }, push: false }],
    ['duplicate', { link: { state: 'detached' }, rdv: null, duplicate: null }],
    ['ignore', { link: { state: 'detached' }, rdv: null, status: 'ignored' }],
  ])('%s of a deletion', (action, outcome) => {
    expect(written(settle(DELETED, action, null))).toMatchObject(outcome);
  });

  test('keep_calendar of a deletion leaves an appointment that took place', () => {
    const over = { ...DELETED, rdv: { ...RDV, status: 'completed' } };
    expect(written(settle(over, 'keep_calendar', null)).rdv).toBeNull();
  });
});

describe('a question that is not as the person saw it', () => {
  test.each<[string, Question, ObservedNow | null, object]>([
    ['changed here', { ...QUESTION, rdv: { ...RDV, asShown: false } }, OBSERVED, { reason: 'changed_both_sides' }],
    ['changed there', QUESTION, { ...OBSERVED, etag: '"3"' }, { payload: { etag: '"3"', calendar: THERE } }],
    ['is gone there', QUESTION, null, { reason: 'deleted', link: { state: 'detached' }, payload: { calendar: null } }],
  ])('%s shows the present and decides nothing', (_name, question, observed, outcome) => {
    const decided = settle(question, 'keep_cassius', observed);
    expect(decided).toMatchObject({ decided: false });
    expect(written(decided)).toMatchObject({ status: 'open', resolution: null, rdv: null, push: false, ...outcome });
  });

  test('shows an appointment without an end as long as the practice says', () => {
    const question = { ...QUESTION, rdv: { ...RDV, endsAt: null, asShown: false } };
    const { payload } = written(settle(question, 'ignore'));
    expect(payload.cassius?.time).toMatchObject({ startsAt: at(11), endsAt: at(11, 45) });
  });

  test.each<[string, Question, ObservedNow | null]>([
    ['whose appointment is gone', { ...QUESTION, rdv: null }, OBSERVED],
    ['whose link is gone', { ...QUESTION, link: null }, OBSERVED],
    ['whose imported event was cancelled', { ...IMPORTED, event: { ...EVENT, status: 'cancelled' } }, null],
  ])('%s is over', (_name, question, observed) => {
    expect(written(settle(question, 'keep_cassius', observed))).toMatchObject({ ...NOTHING, resolution: 'vanished' });
  });

  test('whose event is back in the calendar is over, and the event is looked at', () => {
    const back = written(settle(DELETED, 'keep_cassius', OBSERVED));
    expect(back).toMatchObject({
      resolution: 'vanished',
      link: { state: 'live', etag: null },
      push: true,
      revisit: true,
    });
  });

  test('in the words of the person’s screen is outdated, and nothing is written', () => {
    expect(settle({ ...QUESTION, asSeen: false }, 'ignore')).toEqual({ kind: 'outdated' });
  });

  test('and was answered before takes the same answer again, and no other', () => {
    const closed: Question = { ...QUESTION, status: 'ignored', resolution: 'ignore' };
    expect(settle(closed, 'ignore')).toEqual({ kind: 'answered', status: 'ignored', resolution: 'ignore' });
    expect(() => settle(closed, 'keep_cassius')).toThrow(expect.objectContaining({ code: 'CONFLICT_CLOSED' }));
  });
});

describe('a decision about an appointment made of somebody else’s event', () => {
  const taken = { type: 'Réunion', location: 'Mairie', startsAt: at(14), endsAt: at(15) };
  test.each<[string, object]>([
    ['keep_calendar', { rdv: { ...row(RDV), ...taken }, duplicate: null }],
    ['duplicate', {
      rdv: null,
      duplicate: { ...taken, patientId: null, act: null, notes: 'Ordre du jour', source: 'demo', status: 'scheduled' },
    }],
    ['keep_cassius', NOTHING],
    ['ignore', { ...NOTHING, status: 'ignored' }],
  ])('%s', (action, outcome) => {
    expect(written(settle(IMPORTED, action, null))).toMatchObject(outcome);
  });

  test.each<[string, EventContent['time']]>([
    ['takes whole days', { kind: 'all_day', startDay: '2026-12-01', endDay: '2026-12-02' }],
    ['has no length', timed(14, 14)],
  ])('that %s cannot be taken over', (_, time) => {
    expect(() => settle({ ...IMPORTED, event: { ...EVENT, time } }, 'keep_calendar')).toThrow(/no appointment/);
  });

  test('that moved shows the present', () => {
    const moved = { ...IMPORTED, event: { ...EVENT, etag: '"3"', time: timed(16, 17) } };
    expect(written(settle(moved, 'keep_calendar', null))).toMatchObject({
      status: 'open',
      payload: { etag: '"3"', calendar: { time: timed(16, 17) }, cassius: { time: timed(11, 12) } },
    });
  });
});

test('too much at once cannot be kept twice', () => {
  expect(() => settle({ ...QUESTION, reason: 'mass_change' }, 'duplicate')).toThrow(
    expect.objectContaining({ code: 'INVALID_REQUEST' }),
  );
});

test('whatever is decided names the state for which it was, and no decision both writes and takes over', () => {
  const questions = fc.constantFrom(QUESTION, DELETED, IMPORTED, { ...QUESTION, rdv: null }, {
    ...QUESTION,
    link: null,
  });
  const observed = fc.option(
    fc.constantFrom(OBSERVED, { etag: '"9"', content: null }, { etag: '"2"', content: CONTENT }),
  );
  fc.assert(fc.property(questions, fc.constantFrom(...CONFLICT_ACTIONS), observed, (question, action, seen) => {
    let decided: Decided;
    try {
      decided = settle(question, action, seen);
    } catch (error) {
      return void expect(error).toMatchObject({ code: 'INVALID_EVENT' });
    }
    const settlement = written(decided);
    expect(settlement).toMatchObject({
      questionUpdatedAt: question.updatedAt,
      rdvUpdatedAt: question.rdv?.updatedAt ?? null,
      linkState: question.link?.state ?? null,
      linkEtag: question.link?.etag ?? null,
      epoch: question.link?.epoch ?? null,
      eventUpdatedAt: question.event?.updatedAt ?? null,
    });
    // What is taken over counts as sent: it is not written back.
    if (settlement.push && settlement.rdv) {
      const { startsAt, location } = settlement.rdv;
      expect(settlement.link?.pushed).toMatchObject({ time: { startsAt }, location: location ?? '' });
    }
    if (decided.kind === 'write' && !decided.decided) {
      expect([settlement.rdv, settlement.duplicate]).toEqual([null, null]);
      // Without a decision only what a question held back goes out, once that is over because its event is back.
      if (settlement.push) expect(settlement).toMatchObject({ resolution: 'vanished', revisit: true });
    }
  }));
});
