/** What a claim brings: lanes (one for each connection) of jobs (one for each appointment that may differ from its event). */
import * as z from 'zod/mini';
import type { SeriesPlace } from '../../providers/port/calendar.ts';
import type { EventContent, Instant } from '../../providers/port/content.ts';
import type { EventDetail, Language, LINK_STATES, QueueRequest, Scope, TwoWay } from '../../vocabulary.ts';

const text = z.nullable(z.string());

/** As `jobs_of` gives it to a worker, and `read_feed` to a subscription; times are {@link Instant}s. */
export const appointmentShape = z.object({
  source: z.string(),
  status: z.string(),
  type: text,
  act: text,
  notes: text,
  location: text,
  startsAt: text,
  endsAt: text,
  practitionerUserId: text,
  practitionerName: text,
  patient: z.nullable(z.object({ firstName: text, lastName: text })),
});
export type Appointment = Readonly<z.infer<typeof appointmentShape>>;

/** Of which nothing is known: examples begin with it. */
export const EMPTY_APPOINTMENT: Appointment = {
  source: 'cassius',
  status: 'confirmed',
  type: null,
  act: null,
  notes: null,
  location: null,
  startsAt: null,
  endsAt: null,
  practitionerUserId: null,
  practitionerName: null,
  patient: null,
};

/**
 * What we know of the appointment's event. `…ing`: a request was announced, and what came of it is not known. `detached`:
 * it was deleted in the calendar, and a person decides or decided that it stays so. Without a link it is `absent`.
 */
export type LinkState = Exclude<(typeof LINK_STATES)[number], 'absent'>;

/** Whether the event is there, or may be (`private.has_event`). */
export const hasEvent = (state: LinkState): boolean => state !== 'gone' && state !== 'detached';

/** The event of an appointment, as far as we know. */
export interface EventLink {
  /** Where the event lives: its owner may have moved it. */
  readonly calendarId: string | null;
  /** The target calendar that it was written for, where its owner moved it out of that; null: where it is. */
  readonly targetCalendarId: string | null;
  readonly eventId: string | null;
  readonly epoch: number;
  readonly etag: string | null;
  readonly state: LinkState;
  /** What we sent last. */
  readonly pushed: EventContent | null;
  /** What the calendar showed when both sides last agreed. */
  readonly base: EventContent | null;
  /** Where it is an occurrence: its owner made a series of it. */
  readonly place: SeriesPlace | null;
  /** Descriptions of ours that were announced since it is known what the event shows: any of them may be in it. */
  readonly sent?: readonly string[];
}

export interface Job {
  readonly rdvId: string;
  readonly version: number;
  readonly attempts: number;
  /** What it failed with the last time. */
  readonly lastErrorCode: string | null;
  /** The lane had a success after this job first failed: its trouble is its own. */
  readonly laneWorkedSince: boolean;
  readonly request: QueueRequest;
  readonly rdv: Appointment | null;
  readonly link: EventLink | null;
  /** An earlier event of it that is back in the calendar and is to go again, and the version that was judged. */
  readonly ending: { readonly calendarId: string; readonly eventId: string; readonly etag: string | null } | null;
}

export interface LaneSettings {
  readonly calendarTargetId: string | null;
  readonly eventDetail: EventDetail;
  readonly twoWay: TwoWay;
  readonly scope: Scope;
  readonly userId: string;
  readonly exportFrom: Instant | null;
  /** The connection ends: every event of ours goes. */
  readonly removing: boolean;
}

export interface Organisation {
  readonly timezone: string;
  readonly titleTemplate: string;
  /** Of the words that are ours in an event. */
  readonly language: Language;
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
  /** Jobs whose rows cannot be read: they are given up, each for itself. */
  readonly unreadable: readonly Pick<Job, 'rdvId' | 'version'>[];
}
