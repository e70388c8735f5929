/**
 * What a web server has to send with the page, in one place: the build writes it as files for the common hosts, and the part
 * that a page can say of itself into the page.
 */

/** What the page may do: load its own files and call its own API, nothing else. Directives that a `meta` may carry. */
export function pagePolicy(apiUrl: string | undefined): string {
  // Realtime speaks over a socket of the same host.
  const { origin } = apiUrl ? new URL(apiUrl) : { origin: '' };
  const api = origin && ` ${origin} ${origin.replace(/^http/, 'ws')}`;
  return [
    `default-src 'none'`,
    `script-src 'self'`,
    `style-src 'self'`,
    `img-src 'self' data:`,
    `connect-src 'self'${api}`,
    `base-uri 'none'`,
    `form-action 'self'`,
  ].join('; ');
}

/** Every header of the page and its files. */
export function pageHeaders(apiUrl: string | undefined): ReadonlyArray<readonly [name: string, value: string]> {
  return [
    // A `meta` cannot forbid framing.
    ['Content-Security-Policy', `${pagePolicy(apiUrl)}; frame-ancestors 'none'`],
    ['X-Frame-Options', 'DENY'],
    ['Strict-Transport-Security', 'max-age=63072000'],
    ['X-Content-Type-Options', 'nosniff'],
    ['Referrer-Policy', 'same-origin'],
    ['Permissions-Policy', 'camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()'],
    ['Cross-Origin-Opener-Policy', 'same-origin'],
  ];
}

/**
 * Headers that are the same for every project, for hosts whose settings are written by hand: what the page may call it says
 * itself, in its `meta`, and the two policies hold together.
 */
export function fixedHeaders(): ReadonlyArray<readonly [name: string, value: string]> {
  return pageHeaders(undefined).map(([name, value]) =>
    name === 'Content-Security-Policy' ? [name, `frame-ancestors 'none'`] : [name, value]
  );
}

/** Files for the hosts that read their settings beside the page, by name: Netlify and Cloudflare, and Vercel. */
export function hostFiles(apiUrl: string | undefined): Readonly<Record<string, string>> {
  const headers = pageHeaders(apiUrl);
  const vercel = {
    headers: [{ source: '/(.*)', headers: headers.map(([key, value]) => ({ key, value })) }],
    rewrites: [{ source: '/(.*)', destination: '/index.html' }],
  };
  return {
    '_headers': ['/*', ...headers.map(([name, value]) => `  ${name}: ${value}`), ''].join('\n'),
    'vercel.json': `${JSON.stringify(vercel, null, 2)}\n`,
  };
}
