/** What no program may do for a person: each provider's console, and what follows a deployment. */
import { callbackOf } from '../project/functions.ts';

/** By provider: where its console is, and what has to be there besides the redirect address. */
const CONSOLES: Readonly<Record<string, { readonly where: string; readonly rest: readonly string[] }>> = {
  google: {
    where: 'Google, https://console.cloud.google.com/auth/clients → the client → Authorised redirect URIs',
    rest: [
      'Google, https://console.cloud.google.com/auth/audience: published. While it says Testing, each connection ends after seven days',
    ],
  },
  microsoft: {
    where: 'Microsoft, https://entra.microsoft.com → App registrations → the app → Authentication → Web',
    rest: [
      'Microsoft, Certificates & secrets: write down the day on which the client secret expires; every connection stops then',
    ],
  },
};

export function byHand(
  { url, page, providers, released, ref }: {
    readonly url: string;
    readonly page: string | null;
    readonly providers: readonly string[];
    /** Whether supabase/released.txt was written. */
    readonly released: boolean;
    readonly ref: string;
  },
): string[] {
  const consoles = providers.flatMap((provider) => {
    const { where, rest } = CONSOLES[provider] ?? { where: `the console of ${provider}`, rest: [] };
    return [`${where}: ${callbackOf(url, provider)}, letter by letter`, ...rest];
  });
  return [
    ...consoles,
    ...(released ? ['git commit supabase/released.txt: migrations up to it are never changed again'] : []),
    `Serve web/dist at ${page ?? 'the page’s address'}: docs/hosting.md`,
    'Copy the root key, once: docs/backup.md',
    `npm run doctor -- --project-ref ${ref}`,
  ];
}
