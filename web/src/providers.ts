/**
 * The calendar providers. Everything provider-specific on screen comes from this table: no component names one or asks which one
 * it shows.
 */
import type { Language } from './words/i18n.ts';

type Words = Readonly<Record<Language, string>>;

export interface Provider {
  /** Key in the database and prefix of the functions: `<id>-connect`, `<id>-sync`, `<id>-import`. */
  readonly id: string;
  /** Last part of the settings page's path. */
  readonly slug: string;
  /** Who owns the account and shows the consent page: « Connecter … », « Importer depuis … ». */
  readonly account: string;
  /** The product that holds the calendars. */
  readonly calendar: Words;
  /** Shortest name, for an event's badge. */
  readonly badge: string;
  /** Custom property of the style sheet with the brand's colour; the mark is drawn from it. */
  readonly color: string;
  readonly capabilities: {
    /** Calendars can announce their changes, so that it is worth saying whether this one does. */
    readonly push: boolean;
  };
}

export interface Announced {
  readonly id: string;
  readonly name: string;
  readonly color: string;
  readonly what: Words;
}

export const PROVIDERS: readonly [Provider, ...Provider[]] = [
  {
    id: 'google',
    slug: 'google-calendar',
    account: 'Google',
    calendar: { fr: 'Google Agenda', en: 'Google Calendar' },
    badge: 'Google',
    color: 'google',
    capabilities: { push: true },
  },
  {
    id: 'microsoft',
    slug: 'microsoft-calendar',
    account: 'Outlook',
    calendar: { fr: 'Outlook', en: 'Outlook' },
    badge: 'Outlook',
    color: 'microsoft',
    capabilities: { push: true },
  },
];

/** Not there yet, and said so. */
export const ANNOUNCED: readonly Announced[] = [
  {
    id: 'doctolib',
    name: 'Doctolib',
    color: 'doctolib',
    what: {
      fr: 'Vos rendez-vous pris en ligne, dans le même agenda.',
      en: 'Your online bookings, in the same calendar.',
    },
  },
  {
    id: 'gmail',
    name: 'Gmail',
    color: 'gmail',
    what: {
      fr: 'Les messages de vos patients, à côté de leurs rendez-vous.',
      en: 'Your patients’ messages, beside their appointments.',
    },
  },
];

export function providerOf(id: string): Provider | undefined {
  return PROVIDERS.find((provider) => provider.id === id);
}

/** The page to which the provider's callback returns. */
export function settingsPath(provider: Provider): string {
  return `/settings/integrations/${provider.slug}`;
}
