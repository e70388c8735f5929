/**
 * What becomes of an event of ours that changed in the calendar. Pure: the same state always gives the same verdict, and
 * no verdict loses a side: it is equal, taken over, asked about, shown as drift, or left for the change under way here.
 *
 * The verdict is final. The database checks that nothing of what was judged has moved since, and writes it.
 *
 * Cassius takes over an event's time and place. The rest of it is made from the appointment.
 */
import { CONTENT_FIELDS, type ContentField, type EventContent } from '../../providers/port/content.ts';
import { appointmentTime, isBookable, type Practice } from '../shared/appointment_time.ts';
import { changedFields, pick, sameInstants } from '../shared/content_difference.ts';
import { asFarAsShown } from '../shared/hidden_details.ts';
import { livesIn } from '../shared/lives_in.ts';
import { type Taken, takenOver } from '../shared/taken_over.ts';
import type { EventDetail, TwoWay } from '../../vocabulary.ts';
import type { Judgement, LinkChange, OpenQuestion, OursEvent, QuestionSide, Subject, Verdict } from './verdict.ts';

/** So many changes taken over, or undone, in a short time (`private.applied_recently`) mean that two programs fight. */
export const FLAPPING = 10;

export interface ReconcileSettings extends Practice {
  readonly calendarTargetId: string | null;
  readonly twoWay: TwoWay;
  readonly eventDetail: EventDetail | null;
  readonly normalize: (content: EventContent) => EventContent;
}

const FIGHT = { flapping: true } as const;
const UNCHANGED: LinkChange = { state: null, pushed: null, base: null };
/** What was agreed stays known: the event may come back. */
const gone = ({ pushed, base }: OursEvent['link']): LinkChange => ({ state: 'gone', pushed, base });
const live = (pushed: EventContent | null, base: EventContent | null): LinkChange => ({
  state: 'live',
  pushed,
  base,
});

function same(field: ContentField, one: QuestionSide, other: EventContent): boolean {
  if (field !== 'time') return one[field] === other[field];
  return one.time !== undefined && sameInstants(one.time, other.time);
}

/** What we would send once these fields of the event are the appointment's too. */
export function merged(
  pushed: EventContent,
  observed: EventContent,
  fields: readonly Taken[],
  { timezone, normalize }: Pick<ReconcileSettings, 'timezone' | 'normalize'>,
): EventContent {
  const { time, location } = observed;
  return normalize({
    ...pushed,
    ...(fields.includes('time') && isBookable(time) ? { time: { ...time, timeZone: timezone } } : {}),
    ...(fields.includes('location') ? { location } : {}),
  });
}

/** How the appointment would show in the event now, as far as the calendar has a say in it. */
function shownNow({ rdv }: OursEvent, shape: EventContent, settings: ReconcileSettings): EventContent | null {
  const time = appointmentTime(rdv, settings);
  if (time === null) return null;
  return settings.normalize({ ...shape, location: settings.eventDetail === 'busy' ? '' : rdv.location ?? '', time });
}

/** A question is over once the event shows in each of its fields what one of the two sides had. */
function isStillAsked({ payload: { fields, cassius, base } }: OpenQuestion, shown: EventContent | null): boolean {
  return fields.some((field) => shown === null || ![cassius, base].some((side) => side && same(field, side, shown)));
}

/** What becomes of one event of ours, from its link, its appointment and what the calendar shows. */
export function reconcile(ours: OursEvent, settings: ReconcileSettings): Verdict {
  const { eventId, place, rdvId, etag, rdvUpdatedAt, link, question } = ours;
  const { change, judgement } = judge(ours, settings);
  const home = homeOf(ours, change, settings);
  const subject: Subject = {
    eventId,
    place,
    linkEventId: link.eventId,
    rdvId,
    etag,
    linkEtag: link.etag,
    linkCalendarId: link.calendarId,
    epoch: link.epoch,
    former: ours.former !== null,
    rdvUpdatedAt,
    questionId: question?.id ?? null,
    questionUpdatedAt: question?.updatedAt ?? null,
    observed: shownBy(ours),
  };
  const weight = weightOf(judgement, subject.observed);
  const over = judgement.kind === 'echo' || judgement.kind === 'accept' || judgement.kind === 'apply';
  const fought = judgement.kind === 'drift' && question?.payload.flapping === true;
  if (question && change.state === 'live' && (fought || over && isStillAsked(question, change.base))) {
    // Until a person answers, or the difference in question is gone, both sides keep theirs.
    const payload = { ...question.payload, etag, calendar: change.base, rdvUpdatedAt };
    return {
      ...subject,
      ...home,
      ...UNCHANGED,
      kind: 'conflict',
      reason: 'changed_both_sides',
      payload,
      weight,
      settles: false,
    };
  }
  const settles = question !== null && ours.former === null && (over || judgement.kind === 'cancel');
  // An echo is written only where nothing else has to be.
  const moved = judgement.kind === 'echo' && home.calendarId !== link.calendarId;
  const told: Judgement = moved ? { kind: 'accept' } : judgement;
  return { ...subject, ...home, ...change, ...told, weight, settles };
}

/** A link whose event is not sure is left to the worker that makes sure of it; one that is back is where it was seen. */
function homeOf(
  { calendarId, link, former }: OursEvent,
  { state }: LinkChange,
  { calendarTargetId }: ReconcileSettings,
): Pick<Verdict, 'calendarId' | 'targetCalendarId'> {
  const { calendarId: known, targetCalendarId } = link;
  const isSure = former === null &&
    (state === 'live' || state === null && (link.state === 'live' || link.state === 'updating'));
  return isSure ? livesIn(link, calendarId, calendarTargetId) : { calendarId: known, targetCalendarId };
}

function shownBy({ status, content, link }: OursEvent): EventContent | null {
  return status === 'cancelled' ? null : content && asFarAsShown(content, link.base ?? link.pushed);
}

function weightOf(judgement: Judgement, observed: EventContent | null): Verdict['weight'] {
  const { kind } = judgement;
  if (kind === 'cancel') return 'gone';
  if (kind === 'conflict' && judgement.reason === 'restored') return null;
  if (kind === 'conflict' || kind === 'drift') return observed === null ? 'gone' : 'moved';
  return kind === 'apply' ? 'moved' : null;
}

/** An event of ours that had ended is in the calendar. */
function judgeRestored(ours: OursEvent, settings: ReconcileSettings): { change: LinkChange; judgement: Judgement } {
  const { eventId, etag, rdvUpdatedAt, rdv, link, former } = ours;
  const observed = shownBy(ours);
  const endedHere = rdv.deleted || rdv.status === 'cancelled';
  // Nothing is kept of what an erased patient's event says.
  const erased = !rdv.named && (!rdv.deleted || (former === null && link.base === null));
  const decidesHere = settings.twoWay === 'off' || erased;
  // What it shows is compared by the reading after: there it is an event as every other.
  const back = live(link.pushed, link.base ?? observed);
  // An appointment has one event: the earlier one is ended where its owner made nothing else of it.
  if (former ? decidesHere || (former.replaced && former.unchanged) : decidesHere && endedHere) {
    return { change: former ? UNCHANGED : back, judgement: { kind: 'end' } };
  }
  if (!former && !endedHere) return { change: back, judgement: { kind: 'restore', status: null } };
  if (!former && settings.twoWay === 'auto' && rdv.cancelledFrom !== null) {
    return { change: back, judgement: { kind: 'restore', status: rdv.cancelledFrom } };
  }
  const shape = link.pushed ?? link.base ?? observed;
  const cassius = rdv.deleted || shape === null ? null : shownNow(ours, shape, settings) ?? shape;
  const payload = {
    calendarId: ours.calendarId,
    eventId,
    etag,
    rdvUpdatedAt,
    cassius,
    calendar: observed,
    base: link.base,
    fields: [],
    changedBy: 'calendar',
    returns: rdv.status === 'cancelled' && !former?.replaced,
  } as const;
  return { change: UNCHANGED, judgement: { kind: 'conflict', reason: 'restored', payload } };
}

/** As if nothing had been asked before. */
function judge(ours: OursEvent, settings: ReconcileSettings): { change: LinkChange; judgement: Judgement } {
  const { eventId, calendarId, etag, rdvUpdatedAt, rdv, link, dirty } = ours;
  const verdict = (change: LinkChange, judgement: Judgement) => ({ change, judgement });
  const endedHere = rdv.deleted || rdv.status === 'cancelled';
  const observed = shownBy(ours);
  const ended = ours.former !== null || link.state === 'gone' || link.state === 'detached';
  if (ended && ours.status === 'cancelled') return verdict(UNCHANGED, { kind: 'echo' });
  // Nothing is left on either side, whatever is still on its way.
  if (ours.status === 'cancelled' && endedHere) return verdict(gone(link), { kind: 'echo' });
  if (dirty) return verdict(UNCHANGED, { kind: 'wait' });
  if (ended) return judgeRestored(ours, settings);
  // Made, with the answer lost, and nothing of ours is on its way: the worker that sends it next finds it and compares.
  if (link.state !== 'live' && link.state !== 'updating') return verdict(UNCHANGED, { kind: 'echo' });

  const agreed = link.base ?? link.pushed;
  // The event only waits for its deletion; and who may not see its details says nothing about them.
  if (ours.status !== 'cancelled' && (endedHere || observed === null)) {
    return verdict(live(link.pushed, observed ?? link.base), { kind: 'echo' });
  }

  const shown = link.base ?? observed;
  // Where it is not known what we wrote, none of the description counts as ours.
  const shape = link.pushed ?? (shown && { ...shown, description: '' });
  const here = shape && shownNow(ours, shape, settings);
  const conflict = (
    reason: 'changed_both_sides' | 'deleted',
    fields: readonly ContentField[],
    changedBy: 'calendar' | 'both',
    flapping: { flapping?: true } = {},
  ) => {
    const sides = { cassius: here ?? shape, calendar: observed, base: agreed };
    const about = { calendarId, eventId, etag, rdvUpdatedAt };
    return verdict(UNCHANGED, {
      kind: 'conflict',
      reason,
      payload: { ...about, ...sides, fields, changedBy, ...flapping },
    });
  };

  const fights = ours.appliedRecently >= FLAPPING;
  const putRight = (change: LinkChange) => verdict(change, { kind: 'drift' });
  const taken = takenOver(settings.eventDetail);
  // Without a time an appointment has no event: that cannot be what was pushed.
  const changedHere = taken.filter((field) => here === null || link.pushed === null || !same(field, here, link.pushed));

  if (observed === null) {
    if (settings.twoWay === 'off') {
      return fights ? conflict('deleted', CONTENT_FIELDS, 'both', FIGHT) : putRight(gone(link));
    }
    const alsoHere = link.pushed !== null && changedHere.length > 0;
    if (settings.twoWay === 'review' || alsoHere) {
      return conflict('deleted', CONTENT_FIELDS, alsoHere ? 'both' : 'calendar');
    }
    return verdict(gone(link), { kind: 'cancel' });
  }

  // What was agreed is unknown: each difference counts as made on both sides.
  const theirs = agreed === null
    ? taken.filter((field) => here === null || !same(field, here, observed))
    : taken.filter((field) => !same(field, agreed, observed));
  if (theirs.length === 0) {
    const pushed = link.pushed ?? here ?? shape;
    const differing = agreed === null ? [] : changedFields(agreed, observed);
    if (differing.length === 0) return verdict(live(pushed, observed), { kind: 'echo' });
    return verdict(live(pushed, observed), { kind: 'accept' });
  }

  const open = theirs.filter((field) => here === null || !same(field, here, observed));
  if (settings.twoWay === 'off' && open.length > 0) {
    if (fights) return conflict('changed_both_sides', open, 'both', FIGHT);
    // What the calendar shows counts as sent: where the appointment differs, it is written over it.
    return putRight(live({ ...(shape ?? observed), ...pick(observed, theirs) }, observed));
  }
  const { time } = observed;
  const colliding = open.filter((field) => changedHere.includes(field));
  const changedBy = colliding.length > 0 ? 'both' : 'calendar';
  if (here === null || colliding.length > 0 || (theirs.includes('time') && !isBookable(time))) {
    return conflict('changed_both_sides', open, changedBy);
  }
  const pushed = merged(link.pushed ?? here, observed, theirs, settings);
  // Both sides made the same change.
  if (open.length === 0) return verdict(live(pushed, observed), { kind: 'accept' });
  if (settings.twoWay === 'review') return conflict('changed_both_sides', open, 'calendar');
  if (fights) return conflict('changed_both_sides', open, 'both', FIGHT);
  return verdict(live(pushed, observed), {
    kind: 'apply',
    ...(open.includes('time') && isBookable(time)
      ? { startsAt: time.startsAt, endsAt: time.endsAt }
      : { startsAt: rdv.startsAt, endsAt: rdv.endsAt }),
    location: (open.includes('location') ? observed.location : rdv.location) || null,
  });
}
