/** Answers of the connection routes. Instants are ISO 8601 strings. */
import * as z from 'zod/mini';
import {
  CONNECTION_STATUSES,
  DISCONNECTIONS,
  EVENT_DETAILS,
  IMPORT_KINDS,
  IMPORT_RANGES,
  PAUSE_SCOPES,
  SCOPES,
  TWO_WAY_MODES,
} from '../vocabulary.ts';
import { errorCode } from './refusal.ts';

const text = z.nullable(z.string());
const calendarName = z.nullable(z.object({ id: z.string(), name: text }));
const account = z.nullable(z.object({ email: text }));

/** `POST connect`. */
export const consentAddress = z.object({ url: z.string() });

/** What a person chooses among. */
export const choices = {
  export_enabled: z.boolean(),
  import_enabled: z.boolean(),
  import_range_default: z.enum(IMPORT_RANGES),
  import_as: z.enum(IMPORT_KINDS),
  two_way: z.enum(TWO_WAY_MODES),
  event_detail: z.enum(EVENT_DETAILS),
  /** `organisation`: for administrators and secretaries. */
  scope: z.enum(SCOPES),
};

/** The columns that a person sets. */
export const integrationSettings = z.object({
  ...choices,
  calendar_target_id: text,
  calendar_source_id: text,
  /** Null until the person has chosen: nothing is exported before that. */
  event_detail: z.nullable(choices.event_detail),
});
export type IntegrationSettings = z.infer<typeof integrationSettings>;

/** Of a person who was never connected, everything but the counts is null. */
export const integrationStatus = z.object({
  connected: z.boolean(),
  status: z.nullable(z.enum(CONNECTION_STATUSES)),
  account,
  targetCalendar: calendarName,
  sourceCalendar: calendarName,
  settings: z.nullable(integrationSettings),
  lastSyncAt: text,
  lastImportAt: text,
  pending: z.int(),
  failed: z.int(),
  openConflicts: z.int(),
  lastError: z.nullable(z.object({ code: errorCode, message: text })),
  removingEvents: z.boolean(),
  /** Another account that the person consented to, while `account` stays connected: `POST switch` decides. */
  pendingAccount: account,
  /** Events of ours in `account`. */
  eventsInAccount: z.int(),
  /** The team has stopped the sync: all of it, of this practice, or of this provider. */
  paused: z.nullable(z.enum(PAUSE_SCOPES)),
});
export type IntegrationStatus = z.infer<typeof integrationStatus>;

/** `POST confirm`: the status, and where the person wanted to go. */
export const confirmation = z.extend(integrationStatus, { redirectTo: text });

export const calendarList = z.object({
  calendars: z.array(z.object({
    id: z.string(),
    name: z.string(),
    primary: z.boolean(),
    canWrite: z.boolean(),
    timeZone: text,
    color: text,
  })),
});
export type Calendar = z.infer<typeof calendarList>['calendars'][number];

/** `POST disconnect`. `removing`: the connection ends when its events are gone from the calendar; so many are left. */
export const disconnection = z.object({ state: z.enum(DISCONNECTIONS), removing: z.int() });
export type Disconnection = z.infer<typeof disconnection>;
