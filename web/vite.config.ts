/**
 * The client's build. Reads `VITE_SUPABASE_URL` (origin of the API) and `VITE_SUPABASE_PUBLISHABLE_KEY` (public by design) from the
 * environment or from `web/.env`; nothing else of the environment reaches the bundle.
 */
import { join } from 'node:path';
import { hostFiles, pagePolicy } from './hosting.ts';

/** Says what the page may do in the page itself, and beside it for the server that serves it. */
function hosting() {
  let apiUrl: string | undefined;
  return {
    name: 'hosting',
    // The development server injects inline scripts of its own.
    apply: 'build' as const,
    configResolved({ env }: { env: Record<string, string | undefined> }) {
      apiUrl = env['VITE_SUPABASE_URL'];
    },
    transformIndexHtml() {
      const attrs = { 'http-equiv': 'Content-Security-Policy', content: pagePolicy(apiUrl) };
      return [{ tag: 'meta', attrs, injectTo: 'head-prepend' as const }];
    },
    generateBundle(this: { emitFile(file: { type: 'asset'; fileName: string; source: string }): string }) {
      for (const [fileName, source] of Object.entries(hostFiles(apiUrl))) {
        this.emitFile({ type: 'asset', fileName, source });
      }
    },
  };
}

// What only some pages show of the common parts (people, search fields) goes with them.
const FRAME =
  /node_modules\/(preact|wouter-preact|regexparam|zod|tslib|@supabase\/(auth|postgrest)-js)\/|web\/src\/(backend|parts\/(?!combobox|person)|app|providers)|words\/(i18n|typeset)|_shared\/(contract|zoned_time)/;
const SETTINGS = /settings\/(action|state_badge|user_email|integrations|settings_page|words)\.tsx?$/;

/** Passkeys and wallets are no way into this page: see the file that replaces them. */
function withoutPasskeys() {
  return {
    name: 'without-passkeys',
    apply: 'build' as const,
    enforce: 'pre' as const,
    resolveId(source: string, importer: string | undefined) {
      const unused = source === './lib/webauthn' || source === './lib/web3/ethereum';
      return unused && importer?.includes('/auth-js/')
        ? join(import.meta.dirname!, 'src/backend/no_passkeys.ts')
        : null;
    },
  };
}

export default {
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  plugins: [hosting(), withoutPasskeys()],
  // The table of error messages is shared with the functions.
  server: { host: '127.0.0.1', port: 5173, strictPort: true, fs: { allow: ['..'] } },
  // Named in full: a dependency discovered late would reload a page in use.
  optimizeDeps: {
    noDiscovery: true,
    include: [
      '@event-calendar/core',
      'preact',
      'preact/hooks',
      'preact/compat',
      'preact/jsx-runtime',
      'preact/jsx-dev-runtime',
      'wouter-preact/use-browser-location',
      'zod/mini',
      '@supabase/auth-js',
      '@supabase/postgrest-js',
      '@supabase/realtime-js',
    ],
  },
  build: {
    target: 'es2022',
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        // What every page needs in one file: a dozen small ones compress worse and arrive later.
        codeSplitting: { groups: [{ name: 'frame', test: FRAME }, { name: 'settings', test: SETTINGS }] },
      },
    },
  },
};
