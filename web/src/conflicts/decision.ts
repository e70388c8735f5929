/** What a person can decide about a conflict, and what each decision does. */
import type { ConflictAction, ConflictReason } from '../../../supabase/functions/_shared/vocabulary.ts';
import { type ConflictRow, isBookable, isManifold, massChangeOf, versionsOf } from './conflict.ts';

/** The table of sentences that speaks about a conflict. */
export type Effects = ConflictReason | 'imported' | 'time_overlaps';

export interface Decision {
  readonly action: ConflictAction;
  /** Its time is no appointment's. */
  readonly possible: boolean;
}

/** Only those that differ from each other there: where Cassius writes nothing, to keep its side is to leave both. */
const OFFERED: Readonly<Record<Effects, readonly ConflictAction[]>> = {
  time_overlap: ['keep_cassius', 'keep_calendar', 'duplicate'],
  time_overlaps: ['keep_cassius', 'keep_calendar', 'duplicate'],
  changed_both_sides: ['keep_cassius', 'keep_calendar', 'duplicate', 'ignore'],
  imported: ['keep_cassius', 'keep_calendar', 'duplicate'],
  deleted: ['keep_cassius', 'keep_calendar', 'ignore'],
  restored: ['keep_cassius', 'keep_calendar', 'ignore'],
  mass_change: ['keep_cassius', 'keep_calendar', 'ignore'],
};

type Asked = Pick<ConflictRow, 'reason' | 'entity_type' | 'payload'>;

/** An appointment that was made of an event is never written back to it: its decisions do other things. */
export function effectsOf({ reason, entity_type, payload }: Asked): Effects {
  if (isManifold({ reason, payload })) return 'time_overlaps';
  return reason === 'changed_both_sides' && entity_type === 'event' ? 'imported' : reason;
}

export function decisionsOf(conflict: Asked): Decision[] {
  const { returns, calendar } = versionsOf(conflict);
  const actions = OFFERED[effectsOf(conflict)].filter((action) =>
    action !== 'keep_calendar' || conflict.reason !== 'restored' || returns === true
  );
  const takesOver = conflict.reason === 'changed_both_sides' || conflict.reason === 'restored';
  return actions.map((action) => ({
    action,
    possible: action !== 'keep_calendar' || !takesOver || isBookable(calendar?.time),
  }));
}

/** Whether it cancels appointments of patients: then it is asked about once more, with their names. */
export function cancels(conflict: Pick<ConflictRow, 'reason' | 'payload'>, action: ConflictAction): boolean {
  if (action !== 'keep_calendar') return false;
  const { reason } = conflict;
  return reason === 'time_overlap' || reason === 'deleted' ||
    (reason === 'mass_change' && massChangeOf(conflict).cancelled > 0);
}

/** What can be decided about all of them at once. */
export function commonDecisions(conflicts: readonly Asked[]): ConflictAction[] {
  const [first, ...others] = conflicts.map((one) =>
    decisionsOf(one).filter(({ possible }) => possible).map(({ action }) => action)
  );
  return (first ?? []).filter((action) => others.every((actions) => actions.includes(action)));
}
