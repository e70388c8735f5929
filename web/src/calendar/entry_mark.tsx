/** What an entry's rectangle shows: when, what, and what a glance must not miss. */
import type { EventDisplayInfo } from '@fullcalendar/preact';
import { providerOf } from '../providers.ts';
import { type Entry, entryName } from './entry.ts';
import { words } from './words.ts';

/** Synchronised is the rule: only the exceptions are marked. */
const MARKED = new Set(['conflict', 'error', 'drifted', 'pending']);

export function SourceBadge({ source }: { source: string }) {
  const provider = providerOf(source);
  return provider === undefined ? null : <span class={`source source-${provider.color}`}>{provider.badge}</span>;
}

export function EntryMark({ info }: { info: EventDisplayInfo }) {
  const entry = info.event.extendedProps['entry'] as Entry | undefined;
  const more = info.event.extendedProps['more'] as number | undefined;
  if (more !== undefined) {
    return (
      <span>
        {words.grid.more(more)}
        <span class='unseen'>, {words.grid.moreHint}</span>
      </span>
    );
  }
  const time = info.timeText !== '' && <span key='time' class='entry-time'>{info.timeText}</span>;
  // The rectangle that follows the pointer while a new stretch is chosen.
  if (entry === undefined) return <span class='entry-body'>{time}</span>;
  const marked = MARKED.has(entry.sync);
  const inMonth = info.view.type === 'dayGridMonth';
  const name = <span key='name' class='entry-name'>{entryName(entry) ?? words.grid.busy}</span>;
  // Without a patient, the type is the name.
  const type = entry.kind === 'appointment' && entry.appointment.patient !== null && entry.appointment.type;
  return (
    <span class={info.isShort ? 'entry-body entry-short' : 'entry-body'}>
      <span class='entry-head'>
        {inMonth ? [time, name] : info.isShort ? [name, time] : name}
        {marked && <span class={`entry-sync is-${entry.sync}`} title={words.sync[entry.sync]} />}
      </span>
      {!inMonth && !info.isShort && (
        <span class='entry-more'>
          {time} {type}
        </span>
      )}
      {entry.source !== 'cassius' && <SourceBadge source={entry.source} />}
      {(entry.cancelled || marked) && (
        <span class='unseen'>
          {[entry.cancelled && words.grid.cancelled, marked && words.sync[entry.sync]].filter(Boolean).join(', ')}
        </span>
      )}
    </span>
  );
}
