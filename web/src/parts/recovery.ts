/**
 * What the link of a forgotten password brings, in the address's fragment, which reaches no server. It leaves the address at load
 * and then lives in this module alone, until a new password was chosen.
 */

export interface Recovery {
  /** Tokens of a session; null where the link is no longer good. */
  readonly tokens: { readonly access_token: string; readonly refresh_token: string } | null;
}

let held: Recovery | null = null;

/** Takes it out of the address and out of the browser's history. */
export function holdRecovery(): void {
  const fragment = new URLSearchParams(location.hash.slice(1));
  const [access_token, refresh_token] = [fragment.get('access_token'), fragment.get('refresh_token')];
  if (fragment.get('type') === 'recovery' && access_token !== null && refresh_token !== null) {
    held = { tokens: { access_token, refresh_token } };
  } else if (fragment.has('error_code')) {
    held = { tokens: null };
  } else {
    return;
  }
  history.replaceState(null, '', location.pathname + location.search);
}

export function heldRecovery(): Recovery | null {
  return held;
}

export function endRecovery(): void {
  held = null;
}
