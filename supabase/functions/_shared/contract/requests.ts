/** What the routes take. Apart from their answers, so that a page does not load what it only sends. */
import * as z from 'zod/mini';
import { CONFLICT_ACTIONS, RUN_MODES, SWITCH_ACTIONS } from '../vocabulary.ts';
import { choices } from './connection.ts';
import { instant, validWindow } from './window.ts';

const calendarId = z.string().check(z.minLength(1), z.maxLength(1024));
const moment = z.iso.datetime({ offset: true });

/** `POST connect`. `redirectTo` is a path of the page. */
export const connectRequest = z.strictObject({
  redirectTo: z.optional(z.string().check(z.minLength(1), z.maxLength(1000))),
});
/** `PATCH settings`: any of them. A calendar must be in the account's own list, a target writable. */
export const settingsChange = z.strictObject(
  z.partial(z.object({
    ...choices,
    calendar_target_id: calendarId,
    calendar_source_id: calendarId,
  })).shape,
);
export type SettingsChange = z.infer<typeof settingsChange>;

/** `POST confirm`: the secret of a callback that could not recognise the browser. */
export const confirmRequest = z.strictObject({ secret: z.string().check(z.minLength(1), z.maxLength(200)) });
/**
 * `POST switch`: what becomes of a grant of another account. It is dropped; it takes the old one's place at once; or once the
 * events of the old account are removed.
 */
export const switchRequest = z.strictObject({ action: z.enum(SWITCH_ACTIONS) });

/** `POST disconnect`. */
export const disconnectRequest = z.strictObject({ removeEvents: z._default(z.boolean(), false) });

/** `POST sync-now`: appointments from now on where neither is given, and whatever waits. */
export const syncRequest = z.strictObject({ from: z.optional(moment), to: z.optional(moment) }).check(
  z.refine(({ from, to }) => !from || !to || Date.parse(from) < Date.parse(to), {
    path: ['to'],
    message: 'not after from',
  }),
);

/** `POST retry`: all that have failed where none is named. */
export const retryRequest = z.strictObject({
  rdvIds: z.optional(z.array(z.guid()).check(z.minLength(1), z.maxLength(500))),
});

export const explainRequest = z.strictObject({ rdvId: z.guid() });

const token = z.optional(z.string().check(z.minLength(1), z.maxLength(4096)));

/** `GET events`: a window, or what has changed since a reading of it ended with this `syncToken`. */
export const eventsRequest = z.strictObject({
  calendarId,
  timeMin: z.optional(instant),
  timeMax: z.optional(instant),
  pageToken: token,
  syncToken: token,
}).check(
  validWindow,
  z.refine(
    ({ timeMin, timeMax, syncToken }) => syncToken !== undefined || timeMin !== undefined || timeMax !== undefined,
    {
      path: ['timeMin'],
      message: 'required without syncToken',
    },
  ),
  z.refine(({ timeMin, timeMax, syncToken }) => syncToken === undefined || (timeMin ?? timeMax) === undefined, {
    path: ['syncToken'],
    message: 'not beside timeMin or timeMax',
  }),
);
export type EventsRequest = z.output<typeof eventsRequest>;

/** `POST import`: the person's default range where no window is given. */
export const importRequest = z.strictObject({
  calendarId,
  timeMin: z.optional(instant),
  timeMax: z.optional(instant),
  /** `preview` decides, and writes nothing. */
  mode: z.enum(RUN_MODES),
  /** Of the preview that the person approved. */
  fingerprint: z.optional(z.string().check(z.minLength(1), z.maxLength(200))),
}).check(
  validWindow,
  z.refine(({ mode, fingerprint }) => mode === 'import' || fingerprint === undefined, {
    path: ['fingerprint'],
    message: 'only with mode import',
  }),
);
export type ImportRequest = z.output<typeof importRequest>;

/** `keep_calendar` is also known under the provider's own name. */
export function resolveRequest<Provider extends string>(provider: Provider) {
  return z.strictObject({
    action: z.enum([...CONFLICT_ACTIONS, `keep_${provider}` as const]),
    /** `updated_at` of the conflict that the person saw. */
    seen: z.optional(moment),
  });
}
