/** How every route refuses, and with what (`docs/errors.md` has the codes). */
import * as z from 'zod/mini';
import type { ErrorCode } from '../errors.ts';

/** A code of `docs/errors.md`. A page that is older than the service may meet one that it does not know. */
export const errorCode = z.string().check(z.regex(/^[A-Z_]+$/)) as z.ZodMiniType<ErrorCode, string>;

export const refusal = z.looseObject({
  error: z.string(),
  /** What was being done when it went wrong. */
  step: z.string(),
  /** For a person, in their language. */
  message: z.string(),
  details: z.nullable(z.looseObject({
    /** Of `INVALID_REQUEST`. `path` starts with where it is: a field, a header or a query parameter. */
    issues: z.optional(z.array(z.object({ path: z.array(z.union([z.string(), z.number()])), message: z.string() }))),
    /** The provider asked for this pause. */
    retryAfterSeconds: z.optional(z.number()),
  })),
  requestId: z.string(),
  // The provider's own code comes under its own name (`<provider>Code`).
});
export type Refusal = z.infer<typeof refusal>;

/** What any route may refuse with, by who may call it. */
export const REFUSALS = {
  none: ['INVALID_REQUEST', 'SYNC_FAILED', 'CONFIGURATION_ERROR'],
  nudge: ['INVALID_REQUEST', 'UNAUTHENTICATED', 'SYNC_FAILED', 'CONFIGURATION_ERROR'],
  monitor: ['INVALID_REQUEST', 'UNAUTHENTICATED', 'SYNC_FAILED', 'CONFIGURATION_ERROR'],
  user: ['INVALID_REQUEST', 'UNAUTHENTICATED', 'FORBIDDEN', 'AUTH_UNAVAILABLE', 'SYNC_FAILED', 'CONFIGURATION_ERROR'],
} as const satisfies Record<string, readonly ErrorCode[]>;

/** What asking a provider with a person's grant may end with. */
export const ACCOUNT_REFUSALS = [
  'NOT_CONNECTED',
  'NEED_RECONSENT',
  'CREDENTIAL_UNREADABLE',
  'INSUFFICIENT_SCOPE',
  'PERMISSION_DENIED',
  'RATE_LIMITED',
  'QUOTA_EXCEEDED',
  'PROVIDER_UNAVAILABLE',
  'UNEXPECTED_RESPONSE',
] as const satisfies readonly ErrorCode[];
