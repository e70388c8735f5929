import { errorMessage, language, said } from '../i18n.ts';
import { typeset } from '../typeset.ts';

const words = language === 'fr' ? typeset((await import('./fr.ts')).fr) : (await import('./en.ts')).en;

/** What a reason or an error code says to a person; empty where there is none, or one that this page does not know. */
export function reasonText(reason: string | null): string {
  return reason === null ? '' : said(words, reason) ?? errorMessage(reason, '');
}
