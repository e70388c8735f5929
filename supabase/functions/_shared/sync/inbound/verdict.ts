/** What is judged of an event of ours, and what is decided about it. */
import type { SeriesPlace } from '../../providers/port/calendar.ts';
import type { ContentField, EventContent, Instant } from '../../providers/port/content.ts';
import type { LinkState } from '../shared/appointment.ts';

/** A staged event that an appointment is linked to. */
export interface OursEvent {
  readonly eventId: string;
  /** Where it is. */
  readonly calendarId: string;
  /** Its owner made a series of it: it says nothing, and one of its occurrences is the appointment's. */
  readonly repeats: boolean;
  /** Where it is an occurrence. */
  readonly place: SeriesPlace | null;
  /** Empty for a stub. */
  readonly etag: string;
  readonly status: 'confirmed' | 'tentative' | 'cancelled';
  readonly content: EventContent | null;
  readonly rdvId: string;
  readonly rdvUpdatedAt: Instant | null;
  readonly rdv: {
    readonly deleted: boolean;
    readonly status: string | null;
    readonly startsAt: Instant | null;
    readonly endsAt: Instant | null;
    readonly location: string | null;
    /** It has a patient. */
    readonly named: boolean;
    /** What its status was before the deletion of this event cancelled it; null where anything else happened to it since. */
    readonly cancelledFrom: string | null;
  };
  readonly link: {
    readonly eventId: string;
    readonly place: SeriesPlace | null;
    readonly state: LinkState;
    readonly epoch: number;
    readonly etag: string | null;
    /** Where it was known to be, and the target that it was written for where that is another. */
    readonly calendarId: string;
    readonly targetCalendarId: string | null;
    /** What we sent last. */
    readonly pushed: EventContent | null;
    /** What the calendar showed when both sides last agreed. */
    readonly base: EventContent | null;
  };
  /** It is an earlier event of the appointment, whose link has another by now; null where it is the link's own. */
  readonly former: {
    /** It says what both sides last agreed on. */
    readonly unchanged: boolean;
    /** The link's own event is there, or may be. */
    readonly replaced: boolean;
  } | null;
  /** A change made here waits to be written to the calendar, or was written since the reading began. */
  readonly dirty: boolean;
  /** Changes taken over from the calendar in the last minutes. */
  readonly appliedRecently: number;
  readonly question: OpenQuestion | null;
}

/** What a question shows of a side: all that it is about. */
export type QuestionSide = { readonly [Field in ContentField]?: EventContent[Field] | undefined };

/** What a person has been asked about both sides of an appointment, and has not answered. */
export interface OpenQuestion {
  readonly id: string;
  readonly updatedAt: Instant;
  readonly payload: {
    readonly fields: readonly ContentField[];
    readonly cassius: QuestionSide | null;
    readonly base: QuestionSide | null;
    readonly [more: string]: unknown;
  };
}

/** What the link becomes; nulls where it stays as it is. */
export interface LinkChange {
  readonly state: 'live' | 'gone' | null;
  /** What we would send from now on, so that taking over a change never sends it back. */
  readonly pushed: EventContent | null;
  readonly base: EventContent | null;
}

export interface ConflictPayload {
  readonly calendarId: string;
  readonly eventId: string;
  readonly etag: string;
  readonly rdvUpdatedAt: Instant | null;
  readonly cassius: EventContent | null;
  readonly calendar: EventContent | null;
  readonly base: EventContent | null;
  readonly fields: readonly ContentField[];
  readonly changedBy: 'calendar' | 'both';
  /** Of an event that is back: the appointment can come back with it. */
  readonly returns?: boolean;
  /** Two programs keep undoing each other's changes. */
  readonly flapping?: true;
}

/** What was judged: a verdict counts only as long as all of it is still so. */
export interface Subject {
  /** What the link names from now on. */
  readonly eventId: string;
  readonly place: SeriesPlace | null;
  readonly linkEventId: string;
  readonly rdvId: string;
  readonly etag: string;
  readonly linkEtag: string | null;
  readonly linkCalendarId: string;
  readonly epoch: number;
  readonly former: boolean;
  readonly rdvUpdatedAt: Instant | null;
  /** The open question about both sides, as it was asked. */
  readonly questionId: string | null;
  readonly questionUpdatedAt: Instant | null;
  /** What the calendar shows: that stays, where a person refuses a change of too much at once. Null where it is gone. */
  readonly observed: EventContent | null;
}

export type Judgement =
  /**
   * `echo`: nothing changed that has to be written. `accept`: only what Cassius does not take over changed, the calendar
   * among it. `cancel`: the appointment ends with its event. `drift`: the calendar is not listened to, and the event is put
   * right. `wait`: our own change is on its way and finds the other one by its condition. `end`: an event of ours that is
   * back in the calendar goes again.
   */
  | { readonly kind: 'echo' | 'accept' | 'cancel' | 'drift' | 'wait' | 'end' }
  /** Its event is back. `status`: what the appointment becomes; null where it never ended. */
  | { readonly kind: 'restore'; readonly status: string | null }
  | {
    readonly kind: 'apply';
    readonly startsAt: Instant | null;
    readonly endsAt: Instant | null;
    readonly location: string | null;
  }
  | {
    readonly kind: 'conflict';
    readonly reason: 'changed_both_sides' | 'deleted' | 'restored';
    /** One that was asked before keeps what it had, and shows the present. */
    readonly payload: ConflictPayload | OpenQuestion['payload'];
  };

export type Verdict = Subject & LinkChange & Judgement & {
  /** Where its link has the event from now on. */
  readonly calendarId: string;
  readonly targetCalendarId: string | null;
  /** What it counts for where too much changes at once. */
  readonly weight: 'moved' | 'gone' | null;
  /** The open question is over: there is no difference any more. */
  readonly settles: boolean;
};
