/** calendarList.list and get, calendars.get. */
import { type Answer, invalid, type JsonObject, notFound } from './answers.ts';
import { calendarOf, type Call, flagOf, integerOf, isUnchanged } from './scene.ts';
import type { AccessRole, Calendar } from './world.ts';

const DEFAULT_PAGE = 100;
const MAX_PAGE = 250;
const ROLES: readonly AccessRole[] = ['freeBusyReader', 'reader', 'writerWithoutPrivateAccess', 'writer', 'owner'];

export function listCalendars(call: Call): Answer {
  const { world, settings } = call.scene;
  const syncToken = call.query.get('syncToken');
  if (
    syncToken !== null &&
    (call.query.has('minAccessRole') || call.query.get('showDeleted') === 'false' ||
      call.query.get('showHidden') === 'false')
  ) {
    throw invalid('Sync token cannot be used with other request restrictions.', 'syncToken');
  }
  const since = syncToken === null ? null : numberIn(syncToken, 'list', 'Invalid sync token value.', 'syncToken');
  const least = ROLES.indexOf((call.query.get('minAccessRole') ?? 'freeBusyReader') as AccessRole);
  const entries = call.account.list.flatMap((id) => world.calendars.get(id) ?? []).filter((calendar) => {
    if (!calendar.access.has(call.account.email)) return false;
    if (calendar.deleted && !flagOf(call, 'showDeleted') && since === null) return false;
    if (since !== null && calendar.listVersion <= since) return false;
    return ROLES.indexOf(calendar.access.get(call.account.email) ?? 'freeBusyReader') >= least;
  });
  const pageToken = call.query.get('pageToken');
  const from = pageToken === null ? 0 : numberIn(pageToken, 'page', 'Invalid page token value.', 'pageToken');
  const wanted = Math.min(integerOf(call, 'maxResults') ?? DEFAULT_PAGE, MAX_PAGE, settings.pageSizeCap || MAX_PAGE);
  const size = call.emptyPage ? 0 : wanted;
  const to = from + size;
  const newest = Math.max(0, ...call.account.list.map((id) => world.calendars.get(id)?.listVersion ?? 0));
  const body: JsonObject = { kind: 'calendar#calendarList', etag: `"p${newest.toString(32)}${entries.length}"` };
  if (isUnchanged(call, String(body.etag))) return { status: 304 };
  if (to < entries.length || call.emptyPage) body.nextPageToken = btoa(`page:${to}`);
  else body.nextSyncToken = btoa(`list:${newest}`);
  body.items = entries.slice(from, to).map((calendar) => entry(calendar, call.account.email));
  return { status: 200, body };
}

function numberIn(token: string, kind: string, message: string, location: string): number {
  let text = '';
  try {
    text = atob(token);
  } catch {
    // Refused below like any other foreign token.
  }
  if (!text.startsWith(`${kind}:`)) throw invalid(message, location);
  return Number(text.slice(kind.length + 1));
}

export function getListEntry(call: Call): Answer {
  const { calendar } = calendarOf(call);
  const body = entry(calendar, call.account.email);
  return isUnchanged(call, String(body.etag)) ? { status: 304 } : { status: 200, body };
}

function entry(calendar: Calendar, viewer: string): JsonObject {
  const role = calendar.access.get(viewer);
  if (!role) throw notFound();
  return {
    kind: 'calendar#calendarListEntry',
    etag: `"${calendar.listVersion}"`,
    id: calendar.id,
    summary: calendar.summary,
    timeZone: calendar.timeZone,
    ...(calendar.primary ? {} : { dataOwner: calendar.owner }),
    colorId: calendar.color.id,
    backgroundColor: calendar.color.background,
    foregroundColor: '#000000',
    selected: true,
    accessRole: role,
    defaultReminders: calendar.primary ? [{ method: 'popup', minutes: 10 }] : [],
    ...(calendar.primary ? { primary: true } : {}),
    ...(calendar.deleted ? { deleted: true } : {}),
    conferenceProperties: { allowedConferenceSolutionTypes: ['hangoutsMeet'] },
  };
}

export function getCalendar(call: Call): Answer {
  const { calendar } = calendarOf(call);
  const body: JsonObject = {
    kind: 'calendar#calendar',
    etag: `"${calendar.listVersion}"`,
    id: calendar.id,
    summary: calendar.summary,
    timeZone: calendar.timeZone,
    ...(calendar.primary ? {} : { dataOwner: calendar.owner }),
    conferenceProperties: { allowedConferenceSolutionTypes: ['hangoutsMeet'] },
  };
  return isUnchanged(call, String(body.etag)) ? { status: 304 } : { status: 200, body };
}
