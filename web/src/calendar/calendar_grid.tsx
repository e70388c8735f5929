/** Day, week and month as a grid: with a column for each person where there is room for it, else with all of them in each day. */
import {
  type Calendar,
  createCalendar,
  DayGrid,
  destroyCalendar,
  Interaction,
  ResourceTimeGrid,
  TimeGrid,
} from '@event-calendar/core';
import { type ComponentChild, render } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import '@event-calendar/core/index.css';
import { useMedia } from '../parts/media.ts';
import { PersonBadge } from '../parts/person_badge.tsx';
import { locale, sayDate } from '../words/i18n.ts';
import type { View } from './calendar_address.ts';
import { type Entry, orderOf, ownerOf } from './entry.ts';
import { EntryMark } from './entry_mark.tsx';
import { moveByKey } from './keyboard_move.ts';
import { monthEntries, monthOrder } from './month_days.ts';
import { type Person, UNASSIGNED } from './people.ts';
import { type Period, periodOf } from './period.ts';
import { words } from './words.ts';

/** A stretch of the practice's clock: `YYYY-MM-DDTHH:mm`. */
export interface Stretch {
  readonly start: string;
  readonly end: string;
  /** The column it is in: a member's id, null for that of appointments without one; undefined where columns are no people. */
  readonly practitioner?: string | null | undefined;
}

interface GridProps {
  readonly view: Exclude<View, 'agenda'>;
  readonly day: string;
  /** What the practice's clock reads now. */
  readonly now: () => string;
  readonly entries: readonly Entry[];
  /** Who is shown, in their order. */
  readonly people: readonly Person[];
  readonly label: string;
  /** Nothing is known yet of what it will hold. */
  readonly empty: boolean;
  readonly onOpen: (entry: Entry) => void;
  /** False where it cannot be moved now. */
  readonly onMove: (entry: Entry, to: Stretch) => boolean;
  readonly onCreate: (stretch: Stretch) => void;
  readonly onDay: (day: string) => void;
}

const PLUGINS = [TimeGrid, ResourceTimeGrid, DayGrid, Interaction];
const VIEWS = { day: 'timeGridDay', week: 'timeGridWeek', month: 'dayGridMonth' } as const;
const COLUMN_VIEWS = { day: 'resourceTimeGridDay', week: 'resourceTimeGridWeek' } as const;
/** So many people have columns of their own in each day of a week, where the window is as wide as this. */
const FEW = 3;
const WIDE = '(min-width: 70rem)';
/** Pixels: what the window holds beside the month, a day's number with its last line, and one entry. */
const AROUND = 290;
const FRAME = 50;
const LINE = 22;
const MOST = 8;
const HOUR = 60;

/** How many entries a day of the month shows; the others are one step away. */
function roomFor({ from, until }: Period): number {
  const weeks = Math.round((Date.parse(until) - Date.parse(from)) / (7 * 24 * HOUR * 60_000));
  const lines = Math.floor(((innerHeight - AROUND) / weeks - FRAME) / LINE);
  return Math.min(MOST, Math.max(1, lines));
}

function isMovable(entry: Entry): boolean {
  return entry.kind === 'appointment' && !entry.cancelled && entry.start !== null;
}

const later = (wall: string, seconds: number) =>
  new Date(Date.parse(`${wall}:00Z`) + seconds * 1000).toISOString().slice(0, 16);
const minutesOf = ({ start, end }: Entry) => (Date.parse(`${end}Z`) - Date.parse(`${start}Z`)) / 60_000;
/** The library's dates have the day that is meant on the browser's own clock. */
const dayOfDate = (date: Date) =>
  [date.getFullYear(), date.getMonth() + 1, date.getDate()].map((part) => String(part).padStart(2, '0')).join('-');

/** How far the practice's clock is from UTC: on that clock the library draws its line of the present. */
function offsetOf(wall: string): string {
  const quarters = Math.round((Date.parse(`${wall}:00Z`) - Date.now()) / (15 * 60_000));
  const minutes = Math.abs(quarters) * 15;
  const two = (value: number) => String(Math.trunc(value)).padStart(2, '0');
  return `${quarters < 0 ? '-' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`;
}

/** What of the library's events is ours: an entry, or how many more a day holds. None for a stretch that is being drawn. */
interface Own {
  readonly entry?: Entry;
  readonly more?: { readonly day: string; readonly count: number };
  readonly order?: string;
}
const ownOf = (event: Calendar.Event) => event.extendedProps as Own;

function inputOf(entry: Entry, inMonth: boolean): Calendar.EventInput {
  const movable = isMovable(entry);
  const own: Own = { entry, order: inMonth ? monthOrder(entry) : orderOf(entry) };
  return {
    id: entry.key,
    start: entry.start!,
    end: entry.end!,
    allDay: entry.allDay,
    resourceId: ownerOf(entry),
    startEditable: movable,
    durationEditable: movable && !inMonth,
    extendedProps: { ...own },
  };
}

function moreOn(day: string, count: number): Calendar.EventInput {
  const own: Own = { more: { day, count }, order: '9' };
  return { id: `more:${day}`, start: day, end: day, allDay: true, editable: false, extendedProps: { ...own } };
}

function classOf({ event, view }: Calendar.EventClassNamesInfo): string[] {
  const { entry, more } = ownOf(event);
  if (more !== undefined) return ['entry-others'];
  if (entry === undefined) return ['entry', 'entry-in-day'];
  return [
    'entry',
    `entry-${entry.kind}`,
    `entry-in-${view.type === VIEWS.month ? 'month' : 'day'}`,
    `person-${entry.person?.color ?? 0}`,
    entry.cancelled ? 'entry-cancelled' : '',
    entry.sync === 'conflict' ? 'entry-conflict' : '',
    `from-${entry.source}`,
  ].filter(Boolean);
}

function drawn(content: ComponentChild): Calendar.Content {
  const host = document.createElement('div');
  render(content, host);
  return { domNodes: [...host.childNodes] };
}

function contentOf({ event, view }: Calendar.EventContentInfo): Calendar.Content {
  const { entry, more } = ownOf(event);
  if (more !== undefined) {
    return drawn(
      <button type='button' data-day={more.day}>
        {words.grid.more(more.count)}
        <span class='unseen'>, {words.grid.moreHint}</span>
      </button>,
    );
  }
  if (entry === undefined) return { domNodes: [] };
  const line = view.type === VIEWS.month || entry.allDay;
  return drawn(
    <EntryMark entry={entry} shape={line ? 'line' : minutesOf(entry) <= HOUR / 2 ? 'short' : 'tall'} />,
  );
}

/** A day's name, which leads to that day. A press on it draws no new appointment. */
function dayLink(date: Date, text: string): Calendar.Content {
  return drawn(
    <button
      type='button'
      class='day-link'
      data-day={dayOfDate(date)}
      onPointerDown={(event) => event.stopPropagation()}
    >
      {text}
    </button>,
  );
}

const format = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(locale, options);
const weekday = format({ weekday: 'short' });
const weekdayAndDay = format({ weekday: 'short', day: 'numeric' });
const longDay = format({ weekday: 'long', day: 'numeric' });
const headedByDays = { dayHeaderFormat: (date: Date) => dayLink(date, weekdayAndDay.format(date)) };

/** What the library is told once and for all. */
const FIXED: Calendar.Options = {
  locale,
  firstDay: 1,
  headerToolbar: { start: '', center: '', end: '' },
  height: '100%',
  nowIndicator: true,
  scrollTime: '07:30:00',
  slotDuration: '00:30:00',
  snapDuration: '00:15:00',
  slotHeight: 34,
  slotEventOverlap: false,
  editable: true,
  eventResizableFromStart: true,
  selectable: true,
  allDayContent: words.grid.allDay,
  slotLabelFormat: { hour: '2-digit', minute: '2-digit', hour12: false },
  views: {
    timeGridDay: { dayHeaderFormat: (date) => sayDate(longDay.format(date)) },
    timeGridWeek: headedByDays,
    resourceTimeGridDay: { columnWidth: 'minmax(8.5rem, 1fr)' },
    resourceTimeGridWeek: { ...headedByDays, datesAboveResources: true, columnWidth: 'minmax(3.5rem, 1fr)' },
    dayGridMonth: {
      dayHeaderFormat: (date) => weekday.format(date),
      dayCellContent: ({ date }) => dayLink(date, String(date.getDate())),
    },
  },
  resourceLabelContent: ({ resource }) => {
    const person = resource.extendedProps['person'] as Person | undefined;
    return person === undefined ? '' : drawn(
      <span class='grid-person' title={person.name}>
        <PersonBadge {...person} />
        <span class='grid-person-name'>{person.name}</span>
      </span>,
    );
  },
  eventOrder: (a, b) => ownOf(a).order! < ownOf(b).order! ? -1 : 1,
  eventClassNames: classOf,
  eventContent: contentOf,
};

const TABLE = ['table', 'rowgroup', 'row', 'cell', 'columnheader'].map((role) => `[role=${role}]`).join();

/**
 * The library calls its grid a table, whose cells are empty: the entries lie over them. Read aloud it is a group of buttons, which
 * say what the columns would. It scrolls, so that keys must reach it.
 */
function calledByItsContent(root: Element): void {
  for (const element of root.querySelectorAll(TABLE)) {
    for (const name of ['role', 'aria-colindex', 'aria-colspan']) element.removeAttribute(name);
  }
  for (const labelled of root.querySelectorAll('time[aria-label], span[aria-label]')) {
    labelled.removeAttribute('aria-label');
  }
  root.querySelector('.ec-main')?.setAttribute('tabindex', '0');
}

export function CalendarGrid(props: GridProps) {
  const { view, day, entries, people, label, empty } = props;
  const latest = useRef(props);
  latest.current = props;
  const host = useRef<HTMLDivElement>(null);
  const calendar = useRef<Calendar | null>(null);

  // News that arrive in the middle of a drag wait until it is over.
  const [dragging, setDragging] = useState(false);
  const held = useRef(entries);
  if (!dragging) held.current = entries;
  const placed = held.current;
  const wide = useMedia(WIDE);
  const columns = people.length > 1 && (view === 'day' || (view === 'week' && wide && people.length <= FEW));
  const room = useMemo(() => roomFor(periodOf('month', day)), [day.slice(0, 7)]);
  const events = useMemo(() => {
    const dated = placed.filter(({ start }) => start !== null);
    if (view !== 'month') return dated.map((entry) => inputOf(entry, false));
    const month = monthEntries(dated, periodOf('month', day), room);
    return [
      ...month.drawn.map((entry) => inputOf(entry, true)),
      ...[...month.more].map(([at, count]) => moreOn(at, count)),
    ];
  }, [placed, view, room, view === 'month' && day.slice(0, 7)]);
  const resources = useMemo(
    () => columns ? people.map((person) => ({ id: person.id, title: person.name, extendedProps: { person } })) : [],
    [columns, people],
  );
  const shown: Calendar.Options = {
    view: columns ? COLUMN_VIEWS[view] : VIEWS[view],
    date: day,
    timeZone: offsetOf(props.now()),
    resources,
    events,
  };

  const told = useRef<Calendar.Options>(shown);
  // What is drawn anew keeps the focus.
  const refocus = useRef<string | null>(null);
  const giveFocusBack = () => {
    if (document.activeElement !== document.body || refocus.current === null) return;
    host.current?.querySelector<HTMLElement>(`[data-entry="${refocus.current}"]`)?.focus({ preventScroll: true });
  };
  useEffect(() => {
    const memberOf = (column: Calendar.Resource | undefined) =>
      column === undefined ? undefined : column.id === UNASSIGNED || column.id === '' ? null : column.id;
    const moved = (event: Calendar.Event, to: (entry: Entry) => Stretch, revert: () => void) => {
      const { entry } = ownOf(event);
      if (entry === undefined) return revert();
      const stretch = to(entry);
      const stays = stretch.start === entry.start && stretch.end === entry.end && stretch.practitioner === undefined;
      if (stays || !latest.current.onMove(entry, stretch)) revert();
    };
    const create = (start: string, end: string, allDay: boolean, column: Calendar.Resource | undefined) =>
      latest.current.onCreate({
        start: allDay ? `${start.slice(0, 10)}T09:00` : start.slice(0, 16),
        end: allDay ? '' : end.slice(0, 16),
        practitioner: memberOf(column),
      });
    const made = createCalendar(host.current!, PLUGINS, {
      ...FIXED,
      ...told.current,
      eventDragStart: () => setDragging(true),
      eventDragStop: () => setDragging(false),
      eventResizeStart: () => setDragging(true),
      eventResizeStop: () => setDragging(false),
      eventDrop: ({ event, delta, newResource, revert }) =>
        moved(event, (entry) => ({
          start: later(entry.start!, delta.seconds),
          end: later(entry.end!, delta.seconds),
          practitioner: memberOf(newResource),
        }), revert),
      eventResize: (info) => {
        const { startDelta, endDelta } = info as typeof info & { startDelta: Calendar.Duration };
        moved(info.event, (entry) => ({
          start: later(entry.start!, startDelta.seconds),
          end: later(entry.end!, endDelta.seconds),
        }), info.revert);
      },
      // A click means the usual length; a stretch that is drawn means itself.
      dateClick: ({ dateStr, allDay, resource }) => create(dateStr, '', allDay, resource),
      select: ({ startStr, endStr, allDay, resource }) => {
        made.unselect();
        create(startStr, endStr, allDay, resource);
      },
    });
    calendar.current = made;
    const called = new MutationObserver(() => {
      calledByItsContent(host.current!);
      // Before the browser takes the next key: it would be lost on the page's body.
      giveFocusBack();
    });
    called.observe(host.current!, { childList: true, subtree: true, attributeFilter: ['aria-label'] });
    calledByItsContent(host.current!);
    return () => {
      called.disconnect();
      void destroyCalendar(made);
    };
  }, []);

  useEffect(() => {
    const focused = document.activeElement?.closest('.grid [data-entry]')?.getAttribute('data-entry');
    if (typeof focused === 'string') refocus.current = focused;
    for (const name of ['view', 'date', 'timeZone', 'resources', 'events'] as const) {
      if (told.current[name] !== shown[name]) calendar.current!.setOption(name, shown[name]);
    }
    told.current = shown;
    requestAnimationFrame(() => {
      giveFocusBack();
      refocus.current = null;
    });
  }, [shown.view, day, shown.timeZone, resources, events]);

  // The library measures itself after it was drawn, and then once more: the jump is kept out of sight.
  const [settled, setSettled] = useState(false);
  useEffect(() => {
    if (empty || settled) return;
    let frame = requestAnimationFrame(() => frame = requestAnimationFrame(() => setSettled(true)));
    return () => cancelAnimationFrame(frame);
  }, [empty, settled]);

  // The edges of an entry, which change its length, lie over the button.
  const entryAt = ({ target }: Event) => {
    const key = (target as Element).closest('.ec-event')?.querySelector('[data-entry]')?.getAttribute('data-entry');
    return placed.find((one) => one.key === key);
  };
  const onClick = (event: Event) => {
    const entry = entryAt(event);
    const at = (event.target as Element).closest('[data-day]')?.getAttribute('data-day');
    if (entry !== undefined) props.onOpen(entry);
    else if (typeof at === 'string') props.onDay(at);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const entry = entryAt(event);
    if (entry === undefined || !isMovable(entry)) return;
    const to = moveByKey(entry, event);
    if (to === null) return;
    event.preventDefault();
    props.onMove(entry, to);
  };

  return (
    <section
      class={`grid grid-${view}${columns ? ' grid-columns' : ''}${settled ? '' : ' grid-unsettled'}`}
      style={{ '--room': String(room) }}
      aria-label={label}
      aria-describedby='grid-keys'
      onClick={onClick}
      onKeyDown={onKeyDown}
    >
      <p id='grid-keys' class='unseen'>{words.grid.keys}</p>
      <div ref={host} class='grid-host' />
    </section>
  );
}
