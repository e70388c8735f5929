/** Reads what waits for the user's decision, with the appointments that it is about. */
import type { Tables } from '../backend/backend.ts';
import { ask } from '../backend/ask.ts';
import type { Membership } from '../backend/members.ts';
import { appointmentsOf, type ConflictRow } from './conflict.ts';

export interface Subject {
  readonly id: string;
  readonly type: string;
  readonly starts_at: string | null;
  readonly ends_at: string | null;
  readonly practitioner_id: string | null;
  /** Version for a conditional write. */
  readonly updated_at: string;
  readonly patient: { readonly first_name: string; readonly last_name: string } | null;
}

export interface Inbox {
  readonly conflicts: readonly ConflictRow[];
  /** More wait behind these. */
  readonly more: boolean;
  readonly appointments: readonly Subject[];
}

const CONFLICT =
  'id, reason, entity_type, internal_id, external_id, integration_id, source, payload, created_at, updated_at';
const SUBJECT = 'id, type, starts_at, ends_at, practitioner_id, updated_at, patient:patients(first_name, last_name)';
/** More than a person decides at one sitting; the next ones follow. */
const SHOWN = 100;
/** Ids in one filter: they travel in the address, which gateways cut at a few kilobytes. */
const IDS_PER_REQUEST = 100;
/** Of the appointments of one question. */
export const LISTED = 10;

export async function readInbox(
  db: Tables,
  { organisation, userId }: Membership,
  signal: AbortSignal,
): Promise<Inbox> {
  const found = await ask<ConflictRow[]>(
    'conflicts.read',
    db.from('sync_conflicts').select(CONFLICT).eq('organisation_id', organisation.id).eq('user_id', userId)
      .eq('status', 'open').order('created_at').order('id').limit(SHOWN + 1).abortSignal(signal),
  );
  const conflicts = found.slice(0, SHOWN);
  const ids = conflicts.flatMap((conflict) => appointmentsOf(conflict).slice(0, LISTED));
  const appointments = await readSubjects(db, organisation.id, ids, signal);
  return { conflicts, more: found.length > SHOWN, appointments };
}

/** The appointments that there still are. */
export async function readSubjects(
  db: Tables,
  organisation: string,
  wanted: readonly string[],
  signal: AbortSignal,
): Promise<Subject[]> {
  const ids = [...new Set(wanted)];
  const parts: Array<Promise<Subject[]>> = [];
  for (let at = 0; at < ids.length; at += IDS_PER_REQUEST) {
    const request = db.from('rdv').select(SUBJECT).eq('organisation_id', organisation)
      .in('id', ids.slice(at, at + IDS_PER_REQUEST)).order('id');
    parts.push(ask<Subject[]>('appointments.read', request.abortSignal(signal)));
  }
  return (await Promise.all(parts)).flat();
}
