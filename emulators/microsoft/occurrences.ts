/** The occurrences of a series: computed from the master, replaced by stored exceptions. */
import { isObject } from '../core/answers.ts';
import { instantOfWall, offsetAt } from '../core/times.ts';
import { dayOf } from './event_times.ts';
import { occurrenceId, partsOfOccurrenceId } from './ids.ts';
import { seriesWalls } from './recurrence.ts';
import type { StoredEvent, StoredTime, World } from './world.ts';
import { ianaZone } from './zones.ts';

export function isMaster(event: StoredEvent): boolean {
  return isObject(event.body.recurrence) && event.masterId === null;
}

export type EventType = 'singleInstance' | 'occurrence' | 'exception' | 'seriesMaster';

export function typeOf(world: World, event: StoredEvent): EventType {
  if (isMaster(event)) return 'seriesMaster';
  if (event.masterId === null) return 'singleInstance';
  return world.event(event.immutableId) === event ? 'exception' : 'occurrence';
}

/** Occurrences by their original start, exceptions in place of what they replace, deleted ones too. */
export function* occurrencesOf(world: World, master: StoredEvent, until: number): Generator<StoredEvent> {
  if (!isObject(master.body.recurrence)) return;
  const zone = 'at' in master.start ? ianaZone(master.start.zone) ?? 'UTC' : 'UTC';
  const first = master.startAt + offsetAt(zone, master.startAt);
  const used = new Set<StoredEvent>();
  for (const wall of seriesWalls(master.body.recurrence, first)) {
    const occurrence = computed(master, wall, zone);
    if (occurrence.startAt >= until) break;
    const stored = world.event(occurrence.immutableId) ?? occurrence;
    used.add(stored);
    yield stored;
  }
  // An exception may have been moved into the window from beyond it.
  for (const exception of world.exceptionsOf(master)) {
    if (!used.has(exception) && exception.startAt < until) yield exception;
  }
}

/** The occurrence of that id that is unchanged; null if no series has it. */
export function occurrenceOf(world: World, id: string): StoredEvent | null {
  const parts = partsOfOccurrenceId(id);
  const master = parts ? world.event(parts.masterId) : null;
  if (!parts || !master || master.deleted) return null;
  for (const occurrence of occurrencesOf(world, master, parts.originalStart + 1)) {
    if (occurrence.immutableId === id || occurrence.restId === id) return occurrence;
  }
  return null;
}

function computed(master: StoredEvent, wall: number, zone: string): StoredEvent {
  const allDay = 'day' in master.start;
  const startAt = allDay ? wall : instantOfWall(zone, wall);
  const endAt = startAt + master.endAt - master.startAt;
  const time = (at: number, model: StoredTime): StoredTime =>
    'day' in model ? { day: dayOf(at) } : { at, zone: model.zone };
  return {
    ...master,
    immutableId: occurrenceId(master.immutableId, startAt),
    restId: occurrenceId(master.restId, startAt),
    transactionId: null,
    body: { ...master.body, recurrence: null },
    start: time(startAt, master.start),
    end: time(endAt, master.end),
    startAt,
    endAt,
    masterId: master.immutableId,
    originalStart: time(startAt, master.start),
    tags: new Map(),
  };
}

export interface Window {
  /** Milliseconds since the epoch; `to` exclusive. */
  readonly from: number;
  readonly to: number;
}

export function isInside(event: Pick<StoredEvent, 'startAt' | 'endAt'>, window: Window): boolean {
  return event.startAt < window.to && (event.endAt > window.from || event.startAt >= window.from);
}

/** Singles, occurrences and exceptions of these events inside a window, in order. Never masters. */
export function viewOf(world: World, events: readonly StoredEvent[], window: Window): StoredEvent[] {
  return events
    .filter((event) => !event.deleted && event.masterId === null)
    .flatMap((event) => (isMaster(event) ? [...occurrencesOf(world, event, window.to)] : [event]))
    .filter((event) => !event.deleted && isInside(event, window))
    .sort((a, b) => a.startAt - b.startAt || a.version - b.version);
}
