/**
 * The cookie that ties a consent to the browser that began it. The person who began knows its value, so no
 * other browser must be given it: the prefix keeps other hosts of the same site from planting one.
 */
import { STATE_TTL_SECONDS } from './state.ts';

const NAME = 'cassius_connect';

/** Browsers take the prefix, and `Secure`, over https only; a callback on this machine has plain http. */
const nameAt = (redirectUri: string) => isLoopback(redirectUri) ? NAME : `__Host-${NAME}`;

function cookie(value: string, maxAgeSeconds: number, redirectUri: string): string {
  const secure = isLoopback(redirectUri) ? '' : '; Secure';
  return `${nameAt(redirectUri)}=${value}; Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Lax${secure}`;
}

export function flowCookie(flow: string, redirectUri: string): string {
  return cookie(flow, STATE_TTL_SECONDS, redirectUri);
}

export function clearedFlowCookie(redirectUri: string): string {
  return cookie('', 0, redirectUri);
}

/** Null if the browser sent none. */
export function readFlowCookie(request: Request, redirectUri: string): string | null {
  for (const pair of (request.headers.get('cookie') ?? '').split(';')) {
    const [name, value] = pair.trim().split('=', 2);
    if (name === nameAt(redirectUri) && value) return value;
  }
  return null;
}

/** Whether an address stays on this machine. */
export function isLoopback(address: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(address).hostname);
}
