/**
 * The page's language, chosen once at load: `?lang=`, else the last choice made here, else the browser's, else French. Only that
 * language's catalogue is fetched.
 */
import { readRemembered, remember } from '../parts/remembered.ts';
import { dayOf } from '../../../supabase/functions/_shared/zoned_time.ts';
import type { fr } from './fr.ts';
import { typeset, typesetText, withOrdinalFirst } from './typeset.ts';

export type Catalogue = typeof fr;
export type Language = 'fr' | 'en';

function isLanguage(value: string | null | undefined): value is Language {
  return value === 'fr' || value === 'en';
}

function chooseLanguage(): Language {
  const asked = new URLSearchParams(location.search).get('lang');
  if (isLanguage(asked)) {
    remember('language', asked);
    return asked;
  }
  const kept = readRemembered('language');
  if (isLanguage(kept)) return kept;
  return navigator.languages.map((tag) => tag.slice(0, 2).toLowerCase()).find(isLanguage) ?? 'fr';
}

export const language: Language = chooseLanguage();
export const t: Catalogue = language === 'fr' ? typeset((await import('./fr.ts')).fr) : (await import('./en.ts')).en;
const messages: Readonly<Record<string, string>> = language === 'fr'
  ? (await import('../../../supabase/functions/_shared/error_messages/fr.ts')).fr
  : (await import('../../../supabase/functions/_shared/error_messages/en.ts')).en;
/** For `Intl`. */
export const locale = language === 'fr' ? 'fr-FR' : 'en-GB';

/** The product's own sentence for an error code; the given one for a code that it does not know. */
export function errorMessage(code: string | null | undefined, otherwise: string): string {
  const message = said(messages, code);
  return message === null ? otherwise : sentence(message);
}

/** What a catalogue says for a word that came from elsewhere; null for one that it does not know. */
export function said<Said>(catalogue: Readonly<Record<string, Said>>, word: string | null | undefined): Said | null {
  return typeof word === 'string' && Object.hasOwn(catalogue, word) ? catalogue[word] ?? null : null;
}

/** A sentence that came from elsewhere, set as this page sets its own. */
export function sentence(text: string): string {
  return language === 'fr' ? typesetText(text) : text;
}

/** A date as people write it in the page's language. */
export function sayDate(date: string): string {
  return language === 'fr' ? withOrdinalFirst(date) : date;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function format(options: Intl.DateTimeFormatOptions, at: number): string {
  const key = JSON.stringify(options);
  let known = formats.get(key);
  if (known === undefined) formats.set(key, known = new Intl.DateTimeFormat(locale, options));
  return sayDate(known.format(at));
}

/** « 09:00 ». */
export function formatTime(instant: string, zone: string): string {
  return format({ timeZone: zone, hour: '2-digit', minute: '2-digit' }, Date.parse(instant));
}

/** « 23 nov. 2026, 09:00 ». */
export function formatMoment(instant: string, zone: string): string {
  return format({ timeZone: zone, dateStyle: 'medium', timeStyle: 'short' }, Date.parse(instant));
}

/** « lundi 23 novembre »; with the year when it is not the one of `now`. */
export function formatDay(day: string, zone: string, now = new Date()): string {
  const sameYear = day.slice(0, 4) === dayOf(now.toISOString(), zone).slice(0, 4);
  return format({
    timeZone: 'UTC',
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    ...(sameYear ? {} : { year: 'numeric' }),
  }, Date.parse(`${day}T00:00:00Z`));
}

/** « 23 novembre 2026 ». */
export function formatDate(day: string): string {
  return format({ timeZone: 'UTC', dateStyle: 'long' }, Date.parse(`${day}T00:00:00Z`));
}

const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
const MINUTE = 60_000;

/** « il y a 3 minutes » up to a day, then the moment itself. */
export function formatAgo(instant: string, zone: string, now = Date.now()): string {
  const minutes = Math.round((Date.parse(instant) - now) / MINUTE);
  if (minutes === 0) return t.app.now;
  if (Math.abs(minutes) < 60) return relative.format(minutes, 'minute');
  if (Math.abs(minutes) < 24 * 60) return relative.format(Math.round(minutes / 60), 'hour');
  return formatMoment(instant, zone);
}
