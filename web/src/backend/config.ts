/** What the build was told about its backend. All values are public. */

declare global {
  interface ImportMeta {
    readonly env: {
      readonly VITE_SUPABASE_URL?: string;
      readonly VITE_SUPABASE_PUBLISHABLE_KEY?: string;
      /** Where functions are asked to run, where the platform lets a caller choose. */
      readonly VITE_FUNCTIONS_REGION?: string;
      /** `off` where the project has no Realtime: the page then reads again by itself. */
      readonly VITE_SUPABASE_REALTIME?: string;
    };
  }
}

export interface BackendConfig {
  /** Origin of the API, without a trailing slash. */
  readonly url: string;
  readonly publishableKey: string;
  /** Where functions are asked to run; null: near this browser. */
  readonly region: string | null;
  readonly realtime: boolean;
}

/** Null when the build was made without its two variables: the page then says so instead of failing somewhere later. */
export function readConfig(): BackendConfig | null {
  const url = import.meta.env.VITE_SUPABASE_URL;
  const publishableKey = import.meta.env.VITE_SUPABASE_PUBLISHABLE_KEY;
  if (!url || !publishableKey) return null;
  const realtime = import.meta.env.VITE_SUPABASE_REALTIME !== 'off';
  const region = import.meta.env.VITE_FUNCTIONS_REGION || null;
  return { url: url.replace(/\/+$/, ''), publishableKey, region, realtime };
}
