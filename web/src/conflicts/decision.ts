/** What a person can decide about a conflict, and what each decision does. */
import {
  CONFLICT_ACTIONS,
  type ConflictAction,
  type ConflictReason,
} from '../../../supabase/functions/_shared/vocabulary.ts';
import { type ConflictRow, isBookable, isManifold, versionsOf } from './conflict.ts';

/** The table of sentences that speaks about a conflict. */
export type Effects = ConflictReason | 'imported' | 'time_overlaps';

export interface Decision {
  readonly action: ConflictAction;
  /** Its time is no appointment's. */
  readonly possible: boolean;
}

type Asked = Pick<ConflictRow, 'reason' | 'entity_type' | 'payload'>;

/** An appointment that was made of an event is never written back to it: its decisions do other things. */
export function effectsOf({ reason, entity_type, payload }: Asked): Effects {
  if (isManifold({ reason, payload })) return 'time_overlaps';
  return reason === 'changed_both_sides' && entity_type === 'event' ? 'imported' : reason;
}

export function decisionsOf(conflict: Asked): Decision[] {
  const { returns, calendar } = versionsOf(conflict);
  const actions = CONFLICT_ACTIONS.filter((action) => {
    if (action === 'duplicate') return conflict.reason !== 'mass_change' && conflict.reason !== 'restored';
    return action !== 'keep_calendar' || conflict.reason !== 'restored' || returns === true;
  });
  const takesOver = conflict.reason === 'changed_both_sides' || conflict.reason === 'restored';
  return actions.map((action) => ({
    action,
    possible: action !== 'keep_calendar' || !takesOver || isBookable(calendar?.time),
  }));
}

/** What can be decided about all of them at once. */
export function commonDecisions(conflicts: readonly Asked[]): ConflictAction[] {
  const [first, ...others] = conflicts.map((one) =>
    decisionsOf(one).filter(({ possible }) => possible).map(({ action }) => action)
  );
  return (first ?? []).filter((action) => others.every((actions) => actions.includes(action)));
}
