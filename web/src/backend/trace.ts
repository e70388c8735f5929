/** Every function that comes to work for a request logs its trace (W3C Trace Context), whether or not an answer comes back. */
export interface Trace {
  readonly id: string;
  /** The header that names it. */
  readonly traceparent: string;
}

export function newTrace(): Trace {
  const id = crypto.randomUUID().replaceAll('-', '');
  return { id, traceparent: `00-${id}-${id.slice(16)}-01` };
}
