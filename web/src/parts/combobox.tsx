/**
 * A text field with a list of what it may mean, as the ARIA practices describe it: the focus stays in the field, arrows move
 * through the list, Enter takes what is marked, Escape closes the list and nothing else.
 */
import { useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks';

export interface Option {
  readonly key: string;
  readonly label: string;
  readonly hint?: string;
}

interface ComboboxProps {
  readonly name: string;
  readonly label: string;
  readonly placeholder: string;
  readonly text: string;
  readonly options: readonly Option[];
  /** What the list cannot say: that it is on its way, that there is none, that there are more. */
  readonly note: string | null;
  /** What is announced when the list changes. */
  readonly announced: string;
  /** Why what is typed cannot be taken as it is; empty where it can. */
  readonly problem: string;
  /** What is said under the field. */
  readonly hint: string | null;
  /** The options are those of an earlier text. */
  readonly stale: boolean;
  /** It takes the focus when it appears. */
  readonly focused: boolean;
  readonly onText: (text: string) => void;
  readonly onChoose: (key: string) => void;
}

export function Combobox(props: ComboboxProps) {
  const { name, label, placeholder, text, options, note, announced, problem, hint, stale, onText, onChoose } = props;
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (props.focused) field.current?.focus();
  }, []);
  // Before the next key, which may be the Enter that saves.
  useLayoutEffect(() => field.current?.setCustomValidity(problem), [problem]);
  const [open, setOpen] = useState(false);
  const [marked, setMarked] = useState(0);
  const shown = open && (options.length > 0 || note !== null);
  const at = Math.min(marked, options.length - 1);

  const choose = (key: string) => {
    setOpen(false);
    onChoose(key);
  };
  const mark = (next: number) => {
    const count = options.length;
    if (count === 0) return;
    const index = (next + count) % count;
    setMarked(index);
    document.getElementById(`${id}-${index}`)?.scrollIntoView({ block: 'nearest' });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.isComposing) return;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      if (shown) mark(at + (event.key === 'ArrowDown' ? 1 : -1));
      else setOpen(true);
    } else if (event.key === 'Enter' && shown) {
      // Never the form: what is typed is not yet a choice.
      event.preventDefault();
      const option = options[at];
      if (option !== undefined && !stale) choose(option.key);
    } else if (event.key === 'Escape' && shown) {
      // The dialog around it stays.
      event.preventDefault();
      event.stopPropagation();
      setOpen(false);
    }
  };

  return (
    <div class='combobox'>
      <label>
        {label}
        <input
          ref={field}
          name={name}
          value={text}
          placeholder={placeholder}
          maxLength={200}
          role='combobox'
          autocomplete='off'
          spellcheck={false}
          aria-autocomplete='list'
          aria-expanded={shown}
          aria-controls={shown ? `${id}-list` : undefined}
          aria-activedescendant={shown && at >= 0 ? `${id}-${at}` : undefined}
          aria-describedby={hint === null ? undefined : `${id}-hint`}
          onInput={({ currentTarget: { value } }) => {
            setOpen(true);
            setMarked(0);
            onText(value);
          }}
          onKeyDown={onKeyDown}
          onBlur={() => setOpen(false)}
        />
      </label>
      {hint !== null && <p id={`${id}-hint`} class='hint'>{hint}</p>}
      {shown && (
        <div class='combobox-list' aria-busy={stale}>
          <ul id={`${id}-list`} role='listbox' aria-label={label}>
            {options.map((option, index) => (
              <li
                key={option.key}
                id={`${id}-${index}`}
                role='option'
                aria-selected={index === at}
                // Before the field loses the focus.
                onMouseDown={(event) => event.preventDefault()}
                onClick={() => choose(option.key)}
              >
                {option.label}
                {option.hint !== undefined && <span class='hint'>{option.hint}</span>}
              </li>
            ))}
          </ul>
          {note !== null && <p class='hint'>{note}</p>}
        </div>
      )}
      <p class='unseen' role='status'>{shown ? announced : ''}</p>
    </div>
  );
}
