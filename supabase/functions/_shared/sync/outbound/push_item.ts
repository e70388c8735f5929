/**
 * One appointment on its way to the calendar, as a transition function: `begin` asks the first question, and `step` gives
 * for what was asked and what was answered the next question or the result. Pure; {@link TRANSITIONS} is the whole table,
 * and docs/states.md shows it.
 */
import { type ErrorCode, SyncError } from '../../errors.ts';
import type {
  CalendarAccess,
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
import type { JobResult } from './port.ts';

const MAX_EPOCHS = 5;
const MAX_ROUNDS = 3;
/** Attempts in a row that have to find nothing, where a deleted event would still be shown. */
const LOOKS_FOR_LOST = 3;

export type Writing = Exclude<Decision, { kind: 'skip' | 'reject' }>;

/** What the calendar is asked. A look says what it is for: the answer is judged by that. */
export type Ask =
  | { readonly kind: 'write'; readonly operation: WriteOperation }
  | {
    readonly kind: 'look';
    readonly ref: EventRef;
    readonly why: 'duplicate' | 'version' | 'verify' | 'refused' | 'revive' | 'gone';
    /** What was refused. */
    readonly error?: SyncError;
  }
  /** Whether the calendar is there: only then its missing event was deleted in it. */
  | { readonly kind: 'probe'; readonly ref: EventRef };

export type Answer =
  | WriteOutcome
  | { readonly result: 'looked'; readonly event: ObservedEvent | null }
  | { readonly result: 'exists' };

export interface PushState {
  readonly job: Job;
  readonly decision: Writing;
  readonly lane: Omit<Lane, 'jobs'>;
  /** A deleted event can still be read: one that is not found may only not be seen yet. */
  readonly keepsDeleted: boolean;
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

type Transition = (state: PushState, told: { event: ObservedEvent | null; error: SyncError | null }) => Step;

/** By what was asked and what was answered. An error that is not listed is the item's failure. */
export const TRANSITIONS: Readonly<Record<string, Readonly<Record<string, Transition>>>> = {
  create: { created: afterCreate, DUPLICATE_CREATE: lookAtDuplicate },
  patch: { patched: afterPatch, VERSION_CONFLICT: lookAgain, EVENT_NOT_FOUND: lookAgain },
  delete: {
    deleted: afterDelete,
    already_gone: afterDelete,
    unproven: lookIfGone,
    EVENT_NOT_FOUND: lookIfGone,
    CALENDAR_NOT_FOUND: afterDelete,
    CALENDAR_READ_ONLY: lookIfMade,
    PERMISSION_DENIED: lookIfMade,
    VERSION_CONFLICT: leaveChanged,
  },
  look_duplicate: { ours: withEvent(adopt), foreign: nextEpoch, cancelled: nextEpoch, missing: proven(nextEpoch) },
  look_version: { ours: withEvent(merge), foreign: withEvent(merge), cancelled: probe, missing: proven(probe) },
  look_verify: { ours: withEvent(compare), foreign: withEvent(compare), cancelled: probe, missing: proven(probe) },
  look_refused: { ours: fail, foreign: fail, cancelled: afterDelete, missing: proven(afterDelete) },
  look_revive: {
    ours: withEvent(reclaim),
    foreign: withEvent(reclaim),
    cancelled: nextEpoch,
    missing: proven(nextEpoch),
  },
  look_gone: { ours: deleteAgain, foreign: deleteAgain, cancelled: afterDelete, missing: proven(afterDelete) },
  probe: { exists: afterLoss },
};

export function begin(
  job: Job,
  decision: Writing,
  lane: Omit<Lane, 'jobs'>,
  { keepsDeleted }: Pick<CalendarAccess, 'keepsDeleted'>,
): PushState {
  const state = {
    job,
    decision,
    lane,
    keepsDeleted,
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
      return creation(state, decision.calendarId);
    case 'revive':
      return { kind: 'look', ref: decision.from, why: 'revive' };
    case 'move':
      return deletion(state, decision.from);
    case 'delete':
    case 'end':
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
    case 'revive':
      return ['patch'];
    default:
      return look;
  }
}

function wordOfAsk(ask: Ask): string {
  if (ask.kind === 'write') return ask.operation.kind;
  return ask.kind === 'look' ? `look_${ask.why}` : ask.kind;
}

function wordOfAnswer(state: PushState, answer: Answer): string {
  if (answer.result === 'failed') return answer.error.code;
  if (answer.result === 'already_gone' && answer.unproven) return 'unproven';
  if (answer.result !== 'looked') return answer.result;
  const { event } = answer;
  if (event === null) return 'missing';
  if (event.status === 'cancelled') return 'cancelled';
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

const deletion = ({ job, decision }: Omit<PushState, 'ask'>, ref: EventRef): Ask =>
  write({ kind: 'delete', key: job.rdvId, ref, version: decision.kind === 'end' ? decision.version : null });
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

function fail(_state: PushState, { error }: { error: SyncError | null }): Step {
  return { failed: error ?? new SyncError('UNEXPECTED_RESPONSE', 'Push event: the answer is to another question') };
}

/** A lone "not found" proves nothing where a deletion would be shown: it is looked for again, later. */
function proven(transition: Transition): Transition {
  return (state, told) => {
    const { keepsDeleted, job: { attempts, lastErrorCode } } = state;
    const looked = lastErrorCode === 'EVENT_NOT_FOUND' && attempts + 1 >= LOOKS_FOR_LOST;
    if (!keepsDeleted || looked) return transition(state, told);
    return { failed: new SyncError('EVENT_NOT_FOUND', 'Push event: it is not found, and not told to be deleted') };
  };
}

function done(state: PushState, result: Partial<JobResult> & Pick<JobResult, 'action'>): Step {
  return { result: resultOf(state.job, { outcome: 'done', ...result }) };
}

function liveLink(state: PushState, event: ObservedEvent): EventLink {
  const { job, epoch, unsettled } = state;
  const observed = event.content ?? desiredOf(state);
  const before = job.link?.base ?? job.link?.pushed ?? null;
  return {
    ...event.ref,
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
function afterCreate(state: PushState, told: { event: ObservedEvent | null; error: SyncError | null }): Step {
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
  const { decision } = state;
  return asks(next, creation(next, decision.kind === 'revive' ? decision.calendarId : refOf(state).calendarId));
}

/** The last event of the appointment is back: it is taken again, so that there is never a second one. */
function reclaim(state: PushState, event: ObservedEvent): Step {
  const { decision, lane } = state;
  if (decision.kind !== 'revive') return fail(state, { error: null });
  const { calendarId, desired } = decision;
  if (event.ref.calendarId !== calendarId) {
    const epoch = state.epoch + 1;
    const moving = {
      ...state,
      epoch,
      decision: { kind: 'move', from: event.ref, calendarId, epoch, desired },
    } as const;
    return asks(moving, deletion(moving, event.ref));
  }
  const again = { ...state, action: 'updated' } as const;
  return lane.settings.twoWay === 'off' ? adopt(again, event) : merge(again, event);
}

/** What else the appointment asks for is decided anew. */
function afterEnd({ job, decision }: PushState): Step {
  const ended = decision.kind === 'end' ? decision.ref.eventId : null;
  return { result: resultOf(job, { outcome: 'retry', action: 'deleted', delaySeconds: 0, ended }) };
}

/** It did not change since we looked last: where it differs from the base beside what we wrote, it did so before. */
function afterPatch(state: PushState, told: { event: ObservedEvent | null; error: SyncError | null }): Step {
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

function probe(state: PushState): Step {
  return asks(state, { kind: 'probe', ref: refOf(state) });
}

function goneLink(state: PushState, gone: 'gone' | 'detached'): EventLink {
  // What was agreed stays known: the event may come back.
  const { pushed = null, base = null } = state.job.link ?? {};
  return { ...refOf(state), epoch: state.epoch, etag: null, state: gone, pushed, base };
}

function afterDelete(state: PushState): Step {
  if (state.decision.kind === 'end') return afterEnd(state);
  if (state.decision.kind === 'move') return asks(state, creation(state, state.decision.calendarId));
  return done(state, { action: 'deleted', link: goneLink(state, 'gone') });
}

function lookIfGone(state: PushState): Step {
  return asks(state, { kind: 'look', ref: refOf(state), why: 'gone' });
}

/** It is there, whatever the answer to its end was. */
function deleteAgain(state: PushState, told: { error: SyncError | null }): Step {
  const rounds = state.rounds + 1;
  return rounds > MAX_ROUNDS ? fail(state, told) : asks({ ...state, rounds }, deletion(state, refOf(state)));
}

/** An earlier event that changed since it was judged: the reading that brings the change judges it anew. */
function leaveChanged(state: PushState, told: { error: SyncError | null }): Step {
  return state.decision.kind === 'end' ? afterEnd(state) : fail(state, told);
}

/** What was never made need not be removed, where nothing may be removed. */
function lookIfMade(state: PushState, told: { error: SyncError | null }): Step {
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
  const { link } = state.job;
  // One that is back is the appointment's again, whatever a person then decides about what it shows.
  const back = link?.state === 'gone'
    ? { ...link, ...event.ref, etag: event.version || null, state: 'live' } as const
    : null;
  return done(state, { action: 'skipped', conflict: { reason: 'changed_both_sides', payload }, link: back });
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
    ended: null,
    ...result,
  };
}

export function isCode(error: unknown, ...codes: readonly ErrorCode[]): boolean {
  return error instanceof SyncError && codes.includes(error.code);
}
