/** The instances of a recurring event: computed from the master, replaced by stored exceptions. */
import { instantOfWall, offsetAt } from '../core/times.ts';
import { instantOf } from './event_body.ts';
import { instanceSuffix } from './event_view.ts';
import { occurrences, parseRecurrence } from './recurrence.ts';
import type { Calendar, StoredEvent, StoredTime } from './world.ts';

const DAY = 86_400_000;

export function isMaster(event: StoredEvent): boolean {
  return Array.isArray(event.body.recurrence) && event.recurringEventId === undefined;
}

/** Instances as the series alone makes them, in order of their start. */
export function* plainInstancesOf(calendar: Calendar, master: StoredEvent): Generator<StoredEvent> {
  const zone = 'at' in master.start ? master.start.zone : 'UTC';
  const startWall = 'at' in master.start
    ? master.start.at + offsetAt(zone, master.start.at)
    : Date.parse(`${master.start.day}T00:00:00Z`);
  const lines = Array.isArray(master.body.recurrence) ? master.body.recurrence : [];
  for (const wall of occurrences(parseRecurrence(lines, zone), startWall, zone)) {
    yield computed(calendar, master, wall, zone);
  }
}

/** Instances in order of their original start, exceptions in place of what they replace; ends after `until`. */
export function* instancesOf(calendar: Calendar, master: StoredEvent, until = Infinity): Generator<StoredEvent> {
  const used = new Set<string>();
  for (const instance of plainInstancesOf(calendar, master)) {
    if (instance.startAt >= until) break;
    used.add(instance.id);
    yield calendar.events.get(instance.id) ?? instance;
  }
  // An exception may have been moved into the window from beyond it.
  for (const id of calendar.exceptions.get(master.id) ?? []) {
    const exception = calendar.events.get(id);
    if (exception && !used.has(id) && exception.startAt < until) yield exception;
  }
}

/** The instance of that id: stored, or computed if the series has it. */
export function instanceById(calendar: Calendar, id: string): StoredEvent | null {
  const stored = calendar.events.get(id);
  if (stored) return stored;
  const cut = id.lastIndexOf('_');
  const master = cut < 0 ? undefined : calendar.events.get(id.slice(0, cut));
  if (!master || !isMaster(master)) return null;
  for (const instance of instancesOf(calendar, master)) if (instance.id === id) return instance;
  return null;
}

function computed(calendar: Calendar, master: StoredEvent, wall: number, zone: string): StoredEvent {
  const { recurrence: _recurrence, ...body } = master.body;
  let start: StoredTime;
  let end: StoredTime;
  if ('day' in master.start && 'day' in master.end) {
    const length = Date.parse(`${master.end.day}T00:00:00Z`) - Date.parse(`${master.start.day}T00:00:00Z`);
    start = { day: dayOf(wall) };
    end = { day: dayOf(wall + length) };
  } else {
    const at = instantOfWall(zone, wall);
    start = { at, zone };
    end = { at: at + master.endAt - master.startAt, zone: 'zone' in master.end ? master.end.zone : zone };
  }
  return {
    ...master,
    id: `${master.id}_${instanceSuffix(start)}`,
    body,
    start,
    end,
    startAt: instantOf(start, calendar.timeZone),
    endAt: instantOf(end, calendar.timeZone),
    recurringEventId: master.id,
    originalStart: start,
  };
}

function dayOf(wall: number): string {
  return new Date(Math.floor(wall / DAY) * DAY).toISOString().slice(0, 10);
}
