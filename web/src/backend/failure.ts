/** The one error of the page: what a person reads, and what support needs to find the cause. */
import { t } from '../words/i18n.ts';

export interface FailureOptions {
  readonly code: string;
  /** Which action failed: the function's own step, or `table.action`. */
  readonly step: string;
  readonly requestId?: string | null;
  readonly providerCode?: string | null;
  readonly details?: unknown;
  readonly cause?: unknown;
}

export class Failure extends Error {
  readonly code: string;
  readonly step: string;
  readonly requestId: string | null;
  readonly providerCode: string | null;
  readonly details: unknown;

  constructor(message: string, options: FailureOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'Failure';
    this.code = options.code;
    this.step = options.step;
    this.requestId = options.requestId ?? null;
    this.providerCode = options.providerCode ?? null;
    this.details = options.details ?? null;
  }
}

/** Anything thrown, as a Failure. A refused or broken connection has no answer to quote: `trace` finds what it may have begun. */
export function asFailure(error: unknown, step: string, trace: string | null = null): Failure {
  if (error instanceof Failure) return error;
  const details = error instanceof Error ? error.message : String(error);
  if (error instanceof TypeError) {
    return new Failure(t.failure.network, { code: 'NETWORK', step, requestId: trace, details, cause: error });
  }
  return new Failure(t.failure.unreadable, { code: 'UNEXPECTED', step, requestId: trace, details, cause: error });
}

export function wasAborted(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}
