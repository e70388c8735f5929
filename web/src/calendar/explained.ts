/** The engine's own answer about an appointment, as one sentence and at most one thing to do. */
import type { SKIP_REASONS, WAITS } from '../../../supabase/functions/_shared/vocabulary.ts';
import type { Explanation } from '../../../supabase/functions/_shared/contract/explain.ts';
import { errorMessage, formatMoment } from '../words/i18n.ts';
import { words } from './words.ts';

/** `decide`: about the conflict; `settings`: of the connection; `edit`: the appointment. */
export type NextStep = 'decide' | 'retry' | 'sync' | 'edit' | 'reconnect' | 'settings';

const AFTER_WAIT: Readonly<Record<typeof WAITS[number], NextStep | null>> = {
  answer: 'decide',
  person: 'retry',
  reconnect: 'reconnect',
  calendar: 'settings',
  export: 'settings',
  request: 'sync',
  team: null,
  worker: null,
  quota: null,
  provider: null,
  retry: null,
  turn: null,
};
const AFTER_REASON: Readonly<Record<typeof SKIP_REASONS[number], NextStep | null>> = {
  no_start: 'edit',
  no_patient: 'edit',
  no_target: 'settings',
  out_of_scope: 'settings',
  unchanged: null,
  cancelled: null,
  deleted: null,
  removing: null,
  imported_from_provider: null,
  past: null,
  unlinked: null,
};

/** Null where the state says all. */
export function explained(
  { decision, reason, waitsFor, waitsUntil, lastError, differsSince }: Explanation,
  zone: string,
): string | null {
  if (waitsFor !== null) {
    if (waitsFor === 'turn' && decision === 'delete') return words.syncExplained.removal;
    const sentence = words.syncWait[waitsFor](waitsUntil === null ? null : formatMoment(waitsUntil, zone));
    const why = lastError === null ? '' : errorMessage(lastError.code, lastError.message);
    return why === '' ? sentence : words.syncExplained.why(sentence, why);
  }
  if (differsSince !== null) return words.syncExplained.drifted;
  return reason === null || reason === 'unchanged' ? null : words.syncReason[reason];
}

/** Null where there is nothing to do, or nothing that a person could do. */
export function nextStep({ reason, waitsFor, differsSince }: Explanation): NextStep | null {
  if (waitsFor !== null) return AFTER_WAIT[waitsFor];
  return reason === null || differsSince !== null ? null : AFTER_REASON[reason];
}
