/**
 * What becomes of an event of ours that changed in the calendar. Pure: the same state always gives the same verdict, and
 * no verdict loses a side: it is equal, taken over, asked about, shown as drift, or left for the change under way here.
 *
 * Cassius takes over an event's time and place. The rest of it is made from the appointment.
 */
import {
  CONTENT_FIELDS,
  type ContentField,
  type EventContent,
  type EventTime,
  type Instant,
} from '../../providers/port/content.ts';
import type { EventDetail, TwoWay } from '../../vocabulary.ts';
import { changedFields } from '../shared/content_difference.ts';
import type { OursEvent } from './port.ts';

export interface ReconcileSettings {
  readonly calendarId: string;
  readonly twoWay: TwoWay;
  readonly eventDetail: EventDetail | null;
  readonly timezone: string;
  readonly defaultDurationMinutes: number;
  readonly normalize: (content: EventContent) => EventContent;
}

/** What the link becomes; null where it stays as it is. */
interface LinkChange {
  readonly state: 'live' | 'gone' | null;
  /** What we would send from now on, so that taking over a change never sends it back. */
  readonly pushed: EventContent | null;
  readonly base: EventContent | null;
}

export interface ConflictPayload {
  readonly calendarId: string;
  readonly eventId: string;
  readonly etag: string;
  readonly rdvUpdatedAt: Instant | null;
  readonly cassius: EventContent | null;
  readonly calendar: EventContent | null;
  readonly base: EventContent | null;
  readonly fields: readonly ContentField[];
  readonly changedBy: 'calendar' | 'both';
}

/** What was judged: a verdict counts only as long as all of it is still so. */
interface Subject {
  readonly eventId: string;
  readonly rdvId: string;
  readonly etag: string;
  readonly linkEtag: string | null;
  readonly epoch: number;
  readonly rdvUpdatedAt: Instant | null;
}

type Judgement =
  /**
   * `echo`: nothing changed that anybody has to know. `accept`: only what Cassius does not take over changed. `cancel`: the
   * appointment ends with its event. `drift`: the calendar is not listened to, the next push restores the event. `wait`: our
   * own change is on its way and finds the other one by its condition.
   */
  | { readonly kind: 'echo' | 'accept' | 'cancel' | 'drift' | 'wait' }
  | {
    readonly kind: 'apply';
    readonly startsAt: Instant | null;
    readonly endsAt: Instant | null;
    readonly location: string | null;
  }
  | { readonly kind: 'conflict'; readonly reason: 'changed_both_sides' | 'deleted'; readonly payload: ConflictPayload };

export type Verdict = Subject & LinkChange & Judgement;

const UNCHANGED: LinkChange = { state: null, pushed: null, base: null };
const GONE: LinkChange = { ...UNCHANGED, state: 'gone' };
const live = (pushed: EventContent | null, base: EventContent | null): LinkChange => (
  { state: 'live', pushed, base }
);

type Taken = 'time' | 'location';

/** Zones are how a time is written; what an appointment keeps is the instant. */
function sameInstants(one: EventTime, other: EventTime): boolean {
  if (one.kind === 'timed' && other.kind === 'timed') {
    return Date.parse(one.startsAt) === Date.parse(other.startsAt) &&
      Date.parse(one.endsAt) === Date.parse(other.endsAt);
  }
  return one.kind === 'all_day' && other.kind === 'all_day' &&
    one.startDay === other.startDay && one.endDay === other.endDay;
}

function same(field: Taken, one: EventContent, other: EventContent): boolean {
  return field === 'time' ? sameInstants(one.time, other.time) : one.location === other.location;
}

/** An appointment has a start and a later end. */
function isBookable(time: EventTime): time is EventTime & { kind: 'timed' } {
  return time.kind === 'timed' && Date.parse(time.endsAt) > Date.parse(time.startsAt);
}

/** How the appointment as it stands now would show in the event, as far as the calendar has a say in it. */
function shownNow({ rdv }: OursEvent, shape: EventContent, settings: ReconcileSettings): EventContent | null {
  const startsAt = Date.parse(rdv.startsAt ?? '');
  const endsAt = rdv.endsAt === null ? startsAt + settings.defaultDurationMinutes * 60_000 : Date.parse(rdv.endsAt);
  if (!(endsAt > startsAt)) return null;
  return settings.normalize({
    ...shape,
    location: settings.eventDetail === 'busy' ? '' : rdv.location ?? '',
    time: {
      kind: 'timed',
      startsAt: new Date(startsAt).toISOString(),
      endsAt: new Date(endsAt).toISOString(),
      timeZone: settings.timezone,
    },
  });
}

export function reconcile(ours: OursEvent, settings: ReconcileSettings): Verdict {
  const { eventId, rdvId, etag, rdvUpdatedAt, rdv, link, dirty } = ours;
  const subject: Subject = { eventId, rdvId, etag, linkEtag: link.etag, epoch: link.epoch, rdvUpdatedAt };
  const verdict = (change: LinkChange, judgement: Judgement): Verdict => ({ ...subject, ...change, ...judgement });
  const endedHere = rdv.deleted || rdv.status === 'cancelled';
  const observed = ours.status === 'cancelled' ? null : ours.content;

  // Nothing is left on either side, whatever is still on its way.
  if (ours.status === 'cancelled' && endedHere) return verdict(GONE, { kind: 'echo' });
  if (dirty) return verdict(UNCHANGED, { kind: 'wait' });
  // Made, with the answer lost, and nothing of ours is on its way: whoever sends it next finds it and compares.
  if (link.state !== 'live' && link.state !== 'updating') return verdict(UNCHANGED, { kind: 'echo' });

  const agreed = link.base ?? link.pushed;
  // The event only waits for its deletion; and who may not see its details says nothing about them.
  if (ours.status !== 'cancelled' && (endedHere || observed === null)) {
    return verdict(live(link.pushed, observed ?? link.base), { kind: 'echo' });
  }

  const shape = link.pushed ?? link.base ?? observed;
  const here = shape && shownNow(ours, shape, settings);
  const conflict = (
    reason: 'changed_both_sides' | 'deleted',
    fields: readonly ContentField[],
    changedBy: 'calendar' | 'both',
  ): Verdict => {
    const sides = { cassius: here ?? shape, calendar: observed, base: agreed };
    const payload = { calendarId: settings.calendarId, eventId, etag, rdvUpdatedAt, ...sides, fields, changedBy };
    return verdict(UNCHANGED, { kind: 'conflict', reason, payload });
  };

  const takenOver: readonly Taken[] = settings.eventDetail === 'busy' ? ['time'] : ['time', 'location'];
  // Without a time an appointment has no event: that cannot be what was pushed.
  const changedHere = takenOver.filter((field) =>
    here === null || link.pushed === null || !same(field, here, link.pushed)
  );

  if (observed === null) {
    if (settings.twoWay === 'off') return verdict(UNCHANGED, { kind: 'drift' });
    const alsoHere = link.pushed !== null && changedHere.length > 0;
    if (settings.twoWay === 'review' || alsoHere) {
      return conflict('deleted', CONTENT_FIELDS, alsoHere ? 'both' : 'calendar');
    }
    return verdict(GONE, { kind: 'cancel' });
  }

  // What was agreed is unknown: each difference counts as made on both sides.
  const theirs = agreed === null
    ? takenOver.filter((field) => here === null || !same(field, here, observed))
    : takenOver.filter((field) => !same(field, agreed, observed));
  if (theirs.length === 0) {
    const pushed = link.pushed ?? here ?? observed;
    if (agreed === null || changedFields(agreed, observed).length === 0) {
      return verdict(live(pushed, observed), { kind: 'echo' });
    }
    if (settings.twoWay === 'off') return verdict(UNCHANGED, { kind: 'drift' });
    return verdict(live(pushed, observed), { kind: 'accept' });
  }
  if (settings.twoWay === 'off') return verdict(UNCHANGED, { kind: 'drift' });

  const { time } = observed;
  const open = theirs.filter((field) => here === null || !same(field, here, observed));
  const colliding = open.filter((field) => changedHere.includes(field));
  const changedBy = colliding.length > 0 ? 'both' : 'calendar';
  if (here === null || colliding.length > 0 || (theirs.includes('time') && !isBookable(time))) {
    return conflict('changed_both_sides', open, changedBy);
  }
  const pushed: EventContent = settings.normalize({
    ...(link.pushed ?? here),
    ...(theirs.includes('time') && isBookable(time) ? { time: { ...time, timeZone: settings.timezone } } : {}),
    ...(theirs.includes('location') ? { location: observed.location } : {}),
  });
  // Both sides made the same change.
  if (open.length === 0) return verdict(live(pushed, observed), { kind: 'accept' });
  if (settings.twoWay === 'review') return conflict('changed_both_sides', open, 'calendar');
  return verdict(live(pushed, observed), {
    kind: 'apply',
    ...(open.includes('time') && isBookable(time)
      ? { startsAt: time.startsAt, endsAt: time.endsAt }
      : { startsAt: rdv.startsAt, endsAt: rdv.endsAt }),
    location: (open.includes('location') ? observed.location : rdv.location) || null,
  });
}
