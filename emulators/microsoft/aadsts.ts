/** The numbered errors of the identity platform: the OAuth error each comes under, its status and a sentence. */
import type { Answer, JsonObject } from '../core/answers.ts';

interface AadError {
  readonly error: string;
  readonly status: number;
  readonly text: string;
  readonly suberror?: string;
}

const INVALID_GRANT = { error: 'invalid_grant', status: 400 };
const INTERACTION = { error: 'interaction_required', status: 400 };
const INVALID_CLIENT = { error: 'invalid_client', status: 401 };
const UNAUTHORIZED = { error: 'unauthorized_client', status: 400 };
const INVALID_REQUEST = { error: 'invalid_request', status: 400 };
const BUSY = { error: 'temporarily_unavailable', status: 503 };

export const AADSTS: Readonly<Record<number, AadError>> = {
  70000: { ...INVALID_GRANT, text: 'The provided value for the input parameter is not valid.' },
  70008: { ...INVALID_GRANT, text: 'The provided authorization code or refresh token has expired due to inactivity.' },
  700082: { ...INVALID_GRANT, text: 'The refresh token has expired due to inactivity.' },
  700084: { ...INVALID_GRANT, text: 'The refresh token was issued to a single page app, and has a fixed lifetime.' },
  50173: { ...INVALID_GRANT, text: 'The provided grant has expired due to it being revoked.' },
  50034: { ...INVALID_GRANT, text: 'The user account does not exist in the directory.' },
  50055: { ...INVALID_GRANT, text: 'The password is expired.' },
  50057: { ...INVALID_GRANT, text: 'The user account is disabled.' },
  50144: { ...INVALID_GRANT, text: 'The user password has expired.' },
  65001: {
    ...INVALID_GRANT,
    suberror: 'consent_required',
    text: 'The user or administrator has not consented to use the application.',
  },
  54005: { ...INVALID_GRANT, text: 'OAuth2 Authorization code was already redeemed.' },
  501481: { ...INVALID_GRANT, text: 'The Code_Verifier does not match the code_challenge.' },
  700005: { ...INVALID_GRANT, text: 'Provided Authorization Code is intended to use against other tenant.' },
  50089: { ...INVALID_GRANT, text: 'Flow token expired.' },
  50074: { ...INTERACTION, text: 'Strong Authentication is required.' },
  50076: { ...INTERACTION, text: 'You must use multi-factor authentication to access the resource.' },
  50078: { ...INTERACTION, text: 'Presented multi-factor authentication has expired.' },
  50079: { ...INTERACTION, text: 'The user is required to use multi-factor authentication.' },
  50158: { ...INTERACTION, text: 'External security challenge not satisfied.' },
  53000: { ...INTERACTION, text: 'Device is not in required device state.' },
  53003: { ...INTERACTION, text: 'Access has been blocked by Conditional Access policies.' },
  70043: { ...INVALID_GRANT, text: 'The refresh token has expired due to sign-in frequency checks.' },
  65004: { error: 'access_denied', status: 400, text: 'The user declined to consent to access the app.' },
  90094: { error: 'access_denied', status: 400, text: 'The grant requires administrator permissions.' },
  90095: { error: 'access_denied', status: 400, text: 'Admin consent is required for the permissions requested.' },
  70002: { ...INVALID_CLIENT, text: 'Error validating credentials.' },
  7000215: { ...INVALID_CLIENT, text: 'Invalid client secret provided.' },
  7000218: { ...INVALID_CLIENT, text: 'The request body must contain client_assertion or client_secret.' },
  7000222: { ...INVALID_CLIENT, text: 'The provided client secret keys are expired.' },
  700016: { ...UNAUTHORIZED, text: 'The application was not found in the directory.' },
  7000112: { ...UNAUTHORIZED, text: 'The application is disabled.' },
  70001: { ...UNAUTHORIZED, text: 'The application is disabled or does not exist.' },
  50194: { ...UNAUTHORIZED, text: 'The application is not configured as a multi-tenant application.' },
  9002332: { ...UNAUTHORIZED, text: 'The application is for Microsoft Entra users only.' },
  70011: { error: 'invalid_scope', status: 400, text: 'The provided value for the scope parameter is not valid.' },
  700022: { ...INVALID_REQUEST, text: 'The provided scope is for more than one resource.' },
  70003: { error: 'unsupported_grant_type', status: 400, text: 'The app returned an unsupported grant type.' },
  90014: { ...INVALID_REQUEST, text: 'A required field is missing from the request.' },
  900144: { ...INVALID_REQUEST, text: 'The request body is missing a required parameter.' },
  900561: { ...INVALID_REQUEST, text: 'The endpoint only accepts POST requests.' },
  90002: { ...INVALID_REQUEST, text: 'The tenant was not found.' },
  90013: { ...INVALID_REQUEST, text: 'Invalid input received from the user.' },
  50011: { ...INVALID_REQUEST, text: 'The redirect URI does not match those configured for the application.' },
  50020: { ...INVALID_REQUEST, text: 'The user account from this identity provider does not exist in the tenant.' },
  500208: { ...INVALID_REQUEST, text: 'The domain is not a valid sign-in domain for the account type.' },
  50147: { ...INVALID_REQUEST, text: 'Invalid size of the code challenge parameter.' },
  501491: { ...INVALID_REQUEST, text: 'Invalid size of the code challenge parameter.' },
  9002326: { ...INVALID_REQUEST, text: 'Cross-origin redemption is permitted only for single-page applications.' },
  50196: { ...INVALID_REQUEST, text: 'A client request loop has been detected.' },
  90055: { error: 'temporarily_unavailable', status: 429, text: 'There are too many incoming requests.' },
  50033: { ...BUSY, text: 'A transient error occurred.' },
  70012: { error: 'server_error', status: 500, text: 'A server error occurred while authenticating the user.' },
  90006: { ...BUSY, text: 'The service is temporarily unavailable.' },
  90012: { ...BUSY, text: 'The request has timed out.' },
  90024: { ...BUSY, text: 'A transient condition occurred.' },
  90033: { ...BUSY, text: 'A transient error has occurred. Please try again.' },
};

/** What may be changed about one refusal. */
export interface AadOptions {
  readonly detail?: string;
  readonly suberror?: string;
  /** Replaces the OAuth error of the table. */
  readonly error?: string;
  readonly claims?: string;
}

/** The JSON refusal of `/token` with that number. */
export function aadRefusal(number: number, now: number, options: AadOptions = {}): Answer {
  const entry = AADSTS[number] ?? { ...INVALID_REQUEST, text: 'The request failed.' };
  const suberror = options.suberror ?? entry.suberror;
  const claims = options.claims ?? (entry.error === 'interaction_required' ? CHALLENGE : undefined);
  const body: JsonObject = {
    error: options.error ?? entry.error,
    error_description: description(number, now, options.detail),
    error_codes: [number],
    timestamp: stamp(now),
    trace_id: TRACE,
    correlation_id: CORRELATION,
    ...(suberror === undefined ? {} : { suberror }),
    ...(claims === undefined ? {} : { claims }),
  };
  return { status: entry.status, body, headers: { 'cache-control': 'no-store' } };
}

/** `error` and `error_description` of that number, as the callback carries them. */
export function aadParameters(number: number, now: number): { error: string; error_description: string } {
  return { error: AADSTS[number]?.error ?? 'server_error', error_description: description(number, now) };
}

const TRACE = '0b1c2d3e-4f50-6172-8394-a5b6c7d8e9f0';
const CORRELATION = 'f0e9d8c7-b6a5-9483-7261-504f3e2d1c0b';
/** The extra data that the app replays when it sends the person back to sign in. */
const CHALLENGE = '{"access_token":{"polids":{"essential":true,"values":["5ce770ea-8690-4747-aa73-c5b3cd509cd4"]}}}';

function description(number: number, now: number, detail?: string): string {
  const text = detail ?? AADSTS[number]?.text ?? 'The request failed.';
  return `AADSTS${number}: ${text}\r\nTrace ID: ${TRACE}\r\nCorrelation ID: ${CORRELATION}\r\nTimestamp: ${stamp(now)}`;
}

function stamp(now: number): string {
  return new Date(now).toISOString().replace('T', ' ').replace(/\.\d{3}Z$/, 'Z');
}
