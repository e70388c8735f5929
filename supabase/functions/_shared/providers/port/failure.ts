/** What goes wrong at a provider, in the product's own codes. */
import { type ErrorCode, SyncError, type SyncErrorOptions } from '../../errors.ts';
import { storable } from '../../text.ts';

/** Characters; both texts can hold words of the provider. */
const MESSAGE_LENGTH = 500;
const PROVIDER_CODE_LENGTH = 100;

export interface ProviderErrorOptions extends SyncErrorOptions {
  readonly operation: string;
  /** HTTP status of the provider's answer; null when there was none. */
  readonly status?: number | null;
  /** The provider's own reason, for logs and support. */
  readonly providerCode?: string | null;
  /** The provider asked for this pause. */
  readonly retryAfterSeconds?: number | null;
  /** The quota that is used up is that of our whole project, and not the account's. */
  readonly ofProject?: boolean;
}

export class ProviderError extends SyncError {
  readonly operation: string;
  readonly httpStatus: number | null;
  readonly providerCode: string | null;
  readonly retryAfterSeconds: number | null;
  readonly ofProject: boolean;

  constructor(code: ErrorCode, message: string, options: ProviderErrorOptions) {
    super(code, storable(message, MESSAGE_LENGTH), options);
    this.operation = options.operation;
    this.httpStatus = options.status ?? null;
    this.providerCode = options.providerCode ? storable(options.providerCode, PROVIDER_CODE_LENGTH) : null;
    this.retryAfterSeconds = options.retryAfterSeconds ?? null;
    this.ofProject = options.ofProject ?? false;
  }
}

/** An entry of a page that cannot be understood: neither an event nor the absence of one. */
export interface UnreadableEntry {
  /** Null where not even the id can be read. */
  readonly eventId: string | null;
  readonly reason: 'unknown_shape' | 'no_times' | 'no_version' | 'no_series';
}

/** The provider answered, and this one event in its answer cannot be understood. */
export class UnreadableEvent extends ProviderError {
  readonly entry: UnreadableEntry;

  constructor(operation: string, eventId: string | null, reason: UnreadableEntry['reason']) {
    super('UNEXPECTED_RESPONSE', `${operation}: the event cannot be understood (${reason})`, {
      operation,
      status: 200,
    });
    this.entry = { eventId, reason };
  }
}
