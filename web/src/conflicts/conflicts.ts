/** Reads what waits for the user's decision, with the appointments that it is about. */
import type { Tables } from '../backend/backend.ts';
import { ask } from '../backend/ask.ts';
import type { Membership } from '../backend/members.ts';
import { type ConflictRow, overlapsOf } from './conflict.ts';

export interface Subject {
  readonly id: string;
  readonly type: string;
  readonly starts_at: string | null;
  readonly patient: { readonly first_name: string; readonly last_name: string } | null;
}

export interface Inbox {
  readonly conflicts: readonly ConflictRow[];
  readonly appointments: readonly Subject[];
}

const CONFLICT =
  'id, reason, entity_type, internal_id, external_id, integration_id, source, payload, created_at, updated_at';
/** More than a person decides at one sitting; the next ones follow. */
const SHOWN = 100;
/** Appointments that are shown by their name: an address holds no more ids. */
const NAMED = 200;
/** Of the appointments of one question. */
export const LISTED = 10;

export async function readInbox(
  db: Tables,
  { organisation, userId }: Membership,
  signal: AbortSignal,
): Promise<Inbox> {
  const conflicts = await ask<ConflictRow[]>(
    'conflicts.read',
    db.from('sync_conflicts').select(CONFLICT).eq('organisation_id', organisation.id).eq('user_id', userId)
      .eq('status', 'open').order('created_at').order('id').limit(SHOWN).abortSignal(signal),
  );
  const ids = [
    ...new Set(conflicts.flatMap((conflict) => [
      ...conflict.internal_id === null ? [] : [conflict.internal_id],
      ...overlapsOf(conflict).appointments.slice(0, LISTED).map(({ rdvId }) => rdvId),
    ])),
  ].slice(0, NAMED);
  if (ids.length === 0) return { conflicts, appointments: [] };
  const appointments = await ask<Subject[]>(
    'appointments.read',
    db.from('rdv').select('id, type, starts_at, patient:patients(first_name, last_name)')
      .eq('organisation_id', organisation.id).in('id', ids).order('id').abortSignal(signal),
  );
  return { conflicts, appointments };
}
