/** What an appointment asks of its event. Pure: the same job always gives the same decision. */
import { SyncError } from '../../errors.ts';
import type { EventRef } from '../../providers/port/calendar.ts';
import type { EventContent } from '../../providers/port/content.ts';
import { type Appointment, type EventLink, hasEvent, type Job, type Lane } from '../shared/appointment.ts';
import { changedFields, pick } from '../shared/content_difference.ts';
import { eventContent } from '../shared/event_content.ts';
import { withOwnText } from '../shared/own_text.ts';
import type { SkipReason } from '../../vocabulary.ts';

export type Decision =
  | { readonly kind: 'create'; readonly calendarId: string; readonly epoch: number; desired: EventContent }
  /** `from`: its last event, which ended and may be back. */
  | { readonly kind: 'revive'; readonly from: EventRef; readonly calendarId: string; desired: EventContent }
  /** An earlier event is back beside its own, and goes again. */
  | { readonly kind: 'end'; readonly ref: EventRef; readonly version: string | null }
  | { readonly kind: 'move'; readonly from: EventRef; calendarId: string; epoch: number; desired: EventContent }
  /** Of `desired`, and of what is pushed, the description is our part alone. */
  | { readonly kind: 'patch'; readonly ref: EventRef; changes: Partial<EventContent>; desired: EventContent }
  | { readonly kind: 'verify'; readonly ref: EventRef; readonly desired: EventContent }
  | { readonly kind: 'delete'; readonly ref: EventRef }
  | { readonly kind: 'skip'; readonly reason: SkipReason }
  | { readonly kind: 'reject'; readonly code: 'INVALID_EVENT' };

export interface DecideOptions {
  readonly appBaseUrl: string;
  readonly normalize: (content: EventContent) => EventContent;
}

/** Null where there is nothing to delete or change: no event of ours was ever asked for, or it is gone. */
function eventOf(link: EventLink | null): EventRef | null {
  if (link === null || link.eventId === null || link.calendarId === null || !hasEvent(link.state)) return null;
  return { calendarId: link.calendarId, eventId: link.eventId };
}

/** Why an appointment has no event; null if it has one. */
function absence(rdv: Appointment | null, { settings }: Pick<Lane, 'settings'>): SkipReason | null {
  if (settings.removing) return 'removing';
  if (rdv === null) return 'deleted';
  if (rdv.status === 'cancelled') return 'cancelled';
  if (rdv.source !== 'cassius') return 'imported_from_provider';
  if (rdv.startsAt === null) return 'no_start';
  if (rdv.patient === null) return 'no_patient';
  if (settings.scope === 'practitioner' && rdv.practitionerUserId !== settings.userId) return 'out_of_scope';
  return null;
}

/**
 * What to do about one appointment's event.
 *
 * @throws {SyncError} only what `normalize` throws; times that make no event are a `reject`
 */
export function decide(job: Job, lane: Pick<Lane, 'settings' | 'organisation'>, options: DecideOptions): Decision {
  const { rdv, link, ending } = job;
  if (ending !== null) {
    const { etag: version, ...ref } = ending;
    return { kind: 'end', ref, version };
  }
  const existing = eventOf(link);
  const absent = absence(rdv, lane);
  if (absent !== null || rdv === null) {
    return existing ? { kind: 'delete', ref: existing } : { kind: 'skip', reason: absent ?? 'deleted' };
  }
  const { exportFrom, calendarTargetId } = lane.settings;
  const past = exportFrom !== null && Date.parse(rdv.startsAt ?? '') < Date.parse(exportFrom);
  if (link?.state === 'detached') return { kind: 'skip', reason: 'unlinked' };
  if (past && !existing && job.request === 'change') return { kind: 'skip', reason: 'past' };
  if (calendarTargetId === null) return { kind: 'skip', reason: 'no_target' };

  let desired: EventContent;
  try {
    const { organisation, settings: { eventDetail: detail } } = lane;
    const { appBaseUrl, normalize } = options;
    desired = normalize(eventContent(rdv, { rdvId: job.rdvId, detail, organisation, appBaseUrl }));
  } catch (error) {
    if (error instanceof SyncError && error.code === 'INVALID_EVENT') return { kind: 'reject', code: error.code };
    throw error;
  }
  if (link === null || link.eventId === null || link.calendarId === null) {
    return { kind: 'create', calendarId: calendarTargetId, epoch: link?.epoch ?? 0, desired };
  }
  if (!existing) {
    const { calendarId, eventId } = link;
    return { kind: 'revive', from: { calendarId, eventId }, calendarId: calendarTargetId, desired };
  }
  // In another calendar because its owner moved it there, it stays: until another target is chosen.
  if (existing.calendarId !== calendarTargetId && (link.targetCalendarId ?? existing.calendarId) !== calendarTargetId) {
    return { kind: 'move', from: existing, calendarId: calendarTargetId, epoch: link.epoch + 1, desired };
  }
  if (link.state === 'creating' || link.state === 'deleting') {
    return { kind: 'create', calendarId: existing.calendarId, epoch: link.epoch, desired };
  }
  if (link.state === 'updating') return { kind: 'verify', ref: existing, desired };
  const patch = patchOf(existing, link, desired);
  if (patch !== null) return patch;
  return job.request === 'sync_now'
    ? { kind: 'verify', ref: existing, desired }
    : { kind: 'skip', reason: 'unchanged' };
}

/** Null where the event says all of it already, as far as the base tells. */
function patchOf(ref: EventRef, { pushed, base }: EventLink, desired: EventContent): Decision | null {
  const fields = changedFields(pushed, desired);
  if (pushed === null || base === null || !fields.includes('description')) {
    return fields.length > 0 ? { kind: 'patch', ref, changes: pick(desired, fields), desired } : null;
  }
  const told = withOwnText(base.description, { before: pushed.description, now: desired.description });
  const differing = fields.filter((field) => field !== 'description' || told.description !== base.description);
  if (differing.length === 0) return null;
  const changes = pick({ ...desired, description: told.description }, differing);
  return { kind: 'patch', ref, changes, desired: { ...desired, description: told.own } };
}
