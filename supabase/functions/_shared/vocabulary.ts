/** Words that the database and the code share, each once. */

/** What the export does about an appointment in one calendar, in the order in which `decide` comes to it. */
export const DECISIONS = ['create', 'revive', 'move', 'patch', 'verify', 'delete', 'skip', 'reject'] as const;

/**
 * Why the export does nothing about an appointment. `unchanged`: its event is as it should be; `cancelled`, `deleted`: the
 * appointment is, here; `removing`: the connection ends and takes its events along; `imported_from_provider`: it came from a
 * calendar; `no_start`, `no_patient`: it lacks one; `out_of_scope`: it is another practitioner's; `past`: it began before the
 * export did; `unlinked`: its event was deleted in the calendar and is to stay so; `no_target`: no calendar is chosen.
 */
export const SKIP_REASONS = [
  'unchanged',
  'cancelled',
  'deleted',
  'removing',
  'imported_from_provider',
  'no_start',
  'no_patient',
  'out_of_scope',
  'past',
  'unlinked',
  'no_target',
] as const;

/**
 * What an appointment waits for in one calendar. `answer`: a person's, to an open question; `person`: it was given up, and
 * waits to be tried again or changed; `reconnect`: the grant has ended; `calendar`: the calendar is gone or may not be
 * written; `export`: it is switched off; `team`: the team has stopped the sync; `worker`: one has the lane now; `quota`: the
 * account may not be asked more at the moment; `provider`: it does not answer as it should; `retry`: the next attempt;
 * `turn`: it is due; `request`: nothing has asked for it, which "sync now" does.
 */
export const WAITS = [
  'answer',
  'person',
  'reconnect',
  'calendar',
  'export',
  'team',
  'worker',
  'quota',
  'provider',
  'retry',
  'turn',
  'request',
] as const;

/** What the export to one calendar does. `ending`: it removes its events; `idle`: nothing is in its way. */
export const EXPORT_STATES = ['reconnect', 'error', 'ending', 'off', 'stopped', 'working', 'paused', 'idle'] as const;
