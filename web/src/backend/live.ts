/**
 * Data that stays true while it is on screen: read again when the database announces a change, by itself where nothing
 * announces anything, never while the page is hidden. What is on screen stays there until something newer is known.
 */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { asFailure, Failure, wasAborted } from './failure.ts';
import { t } from '../words/i18n.ts';
import type { PublishedTable } from './realtime.ts';
import { useWorkspace } from './workspace.ts';

export interface Live<T> {
  /** Null until the first answer for this key. */
  readonly data: T | null;
  /** Why the last reading failed; null when it did not. */
  readonly failure: Failure | null;
  /** Reads now. Never throws: a failure is in `failure`. */
  refresh(): Promise<void>;
  /** Shows this at once: the answer of an action just taken. */
  set(data: T): void;
}

/** Milliseconds between two readings: where changes are announced, where they are not, and after failures. */
const ANNOUNCED = 30_000;
const UNANNOUNCED = 1_500;
const SLOWEST = 15_000;
/** A connection that died without a word gives no answer: what is on screen must not pass for true that long. */
const PATIENCE = 20_000;
/** A burst of announcements is one reading. */
const GATHER = 150;

interface Options {
  /** Whose changes make a new reading worth while. */
  readonly tables: readonly PublishedTable[];
}

/** @param key what is read; another key forgets the data and starts again */
export function useLive<T>(key: string, load: (signal: AbortSignal) => Promise<T>, { tables }: Options): Live<T> {
  const { feed } = useWorkspace();
  const [state, setState] = useState<{ key: string; data: T | null; text: string; failure: Failure | null }>({
    key,
    data: null,
    text: '',
    failure: null,
  });
  const latest = useRef(load);
  latest.current = load;
  const reading = useRef<AbortController | null>(null);
  const newest = useRef<Promise<void>>(Promise.resolve());
  const timer = useRef<number | undefined>(undefined);
  const failures = useRef(0);
  const watched = tables.join();

  const show = useCallback((data: T) => {
    // An unchanged answer draws nothing.
    const text = JSON.stringify(data);
    setState((before) =>
      before.key === key && before.text === text && before.failure === null
        ? before
        : { key, data, text, failure: null }
    );
  }, [key]);

  const readNow = useCallback(async (): Promise<void> => {
    reading.current?.abort();
    clearTimeout(timer.current);
    const abort = new AbortController();
    reading.current = abort;
    let silent = false;
    // What a person waits for is what is read then.
    const overtaken = () => reading.current === abort ? undefined : newest.current;
    const patience = setTimeout(() => {
      silent = !abort.signal.aborted;
      abort.abort();
    }, PATIENCE);
    try {
      const data = await latest.current(abort.signal);
      if (!silent && abort.signal.aborted) return await overtaken();
      failures.current = 0;
      show(data);
    } catch (error) {
      if (!silent && (abort.signal.aborted || wasAborted(error))) return await overtaken();
      const failure = silent
        ? new Failure(t.failure.network, { code: 'NETWORK', step: 'read', cause: error })
        : asFailure(error, 'read');
      failures.current += 1;
      setState((before) => ({
        ...(before.key === key ? before : { key, data: null, text: '' }),
        failure,
      }));
    } finally {
      clearTimeout(patience);
    }
    if (document.visibilityState !== 'visible') return;
    const wait = failures.current > 0
      ? Math.min(SLOWEST, UNANNOUNCED * 2 ** failures.current)
      : feed.live()
      ? ANNOUNCED
      : UNANNOUNCED;
    timer.current = setTimeout(() => void read(), wait) as unknown as number;
  }, [key, feed, show]);
  const read = useCallback(() => newest.current = readNow(), [readNow]);

  useEffect(() => {
    void read();
    const look = () => {
      clearTimeout(timer.current);
      if (document.visibilityState === 'visible') void read();
    };
    const announced = () => {
      clearTimeout(timer.current);
      timer.current = setTimeout(look, GATHER) as unknown as number;
    };
    const stop = feed.watch(watched.split(',') as PublishedTable[], announced);
    document.addEventListener('visibilitychange', look);
    addEventListener('online', look);
    return () => {
      stop();
      document.removeEventListener('visibilitychange', look);
      removeEventListener('online', look);
      reading.current?.abort();
      clearTimeout(timer.current);
    };
  }, [read, feed, watched]);

  const current = state.key === key ? state : { data: null, failure: null };
  // A reading under way may still bring what was true before.
  const set = useCallback((data: T) => {
    show(data);
    void read();
  }, [show, read]);
  return { data: current.data, failure: current.failure, refresh: read, set };
}
