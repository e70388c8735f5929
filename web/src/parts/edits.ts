import { useEffect, useState } from 'preact/hooks';
import { useWorkspace } from '../backend/workspace.ts';
import { dropDraft, keepDraft, readDraft } from './drafts.ts';
import { useUnsaved } from './leaving.tsx';

export interface Edits<T extends object> {
  /** What is saved, with what was edited here. */
  readonly current: T;
  /** Only what differs from what is saved. */
  readonly changes: Partial<T>;
  readonly dirty: boolean;
  edit(change: Partial<T>): void;
  reset(): void;
}

/**
 * What a person typed, kept apart from what is saved: news from elsewhere never takes it away, nor does a reload.
 * @param name of the form, under which it is kept
 */
export function useEdits<T extends object>(name: string, saved: T): Edits<T> {
  const { member } = useWorkspace();
  const [edits, setEdits] = useState<Partial<T>>(() => readDraft<Partial<T>>(name, member) ?? {});
  const keys = (Object.keys(saved) as Array<keyof T>).filter((key) => key in edits && edits[key] !== saved[key]);
  const dirty = keys.length > 0;
  const reset = () => {
    setEdits({});
    dropDraft(name);
  };
  useEffect(() => {
    if (dirty) keepDraft(name, member, edits);
    else dropDraft(name);
  }, [edits, dirty]);
  useUnsaved(dirty, reset);
  return {
    current: { ...saved, ...edits },
    changes: Object.fromEntries(keys.map((key) => [key, edits[key]])) as Partial<T>,
    dirty,
    edit: (change) => setEdits((before) => ({ ...before, ...change })),
    reset,
  };
}
