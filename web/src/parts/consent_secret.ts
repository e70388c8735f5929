/**
 * The secret with which the signed-in user ends a connection whose callback came without the browser's cookie. The callback puts it
 * into the address's fragment, which reaches no server. It leaves the address at load and then lives in this module alone: signing
 * in on the way keeps it, loading the page again loses it, and no storage ever sees it.
 */

const IN_FRAGMENT = /^#confirm=([\w-]+)$/;
let held: string | null = null;

/** Takes the secret out of the address and out of the browser's history. */
export function holdConsentSecret(): void {
  held = location.hash.match(IN_FRAGMENT)?.[1] ?? null;
  if (location.hash.startsWith('#confirm=')) history.replaceState(null, '', location.pathname + location.search);
}

/** Gives the secret, once. */
export function takeConsentSecret(): string | null {
  const secret = held;
  held = null;
  return secret;
}
