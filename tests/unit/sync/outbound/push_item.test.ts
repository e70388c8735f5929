import { describe, expect, test } from 'vitest';
import type { ObservedEvent, SeriesPlace } from '../../../../supabase/functions/_shared/providers/port/calendar.ts';
import type { EventLink, LinkState } from '../../../../supabase/functions/_shared/sync/shared/appointment.ts';
import {
  type Answer,
  type Ask,
  begin,
  mayFollow,
  type Step,
  step,
  TRANSITIONS,
  type Writing,
} from '../../../../supabase/functions/_shared/sync/outbound/push_item.ts';
import { namesIn, tableUnder } from '../../../states_page.ts';
import { aJob, aLane, aLink, INTEGRATION, providerError, RDV, TARGET } from './lane_world.ts';

const CONTENT = {
  title: 'Bilan',
  description: '',
  location: '',
  time: {
    kind: 'timed',
    startsAt: '2026-12-01T09:00:00.000Z',
    endsAt: '2026-12-01T09:30:00.000Z',
    timeZone: 'Europe/Paris',
  },
  availability: 'busy',
  visibility: 'private',
} as const;
const REF = { calendarId: TARGET, eventId: 'cs0' };
const PLACE = { seriesId: REF.eventId, at: CONTENT.time.startsAt };
const desired = { ...CONTENT, title: 'Suivi' };
const DECISIONS: Readonly<Record<string, Writing>> = {
  create: { kind: 'create', calendarId: TARGET, epoch: 0, desired },
  patch: { kind: 'patch', ref: REF, changes: { title: desired.title }, desired },
  delete: { kind: 'delete', ref: REF },
  move: { kind: 'move', from: REF, calendarId: 'other', epoch: 1, desired },
  verify: { kind: 'verify', ref: REF, desired },
  revive: { kind: 'revive', from: REF, calendarId: TARGET, desired },
  reviveElsewhere: { kind: 'revive', from: REF, calendarId: 'other', desired },
  end: { kind: 'end', ref: REF, version: '"1"' },
};
const event = (change: Partial<ObservedEvent> = {}): ObservedEvent => ({
  ref: REF,
  version: '"2"',
  status: 'confirmed',
  content: CONTENT,
  marker: null,
  updatedAt: null,
  ...change,
});

/** What an answer of this word can be: events as they were, as they should be, and changed by a person. */
const answersOf = (word: string, epoch = 0): Answer[] => {
  const shown = [CONTENT, desired, { ...CONTENT, title: 'Le mien' }];
  switch (word) {
    case 'created':
    case 'patched':
      return shown.map((content) => ({ result: word, event: event({ content }) }));
    case 'deleted':
    case 'already_gone':
    case 'exists':
      return [{ result: word }];
    case 'ours': {
      const marker = { appointmentId: RDV, integrationId: INTEGRATION, epoch };
      return shown.map((content) => ({ result: 'looked', event: event({ content, marker }) }));
    }
    case 'foreign':
      return shown.map((content) => ({ result: 'looked', event: event({ content }) }));
    case 'elsewhere':
      return [{ result: 'located', ref: { calendarId: 'elsewhere', eventId: 'cs0' } }];
    case 'nowhere':
      return [{ result: 'located', ref: null }];
    case 'unproven':
      return [{ result: 'already_gone', unproven: true }];
    case 'series': {
      const marker = { appointmentId: RDV, integrationId: INTEGRATION, epoch };
      return [{ result: 'looked', event: event({ marker, repeats: true }) }];
    }
    case 'missing':
      return [{ result: 'looked', event: null }];
    case 'cancelled':
      return [
        { result: 'looked', event: event({ status: 'cancelled' }) },
        { result: 'looked', event: event({ ref: { ...REF, eventId: 'cs0_1' }, status: 'cancelled', place: PLACE }) },
      ];
    default:
      return [{ result: 'failed', error: providerError(word as never) }];
  }
};

/** What came of a step, in the words of the page. */
function wordOf(told: Step): string {
  if ('failed' in told) return 'failed';
  if ('result' in told) return told.result.conflict ? 'question' : 'done';
  const { ask } = told.next;
  if (ask.kind === 'write') return ask.operation.kind;
  return ask.kind === 'probe' ? ask.kind : `${ask.kind}_${ask.why}`;
}

/** Every way that a first question can go, by table. */
function walk(
  decision: keyof typeof DECISIONS,
  state: LinkState,
  twoWay: 'off' | 'review',
  place: SeriesPlace | null,
  keepsDeleted: boolean,
): Set<string> {
  const seen = new Set<string>();
  const link = aLink({ state, pushed: CONTENT, base: CONTENT, place });
  const first = begin(aJob({ link }), DECISIONS[decision]!, aLane({ settings: { twoWay } }), { keepsDeleted });
  const queue = [first];
  const been = new Set<string>();
  for (let state = queue.pop(); state; state = queue.pop()) {
    const asked = wordOf({ next: state });
    const looksFor = state.ask.kind === 'look' && state.ask.place !== undefined;
    const at = [asked, looksFor, state.decision.kind, state.epoch, state.rounds, state.action].join(' ');
    if (been.has(at)) continue;
    been.add(at);
    for (const word of Object.keys(TRANSITIONS[asked] ?? {})) {
      // What is looked for as an occurrence of ours is that, or missing.
      if (looksFor && (word === 'series' || word === 'foreign')) continue;
      for (const answer of answersOf(word, state.epoch)) {
        const told = step(state, answer);
        seen.add(`${asked} ${word} ${wordOf(told)}`);
        if ('next' in told) queue.push(told.next);
      }
    }
  }
  return seen;
}

const everything = new Set(
  Object.keys(DECISIONS).flatMap((decision) =>
    (['creating', 'live', 'updating', 'deleting', 'gone'] as const).flatMap((state) =>
      (['off', 'review'] as const).flatMap((twoWay) =>
        [null, { seriesId: 's', at: CONTENT.time.startsAt }].flatMap((place) =>
          [true, false].flatMap((keepsDeleted) => [...walk(decision, state, twoWay, place, keepsDeleted)])
        )
      )
    )
  ),
);

describe('the table of a push', () => {
  const pairs = Object.entries(TRANSITIONS).flatMap(([asked, answers]) =>
    Object.keys(answers).map((answer) => [asked, answer] as const)
  );

  test('is the one that the page shows, and leads where the page says', () => {
    const shown = tableUnder('A push').map(({ asked, answered, then }) => [asked, answered, namesIn(then!).sort()]);
    expect(shown).toEqual(pairs.map(([asked, answer]) => {
      const ways = [...everything].map((way) => way.split(' ')).filter((way) => way[0] === asked && way[1] === answer);
      return [asked, answer, ways.map(([, , then]) => then).sort()];
    }));
  });

  test('an error that it does not list is the failure of its item', () => {
    const state = begin(aJob(), DECISIONS.create!, aLane(), { keepsDeleted: true });
    expect(wordOf(step(state, answersOf('RATE_LIMITED')[0]!))).toBe('failed');
    expect(wordOf(step(state, { result: 'exists' }))).toBe('failed');
  });
});

test('what the first answer may ask for is kept back, of later ones nothing', () => {
  const follow = (decision: string, state: LinkState) =>
    mayFollow(begin(aJob({ link: aLink({ state }) }), DECISIONS[decision]!, aLane(), { keepsDeleted: true }));
  expect(follow('create', 'gone')).toEqual([]);
  expect(follow('create', 'creating')).toEqual(['read', 'patch']);
  expect(follow('patch', 'live')).toEqual(['read', 'patch']);
  expect(follow('move', 'live')).toEqual(['read', 'delete', 'create']);
  expect(follow('delete', 'live')).toEqual(['read', 'delete']);
  expect(follow('verify', 'updating')).toEqual(['patch']);
  const second = step(
    begin(aJob(), DECISIONS.create!, aLane(), { keepsDeleted: true }),
    answersOf('DUPLICATE_CREATE')[0]!,
  );
  expect('next' in second && mayFollow(second.next)).toEqual([]);
});

describe('of a series that its owner made of our event and from which ours was deleted,', () => {
  const ours = { appointmentId: RDV, integrationId: INTEGRATION, epoch: 0 };
  const series = event({ marker: ours, repeats: true });
  const place = PLACE;
  const deleted = event({ ref: { ...REF, eventId: 'cs0_1' }, status: 'cancelled', content: null, place });
  const looked = (event: ObservedEvent | null): Answer => ({ result: 'looked', event });

  const begun = (decision: 'patch' | 'delete' | 'verify', twoWay: 'off' | 'review', link: EventLink) =>
    begin(
      aJob({ link }),
      { ...DECISIONS[decision]!, ref: { calendarId: TARGET, eventId: link.eventId ?? '' } } as Writing,
      aLane({ settings: { twoWay } }),
      { keepsDeleted: true },
    );
  const met = (ask: Ask, found: ObservedEvent | null): Answer => {
    if (ask.kind === 'write') return answersOf('VERSION_CONFLICT')[0]!;
    return looked(ask.kind === 'look' && ask.place === undefined && ask.ref.eventId === REF.eventId ? series : found);
  };
  /** The asks that lead up to what is located, from a change or an end that met the series. */
  const upToLocating = (
    decision: 'patch' | 'delete' | 'verify',
    twoWay: 'off' | 'review',
    found: ObservedEvent | null,
  ) => {
    let state = begun(decision, twoWay, aLink({ pushed: CONTENT, base: CONTENT }));
    while (state.ask.kind !== 'locate') {
      const told = step(state, met(state.ask, found));
      if ('next' in told) state = told.next;
      else if ('result' in told && told.result.link) state = begun(decision, twoWay, told.result.link);
      else throw new Error(`It ends: ${JSON.stringify(told)}`);
    }
    return state;
  };
  /** To the end, where each calendar that is asked has the series. */
  const end = (state: ReturnType<typeof begin>): Step => {
    const answers: Readonly<Record<string, Answer>> = {
      locate: {
        result: 'located',
        ref: state.ask.kind === 'locate' && state.ask.ref.eventId === REF.eventId ? REF : null,
      },
      probe: { result: 'exists' },
    };
    const answer = answers[state.ask.kind];
    if (!answer) return { next: state };
    const told = step(state, answer);
    return 'next' in told ? end(told.next) : told;
  };

  test.each(
    [
      ['patch', 'live', 'live'],
      ['verify', 'updating', 'updating'],
      ['delete', 'live', 'live'],
      ['create', 'creating', 'gone'],
      ['move', 'live', 'live'],
      ['revive', 'gone', 'gone'],
    ] as const,
  )('a %s writes down first which one that was', (decision, state, becomes) => {
    const link = aLink({ state, pushed: CONTENT, base: CONTENT });
    let told: Step = {
      next: begin(aJob({ link }), DECISIONS[decision]!, aLane({ settings: { twoWay: 'off' } }), { keepsDeleted: true }),
    };
    while ('next' in told) {
      const { ask } = told.next;
      told = step(
        told.next,
        decision === 'create' && ask.kind === 'write' ? answersOf('DUPLICATE_CREATE')[0]! : met(ask, deleted),
      );
    }
    expect(told).toMatchObject({
      result: {
        outcome: 'retry',
        action: 'skipped',
        delaySeconds: 0,
        link: { ...link, state: becomes, eventId: 'cs0_1', etag: null, place },
      },
    });
  });

  test.each(['patch', 'verify'] as const)(
    'a %s asks about the deletion, and its link is what was deleted',
    (decision) => {
      for (
        const [found, link] of [[deleted, { eventId: 'cs0_1', place }], [null, {
          eventId: 'cs0',
          place: null,
        }]] as const
      ) {
        const told = end(upToLocating(decision, 'review', found));
        expect('result' in told && told.result).toMatchObject({
          outcome: 'done',
          conflict: { reason: 'deleted', payload: { eventId: link.eventId } },
          link: { state: 'detached', calendarId: TARGET, ...link },
        });
      }
    },
  );

  test.each(['patch', 'verify'] as const)('a %s that puts right makes a new event', (decision) => {
    for (const found of [deleted, null]) {
      const told = end(upToLocating(decision, 'off', found));
      expect(wordOf(told)).toBe('create');
    }
  });

  test('an end has nothing left to end', () => {
    for (
      const [found, link] of [[deleted, { eventId: 'cs0_1', place }], [null, { eventId: 'cs0', place: null }]] as const
    ) {
      const told = end(upToLocating('delete', 'off', found));
      expect('result' in told && told.result).toMatchObject({ action: 'deleted', link: { state: 'gone', ...link } });
    }
  });

  test('the series is followed where it was moved as a whole', () => {
    const away = { ...REF, calendarId: 'elsewhere' };
    const told = step(upToLocating('patch', 'off', null), { result: 'located', ref: away });
    expect('next' in told && told.next.ask).toMatchObject({ kind: 'look', why: 'version', ref: away });
  });

  test('an occurrence that is back meanwhile is looked at again', () => {
    const state = upToLocating('patch', 'off', deleted);
    const told = step(state, { result: 'located', ref: deleted.ref });
    expect('next' in told && told.next.ask).toMatchObject({ kind: 'look', why: 'version', ref: deleted.ref });
  });
});

describe('an event that ends for another one', () => {
  const base = CONTENT;
  const begun = (twoWay: 'off' | 'review' | 'auto', titled: string) =>
    begin(
      aJob({ link: aLink({ etag: null, pushed: { ...CONTENT, title: 'Contrôle' }, base }) }),
      { kind: 'move', from: REF, calendarId: 'other', epoch: 1, desired: { ...CONTENT, title: titled } },
      aLane({ settings: { twoWay } }),
      { keepsDeleted: true },
    );
  const seen = (content: Partial<typeof CONTENT>): Answer => ({
    result: 'looked',
    event: event({
      content: { ...CONTENT, ...content },
      marker: { appointmentId: RDV, integrationId: INTEGRATION, epoch: 1 },
    }),
  });
  const next = (told: Step) => {
    if (!('next' in told)) throw new Error(`It ended: ${JSON.stringify(told)}`);
    return told.next;
  };

  test.each(['review', 'auto'] as const)(
    'gives it what its owner changed, which the import then finds (%s)',
    (twoWay) => {
      const removed = next(step(begun(twoWay, 'Suivi'), seen({ location: 'Annexe' } as never)));
      const made = next(step(removed, { result: 'deleted' }));
      expect(made.ask).toMatchObject({
        operation: { kind: 'create', content: { title: 'Suivi', location: 'Annexe' } },
      });
      const content = { ...CONTENT, title: 'Suivi', location: 'Annexe' } as never;
      const told = step(made, { result: 'created', event: event({ content }) });
      expect('result' in told && told.result.link).toMatchObject({
        base: { location: '', title: 'Suivi' },
        pushed: { location: '', title: 'Suivi' },
      });
    },
  );

  test('is as Cassius has it where Cassius decides', () => {
    const removed = next(step(begun('off', 'Suivi'), seen({ location: 'Annexe' } as never)));
    expect(next(step(removed, { result: 'deleted' })).ask).toMatchObject({ operation: { content: { location: '' } } });
  });

  test('stays, and is a question, where both sides changed the same', () => {
    const told = step(begun('auto', 'Suivi'), seen({ title: 'Le mien' } as never));
    expect('result' in told && told.result).toMatchObject({
      action: 'skipped',
      conflict: { reason: 'changed_both_sides', payload: { fields: ['title'] } },
    });
  });
});
