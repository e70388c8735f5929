/** What the build was told about its backend. Both values are public. */

declare global {
  interface ImportMeta {
    readonly env: {
      readonly VITE_SUPABASE_URL?: string;
      readonly VITE_SUPABASE_PUBLISHABLE_KEY?: string;
    };
  }
}

export interface Backend {
  /** Origin of the API, without a trailing slash. */
  readonly url: string;
  readonly publishableKey: string;
}

/** Null when the build was made without its two variables: the page then says so instead of failing somewhere later. */
export function readBackend(): Backend | null {
  const url = import.meta.env.VITE_SUPABASE_URL;
  const publishableKey = import.meta.env.VITE_SUPABASE_PUBLISHABLE_KEY;
  if (!url || !publishableKey) return null;
  return { url: url.replace(/\/+$/, ''), publishableKey };
}
