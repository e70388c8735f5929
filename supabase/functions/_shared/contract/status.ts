/** Answers of the connection routes. Instants are ISO 8601 strings. */
import * as z from 'zod/mini';

const calendarName = z.nullable(z.object({ id: z.string(), name: z.nullable(z.string()) }));

export const integrationSettings = z.object({
  calendar_target_id: z.nullable(z.string()),
  calendar_source_id: z.nullable(z.string()),
  export_enabled: z.boolean(),
  import_enabled: z.boolean(),
  import_range_default: z.enum(['7d', '30d', 'month', 'custom']),
  import_as: z.enum(['event', 'rdv']),
  two_way: z.enum(['off', 'review', 'auto']),
  /** Null until the person has chosen: nothing is exported before that. */
  event_detail: z.nullable(z.enum(['full', 'initials', 'busy'])),
  scope: z.enum(['practitioner', 'organisation']),
});
export type IntegrationSettings = z.infer<typeof integrationSettings>;

/** Of a person who was never connected, everything but the counts is null. */
export const integrationStatus = z.object({
  connected: z.boolean(),
  status: z.nullable(z.enum(['connected', 'reconnect_required', 'error'])),
  account: z.nullable(z.object({ email: z.nullable(z.string()) })),
  targetCalendar: calendarName,
  sourceCalendar: calendarName,
  settings: z.nullable(integrationSettings),
  lastSyncAt: z.nullable(z.string()),
  lastImportAt: z.nullable(z.string()),
  pending: z.number(),
  failed: z.number(),
  openConflicts: z.number(),
  lastError: z.nullable(z.object({ code: z.string(), message: z.nullable(z.string()) })),
  removingEvents: z.boolean(),
  /** Another account that the person consented to, while `account` still stands: `POST switch` says what becomes of it. */
  pendingAccount: z.nullable(z.object({ email: z.nullable(z.string()) })),
  /** Events of ours that stand in `account`. */
  eventsInAccount: z.number(),
  /** The team has stopped the sync: all of it, of this practice, or of this provider. */
  paused: z.nullable(z.enum(['all', 'practice', 'provider'])),
});
export type IntegrationStatus = z.infer<typeof integrationStatus>;

/** `POST connect`. */
export const consentAddress = z.object({ url: z.string() });

/** `POST confirm`: the status, and where the person wanted to go. */
export const confirmation = z.extend(integrationStatus, { redirectTo: z.nullable(z.string()) });

export const calendarList = z.object({
  calendars: z.array(z.object({
    id: z.string(),
    name: z.string(),
    primary: z.boolean(),
    canWrite: z.boolean(),
    timeZone: z.nullable(z.string()),
    color: z.nullable(z.string()),
  })),
});
export type Calendar = z.infer<typeof calendarList>['calendars'][number];

/** `POST disconnect`: `removing` counts the events that still have to go. */
export const disconnection = z.object({ state: z.enum(['disconnected', 'removing']), removing: z.number() });
export type Disconnection = z.infer<typeof disconnection>;
