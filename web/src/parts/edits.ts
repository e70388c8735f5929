import { useState } from 'preact/hooks';

export interface Edits<T extends object> {
  /** What is saved, with what was edited here. */
  readonly current: T;
  /** Only what differs from what is saved. */
  readonly changes: Partial<T>;
  readonly dirty: boolean;
  edit(change: Partial<T>): void;
  reset(): void;
}

/** What a person typed, kept apart from what is saved: news from elsewhere never takes it away. */
export function useEdits<T extends object>(saved: T): Edits<T> {
  const [edits, setEdits] = useState<Partial<T>>({});
  const keys = (Object.keys(edits) as Array<keyof T>).filter((key) => edits[key] !== saved[key]);
  return {
    current: { ...saved, ...edits },
    changes: Object.fromEntries(keys.map((key) => [key, edits[key]])) as Partial<T>,
    dirty: keys.length > 0,
    edit: (change) => setEdits((before) => ({ ...before, ...change })),
    reset: () => setEdits({}),
  };
}
