/** One appointment on its way to the calendar: each outcome leads to the next write or to a result. */
import { type ErrorCode, SyncError } from '../../errors.ts';
import type {
  EventMarker,
  EventRef,
  ObservedEvent,
  WriteOperation,
  WriteOutcome,
} from '../../providers/port/calendar.ts';
import type { ContentField, EventContent } from '../../providers/port/content.ts';
import type { EventLink, Job } from '../shared/appointment.ts';
import { changedFields, pick, threeWay } from '../shared/content_difference.ts';
import type { Decision } from './decide.ts';
import { deriveEventId } from '../shared/event_id.ts';
import { fingerprint } from '../shared/fingerprint.ts';
import { type LaneSession, resultOf } from './lane_session.ts';
import type { JobResult } from './port.ts';

const MAX_EPOCHS = 5;
const MAX_ROUNDS = 3;

export type NextStep = { readonly operation: WriteOperation } | { readonly result: JobResult };
type Writing = Exclude<Decision, { kind: 'skip' | 'reject' }>;

export class PushItem {
  readonly job: Job;
  readonly #decision: Writing;
  readonly #session: LaneSession;
  #epoch: number;
  #epochs = 0;
  #rounds = 0;
  #action: 'created' | 'updated';
  #asked = false;
  #ref: EventRef | null = null;
  /** What the other side changed and nobody has dealt with yet: the base keeps its old value there. */
  #unsettled: readonly ContentField[] = [];

  constructor(job: Job, decision: Writing, session: LaneSession) {
    this.job = job;
    this.#decision = decision;
    this.#session = session;
    this.#epoch = 'epoch' in decision ? decision.epoch : job.link?.epoch ?? 0;
    this.#action = decision.kind === 'create' || decision.kind === 'revive' ? 'created' : 'updated';
  }

  get epoch(): number {
    return this.#epoch;
  }

  /** It has had an answer: what it does next is its second step or a later one. */
  get asked(): boolean {
    return this.#asked;
  }

  /**
   * Quota units to keep back for what the first answer may ask for: a look and another write, or the second half of a
   * move. A lane that spends everything on answers that it cannot follow up would get nowhere, for ever.
   */
  get followUp(): number {
    if (this.#asked) return 0;
    const { create, patch, read } = this.#session.deps.calendar.limits.cost;
    const look = this.#isUnsure() ? read : 0;
    switch (this.#decision.kind) {
      case 'move':
        return look + create;
      case 'patch':
        return read + patch;
      case 'create':
        return look && look + patch;
      case 'verify':
        return patch;
      default:
        return look;
    }
  }

  /** A create was asked for, and what came of it is not known. */
  #isUnsure(): boolean {
    return this.job.link?.presence === 'reserved';
  }

  /** The first step; only looking takes a call. */
  async begin(): Promise<NextStep> {
    const decision = this.#decision;
    switch (decision.kind) {
      case 'create':
      case 'revive':
        return this.#create(decision.calendarId);
      case 'move':
        return this.#write({ kind: 'delete', key: this.job.rdvId, ref: decision.from, version: null });
      case 'delete':
        return this.#write({ kind: 'delete', key: this.job.rdvId, ref: decision.ref, version: null });
      case 'patch':
        return this.#patch(decision.ref, this.job.link?.etag || null, decision.changes);
      case 'verify':
        this.#asked = true;
        return this.#compare(await this.#look(decision.ref));
    }
  }

  /** Throws what the provider threw for the item. */
  async advance(operation: WriteOperation, outcome: WriteOutcome): Promise<NextStep> {
    this.#asked = true;
    if (outcome.result === 'patched' && operation.kind === 'patch') {
      return this.#patched(outcome.event, operation.changes);
    }
    if (outcome.result === 'created') {
      return this.#isUnsure() ? this.#adopt(outcome.event) : this.#settle(outcome.event);
    }
    if (outcome.result === 'patched') return this.#settle(outcome.event);
    if (outcome.result !== 'failed') return this.#gone(operation.ref);
    const { code } = outcome.error;
    if (operation.kind === 'delete' && (code === 'EVENT_NOT_FOUND' || code === 'CALENDAR_NOT_FOUND')) {
      return this.#gone(operation.ref);
    }
    if (
      operation.kind === 'delete' && this.#isUnsure() &&
      isCode(outcome.error, 'CALENDAR_READ_ONLY', 'PERMISSION_DENIED')
    ) {
      return await this.#afterRefusal(operation.ref, outcome.error);
    }
    if (operation.kind === 'create' && code === 'DUPLICATE_CREATE') return await this.#afterDuplicate(operation.ref);
    if (operation.kind === 'patch' && code === 'EVENT_NOT_FOUND') return await this.#afterLoss(operation.ref);
    if (operation.kind === 'patch' && code === 'VERSION_CONFLICT') return await this.#afterConflict();
    throw outcome.error;
  }

  #desired(): EventContent {
    if (!('desired' in this.#decision)) throw new SyncError('SYNC_FAILED', 'Push event: a removal has no content');
    return this.#decision.desired;
  }

  #marker(): EventMarker {
    return { appointmentId: this.job.rdvId, integrationId: this.#session.lane.integrationId, epoch: this.#epoch };
  }

  #write(operation: WriteOperation): NextStep {
    this.#ref = operation.ref;
    return { operation };
  }

  #create(calendarId: string): NextStep {
    const { organisationId, integrationId } = this.#session.lane;
    const eventId = deriveEventId(organisationId, integrationId, this.job.rdvId, this.#epoch);
    return this.#write({
      kind: 'create',
      key: this.job.rdvId,
      ref: { calendarId, eventId },
      marker: this.#marker(),
      content: this.#desired(),
    });
  }

  #nextEpoch(calendarId: string): NextStep {
    if (++this.#epochs > MAX_EPOCHS) throw new SyncError('ID_EXHAUSTED', 'Create event: every id is taken');
    this.#epoch += 1;
    this.#unsettled = [];
    return this.#create(calendarId);
  }

  #patch(ref: EventRef, version: string | null, changes: Partial<EventContent>): NextStep {
    return this.#write({ kind: 'patch', key: this.job.rdvId, ref, version, marker: this.#marker(), changes });
  }

  async #look(ref: EventRef): Promise<ObservedEvent | null> {
    this.#ref = ref;
    const { calendar, handle } = this.#session.deps;
    this.#session.spend(calendar.limits.cost.read);
    return await calendar.getEvent(handle, ref);
  }

  #done(result: Partial<JobResult> & Pick<JobResult, 'action'>): NextStep {
    return { result: resultOf(this.job, { outcome: 'done', ...result }) };
  }

  #liveLink(event: ObservedEvent): EventLink {
    const observed = event.content ?? this.#desired();
    const before = this.job.link?.base ?? this.job.link?.pushed ?? null;
    const base = before ? { ...observed, ...pick(before, this.#unsettled) } : observed;
    return {
      ...event.ref,
      epoch: this.#epoch,
      etag: event.version || null,
      presence: 'live',
      pushed: this.#desired(),
      base,
      fingerprint: fingerprint(base),
    };
  }

  #settle(event: ObservedEvent): NextStep {
    return this.#done({ action: this.#action, link: this.#liveLink(event) });
  }

  /** Nobody changed it since we looked last: where it differs from the base beside what we wrote, it did so before. */
  #patched(event: ObservedEvent, changes: Partial<EventContent>): NextStep {
    const base = this.job.link?.base ?? null;
    if (this.#rounds === 0 && base && event.content) {
      this.#unsettled = changedFields(base, event.content).filter((field) => !(field in changes));
    }
    return this.#settle(event);
  }

  #goneLink(ref: EventRef, presence: 'gone' | 'detached' = 'gone'): EventLink {
    return { ...ref, epoch: this.#epoch, etag: null, presence, pushed: null, base: null, fingerprint: null };
  }

  #gone(ref: EventRef): NextStep {
    if (this.#decision.kind === 'move') return this.#create(this.#decision.calendarId);
    return this.#done({ action: 'deleted', link: this.#goneLink(ref) });
  }

  /** What was never made need not be removed, where nothing may be removed. */
  async #afterRefusal(ref: EventRef, error: SyncError): Promise<NextStep> {
    const event = await this.#look(ref);
    if (event && event.status !== 'cancelled') throw error;
    return this.#gone(ref);
  }

  /** An answer was lost, or somebody deleted what we made, or the id is somebody else's. */
  async #afterDuplicate(ref: EventRef): Promise<NextStep> {
    const event = await this.#look(ref);
    if (!event || event.status === 'cancelled' || !this.#isOurs(event)) return this.#nextEpoch(ref.calendarId);
    return this.#adopt(event);
  }

  /** It may have stood there for a while, and been changed since. */
  #adopt(event: ObservedEvent): NextStep {
    const fields = event.content ? changedFields(event.content, this.#desired()) : [];
    if (fields.length === 0) return this.#settle(event);
    return this.#patch(event.ref, event.version || null, pick(this.#desired(), fields));
  }

  #isOurs({ marker }: ObservedEvent): boolean {
    const ours = this.#marker();
    return marker?.appointmentId === ours.appointmentId && marker.integrationId === ours.integrationId &&
      marker.epoch === ours.epoch;
  }

  /** Only a calendar that is still there proves that the event was deleted in it. */
  async #afterLoss(ref: EventRef): Promise<NextStep> {
    const { calendar, handle } = this.#session.deps;
    this.#session.spend(calendar.limits.cost.read);
    await calendar.probeCalendar(handle, ref.calendarId);
    if (this.#session.lane.settings.twoWay === 'off') {
      this.#action = 'created';
      return this.#nextEpoch(ref.calendarId);
    }
    const payload = { ...ref, cassius: this.#desired(), calendar: null, base: this.job.link?.base ?? null };
    return this.#done({
      action: 'skipped',
      conflict: { reason: 'deleted', payload },
      link: this.#goneLink(ref, 'detached'),
    });
  }

  async #afterConflict(): Promise<NextStep> {
    const ref = this.#ref;
    if (ref === null) throw new SyncError('SYNC_FAILED', 'Merge event: it has no id');
    if (++this.#rounds > MAX_ROUNDS) throw new SyncError('VERSION_CONFLICT', 'Change event: it changes all the time');
    const event = await this.#look(ref);
    if (this.#decision.kind === 'verify') return await this.#compare(event);
    if (!event || event.status === 'cancelled') return await this.#afterLoss(ref);
    const desired = this.#desired();
    const observed = event.content ?? desired;
    const { pushed = null, base = null } = this.job.link ?? {};
    const { ours, theirs, colliding } = threeWay({ pushed, desired, base, observed });
    if (colliding.length > 0 && this.#session.lane.settings.twoWay !== 'off') {
      const payload = { ...ref, etag: event.version, fields: colliding, cassius: desired, calendar: observed, base };
      return this.#done({ action: 'skipped', conflict: { reason: 'changed_both_sides', payload } });
    }
    this.#unsettled = theirs.filter((field) =>
      !ours.includes(field) && changedFields(desired, observed).includes(field)
    );
    if (ours.length === 0) return this.#settle(event);
    return this.#patch(ref, event.version || null, pick(desired, ours));
  }

  /**
   * Where the event is not as it should be, it is put right. Where it changed since both sides last agreed as well, that may
   * be our own write whose answer got lost, or a person's: nobody can tell.
   * @param changed fields
   */
  #afterDoubt(event: ObservedEvent, changed: readonly ContentField[]): NextStep {
    const desired = this.#desired();
    const fields = event.content ? changedFields(event.content, desired) : [];
    if (fields.length === 0) return this.#settle(event);
    const asked = fields.filter((field) => changed.includes(field));
    if (asked.length > 0 && this.#session.lane.settings.twoWay !== 'off') {
      const { ref, version: etag, content: calendar } = event;
      const payload = { ...ref, etag, fields: asked, cassius: desired, calendar, base: this.job.link?.base ?? null };
      return this.#done({ action: 'skipped', conflict: { reason: 'changed_both_sides', payload } });
    }
    return this.#patch(event.ref, event.version || null, pick(desired, fields));
  }

  async #compare(event: ObservedEvent | null): Promise<NextStep> {
    if (!event || event.status === 'cancelled') {
      if (this.#ref === null) throw new SyncError('SYNC_FAILED', 'Verify event: it has no id');
      return await this.#afterLoss(this.#ref);
    }
    const { pushed = null, base = null } = this.job.link ?? {};
    const fields = event.content ? changedFields(base ?? pushed, event.content) : [];
    if (this.job.unsure) return this.#afterDoubt(event, fields);
    if (fields.length === 0) return this.#done({ action: 'skipped', reason: 'unchanged', link: this.#liveLink(event) });
    if (this.#session.lane.settings.twoWay !== 'off') return this.#done({ action: 'skipped', reason: 'unchanged' });
    return this.#patch(event.ref, event.version || null, pick(this.#desired(), fields));
  }
}

export function isCode(error: unknown, ...codes: readonly ErrorCode[]): boolean {
  return error instanceof SyncError && codes.includes(error.code);
}
