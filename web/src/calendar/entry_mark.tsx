/** What an entry's rectangle shows: when, what, whose, and what a glance must not miss. */
import { PersonBadge } from '../parts/person_badge.tsx';
import { providerOf } from '../providers.ts';
import { type Entry, entryName } from './entry.ts';
import { isMarked } from './sync_state.ts';
import { words } from './words.ts';

export function SourceBadge({ source }: { source: string }) {
  const provider = providerOf(source);
  return provider === undefined ? null : <span class={`source source-${provider.color}`}>{provider.badge}</span>;
}

/** All that is known at a glance, for a pointer that rests on it. */
function hintOf(entry: Entry): string {
  return [
    entry.allDay ? words.grid.allDay : `${entry.start!.slice(11)} – ${entry.end!.slice(11)}`,
    entryName(entry) ?? words.grid.busy,
    entry.kind === 'appointment' && entry.appointment.patient !== null && entry.appointment.type,
    entry.person?.name,
    providerOf(entry.source)?.badge,
    entry.cancelled && words.grid.cancelled,
    isMarked(entry.sync) && words.sync[entry.sync],
  ].filter(Boolean).join(' · ');
}

/** `tall`: lines below each other; `short`: a quarter or half an hour; `line`: a day of a month, or a whole day. */
export type EntryShape = 'tall' | 'short' | 'line';

export function EntryMark({ entry, shape }: { entry: Entry; shape: EntryShape }) {
  const time = !entry.allDay && <span class='entry-time'>{entry.start!.slice(11)}</span>;
  const marked = isMarked(entry.sync);
  const name = <span class='entry-name'>{entryName(entry) ?? words.grid.busy}</span>;
  // Without a patient, the type is the name.
  const type = entry.kind === 'appointment' && entry.appointment.patient !== null && entry.appointment.type;
  const source = entry.source !== 'cassius' && <SourceBadge source={entry.source} />;
  const unseen = [
    entry.person?.name,
    shape === 'short' && providerOf(entry.source)?.badge,
    entry.cancelled && words.grid.cancelled,
    marked && words.sync[entry.sync],
  ].filter(Boolean);
  return (
    <button type='button' class={`entry-body entry-${shape}`} data-entry={entry.key} title={hintOf(entry)}>
      <span class='entry-head'>
        {shape === 'line' && time} {shape === 'short' ? <span class='entry-fit'>{name} {time}</span> : name}{' '}
        {marked && <span class={`entry-sync is-${entry.sync}`} />}
        {shape === 'line' && source} {entry.person !== null && <PersonBadge {...entry.person} />}
      </span>
      {shape === 'tall' && (
        <span class='entry-more'>
          {time} {type && <span class='entry-type'>{type}</span>} {source}
        </span>
      )}
      <span class='unseen'>{unseen.map((word) => `, ${word}`)}</span>
    </button>
  );
}
