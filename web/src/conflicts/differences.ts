/** The two sides and what they last agreed on, field by field. */
import type { Content, Time, Versions } from './conflict.ts';

const FIELDS = ['time', 'location', 'title', 'description', 'availability', 'visibility'] as const;
export type Field = typeof FIELDS[number];

export interface FieldRow {
  readonly field: Field;
  readonly cassius: Content[Field];
  readonly calendar: Content[Field];
  readonly base: Content[Field];
  readonly differs: boolean;
}

function sameTime(one: Time, other: Time): boolean {
  if (one.kind === 'all_day' || other.kind === 'all_day') {
    return one.kind === 'all_day' && other.kind === 'all_day' && one.startDay === other.startDay &&
      one.endDay === other.endDay;
  }
  return Date.parse(one.startsAt) === Date.parse(other.startsAt) &&
    Date.parse(one.endsAt ?? '') === Date.parse(other.endsAt ?? '');
}

/** Nothing written and an empty text are the same to a reader. */
function same(one: Content[Field], other: Content[Field]): boolean {
  if (typeof one === 'object' && typeof other === 'object' && one !== null && other !== null) {
    return sameTime(one, other);
  }
  return (one || null) === (other || null);
}

/** What tells one appointment from another is always shown; the rest only where it differs. */
const TELLING: ReadonlySet<Field> = new Set(['time', 'location', 'title']);

/** Fields that no side tells are left out. */
export function fieldRows({ cassius, calendar, base }: Versions): FieldRow[] {
  return FIELDS.flatMap((field): FieldRow[] => {
    const [ours, theirs, agreed] = [cassius?.[field], calendar?.[field], base?.[field]];
    if (!ours && !theirs && !agreed) return [];
    // A side that is not there at all, or says nothing about it, differs as a whole and not in its fields.
    const comparable = cassius && calendar && ours !== undefined && theirs !== undefined;
    const differs = comparable ? !same(ours, theirs) : false;
    return differs || TELLING.has(field) ? [{ field, cassius: ours, calendar: theirs, base: agreed, differs }] : [];
  });
}
