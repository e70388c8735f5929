/** The one shape in which an error leaves (`docs/errors.md`). */
import type { Refusal } from '../contract/refusal.ts';
import { errorMessage } from '../error_messages/error_message.ts';
import { type ErrorCode, SyncError } from '../errors.ts';
import type { Language } from './language.ts';
import { InvalidRequest } from './request_body.ts';

/** The provider's own reason comes under the name that the function declares. */
export type ErrorBody = Refusal & { readonly error: ErrorCode };

export interface ErrorResponseOptions {
  readonly step: string;
  readonly language: Language;
  readonly requestId: string;
  /** Name of the field that carries a provider's own code; without it the code is not shown. */
  readonly providerCodeField?: string | undefined;
}

/** Anything that is not one of our errors says only that it failed: its message may quote data. */
export function toSyncError(error: unknown): SyncError {
  return error instanceof SyncError
    ? error
    : new SyncError('SYNC_FAILED', 'Handle request: unexpected error', { cause: error });
}

function ownProperty<T>(error: SyncError, name: string, isIt: (value: unknown) => value is T): T | null {
  const value: unknown = Reflect.get(error, name);
  return isIt(value) ? value : null;
}

const isString = (value: unknown): value is string => typeof value === 'string';
const isNumber = (value: unknown): value is number => typeof value === 'number';

function errorBody(error: SyncError, options: ErrorResponseOptions): ErrorBody {
  const retryAfterSeconds = ownProperty(error, 'retryAfterSeconds', isNumber);
  const providerCode = ownProperty(error, 'providerCode', isString);
  const details = error instanceof InvalidRequest
    ? { issues: [...error.issues] }
    : retryAfterSeconds === null
    ? null
    : { retryAfterSeconds };
  return {
    error: error.code,
    step: options.step,
    message: errorMessage(error.code, options.language),
    details,
    ...(options.providerCodeField !== undefined && providerCode !== null
      ? { [options.providerCodeField]: providerCode }
      : {}),
    requestId: options.requestId,
  };
}

/** The answer for an error: its code, status and sentence in the caller's language. A cause is never quoted. */
export function errorResponse(error: unknown, options: ErrorResponseOptions): Response {
  const known = toSyncError(error);
  const body = errorBody(known, options);
  const headers = new Headers({ 'content-language': options.language });
  const retryAfterSeconds = ownProperty(known, 'retryAfterSeconds', isNumber);
  if (retryAfterSeconds !== null) headers.set('retry-after', String(Math.ceil(retryAfterSeconds)));
  const allow: unknown = known.context.allow;
  if (known.code === 'METHOD_NOT_ALLOWED' && isString(allow)) headers.set('allow', allow);
  return Response.json(body, { status: known.status, headers });
}
