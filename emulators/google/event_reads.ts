/** events.get, list and instances. */
import { isZone } from '../core/times.ts';
import { type Answer, Failure, invalid, type JsonObject, notFound } from './answers.ts';
import { settleConference } from './conference.ts';
import type { Cursors, Paging, SyncPoint } from './cursors.ts';
import { matches, type Selection, selectionOf } from './event_filters.ts';
import { renderEvent, renderStub, type View } from './event_view.ts';
import { instanceById, instancesOf, isMaster } from './instances.ts';
import { calendarOf, type Call, etagOf, flagOf, integerOf, isUnchanged } from './scene.ts';
import type { Calendar, StoredEvent } from './world.ts';

const DEFAULT_PAGE = 250;
const MAX_PAGE = 2500;
const NOT_WITH_SYNC_TOKEN = [
  'iCalUID',
  'orderBy',
  'privateExtendedProperty',
  'q',
  'sharedExtendedProperty',
  'timeMin',
  'timeMax',
  'updatedMin',
];
/** With these a list is no starting point for incremental sync. */
const NO_SYNC_TOKEN = NOT_WITH_SYNC_TOKEN.filter((name) => name !== 'timeMin' && name !== 'timeMax');

export function getEvent(call: Call): Answer {
  const view = viewOf(call);
  const event = instanceById(view.calendar, call.method.path.eventId ?? '');
  if (!event) throw notFound();
  if (call.byApp && event.unseenReads) {
    event.unseenReads--;
    throw notFound();
  }
  if (settleConference(event)) {
    event.version = call.scene.world.stamp(call.now);
    call.scene.world.put(view.calendar, event);
  }
  if (isUnchanged(call, etagOf(event))) return { status: 304 };
  return { status: 200, body: renderEvent(event, view), headers: { etag: etagOf(event) } };
}

export function listEvents(call: Call, cursors: Cursors): Answer {
  const view = viewOf(call);
  const { calendar } = view;
  const syncToken = call.query.get('syncToken');
  if (syncToken !== null) checkSyncQuery(call);
  const selection = selectionOf(call);
  const pageToken = call.query.get('pageToken');
  const paging = pageToken === null
    ? startOf(call, calendar, selection, syncToken, cursors)
    : cursors.page(pageToken, calendar.id, syncToken);
  if (syncToken !== null && paging.syncPoint?.generation !== calendar.syncGeneration) throw expired(call);
  return page(call, view, paging, cursors, (event) => {
    if (event.status !== 'cancelled') return renderEvent(event, view);
    const full = flagOf(call, 'showDeleted') || call.scene.settings.cancelledInLists === 'full';
    return full ? renderEvent(event, view) : renderStub(event, view);
  });
}

export function listInstances(call: Call, cursors: Cursors): Answer {
  const view = viewOf(call);
  const { calendar } = view;
  const master = calendar.events.get(call.method.path.eventId ?? '');
  if (!master) throw notFound();
  const pageToken = call.query.get('pageToken');
  let paging: Paging;
  if (pageToken === null) {
    const selection = { ...selectionOf(call), singleEvents: true };
    const all = isMaster(master) ? [...instancesOf(calendar, master, selection.timeMax)] : [];
    const original = call.query.get('originalStart');
    const rest = all.filter((event) => matches(event, selection))
      .filter((event) => original === null || (event.originalStart && sameStart(event.originalStart, original)));
    paging = { calendarId: calendar.id, rest, syncPoint: null, syncToken: null, gaveEmpty: false };
  } else paging = cursors.page(pageToken, calendar.id, null);
  return page(call, view, paging, cursors, (event) => renderEvent(event, view));
}

function sameStart(start: NonNullable<StoredEvent['originalStart']>, text: string): boolean {
  return 'day' in start ? start.day === text : start.at === Date.parse(text);
}

function viewOf(call: Call): View {
  const { calendar, role } = calendarOf(call);
  const zone = call.query.get('timeZone') ?? undefined;
  if (zone !== undefined && !isZone(zone)) throw invalid(`Invalid time zone definition for ${zone}.`, 'timeZone');
  const maxAttendees = integerOf(call, 'maxAttendees') ?? undefined;
  return { calendar, role, viewer: call.account.email, zone, maxAttendees, publicUrl: call.scene.publicUrl };
}

function checkSyncQuery(call: Call): void {
  if (call.query.has('orderBy')) throw invalid('Sync token cannot be used with non-default ordering.', 'orderBy');
  const restricted = NOT_WITH_SYNC_TOKEN.find((name) => call.query.has(name));
  if (restricted) throw invalid('Sync token cannot be used with other request restrictions.', restricted);
  if (call.query.get('showDeleted') === 'false') {
    throw invalid('Sync token cannot be used without deleted entries.', 'showDeleted');
  }
}

function expired(call: Call): Failure {
  if (call.scene.settings.expiredSyncToken === 'invalid') return invalid('Invalid sync token value.', 'syncToken');
  return new Failure(410, 'fullSyncRequired', { location: 'syncToken' });
}

/** The part of a query that an incremental list must repeat. */
function syncQuery(call: Call): string {
  const free = new Set([
    'syncToken',
    'pageToken',
    'maxResults',
    'timeMin',
    'timeMax',
    'showDeleted',
    'fields',
    'alt',
    'prettyPrint',
  ]);
  const kept = [...call.query].filter(([name]) => !free.has(name)).map(([name, value]) => `${name}=${value}`);
  return kept.sort().join('&');
}

function startOf(
  call: Call,
  calendar: Calendar,
  selection: Selection,
  syncToken: string | null,
  cursors: Cursors,
): Paging {
  const point = { calendarId: calendar.id, seq: calendar.log.length, generation: calendar.syncGeneration };
  const base = { calendarId: calendar.id, syncToken, gaveEmpty: false };
  if (syncToken !== null) {
    const since = cursors.syncPoint(syncToken, calendar.id);
    if (since.generation !== calendar.syncGeneration) {
      throw expired(call);
    }
    if (since.query !== syncQuery(call)) throw invalid('Invalid sync token value.', 'syncToken');
    const rest = changedSince(call, calendar, since, selection).filter((event) => matches(event, selection, true));
    if (call.scene.settings.repeatEntries) rest.push(...rest.slice(0, 1));
    return { ...base, rest, syncPoint: { ...point, query: since.query } };
  }
  const resumable = !NO_SYNC_TOKEN.some((name) => call.query.has(name));
  const rest = found(calendar, selection, call.query.get('orderBy'));
  return { ...base, rest, syncPoint: resumable ? { ...point, query: syncQuery(call) } : null };
}

/** Events whose newest change is at or after the point, each once. */
function changedSince(call: Call, calendar: Calendar, since: SyncPoint, { singleEvents }: Selection): StoredEvent[] {
  const { seriesDeletion } = call.scene.settings;
  const changed: StoredEvent[] = [];
  const seen = new Set<string>();
  const add = (event: StoredEvent) => {
    if (!seen.has(event.id)) changed.push(event);
    seen.add(event.id);
  };
  for (let seq = since.seq; seq < calendar.log.length; seq++) {
    const event = calendar.events.get(calendar.log[seq] ?? '');
    if (!event || event.changeSeq !== seq) continue;
    if (!singleEvents || !isMaster(event)) add(event);
    // A touched series comes back with all its instances, however far in the future.
    else {
      const deleted = event.status === 'cancelled';
      for (const [at, instance] of [...instancesOf(calendar, event)].entries()) {
        if (deleted && seriesDeletion === 'part' && at % 2 === 1) continue;
        add(deleted ? { ...instance, status: 'cancelled' } : instance);
      }
    }
  }
  if (!singleEvents) return changed;
  for (const { instance, seq } of calendar.vanished.values()) if (seq >= since.seq) add(instance);
  return changed;
}

function found(calendar: Calendar, selection: Selection, orderBy: string | null): StoredEvent[] {
  const events: StoredEvent[] = [];
  for (const event of calendar.events.values()) {
    if (!selection.singleEvents || !isMaster(event)) {
      // Stored exceptions come with their series when that is expanded.
      if (selection.singleEvents && event.recurringEventId && calendar.events.has(event.recurringEventId)) continue;
      if (matches(event, selection)) events.push(event);
    } else if (event.status !== 'cancelled' || selection.showDeleted) {
      for (const instance of instancesOf(calendar, event, selection.timeMax)) {
        const shown: StoredEvent = event.status === 'cancelled' ? { ...instance, status: 'cancelled' } : instance;
        if (matches(shown, selection)) events.push(shown);
      }
    }
  }
  if (orderBy === 'startTime') {
    if (!selection.singleEvents) {
      throw invalid('The requested ordering is not available for the particular query.', 'orderBy');
    }
    events.sort((a, b) => a.startAt - b.startAt || (a.id < b.id ? -1 : 1));
  } else if (orderBy === 'updated') events.sort((a, b) => a.updated - b.updated);
  return events;
}

function page(
  call: Call,
  view: View,
  paging: Paging,
  cursors: Cursors,
  render: (event: StoredEvent) => JsonObject,
): Answer {
  const { settings } = call.scene;
  const { calendar } = view;
  const wanted = Math.min(integerOf(call, 'maxResults') ?? DEFAULT_PAGE, MAX_PAGE, settings.pageSizeCap || MAX_PAGE);
  const later = call.query.has('pageToken');
  const empty = call.emptyPage || (settings.emptyMiddlePage && later && !paging.gaveEmpty);
  const size = empty ? 0 : wanted;
  // The newest state is shown, even of what changed since the first page.
  const whole = call.cutList === undefined ? paging.rest : paging.rest.slice(0, call.cutList);
  const items = whole.slice(0, size).map((event) => render(calendar.events.get(event.id) ?? event));
  const rest = whole.slice(size);
  const body: JsonObject = {
    kind: 'calendar#events',
    etag: `"p${(2 * calendar.version).toString(32)}"`,
    summary: calendar.summary,
    updated: new Date(Math.floor(calendar.version / 1000)).toISOString(),
    timeZone: view.zone ?? calendar.timeZone,
    accessRole: view.role,
    defaultReminders: calendar.primary ? [{ method: 'popup', minutes: 10 }] : [],
  };
  if (isUnchanged(call, String(body.etag))) return { status: 304 };
  if (rest.length > 0 || empty) {
    body.nextPageToken = cursors.pageToken({ ...paging, rest, gaveEmpty: paging.gaveEmpty || empty });
  } else if (paging.syncPoint) body.nextSyncToken = cursors.syncToken(paging.syncPoint);
  body.items = items;
  return { status: 200, body };
}
