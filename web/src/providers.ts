/** The calendar providers that this page can connect. Everything provider-specific on screen comes from here. */

export interface Provider {
  /** Key in the database and prefix of the functions: `<id>-connect`, `<id>-sync`. */
  readonly id: string;
  /** Last part of the settings page's path. */
  readonly slug: string;
  /** Name of the account: « Connecter … ». */
  readonly account: string;
  readonly calendar: { readonly fr: string; readonly en: string };
}

export const PROVIDERS: readonly [Provider, ...Provider[]] = [
  {
    id: 'google',
    slug: 'google-calendar',
    account: 'Google',
    calendar: { fr: 'Google Agenda', en: 'Google Calendar' },
  },
];

/** The page to which the provider's callback returns. */
export function settingsPath(provider: Provider): string {
  return `/settings/integrations/${provider.slug}`;
}
