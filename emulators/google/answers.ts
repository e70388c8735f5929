/** Error bodies in each of the shapes that the API uses. */

import type { Answer, JsonObject } from '../core/answers.ts';

export { type Answer, isObject, type JsonObject, toResponse } from '../core/answers.ts';

/** `errors`: the classic list. `details`: the front end's list alone. `both`: as the front end sends most of them. */
export type ErrorForm = 'errors' | 'details' | 'both';

export interface FailureOptions {
  readonly domain?: string;
  readonly message?: string;
  readonly location?: string;
  readonly locationType?: 'header' | 'parameter';
  readonly form?: ErrorForm;
  /** `details[].reason`, where it is not simply the reason in capitals. */
  readonly detailReason?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
}

const STATUS_NAMES: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  409: 'ALREADY_EXISTS',
  410: 'FAILED_PRECONDITION',
  412: 'FAILED_PRECONDITION',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
  503: 'UNAVAILABLE',
};

/** Reason → its usual domain and message. */
const KNOWN: Readonly<Record<string, readonly [domain: string, message: string]>> = {
  authError: ['global', 'Invalid Credentials'],
  backendError: ['global', 'Backend Error'],
  conditionNotMet: ['global', 'Precondition Failed'],
  conflict: ['global', 'Conflict'],
  deleted: ['global', 'Resource has been deleted'],
  duplicate: ['global', 'The requested identifier already exists.'],
  forbidden: ['global', 'Forbidden'],
  forbiddenForNonOrganizer: ['calendar', 'Shared properties can only be changed by the organizer of the event.'],
  fullSyncRequired: ['calendar', 'Sync token is no longer valid, a full sync is required.'],
  insufficientPermissions: ['global', 'Insufficient Permission'],
  notFound: ['global', 'Not Found'],
  accessNotConfigured: [
    'usageLimits',
    'Google Calendar API has not been used in this project before or it is disabled.',
  ],
  dailyLimitExceeded: ['usageLimits', 'Daily Limit Exceeded'],
  pushNotSupportedForRequestedResource: ['calendar', 'Push notifications are not supported by this resource.'],
  quotaExceeded: ['usageLimits', 'Calendar usage limits exceeded.'],
  rateLimitExceeded: ['usageLimits', 'Rate Limit Exceeded'],
  requiredAccessLevel: ['calendar', 'You need to have writer access to this calendar.'],
  timeRangeEmpty: ['calendar', 'The specified time range is empty.'],
  updatedMinTooLongAgo: ['calendar', 'The requested minimum modification time lies too far in the past.'],
  userRateLimitExceeded: ['usageLimits', 'User Rate Limit Exceeded'],
};

/** A refusal, thrown from anywhere below the dispatcher. */
export class Failure extends Error {
  readonly status: number;
  readonly reason: string;
  readonly options: FailureOptions;

  constructor(status: number, reason: string, options: FailureOptions = {}) {
    super(options.message ?? KNOWN[reason]?.[1] ?? reason);
    this.status = status;
    this.reason = reason;
    this.options = options;
  }

  answer(): Answer {
    const { form = 'errors', location, locationType, headers } = this.options;
    const domain = this.options.domain ?? KNOWN[this.reason]?.[0] ?? 'global';
    const entry = {
      domain,
      reason: this.reason,
      message: this.message,
      ...(location ? { locationType: locationType ?? 'parameter', location } : {}),
    };
    const detail = {
      '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
      reason: this.options.detailReason ?? this.reason.replaceAll(/([A-Z])/g, '_$1').toUpperCase(),
      domain: 'googleapis.com',
      metadata: { service: 'calendar-json.googleapis.com', ...this.options.metadata },
    };
    const error: JsonObject = form === 'details' ? {} : { errors: [entry] };
    error.code = this.status;
    error.message = this.message;
    if (form !== 'errors') {
      error.status = STATUS_NAMES[this.status] ?? 'UNKNOWN';
      error.details = [detail];
    }
    return { status: this.status, body: { error }, ...(headers ? { headers } : {}) };
  }
}

export function invalid(message: string, location?: string): Failure {
  return new Failure(400, 'invalid', { message, ...(location ? { location } : {}) });
}

export function notFound(): Failure {
  return new Failure(404, 'notFound');
}
