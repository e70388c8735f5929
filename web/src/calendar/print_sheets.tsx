/**
 * What the printer gets instead of the screen: a page for each practitioner, with what is shown of them, day by day. Names are
 * those that the calendar shows its reader; notes stay off paper, which lies about.
 */
import { render } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { formatDay, formatMoment } from '../words/i18n.ts';
import { byDay } from './by_day.ts';
import { type Entry, entryName, ownerOf } from './entry.ts';
import type { Person } from './people.ts';
import type { Period } from './period.ts';
import { hoursOf } from './when.ts';
import { words } from './words.ts';
import './print.css';

export interface Printed {
  readonly practice: string;
  readonly title: string;
  readonly period: Period;
  readonly zone: string;
  /** A page each, in this order. */
  readonly people: readonly Person[];
  readonly entries: readonly Entry[];
  /** Why the paper may not hold everything. */
  readonly warning: string | null;
}

function Sheet({ person, entries, ...printed }: Omit<Printed, 'people'> & { readonly person: Person }) {
  const days = byDay(entries, printed.period);
  return (
    <section class='sheet'>
      <h1>{person.name}</h1>
      <p>{`${printed.practice} · ${printed.title}`}</p>
      {printed.warning !== null && <p class='sheet-warning'>{printed.warning}</p>}
      {days.length === 0 && <p>{words.agenda.empty}</p>}
      {days.map(([day, list]) => (
        <table key={day}>
          <caption>{day === '' ? words.agenda.undated : formatDay(day, printed.zone)}</caption>
          <thead>
            <tr>{words.print.columns.map((column) => <th key={column} scope='col'>{column}</th>)}</tr>
          </thead>
          <tbody>
            {list.map((entry) => <Row key={entry.key} entry={entry} day={day} />)}
          </tbody>
        </table>
      ))}
      <p class='sheet-foot'>{words.print.printed(formatMoment(new Date().toISOString(), printed.zone))}</p>
    </section>
  );
}

function Row({ entry, day }: { readonly entry: Entry; readonly day: string }) {
  const { what, status, location } = entry.kind === 'appointment'
    ? {
      what: [entry.appointment.patient === null ? null : entry.appointment.type, entry.appointment.act],
      status: entry.appointment.status,
      location: entry.appointment.location,
    }
    : { what: [], status: entry.event.status, location: entry.event.location };
  return (
    <tr class={entry.cancelled ? 'sheet-cancelled' : undefined}>
      <td>{hoursOf(entry, day)}</td>
      <td>{entryName(entry) ?? words.grid.busy}</td>
      <td>{[...what, location].filter(Boolean).join(' · ')}</td>
      <td>{words.status[status]}</td>
    </tr>
  );
}

/** While this is used, printing prints the sheets. */
export function usePrintSheets(printed: Printed): void {
  const latest = useRef(printed);
  latest.current = printed;
  useEffect(() => {
    const host = document.createElement('div');
    host.className = 'sheets';
    document.body.append(host);
    const show = () => {
      const { people, entries, ...rest } = latest.current;
      const sheets = people.map((person) => (
        <Sheet
          key={person.id}
          {...rest}
          person={person}
          entries={entries.filter((one) => ownerOf(one) === person.id)}
        />
      ));
      // Drawn at once: the browser prints what is there when this returns.
      render(people.length > 0 ? sheets : <p>{rest.warning ?? words.agenda.empty}</p>, host);
    };
    const hide = () => render(null, host);
    addEventListener('beforeprint', show);
    addEventListener('afterprint', hide);
    return () => {
      removeEventListener('beforeprint', show);
      removeEventListener('afterprint', hide);
      hide();
      host.remove();
    };
  }, []);
}
