/** Words that the database and the code share, each once. */

/**
 * The event of an appointment in one calendar. `absent`: there is none; `creating`, `updating`, `deleting`: a request was
 * announced, and its answer is not known; `live`: it is there; `gone`: it was deleted and its id is burnt; `detached`: it
 * was deleted in the calendar, and a person decides or decided that it stays so.
 */
export const LINK_STATES = ['absent', 'creating', 'live', 'updating', 'deleting', 'gone', 'detached'] as const;

/**
 * Why an appointment is queued. `change`: something that its event shows; `retry`: a person asked for it, the past too;
 * `sync_now`: likewise, and its event is looked at even if nothing changed here. The later one wins.
 */
export const QUEUE_REQUESTS = ['change', 'retry', 'sync_now'] as const;
