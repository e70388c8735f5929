/** What every API handler is given: the call itself and the surroundings it acts on. */
import type { Mail as SharedMail } from '../core/mail.ts';
import { Failure, type JsonObject } from './answers.ts';
import type { MatchedMethod } from './facts.ts';
import type { Settings } from './settings.ts';
import type { AccessRole, Account, Calendar, StoredEvent, World } from './world.ts';

export interface Mail extends SharedMail {
  /** As sent by the caller; null when absent. */
  readonly sendUpdates: string | null;
}

export interface Scene {
  readonly world: World;
  readonly settings: Settings;
  readonly mails: Mail[];
  /** Origin of the links in events. */
  readonly publicUrl: string;
  /** Random letters of the alphabet of event ids. */
  readonly newId: (length: number) => string;
  /** Called after each change of an event. */
  readonly changed: (calendar: Calendar) => void;
}

export interface Call {
  readonly scene: Scene;
  readonly account: Account;
  readonly method: MatchedMethod;
  readonly query: URLSearchParams;
  readonly body: JsonObject;
  readonly headers: Headers;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly inBatch: boolean;
  /** The app asks, not the person at Google's own calendar. */
  readonly byApp: boolean;
  /** An answer to a list becomes an empty page that goes on. */
  readonly emptyPage: boolean;
  /** A list ends after so many entries, though there are more. */
  readonly cutList?: number | undefined;
}

const WRITERS: readonly AccessRole[] = ['writer', 'writerWithoutPrivateAccess', 'owner'];

/** The calendar that the path names, as the caller may see it. */
export function calendarOf(
  call: Call,
  id = call.method.path.calendarId ?? '',
): { calendar: Calendar; role: AccessRole } {
  const found = call.scene.world.visibleCalendar(call.account, id);
  if (!found) throw new Failure(404, 'notFound');
  return found;
}

/** The same, for a write. */
export function writableCalendar(call: Call, id?: string): Calendar {
  const { calendar } = calendarOf(call, id);
  if (!mayWrite(calendar, call.account.email)) throw new Failure(403, 'requiredAccessLevel');
  return calendar;
}

export function mayWrite(calendar: Calendar, email: string): boolean {
  const role = calendar.access.get(email);
  return role !== undefined && WRITERS.includes(role) && !calendar.deleted;
}

export function etagOf(event: StoredEvent): string {
  return `"${2 * event.version}"`;
}

/** Refuses a write whose `If-Match` names another version. */
export function checkIfMatch(call: Call, event: StoredEvent): void {
  const wanted = call.headers.get('if-match');
  if (wanted === null || wanted === '*') return;
  const tags = wanted.split(',').map((tag) => tag.trim());
  if (!tags.includes(etagOf(event))) {
    throw new Failure(412, 'conditionNotMet', { location: 'If-Match', locationType: 'header' });
  }
}

/** Whether `If-None-Match` says that the caller has this version already. */
export function isUnchanged(call: Call, etag: string): boolean {
  const known = call.headers.get('if-none-match');
  return known !== null && known.split(',').some((tag) => tag.trim() === etag);
}

/** An optional integer of the query. */
export function integerOf(call: Call, name: string): number | null {
  const text = call.query.get(name);
  return text === null ? null : Number(text);
}

export function flagOf(call: Call, name: string): boolean {
  return call.query.get(name) === 'true';
}
