/** The same entries as a list of days: what a phone shows, and what reads best aloud. */
import { useMemo } from 'preact/hooks';
import { formatDay } from '../words/i18n.ts';
import { byDay } from './by_day.ts';
import { type Entry, entryName } from './entry.ts';
import { PersonBadge } from '../parts/person_badge.tsx';
import { SourceBadge } from './entry_mark.tsx';
import type { Period } from './period.ts';
import { hoursOf } from './when.ts';
import { words } from './words.ts';

interface ListProps {
  readonly entries: readonly Entry[];
  readonly period: Period;
  readonly zone: string;
  readonly today: string;
  readonly onOpen: (entry: Entry) => void;
}

export function AgendaList({ entries, period, zone, today, onOpen }: ListProps) {
  const days = useMemo(() => byDay(entries, period), [entries, period.from, period.until]);
  if (days.length === 0) return <p class='empty'>{words.agenda.empty}</p>;
  return (
    <div class='agenda'>
      {days.map(([day, list]) => (
        <section key={day} class='agenda-day' aria-labelledby={`day-${day}`}>
          <h2 id={`day-${day}`} aria-current={day === today ? 'date' : undefined}>
            {day === '' ? words.agenda.undated : formatDay(day, zone)}
          </h2>
          <ul>
            {list.map((entry) => (
              <li key={entry.key}>
                <button
                  type='button'
                  class={`agenda-row from-${entry.source}${entry.cancelled ? ' agenda-cancelled' : ''}`}
                  data-entry={entry.key}
                  onClick={() => onOpen(entry)}
                >
                  {entry.person === null
                    ? <span class='person person-0' aria-hidden='true'>—</span>
                    : <PersonBadge {...entry.person} />}
                  <span class='agenda-time'>{hoursOf(entry, day)}</span>
                  <span class='agenda-what'>
                    <span class='agenda-name'>{entryName(entry) ?? words.grid.busy}</span>
                    <span class='hint'>
                      {entry.kind === 'appointment'
                        ? [
                          entry.appointment.patient === null ? null : entry.appointment.type,
                          entry.appointment.act,
                          entry.person?.name,
                        ].filter(Boolean).join(' · ')
                        : [entry.event.location, entry.person?.name].filter(Boolean).join(' · ')}
                    </span>
                  </span>
                  <span class='agenda-state'>
                    {entry.cancelled && <span class='badge'>{words.status['cancelled']}</span>}
                    {entry.source !== 'cassius' && <SourceBadge source={entry.source} />}
                    {(entry.kind === 'appointment' || entry.sync === 'conflict') && entry.sync !== 'none' && (
                      <span class={`badge badge-${entry.sync}`} data-sync={entry.sync}>{words.sync[entry.sync]}</span>
                    )}
                  </span>
                </button>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}
