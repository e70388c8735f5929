/**
 * The provider sends the browser back. Whatever happened, the browser is shown one of our pages, never this address: so the
 * outcome is a value.
 *
 * Who may finish a consent (`docs/adr/0005-browser-binding.md`): the browser that began it (its cookie proves that), a program
 * on this machine where the callback is on this machine too, or else the person who began it, with their JWT and a secret that
 * is made here and shown to the browser that consented alone. Otherwise a person could be lured into connecting a stranger's
 * account to their practice, or their account to a stranger's practice.
 */
import type { RedeemedFlow } from '../db/connect_flows.ts';
import { type ErrorCode, SyncError } from '../errors.ts';
import { toSyncError } from '../http/error_response.ts';
import { randomToken } from './base64url.ts';
import { isStorable } from '../http/storable.ts';
import { completeConnect } from './connect.ts';
import type { Connection, Trace } from './connection.ts';
import { isLoopback } from './flow_cookie.ts';
import { type ConnectResult, resultUrl, settingsPath } from './redirect.ts';
import { CONFIRM_TTL_SECONDS, hashOf } from './state.ts';

export interface CallbackRequest {
  readonly state: string | null;
  readonly code: string | null;
  /** The provider's own word for why there is no code. */
  readonly error: string | null;
  /** The browser's cookie. */
  readonly flow: string | null;
}

export interface CallbackOutcome {
  /** Where the browser goes. */
  readonly location: string;
  /** The consent is over, so its cookie can go. */
  readonly over: boolean;
}

/** Larger than any code that a provider documents. */
const MAX_CODE_CHARACTERS = 4096;

/** RFC 6749 §4.1.2.1 and OpenID Connect. */
const REFUSALS: Readonly<Partial<Record<string, ErrorCode>>> = {
  access_denied: 'CONSENT_REFUSED',
  consent_required: 'CONSENT_REFUSED',
  interaction_required: 'CONSENT_REFUSED',
  login_required: 'CONSENT_REFUSED',
  server_error: 'PROVIDER_UNAVAILABLE',
  temporarily_unavailable: 'PROVIDER_UNAVAILABLE',
  invalid_request: 'CONFIGURATION_ERROR',
  invalid_scope: 'CONFIGURATION_ERROR',
  unauthorized_client: 'CONFIGURATION_ERROR',
  unsupported_response_type: 'CONFIGURATION_ERROR',
};

function stateInvalid(state: string): SyncError {
  return new SyncError('OAUTH_STATE_INVALID', `Accept callback: the state ${state}`);
}

/** The code, or the reason why there is none. */
function codeOf({ code, error }: CallbackRequest): string {
  if (error !== null) {
    const known = Object.hasOwn(REFUSALS, error);
    throw new SyncError(REFUSALS[error] ?? 'CONSENT_REFUSED', 'Accept callback: the provider gave no code', {
      // Any site can put words into this address: only known ones are worth a line in the log.
      context: { providerError: known ? error : 'unknown' },
    });
  }
  if (!code || code.length > MAX_CODE_CHARACTERS || !isStorable(code)) throw stateInvalid('came without a usable code');
  return code;
}

/** Redeems the state. What it throws leaves the consent as it was: no foreign cookie and no forged state can use it up. */
async function redeem(
  deps: Connection,
  request: CallbackRequest,
): Promise<{ redeemed: RedeemedFlow; stateHash: string }> {
  const { state, flow } = request;
  if (state === null || !await deps.states.isValid(state)) throw stateInvalid('is forged or has expired');
  if (flow !== null && !await deps.states.isFlowOf(flow, state)) throw stateInvalid('belongs to another browser');
  const stateHash = await hashOf(state);
  const redeemed = await deps.flows.redeem(stateHash);
  if (redeemed === null) throw stateInvalid('is unknown, used or expired');
  return { redeemed, stateHash };
}

export async function acceptCallback(
  deps: Connection,
  request: CallbackRequest,
  trace: Trace,
): Promise<CallbackOutcome> {
  const settings = settingsPath(deps.name);
  const outcome = (path: string, result: ConnectResult, over: boolean): CallbackOutcome => ({
    location: resultUrl(deps.appBaseUrl, path, result),
    over,
  });
  const failed = (path: string, error: unknown, over: boolean): CallbackOutcome => {
    trace.fail(error);
    return outcome(path, { result: 'error', code: toSyncError(error).code }, over);
  };

  let accepted: Awaited<ReturnType<typeof redeem>>;
  try {
    accepted = await redeem(deps, request);
  } catch (error) {
    return failed(settings, error, false);
  }
  const { redeemed, stateHash } = accepted;
  const page = redeemed.redirectTo ?? settings;
  try {
    const code = codeOf(request);
    // A cookie that came is the right one: `redeem` has refused any other.
    const bound = request.flow !== null || (!redeemed.browser && isLoopback(deps.redirectUri));
    if (!bound) {
      trace.step('hold_code');
      const secret = randomToken();
      const held = { code, confirmHash: await hashOf(secret), ttlSeconds: CONFIRM_TTL_SECONDS };
      if (!await deps.flows.hold(stateHash, held)) throw stateInvalid('no longer waits');
      // The settings page knows how to confirm; a page of the caller's choice may not.
      return outcome(settings, { result: 'confirm', secret }, true);
    }
    const result = await completeConnect(deps, redeemed, { code, codeVerifier: redeemed.codeVerifier }, trace);
    return outcome(result === 'connected' ? page : settings, { result }, true);
  } catch (error) {
    return failed(page, error, true);
  }
}
