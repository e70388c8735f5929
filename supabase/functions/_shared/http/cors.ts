/**
 * Only our own web page may call from a browser, with its cookies. Its origin is echoed, and to it alone whatever headers it
 * asks for are allowed, so that a newer supabase-js that sends another header needs no deployment here.
 */

const METHODS = 'GET, POST, PATCH, DELETE';
const READABLE = 'x-request-id, retry-after';

function isOurs(request: Request, webOrigin: string | null): boolean {
  return webOrigin !== null && request.headers.get('origin') === webOrigin;
}

/** Adds what lets our web page read the answer. */
export function allowOrigin(headers: Headers, request: Request, webOrigin: string | null): void {
  headers.append('vary', 'Origin');
  if (!isOurs(request, webOrigin)) return;
  headers.set('access-control-allow-origin', webOrigin!);
  headers.set('access-control-allow-credentials', 'true');
  headers.set('access-control-expose-headers', READABLE);
}

/** The answer to a preflight: 204 for every origin, permission for our web page only. */
export function preflight(request: Request, webOrigin: string | null): Response {
  const headers = new Headers();
  allowOrigin(headers, request, webOrigin);
  if (isOurs(request, webOrigin)) {
    headers.set('access-control-allow-methods', METHODS);
    headers.set('access-control-allow-headers', request.headers.get('access-control-request-headers') ?? '');
    headers.set('access-control-max-age', '3600');
  }
  return new Response(null, { status: 204, headers });
}
