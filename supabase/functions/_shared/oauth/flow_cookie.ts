/** The cookie that ties a consent to the browser that began it. */
import { STATE_TTL_SECONDS } from './state.ts';

const NAME = 'cassius_connect';
/** Where Supabase serves functions: the callback is there, nothing else needs the cookie. */
const PATH = '/functions/v1';

function cookie(value: string, maxAgeSeconds: number, secure: boolean): string {
  return `${NAME}=${value}; Path=${PATH}; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
}

export function flowCookie(flow: string, redirectUri: string): string {
  return cookie(flow, STATE_TTL_SECONDS, !isLoopback(redirectUri));
}

export function clearedFlowCookie(redirectUri: string): string {
  return cookie('', 0, !isLoopback(redirectUri));
}

/** Null if the browser sent none. */
export function readFlowCookie(request: Request): string | null {
  for (const pair of (request.headers.get('cookie') ?? '').split(';')) {
    const [name, value] = pair.trim().split('=', 2);
    if (name === NAME && value) return value;
  }
  return null;
}

/** Whether an address stays on this machine. */
export function isLoopback(address: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(address).hostname);
}
