/** Changes shown before the database has answered: an appointment that was dragged is shown where it was put, or goes back. */
import { useCallback, useMemo, useRef, useState } from 'preact/hooks';
import type { AppointmentStatus } from '../../../supabase/functions/_shared/vocabulary.ts';
import type { Appointment, AppointmentFields } from './rows.ts';

export type Change = Partial<AppointmentFields> & { readonly status?: AppointmentStatus };

export interface Pending {
  readonly change: Change;
  /** The version that the database gave it; null while it has not answered. */
  readonly version: string | null;
}

/** What to show: the rows, and over them what is on its way. A row as new as the answer speaks for itself. */
export function overlaid(rows: readonly Appointment[], pending: ReadonlyMap<string, Pending>): readonly Appointment[] {
  if (pending.size === 0) return rows;
  return rows.map((row) => {
    const mine = pending.get(row.id);
    if (mine === undefined || (mine.version !== null && row.updated_at >= mine.version)) return row;
    return { ...row, ...mine.change, ...(mine.version === null ? {} : { updated_at: mine.version }) };
  });
}

export interface PendingChanges {
  readonly shown: readonly Appointment[];
  /** Whether the database still has to answer for it. */
  busy(id: string): boolean;
  /** Shows the change at once; takes it back and throws when the write fails. */
  apply(id: string, change: Change, write: () => Promise<string>): Promise<void>;
}

export function usePendingChanges(rows: readonly Appointment[]): PendingChanges {
  const [pending, setPending] = useState<ReadonlyMap<string, Pending>>(new Map());
  const current = useRef(pending);
  const put = useCallback((id: string, value: Pending | null) => {
    const next = new Map(current.current);
    if (value === null) next.delete(id);
    else next.set(id, value);
    current.current = next;
    setPending(next);
  }, []);
  const apply = useCallback(async (id: string, change: Change, write: () => Promise<string>) => {
    put(id, { change, version: null });
    try {
      put(id, { change, version: await write() });
    } catch (error) {
      put(id, null);
      throw error;
    }
  }, [put]);
  const busy = useCallback((id: string) => current.current.get(id)?.version === null, []);
  const shown = useMemo(() => overlaid(rows, pending), [rows, pending]);
  return { shown, busy, apply };
}
