/** Graph's error body, thrown from anywhere below the dispatcher. */
import { type Answer, isObject, type JsonObject } from '../core/answers.ts';

export interface GraphErrorOptions {
  readonly message?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Members of `error` beside code and message. */
  readonly extra?: JsonObject;
  /** Only strict mode minds: it goes on the list of violations. */
  readonly violation?: true;
}

const MESSAGES: Readonly<Record<string, string>> = {
  ErrorAccessDenied: 'Access is denied. Check credentials and try again.',
  ErrorInternalServerTransientError: 'Cannot complete the request. Try again later.',
  ErrorIrresolvableConflict: 'The send or update operation could not be performed because the change key passed in ' +
    'the request does not match the current change key for the item.',
  ErrorItemNotFound: 'The specified object was not found in the store.',
  ErrorInvalidIdMalformed: 'Id is malformed.',
  InvalidAuthenticationToken: 'Access token has expired or is not yet valid.',
  MailboxNotEnabledForRESTAPI: 'The mailbox is either inactive, soft-deleted, or is hosted on-premise.',
  SyncStateNotFound: 'The sync state generation is not found.',
};

/** `code` is all that a client may rely on; real ones are sometimes an empty string. */
export class GraphError extends Error {
  readonly status: number;
  readonly code: string;
  readonly options: GraphErrorOptions;

  constructor(status: number, code: string, options: GraphErrorOptions = {}) {
    super(options.message ?? MESSAGES[code] ?? code);
    this.status = status;
    this.code = code;
    this.options = options;
  }

  answer(): Answer {
    const { extra, headers } = this.options;
    return {
      status: this.status,
      body: { error: { code: this.code, message: this.message, ...extra } },
      ...(headers ? { headers } : {}),
    };
  }
}

export function badRequest(message: string): GraphError {
  return new GraphError(400, 'ErrorInvalidRequest', { message });
}

/** What strict mode refuses and real ones may let pass. */
export function violation(message: string): GraphError {
  return new GraphError(400, 'ErrorInvalidRequest', { message, violation: true });
}

export function notFound(): GraphError {
  return new GraphError(404, 'ErrorItemNotFound');
}

/** The `error.code` of an answer, or the OAuth `error`; null for anything else. */
export function codeOf(answer: Answer): string | null {
  const error = isObject(answer.body) ? answer.body.error : undefined;
  if (typeof error === 'string') return error;
  return isObject(error) && typeof error.code === 'string' ? error.code : null;
}
