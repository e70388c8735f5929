/**
 * Which work belongs together: one id from a person's click through every function that it wakes, to the database's and the
 * provider's requests (W3C Trace Context, header `traceparent`). It is chance, and tells nothing of the person.
 */
import { AsyncLocalStorage } from 'node:async_hooks';

const HEADER = 'traceparent';
const KNOWN = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

export interface Trace {
  readonly id: string;
  /** All that begins in `work`, and what that begins, belongs to the trace. */
  run<T>(work: () => Promise<T>): Promise<T>;
}

/** Of the request that is under way; absent where none is. */
const current = new AsyncLocalStorage<string>();

const random = () => crypto.randomUUID().replaceAll('-', '');

/** The caller's trace; a new one where it names none, or none that can be one. */
export function traceOf(headers: Headers): Trace {
  const id = KNOWN.exec(headers.get(HEADER) ?? '')?.[1] ?? random();
  const parent = `00-${id}-${random().slice(16)}-01`;
  return { id, run: (work) => current.run(parent, work) };
}

/** `fetch`, whose requests name the trace within which they are made. */
export function traced(bare: typeof fetch): typeof fetch {
  return (input, init) => {
    const parent = current.getStore();
    if (parent === undefined) return bare(input, init);
    const { headers: given } = (init ?? {}) as { headers?: HeadersInit };
    const headers = new Headers(given ?? (input instanceof Request ? input.headers : undefined));
    headers.set(HEADER, parent);
    return bare(input, { ...init, headers });
  };
}
