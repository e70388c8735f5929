import type { ConflictWords } from './words.ts';

/** What the conflicts say in English. */
export const en: ConflictWords = {
  title: 'Conflicts',
  intro: 'Nothing is overwritten: each of these cases waits for your decision.',
  empty: 'No conflict: Cassius and your calendars agree.',
  waiting: (count) => count === 1 ? '1 decision needed' : `${count} decisions needed`,
  first: (count) => `The first ${count} decisions needed; the others follow`,
  gone: 'This conflict no longer needs a decision.',
  reason: {
    time_overlap: 'Two things at the same time',
    changed_both_sides: 'The two versions differ',
    changed_in_calendar: (account) => `Changed in ${account}`,
    deleted: (account) => `Deleted in ${account}`,
    restored: (account) => `Back in ${account}`,
    mass_change: 'A mass change, held back',
  },
  what: {
    time_overlap: (account) =>
      `An event of ${account} overlaps this appointment of the same practitioner. Both still exist.`,
    both: (account) => `The appointment changed in Cassius and its event changed in ${account}.`,
    calendar: (account) => `The event of this appointment was changed in ${account}.`,
    deleted: (account) => `The event of this appointment was deleted in ${account}. The appointment still exists.`,
    restored: (account, event) => `The event ${event} of a cancelled or deleted appointment is back in ${account}.`,
    restoredBeside: (account, event) =>
      `An earlier event of this appointment, ${event}, is back in ${account} and was changed. The appointment has another.`,
    deletedBoth: (account) => `The event was deleted in ${account} while the appointment changed in Cassius.`,
  },
  columns: {
    field: 'Field',
    cassius: 'Cassius',
    base: 'Last agreed',
  },
  fields: {
    title: 'Title',
    description: 'Description',
    location: 'Place',
    time: 'Time',
    availability: 'Availability',
    visibility: 'Visibility',
  },
  value: {
    busy: 'busy',
    free: 'free',
    normal: 'visible',
    private: 'private',
    empty: '—',
    allDay: 'all day',
    absent: 'deleted',
    unknown: 'unknown',
  },
  differs: 'differs',
  noTitle: 'Appointment deleted from Cassius',
  openAppointment: 'See in the calendar',
  since: (ago) => `Reported ${ago}`,
  choose: 'What to do?',
  action: {
    keep_cassius: 'Keep Cassius',
    keep_calendar: (account) => `Keep ${account}`,
    duplicate: 'Duplicate',
    ignore: 'Ignore',
  },
  label: {
    time_overlap: {
      keep_cassius: () => 'Keep both',
      keep_calendar: () => 'Cancel the appointment',
      duplicate: () => 'Add as an appointment too',
      ignore: () => '',
    },
    time_overlaps: {
      keep_cassius: () => 'Keep everything',
      keep_calendar: () => 'Cancel these appointments',
      duplicate: () => 'Add as an appointment too',
      ignore: () => '',
    },
    changed_both_sides: {
      keep_cassius: () => 'Keep the version of Cassius',
      keep_calendar: (account) => `Take the version of ${account}`,
      duplicate: () => 'Keep both versions',
      ignore: () => 'Leave each as it is',
    },
    imported: {
      keep_cassius: () => 'Keep the version of Cassius',
      keep_calendar: (account) => `Take the version of ${account}`,
      duplicate: () => 'Keep both versions',
      ignore: () => '',
    },
    deleted: {
      keep_cassius: () => 'Create the event again',
      keep_calendar: () => 'Cancel the appointment',
      duplicate: () => '',
      ignore: () => 'Stop sending it',
    },
    restored: {
      keep_cassius: () => 'Remove the event',
      keep_calendar: () => 'Bring the appointment back',
      duplicate: () => '',
      ignore: () => 'Leave both',
    },
    mass_change: {
      keep_cassius: (account) => `Restore everything in ${account}`,
      keep_calendar: () => 'Apply these changes',
      duplicate: () => '',
      ignore: () => 'Leave each as it is',
    },
  },
  effect: {
    time_overlap: {
      keep_cassius: () => 'Both stay where they are; the question is closed.',
      keep_calendar: () => 'The appointment is cancelled in Cassius; the event stays.',
      duplicate: () => 'The event also becomes an appointment in Cassius, beside the first.',
      ignore: () => '',
    },
    time_overlaps: {
      keep_cassius: () => 'Everything stays where it is; the question is closed.',
      keep_calendar: () => 'All these appointments are cancelled in Cassius; the calendar stays as it is.',
      duplicate: () => 'What is in the calendar also becomes an appointment in Cassius, beside the others.',
      ignore: () => '',
    },
    changed_both_sides: {
      keep_cassius: (account) => `The version of Cassius replaces that of ${account}.`,
      keep_calendar: () => 'The calendar’s time and place replace the appointment’s.',
      duplicate: (account) =>
        `The appointment keeps its version, in ${account} too; the other version becomes a second appointment.`,
      ignore: () => 'Nothing changes; the next real change decides.',
    },
    imported: {
      keep_cassius: (account) => `The appointment stays as it is; the event of ${account} is not touched.`,
      keep_calendar: () => 'The event’s title, time and place replace the appointment’s.',
      duplicate: () => 'The appointment stays as it is; the event becomes a second appointment.',
      ignore: () => '',
    },
    deleted: {
      keep_cassius: (account) => `The event is created again in ${account}.`,
      keep_calendar: () => 'The appointment is cancelled in Cassius.',
      duplicate: () => '',
      ignore: (account) => `Nothing changes; the appointment is no longer sent to ${account}.`,
    },
    restored: {
      keep_cassius: (account) => `The event is removed from ${account}; the appointment stays as it is in Cassius.`,
      keep_calendar: () => 'The appointment takes place again, at the event’s time and place.',
      duplicate: () => '',
      ignore: (account) => `Nothing changes: the event stays in ${account}, the appointment as it is.`,
    },
    mass_change: {
      keep_cassius: (account) =>
        `Nothing is taken over from ${account}; Cassius restores the events of its appointments there.`,
      keep_calendar: (account) => `All these changes of ${account} are applied.`,
      duplicate: () => '',
      ignore: (account) => `Nothing is taken over, nothing is restored: Cassius and ${account} each stay as they are.`,
    },
  },
  notBookable: 'Not possible here: this time (whole days, or no length) is no appointment’s.',
  overlaps: {
    subject: (events, count) =>
      `${events} events and ${count === 1 ? '1 appointment' : `${count} appointments`} at the same time`,
    what: (account, events, count) =>
      `${events === 1 ? 'An event' : `${events} events`} of ${account} ${events === 1 ? 'overlaps' : 'overlap'} ${
        count === 1 ? '1 appointment' : `${count} appointments`
      } of the same practitioner. All still exist: your decision is for all of them.`,
    appointments: 'Appointments concerned',
  },
  mass: {
    what: (account, cancelled, moved, known) =>
      `${account} announces at once ${
        [
          cancelled > 0 && (cancelled === 1 ? '1 deletion' : `${cancelled} deletions`),
          moved > 0 && (moved === 1 ? '1 move' : `${moved} moves`),
        ].filter(Boolean).join(' and ')
      } out of ${known} known events. Nothing has been applied.`,
    sample: 'For example',
    more: (count) => count === 1 ? 'and 1 other' : `and ${count} others`,
  },
  batch: {
    all: 'Choose all',
    choose: (what) => `Choose: ${what}`,
    chosen: (count) => `${count} chosen`,
    apply: 'For the chosen conflicts',
    running: (done, count) => `${done} of ${count} handled…`,
    done: (count) => count === 1 ? '1 conflict handled' : `${count} conflicts handled`,
    failed: (count) => count === 1 ? '1 conflict could not be handled' : `${count} conflicts could not be handled`,
    question: (action, count) => `${action} for ${count === 1 ? '1 conflict' : `${count} conflicts`}?`,
    confirm: 'Decide',
  },
  question: {
    keep: 'Decide nothing',
    cancels: (count) => count === 1 ? 'Cancel this appointment?' : `Cancel ${count} appointments?`,
    cancel: (count) => count === 1 ? 'Yes, cancel this appointment' : `Yes, cancel these ${count} appointments`,
    cancelled: (count) =>
      count === 1
        ? 'This appointment will be cancelled in Cassius:'
        : `These ${count} appointments will be cancelled in Cassius:`,
    mass: 'Apply these changes?',
    apply: 'Yes, apply them',
  },
  move: {
    open: 'Move the appointment',
    effect: 'A free time is proposed; the event stays.',
    short: 'Move',
    one: (what) => `Move: ${what}`,
    free: (when) => `Next free time: ${when}`,
    noneFree: 'No free time within two weeks.',
    taken: 'This time has just been taken: here is another.',
    take: 'Move to this time',
    other: 'Another time',
    byHand: 'Choose in the calendar',
    keep: 'Move nothing',
    done: (when) => `Appointment moved: ${when}`,
    gone: 'This appointment no longer exists.',
  },
  outdated: 'The situation has just changed: this is the current version. Nothing was decided.',
  outdatedGone: 'The situation has changed: this conflict no longer exists.',
  done: {
    resolved: 'Conflict resolved',
    ignored: 'Conflict ignored',
  },
  undo: {
    done: (count) =>
      count === 1
        ? 'Undone: everything is as it was, and the question is asked again'
        : `${count} decisions undone: the questions are asked again`,
    failed: (count) => count === 1 ? '1 decision was not undone.' : `${count} decisions were not undone.`,
  },
};
