/**
 * The client's build. Reads `VITE_SUPABASE_URL` (origin of the API) and `VITE_SUPABASE_PUBLISHABLE_KEY` (public by design) from the
 * environment or from `web/.env`; nothing else of the environment reaches the bundle.
 */

/** The production page may load its own files and call its own API, nothing else. */
function contentSecurityPolicy() {
  let api = '';
  return {
    name: 'content-security-policy',
    // The development server injects inline scripts of its own.
    apply: 'build' as const,
    configResolved({ env }: { env: Record<string, string | undefined> }) {
      const url = env['VITE_SUPABASE_URL'];
      if (url) api = ` ${new URL(url).origin}`;
    },
    transformIndexHtml() {
      const content = [
        `default-src 'none'`,
        `script-src 'self'`,
        `style-src 'self'`,
        `img-src 'self' data:`,
        `connect-src 'self'${api}`,
        `base-uri 'none'`,
        `form-action 'self'`,
      ].join('; ');
      const attrs = { 'http-equiv': 'Content-Security-Policy', content };
      return [{ tag: 'meta', attrs, injectTo: 'head-prepend' as const }];
    },
  };
}

export default {
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  plugins: [contentSecurityPolicy()],
  // The table of error messages is shared with the functions.
  server: { host: '127.0.0.1', port: 5173, strictPort: true, fs: { allow: ['..'] } },
  // Named in full: a dependency discovered late would reload a page that somebody is using.
  optimizeDeps: {
    noDiscovery: true,
    include: ['preact', 'preact/hooks', 'preact/jsx-runtime', 'preact/jsx-dev-runtime', '@supabase/supabase-js'],
  },
  build: { target: 'es2022', modulePreload: { polyfill: false } },
};
