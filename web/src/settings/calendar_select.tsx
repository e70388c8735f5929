/** A choice among the account's calendars. */
import { FailureNote } from '../parts/notices.tsx';
import { t } from '../words/i18n.ts';
import type { Calendars } from './calendars.ts';
import { words } from './words.ts';

interface SelectProps {
  readonly id: string;
  readonly label: string;
  readonly placeholder: string;
  readonly hint?: string;
  readonly calendars: Calendars;
  /** The choice so far: its name is known even when the list is not. */
  readonly chosen: { readonly id: string; readonly name: string | null } | null;
  readonly value: string | null;
  /** Read-only calendars cannot be chosen. */
  readonly writable: boolean;
  readonly onChange: (id: string) => void;
}

export function CalendarSelect(props: SelectProps) {
  const { id, label, placeholder, hint, calendars, chosen, value, writable, onChange } = props;
  const { list, failure, reload } = calendars;
  return (
    <>
      <label>
        {label}
        <select
          id={id}
          value={value ?? ''}
          disabled={list === null}
          aria-describedby={hint === undefined ? undefined : `${id}-hint`}
          onChange={({ currentTarget }) => onChange(currentTarget.value)}
        >
          {value === null && <option value='' disabled>{placeholder}</option>}
          {chosen !== null && !list?.some((calendar) => calendar.id === chosen.id) && (
            <option value={chosen.id}>{chosen.name ?? chosen.id}</option>
          )}
          {list?.map(({ id: calendar, name, primary, canWrite }) => {
            const notes = [primary && words.sync.primary, writable && !canWrite && words.sync.readOnly].filter(Boolean);
            return (
              <option key={calendar} value={calendar} disabled={writable && !canWrite}>
                {notes.length === 0 ? name : `${name} (${notes.join(', ')})`}
              </option>
            );
          })}
        </select>
        {hint !== undefined && <span id={`${id}-hint`} class='hint'>{hint}</span>}
      </label>
      {failure !== null && (
        <div class='stack'>
          <FailureNote failure={failure} />
          <button type='button' onClick={reload}>{t.app.retry}</button>
        </div>
      )}
    </>
  );
}
