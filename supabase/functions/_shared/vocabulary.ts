/**
 * Every word that database, functions, page and documentation share, once, with a sentence each. Types are made from the
 * lists; `tests/database/vocabulary.test.ts` compares them with the checks and enums of the database, and
 * `docs/vocabulary.md` shows them with these sentences (comments, so that no page has to fetch them). Codes of errors are
 * in `errors.ts`.
 */

// Practices and people.

/** Of the sync engine's and the page's code, only adapters and tables of providers may name one. */
export const PROVIDERS = [
  'google', // Google Calendar.
  'microsoft', // Outlook, through Microsoft Graph.
] as const;

export const ROLES = [
  'admin', // Administers the practice, and may cover all of it.
  'practitioner', // Sees patients; covers their own appointments.
  'secretary', // Keeps the practice’s diary, and may cover all of it.
] as const;
export type Role = typeof ROLES[number];

/** Of people at a page, and of the words that are the sync's own in a practice's events. */
export const LANGUAGES = [
  'fr', // French.
  'en', // English.
] as const;
export type Language = typeof LANGUAGES[number];

/** Of an appointment. */
export const APPOINTMENT_STATUSES = [
  'scheduled', // Booked.
  'confirmed', // Booked, and the patient has confirmed.
  'cancelled', // Called off: it has no event.
  'completed', // It has taken place.
  'no_show', // The patient did not come.
] as const;
export type AppointmentStatus = typeof APPOINTMENT_STATUSES[number];

/** Where an appointment was made. */
export const SOURCES = [
  'cassius', // In Cassius.
  ...PROVIDERS,
] as const;

// A connection and its settings.

export const CONNECTION_STATUSES = [
  'connected', // The account can be used.
  'reconnect_required', // The grant has ended: nothing goes on until the person connects again.
  'error', // A setting has to be changed, such as a target calendar that is gone.
] as const;
export type ConnectionStatus = typeof CONNECTION_STATUSES[number];

/** Which appointments an export covers. */
export const SCOPES = [
  'practitioner', // Those of the connection’s own person.
  'organisation', // Those of the whole practice.
] as const;
export type Scope = typeof SCOPES[number];

/** How much of an appointment its event shows. */
export const EVENT_DETAILS = [
  'full', // Patient, type, act and notes.
  'initials', // The patient’s initials; no act, no notes.
  'busy', // That there is an appointment.
] as const;
export type EventDetail = typeof EVENT_DETAILS[number];

/** What becomes of changes that a person makes in the calendar. */
export const TWO_WAY_MODES = [
  'off', // Cassius decides: the next push restores the event.
  'review', // A question is opened for each.
  'auto', // Time, place and cancellation are taken over; only collisions are asked about.
] as const;
export type TwoWay = typeof TWO_WAY_MODES[number];

/** What events are imported as. */
export const IMPORT_KINDS = [
  'event', // Events are shown in the calendar, without a patient.
  'rdv', // Events become appointments.
] as const;

/** What an import reads where no window is given. */
export const IMPORT_RANGES = [
  '7d', // The next seven days.
  '30d', // The next thirty days.
  'month', // The present month.
  'custom', // Given with each import.
] as const;

/** What becomes of a grant of another account than the connection’s. */
export const SWITCH_ACTIONS = [
  'keep', // The new grant is given up.
  'replace', // The new account takes the old one’s place at once.
  'remove_and_replace', // It takes the place once the old account’s events are removed.
] as const;
export type SwitchAction = typeof SWITCH_ACTIONS[number];

export const DISCONNECTIONS = [
  'disconnected', // The connection has ended.
  'removing', // It ends when its events are gone from the calendar.
] as const;

/** What the team can stop. */
export const PAUSE_SCOPES = [
  'all', // Everything.
  'provider', // One provider.
  'practice', // One practice.
] as const;

// An appointment in a calendar.

/** What a person sees of an appointment in one calendar. */
export const SYNC_STATUSES = [
  'none', // It has no event there.
  'pending', // A change is on its way.
  'synced', // The event says what the appointment says.
  'error', // A person has to act.
] as const;
export type SyncStatus = typeof SYNC_STATUSES[number];

/** The event of an appointment, as far as it is known. */
export const LINK_STATES = [
  'absent', // There is none.
  'creating', // Its creation was announced, and the answer is not known.
  'live', // It is there.
  'updating', // A change of it was announced, and the answer is not known.
  'deleting', // Its end was announced, and the answer is not known.
  'gone', // It was deleted, and its id is burnt.
  'detached', // It was deleted in the calendar, and a person decides or decided that it stays so.
] as const;

/** Why an appointment is queued; the later one wins. */
export const QUEUE_REQUESTS = [
  'change', // Something that its event shows changed.
  'retry', // A person asked for it, the past too.
  'sync_now', // Likewise, and its event is looked at even if nothing changed here.
] as const;
export type QueueRequest = typeof QUEUE_REQUESTS[number];

/** What the export does about an appointment, in the order in which it comes to it. */
export const DECISIONS = [
  'create', // Its event is made.
  'revive', // Its event is made again, under a new id; one that is back is taken.
  'move', // Its event is made in the target calendar and ended in the one before.
  'patch', // Its event is changed.
  'verify', // Its event is looked at.
  'delete', // Its event is ended.
  'end', // An earlier event that is back beside its own is ended.
  'skip', // Nothing.
  'reject', // It cannot be an event; the code of an error says why.
] as const;

/** What an appointment waits for. */
export const WAITS = [
  'answer', // A person’s answer to an open question.
  'person', // It was given up, and waits to be tried again or changed.
  'reconnect', // The grant has ended.
  'calendar', // The calendar is gone or may not be written.
  'export', // The export is switched off.
  'team', // The team has stopped the sync.
  'worker', // A worker has the lane now.
  'quota', // The account, or our whole project, may not be asked more at the moment.
  'provider', // The provider does not answer as it should.
  'retry', // The next attempt.
  'turn', // It is due.
  'request', // Nothing has asked for it, which “sync now” does.
] as const;

/** What the export to one calendar does. */
export const EXPORT_STATES = [
  'reconnect', // It waits for a new grant.
  'error', // It waits for a setting to be changed.
  'ending', // It removes its events.
  'off', // It is switched off.
  'stopped', // The team has stopped it.
  'working', // A worker has it now.
  'paused', // It waits by itself for a while.
  'idle', // Nothing is in its way.
] as const;

/** Why the export does nothing about an appointment. */
export const SKIP_REASONS = [
  'unchanged', // Its event is as it should be.
  'cancelled', // It was cancelled here.
  'deleted', // It was deleted here.
  'removing', // The connection ends and takes its events along.
  'imported_from_provider', // It came from a calendar.
  'no_start', // It has no start.
  'no_patient', // It has no patient.
  'out_of_scope', // It is another practitioner’s.
  'past', // It began before the export did.
  'unlinked', // Its event was deleted in the calendar and is to stay so.
  'no_target', // No calendar is chosen.
] as const;
export type SkipReason = typeof SKIP_REASONS[number];

// Events of calendars.

export const EVENT_STATUSES = [
  'confirmed', // It takes place.
  'tentative', // It may take place.
  'cancelled', // It was deleted or called off.
] as const;
export type EventStatus = typeof EVENT_STATUSES[number];

export const EVENT_KINDS = [
  'appointment', // An ordinary event.
  'out_of_office', // Absence.
  'focus_time', // Time to work undisturbed.
  'working_location', // Where the person works: no appointment.
  'birthday', // No appointment.
  'task', // No appointment.
  'other', // A kind that the provider added later.
] as const;

export const AVAILABILITIES = [
  'busy', // The person is taken.
  'free', // The person is not taken.
] as const;

export const VISIBILITIES = [
  'normal', // Shown to those who see the calendar.
  'private', // Of it only the time is kept.
] as const;

/** Of a guest, or of the calendar’s own person. */
export const RESPONSES = [
  'none', // No answer yet.
  'accepted', // Comes.
  'tentative', // Comes perhaps.
  'declined', // Does not come.
] as const;
export type EventResponse = typeof RESPONSES[number];

// Runs and the journal.

export const RUN_DIRECTIONS = [
  'export', // From Cassius to the calendar.
  'import', // From the calendar to Cassius.
] as const;
export type RunDirection = typeof RUN_DIRECTIONS[number];

export const RUN_TRIGGERS = [
  'change', // A change in Cassius.
  'manual', // A person asked for it.
  'schedule', // The regular look.
  'push', // The provider announced a change.
] as const;
export type RunTrigger = typeof RUN_TRIGGERS[number];

export const RUN_MODES = [
  'import', // Decides and applies.
  'preview', // Decides, and changes nothing.
] as const;
export type RunMode = typeof RUN_MODES[number];

/** What a run does, or would do, with one appointment or event. */
export const ITEM_ACTIONS = [
  'create', // Made.
  'update', // Changed.
  'delete', // Deleted in the calendar.
  'cancel', // Cancelled here.
  'conflict', // Asked about.
  'skip', // Left as it is.
  'fail', // Given up until a person acts; the reason is the code of an error.
  'hold', // Held back until a person has decided about a mass change.
] as const;
export type ItemAction = typeof ITEM_ACTIONS[number];

/** What an import decides about a foreign event. */
export const EVENT_ACTIONS = [
  'first', // The row without an event that tells that nothing of a reading was lost.
  'own', // It is the event of an appointment of this connection.
  'none', // Not for us.
  'create', // New here.
  'update', // Changed since it was last read.
  'cancel', // It ends here.
  'hold', // Held back until a person has decided about a mass change.
  'skip', // As it was last read.
  'fail', // It cannot be read.
] as const;

/** Why an import leaves a foreign event alone, or ends it here. */
export const EVENT_REASONS = [
  'outside_window', // It lies outside of the period that is imported.
  'declined', // The person declined it.
  'not_an_appointment', // It is a place of work, a birthday or a task.
  'cancelled', // It was deleted or called off in the calendar.
  'unchanged', // It is as it was when last read.
  'exported', // It shows an appointment of Cassius.
  'colleague', // A colleague’s connection already imports it.
  'kept', // A person decided to leave it here as it is.
] as const;

export type EventReason = typeof EVENT_REASONS[number];

/** What the engine decides about a changed event of ours. */
export const VERDICTS = [
  'echo', // Nothing changed that a person has to know.
  'accept', // Only what Cassius does not take over changed.
  'apply', // Its time or place is taken over.
  'cancel', // The appointment ends with its event.
  'restore', // Its event is back in the calendar, and the appointment with it.
  'end', // An event of ours that is back in the calendar goes again.
  'drift', // The calendar is not listened to: the event is put right.
  'wait', // A change of ours is on its way.
  'conflict', // A person decides.
] as const;
export type VerdictKind = typeof VERDICTS[number];

// Conflicts.

export const CONFLICT_REASONS = [
  'time_overlap', // An event and an appointment of one person are at the same time.
  'changed_both_sides', // The event changed, and the mode or a change here asks for a decision.
  'deleted', // The event was deleted, and the appointment lives.
  'restored', // An event of ours that had ended is back in the calendar.
  'mass_change', // More changed in one reading than is taken over without asking.
] as const;
export type ConflictReason = typeof CONFLICT_REASONS[number];

export const CONFLICT_ACTIONS = [
  'keep_cassius', // What Cassius says stays, and is written to the calendar again.
  'keep_calendar', // What the calendar says is taken over.
  'duplicate', // Both stay, each for itself.
  'ignore', // The question is closed, and nothing is done.
] as const;
export type ConflictAction = typeof CONFLICT_ACTIONS[number];

export const CONFLICT_STATUSES = [
  'open', // It waits for a person.
  'resolved', // It was decided, or there is nothing to decide any more.
  'ignored', // It was closed without a decision.
] as const;

/** How a conflict ended: the person’s action, or what ended it without one. */
export const CONFLICT_RESOLUTIONS = [
  ...CONFLICT_ACTIONS,
  'vanished', // There is nothing to decide any more.
  'erased', // Its patient was erased.
  'disconnected', // Its connection ended.
  'calendar_changed', // Its calendar is not followed any more.
] as const;
export type ConflictResolution = typeof CONFLICT_RESOLUTIONS[number];

/** Whose change a conflict is about. */
export const CHANGED_BY = [
  'calendar', // The event alone changed.
  'both', // Event and appointment changed.
] as const;

/** What a conflict is about. */
export const CONFLICT_ENTITIES = [
  'event', // A foreign event.
  'appointment', // An appointment that was exported.
] as const;

/** Whether a followed calendar announces its changes. */
export const PUSH_STATES = [
  'live', // It does.
  'refused', // It never can: it is read regularly.
  'none', // Not now: it is read regularly.
] as const;

export type ItemReason = SkipReason | EventReason | VerdictKind | ConflictReason;

/** Why the journal names an item: a word of these, or the code of an error. Some are said of appointments and of events. */
export const ITEM_REASONS: readonly ItemReason[] = [
  ...new Set<ItemReason>([...SKIP_REASONS, ...EVENT_REASONS, ...VERDICTS, ...CONFLICT_REASONS]),
];
