/**
 * For every change that an owner can make to an event of ours: how it is made, and what becomes of it. docs/owners.md is
 * this list, and owners.test.ts runs each of its cells at each provider.
 */
import type { TwoWay } from '../../supabase/functions/_shared/vocabulary.ts';
import { day, timed, wholeDays } from './moments.ts';
import type { Entry, SeenEvent } from './provider_stage.ts';

/** What the cells of the table say. */
export const OUTCOMES = {
  'put right': 'the event is again as the appointment is, as soon as it was read',
  question: 'both stay as they are, and a person decides',
  followed: 'the appointment is as the event is',
  stays: 'it is the owner’s: nothing is asked, and no write of ours changes it',
  'made again': 'the appointment has an event again, under a new id',
  cancelled: 'the appointment is cancelled',
  back: 'the appointment and its one event are as they were before',
  'one of them': 'the occurrence at the appointment’s time is the appointment’s, the others are the owner’s own events',
  told: 'nothing is cancelled; the connection says why it waits, and goes on once there is a calendar to write to',
} as const;
export type Outcome = keyof typeof OUTCOMES;

/** The owner of a calendar at work in the provider's own pages. */
export interface Owner {
  /** The event's description. */
  readonly text: string;
  edit(entry: Entry): Promise<void>;
  colour(): Promise<void>;
  remind(minutes: number): Promise<void>;
  meet(): Promise<void>;
  invite(guest: string): Promise<void>;
  decline(): Promise<void>;
  /** The copy is the owner's own event. */
  copy(entry: Entry): Promise<void>;
  /** Makes a series of it: once more on each of the next days. */
  repeat(): Promise<void>;
  /** Takes the deleted event back, after we have read of its deletion. */
  restore(): Promise<void>;
  /** Changes the first occurrence of the series alone, after we have read of it. */
  editFirst(entry: Entry): Promise<void>;
  /** Into another calendar of the account. */
  move(): Promise<void>;
  remove(): Promise<void>;
  deleteCalendar(): Promise<void>;
  shareReadOnly(): Promise<void>;
}

/** A person in the settings, and the calendar's owner. */
export interface Chooser {
  chooseAnother(): Promise<void>;
  shareWritable(): Promise<void>;
  connectAgain(): Promise<void>;
}

export interface OwnerChange {
  readonly change: string;
  readonly makes: (owner: Owner) => Promise<void>;
  /** What of the event it is about. */
  readonly about: (event: SeenEvent) => unknown;
  readonly becomes: Readonly<Record<TwoWay, Outcome>>;
  /** How a trouble ends that the connection told of. */
  readonly ends?: (person: Chooser) => Promise<void>;
}

const TAKEN_OVER = { off: 'put right', review: 'question', auto: 'followed' } as const;
const ASKED = { off: 'put right', review: 'question', auto: 'question' } as const;
const STAYS = { off: 'stays', review: 'stays', auto: 'stays' } as const;
const TOLD = { off: 'told', review: 'told', auto: 'told' } as const;

const when = ({ start, end }: SeenEvent) => [start, end];

export const OWNER_CHANGES: readonly OwnerChange[] = [
  { change: 'time', makes: (owner) => owner.edit(timed(3, 15, 16)), about: when, becomes: TAKEN_OVER },
  {
    change: 'length',
    makes: (owner) => owner.edit({ start: day(2, 9), end: day(2, 11) }),
    about: when,
    becomes: TAKEN_OVER,
  },
  { change: 'all-day', makes: (owner) => owner.edit(wholeDays(3, 4)), about: when, becomes: ASKED },
  {
    change: 'zone, at the same moment',
    makes: (owner) => owner.edit({ ...timed(2, 9, 10), zone: 'America/New_York' }),
    about: ({ zone, start }) => [zone, start],
    becomes: STAYS,
  },
  { change: 'title', makes: (owner) => owner.edit({ title: 'À moi' }), about: ({ title }) => title, becomes: STAYS },
  {
    change: 'text beside ours',
    makes: (owner) => owner.edit({ description: `${owner.text}\n\nCode 12A` }),
    about: ({ description }) => description.includes('Code 12A'),
    becomes: STAYS,
  },
  {
    change: 'place',
    makes: (owner) => owner.edit({ location: 'Chez elle' }),
    about: ({ location }) => location,
    becomes: TAKEN_OVER,
  },
  {
    change: 'guests',
    makes: (owner) => owner.invite('guest@elsewhere.test'),
    about: ({ guests }) => guests,
    becomes: STAYS,
  },
  { change: 'online meeting', makes: (owner) => owner.meet(), about: ({ meeting }) => meeting, becomes: STAYS },
  { change: 'colour', makes: (owner) => owner.colour(), about: ({ colour }) => colour, becomes: STAYS },
  { change: 'reminder', makes: (owner) => owner.remind(45), about: ({ reminder }) => reminder, becomes: STAYS },
  {
    change: 'privacy',
    makes: (owner) => owner.edit({ secret: false }),
    about: ({ secret }) => secret,
    becomes: STAYS,
  },
  {
    change: 'series made of it',
    makes: (owner) => owner.repeat(),
    about: () => null,
    becomes: { off: 'one of them', review: 'one of them', auto: 'one of them' },
  },
  {
    change: 'its occurrence alone',
    async makes(owner) {
      await owner.repeat();
      await owner.editFirst(timed(2, 15, 16));
    },
    about: when,
    becomes: TAKEN_OVER,
  },
  {
    change: 'move to another calendar',
    makes: (owner) => owner.move(),
    about: ({ calendarId }) => calendarId,
    becomes: STAYS,
  },
  {
    change: 'copy',
    makes: (owner) => owner.copy(timed(4, 9, 10)),
    about: () => null,
    becomes: STAYS,
  },
  {
    change: 'delete',
    makes: (owner) => owner.remove(),
    about: () => null,
    becomes: { off: 'made again', review: 'question', auto: 'cancelled' },
  },
  {
    change: 'delete, then undo',
    async makes(owner) {
      await owner.remove();
      await owner.restore();
    },
    about: when,
    becomes: { off: 'back', review: 'back', auto: 'back' },
  },
  { change: 'decline', makes: (owner) => owner.decline(), about: ({ guests }) => guests, becomes: STAYS },
  {
    change: 'calendar deleted',
    makes: (owner) => owner.deleteCalendar(),
    about: () => null,
    becomes: TOLD,
    ends: (person) => person.chooseAnother(),
  },
  {
    change: 'calendar shared read-only',
    makes: (owner) => owner.shareReadOnly(),
    about: () => null,
    becomes: TOLD,
    async ends(person) {
      await person.shareWritable();
      await person.connectAgain();
    },
  },
];
