import { useCallback, useEffect, useState } from 'preact/hooks';
import type { Api, Calendar } from '../backend/api.ts';
import { asFailure, type Failure } from '../backend/failure.ts';

export interface Calendars {
  /** Null until known. */
  readonly list: readonly Calendar[] | null;
  readonly failure: Failure | null;
  reload(): void;
}

/** The account's calendars, asked from the provider once a visit: both pickers show the same list. */
export function useCalendars(api: Api, wanted: boolean): Calendars {
  const [state, setState] = useState<Pick<Calendars, 'list' | 'failure'>>({ list: null, failure: null });
  const [asked, setAsked] = useState(0);
  useEffect(() => {
    if (!wanted) return;
    const abort = new AbortController();
    api.calendars(abort.signal).then(
      (list) => setState({ list, failure: null }),
      (error) => abort.signal.aborted || setState({ list: null, failure: asFailure(error, 'calendars.read') }),
    );
    return () => abort.abort();
  }, [api, wanted, asked]);
  const reload = useCallback(() => {
    setState({ list: null, failure: null });
    setAsked((count) => count + 1);
  }, []);
  return { ...state, reload };
}
