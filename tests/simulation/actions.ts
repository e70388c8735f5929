/** What can happen in a simulated world, and how often. */
import fc from 'fast-check';
import { type Fate, UNHARMED } from './life.ts';
import { type Fault, FAULTS, type NewEvent, type Where } from './simulated_provider.ts';

export type CassiusEdit =
  | { readonly kind: 'book'; readonly slot: number; readonly hours: number; readonly place: string }
  | { readonly kind: 'move'; readonly rdv: number; readonly slot: number }
  | { readonly kind: 'relocate'; readonly rdv: number; readonly place: string }
  | { readonly kind: 'retype'; readonly rdv: number; readonly type: string }
  | { readonly kind: 'note'; readonly rdv: number; readonly notes: string }
  | { readonly kind: 'status'; readonly rdv: number; readonly status: 'scheduled' | 'confirmed' | 'cancelled' }
  | { readonly kind: 'delete'; readonly rdv: number }
  | { readonly kind: 'patient'; readonly rdv: number; readonly present: boolean }
  | { readonly kind: 'practitioner'; readonly rdv: number; readonly own: boolean }
  | { readonly kind: 'rename'; readonly lastName: string }
  | { readonly kind: 'template'; readonly template: string };

export type PersonEdit =
  | { readonly kind: 'add'; readonly slot: number; readonly place: string; readonly shape: NewEvent['shape'] }
  | { readonly kind: 'ours'; readonly event: number; readonly change: Change }
  | { readonly kind: 'foreign'; readonly event: number; readonly change: Change }
  | { readonly kind: 'describe'; readonly event: number; readonly line: string; readonly where: Where }
  | { readonly kind: 'meet'; readonly event: number }
  | { readonly kind: 'copy'; readonly event: number }
  /** Takes an event of ours out of the bin, whichever side put it there. */
  | { readonly kind: 'undo'; readonly event: number }
  /** One of ours becomes a series, if the practice knows when it is. */
  | { readonly kind: 'repeat'; readonly event: number }
  /** "This event only" of such a series, and not the one that is the appointment's. */
  | { readonly kind: 'occurrence'; readonly event: number; readonly change: OccurrenceChange };

/** Half hours later, or gone. */
export type OccurrenceChange = { readonly to: 'later'; readonly halves: number } | { readonly to: 'remove' };

export type Change =
  | { readonly to: 'move'; readonly slot: number }
  | { readonly to: 'place'; readonly place: string }
  | { readonly to: 'title'; readonly title: string }
  | { readonly to: 'allDay'; readonly slot: number }
  /** To the other calendar of the account. */
  | { readonly to: 'calendar' }
  | { readonly to: 'remove' };

export type Edit = { readonly by: 'cassius'; readonly edit: CassiusEdit } | {
  readonly by: 'person';
  readonly edit: PersonEdit;
} | { readonly by: 'undo'; readonly step: TakenBack };

export interface Worker {
  readonly does: 'push' | 'pull';
  readonly fate: Fate;
  /** A person edits something right before one of the worker's calls. */
  readonly meanwhile: { readonly at: number; readonly edit: Edit } | null;
}

export type Setting =
  | { readonly two_way: 'off' | 'review' | 'auto' }
  | { readonly import_enabled: boolean }
  | { readonly import_as: 'event' | 'rdv' }
  | { readonly export_enabled: boolean }
  | { readonly event_detail: 'full' | 'initials' | 'busy' }
  | { readonly target: 'main' | 'second' };

export type Action =
  | { readonly kind: 'edit'; readonly edit: Edit }
  | { readonly kind: 'run'; readonly worker: Worker }
  | { readonly kind: 'together'; readonly workers: readonly [Worker, Worker]; readonly order: number }
  | { readonly kind: 'fault'; readonly fault: Fault; readonly times: number }
  | { readonly kind: 'expire'; readonly what: 'accessTokens' | 'cursors' }
  | { readonly kind: 'wait'; readonly minutes: number }
  | { readonly kind: 'setting'; readonly setting: Setting }
  | { readonly kind: 'syncNow' }
  | { readonly kind: 'importNow'; readonly days: number; readonly mode: 'import' | 'preview' }
  | { readonly kind: 'notices'; readonly fate: 'come' | 'getLost' | 'comeTwice' }
  | {
    readonly kind: 'resolve';
    readonly conflict: number;
    readonly action: 'keep_cassius' | 'keep_calendar' | 'duplicate' | 'ignore';
  }
  | { readonly kind: 'takeBack'; readonly step: TakenBack }
  | { readonly kind: 'settle' };

/** In Cassius. `latest`: so many before the last one. */
export interface TakenBack {
  readonly what: 'change' | 'decision' | 'import';
  readonly latest: number;
}

/** One history of one world. */
export interface Schedule {
  /** For every draw that is none of fast-check's: backoff, order of calls. */
  readonly seed: number;
  readonly start: string;
  readonly twoWay: 'off' | 'review' | 'auto';
  readonly importEnabled: boolean;
  readonly importAs: 'event' | 'rdv';
  readonly push: boolean;
  readonly actions: readonly Action[];
}

/** Around the changes of the clock, the ends of months and of the year, and in between. */
const STARTS = [
  '2026-03-27T21:30:00Z',
  '2026-10-23T22:15:00Z',
  '2026-12-30T09:00:00Z',
  '2027-01-31T23:10:00Z',
  '2026-06-15T12:00:00Z',
];
/** How events are titled at first. */
export const TEMPLATE = '[Cassius] {type} — {patient}';
/** Of appointments; each is a line of its own in the event. */
const NOTES = ['', 'Allergie', 'Apporter la radio'];
const PLACES = ['', 'Salle 1', 'Salle 2', 'Annexe'];
/** Half hours of the first days, few so that they meet; now and then beyond the window that an import reads. */
const slot = fc.oneof(
  { weight: 14, arbitrary: fc.integer({ min: 0, max: 40 }) },
  { weight: 1, arbitrary: fc.integer({ min: 400, max: 404 }) },
);
const place = fc.constantFrom(...PLACES);
const at = fc.nat({ max: 7 });

const book = fc.record({ kind: fc.constant('book' as const), slot, hours: fc.integer({ min: 1, max: 2 }), place });
const changeStatus = fc.record({
  kind: fc.constant('status' as const),
  rdv: at,
  status: fc.constantFrom('scheduled' as const, 'confirmed' as const, 'cancelled' as const, 'cancelled' as const),
});
const discard = fc.record({ kind: fc.constant('delete' as const), rdv: at });
const rename = fc.record({ kind: fc.constant('rename' as const), lastName: fc.constantFrom('Lovelace', 'King') });
const template = fc.record({
  kind: fc.constant('template' as const),
  template: fc.constantFrom(TEMPLATE, '{patient} : {type}'),
});

const cassiusEdit: fc.Arbitrary<CassiusEdit> = fc.oneof(
  { weight: 4, arbitrary: book },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('move'), rdv: at, slot }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('relocate'), rdv: at, place }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('retype'), rdv: at, type: fc.constantFrom('Contrôle', 'Bilan') }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('note'), rdv: at, notes: fc.constantFrom(...NOTES) }) },
  { weight: 3, arbitrary: changeStatus },
  { weight: 1, arbitrary: discard },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('patient'), rdv: at, present: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('practitioner'), rdv: at, own: fc.boolean() }) },
  { weight: 1, arbitrary: rename },
  { weight: 1, arbitrary: template },
);

const change: fc.Arbitrary<Change> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ to: fc.constant('move'), slot }) },
  { weight: 2, arbitrary: fc.record({ to: fc.constant('place'), place }) },
  {
    weight: 2,
    arbitrary: fc.record({ to: fc.constant('title'), title: fc.constantFrom('Titre à elle', 'Autre titre') }),
  },
  { weight: 1, arbitrary: fc.record({ to: fc.constant('allDay'), slot }) },
  { weight: 2, arbitrary: fc.record({ to: fc.constant('calendar') }) },
  { weight: 3, arbitrary: fc.record({ to: fc.constant('remove') }) },
);

const repeat = fc.record({ kind: fc.constant('repeat' as const), event: at });
const occurrence = fc.record({
  kind: fc.constant('occurrence' as const),
  event: at,
  change: fc.oneof(
    fc.record({ to: fc.constant('later' as const), halves: fc.integer({ min: 1, max: 6 }) }),
    fc.record({ to: fc.constant('remove' as const) }),
  ),
});

const personEdit: fc.Arbitrary<PersonEdit> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('add'),
      slot,
      place,
      shape: fc.constantFrom('plain', 'plain', 'private', 'free', 'allDay', 'series'),
    }),
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('ours'), event: at, change }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('foreign'), event: at, change }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('copy'), event: at }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('undo'), event: at }) },
  { weight: 2, arbitrary: repeat },
  { weight: 1, arbitrary: occurrence },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('describe'),
      event: at,
      line: fc.constantFrom('Code 12A', 'Étage 2'),
      where: fc.constantFrom('above', 'within', 'below'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('meet'), event: at }) },
);

const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.record({ by: fc.constant('cassius'), edit: cassiusEdit }),
  fc.record({ by: fc.constant('person'), edit: personEdit }),
);

const fate: fc.Arbitrary<Fate> = fc.record({
  at: fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, { weight: 4, arbitrary: fc.integer({ min: 1, max: 14 }) }),
  how: fc.constantFrom('diesBefore', 'diesAfter', 'diesAfter', 'stumblesBefore', 'stumblesAfter'),
});

const worker: fc.Arbitrary<Worker> = fc.record({
  does: fc.constantFrom('push', 'pull'),
  fate,
  meanwhile: fc.oneof(
    { weight: 3, arbitrary: fc.constant(null) },
    { weight: 2, arbitrary: fc.record({ at: fc.integer({ min: 1, max: 10 }), edit }) },
  ),
});

const setting: fc.Arbitrary<Setting> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ two_way: fc.constantFrom('off', 'review', 'auto') }) },
  { weight: 1, arbitrary: fc.record({ import_enabled: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ import_as: fc.constantFrom('event', 'rdv') }) },
  { weight: 1, arbitrary: fc.record({ export_enabled: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ event_detail: fc.constantFrom('full', 'initials', 'busy') }) },
  { weight: 1, arbitrary: fc.record({ target: fc.constantFrom('main', 'second') }) },
);

const editAction = fc.record({ kind: fc.constant('edit' as const), edit });
const togetherAction = fc.record({
  kind: fc.constant('together' as const),
  workers: fc.tuple(worker, worker),
  order: fc.nat({ max: 999 }),
});

const runAction = fc.record({ kind: fc.constant('run' as const), worker });

const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 14, arbitrary: editAction },
  { weight: 6, arbitrary: runAction },
  { weight: 2, arbitrary: togetherAction },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('fault'),
      fault: fc.constantFrom(...FAULTS),
      times: fc.integer({ min: 1, max: 3 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('expire'), what: fc.constantFrom('accessTokens', 'cursors') }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('wait'), minutes: fc.constantFrom(1, 3, 10, 90, 1500, 4400) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('setting'), setting }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('syncNow') }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('importNow'),
      days: fc.constantFrom(7, 60),
      mode: fc.constantFrom('import', 'preview'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('notices'), fate: fc.constantFrom('come', 'getLost', 'comeTwice') }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('resolve'),
      conflict: at,
      action: fc.constantFrom('keep_cassius', 'keep_calendar', 'duplicate', 'ignore'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('settle') }) },
) as fc.Arbitrary<Action>;

const takenBack: fc.Arbitrary<TakenBack> = fc.record({
  what: fc.constantFrom('change', 'decision', 'import'),
  latest: fc.constantFrom(0, 0, 0, 1, 2),
});
interface TakenBackAfter {
  /** Which of the actions. */
  readonly after: number;
  readonly step: TakenBack;
}
const takenBackAfter: fc.Arbitrary<TakenBackAfter[]> = fc.array(
  fc.record({ after: fc.nat({ max: 11 }), step: takenBack }),
  {
    minLength: 1,
    maxLength: 4,
  },
);

function scheduleOf(
  actions: fc.Arbitrary<Action[]>,
  undone: fc.Arbitrary<TakenBackAfter[]> = fc.constant([]),
): fc.Arbitrary<Schedule> {
  return fc.record({
    seed: fc.nat(),
    start: fc.constantFrom(...STARTS),
    twoWay: fc.constantFrom('off', 'review', 'auto', 'auto', 'auto'),
    importEnabled: fc.boolean(),
    importAs: fc.constantFrom('event', 'event', 'rdv'),
    push: fc.boolean(),
    actions,
    // Drawn last: the rest of a schedule is what its seed always made.
    undone,
  }).map(({ undone, ...one }) => ({
    ...one,
    actions: one.actions.flatMap((action, at): Action[] => [
      action,
      ...undone.filter(({ after }) => after % one.actions.length === at)
        .map(({ step }): Action => ({ kind: 'takeBack', step })),
    ]),
  }));
}

export const schedule = scheduleOf(
  fc.array(action, { minLength: 1, maxLength: 12 }),
  fc.oneof({ weight: 2, arbitrary: fc.constant<TakenBackAfter[]>([]) }, { weight: 1, arbitrary: takenBackAfter }),
);

/** Little else than readings from the start that bring less than there is. */
export const shortenedSchedule = scheduleOf(fc.array(
  fc.oneof(
    { weight: 1, arbitrary: editAction },
    { weight: 2, arbitrary: fc.constant<Action>({ kind: 'fault', fault: 'shortRead', times: 1 }) },
    { weight: 2, arbitrary: fc.constant<Action>({ kind: 'expire', what: 'cursors' }) },
    { weight: 2, arbitrary: fc.constant<Action>({ kind: 'wait', minutes: 10 }) },
    { weight: 2, arbitrary: runAction },
  ),
  { minLength: 3, maxLength: 12 },
));

const ours = (change: Change) => (event: number): Action => ({
  kind: 'edit',
  edit: { by: 'person', edit: { kind: 'ours', event, change } },
});

/** Events of ours are deleted and brought back, and appointments are opened again before or after. */
export const undoneSchedule = scheduleOf(
  fc.array(
    fc.oneof(
      { weight: 2, arbitrary: at.map(ours({ to: 'remove' })) },
      {
        weight: 3,
        arbitrary: at.map((event): Action => ({ kind: 'edit', edit: { by: 'person', edit: { kind: 'undo', event } } })),
      },
      { weight: 1, arbitrary: fc.tuple(at, slot).map(([event, to]) => ours({ to: 'move', slot: to })(event)) },
      {
        weight: 1,
        arbitrary: changeStatus.map((change): Action => ({ kind: 'edit', edit: { by: 'cassius', edit: change } })),
      },
      { weight: 2, arbitrary: fc.constant<Action>({ kind: 'settle' }) },
      { weight: 1, arbitrary: runAction },
    ),
    { minLength: 3, maxLength: 10 },
  ).map((actions): Action[] => [{ kind: 'settle' }, ...actions]),
);

const decide = fc.record({
  kind: fc.constant('resolve' as const),
  conflict: fc.nat({ max: 2 }),
  action: fc.constantFrom('keep_cassius' as const, 'keep_calendar' as const, 'duplicate' as const, 'ignore' as const),
});

const moveHere = (slots: fc.Arbitrary<number>) =>
  fc.tuple(at, slots).map(([rdv, to]): Action => ({
    kind: 'edit',
    edit: { by: 'cassius', edit: { kind: 'move', rdv, slot: to } },
  }));
const moveThere = fc.tuple(at, slot).map(([event, to]) => ours({ to: 'move', slot: to })(event));
const removeThere = at.map(ours({ to: 'remove' }));
const takenBackNow = takenBack.map((step): Action => ({ kind: 'takeBack', step }));
/** Right before one of a worker's calls. */
const takenBackMeanwhile = fc.record({
  kind: fc.constant('run' as const),
  worker: fc.record({
    does: fc.constantFrom('push' as const, 'push' as const, 'pull' as const),
    fate: fc.constant(UNHARMED),
    meanwhile: fc.record({
      at: fc.integer({ min: 1, max: 10 }),
      edit: fc.record({ by: fc.constant('undo' as const), step: takenBack }),
    }),
  }),
});
const settled: Action = { kind: 'settle' };
/** What the two events of others at the beginning of a world lie on. */
const across = fc.constantFrom(20, 21, 30, 31);
const backThere = at.chain((event) =>
  fc.constant<Action[]>([
    { kind: 'edit', edit: { by: 'cassius', edit: { kind: 'status', rdv: event, status: 'cancelled' } } },
    settled,
    { kind: 'edit', edit: { by: 'person', edit: { kind: 'undo', event: 0 } } },
  ])
);

/** Questions, decisions about them, and what is taken back of all that, before and after it was sent, changed or not. */
export const takenBackSchedule = scheduleOf(
  fc.array(
    fc.tuple(
      fc.oneof(
        { weight: 4, arbitrary: moveThere.map((one) => [one]) },
        { weight: 2, arbitrary: removeThere.map((one) => [one]) },
        { weight: 2, arbitrary: moveHere(across).map((one) => [one]) },
        { weight: 1, arbitrary: backThere },
      ),
      decide,
      fc.array(
        fc.oneof(
          { weight: 2, arbitrary: moveHere(slot) },
          { weight: 1, arbitrary: moveThere },
          { weight: 3, arbitrary: fc.constant(settled) },
          { weight: 2, arbitrary: runAction },
          { weight: 3, arbitrary: takenBackMeanwhile },
        ),
        { maxLength: 2 },
      ),
      fc.array(takenBackNow, { minLength: 1, maxLength: 3 }),
    ),
    { minLength: 1, maxLength: 3 },
  ).map((parts): Action[] => [
    { kind: 'setting', setting: { two_way: 'review' } },
    { kind: 'setting', setting: { import_enabled: true } },
    settled,
    ...parts.flatMap(([questions, decision, between, back]): Action[] => [
      ...questions,
      settled,
      decision,
      ...between,
      ...back,
      settled,
    ]),
  ]),
);

/** Little else than two workers at once. */
export const crowdedSchedule = scheduleOf(fc.array(
  fc.oneof({ weight: 1, arbitrary: editAction }, { weight: 2, arbitrary: togetherAction }),
  { minLength: 2, maxLength: 8 },
));

const dyingPush = fc.integer({ min: 1, max: 6 }).map((at): Action => ({
  kind: 'run',
  worker: { does: 'push', fate: { at, how: 'diesAfter' }, meanwhile: null },
}));

/** Changes that are taken back when a worker has died over them. */
export const hesitantSchedule = scheduleOf(
  fc.array(
    fc.oneof(
      dyingPush.map((push): Action[] => [
        { kind: 'setting', setting: { target: 'second' } },
        push,
        { kind: 'setting', setting: { target: 'main' } },
      ]),
      fc.tuple(at, place, dyingPush, place).map(([rdv, first, push, second]): Action[] => [
        { kind: 'edit', edit: { by: 'cassius', edit: { kind: 'relocate', rdv, place: first } } },
        push,
        { kind: 'edit', edit: { by: 'cassius', edit: { kind: 'relocate', rdv, place: second } } },
      ]),
      fc.tuple(at, dyingPush).map(([rdv, push]): Action[] => [
        { kind: 'edit', edit: { by: 'cassius', edit: { kind: 'status', rdv, status: 'cancelled' } } },
        push,
        { kind: 'edit', edit: { by: 'cassius', edit: { kind: 'status', rdv, status: 'scheduled' } } },
      ]),
    ),
    { minLength: 1, maxLength: 3 },
  ).map((changes): Action[] => [
    { kind: 'settle' },
    ...changes.flatMap((change): Action[] => [...change, { kind: 'settle' }]),
  ]),
);

const ofOurs = (change: fc.Arbitrary<Change>) =>
  fc.record({ kind: fc.constant('ours' as const), event: at, change })
    .map((edit): Action => ({ kind: 'edit', edit: { by: 'person', edit } }));

/** Little else than events of ours that go to another calendar and back, changed and written to on the way. */
export const wanderingSchedule = scheduleOf(fc.array(
  fc.oneof(
    { weight: 3, arbitrary: ofOurs(fc.constant({ to: 'calendar' })) },
    { weight: 1, arbitrary: ofOurs(change) },
    { weight: 1, arbitrary: editAction },
    { weight: 2, arbitrary: runAction },
    { weight: 1, arbitrary: fc.constant<Action>({ kind: 'settle' }) },
  ),
  { minLength: 2, maxLength: 10 },
));
/** Little else than events of ours that become series, and what both sides do about them. */
export const repeatingSchedule = scheduleOf(
  fc.array(
    fc.oneof(
      { weight: 3, arbitrary: fc.record({ by: fc.constant('person' as const), edit: repeat }) },
      { weight: 2, arbitrary: fc.record({ by: fc.constant('person' as const), edit: occurrence }) },
      {
        weight: 4,
        arbitrary: fc.record({
          by: fc.constant('cassius' as const),
          edit: fc.oneof(changeStatus, discard, fc.record({ kind: fc.constant('move' as const), rdv: at, slot })),
        }),
      },
    ).map((edit): Action => ({ kind: 'edit', edit })),
    { minLength: 2, maxLength: 8 },
  ).map((edits): Action[] => [{ kind: 'settle' }, ...edits]),
);

/** Little else than pushes that a deletion, or a change of what many appointments show, comes between. */
export const interruptedSchedule = scheduleOf(fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constant('edit' as const),
      edit: fc.record({ by: fc.constant('cassius' as const), edit: book }),
    }),
    fc.record({
      kind: fc.constant('run' as const),
      worker: fc.record({
        does: fc.constant('push' as const),
        fate: fc.constant(UNHARMED),
        meanwhile: fc.record({
          at: fc.integer({ min: 1, max: 5 }),
          edit: fc.record({ by: fc.constant('cassius' as const), edit: fc.oneof(rename, template, discard) }),
        }),
      }),
    }),
  ),
  { minLength: 2, maxLength: 8 },
));
