/** Controls that forms share. */
import type { ComponentChildren } from 'preact';

interface ChoiceProps<T extends string> {
  readonly name: string;
  readonly legend: string;
  readonly options: readonly T[];
  /** A name and what it means. */
  readonly labels: Readonly<Record<string, readonly [string, string]>>;
  /** Null until chosen. */
  readonly value: T | null;
  /** Why an option cannot be chosen; null when it can. */
  readonly refused?: (option: T) => string | null;
  readonly onChange: (value: T) => void;
}

export function Choice<T extends string>({ name, legend, options, labels, value, refused, onChange }: ChoiceProps<T>) {
  return (
    <fieldset>
      <legend>{legend}</legend>
      {options.map((option) => {
        const why = refused?.(option) ?? null;
        const [label, hint] = labels[option] ?? [option, ''];
        return (
          <label key={option} class='check'>
            <input
              type='radio'
              name={name}
              value={option}
              checked={option === value}
              disabled={why !== null && option !== value}
              onChange={() => onChange(option)}
            />
            <span>
              {label}
              <span class='hint'>{why ?? hint}</span>
            </span>
          </label>
        );
      })}
    </fieldset>
  );
}

interface ToggleProps {
  readonly name: string;
  readonly label: string;
  readonly hint: string;
  readonly checked: boolean;
  readonly disabled?: boolean;
  readonly onChange: (checked: boolean) => void;
}

/** On or off, as a switch. */
export function Toggle({ name, label, hint, checked, disabled = false, onChange }: ToggleProps) {
  return (
    <label class='toggle'>
      <span>
        {label}
        <span class='hint'>{hint}</span>
      </span>
      <input
        type='checkbox'
        role='switch'
        name={name}
        checked={checked}
        disabled={disabled}
        onChange={({ currentTarget }) => onChange(currentTarget.checked)}
      />
    </label>
  );
}

/** A provider's or product's sign: its initial on its colour. */
export function Mark({ name, color }: { name: string; color: string }) {
  return <span class='mark' data-brand={color} aria-hidden='true'>{name[0]}</span>;
}

/** A labelled number of something. */
export function Counts({ counts, labels }: {
  counts: Readonly<Record<string, number>>;
  labels: Readonly<Record<string, string>>;
}) {
  return (
    <dl class='counts'>
      {Object.entries(labels).map(([key, label]) => (
        <div key={key} data-count={key}>
          <dt>{label}</dt>
          <dd>{counts[key] ?? 0}</dd>
        </div>
      ))}
    </dl>
  );
}

/** A bar and what it counts. Without a maximum the end is not known. */
export function Progress({ value, max, children }: { value?: number; max?: number; children: ComponentChildren }) {
  return (
    <label class='progress' aria-live='polite'>
      <span>{children}</span>
      {max === undefined ? <progress /> : <progress value={value ?? 0} max={max} />}
    </label>
  );
}
