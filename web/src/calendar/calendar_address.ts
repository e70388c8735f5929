/** What of the calendar is shown, as the page's address says it: a reload, a link and the back button keep it. */
import { isDay } from '../../../supabase/functions/_shared/zoned_time.ts';
import { UNASSIGNED } from './people.ts';

export const VIEWS = ['day', 'week', 'month', 'agenda'] as const;
export type View = typeof VIEWS[number];

/** The appointment or event whose drawer is open. */
export interface Opened {
  readonly kind: 'appointment' | 'event';
  readonly id: string;
}

export interface Shown {
  readonly view: View;
  readonly day: string;
  /** `all`, `cassius`, `conflicts`, or a provider's key. */
  readonly source: string;
  /** Ids of members, or `UNASSIGNED`; null shows all. */
  readonly people: readonly string[] | null;
  readonly cancelled: boolean;
  readonly opened: Opened | null;
}

/** What an address without a word about it means. */
export interface Defaults {
  readonly view: View;
  readonly day: string;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const OPENED = { appointment: 'rdv', event: 'event' } as const;

/** Anything malformed reads as if it were not there. */
export function readAddress(query: URLSearchParams, sources: readonly string[], defaults: Defaults): Shown {
  const uuid = (name: string) => {
    const value = query.get(name);
    return value !== null && UUID.test(value) ? value : null;
  };
  const people = (query.get('practitioner') ?? '').split(',').filter((id) => UUID.test(id) || id === UNASSIGNED);
  const day = query.get('date') ?? '';
  const source = query.get('show') ?? 'all';
  const rdv = uuid(OPENED.appointment);
  const event = uuid(OPENED.event);
  return {
    view: VIEWS.find((view) => view === query.get('view')) ?? defaults.view,
    day: isDay(day) ? day : defaults.day,
    source: sources.includes(source) ? source : 'all',
    people: people.length > 0 ? people : null,
    cancelled: query.get('cancelled') !== '0',
    opened: rdv !== null ? { kind: 'appointment', id: rdv } : event !== null ? { kind: 'event', id: event } : null,
  };
}

/** The shortest address that reads as `shown`. */
export function addressOf(shown: Shown, defaults: Defaults): string {
  const query = new URLSearchParams();
  if (shown.view !== defaults.view) query.set('view', shown.view);
  if (shown.day !== defaults.day) query.set('date', shown.day);
  if (shown.source !== 'all') query.set('show', shown.source);
  if (shown.people !== null) query.set('practitioner', shown.people.join());
  if (!shown.cancelled) query.set('cancelled', '0');
  if (shown.opened !== null) query.set(OPENED[shown.opened.kind], shown.opened.id);
  const text = query.toString().replaceAll('%2C', ',');
  return text === '' ? '/calendar' : `/calendar?${text}`;
}
