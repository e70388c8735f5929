/** A person's decision about a conflict, judged as the functions do, without the HTTP and the calendar. */
import * as z from 'zod/mini';
import { importRequests, type StoredConflict } from '../../supabase/functions/_shared/db/inbound.ts';
import type { Rpc } from '../../supabase/functions/_shared/db/rpc.ts';
import type { ConflictAction } from '../../supabase/functions/_shared/vocabulary.ts';
import {
  type ObservedNow,
  settleConflict,
  type Settlement,
} from '../../supabase/functions/_shared/sync/inbound/settle_conflict.ts';
import { undoDecision, type Undoing } from '../../supabase/functions/_shared/sync/inbound/undo_decision.ts';
import type { TestDatabase, TestPerson } from './database.ts';

export interface Outcome {
  readonly status: string;
  readonly resolution: string | null;
  /** Refused: a side had moved. */
  readonly outdated: boolean;
}

interface Given {
  /** The event as it is now; null: it is gone. */
  readonly observed?: ObservedNow | null;
  readonly seen?: string | null;
  /** Happens between the judgement and its writing. */
  readonly meanwhile?: (question: StoredConflict) => Promise<unknown>;
}

function requestsOf(db: TestDatabase) {
  const rpc = (async (name, args, schema) => z.parse(schema, await db.call(name, args as never))) as Rpc;
  return importRequests(rpc, 'google');
}

/** One round: what moved meanwhile is for the caller to see. */
export async function decide(
  db: TestDatabase,
  { organisation, user }: TestPerson,
  id: string,
  action: string,
  { observed = null, seen = null, meanwhile }: Given = {},
): Promise<Outcome & { moved: boolean; settlement: Settlement | null }> {
  const owner = { organisationId: organisation, userId: user };
  const requests = requestsOf(db);
  const question = await requests.conflict(owner as never, id, seen);
  const decided = settleConflict(question, action as ConflictAction, observed, (content) => content);
  if (decided.kind === 'answered') return { ...decided, outdated: false, moved: false, settlement: null };
  if (decided.kind === 'outdated') {
    return { status: 'open', resolution: null, outdated: true, moved: false, settlement: null };
  }
  await meanwhile?.(question);
  const { settlement } = decided;
  const { moved, outdated } = await requests.settle(owner as never, id, settlement);
  const { status, resolution } = settlement;
  return { status, resolution, outdated: outdated || !decided.decided, moved, settlement };
}

/** Takes a decision back, as the functions do, without the calendar. What was to be written there is for the caller to see. */
export async function takeBack(
  db: TestDatabase,
  { organisation, user }: TestPerson,
  id: string,
  { observed = null, meanwhile }: { observed?: ObservedNow | null; meanwhile?: () => Promise<unknown> } = {},
): Promise<{ kind: string; moved: boolean; undoing: Undoing | null }> {
  const owner = { organisationId: organisation, userId: user };
  const requests = requestsOf(db);
  const undone = undoDecision(await requests.decision(owner as never, id), observed);
  if (undone.kind !== 'write') return { kind: undone.kind, moved: false, undoing: null };
  await meanwhile?.();
  const { moved } = await requests.takeBack(owner as never, id, undone.undoing);
  return { kind: undone.there?.kind ?? 'write', moved, undoing: undone.undoing };
}
