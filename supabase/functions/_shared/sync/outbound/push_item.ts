/**
 * One appointment on its way to the calendar, as a transition function: `begin` asks the first question, and `step` gives
 * for what was asked and what was answered the next question or the result. Pure; {@link TRANSITIONS} is the whole table,
 * and docs/states.md shows it.
 */
import { type ErrorCode, SyncError } from '../../errors.ts';
import type {
  EventMarker,
  EventRef,
  ObservedEvent,
  WriteOperation,
  WriteOutcome,
} from '../../providers/port/calendar.ts';
import type { ContentField, EventContent } from '../../providers/port/content.ts';
import type { EventLink, Job, Lane } from '../shared/appointment.ts';
import type { Call } from './budget.ts';
import { changedFields, pick, threeWay } from '../shared/content_difference.ts';
import type { Decision } from './decide.ts';
import { deriveEventId } from '../shared/event_id.ts';
import { followed } from '../shared/followed.ts';
import type { JobResult } from './port.ts';

const MAX_EPOCHS = 5;
const MAX_ROUNDS = 3;

export type Writing = Exclude<Decision, { kind: 'skip' | 'reject' }>;

/** What the calendar is asked. A look says what it is for: the answer is judged by that. */
export type Ask =
  | { readonly kind: 'write'; readonly operation: WriteOperation }
  | {
    readonly kind: 'look';
    readonly ref: EventRef;
    readonly why: 'duplicate' | 'version' | 'verify' | 'refused';
    /** What was refused. */
    readonly error?: SyncError;
  }
  /** Where else in the account it is: its calendar does not have it any more. */
  | { readonly kind: 'locate'; readonly ref: EventRef; readonly why: 'duplicate' | 'version' | 'verify' | 'removal' }
  /** Whether the calendar is there: only then its missing event was deleted in it. */
  | { readonly kind: 'probe'; readonly ref: EventRef };

export type Answer =
  | WriteOutcome
  | { readonly result: 'looked'; readonly event: ObservedEvent | null }
  | { readonly result: 'located'; readonly ref: EventRef | null }
  | { readonly result: 'exists' };

export interface PushState {
  readonly job: Job;
  readonly decision: Writing;
  readonly lane: Omit<Lane, 'jobs'>;
  readonly ask: Ask;
  readonly epoch: number;
  /** Ids that were taken. */
  readonly newEpochs: number;
  /** How often the event changed before our write of it. */
  readonly rounds: number;
  readonly action: 'created' | 'updated';
  /** What the other side changed and no import has dealt with yet: the base keeps its old value there. */
  readonly unsettled: readonly ContentField[];
  /** It has had an answer: what it asks next is its second step or a later one. */
  readonly answered: boolean;
}

export type Step =
  | { readonly next: PushState }
  | { readonly result: JobResult }
  /** What the provider, or this function, refused: how often it is tried again is decided elsewhere. */
  | { readonly failed: SyncError };

interface Told {
  readonly event: ObservedEvent | null;
  readonly error: SyncError | null;
  /** Where the event was found. */
  readonly ref: EventRef | null;
}
type Transition = (state: PushState, told: Told) => Step;

/** By what was asked and what was answered. An error that is not listed is the item's failure. */
export const TRANSITIONS: Readonly<Record<string, Readonly<Record<string, Transition>>>> = {
  create: { created: afterCreate, DUPLICATE_CREATE: lookAtDuplicate },
  patch: { patched: afterPatch, VERSION_CONFLICT: lookAgain, EVENT_NOT_FOUND: locate },
  delete: {
    deleted: afterDelete,
    already_gone: locate,
    EVENT_NOT_FOUND: locate,
    CALENDAR_NOT_FOUND: locate,
    CALENDAR_READ_ONLY: lookIfMade,
    PERMISSION_DENIED: lookIfMade,
  },
  look_duplicate: { ours: withEvent(adopt), foreign: nextEpoch, missing: locate },
  look_version: { ours: withEvent(merge), foreign: withEvent(merge), missing: locate },
  look_verify: { ours: withEvent(compare), foreign: withEvent(compare), missing: locate },
  look_refused: { ours: fail, foreign: fail, missing: locate },
  locate_duplicate: { elsewhere: lookThere, nowhere: nextEpoch },
  locate_version: { elsewhere: lookThere, nowhere: probe },
  locate_verify: { elsewhere: lookThere, nowhere: probe },
  locate_removal: { elsewhere: deleteThere, nowhere: afterDelete },
  probe: { exists: afterLoss, CALENDAR_NOT_FOUND: afterCalendar },
};

export function begin(job: Job, decision: Writing, lane: Omit<Lane, 'jobs'>): PushState {
  const state = {
    job,
    decision,
    lane,
    epoch: 'epoch' in decision ? decision.epoch : job.link?.epoch ?? 0,
    newEpochs: 0,
    rounds: 0,
    action: decision.kind === 'create' || decision.kind === 'revive' ? 'created' as const : 'updated' as const,
    unsettled: [],
    answered: false,
  };
  return { ...state, ask: firstAsk(state, decision) };
}

function firstAsk(state: Omit<PushState, 'ask'>, decision: Writing): Ask {
  switch (decision.kind) {
    case 'create':
    case 'revive':
      return creation(state, decision.calendarId);
    case 'move':
      return deletion(state, decision.from);
    case 'delete':
      return deletion(state, decision.ref);
    case 'patch':
      return change(state, decision.ref, state.job.link?.etag || null, decision.changes);
    case 'verify':
      return { kind: 'look', ref: decision.ref, why: 'verify' };
  }
}

export function step(state: PushState, answer: Answer): Step {
  const answered = { ...state, answered: true };
  const told = {
    event: 'event' in answer ? answer.event : null,
    ref: 'ref' in answer ? answer.ref : null,
    error: 'error' in answer ? answer.error : state.ask.kind === 'look' ? state.ask.error ?? null : null,
  };
  return (TRANSITIONS[wordOfAsk(state.ask)]?.[wordOfAnswer(state, answer)] ?? fail)(answered, told);
}

/**
 * What the first answer may ask for: a look and another write, or the second half of a move. A lane that spends
 * everything on answers that it cannot follow up would get nowhere, for ever.
 */
export function mayFollow({ decision, job, answered }: PushState): readonly Call[] {
  if (answered) return [];
  const look: readonly Call[] = isUncertain(job) ? ['read'] : [];
  switch (decision.kind) {
    case 'move':
      return [...look, 'create'];
    case 'patch':
      return ['read', 'patch'];
    case 'create':
      return look.length > 0 ? [...look, 'patch'] : [];
    case 'verify':
      return ['patch'];
    default:
      return look;
  }
}

function wordOfAsk(ask: Ask): string {
  if (ask.kind === 'write') return ask.operation.kind;
  return ask.kind === 'probe' ? ask.kind : `${ask.kind}_${ask.why}`;
}

function wordOfAnswer(state: PushState, answer: Answer): string {
  if (answer.result === 'failed') return answer.error.code;
  if (answer.result === 'located') return answer.ref === null ? 'nowhere' : 'elsewhere';
  if (answer.result !== 'looked') return answer.result;
  const { event } = answer;
  if (event === null || event.status === 'cancelled') return 'missing';
  const ours = markerOf(state);
  const { marker } = event;
  return marker?.appointmentId === ours.appointmentId && marker.integrationId === ours.integrationId &&
      marker.epoch === ours.epoch
    ? 'ours'
    : 'foreign';
}

/** Whether its event was to be made or to be ended, and what came of that is not known. */
function isUncertain({ link }: Job): boolean {
  return link?.state === 'creating' || link?.state === 'deleting';
}

// What is asked.

function markerOf({ job, lane, epoch }: Omit<PushState, 'ask'>): EventMarker {
  return { appointmentId: job.rdvId, integrationId: lane.integrationId, epoch };
}

function creation(state: Omit<PushState, 'ask'>, calendarId: string): Ask {
  const { job, lane, epoch } = state;
  const eventId = deriveEventId(lane.organisationId, lane.integrationId, job.rdvId, epoch);
  const ref = { calendarId, eventId };
  return write({ kind: 'create', key: job.rdvId, ref, marker: markerOf(state), content: desiredOf(state) });
}

function change(
  state: Omit<PushState, 'ask'>,
  ref: EventRef,
  version: string | null,
  changes: Partial<EventContent>,
): Ask {
  return write({ kind: 'patch', key: state.job.rdvId, ref, version, marker: markerOf(state), changes });
}

const deletion = ({ job }: Omit<PushState, 'ask'>, ref: EventRef): Ask =>
  write({ kind: 'delete', key: job.rdvId, ref, version: null });
const write = (operation: WriteOperation): Ask => ({ kind: 'write', operation });

function desiredOf({ decision }: Omit<PushState, 'ask'>): EventContent {
  if (!('desired' in decision)) throw new SyncError('SYNC_FAILED', 'Push event: a removal has no content');
  return decision.desired;
}

const refOf = ({ ask }: PushState): EventRef => ask.kind === 'write' ? ask.operation.ref : ask.ref;
const asks = (state: PushState, ask: Ask): Step => ({ next: { ...state, ask } });
const patches = (state: PushState, event: ObservedEvent, fields: readonly ContentField[]): Step =>
  asks(state, change(state, event.ref, event.version || null, pick(desiredOf(state), fields)));

// What answers lead to.

function withEvent(transition: (state: PushState, event: ObservedEvent) => Step): Transition {
  return (state, told) => told.event ? transition(state, told.event) : fail(state, told);
}

function fail(_state: PushState, { error }: Told): Step {
  return { failed: error ?? new SyncError('UNEXPECTED_RESPONSE', 'Push event: the answer is to another question') };
}

function done(state: PushState, result: Partial<JobResult> & Pick<JobResult, 'action'>): Step {
  return { result: resultOf(state.job, { outcome: 'done', ...result }) };
}

function liveLink(state: PushState, event: ObservedEvent): EventLink {
  const { job, epoch, unsettled, lane: { settings: { calendarTargetId } } } = state;
  const place = followed(job.link, event.ref.calendarId, calendarTargetId);
  const observed = event.content ?? desiredOf(state);
  const before = job.link?.base ?? job.link?.pushed ?? null;
  return {
    eventId: event.ref.eventId,
    ...place,
    epoch,
    etag: event.version || null,
    state: 'live',
    pushed: desiredOf(state),
    base: before ? { ...observed, ...pick(before, unsettled) } : observed,
  };
}

function settle(state: PushState, event: ObservedEvent): Step {
  return done(state, { action: state.action, link: liveLink(state, event) });
}

/** An uncertain one may have been there for a while, and been changed since. */
function afterCreate(state: PushState, told: Told): Step {
  return withEvent(isUncertain(state.job) ? adopt : settle)(state, told);
}

function adopt(state: PushState, event: ObservedEvent): Step {
  const fields = event.content ? changedFields(event.content, desiredOf(state)) : [];
  return fields.length === 0 ? settle(state, event) : patches(state, event, fields);
}

/** An answer was lost, or a person deleted what we made, or the id is another's. */
function lookAtDuplicate(state: PushState): Step {
  return asks(state, { kind: 'look', ref: refOf(state), why: 'duplicate' });
}

function nextEpoch(state: PushState): Step {
  const newEpochs = state.newEpochs + 1;
  if (newEpochs > MAX_EPOCHS) return { failed: new SyncError('ID_EXHAUSTED', 'Create event: every id is taken') };
  const next = { ...state, epoch: state.epoch + 1, newEpochs, unsettled: [] };
  return asks(next, creation(next, state.lane.settings.calendarTargetId ?? refOf(state).calendarId));
}

/** It did not change since we looked last: where it differs from the base beside what we wrote, it did so before. */
function afterPatch(state: PushState, told: Told): Step {
  const { ask, job, rounds } = state;
  const base = job.link?.base ?? null;
  const changes = ask.kind === 'write' && ask.operation.kind === 'patch' ? ask.operation.changes : {};
  const unsettled = rounds === 0 && base && told.event?.content
    ? changedFields(base, told.event.content).filter((field) => !(field in changes))
    : state.unsettled;
  return withEvent(settle)({ ...state, unsettled }, told);
}

function lookAgain(state: PushState): Step {
  const rounds = state.rounds + 1;
  if (rounds > MAX_ROUNDS) {
    return { failed: new SyncError('VERSION_CONFLICT', 'Change event: it changes all the time') };
  }
  const why = state.decision.kind === 'verify' ? 'verify' : 'version';
  return asks({ ...state, rounds }, { kind: 'look', ref: refOf(state), why });
}

/** A person may have moved it to another calendar. */
function locate(state: PushState): Step {
  return asks(state, { kind: 'locate', ref: refOf(state), why: reasonToLocate(state.ask, state.decision) });
}

function reasonToLocate(ask: Ask, decision: Writing): (Ask & { kind: 'locate' })['why'] {
  if (ask.kind === 'look' && ask.why === 'duplicate') return 'duplicate';
  if (ask.kind === 'look' ? ask.why === 'refused' : ask.kind === 'write' && ask.operation.kind === 'delete') {
    return 'removal';
  }
  return decision.kind === 'verify' ? 'verify' : 'version';
}

/** What is done there is what would have been done where it was. */
function lookThere(state: PushState, told: Told): Step {
  const rounds = state.rounds + 1;
  if (told.ref === null || state.ask.kind !== 'locate' || state.ask.why === 'removal') return fail(state, told);
  if (rounds > MAX_ROUNDS) {
    return { failed: new SyncError('VERSION_CONFLICT', 'Locate event: it moves all the time') };
  }
  return asks({ ...state, rounds }, { kind: 'look', ref: told.ref, why: state.ask.why });
}

function deleteThere(state: PushState, told: Told): Step {
  const rounds = state.rounds + 1;
  if (told.ref === null) return fail(state, told);
  if (rounds > MAX_ROUNDS) {
    return { failed: new SyncError('VERSION_CONFLICT', 'Locate event: it moves all the time') };
  }
  return asks({ ...state, rounds }, deletion(state, told.ref));
}

function probe(state: PushState): Step {
  return asks(state, { kind: 'probe', ref: refOf(state) });
}

/** With a calendar to which its owner moved it, its event is gone; the target itself is missed by the whole lane. */
function afterCalendar(state: PushState, told: Told): Step {
  return refOf(state).calendarId === state.lane.settings.calendarTargetId ? fail(state, told) : afterLoss(state);
}

function goneLink(state: PushState, gone: 'gone' | 'detached'): EventLink {
  const targetCalendarId = state.job.link?.targetCalendarId ?? null;
  return { ...refOf(state), targetCalendarId, epoch: state.epoch, etag: null, state: gone, pushed: null, base: null };
}

function afterDelete(state: PushState): Step {
  if (state.decision.kind === 'move') return asks(state, creation(state, state.decision.calendarId));
  return done(state, { action: 'deleted', link: goneLink(state, 'gone') });
}

/** What was never made need not be removed, where nothing may be removed. */
function lookIfMade(state: PushState, told: Told): Step {
  if (!isUncertain(state.job) || told.error === null) return fail(state, told);
  return asks(state, { kind: 'look', ref: refOf(state), why: 'refused', error: told.error });
}

function afterLoss(state: PushState): Step {
  if (state.lane.settings.twoWay === 'off') return nextEpoch({ ...state, action: 'created' });
  const sides = { cassius: desiredOf(state), calendar: null, base: state.job.link?.base ?? null };
  return done(state, {
    action: 'skipped',
    conflict: { reason: 'deleted', payload: { ...refOf(state), ...sides } },
    link: goneLink(state, 'detached'),
  });
}

function question(state: PushState, event: ObservedEvent, fields: readonly ContentField[]): Step {
  const sides = {
    cassius: desiredOf(state),
    calendar: event.content ?? desiredOf(state),
    base: state.job.link?.base ?? null,
  };
  const payload = { ...refOf(state), etag: event.version, fields, ...sides };
  return done(state, { action: 'skipped', conflict: { reason: 'changed_both_sides', payload } });
}

/** It changed since we looked last: both sides' changes are kept, and a field of both is a question. */
function merge(state: PushState, event: ObservedEvent): Step {
  const desired = desiredOf(state);
  const observed = event.content ?? desired;
  const { pushed = null, base = null } = state.job.link ?? {};
  const { ours, theirs, colliding } = threeWay({ pushed, desired, base, observed });
  if (colliding.length > 0 && state.lane.settings.twoWay !== 'off') return question(state, event, colliding);
  const differing = changedFields(desired, observed);
  const unsettled = theirs.filter((field) => !ours.includes(field) && differing.includes(field));
  const merged = { ...state, unsettled };
  return ours.length === 0 ? settle(merged, event) : patches(merged, event, ours);
}

function compare(state: PushState, event: ObservedEvent): Step {
  const { link } = state.job;
  const changed = event.content ? changedFields(link?.base ?? link?.pushed ?? null, event.content) : [];
  if (link?.state === 'updating') return afterDoubt(state, event, changed);
  if (changed.length === 0) {
    return done(state, { action: 'skipped', reason: 'unchanged', link: liveLink(state, event) });
  }
  // Theirs to tell by the import.
  if (state.lane.settings.twoWay !== 'off') return done(state, { action: 'skipped', reason: 'unchanged' });
  return patches(state, event, changed);
}

/**
 * Where the event is not as it should be, it is put right. Where it changed since both sides last agreed as well, that may
 * be our own write whose answer got lost, or a person's, and nothing tells which.
 * @param changed fields
 */
function afterDoubt(state: PushState, event: ObservedEvent, changed: readonly ContentField[]): Step {
  const fields = event.content ? changedFields(event.content, desiredOf(state)) : [];
  if (fields.length === 0) return settle(state, event);
  const unclear = fields.filter((field) => changed.includes(field));
  if (unclear.length > 0 && state.lane.settings.twoWay !== 'off') return question(state, event, unclear);
  return patches(state, event, fields);
}

export function resultOf(
  job: Pick<Job, 'rdvId' | 'version'>,
  result: Partial<JobResult> & Pick<JobResult, 'outcome' | 'action'>,
): JobResult {
  return {
    rdvId: job.rdvId,
    version: job.version,
    reason: null,
    delaySeconds: null,
    error: null,
    conflict: null,
    link: null,
    ...result,
  };
}

export function isCode(error: unknown, ...codes: readonly ErrorCode[]): boolean {
  return error instanceof SyncError && codes.includes(error.code);
}
