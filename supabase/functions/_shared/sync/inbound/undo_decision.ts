/**
 * What taking back a person's decision about a conflict does: both sides are as they were before it, and the question is
 * open again. Pure, as deciding is: the database gives what was kept, and writes what comes out unless something moved.
 *
 * Appointments go back in the database, each only in the version that the decision left. Of the link, and of the event
 * where the decision was written to it by now, is decided here.
 */
import type { ContentField, EventContent } from '../../providers/port/content.ts';
import { sameInstants } from '../shared/content_difference.ts';
import { hasEvent } from '../shared/appointment.ts';
import { takenOver } from '../shared/taken_over.ts';
import type { ObservedNow, Question, SettledLink } from './settle_conflict.ts';

/** A closed conflict, with both its sides as they were when a person decided about it. */
export interface DecidedQuestion extends Question {
  /** Null where nothing was kept, or it is over. */
  readonly decision: {
    readonly payload: Question['payload'];
    readonly link: KnownLink | null;
    readonly former: { readonly etag: string | null } | null;
  } | null;
}

interface KnownLink extends Pick<SettledLink, 'state' | 'etag' | 'pushed' | 'base'> {
  readonly calendarId: string | null;
  readonly eventId: string | null;
  readonly epoch: number;
}

/** What is to be written, all or nothing. */
export interface Undoing {
  /** What was judged: nothing is written unless all of it is still so. */
  readonly questionUpdatedAt: string;
  readonly linkState: string | null;
  readonly linkEtag: string | null;
  readonly epoch: number | null;
  /** Null: stays as it is. */
  readonly link: SettledLink | null;
  /** The version of the event that the open question is about; null: the one it was about. */
  readonly etag: string | null;
  /** The event itself is written to, or ended. */
  readonly writes: boolean;
}

/** What the event needs, in that version alone. */
export type Return =
  | { readonly kind: 'patch'; readonly version: string; readonly changes: Partial<EventContent> }
  | { readonly kind: 'delete'; readonly version: string };

export type Undone =
  /** It was taken back before. */
  | { readonly kind: 'open' }
  /** Nothing is kept any more, or what was done cannot be taken back. */
  | { readonly kind: 'late' }
  /** A side has moved on since. */
  | { readonly kind: 'overtaken' }
  /** A request to the calendar is under way, or its answer is not known. */
  | { readonly kind: 'early' }
  | { readonly kind: 'write'; readonly undoing: Undoing; readonly there: Return | null };

const LATE = { kind: 'late' } as const;
const OVERTAKEN = { kind: 'overtaken' } as const;

/** @param observed the event that the question was about; of one that was deleted, the event that the link names */
export function undoDecision(question: DecidedQuestion, observed: ObservedNow | null): Undone {
  const { status, reason, entityType, decision, payload } = question;
  if (status === 'open') return { kind: 'open' };
  if (decision === null) return LATE;
  // An answer about too much at once counts for one reading, which forgets what it was about.
  if (reason === 'mass_change') return 'fingerprint' in payload ? write(question, {}) : LATE;
  if (reason === 'time_overlap') return write(question, {});
  if (entityType === 'event') return isAsShown(question) ? write(question, {}) : OVERTAKEN;
  const { link } = question;
  if (link === null || decision.link === null) return OVERTAKEN;
  if (link.state === 'creating' || link.state === 'updating' || link.state === 'deleting') return { kind: 'early' };
  const sides = { question, now: link, before: decision.link, shown: decision.payload, observed };
  if (reason === 'restored') return undoRestored(sides, decision.former);
  return reason === 'deleted' ? undoDeletion(sides) : undoDifference(sides);
}

interface Sides {
  readonly question: DecidedQuestion;
  readonly now: NonNullable<Question['link']>;
  readonly before: KnownLink;
  /** The question as it was decided. */
  readonly shown: Question['payload'];
  readonly observed: ObservedNow | null;
}

function write(
  { updatedAt, link }: Question,
  change: Partial<Pick<Undoing, 'link' | 'etag'>> & { readonly there?: Return },
): Undone {
  const { there = null, ...changes } = change;
  const judged = { linkState: link?.state ?? null, linkEtag: link?.etag ?? null, epoch: link?.epoch ?? null };
  const undoing = { questionUpdatedAt: updatedAt, ...judged, link: null, etag: null, writes: there !== null };
  return { kind: 'write', undoing: { ...undoing, ...changes }, there };
}

/** Of an event of others: it is as it was decided about. */
function isAsShown({ event, decision }: DecidedQuestion): boolean {
  return event !== null && event.status !== 'cancelled' && event.etag === (decision?.payload.etag ?? null);
}

const stateOf = ({ state, etag, pushed, base }: KnownLink): SettledLink => ({ state, etag, pushed, base });

function undoDifference({ question, now, before, shown, observed }: Sides): Undone {
  if (observed === null || now.state !== 'live' || now.epoch !== before.epoch) return OVERTAKEN;
  if (observed.etag === shown.etag) return write(question, { link: stateOf(before) });
  // Something was written to the event since. What it showed, and what we wrote over it, is known.
  const { pushed } = now;
  const { content } = observed;
  const was = shown.calendar;
  if (!content || !pushed || !before.pushed || !before.base || !was) return OVERTAKEN;
  const taken = takenOver(question.eventDetail);
  const back: Array<'time' | 'location' | 'title'> = taken.filter((field) => !same(field, was, content));
  const ours = observed.etag === now.etag && back.every((field) => same(field, pushed, content));
  if (back.length > 0 && !ours) return OVERTAKEN;
  if (back.length > 0 && !same('title', was, content) && same('title', pushed, content)) back.push('title');
  const earlier = (side: EventContent, then: EventContent) => ({ ...side, ...pickOf(then, [...taken, ...back]) });
  const link = {
    state: 'live' as const,
    etag: before.etag,
    // The rest of the event is as it is now, and what we wrote of it is known.
    pushed: earlier(pushed, before.pushed),
    base: earlier(content, before.base),
  };
  const changes = pickOf(was, back);
  const { etag } = observed;
  return write(question, {
    link,
    etag,
    ...back.length > 0 ? { there: { kind: 'patch', version: etag, changes } } : {},
  });
}

function undoDeletion({ question, now, before, observed }: Sides): Undone {
  const { pushed, base } = before;
  if (!hasEvent(now.state)) {
    return observed === null && now.epoch === before.epoch ? write(question, { link: stateOf(before) }) : OVERTAKEN;
  }
  // It was made again, and goes again. Announced, as every deletion: it is none of its owner's.
  const made = question.resolution === 'keep_cassius' && now.epoch > before.epoch;
  if (!made || observed === null || observed.etag !== now.etag) return OVERTAKEN;
  const link = { state: 'deleting' as const, etag: now.etag, pushed, base };
  return write(question, { link, there: { kind: 'delete', version: observed.etag } });
}

function undoRestored(
  { question, now, before, shown, observed }: Sides,
  former: { readonly etag: string | null } | null,
): Undone {
  // It went again: no calendar gives an event back that was ended.
  if (observed === null) return question.resolution === 'keep_cassius' ? LATE : OVERTAKEN;
  if (observed.etag !== shown.etag && !(observed.etag === now.etag && isOurs(question, observed, shown))) {
    return OVERTAKEN;
  }
  // Beside an event that goes on, only the earlier one was decided about.
  if (former && question.resolution !== 'keep_calendar') return write(question, { etag: observed.etag });
  const { calendarId, eventId, epoch } = before;
  const names = former && calendarId && eventId ? { calendarId, eventId, epoch } : {};
  return write(question, { link: { ...stateOf(before), ...names }, etag: observed.etag });
}

/** Whatever was written to the event since, it is where it was. */
function isOurs({ eventDetail }: Question, { content }: ObservedNow, { calendar }: Question['payload']): boolean {
  return content !== null && takenOver(eventDetail).every((field) => calendar && same(field, calendar, content));
}

function same(field: 'time' | 'location' | 'title', one: Partial<EventContent>, other: EventContent): boolean {
  if (field !== 'time') return one[field] === other[field];
  return one.time !== undefined && sameInstants(one.time, other.time);
}

function pickOf(content: Partial<EventContent>, fields: readonly ContentField[]): Partial<EventContent> {
  return Object.fromEntries(fields.map((field) => [field, content[field]]));
}
