/** Data that is read again by itself: often while something is under way, seldom otherwise, never while nobody looks. */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { asFailure, type Failure, wasAborted } from './failure.ts';

export interface Live<T> {
  /** Null until the first answer for this key. */
  readonly data: T | null;
  /** Why the last reading failed; null when it did not. */
  readonly failure: Failure | null;
  /** Reads now. Never throws: a failure is in `failure`. */
  refresh(): Promise<void>;
}

export const OFTEN = 2_000;
export const SELDOM = 10_000;

/**
 * @param key what is read; another key forgets the data and starts again
 * @param interval milliseconds until the next reading
 */
export function useLive<T>(
  key: string,
  load: (signal: AbortSignal) => Promise<T>,
  interval: (data: T) => number,
): Live<T> {
  const [state, setState] = useState<{ key: string; data: T | null; failure: Failure | null }>({
    key,
    data: null,
    failure: null,
  });
  const latest = useRef({ load, interval });
  latest.current = { load, interval };
  const reading = useRef<{ abort: AbortController; timer: number } | null>(null);

  const read = useCallback(async (): Promise<void> => {
    reading.current?.abort.abort();
    clearTimeout(reading.current?.timer);
    const abort = new AbortController();
    const mine = { abort, timer: 0 };
    reading.current = mine;
    let wait = SELDOM;
    try {
      const data = await latest.current.load(abort.signal);
      if (abort.signal.aborted) return;
      wait = latest.current.interval(data);
      setState({ key, data, failure: null });
    } catch (error) {
      if (abort.signal.aborted || wasAborted(error)) return;
      setState((before) => ({ key, data: before.key === key ? before.data : null, failure: asFailure(error, 'read') }));
    }
    if (document.visibilityState === 'visible') mine.timer = setTimeout(() => void read(), wait) as unknown as number;
  }, [key]);

  useEffect(() => {
    void read();
    const look = () => {
      if (document.visibilityState === 'visible') void read();
      else clearTimeout(reading.current?.timer);
    };
    document.addEventListener('visibilitychange', look);
    return () => {
      document.removeEventListener('visibilitychange', look);
      reading.current?.abort.abort();
      clearTimeout(reading.current?.timer);
    };
  }, [read]);

  const current = state.key === key ? state : { data: null, failure: null };
  return { data: current.data, failure: current.failure, refresh: read };
}
