/** Day, week and month as a grid. What it shows is already on the practice's clock, so the library is told that all of it is UTC. */
import Calendar, {
  type CalendarOptions,
  type CalendarRef,
  type EventApi,
  type EventDisplayInfo,
} from '@fullcalendar/preact';
import dayGrid from '@fullcalendar/preact/daygrid';
import interaction from '@fullcalendar/preact/interaction';
import theme from '@fullcalendar/preact/themes/classic';
import timeGrid from '@fullcalendar/preact/timegrid';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import '@fullcalendar/preact/skeleton.css';
import '@fullcalendar/preact/themes/classic/theme.css';
import '@fullcalendar/preact/themes/classic/palette.css';
import { locale } from '../words/i18n.ts';
import type { View } from './calendar_address.ts';
import { type Entry, entryName } from './entry.ts';
import { EntryMark } from './entry_mark.tsx';
import { moveByKey } from './keyboard_move.ts';
import { monthEntries, monthOrder } from './month_days.ts';
import { type Period, periodOf } from './period.ts';
import { words } from './words.ts';

/** A stretch of the practice's clock: `YYYY-MM-DDTHH:mm`. */
export interface Stretch {
  readonly start: string;
  readonly end: string;
}

interface GridProps {
  readonly view: Exclude<View, 'agenda'>;
  readonly day: string;
  /** What the practice's clock reads now. */
  readonly now: () => string;
  readonly entries: readonly Entry[];
  readonly label: string;
  /** Nothing is known yet of what it will hold. */
  readonly empty: boolean;
  readonly onOpen: (entry: Entry) => void;
  /** False where it cannot be moved now. */
  readonly onMove: (entry: Entry, to: Stretch) => boolean;
  readonly onCreate: (stretch: Stretch) => void;
  readonly onDay: (day: string) => void;
}

const PLUGINS = [theme, dayGrid, timeGrid, interaction];
const VIEWS = { day: 'timeGridDay', week: 'timeGridWeek', month: 'dayGridMonth' } as const;
/** Pixels: what the window holds beside the month, a day's number with its last line, and one entry. */
const AROUND = 250;
const FRAME = 50;
const LINE = 22;
const MOST = 8;
const HOUR = 60;

const wall = (date: Date) => date.toISOString().slice(0, 16);
/** Undefined for the rectangle that follows the pointer, and for the line that says how many more there are. */
const entryIn = (event: EventApi) => event.extendedProps['entry'] as Entry | undefined;

/** How many entries a day of the month shows; the others are one step away. */
function roomFor({ from, until }: Period): number {
  const weeks = Math.round((Date.parse(until) - Date.parse(from)) / (7 * 24 * HOUR * 60_000));
  const lines = Math.floor(((innerHeight - AROUND) / weeks - FRAME) / LINE);
  return Math.min(MOST, Math.max(1, lines));
}

function isMovable(entry: Entry): boolean {
  return entry.kind === 'appointment' && !entry.cancelled && entry.start !== null;
}

function inputOf(entry: Entry) {
  const movable = isMovable(entry);
  return {
    id: entry.key,
    title: entryName(entry) ?? words.grid.noName,
    start: entry.start!,
    end: entry.end!,
    allDay: entry.allDay,
    startEditable: movable,
    durationEditable: movable,
    extendedProps: { entry, order: monthOrder(entry) },
  };
}

function moreOn(day: string, count: number) {
  return {
    id: `more:${day}`,
    title: words.grid.more(count),
    start: day,
    allDay: true,
    editable: false,
    extendedProps: { more: count, order: '9' },
  };
}

function classOf({ event, view }: EventDisplayInfo): string {
  const entry = entryIn(event);
  if (event.extendedProps['more'] !== undefined) return 'entry-others';
  if (entry === undefined) return 'entry entry-appointment';
  return [
    'entry',
    `entry-${entry.kind}`,
    `entry-in-${view.type === VIEWS.month ? 'month' : 'day'}`,
    entry.cancelled ? 'entry-cancelled' : '',
    entry.sync === 'conflict' ? 'entry-conflict' : '',
    `from-${entry.source}`,
  ].join(' ');
}

const dayHeader = new Intl.DateTimeFormat(locale, { timeZone: 'UTC', weekday: 'short', day: 'numeric' });

/** Names the cell after its entries: the library hides that from screen readers and says the same in other words. */
function namedByContent({ el }: { el: HTMLElement }): void {
  el.removeAttribute('aria-label');
  for (const hidden of el.querySelectorAll('[aria-hidden]')) hidden.removeAttribute('aria-hidden');
}

/** What the library is told once and for all. */
const FIXED: CalendarOptions = {
  plugins: PLUGINS,
  locale,
  firstDay: 1,
  timeZone: 'UTC',
  headerToolbar: false,
  height: '100%',
  expandRows: true,
  nowIndicator: true,
  scrollTime: '07:30:00',
  slotDuration: '00:30:00',
  snapDuration: '00:15:00',
  slotMinHeight: 26,
  slotEventOverlap: false,
  displayEventEnd: false,
  eventDisplay: 'block',
  eventMinHeight: 18,
  eventShortHeight: 34,
  fixedWeekCount: false,
  navLinks: true,
  editable: true,
  eventResizableFromStart: true,
  selectable: true,
  selectMirror: true,
  dragRevertDuration: 150,
  allDayText: words.grid.allDay,
  eventTimeFormat: { hour: '2-digit', minute: '2-digit', hour12: false },
  slotHeaderFormat: { hour: '2-digit', minute: '2-digit', hour12: false },
  dayHeaderFormat: { weekday: 'short', day: 'numeric' },
  views: { dayGridMonth: { dayHeaderFormat: { weekday: 'short' }, eventOrder: 'order' } },
  timedText: words.grid.hours,
  // A label must begin with what is seen.
  navLinkHint: (text: string, date: Date) => `${dayHeader.format(date)} : ${words.grid.day(text)}`,
  viewDidMount: ({ el }) => {
    // The library names the header of the hours for screen readers only, and leaves it empty.
    for (const header of el.querySelectorAll('[role=rowheader]:empty')) {
      const text = document.createElement('span');
      text.className = 'unseen';
      text.textContent = words.grid.hours;
      header.append(text);
    }
  },
  dayRowClass: 'grid-row',
  dayHeaderInnerClass: 'grid-label',
  dayCellTopInnerClass: 'grid-label',
  slotHeaderInnerClass: 'grid-label',
  allDayHeaderInnerClass: 'grid-label',
  dayHeaderDidMount: namedByContent,
  dayCellDidMount: namedByContent,
  eventClass: classOf,
  eventColor: 'var(--entry)',
  eventContrastColor: 'var(--entry-ink)',
  eventContent: (info: EventDisplayInfo) => <EntryMark info={info} />,
  // An appointment stays among the hours, and an all-day event stays a day.
  eventAllow: (span, event) => span.allDay === (event?.allDay ?? false),
  eventDidMount: ({ el, event }) => {
    if (entryIn(event) !== undefined) el.setAttribute('data-entry', event.id);
  },
};

export function CalendarGrid(props: GridProps) {
  const { view, day, entries, label, empty } = props;
  const latest = useRef(props);
  latest.current = props;
  const calendar = useRef<CalendarRef>(null);

  // News that arrive in the middle of a drag wait until it is over.
  const [dragging, setDragging] = useState(false);
  const held = useRef(entries);
  if (!dragging) held.current = entries;
  const drawn = held.current;
  const room = useMemo(() => roomFor(periodOf('month', day)), [day.slice(0, 7)]);
  const events = useMemo(() => {
    const placed = drawn.filter(({ start }) => start !== null);
    if (view !== 'month') return placed.map(inputOf);
    const month = monthEntries(placed, periodOf('month', day), room);
    return [...month.drawn.map(inputOf), ...[...month.more].map(([at, count]) => moreOn(at, count))];
  }, [drawn, view, room, view === 'month' && day.slice(0, 7)]);

  const handlers = useMemo<CalendarOptions>(() => {
    const moved = ({ event, revert }: { event: EventApi; revert: () => void }) => {
      const { start, end } = event;
      const entry = entryIn(event);
      const accepted = start !== null && entry !== undefined &&
        latest.current.onMove(entry, { start: wall(start), end: end === null ? entry.end! : wall(end) });
      if (!accepted) revert();
    };
    return {
      now: () => `${latest.current.now()}:00Z`,
      eventClick: ({ event, jsEvent }) => {
        jsEvent.preventDefault();
        const entry = entryIn(event);
        if (entry !== undefined) latest.current.onOpen(entry);
        else if (event.startStr !== '') latest.current.onDay(event.startStr.slice(0, 10));
      },
      eventDragStart: () => setDragging(true),
      eventDragStop: () => setDragging(false),
      eventResizeStart: () => setDragging(true),
      eventResizeStop: () => setDragging(false),
      eventDrop: moved,
      eventResize: moved,
      select: ({ start, end, allDay, view: { calendar: shown } }) => {
        shown.unselect();
        const from = allDay ? `${wall(start).slice(0, 10)}T09:00` : wall(start);
        // One click chooses a single slot: that means the usual length.
        const until = allDay || end.getTime() - start.getTime() <= HOUR / 2 * 60_000 ? '' : wall(end);
        latest.current.onCreate({ start: from, end: until });
      },
      navLinkDayClick: (date) => latest.current.onDay(wall(date).slice(0, 10)),
    };
  }, []);

  useEffect(() => {
    const api = calendar.current?.getApi();
    if (api === undefined) return;
    if (api.view.type !== VIEWS[view]) api.changeView(VIEWS[view], day);
    else api.gotoDate(day);
  }, [view, day]);

  // The library measures itself after it was drawn, and then once more: the jump is kept out of sight.
  const [settled, setSettled] = useState(false);
  useEffect(() => {
    if (empty || settled) return;
    let frame = requestAnimationFrame(() => frame = requestAnimationFrame(() => setSettled(true)));
    return () => cancelAnimationFrame(frame);
  }, [empty, settled]);

  const onKeyDown = (event: KeyboardEvent) => {
    const key = (event.target as Element).closest?.('[data-entry]')?.getAttribute('data-entry');
    const entry = key && drawn.find((one) => one.key === key);
    if (!entry || !isMovable(entry)) return;
    const to = moveByKey(entry, event);
    if (to === null) return;
    event.preventDefault();
    props.onMove(entry, to);
  };

  return (
    <section
      class={`grid grid-${view}${settled ? '' : ' grid-unsettled'}`}
      style={{ '--room': String(room) }}
      aria-label={label}
      aria-describedby='grid-keys'
      onKeyDown={onKeyDown}
    >
      <p id='grid-keys' class='unseen'>{words.grid.keys}</p>
      <Calendar ref={calendar} {...FIXED} {...handlers} initialView={VIEWS[view]} initialDate={day} events={events} />
    </section>
  );
}
