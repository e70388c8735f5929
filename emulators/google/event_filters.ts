/** Which events a list is about. */
import { Failure, isObject } from './answers.ts';
import { type Call, flagOf } from './scene.ts';
import type { StoredEvent } from './world.ts';

const UPDATED_MIN_REACH = 28 * 86_400_000;

export interface Selection {
  readonly singleEvents: boolean;
  readonly showDeleted: boolean;
  readonly strayCancelled: boolean;
  /** Milliseconds; infinite where not given. */
  readonly timeMin: number;
  readonly timeMax: number;
  readonly updatedMin: number;
  readonly iCalUID: string | null;
  /** Lower case. */
  readonly text: string | null;
  readonly eventTypes: readonly string[];
  readonly privateProperties: readonly string[];
  readonly sharedProperties: readonly string[];
  readonly propertyFilters: 'and' | 'or';
}

export function selectionOf(call: Call): Selection {
  const { query, now } = call;
  const timeMin = timeOf(query, 'timeMin') ?? -Infinity;
  const timeMax = timeOf(query, 'timeMax') ?? Infinity;
  if (timeMin >= timeMax) throw new Failure(400, 'timeRangeEmpty', { location: 'timeMax' });
  const updatedMin = timeOf(query, 'updatedMin') ?? -Infinity;
  if (updatedMin !== -Infinity && updatedMin < now - UPDATED_MIN_REACH) {
    throw new Failure(410, 'updatedMinTooLongAgo', { location: 'updatedMin' });
  }
  return {
    singleEvents: flagOf(call, 'singleEvents'),
    showDeleted: flagOf(call, 'showDeleted') || (query.has('updatedMin') && query.get('showDeleted') !== 'false'),
    strayCancelled: call.scene.settings.strayCancelled,
    timeMin,
    timeMax,
    updatedMin,
    iCalUID: query.get('iCalUID'),
    text: query.get('q')?.toLowerCase() ?? null,
    eventTypes: query.getAll('eventTypes'),
    privateProperties: query.getAll('privateExtendedProperty'),
    sharedProperties: query.getAll('sharedExtendedProperty'),
    propertyFilters: call.scene.settings.propertyFilters,
  };
}

/** Milliseconds of a second are ignored, as the API says. */
function timeOf(query: URLSearchParams, name: string): number | null {
  const text = query.get(name);
  return text === null ? null : Math.floor(Date.parse(text) / 1000) * 1000;
}

/** Incremental lists always contain deletions. */
export function matches(event: StoredEvent, selection: Selection, incremental = false): boolean {
  if (event.status === 'cancelled' && !incremental && !selection.showDeleted && !selection.strayCancelled) {
    // Cancelled instances belong to their series: without them a client would show what is not there.
    if (selection.singleEvents || !event.recurringEventId) return false;
  }
  if (selection.eventTypes.length > 0 && !selection.eventTypes.includes(String(event.body.eventType ?? 'default'))) {
    return false;
  }
  const recurs = Array.isArray(event.body.recurrence);
  // A series reaches beyond its first occurrence; only its beginning bounds it.
  if (!(recurs || event.endAt > selection.timeMin) || !(event.startAt < selection.timeMax)) return false;
  if (event.updated / 1000 < selection.updatedMin) return false;
  if (selection.iCalUID !== null && event.iCalUID !== selection.iCalUID) return false;
  if (selection.text !== null && !containsText(event, selection.text)) return false;
  return hasProperties(event, 'private', selection.privateProperties, selection.propertyFilters) &&
    hasProperties(event, 'shared', selection.sharedProperties, selection.propertyFilters);
}

function containsText(event: StoredEvent, text: string): boolean {
  const people = Array.isArray(event.body.attendees) ? event.body.attendees.filter(isObject) : [];
  const texts = [event.body.summary, event.body.description, event.body.location];
  for (const person of people) texts.push(person.displayName, person.email);
  const all = texts.filter((part) => typeof part === 'string').join(' ').toLowerCase();
  return text.split(/\s+/).every((word) => all.includes(word));
}

function hasProperties(event: StoredEvent, side: string, wanted: readonly string[], how: 'and' | 'or'): boolean {
  if (wanted.length === 0) return true;
  const properties = event.body.extendedProperties;
  const own = isObject(properties) && isObject(properties[side]) ? properties[side] : {};
  const holds = (constraint: string) => {
    const cut = constraint.indexOf('=');
    return cut > 0 && own[constraint.slice(0, cut)] === constraint.slice(cut + 1);
  };
  return how === 'and' ? wanted.every(holds) : wanted.some(holds);
}
