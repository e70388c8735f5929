/**
 * The one error type of the product. Everything that can go wrong on purpose is a {@link SyncError}: a stable code, whether
 * trying again can help, and a context that is safe to log (ids and counts, never names or tokens).
 */

/**
 * One row of the error table, without what a person reads: that is in `error_messages/`. `docs/errors.md` shows the same rows, and a
 * test compares the two.
 */
export interface ErrorKind {
  /** HTTP status with which the code leaves an Edge Function. */
  readonly status: number;
  /** Whether the same request can succeed later with nothing done about it. */
  readonly retryable: boolean;
}

export const ERROR_KINDS = {
  UNAUTHENTICATED: { status: 401, retryable: false },
  AUTH_UNAVAILABLE: { status: 503, retryable: true },
  FORBIDDEN: { status: 403, retryable: false },
  INVALID_REQUEST: { status: 400, retryable: false },
  NOT_FOUND: { status: 404, retryable: false },
  METHOD_NOT_ALLOWED: { status: 405, retryable: false },
  NOT_CONNECTED: { status: 400, retryable: false },
  NO_TARGET_CALENDAR: { status: 400, retryable: false },
  NO_EVENT_DETAIL: { status: 400, retryable: false },
  NEED_RECONSENT: { status: 409, retryable: false },
  CREDENTIAL_UNREADABLE: { status: 409, retryable: false },
  INSUFFICIENT_SCOPE: { status: 403, retryable: false },
  CONSENT_REFUSED: { status: 403, retryable: false },
  OAUTH_STATE_INVALID: { status: 400, retryable: false },
  CALENDAR_NOT_FOUND: { status: 404, retryable: false },
  CALENDAR_READ_ONLY: { status: 403, retryable: false },
  EVENT_NOT_FOUND: { status: 404, retryable: false },
  VERSION_CONFLICT: { status: 409, retryable: true },
  CHANGED_BOTH_SIDES: { status: 409, retryable: false },
  DELETED: { status: 409, retryable: false },
  RESTORED: { status: 409, retryable: false },
  MASS_CHANGE: { status: 409, retryable: false },
  INVALID_EVENT: { status: 400, retryable: false },
  PERMISSION_DENIED: { status: 403, retryable: false },
  ID_EXHAUSTED: { status: 409, retryable: false },
  PUSH_UNSUPPORTED: { status: 400, retryable: false },
  PREVIEW_OUTDATED: { status: 409, retryable: false },
  CONFLICT_OUTDATED: { status: 409, retryable: false },
  CONFLICT_CLOSED: { status: 409, retryable: false },
  CONFLICT_NOT_FOUND: { status: 404, retryable: false },
  UNDO_OVERTAKEN: { status: 409, retryable: false },
  UNDO_TOO_LATE: { status: 409, retryable: false },
  UNDO_TOO_EARLY: { status: 409, retryable: true },
  RUN_NOT_FOUND: { status: 404, retryable: false },
  APPOINTMENT_NOT_FOUND: { status: 404, retryable: false },
  SYNC_PAUSED: { status: 503, retryable: true },
  RATE_LIMITED: { status: 429, retryable: true },
  QUOTA_EXCEEDED: { status: 429, retryable: true },
  PROVIDER_UNAVAILABLE: { status: 503, retryable: true },
  UNEXPECTED_RESPONSE: { status: 502, retryable: true },
  CURSOR_EXPIRED: { status: 410, retryable: true },
  DUPLICATE_CREATE: { status: 409, retryable: true },
  SYNC_FAILED: { status: 500, retryable: true },
  IMPORT_FAILED: { status: 500, retryable: true },
  CONFIGURATION_ERROR: { status: 500, retryable: false },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof ERROR_KINDS;

/** Safe to log: ids, counts, statuses, provider codes. */
export type ErrorContext = Readonly<Record<string, string | number | boolean | null | readonly string[]>>;

export interface SyncErrorOptions {
  readonly cause?: unknown;
  readonly context?: ErrorContext;
  /** Overrides the code's own answer to "can trying again help". */
  readonly retryable?: boolean;
}

/** Messages say the action that failed and, after a colon, the state: `Create event: the answer has no id`. */
export class SyncError extends Error {
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly context: ErrorContext;

  constructor(code: ErrorCode, message: string, options: SyncErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.retryable = options.retryable ?? ERROR_KINDS[code].retryable;
    this.context = options.context ?? {};
  }

  get status(): number {
    return ERROR_KINDS[this.code].status;
  }
}

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(ERROR_KINDS, value);
}
