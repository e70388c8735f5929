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
  SoughtPlace,
  WriteOperation,
  WriteOutcome,
} from '../../providers/port/calendar.ts';
import { CONTENT_FIELDS, type ContentField, type EventContent } from '../../providers/port/content.ts';
import type { EventLink, Job, Lane } from '../shared/appointment.ts';
import type { Call } from './budget.ts';
import { changedFields, pick, threeWay } from '../shared/content_difference.ts';
import type { Decision } from './decide.ts';
import { deriveEventId } from '../shared/event_id.ts';
import { asFarAsShown } from '../shared/hidden_details.ts';
import { livesIn } from '../shared/lives_in.ts';
import { ownTextIn, withOwnText } from '../shared/own_text.ts';
import { differsIn } from '../shared/taken_over.ts';
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
    readonly why: 'duplicate' | 'version' | 'verify' | 'delete' | 'refused' | 'revive' | 'gone';
    /** What was refused. */
    readonly error?: SyncError;
    /** What is looked for is the occurrence there. */
    readonly place?: SoughtPlace;
  }
  /** Where else in the account it is: its calendar does not have it any more. */
  | {
    readonly kind: 'locate';
    readonly ref: EventRef;
    readonly why: 'duplicate' | 'version' | 'verify' | 'delete';
    /** It is a series that was looked into and lacks the appointment's occurrence. */
    readonly lacking?: true;
  }
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
  /** The same of an event that ends for another: that one shows it too. */
  readonly kept: Partial<EventContent>;
  /** Our part of the description that the event has, or gets. */
  readonly own: string;
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
const NOTHING_TOLD: Told = { event: null, error: null, ref: null };
type Transition = (state: PushState, told: Told) => Step;

/** By what was asked and what was answered. An error that is not listed is the item's failure. */
export const TRANSITIONS: Readonly<Record<string, Readonly<Record<string, Transition>>>> = {
  create: { created: afterCreate, DUPLICATE_CREATE: lookAtDuplicate },
  patch: {
    patched: afterPatch,
    VERSION_CONFLICT: lookAgain,
    EVENT_NOT_FOUND: followOr(lookAgain),
    INVALID_EVENT: partFromSeries,
  },
  delete: {
    deleted: afterDelete,
    already_gone: followOr(locate),
    unproven: followOr(lookIfGone),
    VERSION_CONFLICT: lookBeforeEnd,
    EVENT_NOT_FOUND: followOr(lookIfGone),
    CALENDAR_NOT_FOUND: locate,
    CALENDAR_READ_ONLY: lookIfMade,
    PERMISSION_DENIED: lookIfMade,
  },
  look_duplicate: {
    ours: withEvent(adopt),
    series: withEvent(follow),
    foreign: nextEpoch,
    cancelled: named(locate),
    missing: proven(locate),
  },
  look_version: {
    ours: withEvent(merge),
    series: withEvent(follow),
    foreign: withEvent(merge),
    cancelled: followOr(named(locate)),
    missing: followOr(proven(locate)),
  },
  look_verify: {
    ours: withEvent(compare),
    series: withEvent(follow),
    foreign: withEvent(compare),
    cancelled: followOr(named(locate)),
    missing: followOr(proven(locate)),
  },
  look_delete: {
    ours: withEvent(remove),
    series: withEvent(follow),
    foreign: withEvent(remove),
    cancelled: followOr(named(locate)),
    missing: followOr(removeUnseen),
    CALENDAR_NOT_FOUND: locate,
  },
  look_gone: {
    ours: withEvent(removeAgain),
    series: withEvent(follow),
    foreign: withEvent(removeAgain),
    cancelled: followOr(named(locate)),
    missing: followOr(proven(locate)),
    CALENDAR_NOT_FOUND: locate,
  },
  look_refused: { ours: fail, foreign: fail, cancelled: locate, missing: proven(locate) },
  look_revive: {
    ours: withEvent(reclaim),
    series: withEvent(follow),
    foreign: withEvent(reclaim),
    cancelled: named(nextEpoch),
    missing: proven(nextEpoch),
    CALENDAR_NOT_FOUND: nextEpoch,
  },
  locate_duplicate: { elsewhere: lookThere, nowhere: nextEpoch },
  locate_version: { elsewhere: lookThere, nowhere: probe },
  locate_verify: { elsewhere: lookThere, nowhere: probe },
  locate_delete: { elsewhere: lookThere, nowhere: afterDelete },
  probe: { exists: afterLoss, CALENDAR_NOT_FOUND: afterCalendar },
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
    kept: {},
    own: 'desired' in decision ? decision.desired.description : '',
    answered: false,
  };
  switch (decision.kind) {
    case 'create':
      return creating(state, decision.calendarId);
    case 'revive':
      return { ...state, ask: look(decision.from, 'revive') };
    case 'end':
      return { ...state, ask: deletion(state, decision.ref, decision.version) };
    case 'move':
      return { ...state, ask: removal(state, decision.from) };
    case 'delete':
      return { ...state, ask: removal(state, decision.ref) };
    case 'patch':
      return { ...state, ask: firstChange(state, decision) };
    case 'verify':
      return { ...state, ask: look(decision.ref, 'verify') };
  }
}

export function step(state: PushState, answer: Answer): Step {
  const answered = { ...state, answered: true };
  const told = {
    event: 'event' in answer ? asKnown(state, answer.event) : null,
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
  switch (decision.kind) {
    case 'move':
      return ['read', 'delete', 'create'];
    case 'delete':
      return ['read', 'delete'];
    case 'patch':
      return ['read', 'patch'];
    case 'create':
      return isUncertain(job) ? ['read', 'patch'] : [];
    case 'verify':
    case 'revive':
      return ['patch'];
    case 'end':
      return ['read', 'delete'];
  }
}

function wordOfAsk(ask: Ask): string {
  if (ask.kind === 'write') return ask.operation.kind;
  return ask.kind === 'probe' ? ask.kind : `${ask.kind}_${ask.why}`;
}

function wordOfAnswer(state: PushState, answer: Answer): string {
  if (answer.result === 'failed') return answer.error.code;
  if (answer.result === 'located') return answer.ref === null || isLacking(state, answer.ref) ? 'nowhere' : 'elsewhere';
  if (answer.result === 'already_gone' && answer.unproven) return 'unproven';
  if (answer.result !== 'looked') return answer.result;
  const { event } = answer;
  if (event === null) return 'missing';
  if (event.status === 'cancelled') return 'cancelled';
  const { ask } = state;
  // Of a series of ours. Not every provider gives its occurrences our mark.
  if (ask.kind === 'look' && ask.place) return 'ours';
  const ours = markerOf(state);
  const { marker } = event;
  const isOurs = marker?.appointmentId === ours.appointmentId && marker.integrationId === ours.integrationId &&
    marker.epoch === ours.epoch;
  if (event.repeats && (isOurs || wordOfAsk(ask) !== 'look_duplicate')) return 'series';
  return isOurs ? 'ours' : 'foreign';
}

/** The series is still where it was looked into: what is gone is the occurrence alone. */
function isLacking({ ask }: PushState, { calendarId }: EventRef): boolean {
  return ask.kind === 'locate' && ask.lacking === true && ask.ref.calendarId === calendarId;
}

function asKnown({ job: { link } }: PushState, event: ObservedEvent | null): ObservedEvent | null {
  return event && event.content
    ? { ...event, content: asFarAsShown(event.content, link?.base ?? link?.pushed ?? null) }
    : event;
}

/** Whether its event was to be made or to be ended, and what came of that is not known. */
function isUncertain({ link }: Job): boolean {
  return link?.state === 'creating' || link?.state === 'deleting';
}

// What is asked.

function markerOf({ job, lane, epoch }: Omit<PushState, 'ask'>): EventMarker {
  return { appointmentId: job.rdvId, integrationId: lane.integrationId, epoch };
}

/** What is made anew, in another calendar or after a deletion, keeps its owner's lines as far as they are known. */
function creating(state: Omit<PushState, 'ask'>, calendarId: string): PushState {
  const { job, lane, epoch } = state;
  const eventId = deriveEventId(lane.organisationId, lane.integrationId, job.rdvId, epoch);
  const ref = { calendarId, eventId };
  const { own, content } = aimAt(state, job.link?.base ?? null);
  return { ...state, own, ask: write({ kind: 'create', key: job.rdvId, ref, marker: markerOf(state), content }) };
}

function change(
  state: Omit<PushState, 'ask'>,
  ref: EventRef,
  version: string | null,
  changes: Partial<EventContent>,
): Ask {
  return write({ kind: 'patch', key: state.job.rdvId, ref, version, marker: markerOf(state), changes });
}

/** What was changed since we know it is looked at before it goes: its owner may have made a series of it. */
function removal(state: Omit<PushState, 'ask'>, ref: EventRef): Ask {
  const version = state.job.link?.etag;
  return version ? deletion(state, ref, version) : look(ref, 'delete');
}

const deletion = ({ job }: Omit<PushState, 'ask'>, ref: EventRef, version: string | null): Ask =>
  write({ kind: 'delete', key: job.rdvId, ref, version });
const look = (ref: EventRef, why: (Ask & { kind: 'look' })['why'], place?: SoughtPlace): Ask => ({
  kind: 'look',
  ref,
  why,
  ...(place ? { place } : {}),
});
const write = (operation: WriteOperation): Ask => ({ kind: 'write', operation });

function desiredOf({ decision }: Omit<PushState, 'ask'>): EventContent {
  if (!('desired' in decision)) throw new SyncError('SYNC_FAILED', 'Push event: a removal has no content');
  return decision.desired;
}

const refOf = ({ ask }: PushState): EventRef => ask.kind === 'write' ? ask.operation.ref : ask.ref;
const asks = (state: PushState, ask: Ask): Step => ({ next: { ...state, ask } });

/** No change goes out on a version that is not known; nor one of a description of which the owner's part is not known. */
function firstChange(state: Omit<PushState, 'ask'>, { ref, changes }: Writing & { kind: 'patch' }): Ask {
  const { etag = null, pushed = null, base = null } = state.job.link ?? {};
  const known = !('description' in changes) || (pushed !== null && base !== null);
  return etag && known ? change(state, ref, etag, changes) : look(ref, 'version');
}

/** What the event is to show, and which part of its description is ours. */
interface Aim extends Pick<PushState, 'own'> {
  readonly content: EventContent;
}

function aimAt(state: Omit<PushState, 'ask'>, shown: EventContent | null): Aim {
  const desired = desiredOf(state);
  if (shown === null) return { own: desired.description, content: { ...desired, ...state.kept } };
  const { link } = state.job;
  const before = link?.pushed?.description ?? null;
  const sure = before !== null && link?.state === 'live';
  const { description, own } = withOwnText(shown.description, {
    before,
    now: desired.description,
    ...(sure ? {} : { sent: link?.sent ?? [] }),
  });
  return { own, content: { ...desired, ...state.kept, description } };
}

const patches = (state: PushState, { own, content }: Aim, event: ObservedEvent, fields: readonly ContentField[]) =>
  asks({ ...state, own }, change(state, event.ref, event.version || null, pick(content, fields)));

// What answers lead to.

function withEvent(transition: (state: PushState, event: ObservedEvent) => Step): Transition {
  return (state, told) => told.event ? transition(state, told.event) : fail(state, told);
}

function fail(_state: PushState, { error }: Told): Step {
  return { failed: error ?? new SyncError('UNEXPECTED_RESPONSE', 'Push event: the answer is to another question') };
}

/** A lone "not found" proves nothing where a deletion would be shown: it is looked for again, later. */
function proven(transition: Transition): Transition {
  return (state, told) => {
    const { keepsDeleted, job: { attempts, lastErrorCode } } = state;
    const looked = lastErrorCode === 'EVENT_NOT_FOUND' && attempts + 1 >= LOOKS_FOR_LOST;
    // A series is read as a whole: what it lacks is not there.
    const { ask } = state;
    if (!keepsDeleted || looked || (ask.kind === 'look' && ask.place)) return transition(state, told);
    return { failed: new SyncError('EVENT_NOT_FOUND', 'Push event: it is not found, and not told to be deleted') };
  };
}

function done(state: PushState, result: Partial<JobResult> & Pick<JobResult, 'action'>): Step {
  return { result: resultOf(state.job, { outcome: 'done', ...result }) };
}

function liveLink(state: PushState, event: ObservedEvent): EventLink {
  const { job, epoch, unsettled, kept, own, lane: { settings: { calendarTargetId } } } = state;
  const desired = desiredOf(state);
  const observed = event.content ?? desired;
  const before = job.link?.base ?? job.link?.pushed ?? null;
  return {
    eventId: event.ref.eventId,
    ...livesIn(job.link, event.ref.calendarId, calendarTargetId),
    epoch,
    etag: event.version || null,
    state: 'live',
    pushed: { ...desired, description: own },
    base: before ? { ...observed, ...pick(before, [...unsettled, ...fieldsOf(kept)]) } : observed,
    place: event.place ?? null,
  };
}

/** The link where the event is by now, an occurrence or in another calendar; null where it is known to be. */
function followed(state: PushState, { ref: { calendarId, eventId }, place }: ObservedEvent): EventLink | null {
  const { job: { link }, lane: { settings: { calendarTargetId } } } = state;
  if (link === null || (link.eventId === eventId && link.calendarId === calendarId)) return null;
  const at = livesIn(link, calendarId, calendarTargetId);
  return { ...link, eventId, ...at, state: 'live', place: place ?? null };
}

function settle(state: PushState, event: ObservedEvent): Step {
  return done(state, { action: state.action, link: liveLink(state, event) });
}

/** An uncertain one may have been there for a while, and been changed since. */
function afterCreate(state: PushState, told: Told): Step {
  return withEvent(isUncertain(state.job) ? adopt : settle)(state, told);
}

function adopt(state: PushState, event: ObservedEvent): Step {
  const aim = aimAt(state, event.content);
  const fields = event.content ? changedFields(event.content, aim.content) : [];
  return fields.length === 0 ? settle({ ...state, own: aim.own }, event) : patches(state, aim, event, fields);
}

/** Its owner made a series of it: the occurrence at the time that both sides agreed on is the appointment's. */
function follow(state: PushState, event: ObservedEvent): Step {
  const { job: { link }, decision } = state;
  if (link?.place?.seriesId === event.ref.eventId) return lookFor(state, link.place);
  const time = link?.base?.time ?? link?.pushed?.time ?? ('desired' in decision ? decision.desired.time : null) ??
    event.content?.time;
  if (!time) return fail(state, NOTHING_TOLD);
  const at = time.kind === 'timed' ? time.startsAt : time.startDay;
  return lookFor(state, { seriesId: event.ref.eventId, at, wasSingle: true }, event.ref);
}

function lookFor(state: PushState, place: SoughtPlace, ref = refOf(state)): Step {
  return asks({ ...state, rounds: state.rounds + 1 }, look(ref, whyOf(state), place));
}

/**
 * No provider lets an occurrence be everywhere: some keep it between its neighbours. Then it ends, and the appointment
 * has an event of its own again.
 */
function partFromSeries(state: PushState, told: Told): Step {
  const { job: { link }, lane, decision: { kind } } = state;
  const ref = refOf(state);
  const calendarId = lane.settings.calendarTargetId;
  const isOccurrence = kind !== 'move' && link !== null && (link.place !== null || link.eventId !== ref.eventId);
  if (!isOccurrence || calendarId === null) return fail(state, told);
  const epoch = state.epoch + 1;
  const decision = { kind: 'move' as const, from: ref, calendarId, epoch, desired: desiredOf(state) };
  return asks({ ...state, decision, epoch, action: 'updated', unsettled: [] }, look(ref, 'delete'));
}

/** An occurrence that is gone may be another by now: its series was moved as a whole, or is a single event again. */
function followOr(otherwise: Transition): Transition {
  return (state, told) => {
    const { ask, job: { link } } = state;
    const isLookedFor = ask.kind === 'look' && ask.place !== undefined;
    return link?.place && link.eventId === refOf(state).eventId && !isLookedFor && state.rounds < MAX_ROUNDS
      ? lookFor(state, link.place)
      : otherwise(state, told);
  };
}

/**
 * An occurrence that is gone is first written down under its own name: of what begins anew the link would know the series
 * alone, and the owner may bring it back.
 */
function named(otherwise: Transition): Transition {
  return (state, told) => {
    const { job, decision } = state;
    const { event } = told;
    const link = decision.kind === 'end' ? null : job.link;
    if (link === null || !event?.place || link.eventId === event.ref.eventId) return otherwise(state, told);
    const gone = isUncertain(job) ? { ...link, state: 'gone' as const } : link;
    const becomes = { ...gone, eventId: event.ref.eventId, etag: null, place: event.place };
    return done(state, { outcome: 'retry', action: 'skipped', delaySeconds: 0, link: becomes });
  };
}

/** One that a read does not find may be too young for it: only the removal tells. */
function removeUnseen(state: PushState, told: Told): Step {
  const { ask } = state;
  const isKnown = ask.kind === 'look' && ask.place !== undefined;
  return isKnown ? locate(state, told) : asks(state, deletion(state, refOf(state), null));
}

/** Where it ends for another one, what its owner changed and an import would take over goes along, or is a question. */
function remove(state: PushState, event: ObservedEvent): Step {
  const { decision, job: { link }, lane: { settings: { twoWay, eventDetail } } } = state;
  const end = deletion(state, event.ref, event.version || null);
  if (decision.kind !== 'move' || twoWay === 'off' || !event.content || !link) return asks(state, end);
  const { pushed, base } = link;
  const { desired } = decision;
  const { ours, theirs, colliding } = threeWay({ pushed, desired, base, observed: event.content });
  if (colliding.length > 0) return question(state, event, colliding);
  const news = differsIn(eventDetail, desired, event.content).filter((field) => theirs.includes(field));
  const kept = pick(event.content, news.filter((field) => !ours.includes(field)));
  return asks({ ...state, kept }, end);
}

/** An answer was lost, or a person deleted what we made, or the id is another's. */
function lookAtDuplicate(state: PushState): Step {
  return asks(state, look(refOf(state), 'duplicate'));
}

function nextEpoch(state: PushState): Step {
  const newEpochs = state.newEpochs + 1;
  if (newEpochs > MAX_EPOCHS) return { failed: new SyncError('ID_EXHAUSTED', 'Create event: every id is taken') };
  const calendarId = state.lane.settings.calendarTargetId ?? refOf(state).calendarId;
  return { next: creating({ ...state, epoch: state.epoch + 1, newEpochs, unsettled: [] }, calendarId) };
}

/** The last event of the appointment is back: it is taken again, so that there is never a second one. */
function reclaim(state: PushState, event: ObservedEvent): Step {
  const { decision, lane, job } = state;
  if (decision.kind !== 'revive') return fail(state, NOTHING_TOLD);
  const { calendarId, desired } = decision;
  if ((job.link?.targetCalendarId ?? event.ref.calendarId) !== calendarId) {
    const epoch = state.epoch + 1;
    const moving = {
      ...state,
      epoch,
      decision: { kind: 'move', from: event.ref, calendarId, epoch, desired },
    } as const;
    return asks(moving, deletion(moving, event.ref, event.version || null));
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
function afterPatch(state: PushState, told: Told): Step {
  const { ask, job, rounds } = state;
  const base = job.link?.base ?? null;
  const changes = ask.kind === 'write' && ask.operation.kind === 'patch' ? ask.operation.changes : {};
  const unsettled = rounds === 0 && base && told.event?.content
    ? unsettledOf(changedFields(base, told.event.content).filter((field) => !(field in changes)))
    : state.unsettled;
  return withEvent(settle)({ ...state, unsettled }, told);
}

const fieldsOf = (content: Partial<EventContent>) => CONTENT_FIELDS.filter((field) => field in content);

/** A description is never negotiated: what its owner wrote in it is as good as agreed. */
const unsettledOf = (fields: readonly ContentField[]) => fields.filter((field) => field !== 'description');

function lookAgain(state: PushState): Step {
  const rounds = state.rounds + 1;
  if (rounds > MAX_ROUNDS) {
    return { failed: new SyncError('VERSION_CONFLICT', 'Change event: it changes all the time') };
  }
  return asks({ ...state, rounds }, look(refOf(state), whyOf(state)));
}

/** What an event is looked at for, once it turned out not to be as it was known. */
function whyOf({ ask, decision }: PushState): (Ask & { kind: 'look' })['why'] {
  if (ask.kind === 'look' || ask.kind === 'locate') return ask.why;
  if (ask.kind === 'write' && ask.operation.kind === 'delete') return 'delete';
  return decision.kind === 'verify' ? 'verify' : 'version';
}

/**
 * A person may have moved it to another calendar. Of a series the occurrence is what is gone, and the link's; only where the
 * series does not show it any more, the series itself is asked after: it may have been moved as a whole.
 */
function locate(state: PushState, { event }: Told): Step {
  const { ask, decision } = state;
  if (decision.kind === 'end') return afterEnd(state);
  const why = whyOf(state);
  const isKept = why === 'duplicate' || why === 'version' || why === 'verify';
  const ref = event?.ref ?? refOf(state);
  const lacking = event === null && ask.kind === 'look' && ask.place?.seriesId === ref.eventId;
  return asks(state, { kind: 'locate', ref, why: isKept ? why : 'delete', ...(lacking ? { lacking } : {}) });
}

/** What is done there is what would have been done where it was. */
function lookThere(state: PushState, told: Told): Step {
  const rounds = state.rounds + 1;
  if (told.ref === null) return fail(state, told);
  if (rounds > MAX_ROUNDS) {
    return { failed: new SyncError('VERSION_CONFLICT', 'Locate event: it moves all the time') };
  }
  return asks({ ...state, rounds }, look(told.ref, whyOf(state)));
}

function probe(state: PushState, { event }: Told): Step {
  return asks(state, { kind: 'probe', ref: event?.ref ?? refOf(state) });
}

/** With a calendar to which its owner moved it, its event is gone; the target itself is missed by the whole lane. */
function afterCalendar(state: PushState, told: Told): Step {
  return refOf(state).calendarId === state.lane.settings.calendarTargetId ? fail(state, told) : afterLoss(state);
}

function goneLink(state: PushState, gone: 'gone' | 'detached'): EventLink {
  // What was agreed stays known: the event may come back.
  const { pushed = null, base = null, place = null, targetCalendarId = null } = state.job.link ?? {};
  return { ...refOf(state), targetCalendarId, epoch: state.epoch, etag: null, state: gone, pushed, base, place };
}

function afterDelete(state: PushState): Step {
  if (state.decision.kind === 'end') return afterEnd(state);
  if (state.decision.kind === 'move') return { next: creating(state, state.decision.calendarId) };
  return done(state, { action: 'deleted', link: goneLink(state, 'gone') });
}

function lookIfGone(state: PushState): Step {
  return asks(state, look(refOf(state), 'gone'));
}

/** It is there, whatever the answer to its end was. */
function removeAgain(state: PushState, event: ObservedEvent): Step {
  const { decision } = state;
  const rounds = state.rounds + 1;
  if (decision.kind === 'end' && event.version !== decision.version) return afterEnd(state);
  if (rounds > MAX_ROUNDS) return { failed: new SyncError('EVENT_NOT_FOUND', 'End event: it is found, and not found') };
  return remove({ ...state, rounds }, event);
}

/** An earlier event that changed since it was judged is left: the reading that brings the change judges it anew. */
function lookBeforeEnd(state: PushState): Step {
  return state.decision.kind === 'end' ? afterEnd(state) : lookAgain(state);
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
  const payload = { ...event.ref, etag: event.version, fields, ...sides };
  const { link } = state.job;
  // One that is back is the appointment's again, whatever a person then decides about what it shows.
  const becomes = link?.state === 'gone'
    ? { ...link, ...event.ref, etag: event.version || null, state: 'live' as const, place: event.place ?? null }
    : followed(state, event);
  return done(state, {
    action: 'skipped',
    conflict: { reason: 'changed_both_sides', payload },
    link: becomes,
  });
}

/** It changed since we looked last: both sides' changes are kept, and a field of both is a question. */
function merge(state: PushState, event: ObservedEvent): Step {
  const desired = desiredOf(state);
  const observed = event.content ?? desired;
  const { pushed = null, base = null } = state.job.link ?? {};
  const aim = desired.description === pushed?.description
    ? { own: desired.description, content: { ...desired, description: observed.description } }
    : aimAt(state, event.content);
  const { ours, theirs, colliding } = threeWay({ pushed, desired: aim.content, base, observed });
  if (colliding.length > 0 && state.lane.settings.twoWay !== 'off') return question(state, event, colliding);
  const differing = changedFields(aim.content, observed);
  const open = unsettledOf(theirs.filter((field) => !ours.includes(field) && differing.includes(field)));
  // Where Cassius decides, what is looked at is put right at once: no reading has to find it again.
  const { twoWay, eventDetail } = state.lane.settings;
  const wrong = twoWay === 'off'
    ? differsIn(eventDetail, desired, observed).filter((field) => open.includes(field))
    : [];
  const unsettled = open.filter((field) => !wrong.some((one) => one === field));
  const merged = { ...state, own: aim.own, unsettled };
  const fields = [...ours, ...wrong];
  return fields.length === 0 ? settle(merged, event) : patches(merged, aim, event, fields);
}

function compare(state: PushState, event: ObservedEvent): Step {
  const { link } = state.job;
  const before = link?.base ?? link?.pushed ?? null;
  const written = link?.pushed?.description ?? null;
  const changed = event.content ? changedByOwner(before, event.content, written) : [];
  if (link?.state === 'updating') return afterDoubt(state, event, changed);
  if (changed.length === 0) {
    const own = written ?? state.own;
    return done(state, { action: 'skipped', reason: 'unchanged', link: liveLink({ ...state, own }, event) });
  }
  // Theirs to tell by the import.
  if (state.lane.settings.twoWay !== 'off') {
    return done(state, { action: 'skipped', reason: 'unchanged', link: followed(state, event) });
  }
  return patches(state, aimAt(state, event.content), event, changed);
}

/** What an owner adds to our part of the description is theirs and no difference. */
function changedByOwner(before: EventContent | null, shown: EventContent, written: string | null): ContentField[] {
  const added = written !== null && ownTextIn(shown.description, written) === written;
  return changedFields(before, shown).filter((field) => field !== 'description' || !added);
}

/**
 * Where the event is not as it should be, it is put right. Where it changed since both sides last agreed as well, that may
 * be our own write whose answer got lost, or a person's, and nothing tells which.
 * @param changed fields
 */
function afterDoubt(state: PushState, event: ObservedEvent, changed: readonly ContentField[]): Step {
  const aim = aimAt(state, event.content);
  const fields = event.content ? changedFields(event.content, aim.content) : [];
  if (fields.length === 0) return settle({ ...state, own: aim.own }, event);
  const unclear = unsettledOf(fields.filter((field) => changed.includes(field)));
  if (unclear.length > 0 && state.lane.settings.twoWay !== 'off') return question(state, event, unclear);
  return patches(state, aim, event, fields);
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
