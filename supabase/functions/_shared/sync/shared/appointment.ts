/** What a claim brings: lanes (one for each connection) of jobs (one for each appointment that may differ from its event). */
import type { EventContent, Instant } from '../../providers/port/content.ts';

export type EventDetail = 'full' | 'initials' | 'busy';

export interface Appointment {
  readonly source: string;
  readonly status: string;
  readonly type: string | null;
  readonly act: string | null;
  readonly notes: string | null;
  readonly location: string | null;
  readonly startsAt: Instant | null;
  readonly endsAt: Instant | null;
  readonly practitionerUserId: string | null;
  readonly practitionerName: string | null;
  readonly patient: { readonly firstName: string | null; readonly lastName: string | null } | null;
}

/** What we know of the appointment's event. */
export interface EventLink {
  readonly calendarId: string | null;
  readonly eventId: string | null;
  readonly epoch: number;
  readonly etag: string | null;
  /**
   * `reserved`: a create may have happened. `detached`: it was deleted in the calendar, and a person decides or decided
   * that it stays so.
   */
  readonly presence: 'reserved' | 'live' | 'gone' | 'detached';
  /** What we sent last. */
  readonly pushed: EventContent | null;
  /** What the calendar showed when both sides last agreed. */
  readonly base: EventContent | null;
  readonly fingerprint: string | null;
}

export interface Job {
  readonly rdvId: string;
  readonly version: number;
  readonly attempts: number;
  /** The lane had a success after this job first failed: its trouble is its own. */
  readonly laneWorkedSince: boolean;
  /** A person asked for it: the past too. */
  readonly forced: boolean;
  /** Look at the event even if nothing changed here. */
  readonly verify: boolean;
  /** A write may have happened whose answer nobody has: what the event holds is not known. */
  readonly unsure: boolean;
  readonly rdv: Appointment | null;
  readonly link: EventLink | null;
}

export interface LaneSettings {
  readonly calendarTargetId: string | null;
  readonly eventDetail: EventDetail;
  readonly twoWay: 'off' | 'review' | 'auto';
  readonly scope: 'practitioner' | 'organisation';
  readonly userId: string;
  readonly exportFrom: Instant | null;
  /** The connection ends: every event of ours goes. */
  readonly removing: boolean;
}

export interface Organisation {
  readonly timezone: string;
  readonly titleTemplate: string;
  readonly defaultDurationMinutes: number;
}

export interface Lane {
  readonly integrationId: string;
  readonly organisationId: string;
  /** Quota units that may be spent now; null where there is no such quota. */
  readonly budgetUnits: number | null;
  /** Troubles in a row that concerned the whole lane. */
  readonly strikes: number;
  readonly settings: LaneSettings;
  readonly organisation: Organisation;
  readonly credential: { readonly version: number; readonly accessToken: string | null } | null;
  readonly jobs: readonly Job[];
  /** Jobs whose rows nobody can read: they are given up, each for itself. */
  readonly unreadable: readonly Pick<Job, 'rdvId' | 'version'>[];
}
