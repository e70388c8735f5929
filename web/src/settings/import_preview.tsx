/** What an import would do, item by item, before it does it. */
import type { ImportItem, ImportSummary } from '../backend/api.ts';
import { formatDay, formatTime } from '../words/i18n.ts';
import { reasonText } from '../words/reasons/words.ts';
import { addDays, dayOf } from '../../../supabase/functions/_shared/zoned_time.ts';
import { words } from './words.ts';

export interface PreviewProps {
  readonly answer: ImportSummary;
  readonly zone: string;
  readonly onClose: () => void;
}

export function ImportPreview({ answer, zone, onClose }: PreviewProps) {
  const items = (answer.items ?? []).filter(({ action }) => action !== 'skip');
  const expected = answer.created + answer.updated + answer.cancelled + answer.conflicts.length;
  return (
    <section class='import-preview' aria-labelledby='preview-title'>
      <div class='card-title'>
        <h3 id='preview-title'>{words.import.previewTitle}</h3>
        <button type='button' class='quiet' onClick={onClose}>{words.import.closePreview}</button>
      </div>
      <dl class='counts'>
        {(['created', 'updated', 'skipped', 'cancelled', 'failed', 'conflicts'] as const).map((key) => (
          <div key={key} data-count={key}>
            <dt>{words.import.summary[key]}</dt>
            <dd>{key === 'conflicts' ? answer.conflicts.length : answer[key]}</dd>
          </div>
        ))}
      </dl>
      {items.length === 0
        ? <p class='hint'>{words.import.previewEmpty}</p>
        : (
          <ul class='items' tabIndex={0} aria-labelledby='preview-title'>
            {items.map((item) => <Item key={`${item.eventId} ${item.rdvId ?? ''}`} item={item} zone={zone} />)}
          </ul>
        )}
      {expected > items.length && items.length > 0 && (
        <p class='hint'>{words.import.previewMore(expected - items.length)}</p>
      )}
    </section>
  );
}

function Item({ item, zone }: { item: ImportItem; zone: string }) {
  const reason = reasonText(item.reason);
  return (
    <li data-action={item.action}>
      <span class='badge' data-action={item.action}>{words.actions[item.action]}</span>
      <span class='item-what'>
        {item.summary?.trim() || words.import.untitled}
        {reason !== '' && <span class='hint'>{reason}</span>}
      </span>
      <span class='hint item-when'>{whenOf(item, zone)}</span>
    </li>
  );
}

/** « lundi 23 novembre, 09:00 – 09:30 »; a whole day's end is the day after it. */
function whenOf({ start, end, allDay }: ImportItem, zone: string): string {
  if (start === null) return '';
  if (allDay) {
    const first = start.slice(0, 10);
    const last = end === null ? first : addDays(end.slice(0, 10), -1);
    const days = last > first ? `${formatDay(first, zone)} – ${formatDay(last, zone)}` : formatDay(first, zone);
    return `${days}, ${words.import.allDay}`;
  }
  const until = end === null ? '' : ` – ${formatTime(end, zone)}`;
  return `${formatDay(dayOf(start, zone), zone)}, ${formatTime(start, zone)}${until}`;
}
