/** Where the browser goes when a consent is over: always a page of ours. */
import type { ErrorCode } from '../errors.ts';
import { InvalidRequest } from '../http/request_body.ts';

export type ConnectResult =
  | { readonly result: 'connected' }
  | { readonly result: 'error'; readonly code: ErrorCode }
  /** The secret goes into the fragment, which reaches no server, log or `Referer`. */
  | { readonly result: 'confirm'; readonly secret: string }
  | { readonly result: 'other_account' };

/** The settings page of a provider's connection. */
export function settingsPath(provider: string): string {
  return `/settings/integrations/${provider}-calendar`;
}

/** `path` has passed {@link checkRedirectTo} or is our own. */
export function resultUrl(appBaseUrl: string, path: string, outcome: ConnectResult): string {
  const url = new URL(appBaseUrl + path);
  url.searchParams.set('result', outcome.result);
  if (outcome.result === 'error') url.searchParams.set('code', outcome.code);
  if (outcome.result === 'confirm') url.hash = `confirm=${outcome.secret}`;
  return url.href;
}

/**
 * The path as given, if it is one of the product's own pages.
 *
 * @throws {InvalidRequest} for anything that a browser could take for another site
 */
export function checkRedirectTo(appBaseUrl: string, redirectTo: string): string {
  const base = new URL(appBaseUrl);
  const isPath = /^\/(?![/\\])[^\\\p{Cc}\s]*$/u.test(redirectTo);
  const url = isPath ? new URL(appBaseUrl + redirectTo) : null;
  // A base with a path of its own must not be left by `..`.
  const within = url?.origin === base.origin && `${url.pathname}/`.startsWith(`${base.pathname.replace(/\/$/, '')}/`);
  if (within) return redirectTo;
  throw new InvalidRequest('Connect: redirectTo leads away from the product', [
    { path: ['redirectTo'], message: 'must be a path of the product' },
  ]);
}
