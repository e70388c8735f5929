/** The page's language, chosen once at load: `?lang=`, else the last choice made here, else the browser's, else French. */
import { ERROR_KINDS, isErrorCode } from '../../supabase/functions/_shared/errors.ts';
import { en } from './en.ts';
import { fr } from './fr.ts';
import { readSetting, writeSetting } from './settings.ts';
import { dayOf } from './zoned_time.ts';

export type Catalogue = typeof fr;
export type Language = 'fr' | 'en';

function isLanguage(value: string | null | undefined): value is Language {
  return value === 'fr' || value === 'en';
}

function chooseLanguage(): Language {
  const asked = new URLSearchParams(location.search).get('lang');
  if (isLanguage(asked)) {
    writeSetting('language', asked);
    return asked;
  }
  const kept = readSetting('language');
  if (isLanguage(kept)) return kept;
  return navigator.languages.map((tag) => tag.slice(0, 2).toLowerCase()).find(isLanguage) ?? 'fr';
}

export const language: Language = chooseLanguage();
export const t: Catalogue = language === 'fr' ? fr : en;
const locale = language === 'fr' ? 'fr-FR' : 'en-GB';

/** The product's own sentence for an error code; the given one for a code that it does not know. */
export function errorMessage(code: string | null | undefined, otherwise: string): string {
  return isErrorCode(code) ? ERROR_KINDS[code].message[language] : otherwise;
}

export function formatTime(instant: string, zone: string): string {
  return new Intl.DateTimeFormat(locale, { timeZone: zone, hour: '2-digit', minute: '2-digit' }).format(
    Date.parse(instant),
  );
}

export function formatMoment(instant: string, zone: string): string {
  const format = new Intl.DateTimeFormat(locale, { timeZone: zone, dateStyle: 'medium', timeStyle: 'short' });
  return format.format(Date.parse(instant));
}

/** « lundi 23 novembre »; with the year when it is not the one of `now`. */
export function formatDay(day: string, zone: string, now = new Date()): string {
  const sameYear = day.slice(0, 4) === dayOf(now.toISOString(), zone).slice(0, 4);
  const format = new Intl.DateTimeFormat(locale, {
    timeZone: 'UTC',
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    ...(sameYear ? {} : { year: 'numeric' }),
  });
  return format.format(Date.parse(`${day}T00:00:00Z`));
}

/** « 23 novembre 2026 ». */
export function formatDate(day: string): string {
  return new Intl.DateTimeFormat(locale, { timeZone: 'UTC', dateStyle: 'long' }).format(Date.parse(`${day}T00:00:00Z`));
}
