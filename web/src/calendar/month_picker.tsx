/** A month to choose a day from, and the months around it: half a year is one step away. */
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { addDays, isDay } from '../../../supabase/functions/_shared/zoned_time.ts';
import { formatDay, locale, sayDate } from '../words/i18n.ts';
import type { Shown } from './calendar_address.ts';
import { inMonth, monthsFrom, periodOf } from './period.ts';
import { words } from './words.ts';

interface PickerProps {
  readonly shown: Pick<Shown, 'view' | 'day'>;
  readonly today: string;
  readonly zone: string;
  /** The months are there without being asked for, and so is the way back to today. */
  readonly roomy: boolean;
  readonly onDay: (day: string) => void;
}

const format = (options: Intl.DateTimeFormatOptions) => {
  const known = new Intl.DateTimeFormat(locale, { timeZone: 'UTC', ...options });
  return (day: string) => known.format(new Date(`${day}T00:00:00Z`));
};
const monthAndYear = format({ month: 'long', year: 'numeric' });
const month = format({ month: 'short', year: 'numeric' });
const dayAndMonth = format({ day: 'numeric', month: 'long' });
const weekday = format({ weekday: 'narrow' });
const longWeekday = format({ weekday: 'long' });

/** The months on offer: mostly those to come. */
const BEFORE = -2;
const MONTHS = 12;
const BY_KEY: Readonly<Record<string, (day: string) => string>> = {
  ArrowLeft: (day) => addDays(day, -1),
  ArrowRight: (day) => addDays(day, 1),
  ArrowUp: (day) => addDays(day, -7),
  ArrowDown: (day) => addDays(day, 7),
  PageUp: (day) => inMonth(day, -1),
  PageDown: (day) => inMonth(day, 1),
};

/** « 1er », as the name of the button says it. */
const dayNumber = (day: string) => sayDate(dayAndMonth(day)).split(' ')[0];

export function MonthPicker({ shown, today, zone, roomy, onDay }: PickerProps) {
  const { view, day } = shown;
  // The day that keys move from; its month is the one that is drawn.
  const [at, setAt] = useState(day);
  const [before, setBefore] = useState(day);
  if (before !== day) {
    setBefore(day);
    setAt(day);
  }
  const [open, setOpen] = useState(roomy);
  const host = useRef<HTMLDivElement>(null);
  const moving = useRef(false);
  useLayoutEffect(() => {
    if (moving.current) host.current?.querySelector<HTMLElement>('[tabindex="0"]')?.focus();
    moving.current = false;
  }, [at]);

  const period = periodOf(view, day);
  const drawn = periodOf('month', at);
  const days: string[] = [];
  for (let one = drawn.from; one < drawn.until; one = addDays(one, 1)) days.push(one);
  const onKeyDown = (event: KeyboardEvent) => {
    const move = BY_KEY[event.key];
    if (move === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    moving.current = true;
    setAt(move(at));
  };

  return (
    <div class='month-picker' ref={host}>
      <div class='month-head'>
        <button type='button' class='quiet' aria-label={words.picker.previous} onClick={() => setAt(inMonth(at, -1))}>
          ‹
        </button>
        <button
          type='button'
          class='quiet month-title'
          aria-expanded={open}
          aria-label={`${monthAndYear(at)}, ${words.picker.months}`}
          onClick={() => setOpen(!open)}
        >
          {monthAndYear(at)}
        </button>
        <button type='button' class='quiet' aria-label={words.picker.next} onClick={() => setAt(inMonth(at, 1))}>
          ›
        </button>
      </div>
      {open && (
        <div class='month-list' role='group' aria-label={words.picker.months}>
          {monthsFrom(day, BEFORE, MONTHS).map((one) => (
            <button
              key={one}
              type='button'
              aria-current={one.slice(0, 7) === day.slice(0, 7) ? 'true' : undefined}
              onClick={() => {
                setOpen(roomy);
                onDay(one);
              }}
            >
              {month(one)}
            </button>
          ))}
        </div>
      )}
      {(!open || roomy) && (
        <div class='month-days' role='group' aria-label={words.picker.days} onKeyDown={onKeyDown}>
          {days.slice(0, 7).map((one) => (
            <span key={`head ${one}`} class='hint' title={longWeekday(one)} aria-hidden='true'>{weekday(one)}</span>
          ))}
          {days.map((one) => (
            <button
              key={one}
              type='button'
              class={[
                one.slice(0, 7) === at.slice(0, 7) ? '' : 'month-other',
                view !== 'month' && period.from <= one && one < period.until ? 'month-shown' : '',
              ].filter(Boolean).join(' ')}
              tabIndex={one === at ? 0 : -1}
              aria-label={sayDate(formatDay(one, zone))}
              aria-current={one === today ? 'date' : undefined}
              aria-pressed={one === day}
              onClick={() => onDay(one)}
            >
              {dayNumber(one)}
            </button>
          ))}
        </div>
      )}
      <div class='month-way'>
        <label class='month-date'>
          {words.picker.date}
          <input
            type='date'
            value={day}
            min='1970-01-01'
            max='2199-12-31'
            // While a year is typed, the value is one of long ago.
            onChange={({ currentTarget: { value, validity } }) => validity.valid && isDay(value) && onDay(value)}
          />
        </label>
        {roomy && <button type='button' onClick={() => onDay(today)}>{words.toolbar.today}</button>}
      </div>
    </div>
  );
}
