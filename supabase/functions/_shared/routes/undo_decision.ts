/** A person takes their answer to a conflict back: both sides become what they were, and the question is asked again. */
import { z } from 'zod';
import type { ConflictUndone } from '../contract/conflicts.ts';
import type { StoredDecision } from '../db/inbound.ts';
import { SyncError } from '../errors.ts';
import type { Member } from '../http/authentication.ts';
import type { Context } from '../http/route.ts';
import type { EventRef, WriteOperation } from '../providers/port/calendar.ts';
import { type Return, undoDecision } from '../sync/inbound/undo_decision.ts';
import type { Importing } from './importing.ts';
import { readNow } from './resolve_conflict.ts';

const isId = z.guid();
const OPEN = { status: 'open' } as const;

/** It is looked at again where a side moved meanwhile, or the decision is being written at this moment. */
const ROUNDS = 10;
const ROUND_MS = 500;

type Ctx = Pick<Context, 'step' | 'note'>;
type Deps = Pick<Importing, 'requests' | 'calendar' | 'handleOf' | 'sleep'>;

/** @throws {SyncError} `CONFLICT_NOT_FOUND`, `UNDO_OVERTAKEN`, `UNDO_TOO_LATE`, `UNDO_TOO_EARLY`, `SYNC_PAUSED` */
export async function takeBackDecision(deps: Deps, ctx: Ctx, member: Member, id: string): Promise<ConflictUndone> {
  if (!isId.safeParse(id).success) throw new SyncError('CONFLICT_NOT_FOUND', 'Read decision: the id is none');
  for (let round = 0; round < ROUNDS; round++) {
    if (round > 0) await deps.sleep(ROUND_MS);
    ctx.step('read_decision');
    const conflict = await deps.requests.decision(member, id);
    const { integrationId, reason, resolution } = conflict;
    ctx.note({ integration: integrationId, reason, action: resolution });
    const seen = await look(deps, ctx, conflict);
    const undone = undoDecision(conflict, seen?.observed ?? null);
    if (undone.kind === 'open') return OPEN;
    if (undone.kind === 'late') throw new SyncError('UNDO_TOO_LATE', 'Undo decision: it cannot be taken back any more');
    if (undone.kind === 'overtaken') throw new SyncError('UNDO_OVERTAKEN', 'Undo decision: a side has moved since');
    if (undone.kind === 'early') continue;
    ctx.step('undo_decision');
    const { moved } = await deps.requests.takeBack(member, id, undone.undoing);
    if (moved) continue;
    if (undone.there !== null && seen !== null) {
      await putBack(deps, ctx, { member, conflict, ref: seen.ref, there: undone.there });
    }
    return OPEN;
  }
  throw new SyncError('UNDO_TOO_EARLY', 'Undo decision: it is being written to the calendar');
}

/** Nothing is to be read where nothing was kept. */
async function look(deps: Deps, ctx: Ctx, conflict: StoredDecision) {
  const { status, entityType, decision, reason, calendarId, eventId, linkEventId } = conflict;
  if (status === 'open' || entityType !== 'appointment' || decision === null) return null;
  // One that was back may be another than the appointment's.
  const ref = reason === 'restored'
    ? { calendarId: conflict.payload.calendarId ?? calendarId, eventId }
    : { calendarId, eventId: linkEventId ?? eventId };
  return await readNow(deps, ctx, { ...conflict, ...ref });
}

/** Not under the lane's lease: its version is the condition, and the question that is open again keeps workers away. */
async function putBack(
  deps: Deps,
  ctx: Ctx,
  { member, conflict, ref, there }: { member: Member; conflict: StoredDecision; ref: EventRef; there: Return },
): Promise<void> {
  ctx.step('write_event');
  const { id, integrationId, rdvId, link, credential } = conflict;
  const operation: WriteOperation = there.kind === 'delete' ? { ...there, key: id, ref } : {
    ...there,
    key: id,
    ref,
    marker: { appointmentId: rdvId ?? '', integrationId, epoch: link?.epoch ?? 0 },
  };
  let became = { etag: null as string | null, ended: false };
  try {
    const outcome = (await deps.calendar.write(deps.handleOf(integrationId, credential), [operation])).get(id);
    if (outcome?.result === 'failed') throw outcome.error;
    became = outcome && 'event' in outcome
      ? { etag: outcome.event.version, ended: false }
      : { etag: null, ended: there.kind === 'delete' };
  } finally {
    await deps.requests.takenBack(member, id, became);
  }
}
