/** `calendarView/delta`: a first round over a window, then what changed since, round by round. */
import type { Answer, JsonObject } from '../core/answers.ts';
import type { DeltaItem, DeltaState, DeltaTokens } from './delta_tokens.ts';
import { GraphError, violation } from './errors.ts';
import { windowOf } from './event_reads.ts';
import { idOf, renderEvent, renderSparse } from './event_view.ts';
import { isInside, isMaster, occurrencesOf, typeOf, viewOf, type Window } from './occurrences.ts';
import { cappedSize } from './paging.ts';
import { calendarOf, type Call } from './scene.ts';
import type { Calendar, LogEntry, StoredEvent } from './world.ts';

export function listChanges(call: Call, tokens: DeltaTokens): Answer {
  const calendar = calendarOf(call);
  const { query } = call;
  const skip = query.get('$skiptoken');
  const since = query.get('$deltatoken');
  if ((skip ?? since) !== null && query.size > 1 && call.scene.settings.strict) {
    throw violation('The link of a round is to be called as it is.');
  }
  if (skip !== null) return page(call, calendar, tokens, found(call, calendar, tokens.find(skip, 'skip', calendar)));
  if (since !== null) {
    const state = found(call, calendar, tokens.find(since, 'delta', calendar));
    return page(call, calendar, tokens, nextRound(call, calendar, state));
  }
  return page(call, calendar, tokens, firstRound(call, calendar, windowOf(call)));
}

function found(call: Call, calendar: Calendar, state: DeltaState | null): DeltaState {
  if (state) return state;
  switch (call.scene.settings.deadDelta) {
    case '410':
      throw new GraphError(410, 'SyncStateNotFound');
    case '404':
      throw new GraphError(404, 'syncStateNotFound');
    case '400':
      throw new GraphError(400, 'syncStateNotFound');
    default: {
      // The window is not stored: the caller gives it again.
      const location = `${call.url.origin}${call.url.pathname}`;
      throw new GraphError(410, 'resyncRequired', {
        message: `The token of ${calendar.name} is too old.`,
        headers: { location },
      });
    }
  }
}

function firstRound(call: Call, calendar: Calendar, window: Window): DeltaState {
  const { world } = call.scene;
  const seq = reportable(call, calendar);
  const young = new Set(calendar.log.slice(seq).map(({ event }) => event));
  const events = world.eventsOf(calendar).filter((event) => !young.has(event));
  const rest = events.filter((event) => !event.deleted && event.masterId === null)
    .flatMap((event) => itemsOf(call, event, window));
  return round(calendar, window, seq, rest, null);
}

function nextRound(call: Call, calendar: Calendar, state: DeltaState): DeltaState {
  const seq = reportable(call, calendar);
  const changes = calendar.log.slice(state.seq, seq);
  const newest = new Map<StoredEvent, LogEntry>();
  for (const entry of changes) {
    newest.delete(entry.event);
    newest.set(entry.event, entry);
  }
  const rest = [...newest.values()].flatMap((entry) => changeItems(call, calendar, entry, changes, state.window));
  return round(calendar, state.window, Math.max(seq, state.seq), rest, state.last);
}

function round(
  calendar: Calendar,
  window: Window,
  seq: number,
  rest: readonly DeltaItem[],
  last: DeltaItem | null,
): DeltaState {
  const { id: calendarId, generation } = calendar;
  return { kind: 'skip', calendarId, generation, window, seq, rest, last, gaveEmpty: false };
}

/** Up to where the change log is told: changes may be told late. */
function reportable(call: Call, calendar: Calendar): number {
  const since = call.now - call.scene.settings.deltaDelaySeconds * 1000;
  const young = calendar.log.findIndex(({ at }) => at > since);
  return young < 0 ? calendar.log.length : young;
}

function itemsOf(call: Call, event: StoredEvent, window: Window): DeltaItem[] {
  const { world, settings } = call.scene;
  const shown = (item: StoredEvent): DeltaItem => ({ event: item, removedId: null });
  if (!isMaster(event)) return isInside(event, window) ? [shown(event)] : [];
  const occurrences = viewOf(world, [event], window).map(shown);
  if (!settings.deltaShowsDeletedOccurrence) {
    return settings.deltaShowsMaster ? [shown(event), ...occurrences] : occurrences;
  }
  const gone = [...occurrencesOf(world, event, window.to)].filter((occurrence) =>
    occurrence.deleted && isInside(occurrence, window)
  );
  const removals = gone.map((occurrence) => ({ event: occurrence, removedId: occurrence.restId }));
  return [...(settings.deltaShowsMaster ? [shown(event)] : []), ...occurrences, ...removals];
}

function changeItems(
  call: Call,
  calendar: Calendar,
  entry: LogEntry,
  changes: readonly LogEntry[],
  window: Window,
): DeltaItem[] {
  const { event, restId } = entry;
  const { settings } = call.scene;
  const removal = [{ event, removedId: restId }];
  const moved = event.calendarId !== calendar.id;
  if (event.masterId !== null && event.deleted) return settings.deltaShowsDeletedOccurrence ? removal : [];
  if (moved || event.deleted) return removal;
  const items = itemsOf(call, event, window);
  if (settings.deltaShowsDeletedOccurrence) items.push(...vanished(call, event, items, changes, window));
  if (items.length > 0) return items;
  const wasInside = changes.some(({ event: other, before }) => other === event && before && isInside(before, window));
  return wasInside || settings.tombstonesOutsideWindow ? removal : [];
}

/** Occurrences that a series had and lost with these changes, because its rule or its time is another. */
function vanished(
  call: Call,
  event: StoredEvent,
  items: readonly DeltaItem[],
  changes: readonly LogEntry[],
  window: Window,
): DeltaItem[] {
  const lost = new Map<string, StoredEvent>();
  for (const { event: other, before } of changes) {
    if (other !== event || before === null) continue;
    const former = { ...event, ...before };
    for (const occurrence of occurrencesOf(call.scene.world, former, window.to)) {
      if (isInside(occurrence, window)) lost.set(occurrence.immutableId, occurrence);
    }
  }
  for (const item of items) lost.delete(item.event.immutableId);
  return [...lost.values()].map((occurrence) => ({ event: occurrence, removedId: occurrence.restId }));
}

function page(call: Call, calendar: Calendar, tokens: DeltaTokens, state: DeltaState): Answer {
  const { settings } = call.scene;
  const size = cappedSize(call.prefer.maxPageSize ?? settings.eventsPageSize, settings.pageSizeCap);
  const middle = settings.emptyMiddlePage && state.last !== null && !state.gaveEmpty && state.rest.length > 0;
  const empty = call.emptyPage || middle;
  const whole = state.rest.slice(0, call.cutList);
  const items = empty ? [] : whole.slice(0, size);
  const rest = whole.slice(items.length);
  const replayed = settings.replayItems && state.last !== null && !empty ? [state.last] : [];
  const after = {
    ...state,
    rest,
    last: items.at(-1) ?? state.last,
    gaveEmpty: state.gaveEmpty || middle,
  };
  const goesOn = rest.length > 0 || empty;
  const token = tokens.keep({ ...after, kind: goesOn ? 'skip' : 'delta' }, calendar, settings.deltaTokensPerMailbox);
  const link = `${call.url.origin}${call.url.pathname}?${goesOn ? '$skiptoken' : '$deltatoken'}=${token}`;
  return {
    status: 200,
    body: {
      '@odata.context': `${call.url.origin}/v1.0/$metadata#Collection(event)`,
      [goesOn ? '@odata.nextLink' : '@odata.deltaLink']: link,
      value: [...replayed, ...items].map((item) => shownItem(call, item)),
    },
  };
}

function shownItem(call: Call, { event, removedId }: DeltaItem): JsonObject {
  const { world, settings } = call.scene;
  const type = { '@odata.type': '#microsoft.graph.event' };
  // An item may have gone between the pages of a round.
  if (removedId !== null || event.deleted) {
    const id = idOf({ immutableId: event.immutableId, restId: removedId ?? event.restId }, call.prefer);
    return { ...type, id, '@removed': { reason: 'deleted' } };
  }
  const sparse = settings.sparseOccurrences && typeOf(world, event) === 'occurrence';
  return { ...type, ...(sparse ? renderSparse(world, event, call.prefer) : renderEvent(world, event, call.prefer)) };
}
