/** What differs between two states of an event, field by field. */
import { CONTENT_FIELDS, type ContentField, type EventContent, type EventTime } from '../../providers/port/content.ts';

function sameTime(one: EventTime, other: EventTime): boolean {
  if (one.kind === 'all_day') {
    return other.kind === 'all_day' && one.startDay === other.startDay && one.endDay === other.endDay;
  }
  return other.kind === 'timed' && one.timeZone === other.timeZone &&
    Date.parse(one.startsAt) === Date.parse(other.startsAt) && Date.parse(one.endsAt) === Date.parse(other.endsAt);
}

/** Zones are how a time is written; what an appointment keeps is the instant. */
export function sameInstants(one: EventTime, other: EventTime): boolean {
  if (one.kind === 'timed' && other.kind === 'timed') {
    return Date.parse(one.startsAt) === Date.parse(other.startsAt) &&
      Date.parse(one.endsAt) === Date.parse(other.endsAt);
  }
  return one.kind === 'all_day' && other.kind === 'all_day' &&
    one.startDay === other.startDay && one.endDay === other.endDay;
}

function sameField(field: ContentField, one: EventContent, other: EventContent): boolean {
  return field === 'time' ? sameTime(one.time, other.time) : one[field] === other[field];
}

/** All fields where nothing is known of the state before. */
export function changedFields(before: EventContent | null, after: EventContent): ContentField[] {
  return CONTENT_FIELDS.filter((field) => before === null || !sameField(field, before, after));
}

export function pick(content: EventContent, fields: readonly ContentField[]): Partial<EventContent> {
  return Object.fromEntries(fields.map((field) => [field, content[field]]));
}

export interface ThreeWay {
  /** To write: our fields that the other side does not show yet. */
  readonly ours: readonly ContentField[];
  readonly theirs: readonly ContentField[];
  /** Changed on both sides, and not to the same value. A description has a part of each. */
  readonly colliding: readonly ContentField[];
}

/** Both sides' changes since the base, and where they collide. */
export function threeWay(
  states: { pushed: EventContent | null; desired: EventContent; base: EventContent | null; observed: EventContent },
): ThreeWay {
  const { pushed, desired, base, observed } = states;
  const wanted = changedFields(pushed, desired);
  const theirs = changedFields(base ?? pushed ?? observed, observed);
  const ours = wanted.filter((field) => !sameField(field, desired, observed));
  return { ours, theirs, colliding: ours.filter((field) => field !== 'description' && theirs.includes(field)) };
}
