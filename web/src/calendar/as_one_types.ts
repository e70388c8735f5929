/** What the database finds for a text that is being typed. */
import { useEffect, useState } from 'preact/hooks';
import { asFailure, type Failure, wasAborted } from '../backend/failure.ts';

/** Milliseconds after the last key before the database is asked. */
const PAUSE = 120;

interface Typed<T> {
  /** Of the last text that was answered; null before there is one. */
  readonly found: T | null;
  /** The answer is that of another text. */
  readonly stale: boolean;
  readonly failure: Failure | null;
}

/** @param search asks for the text; another function asks again */
export function useAsOneTypes<T>(
  text: string,
  step: string,
  search: (text: string, signal: AbortSignal) => Promise<T>,
): Typed<T> {
  const [answer, setAnswer] = useState<{ text: string; found: T } | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  useEffect(() => {
    if (text === '') return;
    const abort = new AbortController();
    const timer = setTimeout(() => {
      search(text, abort.signal).then(
        (found) => {
          if (abort.signal.aborted) return;
          setFailure(null);
          setAnswer({ text, found });
        },
        (error) => abort.signal.aborted || wasAborted(error) || setFailure(asFailure(error, step)),
      );
    }, PAUSE);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [text, search]);
  return { found: answer?.found ?? null, stale: answer?.text !== text, failure };
}
