/** What every Graph handler is given: the call itself and the surroundings it acts on. */
import type { JsonObject } from '../core/answers.ts';
import type { Mail } from '../core/mail.ts';
import type { MatchedRoute } from '../core/routes.ts';
import { GraphError, notFound } from './errors.ts';
import type { GraphRoute } from './facts.ts';
import { isIdShaped } from './ids.ts';
import { occurrenceOf } from './occurrences.ts';
import type { Preferences } from './prefer.ts';
import type { Settings } from './settings.ts';
import type { Account, Calendar, StoredEvent, World } from './world.ts';

export interface Scene {
  readonly world: World;
  readonly settings: Settings;
  readonly mails: Mail[];
  /** Called after each create that really made an event with a `transactionId`. */
  readonly created: (calendar: Calendar, transactionId: string) => void;
  /** Called after each change of an event: what happened, and where. */
  readonly changed: (calendar: Calendar, event: StoredEvent, kind: 'created' | 'updated' | 'deleted') => void;
}

export interface Call {
  readonly scene: Scene;
  readonly account: Account;
  readonly method: MatchedRoute<GraphRoute>;
  /** `https://host/v1.0/me/calendars/…` as asked, for links. */
  readonly url: URL;
  readonly query: URLSearchParams;
  readonly body: JsonObject;
  readonly headers: Headers;
  readonly prefer: Preferences;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** An answer to a list becomes an empty page that goes on. */
  readonly emptyPage: boolean;
  /** A list ends after so many entries, as if there were no more. */
  readonly cutList: number;
}

/** The calendar that the path names: the default one where it names none. */
export function calendarOf(call: Call): Calendar {
  const { world } = call.scene;
  const id = call.method.path.calendarId;
  const calendar = id === undefined ? world.defaultCalendar(call.account) : world.calendars.get(id);
  if (!calendar || calendar.deleted || calendar.account !== call.account.email) throw notFound();
  return calendar;
}

/** Whether the path names one calendar, or the whole mailbox. */
export function namesCalendar(call: Call): boolean {
  return /^\/v1\.0\/me\/(calendar\/|calendars\/)/.test(call.url.pathname);
}

export function checkWritable(calendar: Calendar): void {
  if (!calendar.canEdit) throw new GraphError(403, 'ErrorAccessDenied');
}

/** The event that the path names, live, in the caller's mailbox, and in the calendar that the path names if any. */
export function eventOf(call: Call): StoredEvent {
  const id = call.method.path.eventId ?? '';
  if (!isIdShaped(id)) throw new GraphError(400, 'ErrorInvalidIdMalformed');
  const { world, settings } = call.scene;
  const event = world.event(id) ?? occurrenceOf(world, id);
  if (!event || event.account !== call.account.email) throw notFound();
  const calendar = world.calendars.get(event.calendarId);
  if (!calendar || calendar.deleted) throw notFound();
  // A series takes its exceptions along.
  const deleted = event.deleted || (event.masterId !== null && world.event(event.masterId)?.deleted === true);
  if (deleted && !(settings.deletedStayReadable && id === event.immutableId)) throw notFound();
  if (namesCalendar(call)) {
    const named = calendarOf(call);
    // In Deleted Items it is in no calendar.
    if (settings.calendarOfEventPath === 'checked' && (deleted || named !== calendar)) throw notFound();
  }
  return event;
}
