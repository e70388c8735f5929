/** Reading events: one, lists, views and the instances of a series. */
import type { Answer } from '../core/answers.ts';
import { badRequest, GraphError } from './errors.ts';
import { type EventFilter, parseFilter, parseOrder } from './event_filters.ts';
import { windowBound } from './event_times.ts';
import { renderEvent } from './event_view.ts';
import { BOUNDS } from './facts.ts';
import { isMaster, occurrencesOf, viewOf, type Window } from './occurrences.ts';
import { paged, selected } from './paging.ts';
import { calendarOf, type Call, eventOf, namesCalendar } from './scene.ts';
import { expandedTags } from './tags.ts';
import type { Calendar, StoredEvent } from './world.ts';

const DAY = 86_400_000;

export function getEvent(call: Call): Answer {
  const tags = expandedTags(call.query.get('$expand'));
  const event = renderEvent(call.scene.world, eventOf(call), call.prefer, tags);
  return { status: 200, body: selected(event, call.query.get('$select')) };
}

/** Singles and masters of a calendar, or of the whole mailbox. */
export function listEvents(call: Call): Answer {
  const { settings } = call.scene;
  const filter = parseFilter(call.query.get('$filter'), settings.tagSearchDelaySeconds);
  const events = calendarsToSearch(call, filter)
    .flatMap((calendar) => call.scene.world.eventsOf(calendar))
    .filter((event) => !event.deleted && event.masterId === null);
  return listed(call, events, filter);
}

export function listView(call: Call): Answer {
  const window = windowOf(call);
  if (window.to - window.from > BOUNDS.viewDays * DAY) throw badRequest('The window is longer than 1825 days.');
  const { world, settings } = call.scene;
  const filter = parseFilter(call.query.get('$filter'), settings.tagSearchDelaySeconds);
  return listed(call, viewOf(world, world.eventsOf(calendarOf(call)), window), filter);
}

export function listInstances(call: Call): Answer {
  const master = eventOf(call);
  if (!isMaster(master)) throw badRequest('Only a series has instances.');
  const { world } = call.scene;
  const window = windowOf(call);
  const instances = [...occurrencesOf(world, master, window.to)]
    .filter((event) => !event.deleted && event.startAt < window.to && event.endAt > window.from);
  return listed(call, instances, parseFilter(call.query.get('$filter'), 0));
}

function listed(call: Call, events: readonly StoredEvent[], filter: EventFilter | null): Answer {
  const tags = expandedTags(call.query.get('$expand'));
  const order = parseOrder(call.query.get('$orderby'));
  const chosen = events.filter((event) => filter?.matches(event, call.now) ?? true);
  if (order) chosen.sort(order);
  const { world, settings } = call.scene;
  return paged(call, chosen, settings.eventsPageSize, (event) => renderEvent(world, event, call.prefer, tags));
}

function calendarsToSearch(call: Call, filter: EventFilter | null): Calendar[] {
  const { world, settings } = call.scene;
  const everywhere = world.calendarsOf(call.account);
  if (!namesCalendar(call)) return everywhere;
  if (!filter?.byTag || settings.tagFilterOnCalendar === 'calendar') return [calendarOf(call)];
  if (settings.tagFilterOnCalendar === 'mailbox') return everywhere;
  throw new GraphError(400, 'ErrorInvalidUrlQueryFilter', { message: 'The filter is not supported here.' });
}

/** `startDateTime` and `endDateTime`, both required. */
export function windowOf(call: Call): Window {
  const from = windowBound(call.query.get('startDateTime') ?? '');
  const to = windowBound(call.query.get('endDateTime') ?? '');
  if (from === null || to === null) throw badRequest('This request requires a time window.');
  if (to < from) throw badRequest('The window ends before it starts.');
  return { from, to };
}
