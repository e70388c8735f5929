/** What the change or the deletion of a series does to its instances. */
import { isMaster, plainInstancesOf } from './instances.ts';
import type { Calendar, StoredEvent, World } from './world.ts';

/** The instances of a series as it is now; none for an event that does not recur. */
export function instancesById(calendar: Calendar, event: StoredEvent): Map<string, StoredEvent> {
  const instances = isMaster(event) ? [...plainInstancesOf(calendar, event)] : [];
  return new Map(instances.map((instance) => [instance.id, instance]));
}

/**
 * Notes which instances a change took away, as by an earlier end ("this and following") or another time of day.
 * Incremental lists tell of them; exceptions among them are deleted. To be called once the change is stored.
 */
export function noteVanished(
  world: World,
  calendar: Calendar,
  event: StoredEvent,
  before: ReadonlyMap<string, StoredEvent>,
  now: number,
): void {
  const after = instancesById(calendar, event);
  for (const [id, instance] of before) {
    if (after.has(id)) continue;
    const exception = calendar.events.get(id);
    if (exception) cancelException(world, calendar, exception, now);
    else calendar.vanished.set(id, { instance: { ...instance, status: 'cancelled' }, seq: event.changeSeq });
  }
}

/** A deleted series takes its exceptions along. */
export function cancelExceptions(world: World, calendar: Calendar, master: StoredEvent, now: number): void {
  for (const id of calendar.exceptions.get(master.id) ?? []) {
    const exception = calendar.events.get(id);
    if (exception) cancelException(world, calendar, exception, now);
  }
}

function cancelException(world: World, calendar: Calendar, exception: StoredEvent, now: number): void {
  if (exception.status === 'cancelled') return;
  exception.status = 'cancelled';
  exception.updated = exception.version = world.stamp(now);
  world.put(calendar, exception);
}
