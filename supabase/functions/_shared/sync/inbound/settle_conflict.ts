/**
 * What a person's decision about a conflict does. Pure: the database gives both sides and writes what comes out, unless a
 * side has moved by then.
 *
 * An overlap and a change of too much at once concern many rows: of those the action alone is decided here, and the
 * database carries it out in sets.
 */
import { SyncError } from '../../errors.ts';
import type { EventContent, EventTime, Instant } from '../../providers/port/content.ts';
import type {
  CONFLICT_ENTITIES,
  CONFLICT_STATUSES,
  ConflictAction,
  ConflictReason,
  ConflictResolution,
  EventDetail,
} from '../../vocabulary.ts';
import { hasEvent, type LinkState } from '../shared/appointment.ts';
import { appointmentTime, eventInstants, isBookable, type Practice } from '../shared/appointment_time.ts';
import { ownTextIn } from '../shared/own_text.ts';
import { merged } from './reconcile.ts';
import { takenOver } from '../shared/taken_over.ts';

/** A conflict with its two sides as they are now. */
export interface Question {
  readonly id: string;
  readonly reason: ConflictReason;
  /** `event`: a foreign event from which an appointment was made. `appointment`: its event is ours. */
  readonly entityType: typeof CONFLICT_ENTITIES[number];
  readonly status: typeof CONFLICT_STATUSES[number];
  readonly resolution: ConflictResolution | null;
  readonly updatedAt: Instant;
  readonly payload: {
    readonly calendarId?: string | undefined;
    /** Null where the question is about many events. */
    readonly eventId?: string | null | undefined;
    readonly etag?: string | null | undefined;
    readonly cassius?: Partial<EventContent> | null | undefined;
    readonly calendar?: Partial<EventContent> | null | undefined;
    /** What is asked about. */
    readonly fields?: ReadonlyArray<keyof EventContent> | undefined;
    readonly [more: string]: unknown;
  };
  /** It is as the person saw it. */
  readonly asSeen: boolean;
  readonly eventDetail: EventDetail | null;
  readonly practice: Practice;
  /** Null where it is gone. */
  readonly rdv: RdvNow | null;
  /** What is known of the appointment's event; null where nothing is, or the event is a foreign one. */
  readonly link: {
    readonly epoch: number;
    readonly state: LinkState;
    readonly etag: string | null;
    readonly pushed: EventContent | null;
    readonly base: EventContent | null;
    /** The appointment's status before the deletion of this event cancelled it. */
    readonly cancelledFrom: string | null;
  } | null;
  /** Set where the question is about an earlier event of the appointment, whose link has another by now. */
  readonly former: { readonly epoch: number } | null;
  /** The foreign event as it was read last. */
  readonly event: {
    readonly etag: string | null;
    readonly status: string;
    readonly updatedAt: Instant;
    readonly provider: string;
    /** What an appointment made of it is called. */
    readonly type: string;
    readonly description: string | null;
    readonly location: string | null;
    readonly startsAt: Instant;
    readonly endsAt: Instant;
    readonly time: EventTime;
  } | null;
}

export interface RdvNow {
  readonly updatedAt: Instant;
  /** It has not changed since the conflict showed it. */
  readonly asShown: boolean;
  readonly status: string;
  readonly source: string;
  readonly type: string;
  readonly act: string | null;
  readonly notes: string | null;
  readonly location: string | null;
  readonly startsAt: Instant | null;
  readonly endsAt: Instant | null;
  readonly practitionerId: string | null;
  readonly patientId: string | null;
}

/** The event of a conflict about an appointment as it is in the calendar at this moment. */
export interface ObservedNow {
  readonly etag: string;
  readonly content: EventContent | null;
}

/** What a link becomes: changes taken over count anew. */
export interface SettledLink {
  readonly state: LinkState;
  readonly etag: string | null;
  readonly pushed: EventContent | null;
  readonly base: EventContent | null;
  /** The event that the link names from now on; without it the one that it names. */
  readonly calendarId?: string;
  readonly eventId?: string;
  readonly epoch?: number;
}

/** What becomes of an earlier event of an appointment: it is ended, or left as this version shows it. */
export interface SettledFormer {
  readonly etag: string;
  readonly ends: boolean;
}

/** What an appointment becomes, or a second one is. */
export interface SettledRdv {
  readonly practitionerId: string | null;
  readonly patientId: string | null;
  readonly type: string;
  readonly act: string | null;
  readonly notes: string | null;
  readonly location: string | null;
  readonly startsAt: Instant | null;
  readonly endsAt: Instant | null;
  readonly status: string;
  readonly source: string;
}

/** What is to be written, all or nothing. */
export interface Settlement {
  /** What was judged: nothing is written unless all of it is still so. */
  readonly questionUpdatedAt: Instant;
  readonly rdvUpdatedAt: Instant | null;
  readonly linkState: string | null;
  readonly linkEtag: string | null;
  readonly epoch: number | null;
  readonly eventUpdatedAt: Instant | null;
  /** `open`: a side moved before the decision, and the question shows the present. */
  readonly status: 'open' | 'resolved' | 'ignored';
  readonly resolution: ConflictAction | 'vanished' | null;
  readonly reason: Question['reason'];
  readonly payload: Question['payload'];
  /** Nulls: stays as it is. */
  readonly link: SettledLink | null;
  readonly rdv: SettledRdv | null;
  readonly duplicate: SettledRdv | null;
  /** The appointment is written to the calendar again, be anything different or not. */
  readonly push: boolean;
  /** The next reading looks at the event by itself. */
  readonly revisit: boolean;
  readonly former: SettledFormer | null;
}

export type Decided =
  /** It was answered before, with the same. */
  | { readonly kind: 'answered'; readonly status: 'resolved' | 'ignored'; readonly resolution: ConflictAction }
  /** What the person decided about is no longer so: the question as it is now is to be looked at. */
  | { readonly kind: 'outdated' }
  /** `decided`: the person's action, and not only that the question shows the present, or is over. */
  | { readonly kind: 'write'; readonly decided: boolean; readonly settlement: Settlement };

/** @throws {SyncError} `CONFLICT_CLOSED`, `INVALID_REQUEST`, `INVALID_EVENT` */
export function settleConflict(
  question: Question,
  action: ConflictAction,
  observed: ObservedNow | null,
  normalize: (content: EventContent) => EventContent,
): Decided {
  const { status, resolution, reason } = question;
  if (status !== 'open') {
    if (resolution === action) return { kind: 'answered', status, resolution: action };
    throw new SyncError('CONFLICT_CLOSED', 'Resolve conflict: it was answered before');
  }
  if (action === 'duplicate' && (reason === 'mass_change' || reason === 'restored')) {
    throw new SyncError('INVALID_REQUEST', 'Resolve conflict: this cannot be kept twice');
  }
  if (!question.asSeen) return { kind: 'outdated' };
  if (reason === 'mass_change' || reason === 'time_overlap') return decision(question, action, {});
  if (question.entityType === 'event') return settleEvent(question, action);
  return reason === 'restored'
    ? settleRestored(question, action, observed, normalize)
    : settleAppointment(question, action, observed, normalize);
}

type Change = Partial<
  Pick<Settlement, 'link' | 'rdv' | 'duplicate' | 'push' | 'revisit' | 'former' | 'reason' | 'payload'>
>;

function write(
  question: Question,
  end: Pick<Settlement, 'status' | 'resolution'>,
  change: Change,
): Settlement {
  const { updatedAt, rdv, link, event, reason, payload } = question;
  return {
    questionUpdatedAt: updatedAt,
    rdvUpdatedAt: rdv?.updatedAt ?? null,
    linkState: link?.state ?? null,
    linkEtag: link?.etag ?? null,
    epoch: link?.epoch ?? null,
    eventUpdatedAt: event?.updatedAt ?? null,
    reason,
    payload,
    link: null,
    rdv: null,
    duplicate: null,
    push: false,
    revisit: false,
    former: null,
    ...end,
    ...change,
  };
}

function decision(question: Question, action: ConflictAction, change: Change): Decided {
  const status = action === 'ignore' ? 'ignored' : 'resolved';
  return { kind: 'write', decided: true, settlement: write(question, { status, resolution: action }, change) };
}

/** There is nothing to decide any more. */
function vanished(question: Question, change: Change = {}): Decided {
  const settlement = write(question, { status: 'resolved', resolution: 'vanished' }, change);
  return { kind: 'write', decided: false, settlement };
}

function shownAnew(question: Question, change: Change): Decided {
  return { kind: 'write', decided: false, settlement: write(question, { status: 'open', resolution: null }, change) };
}

/** The appointment's side of the question as it is now. */
function cassiusNow({ payload, practice }: Question, rdv: RdvNow): Partial<EventContent> {
  const time = appointmentTime(rdv, practice);
  return { ...payload.cassius, location: rdv.location ?? '', ...(time ? { time } : {}) };
}

function settleEvent(question: Question, action: ConflictAction): Decided {
  const { rdv, event, payload } = question;
  if (rdv === null || event === null || event.status === 'cancelled') return vanished(question);
  if (!rdv.asShown || event.etag !== (payload.etag ?? null)) {
    if (rdv.status !== 'scheduled' && rdv.status !== 'confirmed') return vanished(question);
    const calendar = { ...payload.calendar, time: event.time };
    const now = { etag: event.etag, rdvUpdatedAt: rdv.updatedAt, cassius: cassiusNow(question, rdv), calendar };
    return shownAnew(question, { payload: { ...payload, ...now } });
  }
  const { type, location, startsAt, endsAt } = event;
  const taken = { type, location, startsAt, endsAt };
  if (action === 'keep_calendar') {
    if (!isBookable(event.time)) throw notBookable();
    return decision(question, action, { rdv: { ...rdvRow(rdv), ...taken } });
  }
  if (action !== 'duplicate') return decision(question, action, {});
  const second = { patientId: null, act: null, notes: event.description, status: 'scheduled', source: event.provider };
  return decision(question, action, { duplicate: { ...rdvRow(rdv), ...taken, ...second } });
}

const notBookable = () => new SyncError('INVALID_EVENT', 'Resolve conflict: no appointment can be at that time');

/** The appointment's side, of the fields of the question. */
function asked({ fields = [], cassius }: Question['payload']): Partial<EventContent> {
  return Object.fromEntries(Object.entries(cassius ?? {}).filter(([field]) => fields.some((one) => one === field)));
}

function rdvRow(rdv: RdvNow): SettledRdv {
  const { updatedAt: _, asShown: __, ...row } = rdv;
  return row;
}

function settleAppointment(
  question: Question,
  action: ConflictAction,
  observed: ObservedNow | null,
  normalize: (content: EventContent) => EventContent,
): Decided {
  const { rdv, link, reason, payload } = question;
  if (rdv === null || link === null) return vanished(question);
  const asShown = rdv.asShown && (reason === 'deleted' ? observed === null : observed?.etag === payload.etag);
  if (!asShown) return overtaken(question, { rdv, link, observed });
  if (observed === null) return settleDeletion(question, rdv, action);

  const { content, etag } = observed;
  const linked = (pushed: EventContent | null): SettledLink => ({ state: 'live', etag, pushed, base: content });
  if (action === 'ignore') return decision(question, action, { link: linked(link.pushed) });
  // What the calendar shows counts as sent: whatever differs from the appointment is written over it.
  const over: Change = {
    link: linked(content && { ...content, description: ownIn(content, link.pushed) }),
    push: true,
  };
  if (action === 'keep_cassius') return decision(question, action, over);
  if (content === null) throw new SyncError('INVALID_EVENT', 'Resolve conflict: the event does not show what it says');
  const { time } = content;
  if (action === 'duplicate') {
    const shown = { ...eventInstants(time, question.practice), location: content.location || null };
    return decision(question, action, { ...over, duplicate: { ...rdvRow(rdv), ...shown } });
  }
  if (!isBookable(time)) throw notBookable();
  const taken = takenOver(question.eventDetail);
  const { startsAt, endsAt } = time;
  const location = taken.includes('location') ? content.location || null : rdv.location;
  // What is asked about and is not taken over (a title) counts as sent, or the next change would write over it.
  const ours = { ...link.pushed ?? { ...content, description: '' }, ...asked(payload) };
  const pushed = merged(ours, content, taken, { timezone: question.practice.timezone, normalize });
  return decision(question, action, {
    rdv: { ...rdvRow(rdv), startsAt, endsAt, location },
    link: linked(pushed),
    // The question took the appointment out of the queue: what changed in it and is not asked about goes out.
    push: true,
  });
}

/** An event of ours that had ended is back: the appointment comes back with it, it goes again, or both are left. */
function settleRestored(
  question: Question,
  action: ConflictAction,
  observed: ObservedNow | null,
  normalize: (content: EventContent) => EventContent,
): Decided {
  const { rdv, link, former, payload, practice } = question;
  const live = link !== null && hasEvent(link.state);
  if (link === null || observed === null || (live && !former)) return vanished(question);
  const { content, etag } = observed;
  const returns = rdv?.status === 'cancelled' && !live;
  if ((rdv !== null && !rdv.asShown) || etag !== payload.etag || returns !== payload.returns) {
    const cassius = rdv && cassiusNow(question, rdv);
    const now = { etag, rdvUpdatedAt: rdv?.updatedAt ?? null, cassius, calendar: content, returns };
    return shownAnew(question, { payload: { ...payload, ...now } });
  }
  const { state, pushed } = link;
  if (action === 'ignore') {
    const left: SettledLink = { state, etag, pushed, base: content };
    return decision(question, action, former ? { former: { etag, ends: false } } : { link: left });
  }
  if (action === 'keep_cassius') {
    // The appointment has ended, or has another event: the export ends this one.
    const again: SettledLink = { state: 'live', etag, pushed, base: content };
    return decision(question, action, { push: true, ...former ? { former: { etag, ends: true } } : { link: again } });
  }
  if (rdv === null || !returns) {
    throw new SyncError('INVALID_REQUEST', 'Resolve conflict: the appointment cannot come back with this event');
  }
  if (content === null || !isBookable(content.time)) {
    throw new SyncError('INVALID_EVENT', 'Resolve conflict: no appointment can be at that time');
  }
  const taken = takenOver(question.eventDetail);
  const { startsAt, endsAt } = content.time;
  const location = taken.includes('location') ? content.location || null : rdv.location;
  const shown = merged(pushed ?? content, content, taken, { timezone: practice.timezone, normalize });
  return decision(question, action, {
    rdv: { ...rdvRow(rdv), startsAt, endsAt, location, status: link.cancelledFrom ?? 'scheduled' },
    link: {
      state: 'live',
      etag,
      pushed: shown,
      base: content,
      ...former && payload.calendarId && payload.eventId
        ? { calendarId: payload.calendarId, eventId: payload.eventId, epoch: former.epoch }
        : {},
    },
  });
}

/** What of the description is ours: of what its owner wrote nothing counts as sent. */
function ownIn({ description }: EventContent, pushed: EventContent | null): string {
  return pushed === null ? '' : ownTextIn(description, pushed.description);
}

function settleDeletion(question: Question, rdv: RdvNow, action: ConflictAction): Decided {
  // What was agreed stays known: the event may come back.
  const { pushed = null, base = null } = question.link ?? {};
  const gone: SettledLink = { state: 'gone', etag: null, pushed, base };
  if (action === 'keep_cassius') return decision(question, action, { link: gone, push: true });
  if (action !== 'keep_calendar') return decision(question, action, { link: { ...gone, state: 'detached' } });
  const ends = rdv.status === 'scheduled' || rdv.status === 'confirmed';
  return decision(question, action, { link: gone, rdv: ends ? { ...rdvRow(rdv), status: 'cancelled' } : null });
}

/** A side moved since the question was shown: nothing is decided, and it shows the present. */
function overtaken(
  question: Question,
  { rdv, link, observed }: { rdv: RdvNow; link: NonNullable<Question['link']>; observed: ObservedNow | null },
): Decided {
  const { pushed, base } = link;
  if (question.reason === 'deleted' && observed !== null) {
    // It is back in the calendar: the next reading compares. What the question held back here goes out.
    return vanished(question, { link: { state: 'live', etag: null, pushed, base }, push: true, revisit: true });
  }
  const etag = observed?.etag ?? null;
  const calendar = observed?.content ?? null;
  const sides = { etag, rdvUpdatedAt: rdv.updatedAt, cassius: cassiusNow(question, rdv), calendar };
  return shownAnew(question, {
    reason: observed === null ? 'deleted' : question.reason,
    payload: { ...question.payload, ...sides },
    link: observed === null ? { state: 'detached', etag: null, pushed, base } : null,
  });
}
