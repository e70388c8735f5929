/** A person's answer to a conflict. Both sides are looked at in that moment: an answer to a question of yesterday is refused. */
import { z } from 'zod';
import type { ConflictResolution } from '../contract/conflicts.ts';
import type { StoredConflict } from '../db/inbound.ts';
import { SyncError } from '../errors.ts';
import type { ConflictAction } from '../vocabulary.ts';
import type { Member } from '../http/authentication.ts';
import type { Context } from '../http/route.ts';
import type { CalendarEvent, EventRef } from '../providers/port/calendar.ts';
import { type ObservedNow, settleConflict } from '../sync/inbound/settle_conflict.ts';
import { drainAll, type Importing } from './importing.ts';

const isId = z.guid();

/** A decision is made again where a side moved while it was written. */
const ROUNDS = 3;

/** @throws {SyncError} `CONFLICT_NOT_FOUND`, `CONFLICT_OUTDATED`, `CONFLICT_CLOSED`, `INVALID_EVENT`, `CALENDAR_NOT_FOUND` */
export async function resolveConflict(
  deps: Importing,
  ctx: Pick<Context, 'step' | 'note' | 'log' | 'waitUntil'>,
  member: Member,
  { id, action, seen = null }: { id: string; action: ConflictAction; seen?: string | null | undefined },
): Promise<ConflictResolution> {
  if (!isId.safeParse(id).success) throw new SyncError('CONFLICT_NOT_FOUND', 'Read conflict: the id is none');
  for (let round = 0; round < ROUNDS; round++) {
    ctx.step('read_conflict');
    const conflict = await deps.requests.conflict(member, id, seen);
    ctx.note({ integration: conflict.integrationId, reason: conflict.reason });
    const observed = await look(deps, ctx, conflict);
    ctx.step('resolve_conflict');
    ctx.note({ integration: conflict.integrationId, action });
    const decided = settleConflict(conflict, action, observed, deps.calendar.normalize.bind(deps.calendar));
    if (decided.kind === 'answered') return { status: decided.status, resolution: decided.resolution };
    if (decided.kind === 'outdated') break;
    const { moved, outdated } = await deps.requests.settle(member, id, decided.settlement);
    if (moved) continue;
    const { status, resolution } = decided.settlement;
    if (!decided.decided || outdated || status === 'open') break;
    if (conflict.reason === 'mass_change') ctx.waitUntil(drainAll(deps, ctx), 'drain');
    return { status, resolution };
  }
  throw new SyncError('CONFLICT_OUTDATED', 'Resolve conflict: a side has moved since it was shown');
}

/** Null where the event does not matter, or is gone. */
async function look(
  deps: Importing,
  ctx: Pick<Context, 'step'>,
  conflict: StoredConflict,
): Promise<ObservedNow | null> {
  const { status, entityType } = conflict;
  if (status !== 'open' || entityType !== 'appointment') return null;
  return (await readNow(deps, ctx, conflict))?.observed ?? null;
}

/** The event of a question about an appointment as it is now, and where; null if it is gone. */
export async function readNow(
  deps: Pick<Importing, 'handleOf' | 'calendar'>,
  ctx: Pick<Context, 'step'>,
  { reason, integrationId, calendarId, calendarTargetId, eventId, credential }: Pick<
    StoredConflict,
    'reason' | 'integrationId' | 'calendarId' | 'calendarTargetId' | 'eventId' | 'credential'
  >,
): Promise<{ ref: EventRef; observed: ObservedNow | null } | null> {
  if (calendarId === null || eventId === null) return null;
  ctx.step('read_event');
  const handle = deps.handleOf(integrationId, credential);
  const ref = { calendarId, eventId };
  const event = await deps.calendar.readEvent(handle, ref);
  if (event && event.status !== 'cancelled') return { ref, observed: observedIn(event) };
  const isTarget = calendarId === calendarTargetId;
  // Every event of a target that is gone looks as if it had never been. Events that their owner moved away went with
  // their calendar.
  if (event === null && isTarget) await deps.calendar.probeCalendar(handle, calendarId);
  const [place = null] = await deps.calendar.locate(handle, [ref]);
  const moved = place && await deps.calendar.readEvent(handle, place);
  if (moved && moved.status !== 'cancelled') return { ref: place, observed: observedIn(moved) };
  // A lone "not found" proves no deletion where one would be shown.
  if (event === null && isTarget && deps.calendar.keepsDeleted && reason !== 'deleted') {
    throw new SyncError('PROVIDER_UNAVAILABLE', 'Read event: it is not found, and not told to be deleted');
  }
  return null;
}

/** Of a series that its owner made of it, only an occurrence is ours. */
function observedIn({ repeats, version, content }: CalendarEvent): ObservedNow | null {
  return repeats ? null : { etag: version, content };
}
