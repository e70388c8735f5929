/** The functions that a project has to have. */
import { join } from 'node:path';

/** Of the repository at `root`, by name. */
export function functionNames(root: string): string[] {
  return [...Deno.readDirSync(join(root, 'supabase', 'functions'))]
    .filter((entry) => entry.isDirectory && !entry.name.startsWith('_'))
    .map(({ name }) => name).sort();
}

/** `acme-sync` → `acme`. */
export const providerOf = (name: string) => name.slice(0, name.lastIndexOf('-'));

/** Where browsers come back to from a provider's consent, and where a provider tells of changes. */
export const callbackOf = (url: string, provider: string) => `${url}/functions/v1/${provider}-callback`;
export const noticesOf = (url: string, provider: string) => `${url}/functions/v1/${provider}-import/notifications`;
