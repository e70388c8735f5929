/**
 * One JSON line per step of a request. Lines hold ids, codes, counts and times; a value that looks like anything else
 * (a sentence, an address, a token) is withheld, so that a careless caller still leaks nothing.
 */
import { isErrorCode, SyncError } from '../errors.ts';

export type LogValue = string | number | boolean | null | undefined | readonly string[];
export type LogFields = Readonly<Record<string, LogValue>>;
export type LogLevel = 'info' | 'warn' | 'error';

export interface LogEntry {
  /** `claim_jobs`, `exchange_code`: what was done. */
  readonly step: string;
  readonly outcome: 'ok' | 'error';
  /** Default: `info` for `ok`, `error` for `error`. */
  readonly level?: LogLevel;
  readonly durationMs?: number;
  readonly fields?: LogFields;
  /** Its code, context and provider code go into the line; its message only if it is one of ours. */
  readonly error?: unknown;
}

export interface Log {
  (entry: LogEntry): void;
  /** The same log, with these fields on every line: `log.with({ organisation, integration })`. */
  with(fields: LogFields): Log;
}

export interface LogSink {
  /** Receives a line without its line end. */
  readonly write: (line: string) => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Absent: every line is written. */
  readonly failures?: FailureBound;
}

/**
 * Asked for each failure before its line is written: null leaves it out, a number is how many of its kind were left out since
 * the last that was written.
 */
export type FailureBound = (kind: string) => number | null;

const BOUND_MS = 10_000;
const FAILURES_OF_A_KIND = 20;
const FAILURES_IN_ALL = 60;

/**
 * Bounds what one instance writes of its failures: the platform takes 100 lines in ten seconds and drops what comes then,
 * whatever it says. What fails for every appointment would take them all; a failure of another kind is still told.
 */
export function failureBound(now: () => number): FailureBound {
  const kinds = new Map<string, { written: number; leftOut: number }>();
  let since = -Infinity;
  let inAll = 0;
  return (kind) => {
    const at = now();
    if (at - since >= BOUND_MS || at < since) {
      since = at;
      inAll = 0;
      for (const known of kinds.values()) known.written = 0;
    }
    const known = kinds.get(kind) ?? { written: 0, leftOut: 0 };
    kinds.set(kind, known);
    if (known.written === FAILURES_OF_A_KIND || inAll === FAILURES_IN_ALL) {
      known.leftOut++;
      return null;
    }
    known.written++;
    inAll++;
    const { leftOut } = known;
    known.leftOut = 0;
    return leftOut;
  };
}

/** Letters, digits and the punctuation of ids, codes, times and paths; no space and no `@`. */
const PLAIN = /^[\w.:+/-]{0,80}$/;
const WITHHELD = '[withheld]';

function safe(value: Exclude<LogValue, undefined>): Exclude<LogValue, undefined> {
  if (typeof value === 'string') return PLAIN.test(value) ? value : WITHHELD;
  if (Array.isArray(value)) return value.slice(0, 50).map((item) => PLAIN.test(item) ? item : WITHHELD);
  return value;
}

/** Our own messages are sentences without data; addresses and long words are cut out all the same. */
export function safeSentence(text: string): string {
  return text.replace(/\S+/g, (word) => word.length > 40 || word.includes('@') ? WITHHELD : word).slice(0, 300);
}

/** What a stack ends with; it begins with the message, which can be of any length and look like frames. */
const FRAMES_LENGTH = 4000;
const FRAME_LENGTH = 200;

/** Where an unexpected error came from, without its message: that may quote data. */
export function frames(error: Error): string[] {
  return (error.stack ?? '').slice(-FRAMES_LENGTH).split('\n').filter((line) => /^\s+at /.test(line)).slice(0, 6)
    .map((line) => /([\w.-]+:\d+):\d+\)?$/.exec(line.trim().slice(-FRAME_LENGTH))?.[1] ?? 'unknown');
}

function describe(error: unknown): Record<string, LogValue | string> {
  if (error instanceof SyncError) {
    const described: Record<string, LogValue> = { code: error.code, message: safeSentence(error.message) };
    if ('providerCode' in error && typeof error.providerCode === 'string') {
      described.providerCode = safe(error.providerCode);
    }
    if ('httpStatus' in error && typeof error.httpStatus === 'number') described.httpStatus = error.httpStatus;
    for (const [key, value] of Object.entries(error.context)) described[key] = safe(value);
    return described;
  }
  if (error instanceof Error) return { code: 'SYNC_FAILED', exception: safe(error.name), at: frames(error) };
  return { code: isErrorCode(error) ? error : 'SYNC_FAILED', exception: typeof error };
}

/** One JSON object a line: ids, codes and counts, every text through `safe`. `base` is in every line. */
export function createLog(sink: LogSink, base: LogFields = {}): Log {
  const write = ({ step, outcome, level, durationMs, fields, error }: LogEntry) => {
    const line: Record<string, unknown> = {
      at: new Date(sink.now()).toISOString(),
      level: level ?? (outcome === 'ok' ? 'info' : 'error'),
    };
    const add = (values: LogFields) => {
      for (const [key, value] of Object.entries(values)) if (value !== undefined) line[key] = safe(value);
    };
    add(base);
    line.step = safe(step);
    add(fields ?? {});
    if (durationMs !== undefined) line.durationMs = Math.round(durationMs);
    line.outcome = outcome;
    // After `outcome`, and never over what was said above: an error's context cannot rename the step.
    if (error !== undefined) {
      for (const [key, value] of Object.entries(describe(error))) if (!(key in line)) line[key] = value;
    }
    if (outcome === 'error' && sink.failures !== undefined) {
      const leftOut = sink.failures(`${line.step} ${line.code}`);
      if (leftOut === null) return;
      if (leftOut > 0) line.leftOut = leftOut;
    }
    sink.write(JSON.stringify(line));
  };
  return Object.assign(write, { with: (fields: LogFields) => createLog(sink, { ...base, ...fields }) });
}

/** Whether a step has a line of its own: the platform takes no more than 100 lines in ten seconds. */
export type StepLine = 'always' | 'only_if_failed' | 'unless_followed';

/**
 * The steps of one request: each is closed, and logged with its duration, by the next one or by the end. What every request
 * goes through has a line only when it fails.
 */
export class Steps {
  #log: Log;
  #now: () => number;
  #current = 'receive';
  #line: StepLine = 'only_if_failed';
  #startedAt: number;
  #fields: LogFields = {};
  #error: unknown;

  constructor(log: Log, now: () => number) {
    this.#log = log;
    this.#now = now;
    this.#startedAt = now();
  }

  get current(): string {
    return this.#current;
  }

  get log(): Log {
    return this.#log;
  }

  /** Fields for every later line of this request. */
  identify(fields: LogFields): void {
    this.#log = this.#log.with(fields);
  }

  begin(step: string, line: StepLine = 'always'): void {
    this.#close(this.#line === 'always' || Object.keys(this.#fields).length > 0);
    this.#current = step;
    this.#line = line;
  }

  /** Counts and ids for the current step's line. */
  note(fields: LogFields): void {
    this.#fields = { ...this.#fields, ...fields };
  }

  /** Marks the current step as failed without ending the request. */
  fail(error: unknown): void {
    this.#error = error;
  }

  end(): void {
    this.#close(this.#line !== 'only_if_failed');
  }

  #close(withLine: boolean): void {
    const failed = this.#error !== undefined;
    if (failed || withLine) this.#write(failed);
    this.#startedAt = this.#now();
    this.#fields = {};
    this.#error = undefined;
  }

  #write(failed: boolean): void {
    const expected = this.#error instanceof SyncError && this.#error.status < 500;
    this.#log({
      step: this.#current,
      outcome: failed ? 'error' : 'ok',
      ...(failed && expected ? { level: 'warn' as const } : {}),
      durationMs: this.#now() - this.#startedAt,
      fields: this.#fields,
      ...(failed ? { error: this.#error } : {}),
    });
  }
}
