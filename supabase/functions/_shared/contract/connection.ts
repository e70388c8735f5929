/** Requests and answers of the connection routes. Instants are ISO 8601 strings. */
import * as z from 'zod/mini';
import {
  CONNECTION_STATUSES,
  DISCONNECTIONS,
  EVENT_DETAILS,
  IMPORT_KINDS,
  IMPORT_RANGES,
  PAUSE_SCOPES,
  SCOPES,
  SWITCH_ACTIONS,
  TWO_WAY_MODES,
} from '../vocabulary.ts';
import { errorCode } from './refusal.ts';

const text = z.nullable(z.string());
const calendarId = z.string().check(z.minLength(1), z.maxLength(1024));
const calendarName = z.nullable(z.object({ id: z.string(), name: text }));
const account = z.nullable(z.object({ email: text }));

/** `POST connect`. `redirectTo` is a path of the page. */
export const connectRequest = z.strictObject({
  redirectTo: z.optional(z.string().check(z.minLength(1), z.maxLength(1000))),
});
export const consentAddress = z.object({ url: z.string() });

const level = z.enum(EVENT_DETAILS);
const choices = {
  export_enabled: z.boolean(),
  import_enabled: z.boolean(),
  import_range_default: z.enum(IMPORT_RANGES),
  import_as: z.enum(IMPORT_KINDS),
  two_way: z.enum(TWO_WAY_MODES),
  /** `organisation`: for administrators and secretaries. */
  scope: z.enum(SCOPES),
};

/** The columns that a person sets. */
export const integrationSettings = z.object({
  ...choices,
  calendar_target_id: text,
  calendar_source_id: text,
  /** Null until the person has chosen: nothing is exported before that. */
  event_detail: z.nullable(level),
});
export type IntegrationSettings = z.infer<typeof integrationSettings>;

/** `PATCH settings`: any of them. A calendar must be in the account's own list, a target writable. */
export const settingsChange = z.strictObject(
  z.partial(z.object({
    ...choices,
    calendar_target_id: calendarId,
    calendar_source_id: calendarId,
    event_detail: level,
  })).shape,
);
export type SettingsChange = z.infer<typeof settingsChange>;

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

/** `POST confirm`: the secret of a callback that could not recognise the browser. */
export const confirmRequest = z.strictObject({ secret: z.string().check(z.minLength(1), z.maxLength(200)) });
/** The status, and where the person wanted to go. */
export const confirmation = z.extend(integrationStatus, { redirectTo: text });

/**
 * `POST switch`: what becomes of a grant of another account. It is dropped; it takes the old one's place at once; or once the
 * events of the old account are removed.
 */
export const switchRequest = z.strictObject({ action: z.enum(SWITCH_ACTIONS) });

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

/** `POST disconnect`. */
export const disconnectRequest = z.strictObject({ removeEvents: z._default(z.boolean(), false) });
/** `removing`: the connection ends when its events are gone from the calendar; so many are left. */
export const disconnection = z.object({ state: z.enum(DISCONNECTIONS), removing: z.int() });
export type Disconnection = z.infer<typeof disconnection>;
